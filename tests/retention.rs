//! What is kept for a set time only, and what is forgotten of one contact.

mod common;

use common::Landfall;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

const CSV: &str = "ref,name,email\nA-1,Ann Lee,ann.lee@example.com\nA-2,Bob Ray,bob.ray@example.com\n";

fn deliveries(landfall: &Landfall) -> Vec<PathBuf> {
    let listed = fs::read_dir(landfall.workspace().join("deliveries")).unwrap();
    listed.map(|entry| entry.unwrap().path()).collect()
}

fn purge(landfall: &Landfall) -> Value {
    landfall.json(&["purge"], 0).remove(0)
}

#[test]
fn what_was_kept_long_enough_goes_and_counts_and_outcomes_stay() {
    let landfall = Landfall::new();
    landfall.file("crm.csv", CSV);
    landfall.file("same.csv", CSV);
    let run = landfall.import("crm.csv", &[]);
    landfall.import("same.csv", &["--again"]);
    landfall.file("crm.csv", CSV.replace("Lee", "Leigh"));
    let changed = landfall.import("crm.csv", &[]);
    assert_eq!(changed["updated"], 1, "{changed}");
    assert_eq!(purge(&landfall), json!({"deliveries": 0, "bytes": 0, "before_images": 0}), "nothing is old enough");
    assert_eq!(deliveries(&landfall).len(), 2, "the same content lies there once");

    let said = landfall.run(&["purge"]).exits(0).stderr;
    assert!(said.contains("deliveries for 90 days, the default") && said.contains("keep_deliveries_days=N"), "{said}");
    landfall.run(&["settings", "keep_deliveries_days=0", "keep_before_images_days=0"]).exits(0);
    let purged = purge(&landfall);
    assert_eq!((&purged["deliveries"], deliveries(&landfall).len()), (&json!(3), 0), "{purged}");
    assert!(purged["before_images"].as_u64().unwrap() >= 1 && purged["bytes"].as_u64().unwrap() > 0, "{purged}");
    assert_eq!(purge(&landfall)["deliveries"], 0);

    let number = run["run"].to_string();
    let after = landfall.json(&["run", "show", &number], 0).remove(0);
    assert_eq!((&after["rows"], &after["created"]), (&run["rows"], &run["created"]));
    let rows = landfall.rows(&run);
    assert!(rows.iter().all(|row| row["raw"].is_null() && row["outcome"] == "created"), "{rows:?}");
    let shown = landfall.run(&["run", "rows", &number]).exits(0);
    assert!(shown.stderr.contains("purged"), "{shown:?}");
    let error = landfall.run(&["run", "rows", &number, "--csv", "--json"]);
    assert_ne!(error.status, Some(0), "{error:?}");
    landfall.run(&["backup", &landfall.path("copy")]).exits(0);

    // The same file lands again as if it had never been here.
    let again = landfall.import("crm.csv", &["--again"]);
    assert_eq!((&again["unchanged"], deliveries(&landfall).len()), (&json!(2), 1));
}

#[test]
fn a_delivery_whose_run_has_not_ended_is_kept() {
    let landfall = Landfall::new();
    landfall.file("crm.csv", CSV);
    landfall.run(&["settings", "keep_deliveries_days=0"]).exits(0);
    let lock = fs::File::open(landfall.workspace().join("lock")).unwrap();
    lock.lock().unwrap();
    landfall.json(&["import", "crm.csv", "--yes", "--detach"], 0);
    assert_eq!((&purge(&landfall)["deliveries"], deliveries(&landfall).len()), (&json!(0), 1));
    drop(lock);
    // The worker that the import started carries it out; nothing waits for its turn meanwhile.
    let purged = (0..400).any(|_| {
        landfall.run(&["worker", "--once"]);
        let said = landfall.run(&["purge", "--json"]);
        let gone = |said: &[u8]| serde_json::from_slice::<Value>(said).unwrap()["deliveries"] == 1;
        let purged = said.status == Some(0) && gone(&said.stdout);
        if !purged {
            thread::sleep(Duration::from_millis(50));
        }
        purged
    });
    assert_eq!((purged, deliveries(&landfall).len()), (true, 0));
}

/// The files below a directory that hold a text, in whatever letter case.
fn holding(dir: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else {
            let bytes = fs::read(&path).unwrap().to_ascii_lowercase();
            if bytes.windows(text.len()).any(|part| part == text.to_ascii_lowercase().as_bytes()) {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn a_forgotten_contact_is_nowhere_in_the_workspace() {
    let landfall = Landfall::new();
    let file = |name: &str, ann: &str, bob: &str| {
        landfall.file(name, format!("ref,name,email,phone\n{ann}\n{bob}\n"));
    };
    file("crm.csv", "A-1,Zyxanna Quorven,zyx.first@example.com,+4930123456", "A-2,Bob Ray,bob.ray@example.com,");
    landfall.import("crm.csv", &[]);
    file("crm.csv", "A-1,Zyxanna Brambleigh,zyx.second@example.com,+4930123457", "A-2,Bob Ray,bob.ray@example.com,");
    landfall.import("crm.csv", &[]);
    // A row that warns and quotes what it was about, a dry run, and a file of others only.
    file("crm.csv", "A-1,Zyxanna Brambleigh,zyx.second@example.com,not-zyx-phone", "A-2,Bob Ray,bob.ray@example.com,");
    landfall.import("crm.csv", &[]);
    landfall.import("crm.csv", &["--dry-run"]);
    landfall.file("other.csv", "ref,name,email\nB-1,Cid Hart,cid.hart@example.com\n");
    let other = landfall.import("other.csv", &[]);
    let values = ["zyxanna", "quorven", "brambleigh", "zyx.first@", "zyx.second@", "30123456", "30123457", "not-zyx"];
    let held: Vec<&&str> = values.iter().filter(|text| !holding(&landfall.workspace(), text).is_empty()).collect();
    assert!(held.len() >= 6, "the test would find what is there: {held:?}");
    let runs = |landfall: &Landfall| -> Vec<Value> {
        let runs = landfall.json(&["runs"], 0);
        runs.iter()
            .map(|run| json!([run["run"], run["rows"], run["created"], run["updated"], run["warnings"]]))
            .collect()
    };
    let before = runs(&landfall);

    let id = landfall.json(&["lookup", "A-1"], 0)[0]["contact"].as_str().unwrap().to_owned();
    let forgotten = landfall.json(&["contact", "delete", &id, "--forget", "--yes"], 0).remove(0);
    assert_eq!(forgotten["fields"], json!({}));
    for text in values {
        assert_eq!(holding(&landfall.workspace(), text), [] as [PathBuf; 0], "{text}");
    }
    assert_eq!(runs(&landfall), before, "counts stay");
    for run in landfall.json(&["runs"], 0) {
        // What a dry run found stood in a file of its own.
        let status = if run["kind"] == "dry_run" { 1 } else { 0 };
        landfall.run(&["run", "rows", &run["run"].to_string(), "--json"]).exits(status);
    }
    // Others are as they were, and found by all their keys.
    for query in ["bob.ray@example.com", "A-2", "Bob Ray", "Cid"] {
        assert_eq!(landfall.json(&["lookup", query], 0).len(), 1, "{query}");
    }
    assert!(landfall.rows(&other).iter().all(|row| row["raw"]["name"] == "Cid Hart"), "its delivery is kept");
    landfall.run(&["lookup", "Zyxanna"]).exits(1);
    // It can be done again, and an import does not bring the contact back.
    landfall.json(&["contact", "delete", &id, "--forget", "--yes"], 0);
    file("crm.csv", "A-1,Zyxanna Brambleigh,zyx.second@example.com,", "A-2,Bob Ray,bob.ray@example.com,");
    assert_eq!(landfall.import("crm.csv", &[])["skipped"], 1);
}
