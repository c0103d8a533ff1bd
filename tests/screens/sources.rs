use crate::scene::{GOOD, MINUTE, Scene, every_status, refused, with_files};
use crate::stage::{NOW, Stage};
use landfall::app::key::Key;
use landfall::app::message::{Act, Effect, Message, MouseKind};
use landfall::domain::id::RunId;
use landfall::domain::run::RunStatus;
use landfall::domain::source::SourceMode;

#[test]
fn an_empty_workspace_says_what_to_do_first() {
    insta::assert_snapshot!(Scene::new().text());
}

#[test]
fn what_needs_a_person_comes_first_and_is_counted() {
    let mut scene = every_status();
    insta::assert_snapshot!("every_status_80", scene.text());
    scene.stage.resize(120, 36);
    insta::assert_snapshot!("every_status_120", scene.text());
    scene.stage.resize(120, 24).keys("d");
    insta::assert_snapshot!("every_status_without_detail", scene.text());
}

#[test]
fn hovering_over_a_status_shows_why_and_a_key_shows_it_to_be_copied() {
    let mut scene = every_status();
    scene.stage.mouse(MouseKind::Moved, "! Warning");
    insta::assert_snapshot!("status_hovered", scene.text());
    scene.stage.keys("e");
    insta::assert_snapshot!("status_explained", scene.text());
    scene.stage.keys("c<esc>c");
    assert!(scene.stage.copied[0].contains("Status: Error"), "{:?}", scene.stage.copied);
    assert_eq!(scene.stage.copied[1], "The disk of the workspace is full: /srv/landfall has 0 bytes left.");
    assert!(scene.text().contains("Sent to the terminal's clipboard."));
}

#[test]
fn a_filter_finds_by_parts_of_the_name_and_escape_shows_all_again() {
    let mut scene = every_status();
    scene.stage.keys("/wbnr");
    insta::assert_snapshot!("filtered", scene.text());
    scene.stage.keys("<enter>x");
    assert!(scene.text().contains("Webinar sign-ups” goes"), "keys work on what was found\n{}", scene.text());
    scene.stage.keys("<esc>/<c-u>1234");
    assert!(scene.text().contains("No name matches"), "digits are text in a field\n{}", scene.text());
    scene.stage.keys("<esc>");
    assert!(scene.text().contains("HubSpot export"));
}

#[test]
fn the_selection_stays_on_its_source_whatever_moves_around_it() {
    let mut scene = every_status();
    let selected = |scene: &Scene| scene.stage.app.sources.selected().expect("a selection").name.clone();
    scene.stage.keys("jj");
    assert_eq!(selected(&scene), "Zendesk people");
    for _ in 0..4 {
        scene.stage.keys("s");
        assert_eq!(selected(&scene), "Zendesk people");
    }
    let zendesk = scene.id("Zendesk people");
    scene.stage.desk.store.resume_source(zendesk).expect("the source");
    scene.add("A source before all others", SourceMode::OneTime);
    scene.refresh();
    assert_eq!(selected(&scene), "Zendesk people");
    scene.stage.keys("g/Zen<esc>");
    assert_eq!(selected(&scene), "Zendesk people");
}

#[test]
fn a_source_is_paused_and_resumed_with_one_key() {
    let mut scene = every_status();
    scene.stage.keys("jp");
    assert!(scene.text().contains("‖ Paused      Trade fair 2026"), "{}", scene.text());
    assert!(!scene.text().contains(" i import"), "a paused source cannot be imported\n{}", scene.text());
    scene.stage.keys("p");
    assert!(scene.text().contains("! Warning     Trade fair 2026"), "{}", scene.text());
}

#[test]
fn a_new_name_is_questioned_and_a_taken_one_is_not_taken() {
    let mut scene = every_status();
    scene.stage.keys("jr<c-u>Zendesk peopl");
    insta::assert_snapshot!("rename_doubtful", scene.text());
    scene.stage.keys("e<enter>");
    assert!(scene.text().contains("Rename the source"), "the name is taken\n{}", scene.text());
    scene.stage.keys("<c-u>Fair of 2026<enter>");
    assert!(scene.text().contains("! Warning     Fair of 2026"), "{}", scene.text());
}

#[test]
fn removing_says_in_numbers_what_stays_and_asks() {
    let mut scene = every_status();
    scene.stage.keys("Gx");
    insta::assert_snapshot!("remove", scene.text());
    scene.stage.keys("<enter>");
    assert!(scene.text().contains("Webinar sign-ups"), "Enter in haste does nothing");
    scene.stage.keys("xy");
    assert!(!scene.stage.app.sources.lines.iter().flatten().any(|line| line.name == "Webinar sign-ups"));
}

#[test]
fn names_from_outside_can_do_nothing_to_the_screen() {
    let mut scene = Scene::new();
    let long = "x".repeat(300);
    for name in
        ["\u{1b}[31mred\u{1b}[0m", "invoice\u{202e}vsc.exe", "東京の展示会で集めた名刺の一覧表", "👩‍👩‍👧‍👦 family", &long]
    {
        scene.add(name, SourceMode::OneTime);
    }
    scene.refresh();
    insta::assert_snapshot!("hostile_names", scene.text());
    scene.stage.keys("GE");
    insta::assert_snapshot!("hostile_name_edited", scene.text());
}

#[test]
fn a_workspace_that_cannot_be_changed_offers_no_change() {
    let scene = every_status();
    let mut stage = Stage::with(&scene.landfall.workspace(), |start| {
        start.workspace.read_only = Some("It belongs to somebody else.".to_owned());
    });
    insta::assert_snapshot!("read_only", stage.text());
    // All but the rule above the hints, which says why nothing happens.
    let but_the_rule = |text: &str| {
        text.lines().enumerate().filter(|(y, _)| *y != 22).map(|(_, line)| line.to_owned()).collect::<Vec<_>>()
    };
    let before = but_the_rule(&stage.text());
    for key in ["a", "i", "f", "p", "E", "r", "x"] {
        let after = stage.keys(key).text();
        assert!(after.contains("Not possible now (read-only): "), "{key}: {after}");
        assert_eq!(but_the_rule(&after), before, "{key}");
    }
}

#[test]
fn a_running_import_shows_how_far_it_is() {
    let mut scene = Scene::new();
    let run = scene.queue("Trade fair 2026", GOOD, NOW - MINUTE);
    scene.refresh_without_a_worker();
    assert!(scene.text().contains("◐ Waiting"), "{}", scene.text());
    scene.stage.desk.store.set_run_status(run, RunStatus::Running, None, NOW).expect("a run");
    let lock = landfall::store::Store::try_lock(&scene.landfall.workspace()).expect("a lock");
    scene.refresh_without_a_worker();
    insta::assert_snapshot!("running", scene.text());
    drop(lock);
}

#[test]
fn the_picker_completes_finds_and_goes_into_directories() {
    let mut scene = with_files();
    insta::assert_snapshot!("picker", scene.text());
    scene.stage.keys("tr<tab>");
    assert!(scene.text().contains("File trade-"), "{}", scene.text());
    scene.stage.keys("<c-u>tdshw");
    assert!(scene.text().contains("▌ ✓ trade-show.csv"), "{}", scene.text());
    scene.stage.keys("<c-u>.h");
    assert!(scene.text().contains(".hidden.csv"), "a dot asks for hidden files\n{}", scene.text());
    scene.stage.keys("<c-u>Ar<tab>");
    assert!(scene.text().contains("old.csv"), "{}", scene.text());
    scene.stage.keys("<s-tab>");
    assert!(scene.text().contains("trade-fair.csv"), "{}", scene.text());
    scene.stage.keys("<c-u>nowhere/");
    assert!(scene.text().contains("No such file"), "{}", scene.text());
}

#[test]
fn a_vague_name_is_questioned_beside_what_was_found_in_the_file() {
    let mut scene = with_files();
    scene.stage.keys("new.csv<enter>");
    insta::assert_snapshot!("form_80", scene.text());
    scene.stage.resize(120, 36);
    insta::assert_snapshot!("form_120", scene.text());
    scene.stage.keys("<enter><enter><enter><enter>");
    assert_eq!(scene.stage.desk.store.sources().expect("sources").len(), 0, "Enter in haste adds nothing");
}

#[test]
fn a_form_says_what_is_wrong_and_keeps_what_was_typed() {
    let mut scene = with_files();
    scene.stage.keys("new.csv<enter><c-u>Fair 2026<tab><tab><tab>Germany<c-s>");
    assert!(scene.text().contains("no country code"), "{}", scene.text());
    scene.stage.keys("<c-u>de<tab>fair, 2026<tab>nonsense<c-s>");
    insta::assert_snapshot!("form_refused", scene.text());
    scene.stage.keys("<c-u>email set<c-s>");
    let sources = scene.stage.desk.store.sources().expect("sources");
    let source = sources.first().expect("the source");
    assert_eq!((source.name.as_str(), source.options.country.as_deref()), ("Fair 2026", Some("DE")));
    assert_eq!(source.options.tags, ["fair", "2026"]);
    assert_eq!(source.options.filters, ["email set"]);
    assert_eq!(source.options.set_by.as_deref(), Some("ana"));
}

#[test]
fn a_refusal_says_what_to_do_and_a_key_does_it() {
    let mut scene = refused();
    insta::assert_snapshot!("refused", scene.text());
    scene.stage.keys("<enter><space><enter>");
    assert_eq!(scene.stage.desk.store.runs_to_do().expect("runs").len(), 0, "Enter in haste starts nothing");
    let mut scene = refused();
    scene.stage.keys("u");
    insta::assert_snapshot!("before_the_import_80", scene.text());
    scene.stage.resize(120, 36);
    insta::assert_snapshot!("before_the_import_120", scene.text());
}

#[test]
fn nothing_starts_before_the_disclaimer_is_accepted_and_then_once() {
    let mut scene = refused();
    scene.stage.keys("u<enter><enter>");
    assert_eq!(scene.imports(), 0, "the disclaimer is not accepted");
    scene.stage.keys("<space><enter><enter><enter>");
    assert_eq!(scene.imports(), 1);
    let store = &scene.stage.desk.store;
    let run = store.run(RunId(2)).expect("a store").expect("the run");
    assert_eq!((run.status, run.counts.created), (RunStatus::Completed, 2));
    store.check_run(RunId(2)).expect("every row has its outcome");
}

#[test]
fn a_file_that_is_gone_is_said_and_another_one_can_be_chosen() {
    let mut scene = every_status();
    scene.stage.keys("i");
    insta::assert_snapshot!("file_gone", scene.text());
    scene.stage.keys("f");
    assert!(scene.text().contains("Choose a file to import into HubSpot export"), "{}", scene.text());
    assert!(scene.text().contains("File /srv/drop/"), "it begins where the last one was\n{}", scene.text());
    scene.landfall.file("next.csv", GOOD);
    let path = scene.landfall.path("next.csv");
    scene.stage.send(Message::Key(Key::parse("<c-u>").expect("a key")));
    scene.stage.send(Message::Paste(path));
    scene.stage.keys("<enter>");
    assert!(scene.text().contains("next.csv: 2 rows"), "{}", scene.text());
}

#[test]
fn what_an_edit_leaves_as_it_was_is_not_said_on_purpose() {
    let mut scene = every_status();
    let said_by = |scene: &Scene| {
        let id = scene.id("Trade fair 2026");
        scene.stage.desk.store.source(id).expect("a store").expect("the source").options.set_by
    };
    scene.stage.keys("jE<s-tab>").keys(&"<tab>".repeat(12)).keys("ask Ana<c-s>");
    assert!(scene.text().contains("Notes: ask Ana"), "{}", scene.text());
    assert_eq!(said_by(&scene), None);
    scene.stage.keys("E<tab><tab><tab><tab>AT<c-s>");
    assert_eq!(said_by(&scene).as_deref(), Some("ana"));
}

#[test]
fn preparing_shows_that_it_is_under_way_and_can_be_given_up() {
    let mut scene = every_status();
    // What it asks for is not answered yet.
    let press = |scene: &mut Scene, key: &str| {
        let key = Key::parse(key).expect("a key");
        let asked = scene.stage.app.update(Message::Key(key), scene.stage.now_ms);
        scene.stage.carry_out(Vec::new());
        asked
    };
    press(&mut scene, "i");
    scene.stage.wait(2_300);
    insta::assert_snapshot!("preparing", scene.text());
    assert_eq!(scene.stage.changes_at(), Some(NOW + 3_000));
    let asked = press(&mut scene, "<esc>");
    assert!(matches!(asked[..], [Effect::Do(Act::DiscardPrepared)]), "{asked:?}");
    assert!(scene.stage.app.dialogs.is_empty());
}

#[test]
fn what_was_typed_is_not_lost_without_a_word() {
    let mut scene = with_files();
    scene.stage.keys("new.csv<enter><esc>");
    assert!(scene.text().contains("choose its file"), "nothing was typed\n{}", scene.text());
    scene.stage.keys("<enter><c-u>Trade fair 2026<esc>");
    assert!(scene.text().contains("Press esc once more"), "{}", scene.text());
    scene.stage.keys("x");
    assert!(scene.text().contains("Trade fair 2026x"), "{}", scene.text());
    scene.stage.keys("<esc><esc>");
    assert!(scene.text().contains("choose its file"), "{}", scene.text());
}

#[test]
fn tags_can_be_changed_before_the_start() {
    let mut scene = refused();
    scene.stage.keys("ut");
    insta::assert_snapshot!("tags_before_the_import", scene.text());
    scene.stage.keys("fair, 2026<enter>");
    assert!(scene.text().contains("fair, 2026"), "{}", scene.text());
    scene.stage.keys("<space><enter>");
    let plan = scene.stage.desk.store.run(RunId(3)).expect("a store").expect("the run").plan;
    assert!(plan.contains(r#""tags":["fair","2026"]"#), "{plan}");
}

#[test]
fn an_edited_filter_says_that_it_holds_from_now_on_only() {
    let mut scene = every_status();
    scene.stage.keys("jE<tab><tab><tab><tab><tab><tab>email set");
    insta::assert_snapshot!("edit_filter", scene.text());
    scene.stage.keys("<tab>31.01.2026<c-s>");
    assert!(scene.text().contains("31.01.2026 is no day"), "{}", scene.text());
    scene.stage.keys("<c-u>2026-01-31<c-s>");
    let source = scene.stage.desk.store.source(scene.id("Trade fair 2026")).expect("a store").expect("the source");
    assert_eq!(source.options.since.map(|day| day.to_string()).as_deref(), Some("2026-01-31"));
    assert!(scene.text().contains("contacts with email set, changed since 2026-01-31"), "{}", scene.text());
}

#[test]
fn enter_shows_the_runs_of_the_source() {
    let mut scene = every_status();
    scene.stage.keys("j<enter>");
    assert!(scene.text().contains("Trade fair 2026"), "{}", scene.text());
    assert!(!scene.text().contains("HubSpot export"), "only its own\n{}", scene.text());
}

#[test]
fn a_pause_that_came_in_between_is_taken_back_with_a_key() {
    let mut scene = refused();
    scene.stage.keys("<esc>");
    let id = scene.id("Trade fair 2026");
    scene.stage.desk.store.pause_source(id, "bo", NOW).expect("the source");
    scene.stage.keys("i");
    assert!(scene.text().contains("was paused by bo"), "{}", scene.text());
    scene.stage.keys("pu<space><enter>");
    assert_eq!(scene.imports(), 1, "{}", scene.text());
}

#[test]
fn the_same_file_again_without_keys_needs_a_decision() {
    let mut scene = Scene::new();
    scene.landfall.file("names.csv", "First Name,City\nAna,Graz\nBo,Wien\n");
    let buttons = "<tab>".repeat(20);
    scene.stage.keys("afnames.csv<enter><c-u>Guests of 2026").keys(&buttons).keys("<enter>1i");
    scene.stage.keys("<space><enter>");
    assert_eq!(scene.imports(), 1, "{}", scene.text());
    scene.stage.keys("1i");
    insta::assert_snapshot!("same_file_again", scene.text());
    scene.stage.keys("n<space><enter>");
    assert_eq!(scene.imports(), 2);
}

#[test]
fn dates_that_can_be_read_two_ways_are_decided_with_a_key() {
    let mut scene = Scene::new();
    let rows = "Ana,ana@example.com,26/06/2024\nBo,bo@example.com,03/04/2024\n";
    scene.landfall.file("dates.csv", format!("First Name,Email,Created\n{rows}"));
    let buttons = "<tab>".repeat(20);
    scene.stage.keys("afdates.csv<enter><c-u>Guests of 2026").keys(&buttons).keys("<enter>1i");
    insta::assert_snapshot!("dates_undecided", scene.text());
    scene.stage.keys("d<space><enter>");
    assert_eq!(scene.imports(), 1, "{}", scene.text());
}

#[test]
fn everything_of_the_form_and_of_the_dialog_can_be_clicked() {
    let mut scene = with_files();
    scene.stage.mouse(MouseKind::Click, "new.csv").mouse(MouseKind::Click, "new.csv");
    assert!(scene.text().contains("Add a source"), "{}", scene.text());
    scene.stage.mouse(MouseKind::Click, "one-time");
    assert!(scene.text().contains("ongoing: more files will come"), "{}", scene.text());
    scene.stage.mouse(MouseKind::Click, "Purpose").keys("fairs");
    scene.stage.mouse(MouseKind::Click, "[ Add and map ]");
    // "new" says little: that is said once, and taken when it is meant.
    assert!(scene.text().contains("Save again"), "{}", scene.text());
    scene.stage.mouse(MouseKind::Click, "[ Add and map ]");
    scene.stage.keys("1iu").mouse(MouseKind::Click, "[ ] I accept").mouse(MouseKind::Click, "[ Start");
    assert_eq!(scene.imports(), 1, "{}", scene.text());
    let source = scene.stage.desk.store.sources().expect("sources").pop().expect("the source");
    assert_eq!((source.mode, source.purpose.as_deref()), (SourceMode::Ongoing, Some("fairs")));
}

#[test]
fn a_thousand_sources_are_shown_and_searched() {
    let mut scene = Scene::new();
    for number in 0..1_000 {
        scene.add(&format!("Partner {number:04}"), SourceMode::Ongoing);
    }
    scene.refresh();
    assert!(scene.text().contains("1,000 sources"), "{}", scene.text());
    scene.stage.keys("G");
    assert!(scene.text().contains("Partner 0999"));
    scene.stage.keys("/0512");
    assert_eq!(scene.stage.app.sources.shown.len(), 1);
}

#[test]
fn no_size_of_the_terminal_is_too_small() {
    let mut scene = every_status();
    for keys in ["", "e", "<esc>E", "<esc>a"] {
        scene.stage.keys(keys);
        for (width, height) in [(0, 0), (1, 1), (10, 4), (20, 6), (40, 10), (79, 12), (300, 100)] {
            scene.stage.resize(width, height);
        }
        scene.stage.resize(80, 24);
    }
    let mut scene = refused();
    for keys in ["", "u"] {
        scene.stage.keys(keys);
        for (width, height) in [(0, 0), (1, 1), (10, 4), (20, 6), (40, 10), (79, 12), (300, 100)] {
            scene.stage.resize(width, height);
        }
    }
}
