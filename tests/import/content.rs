//! What is in files: packed ones, hostile ones, damaged ones, and mappings that do not fit them.

use super::*;
use std::io::Write as _;

#[test]
fn a_packed_file_imports_as_the_plain_one_does() {
    let text = "ref,name,email,notes\n1,Ann,ann@x.com,\"two\nlines\"\n\n2,Bob,bad,\n3,,,x\n";
    let plain = Landfall::new();
    let of_plain = import_text(&plain, "a.csv", text, &["--source", "crm"]);
    assert_eq!(counts(&of_plain), [2, 0, 0, 0, 1], "{of_plain}");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("memory takes it");
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("inside/contacts.csv", zip::write::SimpleFileOptions::default()).expect("an entry");
    zip.write_all(text.as_bytes()).expect("memory takes it");
    let packed = [("a.csv.gz", gzip.finish().expect("a file")), ("a.zip", zip.finish().expect("a file").into_inner())];
    for (name, bytes) in packed {
        let landfall = Landfall::new();
        let run = import_text(&landfall, name, bytes, &["--source", "crm"]);
        for key in ["rows", "created", "failed", "warnings", "not_rows", "issues", "bytes"] {
            assert_eq!(run[key], of_plain[key], "{name}: {key}");
        }
        let cells = |landfall: &Landfall, run: &Value| -> Vec<Value> {
            landfall
                .rows(run)
                .into_iter()
                .map(|row| json!([row["row"], row["line"], row["outcome"], row["issues"], row["raw"]]))
                .collect()
        };
        assert_eq!(cells(&landfall, &run), cells(&plain, &of_plain), "{name}");
        assert_eq!(landfall.rows(&run)[0]["raw"]["notes"], "two\nlines", "{name}: raw cells are shown");
        let csv =
            |landfall: &Landfall| landfall.run(&["run", "rows", "1", "--only", "failed", "--csv"]).exits(0).stdout;
        assert_eq!(csv(&landfall), csv(&plain), "{name}");
    }
}

#[test]
fn an_archive_of_two_files_is_refused() {
    let landfall = Landfall::new();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["a.csv", "b.csv"] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
        zip.write_all(b"ref,name\n1,Ann\n").expect("memory takes it");
    }
    landfall.file("two.zip", zip.finish().expect("a file").into_inner());
    let error = refused(&landfall, &landfall.path("two.zip"), &[]);
    assert!(error["message"].as_str().is_some_and(|text| text.contains("a.csv") && text.contains("b.csv")), "{error}");
}

const HOSTILE: [char; 9] =
    ['\u{1b}', '\u{7}', '\u{0}', '\u{8}', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200f}', '\u{feff}'];

#[test]
fn escapes_in_headers_cells_and_names_reach_no_terminal() {
    let landfall = Landfall::new();
    let evil = "\u{1b}]0;own\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\u{200f}\u{8}x";
    let name = format!("{evil}.csv");
    let text = format!("ref,name,email,{evil}\n{evil},Ann{evil},{evil}@x,1\n2,\0B\0ob,bob@x.com,{evil}\n3,,,\n");
    // So few control characters that it is text, and no binary file to be refused.
    let text =
        text + &(10..90).map(|row| format!("{row},Ordinary {row},n{row}@x.com,nothing special\n")).collect::<String>();
    landfall.file(&name, &text);
    landfall.file("plain.csv", &text);
    let mut calls: Vec<Vec<String>> = Vec::new();
    let mut call = |args: &[&str]| calls.push(args.iter().map(|arg| (*arg).to_owned()).collect());
    call(&["import", &name, "--yes"]);
    call(&["import", &name, "--yes", "--accept-unmapped", "--source", &format!("s{evil}")]);
    call(&["import", &name, "--yes", "--accept-unmapped", "--source", &format!("s{evil}")]);
    call(&["import", &name, "--yes", "--map", &format!("{evil}=nothing{evil}")]);
    call(&["import", &name, "--yes", "--map", &format!("no{evil}=name")]);
    call(&["import", &name, "--yes", "--filter", &format!("{evil} = {evil}")]);
    call(&["import", &name, "--yes", "--accept-unmapped", "--filter", &format!("name ~ {evil}"), "--source", "other"]);
    call(&["import", &format!("missing{evil}.csv"), "--yes"]);
    call(&["import", "plain.csv", "--yes", "--accept-unmapped", "--tag", evil]);
    call(&["inspect", &name]);
    call(&["inspect", "plain.csv", "--full"]);
    for run in ["1", "2", "3"] {
        call(&["run", "show", run]);
        call(&["run", "rows", run]);
    }
    call(&["runs"]);
    call(&["lookup", "Ann"]);
    call(&["lookup", evil]);
    call(&["mapping", "list"]);
    call(&["mapping", "show", &format!("s{evil}")]);
    for args in calls {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        for json in [false, true] {
            let said = landfall.run(&[&args[..], &["--color", "never"], if json { &["--json"] } else { &[] }].concat());
            let text = String::from_utf8_lossy(&said.stdout).into_owned();
            for (stream, text) in [("stdout", &text), ("stderr", &said.stderr)] {
                let found: Vec<char> = HOSTILE.into_iter().filter(|hostile| text.contains(*hostile)).collect();
                assert!(found.is_empty(), "{args:?}: {found:?} on {stream}: {text:?}");
            }
        }
    }
    let rows = landfall.json(&["run", "rows", "1"], 0);
    assert_eq!(rows[1]["raw"]["name"], "\0B\0ob", "JSON gives the cell as it is");
    assert_eq!(fields(&landfall, "2")["name"], "Bob", "NULs are no text");
    assert!(rows[1]["notes"].to_string().contains("nul"), "{}", rows[1]);
}

#[test]
fn no_formula_leaves_in_an_export_and_every_cell_comes_back_unchanged() {
    let landfall = Landfall::new();
    let nasty = [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "'=1",
        "'s-Hertogenbosch",
        "-5",
        "--",
        " =1",
        "|x",
        "\"=1\"",
        "=\"a\nb\"",
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["ref", "name", "company", "tags", "notes"]).expect("a record");
    for (row, text) in nasty.iter().enumerate() {
        writer.write_record([&format!("R{row}"), *text, text, &text.replace([',', ';'], ""), text]).expect("a record");
    }
    let run = import_text(&landfall, "a.csv", writer.into_inner().expect("a file"), &["--source", "crm"]);
    assert_eq!(run["created"], nasty.len(), "{run}");
    let csv = landfall.run(&["export", "contacts", "--source", "crm"]).exits(0).stdout;
    for record in csv::Reader::from_reader(&csv[..]).into_records() {
        for cell in &record.expect("a record") {
            let signed =
                cell.strip_prefix(['+', '-']).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b' '));
            assert!(
                signed || !cell.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{cell:?} would be run"
            );
        }
    }
    let back = import_text(&landfall, "back.csv", &csv, &["--source", "crm", "--accept-unmapped"]);
    assert_eq!(back["unchanged"], nasty.len(), "{back}");
    let raw = landfall.run(&["export", "contacts", "--source", "crm", "--raw"]).exits(0).text().to_owned();
    assert!(raw.contains(",=cmd|' /C calc'!A0,") && raw.contains(",@SUM(A1),"), "{raw}");
    let rows = landfall.run(&["run", "rows", "1", "--csv"]).exits(0).text().to_owned();
    assert!(rows.contains("'=cmd|") && !rows.contains(",=cmd|"), "{rows}");
    let rows = landfall.run(&["export", "rows", "1"]).exits(0).text().to_owned();
    assert!(rows.contains("'=cmd|") && !rows.contains(",=cmd|"), "{rows}");
}

#[test]
fn an_email_mapped_to_what_mostly_is_none_needs_attention() {
    let landfall = Landfall::new();
    let text = "ref,name,email\n1,Ann,red\n2,Bob,blue\n3,Eve,eve@x.com\n";
    landfall.file("a.csv", text);
    let said = landfall.run(&["import", "a.csv", "--yes", "--json", "--map", "email=email"]).exits(3);
    let reason = attention(&said.object()).to_owned();
    assert!(reason.contains("\"email\"") && reason.contains("2 of its 3"), "{reason}");
    assert_eq!(counts(&said.object()), [3, 0, 0, 0, 0]);
}

#[test]
fn addresses_that_nobody_decided_about_need_attention_and_left_out_ones_do_not() {
    let landfall = Landfall::new();
    let text = "ref,name,xq7\n1,Ann,a@x.com\n2,Bob,b@x.com\n3,Eve,c@x.com\n4,Dan,d@x.com\n";
    let toml = "accept_unmapped = true\n[[column]]\nheader = \"ref\"\nfield = \"source_ref\"\n[[column]]\nheader = \"name\"\nfield = \"name\"\n";
    landfall.file("m.toml", toml);
    let mapping = landfall.path("m.toml");
    let run = import_text(&landfall, "a.csv", text, &["--mapping", &mapping]);
    assert!(attention(&run).contains("\"xq7\""), "{run}");
    let run = landfall.import(&landfall.path("a.csv"), &["--mapping", &mapping, "--map", "xq7=-"]);
    assert_eq!(run["status"], "completed", "{run}");
}

#[test]
fn an_import_that_nothing_identifies_needs_attention() {
    let landfall = Landfall::new();
    let run = import_text(&landfall, "a.csv", "name,company\nAnn,Globex\n", &[]);
    assert!(attention(&run).contains("created again"), "{run}");
    let run = import_text(&landfall, "b.csv", "name,email\nAnn,ann@x.com\n", &["--allow-duplicates"]);
    assert!(attention(&run).contains("created again"), "{run}");
}

#[test]
fn a_quote_that_stays_open_fails_its_row_and_needs_attention() {
    let others = ["1,Ann\n2,Bob\n", "1,\"Ann\"\n2,\"Lee, Bo\"\n", "1,5\"\n2,Bob\n"];
    for before in others {
        let landfall = Landfall::new();
        landfall.file("a.csv", format!("ref,name\n{before}3,\"Eve\n4,Dan\n5,Zoe\n"));
        let run = landfall.run(&["import", "a.csv", "--yes", "--json"]).exits(3).object();
        landfall.assert_conserved(1);
        assert!(attention(&run).contains("row 3"), "{run}");
        assert_eq!(counts(&run), [4, 0, 0, 0, 1], "what follows is read again: {run}");
        let row = &landfall.rows(&run)[2];
        assert_eq!(codes(row)[0].0, "row_malformed");
        assert!(row["issues"][0]["guidance"].as_str().is_some_and(|text| text.contains("line 4")), "{row}");
        assert!(!fields(&landfall, "1")["name"].to_string().contains("\\\"Ann"), "quotes are no part of a value");
    }
}

#[test]
fn failed_rows_alone_are_a_completed_run_and_exit_status_3() {
    let landfall = Landfall::new();
    landfall.file("a.csv", "ref,name,email\n1,Ann,ann@x.com\n2,,bad\n");
    let run = landfall.run(&["import", "a.csv", "--yes", "--json"]).exits(3).object();
    assert_eq!((&run["status"], counts(&run)), (&json!("completed"), [1, 0, 0, 0, 1]), "{run}");
}
