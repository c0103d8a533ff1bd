//! Files that were found where a source's files lie: what each is, and what became of it. One for each name, size and
//! time of change; a file that changed is another one.

use super::pickup::Fault;
use crate::domain::id::{DeliveryId, RunId, SourceId};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What tells one state of a file from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileIdentity {
    /// Its name in the directory. One that is no UTF-8 has its bad bytes replaced; it is refused.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// When it was changed last (ms since 1970, UTC). SFTP knows whole seconds.
    pub modified_ms: i64,
}

/// One file as a look at the directory found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub identity: FileIdentity,
    pub kind: ListedKind,
}

/// What lies under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListedKind {
    File,
    Directory,
    /// Refused: it could lead anywhere.
    Link,
    /// Refused: reading it may never end.
    Pipe,
    Device,
    Socket,
    /// A regular file whose name is unsafe: no UTF-8, a path, control characters.
    BadName,
}

/// A found file as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFile {
    pub source: SourceId,
    pub identity: FileIdentity,
    /// When a look first found it like this (ms since 1970, UTC).
    pub first_seen_ms: i64,
    pub last_seen_ms: i64,
    /// Whether the last look still found it.
    pub is_there: bool,
    pub state: FoundState,
    /// Why it could not be fetched, moved or deleted the last time that was tried; none once it could.
    pub trouble: Option<Fault>,
}

/// What became of a found file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum FoundState {
    /// Not looked at twice yet, or still changing.
    Settling,
    /// Whole, as far as can be seen, and not fetched yet.
    New,
    /// None of ours.
    Ignored { why: Ignored },
    /// Not fetched, because it must not be.
    Refused { why: String },
    /// Fetched and registered; its run is still to be made.
    Landed { delivery: DeliveryId },
    /// Fetched, and kept back: a person decides.
    Held { delivery: Option<DeliveryId>, why: Held },
    /// Its content had been delivered before: it meets the contract and is not run.
    Identical { delivery: DeliveryId, to: DeliveryId },
    /// A run imports it, or has done so.
    Taken { delivery: DeliveryId, run: RunId },
}

impl FoundState {
    /// The delivery that it has become.
    pub fn delivery(&self) -> Option<DeliveryId> {
        match self {
            FoundState::Settling | FoundState::New | FoundState::Ignored { .. } | FoundState::Refused { .. } => None,
            FoundState::Held { delivery, .. } => *delivery,
            FoundState::Landed { delivery }
            | FoundState::Identical { delivery, .. }
            | FoundState::Taken { delivery, .. } => Some(*delivery),
        }
    }
}

/// Why a file is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ignored {
    /// Its name does not match the pattern of the contract.
    Pattern,
    /// Its name begins with a dot, or ends like that of an upload that is not finished.
    Hidden,
    /// It says something about another file: a marker, a control file.
    Companion,
    Directory,
}

/// Why a fetched file waits for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Held {
    /// It may not have been uploaded whole: it ends inside a quote, in a short last row, or without the line end that
    /// earlier deliveries had.
    PerhapsUnfinished {
        sign: String,
    },
    /// Rows or SHA-256 are not what its control file says.
    ControlMismatch {
        what: String,
    },
    Empty,
    /// It is no table that can be read.
    Unreadable {
        why: String,
    },
    /// Its header departs from the mapping, and the source's policy stops for it.
    SchemaChanged {
        what: String,
    },
    /// Something that an import refuses; the code is that of the refusal.
    NotReady {
        code: String,
        message: String,
    },
}

impl Held {
    /// The name in JSON.
    pub fn code(&self) -> &'static str {
        match self {
            Held::PerhapsUnfinished { .. } => "perhaps_unfinished",
            Held::ControlMismatch { .. } => "control_mismatch",
            Held::Empty => "empty",
            Held::Unreadable { .. } => "unreadable",
            Held::SchemaChanged { .. } => "schema_changed",
            Held::NotReady { .. } => "not_ready",
        }
    }

    /// Why the file of this name waits, in a sentence for people that does not repeat the name.
    pub fn sentence(&self, name: &str) -> String {
        match self {
            Held::PerhapsUnfinished { sign } => format!("It may not have been uploaded whole: {sign}."),
            Held::ControlMismatch { what } => format!("It is not what its control file says: {what}."),
            Held::Empty => "It holds no records.".to_owned(),
            Held::Unreadable { why } => format!("It cannot be read as a table: {}.", once(why, name)),
            Held::SchemaChanged { what } => format!("Its columns are not those of the mapping: {what}."),
            Held::NotReady { message, .. } => {
                let text = once(message, name);
                let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
                format!("{}{rest}.", first.to_uppercase())
            }
        }
    }
}

/// What is said of a file after its name, without that name in front again and without the full stop.
pub(super) fn once<'t>(text: &'t str, name: &str) -> Cow<'t, str> {
    let text = text.trim_end_matches('.');
    for name in [name.to_owned(), format!("{name:?}"), format!("\u{201c}{name}\u{201d}")] {
        let Some(rest) = text.strip_prefix(name.as_str()) else { continue };
        if let Some(rest) = rest.strip_prefix(": ") {
            return Cow::Borrowed(rest);
        }
        if rest.starts_with(' ') {
            return Cow::Owned(format!("it{rest}"));
        }
    }
    Cow::Borrowed(text)
}
