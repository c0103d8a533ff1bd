//! The arrival contract of a source (R342–R347, R357–R360, R365): which file should have come when, and how it stands.

use super::pattern::NamePattern;
use super::schedule::Schedule;
use serde::{Deserialize, Serialize};

/// What was agreed with whoever delivers. The owner of the upstream drop is the source's owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    pub pattern: NamePattern,
    /// When a file is expected; none where nobody promised anything.
    pub cadence: Option<Schedule>,
    /// How long after its time a file is late, and not yet missing (minutes).
    pub grace_minutes: u32,
    /// How somebody makes sure that an import did what it should (R360).
    pub verified_by: Option<String>,
    /// Headers that every file must have; none: those that the mapping uses.
    pub columns: Option<Vec<String>>,
    /// Records a file should have, both ends included.
    pub rows: Option<(u64, u64)>,
    pub finished: FinishedSign,
    /// What the upstream puts beside a file to say what is in it.
    pub control: Option<ControlFile>,
    pub drift: DriftPolicy,
}

/// How it is seen that an upload is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum FinishedSign {
    /// Size and time are the same in two looks at least this far apart (seconds).
    Still { seconds: u32 },
    /// A file of the same name with this added, such as `.done`.
    Marker { suffix: String },
}

/// A file of the same name with `suffix` added, which says how many records the file has and its SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlFile {
    pub suffix: String,
}

/// What a header that departs from the mapping does (R344, R359, R363).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftPolicy {
    /// Go on when only columns that are not mapped came or went; a new one counts as accepted, and is to be reviewed.
    #[default]
    CarryOn,
    /// Hold every changed file until somebody has looked at it.
    Review,
    /// Refuse every changed file.
    Stop,
}

/// How a contract stands (in front of everything else that is said of the source).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContractState {
    /// The time of the next file has not come.
    NotDue,
    /// Its time has come, and grace has not ended.
    Due,
    /// Grace has ended, and less than one more grace (at least an hour) has passed.
    Late,
    Missing,
    Empty,
    Unreadable,
    SchemaChanged,
    /// Held as perhaps unfinished, or because its control file says otherwise.
    PerhapsUnfinished,
    /// It is here, and has not been imported.
    Arrived,
    /// It is here, and something that a person said of the source keeps it from being imported.
    NotReady,
    Imported,
}

impl ContractState {
    pub const ALL: [ContractState; 11] = [
        ContractState::NotDue,
        ContractState::Due,
        ContractState::Late,
        ContractState::Missing,
        ContractState::Empty,
        ContractState::Unreadable,
        ContractState::SchemaChanged,
        ContractState::PerhapsUnfinished,
        ContractState::Arrived,
        ContractState::NotReady,
        ContractState::Imported,
    ];

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            ContractState::NotDue => "not_due",
            ContractState::Due => "due",
            ContractState::Late => "late",
            ContractState::Missing => "missing",
            ContractState::Empty => "empty",
            ContractState::Unreadable => "unreadable",
            ContractState::SchemaChanged => "schema_changed",
            ContractState::PerhapsUnfinished => "perhaps_unfinished",
            ContractState::Arrived => "arrived",
            ContractState::NotReady => "not_ready",
            ContractState::Imported => "imported",
        }
    }

    /// The words for people.
    pub fn label(self) -> &'static str {
        match self {
            ContractState::NotDue => "Not due",
            ContractState::Due => "Due",
            ContractState::Late => "Late",
            ContractState::Missing => "Missing",
            ContractState::Empty => "Empty",
            ContractState::Unreadable => "Unreadable",
            ContractState::SchemaChanged => "Schema changed",
            ContractState::PerhapsUnfinished => "Perhaps unfinished",
            ContractState::Arrived => "Arrived",
            ContractState::NotReady => "Not ready",
            ContractState::Imported => "Imported",
        }
    }
}
