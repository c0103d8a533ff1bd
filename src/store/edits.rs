//! Changed records as bytes: what a row plainly makes of a stored record is put together of the record's bytes and
//! those of the row's draft, so that the writer neither decodes nor encodes it.
//!
//! Of a row that sets fields, the record afterwards is the draft's value where the draft has one, and the record's own
//! elsewhere. Everything else (a field that is emptied, a list that grows, a reference that is new) goes the general
//! way, by [`Changed`].

use super::batch::Changed;
use super::codec::{self, Damaged, Decoded, FieldBytes, Reader, Stored};
use super::drafts::{Draft, contains_all};
use super::keys::KeyFields;
use crate::domain::id::RecordId;
use crate::domain::record::Stamp;
use rustc_hash::FxHashMap;

/// Bytes of changes beyond which their memory is given back.
const KEPT_BYTES: usize = 32 << 20;

/// The changes of a batch. Those that rows plainly make are prepared while the rows are looked up, from the records as
/// they are committed, and count once they are accepted.
#[derive(Default)]
pub struct Edits {
    /// Of each change, the record as it was and as it shall be.
    bytes: Vec<u8>,
    places: Vec<Place>,
    /// Those that count.
    accepted: FxHashMap<RecordId, EditPlace>,
    fields: Vec<u8>,
}

/// Which of the prepared changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EditPlace(u32);

#[derive(Debug, Clone, Copy)]
struct Place {
    id: RecordId,
    /// The row that makes the change.
    row: u64,
    start: usize,
    middle: usize,
    end: usize,
    /// Its keys may be others than before, and still have to be told to the index.
    may_have_new_keys: bool,
}

/// A changed record as it was and as it shall be, encoded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change<'e> {
    pub(super) id: RecordId,
    pub(super) row: u64,
    pub(super) before: &'e [u8],
    pub(super) after: &'e [u8],
}

impl Edits {
    /// Forgets all changes and keeps the memory, unless it is that of huge records.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        self.places.clear();
        self.accepted.clear();
    }

    /// Whether a change of this record counts.
    pub fn has(&self, id: RecordId) -> bool {
        self.accepted.contains_key(&id)
    }

    /// Lets a prepared change count. No other change of the record does so far.
    pub fn accept(&mut self, at: EditPlace) {
        if let Some(place) = self.places.get(at.0 as usize) {
            self.accepted.insert(place.id, at);
        }
    }

    /// Prepares the change of a stored record; none where the row does more than this module can say.
    pub(super) fn prepare(
        &mut self,
        id: RecordId,
        stored: &[u8],
        row: Draft<'_>,
        stamp: &Stamp,
        keys: &KeyFields,
    ) -> Decoded<Option<EditPlace>> {
        let start = self.bytes.len();
        let made = put_edited(stored, row, stamp, keys, &mut self.fields, &mut self.bytes);
        let Ok(Some(may_have_new_keys)) = made else {
            self.bytes.truncate(start);
            return made.map(|_| None);
        };
        let middle = self.bytes.len();
        self.bytes.extend_from_slice(stored);
        Ok(self.push(Place { id, row: stamp.row, start, middle, end: self.bytes.len(), may_have_new_keys }))
    }

    /// Adds a change that was made the general way, in the place of an earlier one; its keys are told elsewhere.
    pub(super) fn put(&mut self, Changed { before, after }: &Changed) {
        let start = self.bytes.len();
        codec::put_record(&mut self.bytes, after);
        let middle = self.bytes.len();
        codec::put_record(&mut self.bytes, before);
        let (id, row, end) = (after.id, after.updated.row, self.bytes.len());
        if let Some(at) = self.push(Place { id, row, start, middle, end, may_have_new_keys: false }) {
            self.accepted.insert(id, at);
        }
    }

    fn push(&mut self, place: Place) -> Option<EditPlace> {
        let at = EditPlace(u32::try_from(self.places.len()).ok()?);
        self.places.push(place);
        Some(at)
    }

    /// Takes back the change of a record, decoded.
    pub(super) fn take(&mut self, id: RecordId) -> Decoded<Option<Changed>> {
        let Some(EditPlace(at)) = self.accepted.remove(&id) else { return Ok(None) };
        self.changed(&self.places[at as usize]).map(Some)
    }

    /// The changes that count and whose keys still have to be told, decoded; the number of the record where that fails.
    pub(super) fn with_new_keys(&self) -> impl Iterator<Item = Result<Changed, RecordId>> {
        let accepted = self.accepted.values().map(|at| &self.places[at.0 as usize]);
        accepted.filter(|place| place.may_have_new_keys).map(|place| self.changed(place).map_err(|_| place.id))
    }

    /// The changes that count, in the order of the records' numbers.
    pub(super) fn accepted(&self) -> Vec<Change<'_>> {
        let mut changes: Vec<Change<'_>> = self.accepted.values().map(|at| self.change(at.0)).collect();
        changes.sort_unstable_by_key(|change| change.id);
        changes
    }

    fn change(&self, at: u32) -> Change<'_> {
        let Place { id, row, start, middle, end, .. } = self.places[at as usize];
        Change { id, row, before: &self.bytes[middle..end], after: &self.bytes[start..middle] }
    }

    fn changed(&self, place: &Place) -> Decoded<Changed> {
        let Place { id, start, middle, end, .. } = *place;
        let before = codec::record(id, &self.bytes[middle..end])?;
        Ok(Changed { before, after: codec::record(id, &self.bytes[start..middle])? })
    }
}

/// Appends what a row makes of a stored record; answers whether a field differs that gives keys. None, with `out` in any
/// state, where the row has to go the general way. The record holds the row's reference.
fn put_edited(
    stored: &[u8],
    row: Draft<'_>,
    stamp: &Stamp,
    keys: &KeyFields,
    fields: &mut Vec<u8>,
    out: &mut Vec<u8>,
) -> Decoded<Option<bool>> {
    let stored = Stored::read(stored, row.source())?;
    if !stored.is_alive || stored.created == *stamp {
        return Ok(None);
    }
    fields.clear();
    let (mut count, mut differs, mut has_new_keys) = (0, false, false);
    let (mut held, mut given) = (stored.fields, FieldBytes::new(Reader::new(row.field_bytes()))?);
    let (mut next_held, mut next_given) = (held.next()?, given.next()?);
    let mut marks = row.marks().peekable();
    let field_of = |next: &Option<(_, _)>| next.as_ref().map(|(field, _)| *field);
    while let Some(field) = field_of(&next_held).into_iter().chain(field_of(&next_given)).min() {
        let now = next_held.filter(|(of, _)| *of == field).map(|(_, value)| value);
        let set = next_given.filter(|(of, _)| *of == field).map(|(_, value)| value);
        let (mut adds, mut clears) = (false, false);
        while let Some(mark) = marks.next_if(|mark| mark.field() <= field) {
            // One that says nothing of a field that is here empties what is empty.
            adds |= mark.field() == field && mark.adds();
            clears |= mark.field() == field && !mark.adds();
        }
        let value = match (now, set) {
            _ if clears => return Ok(None),
            (Some(now), None) if !adds => now,
            (None, Some(set)) => set,
            (Some(now), Some(set)) if !adds || now == set => set,
            (Some(now), Some(set)) if contains_all(now, set) => now,
            _ => return Ok(None),
        };
        if now != Some(value) {
            differs = true;
            has_new_keys |= keys.has(field);
        }
        codec::put_field(fields, field, value);
        count += 1;
        if now.is_some() {
            next_held = held.next()?;
        }
        if set.is_some() {
            next_given = given.next()?;
        }
    }
    if !held.is_at_end() {
        return Err(Damaged);
    }
    if !differs {
        return Ok(None);
    }
    codec::put_edited(out, stored.head, stamp, count, fields);
    Ok(Some(has_new_keys))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::Catalog;
    use crate::domain::record::Record;

    impl Edits {
        /// What a row makes of a record, as stored bytes would; none where it goes the general way. And whether its keys
        /// may be others than before.
        pub fn of(record: &Record, row: Draft<'_>, stamp: &Stamp, catalog: &Catalog) -> Option<(Record, bool)> {
            let (mut edits, mut stored) = (Edits::default(), Vec::new());
            codec::put_record(&mut stored, record);
            let at = edits.prepare(record.id, &stored, row, stamp, &KeyFields::of(catalog)).unwrap()?;
            assert!(!edits.has(record.id));
            edits.accept(at);
            let may_have_new_keys = edits.with_new_keys().count() == 1;
            let [Change { id, row, before, after }] = edits.accepted()[..] else { panic!("one change") };
            assert_eq!((id, row, before), (record.id, stamp.row, stored.as_slice()));
            let mut encoded = Vec::new();
            let changed = codec::record(id, after).unwrap();
            codec::put_record(&mut encoded, &changed);
            assert_eq!(after, encoded, "the encoding is canonical");
            let taken = edits.take(id).unwrap().unwrap();
            assert_eq!((&taken.before, &taken.after), (record, &changed));
            assert!(!edits.has(id) && edits.accepted().is_empty());
            Some((changed, may_have_new_keys))
        }
    }
}
