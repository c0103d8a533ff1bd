//! A run does what the rules say, as the model reads them: outcomes, reasons, issues, notes and the contacts that result.

use crate::cases;
use crate::model::{Contact, Expected, Model};
use crate::row::Complaint;
use crate::scene::{Import, Step, any_scene};
use crate::world::{Pace, Played, World};
use landfall::domain::field::{Catalog, FieldId};
use landfall::domain::id::RunId;
use landfall::domain::outcome::{LedgerRow, Outcome};
use landfall::domain::record::Record;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Plays an import and holds it against the model.
fn follow(world: &mut World, model: &mut Model, import: &Import, runs: &mut Vec<RunId>) -> Result<(), TestCaseError> {
    let played = match world.play(import, false, Pace::AT_ONCE) {
        Ok(played) => played,
        Err(refusal) => {
            // Update mode with nothing mapped to update by: refused before anything is read.
            prop_assert_eq!(refusal.code, "unmapped_mandatory", "{}", refusal);
            return Ok(());
        }
    };
    runs.push(played.run.id);
    let catalog = world.catalog();
    let expected = model.import(import, runs.len() - 1);
    prop_assert_eq!(played.ledger.len(), expected.len(), "rows");
    for (row, expected) in played.ledger.iter().zip(&expected) {
        let told = told(row, &catalog);
        prop_assert!(
            fits(&told, expected),
            "row {} of\n{}\nended as {:?}\n, and the rules say {:?}",
            row.row,
            import.csv(crate::world::cell_text),
            (&told, &row.issues),
            expected
        );
    }
    let contacts: Vec<Contact> = contacts(world, &played, &catalog, runs);
    prop_assert_eq!(&contacts, &model.contacts);
    Ok(())
}

/// A row of the ledger in the model's words, its guidance in the place of what that must name.
fn told(row: &LedgerRow, catalog: &Catalog) -> Expected {
    let key = |id: &FieldId| static_key(catalog, *id);
    let complaint = |issue: &landfall::domain::outcome::Issue| Complaint {
        code: issue.code,
        severity: issue.severity,
        field: issue.field.as_ref().map(key),
        names: vec![issue.guidance.clone()],
    };
    Expected {
        outcome: row.outcome.kind(),
        reason: match &row.outcome {
            Outcome::Skipped(reason) => Some(reason.to_string()),
            _ => None,
        },
        contact: row.outcome.record().map(|id| id.0),
        issues: row.issues.iter().map(complaint).collect(),
        notes: row.notes.iter().map(|(field, note)| (field.as_ref().map(key), *note)).collect(),
    }
}

/// Whether a row ended as it must. The order of its issues and notes is nobody's promise.
fn fits(told: &Expected, expected: &Expected) -> bool {
    let sorted = |of: &Expected| {
        let mut issues = of.issues.clone();
        issues.sort_by_key(|issue| (issue.code, issue.field));
        let mut notes = of.notes.clone();
        notes.sort();
        (issues, notes)
    };
    let ((told_issues, told_notes), (issues, notes)) = (sorted(told), sorted(expected));
    let same = |(a, b): (&Complaint, &Complaint)| {
        let named = b.names.iter().all(|name| a.names[0].contains(name.as_str()));
        (a.code, a.severity, a.field) == (b.code, b.severity, b.field) && named
    };
    (told.outcome, &told.reason, told.contact) == (expected.outcome, &expected.reason, expected.contact)
        && told_notes == notes
        && told_issues.len() == issues.len()
        && told_issues.iter().zip(&issues).all(same)
}

/// The records of the workspace in the model's words.
fn contacts(world: &World, played: &Played, catalog: &Catalog, runs: &[RunId]) -> Vec<Contact> {
    let sources = world.store().sources().expect("the sources can be read");
    let source_name = |id| {
        let name = &sources.iter().find(|source| source.id == id).expect("a source that exists").name;
        if name == "crm" { "crm" } else { "webshop" }
    };
    let stamp = |stamp: landfall::domain::record::Stamp| {
        (runs.iter().position(|run| *run == stamp.run).expect("a run of this scene"), stamp.row)
    };
    let contact = |record: &Record| Contact {
        id: record.id.0,
        alive: record.is_alive(),
        references: record.references.iter().map(|(source, text)| (source_name(*source), text.clone())).collect(),
        values: record
            .fields
            .iter()
            .map(|(field, value)| (static_key(catalog, *field), value.texts().to_vec()))
            .collect::<BTreeMap<_, _>>(),
        created: stamp(record.created),
        updated: stamp(record.updated),
    };
    played.records.iter().map(contact).collect()
}

/// The key of a field as the scenes write it.
fn static_key(catalog: &Catalog, id: FieldId) -> &'static str {
    let key = &catalog.get(id).expect("a field that exists").key;
    crate::scene::FIELDS.iter().find(|known| *known == key).expect("a field of the scenes")
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn every_row_ends_as_the_rules_say_and_leaves_the_contacts_that_they_say(scene in any_scene(), twice in any::<bool>()) {
        let mut world = World::new();
        let mut model = Model::new();
        let mut runs = Vec::new();
        for step in &scene {
            match step {
                Step::Delete(id) => {
                    world.delete(*id);
                    model.delete(*id);
                }
                Step::Import(import) => follow(&mut world, &mut model, import, &mut runs)?,
            }
        }
        if let (true, Some(Step::Import(last))) = (twice, scene.last()) {
            follow(&mut world, &mut model, last, &mut runs)?;
        }
    }
}
