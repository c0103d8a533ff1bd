//! The dialogs of the Mapping tab that are about one column and its values: each change is one step, what is confirmed is undone exactly, and what is not changes
//! nothing.

use crate::scene::Scene;
use crate::stage::Stage;
use landfall::app::mapping::data::{ColumnProblem, ColumnProfile, ProblemKind, ProblemRow, Profile};
use landfall::app::mapping::{self, Editor};
use landfall::app::message::MouseKind;
use landfall::domain::field::Kind;
use landfall::domain::issue::Code;
use landfall::domain::mapping::{Column, Mapping};
use landfall::domain::source::{SourceEdit, SourceMode};

/// Columns of many kinds, with what is awkward in real files: day-first dates, decimal commas, statuses in another
/// language, wide and long names.
const FILE: &str = "Name,E-Mail,Customer No,Geburtstag,Status,Betrag,Stichworte,会社名 – Größe des Unternehmens in Mitarbeitern\n\
    Ana Maria Berger,ana@example.com,100001,26/06/1984,Aktiv,\"1.234,56\",rot; blau,12\n\
    Łukasz Kowalski,lukasz@example.com,100002,03/04/1990,gekündigt,\"99,90\",rot,1200\n\
    山田 太郎,taro@example.com,100003,11/12/1979,Aktiv,\"5,00\",grün; gelb,40\n";

/// A source with that file, and its mapping in the tab.
pub fn editing() -> Scene {
    let mut scene = Scene::new();
    let store = &mut scene.stage.desk.store;
    store.add_custom_field("amount", Kind::Money, Some("Amount"), &[]).expect("a field");
    let stages = ["active", "churned", "on hold"].map(str::to_owned);
    store.add_custom_field("stage", Kind::SingleOption, Some("Stage"), &stages).expect("a field");
    for name in ["Ana Berger", "Bo Lindqvist"] {
        store.add_person(name).expect("a person");
    }
    let file = scene.landfall.file("crm export.csv", FILE);
    let source = scene.add("CRM contacts", SourceMode::Ongoing);
    let edit = SourceEdit { location: Some(Some(file.to_string_lossy().into_owned())), ..SourceEdit::default() };
    scene.stage.desk.store.edit_source(source, &edit, "ann", 10).expect("the source");
    scene.refresh();
    scene.stage.keys("2");
    let editor = scene.stage.app.mapping.editor.as_deref_mut().expect("an editor");
    let to = |header: &str, key: &str| Column::to(header, key);
    let columns = vec![
        to("Name", "name"),
        to("E-Mail", "email"),
        to("Customer No", "source_ref"),
        to("Geburtstag", "date_of_birth"),
        to("Status", "custom.stage"),
        to("Betrag", "custom.amount"),
        to("Stichworte", "tags"),
        Column::unmapped("会社名 – Größe des Unternehmens in Mitarbeitern"),
    ];
    editor.draft.edit("set the stage", |mapping| mapping.columns = columns);
    editor.draft.saved_as(editor.draft.mapping().clone());
    scene
}

pub fn editor(scene: &Scene) -> &Editor {
    mapping::editor(&scene.stage.app).expect("an editor")
}

pub fn draft(scene: &Scene) -> Mapping {
    Mapping::clone(editor(scene).draft.mapping())
}

/// Selects a column by its place.
pub fn select(scene: &mut Scene, place: usize) -> &mut Stage {
    let editor = scene.stage.app.mapping.editor.as_deref_mut().expect("an editor");
    editor.list.selected = place;
    &mut scene.stage
}

/// Presses keys that make one change; that it is one step, and that undoing it restores the mapping to the letter.
/// Answers the mapping with the change.
#[track_caller]
pub fn one_step(scene: &mut Scene, keys: &str) -> Mapping {
    let before = draft(scene);
    scene.stage.keys(keys);
    let after = draft(scene);
    assert_ne!(before, after, "something changes\n{}", scene.stage.text());
    scene.stage.keys("<esc><esc><esc><esc>u");
    assert_eq!(draft(scene), before, "one undo takes all of it back");
    scene.stage.keys("U");
    assert_eq!(draft(scene), after, "and it can be done again");
    scene.stage.keys("u");
    after
}

/// A profile by hand: what the file says about two of its columns.
fn with_profile(scene: &mut Scene) {
    let row =
        |row: u64, value: &str| ProblemRow { row, line: row + 1, value: value.to_owned(), guidance: String::new() };
    let mut columns = vec![ColumnProfile::default(); 8];
    columns[3].problems =
        vec![ColumnProblem { what: ProblemKind::DayFirst, count: 1, rows: vec![row(1, "26/06/1984")] }];
    let rows = vec![row(1, "Aktiv"), row(2, "gekündigt")];
    columns[4].problems = vec![ColumnProblem { what: ProblemKind::NotDeclared(Code::OptionUnknown), count: 3, rows }];
    let revision = editor(scene).draft.revision();
    let profile = Profile {
        revision,
        rows: 3,
        bytes: 400,
        bytes_expected: Some(400),
        is_done: true,
        short_rows: 0,
        first_short_row: None,
        unreadable_rows: 0,
        first_unreadable_row: None,
        columns,
    };
    scene.stage.app.mapping.editor.as_deref_mut().expect("an editor").profile = Some(profile);
}

#[test]
fn the_options_of_a_column_are_those_of_its_field_with_what_they_do_to_its_values() {
    let mut scene = editing();
    with_profile(&mut scene);
    select(&mut scene, 3).keys("t");
    shown!("mapping-options-date", scene.stage);
    scene.stage.keys("j<enter>");
    shown!("mapping-options-date-order", scene.stage);
    scene.stage.keys("<down><enter>");
    assert!(scene.stage.text().contains("1984-06-26"), "{}", scene.stage.text());
    scene.stage.keys("<esc>");
    select(&mut scene, 7).keys("t");
    shown!("mapping-options-unmapped", scene.stage);
    scene.stage.keys("<esc>");
    select(&mut scene, 6).keys("tj");
    shown!("mapping-options-list", scene.stage);
}

#[test]
fn each_option_is_changed_in_one_step_that_undo_takes_back() {
    let mut scene = editing();
    select(&mut scene, 3);
    let column = |mapping: Mapping, place: usize| mapping.columns[place].clone();
    assert!(column(one_step(&mut scene, "t<enter>"), 3).required);
    let order = column(one_step(&mut scene, "tj<enter>day<enter>"), 3).date_order;
    assert_eq!(order, Some(landfall::domain::values::date::DateOrder::DayFirst));
    select(&mut scene, 5);
    let mark = column(one_step(&mut scene, "tj<enter>comma<enter>"), 5).decimal;
    assert_eq!(mark, Some(landfall::domain::values::number::DecimalMark::Comma));
    select(&mut scene, 6);
    let separator = column(one_step(&mut scene, "tj<enter>semi<enter>"), 6).separator;
    assert_eq!(separator, Some(landfall::domain::values::list::Separator::Semicolon));
    assert!(column(one_step(&mut scene, "tjj<enter>"), 6).replace);
    select(&mut scene, 0);
    let replaced = column(one_step(&mut scene, "tjj<enter>Dr. <enter><enter>"), 0).find_replace;
    assert_eq!((replaced[0].find.as_str(), replaced[0].put.as_str()), ("Dr. ", ""));
    let case = column(one_step(&mut scene, "tjjj<enter>UPP<enter>"), 0).case;
    assert_eq!(case, Some(landfall::domain::transform::Case::Upper));
}

#[test]
fn escape_changes_nothing_in_any_dialog() {
    let mut scene = editing();
    let before = draft(&scene);
    let revision = editor(&scene).draft.revision();
    for (place, keys) in [
        (3, "t<esc>"),
        (3, "tj<enter><down><esc><esc>"),
        (0, "tjj<enter>x<tab>y<esc><esc><esc>"),
        (0, "tG<enter>jj<enter><down><esc><esc><esc>"),
        (4, "tj<enter><enter><down><esc><esc><esc>"),
        (0, "C<esc>"),
        (0, "CaTags<esc><esc>"),
        (0, "r<enter>win<esc><esc>"),
        (0, "r=<esc><esc>"),
        (0, "m<esc>"),
        (0, "mSx<esc><esc>"),
    ] {
        select(&mut scene, place).keys(keys);
        assert!(scene.stage.app.dialogs.is_empty(), "{keys}\n{}", scene.stage.text());
        assert_eq!(draft(&scene), before, "{keys}");
    }
    assert_eq!(editor(&scene).draft.revision(), revision, "nor is there anything to undo");
}

#[test]
fn replacements_are_added_changed_and_removed() {
    let mut scene = editing();
    select(&mut scene, 0).keys("tjj<enter>Maria <enter>M. <enter>aa<enter>b<enter>");
    shown!("mapping-replacements", scene.stage);
    scene.stage.keys("<enter><enter><c-u>X <enter>");
    let pairs = &draft(&scene).columns[0].find_replace;
    assert_eq!((pairs[0].put.as_str(), pairs[1].find.as_str()), ("X ", "a"), "{pairs:?}");
    scene.stage.keys("jx");
    assert_eq!(draft(&scene).columns[0].find_replace.len(), 1);
    scene.stage.keys("a<enter><enter>");
    assert!(scene.stage.text().contains("Say what is to be found."), "{}", scene.stage.text());
}

#[test]
fn a_column_of_names_is_split_into_its_parts_in_one_step() {
    let mut scene = editing();
    select(&mut scene, 0).keys("tG<enter>");
    shown!("mapping-split", scene.stage);
    let split = one_step(&mut scene, "<c-s>").columns[0].split.clone().expect("a split");
    assert_eq!((split.at.as_str(), split.from_end), (" ", true));
    assert_eq!(split.into, ["first_name", "last_name"]);
    select(&mut scene, 0).keys("tG<enter>jjj<enter>email<enter><c-s>");
    assert!(scene.stage.text().contains("\"email\"") || scene.stage.text().contains("email"), "{}", scene.stage.text());
    shown!("mapping-split-refused", scene.stage);
}

#[test]
fn their_values_are_translated_to_ours_as_one_step() {
    let mut scene = editing();
    with_profile(&mut scene);
    select(&mut scene, 4).keys("tj<enter>");
    shown!("mapping-values", scene.stage);
    scene.stage.keys("<enter>");
    shown!("mapping-values-choice", scene.stage);
    scene.stage.keys("<esc><esc><esc>");
    let values =
        one_step(&mut scene, "tj<enter><enter>activ<enter>j<enter>nothing<enter><esc>").columns[4].values.clone();
    let of = |theirs: &str| values.get(theirs).map(String::as_str);
    assert_eq!((of("Aktiv"), of("gekündigt")), (Some("active"), Some("")));
    let before = draft(&scene);
    with_profile(&mut scene);
    select(&mut scene, 4).keys("tj<enter><enter>activ<enter><c-c>");
    assert_eq!(draft(&scene), before, "it can be left without a change");
}

#[test]
fn a_value_map_of_two_thousand_values_and_one_of_none_are_shown() {
    let mut scene = editing();
    let values = (0..2_000).map(|at| (format!("value number {at:04}"), format!("ours {}", at % 7))).collect();
    let editor = scene.stage.app.mapping.editor.as_deref_mut().expect("an editor");
    editor.draft.edit("fill it", |mapping| mapping.columns[6].values = values);
    select(&mut scene, 6).keys("tjjj<enter>G");
    shown!("mapping-values-many", scene.stage);
    scene.stage.keys("<c-c><esc>");
    let editor = scene.stage.app.mapping.editor.as_deref_mut().expect("an editor");
    editor.opened.columns[4].samples.clear();
    editor.preview = None;
    editor.profile = None;
    select(&mut scene, 4).keys("tj<enter>");
    shown!("mapping-values-none", scene.stage);
    scene.stage.keys("aVIP<enter><enter>hold<enter><esc>");
    assert_eq!(draft(&scene).columns[4].values["VIP"], "on hold");
}

#[test]
fn owners_are_translated_to_the_people_there_are() {
    let mut scene = editing();
    let editor = scene.stage.app.mapping.editor.as_deref_mut().expect("an editor");
    editor.draft.edit("an owner", |mapping| mapping.columns[0].field = Some("owner".to_owned()));
    select(&mut scene, 0);
    let values = one_step(&mut scene, "tj<enter><enter>lind<enter><esc>").columns[0].values.clone();
    assert_eq!(values["Ana Maria Berger"], "Bo Lindqvist");
}

#[test]
fn a_column_is_joined_to_the_one_before_it_with_what_was_typed_to_the_letter() {
    let mut scene = editing();
    let editor = scene.stage.app.mapping.editor.as_deref_mut().expect("an editor");
    editor.draft.edit("two names", |mapping| mapping.columns[4].field = Some("name".to_owned()));
    select(&mut scene, 0).keys("t");
    assert!(!scene.stage.text().contains("Join"), "there is none before it\n{}", scene.stage.text());
    scene.stage.keys("<esc>");
    select(&mut scene, 4).keys("tGk<enter>");
    shown!("mapping-join", scene.stage);
    scene.stage.keys("<esc><esc>");
    for (typed, between) in [(" ", " "), (" / ", " / "), ("<down>", " "), ("<down><down>", ", ")] {
        let joined = one_step(&mut scene, &format!("tGk<enter>{typed}<enter>")).columns[4].join.clone();
        assert_eq!(joined.as_deref(), Some(between), "{typed}");
    }
}

#[test]
fn constants_are_added_changed_and_removed_each_as_one_step() {
    let mut scene = editing();
    scene.stage.keys("C");
    shown!("mapping-constants-none", scene.stage);
    scene.stage.keys("a");
    shown!("mapping-constants-field", scene.stage);
    scene.stage.keys("<esc><esc>");
    let constants = one_step(&mut scene, "CaLead Source<enter>trade fair<enter>").constants;
    assert_eq!((constants[0].field.as_str(), constants[0].value.as_str()), ("source", "trade fair"));
    scene.stage.keys("CaLead Source<enter>trade fair<enter>aCountry<enter>DE<enter>");
    shown!("mapping-constants", scene.stage);
    scene.stage.keys("<enter><c-u>AT<enter>");
    assert_eq!(draft(&scene).constants[1].value, "AT");
    scene.stage.keys("x");
    assert_eq!(draft(&scene).constants.len(), 1);
    scene.stage.keys("aDo Not<enter>");
    assert!(scene.stage.text().contains("yes"), "a field of options is chosen from\n{}", scene.stage.text());
    scene.stage.keys("<esc>aTimezone<enter>Berlin<enter>");
    assert_eq!(draft(&scene).constants[1].value, "Europe/Berlin");
    scene.stage.keys("<esc>");
    assert!(scene.stage.text().contains("✓ Timezone = "), "{}", scene.stage.text());
}

#[test]
fn entries_lines_and_buttons_are_clicked() {
    let mut scene = editing();
    select(&mut scene, 3).keys("t");
    scene.stage.mouse(MouseKind::Click, "Date order").mouse(MouseKind::Click, "Date order");
    scene.stage.mouse(MouseKind::Click, "day first   ").mouse(MouseKind::Click, "day first   ");
    assert!(draft(&scene).columns[3].date_order.is_some(), "{}", scene.stage.text());
    scene.stage.keys("<esc>r");
    scene.stage.mouse(MouseKind::Click, "Country").mouse(MouseKind::Click, "Country");
    assert!(scene.stage.text().contains("type part of it"), "{}", scene.stage.text());
    scene.stage.keys("<esc><esc>");
    mapping::new_field::open(&mut scene.stage.app, None, "Plan");
    scene.stage.keys("<tab>");
    scene.stage.mouse(MouseKind::Click, "[ Cancel ]");
    assert!(scene.stage.app.dialogs.is_empty(), "{}", scene.stage.text());
}

#[test]
fn no_dialog_panics_at_any_size() {
    for (place, keys) in [
        (3, "t"),
        (3, "tj<enter>"),
        (0, "tjj<enter>"),
        (0, "tG<enter>"),
        (4, "tj<enter>"),
        (0, "C"),
        (0, "r"),
        (0, "r="),
        (0, "m"),
        (0, "mS"),
    ] {
        let mut scene = editing();
        with_profile(&mut scene);
        select(&mut scene, place).keys(keys);
        for (width, height) in [(0, 0), (1, 1), (5, 3), (12, 6), (20, 8), (40, 10), (79, 12), (200, 60)] {
            scene.stage.resize(width, height);
        }
    }
    let mut scene = editing();
    mapping::new_field::open(&mut scene.stage.app, None, "Plan");
    for (width, height) in [(0, 0), (3, 2), (12, 6), (30, 9), (200, 60)] {
        scene.stage.resize(width, height);
    }
}
