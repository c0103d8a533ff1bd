//! From a request to a run that is ready to start: the file looked at, landed, mapped, scanned and checked, its plan
//! written down. Nothing is imported here, and a refusal leaves no run behind.

use super::choose::choose_source;
use super::columns::{self, Chosen, Fitted};
use super::earlier::{earlier_runs, resumable};
use super::error::{Refusal, WorkerError};
use super::request::ImportRequest;
use super::said::{country, duplicates, overrides, timezone};
use super::{attention, checks, dry_run, ending, land};
use crate::domain::field::Catalog;
use crate::domain::filter::Filter;
use crate::domain::id::{DeliveryId, RunId, SourceId, WorkspaceCode};
use crate::domain::mapping::{Mapping, Reading};
use crate::domain::plan::Plan;
use crate::domain::run::{RunKind, RunStatus};
use crate::domain::settings::Settings;
use crate::domain::source::{FoundState, SourceMode, SourceOptions};
use crate::engine::inspect::{self, Inspection};
use crate::engine::open::Delivery;
use crate::engine::read::{ReadError, RecordReader};
use crate::engine::scan::{self, Scan};
use crate::engine::sniff::Overrides;
use crate::store::{FileState, NewDelivery, NewRun, NewSource, Store, StoreError};
use sha2::{Digest, Sha256};
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

/// The columns that `run rows --csv` appends to those of the file: which row it was, what became of it, and why.
pub const REMARK_COLUMNS: [&str; 3] = ["landfall_row", "landfall_outcome", "landfall_reason"];

/// The kind of a source whose records come from files that somebody names.
pub const FILE: &str = "file";

/// A run that only has to be started.
#[derive(Debug)]
pub struct Prepared {
    pub plan: Plan,
    pub kind: RunKind,
    pub source: SourceChoice,
    pub landed: land::Landed,
    /// What has landed is this delivery, registered before.
    delivery: Option<DeliveryId>,
    /// The run that imported its file last, when this was prepared.
    taken_by: Option<RunId>,
    /// Nobody has looked at its mapping.
    unattended: bool,
    /// Name of the file as it was given.
    pub file_name: String,
    /// An interrupted run of the same bytes with the same plan, which goes on instead of a new one.
    pub resumes: Option<RunId>,
    /// What whoever starts it should know: names, assumptions, where the mapping came from.
    pub remarks: Vec<String>,
    /// The dry run that counts what it would do.
    pub dry_run: Option<RunId>,
    user: String,
    /// What the source remembers of this import: where the file was, and how it was asked for.
    location: Option<String>,
    options: SourceOptions,
}

/// The source of a run: one that exists, or one that its start makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceChoice {
    Known(SourceId, String),
    /// Removed once; its start brings it back, with its references.
    Removed(SourceId, String),
    New(String),
}

impl SourceChoice {
    pub fn name(&self) -> &str {
        match self {
            SourceChoice::Known(_, name) | SourceChoice::Removed(_, name) | SourceChoice::New(name) => name,
        }
    }

    /// Its number, where it has one already.
    pub fn id(&self) -> Option<SourceId> {
        match self {
            SourceChoice::Known(id, _) | SourceChoice::Removed(id, _) => Some(*id),
            SourceChoice::New(_) => None,
        }
    }
}

/// What is known of a file before it lands: how it is read, what is in it, and the mapping that its import would use.
#[derive(Debug)]
pub struct Looked {
    pub source: SourceChoice,
    pub settings: Settings,
    pub catalog: Catalog,
    pub inspection: Inspection,
    /// Fitted to the file, with what the request says over it.
    pub mapping: Mapping,
    /// Where it came from, for people.
    pub origin: String,
    /// Columns that it uses and the file lacks.
    pub gone: Vec<String>,
    /// The mapping as it was before it was fitted to the file; none of a suggested one.
    pub made: Option<Mapping>,
    /// What the mapping says about how the file is read.
    pub reading: Reading,
}

/// Looks at the file of an import. With a `reading`, that is how the file is read, whatever mapping and request say.
///
/// # Errors
/// [`Refusal`]s for what the person can decide; other errors for files and the store.
pub fn look(store: &Store, request: &ImportRequest, reading: Option<&Reading>) -> Result<Looked, WorkerError> {
    let settings = store.settings()?;
    land::check_size(&request.file, settings.max_file_mb)?;
    let source = choose_source(store, request)?;
    let catalog = store.catalog()?;
    let chosen = Chosen::of(store, request, &source)?;
    let overrides = match reading {
        Some(reading) => overrides(&Overrides::default(), reading)?,
        None => overrides(&request.reading, &chosen.reading())?,
    };
    let reading = reading.cloned().unwrap_or_else(|| chosen.reading());
    // Refusals that need no more than a look come before anything lands, and name the file as it was given.
    let inspection =
        inspect::inspect(&request.file, &overrides, &catalog, store.workspace_code(), inspect::Extent::Sample)?;
    let headers = inspection.dialect().columns.clone();
    let Fitted { mut mapping, origin, gone, made } =
        columns::fit(store, &source, chosen, &inspection, &catalog, request.unattended)?;
    columns::apply_flags(request, &mut mapping, &catalog, &headers)?;
    Ok(Looked { source, settings, catalog, inspection, mapping, origin, gone, made, reading })
}

/// Prepares an import. `threads` are those for scanning.
///
/// # Errors
/// [`Refusal`]s for what the person can decide; other errors for files and the store.
pub fn prepare(store: &Store, request: &ImportRequest, threads: usize) -> Result<Prepared, WorkerError> {
    // Before anything else is asked of the store: whoever takes the file from here on is noticed.
    let taken_by = request.delivery.map(|delivery| taken_by(store, delivery)).transpose()?.flatten();
    let looked = look(store, request, None)?;
    let Looked { source, settings, catalog, mapping, .. } = &looked;
    mapping.check(catalog)?;
    let mut remarks = Vec::new();
    remarks.extend(match (source, &request.source) {
        (SourceChoice::New(name), None) => Some(format!("new source {name:?}, named after the file")),
        (SourceChoice::New(name), Some(_)) => Some(format!("new source {name:?}")),
        (SourceChoice::Removed(_, name), _) => {
            Some(format!("source {name:?} was removed once: this import brings it back, with its references"))
        }
        (SourceChoice::Known(_, name), None) => Some(format!("source {name:?}, named after the file")),
        (SourceChoice::Known(..), Some(_)) => None,
    });
    remarks.push(looked.origin.clone());
    let accept_unmapped = mapping.accept_unmapped || request.unattended;
    checks::usable(mapping, catalog, request.mode, duplicates(request, settings), accept_unmapped)?;
    let mut plan = plan_of(store, request, &looked, mapping, &looked.reading)?;
    checks::constants(&plan, catalog, store.workspace_code())?;
    let (landed, scanned) = land_and_scan(store, request, &plan, catalog, threads)?;
    let kind = if request.dry_run { RunKind::DryRun } else { request.kind };
    let checked = scanned.and_then(|scan| check_delivery(store, request, source, &landed, &scan, &mut plan, kind));
    let (resumes, assumed) = match checked {
        Ok(checked) => checked,
        Err(error) => {
            forget_delivery(store, &landed)?;
            return Err(error);
        }
    };
    remarks.extend(assumed);
    let kept = name_of_delivery(store, source, &request.file)?;
    // Absolute, so that it stays right wherever the next import is started. A delivery is no place that files come from.
    let location = std::path::absolute(&request.file).ok().filter(|_| kept.is_none());
    let location = location.and_then(|path| path.into_os_string().into_string().ok());
    let file_name = kept.unwrap_or_else(|| name_of(&request.file));
    let (user, options) = (request.user.clone(), request.options());
    let (source, dry_run) = (looked.source, None);
    let (delivery, unattended) = (request.delivery, request.unattended);
    Ok(Prepared {
        plan,
        kind,
        source,
        delivery,
        taken_by,
        unattended,
        landed,
        file_name,
        resumes,
        remarks,
        dry_run,
        user,
        location,
        options,
    })
}

/// What a file was called where it came from, where it is a delivery of the source that is imported again.
fn name_of_delivery(store: &Store, source: &SourceChoice, file: &Path) -> Result<Option<String>, StoreError> {
    let Some(id) = source.id() else { return Ok(None) };
    Ok(store.delivery_at(file, Some(id))?.map(|delivery| delivery.name))
}

/// The plan of an import of a file that was looked at, with this mapping, as far as it is known before all rows were
/// read. A preview and a run get theirs here, so that they cannot differ.
///
/// # Errors
/// What the request names and there is not: a country, a time zone, a filter's field.
pub fn plan_of(
    store: &Store,
    request: &ImportRequest,
    looked: &Looked,
    mapping: &Mapping,
    reading: &Reading,
) -> Result<Plan, WorkerError> {
    let Looked { source, settings, catalog, inspection, gone, .. } = looked;
    let duplicates = duplicates(request, settings);
    let country = country(request, reading, settings)?;
    let quotes_close = inspection.dialect().quote.is_some();
    Ok(Plan {
        // The number of a new one is known when it is made.
        source: source.id().unwrap_or(SourceId(0)),
        mode: request.mode,
        dialect: inspection.dialect().clone(),
        fields: catalog.fields().to_vec(),
        people: store.people()?.into_iter().map(|person| person.name).collect(),
        timezone: timezone(request, reading, settings)?,
        duplicates,
        clear_empty: request.clear_empty,
        recreate_deleted: request.recreate_deleted,
        tags: request.tags.clone(),
        filters: request
            .filters
            .iter()
            .map(|text| Filter::parse(text, catalog, country.as_deref()))
            .collect::<Result<_, _>>()?,
        country,
        since: request.since.map(|day| day.to_string()),
        sample: request.sample,
        attention: attention::before_start(mapping, catalog, &inspection.evidence, duplicates, gone, quotes_close),
        rows_expected: 0,
        bytes_expected: 0,
        filled: Vec::new(),
        names_misread: attention::names_misread(mapping, catalog, &inspection.evidence),
        mapping: mapping.clone(),
    })
}

/// Why an import with this plan would be refused before its rows are read.
///
/// # Errors
/// The [`Refusal`] that the import itself would answer.
pub fn check_usable(plan: &Plan, catalog: &Catalog, code: &WorkspaceCode) -> Result<(), Refusal> {
    checks::usable(&plan.mapping, catalog, plan.mode, plan.duplicates, plan.mapping.accept_unmapped)?;
    checks::constants(plan, catalog, code)
}

/// Copies the file into the workspace and scans it, both at once. A delivery is there already, and is only scanned; that
/// it still is what landed is seen when its run begins.
///
/// # Errors
/// When it cannot land, or changed meanwhile: then what was scanned is not what landed, and nothing stays. What is wrong
/// with its content is the inner error.
fn land_and_scan(
    store: &Store,
    request: &ImportRequest,
    plan: &Plan,
    catalog: &Catalog,
    threads: usize,
) -> Result<(land::Landed, Result<Scan, WorkerError>), WorkerError> {
    let file = &request.file;
    let state = || FileState::of(file).map_err(|error| WorkerError::read(file, error));
    let before = state()?;
    let deliveries = store.deliveries_dir();
    let scan = || -> Result<Scan, WorkerError> {
        let delivery = Delivery::open(file).map_err(ReadError::from)?;
        let reader = RecordReader::new(&delivery, &plan.dialect)?;
        Ok(scan::scan(reader, plan, catalog, attention::is_judged, threads)?)
    };
    if let Some(delivery) = request.delivery {
        let missing = || StoreError::NoSuch { what: "delivery", id: delivery.to_string() };
        let known = store.delivery(delivery)?.ok_or_else(missing)?;
        let file_name = name_of(&known.path);
        return Ok((land::Landed { file_name, bytes: known.bytes, sha256: known.sha256, state: before }, scan()));
    }
    let (landed, scanned) = thread::scope(|scope| {
        // All that is written is written by this thread, in an order that the tests of crashes can follow.
        let scanning = scope.spawn(scan);
        let landed = land::land(file, &deliveries);
        (landed, scanning.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    let landed = landed?;
    match state() {
        // A delivery that is imported again has its own copy in its place now.
        Ok(after) if before.has_same_content(&after) || after == landed.state => Ok((landed, scanned)),
        changed => {
            forget_delivery(store, &landed)?;
            changed.and(Err(WorkerError::ChangedWhileRead { file: file.to_owned() }))
        }
    }
}

/// The checks that need the whole file. Completes the plan with what the scan counted; answers the run that goes on,
/// and what to know.
fn check_delivery(
    store: &Store,
    request: &ImportRequest,
    source: &SourceChoice,
    landed: &land::Landed,
    scan: &Scan,
    plan: &mut Plan,
    kind: RunKind,
) -> Result<(Option<RunId>, Vec<String>), WorkerError> {
    check_end(store, request, source, scan, plan)?;
    checks::scanned(scan, &plan.mapping, request.accept_short_rows)?;
    plan.rows_expected = scan.rows;
    plan.bytes_expected = scan.bytes;
    plan.filled.clone_from(&scan.filled);
    let earlier = earlier_runs(store, source, landed)?;
    let resumes = resumable(&earlier, plan, kind)?;
    if resumes.is_none() && earlier.imported {
        checks::repeated(scan, source.name(), request)?;
    }
    let mut remarks = checks::assumed_orders(scan, &plan.mapping);
    remarks.extend(plan.clear_empty.then(|| {
        format!("{} empty cells will clear what their fields hold, where they hold anything", scan.empty_cells)
    }));
    remarks.extend(earlier.others.iter().map(|run| {
        format!(
            "run {run} of another file into this source is not finished: `landfall run resume {run}` brings its rows after these, `landfall run cancel {run}` gives it up"
        )
    }));
    Ok((resumes, remarks))
}

/// The code of the refusal of a file that may not have been uploaded whole. Its message is the sign, for a sentence.
pub(super) const PERHAPS_UNFINISHED: &str = "perhaps_unfinished";

/// Nobody but a person takes a file that may not be whole.
fn check_end(
    store: &Store,
    request: &ImportRequest,
    source: &SourceChoice,
    scan: &Scan,
    plan: &Plan,
) -> Result<(), WorkerError> {
    let (Some(source), Some(delivery)) = (source.id(), request.delivery) else { return Ok(()) };
    if !request.unattended || request.kind == RunKind::Backfill {
        return Ok(());
    }
    match ending::sign(store, source, delivery, &request.file, &plan.dialect, scan)? {
        Some(sign) => Err(Refusal::new(PERHAPS_UNFINISHED, sign, "Ask whoever delivers whether it is all.").into()),
        None => Ok(()),
    }
}

impl Prepared {
    /// A dry run of it: of the very same delivery with the very same plan.
    pub(super) fn as_dry_run(&self) -> Prepared {
        Prepared {
            plan: self.plan.clone(),
            kind: RunKind::DryRun,
            source: self.source.clone(),
            delivery: self.delivery,
            taken_by: self.taken_by,
            unattended: self.unattended,
            landed: self.landed.clone(),
            file_name: self.file_name.clone(),
            resumes: None,
            remarks: Vec::new(),
            dry_run: None,
            user: self.user.clone(),
            location: None,
            options: self.options.clone(),
        }
    }
}

/// Gives a prepared run up before it is written down: what has landed for it goes, and a dry run of it that has not
/// ended is given up.
pub fn discard(store: &mut Store, prepared: &Prepared, now_ms: i64) -> Result<(), WorkerError> {
    dry_run::give_up(store, prepared, now_ms)?;
    forget_delivery(store, &prepared.landed)
}

/// Removes what has landed for a start that was refused, unless it is a registered delivery too. Nobody registers
/// meanwhile; who has landed the same content and registers it afterwards finds that it is gone ([`still_there`]).
fn forget_delivery(store: &Store, landed: &land::Landed) -> Result<(), WorkerError> {
    let path = store.deliveries_dir().join(&landed.file_name);
    let removed = store.undisturbed(|store| {
        if store.delivery_at(&path, None)?.is_some() {
            return Ok(Ok(()));
        }
        match std::fs::remove_file(&path) {
            // Another start of the same content was refused, too.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Ok(())),
            removed => Ok(removed),
        }
    })?;
    removed.map_err(|error| WorkerError::write(&path, error))
}

/// Holds that what is just being registered is there. Of the same content there is one file, which goes with a start
/// that is refused.
///
/// # Errors
/// A [`Refusal`]: nothing is lost, and it can be started again.
pub(super) fn still_there(path: &Path, name: &str) -> Result<(), WorkerError> {
    if path.exists() {
        return Ok(());
    }
    let message = format!(
        "The copy of {name:?} in the workspace has gone: another import of the same content was given up just then."
    );
    Err(Refusal::new("copy_gone", message, "Start it again: nothing was imported.").into())
}

/// Writes a prepared run down as queued: its source, its delivery, its mapping as the one remembered for the source,
/// and the run itself.
///
/// # Errors
/// A [`Refusal`] when somebody else has had the file imported since it was prepared; those of the store.
pub fn enqueue(store: &mut Store, prepared: &Prepared, now_ms: i64) -> Result<RunId, WorkerError> {
    // All of it or nothing: a delivery that is registered has a run, and a found file that has one says so.
    store.atomically(|store| {
        not_taken_meanwhile(store, prepared)?;
        let run = add(store, prepared, now_ms)?;
        note_taken(store, prepared, run)?;
        Ok(run)
    })
}

/// The same in two transactions, which is wrong: killed between them, nobody ever imports the file. (The other way round a
/// kill shows nothing: the next pickup goes on with the run that was queued of the same bytes.)
#[cfg(feature = "broken-variants")]
pub(super) fn enqueue_apart(store: &mut Store, prepared: &Prepared, now_ms: i64) -> Result<RunId, WorkerError> {
    not_taken_meanwhile(store, prepared)?;
    let last = store.run_lines(&crate::store::RunFilter::default())?.first().map_or(0, |run| run.id.0);
    note_taken(store, prepared, prepared.resumes.unwrap_or(RunId(last + 1)))?;
    store.atomically(|store| add(store, prepared, now_ms))
}

/// Writes a prepared run down, without what becomes of the found file that it imports.
fn add(store: &mut Store, prepared: &Prepared, now_ms: i64) -> Result<RunId, WorkerError> {
    if let Some(run) = prepared.resumes {
        return Ok(run);
    }
    let source = match &prepared.source {
        SourceChoice::Known(id, _) | SourceChoice::Removed(id, _) => *id,
        SourceChoice::New(name) => {
            let (kind, provider, mode) = (FILE, None, SourceMode::OneTime);
            store.add_source(&NewSource { name, kind, provider, mode, created_ms: now_ms })?.id()
        }
    };
    let plan = Plan { source, ..prepared.plan.clone() };
    if prepared.kind != RunKind::DryRun {
        remember(store, prepared, source, &plan, now_ms)?;
    }
    let delivery = match prepared.delivery {
        Some(delivery) => delivery,
        None => {
            let path = store.deliveries_dir().join(&prepared.landed.file_name);
            still_there(&path, &prepared.file_name)?;
            let delivery = store.add_delivery(&NewDelivery {
                source,
                name: &prepared.file_name,
                path: &path,
                bytes: prepared.landed.bytes,
                sha256: &prepared.landed.sha256,
                landed_ms: now_ms,
            })?;
            store.vouch_for(delivery, prepared.landed.state);
            delivery
        }
    };
    Ok(store.add_run(&NewRun {
        kind: prepared.kind,
        status: RunStatus::Queued,
        source,
        delivery,
        mode: plan.mode,
        user: &prepared.user,
        plan: &plan_text(&plan),
        created_ms: now_ms,
    })?)
}

/// The code of the refusal of a file that another run has taken since it was looked at.
pub(super) const TAKEN_MEANWHILE: &str = "taken_meanwhile";

/// Two who bring the same file at once make one run of it: the second hears of the first one's.
fn not_taken_meanwhile(store: &Store, prepared: &Prepared) -> Result<(), WorkerError> {
    let Some(delivery) = prepared.delivery.filter(|_| prepared.kind != RunKind::DryRun) else { return Ok(()) };
    match taken_by(store, delivery)? {
        Some(run) if ![prepared.taken_by, prepared.resumes].contains(&Some(run)) => {
            let message =
                format!("Run {run} has imported {:?}, or does so, since it was looked at.", prepared.file_name);
            let next = format!("See what became of it with `landfall run show {run}`.");
            Err(Refusal::new(TAKEN_MEANWHILE, message, next).into())
        }
        _ => Ok(()),
    }
}

/// The run that imports the found file that a delivery was, or has done so.
fn taken_by(store: &Store, delivery: DeliveryId) -> Result<Option<RunId>, StoreError> {
    Ok(store.found_of(delivery)?.and_then(|file| match file.state {
        FoundState::Taken { run, .. } => Some(run),
        _ => None,
    }))
}

/// Says of the found file that a delivery was that a run imports it.
fn note_taken(store: &mut Store, prepared: &Prepared, run: RunId) -> Result<(), StoreError> {
    let Some(delivery) = prepared.delivery.filter(|_| prepared.kind != RunKind::DryRun) else { return Ok(()) };
    match store.found_of(delivery)? {
        Some(found) => store.set_found_state(found.source, &found.identity, &FoundState::Taken { delivery, run }),
        None => Ok(()),
    }
}

/// What the source remembers of an import, for the next one.
fn remember(
    store: &mut Store,
    prepared: &Prepared,
    source: SourceId,
    plan: &Plan,
    now_ms: i64,
) -> Result<(), WorkerError> {
    let known = store.source(source)?;
    let user = prepared.user.as_str();
    // Rows that were exported to be mended are no new kind of delivery: the source stays with its file and mapping.
    let is_mended = REMARK_COLUMNS.iter().all(|remark| plan.dialect.columns.iter().any(|column| column == remark));
    let has_mapping = known.as_ref().is_some_and(|known| known.mapping.is_some());
    if is_mended && has_mapping {
        return Ok(());
    }
    let mapping = plan.mapping.settled();
    if !(prepared.unattended && columns::adds_nothing(store, source, &mapping)?) {
        let name = prepared.source.name();
        let header = header_fingerprint(&plan.dialect.columns);
        let version = store.save_mapping(name, &mapping.to_toml(), &header, user, now_ms)?;
        store.remember_mapping(source, name, version)?;
    }
    // How the imports of a source that brings its own files are done is said of it, and by no single import.
    if known.is_none_or(|known| known.connection.is_none()) {
        store.remember_import(source, prepared.location.as_deref(), &prepared.options, user, now_ms)?;
    }
    Ok(())
}

/// The plan as it is kept.
fn plan_text(plan: &Plan) -> String {
    serde_json::to_string(plan).expect("a plan is made of what JSON can say")
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

/// What a file is called.
pub(super) fn name_of(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
