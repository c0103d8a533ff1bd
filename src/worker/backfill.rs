//! A backfill: earlier deliveries of a source considered once more, with its mapping and filters as they are now (R84,
//! R85). From what is kept, where that suffices; else from where the files lie.

use super::error::WorkerError;
use super::pickup::{self, Means};
use super::request::ImportRequest;
use crate::domain::id::SourceId;
use crate::domain::run::RunKind;
use crate::domain::source::{FoundFile, Source};
use crate::store::{Delivery, Store, StoreError};
use chrono::{NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Tz;
use std::collections::HashSet;

/// An earlier delivery of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    Kept(Delivery),
    /// It was purged, and the file still lies where it came from.
    There(FoundFile),
    /// It was purged, and is nowhere.
    Gone(Delivery),
}

/// The deliveries of a source that arrived on this day or later, as the source's clocks have it, oldest first. Of the same
/// content there is one.
///
/// # Errors
/// Those of the store.
pub fn earlier(store: &Store, source: &Source, since: NaiveDate) -> Result<Vec<Earlier>, WorkerError> {
    let zone = match &source.schedule {
        Some(schedule) => schedule.timezone(),
        None => source.options.timezone.unwrap_or(store.settings()?.default_timezone),
    };
    let since_ms = begin_of(since, zone);
    let mut seen = HashSet::new();
    let mut earlier = Vec::new();
    let files = store.found_files(source.id)?;
    for delivery in store.deliveries_of(source.id)?.into_iter().filter(|delivery| delivery.landed_ms >= since_ms) {
        let runs = store.runs_of_delivery(source.id, delivery.id)?;
        // What nobody wanted imported is not brought in by a side door.
        if !runs.iter().any(|run| run.kind != RunKind::DryRun) || !seen.insert(delivery.sha256.clone()) {
            continue;
        }
        if delivery.purged_ms.is_none() {
            earlier.push(Earlier::Kept(delivery));
            continue;
        }
        let is_it = |file: &&FoundFile| file.is_there && file.state.delivery() == Some(delivery.id);
        match files.iter().find(is_it) {
            Some(file) => earlier.push(Earlier::There(file.clone())),
            None => earlier.push(Earlier::Gone(delivery)),
        }
    }
    earlier.reverse();
    Ok(earlier)
}

/// The first moment of a day (ms since 1970, UTC).
fn begin_of(day: NaiveDate, zone: Tz) -> i64 {
    let midnight = day.and_time(NaiveTime::MIN);
    let local = zone.from_local_datetime(&midnight).earliest();
    local.map_or_else(|| midnight.and_utc().timestamp_millis(), |at| at.timestamp_millis())
}

/// Fetches a file again whose delivery was purged.
///
/// # Errors
/// When it cannot be fetched.
pub fn fetch_again(
    store: &mut Store,
    source: SourceId,
    file: &FoundFile,
    means: &Means<'_>,
) -> Result<Delivery, WorkerError> {
    let delivery = pickup::bring(store, source, &file.identity.name, means)?;
    let missing = || StoreError::NoSuch { what: "delivery", id: delivery.to_string() };
    Ok(store.delivery(delivery)?.ok_or_else(missing)?)
}

/// The run of a delivery in a backfill. A date that the source's rows must have reached does not keep out what the
/// backfill is for.
///
/// # Errors
/// [`super::error::Refusal`]s for options that name what there is not.
pub fn request(
    source: &Source,
    delivery: &Delivery,
    since: NaiveDate,
    user: String,
) -> Result<ImportRequest, WorkerError> {
    let request = ImportRequest::of_delivery(source, delivery, RunKind::Backfill, user)?;
    Ok(ImportRequest { since: request.since.map(|own| own.min(since)), unattended: true, ..request })
}
