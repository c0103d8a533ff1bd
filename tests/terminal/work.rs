//! Work is done by the worker: no end of a screen ends a run, no end of a worker loses a row, and everybody who looks at
//! the workspace sees it.

use crate::adding::import_by_keys;
use crate::common::Landfall;
use crate::terminal::{Terminal, eventually};
use landfall::store::Store;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

/// So many rows that the import is still at work when a test wants something of it.
const MANY: usize = 250_000;

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

/// The application with an import at work that was started by keys.
fn with_import() -> (Landfall, Terminal) {
    let landfall = Landfall::new();
    file_of(&landfall, "many.csv", MANY);
    let mut terminal = Terminal::start(&landfall, &[], 120, 36);
    terminal.wait_for("Welcome to Landfall");
    import_by_keys(&mut terminal, "many");
    eventually("rows", || run(&landfall, 2)["rows"].as_u64().unwrap_or(0) > 0);
    (landfall, terminal)
}

#[test]
fn a_run_whose_worker_was_killed_is_shown_as_interrupted_and_goes_on() {
    let (landfall, mut terminal) = with_import();
    terminal.wait_for("esc back").keys("<esc>").wait_for("Running");
    let killed = worker(&landfall).expect("a worker is at work");
    kill_process(killed, Signal::KILL).expect("it is there");
    // It may not be shown for long.
    eventually("it is shown", || String::from_utf8_lossy(&terminal.raw()).contains("Interrupted"));
    eventually("the end of the run", || run(&landfall, 2)["status"] == "completed");
    assert_eq!(landfall.assert_conserved(2)["created"], MANY);
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_connection_that_ends_during_an_import_ends_the_screen_and_not_the_run() {
    let (landfall, mut terminal) = with_import();
    terminal.hang_up();
    assert_eq!(terminal.ends(), 128 + Signal::HUP.as_raw() as u32);
    assert_eq!(run(&landfall, 2)["status"], "running");
    eventually("the end of the run", || run(&landfall, 2)["status"] == "completed");
    assert_eq!(landfall.assert_conserved(2)["created"], MANY);
}

#[test]
fn two_terminals_see_each_others_work() {
    let landfall = Landfall::new();
    file_of(&landfall, "a.csv", 20);
    let mut one = Terminal::start(&landfall, &[], 120, 36);
    let mut other = Terminal::start(&landfall, &[], 120, 36);
    other.wait_for("Welcome to Landfall");
    one.wait_for("Welcome to Landfall");
    import_by_keys(&mut one, "a");
    one.wait_for("esc back");
    other.wait_for("● Active").keys("3").wait_for("Finished").keys("<enter>").wait_for("esc back");
    one.keys("n").wait_for("A note about").keys("seen by ana<enter>").wait_for("seen by ana");
    other.wait_for("seen by ana");
}

#[test]
fn read_only_shows_everything_and_changes_nothing() {
    let landfall = Landfall::new();
    file_of(&landfall, "a.csv", 20);
    landfall.import("a.csv", &[]);
    let all = || {
        (landfall.json(&["runs"], 0), landfall.json(&["source", "list"], 0), landfall.json(&["run", "show", "1"], 0))
    };
    let before = all();
    let mut terminal = Terminal::start(&landfall, &["--read-only"], 120, 36);
    terminal.wait_for("read-only").keys("3").wait_for("Finished").keys("<enter>").wait_for("Run 1");
    terminal.keys("nsomething<enter><esc>1api3RC<esc>");
    terminal.settled();
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(all(), before);
}
