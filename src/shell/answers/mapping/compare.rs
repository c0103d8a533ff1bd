//! The same bytes under two encodings.

use crate::app::mapping::data::{CompareWanted, Compared};
use crate::app::message::Failure;
use crate::cli::error::CliError;
use crate::domain::dialect::{Dialect, Encoding};
use crate::engine::decode::Codec;
use crate::engine::read::RecordReader;
use crate::engine::rows::{RowBatch, Shape};
use crate::shell::desk::{Desk, failure};
use crate::shell::open_files::OpenFile;
use std::collections::BTreeMap;

/// Cells that are shown.
const MOST_CELLS: usize = 200;
/// Characters of a cell that are shown.
const MOST_CHARS: usize = 200;
/// Bytes of the file that are looked through for them: the answer is to come at once.
const MOST_BYTES: u64 = 32 << 20;
/// What stands for bytes that are no text.
const REPLACEMENT: char = '\u{fffd}';

/// The first cells with non-ASCII text under one encoding or the other.
pub(in crate::shell::answers) fn compare(desk: &Desk, wanted: &CompareWanted) -> Result<Compared, Failure> {
    let file = desk.mapping.files.get(wanted.source)?;
    let [first, second] = &wanted.encodings;
    let mut sides = [Side::open(&file, first)?, Side::open(&file, second)?];
    let unit = sides[0].unit.max(sides[1].unit);
    sides.iter_mut().for_each(|side| side.unit = unit);
    let start = file.looked.inspection.dialect().data_offset;
    let mut cells = Vec::new();
    while cells.len() < MOST_CELLS {
        // Both go on to about the same byte, so that what is at one place is known of both.
        let behind = usize::from(sides[1].at() < sides[0].at());
        let other = 1 - behind;
        if sides[behind].ended && sides[other].ended || sides[behind].at() - start > MOST_BYTES {
            break;
        }
        let next = if sides[behind].ended { other } else { behind };
        sides[next].read()?;
        let upto = match (sides[0].ended, sides[1].ended) {
            (true, true) => u64::MAX,
            (true, false) => sides[1].at(),
            (false, true) => sides[0].at(),
            (false, false) => sides[0].at().min(sides[1].at()),
        };
        take(&mut sides, upto, &file, &mut cells);
    }
    cells.truncate(MOST_CELLS);
    Ok(Compared { wanted: wanted.clone(), cells })
}

/// A row with non-ASCII text: its number, and its cells; none where the bytes are no text.
type Found = (u64, Vec<Option<String>>);

/// The file under one of the encodings.
struct Side {
    reader: RecordReader,
    ended: bool,
    /// The bytes of a unit of text of either encoding: a row begins at one.
    unit: u64,
    /// By the byte at which the row begins.
    rows: BTreeMap<u64, Found>,
}

impl Side {
    fn open(file: &OpenFile, encoding: &str) -> Result<Side, Failure> {
        let unknown = || failure(format!("The encoding {encoding} is not known."), "name one such as windows-1252");
        let codec = Codec::of(encoding).ok_or_else(unknown)?;
        let encoding = Encoding::named(codec.encoding().name());
        let unit = if encoding.name().starts_with("UTF-16") { 2 } else { 1 };
        let dialect = Dialect { encoding, ..file.looked.inspection.dialect().clone() };
        let reader = RecordReader::new(&file.delivery, &dialect).map_err(CliError::from)?;
        Ok(Side { reader, ended: false, unit, rows: BTreeMap::new() })
    }

    fn at(&self) -> u64 {
        self.reader.position().offset
    }

    fn read(&mut self) -> Result<(), Failure> {
        let mut batch = RowBatch::new();
        self.ended = self.reader.read_batch(&mut batch, 1_024).map_err(CliError::from)? == 0;
        for row in batch.iter() {
            let is_bad = matches!(row.info().shape, Shape::BadEncoding { .. });
            let text = |cell: &str| {
                let is_text = !(is_bad && cell.contains(REPLACEMENT));
                is_text.then(|| cell.chars().take(MOST_CHARS).collect())
            };
            // The second byte of a line break in UTF-16 is the first of the next row to one who reads single bytes.
            let offset = row.info().offset.next_multiple_of(self.unit);
            self.rows.insert(offset, (row.info().row, row.cells().map(text).collect()));
        }
        Ok(())
    }
}

/// Takes the rows before this byte out, and of them the cells that are not plain ASCII.
fn take(sides: &mut [Side; 2], upto: u64, file: &OpenFile, cells: &mut Vec<(u64, String, [Option<String>; 2])>) {
    let columns = &file.looked.inspection.dialect().columns;
    let mut ready = sides.each_mut().map(|side| {
        let rest = side.rows.split_off(&upto);
        std::mem::replace(&mut side.rows, rest)
    });
    let [first, second] = &mut ready;
    let offsets: std::collections::BTreeSet<u64> = first.keys().chain(second.keys()).copied().collect();
    for offset in offsets {
        let (one, other) = (first.remove(&offset), second.remove(&offset));
        let row = one.as_ref().or(other.as_ref()).map_or(0, |(row, _)| *row);
        let mut one = one.map(|(_, cells)| cells).unwrap_or_default().into_iter();
        let mut other = other.map(|(_, cells)| cells).unwrap_or_default().into_iter();
        for column in columns {
            let texts = [one.next().flatten(), other.next().flatten()];
            let is_plain = texts.iter().all(|text| text.as_ref().is_some_and(|text| text.is_ascii()));
            let is_there = texts.iter().any(Option::is_some);
            if is_there && !is_plain && cells.len() < MOST_CELLS {
                cells.push((row, column.clone(), texts));
            }
        }
    }
}
