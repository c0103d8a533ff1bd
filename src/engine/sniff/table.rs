//! The head of a delivery as a table under some grammar, for judging it.

use crate::domain::dialect::Newline;
use crate::engine::grammar::{Grammar, Scan, count_breaks};

/// One record of the sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sampled {
    /// Its line in the text, from 1.
    pub line: u64,
    /// Lines it takes.
    pub lines: u64,
    pub cells: Vec<String>,
    /// Nothing but delimiters and white space.
    pub blank: bool,
    /// Its quotes are broken.
    pub flawed: bool,
    /// How its last line ends; none at the end of the file.
    pub ending: Option<Newline>,
}

impl Sampled {
    /// Cells up to the last that is not empty.
    pub fn filled_to(&self) -> usize {
        self.cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1)
    }

    /// Cells that are not empty.
    pub fn filled(&self) -> usize {
        self.cells.iter().filter(|cell| !cell.trim().is_empty()).count()
    }

    /// Whether it has as many cells as this, or more that are empty.
    pub fn fits(&self, cells: usize) -> bool {
        !self.blank && !self.flawed && self.cells.len() >= cells && self.filled_to() <= cells
    }
}

/// Cuts text into at most `limit` records. A quote that does not close costs its line only, as in reading.
pub fn cut(grammar: &Grammar, text: &str, whole: bool, limit: usize) -> Vec<Sampled> {
    let bytes = text.as_bytes();
    let mut records = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < bytes.len() && records.len() < limit {
        let rest = &bytes[at..];
        let (end, next, mut flawed) = match grammar.scan(rest, true, true) {
            Scan::Record(extent) if extent.next == rest.len() && extent.next == extent.end && !whole => break,
            Scan::Record(extent) if extent.flaw.is_some() && extent.breaks > 0 => {
                let (end, next) = crate::engine::grammar::line_end(rest, 0, true).unwrap_or((rest.len(), rest.len()));
                (end, next, true)
            }
            Scan::Record(extent) => (extent.end, extent.next, extent.flaw.is_some()),
            Scan::Open { .. } | Scan::More => {
                let (end, next) = crate::engine::grammar::line_end(rest, 0, true).unwrap_or((rest.len(), rest.len()));
                (end, next, true)
            }
        };
        let record = &text[at..at + end];
        let blank = grammar.is_blank(record.as_bytes());
        flawed &= !blank;
        let (mut joined, mut ends, mut start) = (String::new(), Vec::new(), 0);
        grammar.split(record, &mut joined, &mut ends);
        let cells = ends
            .into_iter()
            .map(|end| {
                let cell = joined[start..end as usize].to_owned();
                start = end as usize + 1;
                cell
            })
            .collect();
        let lines = u64::from(count_breaks(record.as_bytes())) + 1;
        let ending = match &bytes[at + end..at + next] {
            b"\r\n" => Some(Newline::Crlf),
            b"\n" => Some(Newline::Lf),
            b"\r" => Some(Newline::Cr),
            _ => None,
        };
        records.push(Sampled { line, lines, cells, blank, flawed, ending });
        line += lines;
        at += next;
    }
    records
}

/// What a cell looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    Empty,
    Number,
    Date,
    Email,
    Phone,
    Url,
    /// A few words, as in names and headers.
    Words,
    /// A sentence or more.
    Prose,
    /// Something with delimiters or quotes in it that a right dialect would have taken off.
    Odd,
}

impl Looks {
    pub fn of(cell: &str) -> Looks {
        let cell = cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\0' | '\u{feff}'));
        if cell.is_empty() {
            return Looks::Empty;
        }
        let digits = cell.chars().filter(char::is_ascii_digit).count();
        let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
        if let Some((local, domain)) = cell.rsplit_once('@')
            && !local.is_empty()
            && domain.contains('.')
            && !cell.contains(char::is_whitespace)
            && !cell.contains([';', '|', '"'])
        {
            return Looks::Email;
        }
        let lower = cell.to_ascii_lowercase();
        if ["http://", "https://", "www.", "mailto:"].iter().any(|start| lower.starts_with(start)) {
            return Looks::Url;
        }
        if letters == 0 && digits > 0 && !cell.contains([';', '|', '"', '\t']) {
            return Looks::digits(cell, digits);
        }
        if is_dated(&lower, digits, letters) {
            return Looks::Date;
        }
        let mut ends = cell.chars();
        let quoted = ends.next().is_some_and(|c| c == '"') || ends.next_back().is_some_and(|c| c == '"');
        // A quote without its fellow, or words run together by commas, were cut from something larger.
        let torn = cell.matches('"').count() % 2 == 1 && cell.contains(',');
        let run_together = cell.as_bytes().windows(2).filter(|pair| pair[0] == b',' && pair[1] != b' ').count() >= 3;
        if quoted || torn || run_together || cell.contains([';', '|', '\t', '\u{1f}']) || letters == 0 {
            return Looks::Odd;
        }
        let long = cell.chars().count() > 64 || cell.contains(['\n', '\r']) || cell.ends_with(['.', '!', '?']);
        if long { Looks::Prose } else { Looks::Words }
    }

    /// Digits and punctuation only.
    fn digits(cell: &str, digits: usize) -> Looks {
        let parts: Vec<&str> = cell.split(['-', '/', '.', ' ', ':', 'T']).filter(|part| !part.is_empty()).collect();
        let year = |part: &&str| part.len() == 4 && (part.starts_with("19") || part.starts_with("20"));
        if parts.len() >= 3 && (year(&parts[0]) || year(&parts[2])) && parts[1].len() <= 2 {
            return Looks::Date;
        }
        if cell.starts_with('+') && digits >= 7 || digits >= 9 && cell.contains([' ', '-', '(', '/']) {
            return Looks::Phone;
        }
        Looks::Number
    }

    /// What a header never is.
    pub fn is_data(self) -> bool {
        matches!(self, Looks::Number | Looks::Date | Looks::Email | Looks::Phone | Looks::Url)
    }
}

/// A date with a month's name, or a time with its zone.
fn is_dated(lower: &str, digits: usize, letters: usize) -> bool {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let month =
        MONTHS.iter().any(|month| lower.split(|c: char| !c.is_alphabetic()).any(|word| word.starts_with(month)));
    let iso = digits >= 8 && letters <= 2 && lower.as_bytes().get(4) == Some(&b'-');
    iso || month && (5..=14).contains(&digits) && letters <= 12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_look_like_what_they_are() {
        let cases = [
            ("", Looks::Empty),
            ("First Name", Looks::Words),
            ("E-mail 1 - Value", Looks::Words),
            ("12.5", Looks::Number),
            ("1,234.50", Looks::Number),
            ("2024-01-02", Looks::Date),
            ("8 Sep 2024", Looks::Date),
            ("2024-01-02T10:00:00Z", Looks::Date),
            ("ann@example.com", Looks::Email),
            ("+43 664 123456", Looks::Phone),
            ("(123) 456-7890", Looks::Phone),
            ("https://example.com", Looks::Url),
            ("a;b", Looks::Odd),
            ("\"x", Looks::Odd),
            ("This is a note that ends.", Looks::Prose),
            ("May", Looks::Words),
        ];
        for (cell, looks) in cases {
            assert_eq!(Looks::of(cell), looks, "{cell}");
        }
    }
}
