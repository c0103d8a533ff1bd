//! The one writer of a run: batches of read rows are matched, decided in the order of the file, and committed, each in
//! one transaction with the run's position.

use super::error::WorkerError;
use super::landed::LandedRows;
use super::matching::Matcher;
use crate::domain::dialect::Position;
use crate::domain::field::{Catalog, FieldId};
use crate::domain::id::{RunId, WorkspaceCode};
use crate::domain::issue::Note;
use crate::domain::outcome::LedgerRow;
use crate::domain::plan::{Duplicates, Plan};
use crate::engine::apply::{PlacedRow, ReadBatch};
use crate::store::{self, Batch, RunWriter, keys};

/// Decides and commits the rows of one run.
pub struct RowWriter<'a> {
    plan: &'a Plan,
    matcher: Matcher<'a>,
    run: RunId,
    store: RunWriter<'a>,
    first_lost: Option<u64>,
}

impl<'a> RowWriter<'a> {
    pub fn new(
        plan: &'a Plan,
        catalog: &'a Catalog,
        code: &'a WorkspaceCode,
        run: RunId,
        store: RunWriter<'a>,
        first_lost: Option<u64>,
    ) -> Result<RowWriter<'a>, WorkerError> {
        let mut landed = LandedRows::default();
        if plan.duplicates != Duplicates::Allowed {
            for pair in store.landed_rows() {
                let (record, row) = pair?;
                landed.note(record, row);
            }
        }
        Ok(RowWriter { plan, matcher: Matcher::new(plan, catalog, code, run, landed), run, store, first_lost })
    }

    /// The run that is written.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The store's side of the run.
    pub fn store(&self) -> &RunWriter<'a> {
        &self.store
    }

    /// The first row at which part of the file could not be read.
    pub fn first_lost(&self) -> Option<u64> {
        self.first_lost
    }

    /// Gives the store's side back, to write down how the run ended.
    pub fn into_store(self) -> RunWriter<'a> {
        self.store
    }

    /// Decides and commits these rows, which follow on those before.
    pub fn write(&mut self, batch: ReadBatch, now_ms: i64) -> Result<(), WorkerError> {
        let row_keys = self.matcher.find_keys(&batch.rows, |keys| self.store.candidates(keys))?;
        let mut working = Matcher::load(&row_keys, |ids| self.store.records(ids))?;
        let mut next = self.store.next_record();
        let mut rows = Vec::with_capacity(batch.rows.len());
        for (mut placed, keys) in batch.rows.into_iter().zip(row_keys) {
            let outcome = self.matcher.decide(&mut placed, keys, &mut working, &mut next, now_ms);
            let PlacedRow { row, line, offset, read } = placed;
            if is_lost(&read.notes) {
                self.first_lost.get_or_insert(row);
            }
            let reference_hash = read.reference.as_ref().map(|text| keys::reference_hash(self.plan.source, text));
            rows.push(LedgerRow { row, line, offset, outcome, issues: read.issues, notes: read.notes, reference_hash });
        }
        let (created, changed) = working.into_changes();
        let Position { offset, line, row, tally } = batch.end;
        let position = store::Position { offset, line, rows: row };
        self.store.commit(&Batch { created, changed, rows, position, tally, now_ms })?;
        Ok(())
    }
}

/// Whether part of the file could not be read at a row with these notes.
pub fn is_lost(notes: &[(Option<FieldId>, Note)]) -> bool {
    notes.iter().any(|(_, note)| *note == Note::PartUnreadable)
}
