//! What the preview says of the first rows is what the run then does with them, and what the profile counts is what it
//! then counts.

use crate::cases;
use crate::scene::{FileColumn, Import, Step, any_scene};
use crate::world::{Pace, Played, World};
use landfall::app::mapping::data::{Preview, PreviewCell, PreviewOutcome, PreviewRow, ProblemKind, Profile};
use landfall::domain::field::{Catalog, Kind};
use landfall::domain::id::SourceId;
use landfall::domain::issue::Code;
use landfall::domain::outcome::{LedgerRow, Outcome, Severity};
use landfall::domain::record::Record;
use proptest::prelude::*;

type Tried = Result<(), TestCaseError>;

/// The issues of a row, in an order of their own.
fn issues_of(row: &PreviewRow) -> Vec<(Code, bool, String, String)> {
    let all = row.cells.iter().flat_map(|cell| &cell.issues).chain(&row.issues);
    let mut all: Vec<_> = all.map(|i| (i.code, i.is_error, i.guidance.clone(), i.value.clone())).collect();
    all.sort();
    all
}

fn issues_of_run(row: &LedgerRow) -> Vec<(Code, bool, String, String)> {
    let is_error = |severity| severity == Severity::Error;
    let all = row.issues.iter().map(|i| (i.code, is_error(i.severity), i.guidance.clone(), i.value.clone()));
    let mut all: Vec<_> = all.collect();
    all.sort();
    all
}

fn assert_same_row(world: &World, said: &PreviewRow, did: &LedgerRow, known: &[Record]) -> Tried {
    prop_assert_eq!((said.row, said.line), (did.row, did.line));
    prop_assert_eq!(issues_of(said), issues_of_run(did));
    let contact = |id| {
        let was_there = known.iter().any(|record| record.id == id);
        was_there.then(|| world.store().workspace_code().contact_id(id))
    };
    let expected = match &did.outcome {
        Outcome::Created(_) => PreviewOutcome::Created,
        Outcome::Updated(id) => PreviewOutcome::Updated(contact(*id)),
        Outcome::Unchanged(id) => PreviewOutcome::Unchanged(contact(*id)),
        Outcome::Skipped(reason) => PreviewOutcome::Skipped(reason.clone()),
        Outcome::Failed => {
            let errors = did.issues.iter().filter(|issue| issue.severity == Severity::Error);
            PreviewOutcome::Failed(errors.map(|issue| issue.code).collect())
        }
    };
    prop_assert_eq!(&said.outcome, &expected);
    Ok(())
}

/// A record that one row alone landed on holds what the preview said of that row.
fn assert_stored(catalog: &Catalog, key: &str, cell: &PreviewCell, record: &Record, source: SourceId) -> Tried {
    let field = catalog.by_key(key).expect("a field of the catalog");
    let Some(value) = &cell.value else {
        prop_assert!(!cell.is_cleared || record.get(field.id).is_none(), "{} is not cleared", key);
        return Ok(());
    };
    match field.kind {
        Kind::ContactId => {}
        Kind::Reference => prop_assert_eq!(record.reference_of(source), Some(value.as_str())),
        kind if kind.is_many() => {
            let held = record.get(field.id).map(|value| value.texts().to_vec()).unwrap_or_default();
            let holds = |part: &str| held.iter().any(|held| held.to_lowercase() == part.to_lowercase());
            prop_assert!(value.split(", ").all(holds), "{}: {:?} in {:?}", key, value, held);
        }
        _ => prop_assert_eq!(record.get(field.id).and_then(|held| held.first()), Some(value.as_str())),
    }
    Ok(())
}

fn assert_came_true(world: &World, said: &Preview, played: &Played, known: &[Record]) -> Tried {
    let catalog = world.catalog();
    for (said, did) in said.rows.iter().zip(&played.ledger) {
        prop_assert!(said.follows);
        assert_same_row(world, said, did, known)?;
    }
    for (row, did) in said.rows.iter().zip(&played.ledger) {
        let Some(id) = did.outcome.record() else { continue };
        let landed = played.ledger.iter().filter(|row| row.outcome.record() == Some(id)).count();
        let record = played.records.iter().find(|record| record.id == id).expect("what was landed on");
        if landed == 1 {
            for (field, cell) in said.fields.iter().zip(&row.cells) {
                assert_stored(&catalog, &field.key, cell, record, played.run.source)?;
            }
        }
    }
    Ok(())
}

/// Whether only the values of a field give an issue, and not what the workspace holds.
fn is_of_values(code: Code) -> bool {
    !matches!(
        code,
        Code::DuplicateEmail | Code::DuplicatePhone | Code::ContactIdInvalid | Code::ReferenceTaken | Code::RowShort
    )
}

/// What the profile counts of each column is what the run counts of its field, where no other column goes there.
fn assert_counted(world: &World, import: &Import, profile: &Profile, played: &Played) -> Tried {
    let catalog = world.catalog();
    prop_assert_eq!(profile.rows, played.ledger.len() as u64);
    prop_assert_eq!(profile.columns.len(), import.columns.len());
    for (column, seen) in import.columns.iter().zip(&profile.columns) {
        let goes_to = |column: &FileColumn| -> Vec<&'static str> {
            let parts = column.split.iter().flat_map(|parts| parts.into.iter().copied());
            column.field.into_iter().chain(parts.filter(|key| !key.is_empty())).collect()
        };
        let keys = goes_to(column);
        prop_assert!(!keys.is_empty() || seen.problems.is_empty());
        if import.columns.iter().filter(|other| goes_to(other).iter().any(|key| keys.contains(key))).count() > 1 {
            continue;
        }
        let fields: Vec<_> = keys.iter().filter_map(|key| catalog.by_key(key)).map(|field| Some(field.id)).collect();
        for code in Code::ALL.into_iter().filter(|code| is_of_values(*code)) {
            let is_it = |what| [ProblemKind::Issue(code), ProblemKind::NotDeclared(code)].contains(&what);
            let found: u64 = seen.problems.iter().filter(|p| is_it(p.what)).map(|p| p.count).sum();
            let counts =
                played.run.issue_counts.iter().filter(|count| fields.contains(&count.field) && count.code == code);
            prop_assert_eq!(found, counts.map(|count| count.count).sum::<u64>(), "{} {}", column.header, code);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn what_the_preview_says_of_the_first_rows_is_what_the_run_then_does(scene in any_scene()) {
        let mut world = World::new();
        for step in scene {
            let import: Import = match step {
                Step::Delete(record) => {
                    world.delete(record);
                    continue;
                }
                Step::Import(import) => import,
            };
            let known = world.records();
            let state = (world.store().state_version().expect("a version"), known.clone());
            let (said, profile) = world.preview(&import);
            prop_assert_eq!(&state, &(world.store().state_version().expect("a version"), world.records()));
            match world.play(&import, false, Pace::AT_ONCE) {
                Ok(played) => {
                    prop_assert_eq!(&said.blocked, &None);
                    prop_assert!(world.store().check_run(played.run.id).is_ok());
                    prop_assert!(said.rows.len() >= played.ledger.len());
                    assert_came_true(&world, &said, &played, &known)?;
                    if import.sample.is_none() {
                        assert_counted(&world, &import, &profile, &played)?;
                    }
                }
                Err(refusal) => {
                    let blocked = said.blocked.map(|blocked| blocked.message);
                    prop_assert_eq!(blocked, Some(refusal.message));
                }
            }
        }
    }
}
