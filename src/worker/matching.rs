//! What a row does to the records: its keys looked up, decided in the order of the file, carried out on records as they
//! stand after the rows before it. A run commits what comes of it, and a preview only shows it.

use super::error::WorkerError;
use super::landed::LandedRows;
use super::packed::Body;
use crate::domain::decide::{Decider, Decision, Facts};
use crate::domain::field::{Catalog, FieldId, Role};
use crate::domain::id::{OwnId, RecordId, RunId, WorkspaceCode};
use crate::domain::issue::Note;
use crate::domain::outcome::{Outcome, Severity};
use crate::domain::plan::{Duplicates, Plan};
use crate::domain::record::{Record, Stamp};
use crate::domain::rules::{Change, Ended, ReadRow};
use crate::domain::settings::MatchOn;
use crate::domain::values::email;
use crate::engine::apply::PlacedRow;
use crate::store::{Changed, Draft, DraftKeys, KeyBytes, KeyHash, KeyKind, StoreError, keys};
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

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
    /// Keys that rows of this batch gave to records; equal hashes of different keys are harmless, since a candidate
    /// counts only when the record's own field equals the key.
    added: FxHashMap<KeyHash, RecordId>,
    /// The further records of keys that were given to several.
    added_again: FxHashMap<KeyHash, Vec<RecordId>>,
    /// The number of the first record that the batch creates.
    first_new: Option<RecordId>,
}

struct Held {
    /// As it was before the batch; none for a created record, or while nothing changed.
    before: Option<Record>,
    now: Record,
    /// A row of the batch created or changed it.
    is_changed: bool,
}

impl Held {
    fn read(now: Record) -> Held {
        Held { before: None, now, is_changed: false }
    }
}

/// A key as the store knows it.
pub type Key = (KeyKind, KeyBytes);

/// The keys of a row, and what the store knows of them.
#[derive(Debug, Default)]
pub struct RowKeys {
    own: Option<RecordId>,
    reference: Option<Asked>,
    email: Option<Asked>,
    phone: Option<Asked>,
}

#[derive(Debug)]
struct Asked {
    key: KeyHash,
    candidates: Vec<RecordId>,
}

impl RowKeys {
    /// The keys of a packed row that rows are matched by, before the store was asked.
    pub fn of(body: &Body, keys: &DraftKeys, in_use: MatchOn) -> RowKeys {
        let own = match body {
            Body::Ended(_) => return RowKeys::default(),
            Body::Whole(read) => own_record(read),
            Body::Drafted { .. } => None,
        };
        let ask = |key: Option<KeyHash>| key.map(|key| Asked { key, candidates: Vec::new() });
        let [reference, email, phone] = keys.matched(in_use).map(ask);
        RowKeys { own, reference, email, phone }
    }

    fn asked(&self) -> impl Iterator<Item = &Asked> {
        [&self.reference, &self.email, &self.phone].into_iter().flatten()
    }

    /// The reference as the store is asked for it.
    pub fn reference_question(&self, draft: Draft<'_>) -> Option<Key> {
        self.reference.as_ref()?;
        Some((KeyKind::Reference, keys::reference_key(draft.source(), draft.reference()?)))
    }

    pub fn take_reference_answer(&mut self, candidates: Vec<RecordId>) {
        if let Some(asked) = &mut self.reference {
            asked.candidates = candidates;
        }
    }

    /// Adds its email and phone as the store is asked for them.
    pub fn put_questions(&self, draft: Draft<'_>, questions: &mut Vec<Key>) {
        let keys = draft.keys();
        let ours = [(&self.email, KeyKind::Email, keys.email), (&self.phone, KeyKind::Phone, keys.phone)];
        let ours = ours.into_iter().filter(|(asked, ..)| asked.is_some());
        questions.extend(ours.filter_map(|(_, kind, key)| Some((kind, key?.hash.to_be_bytes().to_vec()))));
    }

    /// Takes the answers about its email and phone, in the order of the questions.
    pub fn take_answers(&mut self, answers: &mut impl Iterator<Item = Vec<RecordId>>) {
        for asked in [&mut self.email, &mut self.phone].into_iter().flatten() {
            asked.candidates = answers.next().unwrap_or_default();
        }
    }

    /// Whether the store knows of no record that the row may be about.
    pub fn names_nothing(&self) -> bool {
        self.own.is_none() && self.asked().all(|asked| asked.candidates.is_empty())
    }

    /// Adds the stored records that it may be about.
    pub fn put_candidates(&self, ids: &mut Vec<RecordId>) {
        ids.extend(self.own);
        self.asked().for_each(|asked| ids.extend(&asked.candidates));
    }
}

fn own_record(read: &ReadRow) -> Option<RecordId> {
    match read.own_id {
        Some((_, OwnId::Ours(record))) => Some(record),
        _ => None,
    }
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
        let mut questions = Vec::new();
        let mut all: Vec<RowKeys> = Vec::with_capacity(rows.len());
        for PlacedRow { read, .. } in rows {
            let mut row_keys = RowKeys::default();
            if read.ended.is_none() {
                let mut ask = |kind: KeyKind, bytes: KeyBytes| {
                    let key = KeyHash::new(kind, &bytes);
                    questions.push((kind, bytes));
                    Some(Asked { key, candidates: Vec::new() })
                };
                row_keys.own = own_record(read);
                if let Some(reference) = &read.reference {
                    row_keys.reference = ask(KeyKind::Reference, keys::reference_key(self.plan.source, reference));
                }
                if let Some(email) = read.email.as_ref().filter(|_| in_use.email) {
                    row_keys.email = ask(KeyKind::Email, keys::email_key(email));
                }
                if let Some(phone) = read.phone.as_ref().filter(|_| in_use.phone) {
                    row_keys.phone = ask(KeyKind::Phone, keys::phone_key(phone));
                }
            }
            all.push(row_keys);
        }
        let mut answers = candidates(&questions)?.into_iter();
        for row_keys in &mut all {
            if let Some(asked) = &mut row_keys.reference {
                asked.candidates = answers.next().unwrap_or_default();
            }
            row_keys.take_answers(&mut answers);
        }
        Ok(all)
    }

    /// Reads every record that a row of the batch may be about.
    pub fn load(
        row_keys: &[RowKeys],
        records: impl FnOnce(&[RecordId]) -> Result<Vec<Record>, StoreError>,
    ) -> Result<Working, WorkerError> {
        let mut ids: Vec<RecordId> = Vec::new();
        row_keys.iter().for_each(|keys| keys.put_candidates(&mut ids));
        let mut working = Working::default();
        working.read(ids, records)?;
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
        self.note_landed(&outcome, row);
        debug_assert_eq!(outcome == Outcome::Failed, read.issues.iter().any(|i| i.severity == Severity::Error));
        outcome
    }

    /// Carries a row out on the record that it is known to be about, and that nothing speaks against.
    pub fn merge(
        &mut self,
        placed: &mut PlacedRow,
        id: RecordId,
        keys: RowKeys,
        working: &mut Working,
        now_ms: i64,
    ) -> Outcome {
        let PlacedRow { row, ref mut read, .. } = *placed;
        let stamp = Stamp { run: self.run, row, at_ms: now_ms };
        let outcome = self.carry_out(Decision::Merge(id), read, keys, working, &mut RecordId(0), stamp);
        self.note_landed(&outcome, row);
        outcome
    }

    /// Remembers on which record a row landed, where that is asked.
    pub fn note_landed(&mut self, outcome: &Outcome, row: u64) {
        if let Some(record) = outcome.record()
            && self.plan.duplicates != Duplicates::Allowed
        {
            self.landed.note(record, row);
        }
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
                working.records.insert(id, Held { before: None, now: record, is_changed: true });
                working.give(keys.asked().map(|asked| asked.key), id);
                return Outcome::Created(id);
            }
            Decision::Merge(id) => id,
        };
        let Some(held) = working.records.get_mut(&id) else { return Outcome::Failed };
        let mut after = held.now.clone();
        if !self.decider.apply(read, &mut after) {
            return Outcome::Unchanged(id);
        }
        note_cleared(read, &held.now, &after);
        after.updated = stamp;
        let before = std::mem::replace(&mut held.now, after);
        // A record that the batch created is none that was there before it.
        if !held.is_changed && working.first_new.is_none_or(|first| id < first) {
            held.before = Some(before);
        }
        held.is_changed = true;
        working.give(keys.asked().map(|asked| asked.key), id);
        Outcome::Updated(id)
    }
}

impl Working {
    /// A batch whose new records begin with this number.
    pub fn restart(&mut self, first_new: RecordId) {
        self.records.clear();
        self.added.clear();
        self.added_again.clear();
        self.first_new = Some(first_new);
    }

    /// Reads those of these records that it does not hold yet.
    pub fn read(
        &mut self,
        mut ids: Vec<RecordId>,
        records: impl FnOnce(&[RecordId]) -> Result<Vec<Record>, StoreError>,
    ) -> Result<(), WorkerError> {
        ids.retain(|id| !self.records.contains_key(id));
        ids.sort_unstable();
        ids.dedup();
        if !ids.is_empty() {
            for record in records(&ids)? {
                self.records.insert(record.id, Held::read(record));
            }
        }
        Ok(())
    }

    /// Takes up a record that a row of this batch changed already.
    pub fn put_changed(&mut self, Changed { before, after }: Changed) {
        self.records.insert(after.id, Held { before: Some(before), now: after, is_changed: true });
    }

    /// Forgets a record that is changed elsewhere.
    pub fn forget(&mut self, id: RecordId) {
        self.records.remove(&id);
    }

    /// Whether a row of this batch gave one of these keys to a record.
    pub fn was_given(&self, keys: &[Option<KeyHash>; 3]) -> bool {
        keys.iter().flatten().any(|key| self.added.contains_key(key))
    }

    /// The record now holds these keys.
    pub fn give(&mut self, keys: impl Iterator<Item = KeyHash>, id: RecordId) {
        for key in keys {
            match self.added.entry(key) {
                Entry::Vacant(place) => {
                    place.insert(id);
                }
                Entry::Occupied(first) if *first.get() == id => {}
                Entry::Occupied(_) => {
                    let more = self.added_again.entry(key).or_default();
                    if more.last() != Some(&id) {
                        more.push(id);
                    }
                }
            }
        }
    }

    /// The records of this batch to which a row of it gave one of these keys.
    pub fn put_given(&self, keys: &RowKeys, ids: &mut Vec<RecordId>) {
        keys.asked().for_each(|asked| ids.extend(self.given(asked.key)));
    }

    fn given(&self, key: KeyHash) -> impl Iterator<Item = RecordId> {
        let more = self.added_again.get(&key).map_or(&[][..], Vec::as_slice);
        self.added.get(&key).into_iter().chain(more).copied()
    }

    /// Whether a row of this batch changed or created the record.
    pub fn is_changed(&self, id: RecordId) -> bool {
        self.records.get(&id).is_some_and(|held| held.is_changed)
    }

    /// Forgets the records that no row of the batch has changed so far.
    pub fn forget_unchanged(&mut self) {
        self.records.retain(|_, held| held.is_changed);
    }

    /// The new records that were created or changed here, and the changed ones that were there before, in the order of
    /// their numbers: as the last row left them.
    pub fn take_changes(&mut self) -> (Vec<Record>, Vec<Changed>) {
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        for (_, held) in self.records.drain().filter(|(_, held)| held.is_changed) {
            match held.before {
                Some(before) => changed.push(Changed { before, after: held.now }),
                None => new.push(held.now),
            }
        }
        changed.sort_by_key(|changed| changed.after.id);
        (new, changed)
    }

    fn record(&self, id: RecordId) -> Option<&Record> {
        self.records.get(&id).map(|held| &held.now)
    }

    /// The records that hold a key, in the order of their numbers.
    fn holders(&self, asked: Option<&Asked>, holds: impl Fn(&Record) -> bool) -> Vec<&Record> {
        let Some(Asked { key, candidates }) = asked else { return Vec::new() };
        let mut ids: Vec<RecordId> = candidates.iter().copied().chain(self.given(*key)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| self.record(id)).filter(|record| holds(record)).collect()
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
