use crate::common::Landfall;
use crate::stage::{NOW, Stage};
use landfall::app::message::MouseKind;
use landfall::domain::id::{RunId, SourceId};
use landfall::domain::run::{Interruption, RunStatus};
use landfall::domain::source::{SourceEdit, SourceMode};
use landfall::store::NewSource;
use landfall::worker::prepare;
use landfall::worker::request::ImportRequest;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const GOOD: &str = "First Name,Email,Customer No\nAna,ana@example.com,100001\nBo,bo@example.com,100002\n";

/// A workspace with a stage on it.
struct Scene {
    landfall: Landfall,
    stage: Stage,
}

impl Scene {
    fn new() -> Scene {
        let landfall = Landfall::new();
        let stage = Stage::open(&landfall.workspace());
        Scene { landfall, stage }
    }

    /// Imports a text into a source at a time, as a worker would.
    fn import(&mut self, source: &str, csv: &str, at_ms: i64) -> RunId {
        let run = self.queue(source, csv, at_ms);
        let now = std::mem::replace(&mut self.stage.now_ms, at_ms);
        self.stage.work();
        self.stage.now_ms = now;
        run
    }

    fn queue(&mut self, source: &str, csv: &str, at_ms: i64) -> RunId {
        let file = self.landfall.file("import.csv", csv);
        let request = ImportRequest {
            source: Some(source.to_owned()),
            new_source: true,
            accept_unmapped: true,
            again: true,
            ..ImportRequest::new(file, "ana".to_owned())
        };
        let store = &mut self.stage.desk.store;
        let prepared = prepare::prepare(store, &request, 1).expect("a file that can be imported");
        let run = prepare::enqueue(store, &prepared, at_ms).expect("a run");
        let id = store.source_by_name(source).expect("a store").expect("the source").id;
        self.place(id);
        run
    }

    /// Says where the file of a source is, so that no screen depends on this machine.
    fn place(&mut self, id: SourceId) {
        let location = Some(Some("/srv/drop/contacts.csv".to_owned()));
        let edit = SourceEdit { location, ..SourceEdit::default() };
        self.stage.desk.store.edit_source(id, &edit).expect("the source");
    }

    fn add(&mut self, name: &str, mode: SourceMode) -> SourceId {
        let new = NewSource { name, kind: "file", provider: None, mode, created_ms: NOW - 3 * DAY };
        self.stage.desk.store.add_source(&new).expect("a source").id()
    }

    fn id(&self, name: &str) -> SourceId {
        self.stage.desk.store.source_by_name(name).expect("a store").expect("the source").id
    }

    fn runs(&self) -> usize {
        let all = landfall::store::RunFilter::default();
        self.stage.desk.store.runs(&all).expect("runs").len()
    }

    /// Reads the sources anew, and nothing that would start a worker.
    fn refresh_without_a_worker(&mut self) {
        let sources = landfall::app::message::Question::Sources;
        let mut fx = landfall::app::Effects::default();
        self.stage.app.ask(sources, &mut fx);
        self.stage.carry_out(fx.list);
    }

    fn refresh(&mut self) -> &mut Stage {
        self.stage.send(landfall::app::message::Message::Changed);
        &mut self.stage
    }

    /// The screen, with the directory of the test told otherwise.
    fn text(&self) -> String {
        let dir = self.landfall.dir().to_string_lossy().into_owned();
        let mut text = String::new();
        for line in self.stage.text().lines() {
            match line.split_once(&dir) {
                Some((before, after)) => {
                    let border = if after.ends_with('│') { " │" } else { "" };
                    let after = after.trim_end_matches(['│', ' ']);
                    text.push_str(&format!("{before}/srv/drop{after}{border}"));
                }
                None => text.push_str(line),
            }
            text.push('\n');
        }
        text
    }
}

/// Sources of every status.
fn every_status() -> Scene {
    let mut scene = Scene::new();
    for days in (1..14).rev() {
        let rows: String =
            (0..days % 5).map(|row| format!("P{row},p{row}-{days}@example.com,7{days:02}{row}\n")).collect();
        scene.import("Webinar sign-ups", &format!("First Name,Email,Customer No\n{rows}"), NOW - days * DAY);
    }
    scene.import("Webinar sign-ups", GOOD, NOW - 3 * MINUTE);
    scene.import(
        "Trade fair 2026",
        "First Name,Email\nŁukasz,lukasz@example\nAna,ana.k@example.com\n",
        NOW - 20 * HOUR,
    );
    scene.import("HubSpot export", GOOD, NOW - 3 * DAY);
    scene.import("Zendesk people", GOOD, NOW - 9 * HOUR);
    let zendesk = scene.id("Zendesk people");
    scene.stage.desk.store.pause_source(zendesk, "bo", NOW - 8 * HOUR).expect("the source");
    let partner = scene.add("Partner list Q4", SourceMode::Ongoing);
    scene.place(partner);
    let edit = SourceEdit {
        purpose: Some(Some("renewals of the partner programme".to_owned())),
        owner: Some(Some("Globex, it@globex.example".to_owned())),
        ..SourceEdit::default()
    };
    scene.stage.desk.store.edit_source(partner, &edit).expect("the source");
    let failed = scene.queue("HubSpot export", &GOOD.replace("Ana", "Anna"), NOW - 12 * MINUTE);
    let store = &mut scene.stage.desk.store;
    let error = "The disk of the workspace is full: /srv/landfall has 0 bytes left.";
    store.set_run_status(failed, RunStatus::Running, None, NOW - 12 * MINUTE).expect("a run");
    store.interrupt_run(failed, Interruption::Error, error, NOW - 12 * MINUTE).expect("a run");
    scene.refresh();
    scene
}

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
    let before = stage.text();
    for key in ["a", "i", "f", "p", "E", "r", "x"] {
        assert_eq!(stage.keys(key).text(), before, "{key}");
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

const MIXED: &str = "First Name,Email,Kunden-Nr.,Passwort\nAna,ana@example.com,100001,x\nBo,bo@example.com,100002,y\n";

/// The picker with files in it, their dates known.
fn with_files() -> Scene {
    let mut scene = Scene::new();
    for (name, text) in [
        ("new.csv", MIXED),
        ("trade-fair.csv", GOOD),
        ("trade-show.csv", GOOD),
        ("notes.pdf", "%PDF"),
        (".hidden.csv", GOOD),
    ] {
        let path = scene.landfall.file(name, text);
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_millis((NOW - 2 * HOUR) as u64);
        std::fs::File::options().write(true).open(path).and_then(|file| file.set_modified(at)).expect("a date");
    }
    std::fs::create_dir(scene.landfall.dir().join("Archive")).expect("a directory");
    scene.landfall.file("Archive/old.csv", GOOD);
    let dirs = ["Archive", "workspace"].map(|name| scene.landfall.dir().join(name));
    for dir in dirs {
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_millis((NOW - 2 * DAY) as u64);
        std::fs::File::open(dir).and_then(|dir| dir.set_modified(at)).expect("a date");
    }
    scene.stage.keys("a");
    scene
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

/// Adds a source of `new.csv`, and asks for its import.
fn refused() -> Scene {
    let mut scene = with_files();
    scene.stage.keys("new.csv<enter><c-u>Trade fair 2026<s-tab>");
    let buttons = "<tab>".repeat(20);
    scene.stage.keys(&buttons).keys("<enter>");
    scene
}

#[test]
fn a_refusal_says_what_to_do_and_a_key_does_it() {
    let mut scene = refused();
    insta::assert_snapshot!("refused", scene.text());
    scene.stage.keys("<enter><space><enter>");
    assert_eq!(scene.stage.desk.store.runs_to_do().expect("runs").len(), 0);
    scene.stage.keys("u");
    insta::assert_snapshot!("before_the_import_80", scene.text());
    scene.stage.resize(120, 36);
    insta::assert_snapshot!("before_the_import_120", scene.text());
}

#[test]
fn nothing_starts_before_the_disclaimer_is_accepted_and_then_once() {
    let mut scene = refused();
    scene.stage.keys("u<enter><enter>");
    assert_eq!(scene.runs(), 0, "the disclaimer is not accepted");
    scene.stage.keys("<space><enter><enter><enter>");
    assert_eq!(scene.runs(), 1);
    let store = &scene.stage.desk.store;
    let run = store.run(RunId(1)).expect("a store").expect("the run");
    assert_eq!((run.status, run.counts.created), (RunStatus::Completed, 2));
    store.check_run(RunId(1)).expect("every row has its outcome");
}

#[test]
fn what_landed_for_an_import_that_nobody_starts_goes() {
    let mut scene = refused();
    let landed =
        |scene: &Scene| std::fs::read_dir(scene.stage.desk.store.deliveries_dir()).expect("a directory").count();
    scene.stage.keys("u");
    assert_eq!(landed(&scene), 1);
    scene.stage.keys("<esc>");
    assert_eq!((landed(&scene), scene.runs()), (0, 0));
    assert!(scene.text().contains("○ No data     Trade fair 2026"), "the source is there\n{}", scene.text());
    scene.stage.keys("iu<space><enter>");
    assert_eq!((landed(&scene), scene.runs()), (1, 1));
}

#[test]
fn the_same_file_again_without_keys_needs_a_decision() {
    let mut scene = Scene::new();
    scene.landfall.file("names.csv", "First Name,City\nAna,Graz\nBo,Wien\n");
    let buttons = "<tab>".repeat(20);
    scene.stage.keys("anames.csv<enter><c-u>Guests of 2026").keys(&buttons).keys("<enter>");
    scene.stage.keys("<space><enter>");
    assert_eq!(scene.runs(), 1, "{}", scene.text());
    scene.stage.keys("1i");
    insta::assert_snapshot!("same_file_again", scene.text());
    scene.stage.keys("n<space><enter>");
    assert_eq!(scene.runs(), 2);
}

#[test]
fn dates_that_can_be_read_two_ways_are_decided_with_a_key() {
    let mut scene = Scene::new();
    let rows = "Ana,ana@example.com,26/06/2024\nBo,bo@example.com,03/04/2024\n";
    scene.landfall.file("dates.csv", format!("First Name,Email,Created\n{rows}"));
    let buttons = "<tab>".repeat(20);
    scene.stage.keys("adates.csv<enter><c-u>Guests of 2026").keys(&buttons).keys("<enter>");
    insta::assert_snapshot!("dates_undecided", scene.text());
    scene.stage.keys("d<space><enter>");
    assert_eq!(scene.runs(), 1, "{}", scene.text());
}

#[test]
fn everything_of_the_form_and_of_the_dialog_can_be_clicked() {
    let mut scene = with_files();
    scene.stage.mouse(MouseKind::Click, "new.csv").mouse(MouseKind::Click, "new.csv");
    assert!(scene.text().contains("Add a source"), "{}", scene.text());
    scene.stage.mouse(MouseKind::Click, "one-time");
    assert!(scene.text().contains("ongoing: more files will come"), "{}", scene.text());
    scene.stage.mouse(MouseKind::Click, "Purpose").keys("fairs");
    scene.stage.mouse(MouseKind::Click, "[ Add and import ]");
    scene.stage.keys("u").mouse(MouseKind::Click, "[ ] I accept").mouse(MouseKind::Click, "[ Start");
    assert_eq!(scene.runs(), 1, "{}", scene.text());
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
