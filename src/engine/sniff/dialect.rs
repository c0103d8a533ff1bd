//! Delimiter, quote and escape: every candidate is tried on the head, and the one under which it reads most like a
//! table wins. Where two delimiters come out close, csv-nose breaks the tie.

use super::table::{Looks, Sampled, cut};
use crate::domain::dialect::Escape;
use crate::engine::grammar::Grammar;

/// Text that candidates are tried on.
const TRIED_BYTES: usize = 96 << 10;
const TRIED_RECORDS: usize = 500;
/// Delimiters looked for, with how readily each is believed.
const DELIMITERS: [(u8, f64); 9] = [
    (b',', 1.0),
    (b';', 1.0),
    (b'\t', 1.0),
    (b'|', 0.98),
    (b'^', 0.85),
    (b'~', 0.85),
    (0x1F, 1.0),
    (0x01, 1.0),
    (b':', 0.5),
];
/// Below this no delimiter is believed: the file has one column.
const BELIEVED: f64 = 0.2;
/// Scores this close are a tie.
const TIE: f64 = 0.9;

/// How cells are quoted, when somebody says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    /// Quotes are ordinary characters.
    None,
    By(u8),
}

/// The grammar that fits, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    pub grammar: Grammar,
    pub delimiter_why: String,
    pub quote_why: String,
}

/// Finds the grammar of a text; a delimiter and a quoting given from outside stand.
pub fn choose(text: &str, forced: Option<(u8, &str)>, quoting: Option<Quoting>) -> Chosen {
    let mut end = text.len().min(TRIED_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let whole = end == text.len();
    let text = &text[..end];
    let bytes = text.as_bytes();
    let delimiters: Vec<(u8, f64)> = match forced {
        Some((delimiter, _)) => vec![(delimiter, 1.0)],
        None => DELIMITERS.into_iter().filter(|&(delimiter, _)| memchr::memchr(delimiter, bytes).is_some()).collect(),
    };
    let mut best: Vec<(f64, Grammar, usize, f64)> = Vec::new();
    for (delimiter, trust) in delimiters {
        let mut closes = true;
        let variants = match quoting {
            None => variants(delimiter, bytes),
            Some(quoting) => quoted_so(delimiter, quoting, bytes),
        };
        let tried = variants.into_iter().filter_map(|(grammar, variant_trust)| {
            // Quotes that all close are quotes: a record of another width is no reason to take them for text.
            if grammar.quote.is_none() && closes && quoting.is_none() {
                return None;
            }
            let records = cut(&grammar, text, whole, TRIED_RECORDS);
            closes &= !records.iter().any(|record| record.flawed);
            let (score, cells, share) = score(&grammar, &records);
            Some((score * trust * variant_trust, grammar, cells, share))
        });
        // Of equals the first, which is the most ordinary one.
        best.extend(tried.reduce(|kept, next| if next.0 > kept.0 + 1e-9 { next } else { kept }));
    }
    best.sort_by(|a, b| b.0.total_cmp(&a.0));
    if let ([first, second, ..], None) = (best.as_slice(), forced)
        && second.0 > first.0 * TIE
        && first.0 > BELIEVED
        && nose(text) == Some(second.1.delimiter)
    {
        best.swap(0, 1);
    }
    let quote_why = |grammar: &Grammar| match (grammar.quote, grammar.escape) {
        _ if quoting.is_some() => "said in the mapping".to_owned(),
        (None, _) => "quotes are ordinary characters here: read as quotes they do not close".to_owned(),
        (Some(quote), _) if memchr::memchr(quote, bytes).is_none() => {
            "no cell is quoted; this is the usual one".to_owned()
        }
        (Some(_), Escape::Backslash) => "quoted cells close where they should when \\ escapes a quote".to_owned(),
        (Some(_), Escape::Doubled) => "quoted cells close where they should".to_owned(),
    };
    match (best.first(), forced) {
        (Some((_, grammar, _, _)), Some((_, by))) => {
            Chosen { grammar: *grammar, delimiter_why: by.to_owned(), quote_why: quote_why(grammar) }
        }
        (Some((score, grammar, cells, share)), None) if *score > BELIEVED => Chosen {
            grammar: *grammar,
            delimiter_why: format!("{:.0} % of the sampled records have {cells} cells with it", share * 100.0),
            quote_why: quote_why(grammar),
        },
        _ => {
            let quote = match quoting {
                None => Some(b'"'),
                Some(quoting) => quoting.character(),
            };
            let grammar = Grammar { delimiter: b',', quote, escape: Escape::Doubled, spaces_around_quotes: false };
            Chosen {
                grammar,
                delimiter_why: "no character cuts the lines into a table: the file has one column".to_owned(),
                quote_why: quote_why(&grammar),
            }
        }
    }
}

/// The ways of quoting that the text gives reason to try with a delimiter, each with how readily it is believed.
fn variants(delimiter: u8, text: &[u8]) -> Vec<(Grammar, f64)> {
    let usual = Grammar { delimiter, quote: Some(b'"'), escape: Escape::Doubled, spaces_around_quotes: false };
    let mut all = vec![(usual, 1.0)];
    if memchr::memchr(b'"', text).is_some() {
        if memchr::memmem::find(text, b"\\\"").is_some() {
            all.push((Grammar { escape: Escape::Backslash, ..usual }, 0.99));
        }
        let after_blank =
            |blank: u8| blank != delimiter && memchr::memmem::find(text, &[delimiter, blank, b'"']).is_some();
        if after_blank(b' ') || after_blank(b'\t') {
            all.push((Grammar { spaces_around_quotes: true, ..usual }, 0.99));
        }
        // One quote that stays open, or a few among cells that are quoted as they should be, are damage that must show.
        let (closed, open) = quoted_cells(delimiter, text);
        if open > 1 && open > closed {
            all.push((Grammar { quote: None, ..usual }, 0.9));
        }
    }
    // An apostrophe begins many a name; as a quote it must close cells again and again.
    let closes = memchr::memmem::find_iter(text, &[b'\'', delimiter]).count();
    let opens = memchr::memmem::find_iter(text, &[delimiter, b'\'']).count();
    if closes >= 2 && opens >= 2 {
        all.push((Grammar { quote: Some(b'\''), ..usual }, 0.97));
        if memchr::memmem::find(text, b"\\'").is_some() {
            all.push((Grammar { quote: Some(b'\''), escape: Escape::Backslash, ..usual }, 0.96));
        }
    }
    all
}

/// The quoting that a mapping names: `"`, `'`, or `none`.
pub fn parse_quote(text: &str) -> Result<Quoting, String> {
    match text {
        "\"" => Ok(Quoting::By(b'"')),
        "'" => Ok(Quoting::By(b'\'')),
        "none" => Ok(Quoting::None),
        _ => Err(format!("{text:?} cannot be a quote: write \", ' or none")),
    }
}

/// The ways of quoting by a character that was said.
fn quoted_so(delimiter: u8, quoting: Quoting, text: &[u8]) -> Vec<(Grammar, f64)> {
    let quote = quoting.character();
    let usual = Grammar { delimiter, quote, escape: Escape::Doubled, spaces_around_quotes: false };
    let mut all = vec![(usual, 1.0)];
    let Some(quote) = quote else { return all };
    if memchr::memmem::find(text, &[b'\\', quote]).is_some() {
        all.push((Grammar { escape: Escape::Backslash, ..usual }, 0.99));
    }
    let after_blank =
        |blank: u8| blank != delimiter && memchr::memmem::find(text, &[delimiter, blank, quote]).is_some();
    if after_blank(b' ') || after_blank(b'\t') {
        all.push((Grammar { spaces_around_quotes: true, ..usual }, 0.99));
    }
    all
}

impl Quoting {
    fn character(self) -> Option<u8> {
        match self {
            Quoting::None => None,
            Quoting::By(quote) => Some(quote),
        }
    }
}

/// Cells that begin with a quote: how many close in their line where a cell ends, and in how many lines one does not.
fn quoted_cells(delimiter: u8, text: &[u8]) -> (usize, usize) {
    let (mut closed, mut open) = (0, 0);
    for line in text.split(|&b| b == b'\n' || b == b'\r') {
        let ends_cell = |place: usize| place >= line.len() || line[place] == delimiter;
        let mut cell = 0;
        while cell < line.len() {
            let mut end = memchr::memchr(delimiter, &line[cell..]).map_or(line.len(), |length| cell + length);
            if line[cell] == b'"' {
                let inside = cell + 1;
                let close = memchr::memchr_iter(b'"', &line[inside..]).find(|place| ends_cell(inside + place + 1));
                match close {
                    Some(place) => (closed, end) = (closed + 1, inside + place + 1),
                    None => {
                        // Nor does any later quote of the line close.
                        open += 1;
                        break;
                    }
                }
            }
            cell = end + 1;
        }
    }
    (closed, open)
}

/// How much a text read so is like a table: its score, the usual number of cells, and the share of records with it.
fn score(grammar: &Grammar, records: &[Sampled]) -> (f64, usize, f64) {
    let rows: Vec<&Sampled> = records.iter().filter(|record| !record.blank).collect();
    if rows.is_empty() {
        return (0.0, 1, 0.0);
    }
    let cells = usual_cells(&rows);
    if cells < 2 {
        return (0.0, 1, 0.0);
    }
    let fits = |record: &Sampled| record.fits(cells);
    let first = rows.iter().position(|record| fits(record)).unwrap_or(0);
    let last = rows.iter().rposition(|record| fits(record)).unwrap_or(0);
    let matching: Vec<&&Sampled> = rows.iter().filter(|record| fits(record)).collect();
    if matching.len() < 2 && rows.len() > 1 {
        return (0.0, cells, 0.0);
    }
    let span = last + 1 - first;
    let share = matching.len() as f64 / span as f64;
    // What stands before and after a table is a few lines, whatever its length.
    let outside = (rows.len() - span) as f64;
    let covered = (span as f64 + 4.0) / (span as f64 + 4.0 + outside);
    let (mut sense, mut seen) = (0.0, 0.0);
    for cell in matching.iter().take(200).flat_map(|record| &record.cells) {
        seen += 1.0;
        sense += match Looks::of(cell) {
            Looks::Odd => 0.15,
            Looks::Empty => 0.85,
            Looks::Prose => 0.9,
            _ => 1.0,
        };
    }
    let sense = if seen > 0.0 { sense / seen } else { 0.0 };
    let flawed = rows.iter().filter(|record| record.flawed).count() as f64 / rows.len() as f64;
    let width = 1.0 - 1.0 / (cells as f64 + 1.0);
    // Names written "Lee, Ann" have a comma too, always with a space.
    let spaced = grammar.delimiter == b','
        && cells == 2
        && matching.iter().all(|record| record.cells.get(1).is_some_and(|cell| cell.starts_with(' ')));
    let spaced = if spaced { 0.4 } else { 1.0 };
    let score = share * share * covered * sense * sense * width * spaced * (1.0 - (flawed * 3.0).min(0.95));
    (score, cells, share)
}

/// The number of cells that most records have, more cells counting for more.
fn usual_cells(rows: &[&Sampled]) -> usize {
    let mut counts = std::collections::BTreeMap::new();
    for row in rows.iter().filter(|row| !row.flawed) {
        *counts.entry(row.cells.len()).or_insert(0usize) += 1;
    }
    let weight = |&(cells, count): &(usize, usize)| (cells.min(4) - 1) * count;
    counts.into_iter().max_by_key(weight).map_or(1, |(cells, _)| cells)
}

/// What csv-nose takes the delimiter to be.
fn nose(text: &str) -> Option<u8> {
    let metadata = csv_nose::Sniffer::new().sniff_bytes(text.as_bytes()).ok()?;
    Some(metadata.dialect.delimiter)
}
