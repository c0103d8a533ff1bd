//! Promises of the store, held against a plain model.
mod arrivals;
mod batches;
mod dry_runs;
mod files;
mod finding;
mod history;
mod plans;
mod rows;
mod sources;
mod work;

use super::*;
use crate::domain::dialect::Amount;
use crate::domain::field::FieldId;
use crate::domain::id::{DeliveryId, RecordId, RunId, SourceId};
use crate::domain::outcome::{LedgerRow, Outcome};
use crate::domain::record::{Record, Stamp, Value};
use crate::domain::run::{Mode, RunKind, RunStatus, Tally};
use std::path::Path;
use tempfile::TempDir;

pub(super) const NAME: FieldId = FieldId(3);
pub(super) const EMAIL: FieldId = FieldId(6);

/// A workspace with one source.
pub(super) fn workspace() -> (TempDir, Store, SourceId) {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::create_or_open(&dir.path().join("w"), 1_000, 42).unwrap();
    let source = add_source(&mut store, "crm");
    (dir, store, source)
}

pub(super) fn add_source(store: &mut Store, name: &str) -> SourceId {
    let new = NewSource { name, kind: "file", provider: None, mode: SourceMode::OneTime, created_ms: 1 };
    store.add_source(&new).unwrap().id()
}

pub(super) fn add_run(store: &mut Store, source: SourceId, kind: RunKind) -> RunId {
    let path = Path::new("deliveries/1.csv");
    let sha256 = "00";
    let delivery = NewDelivery { source, name: "contacts.csv", path, bytes: 10, sha256, landed_ms: 2 };
    let delivery = store.add_delivery(&delivery).unwrap();
    let (status, mode) = (RunStatus::Queued, Mode::Upsert);
    let run = NewRun { kind, status, source, delivery, mode, user: "ann", plan: "{}", created_ms: 3 };
    store.add_run(&run).unwrap()
}

pub(super) fn contact(id: RecordId, source: SourceId, reference: &str, run: RunId, row: u64) -> Record {
    let stamp = Stamp { run, row, at_ms: 5 };
    Record {
        id,
        references: vec![(source, reference.to_owned())],
        fields: vec![
            (NAME, Value::One(format!("Zoë {reference}"))),
            (EMAIL, Value::One(format!("{reference}@Example.com"))),
        ],
        created: stamp,
        updated: stamp,
        deleted_at_ms: None,
    }
}

/// New records as a batch holds them; none of them is a draft.
pub(super) fn new_records(records: impl IntoIterator<Item = Record>) -> NewRecords {
    let mut new = NewRecords::default();
    for record in records {
        if new.is_empty() {
            new.restart(record.id);
        }
        new.reserve();
        new.put(record);
    }
    new
}

pub(super) fn landed(row: u64, outcome: Outcome) -> LedgerRow {
    let (line, offset) = (row + 1, row * 100);
    LedgerRow { row, line, offset, outcome, issues: Vec::new(), notes: Vec::new(), reference_hash: None }
}

pub(super) fn tally(rows: u64) -> Tally {
    Tally { records: Amount { bytes: rows * 100, lines: rows }, ..Tally::default() }
}

pub(super) fn position(rows: u64) -> Position {
    Position { offset: rows * 100, line: rows + 1, rows }
}

pub(super) fn finish(rows: u64) -> Finish {
    Finish {
        takes_review_back: false,
        status: RunStatus::Completed,
        tally: tally(rows),
        content_bytes: Some(rows * 100),
        error: None,
        now_ms: 9_000,
    }
}

/// Runs an import that creates contacts with these references.
pub(super) fn import(store: &mut Store, source: SourceId, references: &[&str]) -> RunId {
    let run = add_run(store, source, RunKind::Import);
    write_run(store, source, run, references);
    run
}

pub(super) fn write_run(store: &mut Store, source: SourceId, run: RunId, references: &[&str]) {
    let options = WriterOptions {
        expected_rows: references.len() as u64,
        now_ms: 5_000,
        #[cfg(feature = "broken-variants")]
        position_apart: false,
    };
    let mut writer = RunWriter::begin(store, run, options).unwrap();
    let ids = (writer.next_record().0..).map(RecordId);
    let rows: Vec<_> = ids.zip(references).zip(1..).collect();
    let mut batch = Batch {
        created: new_records(rows.iter().map(|((id, reference), row)| contact(*id, source, reference, run, *row))),
        rows: rows
            .iter()
            .map(|((id, reference), row)| LedgerRow {
                reference_hash: Some(keys::reference_hash(source, reference)),
                ..landed(*row, Outcome::Created(*id))
            })
            .collect(),
        position: position(rows.len() as u64),
        tally: tally(rows.len() as u64),
        now_ms: 6_000,
        ..Batch::default()
    };
    writer.commit(&mut batch).unwrap();
    writer.finish(&finish(rows.len() as u64)).unwrap();
}
