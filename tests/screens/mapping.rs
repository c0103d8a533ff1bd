//! The Mapping tab: what each column becomes, edited on the file itself.

use crate::scene::Scene;
use landfall::app::config::Config;
use landfall::app::dialog::Dialog;
use landfall::app::key::Key;
use landfall::app::mapping::data::{MappingToSave, Profile};
use landfall::app::mapping::{Editor, editor};
use landfall::app::message::MouseKind;
use landfall::app::message::{Act, Answer, Effect, Failure, Message, Question, Slot};
use landfall::domain::id::SourceId;
use landfall::domain::mapping::Mapping;
use landfall::domain::source::{SourceEdit, SourceMode};
use landfall::shell::paint::Painter;
use proptest::prelude::*;

/// An awkward export: a title and a blank line before the header, semicolons, Windows-1252, dates day first that only a
/// late row tells, two columns of addresses, a password.
fn awkward() -> Vec<u8> {
    let mut text = "Export der Messe;;;;;;;\n\nVorname;Nachname;E-Mail geschäftl.;E-Mail privat;Anmeldung;Kunden-Nr.;Telefon;Passwort;Notiz intern\n"
        .to_owned();
    for row in 1..=60u32 {
        let mail = match row {
            7 => "lukasz@example".to_owned(),
            _ => format!("p{row}@example.com"),
        };
        let date = if row == 47 { "26/06/2024".to_owned() } else { format!("{:02}/08/2024", row % 12 + 1) };
        let phone = if row % 9 == 0 { "1,23457E+10".to_owned() } else { format!("+49 151 234{row:05}") };
        text.push_str(&format!(
            "Jürgen{row};Weiß;{mail};privat{row}@example.org;{date};{};{phone};geheim{row};x\n",
            100_000_000_000u64 + u64::from(row)
        ));
    }
    let latin = |c: char| u8::try_from(u32::from(c)).expect("Latin-1");
    text.chars().map(latin).collect()
}

/// A source with this file, in the Mapping tab.
fn on(scene: &mut Scene, name: &str, bytes: impl AsRef<[u8]>) -> SourceId {
    let path = scene.landfall.file(name, bytes);
    let id = scene.add("Trade fair", SourceMode::OneTime);
    let location = Some(Some(path.to_string_lossy().into_owned()));
    scene
        .stage
        .desk
        .store
        .edit_source(id, &SourceEdit { location, ..SourceEdit::default() }, "ann", 10)
        .expect("the source");
    scene.stage.keys("2");
    id
}

fn fair() -> Scene {
    let mut scene = Scene::new();
    on(&mut scene, "trade-fair-2026.csv", awkward());
    scene
}

fn edited(scene: &Scene) -> &Editor {
    editor(&scene.stage.app).expect("a mapping that is edited")
}

fn mapping(scene: &Scene) -> Mapping {
    Mapping::clone(edited(scene).draft.mapping())
}

/// The key of the field of a column.
fn field(scene: &Scene, header: &str) -> Option<String> {
    edited(scene).draft.mapping().column(header).expect("the column").field.clone()
}

fn selected(scene: &Scene) -> String {
    let editor = edited(scene);
    editor.column(editor.selected().expect("a column")).expect("the column").header.clone()
}

#[test]
fn without_a_source_the_tab_says_how_to_get_one() {
    let mut scene = Scene::new();
    scene.stage.keys("2");
    shown!("mapping-no-source", scene.stage);
}

#[test]
fn columns_with_their_fields_and_the_preview_under_them() {
    let mut scene = fair();
    shown!("mapping-opened", scene.stage);
    scene.stage.keys("jjj<right>JJ");
    shown!("mapping-moved", scene.stage);
    scene.stage.keys("z");
    shown!("mapping-grid", scene.stage);
}

#[test]
fn the_walk_from_problem_to_problem_goes_to_the_row_that_proves_each() {
    let mut scene = fair();
    scene.stage.keys("/anm<enter><enter>created<enter>");
    assert_eq!(field(&scene, "Anmeldung").as_deref(), Some("created_at"));
    scene.stage.keys("ggn");
    shown!("mapping-problem", scene.stage);
    scene.stage.keys("/anm<enter>n");
    shown!("mapping-problem-date", scene.stage);
    scene.stage.keys("H");
    shown!("mapping-problem-page", scene.stage);
    scene.stage.keys("<esc>l");
    shown!("mapping-problem-rows", scene.stage);
    scene.stage.keys("c<enter>");
    assert!(scene.stage.copied.join("").contains("26/06/2024"), "{:?}", scene.stage.copied);
    let at = &edited(&scene).preview.as_ref().expect("a preview").rows[edited(&scene).shown.selected];
    assert_eq!(at.row, 47);
    scene.stage.keys("d");
    shown!("mapping-day-first", scene.stage);
}

#[test]
fn a_field_is_found_by_typing_and_moves_or_joins() {
    let mut scene = fair();
    scene.stage.keys("/privat<enter><enter>");
    shown!("mapping-picker", scene.stage);
    scene.stage.keys("mail");
    shown!("mapping-picker-typed", scene.stage);
    let before = mapping(&scene);
    scene.stage.keys("<enter>");
    assert_eq!(field(&scene, "E-Mail privat").as_deref(), Some("email"));
    assert_eq!(field(&scene, "E-Mail geschäftl."), None);
    assert!(scene.text().contains("Email moved here from"), "{}", scene.text());
    scene.stage.keys("u");
    assert_eq!(mapping(&scene), before, "a move is one step");
    scene.stage.keys("U/nachn<enter><enter>first<tab>");
    let columns = mapping(&scene).columns;
    assert_eq!(columns[1].field.as_deref(), Some("first_name"));
    assert_eq!((columns[0].join.as_deref(), columns[1].join.as_deref()), (None, Some(" ")));
    shown!("mapping-joined", scene.stage);
    scene.stage.keys("<enter>zzzz<enter>");
    shown!("mapping-picker-none", scene.stage);
}

#[test]
fn columns_are_left_out_and_taken_back_and_suggestions_accepted() {
    let mut scene = fair();
    let before = mapping(&scene);
    scene.stage.keys("x");
    assert!(mapping(&scene).columns[0].leave_out && field(&scene, "Vorname").is_none());
    scene.stage.keys("x");
    assert_eq!(mapping(&scene), before, "taken back, it goes where it went");
    scene.stage.keys("X");
    let decided = mapping(&scene);
    assert!(decided.columns.iter().all(|column| !column.is_undecided()));
    assert!(scene.text().contains("3 columns left out: Don't import data for unmapped columns."), "{}", scene.text());
    shown!("mapping-decided", scene.stage);
    scene.stage.keys("u");
    assert_eq!(mapping(&scene), before);
    // What is suggested can be accepted again, one by one or all at once.
    scene.stage.keys("xxx/nachn<enter>xx").keys("u".repeat(9).as_str());
    assert_eq!(mapping(&scene), before);
    scene.stage.keys("/nachn<enter><enter>notes<enter>a");
    assert_eq!(field(&scene, "Nachname").as_deref(), Some("last_name"));
    scene.stage.keys("!");
    assert!(mapping(&scene).columns[1].required);
}

#[test]
fn a_draft_is_saved_and_marked_as_reviewed_in_one_go() {
    let mut scene = fair();
    scene.stage.keys("Xv");
    shown!("mapping-to-review", scene.stage);
    scene.stage.keys("y");
    shown!("mapping-reviewed", scene.stage);
    assert!(edited(&scene).opened.reviewed.is_some() && !edited(&scene).draft.is_changed());
    scene.stage.keys("u");
    assert!(edited(&scene).draft.is_changed(), "what was saved can be undone");
    scene.stage.keys("s");
    assert!(edited(&scene).opened.reviewed.is_none(), "a changed mapping takes the mark away");
    assert_eq!(edited(&scene).opened.saved.as_ref().map(|saved| saved.version), Some(2));
}

#[test]
fn the_way_goes_from_the_source_over_its_mapping_to_the_import_of_the_file() {
    let mut scene = fair();
    scene.stage.keys("1m");
    assert_eq!(selected(&scene), "Vorname");
    scene.stage.keys("Xi");
    assert_eq!(edited(&scene).opened.saved.as_ref().map(|saved| saved.version), Some(1), "it is saved first");
    assert!(matches!(scene.stage.app.dialogs[..], [Dialog::Import(_)]), "{}", scene.text());
    scene.stage.keys("<space><enter>");
    assert_eq!(scene.runs(), 2, "the dry run of the review, and the import");
}

#[test]
fn a_draft_is_kept_while_one_is_elsewhere_and_leaving_asks() {
    let mut scene = fair();
    let file = scene.landfall.file("other.csv", crate::scene::GOOD);
    let other = scene.add("Another", SourceMode::OneTime);
    let location = Some(Some(file.to_string_lossy().into_owned()));
    scene
        .stage
        .desk
        .store
        .edit_source(other, &SourceEdit { location, ..SourceEdit::default() }, "ann", 10)
        .expect("the source");
    scene.stage.send(Message::Changed);
    scene.stage.keys("/nachn<enter>x");
    let draft = mapping(&scene);
    for elsewhere in ["12", "[]", "<tab><s-tab>"] {
        scene.stage.keys(elsewhere);
        assert_eq!(mapping(&scene), draft, "{elsewhere}");
    }
    scene.stage.keys("<c-c>");
    shown!("mapping-leaving", scene.stage);
    assert!(!scene.stage.quit);
    scene.stage.keys("<esc>");
    assert!(!scene.stage.quit);
    scene.stage.keys("<c-c><c-c>");
    assert!(scene.stage.quit, "Ctrl-C twice leaves");
}

#[test]
fn a_draft_that_is_taken_up_again_is_previewed_however_many_files_were_looked_at_since() {
    let mut scene = fair();
    let id = edited(&scene).source();
    for number in 1..=5 {
        let file = scene.landfall.file(&format!("other{number}.csv"), crate::scene::GOOD);
        let other = scene.add(&format!("Another {number}"), SourceMode::OneTime);
        let location = Some(Some(file.to_string_lossy().into_owned()));
        let edit = SourceEdit { location, ..SourceEdit::default() };
        scene.stage.desk.store.edit_source(other, &edit, "ann", 10).expect("the source");
    }
    scene.stage.send(Message::Changed);
    scene.stage.keys("/nachn<enter>x");
    let draft = mapping(&scene);
    let mut looked_at = std::collections::BTreeSet::new();
    for key in ["]", "["] {
        for _ in 0..6 {
            looked_at.insert(edited(&scene).source().0);
            scene.stage.keys(key);
        }
    }
    assert_eq!(looked_at.len(), 6, "all of them");
    for _ in 0..6 {
        if edited(&scene).source() != id {
            scene.stage.keys("]");
        }
    }
    assert_eq!((edited(&scene).source(), mapping(&scene)), (id, draft));
    assert!(edited(&scene).preview_failure.is_none(), "{}", scene.text());
}

#[test]
fn what_does_not_look_like_its_field_is_doubted() {
    let mut scene = Scene::new();
    let row = |row: u32| format!("Name {row},{row},p{row}@example.com\n");
    on(&mut scene, "odd.csv", format!("Email,Telefon,Zzz\n{}", (1..=20).map(row).collect::<String>()));
    scene.stage.keys("n");
    shown!("mapping-doubt", scene.stage);
}

#[test]
fn what_is_read_stays_in_its_place_while_it_is_read_anew() {
    let mut scene = fair();
    scene.stage.resize(120, 36);
    let whole = edited(&scene).profile.clone().expect("a profile");
    // The answers to this do not come yet.
    let effects = scene.stage.app.update(Message::Key(Key::parse("x").expect("a key")), scene.stage.now_ms);
    let tickets = effects.iter().filter_map(|effect| match effect {
        Effect::Ask(ticket, _) => Some(*ticket),
        _ => None,
    });
    let tickets: Vec<_> = tickets.collect();
    let part = Profile {
        revision: edited(&scene).draft.revision(),
        rows: 37,
        bytes: 620,
        bytes_expected: Some(1_000),
        is_done: false,
        ..whole
    };
    let ticket = |slot| *tickets.iter().find(|ticket| ticket.slot == slot).expect("asked");
    let answered = Message::Answered(ticket(Slot::Profile), Ok(Answer::Profile(Box::new(part))));
    scene.stage.app.update(answered, scene.stage.now_ms);
    scene.stage.wait(300);
    shown!("mapping-reading", scene.stage);
    let failure = Failure { message: "The disk is gone.".to_owned(), next: String::new() };
    scene.stage.app.update(Message::Answered(ticket(Slot::Preview), Err(failure)), scene.stage.now_ms);
    shown!("mapping-preview-failed", scene.stage);
}

#[test]
fn a_file_that_cannot_be_opened_says_why() {
    let mut scene = Scene::new();
    on(&mut scene, "image.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01");
    let text = scene.text();
    insta::assert_snapshot!("mapping-cannot-open", text);
}

#[test]
fn a_draft_goes_along_to_another_file() {
    let mut scene = fair();
    scene.landfall.file("next.csv", "Vorname,E-Mail geschäftl.,Neu\nAna,ana@example.com,x\n");
    scene.stage.keys("xjxf<c-u>next.csv<enter>");
    let columns = mapping(&scene).columns;
    let fields: Vec<_> =
        columns.iter().map(|column| (column.header.as_str(), column.field.as_deref(), column.leave_out)).collect();
    assert_eq!(fields, [("Vorname", None, true), ("E-Mail geschäftl.", Some("email"), false), ("Neu", None, false)]);
    shown!("mapping-other-file", scene.stage);
    scene.stage.keys("uu");
    assert_eq!(mapping(&scene).columns.len(), 3, "what is undone to fits the file, too");
    assert_eq!(field(&scene, "Vorname").as_deref(), Some("first_name"));
}

#[test]
fn a_step_that_is_undone_is_looked_at() {
    let mut scene = fair();
    scene.stage.keys("/telefon<enter>xgu");
    assert_eq!(selected(&scene), "Telefon");
    scene.stage.keys("gU");
    assert_eq!(selected(&scene), "Telefon");
    scene.stage.keys("/mail<tab>");
    shown!("mapping-finding", scene.stage);
    scene.stage.keys("<esc>");
    assert_eq!(selected(&scene), "E-Mail privat");
}

#[test]
fn what_others_save_is_shown_or_told() {
    let mut scene = fair();
    scene.stage.keys("Xs");
    let id = edited(&scene).source();
    let by_other = |scene: &mut Scene, header: &str| {
        let mut theirs = mapping(scene);
        theirs.column_mut(header).field = None;
        theirs.column_mut(header).leave_out = true;
        let to_save = MappingToSave { source: id, name: None, mapping: std::sync::Arc::new(theirs) };
        let desk = &mut scene.stage.desk;
        let ana = std::mem::replace(&mut desk.user, "bo".to_owned());
        landfall::shell::acts::carry_out(desk, Act::SaveMapping(Box::new(to_save))).expect("saved");
        desk.user = ana;
        scene.stage.send(Message::Changed);
    };
    by_other(&mut scene, "Telefon");
    assert!(mapping(&scene).columns[6].leave_out, "an unchanged draft follows");
    scene.stage.keys("/kunden<enter>x");
    by_other(&mut scene, "Nachname");
    assert!(!mapping(&scene).columns[1].leave_out, "a changed draft stays");
    shown!("mapping-meanwhile", scene.stage);
    scene.stage.keys("s");
    shown!("mapping-save-over", scene.stage);
    scene.stage.keys("y");
    assert!(!edited(&scene).draft.is_changed() && edited(&scene).meanwhile.is_none(), "{}", scene.text());
    scene.stage.keys("/kunden<enter>x");
    by_other(&mut scene, "Nachname");
    scene.stage.keys("iy");
    assert!(matches!(scene.stage.app.dialogs.last(), Some(Dialog::Import(_))), "it goes on\n{}", scene.text());
}

#[test]
fn without_a_file_the_mapping_can_be_edited_all_the_same() {
    let mut scene = Scene::new();
    let id = on(&mut scene, "gone.csv", awkward());
    scene.stage.keys("Xs");
    let location = Some(Some("/srv/drop/gone.csv".to_owned()));
    scene
        .stage
        .desk
        .store
        .edit_source(id, &SourceEdit { location, ..SourceEdit::default() }, "ann", 10)
        .expect("the source");
    let mut anew = Scene { stage: crate::stage::Stage::open(&scene.landfall.workspace()), landfall: scene.landfall };
    anew.stage.keys("2");
    shown!("mapping-no-file", anew.stage);
    anew.stage.keys("x");
    assert!(mapping(&anew).columns[0].leave_out);
}

#[test]
fn what_cannot_be_changed_says_so() {
    let mut scene = fair();
    scene.stage.keys("Xs");
    let workspace = scene.landfall.workspace();
    let stage = crate::stage::Stage::with(&workspace, |start| {
        start.workspace.read_only = Some("another user's".to_owned());
        start.config = Config::default();
    });
    let mut scene = Scene { stage, landfall: scene.landfall };
    scene.stage.keys("2");
    shown!("mapping-read-only", scene.stage);
    let before = mapping(&scene);
    scene.stage.keys("x<enter>Xas!");
    assert_eq!(mapping(&scene), before);
    assert!(scene.stage.app.dialogs.is_empty());
}

#[test]
fn hostile_headers_and_wide_characters_are_shown_and_not_sent() {
    let mut scene = Scene::new();
    let long = "x".repeat(3_000);
    let text = format!(
        "\u{1b}[31mred\u{1b}]0;title\u{7},メールアドレス,\u{202e}nosreP,{long},Email\n\u{1b}[2J,ana@example.com,右から左,y,e@example.com\n"
    );
    on(&mut scene, "hostile.csv", text);
    shown!("mapping-hostile", scene.stage);
    scene.stage.keys("<enter>");
    shown!("mapping-hostile-picker", scene.stage);
    assert!(!scene.text().contains('\u{1b}'));
}

#[test]
fn files_of_no_rows_of_one_column_and_of_two_thousand() {
    for (name, text) in
        [("mapping-no-rows", "Email,Phone\n".to_owned()), ("mapping-one-column", "Email\na@example.com\n".to_owned())]
    {
        let mut scene = Scene::new();
        on(&mut scene, "small.csv", text);
        insta::assert_snapshot!(name, scene.stage.text());
    }
    let mut scene = Scene::new();
    let headers: Vec<String> = (1..=2_000).map(|column| format!("Attribute {column}")).collect();
    let cells: Vec<String> = (1..=2_000).map(|column| format!("v{column}")).collect();
    on(&mut scene, "wide.csv", format!("{},Email\n{},a@example.com\n", headers.join(","), cells.join(",")));
    scene.stage.keys("<pgdn><pgdn>jj");
    shown!("mapping-two-thousand", scene.stage);
    scene.stage.keys("/attribute 1777<enter>");
    assert_eq!(selected(&scene), "Attribute 1777");
}

#[test]
fn a_column_is_dragged_onto_a_field_or_onto_another_column() {
    let mut scene = fair();
    scene.stage.resize(120, 36);
    scene.stage.mouse(MouseKind::Click, "Anmeldung").mouse(MouseKind::Drag, "Telefon");
    shown!("mapping-dragged", scene.stage);
    scene.stage.resize(120, 36);
    scene.stage.mouse(MouseKind::Drag, "Created").mouse(MouseKind::Release, "Created");
    assert_eq!(field(&scene, "Anmeldung").as_deref(), Some("created_at"));
    scene
        .stage
        .mouse(MouseKind::Click, "E-Mail privat")
        .mouse(MouseKind::Drag, "Telefon")
        .mouse(MouseKind::Release, "E-Mail geschäftl.  e");
    assert_eq!(field(&scene, "E-Mail privat").as_deref(), Some("email"));
    let before = mapping(&scene);
    scene
        .stage
        .mouse(MouseKind::Click, "Passwort")
        .mouse(MouseKind::Drag, "Vorname")
        .mouse(MouseKind::Release, "Landfall");
    assert_eq!(mapping(&scene), before, "let go elsewhere, nothing happens");
    // A second click opens the picker.
    scene.stage.keys("g").mouse(MouseKind::Click, "Passwort").mouse(MouseKind::Release, "Passwort");
    assert!(scene.stage.app.dialogs.is_empty());
    scene.stage.mouse(MouseKind::Click, "Passwort").mouse(MouseKind::Release, "Passwort");
    assert_eq!(scene.stage.app.dialogs.len(), 1);
}

#[test]
fn the_walk_visits_each_problem_once() {
    let mut scene = fair();
    let all: Vec<(usize, usize)> = {
        let editor = edited(&scene);
        let places = 0..editor.draft.mapping().columns.len();
        places.flat_map(|place| (0..editor.problems(place).len()).map(move |problem| (place, problem))).collect()
    };
    assert!(all.len() > 3, "{all:?}");
    for (key, wanted) in [("n", all.clone()), ("N", all.iter().rev().copied().collect())] {
        // From before the first one, or behind the last.
        scene.stage.keys(if key == "n" { "g" } else { "gN" });
        let mut visited = Vec::new();
        if key == "N" {
            visited.push((edited(&scene).selected().expect("a column"), edited(&scene).problem));
        }
        while visited.len() < all.len() {
            scene.stage.keys(key);
            visited.push((edited(&scene).selected().expect("a column"), edited(&scene).problem));
        }
        assert_eq!(visited, wanted, "{key}");
    }
}

#[test]
fn a_key_asks_for_one_preview_at_most_and_repaints_little() {
    let mut scene = fair();
    scene.stage.resize(120, 36);
    let mut painter = Painter::new();
    let mut bytes = Vec::new();
    painter.paint(scene.stage.buffer(), None, &mut bytes);
    for key in
        ["j", "x", "x", "u", "U", "X", "u", "n", "n", "n", "n", "<right>", "<left>", "J", "K", "a", "!", "<pgdn>", "g"]
    {
        let parsed = Key::parse(key).expect("a key");
        let effects = scene.stage.app.update(Message::Key(parsed), scene.stage.now_ms);
        let previews = effects.iter().filter(|effect| matches!(effect, Effect::Ask(_, Question::Preview(_))));
        assert!(previews.count() <= 1, "{key}");
        scene.stage.carry_out(effects);
        bytes.clear();
        painter.paint(scene.stage.buffer(), None, &mut bytes);
        assert!(bytes.len() <= 4_096, "{key} sends {} bytes", bytes.len());
    }
}

/// What a person may do to a mapping, and look at on the way.
const KEYS: [&str; 24] = [
    "j",
    "k",
    "G",
    "g",
    "x",
    "X",
    "a",
    "A",
    "d",
    "!",
    "u",
    "U",
    "n",
    "N",
    "l<enter>",
    "<enter><enter>",
    "<enter>mail<enter>",
    "<enter>mail<tab>",
    "<enter>date<enter>",
    "<right>",
    "<left>",
    "J",
    "z",
    "/nam<tab><enter>",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_done_by_keys_is_undone_exactly(keys in proptest::collection::vec(0..KEYS.len(), 1..40), width in 0u16..130, height in 0u16..40) {
        let mut scene = fair();
        scene.stage.resize(width, height);
        let before = mapping(&scene);
        for key in keys {
            scene.stage.keys(KEYS[key]);
        }
        // What is open may be two dialogs deep.
        scene.stage.keys(&"<esc>".repeat(4)).keys(&"U".repeat(60)).keys(&"u".repeat(120));
        prop_assert_eq!(mapping(&scene), before);
        prop_assert!(!edited(&scene).draft.can_undo());
    }
}
