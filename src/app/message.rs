//! What comes to the application, and what it asks for. The shell carries out effects and brings their answers.

use super::arrivals::{Backfill, Files, Versions};
use super::data::{
    FileLook, Found, Held, Listing, RowDetail, RowPage, RowsWanted, RunDetail, RunsWanted, SourceForm, SourceLine,
    SourceMore, WorkspaceLine, WorkspaceView,
};
use super::data::{FindWanted, ImportWanted, Preparation};
use super::fetching::Progress;
use super::key::Key;
use super::mapping::data::{
    CompareWanted, Compared, MappingToSave, NewField, OpenWanted, Opened, Preview, PreviewWanted, Profile,
    ProfileWanted, Saved, SavedLine, SavedVersion,
};
use super::source_data::{AccessView, BringsSaid, CheckView, NamesWanted};
use crate::domain::id::{DeliveryId, RecordId, RunId, SourceId};
use crate::domain::mapping::Mapping;
use crate::domain::run::RunLine;
use crate::domain::source::HostKeyTrust;
use chrono::NaiveDate;
use std::path::PathBuf;
use std::sync::Arc;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Message {
    Key(Key),
    /// Text pasted into the terminal.
    Paste(String),
    Mouse(Mouse),
    /// Columns and rows of the terminal.
    Resize(u16, u16),
    /// Somebody, or this application, changed the workspace.
    Changed,
    /// A shown text is due to change: nothing but the time moved on.
    Due,
    /// How far the file is that is being fetched to be looked at.
    Fetching(Progress),
    /// What came of a question.
    Answered(Ticket, Result<Answer, Failure>),
    /// What came of an act, and who waits for it.
    Done(AwaitedBy, Result<Done, Failure>),
}

/// Who waits for what comes of an act. Several acts can be under way: no dialog is to take what came of another's act
/// for its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwaitedBy {
    Nobody,
    /// The form of a source.
    Form,
    /// The dialog that tells how a source's files are reached.
    Connecting,
    /// The review before an import.
    Import,
    /// The review, of the dry run that counts what its import would do.
    DryRun,
    /// The Mapping tab, and its dialogs.
    Mapping,
    /// Whoever wants to look at a file that is being fetched.
    Fetching,
}

/// What the mouse did, and on which cell (from 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    pub kind: MouseKind,
    pub x: u16,
    pub y: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseKind {
    Moved,
    /// The left button went down.
    Click,
    /// It moved with the left button down.
    Drag,
    /// The left button went up.
    Release,
    WheelUp,
    WheelDown,
}

/// Names one asking of a question: answers to older ones of its slot are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub slot: Slot,
    pub number: u64,
}

/// Of each slot the latest question counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    Workspace,
    Sources,
    Source,
    SourceFiles,
    SourceVersions,
    Backfill,
    Runs,
    Run,
    Rows,
    Row,
    Found,
    Record,
    Mapping,
    Preview,
    Profile,
    SavedMappings,
    SavedMapping,
    Compared,
    Listing,
    FileLook,
    FileNames,
    Access,
    Prepare,
    DryRun,
    Workspaces,
}

/// What the application wants to know.
#[derive(Debug, Clone)]
pub enum Question {
    /// How the workspace and its worker stand.
    Workspace,
    /// All sources.
    Sources,
    /// More about one source.
    Source(SourceId),
    /// The files that were found for a source.
    SourceFiles(SourceId),
    /// Who changed what of a source, and when.
    SourceVersions(SourceId),
    /// What a backfill of the deliveries since a day would bring, counted by dry runs.
    Backfill(SourceId, NaiveDate),
    /// A page of runs, newest first.
    Runs(RunsWanted),
    /// One run with its issues.
    Run(RunId),
    /// Rows of a run's ledger.
    Rows(RowsWanted),
    /// One row: the raw cells beside the record.
    Row(RunId, u64),
    /// Contacts.
    Find(FindWanted),
    /// One contact with its history.
    Record(RecordId),
    /// The mapping of a source, with the file that it is edited on.
    OpenMapping(Box<OpenWanted>),
    /// Rows through the real rules with a mapping that is being edited.
    Preview(Box<PreviewWanted>),
    /// What all rows of the file say. Answered in parts: it is asked again until the answer is done.
    Profile(Box<ProfileWanted>),
    /// The saved mappings; the source whose header row tells which of them is for it.
    SavedMappings(SourceId),
    /// A version of a saved mapping, the newest where none is named.
    SavedMapping(String, Option<u64>),
    /// A mapping from a TOML file.
    MappingFile(PathBuf),
    /// Cells under two encodings.
    Compare(Box<CompareWanted>),
    /// The files of a directory, for the file picker.
    List(PathBuf),
    /// What is in a file.
    LookAt(PathBuf),
    /// The names of the files at a place.
    FileNames(NamesWanted),
    /// How the files of a source are reached.
    Access(SourceId),
    /// Everything that comes before the start of an import: lands and scans the file, refuses, or says what would run.
    Prepare(Box<ImportWanted>),
    /// How far the dry run of a prepared import is, and what it says.
    DryRun(RunId),
    /// The workspaces known here.
    Workspaces,
}

impl Question {
    pub fn slot(&self) -> Slot {
        match self {
            Question::Workspace => Slot::Workspace,
            Question::Sources => Slot::Sources,
            Question::Source(_) => Slot::Source,
            Question::SourceFiles(_) => Slot::SourceFiles,
            Question::SourceVersions(_) => Slot::SourceVersions,
            Question::Backfill(..) => Slot::Backfill,
            Question::Runs(_) => Slot::Runs,
            Question::Run(_) => Slot::Run,
            Question::Rows(_) => Slot::Rows,
            Question::Row(..) => Slot::Row,
            Question::Find(_) => Slot::Found,
            Question::Record(_) => Slot::Record,
            Question::OpenMapping(_) => Slot::Mapping,
            Question::Preview(_) => Slot::Preview,
            Question::Profile(_) => Slot::Profile,
            Question::SavedMappings(_) => Slot::SavedMappings,
            Question::SavedMapping(..) | Question::MappingFile(_) => Slot::SavedMapping,
            Question::Compare(_) => Slot::Compared,
            Question::List(_) => Slot::Listing,
            Question::LookAt(_) => Slot::FileLook,
            Question::FileNames(_) => Slot::FileNames,
            Question::Access(_) => Slot::Access,
            Question::Prepare(_) => Slot::Prepare,
            Question::DryRun(_) => Slot::DryRun,
            Question::Workspaces => Slot::Workspaces,
        }
    }
}

/// What a question came to.
#[derive(Debug, Clone)]
pub enum Answer {
    Workspace(WorkspaceView),
    Sources(Vec<SourceLine>),
    Source(SourceMore),
    SourceFiles(Files),
    SourceVersions(Versions),
    Backfill(Backfill),
    /// A page of runs, and whether there are older ones.
    Runs(Vec<RunLine>, bool),
    Run(Box<RunDetail>),
    Rows(RowPage),
    Row(Box<RowDetail>),
    Found(Found),
    Record(Box<Held>),
    MappingOpened(Box<Opened>),
    Preview(Box<Preview>),
    Profile(Box<Profile>),
    SavedMappings(Vec<SavedLine>),
    SavedMapping(Box<SavedVersion>),
    /// Read from a file: what it is called there, and the mapping.
    MappingFile(PathBuf, Box<Mapping>),
    Compared(Box<Compared>),
    Listing(Listing),
    FileLook(Box<FileLook>),
    /// None where the place cannot be looked into.
    FileNames(NamesWanted, Option<Vec<String>>),
    Access(Box<AccessView>),
    Prepared(Box<Preparation>),
    DryRun(Box<RunDetail>),
    Workspaces(Vec<WorkspaceLine>),
}

/// Something that changes the world.
#[derive(Debug, Clone)]
pub enum Act {
    /// Adds a source; one that brings its own files with how it does.
    AddSource(Box<SourceForm>, Option<Box<BringsSaid>>),
    EditSource(SourceId, Box<SourceForm>, Option<Box<BringsSaid>>),
    /// Checks a source step by step, up to its last run; imports nothing.
    TestSource(SourceId),
    /// Tests the way to the files of a stopped source, and lets it run again if that works.
    Reconnect(SourceId),
    /// Trusts the host of a source by this from now on, and tests it; a stopped one as [`Act::Reconnect`].
    TrustHost(SourceId, HostKeyTrust, bool),
    RenameSource(SourceId, String),
    PauseSource(SourceId),
    ResumeSource(SourceId),
    RemoveSource(SourceId),
    /// Looks at where its files lie and notes what is there; fetches nothing.
    LookAtSource(SourceId),
    /// Brings what is new, and queues runs of it.
    SyncSource(SourceId),
    /// Brings the newest file, or the one of this name, to be looked at; imports nothing.
    FetchFile(SourceId, Option<String>),
    /// Starts the backfill that was counted last.
    StartBackfill(SourceId),
    /// Brings these found files and queues runs of them, whatever became of them before.
    ImportFiles(SourceId, Vec<String>),
    /// Starts the import that was prepared last.
    StartPrepared,
    /// Gives the import that was prepared last up; what had landed for it goes, and its dry run is not finished.
    DiscardPrepared,
    /// Writes a dry run of the import that was prepared last down, unless one of the same plan still holds.
    PlanDryRun,
    /// Carries a dry run out.
    DryRun(RunId),
    CancelRun(RunId),
    ResumeRun(RunId),
    NoteRun(RunId, String),
    /// Writes rows of a run with their original columns to a new file.
    ExportRows(RowsWanted, PathBuf),
    /// Saves a draft as the mapping of its source.
    SaveMapping(Box<MappingToSave>),
    /// Writes a mapping to a new TOML file.
    ExportMapping(Arc<Mapping>, PathBuf),
    /// Makes a custom field.
    AddField(Box<NewField>),
    /// Marks the mapping of a source as reviewed, if it is still the one of this name and version.
    ReviewMapping(SourceId, (String, u64)),
    /// Writes a sample import file where the application was started (R208).
    WriteSample,
    /// Starts a worker for what waits, where none is at work.
    StartWorker,
    /// Makes a workspace the one that is shown.
    SwitchWorkspace(PathBuf),
}

impl Act {
    pub fn awaited_by(&self) -> AwaitedBy {
        match self {
            Act::AddSource(..) | Act::EditSource(..) => AwaitedBy::Form,
            Act::TestSource(_) | Act::Reconnect(_) | Act::TrustHost(..) => AwaitedBy::Connecting,
            Act::StartPrepared | Act::ResumeSource(_) => AwaitedBy::Import,
            Act::PlanDryRun | Act::DryRun(_) => AwaitedBy::DryRun,
            Act::FetchFile(..) => AwaitedBy::Fetching,
            Act::SaveMapping(_) | Act::AddField(_) | Act::ExportMapping(..) => AwaitedBy::Mapping,
            _ => AwaitedBy::Nobody,
        }
    }
}

/// What an act came to.
#[derive(Debug, Clone)]
pub enum Done {
    /// Nothing to tell beyond what the screen shows anyway.
    Quietly,
    /// A sentence for a toast.
    Said(String),
    /// A run was queued.
    Queued(RunId, String),
    /// Runs were queued: a sentence that holds until they begin.
    Waiting(String),
    /// A file is here to be looked at: as which delivery, where it is kept, and what it is called.
    Fetched(SourceId, DeliveryId, PathBuf, String),
    /// The dry run of the prepared import, and whether it is to be carried out yet.
    DryRunPlanned(RunId, bool),
    SourceAdded(SourceId, String),
    /// What the check of a source found.
    Tested(SourceId, CheckView),
    /// A draft was saved: the mapping that was, and as what; and what whoever saved it should know.
    MappingSaved(SourceId, Arc<Mapping>, Saved, Option<String>),
    /// A custom field was made: its key.
    FieldAdded(String),
    /// The other workspace is open: everything is asked anew.
    Switched(Box<super::Workspace>),
}

/// Why something did not happen, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub message: String,
    pub next: String,
}

impl Failure {
    /// Both in one sentence.
    pub fn told(&self) -> String {
        let Failure { message, next } = self;
        if next.is_empty() { message.clone() } else { format!("{message} – {next}") }
    }
}

/// As many bytes of a text are sent to the clipboard at most: terminals drop sequences beyond about 100,000 bytes, and
/// base64 adds a third.
pub const MOST_COPIED: usize = 74_994;

/// What the shell is to do.
#[derive(Debug, Clone)]
pub enum Effect {
    Ask(Ticket, Question),
    Do(Act),
    /// Into the terminal's clipboard; of a longer text only [`MOST_COPIED`] bytes go there.
    Copy(String),
    /// The mouse's reports on or off.
    Mouse(bool),
    /// Draw everything anew, whatever the terminal shows.
    Redraw,
    /// Leave the terminal to the shell that started the application, until it is brought back.
    Suspend,
    Quit,
}
