//! What somebody asks for when they start an import: the flags of `import`, as data.

use crate::domain::run::Mode;
use crate::domain::settings::MatchOn;
use crate::engine::sniff::Overrides;
use chrono::NaiveDate;
use chrono_tz::Tz;
use std::path::PathBuf;

/// Where the mapping comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingChoice {
    /// The one remembered for the source or for this header row, else a suggested one.
    Automatic,
    /// One saved in the workspace by this name.
    Saved(String),
    /// A TOML file.
    File(PathBuf),
}

/// A request to import one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRequest {
    pub file: PathBuf,
    /// Without one the source is named after the file's stem.
    pub source: Option<String>,
    /// The name is new on purpose, however near it is to an existing one.
    pub new_source: bool,
    pub mode: Mode,
    pub mapping: MappingChoice,
    /// `Column=field` pairs; no field leaves the column out on purpose.
    pub map: Vec<(String, Option<String>)>,
    pub accept_unmapped: bool,
    pub country: Option<String>,
    pub timezone: Option<Tz>,
    pub tags: Vec<String>,
    pub clear_empty: bool,
    pub allow_duplicates: bool,
    pub match_on: Option<MatchOn>,
    pub day_first: Vec<String>,
    pub month_first: Vec<String>,
    pub filters: Vec<String>,
    pub since: Option<NaiveDate>,
    /// How the file is to be read, where what is found is wrong.
    pub reading: Overrides,
    pub accept_short_rows: bool,
    pub recreate_deleted: bool,
    /// The same bytes again, although rows that nothing identifies will be created again.
    pub again: bool,
    pub dry_run: bool,
    pub sample: Option<u64>,
    /// Who asks, for the run's record.
    pub user: String,
}

impl ImportRequest {
    /// A plain import of a file: everything as the workspace's settings and the file itself have it.
    pub fn new(file: PathBuf, user: String) -> ImportRequest {
        ImportRequest {
            file,
            source: None,
            new_source: false,
            mode: Mode::Upsert,
            mapping: MappingChoice::Automatic,
            map: Vec::new(),
            accept_unmapped: false,
            country: None,
            timezone: None,
            tags: Vec::new(),
            clear_empty: false,
            allow_duplicates: false,
            match_on: None,
            day_first: Vec::new(),
            month_first: Vec::new(),
            filters: Vec::new(),
            since: None,
            reading: Overrides::default(),
            accept_short_rows: false,
            recreate_deleted: false,
            again: false,
            dry_run: false,
            sample: None,
            user,
        }
    }
}
