//! A record: the values that are held about one contact, and where they came from.

use super::field::FieldId;
use super::id::{RecordId, RunId, SourceId};
use super::outcome::Outcome;
use serde::{Deserialize, Serialize};

/// A stored value in its canonical text: dates `YYYY-MM-DD`, date-times RFC 3339 in UTC, numbers and money exact
/// decimals, phones E.164.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    One(String),
    Many(Vec<String>),
}

impl Value {
    /// The single text, or the first of several.
    pub fn first(&self) -> Option<&str> {
        self.texts().first().map(String::as_str)
    }

    /// The texts, one or several.
    pub fn texts(&self) -> &[String] {
        match self {
            Value::One(text) => std::slice::from_ref(text),
            Value::Many(texts) => texts,
        }
    }
}

/// Which row of which run did something to a record, and when (ms since 1970, UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub run: RunId,
    /// Row of that run's delivery, from 1.
    pub row: u64,
    pub at_ms: i64,
}

/// What one row did about a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    pub run: RunId,
    pub row: u64,
    /// When (ms since 1970, UTC); of a row that changed nothing, when its run was last at work.
    pub at_ms: i64,
    pub outcome: Outcome,
    /// The record before an update, as long as that is kept. Of several rows of one batch, the last has it.
    pub before: Option<Record>,
}

/// One contact. A deleted one is remembered by its ID, references and date only (R287, R290).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub id: RecordId,
    /// At most one reference a source, in the order of sources.
    pub references: Vec<(SourceId, String)>,
    /// In the order of field numbers, each at most once; Contact ID and Source Reference are not among them.
    pub fields: Vec<(FieldId, Value)>,
    pub created: Stamp,
    pub updated: Stamp,
    /// When it was deleted (ms since 1970, UTC).
    pub deleted_at_ms: Option<i64>,
}

impl Record {
    pub fn is_alive(&self) -> bool {
        self.deleted_at_ms.is_none()
    }

    pub fn get(&self, field: FieldId) -> Option<&Value> {
        self.fields.binary_search_by_key(&field, |(id, _)| *id).ok().map(|place| &self.fields[place].1)
    }

    /// Sets a field; true when that changed the record.
    pub fn set(&mut self, field: FieldId, value: Value) -> bool {
        match self.fields.binary_search_by_key(&field, |(id, _)| *id) {
            Ok(place) if self.fields[place].1 == value => false,
            Ok(place) => {
                self.fields[place].1 = value;
                true
            }
            Err(place) => {
                self.fields.insert(place, (field, value));
                true
            }
        }
    }

    /// Empties a field; true when it held something.
    pub fn clear(&mut self, field: FieldId) -> bool {
        match self.fields.binary_search_by_key(&field, |(id, _)| *id) {
            Ok(place) => {
                self.fields.remove(place);
                true
            }
            Err(_) => false,
        }
    }

    /// The reference that this source knows the record by.
    pub fn reference_of(&self, source: SourceId) -> Option<&str> {
        self.references.iter().find(|(id, _)| *id == source).map(|(_, text)| text.as_str())
    }

    /// Gives the record its reference in a source that had none.
    pub fn add_reference(&mut self, source: SourceId, text: String) {
        let place = self.references.partition_point(|(id, _)| *id < source);
        self.references.insert(place, (source, text));
    }
}
