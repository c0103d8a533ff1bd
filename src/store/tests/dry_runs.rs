//! The records that a dry run would create, in their file: met by later rows, taken up again, lost.

use super::*;
use crate::store::keys::reference_key;
use std::fs::{self, OpenOptions};

/// Commits a batch of two rows: a record is created, and the one created three rows before is changed.
fn step(writer: &mut RunWriter<'_>, source: SourceId) {
    let (run, row, id) = (writer.run(), writer.position().rows + 1, writer.next_record());
    let mut changed = Vec::new();
    let mut rows = vec![landed(row, Outcome::Created(id))];
    if let Some(before) = writer.records(&[RecordId(id.0.saturating_sub(3))]).unwrap().pop() {
        let mut after = before.clone();
        after.updated = Stamp { run, row: row + 1, at_ms: 7 };
        after.set(NAME, Value::One(format!("Name {row}")));
        rows.push(landed(row + 1, Outcome::Updated(after.id)));
        changed.push(Changed { before, after });
    } else {
        rows.push(landed(row + 1, Outcome::Failed));
    }
    let created = new_records([contact(id, source, &format!("N-{}", id.0), run, row)]);
    let mut batch = Batch {
        created,
        changed,
        rows,
        position: position(row + 1),
        tally: tally(row + 1),
        now_ms: row as i64,
        ..Batch::default()
    };
    writer.commit(&mut batch).unwrap();
}

/// What a later row would meet; the run that is written has no number here.
fn met(writer: &RunWriter<'_>, source: SourceId) -> (Vec<Record>, Vec<Vec<RecordId>>) {
    let ids: Vec<RecordId> = (1..40).map(RecordId).collect();
    let keys: Vec<_> =
        ids.iter().map(|id| (KeyKind::Reference, reference_key(source, &format!("N-{}", id.0)))).collect();
    let mut records = writer.records(&ids).unwrap();
    let stamps = records.iter_mut().flat_map(|record| [&mut record.created, &mut record.updated]);
    stamps.filter(|stamp| stamp.run == writer.run()).for_each(|stamp| stamp.run = RunId(0));
    (records, writer.candidates(&keys).unwrap())
}

#[test]
fn what_a_dry_run_creates_is_met_as_what_a_run_creates_also_by_one_that_goes_on() {
    let (dir, mut store, source) = workspace();
    import(&mut store, source, &["A-1", "A-2"]);
    let path = dir.path().join("w");
    let dry = add_run(&mut store, source, RunKind::DryRun);
    let mut foreseen = Vec::new();
    for batch in 0..20 {
        let mut overlaid = Store::open_dry(&path, dry).unwrap();
        let rows = if batch % 2 == 0 { 0 } else { 100_000 };
        let options = WriterOptions { expected_rows: rows, ..Default::default() };
        let mut writer = RunWriter::begin(&mut overlaid, dry, options).unwrap();
        assert_eq!(writer.position().rows, batch * 2);
        step(&mut writer, source);
        foreseen.push(met(&writer, source));
    }
    let run = add_run(&mut store, source, RunKind::Import);
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    for foreseen in foreseen {
        step(&mut writer, source);
        assert_eq!(met(&writer, source), foreseen);
    }
}

#[test]
fn a_dry_run_that_lost_what_it_had_created_begins_anew_and_one_that_ended_keeps_no_records() {
    let (dir, mut store, source) = workspace();
    let path = dir.path().join("w");
    let spoil: [fn(&Path); 4] = [
        |file| fs::remove_file(file).unwrap(),
        |file| OpenOptions::new().write(true).open(file).unwrap().set_len(150).unwrap(),
        |file| {
            let mut bytes = fs::read(file).unwrap();
            bytes[150] ^= 1;
            fs::write(file, bytes).unwrap();
        },
        |file| fs::write(file, b"").unwrap(),
    ];
    for spoil in spoil {
        let run = add_run(&mut store, source, RunKind::DryRun);
        let file = path.join(format!("dry/{run}.created"));
        let open = || Store::open_dry(&path, run).unwrap();
        for rows in [0, 2, 4] {
            let mut dry = open();
            let mut writer = RunWriter::begin(&mut dry, run, WriterOptions::default()).unwrap();
            assert_eq!(writer.position().rows, rows);
            step(&mut writer, source);
        }
        // What no batch has committed is passed over.
        let mut bytes = fs::read(&file).unwrap();
        bytes.extend([7; 100]);
        fs::write(&file, bytes).unwrap();
        let mut dry = open();
        assert_eq!(RunWriter::begin(&mut dry, run, WriterOptions::default()).unwrap().position().rows, 6);
        drop(dry);
        spoil(&file);
        let mut dry = open();
        let mut writer = RunWriter::begin(&mut dry, run, WriterOptions::default()).unwrap();
        assert_eq!((writer.position().rows, writer.counts().rows()), (0, 0));
        step(&mut writer, source);
        assert!(file.exists());
        writer.finish(&finish(2)).unwrap();
        assert!(!file.exists());
        drop(dry);
        assert_eq!(store.ledger_rows(run, None, 0).unwrap().count(), 2);
        store.check_run(run).unwrap();
        drop(open());
        store.remove_dry(run).unwrap();
        assert_eq!(fs::read_dir(path.join("dry")).unwrap().count(), 0);
    }
}
