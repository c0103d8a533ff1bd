//! Whatever stops a run, and wherever it stops it: going on ends as if nothing had happened.
//!
//! The real binary is killed, and its calls are made to fail, with strace.

mod common;
mod breaking;

use breaking::sweep::{Broken, Scenario, WAYS, Way, each};
use breaking::strace::{Call, Harm};

/// How many calls of a kind the binary is killed at.
fn kills(name: &str, file: &str) -> usize {
    match (name, file) {
        ("pwrite64", "landfall.db-wal") => 16,
        ("pwrite64", "landfall.db") => 6,
        ("fsync" | "fdatasync", "landfall.db-wal") => 8,
        ("fsync" | "fdatasync", "landfall.db") => 4,
        _ => 2,
    }
}

fn judge(what: &str, calls: &[(Call, Broken)], at_least: usize) {
    let mut told = String::new();
    for (call, broken) in calls.iter().filter(|(_, broken)| !broken.complaints.is_empty()) {
        told.push_str(&format!("{call:?}:\n  {}\n", broken.complaints.join("\n  ")));
    }
    let reached = calls.iter().filter(|(_, broken)| broken.reached).count();
    println!("{what}: {reached} of {} calls reached", calls.len());
    assert!(told.is_empty(), "{what}:\n{told}");
    assert!(reached >= at_least, "{what}: only {reached} of {} calls were reached", calls.len());
}

fn killed(scenario: &Scenario, at_least: usize) {
    let calls = scenario.spread(kills);
    let broken = each(&calls, |call| scenario.kill(call, &WAYS));
    judge(scenario.name, &calls.into_iter().zip(broken).collect::<Vec<_>>(), at_least);
}

#[test]
fn a_first_import_that_is_killed_at_any_write_goes_on_in_any_way_as_if_it_had_not_been() {
    killed(&Scenario::first_import(&[]), 40);
}

#[test]
fn an_import_of_changes_that_is_killed_at_any_write_goes_on_in_any_way_as_if_it_had_not_been() {
    killed(&Scenario::import_of_changes(&[]), 30);
}
