//! Carrying out a planned run: from the position where it stands to the end of its delivery, batch by batch.

use super::attention::{self, Attention};
use super::error::WorkerError;
use super::heart::Heart;
use super::packed::{PackedRows, Packer};
use super::same_file::SameFile;
use super::write::{RowWriter, is_lost};
use crate::domain::dialect::Position;
use crate::domain::field::Catalog;
use crate::domain::id::RunId;
use crate::domain::issue::Code;
use crate::domain::outcome::{Counts, OutcomeKind};
use crate::domain::plan::Plan;
use crate::domain::run::{Interruption, RunKind, RunStatus};
use crate::engine::apply::{self, PlacedRow};
use crate::engine::open::Delivery;
use crate::engine::read::{ReadError, RecordReader};
use crate::store::{Finish, RowsOnly, RunRow, RunWriter, Store, StoreError, WriterOptions};
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Rows that go through the rules together, and lie in one block of the ledger.
const READ_ROWS: usize = 4_096;
/// Rows a transaction. More of them cost memory and gain little (README, Measurements).
pub const COMMIT_ROWS: usize = 32_768;

/// Rows a transaction as long as many of them are held as they are: a record that is changed the general way takes some
/// kilobytes.
const COMMIT_HELD_ROWS: usize = 16_384;

/// Bytes of the delivery a transaction, so that long rows do not cost memory.
const COMMIT_BYTES: u64 = 32 << 20;

/// Threads for the rules: as many as there are cores, up to four. More would wait for the one that writes, and each has
/// its own tables for phone numbers.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4))
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// The run: a worker carries out one after another.
    pub run: RunId,
    pub counts: Counts,
    /// Bytes of the delivery, after decompression, that have their outcome, and of all of it.
    pub bytes: u64,
    pub bytes_expected: u64,
    pub rows_expected: u64,
}

/// What a running run is handed by whoever runs it.
pub struct Control<'c> {
    /// Set to stop at the next batch boundary.
    pub stop: &'c AtomicBool,
    /// Now, ms since 1970, UTC.
    pub now_ms: &'c dyn Fn() -> i64,
    /// Called after each committed batch.
    pub on_progress: &'c mut dyn FnMut(Progress),
    /// Threads for the rules.
    pub threads: usize,
    pub tuning: Tuning,
}

/// How a run is cut into transactions. Tests of crashes change it; what a run does stays the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// Rows a transaction, at least 1.
    pub commit_rows: usize,
    /// Rows that are read and go through the rules together, at least 1; a transaction holds one or several such groups.
    pub read_rows: usize,
    /// Rows that plainly create or change a record, or plainly change nothing, take a short way, with the same result.
    pub shortcuts: bool,
    /// Commits a run's position apart from its batch: the crash suite must notice.
    #[cfg(feature = "broken-variants")]
    pub position_apart: bool,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning {
            commit_rows: COMMIT_ROWS,
            read_rows: READ_ROWS,
            shortcuts: true,
            #[cfg(feature = "broken-variants")]
            position_apart: false,
        }
    }
}

/// Runs a queued or interrupted run to its end, or to where it is stopped, and answers how it stands then.
///
/// # Errors
/// When the delivery cannot be read or the store cannot be written. The run is then `interrupted` at its last batch,
/// and can be resumed when the cause is gone.
pub fn execute(store: &mut Store, run: RunId, control: &mut Control<'_>) -> Result<RunStatus, WorkerError> {
    let row = found(store, run)?;
    if row.cancel_requested {
        store.set_run_status(run, RunStatus::Cancelled, None, (control.now_ms)())?;
        return Ok(RunStatus::Cancelled);
    }
    let result = carry_out(store, &row, control);
    if let Err(error) = &result {
        // The first error is the one to report. Should this note fail as well, the run stays `running` without a
        // holder of the lock, which the next worker treats as interrupted.
        let _ = store.interrupt_run(run, Interruption::Error, &error.to_string(), (control.now_ms)());
    }
    result
}

fn carry_out(store: &mut Store, row: &RunRow, control: &mut Control<'_>) -> Result<RunStatus, WorkerError> {
    // It is at work from now on: what comes before the first row can take long, too.
    store.set_run_status(row.id, RunStatus::Running, None, (control.now_ms)())?;
    let _heart = Heart::start(store.dir(), row.id, (control.now_ms)());
    let plan = plan_of(row)?;
    let catalog = Catalog::of(plan.fields.clone()).map_err(StoreError::from)?;
    let code = store.workspace_code().clone();
    let mut same = SameFile::begin(store, row)?;
    let options = WriterOptions {
        expected_rows: plan.rows_expected,
        now_ms: (control.now_ms)(),
        #[cfg(feature = "broken-variants")]
        position_apart: control.tuning.position_apart,
    };
    let first_lost = first_lost(store, row)?;
    let writer = RunWriter::begin(store, row.id, options)?;
    let start = match writer.position() {
        at if at.rows == 0 => plan.dialect.start(),
        at => Position { offset: at.offset, line: at.line, row: at.rows, tally: *writer.tally() },
    };
    let delivery = same.or_why(Delivery::open(&row.delivery_path).map_err(ReadError::from))?;
    let reader = same.or_why(RecordReader::resume(&delivery, &plan.dialect, start))?;
    let mut writer = RowWriter::new(&plan, &catalog, &code, writer, first_lost, control.tuning.shortcuts)?;
    let mut committed = start.offset;
    let mut end = start;
    let mut pending = Pending::default();
    let (commit_rows, threads) = (control.tuning.commit_rows, control.threads);
    let read_rows = control.tuning.read_rows.min(commit_rows);
    // Packed rows that were committed, to be filled again.
    let used = Mutex::new(Vec::new());
    let pack = || {
        let mut packer = Packer::new(&plan, &catalog, &code);
        if row.kind == RunKind::DryRun {
            packer = packer.without_names();
        }
        let used = &used;
        move |rows: &mut dyn Iterator<Item = PlacedRow>, end| {
            let mut packed: PackedRows = used.lock().ok().and_then(|mut used| used.pop()).unwrap_or_default();
            rows.for_each(|row| packer.pack(row, &mut packed));
            packed.end = end;
            packed
        }
    };
    let sink = |packed: PackedRows| -> Result<ControlFlow<()>, WorkerError> {
        end = packed.end;
        pending.push(packed);
        let most = if writer.held_many() { commit_rows.min(COMMIT_HELD_ROWS) } else { commit_rows };
        let is_small = pending.rows < most && end.offset - committed < COMMIT_BYTES;
        if is_small && !control.stop.load(Ordering::Relaxed) {
            return Ok(ControlFlow::Continue(()));
        }
        committed = end.offset;
        same.confirm()?;
        commit(&mut writer, &mut pending, &plan, control)?;
        if let Ok(mut used) = used.lock() {
            used.append(&mut pending.batches);
        }
        let stop = control.stop.load(Ordering::Relaxed) || writer.store().cancel_requested()?;
        Ok(if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    };
    let read = apply::read_rows(reader, &plan, &catalog, &code, threads, read_rows, pack, sink);
    let flow = same.or_why(read)?;
    same.confirm()?;
    commit(&mut writer, &mut pending, &plan, control)?;
    let content_bytes = delivery.content_bytes().unwrap_or(end.offset);
    finish(writer, &plan, &catalog, end, content_bytes, flow, control)
}

/// Rows that wait for their transaction.
#[derive(Default)]
struct Pending {
    batches: Vec<PackedRows>,
    rows: usize,
}

impl Pending {
    fn push(&mut self, packed: PackedRows) {
        self.rows += packed.rows.len();
        self.batches.push(packed);
    }
}

/// Commits what waits, and leaves its room behind.
fn commit(
    writer: &mut RowWriter<'_>,
    pending: &mut Pending,
    plan: &Plan,
    control: &mut Control<'_>,
) -> Result<(), WorkerError> {
    let Some(bytes) = pending.batches.last().map(|packed| packed.end.offset) else { return Ok(()) };
    writer.write(&mut pending.batches, (control.now_ms)())?;
    pending.batches.iter_mut().for_each(PackedRows::clear);
    pending.rows = 0;
    (control.on_progress)(Progress {
        run: writer.run(),
        counts: *writer.store().counts(),
        bytes,
        bytes_expected: plan.bytes_expected,
        rows_expected: plan.rows_expected,
    });
    Ok(())
}

/// Writes down how the run ended.
fn finish(
    writer: RowWriter<'_>,
    plan: &Plan,
    catalog: &Catalog,
    end: Position,
    content_bytes: u64,
    flow: ControlFlow<()>,
    control: &mut Control<'_>,
) -> Result<RunStatus, WorkerError> {
    let cancelled = writer.store().cancel_requested()?;
    let first_lost = writer.first_lost();
    let store = writer.into_store();
    let reached_end = plan.sample.is_none() && flow.is_continue();
    let mut takes_review_back = false;
    let (status, error) = match flow {
        ControlFlow::Break(()) if cancelled => (
            RunStatus::Cancelled,
            Some("Cancelled on request: the rows that were not reached are not imported.".to_owned()),
        ),
        ControlFlow::Break(()) => (RunStatus::Interrupted, Some("Stopped on request. It can be resumed.".to_owned())),
        ControlFlow::Continue(()) => {
            let Attention { reasons, is_misread } = attention::of_run(&store, plan, catalog, first_lost);
            takes_review_back = is_misread;
            let status = if reasons.is_empty() { RunStatus::Completed } else { RunStatus::NeedsAttention };
            (status, (!reasons.is_empty()).then(|| reasons.join(" ")))
        }
    };
    store.finish(&Finish {
        status,
        tally: end.tally,
        content_bytes: reached_end.then_some(content_bytes),
        error,
        takes_review_back,
        now_ms: (control.now_ms)(),
    })?;
    Ok(status)
}

/// The first row of the committed part of a run at which part of the file could not be read.
fn first_lost(store: &Store, row: &RunRow) -> Result<Option<u64>, WorkerError> {
    if !row.issue_counts.iter().any(|count| count.code == Code::RowMalformed) {
        return Ok(None);
    }
    for failed in store.ledger_rows(row.id, Some(RowsOnly::Kind(OutcomeKind::Failed)), 0)? {
        let failed = failed?;
        if is_lost(&failed.notes) {
            return Ok(Some(failed.row));
        }
    }
    Ok(None)
}

/// The run of this number.
pub fn found(store: &Store, run: RunId) -> Result<RunRow, WorkerError> {
    let missing = || StoreError::NoSuch { what: "run", id: run.to_string() };
    Ok(store.run(run)?.ok_or_else(missing)?)
}

/// The plan of a run.
pub fn plan_of(run: &RunRow) -> Result<Plan, WorkerError> {
    serde_json::from_str(&run.plan).map_err(|error| WorkerError::Plan { run: run.id, what: error.to_string() })
}
