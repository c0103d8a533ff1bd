//! How a delivery is written down: its encoding, delimiter, quotes, header and where its records begin. Decided once
//! by sniffing (or by the operator), stored in a run's plan, and the same for the preview, the run and its resumption.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of a character encoding, as the WHATWG standard writes it (`UTF-8`, `UTF-16LE`, `windows-1252`,
/// `Shift_JIS`, `macintosh`, …), or `IBM437` or `IBM850`, which that standard lacks.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Encoding(String);

impl Encoding {
    /// An encoding of this exact name; whether it can be read is known to the engine's decoder.
    pub fn named(name: impl Into<String>) -> Encoding {
        Encoding(name.into())
    }

    pub fn utf8() -> Encoding {
        Encoding("UTF-8".to_owned())
    }

    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a quote is written inside a quoted cell. A doubled quote is read in both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Escape {
    /// `"say ""hi"""`
    Doubled,
    /// `"say \"hi\""`
    Backslash,
}

/// How lines mostly end in the sample. Told, not obeyed: every one of them ends a line in every file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Newline {
    Lf,
    Crlf,
    Cr,
    Mixed,
}

impl Newline {
    pub fn as_str(self) -> &'static str {
        match self {
            Newline::Lf => "lf",
            Newline::Crlf => "crlf",
            Newline::Cr => "cr",
            Newline::Mixed => "mixed",
        }
    }
}

/// Everything that is needed to read a delivery's records, wherever in it one begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    pub encoding: Encoding,
    /// Bytes of the byte order mark at the start: 0, 2 or 3.
    pub bom: u8,
    #[serde(with = "ascii_char")]
    pub delimiter: u8,
    /// The quote character; none where quotes are ordinary characters.
    #[serde(with = "optional_ascii_char")]
    pub quote: Option<u8>,
    pub escape: Escape,
    /// Blanks between a delimiter and an opening quote, or after a closing one, are no part of the cell.
    pub spaces_around_quotes: bool,
    pub newline: Newline,
    /// A `sep=` line was found before the header; it belongs to the preamble.
    pub sep_line: bool,
    /// The line of the file, from 1, on which the header begins. Preamble, blank and `sep=` lines count.
    pub header_line: u64,
    /// Byte of the delivery at which the header begins: everything before it is preamble.
    pub header_offset: u64,
    /// Byte of the delivery just after the header's line end, where records may begin.
    pub data_offset: u64,
    /// The line on which records may begin.
    pub data_line: u64,
    /// The columns' names, made unique: `Email`, `Email (2)`; a blank one is `column 7` (field rules, Rows and bytes).
    /// A nameless last column that is always empty, left by delimiters at the ends of lines, is not among them.
    pub columns: Vec<String>,
}

impl Dialect {
    /// Where reading begins: at the first byte after the header, with preamble and header already counted.
    pub fn start(&self) -> Position {
        let preamble = Amount { bytes: self.header_offset, lines: self.header_line.saturating_sub(1) };
        let header = Amount {
            bytes: self.data_offset.saturating_sub(self.header_offset),
            lines: self.data_line.saturating_sub(self.header_line),
        };
        let tally = Tally { preamble, header, ..Tally::default() };
        Position { offset: self.data_offset, line: self.data_line, row: 0, tally }
    }
}

/// Names for header cells: trimmed, blank ones called by their place, repeated ones numbered
/// (field rules, Rows and bytes).
pub fn column_names<S: AsRef<str>>(cells: &[S]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    let mut taken = std::collections::HashSet::new();
    for (place, cell) in cells.iter().enumerate() {
        let clean: String = cell.as_ref().chars().filter(|c| !matches!(c, '\0' | '\u{feff}' | '\u{200b}')).collect();
        let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
        let base = if clean.is_empty() { format!("column {}", place + 1) } else { clean };
        let mut name = base.clone();
        let mut count = 1;
        while taken.contains(&name) {
            count += 1;
            name = format!("{base} ({count})");
        }
        taken.insert(name.clone());
        names.push(name);
    }
    names
}

/// Bytes of the delivery, after decompression and before text decoding, and the lines they hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    pub bytes: u64,
    pub lines: u64,
}

impl Amount {
    pub fn add(&mut self, bytes: u64, lines: u64) {
        self.bytes += bytes;
        self.lines += lines;
    }
}

/// What the bytes read so far are. Together they are the delivery, byte for byte (field rules, Conservation).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Everything before the header, the byte order mark included.
    pub preamble: Amount,
    /// The header, and lines further down that repeat it cell for cell.
    pub header: Amount,
    /// Records, malformed ones included.
    pub records: Amount,
    /// Blank lines and lines of delimiters only.
    pub blank: Amount,
    /// What stands after the last record: totals, "Generated by", padding.
    pub footer: Amount,
}

impl Tally {
    /// All bytes accounted for.
    pub fn bytes(&self) -> u64 {
        self.preamble.bytes + self.header.bytes + self.records.bytes + self.blank.bytes + self.footer.bytes
    }

    /// All lines accounted for.
    pub fn total_lines(&self) -> u64 {
        self.preamble.lines + self.header.lines + self.records.lines + self.blank.lines + self.footer.lines
    }
}

/// A place between two records at which reading can go on in another process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Bytes of the delivery before it, after decompression, before text decoding.
    pub offset: u64,
    /// The line of the file, from 1, that begins here.
    pub line: u64,
    /// Records before it.
    pub row: u64,
    pub tally: Tally,
}

mod ascii_char {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(byte: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_char(char::from(*byte))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        let c = char::deserialize(deserializer)?;
        if c.is_ascii() { Ok(c as u8) } else { Err(D::Error::custom(format!("{c:?} is not an ASCII character"))) }
    }
}

mod optional_ascii_char {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub fn serialize<S: Serializer>(byte: &Option<u8>, serializer: S) -> Result<S::Ok, S::Error> {
        byte.map(char::from).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
        match Option::<char>::deserialize(deserializer)? {
            None => Ok(None),
            Some(c) if c.is_ascii() => Ok(Some(c as u8)),
            Some(c) => Err(D::Error::custom(format!("{c:?} is not an ASCII character"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_and_blank_headers_get_names_of_their_own() {
        let cases: &[(&[&str], &[&str])] = &[
            (&["Email", "Email"], &["Email", "Email (2)"]),
            (&["Email", "Email (2)", "Email"], &["Email", "Email (2)", "Email (3)"]),
            (&["a", "", " ", "d"], &["a", "column 2", "column 3", "d"]),
            (&["column 2", ""], &["column 2", "column 2 (2)"]),
            (&[" First\n Name ", "\u{feff}x"], &["First Name", "x"]),
        ];
        for (cells, names) in cases {
            assert_eq!(&column_names(cells), names);
        }
    }

    #[test]
    fn a_dialect_survives_the_plan_of_a_run() {
        let dialect = Dialect {
            encoding: Encoding::utf8(),
            bom: 3,
            delimiter: b'\t',
            quote: None,
            escape: Escape::Backslash,
            spaces_around_quotes: false,
            newline: Newline::Crlf,
            sep_line: false,
            header_line: 3,
            header_offset: 10,
            data_offset: 20,
            data_line: 4,
            columns: vec!["a".into()],
        };
        let text = serde_json::to_string(&dialect).unwrap();
        assert_eq!(serde_json::from_str::<Dialect>(&text).unwrap(), dialect);
        assert_eq!(dialect.start().tally.bytes(), 20);
    }
}
