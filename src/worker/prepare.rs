//! From a request to a run that is ready to start: the file looked at, landed, mapped, scanned and checked, its plan
//! written down. Nothing is imported here, and a refusal leaves no run behind.

use super::error::{Refusal, WorkerError};
use super::request::{ImportRequest, MappingChoice};
use super::{attention, checks, land};
use crate::domain::dialect::Dialect;
use crate::domain::field::Catalog;
use crate::domain::filter::Filter;
use crate::domain::id::{RunId, SourceId};
use crate::domain::mapping::{Column, Mapping, Reading, letters_apart};
use crate::domain::plan::{Duplicates, Plan};
use crate::domain::run::{RunKind, RunStatus};
use crate::domain::settings::Settings;
use crate::domain::values::date;
use crate::engine::inspect::{self, Inspection};
use crate::engine::open::Delivery;
use crate::engine::read::{ReadError, RecordReader};
use crate::engine::scan::{self, Scan};
use crate::engine::sniff::Overrides;
use crate::store::{NewDelivery, NewRun, NewSource, Source, SourceMode, Store, StoreError};
use sha2::{Digest, Sha256};
use std::path::Path;

/// A run that only has to be started.
#[derive(Debug)]
pub struct Prepared {
    pub plan: Plan,
    pub kind: RunKind,
    pub source: SourceChoice,
    pub landed: land::Landed,
    /// Name of the file as it was given.
    pub file_name: String,
    /// An interrupted run of the same bytes with the same plan, which goes on instead of a new one.
    pub resumes: Option<RunId>,
    /// What whoever starts it should know: names, assumptions, where the mapping came from.
    pub remarks: Vec<String>,
    user: String,
}

/// The source of a run: one that exists, or one that its start makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceChoice {
    Known(SourceId, String),
    New(String),
}

impl SourceChoice {
    pub fn name(&self) -> &str {
        match self {
            SourceChoice::Known(_, name) | SourceChoice::New(name) => name,
        }
    }
}

/// Prepares an import. `threads` are those for scanning.
///
/// # Errors
/// [`Refusal`]s for what the person can decide; other errors for files and the store.
pub fn prepare(
    store: &mut Store,
    request: &ImportRequest,
    threads: usize,
    now_ms: i64,
) -> Result<Prepared, WorkerError> {
    let settings = store.settings()?;
    land::check_size(&request.file, settings.max_file_mb)?;
    let source = choose_source(store, request)?;
    let mut remarks = Vec::new();
    remarks.extend(match (&source, &request.source) {
        (SourceChoice::New(name), None) => Some(format!("new source {name:?}, named after the file")),
        (SourceChoice::New(name), Some(_)) => Some(format!("new source {name:?}")),
        (SourceChoice::Known(_, name), None) => Some(format!("source {name:?}, named after the file")),
        (SourceChoice::Known(..), Some(_)) => None,
    });
    let catalog = store.catalog()?;
    let chosen = saved_mapping(store, request, &source)?;
    let reading = chosen.as_ref().map(|mapping| mapping.reading.clone()).unwrap_or_default();
    let landed = land::land(&request.file, &store.deliveries_dir())?;
    let path = store.deliveries_dir().join(&landed.file_name);
    let inspection = inspect::inspect(
        &path,
        &overrides(request, &reading),
        &catalog,
        store.workspace_code(),
        inspect::Extent::Sample,
    )
    .map_err(|error| error.renamed(&request.file))?;
    let headers = inspection.dialect().columns.clone();
    let fitted = fit_mapping(store, request, &source, chosen, &headers, &inspection, &catalog)?;
    remarks.push(fitted.origin);
    let mut mapping = fitted.mapping;
    apply_flags(request, &mut mapping, &catalog, &headers)?;
    mapping.check(&catalog)?;
    let duplicates = duplicates(request, &settings);
    checks::usable(&mapping, &catalog, request.mode, duplicates, mapping.accept_unmapped)?;
    let dialect = inspection.dialect().clone();
    let scan = scan_delivery(&path, &dialect, &mapping, &catalog, duplicates, threads)
        .map_err(|error| WorkerError::from(error))?;
    checks::scanned(&scan, &mapping, request.accept_short_rows)?;
    remarks.extend(checks::assumed_orders(&scan, &mapping));
    let same_before = earlier_runs(store, &source, &landed)?;
    if same_before.imported {
        checks::repeated(&scan, source.name(), request)?;
    }
    let attention =
        attention::before_start(&mapping, &catalog, &inspection.evidence, duplicates, &fitted.gone_mapped_columns);
    let filters = request.filters.iter().map(|text| Filter::parse(text, &catalog)).collect::<Result<_, _>>()?;
    let plan = Plan {
        source: match &source {
            SourceChoice::Known(id, _) => *id,
            SourceChoice::New(_) => store.next_source_id()?,
        },
        mode: request.mode,
        dialect,
        filled: attention::filled_of_judged(&mapping, &catalog, &scan.filled),
        fields: catalog.fields().to_vec(),
        people: store.people()?,
        country: country(request, &reading, &settings)?,
        timezone: timezone(request, &reading, &settings)?,
        duplicates,
        clear_empty: request.clear_empty,
        recreate_deleted: request.recreate_deleted,
        tags: request.tags.clone(),
        filters,
        since: since(request)?,
        sample: request.sample,
        attention,
        rows_expected: scan.rows,
        bytes_expected: scan.bytes,
        mapping,
    };
    let kind = if request.dry_run { RunKind::DryRun } else { RunKind::Import };
    let resumes = resumable(&same_before, &plan, kind)?;
    let file_name = request.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let _ = now_ms;
    Ok(Prepared { plan, kind, source, landed, file_name, resumes, remarks, user: request.user.clone() })
}

/// Writes a prepared run down as queued: its source, its delivery, its mapping as the one remembered for the source,
/// and the run itself.
pub fn enqueue(store: &mut Store, prepared: &Prepared, now_ms: i64) -> Result<RunId, WorkerError> {
    if let Some(run) = prepared.resumes {
        return Ok(run);
    }
    let source = match &prepared.source {
        SourceChoice::Known(id, _) => *id,
        SourceChoice::New(name) => store.add_source(name, now_ms)?,
    };
    let mut plan = prepared.plan.clone();
    plan.source = source;
    let fingerprint = header_fingerprint(&plan.dialect.columns);
    let toml = plan.mapping.to_toml();
    store.remember_mapping(source, prepared.source.name(), &toml, &fingerprint, &prepared.user, now_ms)?;
    let landed = &prepared.landed;
    let delivery =
        store.add_delivery(source, &prepared.file_name, &landed.file_name, landed.bytes, &landed.sha256, now_ms)?;
    let run = store.add_run(NewRun {
        kind: prepared.kind,
        status: RunStatus::Queued,
        source,
        delivery,
        mode: plan.mode,
        user: prepared.user.clone(),
        plan: serde_json::to_string(&plan).map_err(|error| WorkerError::Plan { what: error.to_string() })?,
        created_ms: now_ms,
    })?;
    Ok(run)
}

/// What identifies a header row: the same names in the same order.
pub fn header_fingerprint(columns: &[String]) -> String {
    let mut hash = Sha256::new();
    for column in columns {
        hash.update((column.len() as u64).to_le_bytes());
        hash.update(column.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn choose_source(store: &Store, request: &ImportRequest) -> Result<SourceChoice, WorkerError> {
    let name = match &request.source {
        Some(name) => name.trim().to_owned(),
        None => stem(&request.file),
    };
    if name.is_empty() {
        return Err(Refusal::new("source_name", "A source needs a name.", "Give one with --source NAME.").into());
    }
    let sources = store.sources()?;
    if let Some(Source { id, name, .. }) = sources.iter().find(|source| source.name == name) {
        return Ok(SourceChoice::Known(*id, name.clone()));
    }
    let near = sources.iter().find(|source| is_near(&source.name, &name));
    match near {
        Some(near) if !request.new_source => Err(Refusal::new(
            "source_name_near",
            format!("There is no source {name:?}, but there is {:?}.", near.name),
            format!(
                "If that one is meant, take --source {:?}; a second home for the same references would make duplicates. If {name:?} is another source, take --new-source.",
                near.name
            ),
        )
        .into()),
        _ => Ok(SourceChoice::New(name)),
    }
}

/// Whether one name may be a mistyped other one: within two letters, where that leaves anything of the name.
fn is_near(a: &str, b: &str) -> bool {
    let apart = letters_apart(a, b);
    apart <= 2 && apart < a.chars().count().min(b.chars().count())
}

/// The name of a file without its endings.
fn stem(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let ends = [".csv.gz", ".csv.zip", ".csv", ".tsv", ".txt", ".zip", ".gz"];
    let lower = name.to_ascii_lowercase();
    let end = ends.into_iter().find(|end| lower.ends_with(end)).unwrap_or("");
    name[..name.len() - end.len()].trim().to_owned()
}

/// The mapping that was asked for by name or file, before the header is known.
fn saved_mapping(
    store: &Store,
    request: &ImportRequest,
    source: &SourceChoice,
) -> Result<Option<Mapping>, WorkerError> {
    let toml = match &request.mapping {
        MappingChoice::Saved(name) => store.mapping(name)?.toml,
        MappingChoice::File(path) => {
            std::fs::read_to_string(path).map_err(|error| WorkerError::read(path, error))?
        }
        MappingChoice::Automatic => match source {
            SourceChoice::Known(id, _) => match store.mapping_of_source(*id)? {
                Some(saved) => saved.toml,
                None => return Ok(None),
            },
            SourceChoice::New(_) => return Ok(None),
        },
    };
    Ok(Some(Mapping::from_toml(&toml)?))
}

struct Fitted {
    mapping: Mapping,
    /// Where it came from, for people.
    origin: String,
    gone_mapped_columns: Vec<String>,
}

/// Fits the chosen mapping to the file's columns; columns that nobody has decided about get a suggestion.
fn fit_mapping(
    store: &Store,
    request: &ImportRequest,
    source: &SourceChoice,
    chosen: Option<Mapping>,
    headers: &[String],
    inspection: &Inspection,
    catalog: &Catalog,
) -> Result<Fitted, WorkerError> {
    let fingerprint = header_fingerprint(headers);
    let (chosen, origin) = match chosen {
        Some(mapping) => {
            let origin = match &request.mapping {
                MappingChoice::Saved(name) => format!("mapping {name:?}"),
                MappingChoice::File(path) => format!("mapping from {}", path.display()),
                MappingChoice::Automatic => format!("the mapping remembered for {:?}", source.name()),
            };
            (Some(mapping), origin)
        }
        None => match store.mapping_for_header(&fingerprint)? {
            Some(saved) => {
                let origin = format!("mapping {:?}, which was used for the same header row", saved.name);
                (Some(Mapping::from_toml(&saved.toml)?), origin)
            }
            None => (None, "mapping suggested from headers and values".to_owned()),
        },
    };
    let known = chosen.is_some();
    let (mut mapping, gone) = chosen.unwrap_or_default().fitted_to(headers);
    let suggested = suggested_columns(inspection, catalog);
    for (column, suggestion) in mapping.columns.iter_mut().zip(suggested) {
        if !known && column.is_undecided() {
            *column = suggestion;
        }
    }
    let gone_mapped_columns = gone.into_iter().filter(|c| c.field.is_some()).map(|c| c.header).collect();
    Ok(Fitted { mapping, origin, gone_mapped_columns })
}

/// The suggested entry of every column.
fn suggested_columns(inspection: &Inspection, catalog: &Catalog) -> Vec<Column> {
    let columns = inspection.dialect().columns.iter().zip(&inspection.suggestions);
    columns
        .map(|(header, suggestion)| match suggestion.field.and_then(|id| catalog.get(id)) {
            Some(field) => Column { separator: suggestion.separator(), ..Column::to(header, &field.key) },
            None => Column::unmapped(header),
        })
        .collect()
}

/// Flags overrule the mapping.
fn apply_flags(
    request: &ImportRequest,
    mapping: &mut Mapping,
    catalog: &Catalog,
    headers: &[String],
) -> Result<(), WorkerError> {
    for (header, field) in &request.map {
        if !headers.contains(header) {
            return Err(crate::domain::mapping::MappingError::NoSuchColumn {
                column: header.clone(),
                have: checks::names(headers.iter().map(String::as_str)),
            }
            .into());
        }
        if let Some(key) = field {
            let field = crate::domain::mapping::field_named(catalog, key, header)?;
            // A suggestion for another column gives way to what was said; a said one is a contradiction to report.
            if !field.kind.is_many() && !field.joins_columns {
                for other in &mut mapping.columns {
                    let said = request.map.iter().any(|(said, _)| *said == other.header);
                    if other.header != *header && !said && other.field.as_deref() == Some(&field.key) {
                        *other = Column::unmapped(other.header.clone());
                    }
                }
            }
        }
        let column = mapping.column_mut(header);
        column.field.clone_from(field);
        column.leave_out = field.is_none();
    }
    mapping.accept_unmapped |= request.accept_unmapped;
    checks::set_orders(request, mapping, catalog)?;
    Ok(())
}

fn overrides(request: &ImportRequest, reading: &Reading) -> Overrides {
    Overrides {
        delimiter: request.delimiter.clone().or_else(|| reading.delimiter.clone()),
        encoding: request.encoding.clone().or_else(|| reading.encoding.clone()),
        header_row: request.header_row.or(reading.header_row),
    }
}

fn duplicates(request: &ImportRequest, settings: &Settings) -> Duplicates {
    match request.match_on {
        _ if request.allow_duplicates => Duplicates::Allowed,
        Some(on) => Duplicates::Refused(on),
        None if settings.allow_duplicates => Duplicates::Allowed,
        None => Duplicates::Refused(settings.match_on),
    }
}

fn country(request: &ImportRequest, reading: &Reading, settings: &Settings) -> Result<Option<String>, WorkerError> {
    let Some(asked) = request.country.as_ref().or(reading.country.as_ref()) else {
        return Ok(settings.default_country.clone());
    };
    let mut checked = Settings::default();
    checked.set("default_country", asked)?;
    Ok(checked.default_country)
}

fn timezone(
    request: &ImportRequest,
    reading: &Reading,
    settings: &Settings,
) -> Result<chrono_tz::Tz, WorkerError> {
    let mut checked = settings.clone();
    if let Some(name) = &reading.timezone {
        checked.set("default_timezone", name)?;
    }
    Ok(request.timezone.unwrap_or(checked.default_timezone))
}

fn since(request: &ImportRequest) -> Result<Option<String>, WorkerError> {
    let Some(text) = &request.since else { return Ok(None) };
    let day = date::read_date(text, date::DateOrder::MonthFirst)
        .map_err(|problem| Refusal::new("date_unreadable", format!("--since {text:?} is no date."), problem.guidance))?;
    Ok(Some(day.value.to_string()))
}

fn scan_delivery(
    path: &Path,
    dialect: &Dialect,
    mapping: &Mapping,
    catalog: &Catalog,
    duplicates: Duplicates,
    threads: usize,
) -> Result<Scan, ReadError> {
    let reader = RecordReader::new(&Delivery::open(path)?, dialect)?;
    scan::scan(reader, mapping, catalog, duplicates, threads)
}

/// Earlier runs of the same bytes into the same source.
struct Earlier {
    imported: bool,
    unfinished: Vec<(RunId, Plan)>,
}

fn earlier_runs(store: &Store, source: &SourceChoice, landed: &land::Landed) -> Result<Earlier, WorkerError> {
    let mut earlier = Earlier { imported: false, unfinished: Vec::new() };
    let SourceChoice::Known(source, _) = source else { return Ok(earlier) };
    for run in store.runs_of_content(*source, &landed.sha256)? {
        if run.kind == RunKind::DryRun {
            continue;
        }
        if run.status.can_resume() {
            earlier.unfinished.push((run.id, super::execute::plan_of(&run)?));
        } else {
            earlier.imported = true;
        }
    }
    Ok(earlier)
}

/// The unfinished run that this start goes on with, when it would do the same; another one stands in the way.
fn resumable(earlier: &Earlier, plan: &Plan, kind: RunKind) -> Result<Option<RunId>, WorkerError> {
    if kind == RunKind::DryRun {
        return Ok(None);
    }
    let Some((run, begun)) = earlier.unfinished.first() else { return Ok(None) };
    if begun == plan {
        return Ok(Some(*run));
    }
    Err(Refusal::new(
        "run_unfinished",
        format!("Run {run} of this very file has begun and is not finished, and was started with other options."),
        format!("Finish it with `landfall run resume {run}`, or give it up with `landfall run cancel {run}`, and import again."),
    )
    .into())
}
