//! What a run asks of the committed records before it writes a batch: who may hold a key, and how a record stands to a
//! row.

use super::batch::{Changed, MATCHED, RunWriter};
use super::blocks::{self, LastBlock};
use super::codec::Decoded;
use super::drafts::{Draft, Matched, Standing};
use super::edits::{EditPlace, Edits};
use super::error::{Fault, StoreError};
use super::index::{self, Filter, KeyHash, KeyKind};
use super::keys::{self, KeyBytes};
use super::overlay;
use crate::domain::id::RecordId;
use crate::domain::record::{Record, Stamp};
use rusqlite::Connection;

impl RunWriter<'_> {
    /// For each key the records that may hold it, ascending: compare their own field before believing it. Keys of what
    /// is not committed yet are not found.
    pub fn candidates(&self, keys: &[(KeyKind, KeyBytes)]) -> Result<Vec<Vec<RecordId>>, StoreError> {
        let own = self.own_filter.as_ref().map(|growing| &growing.filter);
        let found = self.store.read_layers(|data, base| match base {
            None => candidates(data, own, keys),
            Some(base) => {
                let own_keys: Vec<_> = keys.iter().map(|(kind, key)| overlay::key(*kind, key)).collect();
                let mut found = candidates(data, own, &own_keys)?;
                for (ids, more) in found.iter_mut().zip(candidates(base.main, self.base_filter.as_ref(), keys)?) {
                    ids.extend(more);
                    ids.sort_unstable();
                    ids.dedup();
                }
                Ok(found)
            }
        });
        found.map_err(|error| error.in_run(self.run))
    }

    /// The records of these numbers, which ascend and are each named once. What does not exist is absent.
    pub fn records(&self, ids: &[RecordId]) -> Result<Vec<Record>, StoreError> {
        let read = self.store.read_layers(|data, base| blocks::records(data, base, ids));
        read.map_err(|error| error.in_run(self.run))
    }

    /// False: no committed record holds the key. True: ask.
    pub fn may_be_known(&self, key: KeyHash) -> bool {
        let own = self.own_filter.as_ref().is_none_or(|growing| growing.filter.may_contain(key));
        own || self.store.dry.is_some() && self.base_filter.as_ref().is_none_or(|filter| filter.may_contain(key))
    }

    /// Brings what [`RunWriter::may_be_known`] needs into the cache. Worth it some rows ahead.
    pub fn prefetch(&self, key: KeyHash) {
        if let Some(growing) = &self.own_filter {
            growing.filter.prefetch(key);
        }
    }

    /// Many reads on one state of the store, which costs less than each by itself.
    pub fn look<T>(&self, work: impl FnOnce(&Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let looked = self.store.read_layers(|_, _| Ok(work(self)));
        looked.map_err(|error| error.in_run(self.run))?
    }

    /// The records that may hold a row's reference, found by itself; [`RunWriter::candidates`] is for many.
    pub fn holders_of_reference(&self, row: Draft<'_>) -> Result<Vec<RecordId>, StoreError> {
        let Some(text) = row.reference() else { return Ok(Vec::new()) };
        let key = [(KeyKind::Reference, keys::reference_key(row.source(), text))];
        Ok(self.candidates(&key)?.pop().unwrap_or_default())
    }

    /// How the committed record of this number stands to a row, without decoding it; none when there is no such
    /// record. `block` serves records that lie side by side; it is for one [`RunWriter::look`].
    pub fn standing(
        &self,
        id: RecordId,
        row: Draft<'_>,
        matched: &Matched,
        block: &mut LastBlock,
    ) -> Result<Option<Standing>, StoreError> {
        self.with_stored(id, block, |bytes| row.standing(bytes, matched))
    }

    /// Prepares what a row makes of the committed record of this number, which holds its reference; none where the row
    /// has to go the general way. `block` is as for [`RunWriter::standing`].
    pub fn prepare_edit(
        &self,
        id: RecordId,
        (row, number): (Draft<'_>, u64),
        now_ms: i64,
        block: &mut LastBlock,
        edits: &mut Edits,
    ) -> Result<Option<EditPlace>, StoreError> {
        let stamp = Stamp { run: self.run, row: number, at_ms: now_ms };
        let prepared = self.with_stored(id, block, |bytes| edits.prepare(id, bytes, row, &stamp, &self.fields))?;
        Ok(prepared.flatten())
    }

    /// Takes an accepted edit back, for the general way; none when there is none of this record.
    pub fn take_edit(&self, id: RecordId, edits: &mut Edits) -> Result<Option<Changed>, StoreError> {
        edits.take(id).or_else(|_| self.corrupt(id))
    }

    /// The error of a record that cannot be decoded.
    pub(super) fn corrupt<T>(&self, id: RecordId) -> Result<T, StoreError> {
        self.store.read_layers(|_, _| Err(Fault::Corrupt("record", id.0)))
    }

    fn with_stored<T>(
        &self,
        id: RecordId,
        block: &mut LastBlock,
        work: impl FnOnce(&[u8]) -> Decoded<T>,
    ) -> Result<Option<T>, StoreError> {
        if !block.has(id) {
            let load = self.store.read_layers(|data, base| block.load(data, base, id));
            load.map_err(|error| error.in_run(self.run))?;
        }
        let found = block.get(id).and_then(|bytes| bytes.map(work).transpose());
        found.or_else(|_| self.corrupt(id))
    }
}

/// For each key the records that may hold it, ascending. What the filter does not know is not looked for.
pub(super) fn candidates(
    conn: &Connection,
    filter: Option<&Filter>,
    keys: &[(KeyKind, KeyBytes)],
) -> Result<Vec<Vec<RecordId>>, Fault> {
    let mut found = vec![Vec::new(); keys.len()];
    look_up(conn, filter, keys, &mut found)?;
    for ids in &mut found {
        ids.sort_unstable();
        ids.dedup();
    }
    Ok(found)
}

fn look_up(
    conn: &Connection,
    filter: Option<&Filter>,
    keys: &[(KeyKind, KeyBytes)],
    found: &mut [Vec<RecordId>],
) -> Result<(), Fault> {
    let mut places: Vec<usize> = match filter {
        None => (0..keys.len()).collect(),
        Some(filter) => {
            let mut maybe = Vec::new();
            let is_matched = |kind: &KeyKind| MATCHED.contains(kind) || *kind == KeyKind::Matched;
            maybe.extend((0..keys.len()).filter(|&place| !is_matched(&keys[place].0)));
            let asked = keys.iter().enumerate().filter(|(_, (kind, _))| is_matched(kind));
            let asked = asked.map(|(place, (kind, key))| (KeyHash::of_stored(*kind, key), place));
            filter.each_that_may_be(asked, |place| maybe.push(place));
            maybe
        }
    };
    places.sort_unstable_by(|&a, &b| keys[a].cmp(&keys[b]));
    for of_kind in places.chunk_by(|&a, &b| keys[a].0 == keys[b].0) {
        // Rows that ask for the same key share one look.
        let askers: Vec<&[usize]> = of_kind.chunk_by(|&a, &b| keys[a] == keys[b]).collect();
        let wanted: Vec<&[u8]> = askers.iter().map(|places| keys[places[0]].1.as_slice()).collect();
        index::sweep(conn, keys[of_kind[0]].0, &wanted, |key, value| {
            for &place in askers[key] {
                found[place].push(RecordId(value));
            }
        })?;
    }
    Ok(())
}
