//! The command line as scripts see it: exit statuses, JSON, streams.

mod common;

use common::Landfall;
use std::process::Stdio;

#[test]
fn without_a_command_and_without_a_terminal_it_says_so_and_prints_the_help() {
    let said = Landfall::new().run(&[]).exits(2);
    assert!(said.stderr.contains("no terminal"), "{}", said.stderr);
    assert!(said.stderr.contains("Usage: landfall") && said.stderr.contains("import"), "{}", said.stderr);
    assert!(said.stdout.is_empty());
}

#[test]
fn wrong_usage_exits_2_and_hostile_arguments_are_shown_not_sent() {
    let landfall = Landfall::new();
    for args in [&["nonsense"][..], &["run", "show", "twelve"], &["try", "shoe-size", "42"], &["import"]] {
        landfall.run(args).exits(2);
    }
    let said = landfall.run(&["import", "a.csv", "\u{1b}]0;owned\u{7}\u{202e}vsc.exe"]).exits(2);
    assert!(!said.stderr.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{:?}", said.stderr);
    assert!(said.stderr.contains("\\u{202e}vsc.exe"), "{:?}", said.stderr);
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let landfall = Landfall::new();
    let mut child =
        landfall.command(&["completions", "bash"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn what_does_not_happen_exits_1_and_says_so_in_json_too() {
    let landfall = Landfall::new();
    let said = landfall.run(&["man", "nonsense", "--json"]).exits(1);
    let error = &said.object()["error"];
    assert_eq!(error["code"], "not_found");
    assert!(error["message"].is_string() && error["next"].is_string(), "{error}");
    assert!(said.stderr.contains("There is no command nonsense"), "{}", said.stderr);
}

#[test]
fn completions_and_the_manual_cover_every_command() {
    let landfall = Landfall::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = landfall.run(&["completions", shell]).exits(0);
        assert!(said.text().contains("backup") && said.text().contains("accept-unmapped"), "{shell}");
    }
    assert!(landfall.run(&["man"]).exits(0).text().starts_with(".ie"));
    assert!(landfall.run(&["man", "run", "rows"]).exits(0).text().contains("failed"));
}

#[test]
fn try_answers_every_value_from_arguments_or_standard_input() {
    let landfall = Landfall::new();
    let lines = landfall.json(&["try", "date", "2024-9-8", "28/10/2020", ""], 0);
    assert_eq!(lines[0], serde_json::json!({"input": "2024-9-8", "value": "2024-09-08", "issue": null, "note": null}));
    assert_eq!(lines[1]["value"], serde_json::Value::Null);
    assert_eq!(lines[1]["issue"]["code"], "date_unreadable");
    assert_eq!(lines[1]["issue"]["message"], "Could not read the date");
    assert!(lines[1]["issue"]["guidance"].is_string());
    assert_eq!(lines[2], serde_json::json!({"input": "", "value": null, "issue": null, "note": null}));
    let said = landfall.run_with_input(&["try", "date", "--day-first", "--json"], "28/10/2020\r\n8 Sep 2024").exits(0);
    let values: Vec<_> = said.lines().into_iter().map(|line| line["value"].clone()).collect();
    assert_eq!(values, ["2020-10-28", "2024-09-08"]);
    let said = landfall.run(&["try", "email", "\u{1b}[2Ja@b", "--color", "always"]).exits(0);
    assert!(said.text().contains("␛[2Ja@b"), "{:?}", said.text());
}

#[test]
fn the_sample_is_a_file_that_other_tools_read() {
    let said = Landfall::new().run(&["sample"]).exits(0);
    let mut reader = csv::Reader::from_reader(said.text().as_bytes());
    let rows = reader.records().collect::<Result<Vec<_>, _>>().unwrap();
    assert!(rows.len() >= 5);
}

#[test]
fn help_shows_a_command_or_what_the_configuration_file_may_hold() {
    let landfall = Landfall::new();
    assert!(landfall.run(&["help", "config"]).exits(0).text().contains("theme = \"terminal\""));
    let of_command = landfall.run(&["help", "run", "rows"]).exits(0);
    assert!(of_command.text().contains("landfall run rows"), "{of_command:?}");
    assert!(landfall.run(&["help"]).exits(0).text().contains("landfall import contacts.csv"));
    assert!(landfall.run(&["help", "nothing"]).exits(1).stderr.contains("landfall help"));
}
