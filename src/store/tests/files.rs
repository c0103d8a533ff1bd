//! The workspace as files: making it, its schema, its lock, backup and restore.
use super::*;
use crate::domain::source::{AfterImport, Connection, Directory, Fault, Keeper, Paused, Schedule, SourceEdit, Waiting};
use crate::store::schema;
use std::fs;

/// What the database says that it is made of; without white space, since columns that a step adds come on one line.
fn schema_of(conn: &rusqlite::Connection) -> Vec<String> {
    let mut query = conn.prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").unwrap();
    let tables = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
    tables.map(|sql| sql.unwrap().split_whitespace().collect()).collect()
}

#[test]
fn the_steps_make_the_schema_that_is_documented() {
    let (stepped, documented) =
        (rusqlite::Connection::open_in_memory().unwrap(), rusqlite::Connection::open_in_memory().unwrap());
    for step in schema::STEPS {
        stepped.execute_batch(step).unwrap();
    }
    documented.execute_batch(include_str!("../schema/current.sql")).unwrap();
    assert_eq!(schema_of(&stepped), schema_of(&documented));
    let index = rusqlite::Connection::open_in_memory().unwrap();
    index.execute_batch(index::SCHEMA).unwrap();
    for table in schema_of(&index) {
        assert!(schema_of(&documented).contains(&table), "{table}");
    }
}

#[test]
fn a_workspace_made_by_version_1_still_opens() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy("tests/data/store-v1.db", dir.path().join("landfall.db")).unwrap();
    let mut store = Store::create_or_open(dir.path(), 0, 0).unwrap();
    assert_eq!(store.workspace_code().as_str(), "a00000");
    let found = store.lookup(&Find::Reference("A-2"), &Narrow::default(), None, 9).unwrap();
    assert_eq!(found[0].get(EMAIL), Some(&Value::One("A-2@Example.com".into())));
    for run in store.runs(&RunFilter::default()).unwrap() {
        store.check_run(run.id).unwrap();
    }
    assert_eq!(store.custom_fields().unwrap()[0].key, "custom.tier");

    // What version 2 added can be used on it, and is there when it is opened again.
    let source = store.sources().unwrap()[0].clone();
    assert_eq!(source.reviewed, None);
    store.save_mapping("kept", "one", "h1", "ann", 1).unwrap();
    store.remember_mapping(source.id, "kept", 1).unwrap();
    let reviewed = store.review_mapping(source.id, "bob", 7).unwrap();
    assert_eq!(reviewed, Some(Reviewed { by: "bob".into(), at_ms: 7, version: 1 }));
    drop(store);
    let store = Store::open_read_only(dir.path()).unwrap();
    assert_eq!(store.source(source.id).unwrap().unwrap().reviewed, reviewed);
}

#[test]
fn a_workspace_made_by_version_2_still_opens_with_all_that_it_said() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy("tests/data/store-v2.db", dir.path().join("landfall.db")).unwrap();
    let mut store = Store::create_or_open(dir.path(), 0, 0).unwrap();
    let runs = store.runs(&RunFilter::default()).unwrap();
    let told = |run: &RunRow| (run.id.0, run.sample, run.rows_expected, run.bytes_expected, run.plan.is_empty());
    let expected = [
        (3, Some(1), Some(1), Some(32), false),
        (2, None, Some(3), Some(77), false),
        (1, None, Some(3), Some(77), false),
    ];
    assert_eq!(runs.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!(runs[2].notes[0].text, "kept");
    for run in runs.iter().filter(|run| run.kind != RunKind::DryRun) {
        store.check_run(run.id).unwrap();
    }
    let crm = store.source_by_name("crm").unwrap().unwrap();
    assert_eq!(crm.reviewed.as_ref().map(|reviewed| reviewed.by.as_str()), Some("ana"));
    assert_eq!((crm.error_ms, crm.scope.as_str(), &crm.options), (None, "contact", &Default::default()));
    let fair = store.source_by_name("fair").unwrap().unwrap();
    assert!(fair.error.is_some() && fair.error_ms == fair.last_ran_ms, "{fair:?}");

    // What version 3 added can be used on it, and is there when it is opened again.
    store.pause_source(crm.id, "bo", 7).unwrap();
    store.remove_source(fair.id, 8).unwrap();
    drop(store);
    let store = Store::open_read_only(dir.path()).unwrap();
    assert_eq!(store.source(crm.id).unwrap().unwrap().paused, Some(Paused { by: Some("bo".into()), at_ms: Some(7) }));
    assert_eq!(store.sources().unwrap().len(), 1);
    assert_eq!(store.run(RunId(3)).unwrap().unwrap().source_name, "fair");
}

#[test]
fn a_workspace_made_by_version_3_still_leads_from_references_to_all_rows_and_takes_new_ones() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy("tests/data/store-v3.db", dir.path().join("landfall.db")).unwrap();
    let mut store = Store::create_or_open(dir.path(), 0, 0).unwrap();
    let crm = store.source_by_name("crm").unwrap().unwrap().id;
    for run in [1, 2] {
        store.check_run(RunId(run)).unwrap();
    }
    let rows = |store: &Store, reference| store.rows_of_reference(crm, reference).unwrap();
    assert_eq!(rows(&store, "A-1"), [(RunId(2), 1), (RunId(1), 1)]);
    assert_eq!(rows(&store, "A-3"), [(RunId(1), 3)]);

    let run = add_run(&mut store, crm, RunKind::Import);
    write_run(&mut store, crm, run, &["B-1"]);
    assert_eq!(rows(&store, "B-1"), [(run, 1)]);
    assert_eq!(rows(&store, "A-2"), [(RunId(2), 2), (RunId(1), 2)]);
}

#[test]
fn a_workspace_made_by_version_4_has_sources_that_bring_nothing_by_themselves() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy("tests/data/store-v4.db", dir.path().join("landfall.db")).unwrap();
    let mut store = Store::create_or_open(dir.path(), 0, 0).unwrap();
    store.check_run(RunId(1)).unwrap();
    let crm = store.source_by_name("crm").unwrap().unwrap();
    assert_eq!((&crm.connection, &crm.schedule, &crm.contract, &crm.blocked), (&None, &None, &None, &None));
    let connection = Connection::Dir(Directory { path: "/srv/drop".to_owned() });
    let schedule = Schedule::parse("30 6 * * 1-5", chrono_tz::Tz::Europe__Berlin).unwrap();
    let edit = SourceEdit {
        connection: Some(connection.clone()),
        schedule: Some(Some(schedule.clone())),
        after_import: Some(AfterImport::Move { directory: "done".to_owned() }),
        ..SourceEdit::default()
    };
    store.edit_source(crm.id, &edit, "ann", 10).unwrap();
    let crm = store.source(crm.id).unwrap().unwrap();
    assert_eq!((crm.connection, crm.schedule), (Some(connection), Some(schedule)));
    assert_eq!(crm.after_import, AfterImport::Move { directory: "done".to_owned() });
}

#[test]
fn a_workspace_made_by_version_5_keeps_what_was_found_and_says_what_goes_wrong_from_now_on() {
    let dir = tempfile::tempdir().unwrap();
    fs::copy("tests/data/store-v5.db", dir.path().join("landfall.db")).unwrap();
    let mut store = Store::create_or_open(dir.path(), 0, 0).unwrap();
    store.check_run(RunId(1)).unwrap();
    let globex = store.source_by_name("globex").unwrap().unwrap().id;
    let states: Vec<_> = store.found_files(globex).unwrap().into_iter().map(|it| (it.identity, it.trouble)).collect();
    assert_eq!(states.len(), 4);
    assert!(states.iter().all(|(_, trouble)| trouble.is_none()), "{states:?}");
    assert_eq!(store.last_taken(globex, 9).unwrap()[0].identity.name, "a.csv");
    assert_eq!(store.settling_files(globex).unwrap().len(), 2);
    let pickups = store.pickups(globex, 9).unwrap();
    assert_eq!((pickups.len(), &pickups[0].waiting), (4, &None));
    assert_eq!(store.dues(globex, 9).unwrap().len(), 2);

    // What version 6 added can be used on it, and is there when it is opened again.
    let fault = Fault { code: "refused".into(), message: "It refused.".into(), next: "Wait.".into() };
    let waiting = Waiting { fault: fault.clone(), next_try_ms: 9, number: 2, most: 6 };
    store.note_trouble(globex, &states[0].0, &fault).unwrap();
    store.note_waiting(pickups[0].id, Some(&waiting)).unwrap();
    drop(store);
    let store = Store::open_read_only(dir.path()).unwrap();
    assert_eq!(store.pickups(globex, 1).unwrap()[0].waiting, Some(waiting));
    assert_eq!(store.found_files(globex).unwrap()[0].trouble, Some(fault));
}

#[test]
fn the_ledger_of_a_dry_run_made_by_version_1_is_still_read() {
    let (dir, mut store, source) = workspace();
    let run = add_run(&mut store, source, RunKind::DryRun);
    let mut dry = Store::open_dry(&dir.path().join("w"), run).unwrap();
    write_run(&mut dry, source, run, &["A-1", "A-2"]);
    drop(dry);
    let path = dir.path().join(format!("w/dry/{run}.db"));
    let older = rusqlite::Connection::open(&path).unwrap();
    for column in ["reviewed_by", "reviewed_at", "reviewed_mapping", "reviewed_version"] {
        older.execute_batch(&format!("ALTER TABLE source DROP COLUMN {column}")).unwrap();
    }
    older.execute_batch("ALTER TABLE run ADD COLUMN not_reached INTEGER").unwrap();
    let of_version_3 = [
        ("source", ["purpose", "owner", "notes", "account", "scope", "location", "options"].as_slice()),
        ("source", &["paused_by", "paused_at", "error_at", "removed_at"]),
        ("run", &["sample", "rows_expected", "bytes_expected", "interruption", "resumptions"]),
    ];
    let of_version_5 = [
        ("source", ["connection", "schedule", "contract", "after_import", "blocked", "due_until"].as_slice()),
        ("delivery", &["purged_at"]),
    ];
    older.execute_batch("DROP INDEX delivery_newest; DROP INDEX delivery_path; DROP INDEX run_delivery").unwrap();
    for (table, columns) in of_version_3.into_iter().chain(of_version_5) {
        for column in columns {
            older.execute_batch(&format!("ALTER TABLE {table} DROP COLUMN {column}")).unwrap();
        }
    }
    older.execute_batch("DROP TABLE source_change; DROP TABLE found_file; DROP TABLE pickup; DROP TABLE due").unwrap();
    older.execute_batch("DROP TABLE run_plan; ALTER TABLE run ADD COLUMN plan TEXT NOT NULL DEFAULT ''").unwrap();
    older.pragma_update(None, "user_version", 1).unwrap();
    drop(older);
    let looking = Store::open_read_only(&dir.path().join("w")).unwrap();
    assert!(matches!(looking.ledger_rows(run, None, 0).err(), Some(StoreError::OlderSchema { found: 1, .. })));
    assert_eq!(store.ledger_rows(run, None, 0).unwrap().map(Result::unwrap).count(), 2);
    assert_eq!(looking.ledger_rows(run, None, 0).unwrap().map(Result::unwrap).count(), 2, "it is brought up to date");
}

#[test]
fn a_newer_schema_is_refused_with_what_to_do() {
    let (dir, store, _) = workspace();
    drop(store);
    let path = dir.path().join("w");
    let conn = rusqlite::Connection::open(path.join("landfall.db")).unwrap();
    conn.pragma_update(None, "user_version", schema::VERSION + 1).unwrap();
    drop(conn);
    for error in [Store::create_or_open(&path, 0, 0).err(), Store::open_read_only(&path).err()] {
        let error = error.unwrap();
        assert!(matches!(error, StoreError::NewerSchema { .. }));
        assert!(error.to_string().contains("Install the newer version"), "{error}");
    }
}

#[test]
fn what_is_no_workspace_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.txt"), "years of work").unwrap();
    assert!(matches!(Store::create_or_open(dir.path(), 0, 0), Err(StoreError::NotAWorkspace { .. })));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    assert!(matches!(Store::open_read_only(dir.path()), Err(StoreError::NoWorkspace { .. })));

    let dir = tempfile::tempdir().unwrap();
    let foreign = rusqlite::Connection::open(dir.path().join("landfall.db")).unwrap();
    foreign.execute_batch("CREATE TABLE t(x)").unwrap();
    drop(foreign);
    let before = fs::read(dir.path().join("landfall.db")).unwrap();
    assert!(matches!(Store::create_or_open(dir.path(), 0, 0), Err(StoreError::NotAWorkspace { .. })));
    assert_eq!(fs::read(dir.path().join("landfall.db")).unwrap(), before);

    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("landfall.db"), "not a database, but some text of some length".repeat(100)).unwrap();
    assert!(matches!(Store::create_or_open(dir.path(), 0, 0), Err(StoreError::NotAWorkspace { .. })));
}

#[test]
fn a_workspace_keeps_its_code() {
    let (dir, store, _) = workspace();
    let code = store.workspace_code().clone();
    drop(store);
    assert_eq!(Store::create_or_open(&dir.path().join("w"), 9, 99).unwrap().workspace_code(), &code);
}

#[test]
fn processes_that_make_a_workspace_at_once_make_the_same_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("w");
    let codes: Vec<_> = std::thread::scope(|scope| {
        let open = |n| Store::create_or_open(&path, 0, n).unwrap().workspace_code().clone();
        let threads: Vec<_> = (0..8).map(|n| scope.spawn(move || open(n))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}");
}

#[test]
fn the_lock_is_held_by_one_and_freed_with_it() {
    let (dir, _store, _) = workspace();
    let path = dir.path().join("w");
    let lock = Store::try_lock(&path).unwrap().unwrap();
    assert!(Store::try_lock(&path).unwrap().is_none());
    assert_eq!(Store::lock_holder(&path), Some(std::process::id()));
    drop(lock);
    assert!(Store::try_lock(&path).unwrap().is_some());
}

#[test]
fn a_read_only_store_changes_nothing() {
    let (dir, store, _) = workspace();
    drop(store);
    let mut store = Store::open_read_only(&dir.path().join("w")).unwrap();
    let error = store.add_person("Ann Lee").unwrap_err();
    assert!(matches!(error, StoreError::NotWritable { .. }), "{error}");
}

#[test]
fn a_backup_taken_during_a_run_restores_to_one_moment() {
    let (dir, mut store, source) = workspace();
    let kept = store.deliveries_dir().join("1.csv");
    fs::write(&kept, "Name\nAnn\n").unwrap();
    fs::write(dir.path().join("w/secrets.toml"), "token = 1").unwrap();
    import(&mut store, source, &["A-1", "A-2"]);
    let (copy, again) = (dir.path().join("copy"), dir.path().join("again"));
    let run = add_run(&mut store, source, RunKind::Import);
    let look = || Store::open_read_only(&dir.path().join("w")).unwrap();
    let mut writer = RunWriter::begin(&mut store, run, WriterOptions::default()).unwrap();
    std::thread::scope(|scope| {
        let backup = scope.spawn(|| look().backup(&copy));
        for row in 1..=200 {
            let id = writer.next_record();
            let mut batch = Batch {
                created: new_records([contact(id, source, &format!("B-{row}"), run, row)]),
                rows: vec![landed(row, Outcome::Created(id))],
                position: position(row),
                tally: tally(row),
                ..Batch::default()
            };
            writer.commit(&mut batch).unwrap();
        }
        backup.join().unwrap().unwrap();
    });
    writer.finish(&finish(200)).unwrap();
    assert!(matches!(look().backup(&copy), Err(StoreError::NotEmpty { .. })));
    assert!(!copy.join("secrets.toml").exists());

    Store::restore(&copy, &again).unwrap();
    assert!(matches!(Store::restore(&copy, &again), Err(StoreError::NotEmpty { .. })));
    let restored = Store::create_or_open(&again, 0, 0).unwrap();
    let state = restored.run(run).unwrap().unwrap();
    restored.check_run(run).unwrap();
    assert_eq!(restored.contacts().count() as u64, 2 + state.counts.created);
    assert_eq!(fs::read(again.join("deliveries/1.csv")).unwrap(), fs::read(kept).unwrap());
    assert_eq!(restored.workspace_code(), store.workspace_code());
}

#[test]
fn a_damaged_backup_is_not_restored() {
    let (dir, mut store, source) = workspace();
    fs::write(store.deliveries_dir().join("1.csv"), "").unwrap();
    let references: Vec<String> = (0..2000).map(|n| format!("R{n}")).collect();
    import(&mut store, source, &references.iter().map(String::as_str).collect::<Vec<_>>());
    let copy = dir.path().join("copy");
    store.backup(&copy).unwrap();
    let mut bytes = fs::read(copy.join("landfall.db")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xa5);
    fs::write(copy.join("landfall.db"), bytes).unwrap();
    let again = dir.path().join("again");
    assert!(Store::restore(&copy, &again).is_err());
    assert!(!again.join("landfall.db").exists());
}

#[test]
fn a_workspace_on_a_disk_that_cannot_be_written_opens_for_reading() {
    let (dir, mut store, source) = workspace();
    import(&mut store, source, &["A-1", "A-2"]);
    drop(store);
    let (from, to) = (dir.path().join("w"), dir.path().join("100 % read-only?"));
    fs::create_dir(&to).unwrap();
    let bind = std::process::Command::new("mount").args(["-o", "bind"]).args([&from, &to]).output().unwrap();
    if !bind.status.success() {
        let why = String::from_utf8_lossy(&bind.stderr).into_owned();
        // Only root may mount; a container may keep even root from it, and says so by this variable.
        let may = rustix::process::geteuid().is_root() && std::env::var_os("LANDFALL_TESTS_WITHOUT_MOUNT").is_none();
        assert!(
            !may,
            "nothing was tested, as root could not mount (LANDFALL_TESTS_WITHOUT_MOUNT=1 allows that): {why}"
        );
        eprintln!("NOT TESTED: a disk that cannot be written takes a mount, which only root may make: {why}");
        return;
    }
    let remount = std::process::Command::new("mount").args(["-o", "remount,bind,ro"]).arg(&to).output();
    let looked = Store::open_read_only(&to).and_then(|store| Ok((store.sources()?.len(), store.contacts().count())));
    let changed = Store::create_or_open(&to, 0, 0).err();
    let unmounted = std::process::Command::new("umount").arg(&to).output().unwrap();
    assert!(remount.unwrap().status.success() && unmounted.status.success());
    assert_eq!(looked.unwrap(), (1, 2));
    assert!(changed.unwrap().to_string().contains("--read-only"));
}

#[test]
fn looking_whether_the_lock_is_held_takes_it_from_nobody() {
    let (dir, _store, _) = workspace();
    let path = dir.path().join("w");
    assert!(!Store::is_locked(&path).unwrap());
    let lock = Store::try_lock(&path).unwrap();
    assert!(Store::is_locked(&path).unwrap());
    drop(lock);
    assert!(!Store::is_locked(&path).unwrap());
    assert!(Store::try_lock(&path).unwrap().is_some());
}

/// Whether something is to be read within a second.
fn heard(notices: &Notices) -> bool {
    let mut fds = [rustix::event::PollFd::new(notices, rustix::event::PollFlags::IN)];
    let second = rustix::event::Timespec { tv_sec: 1, tv_nsec: 0 };
    rustix::event::poll(&mut fds, Some(&second)).unwrap() > 0 && notices.drain()
}

#[test]
fn commits_of_others_and_the_end_of_a_worker_are_heard_and_reading_is_not() {
    let (dir, mut store, source) = workspace();
    let path = dir.path().join("w");
    let screen = Store::open_read_only(&path).unwrap();
    let Watch::Notified(notices) = Watch::new(&path) else { panic!("there is no inotify here") };
    assert!(!notices.drain());

    let second = Store::create_or_open(&path, 0, 0).unwrap();
    assert_eq!(second.runs(&RunFilter::default()).unwrap().len() + second.contacts().count(), 0);
    assert!(!Store::is_locked(&path).unwrap());
    drop((second, Store::open_read_only(&path).unwrap()));
    assert!(!notices.drain(), "reading is no change");

    let before = screen.data_version().unwrap();
    let run = import(&mut store, source, &["A-1"]);
    assert!(heard(&notices));
    assert_ne!(screen.data_version().unwrap(), before);
    assert!(screen.run(run).unwrap().unwrap().status.is_finished(), "what was heard of can be seen");
    store.atomically(|store| store.add_run_note(run, "ann", "all of it", 1)).unwrap();
    assert!(heard(&notices));
    assert!(!notices.drain());

    let lock = Store::try_lock(&path).unwrap();
    assert!(Store::try_lock(&path).unwrap().is_none());
    assert!(!notices.drain(), "a lock that is held, or tried in vain, is no change");
    drop(lock);
    assert!(heard(&notices), "its end is");
    assert!(matches!(Watch::new(&dir.path().join("nowhere")), Watch::Polled(_)));
}

#[test]
fn a_worker_that_stays_is_told_from_one_that_comes_by_and_from_none() {
    let (dir, _store, _) = workspace();
    let path = dir.path().join("w");
    let Watch::Notified(notices) = Watch::new(&path) else { panic!("there is no inotify here") };
    assert_eq!(Store::keeper(&path).unwrap(), Keeper::Nobody);
    let stays = Store::try_keeper_lock(&path, true).unwrap();
    assert!(heard(&notices), "its beginning is heard of");
    assert_eq!(Store::keeper(&path).unwrap(), Keeper::Stays);
    assert!(!Store::is_locked(&path).unwrap(), "it says nothing about who may carry out runs");
    assert!(Store::try_keeper_lock(&path, true).unwrap().is_none(), "one is enough");
    assert!(Store::try_keeper_lock(&path, false).unwrap().is_none());
    assert_eq!(Store::keeper(&path).unwrap(), Keeper::Stays, "one that comes by takes nothing from it");
    assert_eq!(Store::keeper_process(&path), Some(std::process::id()));
    assert!(!notices.drain(), "looking, and trying in vain, is no change");
    drop(stays);
    assert!(heard(&notices), "its end is");
    assert_eq!(Store::keeper(&path).unwrap(), Keeper::Nobody);
    let comes_by = Store::try_keeper_lock(&path, false).unwrap();
    assert_eq!(Store::keeper(&path).unwrap(), Keeper::ComesBy);
    drop(comes_by);
    assert_eq!(Store::keeper(&path).unwrap(), Keeper::ComesBy, "it comes again");
    std::fs::remove_file(path.join("lock-worker")).unwrap();
    assert_eq!(Store::keeper(&path).unwrap(), Keeper::Nobody);
    assert!(matches!(Watch::new(&path), Watch::Notified(_)), "a workspace that is only looked at may have none");
}
