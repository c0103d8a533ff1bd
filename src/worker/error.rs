//! What can go wrong between a request and a finished run, in words for the person who asked.

use crate::connect::ConnectError;
use crate::domain::filter::FilterError;
use crate::domain::id::RunId;
use crate::domain::issue::Code;
use crate::domain::mapping::MappingError;
use crate::domain::settings::SettingError;
use crate::domain::wording::capital;
use crate::engine::inspect::InspectError;
use crate::engine::read::ReadError;
use crate::store::StoreError;
use std::io;
use std::path::{Path, PathBuf};

/// Why something did not happen. The message says what, to what, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    #[error("cannot read {}: {error}. Check the path and the permissions", file.display())]
    Read { file: PathBuf, error: io::Error },
    #[error("cannot write {}: {error}. Free space or check the permissions, then start the import again", file.display())]
    Write { file: PathBuf, error: io::Error },
    #[error("{} is not a regular file. Give the path of a .csv, .csv.gz or .zip file", file.display())]
    NotAFile { file: PathBuf },
    #[error(
        "{} has {bytes} bytes, and this workspace takes files smaller than {limit_mb} MB ({} bytes). Split the file, or raise the limit with `landfall settings max_file_mb=N`",
        file.display(),
        limit_mb * 1_000_000
    )]
    TooLarge { file: PathBuf, bytes: u64, limit_mb: u64 },
    #[error("{} changed while it was read. Wait until whoever writes it has finished, then import it again", file.display())]
    ChangedWhileRead { file: PathBuf },
    #[error(
        "the delivery of run {run}, {}, is not what landed: {what}. The run cannot go on without skipping or repeating rows; cancel it with `landfall run cancel {run}` and import the file again",
        file.display()
    )]
    DeliveryChanged { run: RunId, file: PathBuf, what: String },
    #[error(
        "the plan of run {run} cannot be read: {what}. It was made by another version of Landfall: cancel the run and import the file again"
    )]
    Plan { run: RunId, what: String },
    #[error(
        "row {row} of run {run} did not survive on its way to the writer: check the memory of this machine, then `landfall run resume {run}`"
    )]
    Unpacked { run: RunId, row: u64 },
    #[error("the worker {} could not be started: {error}. Start it with `landfall worker --once`", program.display())]
    Start { program: PathBuf, error: io::Error },
    /// On the way to a source's files.
    #[error(transparent)]
    Place(#[from] ConnectError),
    #[error(transparent)]
    Reading(#[from] ReadError),
    #[error(transparent)]
    Inspect(#[from] InspectError),
    #[error(transparent)]
    Setting(#[from] SettingError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Mapping(#[from] MappingError),
    #[error(transparent)]
    Filter(#[from] FilterError),
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl WorkerError {
    pub fn read(file: &Path, error: io::Error) -> WorkerError {
        WorkerError::Read { file: file.to_owned(), error }
    }

    pub fn write(file: &Path, error: io::Error) -> WorkerError {
        WorkerError::Write { file: file.to_owned(), error }
    }
}

/// A start that was refused: nothing was imported, and what to do is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub code: &'static str,
    pub message: String,
    /// What to do, a sentence or a command.
    pub next: String,
    /// The columns of the file that it is about, where it is about columns.
    pub columns: Vec<String>,
}

impl Refusal {
    pub fn new(code: &'static str, message: impl Into<String>, next: impl Into<String>) -> Refusal {
        Refusal { code, message: message.into(), next: next.into(), columns: Vec::new() }
    }

    /// The same, about these columns of the file.
    pub fn about<'c>(self, columns: impl IntoIterator<Item = &'c str>) -> Refusal {
        Refusal { columns: columns.into_iter().map(str::to_owned).collect(), ..self }
    }

    /// The exact blocking text (R262), with the columns or fields it is about in what to do.
    pub fn unmapped(next: impl Into<String>) -> Refusal {
        Refusal::new(Code::UnmappedMandatory.as_str(), Code::UnmappedMandatory.message(), next)
    }
}

/// With a capital and a full stop.
pub fn sentence(text: &str) -> String {
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{}{stop}", capital(text))
}
