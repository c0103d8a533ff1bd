//! After a power cut the workspace opens, no finished run is half there, and an unfinished one goes on as if nothing had
//! happened.
//!
//! An import is recorded with everything that it writes; then the directory is made as a disk may hold it when the power
//! fails at some moment ([`disk`]), opened, gone on with in each way there is, and compared with a run that nobody
//! disturbed. That the test would notice is shown by the same recording with some syncs taken out.

#[path = "../breaking/mod.rs"]
mod breaking;
#[path = "../common/mod.rs"]
mod common;
mod disk;
mod trace;

use breaking::state::status_of;
use breaking::sweep::{Scenario, WAYS, Way, each};
use common::Landfall;
use disk::Fate;
use landfall::domain::run::RunStatus;
use std::path::Path;
use trace::{Event, Trace};

/// How many moments the power fails at, of each recording.
const CUTS: usize = 60;

/// A moment, counted in events, and what becomes of what was not synced by then.
type Cut = (usize, Fate);

fn recorded(scenario: &Scenario) -> Trace {
    let landfall = scenario.fresh();
    let (said, trace) = trace::record(&landfall, &scenario.import());
    assert!(matches!(said.status, Some(0 | 3)), "{said:?}");
    assert_eq!(scenario.differences(&landfall), [""; 0], "{}: the recorded run differs", scenario.name);
    let whole = after(&trace, trace.events.len(), Fate::Kept);
    assert_eq!(scenario.differences(&whole), [""; 0], "{}: the recording is not what happened", scenario.name);
    trace
}

/// What there is when the power fails after so many events.
fn after(trace: &Trace, cut: usize, fate: Fate) -> Landfall {
    let landfall = Landfall::new();
    disk::rebuild(trace, cut, fate, landfall.dir());
    landfall
}

/// Moments spread over all of a recording, with all fates.
fn cuts(trace: &Trace) -> Vec<Cut> {
    (0..CUTS)
        .map(|n| {
            let fate = [Fate::Random(n as u64), Fate::Lost, Fate::Random(7 * n as u64), Fate::Latest][n % 4];
            (n * trace.events.len() / CUTS, fate)
        })
        .collect()
}

/// What is not as it would be without the cut, however the run is gone on with.
fn complaints(scenario: &Scenario, trace: &Trace, (cut, fate): Cut, way: Way) -> Vec<String> {
    let left = after(trace, cut, fate);
    scenario.goes_on(&left, way).into_iter().map(|told| format!("after {cut} events, {fate:?}: {told}")).collect()
}

fn survives_any_cut(scenario: &Scenario) {
    let trace = recorded(scenario);
    let cuts: Vec<(usize, Cut)> = cuts(&trace).into_iter().enumerate().collect();
    let told = each(&cuts, |(n, cut)| complaints(scenario, &trace, *cut, WAYS[n % WAYS.len()])).concat();
    assert!(told.is_empty(), "{}:\n{}", scenario.name, told.join("\n"));

    // Whoever has read that the run is completed finds it so, whatever was not synced.
    let said = trace.events.iter().position(|event| matches!(event, Event::Said)).expect("it said its result");
    let fates = [Fate::Lost, Fate::Latest, Fate::Random(1), Fate::Random(2), Fate::Random(3), Fate::Random(4)];
    for (cut, fate) in fates.into_iter().flat_map(|fate| [(said, fate), (trace.events.len(), fate)]) {
        let left = after(&trace, cut, fate);
        assert_eq!(status_of(&left, scenario.run), Some(RunStatus::Completed), "{}: {fate:?}", scenario.name);
        assert_eq!(scenario.differences(&left), [""; 0], "{}: {fate:?}", scenario.name);
    }
}

#[test]
fn a_first_import_survives_a_power_cut_at_any_moment() {
    survives_any_cut(&Scenario::first_import(&[]));
}

#[test]
fn an_import_of_changes_survives_a_power_cut_at_any_moment() {
    survives_any_cut(&Scenario::import_of_changes(&[]));
}

/// What is synced, by the end of its path.
const SYNCED: [&str; 6] = ["landfall.db-wal", "landfall.db", "/.incoming", "/deliveries", "workspace", ""];

/// The recording as it would be without the syncs of this file or directory.
fn without_syncs_of(name: &str, trace: &Trace) -> Trace {
    let is_it = |path: &Path| match path.to_str().expect("paths here are UTF-8") {
        path if name == "/.incoming" => path.contains(name),
        path if name.is_empty() => path.is_empty(),
        path => path.ends_with(name),
    };
    let mut trace = trace.clone();
    let mut taken = 0;
    for event in &mut trace.events {
        match event {
            Event::SyncFile { file, before } if is_it(&trace.names[file]) => *before = 0,
            Event::SyncNames { directory, before } if is_it(directory) => *before = 0,
            _ => continue,
        }
        taken += 1;
    }
    assert!(taken > 0, "nothing is synced that is called {name:?}");
    trace
}

/// Whether what is left is not what somebody was told who has read that the run is completed.
fn is_not_whole(scenario: &Scenario, left: &Landfall) -> bool {
    let compared = std::panic::catch_unwind(|| scenario.differences(left).is_empty());
    !compared.unwrap_or(false)
}

#[test]
fn a_sync_that_is_missing_is_noticed() {
    let scenario = Scenario::first_import(&[]);
    let sound = recorded(&scenario);
    for name in SYNCED {
        let trace = without_syncs_of(name, &sound);
        let end = after(&trace, trace.events.len(), Fate::Lost);
        let noticed = is_not_whole(&scenario, &end)
            || cuts(&trace).into_iter().any(|cut| !complaints(&scenario, &trace, cut, Way::Resume).is_empty());
        assert!(noticed, "nothing shows that {name:?} is not synced");
    }
}
