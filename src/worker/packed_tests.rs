//! What is packed comes out as it went in, creates what the general way creates, and is compared as it would be applied.

use super::*;
use crate::domain::id::{OwnId, SourceId};
use crate::domain::plan;
use crate::store::{Edits, Matched, NewRecords, Standing};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn plan(tags: Vec<String>) -> Plan {
    Plan { source: SourceId(7), tags, ..serde_json::from_str(plan::tests::OLD).expect("a plan") }
}

fn any_text() -> impl Strategy<Value = String> {
    select(vec!["a", "A", "b", "ß", "SS", "é", "tag", "TAG", "a@x.com", "A@X.com", "a@bücher.de", ""])
        .prop_map(str::to_owned)
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => any_text().prop_map(|text| Change::Set(Value::One(text))),
        1 => vec(any_text(), 0..4).prop_map(|texts| Change::Set(Value::Many(texts))),
        2 => vec(any_text(), 0..4).prop_map(Change::Add),
        1 => Just(Change::Clear),
    ]
}

/// A row over the fields of contacts; that its email and phone are what their fields are set to is likely only.
fn any_row() -> impl Strategy<Value = ReadRow> {
    let catalog = Catalog::contacts(Vec::new()).expect("the standard fields");
    let roles = [Role::MatchEmail, Role::MatchPhone, Role::Tags, Role::FullName, Role::FirstName];
    let mut fields: Vec<FieldId> = roles.iter().filter_map(|role| catalog.role(*role)).collect();
    fields.extend([FieldId(200), FieldId(300)]);
    let (email, phone) = (catalog.role(Role::MatchEmail), catalog.role(Role::MatchPhone));
    let changes = proptest::collection::btree_map(select(fields), any_change(), 0..7);
    let own_id = prop::bool::weighted(0.1).prop_map(|has| has.then(|| ("x".to_owned(), OwnId::Malformed)));
    let reference = prop::option::weighted(0.8, any_text());
    (changes, own_id, reference, prop::bool::weighted(0.9)).prop_map(move |(changes, own_id, reference, is_usual)| {
        let said = |field: Option<FieldId>| match changes.get(&field?)? {
            Change::Set(Value::One(text)) if is_usual => Some(text.clone()),
            _ => None,
        };
        let (email, phone) = (said(email), said(phone));
        ReadRow { own_id, reference, email, phone, changes: changes.into_iter().collect(), ..ReadRow::default() }
    })
}

fn blank(id: u64) -> Record {
    let stamp = Stamp { run: RunId(3), row: 4, at_ms: 5 };
    Record {
        id: RecordId(id),
        references: Vec::new(),
        fields: Vec::new(),
        created: stamp,
        updated: stamp,
        deleted_at_ms: None,
    }
}

fn packed(packer: &mut Packer<'_>, row: &ReadRow) -> PackedRows {
    let mut rows = PackedRows::default();
    // A row before it, so that no place is zero.
    for read in [ReadRow { reference: Some("before".to_owned()), ..ReadRow::default() }, row.clone()] {
        packer.pack(PlacedRow { row: 4, line: 5, offset: 6, read }, &mut rows);
    }
    rows
}

proptest! {
    #[test]
    fn a_packed_row_comes_out_as_it_went_in(row in any_row(), tags in vec(any_text(), 0..3)) {
        let (plan, catalog, code) = (plan(tags), Catalog::contacts(Vec::new()).unwrap(), WorkspaceCode::from_random(7));
        let mut packer = Packer::new(&plan, &catalog, &code);
        let mut rows = packed(&mut packer, &row);
        let placed = packer.unpack(&mut rows, 1).unwrap();
        prop_assert_eq!(&placed.read, &row);
        prop_assert_eq!((placed.row, placed.line, placed.offset), (4, 5, 6));
    }

    #[test]
    fn a_draft_creates_the_record_that_applying_the_row_creates(row in any_row(), tags in vec(any_text(), 0..3)) {
        let (plan, catalog, code) = (plan(tags), Catalog::contacts(Vec::new()).unwrap(), WorkspaceCode::from_random(7));
        let mut packer = Packer::new(&plan, &catalog, &code);
        let rows = packed(&mut packer, &row);
        if matches!(rows.rows[1].body, Body::Drafted { .. }) {
            let mut wanted = blank(9);
            packer.decider.apply(&row, &mut wanted);
            let mut new = NewRecords::default();
            new.restart(RecordId(8));
            new.push_draft(rows.draft(0), &wanted.created);
            prop_assert_eq!(new.push_draft(rows.draft(1), &wanted.created), RecordId(9));
            prop_assert_eq!(new.get(RecordId(9)), Some(wanted));
        }
    }

    #[test]
    fn bytes_compare_as_applying_the_row_does(
        rows in vec(any_row(), 1..4),
        row in any_row(),
        same_reference in prop::bool::weighted(0.9),
        tags in vec(any_text(), 0..3),
    ) {
        let (plan, catalog, code) = (plan(tags), Catalog::contacts(Vec::new()).unwrap(), WorkspaceCode::from_random(7));
        let mut packer = Packer::new(&plan, &catalog, &code);
        let mut held = blank(8);
        rows.iter().for_each(|row| { packer.decider.apply(row, &mut held); });
        if same_reference && let Some(text) = &row.reference {
            held.references = vec![(plan.source, text.clone())];
        }
        let with_row = packed(&mut packer, &row);
        if !matches!(with_row.rows[1].body, Body::Drafted { .. }) {
            return Ok(());
        }
        let matched = Matched { email: packer.email, phone: packer.phone };
        let standing = with_row.draft(1).standing_to(&held, &matched);
        let is_its = row.reference.is_some() && held.reference_of(plan.source) == row.reference.as_deref();
        prop_assert_eq!(standing == Standing::Other, !is_its);
        if standing == Standing::Same {
            let mut after = held.clone();
            prop_assert!(!packer.decider.apply(&row, &mut after), "{:?}", after);
        }
        if matches!(standing, Standing::Same | Standing::Keys) {
            let text = |field: Option<FieldId>| held.get(field?)?.first();
            let key = crate::domain::values::email::match_key;
            prop_assert!(row.email.is_none() || row.email.as_deref().map(key) == text(packer.email).map(key));
            prop_assert!(row.phone.is_none() || row.phone.as_deref() == text(packer.phone));
        }
        // What is put together of bytes is what applying the row makes, and nothing is to be said of it.
        let stamp = Stamp { run: RunId(4), row: 9, at_ms: 11 };
        if is_its && let Some((edited, may_have_new_keys)) = Edits::of(&held, with_row.draft(1), &stamp, &catalog) {
            let mut after = held.clone();
            prop_assert!(packer.decider.apply(&row, &mut after));
            after.updated = stamp;
            prop_assert_eq!(&edited, &after);
            let is_cleared = |(field, _): &(FieldId, Value)| after.get(*field).is_none();
            prop_assert!(!held.fields.iter().any(is_cleared));
            let roles = [Role::MatchEmail, Role::MatchPhone, Role::FullName, Role::FirstName, Role::LastName];
            let keys = |record: &Record| roles.map(|role| record.get(catalog.role(role)?).cloned());
            prop_assert_eq!(may_have_new_keys, keys(&after) != keys(&held));
        } else if standing == Standing::Keys {
            // Only a field that is emptied and a list that is added to need the general way.
            let odd = |(_, change): &(FieldId, Change)| matches!(change, Change::Add(_) | Change::Clear);
            prop_assert!(row.changes.iter().any(odd) || !plan.tags.is_empty());
        }
        // What the row itself has just made is the same, whatever it says.
        let mut after = held;
        packer.decider.apply(&row, &mut after);
        let again = with_row.draft(1).standing_to(&after, &matched);
        let adds = row.changes.iter().any(|(_, change)| matches!(change, Change::Add(_)));
        prop_assert!(!is_its || adds || !plan.tags.is_empty() || again == Standing::Same, "{:?}", again);
    }
}
