//! What a row does to the records: its keys looked up, decided in the order of the file, carried out on records as they
//! stand after the rows before it. A run commits what comes of it, and a preview only shows it.

use super::error::WorkerError;
use super::landed::LandedRows;
use crate::domain::decide::{Decider, Decision, Facts};
use crate::domain::field::{Catalog, FieldId, Role};
use crate::domain::id::{OwnId, RecordId, RunId, WorkspaceCode};
use crate::domain::outcome::{Outcome, Severity};
use crate::domain::plan::{Duplicates, Plan};
use crate::domain::record::{Record, Stamp};
use crate::domain::rules::{Ended, ReadRow};
use crate::domain::values::email;
use crate::engine::apply::PlacedRow;
use crate::store::{Changed, KeyBytes, KeyKind, StoreError, keys};
use rustc_hash::FxHashMap;

/// Decides the rows of one plan, and carries out on the records what was decided.
pub struct Matcher<'a> {
    plan: &'a Plan,
    decider: Decider<'a>,
    run: RunId,
    landed: LandedRows,
    email: Option<FieldId>,
    phone: Option<FieldId>,
}

/// The records that a batch is about, as they stand after the rows decided so far.
#[derive(Default)]
pub struct Working {
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
pub type Key = (KeyKind, KeyBytes);

/// The keys of a row, and what the store knows of them.
#[derive(Default)]
pub struct RowKeys {
    own: Option<RecordId>,
    reference: Option<(Key, Vec<RecordId>)>,
    email: Option<(Key, Vec<RecordId>)>,
    phone: Option<(Key, Vec<RecordId>)>,
}

impl<'a> Matcher<'a> {
    /// `landed`: on which records earlier rows of the file landed; only asked where duplicates are not allowed.
    pub fn new(
        plan: &'a Plan,
        catalog: &'a Catalog,
        code: &'a WorkspaceCode,
        run: RunId,
        landed: LandedRows,
    ) -> Matcher<'a> {
        Matcher {
            plan,
            decider: Decider::new(plan, catalog, code),
            run,
            landed,
            email: catalog.role(Role::MatchEmail),
            phone: catalog.role(Role::MatchPhone),
        }
    }

    /// Asks the store for the keys of all rows at once, which costs one ordered pass instead of many looks.
    pub fn find_keys(
        &self,
        rows: &[PlacedRow],
        candidates: impl FnOnce(&[Key]) -> Result<Vec<Vec<RecordId>>, StoreError>,
    ) -> Result<Vec<RowKeys>, WorkerError> {
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
        let mut answers = candidates(&asked)?.into_iter();
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
    pub fn load(
        row_keys: &[RowKeys],
        records: impl FnOnce(&[RecordId]) -> Result<Vec<Record>, StoreError>,
    ) -> Result<Working, WorkerError> {
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
        for record in records(&ids)? {
            working.records.insert(record.id, Held { before: None, now: record });
        }
        Ok(working)
    }

    /// Decides a row and carries it out. What failed it is added to its issues. `next` is the number of the next new
    /// record.
    pub fn decide(
        &mut self,
        placed: &mut PlacedRow,
        keys: RowKeys,
        working: &mut Working,
        next: &mut RecordId,
        now_ms: i64,
    ) -> Outcome {
        let PlacedRow { row, ref mut read, .. } = *placed;
        let stamp = Stamp { run: self.run, row, at_ms: now_ms };
        let outcome = match read.ended.take() {
            Some(Ended::Skipped(reason)) => Outcome::Skipped(reason),
            Some(Ended::Failed) => Outcome::Failed,
            None => {
                let facts = self.facts(read, &keys, working);
                let decision = self.decider.decide(read, &facts, |record| self.landed.row(record));
                self.carry_out(decision, read, keys, working, next, stamp)
            }
        };
        if let Some(record) = outcome.record()
            && self.plan.duplicates != Duplicates::Allowed
        {
            self.landed.note(record, row);
        }
        debug_assert_eq!(outcome == Outcome::Failed, read.issues.iter().any(|i| i.severity == Severity::Error));
        outcome
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
        read: &ReadRow,
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
        after.updated = stamp;
        let before = std::mem::replace(&mut held.now, after);
        if !is_new && held.before.is_none() {
            held.before = Some(before);
        }
        working.add_keys(keys, id);
        Outcome::Updated(id)
    }
}

impl Working {
    /// The new records in the order of their numbers, and those that were changed, as the last row left them.
    pub fn into_changes(mut self) -> (Vec<Record>, Vec<Changed>) {
        let mut created = Vec::with_capacity(self.created.len());
        for id in &self.created {
            created.extend(self.records.remove(id).map(|held| held.now));
        }
        let mut changed: Vec<Changed> = self
            .records
            .into_values()
            .filter_map(|held| Some(Changed { before: held.before?, after: held.now }))
            .collect();
        changed.sort_by_key(|changed| changed.after.id);
        (created, changed)
    }

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
