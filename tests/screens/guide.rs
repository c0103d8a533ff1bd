//! The guided first import: from an empty workspace to a result, and back at any time.

use crate::scene::{HOUR, NEWS, Scene};
use crate::stage::NOW;
use landfall::app::Tab;
use landfall::app::guide::{self, Place};
use landfall::app::message::MouseKind;

fn place(scene: &Scene) -> Option<Place> {
    guide::place(&scene.stage.app)
}

#[test]
fn an_empty_workspace_leads_to_a_result_in_a_few_keys() {
    let mut scene = Scene::new();
    let people = scene.landfall.file("people.csv", NEWS);
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_millis((NOW - HOUR) as u64);
    std::fs::File::options().write(true).open(people).and_then(|file| file.set_modified(at)).expect("a date");
    shown!("guide_welcome", scene.stage);
    scene.stage.keys("<enter>people");
    assert_eq!(place(&scene), Some(Place::File));
    insta::assert_snapshot!("guide_file", scene.text());
    scene.stage.keys("<enter>");
    assert_eq!((place(&scene), scene.stage.app.tab), (Some(Place::Mapping), Tab::Mapping));
    let editor = landfall::app::mapping::editor(&scene.stage.app).expect("a mapping");
    assert_eq!(editor.opened.source_name, "people");
    assert!(scene.stage.text().contains("✓ 1 File › ▌2 Mapping › 3 Review"), "{}", scene.stage.text());
    scene.stage.keys("1i");
    assert_eq!(place(&scene), Some(Place::Review));
    shown!("guide_review", scene.stage);
    scene.stage.keys("<space><enter>");
    assert_eq!((place(&scene), scene.stage.app.tab), (Some(Place::Result), Tab::Runs));
    shown!("guide_result", scene.stage);
    assert_eq!(scene.imports(), 1);
    scene.stage.keys("1");
    assert_eq!(place(&scene), None, "the result was seen");
}

#[test]
fn back_leads_one_step_back_and_loses_nothing() {
    let mut scene = Scene::new();
    scene.landfall.file("people.csv", NEWS);
    scene.landfall.file("others.csv", NEWS);
    scene.stage.keys("<enter>people<esc>");
    assert_eq!((place(&scene), scene.stage.app.dialogs.len()), (Some(Place::File), 0));
    scene.stage.keys("<enter>people<enter>1i<space>");
    assert_eq!(place(&scene), Some(Place::Review));
    scene.stage.keys("<bs>");
    assert_eq!((place(&scene), scene.stage.app.tab), (Some(Place::Mapping), Tab::Mapping));
    scene.stage.keys("<bs>");
    assert_eq!(place(&scene), Some(Place::File));
    scene.stage.keys("<esc>");
    assert_eq!(place(&scene), Some(Place::Mapping), "nothing was picked: the mapping is still there");
    scene.stage.keys("<bs>others<enter>");
    assert_eq!(place(&scene), Some(Place::Mapping));
    let editor = landfall::app::mapping::editor(&scene.stage.app).expect("a mapping");
    assert_eq!(editor.opened.file.as_ref().map(|file| file.name.as_str()), Some("others.csv"));
    assert_eq!(scene.stage.app.sources.lines.as_ref().map(Vec::len), Some(1), "still one source");
    assert_eq!(scene.imports(), 0);
}

#[test]
fn the_guide_can_be_left_at_any_time() {
    let mut scene = Scene::new();
    scene.landfall.file("people.csv", NEWS);
    scene.stage.keys("<enter>people<enter>Q");
    assert_eq!(place(&scene), None);
    assert!(!scene.stage.text().contains("1 File"), "{}", scene.stage.text());
    assert_eq!(scene.stage.app.tab, Tab::Mapping, "everything stays as it was");
}

#[test]
fn leaving_all_undecided_columns_out_does_not_leave_the_guide() {
    let mut scene = Scene::new();
    scene.landfall.file("people.csv", "Email,Wish,Colour\na@example.com,x,y\n");
    scene.stage.keys("<enter>people<enter>");
    assert!(scene.stage.text().contains("X leave out all 2"), "{}", scene.stage.text());
    scene.stage.keys("XX");
    assert_eq!(place(&scene), Some(Place::Mapping));
    assert!(!scene.stage.text().contains("undecided"), "{}", scene.stage.text());
}

#[test]
fn a_sample_file_is_written_once_and_can_be_picked() {
    let mut scene = Scene::new();
    scene.stage.keys("w");
    let path = scene.landfall.dir().join("landfall-sample.csv");
    assert_eq!(std::fs::read_to_string(&path).expect("the sample"), landfall::cli::sample::SAMPLE);
    std::fs::write(&path, "mine").expect("a file");
    scene.stage.keys("w");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "mine");
    assert!(scene.stage.text().contains("is there already"), "{}", scene.stage.text());
    std::fs::write(&path, landfall::cli::sample::SAMPLE).expect("a file");
    scene.stage.keys("<enter>sample<enter>1i<space>");
    scene.stage.mouse(MouseKind::Click, "[ Start (enter) ]");
    assert_eq!((scene.imports(), place(&scene)), (1, Some(Place::Result)), "{}", scene.stage.text());
}

#[test]
fn a_form_that_is_added_and_mapped_leads_to_the_mapping_of_its_source() {
    let mut scene = Scene::new();
    scene.landfall.file("people.csv", NEWS);
    scene.stage.keys("afpeople<enter><c-u>Guests of 2026").keys(&"<tab>".repeat(20)).keys("<enter>");
    assert_eq!(scene.stage.app.tab, Tab::Mapping);
    let editor = landfall::app::mapping::editor(&scene.stage.app).expect("a mapping");
    assert_eq!(editor.opened.source_name, "Guests of 2026");
}
