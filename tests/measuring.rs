//! `tests/bench/imports` measures what it says it measures, so that its numbers can be believed on the day they are needed.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

fn script(dir: &Path, args: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/imports");
    let done = Command::new(script).args(args).current_dir(dir).output().expect("python3 starts");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    said
}

#[test]
fn imports_are_measured_tabulated_compared_and_drawn() {
    let dir = tempfile::tempdir().expect("a directory");
    let binary = concat!("landfall=", env!("CARGO_BIN_EXE_landfall"));
    let run = ["run", "--binary", binary, "--rows", "2k", "--pairs", "1", "--peers", "sqlite-bare", "--work", "work"];
    script(dir.path(), &run);

    let results = std::fs::read_to_string(dir.path().join("results.jsonl")).expect("results");
    let lines: Vec<Value> = results.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of =
        |case: &str| lines.iter().find(|line| line["tool"] == "landfall" && line["case"] == case).expect("measured");
    let outcomes = |case: &str, outcome: &str| of(case)["outcomes"][outcome].as_u64();
    assert_eq!(outcomes("first", "created"), Some(2_000));
    assert_eq!(outcomes("again", "unchanged"), Some(2_000));
    assert_eq!((outcomes("changed", "updated"), outcomes("changed", "unchanged")), (Some(600), Some(1_400)));
    assert_eq!(outcomes("shuffled", "unchanged"), Some(2_000));
    assert_eq!(outcomes("dry", "created"), Some(2_000));
    for key in ["wall", "user", "sys", "rss", "database"] {
        assert!(of("first")[key].as_f64().is_some_and(|value| value > 0.0), "{key}: {}", of("first"));
    }
    // The kept file is a copy of what came in, and in none of the other numbers.
    let size = std::fs::metadata(dir.path().join("work/contacts-2000.csv")).expect("the file").len();
    assert_eq!(of("first")["delivery"], size);

    let table = script(dir.path(), &["table", "results.jsonl"]);
    for row in ["| first import |", "| the same file again (all unchanged) |", "| `sqlite3 .import`, no index |"] {
        assert!(table.contains(row), "{row}: {table}");
    }
    std::fs::write(
        dir.path().join("page.md"),
        "<!-- measured: begin (tests/bench/imports table) -->\nold\n<!-- measured: end -->\nend\n",
    )
    .expect("a page");
    script(dir.path(), &["table", "results.jsonl", "--into", "page.md"]);
    let page = std::fs::read_to_string(dir.path().join("page.md")).expect("the page");
    assert!(page.contains("| first import |") && page.ends_with("-->\nend\n") && !page.contains("old"), "{page}");
    let compared = script(dir.path(), &["compare", "results.jsonl", "results.jsonl"]);
    assert!(compared.contains("first import (landfall) | 1.00 | 1.00 |"), "{compared}");
    script(dir.path(), &["plot", "results.jsonl", "--out", "speed.svg"]);
    let drawn = std::fs::read_to_string(dir.path().join("speed.svg")).expect("the picture");
    assert!(drawn.starts_with("<svg ") && drawn.contains("sqlite3 .import, UNIQUE reference"), "{drawn}");
}
