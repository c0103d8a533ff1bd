//! What is refused before anything is imported.

use super::*;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Command;

/// Content, flags, and what the refusal must say: its code, and a part of its message or of what to do.
struct Case {
    promise: &'static str,
    name: &'static str,
    content: &'static [u8],
    flags: &'static [&'static str],
    code: &'static str,
    says: &'static str,
}

const UNMAPPED: &str = "Please ensure all mandatory fields are mapped. To proceed, either map all fields or choose Don't import data for unmapped columns.";

fn case(
    promise: &'static str,
    name: &'static str,
    content: &'static [u8],
    flags: &'static [&'static str],
    code: &'static str,
    says: &'static str,
) -> Case {
    Case { promise, name, content, flags, code, says }
}

fn cases() -> Vec<Case> {
    const PLAIN: &[u8] = b"ref,name,email\n1,Ann,ann@x.com\n";
    vec![
        case("an empty file", "empty.csv", b"", &[], "file_empty", "empty"),
        case("a PDF", "a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", &[], "wrong_type", "PDF"),
        case("a web page", "a.csv", b"<!DOCTYPE html>\n<html><body>Log in</body></html>\n", &[], "wrong_type", "HTML"),
        case(
            "a file without a header row (R212)",
            "a.csv",
            b"1001,ann@x.com,+12125550101\n1002,bob@x.com,+12125550102\n1003,eve@x.com,+12125550103\n",
            &[],
            "no_header",
            "header",
        ),
        case(
            "no usable column (R213)",
            "a.csv",
            b"Colour,Shape\nred,round\nblue,flat\n",
            &[],
            "no_usable_column",
            "Colour",
        ),
        case(
            "a column about which nobody decided (R262)",
            "a.csv",
            b"ref,email,Colour\n1,a@x.com,red\n",
            &[],
            "unmapped_mandatory",
            UNMAPPED,
        ),
        case(
            "that column is named",
            "a.csv",
            b"ref,email,Colour\n1,a@x.com,red\n",
            &[],
            "unmapped_mandatory",
            "Colour",
        ),
        case(
            "create mode without name, phone and email (R218)",
            "a.csv",
            b"source_ref,company\n1,Globex\n",
            &["--mode", "create"],
            "unmapped_mandatory",
            UNMAPPED,
        ),
        case(
            "update mode without what identifies a contact (R219)",
            "a.csv",
            b"name,company\nAnn,Globex\n",
            &["--mode", "update"],
            "unmapped_mandatory",
            UNMAPPED,
        ),
        case(
            "update mode by email where duplicates are allowed (R274)",
            "a.csv",
            b"name,email\nAnn,ann@x.com\n",
            &["--mode", "update", "--allow-duplicates"],
            "unmapped_mandatory",
            "Contact ID",
        ),
        case(
            "many short rows",
            "a.csv",
            b"ref,name,email\n1,Ann,ann@x.com\n2,Bob\n3,Eve,eve@x.com\n",
            &[],
            "short_rows",
            "row 2",
        ),
        case(
            "dates that only fit day-first",
            "a.csv",
            b"ref,name,Created\n1,Ann,28/10/2020\n2,Bob,03/04/2020\n",
            &["--map", "Created=created_at"],
            "date_order_undecided",
            "28/10/2020",
        ),
        case("an unknown field", "a.csv", PLAIN, &["--map", "email=emial"], "mapping", "did you mean email?"),
        case(
            "an unknown custom field: imports make none (R215)",
            "a.csv",
            PLAIN,
            &["--map", "email=custom.plan"],
            "mapping",
            "custom.plan",
        ),
        case("an unknown column", "a.csv", PLAIN, &["--map", "E-Mail=email"], "mapping", "\"E-Mail\""),
        case("an unknown column of dates", "a.csv", PLAIN, &["--day-first", "Born"], "no_such_column", "Born"),
        case(
            "day-first for a column that is no date",
            "a.csv",
            PLAIN,
            &["--day-first", "email"],
            "no_date_column",
            "email",
        ),
        case(
            "a filter without operator",
            "a.csv",
            PLAIN,
            &["--filter", "status customer"],
            "filter",
            "status customer",
        ),
        case("a filter on an unknown field", "a.csv", PLAIN, &["--filter", "colour = red"], "filter", "colour"),
        case(
            "a filter that compares with no date",
            "a.csv",
            PLAIN,
            &["--filter", "created_at > soon"],
            "filter",
            "soon",
        ),
        case("a saved mapping that there is not", "a.csv", PLAIN, &["--mapping", "crm"], "not_found", "crm"),
        case(
            "a mapping file that there is not",
            "a.csv",
            PLAIN,
            &["--mapping", "gone.toml"],
            "file_missing",
            "gone.toml",
        ),
        case(
            "two columns for a field that holds one",
            "a.csv",
            PLAIN,
            &["--map", "name=email", "--map", "email=email"],
            "mapping",
            "\"name\"",
        ),
        case("a header row beyond the end", "a.csv", PLAIN, &["--header-row", "9"], "header_row_invalid", "9"),
    ]
}

#[test]
fn what_cannot_be_imported_is_refused_with_what_to_do_and_leaves_nothing_behind() {
    let landfall = Landfall::new();
    let mut wrong = Vec::new();
    for Case { promise, name, content, flags, code, says } in cases() {
        landfall.file(name, content);
        let said = try_refused(&landfall, &[&["import", &landfall.path(name), "--yes"], flags].concat());
        let as_promised = said.as_ref().is_ok_and(|error| {
            let text = ["message", "next"].map(|key| error[key].as_str().unwrap_or_default()).join(" ");
            error["code"] == code && text.contains(says)
        });
        if !as_promised {
            wrong.push(format!("{promise}: {said:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let landfall = Landfall::new();
    std::fs::create_dir(landfall.dir().join("folder.csv")).expect("a directory");
    assert!(Command::new("mkfifo").arg(landfall.dir().join("pipe.csv")).status().expect("mkfifo").success());
    for (name, code) in [("gone.csv", "file_missing"), ("folder.csv", "wrong_type"), ("pipe.csv", "wrong_type")] {
        let error = refused(&landfall, &landfall.path(name), &[]);
        assert_eq!(error["code"], code, "{error}");
        assert!(error["message"].as_str().is_some_and(|message| message.contains(name)), "{error}");
    }
}

#[test]
fn a_workbook_named_csv_is_called_a_workbook() {
    let landfall = Landfall::new();
    let path = landfall.file("contacts.csv", "");
    let file = std::fs::File::create(path).expect("a file");
    let mut zip = zip::ZipWriter::new(file);
    for entry in ["[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"] {
        zip.start_file(entry, zip::write::SimpleFileOptions::default()).expect("an entry");
        std::io::Write::write_all(&mut zip, b"<xml/>").expect("content");
    }
    zip.finish().expect("an archive");
    let error = refused(&landfall, &landfall.path("contacts.csv"), &[]);
    assert_eq!(error["code"], "wrong_type", "{error}");
    let text = error.to_string();
    assert!(text.contains("Excel") || text.contains("workbook") || text.contains("spreadsheet"), "{error}");
}

#[test]
fn a_file_of_the_limit_is_too_large_and_one_byte_less_is_not() {
    const LIMIT: u64 = 30_000_000;
    let landfall = Landfall::new();
    landfall.run(&["settings", "max_file_mb=30"]).exits(0);
    let mut content = b"ref,name,notes\n1,Ann,".to_vec();
    let row = [&b"\n2,Bob,"[..], &[b'x'; 9_000]].concat();
    while content.len() + row.len() < LIMIT as usize {
        content.extend_from_slice(&row);
    }
    content.resize(LIMIT as usize, b'y');
    landfall.file("big.csv", &content);
    let error = refused(&landfall, &landfall.path("big.csv"), &[]);
    assert_eq!(error["code"], "too_large", "{error}");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("30 MB")), "{error}");
    let file =
        std::fs::OpenOptions::new().write(true).mode(0o600).open(landfall.dir().join("big.csv")).expect("a file");
    file.set_len(LIMIT - 1).expect("a shorter file");
    let run = landfall.import(&landfall.path("big.csv"), &["--sample", "1"]);
    assert_eq!(run["created"], 1, "{run}");
}

#[test]
fn short_rows_can_be_accepted_and_few_are_no_obstacle() {
    let landfall = Landfall::new();
    let text = "ref,name,email\n1,Ann,ann@x.com\n2,Bob\n3,Eve,eve@x.com\n";
    let run = import_text(&landfall, "a.csv", text, &["--accept-short-rows"]);
    assert_eq!((counts(&run), &run["warnings"]), ([3, 0, 0, 0, 0], &json!(1)), "{run}");
    assert_eq!(codes(&landfall.rows(&run)[1]), [("row_short".to_owned(), String::new())]);
    let mut text = "ref,name,email\n".to_owned();
    (0..19).for_each(|row| text.push_str(&format!("b{row},Ann,ann{row}@y.com\n")));
    let run = import_text(&landfall, "few-short.csv", text.clone() + "b20,Bob\n", &[]);
    assert_eq!(counts(&run), [20, 0, 0, 0, 0], "1 of 20 is 5 %, and not more: {run}");
    landfall.file("more-short.csv", text.replace("b18,Ann,ann18@y.com", "b18,Ann") + "b20,Bob\n");
    refused(&landfall, &landfall.path("more-short.csv"), &[]);
}

#[test]
fn the_order_of_a_date_column_is_said_or_settled_by_the_column_never_guessed() {
    let landfall = Landfall::new();
    let text = "ref,name,dob\n1,Ann,28/10/2020\n2,Bob,03/04/2020\n";
    landfall.file("a.csv", text);
    let map = ["--map", "dob=date_of_birth"];
    refused(&landfall, &landfall.path("a.csv"), &map);
    let month = landfall.copy();
    month.file("a.csv", text);
    let run = landfall.import(&landfall.path("a.csv"), &[&map[..], &["--day-first", "dob"]].concat());
    assert_eq!((counts(&run), &run["warnings"]), ([2, 0, 0, 0, 0], &json!(0)), "{run}");
    assert_eq!(fields(&landfall, "1")["date_of_birth"], "2020-10-28");
    assert_eq!(fields(&landfall, "2")["date_of_birth"], "2020-04-03");
    let run = month.import(&month.path("a.csv"), &[&map[..], &["--month-first", "dob"]].concat());
    assert_eq!((counts(&run), &run["warnings"]), ([2, 0, 0, 0, 0], &json!(1)), "{run}");
    assert_eq!(fields(&month, "1")["date_of_birth"], Value::Null);
    assert_eq!(fields(&month, "2")["date_of_birth"], "2020-03-04");
    assert_eq!(codes(&month.rows(&run)[0]), [("date_unreadable".to_owned(), "date_of_birth".to_owned())]);

    let mixed = Landfall::new();
    let both = import_text(&mixed, "both.csv", text.to_owned() + "3,Eve,12/31/2020\n", &map);
    assert_eq!((counts(&both), &both["warnings"]), ([3, 0, 0, 0, 0], &json!(1)), "with both kinds month-first stands");
    assert_eq!(fields(&mixed, "3")["date_of_birth"], "2020-12-31");
    let fresh = Landfall::new();
    fresh.file("neither.csv", "ref,name,dob\n7,Ann,01/02/2020\n8,Bob,03/04/2020\n");
    let said = fresh.run(&[&["import", "neither.csv", "--yes"], &map[..]].concat()).exits(0);
    assert!(said.stderr.contains("\"dob\"") && said.stderr.contains("month-first is assumed"), "{}", said.stderr);
    assert_eq!(fields(&fresh, "7")["date_of_birth"], "2020-01-02");
}

#[test]
fn a_source_name_like_another_one_is_refused_until_it_is_new_on_purpose() {
    let landfall = Landfall::new();
    let text = "ref,name\n1,Ann\n";
    import_text(&landfall, "a.csv", text, &["--source", "hubspot"]);
    for name in ["hubspt", "hubspto", "Hubspot", "hubspot-2"] {
        let error = refused(&landfall, &landfall.path("a.csv"), &["--source", name]);
        assert!(error.to_string().contains("hubspot"), "{error}");
    }
    let run = landfall.import(&landfall.path("a.csv"), &["--source", "hubspot-2", "--new-source"]);
    assert_eq!(run["source"], "hubspot-2");
    let run = landfall.import(&landfall.path("a.csv"), &["--source", "salesforce"]);
    assert_eq!((&run["source"], counts(&run)), (&json!("salesforce"), [1, 0, 0, 0, 0]));
}

#[test]
fn without_a_terminal_nothing_is_imported_before_the_disclaimer_is_accepted() {
    let landfall = Landfall::new();
    landfall.file("a.csv", "ref,name\n1,Ann\n");
    let error = refused_call(&landfall, &["import", &landfall.path("a.csv")]);
    assert_eq!(error["code"], "disclaimer");
    assert!(error["next"].as_str().is_some_and(|next| next.contains("--yes")), "{error}");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("cannot be taken back")), "R217: {error}");
}

#[test]
fn the_same_bytes_again_are_refused_where_nothing_identifies_a_row() {
    let landfall = Landfall::new();
    let run = import_text(&landfall, "a.csv", "name,email\nAnn,ann@x.com\nSolo,\n", &["--source", "crm"]);
    assert_eq!(counts(&run), [2, 0, 0, 0, 0]);
    let file = landfall.path("a.csv");
    let error = refused(&landfall, &file, &["--source", "crm"]);
    assert_eq!(error["code"], "same_file_again");
    assert!(
        error["message"].as_str().is_some_and(|message| message.contains("row is 2") || message.contains("row 2")),
        "{error}"
    );
    let run = landfall.import(&file, &["--source", "crm", "--again"]);
    assert_eq!(counts(&run), [1, 0, 1, 0, 0], "{run}");
    let run = import_text(&landfall, "b.csv", "name,email\nAnn,ann@x.com\n", &["--source", "crm"]);
    assert_eq!(counts(&run), [0, 0, 1, 0, 0]);
    let run = landfall.import(&landfall.path("b.csv"), &["--source", "crm"]);
    assert_eq!(counts(&run), [0, 0, 1, 0, 0], "where every row is identified, again is no question: {run}");
}
