//! What comes out of a run and goes back in: its rows, mended rows, backups.

use super::*;

const MIXED: &str =
    "ref,name,email,Colour\n1,Ann,ann@x.com,red\n2,,,\"b\"\"l,ue\"\n3,Eve,bad,\n4,Old,,\n5,Dan,dan@x.com,\n6,,,\n";

/// Run 2 has rows of every kind.
fn with_every_outcome() -> (Landfall, Value) {
    let landfall = Landfall::new();
    let flags = ["--source", "crm", "--map", "Colour=-"];
    import_text(&landfall, "a.csv", "ref,name,email,Colour\n1,Ann,ann@x.com,\n5,Daniel,dan@x.com,\n4,Old,,\n", &flags);
    let old = landfall.json(&["lookup", "4"], 0)[0]["contact"].as_str().expect("an ID").to_owned();
    landfall.run(&["contact", "delete", &old]).exits(0);
    let run = import_text(&landfall, "b.csv", MIXED, &flags);
    assert_eq!(counts(&run), [1, 1, 1, 1, 2], "{run}");
    (landfall, run)
}

fn numbers(rows: &[Value]) -> Vec<u64> {
    rows.iter().filter_map(|row| row["row"].as_u64()).collect()
}

#[test]
fn rows_of_a_run_are_found_by_what_became_of_them_and_in_parts() {
    let (landfall, run) = with_every_outcome();
    let id = run["run"].to_string();
    let rows = |more: &[&str]| numbers(&landfall.json(&[&["run", "rows", &id], more].concat(), 0));
    let kinds: [(&str, &[u64]); 6] = [
        ("created", &[3]),
        ("updated", &[5]),
        ("unchanged", &[1]),
        ("skipped", &[4]),
        ("failed", &[2, 6]),
        ("warned", &[3]),
    ];
    for (only, expected) in kinds {
        assert_eq!(rows(&["--only", only]), expected, "{only}");
    }
    assert_eq!(rows(&["--limit", "2"]), [1, 2]);
    assert_eq!(rows(&["--after", "2", "--limit", "2"]), [3, 4]);
    assert_eq!(rows(&["--only", "failed", "--after", "2"]), [6]);
    assert_eq!(rows(&["--after", "6"]), [0u64; 0]);
    landfall.run(&["run", "rows", "99"]).exits(1);
}

#[test]
fn rows_as_csv_have_the_original_cells_and_three_columns_more() {
    let (landfall, run) = with_every_outcome();
    let csv = landfall.run(&["run", "rows", &run["run"].to_string(), "--csv"]).exits(0);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.text().as_bytes());
    let got: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("a rectangular file");
    let mut original = csv::ReaderBuilder::new().has_headers(false).from_reader(MIXED.as_bytes());
    for (record, original) in got.iter().zip(original.records()) {
        let original = original.expect("a record");
        assert_eq!(record.iter().take(4).collect::<Vec<_>>(), original.iter().collect::<Vec<_>>());
    }
    let more: Vec<Vec<&str>> = got.iter().map(|record| record.iter().skip(4).take(2).collect()).collect();
    let expected = [
        ["landfall_row", "landfall_outcome"],
        ["1", "unchanged"],
        ["2", "failed"],
        ["3", "created"],
        ["4", "skipped"],
        ["5", "updated"],
        ["6", "failed"],
    ];
    assert_eq!(more, expected);
    assert_eq!(&got[0][6], "landfall_reason");
    assert!(got[2][6].contains("Required fields to create/update contacts are missing"), "{:?}", got[2]);
    assert!(got[3][6].contains("Invalid email address"), "a warning is told too: {:?}", got[3]);
    assert_eq!(&got[4][6], "deleted");
}

#[test]
fn failed_rows_that_were_mended_go_back_in_without_more_ado() {
    let (landfall, run) = with_every_outcome();
    let csv = landfall.run(&["run", "rows", &run["run"].to_string(), "--only", "failed", "--csv"]).exits(0);
    landfall.file("mended.csv", csv.text().replace("2,,,", "2,Bea,bea@x.com,").replace("6,,,", "6,Flo,,"));
    let run = landfall.import(&landfall.path("mended.csv"), &["--source", "crm"]);
    assert_eq!((counts(&run), &run["status"]), ([2, 0, 0, 0, 0], &json!("completed")), "{run}");
    assert_eq!(fields(&landfall, "2"), json!({"name": "Bea", "email": "bea@x.com"}));
}

#[test]
fn mended_rows_go_back_in_from_another_place_too() {
    let (landfall, run) = with_every_outcome();
    let csv = landfall.run(&["run", "rows", &run["run"].to_string(), "--only", "failed", "--csv"]).exits(0);
    let other = Landfall::new();
    other.file("mended.csv", csv.text().replace("2,,,", "2,Bea,bea@x.com,"));
    let run = other.import(&other.path("mended.csv"), &["--map", "Colour=-"]);
    assert_eq!(counts(&run), [1, 0, 0, 0, 1], "{run}");
}

#[test]
fn a_backup_taken_while_an_import_runs_is_whole_and_comes_back() {
    let landfall = Landfall::new();
    import_text(&landfall, "first.csv", "ref,name\nA,Ann\nB,Bob\n", &["--source", "crm"]);
    let mut text = "ref,name,email\n".to_owned();
    (0..20_000).for_each(|row| text.push_str(&format!("R{row},Name {row},n{row}@x.com\n")));
    landfall.file("big.csv", text);
    let mut import =
        landfall.command(&["import", "big.csv", "--yes", "--source", "big one", "--commit-rows", "500", "--quiet"]);
    let mut child = import.stdout(std::process::Stdio::null()).spawn().expect("the binary starts");
    eventually("batch", || {
        landfall.json(&["runs"], 0).iter().any(|run| run["run"] == 2 && run["rows"].as_u64() > Some(0))
    });
    landfall.run(&["backup", "copy"]).exits(0);
    assert!(child.wait().expect("it ends").success());
    let restored = Landfall::new();
    let at = |args: &[&str]| restored.run(&[&["--workspace", "back"], args].concat());
    at(&["restore", &landfall.path("copy")]).exits(0);
    let shown = at(&["lookup", "A", "--json"]).exits(0);
    assert_eq!(shown.lines()[0]["fields"], json!({"name": "Ann"}));
    let run = &at(&["run", "show", "2", "--json"]).exits(0).lines()[0];
    let rows = at(&["run", "rows", "2", "--json"]).exits(0).lines();
    assert_eq!(run["rows"], rows.len(), "the copy is of one moment: {run}");
    assert_eq!(run["created"], rows.len());
    if run["status"] != "completed" {
        let resumed = at(&["run", "resume", "2", "--json"]).exits(0).object();
        assert_eq!((&resumed["status"], &resumed["rows"]), (&json!("completed"), &json!(20_000)), "{resumed}");
    }
    let sorted = |said: Said| {
        let mut lines: Vec<String> = said.text().lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let export = ["export", "contacts", "--source", "big one"];
    assert_eq!(sorted(at(&export).exits(0)), sorted(landfall.run(&export).exits(0)));
}

#[test]
fn a_restored_workspace_shows_the_same_and_goes_on() {
    let (landfall, _) = with_every_outcome();
    landfall.run(&["settings", "default_country=DE"]).exits(0);
    landfall.run(&["backup", "copy"]).exits(0);
    let restored = Landfall::new();
    restored.run(&["restore", &landfall.path("copy")]).exits(0);
    let calls: [&[&str]; 8] = [
        &["runs", "--json"],
        &["run", "show", "2"],
        &["run", "rows", "2", "--json"],
        &["run", "rows", "1", "--csv"],
        &["export", "contacts"],
        &["mapping", "show", "crm"],
        &["settings", "--json"],
        &["lookup", "ann@x.com", "--json"],
    ];
    for args in calls {
        assert_eq!(restored.run(args).exits(0).stdout, landfall.run(args).exits(0).stdout, "{args:?}");
    }
    landfall.run(&["lookup", "4"]).exits(1);
    restored.run(&["lookup", "4"]).exits(1);
    restored.file("b.csv", MIXED);
    let run = restored.import("b.csv", &["--source", "crm"]);
    assert_eq!(counts(&run), [0, 0, 3, 1, 2], "{run}");
    let error = restored.json(&["restore", &landfall.path("copy")], 1).remove(0);
    assert_eq!(error["error"]["code"], "not_empty", "a workspace is never written over: {error}");
}

#[test]
fn a_relative_workspace_is_the_same_from_its_own_directory() {
    let landfall = Landfall::new();
    landfall.file("a.csv", "ref,name\n1,Ann\n");
    let at = |args: &[&str]| landfall.run(&[&["--workspace", "ws"], args].concat());
    at(&["import", "a.csv", "--yes"]).exits(0);
    at(&["import", "a.csv", "--source", "later", "--yes", "--detach"]).exits(0);
    let done = || at(&["run", "show", "2", "--json"]).exits(0).object()["status"] == "completed";
    eventually("end of run 2", done);
    assert_eq!(at(&["run", "rows", "2", "--json"]).exits(0).lines()[0]["raw"]["name"], "Ann");
    assert!(landfall.dir().join("ws/landfall.db").exists() && !landfall.workspace().exists());
    let elsewhere = landfall.dir().join("elsewhere");
    std::fs::create_dir(&elsewhere).expect("a directory");
    let mut command = landfall.command(&["--workspace", "../ws", "run", "rows", "1", "--csv"]);
    let output = command.current_dir(&elsewhere).output().expect("the binary starts");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1,Ann,1,created,"), "{output:?}");
}
