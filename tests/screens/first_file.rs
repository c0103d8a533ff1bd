//! The way of a new source to its first import: look at its file, map its columns, import it.

use crate::drops::{contract, directory, people, put, sync, watched};
use crate::scene::{DAY, GOOD, HOUR, MINUTE, Scene};
use crate::stage::NOW;
use landfall::app::fetching::{Progress, Stage};
use landfall::app::import::Step;
use landfall::app::key::Key;
use landfall::app::mapping::{Editor, editor};
use landfall::app::message::{Message, MouseKind};
use landfall::app::{Tab, import};
use landfall::domain::id::SourceId;
use landfall::domain::source::{FoundState, SourceEdit, SourceMode};

/// A directory that is looked into, with a file in it that nobody has fetched.
fn unfetched() -> (Scene, SourceId) {
    let mut scene = Scene::new();
    let id = watched(&mut scene, "Globex", "Dana", contract("people_*.csv", None));
    put(&scene, "Globex", "people_19.csv", &people(3, 1), NOW - 2 * HOUR);
    put(&scene, "Globex", "people_20.csv", &people(5, 2), NOW - HOUR);
    put(&scene, "Globex", "notes.txt", "x", NOW - MINUTE);
    scene.refresh();
    (scene, id)
}

/// The same once it was seen for long enough to be whole.
fn seen(scene: &mut Scene) {
    scene.stage.keys("1fr<esc>");
    scene.stage.now_ms += MINUTE;
}

fn shown_file(scene: &Scene) -> Option<String> {
    editor(&scene.stage.app).and_then(|editor: &Editor| editor.opened.file.as_ref()).map(|file| file.name.clone())
}

fn states(scene: &Scene, id: SourceId) -> Vec<(String, FoundState)> {
    let files = scene.stage.desk.store.found_files(id).expect("files");
    files.into_iter().map(|file| (file.identity.name, file.state)).collect()
}

fn is_unseen(scene: &Scene) -> bool {
    import::shown(&scene.stage.app).is_some_and(|import| matches!(import.step, Step::Unseen(_)))
}

/// A source of a file, whose mapping nobody has looked at.
fn with_file(csv: &str) -> Scene {
    let mut scene = Scene::new();
    let path = scene.landfall.file("people.csv", csv);
    let id = scene.add("People", SourceMode::OneTime);
    let location = Some(Some(path.to_string_lossy().into_owned()));
    let edit = SourceEdit { location, ..SourceEdit::default() };
    scene.stage.desk.store.edit_source(id, &edit, "ann", 10).expect("the source");
    scene.refresh();
    scene
}

#[test]
fn the_mapping_tab_fetches_the_newest_file_and_imports_nothing_by_that() {
    let (mut scene, id) = unfetched();
    assert!(scene.text().contains("Map its columns (m)"), "{}", scene.text());
    seen(&mut scene);
    scene.stage.keys("m");
    shown!("first_file_none", scene.stage);
    scene.stage.keys("<enter>");
    assert_eq!(shown_file(&scene).as_deref(), Some("people_20.csv"));
    shown!("first_file_fetched", scene.stage);
    assert_eq!(scene.runs(), 0);
    scene.stage.keys("i");
    assert!(!is_unseen(&scene), "it was just looked at\n{}", scene.text());
    scene.stage.keys("<space><enter>");
    assert_eq!(scene.imports(), 1, "{}", scene.text());
    let states = states(&scene, id);
    assert!(matches!(states[..], [(_, FoundState::New), (_, FoundState::Taken { .. }), _]), "{states:?}");
    sync(&mut scene, id, NOW + HOUR);
    assert_eq!(scene.imports(), 2, "the other file, and the first one not once more");
}

#[test]
fn a_file_that_comes_while_the_mapping_tab_waits_is_shown_at_once() {
    let (mut scene, id) = unfetched();
    scene.stage.keys("2");
    assert_eq!(shown_file(&scene), None);
    sync(&mut scene, id, NOW);
    scene.refresh();
    assert_eq!(shown_file(&scene).as_deref(), Some("people_20.csv"), "{}", scene.text());
    put(&scene, "Globex", "people_21.csv", &people(6, 3), NOW - MINUTE);
    sync(&mut scene, id, NOW + HOUR);
    scene.refresh();
    assert_eq!(shown_file(&scene).as_deref(), Some("people_21.csv"));
    assert!(scene.text().contains("people_21.csv has come since"), "{}", scene.text());
    scene.stage.keys("x");
    put(&scene, "Globex", "people_22.csv", &people(7, 4), NOW);
    sync(&mut scene, id, NOW + 2 * HOUR);
    scene.refresh();
    assert_eq!(shown_file(&scene).as_deref(), Some("people_21.csv"), "what is changed on a file stays there");
    assert!(scene.text().contains("A newer file has come"), "{}", scene.text());
    let left_out = |scene: &Scene| editor(&scene.stage.app).is_some_and(|editor| editor.draft.can_undo());
    assert!(left_out(&scene));
    scene.stage.keys("s");
    assert_eq!(shown_file(&scene).as_deref(), Some("people_22.csv"), "{}", scene.text());
    assert!(scene.text().contains("version 1"), "{}", scene.text());
}

#[test]
fn what_keeps_the_newest_file_away_is_said_in_the_tab_with_what_to_do() {
    let (mut scene, _) = unfetched();
    scene.stage.keys("2");
    std::fs::remove_dir_all(directory(&scene, "Globex")).expect("the directory");
    scene.stage.keys("<enter>");
    assert!(
        scene.text().contains("There is no directory") && scene.text().contains("[ Try again (enter) ]"),
        "{}",
        scene.text()
    );
    std::fs::create_dir(directory(&scene, "Globex")).expect("a directory");
    scene.stage.keys("<enter>");
    assert!(scene.text().contains("No file lies there yet"), "{}", scene.text());
    put(&scene, "Globex", "notes.txt", "x", NOW - DAY);
    scene.stage.mouse(MouseKind::Click, "[ Try again");
    assert!(scene.text().contains("whose name matches people_*.csv"), "{}", scene.text());
}

#[test]
fn how_far_a_file_is_is_told_while_it_is_fetched() {
    let (mut scene, id) = unfetched();
    scene.stage.keys("2");
    let enter = Key::parse_all("<enter>").expect("a key")[0];
    // It is asked for, and not done yet.
    let asked = scene.stage.app.update(Message::Key(enter), NOW);
    scene.stage.wait(2_000);
    assert!(scene.text().contains("Looking for the newest file"), "{}", scene.text());
    let progress = |stage| Message::Fetching(Progress { source: id, name: "people_20.csv".to_owned(), stage });
    scene.stage.send(progress(Stage::Waiting { ms: 30_000 }));
    scene.stage.wait(3_000);
    assert!(scene.text().contains("fetched in 27 s"), "{}", scene.text());
    scene.stage.send(progress(Stage::Fetching { bytes: 3_000_000, of: 9_000_000 }));
    assert!(scene.text().contains("3.0 MB of 9.0 MB"), "{}", scene.text());
    assert!(!scene.text().contains("enter fetch"), "it is on its way\n{}", scene.text());
    drop(asked);
}

#[test]
fn while_another_file_is_on_its_way_a_source_is_not_said_to_be_paused() {
    let (mut scene, _) = unfetched();
    let other = watched(&mut scene, "Hooli", "Dana", contract("people_*.csv", None));
    scene.refresh();
    scene.stage.keys("2");
    let enter = Key::parse_all("<enter>").expect("a key")[0];
    let asked = scene.stage.app.update(Message::Key(enter), NOW);
    for _ in 0..3 {
        scene.stage.keys("]");
        if scene.text().contains("Another file is being fetched") {
            break;
        }
    }
    assert!(scene.text().contains("Another file is being fetched"), "{}", scene.text());
    assert!(!scene.text().contains("is paused"), "{}", scene.text());
    drop((asked, other));
}

#[test]
fn an_import_whose_mapping_nobody_has_seen_asks_for_a_look_at_it_first() {
    let csv = "First Name,Email,Shoe,Hat\nAna,ana@example.com,x,y\n";
    let mut scene = with_file(csv);
    scene.stage.keys("i");
    assert!(scene.text().contains("enter look at the mapping"), "{}", scene.text());
    scene.stage.keys("<enter>");
    assert_eq!(scene.stage.app.tab, Tab::Mapping);
    let mut scene = with_file(csv);
    scene.stage.keys("iu");
    assert!(is_unseen(&scene), "{}", scene.text());
    insta::assert_snapshot!("first_file_unseen-80x24", scene.text());
    scene.stage.resize(120, 36);
    insta::assert_snapshot!("first_file_unseen-120x36", scene.text());
    scene.stage.resize(80, 24);
    scene.stage.keys("<enter>");
    assert_eq!((scene.stage.app.tab, scene.stage.app.dialogs.len()), (Tab::Mapping, 0));
    assert_eq!(shown_file(&scene).as_deref(), Some("people.csv"));
    let mut scene = with_file(GOOD);
    scene.stage.keys("i");
    assert!(is_unseen(&scene), "{}", scene.text());
    scene.stage.mouse(MouseKind::Click, "[ Look at the mapping first").keys("1i");
    assert!(!is_unseen(&scene), "its columns were shown\n{}", scene.text());
    let mut scene = with_file(GOOD);
    scene.stage.keys("i<space>");
    assert!(is_unseen(&scene), "nothing starts from here");
    scene.stage.mouse(MouseKind::Click, "[ Import with the suggested mapping").keys("<space><enter>");
    assert_eq!(scene.imports(), 1, "{}", scene.text());
    scene.stage.keys("1i");
    assert!(!is_unseen(&scene), "the source has a mapping now\n{}", scene.text());
    assert_eq!(std::fs::read_dir(scene.landfall.workspace().join("deliveries")).expect("a directory").count(), 1);
}

#[test]
fn a_file_of_a_source_that_nobody_has_mapped_is_fetched_and_looked_at_before_its_import() {
    let (mut scene, id) = unfetched();
    seen(&mut scene);
    scene.stage.keys("f<enter>");
    assert!(is_unseen(&scene), "{}", scene.text());
    assert_eq!(scene.runs(), 0);
    scene.stage.keys("s<space><enter>1f");
    assert_eq!(scene.imports(), 1, "{}", scene.text());
    scene.stage.keys("G");
    let taken = states(&scene, id).into_iter().filter(|(_, state)| matches!(state, FoundState::Taken { .. })).count();
    assert_eq!(taken, 1, "{}", scene.text());
    for _ in 0..4 {
        if scene.text().contains("imports it again") {
            break;
        }
        scene.stage.keys("k");
    }
    assert!(scene.text().contains("enter import again"), "{}", scene.text());
}

#[test]
fn of_two_files_of_the_same_content_the_chosen_one_is_imported() {
    let (mut scene, id) = unfetched();
    put(&scene, "Globex", "people_19.csv", &people(5, 2), NOW - 2 * HOUR);
    seen(&mut scene);
    scene.stage.keys("fg<enter><esc>gj<enter><esc>");
    let kept = scene.stage.desk.store.deliveries_of(id).expect("deliveries");
    assert!(kept.len() == 2 && kept[0].path == kept[1].path, "{kept:?}");
    let older = Some(kept[1].id);
    for key in ["g", "gj"] {
        scene.stage.keys(key).keys("<enter>");
        if import::shown(&scene.stage.app).is_some_and(|import| import.wanted.delivery == older) {
            break;
        }
        scene.stage.keys("<esc>");
    }
    assert!(import::shown(&scene.stage.app).is_some(), "{}", scene.text());
    scene.stage.keys("s<space><enter>");
    assert_eq!(scene.imports(), 1, "{}", scene.text());
    let taken: Vec<String> = states(&scene, id)
        .into_iter()
        .filter(|(_, state)| matches!(state, FoundState::Taken { .. }))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(taken, [kept[1].name.clone()]);
}

#[test]
fn what_is_said_of_runs_that_wait_goes_when_they_have_begun() {
    let (mut scene, id) = unfetched();
    sync(&mut scene, id, NOW);
    scene.refresh();
    scene.stage.keys("2i<space><enter>");
    assert_eq!(scene.imports(), 1);
    assert!(!scene.text().contains("is queued"), "it has ended\n{}", scene.text());
}
