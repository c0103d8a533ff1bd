//! `landfall help`: whatever a run or a refusal names can be asked about, and a mistyped topic leads to the nearest one.
mod common;

use common::Landfall;
use landfall::app::help_pages;
use std::fs;
use std::path::Path;

/// The codes of the refusals in a source: the text after `Refusal::new(`, where that is one.
fn refusals(source: &str) -> impl Iterator<Item = &str> {
    let calls = source.split("Refusal::new(").skip(1);
    calls.filter_map(|call| Some(call.trim_start().strip_prefix('"')?.split_once('"')?.0))
}

#[test]
fn whatever_holds_back_a_start_has_a_page() {
    let worker = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/worker");
    let mut seen = 0;
    let files = [worker.clone(), worker.join("pickup")].map(|dir| fs::read_dir(dir).expect("a part of src/worker"));
    for file in files.into_iter().flatten() {
        let path = file.expect("a file").path();
        if path.is_dir() {
            continue;
        }
        let source = fs::read_to_string(path).expect("a source");
        for code in refusals(&source) {
            assert!(help_pages::topic(code).is_some(), "assets/help/issues/{code}.md is missing");
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} refusals were found");
}

#[test]
fn a_topic_is_printed_as_it_is_written() {
    let landfall = Landfall::new();
    for (topic, page) in help_pages::topics() {
        assert_eq!(landfall.run(&["help", topic]).exits(0).text(), page, "{topic}");
    }
}

#[test]
fn help_without_a_topic_lists_the_commands_and_every_topic() {
    let landfall = Landfall::new();
    let said = landfall.run(&["help"]).exits(0);
    for topic in help_pages::topics().map(|(topic, _)| topic).chain([
        "config",
        "speed",
        "schedules",
        "drops",
        "import",
        "lookup",
    ]) {
        assert!(said.text().lines().any(|line| line.trim_start().starts_with(topic)), "{topic}");
    }
}

#[test]
fn a_mistyped_topic_leads_to_the_nearest_one() {
    let landfall = Landfall::new();
    for (typed, near) in [
        ("date_unreadible", "`landfall help date_unreadable`"),
        ("imprt", "`landfall help import`"),
        ("confg", "`landfall help config`"),
        ("short_row", "`landfall help short_rows`"),
        ("run row", "`landfall help run rows`"),
    ] {
        let args: Vec<&str> = ["help"].into_iter().chain(typed.split(' ')).collect();
        let said = landfall.run(&args).exits(1);
        assert!(said.stderr.contains(near), "{typed}: {}", said.stderr);
    }
    let said = landfall.run(&["help", "weather"]).exits(1);
    assert!(said.stderr.contains("There is no help on \"weather\"") && !said.stderr.contains("nearest"));
}
