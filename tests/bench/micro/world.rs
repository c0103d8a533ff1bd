//! Files and workspaces to measure with; made by the binary itself, so that plans and records are real ones.

use crate::common::Landfall;
use std::path::Path;
use std::process::Command;

/// A CSV of so many sound rows with random references.
pub fn contacts(rows: u64, file: &Path) {
    let make = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/make-contacts.py");
    let made =
        Command::new("python3").args([make, "--no-bad", "--rows", &rows.to_string(), "--out"]).arg(file).output();
    let made = made.expect("python3 starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// A workspace in which every column of [`contacts`] lands, and the file with so many of them beside it.
pub fn workspace(rows: u64) -> Landfall {
    let landfall = Landfall::new();
    for user in ["Logan Paul", "Adam Smith", "David Lee"] {
        landfall.run(&["user", "add", user]).exits(0);
    }
    landfall.run(&["field", "add", "deal_value", "--label", "Deal Value", "--kind", "money"]).exits(0);
    contacts(rows, &landfall.dir().join("contacts.csv"));
    landfall
}

/// The same with the contacts in it.
pub fn imported(rows: u64) -> Landfall {
    let landfall = workspace(rows);
    landfall.run(&["import", "contacts.csv", "--source", "bench", "--yes"]).exits(0);
    landfall
}
