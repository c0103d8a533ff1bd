//! What the commands around an import promise: looking things up, what people set, what is written out and comes back.

mod common;

use common::Landfall;
use serde_json::{Value, json};

const PEOPLE: &str = "ref,name,email,phone,tags,notes\n\
    A1,Ann,ann@x.com,+12125550101,a;b,\"=cmd()\"\n\
    A2,Bob,bad,+12125550102,\"x, y\",\n\
    A3,\u{1b}]0;own\u{7}Eve\u{202e}x,eve@x.com,,Smith,-5\n\
    A4,,,,,\n";

/// A workspace with run 1: three contacts, one with a warning, and a row that failed.
fn with_people() -> Landfall {
    let landfall = Landfall::new();
    landfall.file("people.csv", PEOPLE);
    landfall.import(&landfall.path("people.csv"), &["--source", "crm"]);
    landfall
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[test]
fn the_objects_have_exactly_the_names_that_scripts_depend_on() {
    let landfall = with_people();
    let run = &landfall.json(&["runs"], 0)[0];
    assert_eq!(
        keys(run),
        [
            "run",
            "source",
            "kind",
            "status",
            "mode",
            "delivery",
            "started",
            "finished",
            "rows",
            "created",
            "updated",
            "unchanged",
            "skipped",
            "failed",
            "warnings",
            "notes",
            "not_reached",
            "not_rows",
            "issues",
            "bytes",
            "elapsed_ms",
            "user",
            "error"
        ]
    );
    assert_eq!(keys(&run["not_rows"]), ["preamble", "header", "blank", "footer"]);
    assert_eq!(run["issues"][0], json!({"code": "email_invalid", "field": "email", "count": 1, "first_row": 2}));
    assert_eq!(run["bytes"], PEOPLE.len());
    let rows = landfall.json(&["run", "rows", "1"], 0);
    assert_eq!(keys(&rows[3]), ["row", "line", "outcome", "reason", "contact", "reference", "issues", "notes", "raw"]);
    assert_eq!(keys(&rows[3]["issues"][0]), ["code", "field", "message", "guidance", "value"]);
    assert_eq!((&rows[3]["reason"], &rows[3]["reference"]), (&json!("required_missing"), &json!("A4")));
    assert_eq!(rows[0]["raw"]["notes"], "=cmd()");
    let found = &landfall.json(&["lookup", "A1"], 0)[0];
    assert_eq!(
        keys(found),
        [
            "contact",
            "fields",
            "references",
            "created_run",
            "updated_run",
            "row",
            "created_at",
            "updated_at",
            "last_row"
        ]
    );
    assert_eq!(found["references"], json!([{"source": "crm", "reference": "A1"}]));
    assert_eq!(found["last_row"], json!({"run": 1, "row": 1, "outcome": "created"}));
    assert_eq!(found["fields"]["tags"], json!(["a", "b"]));
    let file = &landfall.json(&["inspect", &landfall.path("people.csv"), "--full"], 0)[0];
    assert_eq!(
        keys(file),
        [
            "encoding",
            "delimiter",
            "quote",
            "escape",
            "newline",
            "preamble",
            "header_row",
            "rows_sampled",
            "problems",
            "columns"
        ]
    );
    assert_eq!(
        keys(&file["columns"][2]),
        ["name", "kind", "field", "confidence", "reason", "empty", "distinct", "samples", "problems"]
    );
    let problem = json!({"code": "email_invalid", "row": 2, "value": "bad", "count": 1});
    assert_eq!(file["columns"][2]["problems"], json!([problem]));
}

#[test]
fn failed_rows_come_back_with_their_columns_and_the_reason_and_can_be_imported_when_mended() {
    let landfall = with_people();
    let csv = landfall.run(&["run", "rows", "1", "--only", "failed", "--csv"]).exits(0).text().to_owned();
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("ref,name,email,phone,tags,notes,landfall_row,landfall_outcome,landfall_reason"));
    let row = lines.next().expect("the failed row");
    assert!(row.starts_with("A4,,,,,,4,failed,\"Required fields to create/update contacts are missing: "), "{row}");
    assert_eq!(lines.next(), None);
    landfall.file("mended.csv", csv.replace("A4,,", "A4,Dan,"));
    let run = landfall.import(&landfall.path("mended.csv"), &["--source", "crm"]);
    assert_eq!((&run["created"], &run["failed"]), (&json!(1), &json!(0)), "{run}");
}

#[test]
fn an_export_runs_nothing_in_a_spreadsheet_and_imports_back_unchanged() {
    let landfall = with_people();
    let export = |more: &[&str]| landfall.run(&[&["export", "contacts"], more].concat()).exits(0).text().to_owned();
    let csv = export(&[]);
    assert!(csv.contains("'=cmd()") && !csv.contains(",=cmd()"), "{csv}");
    assert!(export(&["--raw"]).contains(",=cmd()"));
    landfall.file("back.csv", &csv);
    let run = landfall.import(&landfall.path("back.csv"), &["--source", "crm"]);
    assert_eq!((&run["unchanged"], &run["rows"]), (&json!(3), &json!(3)), "{run}");
    assert_eq!(export(&[]), csv);
}

#[test]
fn nothing_from_a_file_reaches_the_reader_of_a_report_as_a_control_sequence() {
    let landfall = with_people();
    let calls: [&[&str]; 6] = [
        &["run", "rows", "1"],
        &["lookup", "A3"],
        &["lookup", "A3", "--json"],
        &["run", "rows", "1", "--json"],
        &["inspect", "people.csv"],
        &["run", "note", "1", "\u{1b}[2Jnote"],
    ];
    for args in calls {
        let said = landfall.run(&[args, &["--color", "never"]].concat()).exits(0);
        let all = format!("{}{}", said.text(), said.stderr);
        assert!(!all.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{args:?}: {all:?}");
    }
    let found = &landfall.json(&["lookup", "A3"], 0)[0];
    assert_eq!(found["fields"]["name"], "\u{1b}]0;own\u{7}Eve\u{202e}x");
}

#[test]
fn a_contact_is_found_by_reference_its_beginning_id_email_phone_and_name_and_remembered_when_deleted() {
    let landfall = with_people();
    let found = |query: &str| landfall.json(&["lookup", query], 0);
    let id = found("A1")[0]["contact"].as_str().expect("a Contact ID").to_owned();
    assert_eq!(found("A").len(), 3);
    for query in [id.as_str(), "ANN@x.com", "(212) 555-0101", "ann"] {
        assert_eq!(found(query)[0]["contact"], id, "{query}");
    }
    assert_eq!(landfall.json(&["lookup", "A", "--tag", "a"], 0).len(), 1);
    assert_eq!(landfall.json(&["lookup", "A", "--limit", "2"], 0).len(), 2);
    let error = &landfall.json(&["lookup", "A4"], 1)[0]["error"];
    assert!(error["message"].as_str().is_some_and(|message| message.contains("row 4 of run 1")), "{error}");
    assert_eq!(landfall.json(&["lookup", "nobody"], 1)[0]["error"]["code"], "not_found");
    landfall.json(&["contact", "delete", &id], 0);
    for args in [["contact", "show", &id], ["lookup", "A1", "--quiet"]] {
        assert_eq!(landfall.json(&args, 1)[0]["error"]["code"], "deleted");
    }
    assert_eq!(landfall.json(&["contact", "show", "zzzzzz-1-1"], 1)[0]["error"]["code"], "not_found");
}

#[test]
fn settings_fields_and_people_are_kept_and_mistakes_change_nothing() {
    let landfall = Landfall::new();
    assert_eq!(
        landfall.json(&["settings", "default_country=DE", "match_on=phone"], 0)[0],
        json!({
            "default_country": "DE", "match_on": "phone"
        })
    );
    landfall.run(&["settings", "default_country=FR", "match_on=shoe"]).exits(2);
    assert_eq!(landfall.json(&["settings", "default_country"], 0)[0], json!({"default_country": "DE"}));
    assert_eq!(landfall.json(&["settings", "colour"], 1)[0]["error"]["code"], "not_found");
    assert_eq!(landfall.json(&["settings"], 0)[0]["allow_duplicates"], false);
    landfall.run(&["settings", "default_country=FR", "--read-only"]).exits(1);

    let field = &landfall.json(&["field", "add", "plan", "--kind", "single_option", "--options", "Free,Pro"], 0)[0];
    assert_eq!(
        *field,
        json!({
            "key": "custom.plan", "label": "plan", "kind": "single_option", "options": ["Free", "Pro"], "custom": true
        })
    );
    assert_eq!(landfall.json(&["field", "add", "status", "--options", "lead,customer"], 0)[0]["custom"], false);
    assert_eq!(landfall.json(&["field", "add", "plan", "--kind", "text"], 1)[0]["error"]["code"], "name_taken");
    landfall.run(&["field", "add", "Bad Key", "--kind", "text"]).exits(2);
    landfall.run(&["field", "remove", "email"]).exits(1);
    landfall.run(&["field", "remove", "plan"]).exits(0);
    let kept = landfall.json(&["field", "list"], 0);
    assert!(kept.iter().any(|field| field["key"] == "status" && field["options"] == json!(["lead", "customer"])));
    assert!(!kept.iter().any(|field| field["key"] == "custom.plan"));

    landfall.run(&["user", "add", "Logan  Paul"]).exits(0);
    assert_eq!(landfall.json(&["user", "list"], 0), [json!({"name": "Logan Paul"})]);
    landfall.run(&["user", "add", "Logan Paul"]).exits(1);
    landfall.run(&["user", "remove", "Logan Paul"]).exits(0);
    landfall.run(&["user", "remove", "Logan Paul"]).exits(1);
}

#[test]
fn a_mapping_is_kept_by_name_in_versions_that_can_be_compared() {
    let landfall = with_people();
    let toml = landfall.run(&["mapping", "show", "crm"]).exits(0).text().to_owned();
    assert!(toml.contains("header = \"ref\"") && toml.contains("field = \"source_ref\""), "{toml}");
    let changed = landfall.file("crm.toml", toml.replace("field = \"notes\"", "leave_out = true"));
    landfall.run(&["mapping", "save", "crm", changed.to_str().expect("a path")]).exits(0);
    let diff = landfall.run(&["mapping", "diff", "crm"]).exits(0).text().to_owned();
    assert!(diff.contains("- field = \"notes\"\n+ leave_out = true"), "{diff}");
    assert_eq!(landfall.json(&["mapping", "list"], 0)[0]["version"], 2);
    let wrong = landfall.file("wrong.toml", "[[column]]\nheader = \"ref\"\nfield = \"emial\"\n");
    let said = landfall.run(&["mapping", "save", "crm", wrong.to_str().expect("a path")]).exits(1);
    assert!(said.stderr.contains("did you mean email?"), "{}", said.stderr);
    landfall.run(&["mapping", "remove", "crm"]).exits(0);
    landfall.run(&["mapping", "show", "crm"]).exits(1);
}

#[test]
fn a_review_of_a_mapping_is_shown_until_an_import_changes_the_mapping() {
    let landfall = with_people();
    let reviewed_by = |name: &str| {
        let list = landfall.json(&["mapping", "list"], 0);
        let listed = list.iter().find(|mapping| mapping["name"] == name).expect("it is listed");
        let shown = landfall.json(&["mapping", "show", name], 0).remove(0);
        assert_eq!(listed["reviewed_by"], shown["reviewed_by"]);
        shown["reviewed_by"].clone()
    };
    assert_eq!(reviewed_by("crm"), Value::Null);
    landfall.run(&["mapping", "review", "crm", "--read-only"]).exits(1);
    assert_eq!(landfall.json(&["mapping", "review", "nowhere"], 1)[0]["error"]["code"], "not_found");
    let answer = landfall.json(&["mapping", "review", "crm"], 0).remove(0);
    assert_eq!((&answer["name"], &answer["version"]), (&json!("crm"), &json!(1)));
    assert_eq!(answer["reviewed_by"], "tester");
    assert_eq!(reviewed_by("crm"), "tester");
    assert!(landfall.run(&["mapping", "list"]).exits(0).text().contains("Reviewed by"));
    let said = landfall.run(&["mapping", "show", "crm"]).exits(0);
    assert!(said.stderr.contains("Reviewed by tester") && !said.text().contains("tester"), "{said:?}");

    landfall.import(&landfall.path("people.csv"), &["--source", "crm", "--again"]);
    assert_eq!(reviewed_by("crm"), "tester", "the same mapping was used again");
    landfall.import(&landfall.path("people.csv"), &["--source", "crm", "--again", "--map", "notes=-"]);
    assert_eq!(reviewed_by("crm"), Value::Null);
    assert_eq!(landfall.json(&["mapping", "review", "crm"], 0)[0]["version"], 2);
    assert_eq!(reviewed_by("crm"), "tester");
}

/// The lines of a report that tell why rows were skipped, with single blanks.
fn skipped_lines(report: &str) -> Vec<String> {
    let told = report.lines().filter(|line| line.contains("– Skipped: "));
    told.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn a_run_tells_people_why_rows_were_skipped_and_scripts_as_before() {
    let landfall = with_people();
    let people = landfall.path("people.csv");
    let show = |run: &str| landfall.run(&["run", "show", run]).exits(0).text().to_owned();
    assert!(skipped_lines(&show("1")).is_empty());
    let update = landfall.file("update.csv", "ref,name\nA1,Ann\nB1,Bo\nB2,Di\nA2,Bob\n");
    let update = update.to_str().expect("a path");
    let flags = ["--source", "crm", "--mode", "update", "--filter", "name != Bob", "--accept-unmapped"];
    let run = landfall.import(update, &flags);
    assert_eq!(run["skipped"], 3, "{run}");
    assert!(run.get("skip_counts").is_none() && run["issues"] == json!([]), "{run}");
    let expected = ["– Skipped: not_found 2 – 2", "– Skipped: filter: name != Bob 1 – 4"];
    assert_eq!(skipped_lines(&show(&run["run"].to_string())), expected);
    let dry = landfall.import(&people, &["--source", "crm", "--mode", "create", "--again", "--dry-run"]);
    assert_eq!(skipped_lines(&show(&dry["run"].to_string())), ["– Skipped: duplicate 3 – 1"]);
    let dry_file = format!("dry/{}.db", dry["run"]);
    std::fs::remove_file(landfall.workspace().join(dry_file)).expect("a dry run has a file of its own");
    assert!(skipped_lines(&show(&dry["run"].to_string())).is_empty(), "its totals are shown all the same");
}

#[test]
fn of_many_reasons_for_skipping_the_most_frequent_are_told_and_the_others_counted() {
    let landfall = Landfall::new();
    let conditions: Vec<String> = (1..=12).map(|n| format!("company != c{n}")).collect();
    let rows: String = (1..=12).flat_map(|n| std::iter::repeat_n(format!("Ann,c{n}\n"), 20 - n)).collect();
    let file = landfall.file("many.csv", format!("name,company\n{rows}"));
    let filters = conditions.iter().flat_map(|condition| ["--filter", condition.as_str()]);
    landfall.import(file.to_str().expect("a path"), &filters.collect::<Vec<_>>());
    let lines = skipped_lines(landfall.run(&["run", "show", "1"]).exits(0).text());
    assert_eq!(lines.len(), 11, "{lines:?}");
    assert_eq!(lines[0], "– Skipped: filter: company != c1 19 – 1");
    assert_eq!(lines[10], "– Skipped: and 2 more reasons 17 – 146");
}

#[test]
fn a_backup_becomes_a_workspace_that_says_the_same() {
    let landfall = with_people();
    let (backup, restored) = (landfall.path("backup"), landfall.path("restored"));
    landfall.run(&["backup", &backup]).exits(0);
    landfall.run(&["backup", &backup]).exits(1);
    landfall.run(&["restore", &backup, "--workspace", &restored]).exits(0);
    for args in [&["runs", "--json"][..], &["export", "contacts"], &["run", "rows", "1", "--json"]] {
        let there = landfall.run(&[args, &["--workspace", &restored]].concat()).exits(0);
        assert_eq!(there.text(), landfall.run(args).exits(0).text(), "{args:?}");
    }
    landfall.run(&["restore", &backup]).exits(1);
}

#[test]
fn a_finished_run_cannot_be_cancelled_and_a_run_that_is_not_there_is_said_so() {
    let landfall = with_people();
    assert_eq!(landfall.json(&["run", "cancel", "1"], 1)[0]["error"]["code"], "not_cancellable");
    for verb in ["show", "rows", "cancel", "resume"] {
        assert_eq!(landfall.json(&["run", verb, "99"], 1)[0]["error"]["code"], "not_found", "{verb}");
    }
    assert!(landfall.json(&["runs", "--status", "failed"], 0).is_empty());
    landfall.run(&["runs", "--source", "nowhere"]).exits(1);
}

#[test]
fn a_demo_is_made_by_imports_whose_rows_add_up_and_has_a_source_of_every_kind() {
    let landfall = Landfall::new();
    let dir = landfall.path("shown");
    let runs = landfall.json(&["demo", "--dir", &dir], 0);
    // Four imports, and what three drops delivered on seven days: one is late today, and one file is held.
    assert_eq!(runs.len(), 4 + 6 + 6 + 7);
    let workspace = format!("{dir}/demo");
    let store = landfall::store::Store::open_read_only(std::path::Path::new(&workspace)).expect("the demo's workspace");
    for run in &runs {
        let id = landfall::domain::id::RunId(run["run"].as_u64().expect("a run has a number"));
        store.check_run(id).expect("the conservation law");
        assert!(run["rows"].as_u64() > Some(10), "{run}");
    }
    let sources = landfall.run(&["source", "list", "--json", "--workspace", &workspace]).exits(0).lines();
    let statuses: Vec<&str> = sources.iter().map(|source| source["status"].as_str().expect("a status")).collect();
    for status in ["warning", "paused", "no_data", "late", "schema_changed", "active"] {
        assert!(statuses.contains(&status), "{statuses:?}");
    }
    // What is there already is not made into a demo.
    assert_eq!(landfall.json(&["demo", "--dir", &dir], 1)[0]["error"]["code"], "not_empty");
}

#[test]
fn rows_that_are_exported_to_be_mended_keep_the_cells_that_the_header_has_no_column_for() {
    let landfall = Landfall::new();
    landfall.file("long.csv", "ref,name,email\nA1,Ann,ann@x.com\nA2,Bob,bob@x.com,left over,and more\n");
    let run = landfall.import(&landfall.path("long.csv"), &["--source", "crm"]);
    let said = landfall.run(&["run", "rows", &run["run"].to_string(), "--csv"]).exits(0);
    let mut rows = csv::Reader::from_reader(said.stdout.as_slice());
    assert_eq!(rows.headers().expect("a header").len(), 6);
    let last = rows.records().last().expect("two rows").expect("a row as long as the header");
    assert!(last[5].ends_with("Cells beyond the header: left over | and more"), "{last:?}");
}
