//! Records and ledger rows as bytes, and reading a ledger.
use super::*;
use crate::domain::issue::{Code, Note};
use crate::domain::outcome::{Issue, OutcomeKind, Severity, SkipReason};
use crate::domain::run::SkipCount;
use crate::store::codec::{self, Block};
use crate::store::ledger_codec;
use proptest::collection::vec;
use proptest::prelude::*;

pub(super) fn issue(code: Code) -> Issue {
    Issue { code, severity: Severity::Error, field: Some(NAME), guidance: "mend it".into(), value: "x".into() }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![".{0,12}", Just(String::new()), Just("é\u{0}\u{202e}".to_owned())]
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![any_text().prop_map(Value::One), vec(any_text(), 0..4).prop_map(Value::Many)]
}

fn any_stamp() -> impl Strategy<Value = Stamp> {
    (any::<u64>(), any::<u64>(), any::<i64>()).prop_map(|(run, row, at_ms)| Stamp { run: RunId(run), row, at_ms })
}

pub(super) fn any_record() -> impl Strategy<Value = Record> {
    let references = vec((any::<u64>().prop_map(SourceId), any_text()), 0..3);
    let fields = vec((any::<u16>().prop_map(FieldId), any_value()), 0..6);
    (any::<u64>(), references, fields, any_stamp(), any::<Option<i64>>(), any_stamp(), any::<bool>()).prop_map(
        |(id, references, fields, created, deleted_at_ms, updated, same)| {
            let updated = if same { created } else { updated };
            Record { id: RecordId(id), references, fields, created, updated, deleted_at_ms }
        },
    )
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    let id = || any::<u32>().prop_map(|id| RecordId(u64::from(id) + 1));
    prop_oneof![
        id().prop_map(Outcome::Created),
        id().prop_map(Outcome::Updated),
        id().prop_map(Outcome::Unchanged),
        Just(Outcome::Failed),
        Just(Outcome::Skipped(SkipReason::Duplicate)),
        Just(Outcome::Skipped(SkipReason::NotFound)),
        Just(Outcome::Skipped(SkipReason::Deleted)),
        any_text().prop_map(|condition| Outcome::Skipped(SkipReason::Filter(condition))),
        Just(Outcome::Skipped(SkipReason::Since)),
        Just(Outcome::Skipped(SkipReason::Status)),
    ]
}

fn any_issue() -> impl Strategy<Value = Issue> {
    let code = prop::sample::select(Code::ALL.to_vec());
    (code, any::<bool>(), any::<Option<u16>>(), any_text(), any_text()).prop_map(
        |(code, warning, field, guidance, value)| {
            let severity = if warning { Severity::Warning } else { Severity::Error };
            Issue { code, severity, field: field.map(FieldId), guidance, value }
        },
    )
}

fn few<T: Clone + std::fmt::Debug>(of: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![4 => Just(Vec::new()), 1 => vec(of, 0..3)]
}

pub(super) fn any_row() -> impl Strategy<Value = LedgerRow> {
    let note = (any::<Option<u16>>(), prop::sample::select(Note::ALL.to_vec()));
    let notes = few(note.prop_map(|(field, note)| (field.map(FieldId), note)));
    (any_outcome(), few(any_issue()), notes, any::<u64>(), any::<u64>()).prop_map(
        |(outcome, issues, notes, line, offset)| LedgerRow {
            row: 0,
            line,
            offset,
            outcome,
            issues,
            notes,
            reference_hash: None,
        },
    )
}

proptest! {
    #[test]
    fn any_record_reads_back_as_it_was_written(record in any_record()) {
        let mut bytes = Vec::new();
        codec::put_record(&mut bytes, &record);
        prop_assert_eq!(codec::record(record.id, &bytes), Ok(record.clone()));
        let mut block = Block::default();
        block.set(record.id, bytes.clone());
        let mut stored = Vec::new();
        block.encode(&mut stored);
        prop_assert_eq!(Block::decode(&stored), Ok(block));
        for cut in 0..bytes.len() {
            prop_assert!(codec::record(record.id, &bytes[..cut]).is_err(), "cut at {}", cut);
        }
    }

    #[test]
    fn damaged_bytes_never_panic(record in any_record(), place in any::<usize>(), byte in any::<u8>(), noise in vec(any::<u8>(), 0..80)) {
        let mut bytes = Vec::new();
        codec::put_record(&mut bytes, &record);
        let place = place % bytes.len();
        bytes[place] = byte;
        let _ = codec::record(record.id, &bytes);
        let _ = codec::record(record.id, &noise);
        let _ = Block::decode(&noise);
        let _ = ledger_codec::exception(1, &noise);
        let _ = ledger_codec::unpack(&noise, noise.len() / 3, 1);
    }

    #[test]
    fn any_row_with_something_to_say_reads_back(row in any_row()) {
        let mut bytes = Vec::new();
        ledger_codec::put_exception(&mut bytes, &row);
        prop_assert_eq!(ledger_codec::exception(row.row, &bytes), Ok(row.clone()));
        for cut in 0..bytes.len() {
            prop_assert!(ledger_codec::exception(row.row, &bytes[..cut]).is_err());
        }
    }
}

#[test]
fn damage_in_the_database_is_named_and_not_believed() {
    let (dir, mut store, source) = workspace();
    let run = import(&mut store, source, &["A-1", "A-2"]);
    let file = rusqlite::Connection::open(dir.path().join("w/landfall.db")).unwrap();
    file.execute("UPDATE record SET data = x'ff00'", []).unwrap();
    file.execute("UPDATE ledger SET data = x'07'", []).unwrap();
    let error = store.record(RecordId(1)).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { what: "record", .. }), "{error}");
    assert!(error.to_string().contains("landfall.db is damaged"), "{error}");
    let error = store.ledger_row(run, 1).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { what: "ledger block", .. }), "{error}");
    assert!(store.check_run(run).is_err());
}

/// A run of 10,000 rows in uneven batches, of which some fail, are skipped or warn.
fn long_run() -> (TempDir, Store, RunId, Vec<LedgerRow>) {
    let (dir, mut store, source) = workspace();
    import(&mut store, source, &["A-1"]);
    let run = add_run(&mut store, source, RunKind::Import);
    let rows: Vec<LedgerRow> = (1..=10_000)
        .map(|row| match row % 10 {
            3 => LedgerRow { issues: vec![issue(Code::PhoneUnreadable)], ..landed(row, Outcome::Failed) },
            6 => landed(row, Outcome::Skipped(SkipReason::Filter(format!("status = {row}")))),
            7 => LedgerRow {
                issues: vec![Issue { severity: Severity::Warning, ..issue(Code::RowShort) }],
                notes: vec![(None, Note::NulRemoved)],
                ..landed(row, Outcome::Unchanged(RecordId(1)))
            },
            _ => landed(row, Outcome::Unchanged(RecordId(1))),
        })
        .collect();
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    for part in rows.chunks(4_500) {
        let done = part[part.len() - 1].row;
        let mut batch = Batch { rows: part.to_vec(), position: position(done), tally: tally(done), ..Batch::default() };
        writer.commit(&mut batch).unwrap();
    }
    writer.finish(&finish(10_000)).unwrap();
    (dir, store, run, rows)
}

/// Rows of a run of 10,000 are read forward and backward from any place, and are these.
fn assert_read(store: &Store, run: RunId, only: &Option<RowsOnly>, all: &[&LedgerRow]) {
    for place in [0, 1, 4_095, 4_096, 4_500, 9_999, 10_000, 20_000] {
        let read: Vec<LedgerRow> = store.ledger_rows(run, only.clone(), place).unwrap().map(Result::unwrap).collect();
        assert!(read.iter().eq(all.iter().copied().filter(|row| row.row > place)), "{only:?} after {place}");
        for limit in [1, 30, 5_000] {
            let read = store.ledger_rows_before(run, only.as_ref(), place, limit).unwrap();
            let before: Vec<&LedgerRow> = all.iter().copied().filter(|row| row.row < place).collect();
            let page = before[before.len().saturating_sub(limit)..].iter().copied();
            assert!(read.iter().eq(page), "{limit} of {only:?} before {place}");
        }
    }
}

#[test]
fn rows_are_read_by_outcome_from_any_place_in_order() {
    let (_dir, store, run, rows) = long_run();
    store.check_run(run).unwrap();
    type Wanted = fn(&LedgerRow) -> bool;
    let kind = |kind| Some(RowsOnly::Kind(kind));
    let questions: [(Option<RowsOnly>, Wanted); 10] = [
        (None, |_| true),
        (kind(OutcomeKind::Failed), |row| row.row % 10 == 3),
        (kind(OutcomeKind::Skipped), |row| row.row % 10 == 6),
        (kind(OutcomeKind::Unchanged), |row| ![3, 6].contains(&(row.row % 10))),
        (kind(OutcomeKind::Created), |_| false),
        (Some(RowsOnly::Warned), |row| row.row % 10 == 7),
        (Some(RowsOnly::Noted), |row| row.row % 10 == 7),
        (Some(RowsOnly::Issue { code: Code::PhoneUnreadable, field: Some(NAME) }), |row| row.row % 10 == 3),
        (Some(RowsOnly::Issue { code: Code::PhoneUnreadable, field: None }), |_| false),
        (Some(RowsOnly::SkippedFor(SkipReason::Filter("status = 4096".into()))), |row| row.row == 4096),
    ];
    for (only, wanted) in questions {
        let all: Vec<&LedgerRow> = rows.iter().filter(|row| wanted(row)).collect();
        assert_read(&store, run, &only, &all);
    }
    assert_eq!(store.ledger_row(run, 4_097).unwrap().as_ref(), rows.get(4_096));
    assert_eq!(store.ledger_row(run, 0).unwrap(), None);
    assert_eq!(store.ledger_row(run, 10_001).unwrap(), None);
    assert!(matches!(store.ledger_rows(RunId(99), None, 0), Err(StoreError::NoSuch { .. })));
}

#[test]
fn rare_rows_are_found_among_many_that_have_something_to_say() {
    let (_dir, mut store, source) = workspace();
    let run = add_run(&mut store, source, RunKind::Import);
    let warning = Issue { severity: Severity::Warning, ..issue(Code::RowShort) };
    let rows: Vec<LedgerRow> = (1..=10_000)
        .map(|row| match row {
            600 | 4_096 | 4_097 | 9_999 => {
                LedgerRow { issues: vec![issue(Code::PhoneUnreadable)], ..landed(row, Outcome::Failed) }
            }
            7_000 => landed(row, Outcome::Skipped(SkipReason::Since)),
            8_200 => {
                LedgerRow { issues: vec![warning.clone()], ..landed(row, Outcome::Skipped(SkipReason::Duplicate)) }
            }
            _ => landed(row, Outcome::Skipped(SkipReason::Duplicate)),
        })
        .collect();
    let questions = [
        RowsOnly::Kind(OutcomeKind::Failed),
        RowsOnly::Kind(OutcomeKind::Skipped),
        RowsOnly::Warned,
        RowsOnly::Noted,
        RowsOnly::Issue { code: Code::PhoneUnreadable, field: Some(NAME) },
        RowsOnly::Issue { code: Code::RowShort, field: Some(NAME) },
        RowsOnly::Issue { code: Code::TooLong, field: None },
        RowsOnly::SkippedFor(SkipReason::Since),
        RowsOnly::SkippedFor(SkipReason::Deleted),
    ];
    let assert_all = |store: &Store| {
        for only in &questions {
            let all: Vec<&LedgerRow> = rows.iter().filter(|row| only.takes(row)).collect();
            assert_read(store, run, &Some(only.clone()), &all);
        }
    };
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    writer
        .commit(&mut Batch { rows: rows.clone(), position: position(10_000), tally: tally(10_000), ..Batch::default() })
        .unwrap();
    drop(writer);
    assert_all(&store);
    let writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    writer.finish(&finish(10_000)).unwrap();
    assert_all(&store);
    store.check_run(run).unwrap();
    let counts = store.skip_counts(run).unwrap();
    let counts: Vec<_> = counts.iter().map(|c| (c.reason.as_str(), c.count, c.first_row)).collect();
    assert_eq!(counts, [("duplicate", 9_995, 1), ("since", 1, 7_000)], "counted over a resumption");
}

#[test]
fn skipped_rows_are_counted_by_reason_the_most_frequent_first() {
    let (_dir, store, run, rows) = long_run();
    let skipped = rows.iter().filter_map(|row| match &row.outcome {
        Outcome::Skipped(reason) => Some(SkipCount { reason: reason.clone(), count: 1, first_row: row.row }),
        _ => None,
    });
    assert!(store.skip_counts(run).unwrap().into_iter().eq(skipped), "each for a reason of its own, in order");
    assert_eq!(store.skip_counts(RunId(1)).unwrap(), [], "of this run only");
    assert!(matches!(store.skip_counts(RunId(99)), Err(StoreError::NoSuch { .. })));

    let (_dir, mut store, source) = workspace();
    let run = add_run(&mut store, source, RunKind::Import);
    let filter = || SkipReason::Filter("status = lead".to_owned());
    let reasons = [SkipReason::NotFound, SkipReason::Since, filter(), SkipReason::Filter("tags set".into()), filter()];
    let rows = reasons.into_iter().zip(1..).map(|(reason, row)| landed(row, Outcome::Skipped(reason)));
    let warned = LedgerRow { issues: vec![issue(Code::RowShort)], ..landed(6, Outcome::Skipped(SkipReason::Since)) };
    let mut batch = Batch {
        rows: rows.chain([warned, landed(7, Outcome::Failed)]).collect(),
        position: position(7),
        tally: tally(7),
        ..Batch::default()
    };
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    writer.commit(&mut batch).unwrap();
    writer.finish(&finish(7)).unwrap();
    let counts = store.skip_counts(run).unwrap();
    let counts: Vec<_> = counts.iter().map(|c| (c.reason.to_string(), c.count, c.first_row)).collect();
    let expected = [("since", 2, 2), ("filter: status = lead", 2, 3), ("not_found", 1, 1), ("filter: tags set", 1, 4)];
    assert_eq!(counts, expected.map(|(reason, count, first_row)| (reason.to_owned(), count, first_row)));

    let counted = store.skip_counts(run).unwrap();
    assert_eq!(store.run(run).unwrap().unwrap().skips.map(|skips| skips.len()), Some(4));
    store.main.conn().execute("UPDATE run SET tally = json_remove(tally, '$.skips')", []).unwrap();
    assert_eq!(store.run(run).unwrap().unwrap().skips, None);
    assert_eq!(store.skip_counts(run).unwrap(), counted, "an older version's run is counted from its rows");
}

#[test]
fn totals_that_differ_from_the_stored_rows_are_noticed() {
    let wrongs = [
        "UPDATE run SET failed = failed + 1, skipped = skipped - 1",
        "UPDATE run SET warnings = 0",
        "UPDATE run SET content_bytes = content_bytes + 1",
        "UPDATE run SET issue_counts = '[]'",
        "UPDATE run SET tally = json_set(tally, '$.skips', json('[]'))",
        "DELETE FROM exception WHERE id = (SELECT max(id) FROM exception)",
        "DELETE FROM ledger WHERE id = (SELECT max(id) FROM ledger)",
    ];
    for wrong in wrongs {
        let (dir, store, run, _) = long_run();
        rusqlite::Connection::open(dir.path().join("w/landfall.db")).unwrap().execute(wrong, []).unwrap();
        assert!(matches!(store.check_run(run), Err(ConservationError::Broken { .. })), "{wrong}");
    }
}
