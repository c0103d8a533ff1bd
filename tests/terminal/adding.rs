//! A file becomes a source, and is imported: by keys alone, and by the mouse alone but for its name.

use crate::common::Landfall;
use crate::terminal::{Terminal, eventually};

fn with_file() -> (Landfall, Terminal) {
    let landfall = Landfall::new();
    landfall.file("fair.csv", "ref,name,email\n1,Ana,ana@example.com\n2,Łukasz,no address\n");
    landfall.file("other.csv", "ref\n");
    let mut terminal = Terminal::start(&landfall, &[], 120, 36);
    terminal.wait_for("Welcome to Landfall");
    (landfall, terminal)
}

/// Adds a file, found by the beginning of its name, as the source “Trade fair”, and imports it.
#[track_caller]
pub fn import_by_keys(terminal: &mut Terminal, file: &str) {
    terminal.keys("a").wait_for("where do its files come from").keys("f").wait_for(".csv");
    terminal.keys(&format!("{file}<enter>")).wait_for("[ Add and map ]");
    terminal.keys(&format!("{}Trade fair", "<bs>".repeat(12))).wait_for("Trade fair");
    terminal.keys("<c-s>").wait_for("1 source").keys("i").wait_for("look at its mapping first");
    terminal.keys("s").wait_for("Review and Confirm").wait_for("[ Start (enter) ]");
    terminal.keys("<space>").wait_for("[x] I accept").keys("<enter>");
}

#[track_caller]
fn assert_imported(landfall: &Landfall) {
    eventually("the end of the run", || {
        let runs = landfall.run(&["runs", "--json", "--read-only"]).lines();
        runs.iter().any(|run| {
            run["kind"] == "import"
                && run["status"] == "completed"
                && run["source"].as_str().is_some_and(|it| it == "Trade fair")
        })
    });
    assert_eq!(landfall.assert_conserved(2)["created"], 2);
}

#[test]
fn a_file_source_is_added_and_run_by_keys_alone() {
    let (landfall, mut terminal) = with_file();
    import_by_keys(&mut terminal, "fair");
    assert_imported(&landfall);
    terminal.wait_for("Finished").keys("1").wait_for("1 source").wait_for("just now");
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_file_source_is_added_and_run_by_the_mouse() {
    let (landfall, mut terminal) = with_file();
    terminal.click("a add").wait_for("where do its files").click("A file").wait_for(".csv").click("fair.csv");
    let is_selected = |screen: &str| screen.lines().any(|line| line.contains("▌") && line.contains("fair.csv"));
    terminal.wait_until("fair.csv is selected", is_selected);
    terminal.click("fair.csv").wait_for("[ Add and map ]");
    terminal.keys(&format!("{}Trade fair", "<bs>".repeat(4))).wait_for("Trade fair");
    terminal.click("[ Add and map ]").wait_until("the mapping is shown", |screen| {
        !screen.contains("[ Add and map ]") && screen.contains("ref") && screen.contains("email")
    });
    terminal.click("1 Sources").wait_for("1 source").click("i import").wait_for("[ Start (enter) ]");
    terminal.click("[ ] I accept").wait_for("[x] I accept").click("[ Start (enter) ]");
    assert_imported(&landfall);
    terminal.wait_for("Finished").click("1 Sources").wait_for("1 source").wait_for("just now");
    terminal.click("3 Runs").wait_for("Finished");
}

#[test]
fn a_directory_source_is_added_by_keys_alone() {
    let landfall = Landfall::new();
    std::fs::create_dir(landfall.dir().join("outbox")).expect("a directory");
    landfall.file("outbox/contacts.csv", "ref,name,email\n1,Ana,ana@example.com\n");
    let mut terminal = Terminal::start(&landfall, &[], 120, 36);
    terminal.wait_for("Welcome to Landfall");
    terminal.keys("a").wait_for("where do its files come from").keys("d").wait_for("Add a source: a directory");
    terminal
        .keys("ERP contacts<tab>outbox<tab><c-n>")
        .wait_for("Every hour")
        .keys("<tab>")
        .wait_for("1 of 1 file there");
    terminal.keys("<c-s>").wait_for("1 source").wait_for("ERP contacts");
    let shown = landfall.run(&["source", "show", "ERP contacts", "--json", "--read-only"]).lines();
    assert_eq!(shown[0]["kind"], "dir", "{shown:?}");
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
}
