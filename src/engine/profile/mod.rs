//! What all rows of a file say about each column, read in parts: between two of them the mapping may change, and what
//! did not change keeps what was counted.
//!
//! The file is read in circles. A value whose reading changed begins where reading stands, goes on to the end of the file
//! and then, in the next circle, from its beginning to where it began; so nothing else is read again.
mod found;
mod work;

pub use found::{ColumnSeen, Finding, Problem, Profile, RowSeen};

use super::open::Delivery;
use super::pipeline::in_order;
use super::read::{ReadError, RecordReader};
use super::rows::{RowBatch, SpareBatches};
use crate::domain::dialect::Dialect;
use crate::domain::field::{Catalog, Field};
use crate::domain::id::WorkspaceCode;
use crate::domain::mapping::Column;
use crate::domain::plan::Plan;
use crate::domain::rules::RowRules;
use crate::domain::values::phone::PhoneReader;
use found::{Base, ValueSeen};
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};
use work::{Kept, Part, Task, Worker};

/// Cells a batch: enough that the hand-over between threads costs nothing, few enough to stop soon.
const BATCH_CELLS: usize = 24_000;
/// Bytes a batch, about: several of them wait between the threads.
const BATCH_BYTES: u64 = 512 << 10;

/// Copies of rows that wait to be taken.
const MOST_COPIES: usize = 200;

/// How much is kept, so that memory is bounded whatever the file.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Rows a problem.
    rows: usize,
    /// Different values a column that are counted.
    distinct: usize,
    /// Different undeclared values a column that are counted apart.
    undeclared: usize,
    /// Values a column whose verdict each worker keeps.
    cached: usize,
}

impl Limits {
    fn of(columns: usize) -> Limits {
        let share = |all: usize, least: usize, most: usize| (all / columns.max(1)).clamp(least, most);
        Limits {
            rows: share(5_000, 3, found::MOST_ROWS),
            distinct: share(1_000_000, 200, 20_000),
            undeclared: share(20_000, 20, 1_000),
            cached: share(50_000, 16, 1_024),
        }
    }
}

/// What a value is read with: with the same, its counts stay.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    field: Field,
    columns: Vec<(usize, Column)>,
    country: Option<String>,
    timezone: chrono_tz::Tz,
}

/// One value that rows have, and how far it has been counted.
struct Value {
    key: Key,
    /// Counting began after this row, whose end is at this byte.
    began: (u64, u64),
    /// It is in its second circle, which ends at the row where it began.
    wrapped: bool,
    done: bool,
    seen: ValueSeen,
}

/// Profiles one file.
pub struct Profiler {
    delivery: Delivery,
    dialect: Dialect,
    limits: Limits,
    /// None at the ends of a circle.
    reader: Option<RecordReader>,
    base: Base,
    people: Vec<String>,
    values: Vec<Value>,
    kept: Mutex<Vec<Kept>>,
    copies: Vec<(u64, RowBatch)>,
}

impl Profiler {
    pub fn new(delivery: Delivery, dialect: Dialect) -> Profiler {
        let limits = Limits::of(dialect.columns.len());
        let base = Base::new(dialect.columns.len());
        Profiler {
            delivery,
            dialect,
            limits,
            reader: None,
            base,
            people: Vec::new(),
            values: Vec::new(),
            kept: Mutex::default(),
            copies: Vec::new(),
        }
    }

    /// Reads on with the mapping of this plan, as long as `goes_on` says so or until all is read. The plan's mapping is
    /// fitted to the file, and the catalog is the plan's.
    ///
    /// # Errors
    /// When the file cannot be read on; what was found so far stays.
    pub fn advance(
        &mut self,
        plan: &Plan,
        catalog: &Catalog,
        code: &WorkspaceCode,
        threads: usize,
        goes_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), ReadError> {
        self.take_up(plan, catalog, code);
        while !self.is_done() && goes_on() {
            self.circle(plan, catalog, code, threads, goes_on)?;
        }
        Ok(())
    }

    /// Whether all rows are counted for all columns.
    pub fn is_done(&self) -> bool {
        self.base.done && self.values.iter().all(|value| value.done)
    }

    /// Copies of some of the rows that were found since the last call, each with its number: of a compressed file, in
    /// which no row can be sought. At most a few hundred.
    pub fn take_copies(&mut self) -> Vec<(u64, RowBatch)> {
        std::mem::take(&mut self.copies)
    }

    /// What was found so far.
    pub fn found(&self) -> Profile {
        let mut profile = self.base.profile(&self.limits, self.delivery.content_bytes());
        profile.is_done = self.is_done();
        if self.base.done {
            profile.bytes = self
                .values
                .iter()
                .filter(|value| !value.done)
                .map(|value| self.bytes_of(value))
                .fold(profile.bytes, u64::min);
        }
        for value in &self.values {
            let Some((place, _)) = value.key.columns.first() else { continue };
            let Some(column) = profile.columns.get_mut(*place) else { continue };
            value.seen.problems().into_iter().for_each(|problem| column.add(problem, self.limits.rows));
        }
        profile.columns.iter_mut().for_each(ColumnSeen::order);
        profile
    }

    /// Bytes that were counted of a value that is under way again.
    fn bytes_of(&self, value: &Value) -> u64 {
        let at = self.reader.as_ref().map_or(0, |reader| reader.position().offset);
        let began = value.began.1;
        if value.wrapped { self.base.bytes.saturating_sub(began) + at } else { at.saturating_sub(began) }
    }

    /// Keeps what is read as before, and begins anew with what is not.
    fn take_up(&mut self, plan: &Plan, catalog: &Catalog, code: &WorkspaceCode) {
        let phones = self.take_kept().map(|kept| kept.phones).unwrap_or_else(PhoneReader::new);
        let rules = RowRules::with_phones(plan, catalog, code, phones);
        let keys: Vec<Key> = rules
            .values()
            .map(|value| Key {
                field: value.field.clone(),
                columns: value
                    .places
                    .iter()
                    .filter_map(|place| Some((*place, plan.mapping.columns.get(*place)?.clone())))
                    .collect(),
                country: plan.country.clone(),
                timezone: plan.timezone,
            })
            .collect();
        let order = |value: &Value| (value.key.columns.first().map(|(place, _)| *place), value.key.field.id);
        let same_people = self.people == plan.people;
        let is_same = same_people
            && keys.len() == self.values.len()
            && keys.iter().zip(&self.values).all(|(key, value)| *key == value.key);
        if is_same {
            self.keep(Kept { phones: rules.into_phones(), caches: Vec::new() });
            return;
        }
        let mut before: std::collections::HashMap<_, Vec<Value>> = std::collections::HashMap::new();
        for value in self.values.drain(..).filter(|_| same_people) {
            before.entry(order(&value)).or_default().push(value);
        }
        let began = self.reader.as_ref().map_or((0, 0), |reader| (reader.position().row, reader.position().offset));
        for (key, about) in keys.into_iter().zip(rules.values()) {
            let place = (key.columns.first().map(|(place, _)| *place), key.field.id);
            let known = before.get_mut(&place).and_then(|known| {
                let same = known.iter().position(|value| value.key == key)?;
                Some(known.swap_remove(same))
            });
            let seen = ValueSeen::new(&about, &plan.people, self.limits);
            self.values.push(known.unwrap_or(Value { key, began, wrapped: false, done: false, seen }));
        }
        self.people.clone_from(&plan.people);
        // Verdicts are of values as they were read before.
        let kept = self.kept.get_mut().unwrap_or_else(PoisonError::into_inner);
        kept.iter_mut().for_each(|kept| kept.caches.clear());
        self.keep(Kept { phones: rules.into_phones(), caches: Vec::new() });
    }

    fn take_kept(&mut self) -> Option<Kept> {
        self.kept.get_mut().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn keep(&mut self, kept: Kept) {
        self.kept.get_mut().unwrap_or_else(PoisonError::into_inner).push(kept);
    }

    /// Reads on to the end of the file, or to where nothing is left to be counted.
    fn circle(
        &mut self,
        plan: &Plan,
        catalog: &Catalog,
        code: &WorkspaceCode,
        threads: usize,
        goes_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), ReadError> {
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => RecordReader::new(&self.delivery, &self.dialect)?,
        };
        let width = self.dialect.columns.len();
        let most_rows = (BATCH_CELLS / width.max(1)).clamp(8, 4_096);
        let task = Task {
            width,
            limits: self.limits,
            counts_base: !self.base.done,
            copies: self.delivery.is_compressed(),
            cut: self.base.cut(self.limits.distinct),
            values: self.values.iter().map(|value| value.task()).collect(),
        };
        let last = self.last_needed();
        let mut ended = false;
        let spare = SpareBatches::default();
        let source = || -> Result<_, ReadError> {
            if last.is_some_and(|last| reader.position().row >= last) || !goes_on() {
                return Ok(None);
            }
            let mut batch = spare.take();
            let at = reader.position();
            let bytes_a_row = at.offset / at.row.max(1);
            let rows =
                BATCH_BYTES.checked_div(bytes_a_row).map_or(most_rows, |rows| most_rows.min(rows.max(1) as usize));
            ended = reader.read_batch(&mut batch, rows)? == 0;
            Ok((!ended).then(|| (batch, reader.position().offset)))
        };
        let make = || {
            let mut worker = Worker::new(plan, catalog, code, &task, &self.kept);
            let spare = &spare;
            move |(batch, end): (RowBatch, u64)| -> Part {
                let part = worker.count(&batch, end);
                spare.put(batch);
                part
            }
        };
        let (base, values, copies, limits) = (&mut self.base, &mut self.values, &mut self.copies, self.limits);
        let flow = in_order(source, threads, make, |part| {
            base.add(&part, &limits);
            if copies.len() < MOST_COPIES {
                copies.extend(part.copies);
            }
            for (value, found) in values.iter_mut().zip(part.values) {
                value.seen.add(found, &limits);
            }
            Ok(ControlFlow::<()>::Continue(()))
        });
        let at = *reader.position();
        if flow.is_ok() && !ended {
            self.reader = Some(reader);
        }
        // The sink never breaks off.
        let _ = flow?;
        if ended && !self.base.done {
            // Blank lines and the footer, which come after the last row, too.
            (self.base.done, self.base.bytes) = (true, at.offset);
        }
        for value in self.values.iter_mut().filter(|value| !value.done) {
            if ended {
                value.done = value.wrapped || value.began.0 == 0;
                value.wrapped = true;
            } else {
                value.done = value.wrapped && at.row >= value.began.0;
            }
        }
        Ok(())
    }

    /// The row after which this circle has nothing left to count; none where it has to come to the end.
    fn last_needed(&self) -> Option<u64> {
        let mut open = self.values.iter().filter(|value| !value.done);
        (self.base.done && open.clone().all(|value| value.wrapped))
            .then(|| open.by_ref().map(|value| value.began.0).max().unwrap_or(0))
    }
}
