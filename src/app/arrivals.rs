//! What the screens know of sources that bring their own files: how the arrival contract stands, what the last look
//! found, and what is normal.

use crate::domain::id::{DeliveryId, SourceId};
use crate::domain::outcome::Counts;
use crate::domain::run::RunStatus;
use crate::domain::source::{
    AfterImport, Blocked, Connection, Contract, ContractStanding, Due, FileTold, FileWord, FoundFile, Pickup, Schedule,
    SourceChange,
};
use chrono::NaiveDate;

/// How a source brings its own files, and how that stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Brings {
    pub connection: Connection,
    pub schedule: Option<Schedule>,
    pub contract: Option<Contract>,
    pub after_import: AfterImport,
    /// What keeps it from running until a person has dealt with it.
    pub blocked: Option<Blocked>,
    pub standing: Option<ContractStanding>,
    /// From then on the contract may stand otherwise (ms since 1970, UTC): it is to be asked anew.
    pub stands_until_ms: Option<i64>,
    /// The last look at where its files lie, also one that has only begun.
    pub looked: Option<Pickup>,
    /// The last look of which something is known.
    pub told: Option<Pickup>,
    /// A due time of its schedule that has passed, and that nobody has dealt with (ms since 1970, UTC).
    pub overdue_ms: Option<i64>,
    pub files: FileCounts,
    /// The file that was fetched last.
    pub newest: Option<DeliveryId>,
}

/// Found files by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileCounts {
    /// Found, and not fetched or not decided yet.
    pub new: u64,
    /// Found, and perhaps still being uploaded.
    pub settling: u64,
    /// Fetched, and kept back until a person decides.
    pub held: u64,
    pub imported: u64,
    pub identical: u64,
    /// Refused or none of ours.
    pub left: u64,
    /// Of all of them, those that could not be fetched, moved or deleted the last time.
    pub troubled: u64,
}

/// What takes more than a glance to know of a source that brings its own files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BringsMore {
    /// The last due times that were dealt with, newest first.
    pub dues: Vec<Due>,
    /// What is normal for its deliveries, in a sentence; nothing before enough have come.
    pub normal: Option<String>,
    /// How the last delivery departs from that, and from the rows that were agreed.
    pub departures: Vec<String>,
    /// That earlier records are not reconsidered by filters that changed (R84–R86).
    pub filters_changed: Option<String>,
    /// What is different in the columns of the last delivery, where somebody should look at it (R363).
    pub review: Option<String>,
}

/// A found file, as the list of a source's files shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLine {
    pub file: FoundFile,
    pub told: FileTold,
    /// How the run that imports it stands.
    pub run: Option<RunStatus>,
}

impl FileLine {
    /// Low of what somebody has to look at.
    pub fn rank(&self) -> u8 {
        match self.told.word {
            FileWord::Held => 0,
            FileWord::Refused => 1,
            FileWord::Changed | FileWord::New | FileWord::Settling | FileWord::Landed => 2,
            FileWord::Imported | FileWord::Identical => 3,
            FileWord::Ignored => 4,
        }
    }

    /// Whether a person can have it imported: also one that was held, or was imported before.
    pub fn can_be_imported(&self) -> bool {
        match self.told.word {
            FileWord::Ignored | FileWord::Refused => false,
            FileWord::New | FileWord::Changed | FileWord::Settling => self.file.is_there,
            FileWord::Landed | FileWord::Held | FileWord::Imported | FileWord::Identical => {
                self.file.is_there || self.told.delivery.is_some()
            }
        }
    }

    /// Whether "all new" means it.
    pub fn is_new(&self) -> bool {
        matches!(self.told.word, FileWord::New | FileWord::Changed) && self.file.is_there
    }
}

/// All files that were found for a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Files {
    pub source: SourceId,
    /// Those that somebody has to look at first, then the newest.
    pub lines: Vec<FileLine>,
    pub looked: Option<Pickup>,
}

/// What a backfill would bring, delivery by delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    pub source: SourceId,
    pub since: NaiveDate,
    /// Each with what a dry run counted.
    pub deliveries: Vec<(String, Counts)>,
    /// Each with why it cannot be considered.
    pub left_out: Vec<(String, String)>,
}

/// The versions of a source, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Versions {
    pub source: SourceId,
    /// Each with the version before it, where that is kept.
    pub changes: Vec<(SourceChange, Option<SourceChange>)>,
}
