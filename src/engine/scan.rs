//! One pass over a landed delivery before its run starts, for the things that can hold back a start: the order of
//! dates, the share of short rows, rows that nothing identifies (field rules, Date).

use super::pipeline::in_order;
use super::read::{ReadError, RecordReader};
use super::rows::{RowBatch, Shape, SpareBatches};
use crate::domain::field::{Catalog, Field, FieldId, Kind};
use crate::domain::intake::{Intake, Text};
use crate::domain::plan::Plan;
use crate::domain::values::date::{OrderEvidence, order_evidence};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows a batch: enough that the hand-over between threads costs nothing.
const BATCH_ROWS: usize = 4_096;

/// A row that proves something, with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// From 1.
    pub row: u64,
    pub value: String,
}

/// What the values of a date column say about the order of day and month, where the mapping leaves it to them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateOrders {
    /// A value that only month-first explains was found. That is the order, whatever else there is, so nothing else was
    /// counted.
    pub month_first: bool,
    /// The first value that only day-first explains, and how many there are.
    pub only_day_first: Option<Proof>,
    pub day_first_count: u64,
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
    /// Cells that the last row lacks; none where there is no row that can be read as one.
    pub last_row_lacks: Option<u32>,
    /// A quote is still open at the end.
    pub ends_in_quote: bool,
    /// Rows with no Contact ID, no reference and no key in use: every run would create them again.
    pub unidentified_rows: u64,
    pub first_unidentified_row: Option<u64>,
    /// Values that have a cell and are empty, as the mapping transforms them. Counted where the plan clears by them.
    pub empty_cells: u64,
    /// Per value that is to be counted: its field, and how often it is not empty.
    pub filled: Vec<(FieldId, u64)>,
    /// Per column: what its dates say, as the mapping transforms them; of columns that are no dates nothing. Those of
    /// joined columns are said of the first.
    pub dates: Vec<DateOrders>,
}

/// Scans the delivery as the plan maps it. `counts` says of which fields the values are counted.
pub fn scan(
    mut reader: RecordReader,
    plan: &Plan,
    catalog: &Catalog,
    counts: impl Fn(&Field) -> bool,
    threads: usize,
) -> Result<Scan, ReadError> {
    let identifying = plan.duplicates.identifying_fields(catalog);
    let looked_for = |intake: Intake| Looked {
        // Where the order is said, no value has to.
        tells_order: matches!(intake.field.kind, Kind::Date | Kind::DateTime) && intake.date_order.is_none(),
        is_settled: AtomicBool::new(false),
        identifies: identifying.contains(&intake.field.id),
        is_counted: plan.clear_empty || counts(&intake.field),
        intake,
    };
    let all = Intake::all(&plan.mapping, catalog, &plan.people).into_iter().map(looked_for);
    let looked: Vec<Looked> = all.filter(|of| of.tells_order || of.identifies || of.is_counted).collect();
    let columns = plan.mapping.columns.len();
    let mut bytes = 0;
    let spare = SpareBatches::default();
    let source = || -> Result<_, ReadError> {
        let mut batch = spare.take();
        let rows = reader.read_batch(&mut batch, BATCH_ROWS)?;
        bytes = reader.position().offset;
        Ok((rows > 0).then_some(batch))
    };
    let mut whole = Scan::new(&looked, columns);
    let work = || {
        |batch: RowBatch| {
            let part = scan_batch(&batch, &looked, columns);
            spare.put(batch);
            part
        }
    };
    let flow = in_order(source, threads, work, |part| {
        whole.add(part);
        Ok(ControlFlow::<()>::Continue(()))
    })?;
    debug_assert!(flow.is_continue());
    whole.bytes = bytes;
    whole.filled = looked.iter().zip(whole.filled).filter(|(of, _)| counts(&of.intake.field)).map(|(_, n)| n).collect();
    Ok(whole)
}

/// A value that is looked for in the rows.
struct Looked {
    intake: Intake,
    /// Its dates decide their order.
    tells_order: bool,
    /// They have decided it: a worker found a value that only month-first explains.
    is_settled: AtomicBool,
    /// Contact ID, reference or a key in use.
    identifies: bool,
    /// How often it is empty, or is not, is asked for.
    is_counted: bool,
}

fn scan_batch(batch: &RowBatch, looked: &[Looked], columns: usize) -> Scan {
    let mut part = Scan::new(looked, columns);
    let mut cells = Vec::with_capacity(columns);
    for row in batch.iter() {
        let number = row.info().row;
        part.rows += 1;
        match row.info().shape {
            Shape::Normal => part.last_row_lacks = Some(0),
            Shape::Short(missing) => {
                part.last_row_lacks = Some(missing);
                part.short_rows += 1;
                part.first_short_row.get_or_insert(number);
            }
            // Such a row fails as it stands: its cells say nothing.
            ref shape => {
                part.last_row_lacks = None;
                part.ends_in_quote |= shape.is_open_quote();
                continue;
            }
        }
        cells.clear();
        cells.extend(row.cells().take(columns));
        let mut identified = false;
        for (place, of) in looked.iter().enumerate() {
            let asks_order = of.tells_order && !of.is_settled.load(Ordering::Relaxed);
            if !asks_order && !of.is_counted && (identified || !of.identifies) {
                continue;
            }
            if !asks_order && of.intake.is_plainly_there(&cells) {
                part.filled[place].1 += 1;
                identified |= of.identifies;
                continue;
            }
            let taken = of.intake.take(&cells);
            if taken.text.is_empty() {
                part.empty_cells += u64::from(taken.is_there);
                continue;
            }
            part.filled[place].1 += 1;
            identified |= of.identifies;
            if let (true, Text::Whole(value)) = (asks_order, &taken.text) {
                part.dates[of.intake.dated_by].add(number, value, &of.is_settled);
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
    fn add(&mut self, row: u64, value: &str, is_settled: &AtomicBool) {
        match order_evidence(value) {
            Some(OrderEvidence::OnlyDayFirst) => {
                self.day_first_count += 1;
                self.only_day_first.get_or_insert_with(|| Proof { row, value: value.to_owned() });
            }
            Some(OrderEvidence::OnlyMonthFirst) => {
                self.month_first = true;
                is_settled.store(true, Ordering::Relaxed);
            }
            Some(OrderEvidence::Either) => self.either_count += 1,
            None => {}
        }
    }

    /// Adds what a later part of the file said.
    fn merge(&mut self, later: DateOrders) {
        if self.month_first || later.month_first {
            *self = DateOrders { month_first: true, ..DateOrders::default() };
            return;
        }
        self.day_first_count += later.day_first_count;
        self.either_count += later.either_count;
        self.only_day_first = self.only_day_first.take().or(later.only_day_first);
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
        self.last_row_lacks = part.last_row_lacks;
        self.ends_in_quote |= part.ends_in_quote;
        self.unidentified_rows += part.unidentified_rows;
        self.first_unidentified_row = self.first_unidentified_row.or(part.first_unidentified_row);
        for (whole, part) in self.filled.iter_mut().zip(part.filled) {
            whole.1 += part.1;
        }
        for (whole, part) in self.dates.iter_mut().zip(part.dates) {
            whole.merge(part);
        }
    }
}
