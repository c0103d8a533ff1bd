//! A dry run reports what the run then does, row for row, and writes no record; where batches end, and whether a run
//! is stopped and resumed there, decides nothing.

use crate::cases;
use crate::scene::{Step, any_scene, faithful_scene};
use crate::world::{Pace, Played, World};
use landfall::domain::outcome::{LedgerRow, OutcomeKind};
use landfall::domain::run::Mode;
use proptest::prelude::*;

type Tried = Result<(), TestCaseError>;

/// The two runs say the same of every row, and add up alike.
fn assert_same(one: &Played, other: &Played) -> Tried {
    for (a, b) in one.ledger.iter().zip(&other.ledger) {
        prop_assert_eq!(a, b);
    }
    prop_assert_eq!(one.ledger.len(), other.ledger.len());
    let (a, b) = (&one.run, &other.run);
    prop_assert_eq!(&a.counts, &b.counts);
    prop_assert_eq!(&a.issue_counts, &b.issue_counts);
    prop_assert_eq!((a.status, &a.error), (b.status, &b.error));
    prop_assert_eq!((a.tally, a.position), (b.tally, b.position));
    prop_assert_eq!((a.content_bytes, a.not_reached()), (b.content_bytes, b.not_reached()));
    Ok(())
}

fn assert_conserved(world: &World, played: &Played) -> Tried {
    let checked = world.store().check_run(played.run.id);
    prop_assert!(checked.is_ok(), "{}", checked.expect_err("it is an error"));
    let counted = world.store().count_by_query(played.run.id).expect("the ledger can be counted");
    prop_assert_eq!(counted, played.run.counts);
    Ok(())
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn a_dry_run_writes_no_record_and_says_what_the_run_then_does(
        scene in any_scene(),
        commit_rows in 1_usize..6,
        pauses in 0_u32..3,
    ) {
        let in_pieces = Pace { commit_rows, read_rows: commit_rows, threads: 2, pauses };
        let mut one = World::new();
        let mut other = World::new();
        for step in scene {
            let import = match step {
                Step::Delete(record) => {
                    one.delete(record);
                    other.delete(record);
                    continue;
                }
                Step::Import(import) => import,
            };
            let before = (one.store().state_version().expect("a version"), one.records());
            let dry = one.play(&import, true, in_pieces);
            prop_assert_eq!(&before, &(one.store().state_version().expect("a version"), one.records()));
            let run = one.play(&import, false, Pace::AT_ONCE);
            let again = (other.play(&import, true, Pace::AT_ONCE), other.play(&import, false, in_pieces));
            let (dry, run, other_dry, other_run) = match (dry, run, again) {
                (Ok(dry), Ok(run), (Ok(other_dry), Ok(other_run))) => (dry, run, other_dry, other_run),
                (Err(dry), Err(run), (Err(_), Err(_))) => {
                    prop_assert_eq!(dry, run);
                    continue;
                }
                _ => return Err(TestCaseError::fail("only some of the runs were refused")),
            };
            for played in [&dry, &run] {
                assert_conserved(&one, played)?;
            }
            assert_same(&dry, &run)?;
            assert_same(&other_dry, &run)?;
            assert_same(&other_run, &run)?;
            prop_assert_eq!(&other_run.records, &run.records);
            // Whoever asks after the run is told that the dry run spoke of another state.
            let changed = run.run.counts.created + run.run.counts.updated > 0;
            prop_assert_eq!(one.store().is_stale(&dry.run).expect("a version"), changed);
        }
    }

    #[test]
    fn the_same_file_again_creates_nothing_and_ends_in_the_same_records(scene in faithful_scene()) {
        let mut world = World::new();
        let Some((Step::Import(last), before)) = scene.split_last() else { unreachable!("a scene ends with an import") };
        for step in before {
            match step {
                Step::Delete(record) => world.delete(*record),
                Step::Import(import) => {
                    let _ = world.play(import, false, Pace::AT_ONCE);
                }
            }
        }
        let Ok(first) = world.play(last, false, Pace::AT_ONCE) else {
            return Err(TestCaseError::fail("the import was refused"));
        };
        let Ok(second) = world.play(last, false, Pace::AT_ONCE) else {
            return Err(TestCaseError::fail("the same file was refused"));
        };
        let created: Vec<&LedgerRow> =
            second.ledger.iter().filter(|row| row.outcome.kind() == OutcomeKind::Created).collect();
        prop_assert!(created.is_empty(), "{:?}", created);
        let values = |played: &Played| -> Vec<_> {
            let value = |record: &landfall::domain::record::Record| {
                (record.id, record.references.clone(), record.fields.clone(), record.deleted_at_ms)
            };
            played.records.iter().map(value).collect()
        };
        // What an update did not find in the first pass it may find in the second.
        if last.mode != Mode::Update {
            prop_assert_eq!(values(&first), values(&second));
        }
    }
}
