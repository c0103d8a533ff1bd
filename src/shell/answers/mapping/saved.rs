//! Mappings that were saved, and mappings in files.

use crate::app::mapping::data::{Saved, SavedLine, SavedVersion};
use crate::app::message::Failure;
use crate::cli::error::CliError;
use crate::domain::id::SourceId;
use crate::domain::mapping::{Mapping, MappingError};
use crate::shell::desk::{Desk, at_home, failure};
use crate::store::SavedMapping;
use crate::worker::prepare::header_fingerprint;
use std::path::Path;

/// Bytes of a mapping file at most: one of 2,000 columns has some hundred thousand.
const MOST_BYTES: u64 = 16 << 20;

/// The newest version of each saved mapping with the versions before it; those for the header row of the source's file
/// are marked.
pub(in crate::shell::answers) fn all(desk: &Desk, source: SourceId) -> Result<Vec<SavedLine>, Failure> {
    // Without a file no mapping is known to be for it.
    let header = desk.mapping.files.get(source).ok();
    let header = header.map(|file| header_fingerprint(&file.looked.inspection.dialect().columns));
    let mut lines = Vec::new();
    for info in desk.store.mappings()? {
        let mut versions = desk.store.mapping_versions(&info.name)?.into_iter();
        let Some(newest) = versions.next() else { continue };
        lines.push(SavedLine {
            saved: told(&newest),
            sources: info.sources,
            is_for_header: header.as_ref() == Some(&newest.header),
            versions: versions.map(|version| told(&version)).collect(),
        });
    }
    Ok(lines)
}

/// A version of a saved mapping, the newest where none is named.
pub(in crate::shell::answers) fn version(
    desk: &Desk,
    name: &str,
    version: Option<u64>,
) -> Result<SavedVersion, Failure> {
    let gone = || failure(format!("There is no mapping {name} any more."), "");
    let saved = desk.store.mapping(name, version)?.ok_or_else(gone)?;
    Ok(SavedVersion { mapping: read(&saved)?, saved: told(&saved) })
}

/// A mapping from a TOML file.
pub(in crate::shell::answers) fn from_file(desk: &Desk, file: &Path) -> Result<Mapping, Failure> {
    let path = desk.directory.join(at_home(desk, file));
    let unread = |error: std::io::Error| Failure::from(CliError::file(&path, &error));
    let data = std::fs::metadata(&path).map_err(unread)?;
    if !data.is_file() || data.len() > MOST_BYTES {
        return Err(failure(format!("{} is no mapping.", path.display()), "choose a TOML file of a mapping"));
    }
    let text = std::fs::read_to_string(&path).map_err(unread)?;
    // The error says the line.
    Mapping::from_toml(&text)
        .map_err(|error| failure(format!("{}: {error}", path.display()), "mend the file, or choose another one"))
}

pub(super) fn read(saved: &SavedMapping) -> Result<Mapping, Failure> {
    let unreadable = |error: MappingError| {
        let name = &saved.name;
        failure(format!("The mapping {name} cannot be read: {error}"), format!("landfall mapping show {name}"))
    };
    Mapping::from_toml(&saved.toml).map_err(unreadable)
}

/// A version as the application knows it.
pub(in crate::shell) fn told(saved: &SavedMapping) -> Saved {
    Saved { name: saved.name.clone(), version: saved.version, by: saved.user.clone(), at_ms: saved.created_ms }
}
