//! What somebody asks for when they start an import: the flags of `import`, as data.

use super::error::Refusal;
use crate::domain::id::DeliveryId;
use crate::domain::run::{Mode, RunKind};
use crate::domain::settings::MatchOn;
use crate::domain::source::{Source, SourceOptions};
use crate::engine::decode::Codec;
use crate::engine::sniff::Overrides;
use crate::store::Delivery;
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

impl MappingChoice {
    /// A saved mapping by its name, or a file, which ends in `.toml`.
    pub fn named(text: &str) -> MappingChoice {
        if text.ends_with(".toml") { MappingChoice::File(text.into()) } else { MappingChoice::Saved(text.to_owned()) }
    }
}

/// A request to import one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRequest {
    pub file: PathBuf,
    /// The file is this delivery of the source, which is here already: it is read in its place.
    pub delivery: Option<DeliveryId>,
    /// What the run is for; a dry run is one whatever this says.
    pub kind: RunKind,
    /// Nobody looks at the mapping before it runs: it is the one that is remembered, columns that came since are accepted
    /// as unmapped, and nothing is suggested for them (R359).
    pub unattended: bool,
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
            delivery: None,
            kind: RunKind::Import,
            unattended: false,
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

    /// An import of a file source as its options have it: of `file`, or of the file that the source names.
    ///
    /// # Errors
    /// [`Refusal`]s for a source that names no file, or whose options name what there is not.
    pub fn from_source(source: &Source, file: Option<PathBuf>, user: String) -> Result<ImportRequest, Refusal> {
        let file = file.or_else(|| source.location.as_ref().map(PathBuf::from)).ok_or_else(|| {
            let message = format!("Source {:?} has no file to import.", source.name);
            Refusal::new("source_file", message, "Name one: --file NAME here, or --location FILE with `source edit`.")
        })?;
        let request = ImportRequest::with_options(file, &source.options, user)?;
        Ok(ImportRequest { source: Some(source.name.clone()), ..request })
    }

    /// A run over a delivery of a source as its options have it.
    ///
    /// # Errors
    /// [`Refusal`]s for options that name what there is not.
    pub fn of_delivery(
        source: &Source,
        delivery: &Delivery,
        kind: RunKind,
        user: String,
    ) -> Result<ImportRequest, Refusal> {
        let request = ImportRequest::from_source(source, Some(delivery.path.clone()), user)?;
        Ok(ImportRequest { delivery: Some(delivery.id), kind, ..request })
    }

    /// An import of a file, done like this.
    ///
    /// # Errors
    /// [`Refusal`]s for options that name what there is not.
    pub fn with_options(file: PathBuf, options: &SourceOptions, user: String) -> Result<ImportRequest, Refusal> {
        let encoding = match &options.encoding {
            None => None,
            Some(name) => Some(Codec::of(name).ok_or_else(|| {
                let message = format!("The encoding {name:?} is not known.");
                Refusal::new("encoding_unknown", message, "Name one such as utf-8 or windows-1252.")
            })?),
        };
        Ok(ImportRequest {
            mode: options.mode,
            mapping: options.mapping.as_deref().map_or(MappingChoice::Automatic, MappingChoice::named),
            map: options.map.clone(),
            accept_unmapped: options.accept_unmapped,
            country: options.country.clone(),
            timezone: options.timezone,
            tags: options.tags.clone(),
            clear_empty: options.clear_empty,
            allow_duplicates: options.allow_duplicates,
            match_on: options.match_on,
            day_first: options.day_first.clone(),
            month_first: options.month_first.clone(),
            filters: options.filters.clone(),
            since: options.since,
            reading: Overrides {
                delimiter: options.delimiter.and_then(|c| u8::try_from(c).ok()),
                encoding,
                header_line: options.header_row,
                // Only a mapping says how cells are quoted.
                quote: None,
            },
            accept_short_rows: options.accept_short_rows,
            recreate_deleted: options.recreate_deleted,
            ..ImportRequest::new(file, user)
        })
    }

    /// What of the request belongs to the source. The mapping is not among it: the source remembers what became of it.
    pub fn options(&self) -> SourceOptions {
        SourceOptions {
            mode: self.mode,
            country: self.country.clone(),
            timezone: self.timezone,
            tags: self.tags.clone(),
            clear_empty: self.clear_empty,
            allow_duplicates: self.allow_duplicates,
            match_on: self.match_on,
            mapping: None,
            map: Vec::new(),
            accept_unmapped: self.accept_unmapped,
            // The mapping remembers which way the dates of a column are read.
            day_first: Vec::new(),
            month_first: Vec::new(),
            filters: self.filters.clone(),
            since: self.since,
            delimiter: self.reading.delimiter.map(char::from),
            encoding: self.reading.encoding.map(|codec| codec.encoding().name().to_owned()),
            header_row: self.reading.header_line,
            accept_short_rows: self.accept_short_rows,
            recreate_deleted: self.recreate_deleted,
            set_by: None,
        }
    }
}
