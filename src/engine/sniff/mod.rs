//! What is in a delivery, told by a sample of it: encoding, delimiter, quotes, header, and what looks wrong.
//!
//! Reads the head, the tail and blocks between, about a megabyte in all, however large the delivery; of a compressed
//! one the head only. Every decision has a reason to show and can be overruled.
mod dialect;
mod encoding;
mod layout;
mod plausible;
mod table;

pub use dialect::{Quoting, parse_quote};

use super::decode::Codec;
use super::grammar::Grammar;
use super::open::{Delivery, OpenError};
use super::read::{ReadError, RecordReader};
use super::rows::{RowBatch, Shape};
use crate::domain::dialect::{Dialect, Escape, Newline, Position, column_names};
use encoding::{Doubt, Found};
use layout::Layout;
use serde::Serialize;
use std::io::{self, Read};
use table::Sampled;

const HEAD_BYTES: usize = 512 << 10;
const BLOCK_BYTES: usize = 64 << 10;
/// Blocks between head and tail.
const BLOCKS: u64 = 6;
/// Records of the head that are judged and handed on as samples.
const SAMPLE_ROWS: usize = 1_000;

/// What the operator knows better. It wins over everything that is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    pub delimiter: Option<u8>,
    pub encoding: Option<Codec>,
    /// The line of the file, from 1, on which the header begins.
    pub header_line: Option<u64>,
    pub quote: Option<Quoting>,
}

/// Why one property of the dialect is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// `encoding`, `delimiter`, `quote`, `header_row` or `columns`.
    pub what: &'static str,
    pub chosen: String,
    pub why: String,
}

/// Something about the file that the operator should know before a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileProblem {
    pub code: &'static str,
    /// The line of the file, where it is known.
    pub line: Option<u64>,
    pub detail: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Sniffed {
    pub dialect: Dialect,
    pub reasons: Vec<Reason>,
    pub problems: Vec<FileProblem>,
    /// The first records, numbered.
    pub sample: RowBatch,
    /// Records from the middle and the end of the delivery; their row and line numbers are not known and are not theirs.
    pub spread: RowBatch,
}

/// Why a delivery cannot be read as a table. Each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SniffError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(
        "{path}: there is no header row: {why}. Put the columns' names on the first line, or name the header's line with --header-row"
    )]
    NoHeader { path: String, line: u64, why: String },
    #[error("{path}: line {line}, named as the header row, is {what}. Name the line that holds the columns' names")]
    HeaderElsewhere { path: String, line: u64, what: &'static str },
    #[error(
        "{path}: the text is {encoding}, which cannot be read. Save the file as UTF-8, or name another encoding with --encoding"
    )]
    Encoding { path: String, encoding: &'static str },
}

impl SniffError {
    /// The stable code for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            SniffError::Open(error) => error.code(),
            SniffError::Read(error) => error.code(),
            SniffError::NoHeader { .. } => "no_header",
            SniffError::HeaderElsewhere { .. } => "header_row_invalid",
            SniffError::Encoding { .. } => "encoding_unknown",
        }
    }
}

/// The delimiter that an operator writes: one ASCII character, or its name. Quotes, letters, digits and line ends are
/// refused.
pub fn parse_delimiter(text: &str) -> Result<u8, String> {
    let byte = match text {
        "\\t" | "tab" | "TAB" => b'\t',
        "comma" => b',',
        "semicolon" => b';',
        "pipe" => b'|',
        "colon" => b':',
        "space" => b' ',
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() => *byte,
            _ => return Err(format!("{text:?} is not one ASCII character: write , ; : | tab or another single one")),
        },
    };
    if byte.is_ascii_alphanumeric() || matches!(byte, b'"' | b'\'' | b'\n' | b'\r' | b'\\' | 0) {
        return Err(format!("{text:?} cannot be a delimiter: write , ; : | tab or another single character"));
    }
    Ok(byte)
}

/// Looks at a delivery.
pub fn sniff(delivery: &Delivery, overrides: &Overrides) -> Result<Sniffed, SniffError> {
    let path = delivery.path().display().to_string();
    let samples = Samples::read(delivery).map_err(|source| ReadError::Io { path: path.clone(), offset: 0, source })?;
    let mut reasons = Vec::new();
    let mut problems = Vec::new();

    let (codec, bom) = find_encoding(&path, &samples, overrides, &mut reasons, &mut problems)?;
    let head = samples.head_text(codec, bom);
    if head.trim_matches(|c: char| c.is_whitespace() || c == '\0').is_empty() && samples.head_is_all {
        return Err(OpenError::Empty { path }.into());
    }

    let sep = sep_line(&head);
    let forced = overrides
        .delimiter
        .map(|delimiter| (delimiter, "named with --delimiter"))
        .or_else(|| sep.map(|delimiter| (delimiter, "the line sep= names it")));
    let chosen = dialect::choose(after_sep(&head, sep), forced, overrides.quote);
    let grammar = chosen.grammar;
    reasons.push(Reason {
        what: "delimiter",
        chosen: char::from(grammar.delimiter).to_string(),
        why: chosen.delimiter_why,
    });
    let quote = match (grammar.quote, grammar.escape) {
        (None, _) => "none".to_owned(),
        (Some(quote), Escape::Doubled) => format!("{}, doubled inside", char::from(quote)),
        (Some(quote), Escape::Backslash) => format!("{}, escaped by \\ inside", char::from(quote)),
    };
    reasons.push(Reason { what: "quote", chosen: quote, why: chosen.quote_why });

    let records = table::cut(&grammar, &head, samples.head_is_all, SAMPLE_ROWS);
    let header = header_of(&path, &records, sep, overrides, &mut reasons)?;
    let header_record = &records[header];
    let width = layout::width(&records, header);
    if width < header_record.cells.len() {
        reasons.push(Reason {
            what: "columns",
            chosen: width.to_string(),
            why: "lines end in delimiters: the nameless, empty cells after the last name are left out".to_owned(),
        });
    }
    let header_line = header_record.line;
    let data_line = header_line + header_record.lines;
    let dialect = Dialect {
        encoding: codec.encoding(),
        bom,
        delimiter: grammar.delimiter,
        quote: grammar.quote,
        escape: grammar.escape,
        spaces_around_quotes: grammar.spaces_around_quotes,
        newline: newline_of(&records),
        sep_line: sep.is_some(),
        header_line,
        header_offset: if header_line == 1 { u64::from(bom) } else { samples.line_offset(codec, bom, header_line) },
        data_offset: samples.line_offset(codec, bom, data_line),
        data_line,
        columns: column_names(&header_record.cells[..width]),
    };
    problems.extend(table_problems(&records, header, width));

    let (sample, spread) = samples.rows(delivery, &dialect)?;
    problems.extend(row_problems(&sample, &dialect));
    problems.extend(block_problems(&samples, codec, &grammar, &dialect));
    Ok(Sniffed { dialect, reasons, problems, sample, spread })
}

fn find_encoding(
    path: &str,
    samples: &Samples,
    overrides: &Overrides,
    reasons: &mut Vec<Reason>,
    problems: &mut Vec<FileProblem>,
) -> Result<(Codec, u8), SniffError> {
    let found = encoding::detect(&samples.blocks);
    if let Some(codec) = overrides.encoding {
        let head = samples.blocks.first().map_or(&[][..], |head| head.as_slice());
        // UTF-16 by name is little endian, unless the file itself says otherwise.
        let (codec, bom) = match codec {
            Codec::Utf8 if head.starts_with(b"\xEF\xBB\xBF") => (codec, 3),
            Codec::Utf16Le | Codec::Utf16Be if head.starts_with(b"\xFF\xFE") => (Codec::Utf16Le, 2),
            Codec::Utf16Le | Codec::Utf16Be if head.starts_with(b"\xFE\xFF") => (Codec::Utf16Be, 2),
            _ => (codec, 0),
        };
        let why = "named with --encoding".to_owned();
        reasons.push(Reason { what: "encoding", chosen: codec.encoding().name().to_owned(), why });
        return Ok((codec, bom));
    }
    let (codec, bom, why, doubt) = match found {
        Found::Is { codec, bom, why, doubt } => (codec, bom, why, doubt),
        Found::Unreadable { name } => {
            return Err(SniffError::Encoding { path: path.to_owned(), encoding: name });
        }
    };
    match doubt {
        None => {}
        Some(Doubt::Candidates(names)) => problems.push(FileProblem {
            code: "encoding_uncertain",
            line: None,
            detail: format!(
                "the text may be {}; {} was chosen. Look at names with accents, and say which with --encoding",
                names.join(" or "),
                names[0]
            ),
        }),
        Some(Doubt::Errors(count)) => problems.push(FileProblem {
            code: "encoding_errors",
            line: None,
            detail: format!("{count} places of the sample are not valid UTF-8: their rows fail with row_encoding"),
        }),
    }
    reasons.push(Reason { what: "encoding", chosen: codec.encoding().name().to_owned(), why });
    Ok((codec, bom))
}

/// The place of the header among the sampled records.
fn header_of(
    path: &str,
    records: &[Sampled],
    sep: Option<u8>,
    overrides: &Overrides,
    reasons: &mut Vec<Reason>,
) -> Result<usize, SniffError> {
    let (at, why) = match overrides.header_line {
        Some(line) => {
            let elsewhere = |what| SniffError::HeaderElsewhere { path: path.to_owned(), line, what };
            let at = records.iter().position(|record| record.line == line).ok_or_else(|| {
                let inside = records.iter().any(|record| record.line < line && line < record.line + record.lines);
                elsewhere(if inside {
                    "inside a record of several lines"
                } else {
                    "not among the first lines of the file"
                })
            })?;
            if records[at].blank {
                return Err(elsewhere("blank"));
            }
            (at, "named with --header-row".to_owned())
        }
        None => {
            let skip = usize::from(sep.is_some());
            match layout::find_header(&records[skip.min(records.len())..]) {
                Layout::Header { at, why } => (at + skip, why),
                Layout::NoHeader { at, why } => {
                    let line = records[at + skip].line;
                    return Err(SniffError::NoHeader { path: path.to_owned(), line, why });
                }
                Layout::Nothing => {
                    let why = if records.is_empty() {
                        format!("its first line is longer than {} KiB", HEAD_BYTES >> 10)
                    } else {
                        "the lines at its beginning are blank".to_owned()
                    };
                    return Err(SniffError::NoHeader { path: path.to_owned(), line: 1, why });
                }
            }
        }
    };
    reasons.push(Reason { what: "header_row", chosen: records[at].line.to_string(), why });
    Ok(at)
}

/// What the sampled head says about the table as a whole.
fn table_problems(records: &[Sampled], header: usize, width: usize) -> Vec<FileProblem> {
    let mut problems = Vec::new();
    if let Some(other) = layout::other_table(records, header) {
        problems.push(FileProblem {
            code: "several_tables",
            line: Some(other.line),
            detail: format!(
                "another table of {} columns begins at line {}: only the one with the header at line {} is read. Split the file",
                other.cells, other.line, records[header].line
            ),
        });
    }
    let names: Vec<&str> = records[header].cells[..width].iter().map(|cell| cell.trim()).collect();
    for (place, name) in names.iter().enumerate() {
        if name.is_empty() {
            problems.push(FileProblem {
                code: "header_blank",
                line: Some(records[header].line),
                detail: format!("column {} has no name: it is called \"column {}\"", place + 1, place + 1),
            });
        } else if names[..place].contains(name) {
            problems.push(FileProblem {
                code: "header_duplicate",
                line: Some(records[header].line),
                detail: format!("column {} repeats the name {name:?}: it is numbered", place + 1),
            });
        }
    }
    let repeated = records[header + 1..].iter().find(|record| width > 1 && record.cells == records[header].cells);
    if let Some(record) = repeated {
        problems.push(FileProblem {
            code: "header_repeated",
            line: Some(record.line),
            detail: "the header row comes again: such lines are counted as header, not as records".to_owned(),
        });
    }
    problems
}

/// What the sampled records say.
fn row_problems(sample: &RowBatch, dialect: &Dialect) -> Vec<FileProblem> {
    let mut problems = Vec::new();
    let mut first = |code: &'static str, test: &dyn Fn(&Shape) -> bool| {
        let mut rows = sample.iter().filter(|row| test(&row.info().shape));
        let Some(row) = rows.next() else { return };
        let count = 1 + rows.count();
        let guidance = row.info().shape.guidance(dialect.columns.len()).unwrap_or_default();
        problems.push(FileProblem {
            code,
            line: Some(row.info().line),
            detail: format!(
                "{count} of {} sampled records, first at line {}: {guidance}",
                sample.len(),
                row.info().line
            ),
        });
    };
    first("row_short", &|shape| matches!(shape, Shape::Short(_)));
    first("row_malformed", &|shape| matches!(shape, Shape::Long(_) | Shape::Malformed(_)));
    first("row_encoding", &|shape| matches!(shape, Shape::BadEncoding { .. }));
    if sample.iter().any(|row| row.cells().any(|cell| cell.contains('\0'))) {
        problems.push(FileProblem {
            code: "nul_characters",
            line: None,
            detail: "cells hold NUL characters, which are taken out".to_owned(),
        });
    }
    problems
}

/// Other tables in the blocks after the head; their lines are not known.
fn block_problems(samples: &Samples, codec: Codec, grammar: &Grammar, dialect: &Dialect) -> Option<FileProblem> {
    samples.blocks.iter().zip(&samples.offsets).skip(1).find_map(|(block, offset)| {
        let start = codec.next_line_end(block, 0)?;
        let mut text = Vec::new();
        codec.decode(&block[start..], &mut text);
        let mut records = table::cut(grammar, &String::from_utf8_lossy(&text), false, usize::MAX);
        let own = Sampled { line: 0, lines: 1, cells: dialect.columns.clone(), blank: false, flawed: false, ending: None };
        records.insert(0, own);
        let other = layout::other_table(&records, 0)?;
        let detail = format!(
            "another table of {} columns begins near byte {offset}: only the one with the header at line {} is read. Split the file",
            other.cells, dialect.header_line
        );
        Some(FileProblem { code: "several_tables", line: None, detail })
    })
}

/// `sep=;` on the first line, as spreadsheets write it.
fn sep_line(head: &str) -> Option<u8> {
    let line = head.split(['\n', '\r']).next()?.trim_matches(['"', ' ']);
    // A tab or a space may be what is named: only quotes and the line end are no part of it.
    let raw = head.split(['\n', '\r']).next()?.trim_matches('"');
    let named = raw.get(..4).filter(|start| start.eq_ignore_ascii_case("sep=")).map(|_| &raw[4..])?;
    let named = if named.len() == 1 { named } else { line.get(4..)? };
    match named.as_bytes() {
        [byte] if byte.is_ascii() => parse_delimiter(named).ok().map(|_| *byte),
        _ => None,
    }
}

fn after_sep(head: &str, sep: Option<u8>) -> &str {
    match (sep, head.find(['\n', '\r'])) {
        (Some(_), Some(at)) => head[at..].trim_start_matches(['\n', '\r']),
        _ => head,
    }
}

/// How records end. Line breaks inside quotes are content.
fn newline_of(records: &[Sampled]) -> Newline {
    let mut endings = records.iter().filter_map(|record| record.ending);
    let first = endings.next().unwrap_or(Newline::Lf);
    if endings.all(|ending| ending == first) { first } else { Newline::Mixed }
}

/// The sampled bytes.
struct Samples {
    /// The head, then blocks further down, the tail last.
    blocks: Vec<Vec<u8>>,
    offsets: Vec<u64>,
    /// The head is the whole delivery.
    head_is_all: bool,
}

impl Samples {
    fn read(delivery: &Delivery) -> io::Result<Samples> {
        let block = |offset: u64, bytes: usize| -> io::Result<Vec<u8>> {
            let mut block = Vec::with_capacity(bytes);
            delivery.stream(offset)?.take(bytes as u64).read_to_end(&mut block)?;
            Ok(block)
        };
        // One byte more tells whether that was all.
        let mut head = block(0, HEAD_BYTES + 1)?;
        let head_is_all = head.len() <= HEAD_BYTES;
        head.truncate(HEAD_BYTES);
        let mut samples = Samples { blocks: vec![head], offsets: vec![0], head_is_all };
        let (head, size) = (HEAD_BYTES as u64, delivery.disk_bytes());
        if delivery.is_compressed() || head_is_all || size <= head {
            return Ok(samples);
        }
        let rest = size - head;
        for index in 1..=BLOCKS + 1 {
            // Even offsets keep the characters of UTF-16 whole.
            let last = size.saturating_sub(BLOCK_BYTES as u64).max(head);
            let offset = if index > BLOCKS { last } else { head + rest / (BLOCKS + 1) * index } / 2 * 2;
            if offset > last
                || samples.offsets.last().is_some_and(|&before| offset < before + BLOCK_BYTES as u64) && index <= BLOCKS
            {
                continue;
            }
            samples.blocks.push(block(offset, BLOCK_BYTES)?);
            samples.offsets.push(offset);
        }
        Ok(samples)
    }

    /// The head as text, up to its last whole line.
    fn head_text(&self, codec: Codec, bom: u8) -> String {
        let Some(head) = self.blocks.first() else { return String::new() };
        let raw = &head[usize::from(bom).min(head.len())..];
        let end = if self.head_is_all { raw.len() } else { codec.last_line_end(raw).unwrap_or(raw.len()) };
        let mut text = Vec::new();
        let mut from = 0;
        // Line by line, as reading does it.
        while from < end {
            let to = codec.next_line_end(&raw[..end], from).unwrap_or(end);
            codec.decode(&raw[from..to], &mut text);
            from = to;
        }
        String::from_utf8(text).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// The byte of the delivery at which a line, from 1, begins; the end of the head where it has fewer lines.
    fn line_offset(&self, codec: Codec, bom: u8, line: u64) -> u64 {
        let Some(head) = self.blocks.first() else { return 0 };
        let unit = codec.unit();
        let mut at = usize::from(bom).min(head.len());
        for _ in 1..line {
            let Some(mut next) = codec.next_line_end(head, at) else { return head.len() as u64 };
            if codec.is_at(head, next - unit, b'\r') && codec.is_at(head, next, b'\n') {
                next += unit;
            }
            at = next;
        }
        at as u64
    }

    /// Records of the head, and of the blocks after it.
    fn rows(&self, delivery: &Delivery, dialect: &Dialect) -> Result<(RowBatch, RowBatch), ReadError> {
        let mut sample = RowBatch::new();
        RecordReader::new(delivery, dialect)?.read_batch(&mut sample, SAMPLE_ROWS)?;
        let mut spread = RowBatch::new();
        let Some(codec) = Codec::of(dialect.encoding.name()) else { return Ok((sample, spread)) };
        let mut batch = RowBatch::new();
        for (block, offset) in self.blocks.iter().zip(&self.offsets).skip(1) {
            let Some(start) = codec.next_line_end(block, 0) else { continue };
            let position = Position { offset: offset + start as u64, line: 1, row: 0, tally: Default::default() };
            let end = offset + block.len() as u64;
            let mut reader = RecordReader::resume(delivery, dialect, position)?;
            while reader.position().offset < end && reader.read_batch(&mut batch, 100)? > 0 {
                // A block may begin inside a quoted cell: what does not fit the header says nothing.
                batch.iter().filter(|row| row.info().shape == Shape::Normal).for_each(|row| spread.copy(row));
            }
        }
        Ok((sample, spread))
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
