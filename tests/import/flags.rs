//! What settings and flags change: filters, defaults, duplicates, tags, empty cells, samples, dry runs.

use super::*;

const CUSTOMERS: &str = "\
ref,name,email,channel,agent,status,tags,plan,score,updated_at,created_at
1,Ann,ann@x.com,Web,Kim Lee,customer,vip; new,Pro,10,2024-05-02T10:00:00Z,2020-01-01
2,Bob,bob@x.com,Phone,,prospect,new,Free,9,2024-03-01,2020-01-01
3,Eve,,web,Kim Lee,Customer,,,-2.5,,2024-06-01
4,Dan,dan@x.com,,Bo Diaz,,old,Pro,100,,
";

fn with_fields() -> Landfall {
    let landfall = Landfall::new();
    landfall.run(&["field", "add", "plan", "--kind", "single_option", "--options", "Free,Pro"]).exits(0);
    landfall.run(&["field", "add", "score", "--kind", "number"]).exits(0);
    landfall.file("customers.csv", CUSTOMERS);
    landfall
}

const MAP: [&str; 10] = [
    "--map",
    "channel=channel",
    "--map",
    "agent=agent",
    "--map",
    "plan=custom.plan",
    "--map",
    "score=custom.score",
    "--map",
    "status=status",
];

#[test]
fn each_operator_of_a_filter_keeps_the_rows_that_it_says() {
    let cases: &[(&str, &[u64])] = &[
        ("status = customer", &[1, 3]),
        ("status != customer", &[2, 4]),
        ("STATUS=CUSTOMER", &[1, 3]),
        ("channel = web", &[1, 3]),
        ("agent ~ lee", &[1, 3]),
        ("agent empty", &[2]),
        ("agent set", &[1, 3, 4]),
        ("tag = new", &[1, 2]),
        ("tags in old, vip", &[1, 4]),
        ("tags != new", &[3, 4]),
        ("custom.plan = pro", &[1, 4]),
        ("custom.plan in Free,Pro", &[1, 2, 4]),
        ("custom.plan empty", &[3]),
        ("custom.score > 9", &[1, 4]),
        ("custom.score >= 9.0", &[1, 2, 4]),
        ("custom.score < 0", &[3]),
        ("custom.score <= -2.50", &[3]),
        ("updated_at >= 2024-05-02", &[1]),
        ("updated_at < 2024-05-02", &[2]),
        ("created_at = 01/01/2020", &[1, 2]),
        ("email ~ @x.com", &[1, 2, 4]),
        ("source_ref in 1,4", &[1, 4]),
        ("Contact Name = ann", &[1]),
    ];
    let landfall = with_fields();
    let mut wrong = Vec::new();
    for (filter, kept) in cases {
        let run = landfall.import("customers.csv", &[&MAP[..], &["--dry-run", "--filter", filter]].concat());
        let rows = landfall.rows(&run);
        let created: Vec<u64> =
            rows.iter().filter(|row| row["outcome"] == "created").filter_map(|row| row["row"].as_u64()).collect();
        if created != *kept {
            wrong.push(format!("{filter} keeps {created:?}, not {kept:?}"));
        }
        let reasons = rows.iter().filter(|row| row["outcome"] == "skipped").map(|row| &row["reason"]);
        wrong.extend(
            reasons
                .filter(|reason| **reason != format!("filter: {filter}"))
                .map(|reason| format!("{filter}: {reason}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_filters_must_hold_and_a_skipped_row_names_the_first_that_does_not() {
    let landfall = with_fields();
    let filters = ["--filter", "status = customer", "--filter", "custom.score > 0", "--since", "2024-05-01"];
    let run = landfall.import("customers.csv", &[&MAP[..], &filters].concat());
    assert_eq!(counts(&run), [1, 0, 0, 3, 0], "{run}");
    let reasons: Vec<Value> = landfall.rows(&run).into_iter().map(|mut row| row["reason"].take()).collect();
    let expected = [
        Value::Null,
        json!("filter: status = customer"),
        json!("filter: custom.score > 0"),
        json!("filter: status = customer"),
    ];
    assert_eq!(reasons, expected);
}

#[test]
fn since_looks_at_the_change_else_the_creation_and_keeps_what_has_no_date_with_a_note() {
    let landfall = with_fields();
    let run = landfall.import("customers.csv", &[&MAP[..], &["--since", "2024-05-02"]].concat());
    let rows = landfall.rows(&run);
    let outcomes: Vec<&str> = rows.iter().filter_map(|row| row["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["created", "skipped", "created", "created"], "{run}");
    assert_eq!(rows[1]["reason"], "since");
    assert_eq!((&run["notes"], rows[3]["notes"].to_string().contains("since")), (&json!(1), true), "{}", rows[3]);
}

#[test]
fn national_numbers_follow_the_flag_else_the_setting() {
    let landfall = Landfall::new();
    landfall.run(&["settings", "default_country=DE"]).exits(0);
    import_text(&landfall, "a.csv", "ref,name,phone\n1,Ann,030 1234567\n", &[]);
    assert_eq!(fields(&landfall, "1")["phone"], "+49301234567");
    import_text(&landfall, "b.csv", "ref,name,phone\n2,Bob,020 7946 0958\n", &["--country", "GB"]);
    assert_eq!(fields(&landfall, "2")["phone"], "+442079460958");
    let run = import_text(&landfall, "c.csv", "ref,name,phone\n3,Eve,12\n4,Dan,+1 212 555 0102\n", &[]);
    let rows = landfall.rows(&run);
    assert!(rows[0]["issues"][0]["guidance"].as_str().is_some_and(|text| text.contains("DE")), "{}", rows[0]);
    assert_eq!(fields(&landfall, "4")["phone"], "+12125550102", "E.164 is read whatever the country is (R292)");
}

#[test]
fn times_without_a_zone_follow_the_flag_else_the_setting() {
    let landfall = Landfall::new();
    landfall.run(&["settings", "default_timezone=Europe/Berlin"]).exits(0);
    let text = |reference: u8| format!("ref,name,created_at\n{reference},Ann,2024-01-15 12:00\n");
    import_text(&landfall, "a.csv", text(1), &[]);
    import_text(&landfall, "b.csv", text(2), &["--timezone", "America/New_York"]);
    let created = |reference| fields(&landfall, reference)["created_at"].as_str().expect("a moment").to_owned();
    assert!(created("1").starts_with("2024-01-15T11:00"), "{}", created("1"));
    assert!(created("2").starts_with("2024-01-15T17:00"), "{}", created("2"));
}

#[test]
fn duplicates_in_the_file_fail_and_name_the_row_unless_duplicates_are_allowed() {
    let text = "ref,name,email,phone\n\
        1,Ann,ann@x.com,+12125550101\n\
        ,Ann too,ANN@x.com,\n\
        ,Phone too,,(212) 555-0101\n\
        4,Other,ann@x.com,\n\
        1,Anna,ann@x.com,+12125550101\n\
        6,bad,nope,+12\n\
        ,Free,other@x.com,\n";
    let both = Landfall::new();
    let run = import_text(&both, "a.csv", text, &[]);
    let outcomes = |landfall: &Landfall, run: &Value| {
        let rows = landfall.rows(run);
        rows.iter()
            .map(|row| {
                format!(
                    "{} {}",
                    row["outcome"].as_str().unwrap_or_default(),
                    codes(row).first().map_or("", |code| &code.0)
                )
            })
            .collect::<Vec<_>>()
    };
    let expected = [
        "created ",
        "failed duplicate_email",
        "failed duplicate_phone",
        "failed duplicate_email",
        "updated ",
        "created email_invalid",
        "created ",
    ];
    assert_eq!(outcomes(&both, &run), expected);
    for row in [1, 2] {
        let row = &both.rows(&run)[row];
        let issue = &row["issues"][0];
        assert!(issue["guidance"].as_str().is_some_and(|text| text.contains("row 1")), "{issue}");
        let message =
            if issue["code"] == "duplicate_email" { "Duplicate email found" } else { "Duplicate phone found" };
        assert_eq!(issue["message"], message);
    }
    let by_email = Landfall::new();
    let run = import_text(&by_email, "a.csv", text, &["--match", "email"]);
    let expected = [
        "created ",
        "failed duplicate_email",
        "created ",
        "failed duplicate_email",
        "updated ",
        "created email_invalid",
        "created ",
    ];
    assert_eq!(outcomes(&by_email, &run), expected, "only email was asked for");
    let by_setting = Landfall::new();
    by_setting.run(&["settings", "match_on=email"]).exits(0);
    let run = import_text(&by_setting, "a.csv", text, &[]);
    assert_eq!(outcomes(&by_setting, &run), expected, "the setting does what the flag does");
    for allowed in [Landfall::new(), Landfall::new()].into_iter().zip([true, false]) {
        let (landfall, by_flag) = allowed;
        if !by_flag {
            landfall.run(&["settings", "allow_duplicates=true"]).exits(0);
        }
        let run = import_text(&landfall, "a.csv", text, if by_flag { &["--allow-duplicates"] } else { &[] });
        let expected =
            ["created ", "created ", "created ", "created ", "updated ", "created email_invalid", "created "];
        assert_eq!(outcomes(&landfall, &run), expected);
    }
}

#[test]
fn tags_of_the_import_go_to_every_contact_that_it_lands_on() {
    let landfall = Landfall::new();
    import_text(&landfall, "a.csv", "ref,name,tags\n1,Ann,vip\n", &["--source", "crm"]);
    let text = "ref,name,tags\n1,Ann,\n2,Bob,Spring 24\n,,\n3,,x\n";
    let run = import_text(&landfall, "b.csv", text, &["--source", "crm", "--tag", "spring 24", "--tag", "fair"]);
    assert_eq!(counts(&run), [1, 1, 0, 0, 1], "{run}");
    assert_eq!(fields(&landfall, "1")["tags"], json!(["vip", "spring 24", "fair"]));
    assert_eq!(
        fields(&landfall, "2")["tags"],
        json!(["Spring 24", "fair"]),
        "a tag in another letter case is the same"
    );
    assert_eq!(landfall.json(&["lookup", "2", "--tag", "fair"], 0).len(), 1);
    let again = landfall.import(&landfall.path("b.csv"), &["--source", "crm", "--tag", "spring 24", "--tag", "fair"]);
    assert_eq!(counts(&again), [0, 0, 2, 0, 1], "{again}");
}

#[test]
fn empty_cells_change_nothing_unless_they_are_to_clear_and_absent_cells_never_do() {
    let landfall = Landfall::new();
    let start = "ref,name,email,city\n1,Ann,ann@x.com,Rome\n2,Bob,bob@x.com,Oslo\n";
    import_text(&landfall, "a.csv", start, &["--source", "crm"]);
    let empty = "ref,name,email,city\n1,Ann,,\n2,Bob\n";
    let run = import_text(&landfall, "b.csv", empty, &["--source", "crm", "--accept-short-rows"]);
    assert_eq!(counts(&run), [0, 0, 2, 0, 0], "by default empty cells change nothing (R258): {run}");
    let run = landfall.import(&landfall.path("b.csv"), &["--source", "crm", "--accept-short-rows", "--clear-empty"]);
    assert_eq!(counts(&run), [0, 1, 1, 0, 0], "{run}");
    assert_eq!(fields(&landfall, "1"), json!({"name": "Ann"}));
    assert_eq!(fields(&landfall, "2"), json!({"name": "Bob", "email": "bob@x.com", "city": "Oslo"}));
}

#[test]
fn a_deleted_contact_stays_deleted_unless_it_is_to_be_made_again() {
    let landfall = Landfall::new();
    import_text(&landfall, "a.csv", "ref,name\n1,Ann\n2,Bob\n", &["--source", "crm"]);
    let id = landfall.json(&["lookup", "1"], 0)[0]["contact"].as_str().expect("an ID").to_owned();
    landfall.run(&["contact", "delete", &id]).exits(0);
    let run = landfall.import(&landfall.path("a.csv"), &["--source", "crm"]);
    assert_eq!((counts(&run), &landfall.rows(&run)[0]["reason"]), ([0, 0, 1, 1, 0], &json!("deleted")));
    let run = landfall.import(&landfall.path("a.csv"), &["--source", "crm", "--recreate-deleted"]);
    assert_eq!(counts(&run), [1, 0, 1, 0, 0], "{run}");
    assert_ne!(landfall.json(&["lookup", "1"], 0)[0]["contact"], id);
}

#[test]
fn a_sample_takes_the_first_records_only_and_adds_up() {
    let landfall = with_fields();
    let run = landfall.import("customers.csv", &[&MAP[..], &["--sample", "2"]].concat());
    assert_eq!((counts(&run), &run["rows"], &run["not_reached"]), ([2, 0, 0, 0, 0], &json!(2), &json!(2)), "{run}");
    let run = landfall.import("customers.csv", &[&MAP[..], &["--sample", "99"]].concat());
    assert_eq!(counts(&run), [2, 0, 2, 0, 0], "{run}");
}

#[test]
fn a_dry_run_says_what_the_run_then_does_and_changes_no_contact() {
    let landfall = with_fields();
    landfall.import("customers.csv", &[&MAP[..], &["--sample", "2", "--source", "crm"]].concat());
    let before = landfall.run(&["export", "contacts", "--source", "crm"]).exits(0).stdout;
    let changed =
        CUSTOMERS.replace("Bob,bob@x.com", "Bobby,bob@x.com").replace("dan@x.com", "ann@x.com") + ",,nope,,,,,,,,\n";
    landfall.file("changed.csv", changed);
    let flags = [&MAP[..], &["--source", "crm"]].concat();
    let dry = landfall.import("changed.csv", &[&flags[..], &["--dry-run"]].concat());
    assert_eq!(dry["kind"], "dry_run");
    assert_eq!(landfall.run(&["export", "contacts", "--source", "crm"]).exits(0).stdout, before);
    let run = landfall.import("changed.csv", &flags);
    assert_eq!(counts(&run), [1, 1, 1, 0, 2], "{run}");
    for key in [
        "rows",
        "created",
        "updated",
        "unchanged",
        "skipped",
        "failed",
        "warnings",
        "notes",
        "not_rows",
        "issues",
        "bytes",
    ] {
        assert_eq!(dry[key], run[key], "{key}");
    }
    let mut of_dry = landfall.rows(&dry);
    let mut of_run = landfall.rows(&run);
    for row in of_dry.iter_mut().chain(&mut of_run).filter(|row| row["outcome"] == "created") {
        row["contact"].take();
    }
    assert_eq!(of_dry, of_run);
    let shown = landfall.run(&["run", "rows", &dry["run"].to_string()]).exits(0);
    assert!(shown.text().contains("updated"), "{}", shown.text());
    let csv = landfall.run(&["run", "rows", &dry["run"].to_string(), "--only", "failed", "--csv"]).exits(0);
    assert_eq!(csv.text().lines().count(), 3, "{}", csv.text());
    assert!(
        landfall.run(&["import", "changed.csv", "--dry-run", "--source", "crm"]).status != Some(1),
        "it needs no --yes"
    );
}
