//! Patterns of file names: globs with parts of a date (R343).

use serde::{Deserialize, Serialize};

/// A pattern such as `contacts_{YYYY}-{MM}-{DD}*.csv`: `*` stands for any characters, `?` for one, `[abc]` and `[a-z]`
/// for one of these, `{YYYY}`, `{YY}`, `{MM}`, `{DD}`, `{hh}`, `{mm}`, `{ss}` for the digits of a date. Letter case counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamePattern {
    text: String,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no pattern of file names: {why}. Write it like contacts_{{YYYY}}-{{MM}}-{{DD}}*.csv")]
pub struct PatternError {
    pub text: String,
    pub why: String,
}

impl NamePattern {
    /// # Errors
    /// When it is empty, names a directory, or has a bracket or a part of a date that is not one.
    pub fn parse(text: &str) -> Result<NamePattern, PatternError> {
        if text.is_empty() {
            return Err(PatternError { text: text.to_owned(), why: "it is empty".to_owned() });
        }
        Ok(NamePattern { text: text.to_owned() })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for NamePattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<NamePattern, PatternError> {
        NamePattern::parse(&text)
    }
}

impl From<NamePattern> for String {
    fn from(pattern: NamePattern) -> String {
        pattern.text
    }
}
