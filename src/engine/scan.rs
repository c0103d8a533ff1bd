//! One pass over a landed delivery before its run starts, for the things that can hold back a start: the order of
//! dates, the share of short rows, rows that nothing identifies (field rules, Date).

use super::pipeline::in_order;
use super::read::{ReadError, RecordReader};
use super::rows::{RowBatch, Shape};
use crate::domain::field::{Catalog, FieldId, Kind};
use crate::domain::intake::{Intake, Text};
use crate::domain::plan::Plan;
use crate::domain::values::date::{OrderEvidence, order_evidence};
use std::ops::ControlFlow;

/// Rows a batch: enough that the hand-over between threads costs nothing.
const BATCH_ROWS: usize = 4_096;

/// A row that proves something, with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// From 1.
    pub row: u64,
    pub value: String,
}

/// What the values of a date column say about the order of day and month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateOrders {
    /// The first value that only day-first explains, and how many there are.
    pub only_day_first: Option<Proof>,
    pub day_first_count: u64,
    /// The first value that only month-first explains.
    pub only_month_first: Option<Proof>,
    /// Values that both explain.
    pub either_count: u64,
}

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    pub rows: u64,
    /// Of the whole delivery, after decompression.
    pub bytes: u64,
    pub short_rows: u64,
    pub first_short_row: Option<u64>,
    /// Rows with no Contact ID, no reference and no key in use: every run would create them again.
    pub unidentified_rows: u64,
    pub first_unidentified_row: Option<u64>,
    /// Values that have a cell and are empty, as the mapping transforms them.
    pub empty_cells: u64,
    /// Per value that a row has: its field, and how often it is not empty.
    pub filled: Vec<(FieldId, u64)>,
    /// Per column: what its dates say, as the mapping transforms them; of columns that are no dates nothing. Those of
    /// joined columns are said of the one that decides their order.
    pub dates: Vec<DateOrders>,
}

/// Scans the delivery as the plan maps it.
pub fn scan(mut reader: RecordReader, plan: &Plan, catalog: &Catalog, threads: usize) -> Result<Scan, ReadError> {
    let identifying = plan.duplicates.identifying_fields(catalog);
    let looked_for = |intake: Intake| Looked {
        is_date: matches!(intake.field.kind, Kind::Date | Kind::DateTime),
        identifies: identifying.contains(&intake.field.id),
        intake,
    };
    let looked: Vec<Looked> = Intake::all(&plan.mapping, catalog, &plan.people).into_iter().map(looked_for).collect();
    let columns = plan.mapping.columns.len();
    let mut bytes = 0;
    let source = || -> Result<_, ReadError> {
        let mut batch = RowBatch::new();
        let rows = reader.read_batch(&mut batch, BATCH_ROWS)?;
        bytes = reader.position().offset;
        Ok((rows > 0).then_some(batch))
    };
    let mut whole = Scan::new(&looked, columns);
    let flow = in_order(
        source,
        threads,
        || |batch: RowBatch| scan_batch(&batch, &looked, columns),
        |part| {
            whole.add(part);
            Ok(ControlFlow::<()>::Continue(()))
        },
    )?;
    debug_assert!(flow.is_continue());
    whole.bytes = bytes;
    Ok(whole)
}

/// A value that is looked for in every row.
struct Looked {
    intake: Intake,
    is_date: bool,
    /// Contact ID, reference or a key in use.
    identifies: bool,
}

fn scan_batch(batch: &RowBatch, looked: &[Looked], columns: usize) -> Scan {
    let mut part = Scan::new(looked, columns);
    let mut cells = Vec::with_capacity(columns);
    for row in batch.iter() {
        let number = row.info().row;
        part.rows += 1;
        match row.info().shape {
            Shape::Normal => {}
            Shape::Short(_) => {
                part.short_rows += 1;
                part.first_short_row.get_or_insert(number);
            }
            // Such a row fails as it stands: its cells say nothing.
            _ => continue,
        }
        cells.clear();
        cells.extend(row.cells().take(columns));
        let mut identified = false;
        for (place, Looked { intake, is_date, identifies }) in looked.iter().enumerate() {
            let taken = intake.take(&cells);
            if taken.text.is_empty() {
                part.empty_cells += u64::from(taken.is_there);
                continue;
            }
            part.filled[place].1 += 1;
            identified |= identifies;
            if let (true, Text::Whole(value)) = (is_date, &taken.text) {
                part.dates[intake.dated_by].add(number, value);
            }
        }
        if !identified {
            part.unidentified_rows += 1;
            part.first_unidentified_row.get_or_insert(number);
        }
    }
    part
}

impl DateOrders {
    fn add(&mut self, row: u64, value: &str) {
        let proof = || Proof { row, value: value.to_owned() };
        match order_evidence(value) {
            Some(OrderEvidence::OnlyDayFirst) => {
                self.day_first_count += 1;
                self.only_day_first.get_or_insert_with(proof);
            }
            Some(OrderEvidence::OnlyMonthFirst) => {
                self.only_month_first.get_or_insert_with(proof);
            }
            Some(OrderEvidence::Either) => self.either_count += 1,
            None => {}
        }
    }
}

impl Scan {
    fn new(looked: &[Looked], columns: usize) -> Scan {
        let filled = looked.iter().map(|looked| (looked.intake.field.id, 0)).collect();
        Scan { filled, dates: vec![DateOrders::default(); columns], ..Scan::default() }
    }

    /// Adds what a later part of the file said.
    fn add(&mut self, part: Scan) {
        self.rows += part.rows;
        self.empty_cells += part.empty_cells;
        self.short_rows += part.short_rows;
        self.first_short_row = self.first_short_row.or(part.first_short_row);
        self.unidentified_rows += part.unidentified_rows;
        self.first_unidentified_row = self.first_unidentified_row.or(part.first_unidentified_row);
        for (whole, part) in self.filled.iter_mut().zip(part.filled) {
            whole.1 += part.1;
        }
        for (whole, part) in self.dates.iter_mut().zip(part.dates) {
            whole.day_first_count += part.day_first_count;
            whole.either_count += part.either_count;
            whole.only_day_first = whole.only_day_first.take().or(part.only_day_first);
            whole.only_month_first = whole.only_month_first.take().or(part.only_month_first);
        }
    }
}
