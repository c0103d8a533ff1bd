//! Contacts.

use crate::app::data::{Change, ContactLine, FindWanted, Found, Held, LastRowView};
use crate::app::explain;
use crate::app::message::Failure;
use crate::domain::field::{Catalog, FieldId, Role};
use crate::domain::id::{OwnId, RecordId, RunId, SourceId};
use crate::domain::outcome::{LedgerRow, Outcome, OutcomeKind, Severity};
use crate::domain::record::{Record, Stamp, Value};
use crate::domain::source::Source;
use crate::domain::values::clean::trim;
use crate::shell::desk::{Desk, failure};
use crate::store::{Narrow, Store, StoreError};
use crate::worker::find::{Search, search};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Of more sources than this, those of a workspace of a thousand, the last rows of a reference are not asked for at each
/// keystroke.
const MANY_SOURCES: usize = 200;

/// Records that are read at a keystroke, at most.
const MOST: usize = 2_000;

pub(super) fn find(desk: &Desk, wanted: &FindWanted) -> Result<Found, Failure> {
    let store = &desk.store;
    let text = trim(&wanted.text);
    let narrow = Narrow { source: wanted.source, run: wanted.run, tag: wanted.tag.clone() };
    let is_narrowed = wanted.source.is_some() || wanted.run.is_some() || wanted.tag.is_some();
    let found = search(store, text, &narrow, wanted.after, wanted.limit.saturating_add(1), MOST)?;
    let Search { by, mut records, is_cut } = found;
    let more = records.len() > wanted.limit;
    records.truncate(wanted.limit);
    let catalog = store.catalog()?;
    let sources = store.sources_ever()?;
    let mut last_rows = Vec::new();
    for source in sources.iter().take(MANY_SOURCES).filter(|_| !text.is_empty()) {
        if wanted.source.is_none_or(|only| only == source.id)
            && let Some(last) = store.last_row_of(source.id, text)?
        {
            last_rows.extend(last_row(store, source, last.run, last.row)?);
        }
    }
    let elsewhere = by.is_none() && is_narrowed && search(store, text, &Narrow::default(), None, 1, MOST)?.by.is_some();
    let contacts = records.iter().map(|record| line(store, &catalog, &sources, record, text)).collect();
    let of_other_workspace = by.is_none() && store.workspace_code().read_contact_id(text) == OwnId::OtherWorkspace;
    Ok(Found { wanted: wanted.clone(), by, contacts, more, last_rows, elsewhere, is_cut, of_other_workspace })
}

/// A contact as a line; of its references the one that was looked for comes first.
fn line(store: &Store, catalog: &Catalog, sources: &[Source], record: &Record, text: &str) -> ContactLine {
    let mut references = references(sources, record);
    references.sort_by_key(|(_, reference)| (reference != text, !reference.starts_with(text)));
    let of = |role: Role| value(catalog, record, role).unwrap_or_default().to_owned();
    ContactLine {
        id: record.id,
        contact: store.workspace_code().contact_id(record.id),
        name: name(catalog, record),
        email: of(Role::MatchEmail),
        phone: of(Role::MatchPhone),
        references,
        updated_ms: record.updated.at_ms,
        deleted_ms: record.deleted_at_ms,
    }
}

fn value<'r>(catalog: &Catalog, record: &'r Record, role: Role) -> Option<&'r str> {
    record.get(catalog.role(role)?).and_then(Value::first)
}

/// The whole name, or what there is of it.
fn name(catalog: &Catalog, record: &Record) -> String {
    let parts = [Role::FirstName, Role::LastName].into_iter().filter_map(|role| value(catalog, record, role));
    match value(catalog, record, Role::FullName) {
        Some(name) => name.to_owned(),
        None => parts.collect::<Vec<_>>().join(" "),
    }
}

fn references(sources: &[Source], record: &Record) -> Vec<(String, String)> {
    let named = |id: SourceId| sources.iter().find(|source| source.id == id).map_or("?", |source| &source.name);
    record.references.iter().map(|(source, reference)| (named(*source).to_owned(), reference.clone())).collect()
}

fn last_row(store: &Store, source: &Source, run: RunId, row: u64) -> Result<Option<LastRowView>, StoreError> {
    let Some(found) = store.ledger_row(run, row)?.filter(|found| found.row == row) else { return Ok(None) };
    let Some(of) = store.run_line(run)? else { return Ok(None) };
    let at_work = of.finished_ms.or(of.heartbeat_ms).unwrap_or(of.created_ms);
    let by_this_row = |stamp: &Stamp| (stamp.run, stamp.row) == (run, row);
    let record = found.outcome.record().map(|id| store.record(id)).transpose()?.flatten();
    let stamp = record.and_then(|record| [record.updated, record.created].into_iter().find(by_this_row));
    Ok(Some(LastRowView {
        source: source.id,
        source_name: source.name.clone(),
        run,
        row,
        outcome: found.outcome.kind(),
        why: why(&found),
        at_ms: stamp.map_or(at_work, |stamp| stamp.at_ms),
    }))
}

/// Why a row did not land, as a sentence.
fn why(row: &LedgerRow) -> Option<String> {
    match &row.outcome {
        Outcome::Created(_) | Outcome::Updated(_) | Outcome::Unchanged(_) => None,
        Outcome::Failed => {
            row.issues.iter().find(|issue| issue.severity == Severity::Error).map(|issue| issue.guidance.clone())
        }
        Outcome::Skipped(reason) => Some(format!("Why: {}. {}", explain::skip(reason), explain::skip_next(reason))),
    }
}

pub(super) fn held(desk: &Desk, id: RecordId) -> Result<Held, Failure> {
    let store = &desk.store;
    let contact = store.workspace_code().contact_id(id);
    let gone = || failure(format!("There is no contact {contact} any more."), "Look it up again.");
    let record = store.record(id)?.ok_or_else(gone)?;
    let catalog = Arc::new(store.catalog()?);
    let sources = store.sources_ever()?;
    let last = store.last_row_of_record(&record)?;
    let last_row = match last {
        Some(last) => match source_of(store, &sources, last.run)? {
            Some(source) => last_row(store, source, last.run, last.row)?,
            None => None,
        },
        None => None,
    };
    let history = history(store, &sources, &catalog, &record)?;
    let references = references(&sources, &record);
    Ok(Held { contact, references, last_row, history, record, catalog })
}

fn source_of<'s>(store: &Store, sources: &'s [Source], run: RunId) -> Result<Option<&'s Source>, StoreError> {
    let source = store.run_line(run)?.map(|run| run.source);
    Ok(source.and_then(|id| sources.iter().find(|source| source.id == id)))
}

/// What happened to the contact, newest first: each change beside what was there before, as long as that is kept.
fn history(store: &Store, sources: &[Source], catalog: &Catalog, record: &Record) -> Result<Vec<Change>, Failure> {
    let mut after = record.clone();
    let mut history = Vec::new();
    for entry in store.history(record)? {
        let source = source_of(store, sources, entry.run)?;
        let source_name = source.map_or("?", |source| &source.name).to_owned();
        let outcome = entry.outcome.kind();
        let fields = match (outcome, entry.before) {
            // Of a deleted contact only its ID, its references and the date are told.
            (OutcomeKind::Updated, Some(before)) if record.is_alive() => {
                let fields = differences(catalog, sources, &before, &after);
                after = before;
                fields
            }
            _ => Vec::new(),
        };
        history.push(Change { run: entry.run, row: entry.row, source_name, at_ms: entry.at_ms, outcome, fields });
    }
    Ok(history)
}

/// Label, value before, value after, of every field and reference that differs.
fn differences(
    catalog: &Catalog,
    sources: &[Source],
    before: &Record,
    after: &Record,
) -> Vec<(String, String, String)> {
    let text = |value: Option<&Value>| value.map(|value| value.texts().join(" · ")).unwrap_or_default();
    let fields: BTreeSet<FieldId> = [before, after].iter().flat_map(|of| of.fields.iter().map(|(id, _)| *id)).collect();
    let of_fields = fields.into_iter().map(|id| {
        let label = catalog.get(id).map_or_else(|| format!("removed field {}", id.0), |field| field.label.clone());
        (label, text(before.get(id)), text(after.get(id)))
    });
    let of_references = sources.iter().map(|source| {
        let text = |of: &Record| of.reference_of(source.id).unwrap_or_default().to_owned();
        (format!("Reference in {}", source.name), text(before), text(after))
    });
    of_references.chain(of_fields).filter(|(_, before, after)| before != after).collect()
}
