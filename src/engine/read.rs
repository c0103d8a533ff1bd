//! The streaming reader: a delivery in, batches of records out, every byte accounted for.
//!
//! What a place in the delivery is (a record, a blank line, the footer) is decided by the text from there on alone,
//! never by how the bytes came in or by what was read before. So reading can stop between any two records and go on
//! later with the same result.

use super::decode::Codec;
use super::footer::{FOOTER_MAX_BYTES, is_footer};
use super::grammar::{Grammar, MAX_LINE_BREAKS, QuoteFlawKind, Scan, count_breaks, line_end};
use super::open::{Delivery, OpenError};
use super::rows::{Flaw, FlawKind, RowBatch, RowPlace, Shape, Span};
use super::window::Window;
use crate::domain::dialect::{Dialect, Position, column_names};
use std::io;

/// A record is no larger than this, in bytes of text.
pub const RECORD_MAX_BYTES: usize = 16 << 20;
/// A batch is handed on when its text is this large, whatever its rows.
const BATCH_TEXT_BYTES: usize = 1 << 20;
/// A record that is longer is taken piece by piece, whatever is in it.
const PLAIN_BYTES: usize = 64 << 10;
/// How much of a malformed record is kept as its cells.
const SHOWN_BYTES: usize = 64 << 10;
/// How far after a candidate line the lines that speak for it are looked at.
const LOOKAHEAD_BYTES: usize = 64 << 10;
/// How many lines may speak for a candidate.
const LOOKAHEAD_LINES: usize = 5;
/// How many lines of a malformed record are looked at for the next good one.
const RESYNC_LINES: usize = MAX_LINE_BREAKS as usize;

/// Why reading stopped. Nothing that a record can be guilty of is here: that is its [`Shape`].
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("{path}: reading stopped at byte {offset}: {source}")]
    Io { path: String, offset: u64, source: io::Error },
    #[error("{path}: the encoding {encoding} cannot be read. Name another with --encoding, or save the file as UTF-8")]
    Encoding { path: String, encoding: String },
}

impl ReadError {
    /// The stable code for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            ReadError::Open(error) => error.code(),
            ReadError::Io { .. } => "file_unreadable",
            ReadError::Encoding { .. } => "encoding_unknown",
        }
    }
}

/// What begins at a place in the text: its kind, and its bytes and lines there.
struct Piece {
    kind: PieceKind,
    /// Bytes of text before the line end, and with it.
    end: usize,
    next: usize,
    lines: u64,
}

enum PieceKind {
    Blank,
    Footer,
    Record(Option<Flaw>),
}

/// Reads the records of a delivery in order.
pub struct RecordReader {
    path: String,
    grammar: Grammar,
    columns: Vec<String>,
    /// How a line that repeats the header begins, blanks and quotes aside.
    header_start: Vec<u8>,
    utf8: bool,
    window: Window,
    position: Position,
}

impl RecordReader {
    /// A reader that begins after the header.
    pub fn new(delivery: &Delivery, dialect: &Dialect) -> Result<RecordReader, ReadError> {
        RecordReader::resume(delivery, dialect, dialect.start())
    }

    /// A reader that goes on where another one's [`RecordReader::position`] was.
    pub fn resume(delivery: &Delivery, dialect: &Dialect, position: Position) -> Result<RecordReader, ReadError> {
        let path = delivery.path().display().to_string();
        let Some(codec) = Codec::of(dialect.encoding.name()) else {
            return Err(ReadError::Encoding { path, encoding: dialect.encoding.name().to_owned() });
        };
        let stream = delivery.stream(position.offset).map_err(|source| ReadError::Io {
            path: path.clone(),
            offset: position.offset,
            source,
        })?;
        Ok(RecordReader {
            path,
            grammar: Grammar::from(dialect),
            columns: dialect.columns.clone(),
            header_start: header_start(dialect),
            utf8: codec == Codec::Utf8,
            window: Window::new(stream, codec, position.offset),
            position,
        })
    }

    /// The place after the last record handed out, where another reader can go on. At the end its tally accounts for
    /// every byte of the delivery.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// Clears the batch and fills it with up to `max_rows` records; fewer when they are large. 0 is the end of the
    /// delivery: only then the tally holds the footer too.
    pub fn read_batch(&mut self, batch: &mut RowBatch, max_rows: usize) -> Result<usize, ReadError> {
        batch.clear();
        while has_room(batch, max_rows) {
            self.take_plain(batch, max_rows);
            if !has_room(batch, max_rows) || !self.step(batch).map_err(|source| self.io_error(source))? {
                break;
            }
        }
        Ok(batch.len())
    }

    /// Takes the records that the text here begins with, as long as each is plain and more text follows than a footer
    /// may have. [`RecordReader::step`] would take the same, piece by piece and at a greater cost.
    fn take_plain(&mut self, batch: &mut RowBatch, max_rows: usize) {
        let text = self.window.text();
        let mut at = 0;
        let mut position = self.position;
        while has_room(batch, max_rows) && text.len() - at > FOOTER_MAX_BYTES {
            let (room, base) = batch.room();
            let first = room.len();
            let here = &text[at..text.len().min(at + PLAIN_BYTES)];
            let Some(plain) = self.grammar.read_plain(here, base, room) else {
                batch.take_back(first);
                break;
            };
            let cells = room.len() - first;
            let (record, next) = (&here[..plain.end], at + plain.next);
            let is_odd = self.repeats_header(record) || !self.utf8 && self.window.bad_before(next).is_some();
            let Some(record) = std::str::from_utf8(record).ok().filter(|_| !is_odd) else {
                batch.take_back(first);
                break;
            };
            let after = self.window.raw_at(next);
            let (bytes, lines) = (after - position.offset, u64::from(plain.breaks) + 1);
            position.row += 1;
            position.tally.records.add(bytes, lines);
            let place = RowPlace { row: position.row, line: position.line, offset: position.offset, len: bytes };
            batch.push_whole(place, record, cells, |cells, text| self.shape(cells, text));
            (position.offset, at) = (after, next);
            position.line += lines;
        }
        self.window.consume(at);
        self.position = position;
    }

    fn io_error(&self, source: io::Error) -> ReadError {
        ReadError::Io { path: self.path.clone(), offset: self.position.offset, source }
    }

    /// Takes the next piece of the delivery; false at its end.
    fn step(&mut self, batch: &mut RowBatch) -> io::Result<bool> {
        // One byte more than a footer may have: then it can be told whether the end is in sight.
        self.window.ensure(FOOTER_MAX_BYTES + 1)?;
        if self.window.text().is_empty() {
            return Ok(false);
        }
        let piece = self.piece()?;
        let offset = self.position.offset;
        let after = self.window.raw_at(piece.next);
        let bytes = after - offset;
        match piece.kind {
            PieceKind::Blank => self.position.tally.blank.add(bytes, piece.lines),
            PieceKind::Footer => self.position.tally.footer.add(bytes, piece.lines),
            PieceKind::Record(None) if self.repeats_header(&self.window.text()[..piece.end]) => {
                self.position.tally.header.add(bytes, piece.lines);
            }
            PieceKind::Record(flaw) => {
                self.position.row += 1;
                self.position.tally.records.add(bytes, piece.lines);
                let place = RowPlace { row: self.position.row, line: self.position.line, offset, len: bytes };
                self.push(batch, place, piece.end, flaw);
                if flaw.is_some_and(|flaw| flaw.kind == FlawKind::TooLarge) {
                    let ends_line = matches!(self.window.text()[piece.next - 1], b'\n' | b'\r');
                    self.take(piece.next, after, piece.lines);
                    self.skip_to_record(batch, ends_line)?;
                    return Ok(true);
                }
            }
        }
        self.take(piece.next, after, piece.lines);
        Ok(true)
    }

    /// Moves on by `bytes` of text, to this byte of the delivery.
    fn take(&mut self, bytes: usize, offset: u64, lines: u64) {
        self.window.consume(bytes);
        self.position.offset = offset;
        self.position.line += lines;
    }

    /// Lets go of everything before a record whose place is known.
    pub(super) fn forward_to(&mut self, place: &Position) -> Result<(), ReadError> {
        while self.position.offset < place.offset {
            self.window.ensure(LOOKAHEAD_BYTES).map_err(|source| self.io_error(source))?;
            let text = self.window.text();
            if text.is_empty() {
                break;
            }
            let next = line_end(text, 0, true).map_or(text.len(), |(_, next)| next);
            let after = self.window.raw_at(next);
            self.take(next, after, 0);
        }
        self.position = Position { offset: self.position.offset, ..*place };
        Ok(())
    }

    /// Tells what the text begins with.
    fn piece(&mut self) -> io::Result<Piece> {
        let columns = self.columns.len();
        if self.window.is_whole() && is_footer(&self.grammar, self.window.text(), columns) {
            let text = self.window.text();
            return Ok(Piece { kind: PieceKind::Footer, end: text.len(), next: text.len(), lines: lines_of(text) });
        }
        // Most lines hold no quote: their first line end is their end.
        loop {
            let (text, whole) = (self.window.text(), self.window.is_whole());
            let Some((end, next)) = line_end(text, 0, whole) else {
                if text.len() > RECORD_MAX_BYTES {
                    return Ok(self.too_large());
                }
                self.window.fill()?;
                continue;
            };
            if next > RECORD_MAX_BYTES {
                return Ok(self.too_large());
            }
            let line = &text[..end];
            if self.grammar.is_blank(line) {
                return Ok(Piece { kind: PieceKind::Blank, end, next, lines: 1 });
            }
            let quoted = self.grammar.quote.is_some_and(|quote| memchr::memchr(quote, line).is_some());
            if !quoted {
                return Ok(Piece { kind: PieceKind::Record(None), end, next, lines: 1 });
            }
            return self.quoted_piece();
        }
    }

    /// A record with quotes in it.
    fn quoted_piece(&mut self) -> io::Result<Piece> {
        let mut limit_breaks = true;
        loop {
            let too_much = self.window.text().len() > RECORD_MAX_BYTES;
            let text = &self.window.text()[..self.window.text().len().min(RECORD_MAX_BYTES)];
            let whole = self.window.is_whole() && !too_much;
            match self.grammar.scan(text, whole, limit_breaks) {
                Scan::More if too_much => return Ok(self.too_large()),
                Scan::More => self.window.fill()?,
                Scan::Open { at, breaks_before, at_end_of_file } => {
                    let kind = if at_end_of_file { FlawKind::OpenQuote } else { FlawKind::TooManyBreaks };
                    let flaw = self.flaw(kind, at, breaks_before);
                    let length = if at_end_of_file { text.len() } else { lines_length(text, RESYNC_LINES) };
                    if limit_breaks && let Some(piece) = self.resync(flaw, length, false)? {
                        return Ok(piece);
                    }
                    if at_end_of_file || !limit_breaks {
                        let text = self.window.text();
                        let lines = lines_of(text);
                        return Ok(Piece {
                            kind: PieceKind::Record(Some(flaw)),
                            end: text.len(),
                            next: text.len(),
                            lines,
                        });
                    }
                    limit_breaks = false;
                }
                Scan::Record(extent) => {
                    let flaw = extent.flaw.map(|flaw| {
                        let kind = match flaw.kind {
                            QuoteFlawKind::TextAfterQuote => FlawKind::TextAfterQuote,
                            QuoteFlawKind::TooManyBreaks => FlawKind::TooManyBreaks,
                        };
                        self.flaw(kind, flaw.at, flaw.breaks_before)
                    });
                    if extent.breaks > 0 && limit_breaks {
                        let stray = self.flaw(FlawKind::StrayQuote, 0, 0);
                        let suspect = flaw.is_some() || self.swallows_records(&text[..extent.end], extent.cells);
                        if suspect
                            && let Some(piece) = self.resync(flaw.unwrap_or(stray), extent.next, flaw.is_none())?
                        {
                            return Ok(piece);
                        }
                    }
                    let lines = u64::from(extent.breaks) + 1;
                    return Ok(Piece { kind: PieceKind::Record(flaw), end: extent.end, next: extent.next, lines });
                }
            }
        }
    }

    fn flaw(&self, kind: FlawKind, at: usize, breaks_before: u32) -> Flaw {
        Flaw { kind, byte: self.window.raw_at(at), line: self.position.line + u64::from(breaks_before) }
    }

    /// Whether every line inside a record with whole quotes looks like a record of its own: then the quotes belong to
    /// two different records, and those between would be lost in one cell. The fewer columns, the more likely is it
    /// that a note has as many commas as the file has, so more is asked for.
    fn swallows_records(&self, record: &[u8], cells: u32) -> bool {
        let columns = self.columns.len();
        let fits = cells as usize == columns;
        if columns < 3 || fits && columns < 5 {
            return false;
        }
        let mut inside = 0;
        let Some((_, mut at)) = line_end(record, 0, true) else { return false };
        while let Some((end, next)) = line_end(record, at, true) {
            if next == end {
                break;
            }
            if !self.grammar.is_blank(&record[at..end]) {
                if !self.grammar.is_clean(&record[at..end], columns) {
                    return false;
                }
                inside += 1;
            }
            at = next;
        }
        inside >= 2
    }

    /// Finds the line inside a malformed record of `length` bytes of text at which good records begin again, so that a
    /// stray quote costs one row and not thousands: the first that is by itself a whole record of the header's length,
    /// if at least half of the lines after it are too.
    fn resync(&mut self, flaw: Flaw, length: usize, only_second_line: bool) -> io::Result<Option<Piece>> {
        self.window.ensure(length + LOOKAHEAD_BYTES)?;
        let text = self.window.text();
        let mut at = 0;
        for lines in 1..=RESYNC_LINES {
            let Some((end, next)) = line_end(text, at, true) else { return Ok(None) };
            if next >= length {
                return Ok(None);
            }
            at = next;
            if self.speaks_for_record(text, at) {
                let piece = Piece { kind: PieceKind::Record(Some(flaw)), end, next, lines: lines as u64 };
                return Ok(Some(piece));
            }
            if only_second_line {
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Whether good records begin at this line start.
    fn speaks_for_record(&self, text: &[u8], at: usize) -> bool {
        let columns = self.columns.len();
        let ahead = &text[at..text.len().min(at + LOOKAHEAD_BYTES)];
        // What is cut off by the end of the look ahead says nothing.
        let mut lines = Vec::with_capacity(LOOKAHEAD_LINES + 1);
        let mut from = 0;
        while lines.len() <= LOOKAHEAD_LINES && from < ahead.len() {
            let Some((end, next)) = line_end(ahead, from, true) else { break };
            if next == end && at + end < text.len() {
                break;
            }
            lines.push(&ahead[from..end]);
            from = next;
        }
        let Some((first, others)) = lines.split_first() else { return false };
        if !self.grammar.is_clean(first, columns) {
            return false;
        }
        let others: Vec<_> = others.iter().filter(|line| !self.grammar.is_blank(line)).collect();
        let clean = others.iter().filter(|line| self.grammar.is_clean(line, columns)).count();
        clean * 2 >= others.len()
    }

    /// The record that is larger than any may be, as far as it is taken at once.
    fn too_large(&self) -> Piece {
        let text = &self.window.text()[..RECORD_MAX_BYTES];
        // Up to the start of a line or of a character, so that what follows can be told.
        let cut = memchr::memrchr2(b'\n', b'\r', &text[..text.len() - 1]).map_or_else(
            || {
                let boundary = text.iter().rposition(|&b| b & 0xC0 != 0x80).unwrap_or(text.len());
                boundary.max(1)
            },
            |at| if text[at] == b'\r' && text[at + 1] == b'\n' { at + 2 } else { at + 1 },
        );
        let lines = u64::from(count_breaks(&text[..cut]));
        let flaw = self.flaw(FlawKind::TooLarge, 0, 0);
        Piece { kind: PieceKind::Record(Some(flaw)), end: cut, next: cut, lines }
    }

    /// Adds to the too large record just taken whatever lies before the next line at which good records begin.
    /// Where the part taken ended within a line, the rest of that line belongs to it.
    fn skip_to_record(&mut self, batch: &mut RowBatch, mut at_line_start: bool) -> io::Result<()> {
        loop {
            self.window.ensure(LOOKAHEAD_BYTES * 2)?;
            let (text, whole) = (self.window.text(), self.window.is_whole());
            if text.is_empty() || at_line_start && self.speaks_for_record(text, 0) {
                return Ok(());
            }
            let (next, lines) = match line_end(text, 0, whole) {
                Some((end, next)) => {
                    at_line_start = next > end;
                    (next, 1)
                }
                None => {
                    at_line_start = false;
                    let half = text.len() / 2;
                    let cut = text[..half].iter().rposition(|&b| b & 0xC0 != 0x80).unwrap_or(half).max(1);
                    (cut, 0)
                }
            };
            let after = self.window.raw_at(next);
            let bytes = after - self.position.offset;
            self.take(next, after, lines);
            self.position.tally.records.add(bytes, lines);
            batch.lengthen_last(bytes);
        }
    }

    /// Whether the record that ends here repeats the header cell for cell, as joined exports do.
    fn repeats_header(&self, record: &[u8]) -> bool {
        if self.columns.len() < 2 {
            return false;
        }
        // Joined files bring their byte order marks along.
        let record = record.strip_prefix("\u{feff}".as_bytes()).unwrap_or(record);
        // Cheap for nearly every record: its first cell begins otherwise than the first name.
        let start = record.iter().position(|&b| b != b' ' && Some(b) != self.grammar.quote).unwrap_or(0);
        if !record[start..].starts_with(&self.header_start) {
            return false;
        }
        let Ok(text) = std::str::from_utf8(record) else { return false };
        let (mut joined, mut ends) = (String::new(), Vec::new());
        self.grammar.split(text, &mut joined, &mut ends);
        let mut start = 0;
        let mut cells = Vec::with_capacity(ends.len());
        for end in ends {
            cells.push(&joined[start..end as usize]);
            start = end as usize + 1;
        }
        while cells.len() > self.columns.len() && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        cells.len() == self.columns.len() && column_names(&cells) == self.columns
    }

    /// Hands a record on.
    fn push(&self, batch: &mut RowBatch, place: RowPlace, end: usize, flaw: Option<Flaw>) {
        let mut record = &self.window.text()[..end];
        if flaw.is_some() && record.len() > SHOWN_BYTES {
            let cut = record[..SHOWN_BYTES].iter().rposition(|&b| b & 0xC0 != 0x80).unwrap_or(SHOWN_BYTES);
            record = &record[..cut];
        }
        let (text, invalid) = match std::str::from_utf8(record) {
            Ok(text) => (std::borrow::Cow::Borrowed(text), None),
            Err(error) => (String::from_utf8_lossy(record), Some(error.valid_up_to())),
        };
        let bad = if self.utf8 {
            invalid.map(|at| (place.offset + at as u64, place.line + u64::from(count_breaks(&record[..at]))))
        } else {
            self.window.bad_before(end).map(|byte| (byte, place.line))
        };
        batch.push(
            place,
            |out, ends| self.grammar.split(&text, out, ends),
            |cells, all| match (flaw, bad, self.shape(cells, all)) {
                (Some(flaw), ..) => (Shape::Malformed(flaw), cells.len()),
                (None, Some((byte, line)), (_, keep)) => (Shape::BadEncoding { byte, line }, keep),
                (None, None, shape) => shape,
            },
        );
    }

    /// How a record of these cells fits the header, and how many of them to keep: further ones that are empty are left
    /// out.
    fn shape(&self, cells: &[Span], text: &str) -> (Shape, usize) {
        let columns = self.columns.len();
        if cells.len() == columns {
            return (Shape::Normal, columns);
        }
        if cells.len() < columns {
            return (Shape::Short((columns - cells.len()) as u32), cells.len());
        }
        let is_empty = |span: &Span| {
            let cell = &text.as_bytes()[span.start as usize..span.end as usize];
            cell.iter().all(|&b| b == self.grammar.delimiter || b == b' ' || b == 0)
        };
        if columns > 0 && cells[columns..].iter().all(is_empty) {
            return (Shape::Normal, columns);
        }
        (Shape::Long((cells.len() - columns) as u32), cells.len())
    }
}

/// Whether a batch takes one more row.
fn has_room(batch: &RowBatch, max_rows: usize) -> bool {
    batch.len() < max_rows && batch.text_bytes() < BATCH_TEXT_BYTES
}

/// Bytes of the first `lines` lines, at most all.
fn lines_length(text: &[u8], lines: usize) -> usize {
    (0..lines).try_fold(0, |at, _| line_end(text, at, false).map(|(_, next)| next)).unwrap_or(text.len())
}

/// The first word of the first name, up to anything that a cell may write in another way than the name has it.
fn header_start(dialect: &Dialect) -> Vec<u8> {
    let name = dialect.columns.first().map_or("", String::as_str);
    let word = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    word.as_bytes().to_vec()
}

/// Lines of a piece of text; a last one without a line end counts.
fn lines_of(text: &[u8]) -> u64 {
    let open = text.last().is_some_and(|&b| b != b'\n' && b != b'\r');
    u64::from(count_breaks(text)) + u64::from(open)
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
