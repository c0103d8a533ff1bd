//! Fetching a file: to a `.part` in the deliveries, then under the name of its content, then registered.

use super::{Ended, Means, look};
use crate::domain::id::{DeliveryId, PickupId, SourceId};
use crate::domain::source::{FileIdentity, FoundFile, Source};
use crate::store::{NewDelivery, Store};
use crate::worker::error::{Refusal, WorkerError};
use crate::worker::land;
use crate::worker::prepare::still_there;
use crate::worker::reach::Place;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs;

/// Brings a file here and registers it. Killed anywhere, it is begun again or gone on with by the next pickup: what has
/// no name of its own is a part, and what is not registered is fetched again.
pub(super) fn fetch(
    store: &mut Store,
    source: &Source,
    place: &mut Place,
    file: &FileIdentity,
    pickup: PickupId,
    means: &Means<'_>,
) -> Result<DeliveryId, Ended> {
    fetch_telling(store, source, place, file, pickup, means, &mut |_| ())
}

/// The same; `told` hears how many bytes are here.
pub(super) fn fetch_telling(
    store: &mut Store,
    source: &Source,
    place: &mut Place,
    file: &FileIdentity,
    pickup: PickupId,
    means: &Means<'_>,
    told: &mut dyn FnMut(u64),
) -> Result<DeliveryId, Ended> {
    let deliveries = store.deliveries_dir();
    let part = deliveries.join(part_name(source.id, file));
    // The session may have ended with the fault: each further try begins with a new one.
    let fetched = means.again_and_again(store, pickup, |tries, attempt| {
        if attempt.number > 1 {
            *place = look::reach(&tries.store.borrow(), source, means)?;
        }
        let mut progress = |bytes| {
            attempt.progressed();
            tries.goes_on();
            told(bytes);
        };
        place.fetch(file, &part, &mut progress, means.stop)
    })?;
    let landed = land::land_fetched(&part, &deliveries, &file.name, fetched.bytes, fetched.sha256)?;
    let new = NewDelivery {
        source: source.id,
        name: &file.name,
        path: &deliveries.join(&landed.file_name),
        bytes: landed.bytes,
        sha256: &landed.sha256,
        landed_ms: (means.now_ms)(),
    };
    let delivery = store.register_arrival(&new, file, || still_there(new.path, &file.name))?;
    store.vouch_for(delivery, landed.state);
    Ok(delivery)
}

/// Where a file is fetched to. Another state of the same file has another one.
fn part_name(source: SourceId, file: &FileIdentity) -> String {
    let mut hash = Sha256::new();
    hash.update(file.size.to_le_bytes());
    hash.update(file.modified_ms.to_le_bytes());
    hash.update(file.name.as_bytes());
    let hash: String = hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("{}{hash}", part_prefix(source))
}

fn part_prefix(source: SourceId) -> String {
    format!(".part-{source}-")
}

/// Removes the parts of files that are not to be fetched any more.
pub(super) fn remove_old_parts(store: &Store, source: &Source) -> Result<(), WorkerError> {
    let (new, settling) = (store.new_files(source.id)?, store.settling_files(source.id)?);
    let wanted: HashSet<String> =
        new.iter().chain(&settling).map(|file| part_name(source.id, &file.identity)).collect();
    let deliveries = store.deliveries_dir();
    let entries = fs::read_dir(&deliveries).map_err(|error| WorkerError::read(&deliveries, error))?;
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&part_prefix(source.id)) && !wanted.contains(&name) {
            // It is in nobody's way; the next pickup tries again.
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

pub(super) fn no_such(source: &Source, name: &str) -> WorkerError {
    let message = format!("There is no file {name:?} where the files of {:?} lie.", source.name);
    Refusal::new("not_found", message, format!("See what is there with `landfall source files {:?}`.", source.name))
        .into()
}

pub(super) fn refused(file: &FoundFile, why: &str) -> WorkerError {
    let message = format!("{:?} is not fetched. {why}", file.identity.name);
    Refusal::new("file_refused", message, "Ask the owner of the upstream drop about it.").into()
}

pub(super) fn busy() -> Refusal {
    let message = "Another process is just bringing the files of this source.";
    Refusal::new("source_busy", message, "Wait until it has finished, then try again.")
}
