//! What became of a row, and how a run's rows add up.

use super::field::FieldId;
use super::id::RecordId;
use super::issue::{Code, Note};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a row was left out on purpose (field rules, Skip reasons).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// Create mode, and the contact exists (R88, R220).
    Duplicate,
    /// Update mode, and no contact was found (R221).
    NotFound,
    /// The reference belongs to a contact that was deleted here.
    Deleted,
    /// The named condition of a filter does not hold (R80, R81).
    Filter(String),
    /// Not changed since the date asked for (R82).
    Since,
    /// The source's own status criteria exclude it (R83).
    Status,
}

impl SkipReason {
    /// The reason without its details, as it is counted.
    pub fn as_str(&self) -> &'static str {
        match self {
            SkipReason::Duplicate => "duplicate",
            SkipReason::NotFound => "not_found",
            SkipReason::Deleted => "deleted",
            SkipReason::Filter(_) => "filter",
            SkipReason::Since => "since",
            SkipReason::Status => "status",
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SkipReason::Filter(condition) => write!(f, "filter: {condition}"),
            other => f.write_str(other.as_str()),
        }
    }
}

/// The one outcome that every row has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Created(RecordId),
    Updated(RecordId),
    Unchanged(RecordId),
    Skipped(SkipReason),
    /// The codes are those of the row's issues that are errors.
    Failed,
}

/// Outcomes without their data: what rows are counted and asked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    Created,
    Updated,
    Unchanged,
    Skipped,
    Failed,
}

impl OutcomeKind {
    pub const ALL: [OutcomeKind; 5] =
        [OutcomeKind::Created, OutcomeKind::Updated, OutcomeKind::Unchanged, OutcomeKind::Skipped, OutcomeKind::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            OutcomeKind::Created => "created",
            OutcomeKind::Updated => "updated",
            OutcomeKind::Unchanged => "unchanged",
            OutcomeKind::Skipped => "skipped",
            OutcomeKind::Failed => "failed",
        }
    }
}

/// Which rows of a run to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowsOnly {
    Kind(OutcomeKind),
    /// Rows with at least one warning, whatever their outcome.
    Warned,
    /// Rows with at least one note, whatever their outcome.
    Noted,
    /// Rows with this issue on this field; none for the row as a whole.
    Issue {
        code: Code,
        field: Option<FieldId>,
    },
    /// Rows that were skipped for this reason, its details included.
    SkippedFor(SkipReason),
}

impl RowsOnly {
    /// Whether a row is one of them.
    pub fn takes(&self, row: &LedgerRow) -> bool {
        match self {
            RowsOnly::Kind(kind) => row.outcome.kind() == *kind,
            RowsOnly::Warned => row.issues.iter().any(|issue| issue.severity == Severity::Warning),
            RowsOnly::Noted => !row.notes.is_empty(),
            RowsOnly::Issue { code, field } => {
                row.issues.iter().any(|issue| issue.code == *code && issue.field == *field)
            }
            RowsOnly::SkippedFor(reason) => matches!(&row.outcome, Outcome::Skipped(of) if of == reason),
        }
    }
}

impl Outcome {
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Outcome::Created(_) => OutcomeKind::Created,
            Outcome::Updated(_) => OutcomeKind::Updated,
            Outcome::Unchanged(_) => OutcomeKind::Unchanged,
            Outcome::Skipped(_) => OutcomeKind::Skipped,
            Outcome::Failed => OutcomeKind::Failed,
        }
    }

    /// The record that the row landed on.
    pub fn record(&self) -> Option<RecordId> {
        match self {
            Outcome::Created(id) | Outcome::Updated(id) | Outcome::Unchanged(id) => Some(*id),
            Outcome::Skipped(_) | Outcome::Failed => None,
        }
    }
}

/// Whether an issue fails its row or only drops the field (R269, R270).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    Error,
    Warning,
}

/// An issue of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    pub code: Code,
    pub severity: Severity,
    /// The field whose cell it is about; none for the row as a whole.
    pub field: Option<FieldId>,
    pub guidance: String,
    /// The raw text, as it stands in the file; cut at 200 characters.
    pub value: String,
}

/// One line of a run's ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// From 1.
    pub row: u64,
    /// Line of the delivery on which the row begins, from 1.
    pub line: u64,
    /// Where the row begins: bytes of the delivery after decompression, before text decoding.
    pub offset: u64,
    pub outcome: Outcome,
    pub issues: Vec<Issue>,
    pub notes: Vec<(Option<FieldId>, Note)>,
    /// Stable hash of source and reference, where the row has a reference.
    pub reference_hash: Option<u64>,
}

/// The numbers of a run. `rows` is derived, so that it cannot disagree.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub skipped: u64,
    pub failed: u64,
    /// Rows with at least one warning.
    pub warnings: u64,
    /// Rows with at least one note.
    pub notes: u64,
}

impl Counts {
    /// Rows with an outcome.
    pub fn rows(&self) -> u64 {
        self.created + self.updated + self.unchanged + self.skipped + self.failed
    }

    pub fn of(&self, kind: OutcomeKind) -> u64 {
        match kind {
            OutcomeKind::Created => self.created,
            OutcomeKind::Updated => self.updated,
            OutcomeKind::Unchanged => self.unchanged,
            OutcomeKind::Skipped => self.skipped,
            OutcomeKind::Failed => self.failed,
        }
    }

    /// Counts one more row.
    pub fn add(&mut self, row: &LedgerRow) {
        match row.outcome.kind() {
            OutcomeKind::Created => self.created += 1,
            OutcomeKind::Updated => self.updated += 1,
            OutcomeKind::Unchanged => self.unchanged += 1,
            OutcomeKind::Skipped => self.skipped += 1,
            OutcomeKind::Failed => self.failed += 1,
        }
        self.warnings += u64::from(row.issues.iter().any(|issue| issue.severity == Severity::Warning));
        self.notes += u64::from(!row.notes.is_empty());
    }
}
