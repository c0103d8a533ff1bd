//! Whatever write of a scheduled pickup the process is killed at: each file is imported exactly once.

use crate::breaking::strace::{self, Call, Harm};
use crate::breaking::sweep::{copy_of, each};
use crate::scene::{Scene, rows};
use landfall::domain::source::AfterImport;
use landfall::store::Find;
use std::collections::BTreeMap;
use std::fs;

const WORKER: [&str; 2] = ["worker", "--once"];

/// How many calls of a kind the process is killed at.
fn kills(name: &str, file: &str) -> usize {
    match (name, file) {
        ("pwrite64", "landfall.db-wal") => 24,
        ("fsync" | "fdatasync", "landfall.db-wal") => 6,
        (_, "landfall.db") => 2,
        _ => 2,
    }
}

/// Three files that nobody has fetched, and a due time that nobody was there for.
fn before() -> Scene {
    let scene = Scene::mapped();
    fs::create_dir(scene.drop().join("done")).unwrap();
    scene.after(AfterImport::Move { directory: "done".into() });
    for (n, name) in ["a.csv", "b.csv", "c.csv"].into_iter().enumerate() {
        scene.put(name, &rows(name, 40), 10 * n as u64 + 10);
    }
    scene.schedule("0 0 1 1 *", chrono::Utc::now().timestamp_millis() - 400 * 24 * 3_600_000);
    scene
}

/// The same in a place of its own.
fn fresh(scene: &Scene) -> Scene {
    let copy = Scene { landfall: copy_of(&scene.landfall) };
    for (n, name) in ["first.csv", "a.csv", "b.csv", "c.csv"].into_iter().enumerate() {
        let content = fs::read_to_string(copy.drop().join(name)).unwrap();
        copy.put(name, &content, 10 * n as u64);
    }
    copy.looks_into_its_own_directory();
    copy
}

/// What is not as it should be after the worker has been there once more.
fn complaints(scene: &Scene) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..2 {
        let said = scene.landfall.run(&WORKER);
        if said.status != Some(0) {
            told.push(format!("{said:?}"));
        }
    }
    let mut imported = scene.imported();
    imported.sort_unstable();
    if imported != ["a.csv", "b.csv", "c.csv", "first.csv"] {
        told.push(format!("imported: {imported:?}"));
    }
    let store = scene.store();
    for name in ["a.csv", "b.csv", "c.csv"] {
        let found = store.lookup(&Find::ReferencePrefix(name), &Default::default(), None, 100).unwrap().len();
        if found != 40 {
            told.push(format!("{found} contacts of {name}"));
        }
    }
    let dues = store.dues(scene.id(), 9).unwrap();
    if dues.is_empty() || dues.iter().any(|due| due.pickup.is_none()) {
        told.push(format!("due times: {dues:?}"));
    }
    if scene.left() != ["done"] {
        told.push(format!("left: {:?}", scene.left()));
    }
    let hidden: Vec<_> =
        fs::read_dir(store.deliveries_dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    if hidden.len() != 4 {
        told.push(format!("deliveries: {hidden:?}"));
    }
    let conserved = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scene.assert_conserved()));
    if conserved.is_err() {
        told.push("a run is not conserved (see above)".to_owned());
    }
    told
}

fn spread(calls: &[Call]) -> Vec<Call> {
    let mut kinds: BTreeMap<(&str, &str), Vec<&Call>> = BTreeMap::new();
    for call in calls {
        kinds.entry((&call.name, &call.file)).or_default().push(call);
    }
    let some = |((name, file), calls): ((&str, &str), Vec<&Call>)| {
        let most = kills(name, file).min(calls.len());
        (0..most).map(|n| calls[n * calls.len() / most].clone()).collect::<Vec<_>>()
    };
    kinds.into_iter().flat_map(some).collect()
}

/// A worker that queues a run in another transaction than the one that says so of its file.
#[cfg(feature = "broken-variants")]
#[test]
fn the_sweep_finds_a_run_that_is_queued_apart_from_what_its_file_says() {
    const VARIANT: [&str; 3] = ["worker", "--once", "--taken-apart"];
    let before = before();
    // Undisturbed, the variant does all that a sound one does: nothing but a kill tells them apart.
    let traced = fresh(&before);
    let (said, mut calls) = strace::calls(&traced.landfall, &VARIANT);
    said.exits(0);
    assert_eq!(complaints(&traced), [""; 0]);
    // Each commit waits for the disk once: a kill there falls between two commits.
    calls.retain(|call| call.name.ends_with("sync") && call.file == "landfall.db-wal");
    let broken = each(&calls, |call| {
        let scene = fresh(&before);
        strace::harmed(&scene.landfall, &VARIANT, call, Harm::Kill);
        complaints(&scene)
    });
    let noticed = broken.iter().filter(|complaints| !complaints.is_empty()).count();
    println!("{noticed} of {} kills show it", calls.len());
    assert!(noticed > 0, "no kill showed that the run is queued apart");
}

#[test]
fn a_scheduled_pickup_that_is_killed_at_any_write_imports_each_file_exactly_once() {
    let before = before();
    let traced = fresh(&before);
    let (said, calls) = strace::calls(&traced.landfall, &WORKER);
    said.exits(0);
    assert_eq!(complaints(&traced), [""; 0]);
    let calls = spread(&calls);
    let broken = each(&calls, |call| {
        let scene = fresh(&before);
        let said = strace::harmed(&scene.landfall, &WORKER, call, Harm::Kill);
        (said.status.is_none(), complaints(&scene))
    });
    let reached = broken.iter().filter(|(reached, _)| *reached).count();
    let mut told = String::new();
    for (call, (_, complaints)) in calls.iter().zip(&broken).filter(|(_, (_, complaints))| !complaints.is_empty()) {
        told.push_str(&format!("killed at {call:?}:\n  {}\n", complaints.join("\n  ")));
    }
    println!("{reached} of {} kills took effect", calls.len());
    assert!(told.is_empty(), "{told}");
    assert!(reached >= 30, "only {reached} of {} calls were reached", calls.len());
}
