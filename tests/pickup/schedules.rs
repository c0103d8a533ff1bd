//! Due times: each is run once, or missed and covered by exactly one pickup.

use crate::scene::{NAME, Scene, rows};
use landfall::domain::source::{ControlFile, FileIdentity, FinishedSign, FoundState, Missed, PickupCause};
use landfall::store::{NewPickup, Store};
use landfall::worker::schedule;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const MINUTE: i64 = 60_000;

fn now() -> i64 {
    chrono::Utc::now().timestamp_millis()
}

fn once(scene: &Scene) {
    scene.landfall.run(&["worker", "--once"]).exits(0);
}

/// Every due time has the one pickup that covered it; answers how many there are.
#[track_caller]
fn covered(scene: &Scene) -> Vec<Option<Missed>> {
    let dues = scene.store().dues(scene.id(), 100).unwrap();
    assert!(dues.iter().all(|due| due.pickup.is_some()), "{dues:?}");
    assert!(dues.windows(2).all(|pair| pair[1].at_ms + MINUTE <= pair[0].at_ms), "{dues:?}");
    dues.into_iter().map(|due| due.missed).collect()
}

#[test]
fn due_times_that_nobody_was_there_for_are_covered_by_one_pickup() {
    let scene = Scene::mapped();
    scene.put("a.csv", &rows("A", 1), 10);
    let before = scene.store().pickups(scene.id(), 100).unwrap().len();
    scene.schedule("0 0 * * *", now() - 5 * 24 * 60 * MINUTE);
    once(&scene);
    let missed = covered(&scene);
    assert_eq!(missed.len(), 5);
    assert_eq!(missed[0], None, "the last one is run, late");
    assert!(missed[1..].iter().all(|missed| *missed == Some(Missed::Away)), "{missed:?}");
    let pickups = scene.store().pickups(scene.id(), 100).unwrap();
    assert_eq!((pickups.len(), pickups[0].cause), (before + 1, PickupCause::Schedule));
    assert_eq!(scene.imported(), ["first.csv", "a.csv"]);
    once(&scene);
    assert_eq!(scene.store().pickups(scene.id(), 100).unwrap().len(), before + 1, "nothing is due twice");
    scene.assert_conserved();
}

#[test]
fn a_paused_source_is_not_looked_at_and_is_caught_up_with_once_when_it_is_resumed() {
    let scene = Scene::mapped();
    scene.put("a.csv", &rows("A", 1), 10);
    scene.store().pause_source(scene.id(), "ann", 0).unwrap();
    scene.schedule("0 0 * * *", now() - 3 * 24 * 60 * MINUTE);
    let before = scene.store().pickups(scene.id(), 100).unwrap().len();
    once(&scene);
    let dues = scene.store().dues(scene.id(), 9).unwrap();
    assert_eq!(dues.len(), 3);
    assert!(dues.iter().all(|due| due.pickup.is_none() && due.missed == Some(Missed::Paused)), "{dues:?}");
    assert_eq!(scene.store().pickups(scene.id(), 100).unwrap().len(), before);
    scene.landfall.json(&["source", "resume", NAME], 0);
    once(&scene);
    once(&scene);
    assert_eq!(covered(&scene), [Some(Missed::Paused); 3]);
    assert_eq!(scene.store().pickups(scene.id(), 100).unwrap().len(), before + 1);
    assert_eq!(scene.imported(), ["first.csv", "a.csv"]);
}

#[test]
fn a_blocked_source_waits_for_a_person_and_its_due_times_say_so() {
    let scene = Scene::mapped();
    std::fs::remove_dir_all(scene.drop()).unwrap();
    scene.schedule("0 0 * * *", now() - 2 * 24 * 60 * MINUTE);
    once(&scene);
    let blocked = scene.source().blocked.unwrap();
    assert_eq!(blocked.code, "directory_missing");
    assert_eq!(scene.store().pickups(scene.id(), 1).unwrap()[0].fault.as_ref().unwrap().code, blocked.code);
    let before = scene.store().pickups(scene.id(), 100).unwrap().len();
    // Later due times, as if the fault had been there all the time.
    let blocked = landfall::domain::source::Blocked { at_ms: 0, code: "other".into(), ..blocked };
    scene.store().block_source(scene.id(), &blocked).unwrap();
    scene.schedule("30 0 * * *", now() - 2 * 24 * 60 * MINUTE);
    once(&scene);
    let dues = scene.store().dues(scene.id(), 2).unwrap();
    assert!(dues.iter().any(|due| due.pickup.is_none() && due.missed == Some(Missed::Blocked)), "{dues:?}");
    assert_eq!(scene.store().pickups(scene.id(), 100).unwrap().len(), before);
}

#[test]
fn two_looks_of_two_processes_see_that_an_upload_has_ended() {
    let scene = Scene::mapped();
    scene.contract(|contract| contract.finished = FinishedSign::Still { seconds: 1 });
    scene.put("a.csv", &rows("A", 1), 10);
    scene.schedule("0 0 * * *", now() - 24 * 60 * MINUTE);
    once(&scene);
    assert_eq!(scene.state("a.csv"), FoundState::Settling);
    std::thread::sleep(Duration::from_millis(1_100));
    once(&scene);
    assert!(matches!(scene.state("a.csv"), FoundState::Taken { .. }), "{:?}", scene.states());
    covered(&scene);
}

#[test]
fn what_never_settles_is_looked_at_less_and_less() {
    // Just after midnight, UTC; the schedule is due a day later.
    const BEGUN: i64 = 1_767_225_660_000;
    let scene = Scene::new();
    scene.contract(|contract| {
        contract.finished = FinishedSign::Still { seconds: 10 };
        contract.control = Some(ControlFile { suffix: ".ctl".into() });
    });
    scene.schedule("0 0 * * *", BEGUN);
    let (mut store, id) = (scene.store(), scene.id());
    let file = FileIdentity { name: "a.csv".to_owned(), size: 5, modified_ms: 1 };
    let mut wakes = Vec::new();
    let mut at = BEGUN;
    for _ in 0..4 {
        store.note_look(id, &[(file.clone(), FoundState::Settling)], at).unwrap();
        let new = NewPickup { source: id, cause: PickupCause::Schedule, user: "ann", started_ms: at };
        let pickup = store.begin_pickup(&new, None).unwrap();
        store.finish_pickup(pickup, 1, 0, None, at).unwrap();
        at = schedule::wake_at(&store).unwrap().unwrap();
        assert!(schedule::due(&mut store, at - 1).unwrap().is_empty());
        assert_eq!(schedule::due(&mut store, at).unwrap().len(), 1);
        wakes.push((at - BEGUN) / 1_000);
    }
    assert_eq!(wakes, [10, 20, 40, 80]);
}

struct Worker(Child);

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[track_caller]
fn eventually(what: &str, holds: impl Fn() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} did not come about");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_worker_that_stays_wakes_for_a_schedule_that_is_set_and_for_the_second_look() {
    let scene = Scene::mapped();
    scene.contract(|contract| contract.finished = FinishedSign::Still { seconds: 1 });
    let mut command = scene.landfall.command(&["worker"]);
    let worker = Worker(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let workspace = scene.landfall.workspace();
    eventually("the worker", || Store::is_locked(&workspace).unwrap());
    scene.put("a.csv", &rows("A", 2), 10);
    // Due long ago, and then not for a long time: what comes after it is the second look.
    scene.schedule("0 0 1 1 *", now() - 400 * 24 * 60 * MINUTE);
    eventually("the import", || {
        scene.runs().iter().any(|(_, file, _, status)| file == "a.csv" && status == "completed")
    });
    covered(&scene);
    drop(worker);
    scene.assert_conserved();
}
