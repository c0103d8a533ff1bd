//! Numbers, sizes and names as people read them, on the screen and on the command line.

use super::theme::Role;
use crate::app::data::SourceLine;
pub use crate::app::numbers::{bytes, count, counted};
use crate::domain::run::{RunKind, RunStatus};
use crate::domain::source::{ContractState, SourceStatus};

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

/// How a source stands, in its column: what needs a person first of all, then how its arrival contract stands (R364,
/// R368), else its runs.
pub(super) fn source_word(line: &SourceLine) -> (&'static str, &'static str, Role) {
    let status = line.health.status;
    if let (SourceStatus::Active | SourceStatus::NoData, Some(standing)) = (status, line.standing()) {
        let (mark, role) = match standing.state {
            ContractState::Due => ("○", Role::Busy),
            ContractState::Arrived => ("◐", Role::Busy),
            ContractState::Imported => ("●", Role::Good),
            _ => ("○", Role::Dim),
        };
        return (mark, standing.label(), role);
    }
    let (mark, role) = source_status(status);
    let word = if status == SourceStatus::PerhapsUnfinished { "Unfinished?" } else { status.label() };
    (mark, word, role)
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
