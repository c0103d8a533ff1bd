//! Which column becomes which field: suggested, said, remembered, and what a column's options do.

use super::*;

#[test]
fn a_mapping_is_remembered_for_its_source() {
    let landfall = Landfall::new();
    let flags = ["--source", "crm", "--map", "Kennung=source_ref", "--map", "Wer=name", "--map", "Farbe=-"];
    import_text(&landfall, "a.csv", "Kennung,Wer,Farbe\n1,Ann,rot\n", &flags);
    let run = import_text(&landfall, "b.csv", "Wer,Farbe,Kennung\nAnna,rot,1\nBob,blau,2\n", &["--source", "crm"]);
    assert_eq!(counts(&run), [1, 1, 0, 0, 0], "columns are found by header, whatever their order: {run}");
    assert_eq!(fields(&landfall, "1"), json!({"name": "Anna"}));
}

#[test]
fn a_mapping_is_found_again_when_the_same_header_row_comes_from_elsewhere() {
    let landfall = Landfall::new();
    let text = "Kennung,Wer,Farbe\n1,Ann,rot\n";
    let flags = ["--source", "crm", "--map", "Kennung=source_ref", "--map", "Wer=name", "--map", "Farbe=-"];
    import_text(&landfall, "a.csv", text, &flags);
    landfall.file("b.csv", "Kennung,Wer,Farbe\n9,Zoe,rot\n");
    let said = landfall.run(&["import", "b.csv", "--source", "another", "--yes"]).exits(0);
    assert!(said.stderr.contains("same header row"), "{}", said.stderr);
    assert_eq!(fields(&landfall, "9"), json!({"name": "Zoe"}));
}

#[test]
fn a_mapping_is_a_text_that_people_keep_change_and_give_back() {
    let landfall = Landfall::new();
    import_text(
        &landfall,
        "a.csv",
        "Kennung,Wer\n1,Ann\n",
        &["--source", "crm", "--map", "Kennung=source_ref", "--map", "Wer=name"],
    );
    let toml = landfall.run(&["mapping", "show", "crm"]).exits(0).text().to_owned();
    assert!(toml.contains("Kennung") && toml.contains("source_ref"), "{toml}");
    landfall.file("crm.toml", &toml);
    landfall.run(&["mapping", "save", "kept", "crm.toml"]).exits(0);
    assert_eq!(landfall.run(&["mapping", "show", "kept"]).exits(0).text(), toml, "what is shown is saved as it is");
    landfall.file("b.csv", "Wer,Kennung\nBob,2\n");
    let run = landfall.import(&landfall.path("b.csv"), &["--source", "by name", "--mapping", "kept"]);
    assert_eq!((counts(&run), fields(&landfall, "2")), ([1, 0, 0, 0, 0], json!({"name": "Bob"})));
    landfall.file("b.csv", "Wer,Kennung\nEve,3\n");
    landfall.file("company.toml", toml.replace("\"name\"", "\"company\""));
    let run =
        landfall.import(&landfall.path("b.csv"), &["--source", "by file", "--mapping", &landfall.path("company.toml")]);
    assert_eq!(counts(&run), [0, 0, 0, 0, 1], "a company alone is nobody: the file's mapping was used: {run}");
    landfall.file("broken.toml", "[[column]]\nheadr = \"Wer\"\n");
    let error = refused(&landfall, &landfall.path("b.csv"), &["--mapping", &landfall.path("broken.toml")]);
    assert!(error["message"].as_str().is_some_and(|message| message.contains("headr")), "{error}");
}

#[test]
fn a_column_that_a_remembered_mapping_uses_and_the_file_lacks_needs_attention() {
    let landfall = Landfall::new();
    import_text(&landfall, "a.csv", "ref,name,email\n1,Ann,ann@x.com\n", &["--source", "crm"]);
    let run = import_text(&landfall, "b.csv", "ref,name\n1,Ann\n", &["--source", "crm"]);
    assert!(attention(&run).contains("\"email\""), "{run}");
    assert_eq!(fields(&landfall, "1")["email"], "ann@x.com");
}

#[test]
fn an_issue_in_a_required_column_fails_the_row() {
    let landfall = Landfall::new();
    let text = "ref,name,born,town\n1,Ann,1990-02-30,Rome\n2,Bob,,Rome\n3,Eve,1990-02-03,\n";
    landfall.file("a.csv", text);
    let column = |header: &str, field: &str, more: &str| {
        format!("[[column]]\nheader = \"{header}\"\nfield = \"{field}\"\n{more}\n")
    };
    let toml = column("ref", "source_ref", "") + &column("name", "name", "") + &column("town", "city", "");
    landfall.file("m.toml", toml + &column("born", "date_of_birth", "required = true"));
    let run = landfall.import(&landfall.path("a.csv"), &["--mapping", &landfall.path("m.toml")]);
    assert_eq!(counts(&run), [1, 0, 0, 0, 2], "{run}");
    let rows = landfall.rows(&run);
    assert_eq!(codes(&rows[0])[0], ("date_unreadable".to_owned(), "date_of_birth".to_owned()));
    assert_eq!(codes(&rows[1])[0], ("required_missing".to_owned(), "date_of_birth".to_owned()));
    assert!(rows[1]["issues"][0]["guidance"].as_str().is_some_and(|text| text.contains("\"born\"")), "{}", rows[1]);
}

#[test]
fn the_options_of_a_column_decide_how_its_cells_are_read() {
    let landfall = Landfall::new();
    landfall.run(&["field", "add", "price", "--kind", "money"]).exits(0);
    landfall.run(&["field", "add", "weight", "--kind", "number"]).exits(0);
    let column = |header: &str, field: &str, more: &str| {
        format!("[[column]]\nheader = \"{header}\"\nfield = \"{field}\"\n{more}\n")
    };
    let toml = column("ref", "source_ref", "")
        + &column("name", "name", "")
        + &column("price", "custom.price", "decimal = \"comma\"")
        + &column("weight", "custom.weight", "")
        + &column("tags", "tags", "separator = \"period\"");
    landfall.file("m.toml", &toml);
    let text = "ref,name,price,weight,tags\n1,Ann,\"1.234,50\",\"1,5\",vip.node.js\n";
    landfall.file("a.csv", text);
    let mapped = ["--source", "crm", "--mapping", &landfall.path("m.toml")];
    let run = landfall.import(&landfall.path("a.csv"), &mapped);
    assert_eq!(counts(&run), [1, 0, 0, 0, 0]);
    assert_eq!(codes(&landfall.rows(&run)[0]), [("number_unreadable".to_owned(), "custom.weight".to_owned())]);
    let found = fields(&landfall, "1");
    assert_eq!(found["custom.price"], "1234.50", "{found}");
    assert_eq!(found["tags"], json!(["vip", "node", "js"]));

    landfall.file("a.csv", "ref,name,price,weight,tags\n1,Ann,,,new\n");
    landfall.import(&landfall.path("a.csv"), &mapped);
    assert_eq!(fields(&landfall, "1")["tags"], json!(["vip", "node", "js", "new"]), "tags are added");
    landfall.file("m.toml", toml.replace("separator", "replace = true\nseparator"));
    landfall.file("a.csv", "ref,name,price,weight,tags\n1,Ann,,,only\n");
    landfall.import(&landfall.path("a.csv"), &mapped);
    assert_eq!(fields(&landfall, "1")["tags"], json!(["only"]), "a mapping may say replace");
}

#[test]
fn several_columns_join_in_addresses_and_notes_in_the_order_of_the_file() {
    let landfall = Landfall::new();
    let text = "ref,name,Street,Floor,Note,Remark\n1,Ann,1 High St,Floor 2,first,second\n2,Bob,,Floor 3,,only\n";
    let map =
        ["--map", "Street=address_line", "--map", "Floor=address_line", "--map", "Note=notes", "--map", "Remark=notes"];
    let run = import_text(&landfall, "a.csv", text, &map);
    assert_eq!(counts(&run), [2, 0, 0, 0, 0]);
    let (ann, bob) = (fields(&landfall, "1"), fields(&landfall, "2"));
    assert_eq!((&ann["address_line"], &ann["notes"]), (&json!("1 High St, Floor 2"), &json!("first\nsecond")));
    assert_eq!((&bob["address_line"], &bob["notes"]), (&json!("Floor 3"), &json!("only")));
    let run = landfall.import(&landfall.path("a.csv"), &[]);
    assert_eq!(counts(&run), [0, 0, 2, 0, 0], "{run}");
}

#[test]
fn a_column_called_contact_id_is_ours_only_when_its_values_are() {
    let landfall = Landfall::new();
    import_text(&landfall, "a.csv", "Contact ID,Name\nX-1,Ann\nX-2,Bob\n", &[]);
    let found = &landfall.json(&["lookup", "X-1"], 0)[0];
    assert_eq!(found["references"], json!([{"source": "a", "reference": "X-1"}]), "{found}");
    let id = found["contact"].as_str().expect("an ID").to_owned();
    let run = import_text(&landfall, "b.csv", format!("Contact ID,Contact Name\n{id},Anna\n"), &[]);
    assert_eq!(counts(&run), [0, 1, 0, 0, 0], "{run}");
}

#[test]
fn an_order_of_dates_that_was_said_is_remembered_with_the_mapping() {
    let landfall = Landfall::new();
    let first = "ref,name,dob\n1,Ann,28/10/2020\n2,Bob,03/04/2020\n";
    import_text(&landfall, "a.csv", first, &["--source", "crm", "--map", "dob=date_of_birth", "--day-first", "dob"]);
    import_text(&landfall, "b.csv", "ref,name,dob\n3,Eve,05/06/2020\n", &["--source", "crm"]);
    assert_eq!(fields(&landfall, "3")["date_of_birth"], "2020-06-05");
}
