//! Numbers, sizes and names as people read them, on the screen and on the command line.

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
