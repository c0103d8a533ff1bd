//! An awkward file becomes contacts: mapped, looked at and imported, by keys alone and by the mouse alone but for its
//! name.

use crate::common::Landfall;
use crate::terminal::{Terminal, eventually};
use serde_json::Value;

/// Rows of the file; one has no email that reads as one.
const ROWS: u64 = 12;

/// What offices send: a preamble, semicolons, Windows-1252, dates day first, the name in two columns, a header twice, and
/// a column that must not be imported.
fn with_awkward_file() -> (Landfall, Terminal) {
    let landfall = Landfall::new();
    let mut text = "Kundenliste, Stand 12.11.2026;;;;;;;\r\nMandant: Süd;;;;;;;\r\n\r\n".to_owned();
    text.push_str("Vorname;Nachname;E-Mail;Notiz;Notiz;Kunden-Nr.;Erstellt am;Passwort\r\n");
    for row in 1..=ROWS {
        let email = if row == 7 { "k7@example".to_owned() } else { format!("k{row}@example.com") };
        let day = row + 12;
        text.push_str(&format!("Jörg;Müller;{email};a{row};b{row};{};{day}/06/2024;geheim{row}\r\n", 100_000 + row));
    }
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
    landfall.file("kunden.csv", bytes);
    landfall.file("other.csv", "ref\n");
    let mut terminal = Terminal::start(&landfall, &[], 120, 36);
    terminal.wait_for("Welcome to Landfall");
    (landfall, terminal)
}

/// Every row landed as the mapping says, and what must not be imported was not.
#[track_caller]
fn assert_imported(landfall: &Landfall) {
    let finished = || {
        let runs = landfall.run(&["runs", "--json", "--read-only"]).lines();
        runs.into_iter().find(|run| run["kind"] == "import" && run["finished"] != Value::Null)
    };
    eventually("the end of the run", || finished().is_some());
    let run = finished().unwrap_or_default();
    let conserved = landfall.assert_conserved(run["run"].as_u64().unwrap_or(0));
    assert_eq!(conserved["created"], ROWS, "{run}");
    let found = landfall.json(&["lookup", "100003"], 0);
    let fields = &found[0]["fields"];
    assert_eq!(fields["first_name"], "Jörg", "{found:?}");
    assert_eq!(fields["created_at"], "2024-06-15", "{found:?}");
    assert_eq!(fields["notes"], "a3\nb3", "{found:?}");
    assert!(!found[0].to_string().contains("geheim"), "{found:?}");
}

#[test]
fn an_awkward_file_is_mapped_and_imported_by_keys_alone() {
    let (landfall, mut terminal) = with_awkward_file();
    terminal.keys("<enter>").wait_for("kunden.csv").keys("kun<enter>").wait_for("windows-1252").wait_for("Jörg");
    terminal.keys("/Erstellt<enter>").wait_for("13/06/2024").keys("d").wait_for("2024-06-13");
    terminal.keys("/Pass<enter>").keys("x").wait_for("not imported");
    terminal.keys("i").wait_for("Review and Confirm").wait_for("[ Start (enter) ]");
    terminal.keys("<space>").wait_for("[x] I accept").keys("<enter>").wait_for("Finished");
    assert_imported(&landfall);
    terminal.keys("q");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn an_awkward_file_is_mapped_and_imported_by_the_mouse() {
    let (landfall, mut terminal) = with_awkward_file();
    terminal.click("enter first import").wait_for("kunden.csv").keys("kunden").wait_without("other.csv");
    terminal.click("kunden.csv").wait_for("windows-1252").wait_for("Jörg");
    terminal.click("Passwort").wait_for("x leave out").click("x leave out").wait_for("not imported");
    terminal.click("Erstellt am").wait_for("13/06/2024").click("d day/month").wait_for("2024-06-13");
    terminal.click("i import").wait_for("Review and Confirm").wait_for("[ Start (enter) ]");
    terminal.click("[ ] I accept").wait_for("[x] I accept").click("[ Start (enter) ]").wait_for("Finished");
    assert_imported(&landfall);
}
