//! Rows of a run.

use super::runs::ledger_only;
use crate::app::data::{RowDetail, RowLine, RowPage, RowPlace, RowsWanted};
use crate::app::message::Failure;
use crate::cli::raw_rows::{RawRows, reference_of};
use crate::cli::run_view;
use crate::domain::field::{Catalog, Role};
use crate::domain::id::RunId;
use crate::domain::mapping::Column;
use crate::domain::outcome::LedgerRow;
use crate::domain::record::{Record, Value};
use crate::domain::run::RunKind;
use crate::shell::desk::{Desk, failure};
use crate::store::Store;
use crate::worker::execute::plan_of;
use std::sync::Arc;

/// Characters of a cell that a list shows something of, and cells of a row.
const IN_LIST: usize = 200;
const CELLS_IN_LIST: usize = 60;
/// Characters of a cell that the page of its row shows.
const ON_PAGE: usize = 65_536;

/// Rows of the ledger with the beginnings of their raw cells.
pub(super) fn page(desk: &Desk, wanted: &RowsWanted) -> Result<RowPage, Failure> {
    let store = &desk.store;
    let run = run_view::found(store, wanted.run.0)?;
    let only = ledger_only(&wanted.only);
    let one_more = wanted.limit.saturating_add(1);
    let (rows, more) = match wanted.place {
        RowPlace::After(after) => {
            let mut rows: Vec<LedgerRow> =
                store.ledger_rows(run.id, only, after)?.take(one_more).collect::<Result<_, _>>()?;
            let more = rows.len() > wanted.limit;
            rows.truncate(wanted.limit);
            (rows, more)
        }
        RowPlace::Before(before) => {
            // Rows are numbered in 32 bits.
            let before = before.min(u64::from(u32::MAX));
            let mut rows = store.ledger_rows_before(run.id, only.as_ref(), before, one_more)?;
            let more = rows.len() > wanted.limit;
            rows.drain(..rows.len().saturating_sub(wanted.limit));
            (rows, more)
        }
    };
    let mut raw = RawRows::open(&run)?;
    let rows = rows.into_iter().map(|row| line(&mut raw, row, IN_LIST, CELLS_IN_LIST)).collect::<Result<_, _>>()?;
    Ok(RowPage { wanted: wanted.clone(), rows, more })
}

/// A row with the beginnings of its cells.
fn line(raw: &mut Option<RawRows>, row: LedgerRow, chars: usize, cells: usize) -> Result<RowLine, Failure> {
    let Some(raw) = raw else { return Ok(RowLine { row, reference: None, cells: None }) };
    let intake = raw.reference();
    let found = raw.cells(&row)?;
    let reference = found.as_ref().and_then(|found| reference_of(intake.as_deref()?, found));
    let reference = reference.map(|text| beginning(&text, IN_LIST));
    let cells = found.map(|found| found.cells().take(cells).map(|cell| beginning(cell, chars)).collect());
    Ok(RowLine { row, reference, cells })
}

/// So many characters of a text; where it is cut, it says how long it is.
fn beginning(text: &str, chars: usize) -> String {
    match text.char_indices().nth(chars) {
        Some((end, _)) => format!("{}… ({} cut)", &text[..end], crate::ui::words::bytes((text.len() - end) as u64)),
        None => text.to_owned(),
    }
}

/// One row beside the record that it landed on.
pub(super) fn detail(desk: &Desk, id: RunId, row: u64) -> Result<RowDetail, Failure> {
    let store = &desk.store;
    let run = run_view::found(store, id.0)?;
    let found = store.ledger_row(id, row)?.filter(|found| found.row == row);
    let found = found.ok_or_else(|| failure(format!("Run {id} has no row {row}"), "its rows begin with 1"))?;
    let plan = plan_of(&run)?;
    let catalog = Catalog::of(plan.fields.clone()).map_or_else(|_| store.catalog(), Ok)?;
    let mut raw = RawRows::open(&run)?;
    let mut line = line(&mut raw, found, ON_PAGE, usize::MAX)?;
    let texts = line.cells.take();
    let cells = match &texts {
        None => Vec::new(),
        Some(texts) => {
            let columns = &plan.mapping.columns;
            let text = |place: usize| texts.get(place).cloned().unwrap_or_default();
            let of_column = |(place, column): (usize, &Column)| -> Vec<_> {
                let cell = |field: Option<&str>| (column.header.clone(), text(place), field.map(str::to_owned));
                let mapped: Vec<_> = column.targets().map(|key| cell(Some(key))).collect();
                if mapped.is_empty() { vec![cell(None)] } else { mapped }
            };
            // A row may be longer than the header.
            let beyond = (columns.len()..texts.len()).map(|place| (format!("column {}", place + 1), text(place), None));
            columns.iter().enumerate().flat_map(of_column).chain(beyond).collect()
        }
    };
    let landed = line.row.outcome.record();
    let mut record = landed.map(|landed| store.record(landed)).transpose()?.flatten();
    if run.kind == RunKind::DryRun {
        // What a dry run would have created has a number that another contact may have got since.
        record = record.filter(|record| record.created.run < id);
    }
    let mut before = record.as_ref().map(|record| before(store, record, id, row)).transpose()?.flatten();
    // What a record is known by is no field of it; beside its row it is shown as one.
    if let Some(record) = &mut record {
        let known_by = [
            (Role::Reference, record.reference_of(run.source).map(str::to_owned)),
            (Role::OwnId, landed.map(|landed| store.workspace_code().contact_id(landed))),
        ];
        for (role, text) in known_by {
            let field = catalog.role(role).and_then(|id| catalog.get(id));
            let mapped = field.filter(|field| cells.iter().any(|(_, _, key)| key.as_ref() == Some(&field.key)));
            if let (Some(field), Some(text)) = (mapped, text) {
                record.set(field.id, Value::One(text.clone()));
                before = before.map(|mut before| {
                    before.set(field.id, Value::One(text));
                    before
                });
            }
        }
    }
    let known = run.kind != RunKind::DryRun || record.is_some();
    line.cells = texts.map(|_| Vec::new());
    Ok(RowDetail {
        run: id,
        line,
        cells,
        contact: landed.filter(|_| known).map(|landed| store.workspace_code().contact_id(landed)),
        record,
        before,
        catalog: Arc::new(catalog),
    })
}

/// What the record was before this row changed it, as long as that is kept.
fn before(store: &Store, record: &Record, run: RunId, row: u64) -> Result<Option<Record>, Failure> {
    let of_row = store.history(record)?.into_iter().find(|entry| entry.run == run && entry.row == row);
    Ok(of_row.and_then(|entry| entry.before))
}
