//! The Runs tab: the list, one run, its rows, one row.

use crate::common::Landfall;
use crate::stage::{NOW, Stage};
use insta::assert_snapshot;
use landfall::app::message::{Message, MouseKind};
use landfall::domain::id::RunId;
use landfall::domain::run::RunStatus;
use landfall::worker::execute::{Control, Tuning};
use landfall::worker::prepare::{enqueue, prepare};
use landfall::worker::queue::Turn;
use landfall::worker::request::ImportRequest;
use std::cell::Cell;
use std::fmt::Write;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A file of a trade fair: addresses, a phone and a date that cannot be read, a row without anything, one row twice.
const FAIR: &str = "\
Customer No;First Name;Last Name;E-Mail;Mobile;Signed up\n\
A-1;Jürgen;Weiß;j.weiss@example.com;+49 151 23456789;2024-08-09\n\
A-2;Łukasz;Nowak;lukasz@example;+48 601 234 567;2024-08-10\n\
A-3;Ana;Souza;ana@example.com;1,23457E+10;2024-08-11\n\
A-4;美咲;田中;misaki@example.jp;+81 90 1234 5678;2024-08-12\n\
A-5;Omar;Haddad;omar at example.com;;2024-08-13\n\
;;;;;2024-08-14\n\
A-7;Eve;Long;eve@example.com;+1 206 555 0100;the 3rd\n\
A-1;Jürgen;Weiss;j.weiss@example.com;+49 151 23456789;2024-08-09\n";

/// A workspace on its stage, empty.
struct World {
    landfall: Landfall,
    stage: Stage,
}

impl World {
    fn new() -> World {
        let landfall = Landfall::new();
        let stage = Stage::open(&landfall.workspace());
        World { landfall, stage }
    }

    /// A workspace in which two sources were imported from, on the days before.
    fn lived_in() -> World {
        let mut world = World::new();
        world.at(NOW - 49 * HOUR);
        world.import("trade-fair-2026.csv", FAIR, "Trade-fair list", fair);
        world.at(NOW - 20 * HOUR);
        world.import("webinar.csv", &webinar(40), "Webinar sign-ups", |request| {
            request.filters = vec!["tags = customer".to_owned()];
        });
        world.at(NOW - 12 * MINUTE);
        world.import("trade-fair-2026.csv", FAIR, "Trade-fair list", |request| {
            fair(request);
            request.again = true;
        });
        world.at(NOW);
        world
    }

    fn at(&mut self, now_ms: i64) {
        self.stage.now_ms = now_ms;
    }

    /// Queues an import of a file.
    fn queue(&mut self, file: &str, content: &str, source: &str, change: impl FnOnce(&mut ImportRequest)) -> RunId {
        let mut request = ImportRequest::new(self.landfall.file(file, content), "ana".to_owned());
        request.source = Some(source.to_owned());
        change(&mut request);
        let prepared = prepare(&self.stage.desk.store, &request, 1).expect("an import that is not refused");
        enqueue(&mut self.stage.desk.store, &prepared, self.stage.now_ms).expect("a queued run")
    }

    /// Imports a file to its end.
    fn import(&mut self, file: &str, content: &str, source: &str, change: impl FnOnce(&mut ImportRequest)) -> RunId {
        let run = self.queue(file, content, source, change);
        self.stage.work();
        run
    }

    /// Imports a file until so many rows have their outcome; every batch of 100 takes 50 ms.
    fn import_some(&mut self, rows: u64, of: usize) -> RunId {
        let run = self.queue("big.csv", &webinar(of), "Nightly drop", |_| {});
        let stop = AtomicBool::new(false);
        let clock = Cell::new(self.stage.now_ms - 30_000);
        let turn = Turn::take(&mut self.stage.desk.store, clock.get()).expect("a turn").expect("nobody is at work");
        let control = &mut Control {
            stop: &stop,
            now_ms: &|| clock.get(),
            on_progress: &mut |progress| {
                clock.set(clock.get() + 50);
                stop.store(progress.counts.rows() >= rows, Ordering::Relaxed);
            },
            threads: 1,
            tuning: Tuning { commit_rows: 100, ..Tuning::default() },
        };
        turn.execute(&mut self.stage.desk.store, run, control).expect("a run that can be stopped");
        run
    }

    fn set_status(&mut self, run: RunId, status: RunStatus, error: Option<&str>) {
        let now = self.stage.now_ms;
        self.stage.desk.store.set_run_status(run, status, error, now).expect("the run is there");
    }

    /// Presses keys.
    fn keys(&mut self, keys: &str) -> &mut World {
        self.stage.keys(keys);
        self
    }

    fn text(&self) -> String {
        self.stage.text()
    }

    /// The screen at 80×24 and at 120×36.
    fn both(&mut self) -> String {
        let large = self.stage.resize(120, 36).text();
        let small = self.stage.resize(80, 24).text();
        format!("{small}{}\n{large}", "═".repeat(120))
    }
}

fn fair(request: &mut ImportRequest) {
    request.country = Some("DE".to_owned());
    request.map = vec![("Signed up".to_owned(), Some("created_at".to_owned()))];
}

/// A file with so many people in it; every fourth one is a prospect.
fn webinar(people: usize) -> String {
    let mut rows = "id,email,tags\n".to_owned();
    for number in 1..=people {
        let tag = if number % 4 == 0 { "prospect" } else { "customer" };
        writeln!(rows, "W-{number},person{number}@example.com,{tag}").expect("a string takes all");
    }
    rows
}

/// A file with so many people in it that no other file has.
fn people(name: &str, people: usize) -> String {
    webinar(people).replace("person", name)
}

#[test]
fn an_empty_list_says_what_to_do_first() {
    assert_snapshot!(World::new().keys("3").both());
}

#[test]
fn the_list_shows_how_each_run_went_and_more_where_there_is_room() {
    assert_snapshot!(World::lived_in().keys("3").both());
}

#[test]
fn the_list_is_narrowed_by_text_by_status_and_by_source() {
    let mut world = World::lived_in();
    assert_snapshot!("typing", world.keys("3/fair").text());
    assert_snapshot!("narrowed-by-text", world.keys("<enter>").text());
    assert_snapshot!("no-run-matches", world.keys("f").text());
    assert_snapshot!("by-source", world.keys("<esc>js").text());
    let all = world.keys("<esc>").text();
    assert!(all.contains("3 runs") && !all.contains("Esc shows all"), "{all}");
}

#[test]
fn the_page_of_a_run_adds_its_rows_up_and_says_why_some_failed() {
    assert_snapshot!(World::lived_in().keys("3G<enter>").both());
}

#[test]
fn the_page_of_a_run_says_by_which_filter_rows_were_skipped() {
    assert_snapshot!(World::lived_in().keys("3j<enter>").both());
}

#[test]
fn a_run_at_work_shows_how_far_it_is_how_fast_and_when_it_will_end() {
    let mut world = World::new();
    let run = world.import_some(2_000, 5_000);
    world.set_status(run, RunStatus::Running, None);
    let mut at_work = landfall::store::Store::create_or_open(&world.landfall.workspace(), NOW, 7).expect("a workspace");
    let lock = landfall::store::Store::try_lock(at_work.dir()).expect("a lock").expect("nobody holds it");
    assert_snapshot!("at-work", world.keys("3").both());
    assert_snapshot!("at-work-its-page", world.keys("<enter>").both());
    at_work.request_cancel(run).expect("the run is there");
    world.stage.send(Message::Changed);
    assert!(world.text().contains("Stops at the end of its batch"), "{}", world.text());
    drop(lock);
}

#[test]
fn an_interrupted_run_shows_what_to_look_at_before_it_goes_on() {
    let mut world = World::new();
    let run = world.import_some(2_000, 5_000);
    assert_snapshot!("interrupted", world.keys("3").both());
    assert_snapshot!("interrupted-its-page", world.keys("<enter>").both());
    assert_snapshot!("before-it-is-tried-again", world.keys("R").both());
    // Enter in haste does nothing; the answer has to be chosen.
    assert!(world.keys("<enter><enter>").text().contains("Interrupted") || world.text().contains("Rows of run"));
    world.keys("<esc><esc><enter>Ry");
    let run = world.stage.desk.store.run(run).expect("a store").expect("the run");
    assert_eq!((run.status, run.counts.rows()), (RunStatus::Completed, 5_000));
    assert!(world.text().contains("5,000 rows read, every one accounted for"), "{}", world.text());
}

#[test]
fn a_cancel_counts_what_stays_and_what_is_not_reached_and_asks() {
    let mut world = World::new();
    let run = world.import_some(2_000, 5_000);
    assert_snapshot!(world.keys("3<enter>C").both());
    let status = |world: &World| world.stage.desk.store.run(run).expect("a store").expect("the run").status;
    // Whatever is pressed twice in haste, nothing is cancelled without a yes.
    for haste in ["<enter>", "<enter>", "<esc>CC<esc>", "<space>", "<esc>"] {
        world.keys(haste);
        assert_eq!(status(&world), RunStatus::Interrupted, "{haste}");
    }
    world.keys("3<esc><esc><enter>Cy");
    assert_eq!(status(&world), RunStatus::Cancelled);
    assert!(world.text().contains("Cancelled: 2,000 rows accounted for, 3,000 not reached."), "{}", world.text());
}

#[test]
fn a_failed_run_says_what_failed_and_what_it_did_before_and_is_not_simply_repeated() {
    let mut world = World::new();
    let run = world.import_some(2_000, 5_000);
    world.set_status(run, RunStatus::Failed, Some("The delivery is not what landed: its content has changed."));
    assert_snapshot!("failed", world.keys("3<enter>").both());
    assert_snapshot!("failed-before-another-try", world.keys("R").text());
}

#[test]
fn a_run_that_needs_attention_says_why() {
    let mut world = World::new();
    let mut rows = "id,email,note\n".to_owned();
    for number in 1..=6 {
        writeln!(rows, "N-{number},nobody {number},ok").expect("a string takes all");
    }
    world.import("swapped.csv", &rows, "Swapped", |_| {});
    assert_snapshot!(world.keys("3<enter>").both());
}

#[test]
fn rows_are_shown_with_what_became_of_them_and_their_cells() {
    let mut world = World::lived_in();
    assert_snapshot!("all-rows", world.keys("3G<enter>r").both());
    assert_snapshot!("the-failed-rows", world.keys("f").text());
    assert_snapshot!("the-rows-behind-a-reason", world.keys("<esc><enter>").text());
}

#[test]
fn a_row_stands_beside_the_contact_that_it_became() {
    let mut world = World::lived_in();
    assert_snapshot!("a-row-with-a-warning", world.keys("3G<enter>rj<enter>").both());
    assert_snapshot!("a-failed-row", world.keys("<esc>f<enter>").text());
    // The rows one after the other, there and back.
    assert!(world.keys("<esc><esc>rG<enter>pp").text().contains("Row 6 of run 1"), "{}", world.text());
    assert!(world.keys("n").text().contains("Row 7 of run 1"), "{}", world.text());
    assert!(world.keys("nn").text().contains("This is the last row."), "{}", world.text());
}

#[test]
fn a_row_that_updated_a_contact_shows_what_was_before() {
    let mut world = World::lived_in();
    let later = "Customer No;First Name;Last Name;E-Mail\nA-3;Ana;Souza Lima;ana@example.com\n";
    world.import("later.csv", later, "Trade-fair list", |_| {});
    assert_snapshot!(world.keys("3<enter>r<enter>").both());
}

#[test]
fn a_dry_run_shows_no_contact_that_it_has_not_written() {
    let mut world = World::lived_in();
    let mut request = ImportRequest::new(world.landfall.file("dry.csv", people("dry", 3)), "ana".to_owned());
    (request.source, request.dry_run) = (Some("Another one".to_owned()), true);
    let store = &mut world.stage.desk.store;
    let prepared = prepare(store, &request, 1).expect("an import that is not refused");
    let run = enqueue(store, &prepared, NOW).expect("a queued run");
    let mut dry = landfall::store::Store::open_dry(store.dir(), run).expect("a store for it");
    let control = &mut Control {
        stop: &AtomicBool::new(false),
        now_ms: &|| NOW,
        on_progress: &mut |_| {},
        threads: 1,
        tuning: Tuning::default(),
    };
    landfall::worker::execute::execute(&mut dry, run, control).expect("a dry run");
    // A contact that is made later gets the number that the dry run gave.
    world.import("others.csv", &people("other", 5), "Yet another", |_| {});
    let text = world.keys("3j<enter>").text();
    assert!(text.contains("A dry run: no contact was written."), "{text}");
    let text = world.keys("rG<enter>").text();
    assert!(text.contains("Row 3 of run 4") && text.contains("A dry run") && !text.contains("contact 7"), "{text}");
}

#[test]
fn a_row_leads_to_its_contact_and_a_run_to_its_source() {
    let mut world = World::lived_in();
    let text = world.keys("3G<enter>r<enter><enter>").text();
    assert!(text.contains("700000-1-r") && text.contains("j.weiss@example.com"), "{text}");
    world.keys("<a-3>");
    assert!(world.text().contains("Row 1 of run 1"), "{}", world.text());
    let text = world.keys("<esc><esc>o").text();
    assert!(text.contains("▌ ! Warning") && text.contains("Trade-fair list"), "{text}");
}

#[test]
fn a_run_whose_process_died_is_interrupted_and_gone_on_with() {
    let mut world = World::new();
    let run = world.import_some(2_000, 5_000);
    world.set_status(run, RunStatus::Running, None);
    world.stage.app.workspace.read_only = Some("the disk is read-only".to_owned());
    world.stage.send(Message::Changed);
    let text = world.keys("3").text();
    assert!(text.contains("‖ Interrupted") && text.contains("The process that ran it ended"), "{text}");
    // Where things can be changed, a worker goes on with it at once.
    world.stage.app.workspace.read_only = None;
    world.stage.app.view = Default::default();
    world.stage.send(Message::Changed);
    assert!(world.text().contains("Finished: 5,000 rows read"), "{}", world.text());
}

#[test]
fn pointing_at_a_status_shows_what_stands_behind_it_and_a_key_does_too() {
    let mut world = World::new();
    world.import("trade-fair-2026.csv", FAIR, "Trade-fair list", fair);
    world.import_some(2_000, 5_000);
    world.keys("3");
    world.stage.mouse(MouseKind::Moved, "‖ Interrupted");
    assert_snapshot!("pointed-at", world.text());
    assert_snapshot!("by-a-key", world.keys("e").text());
    // A click does the same.
    world.keys("<esc>");
    world.stage.mouse(MouseKind::Click, "‖ Interrupted");
    assert!(world.text().contains("2026-11-20 13:01:31 UTC"), "{}", world.text());
    world.keys("c");
    assert!(world.stage.copied.concat().contains("Stopped on request"), "{:?}", world.stage.copied);
}

#[test]
fn a_purged_delivery_leaves_outcomes_and_says_so() {
    let mut world = World::lived_in();
    let store = &world.stage.desk.store;
    for run in [1, 2, 3] {
        let path = store.run(RunId(run)).expect("a store").expect("the run").delivery_path;
        let _ = std::fs::remove_file(path);
    }
    assert_snapshot!("purged-the-run", world.keys("3G<enter>").text());
    assert_snapshot!("purged-its-rows", world.keys("r").text());
    assert_snapshot!("purged-one-row", world.keys("<enter>").text());
}

#[test]
fn hostile_cells_are_shown_and_never_sent() {
    let mut world = World::new();
    let big = "x".repeat(1_000_000);
    let file = format!(
        "id,first name,email\n\
         H-1,\u{1b}[31mred\u{1b}[0m,esc@example.com\n\
         H-2,abc\u{202e}gpj.exe,bidi@example.com\n\
         H-3,東京\u{200b}太郎 e\u{301}\u{301}\u{301},cjk@example.com\n\
         H-4,{big},big@example.com\n\
         H-5,\u{9b}2J,\u{1b}]52;c;aGk=\u{7}\n"
    );
    world.import("host\u{1b}ile.csv", &file, "Hos\u{202e}tile", |_| {});
    assert_snapshot!("hostile-rows", world.keys("3<enter>r").both());
    for keys in ["G", "<enter>", "p", "p", "p", "<esc><esc>"] {
        let text = world.keys(keys).text();
        assert!(!text.chars().any(|c| c != '\n' && landfall::ui::text::is_hidden(c)), "{text:?}");
    }
    assert_snapshot!("a-cell-of-a-megabyte", world.keys("r<enter>nnn").text());
    assert_snapshot!("a-cell-of-a-megabyte-whole", world.keys("v").text());
    let end = world.keys("<end>").text();
    assert!(end.contains("934.5 kB cut"), "{end}");
}

#[test]
fn where_nothing_can_be_changed_nothing_is_offered() {
    let mut world = World::new();
    let run = world.import_some(2_000, 5_000);
    world.stage.app.workspace.read_only = Some("the disk is read-only".to_owned());
    let text = world.keys("3").text();
    assert!(text.contains("read-only") && !text.contains("R try again") && !text.contains("C cancel"), "{text}");
    world.keys("RyCy<enter>RyCynN");
    assert_eq!(world.stage.desk.store.run(run).expect("a store").expect("the run").status, RunStatus::Interrupted);
    assert_snapshot!(world.text());
}

#[test]
fn an_operator_finds_why_rows_failed_and_exports_them_and_the_file_imports_again() {
    let mut world = World::lived_in();
    // The newest run; its failed rows; out to a file of the offered name.
    let text = world.keys("3<enter>").text();
    assert!(text.contains("1 row failed") && text.contains("✗ Required fields"), "{text}");
    world.stage.app.directory = "/home/ana".into();
    assert_snapshot!("asking-for-the-file", world.keys("x").text());
    let text = world.keys("<enter>").text();
    let file = world.landfall.dir().join("trade-fair-2026-run-3-failed.csv");
    assert!(text.contains("1 row written to"), "{text}");
    let written = std::fs::read_to_string(&file).expect("the file is there");
    assert!(written.starts_with("Customer No,First Name,Last Name,E-Mail,Mobile,Signed up,landfall_row,"), "{written}");
    assert_eq!(std::fs::metadata(&file).expect("the file is there").permissions().mode() & 0o777, 0o600);
    // A second time nothing is written over.
    let text = world.keys("x<enter>").text();
    assert!(text.contains("Nothing was written: trade-fair-2026-run-3-failed.csv exists already"), "{text}");
    assert_eq!(std::fs::read_to_string(&file).expect("the file is there"), written);
    let names: Vec<_> = std::fs::read_dir(world.landfall.dir()).expect("the directory").flatten().collect();
    assert!(!names.iter().any(|entry| entry.file_name().to_string_lossy().ends_with(".part")), "{names:?}");
    // Mended, it imports.
    let mended = written.replacen("\n,,,,", "\nA-6,Ida,Berg,ida@example.com,", 1);
    let run = world.import("mended.csv", &mended, "Trade-fair list", |request| {
        request.country = Some("DE".to_owned());
        request.accept_unmapped = true;
    });
    let counts = world.stage.desk.store.run(run).expect("a store").expect("the run").counts;
    assert_eq!((counts.rows(), counts.created, counts.failed), (1, 1, 0));
}

#[test]
fn paging_over_many_rows_in_both_directions_shows_each_row_once() {
    let mut world = World::new();
    world.import("big.csv", &webinar(5_300), "Nightly drop", |_| {});
    world.keys("3<enter>r");
    let selected = |world: &World| {
        let rows = world.stage.app.runs.rows.as_ref().expect("the rows are open");
        rows.selected().expect("a row is selected").row.row
    };
    let mut down = vec![selected(&world)];
    for _ in 1..5_300 {
        world.stage.send(Message::Key(landfall::app::key::Key::parse("j").expect("a key")));
        down.push(selected(&world));
    }
    assert!(down.iter().copied().eq(1..=5_300), "{down:?}");
    let mut up = vec![selected(&world)];
    for _ in 1..5_300 {
        world.stage.send(Message::Key(landfall::app::key::Key::parse("k").expect("a key")));
        up.push(selected(&world));
    }
    assert!(up.iter().rev().copied().eq(1..=5_300), "{up:?}");
    // To the end at once, and from there upwards; to a number; to the beginning.
    world.keys("G");
    assert_eq!(selected(&world), 5_300);
    world.keys("k");
    assert_eq!(selected(&world), 5_299);
    world.keys("#2,500<enter>");
    assert_eq!(selected(&world), 2_500);
    world.keys("kkk");
    assert_eq!(selected(&world), 2_497);
    world.keys("g");
    assert_eq!(selected(&world), 1);
    assert!(world.keys("#nonsense<enter>").text().contains("no number of a row"), "{}", world.text());
}

#[test]
fn a_long_list_of_runs_is_read_in_pages_and_keeps_its_place_when_runs_come() {
    let mut world = World::new();
    world.import("webinar.csv", &webinar(1), "Webinar sign-ups", |_| {});
    let first = world.stage.desk.store.run(RunId(1)).expect("a store").expect("the run");
    let add = |world: &mut World| {
        let new = landfall::store::NewRun {
            kind: first.kind,
            status: RunStatus::Cancelled,
            source: first.source,
            delivery: first.delivery,
            mode: first.mode,
            user: "ana",
            plan: &first.plan,
            created_ms: NOW,
        };
        world.stage.desk.store.add_run(&new).expect("a run")
    };
    for _ in 0..649 {
        add(&mut world);
    }
    world.keys("3");
    let selected = |world: &World| world.stage.app.runs.selected().expect("a run is selected").id.0;
    let mut seen = vec![selected(&world)];
    for _ in 1..650 {
        world.keys("j");
        seen.push(selected(&world));
    }
    assert!(seen.iter().rev().copied().eq(1..=650), "{seen:?}");
    // Others start runs: the selection stays where it is, far down and at the top.
    world.keys("kkk");
    add(&mut world);
    world.stage.send(Message::Changed);
    assert_eq!(selected(&world), 4);
    world.keys("g");
    let top = selected(&world);
    add(&mut world);
    world.stage.send(Message::Changed);
    assert_eq!(selected(&world), top);
    let lines = world.stage.app.runs.lines.as_ref().expect("the list");
    let numbers: Vec<u64> = lines.iter().map(|line| line.id.0).collect();
    assert!(numbers.windows(2).all(|pair| pair[0] == pair[1] + 1), "{numbers:?}");
    assert_eq!((numbers.first(), numbers.last()), (Some(&652), Some(&1)));
}

#[test]
fn a_page_is_where_it_was_left_when_its_tab_is_shown_again() {
    let mut world = World::lived_in();
    let before = world.keys("3G<enter>rjj").text();
    let after = world.keys("4<a-3>").text();
    assert_eq!(before, after);
}

#[test]
fn a_note_is_kept_with_the_run_and_the_error_can_be_put_into_one() {
    let mut world = World::new();
    let run = world.import_some(2_000, 5_000);
    world.keys("3<enter>nAsked Ana, all right<enter>N<enter>");
    let notes = world.stage.desk.store.run(run).expect("a store").expect("the run").notes;
    assert_eq!(notes.iter().map(|note| note.user.as_str()).collect::<Vec<_>>(), ["ana", "ana"]);
    assert!(notes[0].text == "Asked Ana, all right" && notes[1].text.contains("Stopped on request"), "{notes:?}");
    assert_snapshot!(world.text());
}

#[test]
fn every_size_is_drawn_on_every_page() {
    let mut world = World::lived_in();
    world.import_some(200, 500);
    for keys in ["3", "<enter>", "r", "<enter>", "<esc><esc><esc>jj<enter>", "f", "<enter>"] {
        world.keys(keys);
        for width in [0, 1, 2, 3, 5, 8, 13, 21, 40, 61, 80, 200] {
            for height in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 24, 60] {
                world.stage.resize(width, height);
            }
        }
        world.stage.resize(80, 24);
    }
}
