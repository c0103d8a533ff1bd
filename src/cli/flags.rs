//! Flags that several commands share, and how their values are read.

use crate::engine::decode::Codec;
use crate::engine::sniff::Overrides;
use crate::worker::execute::{COMMIT_ROWS, Tuning};
use chrono::NaiveDate;

/// Overrules of what is found in a file: `inspect`, `read` and `import` take them.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ReadFlags {
    /// What stands between cells: a character, or comma, semicolon, tab, pipe, space
    #[arg(long, value_name = "CHAR", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// The encoding of the text, such as utf-8, windows-1252, utf-16le, macintosh
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<Codec>,
    /// The line of the file with the headers, from 1
    #[arg(long, value_name = "LINE", value_parser = clap::value_parser!(u64).range(1..))]
    pub header_row: Option<u64>,
}

impl ReadFlags {
    /// The flags as the reader takes them.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            delimiter: self.delimiter,
            encoding: self.encoding,
            header_line: self.header_row,
            ..Overrides::default()
        }
    }
}

/// How runs are cut into transactions; for the tests of crashes, and of no use to anybody else. `import`,
/// `run resume` and `worker` take them.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct TuningFlags {
    /// Rows a transaction, so that a small file has many (for tests)
    #[arg(long, hide = true, value_name = "N", default_value_t = COMMIT_ROWS as u32,
          value_parser = clap::value_parser!(u32).range(1..))]
    commit_rows: u32,
    /// Commit a run's position apart from its batch, which is wrong (for tests that must notice)
    #[cfg(feature = "broken-variants")]
    #[arg(long, hide = true)]
    position_apart: bool,
}

impl TuningFlags {
    pub fn tuning(self) -> Tuning {
        Tuning {
            commit_rows: self.commit_rows as usize,
            #[cfg(feature = "broken-variants")]
            position_apart: self.position_apart,
            ..Tuning::default()
        }
    }
}

/// The name of an encoding.
fn encoding(name: &str) -> Result<Codec, String> {
    Codec::of(name)
        .ok_or_else(|| "it takes a name such as utf-8, windows-1252, utf-16le, macintosh or ibm850".to_owned())
}

/// Which part of a list to show.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ListFlags {
    /// At most this many
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Only what comes after this one in the list
    #[arg(long, value_name = "KEY")]
    pub after: Option<String>,
}

impl ListFlags {
    /// The part of a list that was asked for. `key` is what `--after` compares with.
    pub fn part<T>(&self, items: Vec<T>, key: impl Fn(&T) -> String) -> Vec<T> {
        let start = self.after.as_ref().map_or(0, |after| {
            items.iter().position(|item| key(item) == *after).map_or(items.len(), |place| place + 1)
        });
        let limit = self.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        items.into_iter().skip(start).take(limit).collect()
    }
}

/// A delimiter by name, as itself, or as `\t`.
pub fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "comma" => Ok(b','),
        "semicolon" => Ok(b';'),
        "tab" | "\\t" => Ok(b'\t'),
        "pipe" => Ok(b'|'),
        "space" => Ok(b' '),
        _ => match text.as_bytes() {
            [one] if !one.is_ascii_alphanumeric() && !matches!(one, b'"' | b'\r' | b'\n' | 0) => Ok(*one),
            _ => Err("it takes one character such as ; or |, or a name: comma, semicolon, tab, pipe, space".to_owned()),
        },
    }
}

/// A two-letter country code.
pub fn country(text: &str) -> Result<String, String> {
    let code = text.to_ascii_uppercase();
    if crate::domain::values::country::is_region_code(&code) {
        return Ok(code);
    }
    Err("it takes a two-letter country code such as US or DE".to_owned())
}

/// An IANA time zone.
pub fn zone(text: &str) -> Result<chrono_tz::Tz, String> {
    text.parse().map_err(|_| "it takes an IANA time zone such as Europe/Berlin or UTC".to_owned())
}

/// A date.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "it takes a date as YYYY-MM-DD".to_owned())
}

/// `Column=field`; the column may hold `=` itself, the field cannot.
pub fn column_to_field(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((column, field)) if !column.is_empty() && !field.is_empty() => Ok((column.to_owned(), field.to_owned())),
        _ => Err("it takes \"Column=field\", or \"Column=-\" to leave the column out".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_a_character_or_its_name() {
        assert_eq!(
            [",", ";", "|", "\t", "\\t", "tab", "pipe", "~"].map(delimiter),
            [Ok(b','), Ok(b';'), Ok(b'|'), Ok(b'\t'), Ok(b'\t'), Ok(b'\t'), Ok(b'|'), Ok(b'~')]
        );
        for text in ["", ",,", "a", "\"", "\n", "é"] {
            assert!(delimiter(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_list_is_shown_in_parts_by_key() {
        let list = || vec!["a", "b", "c", "d"];
        let part = |limit, after: Option<&str>| {
            ListFlags { limit, after: after.map(str::to_owned) }.part(list(), |item| (*item).to_owned())
        };
        assert_eq!(part(None, None), list());
        assert_eq!(part(Some(2), None), ["a", "b"]);
        assert_eq!(part(Some(2), Some("b")), ["c", "d"]);
        assert_eq!(part(None, Some("d")), [""; 0]);
    }
}
