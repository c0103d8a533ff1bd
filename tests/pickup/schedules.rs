//! Due times: each is run once, or missed and covered by exactly one pickup.

use crate::scene::{NAME, Scene, eventually, rows};
use landfall::domain::id::SourceId;
use landfall::domain::run::RunKind;
use landfall::domain::source::{
    ControlFile, Fault, FileIdentity, FinishedSign, FoundState, Missed, PickupCause, Schedule, SourceEdit,
};
use landfall::store::{NewPickup, Store};
use landfall::worker::pickup::{Extent, Wanted, is_removed, pick_up};
use landfall::worker::schedule;
use std::time::Duration;

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
    let said = scene.landfall.run(&["worker", "--once"]).exits(3);
    assert!(said.stderr.contains("globex: not reached: "), "{said:?}");
    let blocked = scene.source().blocked.unwrap();
    assert_eq!(blocked.code, "directory_missing");
    assert_eq!(scene.store().pickups(scene.id(), 1).unwrap()[0].fault.as_ref().unwrap().code, blocked.code);
    let before = scene.store().pickups(scene.id(), 100).unwrap().len();
    // Later due times, as if the fault had been there all the time.
    let blocked = landfall::domain::source::Blocked { at_ms: 0, code: "other".into(), ..blocked };
    scene.store().block_source(scene.id(), &blocked).unwrap();
    scene.schedule("30 0 * * *", now() - 2 * 24 * 60 * MINUTE);
    let said = scene.landfall.run(&["worker", "--once"]).exits(3);
    assert!(said.stderr.contains("globex: waits for somebody: "), "{said:?}");
    // It is told of once for each due time.
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

#[test]
fn a_worker_that_stays_wakes_for_a_schedule_that_is_set_and_for_the_second_look() {
    let scene = Scene::mapped();
    scene.contract(|contract| contract.finished = FinishedSign::Still { seconds: 1 });
    let worker = scene.stay(&["worker"]);
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

#[test]
fn what_wants_somebody_is_the_exit_status_of_a_worker_for_cron() {
    let scene = Scene::mapped();
    scene.put("empty.csv", "", 10);
    scene.put("good.csv", &rows("G", 1), 20);
    scene.schedule("0 0 * * *", now() - 24 * 60 * MINUTE);
    let said = scene.landfall.run(&["worker", "--once", "--quiet"]).exits(3);
    assert!(said.stderr.contains("globex: held: empty.csv: It holds no records."), "{said:?}");
    assert_eq!(scene.imported(), ["first.csv", "good.csv"]);
    // Nothing new is wrong.
    once(&scene);
    scene.assert_conserved();
}

#[test]
fn every_line_of_a_worker_that_stays_begins_with_the_time_and_the_source() {
    let scene = Scene::mapped();
    scene.put("empty.csv", "", 10);
    scene.put("good.csv", &rows("G", 1), 20);
    scene.schedule("0 0 1 1 *", now() - 400 * 24 * 60 * MINUTE);
    let mut worker = scene.stay(&["worker"]);
    eventually("the import", || {
        scene.runs().iter().any(|(.., status)| status == "completed") && scene.imported().len() > 1
    });
    eventually("its line", || worker.said().iter().any(|line| line.contains("created 1")));
    worker.end();
    let said = worker.said();
    for line in &said {
        let (time, rest) = line.split_at_checked(20).unwrap_or_else(|| panic!("{said:#?}"));
        assert!(chrono::NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S ").is_ok(), "{said:#?}");
        assert!(rest.starts_with("globex: ") || rest.starts_with("Waiting for runs"), "{said:#?}");
    }
    assert!(said.iter().any(|line| line.contains(" globex: held: empty.csv")), "{said:#?}");
    scene.assert_conserved();
}

#[test]
fn a_file_that_a_look_has_noted_as_new_does_not_wait_for_the_next_due_time() {
    let scene = Scene::mapped();
    scene.schedule("0 0 1 1 *", now());
    scene.put("a.csv", &rows("A", 1), 10);
    scene.landfall.run(&["source", "files", NAME, "--refresh"]).exits(0);
    assert_eq!(scene.state("a.csv"), FoundState::New);
    let mut store = scene.store();
    assert_eq!(schedule::due(&mut store, now()).unwrap().len(), 1);
    scene.store().pause_source(scene.id(), "ann", 0).unwrap();
    assert_eq!(schedule::due(&mut store, now()).unwrap(), [], "it is paused");
    scene.landfall.json(&["source", "resume", NAME], 0);
    once(&scene);
    assert_eq!(scene.imported(), ["first.csv", "a.csv"]);
    assert_eq!(schedule::due(&mut store, now()).unwrap(), []);

    // With a worker that stays it is there at once.
    let worker = scene.stay(&["worker"]);
    eventually("the worker", || Store::is_locked(&scene.landfall.workspace()).unwrap());
    scene.put("b.csv", &rows("B", 1), 20);
    scene.landfall.run(&["source", "files", NAME, "--refresh"]).exits(0);
    eventually("the import", || {
        scene.runs().iter().any(|(_, file, _, status)| file == "b.csv" && status == "completed")
    });
    drop(worker);
    scene.assert_conserved();
}

#[test]
fn what_was_tried_in_vain_and_what_nobody_has_mapped_waits_for_the_next_due_time() {
    let scene = Scene::mapped();
    scene.schedule("0 0 1 1 *", now());
    scene.put("a.csv", &rows("A", 1), 10);
    scene.landfall.run(&["source", "files", NAME, "--refresh"]).exits(0);
    let (mut store, id) = (scene.store(), scene.id());
    let due = |store: &mut Store| schedule::due(store, now()).unwrap().len();
    let found = store.new_files(id).unwrap().remove(0).identity;
    let fault = |code: &str| Fault { code: code.into(), message: "It went wrong.".into(), next: "Look.".into() };
    let new = NewPickup { source: id, cause: PickupCause::Schedule, user: "ann", started_ms: now() };
    for (code, looks) in [("refused", 0), ("stopped", 1)] {
        let pickup = store.begin_pickup(&new, None).unwrap();
        store.finish_pickup(pickup, 1, 0, Some(&fault(code)), now()).unwrap();
        assert_eq!(due(&mut store), looks, "{code}");
    }
    store.note_trouble(id, &found, &fault("file_changed")).unwrap();
    assert_eq!(due(&mut store), 0);
    // Another one is new beside it.
    scene.put("b.csv", &rows("B", 1), 20);
    scene.landfall.run(&["source", "files", NAME, "--refresh"]).exits(0);
    once(&scene);
    assert_eq!(scene.imported(), ["first.csv", "a.csv", "b.csv"], "and the first is tried with it");
    scene.assert_conserved();

    let unmapped = Scene::new();
    unmapped.schedule("0 0 1 1 *", now());
    unmapped.put("a.csv", &rows("A", 1), 10);
    unmapped.landfall.run(&["source", "files", NAME, "--refresh"]).exits(0);
    assert_eq!((due(&mut unmapped.store()), unmapped.state("a.csv")), (0, FoundState::New));
}

/// A worker looks what is due, and picks it up.
fn looks(store: &mut Store, now_ms: i64) {
    for look in schedule::due(store, now_ms).unwrap() {
        let new = NewPickup { source: look.source, cause: PickupCause::Schedule, user: "ann", started_ms: now_ms };
        let pickup = store.begin_pickup(&new, look.dues.as_ref()).unwrap();
        store.finish_pickup(pickup, 0, 0, None, now_ms).unwrap();
    }
}

fn set_schedule(store: &mut Store, source: SourceId, schedule: Option<&Schedule>, now_ms: i64) {
    let edit = SourceEdit { schedule: Some(schedule.cloned()), ..SourceEdit::default() };
    store.edit_source(source, &edit, "ann", now_ms).unwrap();
}

#[test]
fn a_schedule_that_is_edited_while_no_worker_runs_loses_no_due_time() {
    // 2026-03-01, so that clocks change meanwhile.
    const BEGUN: i64 = 1_772_323_200_000;
    let scene = Scene::new();
    let (mut store, id) = (scene.store(), scene.id());
    let schedules: Vec<Schedule> = ["0 * * * *", "30 2 * * *", "*/15 * * * *"]
        .map(|cron| Schedule::parse(cron, chrono_tz::Europe::Berlin).unwrap())
        .into();
    let (mut now_ms, mut since, mut set) = (BEGUN, BEGUN, None);
    let mut expected: Vec<i64> = Vec::new();
    for step in 0..150_usize {
        // What is edited, and whether a worker is there, differs from step to step; so does the time between.
        if step % 5 == 2 {
            looks(&mut store, now_ms);
        }
        if step % 4 != 3 {
            expected.extend(set.iter().flat_map(|set: &Schedule| set.due_between(since, now_ms)));
            set = schedules.get(step % 4).cloned().filter(|_| step % 7 != 6);
            set_schedule(&mut store, id, set.as_ref(), now_ms);
            since = now_ms;
        }
        now_ms += (step as i64 * 7919 % 1_300 + 1) * MINUTE;
    }
    expected.extend(set.iter().flat_map(|set| set.due_between(since, now_ms)));
    set_schedule(&mut store, id, Some(&schedules[0]), now_ms);
    looks(&mut store, now_ms);
    let dues = store.dues(id, 1_000_000).unwrap();
    assert!(dues.iter().all(|due| due.pickup.is_some() && due.earlier == 0), "one is not covered");
    let mut told: Vec<i64> = dues.iter().map(|due| due.at_ms).collect();
    told.reverse();
    assert!(expected.len() > 1_000);
    assert_eq!(told, expected);
    assert!(dues.iter().all(|due| due.missed.is_none_or(|missed| missed == Missed::Away)));
}

#[test]
fn what_was_missed_before_the_schedule_was_taken_away_is_covered_by_a_persons_sync() {
    let scene = Scene::mapped();
    scene.put("a.csv", &rows("A", 1), 10);
    scene.schedule("0 0 * * *", now() - 3 * 24 * 60 * MINUTE);
    set_schedule(&mut scene.store(), scene.id(), None, now());
    let dues = scene.store().dues(scene.id(), 9).unwrap();
    assert!(dues.len() == 3 && dues.iter().all(|due| due.missed == Some(Missed::Away)), "{dues:?}");
    once(&scene);
    assert!(scene.store().has_uncovered_dues(scene.id()).unwrap(), "nothing is due by itself any more");
    scene.landfall.json(&["sync", NAME], 0);
    assert_eq!(covered(&scene).len(), 3);
    scene.assert_conserved();
}

#[test]
fn a_source_that_is_removed_after_it_was_found_to_be_due_is_passed_over() {
    let scene = Scene::mapped();
    scene.schedule("0 0 * * *", now() - 24 * 60 * MINUTE);
    let mut store = scene.store();
    let looks = schedule::due(&mut store, now()).unwrap();
    let id = scene.id();
    store.remove_source(id, now()).unwrap();
    let wanted = Wanted {
        cause: PickupCause::Schedule,
        extent: Extent::Bring,
        kind: RunKind::Sync,
        dues: looks[0].dues.as_ref(),
    };
    let error = scene.with_means(&|_| {}, |store, means| pick_up(store, id, &wanted, means)).unwrap_err();
    assert!(is_removed(&error), "{error}");
    once(&scene);
}

#[test]
fn a_worker_looks_at_the_clock_at_least_once_a_minute_whatever_it_waits_for() {
    const DUE: i64 = 1_767_225_600_000;
    // Suspended, or set, while it sleeps: it is noticed a minute later at most, and no due time comes early.
    for (leap_at, leap) in [(0, 0), (90_000, 5 * 60 * MINUTE), (200_000, -30 * MINUTE), (10_000, 24 * 60 * MINUTE)] {
        let (mut clock, mut slept) = (DUE - 4 * 60 * MINUTE, 0);
        let mut due_since = 0;
        while clock < DUE {
            let sleep = schedule::sleep_until(DUE, clock).as_millis() as i64;
            assert!((1..=MINUTE).contains(&sleep));
            let leaps = slept <= leap_at && leap_at < slept + sleep;
            clock += sleep + if leaps { leap } else { 0 };
            slept += sleep;
            due_since = clock - DUE;
        }
        assert!(due_since == 0 || leap > 0, "{leap}: {due_since}");
        if leap <= 0 {
            assert_eq!(slept, 4 * 60 * MINUTE - leap);
        } else {
            assert!(slept <= leap_at + MINUTE || due_since == 0, "{leap}: {slept}");
        }
    }
}
