//! What can go wrong in the store, in words for the person who has to do something about it.

use super::index;
use crate::domain::field::CatalogError;
use crate::domain::id::{RecordId, RunId};
use crate::domain::settings::SettingError;
use rusqlite::ErrorCode;
use std::io;
use std::path::{Path, PathBuf};

/// Why the store could not do what it was asked. Every message says what happened, to which file, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the disk is full: {} cannot be written. Free some space, then {}", path.display(), go_on(*run))]
    DiskFull { path: PathBuf, run: Option<RunId> },
    #[error("{} could not be read or written ({doing}): {cause}. Check the disk and the permissions, then try again", path.display())]
    Io { path: PathBuf, doing: &'static str, cause: io::Error },
    #[error("the disk failed at {} ({cause}). Nothing that was committed is lost; check the disk, then {}", path.display(), go_on(*run))]
    Disk { path: PathBuf, cause: String, run: Option<RunId> },
    #[error(
        "{} was made by a newer Landfall (its schema is {found}, this one knows {known}). Install the newer version",
        path.display()
    )]
    NewerSchema { path: PathBuf, found: i64, known: i64 },
    #[error(
        "{} was made by an older Landfall (its schema is {found}, this one uses {known}). \
         Run any command once without --read-only, as a user who may write there",
        path.display()
    )]
    OlderSchema { path: PathBuf, found: i64, known: i64 },
    #[error("another process is writing to {} and did not finish in time. Try again in a moment", path.display())]
    Busy { path: PathBuf },
    #[error("{} may not be written to. Check its permissions and its owner, or use --read-only", path.display())]
    NotWritable { path: PathBuf },
    #[error("there is no workspace in {}. An import makes one, or name another with --workspace", path.display())]
    NoWorkspace { path: PathBuf },
    #[error("{} is not a Landfall workspace: {why}. Name another directory with --workspace", path.display())]
    NotAWorkspace { path: PathBuf, why: &'static str },
    #[error("{} is not empty. Name a directory that is empty or does not exist yet", path.display())]
    NotEmpty { path: PathBuf },
    #[error(
        "{} is damaged: {what} {id} cannot be read. Check the disk, then `landfall restore` a backup",
        path.display()
    )]
    Corrupt { path: PathBuf, what: &'static str, id: u64 },
    #[error("{} is damaged: {detail}. Check the disk, then `landfall restore` a backup", path.display())]
    Damaged { path: PathBuf, detail: String },
    #[error("there is no {what} {id} in this workspace")]
    NoSuch { what: &'static str, id: String },
    #[error("there is already a {what} named {name}. Choose another name")]
    NameTaken { what: &'static str, name: String },
    #[error("{what} cannot be {given:?}: it takes {takes}")]
    Refused { what: String, given: String, takes: &'static str },
    /// Something else, such as the deletion of a contact, changed a record between reading it and writing it. Nothing
    /// of the batch is written; deciding its rows again on the present state is right.
    #[error("contact number {record} was changed by someone else meanwhile. Resume the run: the batch is done again")]
    ChangedMeanwhile { record: RecordId },
    #[error("run {run}: row {given} was handed over where row {expected} is due; nothing of the batch is written")]
    RowOutOfOrder { run: RunId, expected: u64, given: u64 },
    #[error(transparent)]
    Setting(#[from] SettingError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The database says something that has no better name here.
    #[error("the database {} answered: {message}", path.display())]
    Database { path: PathBuf, message: String },
}

/// What to type when the cause is gone.
fn go_on(run: Option<RunId>) -> String {
    run.map_or_else(|| "try again".to_owned(), |run| format!("`landfall run resume {run}`"))
}

impl StoreError {
    /// The same error, knowing which run it stopped.
    pub(super) fn in_run(self, of: RunId) -> StoreError {
        match self {
            StoreError::DiskFull { path, .. } => StoreError::DiskFull { path, run: Some(of) },
            StoreError::Disk { path, cause, .. } => StoreError::Disk { path, cause, run: Some(of) },
            other => other,
        }
    }

    /// An error of the file system, where a full disk has its own message.
    pub(super) fn io(path: &Path, doing: &'static str, cause: io::Error) -> StoreError {
        match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                StoreError::DiskFull { path: path.to_owned(), run: None }
            }
            _ => StoreError::Io { path: path.to_owned(), doing, cause },
        }
    }
}

/// An error inside the store, before it is known which file it happened to.
#[derive(Debug)]
pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    Index(index::Error),
    /// Stored bytes are not what was written.
    Corrupt(&'static str, u64),
    Other(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::Sqlite(error)
    }
}

impl From<index::Error> for Fault {
    fn from(error: index::Error) -> Fault {
        match error {
            index::Error::Database(error) => Fault::Sqlite(error),
            other => Fault::Index(other),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        Fault::Other(error)
    }
}

impl Fault {
    pub(super) fn at(self, path: &Path) -> StoreError {
        let path = path.to_owned();
        match self {
            Fault::Sqlite(error) => sqlite(error, path),
            Fault::Index(error @ index::Error::Corrupt { .. }) => {
                StoreError::Damaged { path, detail: error.to_string() }
            }
            Fault::Index(error) => StoreError::Database { path, message: error.to_string() },
            Fault::Corrupt(what, id) => StoreError::Corrupt { path, what, id },
            Fault::Other(error) => error,
        }
    }
}

fn sqlite(error: rusqlite::Error, path: PathBuf) -> StoreError {
    let message = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::DiskFull { path, run: None },
        // SQLite reports a full disk as a failed call where it was not a plain write that failed.
        Some(ErrorCode::SystemIoFailure) if no_space_left(&path) => StoreError::DiskFull { path, run: None },
        Some(ErrorCode::SystemIoFailure) => StoreError::Disk { path, cause: message, run: None },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            StoreError::NotWritable { path }
        }
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path, detail: message },
        Some(ErrorCode::NotADatabase) => StoreError::NotAWorkspace { path, why: "the file is not an SQLite database" },
        _ => StoreError::Database { path, message },
    }
}

fn no_space_left(path: &Path) -> bool {
    const ROOM: u64 = 64 * 1024;
    let directory = path.parent().unwrap_or(path);
    rustix::fs::statvfs(directory).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < ROOM)
}
