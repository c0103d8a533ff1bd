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
use trace::{Event, Trace};

/// How many moments the power fails at, of each recording.
const CUTS: usize = 36;

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
fn cuts(trace: &Trace, from: usize) -> Vec<Cut> {
    let events = trace.events.len() - from;
    (0..CUTS)
        .map(|n| {
            let fate = [Fate::Random(n as u64), Fate::Lost, Fate::Random(7 * n as u64), Fate::Latest][n % 4];
            (from + n * events / CUTS, fate)
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
    let cuts: Vec<(usize, Cut)> = cuts(&trace, 0).into_iter().enumerate().collect();
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

#[test]
fn a_sync_that_is_missing_is_noticed() {
    let scenario = Scenario::first_import(&[]);
    let sound = recorded(&scenario);
    // The run is there from the second part of the recording on.
    let late = sound.events.len() / 3;
    for missing in ["landfall.db-wal", "landfall.db", "deliveries/.incoming", "deliveries", "workspace"] {
        let mut trace = sound.clone();
        let is_missing = |path: &std::path::Path| {
            let path = path.to_str().expect("UTF-8");
            let (is_whole, is_begin) = (path.ends_with(missing), path.contains("/.incoming"));
            is_whole || (missing.ends_with(".incoming") && is_begin)
        };
        let mut taken = 0;
        for event in &mut trace.events {
            let (is_missing, before) = match event {
                Event::SyncFile { file, before } => (is_missing(&trace.names[file]), before),
                Event::SyncNames { directory, before } => (is_missing(directory), before),
                _ => continue,
            };
            if is_missing {
                *before = 0;
                taken += 1;
            }
        }
        assert!(taken > 0, "nothing is synced that is called {missing}");
        let end = (trace.events.len(), Fate::Lost);
        let noticed = cuts(&trace, late).into_iter().chain([end]).any(|cut| {
            // The end is known to whoever started it; what is found then needs no comparison.
            let is_end = cut.0 == trace.events.len();
            let left = after(&trace, cut.0, cut.1);
            (is_end && std::panic::catch_unwind(|| status_of(&left, 1)).ok().flatten() != Some(RunStatus::Completed))
                || !complaints(&scenario, &trace, cut, Way::Resume).is_empty()
        });
        assert!(noticed, "nothing shows that {missing} is not synced");
    }
}
