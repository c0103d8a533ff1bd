//! The dialogs of the Mapping tab that are about the whole file and its mapping: how it is read, saved mappings, new
//! fields.

use crate::mapping_dialogs::{draft, editing, editor, one_step, select};
use crate::scene::{HOUR, Scene};
use crate::stage::NOW;
use landfall::app::mapping;
use landfall::app::mapping::data::{CompareWanted, Compared, Saved, SavedLine, SavedVersion};
use landfall::app::message::{Act, Answer, Done, Effect, Failure, Message, Question, Ticket};
use landfall::domain::field::Kind;
use landfall::domain::mapping::Column;

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
fn a_draft_that_reads_the_file_otherwise_is_opened_as_it_reads_it_wherever_one_comes_from() {
    let mut scene = editing();
    scene.stage.keys("r<down><enter>semi<enter><esc>");
    let before = draft(&scene);
    assert_eq!(before.columns.len(), editor(&scene).opened.columns.len());
    scene.stage.keys("1ie");
    assert_eq!(draft(&scene), before, "{}", scene.stage.text());
    assert_eq!(editor(&scene).opened.mapping.reading, before.reading);
    assert!(editor(&scene).preview.as_ref().is_some_and(|preview| preview.blocked.is_some()), "{}", scene.stage.text());
    scene.stage.keys("u");
    assert_eq!(draft(&scene).columns.len(), 8, "its steps are there, too");
}

#[test]
fn of_two_openings_of_a_file_the_later_one_counts_and_nothing_waits_for_ever() {
    let mut scene = editing();
    let key = landfall::app::key::Key::parse("<enter>").expect("a key");
    scene.stage.keys("r<down><enter>semi");
    let asked = scene.stage.app.update(Message::Key(key), NOW);
    scene.stage.keys("<esc>");
    scene.stage.keys("1i");
    let later = scene.stage.app.update(Message::Key(landfall::app::key::Key::parse("e").expect("a key")), NOW);
    scene.stage.carry_out(asked);
    scene.stage.carry_out(later);
    assert!(draft(&scene).reading.delimiter.is_none(), "what was asked for last counts\n{}", scene.stage.text());
    scene.stage.keys("r<down><enter>semi<enter><esc>");
    assert_eq!(draft(&scene).reading.delimiter.as_deref(), Some(";"), "and nothing waits for ever");
}

#[test]
fn a_dialog_about_a_column_closes_when_the_columns_become_others() {
    let mut scene = editing();
    scene.stage.keys("r<down><enter>semi");
    let key = landfall::app::key::Key::parse("<enter>").expect("a key");
    let asked = scene.stage.app.update(Message::Key(key), NOW);
    scene.stage.keys("<esc><down><down><enter>");
    assert!(!scene.stage.app.dialogs.is_empty(), "{}", scene.stage.text());
    scene.stage.carry_out(asked);
    assert_eq!(draft(&scene).reading.delimiter.as_deref(), Some(";"));
    assert!(scene.stage.app.dialogs.is_empty(), "{}", scene.stage.text());
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
