//! The dialogs of the Mapping tab: each change is one step, what is confirmed is undone exactly, and what is not changes
//! nothing.

use crate::scene::{HOUR, Scene};
use crate::stage::{NOW, Stage};
use landfall::app::mapping::data::{
    ColumnProblem, ColumnProfile, CompareWanted, Compared, ProblemKind, ProblemRow, Profile, Saved, SavedLine,
    SavedVersion,
};
use landfall::app::mapping::{self, Editor};
use landfall::app::message::{Act, Answer, Done, Effect, Failure, Message, MouseKind, Question, Ticket};
use landfall::domain::field::Kind;
use landfall::domain::issue::Code;
use landfall::domain::mapping::{Column, Mapping};
use landfall::domain::source::{SourceEdit, SourceMode};
use std::sync::Arc;

/// Columns of many kinds, with what is awkward in real files: day-first dates, decimal commas, statuses in another
/// language, wide and long names.
const FILE: &str = "Name,E-Mail,Customer No,Geburtstag,Status,Betrag,Stichworte,会社名 – Größe des Unternehmens in Mitarbeitern\n\
    Ana Maria Berger,ana@example.com,100001,26/06/1984,Aktiv,\"1.234,56\",rot; blau,12\n\
    Łukasz Kowalski,lukasz@example.com,100002,03/04/1990,gekündigt,\"99,90\",rot,1200\n\
    山田 太郎,taro@example.com,100003,11/12/1979,Aktiv,\"5,00\",grün; gelb,40\n";

/// A source with that file, and its mapping in the tab.
fn editing() -> Scene {
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
    scene.stage.desk.store.edit_source(source, &edit).expect("the source");
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

fn editor(scene: &Scene) -> &Editor {
    mapping::editor(&scene.stage.app).expect("an editor")
}

fn draft(scene: &Scene) -> Mapping {
    Mapping::clone(editor(scene).draft.mapping())
}

/// Selects a column by its place.
fn select(scene: &mut Scene, place: usize) -> &mut Stage {
    let editor = scene.stage.app.mapping.editor.as_deref_mut().expect("an editor");
    editor.list.selected = place;
    &mut scene.stage
}

/// Presses keys that make one change; that it is one step, and that undoing it restores the mapping to the letter.
/// Answers the mapping with the change.
#[track_caller]
fn one_step(scene: &mut Scene, keys: &str) -> Mapping {
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
}

#[test]
fn the_file_is_read_otherwise_as_one_step_and_undo_reads_it_as_before() {
    let mut scene = editing();
    scene.stage.keys("r");
    shown!("mapping-reading", scene.stage);
    scene.stage.keys("j<enter>");
    shown!("mapping-reading-delimiter", scene.stage);
    let before = draft(&scene);
    scene.stage.keys("semi<enter>");
    let columns =
        |scene: &Scene| editor(scene).opened.columns.iter().map(|look| look.header.clone()).collect::<Vec<_>>();
    assert_ne!(columns(&scene).len(), 8, "the columns are other ones\n{}", scene.stage.text());
    assert_eq!(draft(&scene).columns.len(), columns(&scene).len());
    assert_eq!(draft(&scene).reading.delimiter.as_deref(), Some(";"));
    scene.stage.keys("<esc>u");
    assert_eq!(draft(&scene), before);
    assert_eq!(columns(&scene).len(), 8, "the file is read as before\n{}", scene.stage.text());
    scene.stage.keys("U");
    assert_ne!(columns(&scene).len(), 8);
    scene.stage.keys("u");
    let german = one_step(&mut scene, "rjjjj<enter>Germany<enter>");
    assert_eq!((german.reading.country.as_deref(), &german.columns), (Some("DE"), &before.columns));
    scene.stage.keys("rjjjj<enter>Germany<enter><bs>");
    assert_eq!(draft(&scene).reading, before.reading, "backspace goes back to what is detected");
}

#[test]
fn while_the_file_is_opened_anew_nothing_else_is_said_of_it() {
    let mut scene = editing();
    scene.stage.keys("r<down><enter>semi");
    let update = |scene: &mut Scene, key: &str| {
        let key = landfall::app::key::Key::parse(key).expect("a key");
        scene.stage.app.update(Message::Key(key), NOW)
    };
    let asked = update(&mut scene, "<enter>");
    assert!(matches!(&asked[..], [Effect::Ask(_, Question::OpenMapping(_))]), "{asked:?}");
    for key in ["<enter>", "<bs>", "="] {
        assert!(update(&mut scene, key).is_empty(), "{key}");
        assert_eq!(scene.stage.app.dialogs.len(), 1, "{key}");
    }
    scene.stage.carry_out(asked);
    assert_eq!(draft(&scene).reading.delimiter.as_deref(), Some(";"));
    assert!(update(&mut scene, "<enter>").is_empty() && scene.stage.app.dialogs.len() == 2, "then it goes on");
}

#[test]
fn a_file_that_is_gone_when_a_step_is_undone_takes_nothing_of_the_draft_with_it() {
    let mut scene = editing();
    let before = draft(&scene);
    scene.stage.keys("r<down><enter>semi<enter><esc>");
    assert_ne!(draft(&scene), before);
    std::fs::remove_file(scene.landfall.dir().join("crm export.csv")).expect("the file");
    scene.stage.keys("u");
    assert_eq!(draft(&scene), before);
    let looks = editor(&scene).opened.columns.iter().map(|look| &look.header);
    assert!(looks.eq(before.columns.iter().map(|column| &column.header)), "one is known of each column");
    assert!(scene.stage.text().contains("is not there"), "{}", scene.stage.text());
}

#[test]
fn a_header_row_that_is_none_is_told_in_the_dialog_and_changes_nothing() {
    let mut scene = editing();
    let before = draft(&scene);
    scene.stage.keys("rjjj<enter>");
    shown!("mapping-reading-header", scene.stage);
    scene.stage.keys("900<enter>");
    assert!(scene.stage.text().contains("line 900, named as the header row"), "{}", scene.stage.text());
    assert_eq!(draft(&scene), before);
    scene.stage.keys("<enter>two<enter>");
    assert!(scene.stage.text().contains("no line of the file"), "{}", scene.stage.text());
    assert_eq!((draft(&scene), editor(&scene).draft.can_redo()), (before, false));
}

#[test]
fn another_encoding_keeps_what_was_decided_about_columns_whose_headers_it_writes_otherwise() {
    let mut scene = editing();
    select(&mut scene, 7).keys("t<esc>");
    let editor_now = scene.stage.app.mapping.editor.as_deref_mut().expect("an editor");
    editor_now.draft.edit("map it", |mapping| mapping.columns[7].field = Some("company".to_owned()));
    scene.stage.keys("r<enter>windows-1252<enter>");
    let column = draft(&scene).columns[7].clone();
    assert!(column.header.contains("GrÃ¶"), "{}", column.header);
    assert_eq!(column.field.as_deref(), Some("company"));
}

/// Sends an answer to the question that was asked last, as the shell would.
fn answer(scene: &mut Scene, slot_of: &Question, answer: Result<Answer, Failure>) {
    let mut fx = landfall::app::Effects::default();
    scene.stage.app.ask(slot_of.clone(), &mut fx);
    let Some(Effect::Ask(Ticket { slot, number }, _)) = fx.list.pop() else { panic!("a question") };
    scene.stage.send(Message::Answered(Ticket { slot, number }, answer));
}

#[test]
fn two_encodings_stand_side_by_side_and_the_right_one_is_taken() {
    let mut scene = editing();
    scene.stage.keys("r=");
    let wanted =
        CompareWanted { source: editor(&scene).source(), encodings: ["UTF-8".to_owned(), "windows-1252".to_owned()] };
    let cell = |row, column: &str, left: &str, right: Option<&str>| {
        (row, column.to_owned(), [Some(left.to_owned()), right.map(str::to_owned)])
    };
    let cells = vec![
        cell(2, "Name", "Łukasz Kowalski", Some("Å\u{81}ukasz Kowalski")),
        cell(3, "Name", "山田 太郎", None),
        cell(2, "Status", "gekündigt", Some("gekÃ¼ndigt")),
        cell(4, "Notes \u{1b}[31m", "same", Some("same")),
    ];
    let compared = Compared { wanted: wanted.clone(), cells };
    answer(&mut scene, &Question::Compare(Box::new(wanted.clone())), Ok(Answer::Compared(Box::new(compared))));
    shown!("mapping-encodings", scene.stage);
    let none = Compared { wanted: wanted.clone(), cells: Vec::new() };
    answer(&mut scene, &Question::Compare(Box::new(wanted)), Ok(Answer::Compared(Box::new(none))));
    assert!(scene.stage.text().contains("plain ASCII"), "{}", scene.stage.text());
    let taken = one_step(&mut scene, "<enter>");
    assert_eq!(taken.reading.encoding.as_deref(), Some("windows-1252"));
}

fn saved(name: &str, version: u64, by: &str) -> Saved {
    Saved { name: name.to_owned(), version, by: by.to_owned(), at_ms: NOW - (5 - version as i64) * HOUR }
}

fn saved_lines() -> Vec<SavedLine> {
    let line = |name: &str, version, sources: &[&str], is_for_header| SavedLine {
        saved: saved(name, version, "ana"),
        sources: sources.iter().map(|name| (*name).to_owned()).collect(),
        is_for_header,
        versions: (1..version).rev().map(|version| saved(name, version, "bo")).collect(),
    };
    vec![
        line("a mapping with a name that goes on and on – 会社名の長い名前", 1, &[], false),
        line("crm", 3, &["CRM contacts", "CRM test"], true),
    ]
}

#[test]
fn a_saved_mapping_is_compared_and_loaded_as_one_step() {
    let mut scene = editing();
    scene.stage.keys("m");
    let question = Question::SavedMappings(editor(&scene).source());
    answer(&mut scene, &question, Ok(Answer::SavedMappings(Vec::new())));
    shown!("mapping-saved-none", scene.stage);
    answer(&mut scene, &question, Ok(Answer::SavedMappings(saved_lines())));
    shown!("mapping-saved", scene.stage);
    let mut mapping = draft(&scene);
    mapping.columns[1] = Column { leave_out: true, ..Column::unmapped("E-Mail") };
    mapping.columns[3].date_order = Some(landfall::domain::values::date::DateOrder::DayFirst);
    mapping.columns.remove(7);
    mapping.columns.push(Column::to("Gone", "notes"));
    let version = SavedVersion { saved: saved("crm", 3, "ana"), mapping };
    let asked = Question::SavedMapping("crm".to_owned(), None);
    scene.stage.keys("=");
    let before = draft(&scene);
    // What was wanted of the mapping is remembered by the dialog.
    set_wanted(&mut scene, &asked, &version, '=');
    shown!("mapping-saved-compared", scene.stage);
    scene.stage.keys("<esc>");
    set_wanted(&mut scene, &asked, &version, 'l');
    assert!(scene.stage.app.dialogs.is_empty(), "{}", scene.stage.text());
    // What was said of it gives way to what the preview says, where that cannot be made.
    let loaded = draft(&scene);
    assert_eq!((loaded.columns.len(), loaded.columns[1].leave_out), (8, true));
    scene.stage.keys("u");
    assert_eq!(draft(&scene), before);
}

/// Presses the key that asks for the selected mapping, and answers with this one.
fn set_wanted(scene: &mut Scene, asked: &Question, version: &SavedVersion, key: char) {
    let key = if key == '=' { "=" } else { "<enter>" };
    let key = landfall::app::key::Key::parse(key).expect("a key");
    let effects = scene.stage.app.update(Message::Key(key), NOW);
    assert!(matches!(&effects[..], [Effect::Ask(_, Question::SavedMapping(..))]), "{effects:?}");
    answer(scene, asked, Ok(Answer::SavedMapping(Box::new(version.clone()))));
}

#[test]
fn the_versions_of_a_mapping_are_compared_with_each_other() {
    let mut scene = editing();
    scene.stage.keys("m");
    let question = Question::SavedMappings(editor(&scene).source());
    answer(&mut scene, &question, Ok(Answer::SavedMappings(saved_lines())));
    scene.stage.keys("h");
    let mut mapping = draft(&scene);
    for version in [3, 2] {
        let of = SavedVersion { saved: saved("crm", version, "bo"), mapping: mapping.clone() };
        let asked = Question::SavedMapping("crm".to_owned(), Some(version));
        answer(&mut scene, &asked, Ok(Answer::SavedMapping(Box::new(of))));
        mapping.columns[4] = Column { leave_out: true, ..Column::unmapped("Status") };
    }
    shown!("mapping-versions", scene.stage);
    scene.stage.keys("d");
    assert!(scene.stage.text().contains("~ Status: left out → Stage"), "{}", scene.stage.text());
    scene.stage.keys("<esc><enter>");
    assert!(scene.stage.app.dialogs.is_empty(), "the version is loaded\n{}", scene.stage.text());
}

#[test]
fn the_draft_is_saved_under_another_name_and_written_to_a_new_file() {
    let mut scene = editing();
    let acts = |scene: &mut Scene, keys: &str| {
        let mut acts = Vec::new();
        for key in landfall::app::key::Key::parse_all(keys).expect("keys") {
            let effects = scene.stage.app.update(Message::Key(key), NOW);
            acts.extend(effects.into_iter().filter_map(|effect| match effect {
                Effect::Do(act) => Some(act),
                _ => None,
            }));
        }
        acts
    };
    scene.stage.keys("mS");
    shown!("mapping-save-as", scene.stage);
    let did = acts(&mut scene, "crm two<enter>");
    let [Act::SaveMapping(save)] = &did[..] else { panic!("{did:?}") };
    assert_eq!((save.name.as_deref(), &*save.mapping), (Some("crm two"), &draft(&scene)));
    scene.stage.keys("<esc>m");
    let did = acts(&mut scene, "e<enter>");
    let [Act::ExportMapping(mapping, path)] = &did[..] else { panic!("{did:?}") };
    assert_eq!(
        (&**mapping, path.file_name().and_then(|name| name.to_str())),
        (&draft(&scene), Some("crm-contacts.toml"))
    );
}

#[test]
fn a_mapping_from_a_file_is_chosen_with_the_file_picker_and_loaded_as_one_step() {
    let mut scene = editing();
    let mut mapping = draft(&scene);
    mapping.columns[6] = Column { leave_out: true, ..Column::unmapped("Stichworte") };
    let path = scene.landfall.file("theirs.toml", mapping.to_toml());
    let before = draft(&scene);
    scene.stage.keys("mo");
    assert!(scene.stage.text().contains("theirs.toml"), "{}", scene.stage.text());
    answer(&mut scene, &Question::MappingFile(path.clone()), Ok(Answer::MappingFile(path, Box::new(mapping.clone()))));
    assert_eq!(draft(&scene), mapping);
    assert!(scene.stage.app.dialogs.is_empty(), "{}", scene.stage.text());
    scene.stage.keys("u");
    assert_eq!(draft(&scene), before);
}

#[test]
fn a_new_field_is_made_for_a_column_which_goes_there_as_one_step() {
    let mut scene = editing();
    select(&mut scene, 7).keys("F<c-u>Größe des Unternehmens<tab>");
    shown!("mapping-new-field", scene.stage);
    scene.stage.keys("<tab><enter>Numb<enter>");
    assert!(scene.stage.text().contains("‹ Number ›"), "{}", scene.stage.text());
    let key = landfall::app::key::Key::parse("<c-s>").expect("a key");
    let effects = scene.stage.app.update(Message::Key(key), NOW);
    let [Effect::Do(Act::AddField(new))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((new.key.as_str(), new.kind), ("grosse_des_unternehmens", Kind::Number));
    let failure = Failure { message: "The disk is full.".to_owned(), next: String::new() };
    scene.stage.send(Message::Done(landfall::app::message::AwaitedBy::Mapping, Err(failure)));
    shown!("mapping-new-field-failed", scene.stage);
    let before = draft(&scene);
    scene.stage.app.update(Message::Key(key), NOW);
    let store = &mut scene.stage.desk.store;
    store.add_custom_field(&new.key, new.kind, Some(&new.label), &new.options).expect("a field");
    scene.stage.send(Message::Done(
        landfall::app::message::AwaitedBy::Mapping,
        Ok(Done::FieldAdded("custom.grosse_des_unternehmens".to_owned())),
    ));
    assert!(scene.stage.app.dialogs.is_empty(), "{}", scene.stage.text());
    assert_eq!(draft(&scene).columns[7].field.as_deref(), Some("custom.grosse_des_unternehmens"));
    assert!(editor(&scene).opened.catalog.by_key("custom.grosse_des_unternehmens").is_some());
    scene.stage.keys("u");
    assert_eq!(draft(&scene), before);
}

#[test]
fn a_field_that_cannot_be_made_says_why_before_anything_is_done() {
    let mut scene = editing();
    for (label, typed, why) in
        [("", "<c-s>", "needs a name"), ("東京", "<c-s>", "small letters"), ("Stage", "<c-s>", "already")]
    {
        mapping::new_field::open(&mut scene.stage.app, None, label);
        scene.stage.keys(typed);
        assert!(scene.stage.text().contains(why), "{label}\n{}", scene.stage.text());
        scene.stage.keys("<esc>");
    }
    mapping::new_field::open(&mut scene.stage.app, None, "Plan");
    scene.stage.keys("<tab><tab> Single<enter>");
    shown!("mapping-new-field-options", scene.stage);
}

#[test]
fn entries_lines_and_buttons_are_clicked() {
    let mut scene = editing();
    select(&mut scene, 3).keys("t");
    scene.stage.mouse(MouseKind::Click, "Date order").mouse(MouseKind::Click, "Date order");
    scene.stage.mouse(MouseKind::Click, "day first").mouse(MouseKind::Click, "day first");
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
    assert!(Arc::strong_count(&editor(&scene).opened.catalog) > 0);
}
