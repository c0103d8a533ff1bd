//! Work is done by the worker: no end of a screen ends a run, no end of a worker loses a row, and everybody who looks at
//! the workspace sees it.

use crate::common::Landfall;
use crate::terminal::{Terminal, eventually};
use landfall::store::Store;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// So many that the import is still at work when a test wants something of it.
const MANY: usize = 60_000;

fn file_of(landfall: &Landfall, name: &str, rows: usize) {
    let mut text = "ref,name\n".to_owned();
    (0..rows).for_each(|row| text.push_str(&format!("{name}-{row},Name {row}\n")));
    landfall.file(name, text);
}

fn run(landfall: &Landfall, number: u64) -> Value {
    let runs = landfall.run(&["runs", "--json", "--read-only"]);
    runs.lines().into_iter().find(|run| run["run"] == number).unwrap_or_default()
}

fn worker(landfall: &Landfall) -> Option<Pid> {
    let holder = Store::lock_holder(&landfall.workspace()).filter(|_| Store::is_locked(&landfall.workspace()).unwrap());
    Pid::from_raw(holder?.try_into().ok()?)
}

/// The application on a workspace with an import whose worker was killed while it was at work.
fn with_interrupted_run() -> (Landfall, Terminal) {
    let landfall = Landfall::new();
    file_of(&landfall, "many.csv", MANY);
    let mut terminal = Terminal::start(&landfall, &[], 120, 36);
    terminal.wait_for("4 Lookup").keys("3");
    landfall.json(&["import", "many.csv", "--yes", "--detach"], 0);
    terminal.wait_for("Running");
    eventually("rows", || run(&landfall, 1)["rows"].as_u64().unwrap_or(0) > 0);
    kill_process(worker(&landfall).expect("a worker"), Signal::KILL).expect("it is there");
    terminal.wait_for("Interrupted");
    (landfall, terminal)
}

#[test]
fn a_run_whose_worker_was_killed_is_seen_and_goes_on_when_told() {
    let (landfall, mut terminal) = with_interrupted_run();
    terminal.keys("R").wait_for("Go on").keys("y").wait_for("Finished");
    assert_eq!(landfall.assert_conserved(1)["created"], MANY);
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_connection_that_ends_during_an_import_ends_the_screen_and_not_the_run() {
    let (landfall, mut terminal) = with_interrupted_run();
    terminal.keys("R").wait_for("Go on").keys("y");
    eventually("a worker", || worker(&landfall).is_some());
    terminal.hang_up();
    assert_eq!(terminal.ends(), 128 + Signal::HUP.as_raw() as u32);
    eventually("the end of the run", || run(&landfall, 1)["status"] == "completed");
    assert_eq!(landfall.assert_conserved(1)["created"], MANY);
}

#[test]
fn two_terminals_see_each_others_work() {
    let landfall = Landfall::new();
    file_of(&landfall, "a.csv", 20);
    landfall.import("a.csv", &[]);
    let mut one = Terminal::start(&landfall, &[], 120, 36);
    let mut other = Terminal::start(&landfall, &[], 120, 36);
    one.wait_for("4 Lookup").keys("3<enter>").wait_for("Run 1");
    other.wait_for("4 Lookup").keys("3<enter>").wait_for("Run 1");
    one.keys("n").wait_for("ote").keys("seen by ana<enter>").wait_for("seen by ana");
    other.wait_for("seen by ana");
}

#[test]
fn read_only_shows_everything_and_changes_nothing() {
    let landfall = Landfall::new();
    file_of(&landfall, "a.csv", 20);
    landfall.import("a.csv", &[]);
    let before = landfall.json(&["runs"], 0);
    let mut terminal = Terminal::start(&landfall, &["--read-only"], 120, 36);
    terminal.wait_for("read-only").keys("3").wait_for("Finished").keys("<enter>").wait_for("Run 1");
    terminal.keys("nsomething<enter><esc>1api3RC<esc>");
    terminal.settled();
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(landfall.json(&["runs"], 0), before);
}
