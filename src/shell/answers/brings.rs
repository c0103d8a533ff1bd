//! Sources that bring their own files.

use crate::app::message::Failure;
use crate::app::source_data::{AccessView, NamesWanted};
use crate::connect::local::DirPlace;
use crate::domain::id::SourceId;
use crate::domain::source::{Connection, ListedKind, Login, Sftp, UploadTexts};
use crate::shell::desk::{Desk, at_home, failure};
use crate::worker::setup;
use std::path::Path;

/// What an upload command names where the upstream puts its own file.
const FILE: &str = "FILE.csv";

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

/// How the files of a source are reached, and what others need for that.
pub(super) fn access(desk: &Desk, id: SourceId) -> Result<AccessView, Failure> {
    let gone = || failure(format!("There is no source {id} any more."), "");
    let source = desk.store.source(id)?.ok_or_else(gone)?;
    let connection = source.connection.ok_or_else(|| failure(format!("“{}” has no connection.", source.name), ""))?;
    let workspace = desk.store.dir();
    let public_key = match &connection {
        Connection::Sftp(Sftp { login: Login::OwnKey, .. }) => Some(setup::own_public_key(workspace, id)?),
        _ => None,
    };
    let (upload, upload_error) = match &connection {
        Connection::Drop(drop) => match UploadTexts::of(drop, FILE) {
            Ok(texts) => (Some(texts), None),
            Err(error) => (None, Some(format!("{error}."))),
        },
        _ => (None, None),
    };
    let private_key = Some(setup::upstream_key(workspace, id)).filter(|path| path.is_file());
    Ok(AccessView { id, connection, public_key, upload, upload_error, private_key })
}
