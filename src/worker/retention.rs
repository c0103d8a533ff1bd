//! What is kept for a set time only: see [`crate::domain::settings::Settings::keep_deliveries_days`].

use super::error::WorkerError;
use crate::store::{Store, Unneeded};
use std::fs::{self, File};
use std::io::ErrorKind;
use std::time::UNIX_EPOCH;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// Registering a landed file takes a moment; one that was written later than this after it has landed again since (ms).
const MOMENT_MS: i64 = 2_000;

/// What was removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Deliveries that were marked as purged.
    pub deliveries: u64,
    /// Of the files that were removed. Deliveries of the same content share one.
    pub bytes: u64,
    /// Runs of which it is no longer known what records were before them.
    pub before_images: u64,
}

/// Removes what has been kept for as long as the settings say: files of deliveries whose runs have ended, and what
/// records were before they were changed. Counts and outcomes stay, and a delivery says that it was purged.
///
/// # Errors
/// Those of the store, and [`WorkerError::Write`] for a file that cannot be removed: it is tried again the next time.
pub fn apply(store: &mut Store, now_ms: i64) -> Result<Purged, WorkerError> {
    let settings = store.settings()?;
    let before = |days: u64| now_ms.saturating_sub(i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(DAY_MS));
    let deliveries = store.purge_deliveries(before(settings.keep_deliveries_days), now_ms)?;
    let bytes = remove_unneeded(store)?;
    let before_images = store.purge_before_images(before(settings.keep_before_images_days))?;
    Ok(Purged { deliveries, bytes, before_images })
}

/// Removes the files that only purged deliveries have, also those that a killed process did not come to. Answers their
/// bytes.
pub(super) fn remove_unneeded(store: &Store) -> Result<u64, WorkerError> {
    let mut bytes = 0;
    for Unneeded { path, landed_ms } in store.unneeded_files()? {
        let found = match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            found => found.map_err(|error| WorkerError::read(&path, error))?,
        };
        let written = found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        if written.is_some_and(|at| at.as_millis() as i64 > landed_ms + MOMENT_MS) {
            // The same content has landed again, and is about to be registered.
            continue;
        }
        fs::remove_file(&path).map_err(|error| WorkerError::write(&path, error))?;
        bytes += found.len();
    }
    let directory = store.deliveries_dir();
    let synced = File::open(&directory).and_then(|directory| directory.sync_all());
    synced.map_err(|error| WorkerError::write(&directory, error))?;
    Ok(bytes)
}
