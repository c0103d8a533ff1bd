//! A delivery's records through the rules, in threads, batch by batch in the order of the file.

use super::pipeline::in_order;
use super::read::{ReadError, RecordReader};
use super::rows::{Row, RowBatch, Shape, SpareBatches};
use crate::domain::dialect::Position;
use crate::domain::field::Catalog;
use crate::domain::id::WorkspaceCode;
use crate::domain::issue::{Code, Problem};
use crate::domain::plan::Plan;
use crate::domain::rules::{self, RawRow, ReadRow, RowRules};
use std::ops::ControlFlow;

/// A row with its place in the delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedRow {
    /// From 1.
    pub row: u64,
    /// Line of the file, from 1.
    pub line: u64,
    /// Bytes of the delivery after decompression, before text decoding.
    pub offset: u64,
    pub read: ReadRow,
}

/// Reads the rest of a delivery through a plan's rules in batches of up to `batch_rows`, no row after number `last`.
/// `make_packer` is called once a thread of the rules; what it gives is handed each batch there, with the place where
/// reading goes on after it, and `sink` takes what it makes of them, in order. The batch that reached the end of the
/// file may be empty; it is handed over too, since its position counts the footer.
#[expect(clippy::too_many_arguments, reason = "all of a run comes together here")]
pub fn read_rows<E: From<ReadError> + Send, U: Send, P>(
    mut reader: RecordReader,
    plan: &Plan,
    catalog: &Catalog,
    code: &WorkspaceCode,
    threads: usize,
    batch_rows: usize,
    make_packer: impl Fn() -> P + Sync,
    mut sink: impl FnMut(U) -> Result<ControlFlow<()>, E>,
) -> Result<ControlFlow<()>, E>
where
    P: FnMut(&mut dyn Iterator<Item = PlacedRow>, Position) -> U,
{
    let columns = plan.mapping.columns.len();
    let mut left = plan.sample.map(|last| last.saturating_sub(reader.position().row));
    let mut ended = false;
    let spare = SpareBatches::default();
    let source = || {
        if ended || left == Some(0) {
            return Ok(None);
        }
        let mut batch = spare.take();
        let most = left.map_or(batch_rows, |left| batch_rows.min(left as usize));
        let rows = reader.read_batch(&mut batch, most)?;
        left = left.map(|left| left - rows as u64);
        ended = rows == 0;
        Ok(Some((batch, *reader.position())))
    };
    let work = || {
        let rules = RowRules::new(plan, catalog, code);
        let mut pack = make_packer();
        let spare = &spare;
        move |(batch, end): (RowBatch, Position)| {
            let mut cells = Vec::with_capacity(columns);
            let packed = pack(&mut batch.iter().map(|row| read_row(&rules, row, columns, &mut cells)), end);
            spare.put(batch);
            packed
        }
    };
    in_order(source, threads, work, &mut sink)
}

/// Reads a row through the rules. `columns` are those of the mapping; `cells` is room that is used again and again.
pub fn read_row<'b>(rules: &RowRules<'_>, row: Row<'b>, columns: usize, cells: &mut Vec<&'b str>) -> PlacedRow {
    let info = row.info();
    cells.clear();
    cells.extend(row.cells().take(columns));
    let shape = shape_of(&info.shape, columns);
    PlacedRow { row: info.row, line: info.line, offset: info.offset, read: rules.read(&RawRow { shape, cells }) }
}

fn shape_of(shape: &Shape, columns: usize) -> rules::Shape {
    let unreadable = |code, part_of_file_lost| rules::Shape::Unreadable {
        problem: Problem::new(code, shape.guidance(columns).unwrap_or_default()),
        part_of_file_lost,
    };
    match shape {
        Shape::Normal => rules::Shape::Whole,
        Shape::Short(_) => rules::Shape::Short,
        Shape::Long(_) => unreadable(Code::RowMalformed, false),
        Shape::Malformed(_) => unreadable(Code::RowMalformed, true),
        Shape::BadEncoding { .. } => unreadable(Code::RowEncoding, false),
    }
}
