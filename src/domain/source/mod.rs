//! Sources: where records come from, how their imports are done, what people know about them, and how they stand.

mod changes;
mod connection;
mod contract;
mod control;
mod drift;
mod due;
mod found;
mod learned;
mod listing;
mod meant;
mod name;
mod pattern;
mod pickup;
mod schedule;
mod schedule_words;
mod standing;
mod status;
mod unfinished;
mod upload;
mod upload_access;

pub use changes::{FilterChange, OptionsVersion};
pub use connection::{AfterImport, Connection, Directory, HostKeyTrust, Login, SecretRef, Sftp, UploadDrop};
pub use contract::{Contract, ContractState, ControlFile, DriftPolicy, FinishedSign};
pub use control::{ControlSays, Delivered};
pub use drift::{Drift, DriftColumn, DriftDecision, columns_of};
pub use due::{DueNow, DueSpan, Keeper, MOST_LISTED, next_wake};
pub use found::{FileIdentity, FoundFile, FoundState, Held, Ignored, Listed, ListedKind};
pub use learned::{MOST_PAST, Normal, PastDelivery, Usual, outside_of_rows};
pub use listing::{FileTold, FileWord};
pub use name::{NameDoubt, is_near, name_doubts, name_of_file};
pub use pattern::{NameDate, NamePattern, PatternError};
pub use pickup::{Aspect, Due, Fault, Missed, Pickup, PickupCause, SourceChange, Waiting};
pub use schedule::{Schedule, ScheduleError};
pub use standing::{ContractFacts, ContractStanding, judge, stands_until, when};
pub use status::{Health, Reason, SourceFacts, SourceStatus};
pub use unfinished::{Ending, sign_of_unfinished};
pub use upload::{UploadError, UploadTexts, masked, shell_quoted};
pub use upload_access::{Account, CannotUpload, OnTheWay, cannot_upload};

use super::id::{RunId, SourceId};
use super::run::{Mode, RunStatus};
use super::settings::MatchOn;
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Whether more is expected of a source (R11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceMode {
    OneTime,
    Ongoing,
}

impl SourceMode {
    pub const ALL: [SourceMode; 2] = [SourceMode::OneTime, SourceMode::Ongoing];

    /// The name in JSON, on the command line and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            SourceMode::OneTime => "one_time",
            SourceMode::Ongoing => "ongoing",
        }
    }

    pub fn parse(text: &str) -> Option<SourceMode> {
        SourceMode::ALL.into_iter().find(|mode| mode.as_str() == text)
    }
}

/// Where records come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub id: SourceId,
    pub name: String,
    /// `file`, `dir`, `sftp` or `drop`.
    pub kind: String,
    pub provider: Option<String>,
    pub mode: SourceMode,
    pub created_ms: i64,
    /// The mapping used last: name and version.
    pub mapping: Option<(String, u64)>,
    /// That somebody reviewed this very mapping. One that changed since has to be reviewed again.
    pub reviewed: Option<Reviewed>,
    /// End of the last run that was no dry run (ms since 1970, UTC).
    pub last_ran_ms: Option<i64>,
    /// End of the last run that created or updated a record.
    pub last_imported_ms: Option<i64>,
    /// What stopped the last run, or why it needs attention.
    pub error: Option<String>,
    /// Since when runs have had an error, without a clean one between.
    pub error_ms: Option<i64>,
    pub paused: Option<Paused>,
    /// What it is for.
    pub purpose: Option<String>,
    /// Who answers for what arrives: the owner of the drop upstream.
    pub owner: Option<String>,
    pub notes: Option<String>,
    /// The account it is connected to; files have none (R127).
    pub account: Option<String>,
    /// The object that it brings: `contact` for now (R130).
    pub scope: String,
    /// Of a file source, the file that an import of it reads.
    pub location: Option<String>,
    pub options: SourceOptions,
    /// How its files are reached; a source of files that somebody names has none.
    pub connection: Option<Connection>,
    /// When it is looked at by itself; without one, when somebody says so.
    pub schedule: Option<Schedule>,
    /// Every due time of the schedule up to this one is accounted for (ms since 1970, UTC): a pickup covered it, or it is
    /// listed as missed. The moment at which the schedule was set, to begin with; none without a schedule.
    pub due_until_ms: Option<i64>,
    pub contract: Option<Contract>,
    /// What becomes of a file at its place when its run is complete.
    pub after_import: AfterImport,
    /// What keeps it from running until a person has dealt with it: credentials, a host key, a permission (R106, R107).
    pub blocked: Option<Blocked>,
    /// When it was removed: its runs, contacts and references stay (ms since 1970, UTC).
    pub removed_ms: Option<i64>,
}

impl Source {
    /// Whether somebody has said where its columns go, so that its files may be imported by themselves.
    pub fn is_mapped(&self) -> bool {
        self.mapping.is_some() || self.options.mapping.is_some() || !self.options.map.is_empty()
    }
}

/// That a source does not run until it is resumed (R100).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paused {
    /// Unknown for one that an older version paused.
    pub by: Option<String>,
    pub at_ms: Option<i64>,
}

/// That a source's runs wait for a person: what it met would not go away by itself (R188–R192).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// That of the error, such as `login_refused`.
    pub code: String,
    pub message: String,
    /// What to do.
    pub next: String,
    /// Since when (ms since 1970, UTC).
    pub at_ms: i64,
}

/// The mark of a person on a source's mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    pub by: String,
    pub at_ms: i64,
    /// The version of the mapping that was reviewed.
    pub version: u64,
}

/// How the imports of a source are done: what the flags of `import` say, as far as it belongs to the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceOptions {
    pub mode: Mode,
    /// Upper-case ISO code.
    pub country: Option<String>,
    pub timezone: Option<Tz>,
    pub tags: Vec<String>,
    pub clear_empty: bool,
    pub allow_duplicates: bool,
    pub match_on: Option<MatchOn>,
    /// A saved mapping or a TOML file; without one, the mapping that is remembered for the source.
    pub mapping: Option<String>,
    /// `Column=field` pairs over the mapping; no field leaves the column out on purpose.
    pub map: Vec<(String, Option<String>)>,
    pub accept_unmapped: bool,
    pub day_first: Vec<String>,
    pub month_first: Vec<String>,
    /// Conditions as they were typed; all must hold (R80).
    pub filters: Vec<String>,
    pub since: Option<NaiveDate>,
    /// The character itself.
    pub delimiter: Option<char>,
    pub encoding: Option<String>,
    /// A line of the file, from 1.
    pub header_row: Option<u64>,
    pub accept_short_rows: bool,
    pub recreate_deleted: bool,
    /// Who said all this; with nobody, it is how the last import was done, and the next import may say otherwise.
    pub set_by: Option<String>,
}

impl Default for SourceOptions {
    fn default() -> SourceOptions {
        SourceOptions {
            mode: Mode::Upsert,
            country: None,
            timezone: None,
            tags: Vec::new(),
            clear_empty: false,
            allow_duplicates: false,
            match_on: None,
            mapping: None,
            map: Vec::new(),
            accept_unmapped: false,
            day_first: Vec::new(),
            month_first: Vec::new(),
            filters: Vec::new(),
            since: None,
            delimiter: None,
            encoding: None,
            header_row: None,
            accept_short_rows: false,
            recreate_deleted: false,
            set_by: None,
        }
    }
}

impl SourceOptions {
    /// Reads what [`SourceOptions::to_json`] wrote; what is missing is as if nothing had been said.
    pub fn from_json(text: &str) -> Option<SourceOptions> {
        serde_json::from_str(text).ok()
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("options are made of what JSON can say")
    }

    /// What importing the same file again does with contacts that are here already (R164).
    pub fn reimport(&self) -> Reimport {
        match (self.mode, self.allow_duplicates) {
            (Mode::Create, _) => Reimport::Skips,
            (_, true) => Reimport::UpdatesByReference,
            (_, false) => Reimport::Updates,
        }
    }
}

/// What a re-import does (R164).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reimport {
    Updates,
    /// Rows without a reference or a Contact ID become further contacts.
    UpdatesByReference,
    Skips,
}

impl Reimport {
    /// A sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Reimport::Updates => "A re-import updates the contacts that it finds.",
            Reimport::UpdatesByReference => {
                "A re-import updates the contacts that it finds by reference or Contact ID, and duplicates the others."
            }
            Reimport::Skips => "A re-import skips the contacts that are here already.",
        }
    }
}

/// Changes to a source; what is none stays. An inner none empties it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceEdit {
    pub mode: Option<SourceMode>,
    pub purpose: Option<Option<String>>,
    pub owner: Option<Option<String>>,
    pub notes: Option<Option<String>>,
    pub location: Option<Option<String>>,
    pub options: Option<SourceOptions>,
    pub connection: Option<Connection>,
    pub schedule: Option<Option<Schedule>>,
    pub contract: Option<Contract>,
    pub after_import: Option<AfterImport>,
}

/// How much one run brought: a bar of a source's sparkline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Volume {
    pub run: RunId,
    /// When it was asked for (ms since 1970, UTC).
    pub created_ms: i64,
    /// Rows that landed on a contact, changed or not.
    pub landed: u64,
    pub failed: u64,
    pub status: RunStatus,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_read_back_and_missing_ones_are_the_defaults() {
        let options = SourceOptions {
            mode: Mode::Create,
            country: Some("DE".into()),
            timezone: Some(Tz::Europe__Berlin),
            match_on: MatchOn::parse("email"),
            since: NaiveDate::from_ymd_opt(2026, 2, 3),
            map: vec![("Kunden-Nr.".into(), Some("source_ref".into())), ("x".into(), None)],
            delimiter: Some(';'),
            ..SourceOptions::default()
        };
        assert_eq!(SourceOptions::from_json(&options.to_json()), Some(options));
        assert_eq!(SourceOptions::from_json("{}"), Some(SourceOptions::default()));
        let later = SourceOptions::from_json(r#"{"mode":"update","something_of_a_later_version":1}"#).unwrap();
        assert_eq!(later, SourceOptions { mode: Mode::Update, ..SourceOptions::default() });
        assert_eq!(SourceOptions::from_json("no JSON"), None);
    }

    #[test]
    fn what_a_reimport_does_follows_from_mode_and_duplicates() {
        let of =
            |mode, allow_duplicates| SourceOptions { mode, allow_duplicates, ..SourceOptions::default() }.reimport();
        assert_eq!(of(Mode::Upsert, false), Reimport::Updates);
        assert_eq!(of(Mode::Update, false), Reimport::Updates);
        assert_eq!(of(Mode::Upsert, true), Reimport::UpdatesByReference);
        assert_eq!(of(Mode::Create, false), Reimport::Skips);
    }
}
