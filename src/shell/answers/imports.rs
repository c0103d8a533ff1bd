//! What comes before the start of an import.

use crate::app::data::{ImportWanted, Preparation, PreparedColumn, PreparedImport, RefusedImport, Remedy};
use crate::app::message::Failure;
use crate::app::shell_word::shell_word;
use crate::cli::error::CliError;
use crate::domain::field::Catalog;
use crate::domain::issue::Code;
use crate::domain::plan::{Duplicates, Plan};
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
    if let Some(tags) = &wanted.tags {
        request.tags.clone_from(tags);
    }
    for remedy in &wanted.remedies {
        match remedy {
            Remedy::AcceptUnmapped => request.accept_unmapped = true,
            Remedy::Again => request.again = true,
            Remedy::AcceptShortRows => request.accept_short_rows = true,
            Remedy::DayFirst(column) => request.day_first.push(column.clone()),
            Remedy::MonthFirst(column) => request.month_first.push(column.clone()),
            Remedy::ResumeSource | Remedy::ChooseFile => {}
        }
    }
    match prepare::prepare(&desk.store, &request, threads()) {
        Ok(prepared) => {
            let told = told(&desk.store, &prepared)?;
            desk.prepared = Some(prepared);
            Ok(Preparation::Ready(told))
        }
        Err(WorkerError::Refused(refusal)) => Ok(refused(with_command(refusal, &source.name))),
        Err(error) => Err(error.into()),
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
        (code, Some(_)) if code == Code::UnmappedMandatory.as_str() => vec![Remedy::AcceptUnmapped],
        ("date_order_undecided", Some(column)) => vec![Remedy::DayFirst(column.clone()), Remedy::MonthFirst(column)],
        ("same_file_again", _) => vec![Remedy::Again],
        ("short_rows", _) => vec![Remedy::AcceptShortRows],
        ("source_paused", _) => vec![Remedy::ResumeSource],
        ("source_file", _) => vec![Remedy::ChooseFile],
        _ => Vec::new(),
    };
    Preparation::Refused(RefusedImport { code, message, next, columns, remedies })
}

/// A prepared run as the screen tells of it.
fn told(store: &Store, prepared: &Prepared) -> Result<PreparedImport, Failure> {
    let plan = &prepared.plan;
    let catalog = Catalog::of(plan.fields.clone()).map_err(StoreError::from)?;
    let label = |key: &String| catalog.by_key(key).map_or(key.clone(), |field| field.label.clone());
    let delivery = Delivery::open(&store.deliveries_dir().join(&prepared.landed.file_name)).map_err(CliError::from)?;
    let mut reader = RecordReader::new(&delivery, &plan.dialect).map_err(CliError::from)?;
    let mut rows = RowBatch::new();
    reader.read_batch(&mut rows, FIRST_ROWS).map_err(CliError::from)?;
    let columns = plan.mapping.columns.iter().enumerate().map(|(place, column)| PreparedColumn {
        name: column.header.clone(),
        field: column.field.as_ref().map(label),
        first: rows.iter().filter_map(|row| row.cell(place)).map(beginning).collect(),
    });
    Ok(PreparedImport {
        source: prepared.source.name().to_owned(),
        file: prepared.file_name.clone(),
        bytes: prepared.landed.bytes,
        rows: plan.rows_expected,
        mode: plan.mode,
        country: plan.country.clone(),
        columns: columns.collect(),
        matching: matching(plan, &catalog),
        clear_empty: plan.clear_empty,
        allow_duplicates: plan.duplicates == Duplicates::Allowed,
        tags: plan.tags.clone(),
        filters: plan.filters.iter().map(|filter| filter.text.clone()).collect(),
        since: plan.since.clone(),
        remarks: prepared.remarks.iter().cloned().chain(pauses_at_logout()).collect(),
        attention: plan.attention.clone(),
        resumes: prepared.resumes,
    })
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
    let is_mapped = |key: &str| plan.mapping.columns.iter().any(|column| column.field.as_deref() == Some(key));
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
