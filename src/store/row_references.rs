//! Which rows carried a reference, without an entry for each row that created a record: the record tells that row.
//!
//! Of most references the one row of a run is the one that created the record, whose own `created` names it and stays
//! for good, also when the record is deleted. So only the other rows (updated, unchanged, skipped, failed) have an entry
//! of kind [`KeyKind::RowReference`]: the hash of the reference, and the row. Two sorts of entries keep the rest right:
//!
//! 1. A record may be created by a row without a reference and be given one later, by a row that meets it by another
//!    key. Then the row that created it did not carry the reference: an entry [`Entry::GivenLater`] under the reference
//!    names the record. (A reference is never taken from a record again, and is never exchanged.)
//! 2. Runs that an older version began have entries for all of their rows. A run whose created rows have none says so by
//!    an entry [`Entry::OwnRegime`] under its own number, written with its first batch.
//!
//! Dry runs are not found by reference and have none of this.

use super::batch::{Batch, Changed};
use super::blocks;
use super::error::Fault;
use super::index::{self, KeyKind};
use super::keys::{reference_hash, reference_key, stable_hash};
use super::ledger_write::row_id;
use super::new_keys::NewKeys;
use crate::domain::id::{RecordId, RunId, SourceId};
use crate::domain::outcome::Outcome;
use rusqlite::{Connection, OptionalExtension};
use rustc_hash::FxHashMap;

/// What the value of an entry says. Numbers of rows leave the two highest bits free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    /// This row carried the reference.
    Row(RunId, u64),
    /// This record was given the reference after it was created.
    GivenLater(RecordId),
    /// The rows of this run that created a record have no entry.
    OwnRegime(RunId),
}

const GIVEN_LATER: u64 = 1 << 63;
const OWN_REGIME: u64 = 1 << 62;

impl Entry {
    fn value(self) -> u64 {
        match self {
            Entry::Row(run, row) => row_id(run, row) as u64,
            Entry::GivenLater(RecordId(id)) => GIVEN_LATER | id,
            Entry::OwnRegime(RunId(id)) => OWN_REGIME | id,
        }
    }

    fn of(value: u64) -> Entry {
        match value {
            _ if value & GIVEN_LATER != 0 => Entry::GivenLater(RecordId(value & !GIVEN_LATER)),
            _ if value & OWN_REGIME != 0 => Entry::OwnRegime(RunId(value & !OWN_REGIME)),
            _ => Entry::Row(RunId(value >> 32), value & 0xffff_ffff),
        }
    }
}

/// Under which key a run says [`Entry::OwnRegime`].
fn key_of_run(run: RunId) -> u64 {
    stable_hash(format!("run {run}").as_bytes())
}

fn has_own_regime(conn: &Connection, run: RunId) -> Result<bool, Fault> {
    let mut values = Vec::new();
    index::find(conn, KeyKind::RowReference, &key_of_run(run).to_be_bytes(), &mut values)?;
    Ok(values.contains(&Entry::OwnRegime(run).value()))
}

fn source_of(conn: &Connection, run: RunId) -> Result<Option<SourceId>, Fault> {
    let mut query = conn.prepare_cached("SELECT source FROM run WHERE id = ?1")?;
    let source: Option<i64> = query.query_row([run.0 as i64], |row| row.get(0)).optional()?;
    Ok(source.map(|source| SourceId(source as u64)))
}

/// Makes the entries of one run.
pub(super) struct RowReferences {
    run: RunId,
    source: SourceId,
    /// Whether an older version began the run: then all rows of it have entries.
    is_old: bool,
    /// The sources of the runs that created records which were given a reference.
    sources: FxHashMap<RunId, Option<SourceId>>,
}

impl RowReferences {
    /// Of a run that has come to this row.
    pub(super) fn of(conn: &Connection, run: RunId, source: SourceId, rows: u64) -> Result<RowReferences, Fault> {
        let is_old = rows > 0 && !has_own_regime(conn, run)?;
        Ok(RowReferences { run, source, is_old, sources: FxHashMap::default() })
    }

    /// Adds the entries of a batch.
    pub(super) fn collect(&mut self, conn: &Connection, batch: &Batch, keys: &mut NewKeys) -> Result<(), Fault> {
        let RowReferences { run, source, is_old, .. } = *self;
        let mut push = |hash: u64, entry: Entry| keys.push_hash(KeyKind::RowReference, hash, entry.value());
        if !is_old && batch.rows.first().is_some_and(|row| row.row == 1) {
            push(key_of_run(run), Entry::OwnRegime(run));
        }
        for row in &batch.rows {
            match (&row.outcome, row.reference_hash) {
                (Outcome::Created(_), Some(_)) if !is_old => {}
                (_, Some(hash)) => push(hash, Entry::Row(run, row.row)),
                (Outcome::Created(id), None) => {
                    // A draft has the reference of its row, or none.
                    let record = batch.created.whole(*id);
                    if let Some(reference) = record.and_then(|record| record.reference_of(source)) {
                        push(reference_hash(source, reference), Entry::GivenLater(*id));
                    }
                }
                (_, None) => {}
            }
        }
        // An edit gives no reference: its record holds that of its row.
        for Changed { before, after } in &batch.changed {
            if before.reference_of(source).is_none()
                && let Some(reference) = after.reference_of(source)
                && self.source_of(conn, before.created.run)? == Some(source)
            {
                push(reference_hash(source, reference), Entry::GivenLater(after.id));
            }
        }
        Ok(())
    }

    fn source_of(&mut self, conn: &Connection, run: RunId) -> Result<Option<SourceId>, Fault> {
        if let Some(source) = self.sources.get(&run) {
            return Ok(*source);
        }
        let source = source_of(conn, run)?;
        self.sources.insert(run, source);
        Ok(source)
    }
}

/// The rows that carried a reference of a source, newest first.
pub(super) fn rows(conn: &Connection, source: SourceId, reference: &str) -> Result<Vec<(RunId, u64)>, Fault> {
    let mut values = Vec::new();
    index::find(conn, KeyKind::RowReference, &reference_hash(source, reference).to_be_bytes(), &mut values)?;
    let (mut rows, mut given_later) = (Vec::new(), Vec::new());
    for value in &values {
        match Entry::of(*value) {
            Entry::Row(run, row) => rows.push((run, row)),
            Entry::GivenLater(record) => given_later.push(record),
            Entry::OwnRegime(_) => {}
        }
    }
    index::find(conn, KeyKind::Reference, &reference_key(source, reference), &mut values)?;
    let ids: Vec<RecordId> = values.iter().map(|id| RecordId(*id)).collect();
    for record in blocks::records(conn, None, &ids)? {
        let created = record.created;
        if record.reference_of(source) == Some(reference)
            && !given_later.contains(&record.id)
            && source_of(conn, created.run)? == Some(source)
            && has_own_regime(conn, created.run)?
        {
            rows.push((created.run, created.row));
        }
    }
    rows.sort_unstable_by(|a, b| b.cmp(a));
    rows.dedup();
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::super::keys::KeyFields;
    use super::super::tests::{add_run, add_source, landed, new_records, workspace};
    use super::*;
    use crate::domain::outcome::LedgerRow;
    use crate::domain::record::{Record, Stamp};
    use crate::domain::run::RunKind;
    use crate::store::Store;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// What a row does, to which record, and which reference it carries.
    #[derive(Debug, Clone)]
    struct Step {
        does: Does,
        reference: Option<u8>,
    }

    #[derive(Debug, Clone, Copy)]
    enum Does {
        Create,
        /// Updates a record, however it is found; one that has no reference of the source is given the row's.
        Update(prop::sample::Index),
        Fail,
    }

    fn any_step() -> impl Strategy<Value = Step> {
        let does = prop_oneof![
            3 => Just(Does::Create),
            3 => any::<prop::sample::Index>().prop_map(Does::Update),
            1 => Just(Does::Fail)
        ];
        (does, prop::option::of(0..5u8)).prop_map(|(does, reference)| Step { does, reference })
    }

    /// A run: its source, whether an older version began it, its batches.
    fn any_run() -> impl Strategy<Value = (bool, bool, Vec<Vec<Step>>)> {
        (any::<bool>(), prop::bool::weighted(0.3), prop::collection::vec(prop::collection::vec(any_step(), 0..8), 1..4))
    }

    fn committed(store: &mut Store, references: &mut RowReferences, batch: &mut Batch) {
        let fields = KeyFields::of(&store.catalog().unwrap());
        let mut keys = batch.created.take_keys(&fields);
        batch.changed.iter().for_each(|changed| keys.push_changed(&fields, &changed.before, &changed.after));
        let write = |tx: &Connection| {
            references.collect(tx, batch, &mut keys)?;
            batch.changed.iter().for_each(|changed| batch.edits.put(changed));
            blocks::write_changed(tx, None, &batch.edits.accepted())?;
            blocks::write_new(tx, &batch.created)?;
            keys.write(tx)
        };
        store.main.write(write).unwrap();
    }

    /// Makes the batch of these steps, and notes which row carried which reference.
    fn batch_of(
        steps: &[Step],
        stamp: &mut Stamp,
        source: SourceId,
        records: &mut BTreeMap<RecordId, Record>,
        carried: &mut BTreeMap<(SourceId, String), BTreeSet<(RunId, u64)>>,
    ) -> Batch {
        let before = records.clone();
        let mut batch = Batch::default();
        for step in steps {
            stamp.row += 1;
            let reference = step.reference.map(|n| format!("R-{n}"));
            let give = |record: &mut Record| {
                if let Some(text) = reference.as_ref().filter(|_| record.reference_of(source).is_none()) {
                    record.add_reference(source, text.clone());
                }
            };
            let known: Vec<RecordId> = records.keys().copied().collect();
            let outcome = match step.does {
                Does::Create => {
                    let id = RecordId(records.len() as u64 + 1);
                    let mut record = super::super::tests::contact(id, source, "", stamp.run, stamp.row);
                    (record.created, record.updated) = (*stamp, *stamp);
                    record.references.clear();
                    give(&mut record);
                    records.insert(id, record);
                    Outcome::Created(id)
                }
                Does::Update(at) if !known.is_empty() => {
                    let id = known[at.index(known.len())];
                    let record = records.get_mut(&id).unwrap();
                    record.updated = *stamp;
                    give(record);
                    Outcome::Updated(id)
                }
                Does::Update(_) | Does::Fail => Outcome::Failed,
            };
            let reference_hash = reference.as_ref().map(|text| reference_hash(source, text));
            batch.rows.push(LedgerRow { reference_hash, ..landed(stamp.row, outcome) });
            if let Some(text) = reference {
                carried.entry((source, text)).or_default().insert((stamp.run, stamp.row));
            }
        }
        let mut new = Vec::new();
        for (id, record) in records {
            match before.get(id) {
                None => new.push(record.clone()),
                Some(before) if before != record => {
                    batch.changed.push(Changed { before: before.clone(), after: record.clone() });
                }
                Some(_) => {}
            }
        }
        batch.created = new_records(new);
        batch
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

        #[test]
        fn a_reference_leads_to_all_rows_that_carried_it_and_to_no_other(runs in prop::collection::vec(any_run(), 1..6)) {
            let (_dir, mut store, first) = workspace();
            let sources = [first, add_source(&mut store, "shop")];
            let (mut records, mut carried) = (BTreeMap::new(), BTreeMap::new());
            for (is_second, is_old, batches) in &runs {
                let source = sources[usize::from(*is_second)];
                let run = add_run(&mut store, source, RunKind::Import);
                let mut stamp = Stamp { run, row: 0, at_ms: 1 };
                for steps in batches {
                    let done = stamp.row;
                    let mut batch = batch_of(steps, &mut stamp, source, &mut records, &mut carried);
                    // A run is taken up again after each of its batches.
                    let taken_up = store.main.read(|conn| RowReferences::of(conn, run, source, done));
                    let mut references = taken_up.unwrap();
                    prop_assert!(done == 0 || references.is_old == *is_old);
                    references.is_old = *is_old;
                    committed(&mut store, &mut references, &mut batch);
                }
            }
            for source in sources {
                for n in 0..6 {
                    let text = format!("R-{n}");
                    let wanted = carried.remove(&(source, text.clone())).unwrap_or_default();
                    let found = store.rows_of_reference(source, &text).unwrap();
                    prop_assert!(found.iter().copied().eq(wanted.into_iter().rev()), "{text} of {source:?}: {found:?}");
                }
            }
        }
    }
}
