//! Records as the reader hands them on: a batch of rows that shares one text.

use super::read::RECORD_MAX_BYTES;
use std::fmt;

/// How a record fits the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// As many cells as the header has names; further cells that are empty were left out.
    Normal,
    /// This many cells are missing at the end (`row_short`).
    Short(u32),
    /// This many cells too many, not all of them empty (`row_malformed`).
    Long(u32),
    /// The record cannot be told apart from what follows, or its quotes are broken (`row_malformed`).
    Malformed(Flaw),
    /// Bytes that are no text in the delivery's encoding (`row_encoding`): the first, and its line.
    BadEncoding { byte: u64, line: u64 },
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flaw {
    pub kind: FlawKind,
    /// The byte of the delivery (after decompression, before decoding), from 0.
    pub byte: u64,
    /// The line of the file, from 1.
    pub line: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlawKind {
    /// Something else than a delimiter or a line end follows a closing quote.
    TextAfterQuote,
    /// The quote opened here is still open at the end of the file.
    OpenQuote,
    /// The cell opened here holds more than 1,000 line breaks.
    TooManyBreaks,
    /// The quote opened in this record swallows whole records: it is stray.
    StrayQuote,
    /// The record is larger than [`RECORD_MAX_BYTES`].
    TooLarge,
}

impl fmt::Display for Flaw {
    /// A sentence for people: what is wrong, at which byte of which line, what to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Flaw { kind, byte, line } = self;
        match kind {
            FlawKind::TextAfterQuote => {
                write!(
                    f,
                    "text follows a closing quote at byte {byte}, line {line}: double the quotes inside the cell, or take them out"
                )
            }
            FlawKind::OpenQuote => {
                write!(
                    f,
                    "the quote at byte {byte}, line {line}, is still open at the end of the file: close it, or take it out"
                )
            }
            FlawKind::TooManyBreaks => {
                write!(
                    f,
                    "the cell that begins at byte {byte}, line {line}, holds more than 1,000 line breaks: close its quote, or take it out"
                )
            }
            FlawKind::StrayQuote => {
                write!(
                    f,
                    "the quote of the record at byte {byte}, line {line}, swallows the records after it: close it, or take it out"
                )
            }
            FlawKind::TooLarge => {
                let mib = RECORD_MAX_BYTES >> 20;
                write!(
                    f,
                    "the record at byte {byte}, line {line}, is larger than {mib} MiB: look for a quote that is not closed"
                )
            }
        }
    }
}

impl Shape {
    /// What is wrong, for people; none where the record can be read. `columns`: names in the header.
    pub fn guidance(&self, columns: usize) -> Option<String> {
        match self {
            Shape::Normal => None,
            Shape::Short(missing) => {
                let cells = columns.saturating_sub(*missing as usize);
                Some(format!(
                    "{cells} of {columns} cells: the last {missing} are absent and read as empty. Check that none is missing in the middle"
                ))
            }
            Shape::Long(extra) => {
                let cells = columns + *extra as usize;
                Some(format!(
                    "{cells} cells where the header has {columns}: put quotes around cells that hold the delimiter"
                ))
            }
            Shape::Malformed(flaw) => Some(flaw.to_string()),
            Shape::BadEncoding { byte, line } => Some(format!(
                "the byte at {byte}, line {line}, is no text in this encoding: name the right one (--encoding), or save the file as UTF-8"
            )),
        }
    }

    /// Whether the row has to fail as it stands.
    pub fn is_unreadable(&self) -> bool {
        !matches!(self, Shape::Normal | Shape::Short(_))
    }
}

/// One record's place and shape. Its cells are in the batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowInfo {
    /// The record's number, from 1.
    pub row: u64,
    /// The line of the file, from 1, on which it begins.
    pub line: u64,
    /// Its first byte in the delivery, after decompression, before decoding.
    pub offset: u64,
    /// Its bytes in the delivery, line end included.
    pub len: u64,
    pub shape: Shape,
    text_start: u32,
    first_end: u32,
    cells: u32,
}

/// Records that share one text. Made to be filled again and again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowBatch {
    text: String,
    /// Where each cell ends in the text. One byte lies between two cells of a row.
    ends: Vec<u32>,
    rows: Vec<RowInfo>,
}

impl RowBatch {
    pub fn new() -> RowBatch {
        RowBatch::default()
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.rows.clear();
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row at this place of the batch, from 0.
    pub fn get(&self, index: usize) -> Option<Row<'_>> {
        self.rows.get(index).map(|info| Row { batch: self, info })
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.rows.iter().map(|info| Row { batch: self, info })
    }

    /// Bytes of text held.
    pub(super) fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Adds a row of another batch.
    pub(super) fn copy(&mut self, row: Row<'_>) {
        let RowInfo { row: number, line, offset, len, ref shape, .. } = *row.info;
        let place = RowPlace { row: number, line, offset, len };
        let fill = |text: &mut String, ends: &mut Vec<u32>| {
            for (column, cell) in row.cells().enumerate() {
                if column > 0 {
                    text.push(',');
                }
                text.push_str(cell);
                ends.push(text.len() as u32);
            }
        };
        self.push(place, fill, |ends, _| (shape.clone(), ends.len()));
    }

    /// The last row turns out to be longer than was known.
    pub(super) fn lengthen_last(&mut self, bytes: u64) {
        if let Some(row) = self.rows.last_mut() {
            row.len += bytes;
        }
    }

    /// Adds a row: `fill` appends its cells. What it gives back is the shape and how many cells to keep.
    pub(super) fn push(
        &mut self,
        place: RowPlace,
        fill: impl FnOnce(&mut String, &mut Vec<u32>),
        shape: impl FnOnce(&[u32], &str) -> (Shape, usize),
    ) {
        let text_start = self.text.len() as u32;
        let first_end = self.ends.len();
        fill(&mut self.text, &mut self.ends);
        let (shape, keep) = shape(&self.ends[first_end..], &self.text);
        self.ends.truncate(first_end + keep);
        let cells = (self.ends.len() - first_end) as u32;
        let RowPlace { row, line, offset, len } = place;
        self.rows.push(RowInfo { row, line, offset, len, shape, text_start, first_end: first_end as u32, cells });
    }
}

/// Where a row lies in the delivery.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowPlace {
    pub row: u64,
    pub line: u64,
    pub offset: u64,
    pub len: u64,
}

/// One record of a batch.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    batch: &'a RowBatch,
    info: &'a RowInfo,
}

impl<'a> Row<'a> {
    pub fn info(&self) -> &'a RowInfo {
        self.info
    }

    /// How many cells it has: fewer than the header for a short row, more for a long one.
    pub fn len(&self) -> usize {
        self.info.cells as usize
    }

    pub fn is_empty(&self) -> bool {
        self.info.cells == 0
    }

    /// The cell of a column, from 0, as it is in the file; none where a short row lacks it.
    pub fn cell(&self, column: usize) -> Option<&'a str> {
        if column >= self.len() {
            return None;
        }
        let at = self.info.first_end as usize + column;
        let start = if column == 0 { self.info.text_start } else { self.batch.ends[at - 1] + 1 };
        Some(&self.batch.text[start as usize..self.batch.ends[at] as usize])
    }

    pub fn cells(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let row = *self;
        (0..self.len()).filter_map(move |column| row.cell(column))
    }
}
