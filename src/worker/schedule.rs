//! Which sources are to be looked at now, and when to wake for the next (R105): every due time is run once, or listed as
//! missed and covered by exactly one pickup.

use super::error::WorkerError;
use super::pickup;
use crate::domain::id::SourceId;
use crate::domain::source::{DueNow, Missed, Schedule, Source, next_wake};
use crate::store::{Dues, Store};

/// Two looks for the same unfinished file are at least this far apart (ms).
const LEAST_MS: i64 = 1_000;

/// A source that is to be looked at now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub source: SourceId,
    /// The due times that the look covers; none of a look that only says whether an upload has ended.
    pub dues: Option<Dues>,
}

/// The sources that are to be looked at at `now_ms`. Due times of sources that do not run, because they are paused or
/// wait for a person, are listed as missed meanwhile.
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
                store.note_missed(source.id, &missed(&source, &now, Some(last), now_ms))?;
            }
            continue;
        }
        if now.run.is_some() {
            let dues = Dues { run_at: now.run, ..missed(&source, &now, None, now_ms) };
            looks.push(Look { source: source.id, dues: Some(dues) });
        } else if store.has_uncovered_dues(source.id)? {
            let dues = Dues { until_ms: dealt_with(&source), ..Dues::default() };
            looks.push(Look { source: source.id, dues: Some(dues) });
        } else if was_cut_off(store, &source)? || settled_at(store, &source)?.is_some_and(|at| at <= now_ms) {
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

/// Whether the last pickup has not come to its end. Where its process died, what it was to do is still to be done; where
/// it lives, it holds the source's lock, and nothing happens.
fn was_cut_off(store: &Store, source: &Source) -> Result<bool, WorkerError> {
    Ok(store.pickups(source.id, 1)?.first().is_some_and(|last| last.finished_ms.is_none()))
}

/// The schedule of a source that brings its own files.
fn scheduled(source: &Source) -> Option<&Schedule> {
    source.connection.as_ref().and(source.schedule.as_ref())
}

fn dealt_with(source: &Source) -> i64 {
    source.due_until_ms.unwrap_or(source.created_ms)
}

/// The due times that nobody looks at in their time, and why.
fn missed(source: &Source, now: &DueNow, last: Option<i64>, until_ms: i64) -> Dues {
    let paused_at = source.paused.as_ref().map(|paused| paused.at_ms.unwrap_or(i64::MIN));
    let blocked_at = source.blocked.as_ref().map(|blocked| blocked.at_ms);
    let why = |at: i64| match (paused_at, blocked_at) {
        (Some(since), _) if at >= since => Missed::Paused,
        (_, Some(since)) if at >= since => Missed::Blocked,
        _ => Missed::Away,
    };
    let each = now.missed.iter().copied().chain(last);
    Dues { run_at: None, missed: each.map(|at| (at, why(at))).collect(), before: now.missed_before, until_ms }
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
