//! One at a time: the workspace's lock, and the runs that wait for it.

use super::error::WorkerError;
use super::execute::{Control, execute};
use super::land;
use crate::domain::id::RunId;
use crate::domain::run::{RunKind, RunStatus};
use crate::store::{RunRow, Store, WorkspaceLock};
use std::collections::HashSet;
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
        let mut known = HashSet::new();
        for source in store.sources_ever()? {
            known.extend(store.deliveries_of(source.id)?.into_iter().map(|delivery| delivery.path));
        }
        land::remove_leftovers(&store.deliveries_dir(), |path| known.contains(path), now_ms)?;
        Ok(Some(Turn { _lock: lock }))
    }

    /// Carries out one run, and before it those that were queued before it: their rows are older.
    pub fn execute(&self, store: &mut Store, run: RunId, control: &mut Control<'_>) -> Result<RunStatus, WorkerError> {
        for older in queued(store)?.into_iter().filter(|older| *older < run) {
            if control.stop.load(Ordering::Relaxed) {
                break;
            }
            go_on_after(execute(store, older, control))?;
        }
        execute(store, run, control)
    }

    /// Carries out what waits, oldest first. Answers the runs it carried out. A run that fails does not keep the others
    /// from their turn; its error is in its row.
    pub fn execute_due(
        &self,
        store: &mut Store,
        due: Due,
        control: &mut Control<'_>,
    ) -> Result<Vec<RunId>, WorkerError> {
        let mut done: Vec<RunId> = Vec::new();
        while !control.stop.load(Ordering::Relaxed) {
            let waiting = match due {
                Due::All => all_due(store)?,
                Due::Queued => queued(store)?,
            };
            let Some(run) = waiting.into_iter().find(|run| !done.contains(run)) else { break };
            done.push(run);
            go_on_after(execute(store, run, control))?;
        }
        Ok(done)
    }
}

/// Which runs a worker carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Queued and interrupted ones: somebody said so.
    All,
    /// Queued ones only. Interrupted ones wait for somebody who says so, since a newer file may have taken their place.
    Queued,
}

/// Runs that wait for their turn or for somebody to go on with them, oldest first.
fn all_due(store: &Store) -> Result<Vec<RunId>, WorkerError> {
    let waits = |run: &RunRow| run.kind != RunKind::DryRun && run.status != RunStatus::Running;
    Ok(store.runs_to_do()?.iter().filter(|run| waits(run)).map(|run| run.id).collect())
}

/// Runs that nobody has begun, oldest first.
pub fn queued(store: &Store) -> Result<Vec<RunId>, WorkerError> {
    let is_queued = |run: &&RunRow| run.kind != RunKind::DryRun && run.status == RunStatus::Queued;
    Ok(store.runs_to_do()?.iter().filter(is_queued).map(|run| run.id).collect())
}

/// Lets an error go that concerns one run only, so that others can still be tried: it is in the run's row.
fn go_on_after(executed: Result<RunStatus, WorkerError>) -> Result<(), WorkerError> {
    match executed {
        Err(error) if !is_of_the_run(&error) => Err(error),
        _ => Ok(()),
    }
}

/// Whether an error concerns one run only, so that others can still be tried.
fn is_of_the_run(error: &WorkerError) -> bool {
    !matches!(error, WorkerError::Store(_) | WorkerError::Write { .. })
}
