//! The sweep of tests/crash.rs catches a run that commits its position apart from its batch.
#![cfg(feature = "broken-variants")]

mod breaking;
mod common;

use breaking::sweep::{Scenario, Way, each};

#[test]
fn the_sweep_finds_a_position_that_is_committed_apart_from_its_batch() {
    // Undisturbed, the variant does all that a sound one does: nothing but a crash tells them apart.
    let sound = Scenario::import_of_changes(&[]);
    let variant = Scenario::import_of_changes(&["--position-apart"]);
    assert_eq!(variant.expected.differences(&sound.expected), [""; 0]);

    let calls = variant.some_calls("pwrite64", "landfall.db-wal", 16);
    let broken = each(&calls, |call| variant.kill(call, &[Way::Resume]));
    let noticed = broken.iter().filter(|broken| !broken.complaints.is_empty()).count();
    println!("{noticed} of {} kills show it", calls.len());
    assert!(noticed > 0, "no kill showed that the position is committed apart from the batch");
}
