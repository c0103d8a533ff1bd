//! How a source stands: its contract by the files that were found, its runs, and when it is looked at next.

use crate::domain::id::RunId;
use crate::domain::source::{self, Aspect, ContractFacts, ContractStanding, FoundFile, FoundState, Pickup, Source};
use crate::store::{Store, StoreError};

/// How the contract of a source stands; none where it has none.
///
/// # Errors
/// Those of the store.
pub fn of(store: &Store, source: &Source, now_ms: i64) -> Result<Option<ContractStanding>, StoreError> {
    match source.contract {
        Some(_) => with_files(store, source, &store.found_files(source.id)?, now_ms),
        None => Ok(None),
    }
}

/// The same, with files that a look has just found.
///
/// # Errors
/// Those of the store.
pub fn with_files(
    store: &Store,
    source: &Source,
    files: &[FoundFile],
    now_ms: i64,
) -> Result<Option<ContractStanding>, StoreError> {
    Ok(with_end(store, source, files, now_ms)?.map(|(standing, _)| standing))
}

/// The same, with the moment until which it stands so at most, if nothing is found meanwhile (ms since 1970, UTC).
///
/// # Errors
/// Those of the store.
pub fn with_end(
    store: &Store,
    source: &Source,
    files: &[FoundFile],
    now_ms: i64,
) -> Result<Option<(ContractStanding, Option<i64>)>, StoreError> {
    let Some(contract) = &source.contract else { return Ok(None) };
    // Only of the newest file it matters whether its run is complete: there may be thousands.
    let taken = files.iter().filter_map(|file| match file.state {
        FoundState::Taken { run, .. } if contract.pattern.matches(&file.identity.name).is_some() => {
            Some((file.first_seen_ms, file.identity.modified_ms, run))
        }
        _ => None,
    });
    let mut complete: Vec<RunId> = Vec::new();
    if let Some((.., run)) = taken.max() {
        let ended = store.run_line(run)?.map(|run| run.status);
        complete.extend(ended.filter(|ended| ended.is_finished()).map(|_| run));
    }
    // The first version of its contract is the one that was before the first change.
    let first = store.source_changes(source.id, Aspect::Contract)?.into_iter().next_back();
    let facts = ContractFacts {
        source: &source.name,
        owner: source.owner.as_deref(),
        watched_since_ms: first.map_or(source.created_ms, |first| first.at_ms),
        files,
        complete: &complete,
    };
    let until = source::stands_until(contract, &facts, now_ms);
    Ok(Some((source::judge(contract, &facts, now_ms), until)))
}

/// The last look at where a source's files lie of which something is known: one that has only begun says nothing yet.
///
/// # Errors
/// Those of the store.
pub fn last_look(store: &Store, source: &Source) -> Result<Option<Pickup>, StoreError> {
    match source.connection {
        Some(_) => {
            let mut looks = store.pickups(source.id, 2)?.into_iter();
            Ok(looks.find(|look| look.finished_ms.is_some() || look.waiting.is_some()))
        }
        None => Ok(None),
    }
}

/// When a source is looked at next by itself (ms since 1970, UTC): not while it is paused or waits for a person.
pub fn next_run_ms(source: &Source, now_ms: i64) -> Option<i64> {
    let runs = source.paused.is_none() && source.blocked.is_none() && source.removed_ms.is_none();
    source.schedule.as_ref().filter(|_| runs).and_then(|schedule| schedule.next_after(now_ms))
}
