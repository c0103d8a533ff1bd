//! The short ways of rows that plainly create or change a record, or change nothing, end where the general way ends.

use crate::cases;
use crate::scene::{FileColumn, Import, Line, Step, any_scene};
use crate::world::{Pace, World};
use landfall::domain::run::Mode;
use landfall::domain::settings::MatchOn;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// A file whose rows mostly say again what is known of a few contacts, or change a field of them.
fn any_later_file() -> impl Strategy<Value = Import> {
    let columns = [
        ("Ref", "source_ref"),
        ("Email", "email"),
        ("Phone", "phone"),
        ("Name", "name"),
        ("Company", "company"),
        ("Tags", "tags"),
    ];
    let line = (1..6_usize, 0..12_usize, select(vec!["", "Acme", "Globex"]), 0..10_usize).prop_map(
        |(who, other, company, odd)| {
            let mut cells = vec![
                format!("R{who}"),
                format!("p{who}@x.com"),
                format!("+1212555010{who}"),
                format!("Ann Lee {who}"),
                company.to_owned(),
                "vip".to_owned(),
            ];
            match odd {
                0 => cells[0].clear(),
                1 => cells[1] = format!("P{who}@X.com"),
                2 => cells[1] = format!("p{other}@x.com"),
                3 => cells[2] = format!("+1212555011{}", other % 10),
                4 => cells[3] = format!("Bob {other}"),
                5 => cells[5] = "new".to_owned(),
                _ => {}
            }
            Line::Cells(cells)
        },
    );
    vec(line, 1..16).prop_map(move |lines| Import {
        source: "crm",
        mode: Mode::Upsert,
        match_on: Some(MatchOn { email: true, phone: true }),
        clear_empty: false,
        recreate_deleted: false,
        filters: Vec::new(),
        since: None,
        tags: Vec::new(),
        sample: None,
        columns: columns.map(|(header, field)| FileColumn::to(header, field)).to_vec(),
        constants: Vec::new(),
        lines,
        crlf: false,
    })
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn with_and_without_shortcuts_a_run_says_the_same_of_every_row_and_leaves_the_same_records(
        scene in any_scene(),
        again in any::<bool>(),
        commit_rows in 1_usize..12,
        read_rows in 1_usize..6,
    ) {
        let pace = Pace { commit_rows, read_rows, ..Pace::AT_ONCE };
        let (mut short, mut general) = (World::new(), World::without_shortcuts());
        // The last file once more: the guess of the next record is right then.
        let last = scene.last().cloned().filter(|_| again);
        for step in scene.into_iter().chain(last) {
            let import = match step {
                Step::Delete(record) => {
                    short.delete(record);
                    general.delete(record);
                    continue;
                }
                Step::Import(import) => import,
            };
            for dry_run in [true, false] {
                // Nor do the borders of transactions and of groups of rows show.
                let plain = general.play(&import, dry_run, Pace::AT_ONCE);
                let (one, other) = match (short.play(&import, dry_run, pace), plain) {
                    (Ok(one), Ok(other)) => (one, other),
                    (Err(one), Err(other)) => {
                        prop_assert_eq!(one, other);
                        continue;
                    }
                    _ => return Err(TestCaseError::fail("only one of the runs was refused")),
                };
                prop_assert_eq!(&one.ledger, &other.ledger);
                prop_assert_eq!(&one.records, &other.records);
                prop_assert_eq!(one.run.counts, other.run.counts);
                prop_assert_eq!(&one.run.issue_counts, &other.run.issue_counts);
                prop_assert_eq!((one.run.status, &one.run.error), (other.run.status, &other.run.error));
                let checked = short.store().check_run(one.run.id);
                prop_assert!(checked.is_ok(), "{}", checked.expect_err("it is an error"));
                for reference in ["R1", "R2", "R3", "R4", "r1", "Q1"] {
                    let rows = |world: &World| world.store().rows_of_reference(one.run.source, reference);
                    prop_assert_eq!(rows(&short).expect("rows"), rows(&general).expect("rows"));
                }
            }
        }
    }

    #[test]
    fn with_and_without_shortcuts_a_run_writes_the_same_bytes(
        scene in prop_oneof![any_scene(), vec(any_later_file().prop_map(Step::Import), 2..5)],
        again in any::<bool>(),
        commit_rows in prop_oneof![Just(1_usize), 2_usize..12],
        read_rows in 1_usize..6,
    ) {
        // Of several rows about a record in one transaction the last has the record before it: the borders show here.
        let pace = Pace { commit_rows, read_rows, ..Pace::AT_ONCE };
        let (mut short, mut general) = (World::new(), World::without_shortcuts());
        let last = scene.last().cloned().filter(|_| again);
        for step in scene.into_iter().chain(last) {
            for world in [&mut short, &mut general] {
                match &step {
                    Step::Delete(record) => world.delete(*record),
                    Step::Import(import) => drop(world.play(import, false, pace)),
                }
            }
            prop_assert_eq!(short.records(), general.records());
            for table in ["record", "before", "ledger", "exception"] {
                prop_assert_eq!(short.table(table), general.table(table), "{}", table);
            }
            // A record that a transaction creates and then changes keeps the keys of its draft, which lead nowhere.
            for table in ["segment", "chunk"].iter().filter(|_| commit_rows == 1) {
                prop_assert_eq!(short.table(table), general.table(table), "{}", table);
            }
        }
    }
}
