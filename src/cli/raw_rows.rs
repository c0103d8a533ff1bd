//! The raw cells of a run's rows, read again from the kept delivery at each row's byte.

use super::error::CliError;
use crate::domain::dialect::{Dialect, Position};
use crate::domain::field::{Catalog, Role};
use crate::domain::intake::{Intake, Text};
use crate::domain::outcome::LedgerRow;
use crate::engine::open::Delivery;
use crate::engine::read::RecordReader;
use crate::engine::rows::{Row, RowBatch};
use crate::store::RunRow;
use crate::worker::execute::plan_of;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Records read at once going forward, and after a jump.
const FORWARD: usize = 512;
const JUMP: usize = 8;

/// The delivery of a run, open to be asked for one row after the other.
pub struct RawRows {
    delivery: Delivery,
    dialect: Dialect,
    /// How a row's reference comes out of its cells, where one is mapped.
    reference: Option<Arc<Intake>>,
    reader: Option<RecordReader>,
    batch: RowBatch,
}

impl RawRows {
    /// Whether the delivery of a run is still kept.
    pub fn is_kept(run: &RunRow) -> bool {
        run.delivery_path.exists()
    }

    /// Opens the delivery of a run; none when it is no longer kept.
    pub fn open(run: &RunRow) -> Result<Option<RawRows>, CliError> {
        if !RawRows::is_kept(run) {
            return Ok(None);
        }
        let plan = plan_of(run)?;
        let catalog = Catalog::of(plan.fields.clone())
            .map_err(|error| CliError::new("plan", format!("Run {}: {error}", run.id), "restore a backup"))?;
        let mut intakes = Intake::all(&plan.mapping, &catalog, &plan.people).into_iter();
        let reference = intakes.find(|intake| intake.field.role == Some(Role::Reference)).map(Arc::new);
        let delivery = Delivery::open(&run.delivery_path)?;
        Ok(Some(RawRows { delivery, dialect: plan.dialect, reference, reader: None, batch: RowBatch::new() }))
    }

    /// The names of the columns, in the order of the file.
    pub fn columns(&self) -> &[String] {
        &self.dialect.columns
    }

    /// The cells of a row, as they stand in the delivery. Asked for in the order of rows, the delivery is read once.
    pub fn cells(&mut self, row: &LedgerRow) -> Result<Option<Row<'_>>, CliError> {
        if self.place(row.row).is_none() {
            self.read_to(row)?;
        }
        Ok(self.place(row.row).and_then(|place| self.batch.get(place)))
    }

    /// How a row's reference comes out of its cells, where one is mapped.
    pub fn reference(&self) -> Option<Arc<Intake>> {
        self.reference.clone()
    }

    /// Where in the batch a row is.
    fn place(&self, row: u64) -> Option<usize> {
        let first = self.batch.get(0)?.info().row;
        let place = usize::try_from(row.checked_sub(first)?).ok()?;
        self.batch.get(place).map(|_| place)
    }

    /// Fills the batch so that it begins with, or holds, the row.
    fn read_to(&mut self, row: &LedgerRow) -> Result<(), CliError> {
        let next = self.reader.as_ref().map(|reader| reader.position().row + 1);
        let goes_on = next.is_some_and(|next| next == row.row || self.delivery.is_compressed() && next <= row.row);
        if !goes_on {
            let place = Position { offset: row.offset, line: row.line, row: row.row - 1, tally: Default::default() };
            self.reader = Some(RecordReader::resume(&self.delivery, &self.dialect, place)?);
        }
        let Some(reader) = &mut self.reader else { return Ok(()) };
        let size = if goes_on { FORWARD } else { JUMP };
        // A compressed delivery cannot be jumped in: what lies between is read over.
        while reader.read_batch(&mut self.batch, size)? > 0 && reader.position().row < row.row {}
        Ok(())
    }
}

/// The reference that these cells say; none where they say none.
pub fn reference_of(intake: &Intake, cells: &Row<'_>) -> Option<String> {
    let cells: Vec<&str> = cells.cells().collect();
    match intake.take(&cells).text {
        Text::Whole(text) if !text.is_empty() => Some(text.into_owned()),
        Text::Whole(_) | Text::Values(_) => None,
    }
}

/// The cells by the names of their columns; one that a short row lacks is empty, those beyond the header are called by
/// their place.
pub fn by_column(columns: &[String], cells: &Row<'_>) -> Map<String, Value> {
    let name = |place: usize| columns.get(place).cloned().unwrap_or_else(|| format!("column {}", place + 1));
    let cell = |place: usize| Value::from(cells.cell(place).unwrap_or_default());
    (0..columns.len().max(cells.len())).map(|place| (name(place), cell(place))).collect()
}
