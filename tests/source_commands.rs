//! Sources from the command line: what is said of them, and what their imports then do.

mod common;

use common::Landfall;
use serde_json::{Value, json};

const CSV: &str = "ref,name,phone\nA-1,Ann Lee,030 123456\nA-2,Bob Ray,030 123457\n";

fn source(landfall: &Landfall, name: &str) -> Value {
    landfall.json(&["source", "show", name], 0).remove(0)
}

#[track_caller]
fn from(landfall: &Landfall, name: &str, more: &[&str]) -> Value {
    let said = landfall.run(&[&["import", "--from", name, "--yes", "--json"], more].concat());
    assert!(matches!(said.status, Some(0 | 3)), "{said:?}");
    let run = said.object();
    landfall.assert_conserved(run["run"].as_u64().unwrap());
    run
}

#[test]
fn a_source_is_added_edited_and_imported_from_as_it_says() {
    let landfall = Landfall::new();
    landfall.file("fair.csv", CSV);
    let added = landfall.json(
        &["source", "add", "file", "Trade fair", "fair.csv", "--country", "DE", "--tag", "fair", "--purpose", "spring"],
        0,
    );
    assert_eq!(added[0]["status"], "no_data", "{added:?}");
    assert_eq!((&added[0]["mode"], &added[0]["purpose"]), (&json!("one_time"), &json!("spring")));
    let run = from(&landfall, "Trade fair", &[]);
    assert_eq!((&run["created"], &run["warnings"]), (&json!(2), &json!(0)), "{run}");
    let contact = landfall.json(&["lookup", "A-1"], 0).remove(0);
    assert_eq!(contact["fields"]["phone"], "+4930123456", "{contact}");
    assert_eq!(contact["fields"]["tags"], json!(["fair"]));

    // Flags overrule the source for once, and another file takes the place of its own.
    landfall.file("more.csv", "ref,name,phone\nA-3,Cid,030 123458\n");
    from(&landfall, "Trade fair", &["--file", "more.csv", "--tag", "late"]);
    assert_eq!(landfall.json(&["lookup", "A-3"], 0)[0]["fields"]["tags"], json!(["late"]));
    let shown = source(&landfall, "Trade fair");
    assert_eq!((&shown["options"]["tags"], &shown["status"]), (&json!(["fair"]), &json!("active")), "{shown}");
    assert!(shown["location"].as_str().unwrap().ends_with("/more.csv"), "{shown}");

    let more = ["--owner", "Bo", "--purpose", "", "--mode", "create", "--expect", "ongoing", "--location", "fair.csv"];
    let edited = landfall.json(&[&["source", "edit", "Trade fair"], &more[..]].concat(), 0).remove(0);
    assert_eq!(
        (&edited["owner"], &edited["purpose"], &edited["mode"]),
        (&json!("Bo"), &Value::Null, &json!("ongoing"))
    );
    assert_eq!((&edited["options"]["mode"], &edited["options"]["country"]), (&json!("create"), &json!("DE")));
    assert_eq!(from(&landfall, "Trade fair", &["--again"])["skipped"], 2);
}

#[test]
fn an_import_of_a_file_leaves_a_source_that_can_do_it_again() {
    let landfall = Landfall::new();
    let path = landfall.file("crm.csv", CSV);
    landfall.import("crm.csv", &["--country", "DE", "--tag", "first"]);
    let shown = source(&landfall, "crm");
    assert_eq!((shown["location"].as_str(), &shown["options"]["tags"]), (path.to_str(), &json!(["first"])));
    landfall.file("crm.csv", format!("{CSV}A-3,Cid,030 123458\n"));
    let run = from(&landfall, "crm", &[]);
    assert_eq!((&run["created"], &run["unchanged"]), (&json!(1), &json!(2)), "{run}");
    landfall.import("crm.csv", &["--dry-run", "--tag", "dry"]);
    assert_eq!(source(&landfall, "crm")["options"]["tags"], json!(["first"]), "a dry run is nothing to remember");
}

#[test]
fn a_renamed_source_keeps_its_mapping_runs_and_references() {
    let landfall = Landfall::new();
    landfall.file("crm.csv", "ref,who,when\nA-1,Ann Lee,03/04/2025\n");
    landfall.import("crm.csv", &["--map", "who=name", "--map", "when=created_at", "--day-first", "when"]);
    landfall.run(&["mapping", "review", "crm"]).exits(0);
    landfall.run(&["source", "rename", "crm", "HubSpot EMEA"]).exits(0);
    let shown = source(&landfall, "HubSpot EMEA");
    assert_eq!((&shown["mapping"], &shown["reviewed_by"]), (&json!("HubSpot EMEA"), &json!("tester")));
    assert_eq!(landfall.json(&["runs"], 0)[0]["source"], "HubSpot EMEA");
    landfall.file("crm.csv", "ref,who,when\nA-1,Ann Lee,03/04/2025\nA-2,Bob Ray,05/04/2025\n");
    let run = from(&landfall, "HubSpot EMEA", &[]);
    assert_eq!((&run["created"], &run["unchanged"]), (&json!(1), &json!(1)), "{run}");
    assert_eq!(landfall.json(&["lookup", "A-2"], 0)[0]["fields"]["created_at"], "2025-04-05");
    landfall.run(&["source", "show", "crm"]).exits(1);
}

#[test]
fn a_paused_source_takes_no_import_until_it_is_resumed() {
    let landfall = Landfall::new();
    landfall.file("crm.csv", CSV);
    landfall.import("crm.csv", &["--country", "DE"]);
    let paused = landfall.json(&["source", "pause", "crm"], 0).remove(0);
    assert_eq!((&paused["status"], &paused["paused_by"]), (&json!("paused"), &json!("tester")));
    for import in [&["import", "crm.csv", "--yes"][..], &["import", "--from", "crm", "--yes"]] {
        let error = landfall.run(&[import, &["--json"]].concat()).exits(1).object()["error"].clone();
        assert_eq!(error["code"], "source_paused");
        assert!(error["next"].as_str().unwrap().contains("landfall source resume"), "{error}");
    }
    assert_eq!(landfall.json(&["runs"], 0).len(), 1, "a refusal leaves no run");
    let missing = landfall.json(&["lookup", "A-999"], 1)[0]["error"]["next"].clone();
    let said = missing.as_str().unwrap();
    assert!(said.contains("source \"crm\" (Paused)"), "whoever looks for its records hears of it: {said}");
    assert_eq!(landfall.json(&["source", "resume", "crm"], 0)[0]["status"], "active");
    landfall.file("crm.csv", format!("{CSV}A-3,Cid,030 123458\n"));
    assert_eq!(from(&landfall, "crm", &[])["created"], 1);
}

#[test]
fn what_was_queued_before_a_pause_waits_for_its_end() {
    let landfall = Landfall::new();
    landfall.file("crm.csv", CSV);
    landfall.json(&["settings"], 0);
    let lock = std::fs::File::open(landfall.workspace().join("lock")).unwrap();
    lock.lock().unwrap();
    landfall.json(&["import", "crm.csv", "--country", "DE", "--yes", "--detach"], 0);
    landfall.run(&["source", "pause", "crm"]).exits(0);
    drop(lock);
    landfall.run(&["worker", "--once"]);
    assert_eq!(landfall.json(&["runs"], 0)[0]["status"], "queued");
    landfall.run(&["source", "resume", "crm"]).exits(0);
    let begun = std::time::Instant::now();
    while landfall.json(&["runs"], 0)[0]["status"] != "completed" {
        assert!(begun.elapsed().as_secs() < 60, "{:?}", landfall.json(&["runs"], 0));
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    landfall.assert_conserved(1);
}

#[test]
fn a_removed_source_leaves_its_contacts_and_comes_back_with_its_references() {
    let landfall = Landfall::new();
    landfall.file("crm.csv", CSV);
    landfall.import("crm.csv", &["--country", "DE"]);
    landfall.run(&["source", "remove", "crm", "--yes"]).exits(0);
    assert_eq!(landfall.json(&["source", "list"], 0), [] as [Value; 0]);
    let contact = landfall.json(&["lookup", "A-1"], 0).remove(0);
    assert_eq!(contact["references"], json!([{ "source": "crm", "reference": "A-1" }]));
    assert_eq!(landfall.json(&["runs"], 0)[0]["source"], "crm");
    let error = landfall.run(&["import", "--from", "crm", "--yes", "--json"]).exits(1).object()["error"].clone();
    assert!(error["next"].as_str().unwrap().contains("source add"), "{error}");

    // By the command, or by an import into its name: the rows meet the contacts that they made.
    let said = landfall.run(&["source", "add", "file", "crm"]).exits(0);
    assert!(said.stderr.contains("was removed once"), "{}", said.stderr);
    landfall.run(&["source", "remove", "crm", "--yes"]).exits(0);
    landfall.file("crm.csv", format!("{CSV}A-3,Cid,030 123458\n"));
    let said = landfall.run(&["import", "crm.csv", "--country", "DE", "--yes"]).exits(0);
    assert!(said.stderr.contains("brings it back"), "{}", said.stderr);
    let run = landfall.assert_conserved(2);
    assert_eq!((&run["created"], &run["unchanged"]), (&json!(1), &json!(2)), "{run}");
    assert_eq!(landfall.json(&["source", "list"], 0).len(), 1);
}

#[test]
fn doubtful_names_are_questioned_and_taken_ones_refused() {
    let landfall = Landfall::new();
    landfall.run(&["source", "add", "file", "Globex"]).exits(0);
    for (name, says) in [("test", "Nobody will know"), ("golbex", "nearly the same name"), ("GLOBEX", "differs only")] {
        let said = landfall.run(&["source", "add", "file", name]).exits(0);
        assert!(said.stderr.contains(says), "{name}: {}", said.stderr);
    }
    assert!(!landfall.run(&["source", "add", "file", "Pipedrive sales"]).exits(0).stderr.contains("name"));
    let taken = landfall.run(&["source", "add", "file", "Globex", "--json"]).exits(1).object();
    assert_eq!(taken["error"]["code"], "name_taken");
    landfall.run(&["source", "add", "file", "  "]).exits(2);
    landfall.run(&["source", "rename", "test", "Globex"]).exits(1);
}

#[test]
fn a_source_says_how_it_stands_and_what_to_do() {
    let landfall = Landfall::new();
    landfall.file("crm.csv", "ref,name\nA-1,Ann\nA-2,\n");
    landfall.import("crm.csv", &[]);
    let shown = source(&landfall, "crm");
    assert_eq!(
        (&shown["status"], &shown["reason"]["message"]),
        (&json!("warning"), &json!("1 row of the last run failed."))
    );
    let text = landfall.run(&["source", "show", "crm"]).exits(0);
    assert!(text.text().contains("Export the failed rows of run 1"), "{}", text.text());
    let list = landfall.run(&["source", "list"]).exits(0);
    assert!(list.text().contains("Warning") && list.text().contains("crm"), "{}", list.text());
}

#[test]
fn workspaces_that_were_opened_are_listed() {
    let landfall = Landfall::new();
    landfall.json(&["settings"], 0);
    let known = landfall.json(&["workspace", "list"], 0).remove(0);
    let path = landfall.workspace();
    assert_eq!(
        (known["path"].as_str(), &known["current"], &known["exists"]),
        (path.to_str(), &json!(true), &json!(true))
    );
    std::fs::remove_dir_all(&path).unwrap();
    assert_eq!(landfall.json(&["workspace", "list"], 0)[0]["exists"], false, "listing makes no workspace");
}

#[test]
fn in_a_shared_workspace_everything_is_the_groups_now_and_later() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let landfall = Landfall::new();
    landfall.file("a.csv", CSV);
    landfall.file("b.csv", "ref,name\nB-1,Cid\n");
    landfall.import("a.csv", &["--country", "DE"]);
    std::fs::write(landfall.workspace().join("secrets.toml"), "").unwrap();
    std::fs::set_permissions(landfall.workspace().join("secrets.toml"), PermissionsExt::from_mode(0o600)).unwrap();
    // A group that the one who runs this is in: the group of what he makes.
    let own = std::fs::metadata(landfall.dir()).unwrap().gid();
    let groups = std::fs::read_to_string("/etc/group").unwrap();
    let of = |line: &&str| line.split(':').nth(2) == Some(&own.to_string());
    let Some(group) = groups.lines().find(of).and_then(|line| line.split(':').next()) else { return };
    landfall.run(&["workspace", "share", group]).exits(0);
    let mut command = std::process::Command::new("sh");
    command.arg("-c").arg("umask 077; exec \"$0\" \"$@\"").arg(env!("CARGO_BIN_EXE_landfall"));
    command.args(["import", "b.csv", "--yes", "--detach", "--quiet"]).current_dir(landfall.dir());
    command.env_clear().env("LANDFALL_WORKSPACE", landfall.workspace()).env("HOME", landfall.dir());
    assert!(command.status().unwrap().success());
    landfall.import("b.csv", &["--dry-run"]);
    let begun = std::time::Instant::now();
    while landfall.json(&["runs", "--limit", "9"], 0).last().unwrap()["status"] == "queued" {
        assert!(begun.elapsed().as_secs() < 60);
    }
    let mut looked_at = 0;
    let mut dirs = vec![landfall.workspace()];
    while let Some(dir) = dirs.pop() {
        assert_eq!(std::fs::metadata(&dir).unwrap().mode() & 0o7777, 0o2770, "{}", dir.display());
        for entry in std::fs::read_dir(&dir).unwrap().map(Result::unwrap) {
            // Files beside the database come and go.
            let Ok(found) = entry.metadata() else { continue };
            if found.is_dir() {
                dirs.push(entry.path());
                continue;
            }
            let expected = if entry.file_name() == "secrets.toml" { 0o600 } else { 0o660 };
            assert_eq!((found.mode() & 0o777, found.gid()), (expected, own), "{}", entry.path().display());
            looked_at += 1;
        }
    }
    assert!(looked_at >= 7, "only {looked_at} files");
    assert_eq!(landfall.run(&["workspace", "share", "no such group"]).status, Some(1));
}
