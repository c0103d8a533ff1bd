//! Whatever stops a run, and wherever it stops it: going on ends as if nothing had happened.
//!
//! The real binary is killed, and its calls are made to fail, with strace.

mod breaking;
mod common;

use breaking::data;
use breaking::state::{State, open, status_of};
use breaking::strace::{Call, Harm};
use breaking::sweep::{Broken, COMMIT_ROWS, Lost, Scenario, WAYS, Way, copy_of, each};
use common::Landfall;
use landfall::domain::id::RunId;
use landfall::domain::run::RunStatus;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

/// How many calls of a kind the binary is killed at.
fn kills(name: &str, file: &str) -> usize {
    match (name, file) {
        ("pwrite64", "landfall.db-wal") => 16,
        ("pwrite64", "landfall.db") => 6,
        ("fsync" | "fdatasync", "landfall.db-wal") => 8,
        ("fsync" | "fdatasync", "landfall.db") => 4,
        _ => 2,
    }
}

/// Fails when anything is not as it would have been, or when too little was broken to mean anything.
#[track_caller]
fn judge(what: &str, calls: &[((Call, Harm), Broken)], at_least: usize) {
    let mut told = String::new();
    for ((call, harm), broken) in calls.iter().filter(|(_, broken)| !broken.complaints.is_empty()) {
        told.push_str(&format!("{harm:?} at {call:?}:\n  {}\n", broken.complaints.join("\n  ")));
    }
    let reached = calls.iter().filter(|(_, broken)| broken.reached).count();
    println!("{what}: {reached} of {} took effect", calls.len());
    for ((call, harm), _) in calls.iter().filter(|(_, broken)| !broken.reached) {
        println!("  without effect: {harm:?} at {call:?}");
    }
    assert!(told.is_empty(), "{what}:\n{told}");
    assert!(reached >= at_least, "{what}: only {reached} of {} calls were reached", calls.len());
}

fn killed(scenario: &Scenario, at_least: usize) {
    let calls = scenario.spread(kills);
    let broken = each(&calls, |call| scenario.kill(call, &WAYS));
    let calls = calls.into_iter().map(|call| (call, Harm::Kill));
    judge(scenario.name, &calls.zip(broken).collect::<Vec<_>>(), at_least);
}

#[test]
fn a_first_import_that_is_killed_at_any_write_goes_on_in_any_way_as_if_it_had_not_been() {
    killed(&Scenario::first_import(&[]), 40);
}

#[test]
fn an_import_of_changes_that_is_killed_at_any_write_goes_on_in_any_way_as_if_it_had_not_been() {
    killed(&Scenario::import_of_changes(&[]), 30);
}

#[test]
fn a_run_that_is_killed_again_and_again_goes_on_as_if_it_had_not_been() {
    let scenario = Scenario::import_of_changes(&[]);
    let calls: Vec<(Call, Call)> =
        [(20, 5), (35, 15), (45, 30), (60, 20)].map(|(first, then)| (at(&scenario, first), at(&scenario, then))).into();
    let broken = each(&calls, |(first, then)| scenario.kill_twice(first, then));
    judge("killed twice", &calls.into_iter().map(|(_, then)| (then, Harm::Kill)).zip(broken).collect::<Vec<_>>(), 4);
}

#[test]
fn a_dry_run_that_is_killed_goes_on_and_writes_no_record() {
    let scenario = Scenario::dry_run();
    // The copy of a landing that was killed stays until somebody holds the workspace's lock, which a dry run does not.
    let calls = scenario.spread(|name, file| match (name, file) {
        (_, "incoming") => 0,
        ("pwrite64", _) => 4,
        _ => 1,
    });
    let broken = each(&calls, |call| scenario.kill(call, &[Way::Resume]));
    let calls = calls.into_iter().map(|call| (call, Harm::Kill));
    judge(scenario.name, &calls.zip(broken).collect::<Vec<_>>(), 12);
}

fn lose_power(scenario: &Scenario, at_least: usize) {
    let calls = scenario.spread(|name, file| match (name, file) {
        ("pwrite64", "landfall.db-wal") => 9,
        ("fsync" | "fdatasync", "landfall.db-wal") => 8,
        (_, "landfall.db" | "landfall.db-journal") => 3,
        _ => 0,
    });
    let broken = each(&calls, |call| {
        let lost = [Lost::All, Lost::Some, Lost::Later][call.n % 3];
        scenario.lose_power(call, lost, WAYS[call.n / 3 % WAYS.len()])
    });
    let calls = calls.into_iter().map(|call| (call, Harm::Kill));
    judge(scenario.name, &calls.zip(broken).collect::<Vec<_>>(), at_least);
}

#[test]
fn a_first_import_that_loses_what_was_not_synced_goes_on_as_if_it_had_not() {
    lose_power(&Scenario::first_import(&[]), 15);
}

#[test]
fn an_import_of_changes_that_loses_what_was_not_synced_goes_on_as_if_it_had_not() {
    lose_power(&Scenario::import_of_changes(&[]), 15);
}

/// Calls that are made to fail, and how.
fn failures(scenario: &Scenario) -> Vec<(Call, Harm)> {
    let calls = scenario.spread(|name, file| match (name, file) {
        ("pwrite64", "landfall.db-wal") => 10,
        ("pwrite64", "landfall.db") => 4,
        ("fsync" | "fdatasync", "landfall.db-wal") => 6,
        ("fsync" | "fdatasync", "landfall.db") => 3,
        // What is removed is not missed.
        ("unlink" | "unlinkat", _) => 0,
        _ => 2,
    });
    let errors = ["ENOSPC", "EIO"];
    let once = calls.iter().enumerate().map(|(place, call)| (call.clone(), Harm::Error(errors[place % 2])));
    let for_good = scenario.some_calls("pwrite64", "landfall.db-wal", 6).into_iter().enumerate();
    let for_good = for_good.map(|(place, call)| (call, Harm::ErrorFrom(errors[place % 2])));
    once.chain(for_good).collect()
}

fn failed(scenario: &Scenario, at_least: usize) {
    let failures = failures(scenario);
    let broken = each(&failures, |(call, harm)| scenario.fail(call, *harm, WAYS[call.n % WAYS.len()]));
    judge(scenario.name, &failures.into_iter().zip(broken).collect::<Vec<_>>(), at_least);
}

#[test]
fn a_first_import_whose_disk_is_full_or_fails_says_so_and_goes_on_as_if_it_had_not() {
    failed(&Scenario::first_import(&[]), 25);
}

#[test]
fn an_import_of_changes_whose_disk_is_full_or_fails_says_so_and_goes_on_as_if_it_had_not() {
    failed(&Scenario::import_of_changes(&[]), 20);
}

#[test]
fn a_file_that_cannot_land_leaves_nothing_and_lands_the_next_time() {
    let scenario = Scenario::large_file();
    let writes = scenario.some_calls("write", "incoming", 9);
    assert!(writes.len() >= 4, "the file is too small for this: {writes:?}");
    let syncs =
        ["fsync", "rename", "renameat", "renameat2"].map(|name| scenario.some_calls(name, "incoming", 1)).concat();
    assert_eq!(syncs.len(), 2, "a copy is synced and gets its name");
    let harms = [Harm::Kill, Harm::Error("ENOSPC"), Harm::Error("EIO")];
    let tries: Vec<(Call, Harm)> =
        writes.into_iter().chain(syncs).flat_map(|call| harms.map(|harm| (call.clone(), harm))).collect();
    let broken = each(&tries, |(call, harm)| {
        if *harm == Harm::Kill {
            return scenario.kill(call, &[Way::SameImport]);
        }
        let (left, said) = scenario.harmed(call, *harm);
        let mut complaints = scenario.fail(call, *harm, Way::SameImport).complaints;
        let left = fs::read_dir(left.workspace().join("deliveries")).unwrap().count();
        if (said.status, left) != (Some(1), 0) {
            complaints.push(format!("{left} files are left in deliveries after {said:?}"));
        }
        Broken { reached: true, complaints }
    });
    judge(scenario.name, &tries.into_iter().zip(broken).collect::<Vec<_>>(), 18);
}

/// The call with which about this share of the log's writes is done, in percent.
fn at(scenario: &Scenario, percent: usize) -> Call {
    let writes = scenario.some_calls("pwrite64", "landfall.db-wal", usize::MAX);
    writes[writes.len() * percent / 100].clone()
}

#[test]
fn a_signal_stops_a_run_at_the_end_of_a_batch_and_it_goes_on_as_if_it_had_not() {
    let scenario = Scenario::import_of_changes(&[]);
    for signal in ["INT", "TERM", "HUP"] {
        let (left, said) = scenario.harmed(&at(&scenario, 30), Harm::Signal(signal));
        let said = said.exits(1);
        assert_eq!(said.object()["error"]["code"], "interrupted", "{signal}: {said:?}");
        let run = open(&copy_of(&left)).run(RunId(scenario.run)).unwrap().unwrap();
        let rows = run.position.rows;
        assert!(rows > 0 && rows.is_multiple_of(COMMIT_ROWS), "{signal}: stopped after {rows} rows");
        assert_eq!((run.status, run.counts.rows()), (RunStatus::Interrupted, rows));
        assert!(run.not_reached().is_some_and(|left| left > 0), "{signal}: {run:?}");
        for way in WAYS {
            assert_eq!(scenario.goes_on(&left, way), [""; 0], "{signal}");
        }
    }
}

#[test]
fn a_second_ctrl_c_ends_the_process_at_once_and_loses_nothing() {
    let scenario = Scenario::first_import(&[]);
    // Well after the start, up to which a signal ends the process as it does any other.
    let (left, said) = scenario.harmed(&at(&scenario, 40), Harm::SignalEvery("INT", 1));
    said.exits(130);
    for way in WAYS {
        assert_eq!(scenario.goes_on(&left, way), [""; 0]);
    }
}

/// The one file in the deliveries of this workspace.
fn delivery(landfall: &Landfall) -> PathBuf {
    let mut files = fs::read_dir(landfall.workspace().join("deliveries")).unwrap();
    let file = files.next().expect("a delivery").unwrap().path();
    assert!(files.next().is_none(), "more than one delivery");
    file
}

#[test]
fn a_run_whose_delivery_has_changed_is_refused_until_it_is_as_it_was() {
    let scenario = Scenario::first_import(&[]);
    let (left, _) = scenario.harmed(&at(&scenario, 60), Harm::Kill);
    let original = fs::read(delivery(&left)).unwrap();
    type Change = dyn Fn(&mut Vec<u8>);
    let changes: [(&str, &Change); 4] = [
        ("a byte more", &|bytes| bytes.push(b'\n')),
        ("another byte", &|bytes| bytes[30_000] ^= 1),
        ("another byte in what is done already", &|bytes| bytes[100] ^= 1),
        ("the end is gone", &|bytes| bytes.truncate(60_000)),
    ];
    for (what, change) in changes {
        let landfall = copy_of(&left);
        let mut bytes = original.clone();
        change(&mut bytes);
        fs::write(delivery(&landfall), bytes).unwrap();

        let before = open(&copy_of(&landfall)).run(RunId(1)).unwrap().unwrap();
        let said = landfall.run(&["run", "resume", "1", "--json"]).exits(1);
        let error = &said.object()["error"];
        assert_eq!(error["code"], "delivery_changed", "{what}: {error}");
        assert!(error["message"].as_str().unwrap().contains("is not what landed"), "{what}: {error}");
        let said = landfall.run(&["worker", "--once", "--json"]).exits(1);
        assert!(said.object()["error"].as_str().unwrap().contains("is not what landed"), "{what}: {said:?}");
        let after = open(&landfall).run(RunId(1)).unwrap().unwrap();
        assert_eq!(after.status, RunStatus::Interrupted, "{what}");
        assert_eq!((after.position, after.counts), (before.position, before.counts), "{what}");

        // The same import lands the file anew, and so mends it.
        assert_eq!(scenario.goes_on(&landfall, Way::SameImport), [""; 0], "{what}");
        fs::write(delivery(&landfall), &original).unwrap();
        assert_eq!(scenario.goes_on(&landfall, Way::Resume), [""; 0], "{what}");
    }
}

#[test]
fn a_file_that_changed_since_its_run_was_interrupted_is_another_import() {
    let scenario = Scenario::first_import(&[]);
    let (left, _) = scenario.harmed(&at(&scenario, 60), Harm::Kill);
    let mut file = OpenOptions::new().append(true).open(left.dir().join("people.csv")).unwrap();
    file.write_all(b"C-NEW,Nea,New,nea.new@example.com,,Newcomers,2024-01-01,\r\n").unwrap();
    drop(file);

    let said = left.run(&scenario.import()).exits(3);
    let run = said.object();
    assert_eq!((&run["run"], &run["rows"], &run["status"]), (&2.into(), &(data::ROWS + 1).into(), &"completed".into()));
    assert!(said.stderr.contains("run 1 of another file into this source is not finished"), "{}", said.stderr);
    // The older file must not come after the newer one unless somebody says so.
    assert_eq!(status_of(&copy_of(&left), 1), Some(RunStatus::Interrupted));
    let whole = scenario.fresh();
    fs::copy(left.dir().join("people.csv"), whole.dir().join("people.csv")).unwrap();
    whole.run(&scenario.import()).exits(3);
    assert_eq!(open(&left).contacts().count(), open(&whole).contacts().count());

    left.run(&["run", "cancel", "1"]).exits(0);
    assert_eq!(State::of(&left).broken_laws(), [""; 0]);
}
