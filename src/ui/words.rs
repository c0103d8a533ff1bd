//! Numbers, sizes and names as people read them, on the screen and on the command line.

use super::theme::Role;
use crate::app::data::SourceState;
pub use crate::app::numbers::{bytes, count, counted};
use crate::domain::run::{RunKind, RunStatus};

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

/// The state of a source (R102): its symbol, its word and its role, so that colour alone tells nothing.
pub(super) fn source_state(state: SourceState) -> (&'static str, &'static str, Role) {
    match state {
        SourceState::Error => ("✗", "Error", Role::Bad),
        SourceState::Warning => ("!", "Warning", Role::Warn),
        SourceState::Active => ("●", "Active", Role::Good),
        SourceState::Paused => ("‖", "Paused", Role::Dim),
        SourceState::NoData => ("○", "No data", Role::Dim),
    }
}
