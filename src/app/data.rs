//! What the shell answers with: the workspace as the screens need it. Texts are as they are stored; `ui` makes them safe
//! to show.

use super::arrivals::{Brings, BringsMore};
use crate::domain::field::Catalog;
use crate::domain::field::FieldId;
use crate::domain::find::FoundBy;
use crate::domain::id::{DeliveryId, RecordId, RunId, SourceId};
use crate::domain::issue::Code;
use crate::domain::outcome::{LedgerRow, OutcomeKind, SkipReason};
use crate::domain::plan::Duplicates;
use crate::domain::record::Record;
use crate::domain::run::{ClearedCount, IssueCount, Mode, RunLine, RunStatus, SkipCount, Tally};
use crate::domain::source::{
    Connection, ContractStanding, Fault, Health, HostKeyTrust, Keeper, Pickup, Reviewed, Sftp, SourceMode,
    SourceOptions, SourceStatus, Volume,
};
use chrono::NaiveDate;
use std::path::PathBuf;
use std::sync::Arc;

/// How the workspace and its worker stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkspaceView {
    /// Whom to ask when the guide does not help (R336).
    pub support_contact: Option<String>,
    pub worker: Worker,
    /// Who looks for files when it is time, and carries out what comes of it.
    pub keeper: Keeper,
    /// Runs that wait for their turn.
    pub queued: u64,
    /// Runs whose process died: they are interrupted, whatever their row says.
    pub orphaned: Vec<RunId>,
}

/// What carries runs out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Worker {
    /// No process holds the workspace.
    #[default]
    None,
    /// One does, and waits for work.
    Idle,
    /// One does, and carries out this run.
    Busy(RunId),
}

/// A source, as its line and its detail show it.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceLine {
    pub id: SourceId,
    pub name: String,
    /// `file`, `dir`, `sftp` or `drop`.
    pub kind: String,
    pub provider: Option<String>,
    pub account: Option<String>,
    /// The object that it brings.
    pub scope: String,
    pub health: Health,
    pub created_ms: i64,
    /// End of the last run that was no dry run (R65).
    pub last_ran_ms: Option<i64>,
    /// End of the last run that created or updated a record (R66).
    pub last_imported_ms: Option<i64>,
    pub next_run_ms: Option<i64>,
    /// Its last runs, oldest first.
    pub volumes: Vec<Volume>,
    /// The run that is at work, or the first one that waits.
    pub current: Option<CurrentRun>,
    /// What stopped the last run, or why it needs attention.
    pub error: Option<String>,
    pub mapping: Option<(String, u64)>,
    /// Who reviewed this mapping, and when.
    pub reviewed: Option<Reviewed>,
    /// What may be changed of it, as it stands.
    pub form: SourceForm,
    /// Of a source that brings its own files: how.
    pub brings: Option<Box<Brings>>,
}

impl SourceLine {
    pub fn is_paused(&self) -> bool {
        self.health.status == SourceStatus::Paused
    }

    pub fn is_blocked(&self) -> bool {
        self.brings.as_ref().is_some_and(|brings| brings.blocked.is_some())
    }

    /// Nobody could look for its files the last time, or nobody has accepted its host's key yet.
    pub fn is_out_of_reach(&self) -> bool {
        self.brings.as_ref().is_some_and(|brings| {
            let failed = brings.told.as_ref().and_then(Pickup::met);
            let is_unknown = |sftp: &Sftp| sftp.host_key == HostKeyTrust::Unknown;
            failed.is_some_and(Fault::may_pass)
                || matches!(&brings.connection, Connection::Sftp(sftp) if is_unknown(sftp))
        })
    }

    pub fn standing(&self) -> Option<&ContractStanding> {
        self.brings.as_ref()?.standing.as_ref()
    }
}

/// A run that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentRun {
    pub id: RunId,
    pub at_work: bool,
    pub rows: u64,
    pub rows_expected: Option<u64>,
}

/// What takes more than a glance to know of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceMore {
    pub id: SourceId,
    /// Dry runs too.
    pub runs: u64,
    /// Contacts that its runs created.
    pub created: u64,
    /// Whether a column of its mapping says which contact a row is about; none without a mapping (R164).
    pub has_key: Option<bool>,
    /// Of the fields that matter most, those that its mapping fills from no column (R18).
    pub not_mapped: Vec<&'static str>,
    /// Of a source that brings its own files.
    pub brings: Option<BringsMore>,
}

/// What people say of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceForm {
    pub name: String,
    pub mode: SourceMode,
    /// The file of a file source.
    pub location: Option<String>,
    pub purpose: Option<String>,
    pub owner: Option<String>,
    pub notes: Option<String>,
    pub options: SourceOptions,
}

/// Which runs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunsWanted {
    pub source: Option<SourceId>,
    pub status: Option<RunStatus>,
    /// Only those whose number, source, file, user or status has this in it, in any letter case; empty for all.
    pub text: String,
    /// Runs older than this one.
    pub after: Option<RunId>,
    pub limit: u64,
}

/// A run with everything that its page shows.
#[derive(Debug, Clone)]
pub struct RunDetail {
    pub line: RunLine,
    /// Nobody asked for it: the schedule of its source was due (R105).
    pub by_schedule: bool,
    /// The fields as they were when the run was planned.
    pub catalog: Arc<Catalog>,
    /// Of the fields that matter most, those that no column goes to (R18).
    pub not_mapped: Vec<&'static str>,
    /// The columns of its file with the keys of the fields that they, or their parts, are mapped to.
    pub columns: Vec<(String, Vec<String>)>,
    /// Fields that held a value and that an empty cell cleared, or of a dry run would clear, with how often (R258, R259).
    pub cleared: Vec<ClearedCount>,
    pub issues: Vec<IssueView>,
    /// Why rows were skipped; none when the ledger of a dry run is gone.
    pub skips: Option<Vec<SkipCount>>,
    pub tally: Tally,
    pub not_reached: Option<u64>,
    /// Why it needs attention although every row has its outcome.
    pub attention: Vec<String>,
    pub notes: Vec<NoteView>,
    /// Records have changed since this dry run.
    pub stale: bool,
    /// Its delivery is still kept.
    pub delivery_kept: bool,
    /// How it is done: what is looked at before it is tried again (R146, R147).
    pub config: RunConfig,
}

/// How the import of a run is done, as its plan says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunConfig {
    /// ISO code of the country that phone numbers without one are read for.
    pub country: Option<String>,
    pub filters: Vec<String>,
    /// "Don't update empty values" is off (R258, R259).
    pub clear_empty: bool,
    /// Columns that are mapped to a field.
    pub mapped: usize,
}

/// One kind of issue of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueView {
    pub count: IssueCount,
    /// An error fails its row; a warning drops the field only.
    pub is_error: bool,
    /// The first such row's guidance and raw value.
    pub guidance: String,
    pub example: String,
}

/// What somebody wrote about a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteView {
    pub user: String,
    pub at_ms: i64,
    pub text: String,
}

/// Which rows of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowsOnly {
    All,
    Kind(OutcomeKind),
    Warned,
    Noted,
    Issue(Code, Option<FieldId>),
    SkippedFor(SkipReason),
}

/// Where a page of rows begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowPlace {
    /// The first rows after this one.
    After(u64),
    /// The last rows before this one.
    Before(u64),
}

/// A page of rows of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowsWanted {
    pub run: RunId,
    pub only: RowsOnly,
    pub place: RowPlace,
    pub limit: usize,
}

/// Rows in order, with their raw cells.
#[derive(Debug, Clone, PartialEq)]
pub struct RowPage {
    pub wanted: RowsWanted,
    pub rows: Vec<RowLine>,
    /// Whether there are more in the direction that was asked for.
    pub more: bool,
}

/// A row with the beginnings of its raw cells; none when its delivery is no longer kept.
#[derive(Debug, Clone, PartialEq)]
pub struct RowLine {
    pub row: LedgerRow,
    pub reference: Option<String>,
    pub cells: Option<Vec<String>>,
}

/// A row beside the record that it became (R149, R150).
#[derive(Debug, Clone)]
pub struct RowDetail {
    pub run: RunId,
    pub line: RowLine,
    /// Each column: its name, the cell as it stands in the file, and the key of the field that it is mapped to; one that
    /// is split once for each field of its parts.
    pub cells: Vec<(String, String, Option<String>)>,
    /// The record as it is now, where the row landed on one.
    pub record: Option<Record>,
    /// What it was before the row changed it, as long as that is kept.
    pub before: Option<Record>,
    pub contact: Option<String>,
    pub catalog: Arc<Catalog>,
}

/// What to look up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindWanted {
    pub text: String,
    pub source: Option<SourceId>,
    pub run: Option<RunId>,
    pub tag: Option<String>,
    /// The last one of the page before.
    pub after: Option<RecordId>,
    pub limit: usize,
}

/// What was found, and by what.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub wanted: FindWanted,
    /// None where nothing was found.
    pub by: Option<FoundBy>,
    pub contacts: Vec<ContactLine>,
    pub more: bool,
    /// What became of the last row that carried exactly this text as its reference, in each source that knows it.
    pub last_rows: Vec<LastRowView>,
    /// Nothing was found as the search is narrowed, but there is something where it is not.
    pub elsewhere: bool,
    /// There may be others: so many begin so that not all were looked at.
    pub is_cut: bool,
    /// The text is the Contact ID of another workspace (R285).
    pub of_other_workspace: bool,
}

/// The last row that carried a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRowView {
    pub source: SourceId,
    pub source_name: String,
    pub run: RunId,
    pub row: u64,
    pub outcome: OutcomeKind,
    /// Why it did not land.
    pub why: Option<String>,
    /// When it was done; of a row that changed nothing, when its run was last at work.
    pub at_ms: i64,
}

/// A contact, as a line shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactLine {
    pub id: RecordId,
    pub contact: String,
    pub name: String,
    pub email: String,
    pub phone: String,
    /// Names of sources with the references in them.
    pub references: Vec<(String, String)>,
    pub updated_ms: i64,
    pub deleted_ms: Option<i64>,
}

/// A contact with everything that is held about it.
#[derive(Debug, Clone)]
pub struct Held {
    pub contact: String,
    pub record: Record,
    pub catalog: Arc<Catalog>,
    pub references: Vec<(String, String)>,
    pub last_row: Option<LastRowView>,
    /// Newest first.
    pub history: Vec<Change>,
}

/// What one row did to a contact.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub run: RunId,
    pub row: u64,
    pub source_name: String,
    pub at_ms: i64,
    pub outcome: OutcomeKind,
    /// Label, value before, value after.
    pub fields: Vec<(String, String, String)>,
}

/// A directory, for the file picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub dir: PathBuf,
    pub entries: Vec<Entry>,
}

/// A file or a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub is_dir: bool,
    pub bytes: u64,
    pub modified_ms: Option<i64>,
}

/// What is in a file, before it becomes a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLook {
    pub path: PathBuf,
    pub bytes: u64,
    pub encoding: String,
    pub delimiter: char,
    /// A line of the file, from 1.
    pub header_row: u64,
    /// Each column with the label of the field that it would become.
    pub columns: Vec<(String, Option<String>)>,
    pub problems: Vec<String>,
}

/// An import to be prepared. What it does not say, the source's options do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportWanted {
    pub source: SourceId,
    /// Without one, the file that the source names.
    pub file: Option<PathBuf>,
    /// Which delivery the file is, where it was fetched to be imported: deliveries of the same content share one file.
    pub delivery: Option<DeliveryId>,
    /// Another mode than the source has (R220–R222).
    pub mode: Option<Mode>,
    /// By what contacts are met, where not as the source has it.
    pub duplicates: Option<Duplicates>,
    /// Whether an empty cell clears its field, where not as the source has it (R258, R259).
    pub clear_empty: Option<bool>,
    /// Other tags than the source has (R265).
    pub tags: Option<Vec<String>>,
    /// Other conditions than the source has, as they were typed.
    pub filters: Option<Vec<String>>,
    /// Another day than the source has, or none.
    pub since: Option<Option<NaiveDate>>,
    /// What was decided where an earlier preparation was refused.
    pub remedies: Vec<Remedy>,
}

/// A decision that lets a refused import start after all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Columns that are mapped to nothing are left out (R261).
    AcceptUnmapped,
    /// The same bytes again, although rows that nothing identifies are created again.
    Again,
    AcceptShortRows,
    DayFirst(String),
    MonthFirst(String),
    /// Takes the pause of the source back.
    ResumeSource,
    ChooseFile,
    /// The mapping is edited.
    EditMapping,
    /// The conditions are typed anew.
    EditFilters,
}

impl ImportWanted {
    /// As the source has everything.
    pub fn of(source: SourceId, file: Option<PathBuf>) -> ImportWanted {
        ImportWanted {
            source,
            file,
            delivery: None,
            mode: None,
            duplicates: None,
            clear_empty: None,
            tags: None,
            filters: None,
            since: None,
            remedies: Vec::new(),
        }
    }
}

/// One of the fields that matter most (R18).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportantField {
    pub word: &'static str,
    /// The columns that go there.
    pub columns: Vec<String>,
    /// They do not look like it, or another column does (R23).
    pub is_doubted: bool,
}

/// What came of preparing an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preparation {
    Ready(Box<PreparedImport>),
    Refused(RefusedImport),
}

/// Why an import does not start, and what would let it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedImport {
    /// The name of what holds it back, as scripts and the help pages have it.
    pub code: &'static str,
    pub message: String,
    /// What to do, in the words of the command line.
    pub next: String,
    /// What it is about, where it is about columns of the file.
    pub columns: Vec<String>,
    pub remedies: Vec<Remedy>,
}

/// A column of a file that would be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedColumn {
    pub name: String,
    /// The field that it goes into, with its options, in words; none where it is left out.
    pub field: Option<String>,
    /// What would be stored of its cells in the first rows (R263); what cannot be read stands there with a mark.
    pub first: Vec<String>,
}

/// What would run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedImport {
    pub source: String,
    pub file: String,
    pub bytes: u64,
    pub rows: u64,
    pub mode: Mode,
    pub country: Option<String>,
    /// Of the file, in its order.
    pub columns: Vec<PreparedColumn>,
    /// By what contacts are met, in words; empty where nothing identifies them.
    pub matching: Vec<String>,
    pub clear_empty: bool,
    pub duplicates: Duplicates,
    pub tags: Vec<String>,
    pub filters: Vec<String>,
    pub since: Option<String>,
    /// The fields that matter most, with what is mapped to each.
    pub important: Vec<ImportantField>,
    /// Labels of fields with the value that every row gets.
    pub constants: Vec<(String, String)>,
    /// Columns that were left out because "Don't import data for unmapped columns" was said (R261).
    pub unmapped: Vec<String>,
    /// The saved version of the mapping that it uses; none where its start saves a new one.
    pub mapping: Option<(String, u64)>,
    pub remarks: Vec<String>,
    pub attention: Vec<String>,
    /// An interrupted run of the same bytes goes on instead.
    pub resumes: Option<RunId>,
}

/// A workspace that is known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceLine {
    pub path: PathBuf,
    pub name: String,
    pub is_current: bool,
    /// Not so of one on a disk that is not mounted, or that was removed.
    pub is_there: bool,
}
