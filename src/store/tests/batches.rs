//! Batches against a model, and dry runs over a workspace.
use super::*;
use crate::domain::outcome::Counts;
use crate::store::keys::{email_key, reference_key};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What a batch does in the property test: how many contacts it creates, which earlier ones it changes, and what
/// happens after it.
#[derive(Debug, Clone)]
struct Step {
    creates: usize,
    changes: Vec<prop::sample::Index>,
    others: Vec<LedgerRow>,
    then: Then,
}

#[derive(Debug, Clone, Copy)]
enum Then {
    GoOn,
    /// The process dies after the commit, and the run is taken up again.
    Reopen,
    /// The run ends and another begins.
    NextRun,
}

fn any_step() -> impl Strategy<Value = Step> {
    let then = prop_oneof![4 => Just(Then::GoOn), 1 => Just(Then::Reopen), 1 => Just(Then::NextRun)];
    (0usize..40, vec(any::<prop::sample::Index>(), 0..20), vec(super::rows::any_row(), 0..20), then)
        .prop_map(|(creates, changes, others, then)| Step { creates, changes, others, then })
}

/// The store as it should be.
#[derive(Default)]
struct Model {
    records: BTreeMap<RecordId, Record>,
    ledger: BTreeMap<RunId, Vec<LedgerRow>>,
    before: BTreeMap<RunId, Vec<(u64, Record)>>,
}

impl Model {
    fn holders(&self, holds: impl Fn(&Record) -> bool) -> Vec<RecordId> {
        self.records.values().filter(|record| holds(record)).map(|record| record.id).collect()
    }
}

/// Makes the batch of a step out of what the model holds, as the engine would.
fn batch_of(step: &Step, model: &mut Model, source: SourceId, run: RunId, next: RecordId, done: u64) -> Batch {
    let (mut batch, mut row) = (Batch::default(), done);
    let known: Vec<RecordId> = model.records.keys().copied().collect();
    let chosen: BTreeSet<RecordId> =
        step.changes.iter().filter_map(|at| known.get(at.index(known.len().max(1)))).copied().collect();
    for id in chosen {
        row += 1;
        let before = model.records[&id].clone();
        let mut after = before.clone();
        after.updated = Stamp { run, row, at_ms: 7 };
        after.set(EMAIL, Value::One(format!("moved-{}@example.com", row % 5)));
        batch.rows.push(landed(row, Outcome::Updated(id)));
        model.before.entry(run).or_default().push((row, before.clone()));
        model.records.insert(id, after.clone());
        batch.changed.push(Changed { before, after });
    }
    batch.created.restart(next);
    for id in (next.0..).take(step.creates).map(RecordId) {
        row += 1;
        let record = contact(id, source, &format!("R-{}", id.0 % 300), run, row);
        batch.rows.push(landed(row, Outcome::Created(id)));
        model.records.insert(id, record.clone());
        batch.created.reserve();
        batch.created.put(record);
    }
    for other in &step.others {
        row += 1;
        let other = LedgerRow { row, ..other.clone() };
        batch.rows.push(LedgerRow { row, ..other });
    }
    model.ledger.entry(run).or_default().extend(batch.rows.iter().cloned());
    (batch.position, batch.tally, batch.now_ms) = (position(row), tally(row), row as i64);
    batch
}

/// Every key of the model is found, and what is found and holds it is exactly what the model says.
fn assert_candidates(writer: &mut RunWriter<'_>, model: &Model, source: SourceId) {
    let references: Vec<String> = (0..302).map(|n| format!("R-{n}")).collect();
    let mut keys: Vec<_> = references.iter().map(|text| (KeyKind::Reference, reference_key(source, text))).collect();
    let emails: Vec<String> = (0..6).map(|n| format!("moved-{n}@example.com")).collect();
    keys.extend(emails.iter().map(|email| (KeyKind::Email, email_key(email))));
    keys.push(keys[7].clone());
    let mut found = writer.candidates(&keys).unwrap();
    assert_eq!(found.last(), found.get(7), "a key asked for twice is answered twice");
    found.pop();
    let wanted = references.iter().map(|text| model.holders(|record| record.reference_of(source) == Some(text)));
    let holds = |email: &String| model.holders(|record| record.get(EMAIL) == Some(&Value::One(email.clone())));
    for (place, (ids, wanted)) in found.into_iter().zip(wanted.chain(emails.iter().map(holds))).enumerate() {
        let records = writer.records(&ids).unwrap();
        let held = |record: &Record| match place < references.len() {
            true => record.reference_of(source) == Some(&references[place]),
            false => record.get(EMAIL) == Some(&Value::One(emails[place - references.len()].clone())),
        };
        let believed: Vec<RecordId> = records.iter().filter(|record| held(record)).map(|record| record.id).collect();
        assert_eq!(believed, wanted);
    }
}

fn assert_same(store: &Store, model: &Model) {
    let held: Vec<Record> = store.contacts().map(Result::unwrap).collect();
    assert!(held.iter().eq(model.records.values()));
    for (run, rows) in &model.ledger {
        let read: Vec<LedgerRow> = store.ledger_rows(*run, None, 0).unwrap().map(Result::unwrap).collect();
        assert_eq!(&read, rows);
        let mut counts = Counts::default();
        rows.iter().for_each(|row| counts.add(row));
        assert_eq!(store.count_by_query(*run).unwrap(), counts);
        store.check_run(*run).unwrap();
        let mut before = Vec::new();
        store
            .before_images(*run, &mut |row, record| {
                before.push((row, record));
                Ok(())
            })
            .unwrap();
        assert_eq!(&before, model.before.get(run).unwrap_or(&Vec::new()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_batches_are_committed_the_store_holds_what_a_plain_model_holds(steps in vec(any_step(), 1..12)) {
        let (dir, mut store, source) = workspace();
        let mut model = Model::default();
        let mut steps = steps.iter();
        loop {
            let run = add_run(&mut store, source, RunKind::Import);
            model.ledger.entry(run).or_default();
            let then = loop {
                let options = WriterOptions { expected_rows: 5, ..WriterOptions::default() };
                let mut writer = RunWriter::begin(&mut store, run, options).unwrap();
                let landed: Vec<_> = writer.landed_rows().map(Result::unwrap).collect();
                let wanted = model.ledger[&run].iter().filter_map(|row| Some((row.outcome.record()?, row.row)));
                prop_assert!(landed.into_iter().eq(wanted));
                let then = loop {
                    let Some(step) = steps.next() else { break None };
                    let (next, done) = (writer.next_record(), writer.position().rows);
                    writer.commit(&mut batch_of(step, &mut model, source, run, next, done)).unwrap();
                    assert_candidates(&mut writer, &model, source);
                    if !matches!(step.then, Then::GoOn) {
                        break Some(step.then);
                    }
                };
                if let Some(Then::Reopen) = then {
                    drop(writer);
                    store = Store::create_or_open(&dir.path().join("w"), 0, 0).unwrap();
                    continue;
                }
                let done = writer.position().rows;
                writer.finish(&finish(done)).unwrap();
                break then;
            };
            assert_same(&store, &model);
            if then.is_none() {
                break;
            }
        }
    }
}

#[test]
fn a_run_taken_up_again_goes_on_where_its_last_commit_was() {
    let (dir, mut store, source) = workspace();
    let run = add_run(&mut store, source, RunKind::Import);
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    let mut batch = Batch {
        created: new_records([contact(RecordId(1), source, "A-1", run, 1)]),
        rows: vec![landed(1, Outcome::Created(RecordId(1)))],
        position: position(1),
        tally: tally(1),
        now_ms: 10,
        ..Batch::default()
    };
    writer.commit(&mut batch).unwrap();
    drop(writer);
    let mut store = Store::create_or_open(&dir.path().join("w"), 0, 0).unwrap();
    assert_eq!(store.runs_to_do().unwrap()[0].id, run, "it still says running");
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    assert_eq!((writer.position(), writer.next_record()), (position(1), RecordId(2)));
    assert_eq!(writer.landed_rows().next().unwrap().unwrap(), (RecordId(1), 1));
    let again = writer.commit(&mut batch).unwrap_err();
    assert!(matches!(again, StoreError::RowOutOfOrder { expected: 2, given: 1, .. }), "{again}");
    assert!(!writer.cancel_requested().unwrap());
    writer.finish(&finish(1)).unwrap();
    store.check_run(run).unwrap();
}

#[test]
fn a_contact_deleted_between_reading_and_writing_is_not_overwritten() {
    let (dir, mut store, source) = workspace();
    import(&mut store, source, &["A-1"]);
    let mut other = Store::create_or_open(&dir.path().join("w"), 0, 0).unwrap();
    let run = add_run(&mut store, source, RunKind::Import);
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    let before = writer.records(&[RecordId(1)]).unwrap().remove(0);
    let mut after = before.clone();
    after.set(NAME, Value::One("Changed".into()));
    after.updated = Stamp { run, row: 1, at_ms: 7 };
    other.delete_contact(RecordId(1), 8).unwrap();
    let mut batch = Batch {
        changed: vec![Changed { before, after }],
        rows: vec![landed(1, Outcome::Updated(RecordId(1)))],
        position: position(1),
        ..Batch::default()
    };
    let error = writer.commit(&mut batch).unwrap_err();
    assert!(matches!(error, StoreError::ChangedMeanwhile { record: RecordId(1) }), "{error}");
    assert_eq!(writer.position(), Position::default(), "nothing of the batch is written");
    drop(writer);
    assert!(!store.record(RecordId(1)).unwrap().unwrap().is_alive());
}

#[test]
fn a_batch_that_contradicts_itself_is_refused_whole() {
    let (_dir, mut store, source) = workspace();
    let run = add_run(&mut store, source, RunKind::Import);
    let one = || contact(RecordId(1), source, "A-1", run, 1);
    let good = || Batch {
        created: new_records([one()]),
        rows: vec![landed(1, Outcome::Created(RecordId(1)))],
        position: position(1),
        ..Batch::default()
    };
    let unfilled = || {
        let mut created = NewRecords::default();
        created.restart(RecordId(1));
        created.reserve();
        created
    };
    let wrongs = [
        ("a row left out", Batch { rows: vec![landed(2, Outcome::Failed)], ..good() }),
        ("a position too far", Batch { position: position(2), ..good() }),
        ("a number too high", Batch { created: new_records([contact(RecordId(2), source, "A-1", run, 1)]), ..good() }),
        ("a number twice", Batch { created: new_records([one(), one()]), ..good() }),
        ("a number without a record", Batch { created: unfilled(), ..good() }),
        ("a change of what is not there", Batch { changed: vec![Changed { before: one(), after: one() }], ..good() }),
    ];
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    for (what, mut wrong) in wrongs {
        assert!(writer.commit(&mut wrong).is_err(), "{what}");
    }
    assert_eq!(writer.next_record(), RecordId(1));
    writer.commit(&mut good()).unwrap();
}

#[test]
fn a_dry_run_does_what_the_run_then_does_and_leaves_the_workspace_alone() {
    let (dir, mut store, source) = workspace();
    let path = dir.path().join("w");
    import(&mut store, source, &["A-1", "A-2"]);
    let state = store.state_version().unwrap();
    let work = |store: &mut Store, run: RunId| {
        let mut writer =
            RunWriter::begin(store, run, WriterOptions { expected_rows: 3, ..Default::default() }).unwrap();
        for n in 0..3u64 {
            let key = [(KeyKind::Reference, reference_key(source, "A-2"))];
            assert_eq!(writer.candidates(&key).unwrap(), [[RecordId(2)]]);
            let before = writer.records(&[RecordId(2)]).unwrap().remove(0);
            let mut after = before.clone();
            after.updated = Stamp { run, row: n * 2 + 1, at_ms: 7 };
            after.set(NAME, Value::One(format!("Name {n}")));
            let id = writer.next_record();
            let mut batch = Batch {
                created: new_records([contact(id, source, &format!("N-{n}"), run, n * 2 + 2)]),
                changed: vec![Changed { before, after }],
                rows: vec![landed(n * 2 + 1, Outcome::Updated(RecordId(2))), landed(n * 2 + 2, Outcome::Created(id))],
                position: position(n * 2 + 2),
                tally: tally(n * 2 + 2),
                now_ms: 8,
                ..Batch::default()
            };
            writer.commit(&mut batch).unwrap();
            let new = [(KeyKind::Reference, reference_key(source, &format!("N-{n}")))];
            assert_eq!(writer.candidates(&new).unwrap(), [[id]]);
        }
        writer.finish(&finish(6)).unwrap();
    };
    let dry = add_run(&mut store, source, RunKind::DryRun);
    let last_ran = store.source(source).unwrap().unwrap().last_ran_ms;
    work(&mut Store::open_dry(&path, dry).unwrap(), dry);

    let rows = |store: &Store, run| store.ledger_rows(run, None, 0).unwrap().map(Result::unwrap).collect::<Vec<_>>();
    let foreseen = rows(&store, dry);
    let dry_row = store.run(dry).unwrap().unwrap();
    assert_eq!(store.state_version().unwrap(), state);
    assert_eq!(store.contacts().count(), 2);
    assert_eq!(store.record(RecordId(2)).unwrap().unwrap().updated.run, RunId(1));
    assert_eq!(store.source(source).unwrap().unwrap().last_ran_ms, last_ran);
    assert!(!store.is_stale(&dry_row).unwrap());
    store.check_run(dry).unwrap();

    let real = add_run(&mut store, source, RunKind::Import);
    work(&mut store, real);
    assert_eq!(rows(&store, real), foreseen);
    assert_eq!(store.run(real).unwrap().unwrap().counts, dry_row.counts);
    assert!(store.is_stale(&dry_row).unwrap());
    store.remove_dry(dry).unwrap();
    assert!(matches!(store.ledger_rows(dry, None, 0), Err(StoreError::NoSuch { .. })));
}

#[test]
fn a_dry_run_that_an_error_ends_has_told_the_workspace_of_all_its_batches() {
    let (dir, mut store, source) = workspace();
    let run = add_run(&mut store, source, RunKind::DryRun);
    let mut dry = Store::open_dry(&dir.path().join("w"), run).unwrap();
    let mut writer = RunWriter::begin(&mut dry, run, WriterOptions::default()).unwrap();
    for row in 1..=3 {
        let rows = vec![landed(row, Outcome::Failed)];
        writer.commit(&mut Batch { rows, position: position(row), tally: tally(row), ..Batch::default() }).unwrap();
    }
    drop(writer);
    assert_eq!(store.run(run).unwrap().unwrap().position.rows, 3);
    store.check_run(run).unwrap();
}

#[test]
fn the_file_of_a_dry_run_waits_for_the_disk_at_checkpoints_so_that_a_power_cut_leaves_it_whole() {
    let (dir, mut store, source) = workspace();
    let run = add_run(&mut store, source, RunKind::DryRun);
    let dry = Store::open_dry(&dir.path().join("w"), run).unwrap();
    let conn = dry.dry.as_ref().unwrap().db.conn();
    let normal: i64 = conn.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
    assert_eq!(normal, 1);
}

#[test]
fn the_log_stays_bounded_during_a_long_run() {
    let (dir, mut store, source) = workspace();
    let run = add_run(&mut store, source, RunKind::Import);
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    let wal = dir.path().join("w/landfall.db-wal");
    let mut sizes = Vec::new();
    for part in 0..40u64 {
        let first = part * 500 + 1;
        let ids = (writer.next_record().0..).map(RecordId);
        let rows: Vec<(RecordId, u64)> = ids.zip(first..first + 500).collect();
        let mut batch = Batch {
            created: new_records(rows.iter().map(|(id, row)| contact(*id, source, &format!("R{row}"), run, *row))),
            rows: rows.iter().map(|(id, row)| landed(*row, Outcome::Created(*id))).collect(),
            position: position(first + 499),
            tally: tally(first + 499),
            ..Batch::default()
        };
        writer.commit(&mut batch).unwrap();
        sizes.push(std::fs::metadata(&wal).unwrap().len());
    }
    writer.finish(&finish(20_000)).unwrap();
    assert!(sizes[39] <= sizes[12] * 2, "{sizes:?}");
    assert_eq!(std::fs::metadata(&wal).unwrap().len(), 0, "emptied at the end");
}

#[test]
fn a_full_disk_stops_the_run_at_its_last_batch_and_says_how_to_go_on() {
    let (dir, mut store, source) = workspace();
    let run = add_run(&mut store, source, RunKind::Import);
    let pages: i64 = store.main.conn().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let batch_of = |first: u64| {
        let rows: Vec<u64> = (first..first + 400).collect();
        Batch {
            created: new_records(rows.iter().map(|row| contact(RecordId(*row), source, &format!("R{row}"), run, *row))),
            rows: rows.iter().map(|row| landed(*row, Outcome::Created(RecordId(*row)))).collect(),
            position: position(first + 399),
            tally: tally(first + 399),
            ..Batch::default()
        }
    };
    let limit = format!("PRAGMA max_page_count = {}", pages + 30);
    store.main.conn().query_row(&limit, [], |_| Ok(())).unwrap();
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    let (error, stopped) = (0..100)
        .map(|part| part * 400 + 1)
        .find_map(|first| writer.commit(&mut batch_of(first)).err().map(|error| (error, first)))
        .unwrap();
    assert!(stopped > 1, "some batches fit");
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    assert!(error.to_string().contains(&format!("`landfall run resume {run}`")), "{error}");
    assert_eq!(writer.position(), position(stopped - 1));
    drop(writer);
    drop(store);

    let mut store = Store::create_or_open(&dir.path().join("w"), 0, 0).unwrap();
    store.check_run(run).unwrap();
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    writer.commit(&mut batch_of(stopped)).unwrap();
    writer.finish(&finish(stopped + 399)).unwrap();
    store.check_run(run).unwrap();
    assert_eq!(store.contacts().count() as u64, stopped + 399);
}

#[cfg(feature = "broken-variants")]
#[test]
fn the_broken_variant_loses_rows_of_a_batch_that_is_not_committed() {
    let (dir, mut store, source) = workspace();
    let run = add_run(&mut store, source, RunKind::Import);
    let options = WriterOptions { position_apart: true, ..WriterOptions::default() };
    let mut writer = RunWriter::begin(&mut store, run, options).unwrap();
    let missing = contact(RecordId(1), source, "A-1", run, 1);
    // The batch cannot be committed: row 1 is in the ledger already.
    let file = rusqlite::Connection::open(dir.path().join("w/landfall.db")).unwrap();
    file.execute("INSERT INTO ledger(id, n, data) VALUES(?1, 0, x'')", [(run.0 << 32 | 1) as i64]).unwrap();
    let mut batch = Batch {
        created: new_records([missing]),
        rows: vec![landed(1, Outcome::Created(RecordId(1)))],
        position: position(1),
        ..Batch::default()
    };
    assert!(writer.commit(&mut batch).is_err());
    drop(writer);
    assert!(store.check_run(run).is_err());
}
