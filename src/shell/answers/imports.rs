//! What comes before the start of an import.

use crate::app::data::{
    ImportWanted, ImportantField, Preparation, PreparedColumn, PreparedImport, RefusedImport, Remedy,
};
use crate::app::mapping;
use crate::app::mapping::data::{PreviewField, PreviewRow};
use crate::app::message::Failure;
use crate::app::shell_word::shell_word;
use crate::cli::error::CliError;
use crate::domain::field::Catalog;
use crate::domain::id::DeliveryId;
use crate::domain::issue::Code;
use crate::domain::mapping::Column;
use crate::domain::mapping_diff;
use crate::domain::plan::{Duplicates, Plan};
use crate::domain::source::Source;
use crate::domain::values::phone::PhoneReader;
use crate::domain::wording::capital;
use crate::engine::open::Delivery;
use crate::engine::read::RecordReader;
use crate::engine::rows::RowBatch;
use crate::shell::acts;
use crate::shell::desk::{Desk, failure};
use crate::store::{Store, StoreError};
use crate::worker::error::{Refusal, WorkerError};
use crate::worker::execute::threads;
use crate::worker::prepare::{self, Prepared};
use crate::worker::request::ImportRequest;
use crate::worker::start::{self, Outlives};
use std::path::Path;

/// Rows that are shown before the start.
const FIRST_ROWS: usize = 3;

/// Lands and scans the file; what an earlier preparation landed goes.
pub(super) fn prepare(desk: &mut Desk, wanted: &ImportWanted) -> Result<Preparation, Failure> {
    acts::imports::discard(desk)?;
    let gone = || failure("The source is not there any more.", "");
    let source = desk.store.source(wanted.source)?.ok_or_else(gone)?;
    let mut request = match ImportRequest::from_source(&source, wanted.file.clone(), desk.user.clone()) {
        Ok(request) => request,
        Err(refusal) => return Ok(refused(refusal)),
    };
    apply(wanted, &mut request);
    request.delivery = fetched(&desk.store, wanted, &request.file)?;
    for remedy in &wanted.remedies {
        match remedy {
            Remedy::AcceptUnmapped => request.accept_unmapped = true,
            Remedy::Again => request.again = true,
            Remedy::AcceptShortRows => request.accept_short_rows = true,
            Remedy::DayFirst(column) => request.day_first.push(column.clone()),
            Remedy::MonthFirst(column) => request.month_first.push(column.clone()),
            Remedy::ResumeSource | Remedy::ChooseFile | Remedy::EditMapping | Remedy::EditFilters => {}
        }
    }
    match prepare::prepare(&desk.store, &request, threads()) {
        Ok(prepared) => {
            // Kept first: what has landed goes with it, also where it cannot be told of.
            let prepared = desk.prepared.insert(prepared);
            let told = told(&desk.store, &mut desk.mapping.phones, &source, prepared)?;
            Ok(Preparation::Ready(Box::new(told)))
        }
        Err(WorkerError::Refused(refusal)) => Ok(refused(with_command(refusal, &source.name))),
        Err(WorkerError::Filter(error)) => Ok(Preparation::Refused(RefusedImport {
            code: "filter",
            message: capital(&error.to_string()),
            next: format!("landfall import --from {} --filter \"FIELD OP VALUE\"", shell_word(&source.name)),
            columns: Vec::new(),
            remedies: vec![Remedy::EditFilters],
        })),
        Err(error) => Err(error.into()),
    }
}

/// The delivery that a file is, where it was fetched from where the source's files lie: its own import is what becomes of
/// it, so that no pickup imports it once more.
fn fetched(store: &Store, wanted: &ImportWanted, file: &Path) -> Result<Option<DeliveryId>, Failure> {
    if wanted.delivery.is_some() {
        return Ok(wanted.delivery);
    }
    let Some(delivery) = store.delivery_at(file, Some(wanted.source))? else { return Ok(None) };
    Ok(store.found_of(delivery.id)?.map(|_| delivery.id))
}

/// What was changed in the review goes over what the source says.
fn apply(wanted: &ImportWanted, request: &mut ImportRequest) {
    let ImportWanted { mode, duplicates, clear_empty, tags, filters, since, .. } = wanted.clone();
    request.mode = mode.unwrap_or(request.mode);
    request.clear_empty = clear_empty.unwrap_or(request.clear_empty);
    request.tags = tags.unwrap_or_else(|| request.tags.clone());
    request.filters = filters.unwrap_or_else(|| request.filters.clone());
    request.since = since.unwrap_or(request.since);
    match duplicates {
        Some(Duplicates::Allowed) => request.allow_duplicates = true,
        Some(Duplicates::Refused(on)) => (request.allow_duplicates, request.match_on) = (false, Some(on)),
        None => {}
    }
}

/// Says the whole command for what no key can do yet: to name the fields of columns.
fn with_command(refusal: Refusal, source: &str) -> Refusal {
    if refusal.code != Code::UnmappedMandatory.as_str() || refusal.columns.is_empty() {
        return refusal;
    }
    let maps: String =
        refusal.columns.iter().map(|column| format!(" --map {}", shell_word(&format!("{column}=FIELD")))).collect();
    let source = shell_word(source);
    let next = format!(
        "landfall import --from {source}{maps} --yes (for each FIELD a key of `landfall field list`, or - to leave the column out)"
    );
    Refusal { next, ..refusal }
}

/// A refusal with what a key can do about it.
fn refused(refusal: Refusal) -> Preparation {
    let Refusal { code, message, next, columns } = refusal;
    let column = columns.first().cloned();
    let remedies = match (code, column) {
        (code, Some(_)) if code == Code::UnmappedMandatory.as_str() => {
            vec![Remedy::EditMapping, Remedy::AcceptUnmapped]
        }
        (code, None) if code == Code::UnmappedMandatory.as_str() => vec![Remedy::EditMapping],
        ("no_usable_column", _) => vec![Remedy::EditMapping],
        ("date_order_undecided", Some(column)) => {
            vec![Remedy::EditMapping, Remedy::DayFirst(column.clone()), Remedy::MonthFirst(column)]
        }
        ("same_file_again", _) => vec![Remedy::Again],
        ("short_rows", _) => vec![Remedy::AcceptShortRows],
        ("source_paused", _) => vec![Remedy::ResumeSource],
        ("source_file", _) => vec![Remedy::ChooseFile],
        _ => Vec::new(),
    };
    Preparation::Refused(RefusedImport { code, message, next, columns, remedies })
}

/// A prepared run as the screen tells of it.
fn told(
    store: &Store,
    phones: &mut Option<PhoneReader>,
    source: &Source,
    prepared: &Prepared,
) -> Result<PreparedImport, Failure> {
    let plan = &prepared.plan;
    let catalog = Catalog::of(plan.fields.clone()).map_err(StoreError::from)?;
    let delivery = Delivery::open(&store.deliveries_dir().join(&prepared.landed.file_name)).map_err(CliError::from)?;
    let mut reader = RecordReader::new(&delivery, &plan.dialect).map_err(CliError::from)?;
    let mut rows = RowBatch::new();
    reader.read_batch(&mut rows, FIRST_ROWS).map_err(CliError::from)?;
    let first = super::mapping::rows_of(store, plan, &catalog, &rows.iter().collect::<Vec<_>>(), phones)?;
    let columns = plan.mapping.columns.iter().enumerate().map(|(place, column)| PreparedColumn {
        name: column.header.clone(),
        field: goes_to(column, &catalog),
        first: first.rows.iter().map(|row| stored(&first.fields, row, place)).collect(),
    });
    let accepted = plan.mapping.accept_unmapped;
    let unmapped = plan.mapping.columns.iter().filter(|column| accepted && column.is_undecided());
    let unmapped = unmapped.map(|column| column.header.clone());
    let label = |key: &str| catalog.by_key(key).map_or(key, |field| field.label.as_str()).to_owned();
    let constants = plan.mapping.constants.iter().map(|constant| (label(&constant.field), constant.value.clone()));
    Ok(PreparedImport {
        constants: constants.collect(),
        source: prepared.source.name().to_owned(),
        file: prepared.file_name.clone(),
        bytes: prepared.landed.bytes,
        rows: plan.rows_expected,
        mode: plan.mode,
        country: plan.country.clone(),
        columns: columns.collect(),
        matching: matching(plan, &catalog),
        clear_empty: plan.clear_empty,
        duplicates: plan.duplicates,
        tags: plan.tags.clone(),
        filters: plan.filters.iter().map(|filter| filter.text.clone()).collect(),
        since: plan.since.clone(),
        important: important(plan, &catalog),
        unmapped: unmapped.collect(),
        mapping: saved_version(store, source, prepared)?,
        remarks: prepared.remarks.iter().cloned().chain(pauses_at_logout()).collect(),
        attention: plan.attention.clone(),
        resumes: prepared.resumes,
    })
}

/// What would be stored of a column's cell, cut; with a mark before it, what stands there and cannot be read.
fn stored(fields: &[PreviewField], row: &PreviewRow, place: usize) -> String {
    let cells = fields.iter().zip(&row.cells).filter(|(field, _)| field.columns.contains(&place));
    let texts = cells.filter_map(|(_, cell)| match (&cell.value, cell.issues.first()) {
        (Some(value), _) => Some(beginning(value)),
        (None, Some(issue)) => Some(format!("! {}", beginning(&issue.value))),
        (None, None) => None,
    });
    texts.collect::<Vec<_>>().join(" + ")
}

/// The fields that matter most, with what is mapped to each. One is doubted where a reason for attention names a column
/// that goes there, or one that looks like it and goes nowhere.
fn important(plan: &Plan, catalog: &Catalog) -> Vec<ImportantField> {
    let looks_like = |word: &str| match word {
        "Email" => " reads as e-mail addresses ",
        "Phone" => " reads as phone numbers ",
        "Timezone" => " reads as time zones ",
        _ => " reads as names ",
    };
    let of = |(word, columns): (&'static str, Vec<&str>)| {
        let named = |reason: &String| columns.iter().any(|column| reason.contains(&format!("column {column:?}")));
        let is_doubted = plan.attention.iter().any(|reason| named(reason) || reason.contains(looks_like(word)));
        ImportantField { word, columns: columns.into_iter().map(str::to_owned).collect(), is_doubted }
    };
    mapping::important(&plan.mapping, catalog).into_iter().map(of).collect()
}

/// The version of the source's saved mapping that this import uses as it stands.
fn saved_version(store: &Store, source: &Source, prepared: &Prepared) -> Result<Option<(String, u64)>, Failure> {
    let Some((name, version)) = &source.mapping else { return Ok(None) };
    let saved = store.mapping(name, Some(*version))?;
    let is_same = saved.is_some_and(|saved| saved.toml == prepared.plan.mapping.settled().to_toml());
    Ok(is_same.then(|| (name.clone(), *version)))
}

/// The labels of the fields that a column goes to.
fn goes_to(column: &Column, catalog: &Catalog) -> Option<String> {
    column.targets().next().map(|_| mapping_diff::in_a_line(column, catalog))
}

/// Cells can be of any length.
fn beginning(cell: &str) -> String {
    const MOST: usize = 24;
    match cell.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &cell[..end]),
        None => cell.to_owned(),
    }
}

/// The labels of the mapped fields that say which contact a row is about.
fn matching(plan: &Plan, catalog: &Catalog) -> Vec<String> {
    let fields = plan.duplicates.identifying_fields(catalog).into_iter().filter_map(|id| catalog.get(id));
    let is_mapped = |key: &str| plan.mapping.columns.iter().any(|column| column.goes_to(key));
    fields.filter(|field| is_mapped(&field.key)).map(|field| field.label.clone()).collect()
}

/// What to know before the start where the worker would end with the login.
fn pauses_at_logout() -> Option<String> {
    (start::outlives() == Outlives::Nothing).then(|| {
        "this system ends what a login leaves behind: if you log out before the end, the run pauses, and goes on with \
         the next worker (`loginctl enable-linger` changes that)"
            .to_owned()
    })
}
