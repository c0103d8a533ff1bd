//! The configuration file: what it may say, and what holds where it is silent.

use chrono_tz::Tz;
use serde::Deserialize;

/// What a person likes, whatever the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    pub theme: ThemeName,
    pub symbols: Symbols,
    /// Whether the mouse is asked for; then selecting text needs Shift.
    pub mouse: bool,
    /// Times are shown in this zone; none: the machine's own.
    pub time_zone: Option<Tz>,
}

impl Default for Config {
    fn default() -> Config {
        Config { theme: ThemeName::Terminal, symbols: Symbols::Auto, mouse: true, time_zone: None }
    }
}

/// Sets of colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThemeName {
    /// The terminal's own 16 colours.
    Terminal,
    /// No colour at all: bold, dim, underlined and reversed only.
    NoColor,
    /// Black, white and bright colours only.
    HighContrast,
    /// True colour, on a dark ground.
    Harbour,
}

impl ThemeName {
    pub const ALL: [ThemeName; 4] =
        [ThemeName::Terminal, ThemeName::NoColor, ThemeName::HighContrast, ThemeName::Harbour];

    /// The name in the configuration file.
    pub fn as_str(self) -> &'static str {
        match self {
            ThemeName::Terminal => "terminal",
            ThemeName::NoColor => "no-color",
            ThemeName::HighContrast => "high-contrast",
            ThemeName::Harbour => "harbour",
        }
    }
}

/// Which symbols are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Symbols {
    /// Unicode where the locale is UTF-8, else ASCII.
    Auto,
    Unicode,
    Ascii,
}

/// The reference of the configuration file, as `landfall help config` prints it.
pub const REFERENCE: &str = include_str!("../../assets/help/config.md");

impl Config {
    /// Reads the text of a configuration file.
    ///
    /// # Errors
    /// What is wrong with it, and on which line.
    pub fn parse(text: &str) -> Result<Config, String> {
        toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_in_the_reference_is_what_holds_without_a_file() {
        let (_, example) = REFERENCE.split_once("```toml\n").unwrap();
        let (example, _) = example.split_once("```").unwrap();
        assert_eq!(Config::parse(example), Ok(Config::default()));
        assert_eq!(Config::parse(""), Ok(Config::default()));
    }

    #[test]
    fn every_theme_and_every_set_of_symbols_is_in_the_reference() {
        for theme in ThemeName::ALL {
            assert!(REFERENCE.contains(theme.as_str()), "{theme:?}");
            assert_eq!(Config::parse(&format!("theme = {:?}", theme.as_str())).unwrap().theme, theme);
        }
        assert!(Config::parse("thme = \"terminal\"").unwrap_err().contains("thme"));
    }
}
