//! The settings of a workspace: their keys, what they may be, and what they are when nothing was said.

use super::values::country;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// The largest limit on files that makes sense, in MB: an exabyte.
const MOST_MB: u64 = 1_000_000_000_000;

/// The fields that contacts are matched by when duplicates are not allowed (R280, R281).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchOn {
    pub email: bool,
    pub phone: bool,
}

impl MatchOn {
    /// Reads `email,phone`, in any order, at least one.
    pub fn parse(text: &str) -> Option<MatchOn> {
        let mut on = MatchOn { email: false, phone: false };
        for word in text.split(',').map(str::trim) {
            match word {
                "email" => on.email = true,
                "phone" => on.phone = true,
                _ => return None,
            }
        }
        Some(on)
    }
}

impl std::fmt::Display for MatchOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match (self.email, self.phone) {
            (true, false) => "email",
            (false, true) => "phone",
            _ => "email,phone",
        })
    }
}

/// The settings of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Upper-case ISO code; national phone numbers need it (R293).
    pub default_country: Option<String>,
    /// IANA name; where times without an offset were written.
    pub default_timezone: Tz,
    /// R279.
    pub allow_duplicates: bool,
    pub match_on: MatchOn,
    /// Files of this many MB (1,000,000 bytes) and more are refused; none: no limit (R211).
    pub max_file_mb: Option<u64>,
    pub keep_deliveries_days: u64,
    pub keep_before_images_days: u64,
    /// Whom to ask when the guide does not help (R336).
    pub support_contact: Option<String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            default_country: Some("US".to_owned()),
            default_timezone: Tz::UTC,
            allow_duplicates: false,
            match_on: MatchOn { email: true, phone: true },
            max_file_mb: None,
            keep_deliveries_days: 90,
            keep_before_images_days: 90,
            support_contact: None,
        }
    }
}

/// Why a setting was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    #[error("there is no setting {key}; there are: {}", Settings::KEYS.join(", "))]
    UnknownKey { key: String },
    #[error("{key} cannot be {value:?}: it takes {takes}")]
    BadValue { key: &'static str, value: String, takes: &'static str },
}

impl Settings {
    pub const KEYS: [&'static str; 8] = [
        "default_country",
        "default_timezone",
        "allow_duplicates",
        "match_on",
        "max_file_mb",
        "keep_deliveries_days",
        "keep_before_images_days",
        "support_contact",
    ];

    /// Sets one setting from its text; an empty text sets it back to what it is when nothing was said.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), SettingError> {
        let Some(key) = Settings::KEYS.into_iter().find(|known| *known == key) else {
            return Err(SettingError::UnknownKey { key: key.to_owned() });
        };
        let bad = |takes| SettingError::BadValue { key, value: value.to_owned(), takes };
        let plain = Settings::default();
        let reset = value.is_empty();
        let days = |was: u64| {
            if reset { Ok(was) } else { value.parse().map_err(|_| bad("a number of days, such as 90")) }
        };
        match key {
            "default_country" if reset => self.default_country = plain.default_country,
            "default_country" if value == "none" => self.default_country = None,
            "default_country" => {
                let code = value.to_ascii_uppercase();
                if !country::is_region_code(&code) {
                    return Err(bad("a two-letter country code such as US or DE, or none"));
                }
                self.default_country = Some(code);
            }
            "default_timezone" if reset => self.default_timezone = plain.default_timezone,
            "default_timezone" => {
                self.default_timezone =
                    value.parse().map_err(|_| bad("an IANA time zone such as Europe/Berlin or UTC"))?;
            }
            "allow_duplicates" => {
                self.allow_duplicates = match value {
                    "true" => true,
                    "false" | "" => false,
                    _ => return Err(bad("true or false")),
                }
            }
            "match_on" if reset => self.match_on = plain.match_on,
            "match_on" => self.match_on = MatchOn::parse(value).ok_or_else(|| bad("email, phone or email,phone"))?,
            "max_file_mb" if reset => self.max_file_mb = None,
            "max_file_mb" => {
                let limit = value.parse().ok().filter(|limit| (1..=MOST_MB).contains(limit));
                self.max_file_mb = Some(limit.ok_or_else(|| bad("a number of MB above 0, or nothing for no limit"))?);
            }
            "keep_deliveries_days" => self.keep_deliveries_days = days(plain.keep_deliveries_days)?,
            "keep_before_images_days" => self.keep_before_images_days = days(plain.keep_before_images_days)?,
            _ => self.support_contact = (!reset).then(|| value.to_owned()),
        }
        Ok(())
    }

    /// The text of one setting, as [`Settings::set`] takes it; none for an unset one.
    pub fn get(&self, key: &str) -> Result<Option<String>, SettingError> {
        Ok(match key {
            "default_country" => Some(self.default_country.clone().unwrap_or_else(|| "none".to_owned())),
            "default_timezone" => Some(self.default_timezone.name().to_owned()),
            "allow_duplicates" => Some(self.allow_duplicates.to_string()),
            "match_on" => Some(self.match_on.to_string()),
            "max_file_mb" => self.max_file_mb.map(|limit| limit.to_string()),
            "keep_deliveries_days" => Some(self.keep_deliveries_days.to_string()),
            "keep_before_images_days" => Some(self.keep_before_images_days.to_string()),
            "support_contact" => self.support_contact.clone(),
            _ => return Err(SettingError::UnknownKey { key: key.to_owned() }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_reads_back_as_it_was_set() {
        let cases = [
            ("default_country", "DE"),
            ("default_country", "none"),
            ("default_timezone", "Europe/Berlin"),
            ("allow_duplicates", "true"),
            ("match_on", "phone"),
            ("match_on", "email,phone"),
            ("max_file_mb", "30"),
            ("keep_deliveries_days", "7"),
            ("keep_before_images_days", "0"),
            ("support_contact", "help@example.com"),
        ];
        for (key, value) in cases {
            let mut settings = Settings::default();
            settings.set(key, value).unwrap();
            assert_eq!(settings.get(key).unwrap().as_deref(), Some(value), "{key}");
            settings.set(key, "").unwrap();
            assert_eq!(settings, Settings::default(), "{key} set back");
        }
    }

    #[test]
    fn a_setting_that_makes_no_sense_is_refused_with_what_it_takes() {
        for (key, value) in [
            ("default_country", "Atlantis"),
            ("default_timezone", "Mars/Olympus"),
            ("allow_duplicates", "maybe"),
            ("match_on", "name"),
            ("match_on", "email,"),
            ("max_file_mb", "0"),
            ("max_file_mb", "-1"),
            ("keep_deliveries_days", "soon"),
        ] {
            let error = Settings::default().set(key, value).unwrap_err();
            assert!(matches!(error, SettingError::BadValue { .. }), "{key}={value}: {error}");
        }
        let error = Settings::default().set("colour", "red").unwrap_err();
        assert!(error.to_string().contains("default_country"), "{error}");
    }
}
