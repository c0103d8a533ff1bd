//! Records as the reader hands them on: a batch of rows that shares one text.

use super::read::RECORD_MAX_BYTES;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

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

    /// Whether a quote of it is still open at the end of the file.
    pub fn is_open_quote(&self) -> bool {
        matches!(self, Shape::Malformed(Flaw { kind: FlawKind::OpenQuote, .. }))
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
    first_cell: u32,
    cells: u32,
}

/// Where a cell lies in the text of its batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub start: u32,
    pub end: u32,
}

/// Records that share one text. Made to be filled again and again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowBatch {
    text: String,
    cells: Vec<Span>,
    rows: Vec<RowInfo>,
    /// Room that is used again and again; empty between two rows.
    ends: Vec<u32>,
}

impl RowBatch {
    pub fn new() -> RowBatch {
        RowBatch::default()
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
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

    fn at(&self, span: Span) -> &str {
        &self.text[span.start as usize..span.end as usize]
    }

    /// Bytes of text held.
    pub(super) fn text_bytes(&self) -> usize {
        self.text.len()
    }

    /// Adds a row of another batch.
    pub(super) fn copy(&mut self, row: Row<'_>) {
        let RowInfo { row: number, line, offset, len, ref shape, .. } = *row.info;
        let place = RowPlace { row: number, line, offset, len };
        for cell in row.cells() {
            let start = self.text.len() as u32;
            self.text.push_str(cell);
            self.cells.push(Span { start, end: self.text.len() as u32 });
        }
        self.finish_row(place, row.len(), |_, _| (shape.clone(), row.len()));
    }

    /// The last row turns out to be longer than was known.
    pub(super) fn lengthen_last(&mut self, bytes: u64) {
        if let Some(row) = self.rows.last_mut() {
            row.len += bytes;
        }
    }

    /// Adds a row: `fill` appends its cells with one byte between two, and where each ends. `shape` is told their places
    /// and the text; what it gives back is the shape and how many cells to keep.
    pub(super) fn push(
        &mut self,
        place: RowPlace,
        fill: impl FnOnce(&mut String, &mut Vec<u32>),
        shape: impl FnOnce(&[Span], &str) -> (Shape, usize),
    ) {
        let mut start = self.text.len() as u32;
        fill(&mut self.text, &mut self.ends);
        let cells = self.ends.len();
        for end in self.ends.drain(..) {
            self.cells.push(Span { start, end });
            start = end + 1;
        }
        self.finish_row(place, cells, shape);
    }

    /// The places of cells, for those of a record to be appended, and where in the text its own text will begin.
    pub(super) fn room(&mut self) -> (&mut Vec<Span>, u32) {
        let base = self.text.len() as u32;
        (&mut self.cells, base)
    }

    /// Takes the places of a record's cells back, which came after the first `cells`.
    pub(super) fn take_back(&mut self, cells: usize) {
        self.cells.truncate(cells);
    }

    /// Adds a row whose last `cells` places are in their [`RowBatch::room`], and lie in this text.
    pub(super) fn push_whole(
        &mut self,
        place: RowPlace,
        record: &str,
        cells: usize,
        shape: impl FnOnce(&[Span], &str) -> (Shape, usize),
    ) {
        self.text.push_str(record);
        self.finish_row(place, cells, shape);
    }

    fn finish_row(&mut self, place: RowPlace, cells: usize, shape: impl FnOnce(&[Span], &str) -> (Shape, usize)) {
        let first_cell = self.cells.len() - cells;
        let (shape, keep) = shape(&self.cells[first_cell..], &self.text);
        self.cells.truncate(first_cell + keep);
        let RowPlace { row, line, offset, len } = place;
        let (first_cell, cells) = (first_cell as u32, keep as u32);
        self.rows.push(RowInfo { row, line, offset, len, shape, first_cell, cells });
    }
}

/// Text of a batch, in bytes, beyond which its memory is given back.
const KEPT_BYTES: usize = 4 << 20;

/// Batches that were worked on, to be filled again: what one thread makes and another one frees costs both, and the
/// system clears every page anew.
#[derive(Debug, Default)]
pub struct SpareBatches(Mutex<Vec<RowBatch>>);

impl SpareBatches {
    /// One to fill.
    pub fn take(&self) -> RowBatch {
        self.batches().pop().unwrap_or_default()
    }

    /// Gives one back. The memory of one that held a huge row is not kept.
    pub fn put(&self, batch: RowBatch) {
        if batch.text.capacity() <= KEPT_BYTES {
            self.batches().push(batch);
        }
    }

    fn batches(&self) -> MutexGuard<'_, Vec<RowBatch>> {
        // A panic elsewhere leaves a list of batches what it is.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
        Some(self.batch.at(self.batch.cells[self.info.first_cell as usize + column]))
    }

    pub fn cells(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let batch = self.batch;
        let first = self.info.first_cell as usize;
        batch.cells[first..first + self.len()].iter().map(|&span| batch.at(span))
    }
}
