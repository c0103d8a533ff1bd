//! Which sources are to be looked at now, and when to wake for the next (R105): every due time is run once, or listed as
//! missed and covered by exactly one pickup.

use super::error::WorkerError;
use super::pickup;
use crate::domain::id::SourceId;
use crate::domain::source::{DueNow, Pickup, PickupCause, Schedule, Source, next_wake};
use crate::store::{Dues, Store};
use std::time::Duration;

/// Pickups among which one that was cut off is looked for: those after it were a person's.
const LAST_PICKUPS: u64 = 20;
/// Two looks for the same unfinished file are at least this far apart (ms).
const LEAST_MS: i64 = 1_000;

/// A worker looks at the clock at least this often: while the machine is suspended, or when its clock is set, the time
/// that a sleep counts is not the one by which something is due.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// A source that is to be looked at now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub source: SourceId,
    /// The due times that the look covers; none of one that goes on with what an earlier look began or noted.
    pub dues: Option<Dues>,
}

/// The sources that are to be looked at at `now_ms`. Due times of sources that do not run, because they are paused or
/// wait for a person, are listed as missed meanwhile.
///
/// Besides due times there is what an earlier look left to be done: a pickup whose process died, a file that may have
/// been uploaded whole by now, and a file that a person's look has noted as new. That one must not wait for the next due
/// time: it has arrived by every list, and a source that is due once a day would bring it a day late. One that could not
/// be fetched, and one at a place that could not be reached, does wait for it: else a worker would try without end. So
/// does the first file of a source that nobody has mapped, which could only be held.
///
/// # Errors
/// Those of the store.
pub fn due(store: &mut Store, now_ms: i64) -> Result<Vec<Look>, WorkerError> {
    let mut looks = Vec::new();
    for source in store.sources()? {
        let Some(schedule) = scheduled(&source) else { continue };
        let now = DueNow::of(schedule, dealt_with(&source), now_ms);
        if source.paused.is_some() || source.blocked.is_some() {
            if let Some(last) = now.run {
                store.note_missed(source.id, &Dues::missed(&source, &now, Some(last), now_ms))?;
            }
            continue;
        }
        if now.run.is_some() {
            let dues = Dues { run_at: now.run, ..Dues::missed(&source, &now, None, now_ms) };
            looks.push(Look { source: source.id, dues: Some(dues) });
        } else if store.has_uncovered_dues(source.id)? {
            let dues = Dues { until_ms: dealt_with(&source), ..Dues::default() };
            looks.push(Look { source: source.id, dues: Some(dues) });
        } else if was_cut_off(store, &source)?
            || has_found_new(store, &source)?
            || settled_at(store, &source)?.is_some_and(|at| at <= now_ms)
        {
            looks.push(Look { source: source.id, dues: None });
        }
    }
    Ok(looks)
}

/// When something is due next, or was already (ms since 1970, UTC); none where nothing is ever due.
///
/// # Errors
/// Those of the store.
pub fn wake_at(store: &Store) -> Result<Option<i64>, WorkerError> {
    let mut wake: Option<i64> = None;
    for source in store.sources()? {
        let Some(schedule) = scheduled(&source) else { continue };
        let runs = source.paused.is_none() && source.blocked.is_none();
        let settled = if runs { settled_at(store, &source)? } else { None };
        let next = next_wake(schedule, dealt_with(&source));
        wake = [wake, next, settled].into_iter().flatten().min();
    }
    Ok(wake)
}

/// Whether a pickup since the last scheduled one has not come to its end. Where its process died, what it was to do is
/// still to be done; where it lives, it holds the source's lock, and nothing happens.
fn was_cut_off(store: &Store, source: &Source) -> Result<bool, WorkerError> {
    let last = store.pickups(source.id, LAST_PICKUPS)?;
    let is_end = |pickup: &&Pickup| pickup.cause == PickupCause::Schedule && pickup.finished_ms.is_some();
    Ok(last.iter().take_while(|pickup| !is_end(pickup)).any(|pickup| pickup.finished_ms.is_none()))
}

/// Whether a file is new and there that nobody has tried to fetch since it was noted.
fn has_found_new(store: &Store, source: &Source) -> Result<bool, WorkerError> {
    if !source.is_mapped() || !store.has_untried(source.id)? {
        return Ok(false);
    }
    let last = store.pickups(source.id, 1)?.pop();
    let fault = last.and_then(|last| last.fault);
    // One that was told to stop is gone on with where it stopped.
    Ok(fault.is_none_or(|fault| fault.code == pickup::STOPPED))
}

/// How long a worker that wants to wake at `wake_ms` sleeps at a stretch: until then, and never for so long that a clock
/// that was set, or a machine that was suspended, is noticed late.
pub fn sleep_until(wake_ms: i64, now_ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(wake_ms.saturating_sub(now_ms)).unwrap_or(0)).min(LONGEST_SLEEP)
}

/// The schedule of a source that brings its own files.
fn scheduled(source: &Source) -> Option<&Schedule> {
    source.connection.as_ref().and(source.schedule.as_ref())
}

fn dealt_with(source: &Source) -> i64 {
    source.due_until_ms.unwrap_or(source.created_ms)
}

/// When a second look can tell that the files that may still be uploaded are whole.
fn settled_at(store: &Store, source: &Source) -> Result<Option<i64>, WorkerError> {
    let Some(still_ms) = pickup::still_ms(source) else { return Ok(None) };
    let Some(newest) = store.newest_settling(source.id)? else { return Ok(None) };
    Ok(match store.pickups(source.id, 1)?.first() {
        // A place that could not be reached waits for its next due time.
        Some(last) if last.fault.is_some() => None,
        // What a second look did not settle waits for its control file: it is looked for at twice the distance each time.
        Some(last) => Some(newest.max(last.started_ms) + still_ms.max(LEAST_MS).max(last.started_ms - newest)),
        None => Some(newest + still_ms),
    })
}
