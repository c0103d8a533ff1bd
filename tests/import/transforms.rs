//! What a mapping does to the text of cells before it is read, from the file to the stored contact: the same in the dry
//! run, the run and the checks before a start.

use super::*;

fn column(header: &str, field: &str, more: &str) -> String {
    format!("[[column]]\nheader = {header:?}\nfield = {field:?}\n{more}\n")
}

/// The outcome, issues and notes of each row, without what a dry run cannot know.
fn told(landfall: &Landfall, run: &Value) -> Vec<[Value; 5]> {
    let rows = landfall.rows(run);
    rows.iter().map(|row| ["row", "outcome", "reason", "issues", "notes"].map(|key| row[key].clone())).collect()
}

/// A dry run and then the run; what the one said the other does.
#[track_caller]
fn tried_and_run(landfall: &Landfall, file: &str, flags: &[&str]) -> Value {
    let dry = landfall.import(&landfall.path(file), &[flags, &["--dry-run"]].concat());
    let run = landfall.import(&landfall.path(file), flags);
    assert_eq!(told(landfall, &dry), told(landfall, &run));
    assert_eq!((counts(&dry), cleared(landfall, &dry)), (counts(&run), cleared(landfall, &run)));
    run
}

/// The line that says how many values empty cells cleared, of which fields.
fn cleared(landfall: &Landfall, run: &Value) -> Option<String> {
    let shown = landfall.run(&["run", "show", &run["run"].to_string()]).exits(0);
    shown.text().lines().find(|line| line.contains(" cleared by empty cells: ")).map(|line| line.trim().to_owned())
}

#[test]
fn cells_are_replaced_cased_mapped_parted_joined_and_completed_before_they_are_read() {
    let landfall = Landfall::new();
    let toml = column("id", "source_ref", "")
        + "[[column]]\nheader = \"Who\"\ncase = \"title\"\n[column.split]\nat = \", \"\ninto = [\"last_name\", \"first_name\"]\n"
        + &column("CC", "phone", "")
        + &column("Number", "phone", "join = \" \"")
        + &column("Day", "created_at", "find_replace = [{ find = \".\", put = \"-\" }]")
        + &column("Time", "created_at", "join = \" \"")
        + &column("Stage", "status", "[column.values]\n\"in progress\" = \"Open\"\n\"dead\" = \"\"\n")
        + &column("Labels", "tags", "[column.values]\n\"vip\" = \"Gold\"\n\"old\" = \"\"\n")
        + "[[constant]]\nfield = \"tags\"\nvalue = \"fair; gold\"\n"
        + "[[constant]]\nfield = \"agent\"\nvalue = \"Desk 4\"\n";
    landfall.file("m.toml", &toml);
    let text = "id,Who,CC,Number,Day,Time,Stage,Labels\n\
        1,\"O'BRIEN, anne\",+1,(212) 555-0101,2024.05.01,10:00,IN  Progress,VIP; old; new\n\
        2,berger,,+12125550102,2024.05.02,,dead,old\n";
    landfall.file("a.csv", text);
    let flags = ["--source", "crm", "--mapping", &landfall.path("m.toml")];
    let run = tried_and_run(&landfall, "a.csv", &flags);
    assert_eq!(counts(&run), [2, 0, 0, 0, 0], "{run}");
    let one = fields(&landfall, "1");
    let want = json!({
        "first_name": "Anne", "last_name": "O'Brien", "phone": "+12125550101", "created_at": "2024-05-01T10:00:00Z",
        "status": "Open", "tags": ["Gold", "new", "fair"], "agent": "Desk 4",
    });
    assert_eq!(one, want);
    let two = fields(&landfall, "2");
    let want = json!({
        "last_name": "Berger", "phone": "+12125550102", "created_at": "2024-05-02",
        "tags": ["fair", "gold"], "agent": "Desk 4",
    });
    assert_eq!(two, want);

    let shown = landfall.run(&["mapping", "show", "crm"]).exits(0).text().to_owned();
    landfall.file("shown.toml", &shown);
    landfall.run(&["mapping", "save", "kept", "shown.toml"]).exits(0);
    assert_eq!(landfall.run(&["mapping", "show", "kept"]).exits(0).text(), shown);
    for kept in ["from_end", "Desk 4", "in progress", "title", "2024"].map(|part| (part, shown.contains(part))) {
        assert_eq!(kept.1, !["from_end", "2024"].contains(&kept.0), "{}: {shown}", kept.0);
    }
    let again = landfall.import(&landfall.path("a.csv"), &["--source", "crm"]);
    assert_eq!(counts(&again), [0, 0, 2, 0, 0], "the source remembers all of it: {again}");
}

#[test]
fn an_issue_of_a_transformed_cell_keeps_the_cell_as_it_stands_in_the_file() {
    let landfall = Landfall::new();
    let toml = column("id", "source_ref", "")
        + &column("name", "name", "")
        + &column("Day", "date_of_birth", "find_replace = [{ find = \"x\", put = \"y\" }]")
        + &column("Year", "date_of_birth", "join = \"/\"\nrequired = true");
    landfall.file("m.toml", &toml);
    landfall.file("a.csv", "id,name,Day,Year\n1,Ann,xx,2024\n2,Bob,05/06,2024\n3,Cy,05/06,\n");
    let run = tried_and_run(&landfall, "a.csv", &["--mapping", &landfall.path("m.toml")]);
    assert_eq!(counts(&run), [1, 0, 0, 0, 2], "{run}");
    let rows = landfall.rows(&run);
    assert_eq!(codes(&rows[0]), [("date_unreadable".to_owned(), "date_of_birth".to_owned())], "once, on the field");
    assert_eq!(rows[0]["issues"][0]["value"], "xx/2024");
    assert_eq!(codes(&rows[2])[0].0, "required_missing");
    assert!(rows[2]["issues"][0]["guidance"].as_str().is_some_and(|text| text.contains("\"Year\"")), "{}", rows[2]);
    assert_eq!(fields(&landfall, "2")["date_of_birth"], "2024-05-06");
}

#[test]
fn what_is_empty_after_its_transforms_clears_like_an_empty_cell_and_is_counted() {
    let landfall = Landfall::new();
    let toml = column("id", "source_ref", "")
        + &column("name", "name", "")
        + &column("Company", "company", "find_replace = [{ find = \"-\" }]")
        + &column("City", "city", "values = { none = \"\" }");
    landfall.file("m.toml", &toml);
    let flags = ["--source", "crm", "--mapping", &landfall.path("m.toml")];
    landfall.file("a.csv", "id,name,Company,City\n1,Ann,Acme,Rome\n2,Bob,Acme,\n3,Cy,-,None\n");
    tried_and_run(&landfall, "a.csv", &flags);
    assert_eq!(fields(&landfall, "3"), json!({"name": "Cy"}));
    landfall.file("b.csv", "id,name,Company,City\n1,Ann,-,NONE\n2,Bob,--,none\n3,Cy,-,\n4,New,-,none\n");
    let run = tried_and_run(&landfall, "b.csv", &[&flags[..], &["--clear-empty"]].concat());
    assert_eq!(counts(&run), [1, 2, 1, 0, 0], "{run}");
    let told = cleared(&landfall, &run);
    assert_eq!(told.as_deref(), Some("3 values cleared by empty cells: Company 2, City 1"), "only what held a value");
    assert_eq!(fields(&landfall, "1"), json!({"name": "Ann"}));
    let notes: Vec<Value> = landfall.rows(&run).iter().map(|row| row["notes"].clone()).collect();
    let cleared = |times: usize| json!(vec!["field_cleared"; times]);
    assert_eq!(notes, [cleared(2), cleared(1), cleared(0), cleared(0)]);
}

#[test]
fn the_checks_before_a_start_see_the_text_as_the_mapping_transforms_it() {
    let landfall = Landfall::new();
    let toml = column("id", "source_ref", "values = { none = \"\" }")
        + &column("name", "name", "")
        + &column("born", "date_of_birth", "find_replace = [{ find = \"on \" }]");
    landfall.file("m.toml", &toml);
    let flags = ["--source", "crm", "--mapping", &landfall.path("m.toml")];
    landfall.file("a.csv", "id,name,born\n1,Ann,on 26/06/2024\nNONE,Bob,on 03/04/2024\n");
    let error = refused(&landfall, &landfall.path("a.csv"), &flags);
    assert_eq!(error["code"], "date_order_undecided", "{error}");
    let flags = [&flags[..], &["--day-first", "born"]].concat();
    landfall.import(&landfall.path("a.csv"), &flags);
    assert_eq!(fields(&landfall, "Bob")["date_of_birth"], "2024-04-03");
    let error = refused(&landfall, &landfall.path("a.csv"), &flags);
    assert_eq!(error["code"], "same_file_again", "Bob has no reference: {error}");
}

#[test]
fn a_constant_that_no_row_could_hold_is_refused_before_the_start() {
    let landfall = Landfall::new();
    landfall.run(&["field", "add", "size", "--kind", "number"]).exits(0);
    landfall.file("a.csv", "id,name\n1,Ann\n");
    let columns = column("id", "source_ref", "") + &column("name", "name", "");
    for (constant, code, says) in [
        ("field = \"custom.size\"\nvalue = \"big\"", "constant_unreadable", "\"big\""),
        ("field = \"timezone\"\nvalue = \"Nowhere/Land\"", "constant_unreadable", "\"Nowhere/Land\""),
        ("field = \"email\"\nvalue = \"a@x.com\"", "mapping", "email"),
    ] {
        landfall.file("m.toml", columns.clone() + "[[constant]]\n" + constant + "\n");
        let error = refused(&landfall, &landfall.path("a.csv"), &["--mapping", &landfall.path("m.toml")]);
        let message = error["message"].as_str().unwrap_or_default();
        assert!(message.contains(says), "{error}");
        assert!(code == "mapping" || error["code"] == code, "{error}");
    }
    landfall.file("m.toml", columns + "[[constant]]\nfield = \"timezone\"\nvalue = \"europe/berlin\"\n");
    landfall.import(&landfall.path("a.csv"), &["--mapping", &landfall.path("m.toml")]);
    assert_eq!(fields(&landfall, "1")["timezone"], "Europe/Berlin");
}

#[test]
fn the_quote_that_a_mapping_says_is_obeyed() {
    let columns = column("id", "source_ref", "") + &column("name", "name", "") + &column("city", "city", "");
    let with_quote = |quote: &str| {
        let landfall = Landfall::new();
        landfall.file("a.csv", "id,name,city\n1,'Ann, B',Rome\n2,\"Bob\",Bath\n3,Cy,Ulm\n");
        landfall.file("m.toml", format!("[reading]\nquote = {quote}\n{columns}"));
        landfall
    };
    for (quote, imported, names) in [
        ("\"'\"", [3, 0, 0, 0, 0], vec![("1", "Ann, B"), ("2", "\"Bob\"")]),
        ("\"none\"", [2, 0, 0, 0, 1], vec![("2", "\"Bob\"")]),
        ("'\"'", [2, 0, 0, 0, 1], vec![("2", "Bob")]),
    ] {
        let landfall = with_quote(quote);
        let run = landfall.import(&landfall.path("a.csv"), &["--mapping", &landfall.path("m.toml")]);
        assert_eq!(counts(&run), imported, "{quote}: {run}");
        for (reference, name) in names {
            assert_eq!(fields(&landfall, reference)["name"], name, "{quote}");
        }
    }
    let landfall = with_quote("\"x\"");
    let error = refused(&landfall, &landfall.path("a.csv"), &["--mapping", &landfall.path("m.toml")]);
    assert_eq!(error["code"], "quote", "{error}");
}

#[test]
fn a_column_that_is_mapped_by_a_flag_goes_there_whole_and_as_it_stands() {
    let landfall = Landfall::new();
    let toml = column("id", "source_ref", "")
        + "[[column]]\nheader = \"Who\"\ncase = \"upper\"\n[column.split]\nat = \" \"\ninto = [\"first_name\", \"last_name\"]\n"
        + &column("Town", "city", "case = \"upper\"");
    landfall.file("m.toml", &toml);
    landfall.file("a.csv", "id,Who,Town\n1,Ann Lee,Rome\n");
    let flags = ["--source", "crm", "--mapping", &landfall.path("m.toml")];
    landfall.import(&landfall.path("a.csv"), &[&flags[..], &["--map", "Who=name", "--map", "Town=city"]].concat());
    assert_eq!(fields(&landfall, "1"), json!({"name": "Ann Lee", "city": "ROME"}));
    landfall.file("a.csv", "id,Who,Town\n2,Bob Ray,Ray\n");
    landfall.import(&landfall.path("a.csv"), &[&flags[..], &["--map", "Town=last_name"]].concat());
    assert_eq!(fields(&landfall, "2"), json!({"first_name": "BOB", "last_name": "Ray"}), "the part gives way");
}

#[test]
fn another_source_takes_over_where_columns_go_and_not_how_their_values_are_written() {
    let landfall = Landfall::new();
    let toml = column("id", "source_ref", "")
        + "[[column]]\nheader = \"Who\"\n[column.split]\nat = \" \"\ninto = [\"first_name\", \"last_name\"]\n"
        + &column("Stage", "status", "case = \"upper\"\nvalues = { a = \"open\" }")
        + "[[constant]]\nfield = \"agent\"\nvalue = \"Desk\"\n";
    landfall.file("m.toml", &toml);
    landfall.file("a.csv", "id,Who,Stage\n1,Ann Lee,a\n");
    landfall.import(&landfall.path("a.csv"), &["--source", "crm", "--mapping", &landfall.path("m.toml")]);
    landfall.file("b.csv", "id,Who,Stage\n9,Bob Ray,a\n");
    landfall.import(&landfall.path("b.csv"), &["--source", "webshop"]);
    assert_eq!(fields(&landfall, "9"), json!({"first_name": "Bob", "last_name": "Ray", "status": "a"}));
}

#[test]
fn the_reference_of_a_row_is_told_as_its_mapping_makes_it() {
    let landfall = Landfall::new();
    let toml = column("Shop", "source_ref", "case = \"upper\"")
        + &column("No", "source_ref", "join = \"-\"")
        + &column("name", "name", "");
    landfall.file("m.toml", &toml);
    landfall.file("a.csv", "Shop,No,name\nde,1,Ann\nat,1,Bob\n");
    let run = landfall.import(&landfall.path("a.csv"), &["--mapping", &landfall.path("m.toml")]);
    let references: Vec<Value> = landfall.rows(&run).iter().map(|row| row["reference"].clone()).collect();
    assert_eq!(references, ["DE-1", "AT-1"]);
    assert_eq!(fields(&landfall, "AT-1"), json!({"name": "Bob"}));
}

/// Who reviewed the mapping of the source, and why it wants a person.
fn review(landfall: &Landfall) -> (Value, Value) {
    let shown = landfall.json(&["source", "show", "crm"], 0).remove(0);
    (shown["reviewed_by"].clone(), shown["reason"]["message"].clone())
}

#[test]
fn a_review_is_taken_back_by_a_run_whose_values_do_not_read_as_their_fields() {
    let landfall = Landfall::new();
    let rows = |phone: &dyn Fn(u32) -> String| {
        let row = |n: u32| format!("{n},Person {n},p{n}@x.com,{}\n", phone(n));
        "id,name,email,phone\n".to_owned() + &(1..9).map(row).collect::<String>()
    };
    let good = |n: u32| format!("+1212555010{n}");
    let import =
        |text: String, flags: &[&str]| import_text(&landfall, "a.csv", text, &[&["--source", "crm"], flags].concat());
    import(rows(&good), &[]);
    landfall.run(&["mapping", "review", "crm"]).exits(0);
    assert_eq!(review(&landfall), (json!("tester"), Value::Null));
    let bad = |n: u32| format!("colour {n}");
    import(rows(&bad), &["--dry-run"]);
    assert_eq!(review(&landfall).0, "tester", "a dry run changes nothing");
    let run = import(rows(&bad), &[]);
    assert!(attention(&run).contains("do not read as it"), "{run}");
    assert_eq!(review(&landfall).0, Value::Null);
    import(rows(&good), &[]);
    assert_eq!(review(&landfall), (Value::Null, json!("Nobody has reviewed its mapping.")));
    landfall.run(&["mapping", "review", "crm"]).exits(0);
    assert_eq!(review(&landfall), (json!("tester"), Value::Null));
    let run = import(rows(&good).replace("Person ", "+1212555010"), &[]);
    assert!(attention(&run).contains("do not read as names"), "{run}");
    assert_eq!(review(&landfall).0, Value::Null);
}

#[test]
fn a_new_column_and_a_column_that_is_gone_want_another_review() {
    for text in
        ["id,name,email,city\n1,Ann,ann@x.com,Rome\n", "id,name\n1,Ann\n", "id,Full Name,email\n1,Ann,ann@x.com\n"]
    {
        let landfall = Landfall::new();
        import_text(&landfall, "a.csv", "id,name,email\n1,Ann,ann@x.com\n", &["--source", "crm"]);
        landfall.run(&["mapping", "review", "crm"]).exits(0);
        import_text(&landfall, "a.csv", "id,name,email\n1,Ann,ann@x.com\n2,Bob,bob@x.com\n", &["--source", "crm"]);
        assert_eq!(review(&landfall), (json!("tester"), Value::Null), "nothing of the mapping changed");
        import_text(&landfall, "b.csv", text, &["--source", "crm"]);
        let (by, why) = review(&landfall);
        assert_eq!(by, Value::Null, "{text}");
        assert!(why.is_string(), "{text}");
    }
}
