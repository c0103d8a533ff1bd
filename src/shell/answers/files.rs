//! The file picker and a first look at a file.

use crate::app::data::{Entry, FileLook, Listing};
use crate::app::message::Failure;
use crate::cli::error::CliError;
use crate::engine::inspect::{self, Extent};
use crate::engine::sniff::Overrides;
use crate::shell::desk::Desk;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Entries of a directory that are listed at most.
const MOST: usize = 20_000;

/// What a directory holds, by name.
pub(super) fn list(_: &Desk, dir: &Path) -> Result<Listing, Failure> {
    let of_dir = |error| Failure::from(CliError::file(dir, &error));
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).map_err(of_dir)?.take(MOST) {
        // What goes away, or cannot be looked at, while the directory is read is not listed.
        let Ok(entry) = entry else { continue };
        let Ok(data) = fs::metadata(entry.path()) else { continue };
        let modified = data.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        entries.push(Entry {
            name: entry.file_name().to_string_lossy().into_owned(),
            is_dir: data.is_dir(),
            bytes: data.len(),
            modified_ms: modified.and_then(|since| i64::try_from(since.as_millis()).ok()),
        });
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Listing { dir: dir.to_owned(), entries })
}

/// What is in a file: the same look as `landfall inspect` takes.
pub(super) fn look(desk: &Desk, path: &Path) -> Result<FileLook, Failure> {
    let store = &desk.store;
    let data = fs::metadata(path).map_err(|error| Failure::from(CliError::file(path, &error)))?;
    let catalog = store.catalog()?;
    let found = inspect::inspect(path, &Overrides::default(), &catalog, store.workspace_code(), Extent::Sample)
        .map_err(CliError::from)?;
    let dialect = found.dialect();
    let fields = found
        .suggestions
        .iter()
        .map(|suggestion| suggestion.field.and_then(|field| catalog.get(field)).map(|field| field.label.clone()));
    Ok(FileLook {
        path: path.to_owned(),
        bytes: data.len(),
        encoding: dialect.encoding.name().to_owned(),
        delimiter: char::from(dialect.delimiter),
        header_row: dialect.header_line,
        columns: dialect.columns.iter().cloned().zip(fields).collect(),
        problems: found.sniffed.problems.iter().map(|problem| problem.detail.clone()).collect(),
    })
}
