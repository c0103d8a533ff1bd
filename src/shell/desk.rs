//! What one thread of the shell works with: its own connection to the workspace, and who is at work.

use crate::app::message::{Failure, Message};
use crate::cli::context::Environment;
use crate::cli::error::CliError;
use crate::domain::id::{RunId, SourceId};
use crate::domain::run::SkipCount;
use crate::domain::values::phone::PhoneReader;
use crate::shell::answers::Profiling;
use crate::shell::open_files::OpenFiles;
use crate::store::{Store, StoreError};
use crate::worker::error::WorkerError;
use crate::worker::prepare::Prepared;
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::UnboundedSender;

/// Hands in the time, ms since 1970, UTC.
pub type Clock = fn() -> i64;

/// A thread's place of work.
pub struct Desk {
    pub store: Store,
    pub user: String,
    pub clock: Clock,
    /// Where relative paths begin.
    pub directory: PathBuf,
    /// What the process was started with.
    pub environment: Environment,
    /// The program that is started as the worker.
    pub program: PathBuf,
    /// The import that was prepared last, and neither started nor given up.
    pub prepared: Option<Prepared>,
    /// The backfill that was counted last, and not started: its source and a run of each delivery.
    pub backfill: Option<(SourceId, Vec<Prepared>)>,
    /// Why the rows of the run that was looked at last were skipped: of one that has ended it is counted once.
    pub skips: Option<(RunId, Vec<SkipCount>)>,
    pub mapping: MappingDesk,
}

/// What is kept between the questions about the mapping that is edited.
#[derive(Default)]
pub struct MappingDesk {
    /// The same on all desks.
    pub files: OpenFiles,
    /// Costly to make.
    pub phones: Option<PhoneReader>,
    /// The file that is profiled.
    pub profiling: Option<Profiling>,
    /// Hears how far a file is that is fetched to be looked at.
    pub back: Option<UnboundedSender<Message>>,
}

impl Desk {
    pub fn now_ms(&self) -> i64 {
        (self.clock)()
    }
}

impl From<CliError> for Failure {
    fn from(error: CliError) -> Failure {
        Failure { message: error.message, next: error.next }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        CliError::from(error).into()
    }
}

impl From<WorkerError> for Failure {
    fn from(error: WorkerError) -> Failure {
        CliError::from(error).into()
    }
}

/// A sentence about what went wrong, and one about what to do.
pub fn failure(message: impl Into<String>, next: impl Into<String>) -> Failure {
    Failure { message: message.into(), next: next.into() }
}

/// A path that begins with `~/` begins at home.
pub fn at_home(desk: &Desk, file: &Path) -> PathBuf {
    match (file.strip_prefix("~"), &desk.environment.home) {
        (Ok(rest), Some(home)) => Path::new(&home).join(rest),
        _ => file.to_owned(),
    }
}
