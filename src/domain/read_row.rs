//! A row after its values were read: what the rules of values make of it, and matching goes by.

use super::field::{Field, FieldId};
use super::id::OwnId;
use super::issue::Note;
use super::outcome::{Issue, SkipReason};
use super::record::Value;
use super::settings::MatchOn;

/// What a row does to one field of the record it lands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Set(Value),
    /// Added to what the list holds already.
    Add(Vec<String>),
    Clear,
}

/// A row after its values were read: what it is about, what it would change, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadRow {
    /// The text of its Contact ID and what that says by itself.
    pub own_id: Option<(String, OwnId)>,
    pub reference: Option<String>,
    /// Readable email, as stored.
    pub email: Option<String>,
    /// Readable phone, as stored.
    pub phone: Option<String>,
    /// In the order of fields.
    pub changes: Vec<(FieldId, Change)>,
    pub issues: Vec<Issue>,
    pub notes: Vec<(Option<FieldId>, Note)>,
    /// Its outcome, where it is decided before any record is looked at.
    pub ended: Option<Ended>,
}

impl ReadRow {
    /// Whether the row has a readable value of a field that contacts are met by.
    pub fn has_key(&self, keys: MatchOn) -> bool {
        keys.email && self.email.is_some() || keys.phone && self.phone.is_some()
    }

    /// Where the change of a field stands among the others, or would stand.
    pub(super) fn place_of(&self, field: FieldId) -> Result<usize, usize> {
        match self.changes.last() {
            // Columns mostly come in the order of fields.
            Some((last, _)) if *last < field => Err(self.changes.len()),
            Some(_) => self.changes.binary_search_by_key(&field, |(id, _)| *id),
            None => Err(0),
        }
    }

    pub(super) fn change_of(&mut self, field: FieldId) -> Option<&mut Change> {
        self.place_of(field).ok().map(|place| &mut self.changes[place].1)
    }

    /// Puts a change into the row, in the place of an earlier one of the same field.
    pub(super) fn put(&mut self, field: FieldId, change: Change) {
        match self.place_of(field) {
            Ok(place) => self.changes[place].1 = change,
            Err(place) if place == self.changes.len() => self.changes.push((field, change)),
            Err(place) => self.changes.insert(place, (field, change)),
        }
    }

    pub(super) fn note(&mut self, field: &Field, notes: &[Note]) {
        // Of most values there is nothing to note.
        if notes.is_empty() {
            return;
        }
        self.notes.extend(notes.iter().map(|note| (Some(field.id), *note)));
    }
}

/// How a row ended before matching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    Skipped(SkipReason),
    /// The issues that are errors say why.
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn changes_are_in_the_order_of_fields_and_the_last_of_each_field_counts(fields in prop::collection::vec(0_u16..20, 0..40)) {
            let (mut row, mut model) = (ReadRow::default(), BTreeMap::new());
            for (place, field) in fields.into_iter().map(FieldId).enumerate() {
                let change = Change::Set(Value::One(place.to_string()));
                prop_assert_eq!(row.change_of(field).cloned(), model.get(&field).cloned());
                row.put(field, change.clone());
                model.insert(field, change);
            }
            prop_assert_eq!(row.changes, model.into_iter().collect::<Vec<_>>());
        }
    }
}
