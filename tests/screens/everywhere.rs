//! What is the same on every screen: help, commands, questions, short messages, colours, symbols, and any size.

use crate::common::Landfall;
use crate::stage::Stage;
use landfall::app::config::ThemeName;
use landfall::app::dialog::{Confirm, Dialog, Prompt, Purpose, Text, TextLine};
use landfall::app::field::Field;
use landfall::app::key::Key;
use landfall::app::list::List;
use landfall::app::message::{Act, AwaitedBy, Done, Effect, Failure, Message};
use landfall::domain::id::{RunId, SourceId};
use landfall::worker::prepare;
use landfall::worker::request::ImportRequest;
use proptest::prelude::*;
use ratatui::style::Color;

const MINUTE: i64 = 60_000;

/// A workspace with one source.
fn workspace(landfall: &Landfall, stage: &mut Stage) {
    let file = landfall.file(
        "CRM.csv",
        "Source Reference,First Name,Last Name,Email,Password,Created\n\
         HS-1,Ana,Weiß,ana@example.com,x,2024-08-09\n\
         HS-2,Łukasz,Nowak,broken,x,2024-08-10\n",
    );
    stage.import(&file, 5 * MINUTE, |request| request.day_first = vec!["Created".to_owned()]);
    stage.send(Message::Changed);
}

#[test]
fn help_says_what_every_key_does_here() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    stage.keys("4<f1>");
    shown!("help", stage);
    stage.keys("G");
    shown!("help-its-end", stage);
}

#[test]
fn a_command_is_found_by_a_few_letters_of_it() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    stage.keys(":");
    shown!("commands", stage);
    stage.keys("look");
    shown!("commands-typed", stage);
    stage.keys("<enter>");
    assert!(stage.text().contains("Type what you have"), "{}", stage.text());
    stage.keys("<c-p>zzzz");
    shown!("commands-none", stage);
}

#[test]
fn a_question_says_what_will_happen_and_haste_does_nothing() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    stage.app.open(Dialog::Confirm(Confirm {
        title: "Remove CRM?".to_owned(),
        lines: vec![
            TextLine::Plain(
                "The source goes from the list. Its 12 runs and the 48,210 contacts that they made stay.".to_owned(),
            ),
            TextLine::Empty,
            TextLine::Pair("Runs".to_owned(), "12".to_owned()),
            TextLine::Error("One run is at work: it is cancelled first.".to_owned()),
        ],
        yes: "Remove the source".to_owned(),
        act: Act::RemoveSource(SourceId(1)).into(),
        chosen: false,
        list: List::default(),
    }));
    shown!("question", stage);
    stage.keys("<tab>");
    shown!("question-chosen", stage);
    stage.resize(30, 14);
    insta::assert_snapshot!("question-30x14", stage.text());
    stage.resize(80, 24).keys("<tab><enter>");
    assert!(!stage.text().contains("Remove CRM?"));
}

#[test]
fn a_text_is_read_to_its_end_copied_and_ends_with_whom_to_ask() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    stage.desk.store.set_setting("support_contact", "imports@acme.example").expect("a setting");
    stage.send(Message::Changed);
    let mut lines = vec![TextLine::Strong("The access token was revoked (401).".to_owned())];
    lines.extend((1..=40).map(|line| TextLine::Plain(format!("Line {line} of what it means."))));
    stage.app.open(Dialog::Text(Text {
        title: "Why HubSpot stands in error".to_owned(),
        lines,
        copy: "all of it".to_owned(),
        list: List::default(),
    }));
    stage.resize(80, 24);
    insta::assert_snapshot!("text-80x24", stage.text());
    stage.keys("<pgdn><pgdn><pgdn><pgdn>");
    insta::assert_snapshot!("text-its-end-80x24", stage.text());
    stage.keys("<up>");
    assert!(stage.text().contains("Line 22"), "one line up is one line up: {}", stage.text());
    stage.keys("c");
    assert_eq!(stage.copied, ["all of it"]);
}

#[test]
fn what_is_wrong_with_a_typed_line_is_said_below_it() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    stage.app.open(Dialog::Prompt(Prompt {
        title: "A note on run 3".to_owned(),
        label: "What should others know about this run?".to_owned(),
        field: Field::default(),
        purpose: Purpose::NoteRun(RunId(3)),
        error: None,
    }));
    stage.keys("<enter>");
    shown!("typed-line", stage);
}

#[test]
fn workspaces_are_shown_with_the_open_one_marked_and_changed_between() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    stage.keys("W");
    assert!(stage.text().contains("● open"), "{}", stage.text());
    let other = landfall.dir().join("globex");
    drop(Stage::open(&other));
    stage.keys("<esc>");
    let done = landfall::shell::acts::carry_out(&mut stage.desk, Act::SwitchWorkspace(other.clone()));
    assert_eq!(stage.desk.store.dir(), landfall.workspace(), "what was asked for before is done where it was meant");
    stage.send(Message::Done(AwaitedBy::Nobody, done));
    assert!(stage.text().contains("globex"), "{}", stage.text());
    assert_eq!(stage.desk.store.dir(), other);
    let nowhere = landfall.dir().join("nowhere");
    let refused = landfall::shell::acts::carry_out(&mut stage.desk, Act::SwitchWorkspace(nowhere.clone()));
    assert!(refused.is_err() && !nowhere.exists(), "a workspace was made by mistake");
}

#[test]
fn no_dialog_takes_what_came_of_anothers_act_for_its_own() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    workspace(&landfall, &mut stage);
    stage.keys("E");
    // The form is saved, and what comes of an export that began before comes first.
    let save = Key::parse("<c-s>").expect("a key");
    let effects = stage.app.update(Message::Key(save), stage.now_ms);
    assert!(matches!(&effects[..], [Effect::Do(act)] if act.awaited_by() == AwaitedBy::Form), "{effects:?}");
    let failure = Failure { message: "The disk is full".to_owned(), next: String::new() };
    for others in [Err(failure.clone()), Ok(Done::Said("2 rows written".to_owned()))] {
        stage.send(Message::Done(AwaitedBy::Nobody, others));
        let form = stage.app.dialogs.last();
        assert!(matches!(form, Some(Dialog::SourceForm(form)) if form.is_saving() && form.error.is_none()), "{form:?}");
    }
    stage.send(Message::Done(AwaitedBy::Form, Err(failure)));
    let form = stage.app.dialogs.last();
    assert!(matches!(form, Some(Dialog::SourceForm(form)) if !form.is_saving() && form.error.is_some()), "{form:?}");
    stage.keys("<c-s>");
    assert!(stage.app.dialogs.is_empty(), "{}", stage.text());
}

#[test]
fn a_mapping_that_changed_since_it_was_shown_is_not_marked_as_reviewed() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    workspace(&landfall, &mut stage);
    let source = stage.desk.store.sources().expect("sources").remove(0);
    let (name, version) = source.mapping.expect("a mapping");
    for (seen, is_marked) in
        [(("other".to_owned(), version), false), ((name.clone(), version + 1), false), ((name, version), true)]
    {
        let done = landfall::shell::acts::carry_out(&mut stage.desk, Act::ReviewMapping(source.id, seen));
        assert_eq!(done.is_ok(), is_marked, "{done:?}");
        let has = stage.desk.store.source(source.id).expect("a source").expect("the source");
        assert_eq!(has.reviewed.is_some(), is_marked);
    }
}

#[test]
fn a_source_is_not_removed_before_its_runs_have_ended() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    let file = landfall.file("CRM.csv", "ref,name\n1,Ana\n");
    let request = ImportRequest::new(file, "ana".to_owned());
    let prepared = prepare::prepare(&stage.desk.store, &request, 1).expect("an import that is not refused");
    let run = prepare::enqueue(&mut stage.desk.store, &prepared, stage.now_ms).expect("a run");
    let source = stage.desk.store.sources().expect("sources")[0].id;
    let mut act = |act| landfall::shell::acts::carry_out(&mut stage.desk, act);
    assert!(act(Act::RemoveSource(source)).is_err());
    act(Act::CancelRun(run)).expect("cancelled");
    act(Act::RemoveSource(source)).expect("removed");
}

#[test]
fn a_text_that_is_too_long_for_the_clipboard_is_not_said_to_be_there() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    for (length, says) in
        [(70_000, "Sent to the terminal's clipboard."), (80_000, "Too long for terminals: only its first")]
    {
        let (title, copy) = ("A cell".to_owned(), "x".repeat(length));
        stage.app.open(Dialog::Text(Text { title, lines: Vec::new(), copy, list: List::default() }));
        stage.keys("c");
        assert!(stage.app.toast.as_ref().is_some_and(|toast| toast.text.starts_with(says)), "{:?}", stage.app.toast);
    }
}

#[test]
fn short_messages_stand_on_the_rule_and_go_by_themselves() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    stage.app.say("Sent to the terminal's clipboard.");
    stage.resize(80, 24);
    insta::assert_snapshot!("message-80x24", stage.text());
    stage.wait(6_001);
    assert!(!stage.text().contains("clipboard"));
    let message = "The file \u{1b}[31mcontacts.csv cannot be read".to_owned();
    let failure = Failure { message, next: "Is it still there?".to_owned() };
    stage.send(Message::Done(AwaitedBy::Nobody, Err(failure)));
    insta::assert_snapshot!("message-error-80x24", stage.text());
}

/// Every screen that is reached by these keys.
const SCREENS: [&str; 16] = [
    "1",
    "1?",
    "2",
    "2v",
    "2<enter>",
    "2nl",
    "2jz<right>",
    "3",
    "3<enter>",
    "4",
    "4<c-u>HS-1",
    "4<c-u>HS",
    "4<c-u>HS-1<enter>",
    "4<c-u>no such",
    "4<c-u>HS-2<esc>S",
    "1:",
];

#[test]
fn where_changes_are_not_heard_of_at_once_the_header_says_so() {
    let landfall = Landfall::new();
    let stage = Stage::with(&landfall.workspace(), |start| start.workspace.polled = true);
    assert!(stage.text().lines().next().is_some_and(|header| header.contains("· polled")), "{}", stage.text());
}

#[test]
fn without_unicode_every_sign_is_ascii() {
    let landfall = Landfall::new();
    let mut stage = Stage::with(&landfall.workspace(), |start| start.ascii = true);
    workspace(&landfall, &mut stage);
    for keys in SCREENS {
        stage.keys(keys);
        assert!(stage.text().is_ascii(), "{keys}: {}", stage.text());
        stage.keys("<esc><esc><esc><esc>");
    }
    stage.keys("4<c-u>HS-1<enter>");
    insta::assert_snapshot!("ascii-contact-80x24", stage.text());
}

#[test]
fn no_theme_tells_anything_by_colour_alone() {
    let landfall = Landfall::new();
    let mut stage = Stage::open(&landfall.workspace());
    workspace(&landfall, &mut stage);
    for keys in SCREENS {
        stage.keys(keys);
        let mut texts = Vec::new();
        for theme in ThemeName::ALL {
            stage.app.theme = theme;
            stage.resize(80, 24);
            texts.push(stage.text());
            let colours =
                stage.buffer().content().iter().any(|cell| (cell.fg, cell.bg) != (Color::Reset, Color::Reset));
            assert_eq!(colours, theme != ThemeName::NoColor, "{theme:?} after {keys}");
        }
        // The theme is the only thing that differs: what is told is in the words and the symbols.
        assert!(texts.iter().all(|text| *text == texts[0]), "{keys}");
        stage.app.theme = ThemeName::Terminal;
        stage.keys("<esc><esc><esc><esc>");
    }
}

/// Keys that do something somewhere, and text.
fn any_key() -> impl Strategy<Value = String> {
    let named: Vec<String> = landfall::app::keys::table()
        .iter()
        .flat_map(|binding| binding.keys.iter().map(|key| (*key).to_owned()))
        // Suspending and leaving end nothing on the stage.
        .collect();
    prop_oneof![8 => proptest::sample::select(named), 3 => "[a-zA-Z0-9 @.+é東-]", 1 => Just("<bs>".to_owned())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_size_and_no_key_makes_it_panic(
        steps in proptest::collection::vec(
            (any_key(), proptest::option::weighted(0.3, (0u16..=130, 0u16..=40))), 20..80)
    ) {
        let landfall = Landfall::new();
        let mut stage = Stage::open(&landfall.workspace());
        workspace(&landfall, &mut stage);
        for (key, size) in steps {
            if let Some((width, height)) = size {
                stage.resize(width, height);
            }
            stage.keys(&key);
            let text = stage.text();
            prop_assert!(!text.contains('\x1b'), "an escape is sent");
        }
        for size in [(0, 0), (1, 1), (2, 2), (5, 3), (20, 5), (0, 24), (80, 0), (80, 4)] {
            stage.resize(size.0, size.1);
        }
    }
}
