//! How a run gets into the store: one batch, one transaction, the run's position included.
//!
//! After a crash the database is as the last commit left it, and the run row says where to go on: there is no other
//! checkpoint. Everything that belongs to a batch (records, keys, ledger, before-images, counts, position) is written
//! here and nowhere else.

use super::blocks;
use super::edits::Edits;
use super::error::{Fault, StoreError};
use super::index::{Filter, KeyKind};
use super::keys::KeyFields;
use super::ledger::LandedRows;
use super::ledger_write::{self, count_cleared, count_issues, count_skips};
use super::new_keys::NewKeys;
use super::new_records::NewRecords;
use super::overlay::{Beneath, Overlay};
use super::row_references::RowReferences;
use super::runs::{Position, Progress};
use super::workspace::Store;
use crate::domain::id::{RecordId, RunId};
use crate::domain::outcome::{Counts, LedgerRow};
use crate::domain::record::Record;
use crate::domain::run::{Interruption, IssueCount, RunKind, RunStatus, Tally};
use rusqlite::Connection;

/// The kinds that rows are matched by.
pub(super) const MATCHED: [KeyKind; 3] = [KeyKind::Reference, KeyKind::Email, KeyKind::Phone];

/// Rows between two checkpoints; keeps the write-ahead log to some hundred megabytes.
const CHECKPOINT_ROWS: u64 = 300_000;

/// Batches between two checkpoints, whatever their size.
const CHECKPOINT_BATCHES: u64 = 4;

/// Between two notes of a dry run's progress in the workspace.
const TELL_EVERY_MS: i64 = 250;

/// A record that the batch changes, the general way; see [`Edits`].
#[derive(Debug, Clone)]
pub struct Changed {
    /// As [`RunWriter::records`] gave it.
    pub before: Record,
    /// As it shall be; `updated` names this run and a row of this batch.
    pub after: Record,
}

/// Everything that one transaction writes.
#[derive(Default)]
pub struct Batch {
    /// New records, from [`RunWriter::next_record`] on.
    pub created: NewRecords,
    /// Each record at most once, as the last of its rows leaves it.
    pub changed: Vec<Changed>,
    /// Records that one row each changes plainly; none of them is among `changed`.
    pub edits: Edits,
    /// The rows that follow the last committed one, without a gap.
    pub rows: Vec<LedgerRow>,
    /// Where the row after the batch begins; `rows` is the number of the batch's last row.
    pub position: Position,
    /// Bytes and lines up to that position.
    pub tally: Tally,
    pub now_ms: i64,
}

/// How a run ends, for good or for now.
#[derive(Debug, Clone)]
pub struct Finish {
    pub status: RunStatus,
    pub tally: Tally,
    /// Length of the delivery after decompression, where it was read to its end.
    pub content_bytes: Option<u64>,
    pub error: Option<String>,
    /// Whether what the run found out takes the review back that somebody gave the mapping of its source (R50).
    pub takes_review_back: bool,
    pub now_ms: i64,
}

/// What a writer should know beforehand.
#[derive(Debug, Clone, Copy, Default)]
pub struct WriterOptions {
    /// About how many rows the delivery has. Decides how much memory is spent on knowing without a look that a key is
    /// new (two bytes a key); a wrong guess costs time only.
    pub expected_rows: u64,
    pub now_ms: i64,
    /// Commits the position in a transaction of its own, before the batch: what the crash tests must notice.
    #[cfg(feature = "broken-variants")]
    pub position_apart: bool,
}

/// Writes one run's batches. Whoever has one holds the workspace's lock, unless the run is a dry run.
pub struct RunWriter<'s> {
    pub(super) store: &'s mut Store,
    pub(super) run: RunId,
    kind: RunKind,
    pub(super) fields: KeyFields,
    /// None in a dry run, whose rows are not found by reference.
    row_references: Option<RowReferences>,
    options: WriterOptions,
    /// What may be in the index of the database that is written, and in that beneath a dry run; none where a look into
    /// the index is cheaper.
    pub(super) own_filter: Option<GrowingFilter>,
    pub(super) base_filter: Option<Filter>,
    next_record: u64,
    /// What is committed.
    progress: Progress,
    /// When the workspace was last told of a dry run's progress, and whether there is more to tell.
    told_ms: i64,
    is_untold: bool,
    rows_in_log: u64,
    batches_in_log: u64,
}

/// The kinds of the keys that rows are matched by, in the database that is written.
fn own_kinds(store: &Store) -> &'static [KeyKind] {
    if store.dry.is_some() { &[KeyKind::Matched] } else { &MATCHED }
}

/// A filter with the number of keys that it still has room for.
pub(super) struct GrowingFilter {
    pub(super) filter: Filter,
    room: u64,
}

impl GrowingFilter {
    fn of(conn: &Connection, kinds: &[KeyKind], rows: u64) -> Result<GrowingFilter, Fault> {
        let room = (rows.max(10_000)).saturating_mul(MATCHED.len() as u64);
        Ok(GrowingFilter { filter: Filter::fill(conn, kinds, room)?, room })
    }
}

impl<'s> RunWriter<'s> {
    /// Begins or goes on with a run: sets it `running` and takes up what its row says.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] when there is no such run.
    pub fn begin(store: &'s mut Store, run: RunId, options: WriterOptions) -> Result<RunWriter<'s>, StoreError> {
        store.set_run_status(run, RunStatus::Running, None, options.now_ms)?;
        let missing = || StoreError::NoSuch { what: "run", id: run.to_string() };
        let mut row = store.run(run)?.ok_or_else(missing)?;
        if let Some(dry) = &store.dry {
            // The position that counts is the one committed with the dry run's batches.
            let own = dry.db.read(|conn| store.run_progress(conn, run))?.ok_or_else(missing)?;
            (row.position, row.counts, row.issue_counts, row.tally) =
                (own.position, own.counts, own.issue_counts, own.tally);
            (row.cleared, row.skips) = (own.cleared, own.skips);
            row.elapsed_ms = own.elapsed_ms;
        }
        let mut fields = KeyFields::of(&store.catalog()?);
        if store.dry.is_some() {
            fields = fields.without_names();
        }
        let next = |conn: &Connection| {
            Ok(conn.query_row("SELECT next_record FROM meta", [], |row| row.get::<_, i64>(0))? as u64)
        };
        let next_record = store.data().read(next)?;
        let worthwhile = options.expected_rows.saturating_mul(500) >= next_record;
        let (mut own_filter, mut base_filter) = (None, None);
        if worthwhile {
            let kinds = own_kinds(store);
            own_filter = Some(store.data().read(|conn| GrowingFilter::of(conn, kinds, options.expected_rows))?);
            if store.dry.is_some() {
                base_filter = Some(store.main.read(|conn| Ok(Filter::fill(conn, &MATCHED, 0)?))?);
            }
        }
        let rows = row.position.rows;
        let row_references = match &store.dry {
            Some(_) => None,
            None => Some(store.main.read(|conn| RowReferences::of(conn, run, row.source, rows))?),
        };
        store.data().checkpoint_by_hand()?;
        Ok(RunWriter {
            run,
            kind: row.kind,
            fields,
            row_references,
            own_filter,
            base_filter,
            next_record,
            progress: Progress {
                position: row.position,
                counts: row.counts,
                issue_counts: row.issue_counts,
                cleared: row.cleared,
                // Before the first row nobody has counted, and there is nothing to count.
                skips: if rows == 0 { Some(Vec::new()) } else { row.skips },
                tally: row.tally,
                elapsed_ms: row.elapsed_ms,
                now_ms: options.now_ms,
            },
            told_ms: i64::MIN / 2,
            is_untold: false,
            rows_in_log: 0,
            batches_in_log: 0,
            options,
            store,
        })
    }

    pub fn run(&self) -> RunId {
        self.run
    }

    /// The number of the next new record.
    pub fn next_record(&self) -> RecordId {
        RecordId(self.next_record)
    }

    /// Up to where the run is committed.
    pub fn position(&self) -> Position {
        self.progress.position
    }

    /// What the committed rows add up to.
    pub fn counts(&self) -> &Counts {
        &self.progress.counts
    }

    pub fn issue_counts(&self) -> &[IssueCount] {
        &self.progress.issue_counts
    }

    /// Bytes and lines up to the position.
    pub fn tally(&self) -> &Tally {
        &self.progress.tally
    }

    pub fn elapsed_ms(&self) -> u64 {
        self.progress.elapsed_ms
    }

    /// Whether someone asked for the run to be cancelled.
    pub fn cancel_requested(&self) -> Result<bool, StoreError> {
        self.store.main.read(|conn| {
            let mut query = conn.prepare_cached("SELECT cancel_requested FROM run WHERE id = ?1")?;
            Ok(query.query_row([self.run.0 as i64], |row| row.get(0))?)
        })
    }

    /// The records that each row of the run landed on, to know on going on what was met in this file.
    pub fn landed_rows(&self) -> LandedRows<'_> {
        LandedRows::new(self.store.data(), self.run)
    }

    /// Writes a batch: all of it or nothing. After an error [`RunWriter::position`] tells which, and the writer can be
    /// used on: a full disk may be noticed only when the batch is in and the log is copied into the database.
    ///
    /// # Errors
    /// [`StoreError::ChangedMeanwhile`]: decide the batch's rows again. [`StoreError::RowOutOfOrder`] and
    /// [`StoreError::Refused`] are mistakes of the caller.
    pub fn commit(&mut self, batch: &mut Batch) -> Result<(), StoreError> {
        self.write(batch).map_err(|error| error.in_run(self.run))
    }

    fn write(&mut self, batch: &mut Batch) -> Result<(), StoreError> {
        self.check(batch)?;
        self.collect_keys(batch)?;
        let mut progress = self.progress.clone();
        for row in &batch.rows {
            progress.counts.add(row);
            count_cleared(&mut progress.cleared, row);
            count_skips(&mut progress.skips, row);
            count_issues(&mut progress.issue_counts, row);
        }
        (progress.position, progress.tally) = (batch.position, batch.tally);
        progress.advance_to(batch.now_ms);
        let next_record = if batch.created.is_empty() { self.next_record } else { batch.created.next().0 };
        let run = self.run;

        let Store { main, dry, .. } = &mut *self.store;
        let created = match dry {
            Some(dry) => dry.created.append(&batch.created)?,
            None => None,
        };
        let (data, base) = match dry {
            Some(Overlay { db, created }) => (db, Some(Beneath { main: main.conn(), created })),
            None => (main, None),
        };
        #[cfg(feature = "broken-variants")]
        if self.options.position_apart {
            data.write(|tx| progress.write(tx, run))?;
        }
        batch.changed.iter().for_each(|changed| batch.edits.put(changed));
        let changes = batch.edits.accepted();
        data.write(|tx| {
            blocks::write_changed(tx, base, &changes)?;
            if base.is_some() {
                batch.created.keys().write_matched(tx)?;
            } else {
                blocks::write_new(tx, &batch.created)?;
                batch.created.keys().write(tx)?;
            }
            ledger_write::write(tx, run, &batch.rows, &changes)?;
            progress.write(tx, run)?;
            let changed = !batch.created.is_empty() || !changes.is_empty();
            let mut meta = tx.prepare_cached("UPDATE meta SET next_record = ?1, state_version = state_version + ?2")?;
            meta.execute((next_record as i64, changed))?;
            Ok(())
        })?;
        if let (Some(dry), Some(created)) = (dry, created) {
            dry.created.keep(created);
        }
        self.next_record = next_record;
        self.progress = progress;
        self.add_to_filter(batch.created.keys())?;
        // The workspace is told how far a dry run is as often as somebody can look; what counts is in its own file.
        self.is_untold = self.store.dry.is_some();
        if self.is_untold && batch.now_ms - self.told_ms >= TELL_EVERY_MS {
            self.tell()?;
        }
        self.rows_in_log += batch.rows.len() as u64;
        self.batches_in_log += 1;
        if self.rows_in_log >= CHECKPOINT_ROWS || self.batches_in_log >= CHECKPOINT_BATCHES {
            self.store.data().checkpoint()?;
            (self.rows_in_log, self.batches_in_log) = (0, 0);
        }
        Ok(())
    }

    /// Tells the workspace how far a dry run is.
    fn tell(&mut self) -> Result<(), StoreError> {
        let (run, progress) = (self.run, &self.progress);
        self.store.main.write(|tx| progress.write(tx, run))?;
        (self.told_ms, self.is_untold) = (progress.now_ms, false);
        Ok(())
    }

    fn check(&self, batch: &Batch) -> Result<(), StoreError> {
        let mut due = self.progress.position.rows + 1;
        for row in &batch.rows {
            if row.row != due {
                return Err(StoreError::RowOutOfOrder { run: self.run, expected: due, given: row.row });
            }
            due += 1;
        }
        if batch.position.rows + 1 != due {
            let given = batch.position.rows + 1;
            return Err(StoreError::RowOutOfOrder { run: self.run, expected: due, given });
        }
        let refused = |what: &str, id: RecordId, takes: &'static str| {
            Err(StoreError::Refused { what: what.to_owned(), given: id.to_string(), takes })
        };
        let is_early = !batch.created.is_empty() && batch.created.first().0 != self.next_record;
        if let Some(id) = batch.created.flaw().or(is_early.then(|| batch.created.first())) {
            return refused("the number of a new record", id, "the numbers from next_record on, ascending");
        }
        let rows = self.progress.position.rows + 1..=batch.position.rows;
        for Changed { before, after } in &batch.changed {
            if after.updated.run != self.run || !rows.contains(&after.updated.row) {
                return refused("the updating row of record", after.id, "a row of this batch");
            }
            if before.id != after.id || after.id.0 >= self.next_record || batch.edits.has(after.id) {
                return refused("a changed record", after.id, "a record that was committed before, once");
            }
        }
        Ok(())
    }

    /// Adds what is still missing to the keys of the new records.
    fn collect_keys(&mut self, batch: &mut Batch) -> Result<(), StoreError> {
        let mut keys = batch.created.take_keys(&self.fields);
        for Changed { before, after } in &batch.changed {
            keys.push_changed(&self.fields, before, after);
        }
        for changed in batch.edits.with_new_keys() {
            let Changed { before, after } = changed.or_else(|id| self.corrupt(id))?;
            keys.push_changed(&self.fields, &before, &after);
        }
        let collected = match &mut self.row_references {
            Some(references) => self.store.main.read(|conn| references.collect(conn, batch, &mut keys)),
            None => Ok(()),
        };
        batch.created.put_keys(keys);
        collected
    }

    fn add_to_filter(&mut self, keys: &NewKeys) -> Result<(), StoreError> {
        let Some(growing) = &mut self.own_filter else { return Ok(()) };
        let added = keys.matched_len() as u64;
        if added > growing.room {
            // More rows than expected: a filter that is too full says "maybe" to everything.
            let rows = self.options.expected_rows.max(self.progress.position.rows);
            // Should it not be made, there is none: one without these keys would call them new.
            self.own_filter = None;
            let kinds = own_kinds(self.store);
            self.own_filter = Some(self.store.data().read(|conn| GrowingFilter::of(conn, kinds, rows))?);
            return Ok(());
        }
        growing.room -= added;
        growing.filter.add_all(keys.matched());
        Ok(())
    }

    /// Ends the run, or pauses it (`interrupted`). A run that ended and was no dry run tells its source.
    pub fn finish(mut self, end: &Finish) -> Result<(), StoreError> {
        let run = self.run;
        self.end(end).map_err(|error| error.in_run(run))
    }

    fn end(&mut self, end: &Finish) -> Result<(), StoreError> {
        let mut progress = self.progress.clone();
        progress.tally = end.tally;
        progress.advance_to(end.now_ms);
        let (run, ended) = (self.run, !end.status.can_resume());
        if let Some(dry) = &mut self.store.dry {
            if !ended {
                dry.created.settle()?;
            }
            dry.db.settle(|tx| progress.write(tx, run))?;
        }
        if ended && self.store.dry.is_some() {
            // Before it says that it has ended: nobody would come back to do it.
            self.store.remove_created(run)?;
        }
        let imported = self.progress.counts.created + self.progress.counts.updated > 0;
        self.is_untold = false;
        self.store.main.write(|tx| {
            progress.write(tx, run)?;
            tx.execute(
                "UPDATE run SET status = ?2, finished_at = ?3, content_bytes = ?4, error = ?5, interruption = ?6, \
                 cancel_requested = CASE WHEN ?3 IS NULL THEN cancel_requested ELSE 0 END WHERE id = ?1",
                (
                    run.0 as i64,
                    end.status.as_str(),
                    ended.then_some(end.now_ms),
                    end.content_bytes.map(|bytes| bytes as i64),
                    &end.error,
                    (end.status == RunStatus::Interrupted).then_some(Interruption::Request.as_str()),
                ),
            )?;
            if ended && self.kind != RunKind::DryRun {
                tx.execute(
                    "UPDATE source SET last_ran = ?2, last_imported = CASE WHEN ?3 THEN ?2 ELSE last_imported END, \
                     error_at = CASE WHEN ?4 IS NULL THEN NULL WHEN error IS NULL THEN ?2 ELSE coalesce(error_at, ?2) END, \
                     error = ?4 WHERE id = (SELECT source FROM run WHERE id = ?1)",
                    (run.0 as i64, end.now_ms, imported, &end.error),
                )?;
                if end.takes_review_back {
                    let take_back = "UPDATE source SET reviewed_by = NULL, reviewed_at = NULL, reviewed_mapping = NULL, \
                                     reviewed_version = NULL WHERE id = (SELECT source FROM run WHERE id = ?1)";
                    tx.execute(take_back, [run.0 as i64])?;
                }
            }
            Ok(())
        })
    }
}

impl Drop for RunWriter<'_> {
    fn drop(&mut self) {
        if self.is_untold {
            // An error ended the dry run, and is what there is to report.
            let _ = self.tell();
        }
        // Everything is committed and safe in the log: that it cannot be copied just now fails no run, and the next
        // commit or opening does it.
        let _ = self.store.data().checkpoint_by_itself();
    }
}
