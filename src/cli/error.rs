//! How a command ends: the exit statuses, and the one shape of an error.

use crate::connect::ConnectError;
use crate::domain::mapping::MappingError;
use crate::domain::settings::SettingError;
use crate::engine::inspect::InspectError;
use crate::engine::open::OpenError;
use crate::engine::read::ReadError;
use crate::shell::session::SessionError;
use crate::store::StoreError;
use crate::worker::error::{Refusal, WorkerError};
use std::fmt;
use std::io;

/// Exit statuses (README, "Exit statuses"). Scripts depend on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done; queued too.
    Done = 0,
    /// Did not happen, or found nothing.
    NotDone = 1,
    /// Wrong usage.
    Usage = 2,
    /// Finished, but rows failed or the run needs attention.
    Attention = 3,
}

/// Why a command did not do what was asked: what happened to what, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CliError {
    pub exit: Exit,
    /// Stable, for scripts.
    pub code: &'static str,
    /// One sentence; may hold text from outside.
    pub message: String,
    /// What to do; names a command or a flag where there is one.
    pub next: String,
}

/// The code of an error that nobody is told about: whoever read our output has gone.
const BROKEN_PIPE: &str = "broken_pipe";

impl CliError {
    /// It did not happen: exit status 1.
    pub fn new(code: &'static str, message: impl Into<String>, next: impl Into<String>) -> CliError {
        CliError { exit: Exit::NotDone, code, message: message.into(), next: next.into() }
    }

    /// The flags or arguments make no sense: exit status 2.
    pub fn usage(message: impl Into<String>, next: impl Into<String>) -> CliError {
        CliError { exit: Exit::Usage, code: "usage", message: message.into(), next: next.into() }
    }

    /// Nothing has this name or number: exit status 1.
    pub fn not_found(what: impl fmt::Display, next: impl Into<String>) -> CliError {
        CliError::new("not_found", format!("There is no {what}"), next)
    }

    /// A file could not be used.
    pub fn file(path: &std::path::Path, error: &io::Error) -> CliError {
        let next = match error.kind() {
            io::ErrorKind::NotFound => "check the name, and that you are in the right directory",
            io::ErrorKind::PermissionDenied => "check who may read and write it (ls -l)",
            io::ErrorKind::StorageFull => "make room on the disk, then try again",
            io::ErrorKind::AlreadyExists => "give another name, or remove it first",
            _ => "check the disk and the path, then try again",
        };
        CliError::new("file", format!("{}: {error}", path.display()), next)
    }

    /// Standard output could not be written.
    pub fn output(error: &io::Error) -> CliError {
        match error.kind() {
            io::ErrorKind::BrokenPipe => CliError::new(BROKEN_PIPE, "", ""),
            _ => CliError::new("output", format!("Standard output: {error}"), "check where the output goes"),
        }
    }

    pub fn is_broken_pipe(&self) -> bool {
        self.code == BROKEN_PIPE
    }
}

/// What went wrong and what to do are the sentences before and after the last full stop: so the layers below write
/// their errors.
fn told(code: &'static str, text: &str) -> CliError {
    match text.rsplit_once(". ").or_else(|| text.rsplit_once("; ")) {
        Some((what, next)) => CliError::new(code, what, next),
        None => CliError::new(code, text, ""),
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> CliError {
        let code = match &error {
            StoreError::DiskFull { .. } => "disk_full",
            StoreError::Io { .. } | StoreError::Disk { .. } => "disk",
            StoreError::NewerSchema { .. } | StoreError::OlderSchema { .. } => "schema",
            StoreError::Busy { .. } => "busy",
            StoreError::NotWritable { .. } => "not_writable",
            StoreError::NoWorkspace { .. } => "no_workspace",
            StoreError::NotAWorkspace { .. } => "not_a_workspace",
            StoreError::NotEmpty { .. } => "not_empty",
            StoreError::Corrupt { .. } | StoreError::Damaged { .. } => "damaged",
            StoreError::NoSuch { what, id } => {
                let lists = match *what {
                    "run" => "`landfall runs` lists the runs",
                    "field" => "`landfall field list` lists the fields",
                    "mapping" => "`landfall mapping list` lists the mappings",
                    "source" => "`landfall source list` lists the sources",
                    _ => "check the name",
                };
                return CliError::not_found(format!("{what} {id}"), lists);
            }
            StoreError::NameTaken { .. } => "name_taken",
            StoreError::Refused { what, given, takes } => {
                return CliError::usage(format!("{what} cannot be {given:?}"), format!("it takes {takes}"));
            }
            StoreError::Setting(error) => return CliError::from(error.clone()),
            _ => "store",
        };
        told(code, &error.to_string())
    }
}

impl From<SettingError> for CliError {
    fn from(error: SettingError) -> CliError {
        match error {
            SettingError::UnknownKey { key } => {
                let keys = crate::domain::settings::Settings::KEYS.join(", ");
                CliError::not_found(format!("setting {key}"), format!("there are: {keys}"))
            }
            SettingError::BadValue { key, value, takes } => {
                CliError::usage(format!("{key} cannot be {value:?}"), format!("it takes {takes}"))
            }
        }
    }
}

impl From<OpenError> for CliError {
    fn from(error: OpenError) -> CliError {
        told(error.code(), &error.to_string())
    }
}

impl From<ReadError> for CliError {
    fn from(error: ReadError) -> CliError {
        told(error.code(), &error.to_string())
    }
}

impl From<MappingError> for CliError {
    fn from(error: MappingError) -> CliError {
        CliError::new("mapping", error.to_string(), "mend the mapping; `landfall field list` lists the fields")
    }
}

impl From<InspectError> for CliError {
    fn from(error: InspectError) -> CliError {
        told(error.code(), &error.to_string())
    }
}

impl From<SessionError> for CliError {
    fn from(error: SessionError) -> CliError {
        CliError::new("terminal", error.to_string(), "`landfall --help` lists the commands that need no terminal")
    }
}

impl From<ConnectError> for CliError {
    fn from(error: ConnectError) -> CliError {
        CliError::new(error.code(), error.what(), error.next())
    }
}

impl From<Refusal> for CliError {
    fn from(Refusal { code, message, next, .. }: Refusal) -> CliError {
        CliError::new(code, message, next)
    }
}

impl From<WorkerError> for CliError {
    fn from(error: WorkerError) -> CliError {
        let code = match error {
            WorkerError::Refused(refusal) => return refusal.into(),
            WorkerError::Store(error) => return error.into(),
            WorkerError::Mapping(error) => return error.into(),
            WorkerError::Setting(error) => return error.into(),
            WorkerError::Reading(error) => return error.into(),
            WorkerError::Inspect(error) => return error.into(),
            WorkerError::Place(error) => return error.into(),
            WorkerError::Filter(_) => "filter",
            WorkerError::Read { ref error, .. } if error.kind() == io::ErrorKind::NotFound => "file_missing",
            WorkerError::Read { .. } => "file_unreadable",
            WorkerError::Write { .. } => "file",
            WorkerError::NotAFile { .. } => "wrong_type",
            WorkerError::TooLarge { .. } => "too_large",
            WorkerError::ChangedWhileRead { .. } => "file_changed",
            WorkerError::DeliveryChanged { .. } => "delivery_changed",
            WorkerError::Plan { .. } => "plan",
            WorkerError::Unpacked { .. } => "memory",
            WorkerError::Start { .. } => "worker",
        };
        told(code, &error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_and_what_to_do_are_told_apart() {
        let error = told("x", "a.b.csv is empty. Export it again");
        assert_eq!((error.message.as_str(), error.next.as_str()), ("a.b.csv is empty", "Export it again"));
        assert_eq!(told("x", "only one thing").next, "");
        let error = CliError::from(SettingError::UnknownKey { key: "colour".to_owned() });
        assert_eq!((error.exit, error.message.as_str()), (Exit::NotDone, "There is no setting colour"));
        let error = CliError::from(StoreError::NoSuch { what: "run", id: "12".to_owned() });
        assert_eq!((error.code, error.message.as_str()), ("not_found", "There is no run 12"));
    }
}
