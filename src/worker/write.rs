//! The one writer of a run: batches of read rows are matched, decided in the order of the file, and committed, each in
//! one transaction with the run's position.

use super::error::WorkerError;
use super::landed::LandedRows;
use crate::domain::decide::{Decider, Decision, Facts};
use crate::domain::dialect::Position;
use crate::domain::field::{Catalog, FieldId, Role};
use crate::domain::id::{OwnId, RecordId, RunId, WorkspaceCode};
use crate::domain::issue::Note;
use crate::domain::outcome::{LedgerRow, Outcome, Severity};
use crate::domain::plan::{Duplicates, Plan};
use crate::domain::record::{Record, Stamp};
use crate::domain::rules::{Change, Ended, ReadRow};
use crate::domain::values::email;
use crate::engine::apply::{PlacedRow, ReadBatch};
use crate::store::{self, Batch, Changed, KeyBytes, KeyKind, RunWriter, keys};
use rustc_hash::FxHashMap;

/// Decides and commits the rows of one run.
pub struct RowWriter<'a> {
    plan: &'a Plan,
    decider: Decider<'a>,
    run: RunId,
    store: RunWriter<'a>,
    landed: LandedRows,
    first_lost: Option<u64>,
    email: Option<FieldId>,
    phone: Option<FieldId>,
}

/// The records that a batch is about, as they stand after the rows decided so far.
#[derive(Default)]
struct Working {
    records: FxHashMap<RecordId, Held>,
    /// Keys that rows of this batch gave to records.
    added: FxHashMap<Key, Vec<RecordId>>,
    /// Created ones, in the order of their numbers.
    created: Vec<RecordId>,
}

struct Held {
    /// As it was before the batch; none for a created record, or while nothing changed.
    before: Option<Record>,
    now: Record,
}

/// A key as the store knows it.
type Key = (KeyKind, KeyBytes);

/// The keys of a row, and what the store knows of them.
#[derive(Default)]
struct RowKeys {
    own: Option<RecordId>,
    reference: Option<(Key, Vec<RecordId>)>,
    email: Option<(Key, Vec<RecordId>)>,
    phone: Option<(Key, Vec<RecordId>)>,
}

impl<'a> RowWriter<'a> {
    pub fn new(
        plan: &'a Plan,
        catalog: &'a Catalog,
        code: &'a WorkspaceCode,
        run: RunId,
        store: RunWriter<'a>,
        first_lost: Option<u64>,
    ) -> Result<RowWriter<'a>, WorkerError> {
        let mut landed = LandedRows::default();
        if plan.duplicates != Duplicates::Allowed {
            for pair in store.landed_rows() {
                let (record, row) = pair?;
                landed.note(record, row);
            }
        }
        Ok(RowWriter {
            plan,
            decider: Decider::new(plan, catalog, code),
            run,
            store,
            landed,
            first_lost,
            email: catalog.role(Role::MatchEmail),
            phone: catalog.role(Role::MatchPhone),
        })
    }

    /// The run that is written.
    pub fn run(&self) -> RunId {
        self.run
    }

    /// The store's side of the run.
    pub fn store(&self) -> &RunWriter<'a> {
        &self.store
    }

    /// The first row at which part of the file could not be read.
    pub fn first_lost(&self) -> Option<u64> {
        self.first_lost
    }

    /// Gives the store's side back, to write down how the run ended.
    pub fn into_store(self) -> RunWriter<'a> {
        self.store
    }

    /// Decides and commits these rows, which follow on those before.
    pub fn write(&mut self, batch: ReadBatch, now_ms: i64) -> Result<(), WorkerError> {
        let row_keys = self.find_keys(&batch.rows)?;
        let mut working = self.load(&row_keys)?;
        let mut next = self.store.next_record();
        let mut rows = Vec::with_capacity(batch.rows.len());
        for (placed, keys) in batch.rows.into_iter().zip(row_keys) {
            rows.push(self.decide(placed, keys, &mut working, &mut next, now_ms));
        }
        let mut created = Vec::with_capacity(working.created.len());
        for id in &working.created {
            created.extend(working.records.remove(id).map(|held| held.now));
        }
        let mut changed: Vec<Changed> = working
            .records
            .into_values()
            .filter_map(|held| Some(Changed { before: held.before?, after: held.now }))
            .collect();
        changed.sort_by_key(|changed| changed.after.id);
        let Position { offset, line, row, tally } = batch.end;
        let position = store::Position { offset, line, rows: row };
        self.store.commit(&Batch { created, changed, rows, position, tally, now_ms })?;
        Ok(())
    }

    /// Asks the store for the keys of all rows at once, which costs one ordered pass instead of many looks.
    fn find_keys(&mut self, rows: &[PlacedRow]) -> Result<Vec<RowKeys>, WorkerError> {
        let in_use = self.plan.duplicates.keys();
        let mut asked = Vec::new();
        let mut all: Vec<RowKeys> = Vec::with_capacity(rows.len());
        for placed in rows {
            let mut row_keys = RowKeys::default();
            let read = &placed.read;
            if read.ended.is_none() {
                let mut ask = |key: Key| {
                    asked.push(key.clone());
                    Some((key, Vec::new()))
                };
                if let Some((_, OwnId::Ours(record))) = read.own_id {
                    row_keys.own = Some(record);
                }
                if let Some(reference) = &read.reference {
                    row_keys.reference = ask((KeyKind::Reference, keys::reference_key(self.plan.source, reference)));
                }
                if let Some(email) = read.email.as_ref().filter(|_| in_use.email) {
                    row_keys.email = ask((KeyKind::Email, keys::email_key(email)));
                }
                if let Some(phone) = read.phone.as_ref().filter(|_| in_use.phone) {
                    row_keys.phone = ask((KeyKind::Phone, keys::phone_key(phone)));
                }
            }
            all.push(row_keys);
        }
        let mut answers = self.store.candidates(&asked)?.into_iter();
        for row_keys in &mut all {
            for (_, candidates) in
                [&mut row_keys.reference, &mut row_keys.email, &mut row_keys.phone].into_iter().flatten()
            {
                *candidates = answers.next().unwrap_or_default();
            }
        }
        Ok(all)
    }

    /// Reads every record that a row of the batch may be about.
    fn load(&mut self, row_keys: &[RowKeys]) -> Result<Working, WorkerError> {
        let mut ids: Vec<RecordId> = Vec::new();
        for keys in row_keys {
            ids.extend(keys.own);
            for (_, candidates) in [&keys.reference, &keys.email, &keys.phone].into_iter().flatten() {
                ids.extend(candidates);
            }
        }
        ids.sort_unstable();
        ids.dedup();
        let mut working = Working::default();
        for record in self.store.records(&ids)? {
            working.records.insert(record.id, Held { before: None, now: record });
        }
        Ok(working)
    }

    fn decide(
        &mut self,
        placed: PlacedRow,
        keys: RowKeys,
        working: &mut Working,
        next: &mut RecordId,
        now_ms: i64,
    ) -> LedgerRow {
        let PlacedRow { row, line, offset, mut read } = placed;
        let stamp = Stamp { run: self.run, row, at_ms: now_ms };
        let outcome = match read.ended.take() {
            Some(Ended::Skipped(reason)) => Outcome::Skipped(reason),
            Some(Ended::Failed) => Outcome::Failed,
            None => {
                let facts = self.facts(&read, &keys, working);
                let decision = self.decider.decide(&mut read, &facts, |record| self.landed.row(record));
                self.carry_out(decision, &mut read, keys, working, next, stamp)
            }
        };
        if let Some(record) = outcome.record()
            && self.plan.duplicates != Duplicates::Allowed
        {
            self.landed.note(record, row);
        }
        if is_lost(&read.notes) {
            self.first_lost.get_or_insert(row);
        }
        debug_assert_eq!(outcome == Outcome::Failed, read.issues.iter().any(|i| i.severity == Severity::Error));
        let reference_hash = read.reference.as_ref().map(|text| keys::reference_hash(self.plan.source, text));
        LedgerRow { row, line, offset, outcome, issues: read.issues, notes: read.notes, reference_hash }
    }

    /// A candidate counts only when the record's own field equals the key.
    fn facts<'w>(&self, read: &ReadRow, keys: &RowKeys, working: &'w Working) -> Facts<'w> {
        let source = self.plan.source;
        let own_email = read.email.as_deref().map(email::match_key);
        let holds_email = |record: &Record| {
            let held = self.email.and_then(|field| record.get(field)).and_then(|value| value.first());
            record.is_alive() && held.is_some() && held.map(email::match_key) == own_email
        };
        let holds_phone = |record: &Record| {
            let held = self.phone.and_then(|field| record.get(field)).and_then(|value| value.first());
            record.is_alive() && held.is_some() && held == read.phone.as_deref()
        };
        let holds_reference =
            |record: &Record| read.reference.is_some() && record.reference_of(source) == read.reference.as_deref();
        Facts {
            own: keys.own.and_then(|id| working.record(id)),
            reference: working.holders(keys.reference.as_ref(), holds_reference),
            email: working.holders(keys.email.as_ref(), holds_email),
            phone: working.holders(keys.phone.as_ref(), holds_phone),
        }
    }

    fn carry_out(
        &self,
        decision: Decision,
        read: &mut ReadRow,
        keys: RowKeys,
        working: &mut Working,
        next: &mut RecordId,
        stamp: Stamp,
    ) -> Outcome {
        let id = match decision {
            Decision::Skip(reason) => return Outcome::Skipped(reason),
            Decision::Fail => return Outcome::Failed,
            Decision::Create => {
                let id = *next;
                next.0 += 1;
                let mut record = Record {
                    id,
                    references: Vec::new(),
                    fields: Vec::new(),
                    created: stamp,
                    updated: stamp,
                    deleted_at_ms: None,
                };
                self.decider.apply(read, &mut record);
                working.records.insert(id, Held { before: None, now: record });
                working.created.push(id);
                working.add_keys(keys, id);
                return Outcome::Created(id);
            }
            Decision::Merge(id) => id,
        };
        let Some(held) = working.records.get_mut(&id) else { return Outcome::Failed };
        let is_new = held.now.created.run == self.run && working.created.binary_search(&id).is_ok();
        let mut after = held.now.clone();
        if !self.decider.apply(read, &mut after) {
            return Outcome::Unchanged(id);
        }
        note_cleared(read, &held.now, &after);
        after.updated = stamp;
        let before = std::mem::replace(&mut held.now, after);
        if !is_new && held.before.is_none() {
            held.before = Some(before);
        }
        working.add_keys(keys, id);
        Outcome::Updated(id)
    }
}

/// Notes each field that held a value before the row and holds none after it.
fn note_cleared(read: &mut ReadRow, before: &Record, after: &Record) {
    for (field, change) in &read.changes {
        if *change == Change::Clear && before.get(*field).is_some() && after.get(*field).is_none() {
            read.notes.push((Some(*field), Note::FieldCleared));
        }
    }
}

/// Whether part of the file could not be read at a row with these notes.
pub fn is_lost(notes: &[(Option<FieldId>, Note)]) -> bool {
    notes.iter().any(|(_, note)| *note == Note::PartUnreadable)
}

impl Working {
    fn record(&self, id: RecordId) -> Option<&Record> {
        self.records.get(&id).map(|held| &held.now)
    }

    /// The records that hold a key, in the order of their numbers.
    fn holders(&self, key: Option<&(Key, Vec<RecordId>)>, holds: impl Fn(&Record) -> bool) -> Vec<&Record> {
        let Some((key, candidates)) = key else { return Vec::new() };
        let added = self.added.get(key).map_or(&[][..], Vec::as_slice);
        let mut ids: Vec<RecordId> = candidates.iter().chain(added).copied().collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| self.record(id)).filter(|record| holds(record)).collect()
    }

    /// The record now holds the keys of the row that landed on it.
    fn add_keys(&mut self, keys: RowKeys, id: RecordId) {
        for (key, _) in [keys.reference, keys.email, keys.phone].into_iter().flatten() {
            self.added.entry(key).or_default().push(id);
        }
    }
}
