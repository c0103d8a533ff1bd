//! Review and Confirm: what an import will do, before it does.

use crate::scene::{DAY, GOOD, HOUR, MINUTE, MIXED, Scene, refused};
use crate::stage::{NOW, Stage};
use landfall::app::key::Key;
use landfall::app::message::{Act, Effect, Message, MouseKind};
use landfall::domain::id::RunId;
use landfall::domain::run::{Interruption, RunKind, RunStatus};
use landfall::store::{RunFilter, Store};
use landfall::worker::prepare;
use landfall::worker::request::ImportRequest;

/// Contacts that are here, and a file with changes, news, doubles and mistakes.
const HERE: &str = "First Name,Email,Phone,City,Customer No\n\
                    Ana,ana@example.com,+43 1 234567,Graz,100001\n\
                    Bo,bo@example.com,,Wien,100002\n\
                    Cy,cy@example.com,,Linz,100003\n";
const LATER: &str = "First Name,Email,Phone,City,Customer No\n\
                     Ana,ana@example.com,+43 1 234567,Salzburg,100001\n\
                     Bo,bo@example.com,,,100002\n\
                     Cy,cy@example.com,,Linz,100003\n\
                     Di,di@example,12,Graz,100004\n\
                     ,,,,\n\
                     Eve,eve@example.com,,Graz,100005\n\
                     Eve,eve@example.com,,Graz,100005\n";

/// A workspace with three contacts, and the review of a later file open.
fn review() -> Scene {
    let mut scene = Scene::new();
    scene.import("CRM export", HERE, NOW - DAY);
    let file = scene.landfall.file("later.csv", LATER);
    let id = scene.id("CRM export");
    scene
        .stage
        .desk
        .store
        .edit_source(
            id,
            &landfall::domain::source::SourceEdit {
                location: Some(Some(file.to_string_lossy().into_owned())),
                ..Default::default()
            },
            "ann",
            10,
        )
        .expect("the source");
    scene.refresh();
    scene.stage.keys("i");
    scene
}

fn landed(scene: &Scene) -> usize {
    std::fs::read_dir(scene.stage.desk.store.deliveries_dir()).expect("a directory").count()
}

fn dry_runs(scene: &Scene) -> Vec<(RunId, RunStatus)> {
    let runs = scene.stage.desk.store.runs(&RunFilter::default()).expect("runs");
    let dry = runs.iter().filter(|run| run.kind == RunKind::DryRun);
    dry.map(|run| (run.id, run.status)).collect()
}

/// Sends a key, and carries out what it leads to but for the dry run itself.
fn withheld(stage: &mut Stage, keys: &str) {
    let mut waiting: std::collections::VecDeque<Message> =
        Key::parse_all(keys).expect("keys").into_iter().map(Message::Key).collect();
    while let Some(message) = waiting.pop_front() {
        let (now, mut rest) = (stage.now_ms, Vec::new());
        for effect in stage.app.update(message, now) {
            match effect {
                Effect::Do(Act::DryRun(_)) => {}
                Effect::Ask(ticket, question) => {
                    let answer = landfall::shell::answers::answer(&mut stage.desk, &question);
                    waiting.push_back(Message::Answered(ticket, answer));
                }
                Effect::Do(act) => {
                    let by = act.awaited_by();
                    let done = landfall::shell::acts::carry_out(&mut stage.desk, act);
                    waiting.push_back(Message::Done(by, done));
                }
                other => rest.push(other),
            }
        }
        stage.carry_out(rest);
    }
}

#[test]
fn the_review_shows_what_the_import_will_do_in_numbers() {
    let mut scene = review();
    shown!("confirm_ready", scene.stage);
    scene.stage.keys("<pgdn>");
    insta::assert_snapshot!("confirm_scrolled", scene.stage.text());
    scene.stage.keys("<space>");
    assert!(scene.stage.text().contains("[x] I accept"), "{}", scene.stage.text());
}

#[test]
fn before_the_numbers_are_in_it_starts_only_by_saying_so() {
    let mut scene = review();
    // One that was counted is used again: another mode is a plan of its own.
    withheld(&mut scene.stage, "m");
    shown!("confirm_not_counted", scene.stage);
    let before = scene.runs();
    withheld(&mut scene.stage, "<enter>S<space><enter><enter>");
    assert_eq!(scene.runs(), before, "Enter waits for the numbers\n{}", scene.stage.text());
    scene.stage.keys("S");
    let store = &scene.stage.desk.store;
    let run = store.runs(&RunFilter::default()).expect("runs").into_iter().next().expect("the run");
    assert_eq!((run.kind, run.status), (RunKind::Import, RunStatus::Completed), "{}", scene.stage.text());
    assert_eq!(dry_runs(&scene).len(), 1, "the one that was not begun is gone");
}

#[test]
fn nothing_starts_without_the_tick_whatever_is_pressed() {
    let mut scene = review();
    let before = scene.runs();
    scene.stage.keys("<enter><enter>SyY");
    assert_eq!(scene.runs(), before);
    scene.stage.keys("<space><space><enter>");
    assert_eq!(scene.runs(), before, "the tick was taken back");
    scene.stage.mouse(MouseKind::Click, "[ Start (enter) ]");
    assert_eq!(scene.runs(), before);
    scene.stage.keys("<space>m");
    assert!(scene.stage.text().contains("[ ] I accept"), "a change takes the tick away\n{}", scene.stage.text());
    scene.stage.keys("<enter>");
    assert!(
        scene
            .stage
            .desk
            .store
            .runs(&RunFilter::default())
            .expect("runs")
            .iter()
            .all(|run| { run.kind == RunKind::DryRun || run.id == RunId(1) })
    );
}

#[test]
fn closing_leaves_no_waiting_dry_run_and_no_landed_file_behind() {
    let mut scene = review();
    scene.stage.keys("<esc>");
    assert_eq!(dry_runs(&scene).len(), 1, "one that was counted stays in Runs");
    let (files, runs) = (landed(&scene), scene.runs());
    scene.landfall.file("later.csv", LATER.replace("Salzburg", "Bregenz"));
    withheld(&mut scene.stage, "i");
    assert_eq!((landed(&scene), scene.runs()), (files + 1, runs + 1));
    withheld(&mut scene.stage, "<esc>");
    assert_eq!((landed(&scene), scene.runs()), (files, runs));
    assert!(scene.stage.app.dialogs.is_empty());
}

#[test]
fn a_review_that_is_opened_again_counts_again_only_what_may_have_changed() {
    let mut scene = review();
    scene.stage.keys("<esc>i<esc>i");
    assert_eq!(dry_runs(&scene).len(), 1);
    scene.stage.keys("m");
    assert_eq!(dry_runs(&scene).len(), 2, "another mode does something else");
    scene.stage.keys("<esc>");
    scene.import("Another", "First Name,Email\nZoe,zoe@example.com\n", NOW);
    scene.stage.keys("g");
    scene.refresh();
    let place = scene.stage.app.sources.shown.iter().position(|_| true);
    assert_eq!(place, Some(0));
    scene.stage.keys("/CRM<enter>i");
    assert_eq!(dry_runs(&scene).len(), 3, "contacts have changed since");
}

#[test]
fn numbers_that_no_longer_hold_are_marked_and_counted_again() {
    let mut scene = review();
    let csv = scene.landfall.file("other.csv", "First Name,Email\nZoe,zoe@example.com\n");
    scene.stage.import(&csv, 0, |request| request.source = Some("Other people".to_owned()));
    scene.refresh();
    shown!("confirm_stale", scene.stage);
    scene.stage.keys("D");
    assert!(!scene.stage.text().contains("Out of date"), "{}", scene.stage.text());
    assert!(scene.stage.text().contains("2 created"), "{}", scene.stage.text());
}

#[test]
fn the_rows_behind_the_numbers_are_looked_at_and_back_leads_back() {
    let mut scene = review();
    scene.stage.keys("<space>r");
    insta::assert_snapshot!("confirm_rows", scene.stage.text());
    scene.stage.keys("<enter>");
    assert!(scene.stage.text().contains("di@example"), "{}", scene.stage.text());
    scene.stage.keys("<bs><bs>");
    assert!(scene.stage.text().contains("[x] I accept"), "nothing is lost\n{}", scene.stage.text());
    scene.stage.keys("r1B");
    assert!(scene.stage.text().contains("[x] I accept"), "from anywhere\n{}", scene.stage.text());
    assert_eq!(scene.stage.app.tab, landfall::app::Tab::Sources);
    scene.stage.keys("<enter>");
    assert!(scene.stage.text().contains("Run 3"), "{}", scene.stage.text());
}

#[test]
fn everything_that_can_be_changed_is_changed_with_a_key_or_a_click() {
    let mut scene = review();
    scene.stage.resize(200, 40);
    for (keys, shows) in [
        ("m", "create: adds new ones"),
        ("m", "update: changes those found"),
        ("m", "create and update"),
        ("d", "email; found by Source Reference, Email"),
        ("d", "phone; found by Source Reference, Phone Number"),
        ("d", "allowed to share email and phone; found by Source"),
        ("d", "email and phone; found by"),
        ("x", "clear what their fields hold"),
        ("", "1 value is cleared by empty cells: City 1"),
        ("x", "don't update empty values"),
        ("tfair, 2026<enter>", "fair, 2026"),
        ("t<c-u><enter>", "Tags            none"),
        ("fcity = Graz<enter>", "city = Graz"),
        ("f<c-u>nonsense<enter>", "is not imported yet"),
        ("z", "city = Graz"),
        ("f<c-u>nonsense<enter>f<c-u>city = Linz; email set<enter>", "city = Linz and email set"),
        ("f<c-u><enter>", "anything: all rows"),
        ("ayesterday<enter>", "is no day"),
        ("<c-u>2026-01-31<enter>", "2026-01-31"),
        ("a<c-u><enter>", "any day"),
    ] {
        let text = scene.stage.keys(keys).text();
        assert!(text.contains(shows), "{keys} shows {shows}\n{text}");
    }
    scene.stage.mouse(MouseKind::Click, "create and update");
    assert!(scene.stage.text().contains("create: adds new ones"), "{}", scene.stage.text());
    scene.stage.mouse(MouseKind::Click, "don't update");
    assert!(scene.stage.text().contains("clear what their fields hold"), "{}", scene.stage.text());
    scene.stage.keys("<space><enter>");
    let source = scene.stage.desk.store.source(scene.id("CRM export")).expect("a store").expect("the source");
    let options = source.options;
    assert_eq!((options.mode, options.clear_empty), (landfall::domain::run::Mode::Create, true), "it is remembered");
}

#[test]
fn what_the_review_says_is_what_the_run_then_does() {
    let files = [
        LATER.to_owned(),
        HERE.to_owned(),
        LATER.replace("100005", ""),
        format!("{HERE}Ann,ana@example.com,,,\nBob,,+43 1 234567,,\n"),
    ];
    let ways = [["", "mxfcity = Graz<enter>"], ["x", "mm"], ["m", "xtfair<enter>"], ["d", "ddd"]];
    for (place, (csv, ways)) in files.iter().zip(ways).enumerate() {
        for keys in ways {
            let mut scene = review();
            scene.stage.keys("<esc>");
            scene.landfall.file("later.csv", csv);
            scene.stage.keys("i").keys(keys);
            let import = landfall::app::import::shown(&scene.stage.app).expect("the review");
            let said =
                import.dry_run.counted().unwrap_or_else(|| panic!("{place} {keys}: numbers\n{}", scene.stage.text()));
            let said = (said.line.counts, said.skips.clone(), said.issues.clone(), said.cleared.clone());
            scene.stage.keys("<space><enter>");
            let page = scene.stage.app.runs.run.as_ref().and_then(|page| page.detail.as_deref());
            let done = page.unwrap_or_else(|| panic!("{place} {keys}: a run\n{}", scene.stage.text()));
            assert_eq!(done.line.kind, RunKind::Import);
            let done_as = (done.line.counts, done.skips.clone(), done.issues.clone(), done.cleared.clone());
            assert_eq!(said, done_as, "file {place}, {keys}");
            scene.stage.desk.store.check_run(done.line.id).expect("every row has its outcome");
        }
    }
}

#[test]
fn what_is_not_mapped_leads_to_the_mapping_and_is_not_lost() {
    let mut scene = refused();
    insta::assert_snapshot!("confirm_refused", scene.text());
    scene.stage.keys("e");
    assert_eq!(scene.stage.app.tab, landfall::app::Tab::Mapping);
    let editor = landfall::app::mapping::editor(&scene.stage.app).expect("the mapping");
    assert_eq!(editor.opened.source_name, "Trade fair 2026");
    assert_eq!(scene.runs(), 0);
    assert!(MIXED.contains("Passwort") && editor.draft.mapping().column("Passwort").is_some());
}

#[test]
fn a_mapping_is_marked_as_reviewed_from_the_review() {
    let mut scene = review();
    scene.stage.keys("v");
    assert!(scene.stage.text().contains("reviewed by ana"), "{}", scene.stage.text());
}

#[test]
fn the_review_fits_any_size() {
    let mut scene = review();
    for (width, height) in [(0, 0), (1, 1), (10, 4), (20, 6), (40, 10), (79, 12), (107, 20), (300, 100)] {
        scene.stage.resize(width, height);
    }
}

#[test]
fn a_dry_run_whose_process_died_does_not_count_for_ever() {
    let mut scene = review();
    scene.stage.keys("<esc>");
    let file = scene.landfall.file("other.csv", HERE);
    let mut request = ImportRequest::new(file, "ana".to_owned());
    (request.source, request.dry_run) = (Some("CRM export".to_owned()), true);
    let store = &mut scene.stage.desk.store;
    let prepared = prepare::prepare(store, &request, 1).expect("a dry run");
    let [waiting, dying] = [HOUR, MINUTE / 2].map(|ago| prepare::enqueue(store, &prepared, NOW - ago).expect("a run"));
    let died = prepare::enqueue(store, &prepared, NOW - HOUR).expect("a run");
    store.set_run_status(died, RunStatus::Running, None, NOW - HOUR).expect("a run");
    scene.stage.keys("im");
    let known = dry_runs(&scene);
    assert!(!known.iter().any(|(run, _)| *run == waiting), "it was never begun: {known:?}");
    assert!(known.contains(&(died, RunStatus::Cancelled)), "{known:?}");
    assert!(known.contains(&(dying, RunStatus::Queued)), "it may yet begin: {known:?}");
}

#[test]
fn a_column_that_does_not_read_as_its_field_is_marked_before_and_after_it_is_counted() {
    let mut scene = Scene::new();
    let rows: String = (0..6)
        .map(|row| format!("P{row},{},p{row}@example.com\n", if row < 2 { "+43 1 2345678" } else { "none" }))
        .collect();
    scene.landfall.file("phones.csv", format!("First Name,Phone,Email\n{rows}"));
    scene.stage.keys("<enter>phones<enter>1i");
    shown!("confirm_attention", scene.stage);
    let text = scene.stage.text();
    assert!(text.contains("! Phone") && text.contains("✓ Email"), "{text}");
    scene.stage.keys("X<space><enter>");
    let page = scene.stage.app.runs.run.as_ref().and_then(|page| page.detail.as_deref()).expect("the run");
    assert_eq!(page.line.status, RunStatus::NeedsAttention);
}

#[test]
fn what_is_at_work_meanwhile_is_said() {
    let mut scene = review();
    scene.stage.keys("<esc>");
    let lock = Store::try_lock(&scene.landfall.workspace()).expect("a lock");
    scene.queue("Another", GOOD, NOW);
    scene.stage.keys("gi");
    assert!(scene.stage.text().contains("Meanwhile 1 run waits"), "{}", scene.stage.text());
    drop(lock);
}

#[test]
fn a_run_that_has_begun_goes_on_and_is_not_counted_anew() {
    let mut scene = review();
    scene.stage.keys("<esc>");
    let store = &mut scene.stage.desk.store;
    let source = store.source_by_name("CRM export").expect("a store").expect("the source");
    let request = ImportRequest::from_source(&source, None, "ana".to_owned()).expect("a file");
    let prepared = prepare::prepare(store, &request, 1).expect("an import");
    let run = prepare::enqueue(store, &prepared, NOW).expect("a run");
    store.interrupt_run(run, Interruption::Request, "Stopped on request.", NOW).expect("the run");
    let before = dry_runs(&scene).len();
    scene.stage.keys("i");
    shown!("confirm_goes_on", scene.stage);
    assert_eq!(dry_runs(&scene).len(), before);
    scene.stage.keys("<space><enter>");
    let done = scene.stage.desk.store.run(run).expect("a store").expect("the run");
    assert_eq!((done.status, done.counts.rows()), (RunStatus::Completed, 6), "{}", scene.stage.text());
}
