//! Sources that bring their own files: how their contracts stand, their files, what is done with them.

use crate::drops::{contract, directory, every_contract, every_day_of, import, people, put, sync, up_to_date, watched};
use crate::scene::{DAY, HOUR, MINUTE, Scene};
use crate::stage::NOW;
use landfall::app::message::MouseKind;
use landfall::domain::source::{
    Blocked, Fault, FileIdentity, FoundState, PickupCause, SourceEdit, SourceMode, SourceOptions, Waiting,
};
use landfall::store::{NewPickup, Store};

/// Both sizes that every screen is looked at in, with the directory of the test told otherwise.
macro_rules! both {
    ($name:literal, $scene:expr) => {{
        $scene.stage.resize(80, 24);
        insta::assert_snapshot!(concat!($name, "_80"), $scene.text());
        $scene.stage.resize(120, 36);
        insta::assert_snapshot!(concat!($name, "_120"), $scene.text());
        $scene.stage.resize(80, 24);
    }};
}

/// The lines of the details under the list.
fn detail(scene: &Scene) -> String {
    let text = scene.text();
    let from = text.lines().position(|line| line.starts_with("─ ")).unwrap_or(0);
    let until = text.lines().count().saturating_sub(2);
    text.lines().take(until).skip(from).map(|line| format!("{line}\n")).collect()
}

fn select(scene: &mut Scene, name: &str) {
    scene.stage.keys("g");
    for _ in 0..20 {
        if scene.stage.app.sources.selected().is_some_and(|line| line.name == name) {
            return;
        }
        scene.stage.keys("j");
    }
    panic!("{name} is not shown\n{}", scene.text());
}

#[test]
fn how_contracts_stand_is_in_front_of_everything_else() {
    let mut scene = every_contract();
    insta::assert_snapshot!("contracts_80", scene.text());
    scene.stage.resize(120, 36);
    insta::assert_snapshot!("contracts_120", scene.text());
    let mut told = String::new();
    for _ in 0..8 {
        told.push_str(&detail(&scene));
        scene.stage.keys("j");
    }
    insta::assert_snapshot!("contracts_details", told);
}

#[test]
fn a_missing_file_is_an_upstream_failure_with_what_to_tell_its_owner() {
    let mut scene = every_contract();
    select(&mut scene, "Globex nightly");
    assert!(detail(&scene).contains("failed upstream"), "{}", scene.text());
    assert!(detail(&scene).contains("Dana (ERP team)"), "{}", scene.text());
    scene.stage.keys("u");
    let told = scene.stage.copied.last().expect("a text");
    assert!(told.contains("people_*.csv") && told.contains("Please send it"), "{told}");
    scene.stage.resize(80, 36).keys("e");
    insta::assert_snapshot!("contract_explained", scene.text());
}

#[test]
fn the_screen_says_late_at_the_moment_at_which_it_is() {
    let mut scene = Scene::new();
    let id = watched(&mut scene, "Soylent", "Dana", contract("people_*.csv", Some("10 13 * * *")));
    put(&scene, "Soylent", "people_19.csv", &people(5, 1), NOW - DAY);
    sync(&mut scene, id, NOW - DAY);
    import(&mut scene, id, &["people_19.csv"], NOW - DAY + 5 * MINUTE);
    up_to_date(&mut scene, id);
    scene.refresh();
    assert!(scene.text().contains("● Imported"), "{}", scene.text());
    let mut seen = Vec::new();
    while scene.stage.now_ms < NOW + 2 * HOUR {
        let at = scene.stage.changes_at().expect("a moment at which the text changes");
        assert!(at > scene.stage.now_ms);
        let wait = at - scene.stage.now_ms;
        scene.stage.wait(wait);
        let word = scene.stage.app.sources.selected().and_then(|line| line.standing()).map(|it| it.label());
        if seen.last() != Some(&(word, scene.stage.now_ms - NOW)) && seen.last().map(|(known, _)| *known) != Some(word)
        {
            seen.push((word, scene.stage.now_ms - NOW));
        }
    }
    let due = 8 * MINUTE;
    let words: Vec<_> = seen.into_iter().skip_while(|(word, _)| *word == Some("Imported")).collect();
    assert_eq!(words, [(Some("Due"), due), (Some("Late"), due + 30 * MINUTE), (Some("Missing"), due + 90 * MINUTE)]);
}

#[test]
fn files_are_listed_with_what_became_of_each_and_chosen_ones_are_imported() {
    let mut scene = every_contract();
    select(&mut scene, "Hooli");
    put(&scene, "Hooli", "people_21.csv", &people(3, 77), NOW - HOUR);
    put(&scene, "Hooli", "notes.txt", "x", NOW - HOUR);
    put(&scene, "Hooli", "people_19.csv", &people(9, 79), NOW - 30 * MINUTE);
    put(&scene, "Hooli", ".people.swp", "x", NOW - HOUR);
    scene.stage.keys("fr");
    let look = NOW + MINUTE;
    scene.stage.now_ms = look;
    scene.stage.keys("r");
    both!("source_files", scene);
    scene.stage.keys("n");
    assert!(scene.text().contains("2 chosen"), "{}", scene.text());
    scene.stage.keys("<enter>");
    insta::assert_snapshot!("source_files_asked", scene.text());
    scene.stage.keys("y");
    assert!(scene.text().contains("imported"), "{}", scene.text());
    scene.stage.keys("g<enter>");
    insta::assert_snapshot!("source_files_held", scene.text());
    std::os::unix::fs::symlink("/etc/passwd", directory(&scene, "Hooli").join("people_link.csv")).expect("a link");
    scene.stage.keys("nrj");
    assert!(scene.text().contains("✗ refused") && scene.text().contains("It is a link"), "{}", scene.text());
    scene.stage.keys("<space>");
    assert!(!scene.text().contains("chosen"), "a link is not to be imported\n{}", scene.text());
}

#[test]
fn hostile_names_and_ten_thousand_files_cost_no_more_than_the_window() {
    let mut scene = Scene::new();
    let id = watched(&mut scene, "Flood", "Dana", contract("*", None));
    let names = ["a\u{1b}[31mred", "b\u{202e}vsc.exe", "-rf.csv", "..", "line\nbreak.csv", "名刺の一覧表.csv"];
    let long = "x".repeat(255);
    let names = names.into_iter().map(str::to_owned).chain([long]);
    let many = (0..10_000).map(|at| format!("people_{at:05}.csv"));
    let found: Vec<_> = names
        .chain(many)
        .enumerate()
        .map(|(at, name)| {
            let file = FileIdentity { name, size: 1_000 + at as u64, modified_ms: NOW - at as i64 * MINUTE };
            (file, FoundState::New)
        })
        .collect();
    scene.stage.desk.store.note_look(id, &found, NOW - MINUTE).expect("a look");
    scene.refresh();
    scene.stage.keys("f");
    insta::assert_snapshot!("source_files_hostile", scene.text());
    scene.stage.keys("G");
    assert!(scene.text().contains("people_09999.csv"), "{}", scene.text());
}

#[test]
fn a_check_stops_at_the_first_step_that_fails_and_says_who_owns_it() {
    let mut scene = every_contract();
    select(&mut scene, "Wayne");
    scene.stage.keys("t");
    both!("check_passed", scene);
    scene.stage.keys("<esc>");
    select(&mut scene, "Globex nightly");
    scene.stage.keys("t");
    both!("check_failed", scene);
    scene.stage.keys("<esc>");
    std::fs::remove_dir_all(directory(&scene, "Globex nightly")).expect("the directory");
    scene.stage.keys("t");
    assert!(scene.text().contains("not reached"), "{}", scene.text());
    assert!(!scene.text().contains("Host"), "a directory has no host\n{}", scene.text());
}

#[test]
fn a_backfill_is_counted_before_it_is_asked_for() {
    let mut scene = every_contract();
    let id = scene.id("Wayne");
    let options = SourceOptions { filters: vec!["first_name = P1".to_owned()], ..SourceOptions::default() };
    let edit = SourceEdit { options: Some(options), ..SourceEdit::default() };
    scene.stage.desk.store.edit_source(id, &edit, "bo", NOW - MINUTE).expect("the source");
    scene.refresh();
    select(&mut scene, "Wayne");
    scene.stage.resize(120, 36);
    assert!(detail(&scene).contains("not reconsidered"), "{}", scene.text());
    scene.stage.resize(80, 24).keys("b");
    assert!(scene.text().contains("2026-11-17"), "{}", scene.text());
    scene.stage.keys("<c-u>soon<enter>");
    assert!(scene.text().contains("soon is no day"), "{}", scene.text());
    scene.stage.keys("<c-u>2026-11-18<enter>");
    both!("backfill_asked", scene);
    let before = scene.imports();
    scene.stage.keys("y");
    assert_eq!(scene.imports(), before + 3, "{}", scene.text());
    scene.stage.keys("v");
    both!("versions", scene);
}

#[test]
fn a_source_that_waits_for_a_person_says_what_to_do_and_asks_before_it_tries_again() {
    let mut scene = every_contract();
    let id = scene.id("Wayne");
    let blocked = Blocked {
        code: "no_permission".to_owned(),
        message: "The directory may not be read.".to_owned(),
        next: "Ask whoever runs the server to let your user read it.".to_owned(),
        at_ms: NOW - 3 * HOUR,
    };
    scene.stage.desk.store.block_source(id, &blocked).expect("the source");
    let paused = scene.id("Soylent");
    scene.stage.desk.store.pause_source(paused, "bo", NOW - 2 * HOUR).expect("the source");
    scene.refresh();
    scene.stage.resize(120, 36);
    select(&mut scene, "Wayne");
    insta::assert_snapshot!("blocked", scene.text());
    scene.stage.keys("S");
    assert!(scene.text().contains("Is that dealt with?"), "{}", scene.text());
    scene.stage.keys("<enter>");
    select(&mut scene, "Soylent");
    assert!(!scene.text().contains("S sync"), "a paused source does not run\n{}", scene.text());
    scene.stage.resize(80, 24).keys("4nobody@example.com");
    insta::assert_snapshot!("not_found_while_held_up", scene.text());
    let day = every_day_of("Soylent");
    scene.stage.keys(&format!("<c-u>{}<enter>", 100_000 + day * 1_000 + 3));
    assert!(scene.text().contains("Soylent is paused"), "{}", scene.text());
}

/// The header and the line under it.
fn head(scene: &Scene) -> String {
    let text = scene.text();
    text.lines().take(3).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_look_that_lost_its_process_is_neither_retried_nor_at_work_for_ever() {
    let mut scene = Scene::new();
    let id = watched(&mut scene, "Soylent", "Dana", contract("people_*.csv", None));
    up_to_date(&mut scene, id);
    let store = &mut scene.stage.desk.store;
    let new = NewPickup { source: id, cause: PickupCause::Schedule, user: "ann", started_ms: NOW };
    let look = store.begin_pickup(&new, None).expect("a look");
    let fault = Fault { code: "timeout".into(), message: "It did not answer.".into(), next: String::new() };
    let waiting = Waiting { fault, next_try_ms: NOW + MINUTE, number: 2, most: 5 };
    store.note_waiting(look, Some(&waiting)).expect("a fault");
    let workspace = scene.landfall.workspace();
    let _lock = Store::try_keeper_lock(&workspace, true).expect("a lock").expect("no other");
    scene.stage.resize(120, 36);
    scene.refresh();
    assert!(scene.text().contains("retrying") && scene.text().contains("worker looks"), "{}", scene.text());
    scene.stage.wait(6 * MINUTE + 1);
    assert!(!scene.text().contains("retrying") && !scene.text().contains("worker looks"), "{}", scene.text());
    assert!(scene.text().contains("was cut off"), "{}", scene.text());
}

#[test]
fn the_header_tells_a_worker_that_stays_from_none_and_warns_where_schedules_wait() {
    let mut scene = Scene::new();
    scene.add("Trade fair 2026", SourceMode::OneTime);
    scene.refresh();
    let mut told = head(&scene);
    let id = watched(&mut scene, "Soylent", "Dana", contract("people_*.csv", None));
    up_to_date(&mut scene, id);
    scene.refresh();
    scene.stage.keys("!");
    both!("no_worker", scene);
    scene.stage.keys("c<esc>");
    assert!(scene.stage.copied[0].ends_with(" worker --install"), "{:?}", scene.stage.copied);
    for keeper in [None, Some(true), Some(false)] {
        let workspace = scene.landfall.workspace();
        let lock = keeper.map(|stays| Store::try_keeper_lock(&workspace, stays).expect("a lock").expect("no other"));
        for (width, height) in [(80, 24), (120, 36)] {
            scene.stage.resize(width, height);
            scene.refresh();
            told.push_str(&format!("\n{keeper:?}\n{}", head(&scene)));
        }
        drop(lock);
    }
    // A time that nobody kept, although somebody comes by now and then.
    scene.stage.now_ms = NOW + HOUR;
    scene.refresh();
    told.push_str(&format!("\noverdue\n{}", head(&scene)));
    // Where nothing runs, nothing waits.
    scene.stage.desk.store.pause_source(id, "bo", NOW).expect("the source");
    scene.refresh();
    told.push_str(&format!("\npaused\n{}", head(&scene)));
    insta::assert_snapshot!("header_worker", told);
}

#[test]
fn what_a_check_has_found_is_what_the_list_and_the_files_say() {
    let mut scene = every_contract();
    select(&mut scene, "Soylent");
    put(&scene, "Soylent", "people_20.csv", &people(40, 91), NOW - MINUTE);
    scene.stage.resize(120, 36).keys("t");
    assert!(scene.text().contains("3 match people_*.csv"), "{}", scene.text());
    scene.stage.keys("y<esc>");
    assert!(scene.stage.copied[0].contains("✓ Directory: 3 entries."), "{:?}", scene.stage.copied);
    let told = detail(&scene);
    assert!(told.contains("Looked just now by ana: 3 files were there, none fetched"), "{told}");
    assert!(told.contains("1 perhaps still uploading"), "{told}");
    scene.stage.keys("f");
    assert!(scene.text().contains("… uploading?") && scene.text().contains("looked just now"), "{}", scene.text());
    // What needs a person is told to whoever asked: the last look stays what it was, and a check stops nothing.
    scene.stage.keys("<esc>");
    std::fs::remove_dir_all(directory(&scene, "Soylent")).expect("the directory");
    scene.stage.keys("t");
    assert!(scene.text().contains("✗ Directory"), "{}", scene.text());
    scene.stage.keys("<esc>");
    assert!(detail(&scene).contains("Looked just now by ana: 3 files were there"), "{}", scene.text());
    let source = scene.stage.desk.store.source(scene.id("Soylent")).expect("a store").expect("the source");
    assert!(source.blocked.is_none());
}

#[test]
fn a_stopped_source_is_checked_without_being_let_run_and_comes_back_in_the_same_dialog() {
    let mut scene = every_contract();
    let id = scene.id("Wayne");
    let blocked = Blocked {
        code: "no_permission".to_owned(),
        message: "The directory may not be read.".to_owned(),
        next: "Ask whoever runs the server to let your user read it.".to_owned(),
        at_ms: NOW - 3 * HOUR,
    };
    scene.stage.desk.store.block_source(id, &blocked).expect("the source");
    scene.refresh();
    select(&mut scene, "Wayne");
    let is_stopped =
        |scene: &Scene| scene.stage.desk.store.source(id).expect("a store").expect("the source").blocked.is_some();
    scene.stage.keys("t");
    both!("check_stopped", scene);
    assert!(is_stopped(&scene), "looking is not trying again");
    scene.stage.keys("<space>t");
    assert!(scene.text().contains("runs again") && !is_stopped(&scene), "{}", scene.text());
}

#[test]
fn everything_of_a_source_is_reached_with_the_mouse_alone() {
    let mut scene = every_contract();
    scene.stage.mouse(MouseKind::Click, "Wayne");
    assert_eq!(scene.stage.app.sources.selected().expect("a source").name, "Wayne");
    // The details are cut; all of them are a click away, and the wheel moves in them.
    scene.stage.mouse(MouseKind::Click, "Expects people_*.csv");
    let top = scene.text();
    assert!(top.contains("more lines"), "{top}");
    scene.stage.mouse(MouseKind::WheelDown, "Wayne, number");
    assert_ne!(scene.text(), top);
    scene.stage.mouse(MouseKind::WheelUp, "more line");
    assert_eq!(scene.text(), top);
    scene.stage.mouse(MouseKind::Click, "esc close");
    // Files: a click selects, hints choose and import, the dialog's buttons answer.
    scene.stage.mouse(MouseKind::Click, "f files").mouse(MouseKind::Click, "people_18.csv");
    scene.stage.mouse(MouseKind::Click, "space choose").mouse(MouseKind::Click, "enter import again");
    assert!(scene.text().contains("people_18.csv") && scene.text().contains("Import it"), "{}", scene.text());
    scene.stage.mouse(MouseKind::Click, "No, leave it").mouse(MouseKind::Click, "esc close");
    // The check, the connection, the versions and a backfill.
    scene.stage.mouse(MouseKind::Click, "t test");
    assert!(scene.text().contains("Check of Wayne"), "{}", scene.text());
    scene.stage.mouse(MouseKind::Click, "esc close");
    let hints = [
        ("o connection", "How the files of"),
        ("v versions", "Versions of Wayne"),
        ("b backfill", "Backfill of Wayne"),
    ];
    for (hint, title) in hints {
        scene.stage.resize(300, 60).mouse(MouseKind::Click, hint);
        assert!(scene.text().contains(title), "{hint}: {}", scene.text());
        scene.stage.mouse(MouseKind::Click, "esc close");
        assert!(scene.stage.app.dialogs.is_empty(), "{hint}: {}", scene.text());
    }
}
