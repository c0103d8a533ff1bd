//! What the shell answers about a file and the mapping that is edited on it. Texts are as they stand in the file; `ui`
//! makes them safe to show.

use crate::domain::dialect::Dialect;
use crate::domain::field::Catalog;
use crate::domain::id::{DeliveryId, SourceId};
use crate::domain::issue::{Code, Note};
use crate::domain::mapping::{Mapping, Reading};
use crate::domain::outcome::SkipReason;
use std::path::PathBuf;
use std::sync::Arc;

/// A source whose mapping is to be edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenWanted {
    pub source: SourceId,
    /// Without one, the file that the source names, else its last delivery.
    pub file: Option<PathBuf>,
    /// How the file is read, where that was changed in the draft; none as the source and its mapping have it.
    pub reading: Option<Reading>,
}

/// A mapping with the file that it is edited on.
#[derive(Debug, Clone)]
pub struct Opened {
    pub wanted: OpenWanted,
    pub source_name: String,
    /// None where there is no file to look at: the mapping can be edited all the same, without a preview.
    pub file: Option<OpenedFile>,
    /// Why there is none.
    pub no_file: Option<String>,
    /// Fitted to the file, with what the source's options say over it.
    pub mapping: Mapping,
    /// Where it came from, for people.
    pub origin: String,
    /// Columns that it uses and the file lacks.
    pub gone: Vec<String>,
    /// As it is saved; none where nothing was saved for the source yet.
    pub saved: Option<Saved>,
    /// Who reviewed this version, and when (ms since 1970, UTC).
    pub reviewed: Option<(String, i64)>,
    pub catalog: Arc<Catalog>,
    pub people: Vec<String>,
    /// One a column of the mapping, in its order.
    pub columns: Vec<ColumnLook>,
}

/// A version of a saved mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub name: String,
    pub version: u64,
    pub by: String,
    pub at_ms: i64,
}

/// The file that a mapping is edited on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedFile {
    pub path: PathBuf,
    /// As people know it.
    pub name: String,
    pub bytes: u64,
    /// It is the last delivery of the source, in place of the file that it names.
    pub is_stand_in: bool,
    /// The delivery that it is, where it is one.
    pub delivery: Option<DeliveryId>,
    pub dialect: Dialect,
    /// How the file is read, with why.
    pub facts: Vec<ReadFact>,
    /// What is worth knowing about the file as such.
    pub problems: Vec<String>,
    pub rows_looked_at: u64,
    /// The first lines of the file as they stand there, each cut at 200 characters.
    pub first_lines: Vec<String>,
}

/// A reading option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOption {
    Encoding,
    Delimiter,
    Quote,
    HeaderRow,
    Country,
    TimeZone,
}

/// How one thing about the file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFact {
    pub option: ReadOption,
    /// In words: `UTF-8`, `;`, `line 3`, `DE`.
    pub value: String,
    pub why: String,
    /// Somebody said so; else it was detected.
    pub is_said: bool,
}

/// What is in a column, as far as its first look tells.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ColumnLook {
    pub header: String,
    /// What its values look like, in a word or two: `e-mail`, `date`, `text`.
    pub kind: String,
    /// The first few different values.
    pub samples: Vec<String>,
    /// From 0 to 1.
    pub empty_share: f32,
    pub distinct: u32,
    /// No value came twice.
    pub all_different: bool,
    /// Key of the suggested field.
    pub field: Option<String>,
    /// From 0 to 1.
    pub confidence: f32,
    pub reason: String,
    /// Why it is never mapped by itself.
    pub never: Option<String>,
    /// Keys of other fields that come into question, best first.
    pub alternatives: Vec<(String, f32)>,
}

/// A preview to be made: the rows through the real rules with this mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewWanted {
    pub source: SourceId,
    /// Of the draft.
    pub revision: u64,
    pub mapping: Arc<Mapping>,
    /// So many of the first rows,
    pub first: usize,
    /// and these further ones, where the profile has found them, at most 100; numbers from 1. What lies far behind in a
    /// compressed file may be left out.
    pub rows: Vec<u64>,
}

/// Rows through the real rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub revision: u64,
    /// The fields that the mapping fills: first those that matter most, then in the order of the columns.
    pub fields: Vec<PreviewField>,
    pub rows: Vec<PreviewRow>,
    /// Places of columns whose values do not look like what they are mapped to, or look like one of the fields that
    /// matter most and go nowhere, each with a sentence (R18, R23).
    pub doubts: Vec<(usize, String)>,
    /// Why a run with this mapping would need attention, as the run itself will say it (R24).
    pub attention: Vec<String>,
    /// Why an import with this mapping would not start, and what to do.
    pub blocked: Option<Blocked>,
}

/// Why an import with a mapping would not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    pub message: String,
    pub next: String,
    /// The headers of the columns that it is about.
    pub columns: Vec<String>,
}

/// A field that the mapping fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewField {
    pub key: String,
    pub label: String,
    /// Places of the columns that go there; none of a constant.
    pub columns: Vec<usize>,
}

/// What would become of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewRow {
    /// From 1.
    pub row: u64,
    /// Of the file, from 1.
    pub line: u64,
    pub outcome: PreviewOutcome,
    /// It follows on the rows before it without a gap from row 1, so that its outcome is what the run's will be.
    pub follows: bool,
    /// One a field of the preview.
    pub cells: Vec<PreviewCell>,
    /// About the row as such.
    pub issues: Vec<CellIssue>,
    /// The raw cells, one a column of the file, each cut at 200 characters.
    pub raw: Vec<String>,
}

/// What a row would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PreviewOutcome {
    Created,
    /// The Contact ID of the contact, where that exists already.
    Updated(Option<String>),
    Unchanged(Option<String>),
    Skipped(SkipReason),
    Failed(Vec<Code>),
}

/// What would become of the cells that go to one field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PreviewCell {
    /// What would be stored, cut at 200 characters; none where nothing would be.
    pub value: Option<String>,
    /// What would be stored differs from what stands in the file.
    pub is_changed: bool,
    /// The field is emptied.
    pub is_cleared: bool,
    pub issues: Vec<CellIssue>,
    pub notes: Vec<Note>,
}

/// Something wrong with a cell or a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellIssue {
    pub code: Code,
    pub is_error: bool,
    pub guidance: String,
    /// The raw text.
    pub value: String,
}

/// All rows of the file are to be looked at with this mapping. Asked again and again until the answer is done: each
/// answer brings what was found so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileWanted {
    pub source: SourceId,
    pub revision: u64,
    pub mapping: Arc<Mapping>,
}

/// What all rows that were read so far say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub revision: u64,
    pub rows: u64,
    /// Bytes of the file after decompression that were read so far.
    pub bytes: u64,
    /// How many there are, where that is known.
    pub bytes_expected: Option<u64>,
    pub is_done: bool,
    /// Rows with fewer cells than the header, and rows that cannot be read, with the first of each.
    pub short_rows: u64,
    pub first_short_row: Option<u64>,
    pub unreadable_rows: u64,
    pub first_unreadable_row: Option<u64>,
    /// One a column of the file.
    pub columns: Vec<ColumnProfile>,
}

/// What all rows say about a column.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnProfile {
    pub filled: u64,
    /// Different values; at most so many are counted, and then there are more.
    pub distinct: u64,
    pub distinct_is_cut: bool,
    /// What the values look like, each with how many: `e-mail`, `date`, `number` …, the most frequent first.
    pub shapes: Vec<(&'static str, u64)>,
    /// Errors first, then by how many rows they concern.
    pub problems: Vec<ColumnProblem>,
}

/// Something about the values of a column, with the rows that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnProblem {
    pub what: ProblemKind,
    pub count: u64,
    /// The first of them, at most 100.
    pub rows: Vec<ProblemRow>,
}

/// What is to be known about the values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// Values that cannot be read, or cells that are empty and required.
    Issue(Code),
    /// Only day first explains these dates, and none fits month first only: the start is held up until somebody says.
    DayFirst,
    /// Only day first explains these, and others fit month first only.
    MixedOrder,
    /// Nothing tells day from month in these dates: month first is assumed.
    AssumedOrder,
    /// Values of an option or person that a value map could translate: the distinct ones are its rows, those of lists
    /// one by one, each with how often it is there as its guidance. Where there are too many for a value map, the first
    /// rows.
    NotDeclared(Code),
}

/// A row behind a count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemRow {
    /// From 1.
    pub row: u64,
    /// Of the file, from 1.
    pub line: u64,
    pub value: String,
    pub guidance: String,
}

/// A saved mapping in the list of them: its newest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedLine {
    pub saved: Saved,
    pub sources: Vec<String>,
    /// It was saved for this header row.
    pub is_for_header: bool,
    /// The versions before it, the newest first.
    pub versions: Vec<Saved>,
}

/// A version of a mapping, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedVersion {
    pub saved: Saved,
    pub mapping: Mapping,
}

/// Which cells with non-ASCII text to look at under two encodings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareWanted {
    pub source: SourceId,
    /// As [`crate::domain::mapping::Reading`] has them.
    pub encodings: [String; 2],
}

/// Cells under two encodings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub wanted: CompareWanted,
    /// Row, column, and the text under each; none where the bytes are no text in it.
    pub cells: Vec<(u64, String, [Option<String>; 2])>,
}

/// A custom field to be made (R215).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewField {
    /// Without `custom.`.
    pub key: String,
    pub label: String,
    pub kind: crate::domain::field::Kind,
    pub options: Vec<String>,
}

/// A draft to be saved as the mapping of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingToSave {
    pub source: SourceId,
    /// Under this name; none for that of the source's mapping, or of the source.
    pub name: Option<String>,
    pub mapping: Arc<Mapping>,
}
