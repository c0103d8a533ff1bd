//! How a source stands: its contract by the files that were found, its runs, and when it is looked at next.

use crate::domain::id::RunId;
use crate::domain::run::RunStatus;
use crate::domain::source::{self, Aspect, ContractFacts, ContractStanding, FoundFile, FoundState, Source};
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
    let Some(contract) = &source.contract else { return Ok(None) };
    let mut complete: Vec<RunId> = Vec::new();
    for file in files {
        let FoundState::Taken { run, .. } = file.state else { continue };
        let ended = store.run_line(run)?.map(|run| run.status);
        if matches!(ended, Some(RunStatus::Completed | RunStatus::NeedsAttention)) {
            complete.push(run);
        }
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
    Ok(Some(source::judge(contract, &facts, now_ms)))
}

/// When a source is looked at next by itself (ms since 1970, UTC): not while it is paused or waits for a person.
pub fn next_run_ms(source: &Source, now_ms: i64) -> Option<i64> {
    let runs = source.paused.is_none() && source.blocked.is_none() && source.removed_ms.is_none();
    source.schedule.as_ref().filter(|_| runs).and_then(|schedule| schedule.next_after(now_ms))
}
