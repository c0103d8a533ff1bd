//! What is normal for a source's deliveries, and what is not about one: said, and stopping nothing (R357, R365).

use crate::domain::source::{FoundFile, FoundState, MOST_PAST, Normal, PastDelivery, Source};
use crate::store::{Store, StoreError};

/// How an imported file departs from the source's earlier ones.
pub(super) fn departures(
    store: &Store,
    source: &Source,
    file: &FoundFile,
    bytes: u64,
    rows: u64,
) -> Result<Vec<String>, StoreError> {
    let cadence = source.contract.as_ref().and_then(|contract| contract.cadence.as_ref());
    let zone = match cadence.or(source.schedule.as_ref()) {
        Some(schedule) => schedule.timezone(),
        None => store.settings()?.default_timezone,
    };
    let Some(normal) = Normal::of(&past(store, source, file)?, zone) else { return Ok(Vec::new()) };
    Ok(normal.departures(&PastDelivery { arrived_ms: file.first_seen_ms, bytes, rows: Some(rows) }))
}

/// The last imported files of a source but this one, oldest first: as many as say what is normal.
fn past(store: &Store, source: &Source, but: &FoundFile) -> Result<Vec<PastDelivery>, StoreError> {
    let mut past = Vec::new();
    for file in store.last_taken(source.id, MOST_PAST as u64 + 1)? {
        let FoundState::Taken { run, .. } = file.state else { continue };
        if file.identity != but.identity {
            let rows = store.run_line(run)?.and_then(|run| run.rows_expected);
            past.push(PastDelivery { arrived_ms: file.first_seen_ms, bytes: file.identity.size, rows });
        }
    }
    past.sort_by_key(|file| file.arrived_ms);
    Ok(past)
}
