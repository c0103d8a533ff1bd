//! How a command ends: the exit statuses, and the one shape of an error.

use std::fmt;
use std::io;

/// Exit statuses (README, "Exit statuses"). Scripts depend on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
