//! The terminal is taken at the start, and given back as it was however the application ends.

use crate::common::Landfall;
use crate::terminal::{Terminal, children, comparable, eventually, is_alive};
use rustix::process::Signal;

const TABS: [&str; 4] = ["1 Sources", "2 Mapping", "3 Runs", "4 Lookup"];

fn started(landfall: &Landfall) -> Terminal {
    let mut terminal = Terminal::start(landfall, &[], 120, 36);
    terminal.wait_for("4 Lookup");
    terminal
}

#[track_caller]
fn assert_given_back(terminal: &Terminal) {
    assert!(!terminal.is_taken(), "the alternate screen is still shown");
    assert!(!terminal.is_changed(), "the mouse, pasting or the cursor is not as it was");
    assert_eq!(comparable(&terminal.settings()), comparable(&terminal.before));
}

#[test]
fn it_starts_with_its_four_tabs_and_asks_the_terminal_nothing() {
    let landfall = Landfall::new();
    let terminal = started(&landfall);
    let screen = terminal.screen();
    assert!(TABS.iter().all(|tab| screen.contains(tab)), "{screen}");
    assert!(terminal.is_taken());
    assert_ne!(comparable(&terminal.settings()), comparable(&terminal.before), "the terminal is raw");
    // Questions to a terminal: attributes, position and state (c, n), colours (OSC), modes ($p), keyboard (?u).
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    let questions = ["c", "n", "p", "u", "x", "t"].iter().any(|end| {
        raw.split("\x1b[").skip(1).any(|sequence| {
            let parameters = sequence.trim_start_matches(|c: char| !('@'..='~').contains(&c));
            parameters.starts_with(end)
        })
    });
    assert!(!questions && !raw.contains("\x1b]") && !raw.contains("\x1bP"), "{raw:?}");
}

#[test]
fn leaving_gives_the_terminal_back() {
    let landfall = Landfall::new();
    let mut terminal = started(&landfall);
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
    assert_given_back(&terminal);
}

#[test]
fn signals_from_outside_give_the_terminal_back_and_end_the_application() {
    let landfall = Landfall::new();
    for signal in [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM] {
        let mut terminal = started(&landfall);
        terminal.signal(signal);
        assert_eq!(terminal.ends(), 128 + signal.as_raw() as u32, "{signal:?}");
        assert_given_back(&terminal);
    }
}

#[test]
fn a_stopped_application_lends_the_terminal_to_the_shell_and_comes_back() {
    let landfall = Landfall::new();
    let mut terminal = started(&landfall);
    for stopped_by in ["key", "signal"] {
        match stopped_by {
            "key" => drop(terminal.keys("<c-z>")),
            _ => terminal.signal(Signal::TSTP),
        }
        eventually("the terminal is given back", || !terminal.is_taken());
        eventually("its settings too", || comparable(&terminal.settings()) == comparable(&terminal.before));
        terminal.signal(Signal::CONT);
        eventually("the terminal is taken again", || terminal.is_taken());
        terminal.wait_for("4 Lookup");
    }
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
    assert_given_back(&terminal);
}

#[test]
fn a_terminal_that_hangs_up_ends_the_application() {
    let landfall = Landfall::new();
    let mut terminal = started(&landfall);
    terminal.hang_up();
    assert_eq!(terminal.ends(), 128 + Signal::HUP.as_raw() as u32);
}

#[test]
fn a_terminal_that_hangs_up_without_a_signal_ends_the_application_too() {
    let landfall = Landfall::new();
    // The kernel tells the leader of the session only, and that one does not listen.
    let script = format!("trap '' HUP; {} ; exec sleep 60", env!("CARGO_BIN_EXE_landfall"));
    let mut terminal = Terminal::run(&landfall, "sh", &["-c", &script], 120, 36);
    terminal.wait_for("4 Lookup");
    let application = children(terminal.pid())[0];
    terminal.hang_up();
    eventually("the application ends", || !is_alive(application));
}

#[test]
fn a_long_paste_arrives_whole() {
    let landfall = Landfall::new();
    let mut terminal = started(&landfall);
    terminal.keys("4");
    terminal.paste(&format!("{}the end", "0123456789".repeat(700)));
    terminal.wait_for("the end");
}

/// With the feature, F11 and F12 make the program panic: on the thread that reads, and on the one that draws.
#[cfg(feature = "broken-variants")]
#[test]
fn a_panic_gives_the_terminal_back_and_leaves_a_report() {
    for (key, thread) in [("\x1b[23~", "input"), ("\x1b[24~", "main")] {
        let landfall = Landfall::new();
        let mut terminal = started(&landfall);
        terminal.send(key.as_bytes());
        assert_eq!(terminal.ends(), 101);
        assert_given_back(&terminal);
        assert!(String::from_utf8_lossy(&terminal.raw()).contains("The report is in"), "where the report is");
        let report = std::fs::read_to_string(landfall.workspace().join("landfall.log")).expect("a report");
        assert!(report.contains(&format!("thread {thread}")) && report.contains("on purpose"), "{report}");
    }
}
