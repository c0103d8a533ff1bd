//! What becomes of a file at its place when its run is complete: left, moved or deleted. It may be begun again at any
//! time: what is gone already is put away.

use super::{Ended, fault_of, left_for_later};
use crate::connect::{Class, ConnectError};
use crate::domain::run::RunLine;
use crate::domain::source::{AfterImport, Fault, FoundFile, FoundState, Source};
use crate::store::{Store, StoreError};
use crate::worker::reach::Place;

/// Whether a file of the source is to be put away.
pub(super) fn is_due(store: &Store, source: &Source) -> Result<bool, StoreError> {
    Ok(source.connection.is_some() && !imported(store, source)?.is_empty())
}

/// Puts the files of complete runs away. What concerns one file only is told and left for the next time.
pub(super) fn put_away(
    store: &mut Store,
    source: &Source,
    place: &mut Place,
    troubles: &mut Vec<(String, Fault)>,
) -> Result<(), Ended> {
    if source.after_import == AfterImport::Leave {
        store.forget_putting_away(source.id)?;
    }
    for file in imported(store, source)? {
        match place.after(&file.identity, &source.after_import) {
            Ok(_) | Err(ConnectError::FileVanished { .. }) => store.found_file_left(source.id, &file.identity)?,
            // Another file lies there now, which the next look finds.
            Err(ConnectError::FileChanged { .. }) => {}
            Err(error) if error.class() == Class::Transient => return Err(error.into()),
            Err(error) => left_for_later(store, source.id, file.identity, fault_of(source, &error), troubles)?,
        }
    }
    Ok(())
}

/// The files that are there and whose runs are complete, with every row accounted for.
fn imported(store: &Store, source: &Source) -> Result<Vec<FoundFile>, StoreError> {
    let mut imported = Vec::new();
    if source.after_import == AfterImport::Leave {
        return Ok(imported);
    }
    for file in store.taken_files_there(source.id)? {
        let FoundState::Taken { run, .. } = file.state else { continue };
        let is_complete = |run: RunLine| run.status.is_finished() && run.sample.is_none();
        if store.run_line(run)?.is_some_and(is_complete) {
            imported.push(file);
        }
    }
    Ok(imported)
}
