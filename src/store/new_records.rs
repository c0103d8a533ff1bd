//! The new records of a batch: encoded as they will be stored, one after the other, with their keys.

use super::codec;
use super::drafts::{Draft, HashedKey};
use super::index::KeyKind;
use super::keys::KeyFields;
use super::new_keys::NewKeys;
use crate::domain::id::RecordId;
use crate::domain::record::{Record, Stamp};
use std::collections::BTreeMap;

/// New records with consecutive numbers.
#[derive(Default)]
pub struct NewRecords {
    first: u64,
    bytes: Vec<u8>,
    /// Where each record ends in `bytes`.
    ends: Vec<usize>,
    /// Those that are no drafts, or that later rows of the batch changed: what `bytes` says of them does not count.
    whole: BTreeMap<RecordId, Record>,
    keys: NewKeys,
    /// Numbers whose records are still to come.
    reserved: Vec<RecordId>,
}

impl NewRecords {
    /// Forgets all records and begins with this number; keeps the memory.
    pub fn restart(&mut self, first: RecordId) {
        self.first = first.0;
        self.bytes.clear();
        self.ends.clear();
        self.whole.clear();
        self.keys.clear();
        self.reserved.clear();
    }

    /// The number of the first record.
    pub fn first(&self) -> RecordId {
        RecordId(self.first)
    }

    /// The number of the next record.
    pub fn next(&self) -> RecordId {
        RecordId(self.first + self.ends.len() as u64)
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Makes a record of a draft.
    pub fn push_draft(&mut self, draft: Draft<'_>, stamp: &Stamp) -> RecordId {
        let id = self.next();
        let reference = draft.reference().map(|text| (draft.source(), text));
        codec::put_new(&mut self.bytes, reference, stamp, draft.field_bytes());
        self.ends.push(self.bytes.len());
        if let Some((source, text)) = reference {
            self.keys.push_reference(source, text, id.0);
        }
        let keys = draft.keys();
        for (kind, hash) in [(KeyKind::Email, keys.email), (KeyKind::Phone, keys.phone)] {
            if let Some(HashedKey { hash, .. }) = hash {
                self.keys.push_hash(kind, hash, id.0);
            }
        }
        for word in draft.words() {
            self.keys.push_word(word, id.0);
        }
        id
    }

    /// Keeps the next number for a record that [`NewRecords::put`] brings before the batch is committed.
    pub fn reserve(&mut self) -> RecordId {
        let id = self.next();
        self.ends.push(self.bytes.len());
        self.reserved.push(id);
        id
    }

    /// Puts a record where its number was reserved, or in the place of the one that has its number.
    pub fn put(&mut self, record: Record) {
        self.whole.insert(record.id, record);
    }

    /// The record of this number; none when it is not among them.
    pub fn get(&self, id: RecordId) -> Option<Record> {
        if let Some(record) = self.whole.get(&id) {
            return Some(record.clone());
        }
        let place = id.0.checked_sub(self.first)? as usize;
        codec::record(id, self.encoded(place)?).ok()
    }

    /// A number that was reserved and has no record, or a record whose number is not one of these.
    pub(super) fn flaw(&self) -> Option<RecordId> {
        let missing = self.reserved.iter().find(|id| !self.whole.contains_key(id));
        let all = self.first()..self.next();
        missing.or_else(|| self.whole.keys().find(|id| !all.contains(id))).copied()
    }

    /// The keys of all records, to which others may be added; [`NewRecords::put_keys`] gives them back.
    pub(super) fn take_keys(&mut self, fields: &KeyFields) -> NewKeys {
        let mut keys = std::mem::take(&mut self.keys);
        self.whole.values().for_each(|record| keys.push_created(fields, record));
        keys
    }

    pub(super) fn put_keys(&mut self, keys: NewKeys) {
        self.keys = keys;
    }

    /// The record of this number, if it was put and is more than its draft.
    pub(super) fn whole(&self, id: RecordId) -> Option<&Record> {
        self.whole.get(&id)
    }

    pub(super) fn keys(&mut self) -> &mut NewKeys {
        &mut self.keys
    }

    /// Calls `each` with the number and the bytes of each record, in order.
    pub(super) fn for_each<E>(&self, mut each: impl FnMut(RecordId, &[u8]) -> Result<(), E>) -> Result<(), E> {
        let mut scratch = Vec::new();
        let mut whole = self.whole.iter().peekable();
        for place in 0..self.ends.len() {
            let id = RecordId(self.first + place as u64);
            if let Some((_, record)) = whole.next_if(|(of, _)| **of == id) {
                scratch.clear();
                codec::put_record(&mut scratch, record);
                each(id, &scratch)?;
            } else {
                each(id, self.encoded(place).unwrap_or_default())?;
            }
        }
        Ok(())
    }

    fn encoded(&self, place: usize) -> Option<&[u8]> {
        let end = *self.ends.get(place)?;
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        self.bytes.get(start..end)
    }
}
