//! Pickups: looks at where a source's files lie, the due times that they cover, and the versions of what a source is.

use crate::domain::id::{PickupId, SourceId};
use serde::{Deserialize, Serialize};

/// One look at where a source's files lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pickup {
    pub id: PickupId,
    pub source: SourceId,
    pub cause: PickupCause,
    /// Who asked for it; of a scheduled one, whose worker did it.
    pub user: String,
    /// ms since 1970, UTC.
    pub started_ms: i64,
    /// None of one that goes on, or whose process died.
    pub finished_ms: Option<i64>,
    /// Files that were found.
    pub listed: u64,
    /// Files that were fetched and registered.
    pub landed: u64,
    pub fault: Option<Fault>,
    /// What it has met just now and tries again; none of one that goes on or has ended.
    pub waiting: Option<Waiting>,
}

/// A look that does not try again so long after it has said it would has lost its process (ms).
const LATEST_TRY_MS: i64 = 5 * 60 * 1000;

impl Pickup {
    /// What keeps it from its end: what is just being tried again has failed so far.
    pub fn met(&self) -> Option<&Fault> {
        self.waiting.as_ref().map(|waiting| &waiting.fault).or(self.fault.as_ref())
    }

    /// What it has met and tries again, as long as its process can still be there.
    pub fn retries(&self, now_ms: i64) -> Option<&Waiting> {
        let waiting = self.waiting.as_ref().filter(|_| self.finished_ms.is_none());
        waiting.filter(|waiting| now_ms <= waiting.next_try_ms.saturating_add(LATEST_TRY_MS))
    }

    /// When that is no longer believed (ms since 1970, UTC).
    pub fn retries_until_ms(&self) -> Option<i64> {
        let waiting = self.waiting.as_ref().filter(|_| self.finished_ms.is_none());
        waiting.map(|waiting| waiting.next_try_ms.saturating_add(LATEST_TRY_MS + 1))
    }

    /// Whether its process has gone while it was to try again.
    pub fn is_cut_off(&self, now_ms: i64) -> bool {
        self.finished_ms.is_none() && self.waiting.is_some() && self.retries(now_ms).is_none()
    }
}

/// Why somebody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PickupCause {
    Schedule,
    Person,
    Backfill,
}

impl PickupCause {
    pub const ALL: [PickupCause; 3] = [PickupCause::Schedule, PickupCause::Person, PickupCause::Backfill];

    /// The name in JSON and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            PickupCause::Schedule => "schedule",
            PickupCause::Person => "person",
            PickupCause::Backfill => "backfill",
        }
    }

    pub fn parse(text: &str) -> Option<PickupCause> {
        PickupCause::ALL.into_iter().find(|cause| cause.as_str() == text)
    }
}

/// What kept a pickup from its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Stable, for scripts.
    pub code: String,
    pub message: String,
    /// What to do.
    pub next: String,
}

impl Fault {
    /// Whether it may go away by itself: the source runs on, and meets it again or not.
    pub fn may_pass(&self) -> bool {
        matches!(
            self.code.as_str(),
            "name_unknown"
                | "connection_refused"
                | "host_unreachable"
                | "connect_timeout"
                | "request_timeout"
                | "connection_dropped"
                | "server_failure"
                | "disk_full"
                | "local_file"
                | "here"
        )
    }
}

/// A fault that may go away by itself, and the next try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub fault: Fault,
    /// When it is tried again (ms since 1970, UTC).
    pub next_try_ms: i64,
    /// Which try that is; counted afresh whenever one has brought something.
    pub number: u32,
    /// How many there are at most.
    pub most: u32,
}

/// One time at which a source's schedule was due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// ms since 1970, UTC.
    pub at_ms: i64,
    /// The one pickup that covered it; none as long as none has.
    pub pickup: Option<PickupId>,
    /// Why it had no pickup of its own; none of one that was run in its time.
    pub missed: Option<Missed>,
    /// So many due times right before it were missed with it, and are not listed one by one.
    pub earlier: u64,
}

/// Why nobody looked when it was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// No worker was there, or it was at work on something else for too long.
    Away,
    /// The source was paused (R100).
    Paused,
    /// The source waited for a person (R106, R107).
    Blocked,
}

impl Missed {
    pub const ALL: [Missed; 3] = [Missed::Away, Missed::Paused, Missed::Blocked];

    /// The name in JSON and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Missed::Away => "away",
            Missed::Paused => "paused",
            Missed::Blocked => "blocked",
        }
    }

    pub fn parse(text: &str) -> Option<Missed> {
        Missed::ALL.into_iter().find(|missed| missed.as_str() == text)
    }

    /// A half sentence for people.
    pub fn why(self) -> &'static str {
        match self {
            Missed::Away => "no worker was there",
            Missed::Paused => "the source was paused",
            Missed::Blocked => "the source waited for somebody",
        }
    }
}

/// A part of a source of which every version is kept, with who and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// How imports are done, filters among it.
    Options,
    Connection,
    Schedule,
    Contract,
}

impl Aspect {
    pub const ALL: [Aspect; 4] = [Aspect::Options, Aspect::Connection, Aspect::Schedule, Aspect::Contract];

    /// The name in JSON and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Aspect::Options => "options",
            Aspect::Connection => "connection",
            Aspect::Schedule => "schedule",
            Aspect::Contract => "contract",
        }
    }

    pub fn parse(text: &str) -> Option<Aspect> {
        Aspect::ALL.into_iter().find(|aspect| aspect.as_str() == text)
    }
}

/// A version of a part of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceChange {
    pub what: Aspect,
    /// As it was from then on, as JSON; `null` where it was taken back.
    pub value: String,
    /// None of what it was before the first change that was kept.
    pub user: Option<String>,
    /// ms since 1970, UTC.
    pub at_ms: i64,
}
