//! Sources that bring their own files.

use crate::app::source_data::NamesWanted;
use crate::connect::local::DirPlace;
use crate::domain::source::ListedKind;
use crate::shell::desk::{Desk, at_home};
use std::path::Path;

/// The names of the files at a place; none where it cannot be looked into: whoever types a path is not done yet.
pub(super) fn file_names(desk: &Desk, wanted: &NamesWanted) -> Option<Vec<String>> {
    match wanted {
        NamesWanted::Directory(path) => {
            let path = desk.directory.join(at_home(desk, Path::new(path)));
            let listed = DirPlace::open(&path).and_then(|place| place.list()).ok()?;
            let files = listed.into_iter().filter(|file| file.kind == ListedKind::File);
            Some(files.map(|file| file.identity.name).filter(|name| !name.starts_with('.')).collect())
        }
        NamesWanted::Source(id) => {
            let found = desk.store.found_files(*id).ok()?;
            Some(found.into_iter().filter(|file| file.is_there).map(|file| file.identity.name).collect())
        }
    }
}
