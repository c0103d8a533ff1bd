//! Whatever stops a run, and wherever it stops it: going on ends as if nothing had happened.
//!
//! The real binary is killed, and its calls are made to fail, with strace.

mod common;
mod breaking;

use breaking::strace::{Call, Harm};
use breaking::sweep::{Broken, Scenario, WAYS, each};

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

/// Fails when anything is not as it would have been, or when too little was broken to mean anything.
#[track_caller]
fn judge(what: &str, calls: &[((Call, Harm), Broken)], at_least: usize) {
    let mut told = String::new();
    for ((call, harm), broken) in calls.iter().filter(|(_, broken)| !broken.complaints.is_empty()) {
        told.push_str(&format!("{harm:?} at {call:?}:\n  {}\n", broken.complaints.join("\n  ")));
    }
    let reached = calls.iter().filter(|(_, broken)| broken.reached).count();
    println!("{what}: {reached} of {} calls reached", calls.len());
    assert!(told.is_empty(), "{what}:\n{told}");
    assert!(reached >= at_least, "{what}: only {reached} of {} calls were reached", calls.len());
}

fn killed(scenario: &Scenario, at_least: usize) {
    let calls = scenario.spread(kills);
    let broken = each(&calls, |call| scenario.kill(call, &WAYS));
    let calls = calls.into_iter().map(|call| (call, Harm::Kill));
    judge(scenario.name, &calls.zip(broken).collect::<Vec<_>>(), at_least);
}

#[test]
fn a_first_import_that_is_killed_at_any_write_goes_on_in_any_way_as_if_it_had_not_been() {
    killed(&Scenario::first_import(&[]), 40);
}

#[test]
fn an_import_of_changes_that_is_killed_at_any_write_goes_on_in_any_way_as_if_it_had_not_been() {
    killed(&Scenario::import_of_changes(&[]), 30);
}

/// Calls that are made to fail, and how.
fn failures(scenario: &Scenario) -> Vec<(Call, Harm)> {
    let calls = scenario.spread(|name, file| match (name, file) {
        ("pwrite64", "landfall.db-wal") => 10,
        ("pwrite64", "landfall.db") => 4,
        ("fsync" | "fdatasync", "landfall.db-wal") => 6,
        ("fsync" | "fdatasync", "landfall.db") => 3,
        // What is removed is not missed.
        ("unlink" | "unlinkat", _) => 0,
        _ => 2,
    });
    let errors = ["ENOSPC", "EIO"];
    let once = calls.iter().enumerate().map(|(place, call)| (call.clone(), Harm::Error(errors[place % 2])));
    let for_good = scenario.some_calls("pwrite64", "landfall.db-wal", 6).into_iter().enumerate();
    let for_good = for_good.map(|(place, call)| (call, Harm::ErrorFrom(errors[place % 2])));
    once.chain(for_good).collect()
}

fn failed(scenario: &Scenario, at_least: usize) {
    let failures = failures(scenario);
    let broken = each(&failures, |(call, harm)| scenario.fail(call, *harm, WAYS[call.n % WAYS.len()]));
    judge(scenario.name, &failures.into_iter().zip(broken).collect::<Vec<_>>(), at_least);
}

#[test]
fn a_first_import_whose_disk_is_full_or_fails_says_so_and_goes_on_as_if_it_had_not() {
    failed(&Scenario::first_import(&[]), 25);
}

#[test]
fn an_import_of_changes_whose_disk_is_full_or_fails_says_so_and_goes_on_as_if_it_had_not() {
    failed(&Scenario::import_of_changes(&[]), 20);
}
