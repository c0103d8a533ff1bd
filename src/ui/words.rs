//! Numbers, sizes and names as people read them, on the screen and on the command line.

use super::theme::Role;
pub use crate::app::numbers::{bytes, count, counted};
use crate::domain::run::{RunKind, RunStatus};
use crate::domain::source::SourceStatus;

/// The kind of a run.
pub fn kind(kind: RunKind) -> &'static str {
    if kind == RunKind::DryRun { "dry run" } else { kind.as_str() }
}

/// The status of a run. Success claims no more than it knows: that the run finished (R148).
pub fn status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Queued => "Queued",
        RunStatus::Running => "Running",
        RunStatus::Completed => "Finished",
        RunStatus::NeedsAttention => "Attention",
        RunStatus::Failed => "Failed",
        RunStatus::Cancelled => "Cancelled",
        RunStatus::Interrupted => "Interrupted",
        RunStatus::AwaitingRelease => "Held",
    }
}

/// The status of a source (R102): its symbol and its role beside its word, so that colour alone tells nothing.
pub(super) fn source_status(status: SourceStatus) -> (&'static str, Role) {
    match status {
        SourceStatus::Error | SourceStatus::Missing | SourceStatus::Unreadable => ("✗", Role::Bad),
        SourceStatus::Late
        | SourceStatus::Empty
        | SourceStatus::SchemaChanged
        | SourceStatus::PerhapsUnfinished
        | SourceStatus::Warning => ("!", Role::Warn),
        SourceStatus::Active => ("●", Role::Good),
        SourceStatus::Paused => ("‖", Role::Dim),
        SourceStatus::NoData => ("○", Role::Dim),
    }
}
