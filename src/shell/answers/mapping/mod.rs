//! The mapping that is edited: opened with its file, previewed, compared with other versions of it.
mod compare;
mod preview;
mod profile;
mod saved;

pub(super) use compare::compare;
pub(super) use preview::{preview, rows_of};
pub use profile::Profiling;
pub(super) use profile::profile;
pub(in crate::shell) use saved::told as saved_as;
pub(super) use saved::{all as saved_mappings, from_file, version as saved_version};

use crate::app::mapping::data::{ColumnLook, OpenWanted, Opened, OpenedFile, ReadFact, ReadOption};
use crate::app::message::Failure;
use crate::domain::field::{Catalog, Kind};
use crate::domain::id::DeliveryId;
use crate::domain::mapping::{Mapping, Reading};
use crate::domain::source::Source;
use crate::engine::inspect;
use crate::engine::suggest::{ColumnEvidence, Looks, Suggestion};
use crate::shell::desk::{Desk, failure};
use crate::shell::open_files::OpenFile;
use crate::store::{Delivery, SavedMapping, Store};
use crate::worker::error::WorkerError;
use crate::worker::prepare::{self, Looked};
use crate::worker::request::ImportRequest;
use std::path::PathBuf;
use std::sync::Arc;

/// The mapping of a source on its file: the one that is asked for, the one that the source names, or its last delivery.
pub(super) fn open(desk: &Desk, wanted: &OpenWanted) -> Result<Opened, Failure> {
    let store = &desk.store;
    let gone = || failure("The source is not there any more.", "");
    let source = store.source(wanted.source)?.ok_or_else(gone)?;
    let saved = saved_of(store, &source)?;
    if wanted.reading.is_none() {
        // Else a draft goes on, and what others saved since it was begun is to be told when it is saved.
        desk.mapping.files.begin_with(source.id, source.mapping.clone());
    }
    let found = file_of(store, &source, wanted)?;
    let people = store.people()?.into_iter().map(|person| person.name).collect();
    let opened = Opened {
        wanted: wanted.clone(),
        source_name: source.name.clone(),
        file: None,
        no_file: found.as_ref().err().cloned(),
        mapping: Mapping::default(),
        origin: String::new(),
        gone: Vec::new(),
        saved: saved.as_ref().map(saved::told),
        reviewed: source.reviewed.as_ref().map(|reviewed| (reviewed.by.clone(), reviewed.at_ms)),
        catalog: Arc::new(store.catalog()?),
        people,
        columns: Vec::new(),
    };
    let Ok(FileOf { path, name, delivery, is_stand_in }) = found else {
        return without_file(opened, &source, saved.as_ref());
    };
    let request = ImportRequest {
        // A dry run may be asked of a paused source, and so may a look at its mapping.
        dry_run: true,
        ..ImportRequest::from_source(&source, Some(path.clone()), desk.user.clone()).map_err(WorkerError::from)?
    };
    let mut looked = prepare::look(store, &request, wanted.reading.as_ref())?;
    if wanted.reading.is_none() {
        // From now on the mapping says all of it.
        looked.reading = said(&request, &looked.reading);
    }
    let bytes = std::fs::metadata(&path).map_err(|error| WorkerError::read(&path, error))?.len();
    let first_lines = inspect::first_lines(&path, looked.inspection.dialect()).map_err(WorkerError::from)?;
    let file = OpenedFile {
        path,
        name,
        bytes,
        is_stand_in,
        delivery,
        dialect: looked.inspection.dialect().clone(),
        facts: facts(&looked),
        problems: looked.inspection.sniffed.problems.iter().map(|problem| problem.detail.clone()).collect(),
        rows_looked_at: looked.inspection.rows_looked_at,
        first_lines,
    };
    let columns = looked.inspection.evidence.iter().zip(&looked.inspection.suggestions);
    let columns = columns.map(|(evidence, suggestion)| column(evidence, suggestion, &looked.catalog)).collect();
    let mapping = Mapping { reading: looked.reading.clone(), ..looked.mapping.clone() };
    let (origin, gone) = (looked.origin.clone(), looked.gone.clone());
    desk.mapping.files.put(OpenFile::new(source.id, &file.path, request, looked)?);
    Ok(Opened { file: Some(file), mapping, origin, gone, columns, ..opened })
}

/// A file that a mapping is edited on.
struct FileOf {
    path: PathBuf,
    /// That people know it by.
    name: String,
    delivery: Option<DeliveryId>,
    /// It takes the place of the file that the source names.
    is_stand_in: bool,
}

/// The file, or why there is none.
fn file_of(store: &Store, source: &Source, wanted: &OpenWanted) -> Result<Result<FileOf, String>, Failure> {
    let named = wanted.file.clone().or_else(|| source.location.as_ref().map(PathBuf::from));
    let kept: Vec<Delivery> =
        store.deliveries_of(source.id)?.into_iter().filter(|delivery| delivery.path.is_file()).collect();
    let of = |delivery: Delivery, is_stand_in| FileOf {
        path: delivery.path,
        name: delivery.name,
        delivery: Some(delivery.id),
        is_stand_in,
    };
    if let Some(path) = named.clone().filter(|path| path.is_file()) {
        if let Some(delivery) = kept.into_iter().find(|delivery| delivery.path == path) {
            return Ok(Ok(of(delivery, false)));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        return Ok(Ok(FileOf { path, name, delivery: None, is_stand_in: false }));
    }
    let brings = source.connection.is_some();
    let why = match named {
        Some(path) => format!("{} is not there.", path.display()),
        None if brings => "No file of the source is here yet.".to_owned(),
        None => "The source names no file.".to_owned(),
    };
    Ok(kept.into_iter().next().map(|delivery| of(delivery, !brings)).ok_or(why))
}

/// Without a file the saved mapping can be edited all the same. Whoever saves it has said all of it, as with a file: what
/// the source's options say of reading is not lost.
fn without_file(opened: Opened, source: &Source, saved: Option<&SavedMapping>) -> Result<Opened, Failure> {
    let Some(saved) = saved else { return Ok(opened) };
    let mut mapping = saved::read(saved)?;
    let request = ImportRequest::with_options(PathBuf::new(), &source.options, String::new());
    let request = request.map_err(WorkerError::from)?;
    mapping.reading = said(&request, &mapping.reading);
    mapping.accept_unmapped |= request.accept_unmapped;
    let columns =
        mapping.columns.iter().map(|column| ColumnLook { header: column.header.clone(), ..ColumnLook::default() });
    Ok(Opened { columns: columns.collect(), mapping, origin: format!("mapping {}", saved.name), ..opened })
}

fn saved_of(store: &Store, source: &Source) -> Result<Option<SavedMapping>, Failure> {
    let Some((name, version)) = &source.mapping else { return Ok(None) };
    Ok(store.mapping(name, Some(*version))?)
}

/// How the file is to be read: what the source's options say over what its mapping does.
fn said(request: &ImportRequest, mapping: &Reading) -> Reading {
    let of = &request.reading;
    Reading {
        delimiter: of.delimiter.map(|byte| char::from(byte).to_string()).or_else(|| mapping.delimiter.clone()),
        quote: mapping.quote.clone(),
        encoding: of.encoding.map(|codec| codec.encoding().name().to_owned()).or_else(|| mapping.encoding.clone()),
        header_row: of.header_line.or(mapping.header_row),
        country: request.country.clone().or_else(|| mapping.country.clone()),
        timezone: request.timezone.map(|zone| zone.name().to_owned()).or_else(|| mapping.timezone.clone()),
    }
}

/// How the file is read, with why.
fn facts(looked: &Looked) -> Vec<ReadFact> {
    let Reading { delimiter, quote, encoding, header_row, country, timezone } = &looked.reading;
    let said = |option| match option {
        ReadOption::Encoding => encoding.is_some(),
        ReadOption::Delimiter => delimiter.is_some(),
        ReadOption::Quote => quote.is_some(),
        ReadOption::HeaderRow => header_row.is_some(),
        ReadOption::Country => country.is_some(),
        ReadOption::TimeZone => timezone.is_some(),
    };
    let detected = looked.inspection.sniffed.reasons.iter().filter_map(|reason| {
        let option = match reason.what {
            "encoding" => ReadOption::Encoding,
            "delimiter" => ReadOption::Delimiter,
            "quote" => ReadOption::Quote,
            "header_row" => ReadOption::HeaderRow,
            _ => return None,
        };
        Some(ReadFact { option, value: reason.chosen.clone(), why: reason.why.clone(), is_said: said(option) })
    });
    let settings = &looked.settings;
    let by = |option, default: &str| if said(option) { "said for this source".to_owned() } else { default.to_owned() };
    let country = country.clone().or_else(|| settings.default_country.clone());
    let zone = timezone.clone();
    let told = [
        ReadFact {
            option: ReadOption::Country,
            value: country.unwrap_or_else(|| "none".to_owned()),
            why: by(ReadOption::Country, "the workspace's default_country"),
            is_said: said(ReadOption::Country),
        },
        ReadFact {
            option: ReadOption::TimeZone,
            value: zone.unwrap_or_else(|| settings.default_timezone.to_string()),
            why: by(ReadOption::TimeZone, "the workspace's default_timezone"),
            is_said: said(ReadOption::TimeZone),
        },
    ];
    detected.chain(told).collect()
}

fn column(evidence: &ColumnEvidence, suggestion: &Suggestion, catalog: &Catalog) -> ColumnLook {
    let key = |field| catalog.get(field).map(|field| field.key.clone());
    let field = suggestion.field.and_then(|id| catalog.get(id));
    let is_phone_field = field.is_some_and(|field| matches!(field.kind, Kind::Phone | Kind::Phones));
    ColumnLook {
        header: evidence.name.clone(),
        kind: Looks::of_column(evidence, is_phone_field).words().to_owned(),
        samples: evidence.samples.clone(),
        empty_share: evidence.empty_share(),
        distinct: evidence.distinct,
        all_different: evidence.all_different(),
        field: suggestion.field.and_then(key),
        confidence: suggestion.confidence,
        reason: suggestion.reason.clone(),
        never: suggestion.never.clone(),
        alternatives: suggestion.alternatives.iter().filter_map(|(id, sure)| Some((key(*id)?, *sure))).collect(),
    }
}
