//! The history of a record.
use super::*;
use crate::domain::record::HistoryEntry;

/// Commits a run of one row about a record, of which it makes `after` where that is given.
fn one_row(store: &mut Store, source: SourceId, reference: &str, outcome: Outcome, change: Option<Changed>) -> RunId {
    let run = add_run(store, source, RunKind::Import);
    let stamp = Stamp { run, row: 1, at_ms: run.0 as i64 * 100 };
    let changed = change.map(|Changed { before, after }| Changed { before, after: Record { updated: stamp, ..after } });
    let row = LedgerRow { reference_hash: Some(keys::reference_hash(source, reference)), ..landed(1, outcome) };
    let mut batch = Batch {
        changed: changed.into_iter().collect(),
        rows: vec![row],
        position: position(1),
        tally: tally(1),
        ..Batch::default()
    };
    let mut writer = RunWriter::begin(store, run, WriterOptions::default()).unwrap();
    writer.commit(&mut batch).unwrap();
    writer.finish(&finish(1)).unwrap();
    run
}

#[test]
fn the_history_has_every_row_of_a_record_newest_first_with_what_it_was_before() {
    let (_dir, mut store, source) = workspace();
    let first = import(&mut store, source, &["A-1", "A-2"]);
    let read = |store: &Store| store.record(RecordId(1)).unwrap().unwrap();
    let created = read(&store);
    let mut after = created.clone();
    after.set(NAME, Value::One("Zora".into()));
    let change = Changed { before: created.clone(), after };
    let second = one_row(&mut store, source, "A-1", Outcome::Updated(RecordId(1)), Some(change));
    let third = one_row(&mut store, source, "A-1", Outcome::Failed, None);
    let between = read(&store);
    let mut after = between.clone();
    after.clear(EMAIL);
    // A row that met it by another key than its reference.
    let change = Changed { before: between.clone(), after };
    let fourth = one_row(&mut store, source, "other", Outcome::Updated(RecordId(1)), Some(change));
    let fifth = one_row(&mut store, source, "A-1", Outcome::Unchanged(RecordId(1)), None);

    let entry = |run, at_ms, outcome, before| HistoryEntry { run, row: 1, at_ms, outcome, before };
    let expected = [
        entry(fifth, 9_000, Outcome::Unchanged(RecordId(1)), None),
        entry(fourth, 400, Outcome::Updated(RecordId(1)), Some(between)),
        entry(third, 9_000, Outcome::Failed, None),
        entry(second, 200, Outcome::Updated(RecordId(1)), Some(created)),
        entry(first, 5, Outcome::Created(RecordId(1)), None),
    ];
    assert_eq!(store.history(&read(&store)).unwrap(), expected);
    let other = store.record(RecordId(2)).unwrap().unwrap();
    assert_eq!(store.history(&other).unwrap().len(), 1);
}
