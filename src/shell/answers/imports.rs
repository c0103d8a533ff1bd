//! What comes before the start of an import.

use crate::app::data::{ImportWanted, Preparation, PreparedImport, RefusedImport, Remedy};
use crate::app::message::Failure;
use crate::domain::field::Catalog;
use crate::domain::issue::Code;
use crate::domain::plan::{Duplicates, Plan};
use crate::shell::acts;
use crate::shell::desk::{Desk, failure};
use crate::store::StoreError;
use crate::worker::error::{Refusal, WorkerError};
use crate::worker::prepare::{self, Prepared};
use crate::worker::request::ImportRequest;

/// Lands and scans the file; what an earlier preparation landed goes.
pub(super) fn prepare(desk: &mut Desk, wanted: &ImportWanted) -> Result<Preparation, Failure> {
    acts::imports::discard(desk)?;
    let gone = || failure("The source is not there any more.", "");
    let source = desk.store.source(wanted.source)?.ok_or_else(gone)?;
    let mut request = match ImportRequest::from_source(&source, wanted.file.clone(), desk.user.clone()) {
        Ok(request) => request,
        Err(refusal) => return Ok(refused(refusal)),
    };
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
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().saturating_sub(1).max(1));
    match prepare::prepare(&desk.store, &request, threads) {
        Ok(prepared) => {
            let told = told(&prepared)?;
            desk.prepared = Some(prepared);
            Ok(Preparation::Ready(told))
        }
        Err(WorkerError::Refused(refusal)) => Ok(refused(refusal)),
        Err(error) => Err(error.into()),
    }
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
    Preparation::Refused(RefusedImport { message, next, columns, remedies })
}

/// A prepared run as the screen tells of it.
fn told(prepared: &Prepared) -> Result<PreparedImport, Failure> {
    let plan = &prepared.plan;
    let catalog = Catalog::of(plan.fields.clone()).map_err(StoreError::from)?;
    let label = |key: &str| catalog.by_key(key).map_or(key.to_owned(), |field| field.label.clone());
    let columns = &plan.mapping.columns;
    let mapped = columns.iter().filter_map(|column| Some((column.header.clone(), label(column.field.as_ref()?))));
    let left_out = columns.iter().filter(|column| column.field.is_none());
    Ok(PreparedImport {
        source: prepared.source.name().to_owned(),
        file: prepared.file_name.clone(),
        bytes: prepared.landed.bytes,
        rows: plan.rows_expected,
        mode: plan.mode,
        country: plan.country.clone(),
        mapped: mapped.collect(),
        left_out: left_out.map(|column| column.header.clone()).collect(),
        matching: matching(plan, &catalog),
        clear_empty: plan.clear_empty,
        allow_duplicates: plan.duplicates == Duplicates::Allowed,
        tags: plan.tags.clone(),
        filters: plan.filters.iter().map(|filter| filter.text.clone()).collect(),
        since: plan.since.clone(),
        remarks: prepared.remarks.clone(),
        attention: plan.attention.clone(),
        resumes: prepared.resumes,
    })
}

/// The labels of the mapped fields that say which contact a row is about.
fn matching(plan: &Plan, catalog: &Catalog) -> Vec<String> {
    let fields = plan.duplicates.identifying_fields(catalog).into_iter().filter_map(|id| catalog.get(id));
    let is_mapped = |key: &str| plan.mapping.columns.iter().any(|column| column.field.as_deref() == Some(key));
    fields.filter(|field| is_mapped(&field.key)).map(|field| field.label.clone()).collect()
}
