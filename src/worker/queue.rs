//! One at a time: the workspace's lock, and the runs that wait for it.

use super::error::WorkerError;
use super::execute::{Control, execute};
use super::land;
use crate::domain::id::{RunId, SourceId};
use crate::domain::run::{Interruption, RunKind, RunLine, RunStatus};
use crate::domain::source::Source;
use crate::store::{RunFilter, Store, StoreError, WorkspaceLock};
use std::collections::HashSet;
use std::sync::atomic::Ordering;

/// How often a run is gone on with by itself after its process died, without getting any further.
const MOST_RESUMPTIONS: u64 = 3;

/// What is said of a run whose process is no more.
const DIED: &str = "The process that ran it ended before the run did. It can be resumed.";

/// The right to run, and what it brings: whoever holds it has dealt with the runs of a holder that died.
pub struct Turn {
    _lock: WorkspaceLock,
}

impl Turn {
    /// Takes the workspace's lock; none when another process holds it. Runs that a dead process left as running are
    /// interrupted ones from now on, and its half copies are removed.
    pub fn take(store: &mut Store, now_ms: i64) -> Result<Option<Turn>, WorkerError> {
        let Some(turn) = Turn::take_again(store, now_ms)? else { return Ok(None) };
        turn.tidy_up(store, now_ms)?;
        Ok(Some(turn))
    }

    /// The same without looking through the deliveries, of which there may be very many: for a worker that lets go of the
    /// workspace over and over, and tidies up now and then.
    pub fn take_again(store: &mut Store, now_ms: i64) -> Result<Option<Turn>, WorkerError> {
        let Some(lock) = Store::try_lock(store.dir())? else { return Ok(None) };
        for run in running(store)? {
            store.interrupt_run(run, Interruption::Death, DIED, now_ms)?;
        }
        Ok(Some(Turn { _lock: lock }))
    }

    /// Removes the half copies of dead processes, and copies that no run was made of.
    pub fn tidy_up(&self, store: &Store, now_ms: i64) -> Result<(), WorkerError> {
        land::remove_leftovers(store, now_ms)
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
                Due::ByItself => due_by_itself(store, (control.now_ms)())?,
            };
            let Some(run) = waiting.into_iter().find(|run| !done.contains(run)) else { break };
            done.push(run);
            store.requeue_run(run, due == Due::ByItself)?;
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
    /// Queued ones, and those whose process died. Those that a person or an error stopped wait for somebody who says so;
    /// so do those after which another run of their source began, since a newer file may have taken their place.
    ByItself,
}

/// Runs that wait for their turn or for somebody to go on with them, oldest first. Those of a paused source wait for
/// its end, and those of one that waits for a person for that person (R100, R106).
fn all_due(store: &Store) -> Result<Vec<RunId>, WorkerError> {
    Ok(waiting(store)?.into_iter().map(|run| run.id).collect())
}

fn waiting(store: &Store) -> Result<Vec<RunLine>, WorkerError> {
    let held = |source: &Source| source.paused.is_some() || source.blocked.is_some();
    let held: HashSet<_> = store.sources()?.into_iter().filter(held).map(|source| source.id).collect();
    let waits =
        |run: &RunLine| run.kind != RunKind::DryRun && run.status != RunStatus::Running && !held.contains(&run.source);
    Ok(store.runs_to_do()?.into_iter().filter(waits).collect())
}

/// Runs that nobody has begun, or that somebody wants gone on with, oldest first.
pub fn queued(store: &Store) -> Result<Vec<RunId>, WorkerError> {
    let waiting = waiting(store)?;
    Ok(waiting.iter().filter(|run| run.status == RunStatus::Queued).map(|run| run.id).collect())
}

/// The oldest run of a source that has not ended: the source is not removed before.
pub fn unfinished_of(store: &Store, source: SourceId) -> Result<Option<RunLine>, WorkerError> {
    Ok(store.runs_to_do()?.into_iter().find(|run| run.source == source && run.kind != RunKind::DryRun))
}

/// What a worker carries out that nobody has told what to do. A run that died too often is left to a person.
fn due_by_itself(store: &mut Store, now_ms: i64) -> Result<Vec<RunId>, WorkerError> {
    let mut due = Vec::new();
    for run in waiting(store)? {
        if run.status == RunStatus::Queued {
            due.push(run.id);
        } else if run.interruption == Some(Interruption::Death) && !was_followed(store, &run)? {
            if run.resumptions < MOST_RESUMPTIONS {
                due.push(run.id);
                continue;
            }
            let why = format!(
                "Its process ended {} times without getting further. See worker.log in the workspace; when the cause is gone, resume it.",
                run.resumptions + 1
            );
            store.interrupt_run(run.id, Interruption::Error, &why, now_ms)?;
        }
    }
    Ok(due)
}

/// Whether another run of the same source has been begun since.
fn was_followed(store: &Store, run: &RunLine) -> Result<bool, WorkerError> {
    let of_source = RunFilter { source: Some(run.source), ..RunFilter::default() };
    let later = store.run_lines(&of_source)?.into_iter().take_while(|later| later.id > run.id);
    Ok(later.into_iter().any(|later| later.kind != RunKind::DryRun && later.started_ms.is_some()))
}

/// Runs, other than dry ones, that say they are at work.
fn running(store: &Store) -> Result<Vec<RunId>, WorkerError> {
    let runs = store.runs_to_do()?;
    let at_work = runs.iter().filter(|run| run.status == RunStatus::Running && run.kind != RunKind::DryRun);
    Ok(at_work.map(|run| run.id).collect())
}

/// What became of the wish to stop a run for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancel {
    /// Nobody carried it out: it is cancelled.
    Done,
    /// Whoever carries it out stops at the end of its batch.
    Asked,
    /// It had ended before, like this.
    Ended(RunStatus),
}

/// Stops a run for good; what it has done stays.
///
/// # Errors
/// When there is no such run.
pub fn cancel(store: &mut Store, run: RunId, now_ms: i64) -> Result<Cancel, WorkerError> {
    let missing = || StoreError::NoSuch { what: "run", id: run.to_string() };
    let status = |store: &Store| Ok::<_, WorkerError>(store.run_line(run)?.ok_or_else(missing)?.status);
    let before = status(store)?;
    if !before.can_resume() {
        return Ok(Cancel::Ended(before));
    }
    store.request_cancel(run)?;
    let turn = Turn::take(store, now_ms)?;
    // It may have gone on, or ended, since it was looked at.
    let now = status(store)?;
    if turn.is_some() && now.can_resume() || now == RunStatus::Queued {
        // Nobody carries it out, so nobody would see the request.
        store.set_run_status(run, RunStatus::Cancelled, None, now_ms)?;
        return Ok(Cancel::Done);
    }
    Ok(match now {
        RunStatus::Cancelled => Cancel::Done,
        now if now.can_resume() => Cancel::Asked,
        now => Cancel::Ended(now),
    })
}

/// Whether a run other than a dry one is at work, or says so.
pub fn is_at_work(store: &Store) -> Result<bool, WorkerError> {
    Ok(!running(store)?.is_empty())
}

/// Runs whose process died: they say they are at work, and nobody holds the workspace's lock. The next worker goes on
/// with them; until then they are interrupted, whatever their row says. Takes nothing and changes nothing.
pub fn orphaned(store: &Store) -> Result<Vec<RunId>, WorkerError> {
    let before = running(store)?;
    if before.is_empty() || Store::is_locked(store.dir())? {
        return Ok(Vec::new());
    }
    // One that ended meanwhile was not orphaned when the lock was free.
    Ok(running(store)?.into_iter().filter(|run| before.contains(run)).collect())
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
