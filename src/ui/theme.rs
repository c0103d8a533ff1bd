//! What things look like: every style is asked for by its role, and each theme says what a role looks like. Nothing is
//! told by colour alone: symbols and words say the same.

use crate::app::config::ThemeName;
use ratatui::style::{Color, Modifier, Style};

/// What a piece of text is on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Text,
    /// Less important: labels, units, zeros.
    Dim,
    Strong,
    /// Headings of panes and dialogs.
    Title,
    /// Headings of columns.
    Header,
    /// Lines between panes.
    Rule,
    Good,
    Warn,
    Bad,
    /// Going on, or waiting: neither good nor bad.
    Busy,
    /// The selected entry: its mark and its main cell.
    Selected,
    /// The tab that is shown.
    Tab,
    /// A key in a hint.
    Key,
    /// The text of a field that is typed in.
    Field,
    /// Letters that match what was searched for.
    Match,
    /// The chosen button.
    Button,
}

/// The style of a role in a theme: complete, so that nothing shows through of what was drawn in its place before.
pub fn style(theme: ThemeName, role: Role) -> Style {
    let style = of_theme(theme, role);
    let (fg, bg) = (style.fg.unwrap_or(Color::Reset), style.bg.unwrap_or(Color::Reset));
    style.fg(fg).bg(bg).remove_modifier(Modifier::all().difference(style.add_modifier))
}

/// What a theme says of a role.
fn of_theme(theme: ThemeName, role: Role) -> Style {
    let plain = Style::new();
    let bold = plain.add_modifier(Modifier::BOLD);
    let reversed = plain.add_modifier(Modifier::REVERSED);
    match theme {
        ThemeName::Terminal => match role {
            Role::Text | Role::Field => plain,
            Role::Dim | Role::Rule => plain.fg(Color::DarkGray),
            Role::Strong | Role::Title => bold,
            Role::Header => plain.fg(Color::DarkGray),
            Role::Good => plain.fg(Color::Green),
            Role::Warn => plain.fg(Color::Yellow),
            Role::Bad => plain.fg(Color::Red),
            Role::Busy | Role::Key => plain.fg(Color::Cyan),
            Role::Match => bold.fg(Color::Cyan),
            Role::Selected | Role::Tab | Role::Button => reversed,
        },
        ThemeName::NoColor => match role {
            Role::Text | Role::Good | Role::Busy => plain,
            Role::Dim | Role::Rule | Role::Header => plain.add_modifier(Modifier::DIM),
            Role::Strong | Role::Title | Role::Warn | Role::Key => bold,
            Role::Bad => bold,
            Role::Field | Role::Match => plain.add_modifier(Modifier::UNDERLINED),
            Role::Selected | Role::Tab | Role::Button => reversed,
        },
        ThemeName::HighContrast => {
            let on_black = |color| plain.fg(color).bg(Color::Black);
            match role {
                Role::Text | Role::Dim | Role::Rule | Role::Field => on_black(Color::White),
                Role::Strong | Role::Title | Role::Header => on_black(Color::White).add_modifier(Modifier::BOLD),
                Role::Good => on_black(Color::LightGreen),
                Role::Warn => on_black(Color::LightYellow).add_modifier(Modifier::BOLD),
                Role::Bad => on_black(Color::LightRed).add_modifier(Modifier::BOLD),
                Role::Busy | Role::Key => on_black(Color::LightCyan),
                Role::Match => on_black(Color::LightCyan).add_modifier(Modifier::UNDERLINED),
                Role::Selected | Role::Tab | Role::Button => {
                    plain.fg(Color::Black).bg(Color::White).add_modifier(Modifier::BOLD)
                }
            }
        }
        ThemeName::Harbour => {
            let on_night = |r, g, b| plain.fg(Color::Rgb(r, g, b)).bg(Color::Rgb(16, 24, 36));
            match role {
                Role::Text | Role::Field => on_night(214, 222, 235),
                Role::Dim | Role::Header => on_night(122, 138, 160),
                Role::Rule => on_night(58, 74, 96),
                Role::Strong | Role::Title => on_night(240, 244, 250).add_modifier(Modifier::BOLD),
                Role::Good => on_night(126, 211, 160),
                Role::Warn => on_night(244, 200, 100),
                Role::Bad => on_night(255, 122, 110),
                Role::Busy | Role::Key => on_night(110, 190, 255),
                Role::Match => on_night(110, 190, 255).add_modifier(Modifier::BOLD),
                Role::Selected | Role::Tab | Role::Button => {
                    plain.fg(Color::Rgb(16, 24, 36)).bg(Color::Rgb(110, 190, 255)).add_modifier(Modifier::BOLD)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_one_is_can_be_told_without_colour_in_every_theme() {
        for theme in ThemeName::ALL {
            let text = style(theme, Role::Text);
            for role in [Role::Selected, Role::Tab, Role::Button] {
                let shown = style(theme, role);
                assert!(
                    shown.add_modifier != text.add_modifier,
                    "{role:?} looks like text in {theme:?} but for colour"
                );
            }
        }
    }

    #[test]
    fn nothing_shows_through_of_what_was_drawn_before() {
        let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 4, 1));
        for theme in ThemeName::ALL {
            let mut plain = buffer.clone();
            plain.set_string(0, 0, "text", style(theme, Role::Text));
            buffer.set_string(0, 0, "text", style(theme, Role::Selected));
            buffer.set_string(0, 0, "text", style(theme, Role::Bad));
            buffer.set_string(0, 0, "text", style(theme, Role::Text));
            assert_eq!(buffer, plain, "{theme:?}");
        }
    }

    #[test]
    fn no_colour_means_none_and_the_terminal_s_own_means_no_others() {
        const ROLES: [Role; 16] = [
            Role::Text,
            Role::Dim,
            Role::Strong,
            Role::Title,
            Role::Header,
            Role::Rule,
            Role::Good,
            Role::Warn,
            Role::Bad,
            Role::Busy,
            Role::Selected,
            Role::Tab,
            Role::Key,
            Role::Field,
            Role::Match,
            Role::Button,
        ];
        for role in ROLES {
            let plain = style(ThemeName::NoColor, role);
            assert_eq!((plain.fg, plain.bg), (Some(Color::Reset), Some(Color::Reset)), "{role:?}");
            let own = style(ThemeName::Terminal, role);
            assert!(!matches!(own.fg, None | Some(Color::Rgb(..) | Color::Indexed(_))), "{role:?}");
            assert_eq!(own.bg, Some(Color::Reset), "{role:?}");
        }
    }
}
