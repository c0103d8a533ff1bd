//! Plain text, and the limits on the length of any value (field rules, Outcome of a value).

use super::clean::without_nul;
use crate::domain::issue::{Code, Note, Problem, ReadResult, Reading};
use std::borrow::Cow;

/// How long a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    Characters(usize),
    Bytes(usize),
}

/// The limit of every value but notes.
pub const TEXT_LIMIT: Limit = Limit::Characters(10_000);

/// The limit of notes and other long text: 1 MB.
pub const LONG_TEXT_LIMIT: Limit = Limit::Bytes(1_000_000);

/// The problem with a text that is over the limit. Readers of values that are parted into many ask it themselves.
pub fn too_long(text: &str, limit: Limit) -> Option<Problem> {
    let (is_over, length, most, unit) = match limit {
        // A character has at least one byte: most texts need no counting.
        Limit::Characters(most) if text.len() <= most => return None,
        Limit::Characters(most) => {
            let length = text.chars().count();
            (length > most, length, most, "characters")
        }
        Limit::Bytes(most) => (text.len() > most, text.len(), most, "bytes"),
    };
    let guidance = || format!("the value has {length} {unit}, and {most} is the most: shorten it.");
    is_over.then(|| Problem::new(Code::TooLong, guidance()))
}

/// Reads text as it is, without NUL characters. Web addresses and postal codes go through here too: any text is kept.
pub fn read_text(text: &str, limit: Limit) -> ReadResult<String> {
    let kept = without_nul(text);
    if let Some(problem) = too_long(&kept, limit) {
        return Err(problem);
    }
    let notes = if matches!(kept, Cow::Owned(_)) { vec![Note::NulRemoved] } else { Vec::new() };
    Ok(Reading { value: kept.into_owned(), notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_kept_as_it_is() {
        for text in ["a", "  a\tb ", "zwölf\n", "0012", "http://x y", "=1+1"] {
            assert_eq!(read_text(text, TEXT_LIMIT), Ok(Reading::plain(text.to_string())));
        }
    }

    #[test]
    fn nul_characters_go_with_a_note() {
        let reading = read_text("a\0b", TEXT_LIMIT).unwrap();
        assert_eq!((reading.value.as_str(), reading.notes.as_slice()), ("ab", [Note::NulRemoved].as_slice()));
    }

    #[test]
    fn limits_count_characters_for_text_and_bytes_for_notes() {
        assert!(read_text(&"é".repeat(10_000), TEXT_LIMIT).is_ok());
        let problem = read_text(&"é".repeat(10_001), TEXT_LIMIT).unwrap_err();
        assert_eq!(problem.code, Code::TooLong);
        assert!(problem.guidance.contains("10001 characters") && problem.guidance.contains("10000"));
        assert!(read_text(&"x".repeat(1_000_000), LONG_TEXT_LIMIT).is_ok());
        assert_eq!(read_text(&"x".repeat(1_000_001), LONG_TEXT_LIMIT).unwrap_err().code, Code::TooLong);
    }
}
