//! What holds back a start: each check answers with what is wrong and what to do, before anything is imported.

use super::error::Refusal;
use super::request::ImportRequest;
use crate::domain::field::{Catalog, FieldId, Kind};
use crate::domain::id::WorkspaceCode;
use crate::domain::mapping::{Column, Mapping};
use crate::domain::plan::{Duplicates, Plan};
use crate::domain::rules::RowRules;
use crate::domain::run::Mode;
use crate::domain::values::date::DateOrder;
use crate::engine::scan::Scan;

/// More short rows than this share look like shifted columns (field rules, Rows and bytes).
const SHORT_ROWS_PERCENT: u64 = 5;

/// At least one column must go somewhere (R213), and what the mode needs must be mapped (R218, R219).
pub fn usable(
    mapping: &Mapping,
    catalog: &Catalog,
    mode: Mode,
    duplicates: Duplicates,
    accept_unmapped: bool,
) -> Result<(), Refusal> {
    let mapped: Vec<FieldId> =
        mapping.columns.iter().flat_map(Column::targets).filter_map(|key| Some(catalog.by_key(key)?.id)).collect();
    if mapped.is_empty() {
        let headers = names(mapping.columns.iter().map(|column| column.header.as_str()));
        return Err(Refusal::new(
            "no_usable_column",
            format!("No column of the file corresponds to a field. Its columns are: {headers}"),
            "Say what they are with --map \"Column=field\"; `landfall field list` lists the fields. If these are values and no headers, add a header row.",
        ));
    }
    if !accept_unmapped {
        let undecided: Vec<&str> =
            mapping.columns.iter().filter(|c| c.is_undecided()).map(|c| c.header.as_str()).collect();
        if !undecided.is_empty() {
            return Err(Refusal::unmapped(format!(
                "Not mapped: {}. Map each with --map \"Column=field\", leave it out with --map \"Column=-\", or take --accept-unmapped.",
                names(undecided.iter().copied())
            ))
            .about(undecided));
        }
    }
    let identified = duplicates.identifying_fields(catalog).iter().any(|field| mapped.contains(field));
    let can_create = catalog.fields().iter().any(|field| field.mandatory_group && mapped.contains(&field.id));
    match mode {
        Mode::Create if !can_create => Err(Refusal::unmapped(
            "To create contacts, map at least one of Contact Name (name, first_name, last_name), Phone (phone) or Email (email).",
        )),
        Mode::Update if !identified => Err(Refusal::unmapped(
            "To update contacts, map Contact ID (contact_id), the source's reference (source_ref), or a field that contacts are matched by; see `landfall settings allow_duplicates match_on`.",
        )),
        Mode::Upsert if !can_create && !identified => Err(Refusal::unmapped(
            "Map at least one of Contact Name, Phone or Email to create contacts, or Contact ID or the source's reference to update them.",
        )),
        _ => Ok(()),
    }
}

/// The same value for every row must be one (a row that says nothing else shows it).
pub fn constants(plan: &Plan, catalog: &Catalog, code: &WorkspaceCode) -> Result<(), Refusal> {
    if plan.mapping.constants.is_empty() {
        // Rules cost something to make ready.
        return Ok(());
    }
    let issues = RowRules::new(plan, catalog, code).unreadable_constants();
    let Some(issue) = issues.first() else { return Ok(()) };
    let label = issue.field.and_then(|id| catalog.get(id)).map_or("a field", |field| field.label.as_str());
    Err(Refusal::new(
        "constant_unreadable",
        format!("The constant {:?} of {label} does not read as one: {}", issue.value, issue.code.message()),
        format!("{} Correct the constant in the mapping.", issue.guidance),
    ))
}

/// The checks that need the whole file: the order of dates, and short rows.
pub fn scanned(scan: &Scan, mapping: &Mapping, accept_short_rows: bool) -> Result<(), Refusal> {
    for (column, dates) in mapping.columns.iter().zip(&scan.dates) {
        let (None, Some(proof), false) = (column.date_order, &dates.only_day_first, dates.month_first) else {
            continue;
        };
        return Err(Refusal::new(
            "date_order_undecided",
            format!(
                "The dates of column {:?} only fit day-first: row {} has {:?}, {} such values in all, and none fits month-first only. Read month-first, {} others would be stored wrong without a word.",
                column.header, proof.row, proof.value, dates.day_first_count, dates.either_count
            ),
            format!(
                "Say which it is: --day-first {0:?}, or --month-first {0:?} if the odd ones are mistakes.",
                column.header
            ),
        )
        .about([column.header.as_str()]));
    }
    if !accept_short_rows && scan.short_rows * 100 > scan.rows * SHORT_ROWS_PERCENT {
        return Err(Refusal::new(
            "short_rows",
            format!(
                "{} of {} rows have fewer cells than the header, the first is row {}. Shifted columns look like this.",
                scan.short_rows,
                scan.rows,
                scan.first_short_row.unwrap_or_default()
            ),
            "Look at the file with `landfall read FILE`. If the rows are right and only end early, take --accept-short-rows.",
        ));
    }
    Ok(())
}

/// The same bytes into the same source a second time, with rows that nothing identifies (field rules, Which record).
pub fn repeated(scan: &Scan, source: &str, request: &ImportRequest) -> Result<(), Refusal> {
    if scan.unidentified_rows == 0 || request.again || request.dry_run {
        return Ok(());
    }
    Err(Refusal::new(
        "same_file_again",
        format!(
            "This very file was imported into {source} before, and {} of its rows have no Contact ID, no reference and no key in use (the first is row {}): they would be created a second time.",
            scan.unidentified_rows,
            scan.first_unidentified_row.unwrap_or_default()
        ),
        "Map a column that identifies them, or take --again to create them again.",
    ))
}

/// Columns whose order of day and month nothing in the file decides, with how many values it concerns: what is
/// assumed is said (field rules, Date).
pub fn assumed_orders(scan: &Scan, mapping: &Mapping) -> Vec<String> {
    let assumed = mapping.columns.iter().zip(&scan.dates).filter(|(column, dates)| {
        let nothing_decides = dates.only_day_first.is_none() && !dates.month_first;
        column.date_order.is_none() && nothing_decides && dates.either_count > 0
    });
    assumed
        .map(|(column, dates)| {
            format!(
                "column {:?}: nothing tells day from month in {} dates; month-first is assumed (--day-first {:?} if not)",
                column.header, dates.either_count, column.header
            )
        })
        .collect()
}

/// Sets the order of the date columns that flags name.
pub fn set_orders(request: &ImportRequest, mapping: &mut Mapping, catalog: &Catalog) -> Result<(), Refusal> {
    if let Some(both) = request.day_first.iter().find(|header| request.month_first.contains(header)) {
        return Err(Refusal::new(
            "date_order_undecided",
            format!("Column {both:?} is to be read day-first and month-first."),
            "Take one of --day-first and --month-first away.",
        ));
    }
    for (headers, order) in [(&request.day_first, DateOrder::DayFirst), (&request.month_first, DateOrder::MonthFirst)] {
        for header in headers {
            let have = names(mapping.columns.iter().map(|column| column.header.as_str()));
            let Some(column) = mapping.columns.iter_mut().find(|column| column.header == *header) else {
                return Err(Refusal::new(
                    "no_such_column",
                    format!("The file has no column {header:?}. Its columns are: {have}"),
                    "Write the column as `landfall inspect FILE` names it.",
                ));
            };
            let is_date =
                |key: &str| catalog.by_key(key).is_some_and(|f| matches!(f.kind, Kind::Date | Kind::DateTime));
            if !column.targets().any(is_date) {
                return Err(Refusal::new(
                    "no_date_column",
                    format!("Column {header:?} is not mapped to a date."),
                    "Map it first, for example with --map \"Column=created_at\".",
                ));
            }
            column.date_order = Some(order);
        }
    }
    Ok(())
}

/// The first dozen of these names, quoted.
pub fn names<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const MOST: usize = 12;
    let mut shown: Vec<String> = names.map(|name| format!("{name:?}")).collect();
    if shown.len() > MOST {
        let more = shown.len() - MOST;
        shown.truncate(MOST);
        shown.push(format!("and {more} more"));
    }
    shown.join(", ")
}
