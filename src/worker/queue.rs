//! One at a time: the workspace's lock, and the runs that wait for it.

use super::error::WorkerError;
use super::execute::{Control, execute};
use super::land;
use crate::domain::id::RunId;
use crate::domain::run::{RunKind, RunStatus};
use crate::store::{RunRow, Store, WorkspaceLock};
use std::sync::atomic::Ordering;

/// The right to run, and what it brings: whoever holds it has tidied up after a holder that died.
pub struct Turn {
    _lock: WorkspaceLock,
}

impl Turn {
    /// Takes the workspace's lock; none when another process holds it. Runs that a dead process left as running are
    /// interrupted ones from now on, and its half copies are removed.
    pub fn take(store: &mut Store, now_ms: i64) -> Result<Option<Turn>, WorkerError> {
        let Some(lock) = Store::try_lock(store.dir())? else { return Ok(None) };
        for run in store.runs_to_do()? {
            if run.status == RunStatus::Running && run.kind != RunKind::DryRun {
                let why = "The process that ran it ended before the run did. It can be resumed.";
                store.set_run_status(run.id, RunStatus::Interrupted, Some(why), now_ms)?;
            }
        }
        land::remove_leftovers(&store.deliveries_dir())?;
        Ok(Some(Turn { _lock: lock }))
    }

    /// Carries out one run.
    pub fn execute(&self, store: &mut Store, run: RunId, control: &mut Control<'_>) -> Result<RunStatus, WorkerError> {
        execute(store, run, control)
    }

    /// Carries out everything that waits: queued runs and interrupted ones, oldest first. Answers those it carried
    /// out. A run that fails again does not keep the others from their turn; its error is in its row.
    pub fn execute_due(&self, store: &mut Store, control: &mut Control<'_>) -> Result<Vec<RunId>, WorkerError> {
        let mut done: Vec<RunId> = Vec::new();
        while let Some(run) = due(store)?.into_iter().find(|run| !done.contains(run)) {
            done.push(run);
            if control.stop.load(Ordering::Relaxed) {
                done.pop();
                break;
            }
            if let Err(error) = execute(store, run, control)
                && !is_of_the_run(&error)
            {
                return Err(error);
            }
        }
        Ok(done)
    }
}

/// Runs that wait for their turn, oldest first.
pub fn due(store: &Store) -> Result<Vec<RunId>, WorkerError> {
    let waits = |run: &RunRow| run.kind != RunKind::DryRun && run.status != RunStatus::Running;
    Ok(store.runs_to_do()?.iter().filter(|run| waits(run)).map(|run| run.id).collect())
}

/// Whether runs wait that nobody has begun: whoever frees the lock starts a worker for them. Interrupted ones wait for
/// somebody who says so, since a newer file may have taken their place.
pub fn has_queued(store: &Store) -> Result<bool, WorkerError> {
    let is_queued = |run: &RunRow| run.kind != RunKind::DryRun && run.status == RunStatus::Queued;
    Ok(store.runs_to_do()?.iter().any(is_queued))
}

/// Whether an error concerns one run only, so that others can still be tried.
fn is_of_the_run(error: &WorkerError) -> bool {
    !matches!(error, WorkerError::Store(_) | WorkerError::Write { .. })
}
