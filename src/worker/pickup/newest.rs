//! Bringing one file to be looked at: its columns are to be mapped before anything is imported (R352–R354).

use super::{Ended, Means, Report, arrival, fetch, for_a_person, found, is_kept, keep_what_became_of, lock, look};
use crate::connect::ConnectError;
use crate::domain::id::{DeliveryId, SourceId};
use crate::domain::source::{FoundFile, FoundState, Source};
use crate::store::{Store, StoreError};
use crate::worker::error::{Refusal, WorkerError};
use std::cmp::Reverse;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A file that may still be uploaded is waited for so long at most (ms).
const MOST_WAIT_MS: i64 = 60_000;

/// How far the bringing of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bringing<'b> {
    /// It may still be uploaded: it is looked at again after so long.
    Waiting { name: &'b str, time: Duration },
    /// So many of its bytes are here.
    Fetching { name: &'b str, bytes: u64, of: u64 },
}

/// Brings the newest file of a source, or the one of this name, and answers its delivery; one that is here already is
/// not fetched again. Nothing is imported: what becomes of it is for a person where nobody has mapped the source yet, and
/// else for the next pickup.
///
/// A file that may still be uploaded is looked at a second time before it is fetched, as by any pickup.
///
/// # Errors
/// [`Refusal`]s when there is no such file, when it is not to be fetched, or may still be uploaded; those on the way to it.
pub fn bring_to_look(
    store: &mut Store,
    source: SourceId,
    name: Option<&str>,
    means: &Means<'_>,
    told: &mut dyn FnMut(Bringing<'_>),
) -> Result<DeliveryId, WorkerError> {
    let _lock = lock(store, source)?;
    let source = found(store, source)?;
    for_a_person(store, &source, means, |store, report| looked_and_brought(store, &source, name, means, told, report))
}

fn looked_and_brought(
    store: &mut Store,
    source: &Source,
    name: Option<&str>,
    means: &Means<'_>,
    told: &mut dyn FnMut(Bringing<'_>),
    report: &mut Report,
) -> Result<DeliveryId, Ended> {
    let mut has_waited = false;
    loop {
        let mut place = look::look(store, source, means, report)?;
        let file = chosen(store, source, name, report.listed)?;
        let of_file = file.identity.name.as_str();
        let kept = file.state.delivery().map(|delivery| is_kept(store, delivery)).transpose()?;
        match (&file.state, kept) {
            // One that is still there is fetched again when what was fetched of it is no longer kept.
            (FoundState::New, _) | (_, Some(false)) if file.is_there => {
                let of = file.identity.size;
                let mut told = |bytes| told(Bringing::Fetching { name: of_file, bytes, of });
                let delivery =
                    fetch::fetch_telling(store, source, &mut place, &file.identity, report.pickup, means, &mut told)?;
                report.landed += 1;
                keep_what_became_of(store, &file, delivery)?;
                if file.state == FoundState::New && !source.is_mapped() {
                    hold(store, source, &file, delivery)?;
                }
                return Ok(delivery);
            }
            (FoundState::Settling, _) => {
                let since = (means.now_ms)() - file.first_seen_ms;
                let left =
                    look::still_ms(source).map(|still| still - since).filter(|left| (1..=MOST_WAIT_MS).contains(left));
                let Some(left) = left.filter(|_| !has_waited) else { return Err(still_uploaded(&file).into()) };
                has_waited = true;
                drop(place);
                let time = Duration::from_millis(left.unsigned_abs());
                told(Bringing::Waiting { name: of_file, time });
                (means.sleep)(time);
                if means.stop.load(Ordering::Relaxed) {
                    return Err(ConnectError::Stopped.into());
                }
            }
            (FoundState::Refused { why }, _) => return Err(fetch::refused(&file, why).into()),
            (state, _) => return state.delivery().ok_or_else(|| nothing(source, report.listed).into()),
        }
    }
}

/// The file of this name; else the newest that is whole, or is here; else the newest that may still be uploaded.
fn chosen(store: &Store, source: &Source, name: Option<&str>, listed: u64) -> Result<FoundFile, Ended> {
    let mut files = store.found_files(source.id)?;
    files.retain(|file| name.is_none_or(|name| file.identity.name == name));
    if name.is_none() {
        files.retain(|file| {
            file.is_there && !matches!(file.state, FoundState::Ignored { .. } | FoundState::Refused { .. })
        });
    }
    let mut ranked = Vec::new();
    for file in files {
        let is_gone = match file.state.delivery() {
            Some(delivery) => !file.is_there && !is_kept(store, delivery)?,
            None => false,
        };
        let is_whole = !matches!(file.state, FoundState::Settling);
        ranked.push(((is_gone, Reverse((file.is_there, is_whole, file.identity.modified_ms))), file));
    }
    let first = ranked.into_iter().min_by_key(|(rank, _)| *rank);
    let missing = || match name {
        Some(name) => fetch::no_such(source, name),
        None => nothing(source, listed),
    };
    match first {
        Some(((false, _), file)) => Ok(file),
        Some(((true, _), file)) => Err(purged(&file).into()),
        None => Err(missing().into()),
    }
}

/// While its columns are being mapped no pickup takes the file: the person who looks at it imports it.
fn hold(store: &mut Store, source: &Source, file: &FoundFile, delivery: DeliveryId) -> Result<(), Ended> {
    let missing = || StoreError::NoSuch { what: "delivery", id: delivery.to_string() };
    let landed = store.delivery(delivery)?.ok_or_else(missing)?;
    let state = FoundState::Held { delivery: Some(delivery), why: arrival::unmapped(source, &landed) };
    Ok(store.set_found_state(source.id, &file.identity, &state)?)
}

fn nothing(source: &Source, listed: u64) -> WorkerError {
    let message = match (listed, source.contract.as_ref().map(|contract| contract.pattern.as_str())) {
        (0, _) => "No file lies there yet.".to_owned(),
        (_, Some(pattern)) => format!("No file lies there whose name matches {pattern}."),
        (_, None) => "No file lies there that could be imported.".to_owned(),
    };
    let next = "Press f in Data Sources to see what lies there and why it is left, or ask the owner for a file.";
    Refusal::new("not_found", message, next).into()
}

fn purged(file: &FoundFile) -> WorkerError {
    let message = format!("{:?} was here, and is no longer kept.", file.identity.name);
    Refusal::new("not_found", message, "Have it delivered once more under another name.").into()
}

fn still_uploaded(file: &FoundFile) -> WorkerError {
    let message = format!("{:?} may still be uploaded; nothing of it was fetched.", file.identity.name);
    let next = "Try again when it is whole: when it no longer changes, and what is agreed to lie beside it is there.";
    Refusal::new("still_uploaded", message, next).into()
}
