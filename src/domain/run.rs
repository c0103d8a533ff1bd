//! Runs: one pass over a delivery, what kind it is and how it stands.

use super::field::FieldId;
use super::id::{RunId, SourceId};
use super::issue::Code;
use super::outcome::{Counts, SkipReason};
use serde::{Deserialize, Serialize};

pub use super::dialect::Tally;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The name in JSON, on the command line and in the store.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            pub fn parse(text: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|value| value.as_str() == text)
            }
        }
    };
}

named!(
    /// What a run is for.
    RunKind {
        Import = "import",
        Sync = "sync",
        Backfill = "backfill",
        Pull = "pull",
        DryRun = "dry_run",
        Revert = "revert",
        Replay = "replay",
    }
);

named!(
    /// How a run stands.
    RunStatus {
        Queued = "queued",
        Running = "running",
        /// Finished, whatever rows failed.
        Completed = "completed",
        /// Finished, but something about the mapping or the file wants a person.
        NeedsAttention = "needs_attention",
        /// Stopped for good before its end.
        Failed = "failed",
        Cancelled = "cancelled",
        /// Stopped at a batch boundary; can be resumed.
        Interrupted = "interrupted",
        AwaitingRelease = "awaiting_release",
    }
);

impl RunStatus {
    /// Whether every row has its outcome.
    pub fn is_finished(self) -> bool {
        matches!(self, RunStatus::Completed | RunStatus::NeedsAttention)
    }

    /// Whether nothing more will become of the run.
    pub fn is_ended(self) -> bool {
        matches!(self, RunStatus::Completed | RunStatus::NeedsAttention | RunStatus::Failed | RunStatus::Cancelled)
    }

    /// Whether the run may still go on.
    pub fn can_resume(self) -> bool {
        matches!(self, RunStatus::Queued | RunStatus::Running | RunStatus::Interrupted)
    }
}

named!(
    /// What interrupted a run.
    Interruption {
        /// Somebody said so; it waits for somebody to go on with it.
        Request = "request",
        /// The process that ran it died. A worker goes on with it by itself.
        Death = "death",
        /// Something went wrong; it waits for somebody who has dealt with the cause.
        Error = "error",
    }
);

named!(
    /// What a run may do to records (R220–R222).
    Mode {
        Create = "create",
        Update = "update",
        Upsert = "upsert",
    }
);

/// How many rows of a run have an issue, and where to see the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueCount {
    pub code: Code,
    pub field: Option<FieldId>,
    pub count: u64,
    /// From 1.
    pub first_row: u64,
}

/// How often a run emptied a field that held a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearedCount {
    pub field: FieldId,
    pub count: u64,
}

/// How many rows of a run were skipped for one reason, and where to see the first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkipCount {
    pub reason: SkipReason,
    pub count: u64,
    /// From 1.
    pub first_row: u64,
}

/// A run as lists show it: all but its plan, its issues and the texts of its notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLine {
    pub id: RunId,
    pub kind: RunKind,
    pub status: RunStatus,
    pub source: SourceId,
    /// That of a removed source too.
    pub source_name: String,
    /// What the delivery was called where it came from.
    pub delivery_name: String,
    pub mode: Mode,
    pub user: String,
    pub created_ms: i64,
    pub started_ms: Option<i64>,
    pub finished_ms: Option<i64>,
    /// When the run last showed that it is alive.
    pub heartbeat_ms: Option<i64>,
    /// Time at work, without pauses, up to the last batch.
    pub elapsed_ms: u64,
    pub counts: Counts,
    /// Bytes of the delivery, after decompression, up to the last batch.
    pub bytes: u64,
    /// What the scan before the start counted, of the whole delivery even for a sample.
    pub rows_expected: Option<u64>,
    pub bytes_expected: Option<u64>,
    /// Only so many first rows were asked for.
    pub sample: Option<u64>,
    pub error: Option<String>,
    /// Of an interrupted run, by what.
    pub interruption: Option<Interruption>,
    /// How often it was resumed without anybody asking, since its last batch.
    pub resumptions: u64,
    pub cancel_requested: bool,
    /// How many notes people wrote about it.
    pub notes: u64,
}
