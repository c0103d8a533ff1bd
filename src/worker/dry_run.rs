//! Counting what a prepared import would do: a dry run of its delivery with its plan, written down, used again while it
//! holds, and given up with the import.

use super::error::WorkerError;
use super::execute::plan_of;
use super::prepare::{self, Prepared};
use super::queue;
use crate::domain::id::RunId;
use crate::domain::run::{RunKind, RunStatus};
use crate::store::{RunFilter, RunRow, Store};

/// Writes a dry run of a prepared import down: of the very same delivery with the very same plan. One that was made
/// before serves as well, as long as nothing has changed since. Answers the run, and whether it is to be carried out.
pub fn plan(store: &mut Store, prepared: &mut Prepared, now_ms: i64) -> Result<(RunId, bool), WorkerError> {
    if let Some(run) = finished(store, prepared)? {
        prepared.dry_run = Some(run);
        return Ok((run, false));
    }
    give_up(store, prepared, now_ms)?;
    end_dead(store, now_ms)?;
    let run = prepare::enqueue(store, &prepared.as_dry_run(), now_ms)?;
    prepared.dry_run = Some(run);
    Ok((run, true))
}

/// Dry runs need no turn, so whoever takes one does not hear of those whose process died: they have not shown for long
/// that they are alive.
fn end_dead(store: &mut Store, now_ms: i64) -> Result<(), WorkerError> {
    /// A dry run that is alive says so every second.
    const SILENT_MS: i64 = 60_000;
    const DIED: &str = "The process that ran it ended before the dry run did.";
    for run in store.runs_to_do()? {
        let is_silent = now_ms - run.heartbeat_ms.unwrap_or(run.created_ms) > SILENT_MS;
        if run.kind == RunKind::DryRun && run.status != RunStatus::Interrupted && is_silent {
            if !store.withdraw_dry_run(run.id)? {
                store.set_run_status(run.id, RunStatus::Cancelled, Some(DIED), now_ms)?;
            }
            store.remove_dry(run.id)?;
        }
    }
    Ok(())
}

/// A finished dry run of the same bytes with the same plan that still holds.
fn finished(store: &Store, prepared: &Prepared) -> Result<Option<RunId>, WorkerError> {
    /// Of a source so many of the latest runs are looked at.
    const LATEST: u64 = 20;
    let Some(source) = prepared.source.id() else { return Ok(None) };
    let deliveries = store.deliveries_with_sha256(source, &prepared.landed.sha256)?;
    let latest = RunFilter { source: Some(source), limit: Some(LATEST), ..RunFilter::default() };
    // A plan that an older version wrote and this one cannot read is no plan of this import.
    let is_same = |run: &RunRow| plan_of(run).is_ok_and(|plan| plan == prepared.plan);
    for run in store.runs(&latest)? {
        let is_of_it = run.kind == RunKind::DryRun && deliveries.iter().any(|delivery| delivery.id == run.delivery);
        if is_of_it && run.status.is_finished() && !store.is_stale(&run)? && is_same(&run) {
            return Ok(Some(run.id));
        }
    }
    Ok(None)
}

/// Gives the dry run of a prepared import up, unless it has ended: one that was not begun leaves nothing behind, another
/// one stops at the end of its batch.
pub fn give_up(store: &mut Store, prepared: &Prepared, now_ms: i64) -> Result<(), WorkerError> {
    let Some(run) = prepared.dry_run else { return Ok(()) };
    if !store.withdraw_dry_run(run)? && store.run_line(run)?.is_some() {
        queue::cancel(store, run, now_ms)?;
    }
    Ok(())
}
