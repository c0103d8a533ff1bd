//! A large import held against an oracle that shares no code with Landfall (`tests/tools/make-contacts.py`): every
//! row's outcome and code, the sums, the bytes; and the same file once more.

mod common;

use common::Landfall;
use std::fs;
use std::process::Command;

const ROWS: usize = 200_000;

/// Makes the file and the expected outcome of every row.
fn make_contacts(landfall: &Landfall, more: &[&str]) -> (String, Vec<(String, String)>) {
    let file = landfall.path("contacts.csv");
    let truth = landfall.path("truth.csv");
    let tool = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tools/make-contacts.py");
    let made = Command::new("python3")
        .args([tool, "--rows", &ROWS.to_string(), "--out", &file, "--truth", &truth])
        .args(more)
        .status()
        .expect("python3 is installed by tests/run");
    assert!(made.success());
    let mut reader = csv::Reader::from_path(&truth).expect("the truth is a CSV file");
    let rows = reader.records().map(|row| row.map(|row| (row[1].to_owned(), row[2].to_owned())));
    (file, rows.collect::<Result<_, _>>().expect("the truth reads"))
}

fn workspace() -> Landfall {
    let landfall = Landfall::new();
    for person in ["Logan Paul", "Adam Smith", "David Lee"] {
        landfall.run(&["user", "add", person]).exits(0);
    }
    // The file has a column that is no standard field; it is mapped by its label.
    landfall.run(&["field", "add", "deal_value", "--kind", "money", "--label", "Deal Value"]).exits(0);
    landfall
}

fn import(landfall: &Landfall, file: &str) -> serde_json::Value {
    landfall.import(file, &["--source", "crm"])
}

fn export(landfall: &Landfall) -> Vec<u8> {
    landfall.run(&["export", "contacts", "--source", "crm"]).exits(0).stdout
}

#[test]
fn every_row_has_the_outcome_and_the_code_that_the_oracle_expects_and_again_changes_nothing() {
    let landfall = workspace();
    let (file, truth) = make_contacts(&landfall, &[]);
    let run = import(&landfall, &file);
    assert_eq!(run["bytes"].as_u64(), Some(fs::metadata(&file).expect("the file is there").len()));

    let rows = landfall.rows(&run);
    assert_eq!(rows.len(), truth.len());
    let mut wrong = Vec::new();
    for (row, (outcome, code)) in rows.iter().zip(&truth) {
        let codes: Vec<&str> =
            row["issues"].as_array().expect("issues").iter().filter_map(|issue| issue["code"].as_str()).collect();
        let expected: Vec<&str> = if code.is_empty() { Vec::new() } else { vec![code.as_str()] };
        if row["outcome"].as_str() != Some(outcome) || codes != expected {
            wrong.push(format!("row {}: {} {codes:?}, not {outcome} {expected:?}", row["row"], row["outcome"]));
        }
    }
    assert!(wrong.is_empty(), "{} rows are wrong, such as:\n{}", wrong.len(), wrong[..wrong.len().min(10)].join("\n"));

    let before = export(&landfall);
    let again = import(&landfall, &file);
    assert_eq!(again["created"], 0);
    assert!(export(&landfall) == before, "the same file again ends in other records");
}

#[test]
fn a_file_without_mistakes_is_unchanged_row_for_row_when_it_comes_again() {
    let landfall = workspace();
    let (file, truth) = make_contacts(&landfall, &["--no-bad"]);
    let run = import(&landfall, &file);
    assert_eq!(run["created"].as_u64(), Some(truth.len() as u64));
    assert_eq!((run["warnings"].as_u64(), run["status"].as_str()), (Some(0), Some("completed")));
    let again = import(&landfall, &file);
    assert_eq!(again["unchanged"].as_u64(), Some(truth.len() as u64), "{again}");
}
