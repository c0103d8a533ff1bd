//! The one writer of a run: batches of read rows are matched, decided in the order of the file, and committed, each in
//! one transaction with the run's position.

use super::error::WorkerError;
use super::landed::LandedRows;
use super::matching::{Key, Matcher, RowKeys, Working};
use super::packed::{Body, PackedRows, Packer, Unmet};
use crate::domain::dialect::Position;
use crate::domain::field::{Catalog, FieldId, Role};
use crate::domain::id::{RecordId, RunId, WorkspaceCode};
use crate::domain::issue::Note;
use crate::domain::outcome::{LedgerRow, Outcome, SkipReason};
use crate::domain::plan::{Duplicates, Plan};
use crate::domain::record::Stamp;
use crate::domain::run::Mode;
use crate::domain::settings::MatchOn;
use crate::store::{self, Batch, Draft, KeyHash, LastBlock, Matched, RunWriter, Standing, StoreError};

/// Decides and commits the rows of one run.
pub struct RowWriter<'a> {
    plan: &'a Plan,
    matcher: Matcher<'a>,
    packer: Packer<'a>,
    run: RunId,
    store: RunWriter<'a>,
    first_lost: Option<u64>,
    in_use: MatchOn,
    matched: Matched,
    shortcuts: bool,
    guess: Guess,
    working: Working,
    batch: Batch,
}

/// What the committed records say about a row.
enum Known {
    /// None of them holds a key of it.
    Nothing,
    /// The row is about this one, which holds its reference, email and phone.
    Record { id: RecordId, is_same: bool },
    /// The index named candidates: the place of its keys among those of the batch.
    Asked(usize),
}

/// The record that the next row is probably about: the one after the last. A file that comes again needs no index then.
#[derive(Default)]
struct Guess {
    next: Option<RecordId>,
    /// Rows in a row that were about another record.
    misses: u32,
}

impl<'a> RowWriter<'a> {
    /// Without `shortcuts` every row goes the general way, with the same result.
    pub fn new(
        plan: &'a Plan,
        catalog: &'a Catalog,
        code: &'a WorkspaceCode,
        store: RunWriter<'a>,
        first_lost: Option<u64>,
        shortcuts: bool,
    ) -> Result<RowWriter<'a>, WorkerError> {
        let mut landed = LandedRows::default();
        if plan.duplicates != Duplicates::Allowed {
            for pair in store.landed_rows() {
                let (record, row) = pair?;
                landed.note(record, row);
            }
        }
        let in_use = plan.duplicates.keys();
        Ok(RowWriter {
            plan,
            matcher: Matcher::new(plan, catalog, code, store.run(), landed),
            packer: Packer::new(plan, catalog, code),
            run: store.run(),
            store,
            first_lost,
            in_use,
            matched: Matched {
                email: catalog.role(Role::MatchEmail).filter(|_| in_use.email),
                phone: catalog.role(Role::MatchPhone).filter(|_| in_use.phone),
            },
            shortcuts,
            guess: Guess::default(),
            working: Working::default(),
            batch: Batch::default(),
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
    pub fn write(&mut self, packed: &mut [PackedRows], now_ms: i64) -> Result<(), WorkerError> {
        let Some(&Position { offset, line, row, tally }) = packed.last().map(|rows| &rows.end) else { return Ok(()) };
        let first_new = self.store.next_record();
        self.working.restart(first_new);
        self.batch.created.restart(first_new);
        self.batch.rows.clear();
        let (known, mut asked) = self.find(packed)?;
        let mut known = known.into_iter();
        for rows in packed {
            let known: Vec<Known> = known.by_ref().take(rows.rows.len()).collect();
            self.load(&known, &asked)?;
            for (place, known) in known.into_iter().enumerate() {
                let reference_hash = rows.draft(place).keys().reference_hash;
                let outcome = match self.decide_plain(rows, place, &known, now_ms) {
                    Some(outcome) => outcome,
                    None => self.decide(rows, place, known, &mut asked, now_ms)?,
                };
                let packed = &mut rows.rows[place];
                let (issues, notes) = (std::mem::take(&mut packed.issues), std::mem::take(&mut packed.notes));
                if is_lost(&notes) {
                    self.first_lost.get_or_insert(packed.row);
                }
                let (row, line, offset) = (packed.row, packed.line, packed.offset);
                self.batch.rows.push(LedgerRow { row, line, offset, outcome, issues, notes, reference_hash });
            }
            self.working.forget_unchanged();
        }
        let (new, changed) = self.working.take_changes();
        new.into_iter().for_each(|record| self.batch.created.put(record));
        self.batch.changed = changed;
        self.batch.position = store::Position { offset, line, rows: row };
        (self.batch.tally, self.batch.now_ms) = (tally, now_ms);
        self.store.commit(&mut self.batch)?;
        Ok(())
    }

    /// What the committed records say about each row, with the candidates of those that had to be asked for.
    fn find(&mut self, packed: &[PackedRows]) -> Result<(Vec<Known>, Vec<RowKeys>), StoreError> {
        let RowWriter { store, guess, matched, in_use, shortcuts, plan, .. } = self;
        let may_guess = *shortcuts && plan.mode != Mode::Create;
        store.look(|store| {
            let mut known = Vec::with_capacity(packed.iter().map(|rows| rows.rows.len()).sum());
            let (mut asked, mut questions) = (Vec::new(), Vec::new());
            let mut block = LastBlock::default();
            for rows in packed {
                for (place, row) in rows.rows.iter().enumerate() {
                    let draft = rows.draft(place);
                    let is_drafted = matches!(row.body, Body::Drafted { .. });
                    if may_guess
                        && is_drafted
                        && let Some((id, is_same)) = guess.of(store, draft, matched, &mut block)?
                    {
                        known.push(Known::Record { id, is_same });
                        continue;
                    }
                    let is_new = !matches!(row.body, Body::Whole(_))
                        && !keys_of(draft, *in_use).into_iter().flatten().any(|key| store.may_be_known(key));
                    if is_new || matches!(row.body, Body::Ended(_)) {
                        known.push(Known::Nothing);
                        continue;
                    }
                    let keys = RowKeys::of(&row.body, draft.keys(), *in_use);
                    keys.put_questions(draft, &mut questions);
                    known.push(Known::Asked(asked.len()));
                    asked.push(keys);
                }
            }
            let mut answers = store.candidates(&questions)?.into_iter();
            asked.iter_mut().for_each(|keys| keys.take_answers(&mut answers));
            for known in &mut known {
                if let Known::Asked(place) = known
                    && asked[*place].names_nothing()
                {
                    *known = Known::Nothing;
                }
            }
            Ok((known, asked))
        })
    }

    /// Reads every committed record that one of these rows may change.
    fn load(&mut self, known: &[Known], asked: &[RowKeys]) -> Result<(), WorkerError> {
        let mut ids = Vec::new();
        for known in known {
            match known {
                Known::Nothing | Known::Record { is_same: true, .. } => {}
                Known::Record { id, is_same: false } => ids.push(*id),
                Known::Asked(place) => asked[*place].put_candidates(&mut ids),
            }
        }
        self.working.read(ids, |ids| self.store.records(ids))
    }

    /// The outcome of a row that plainly creates a record, finds none or changes nothing: no record is decoded for it.
    fn decide_plain(&mut self, rows: &PackedRows, place: usize, known: &Known, now_ms: i64) -> Option<Outcome> {
        let packed = &rows.rows[place];
        let Body::Drafted { unmet, .. } = packed.body else { return None };
        let outcome = match known {
            _ if !self.shortcuts => return None,
            Known::Nothing => {
                let draft = rows.draft(place);
                let keys = keys_of(draft, self.in_use);
                if self.working.was_given(&keys) {
                    return None;
                }
                match unmet {
                    Unmet::Created => {
                        let stamp = Stamp { run: self.run, row: packed.row, at_ms: now_ms };
                        let id = self.batch.created.push_draft(draft, &stamp);
                        self.working.give(keys.into_iter().flatten(), id);
                        Outcome::Created(id)
                    }
                    Unmet::NotFound => Outcome::Skipped(SkipReason::NotFound),
                    Unmet::Other => return None,
                }
            }
            Known::Record { id, is_same: true } if !self.working.is_changed(*id) => Outcome::Unchanged(*id),
            Known::Record { .. } | Known::Asked(_) => return None,
        };
        self.matcher.note_landed(&outcome, packed.row);
        Some(outcome)
    }

    /// The outcome of any row.
    fn decide(
        &mut self,
        rows: &mut PackedRows,
        place: usize,
        known: Known,
        asked: &mut [RowKeys],
        now_ms: i64,
    ) -> Result<Outcome, WorkerError> {
        let RowWriter { store, working, batch, .. } = self;
        let mut keys = match known {
            Known::Asked(place) => std::mem::take(&mut asked[place]),
            _ => RowKeys::of(&rows.rows[place].body, rows.draft(place).keys(), self.in_use),
        };
        let mut sure = None;
        if let Known::Record { id, .. } = known {
            if working.is_changed(id) {
                // An earlier row of the batch may have taken a key from it: who else holds one?
                let mut questions: Vec<Key> = Vec::new();
                keys.put_questions(rows.draft(place), &mut questions);
                keys.take_answers(&mut store.candidates(&questions)?.into_iter());
            } else {
                sure = Some(id);
            }
        }
        let mut ids: Vec<RecordId> = sure.into_iter().collect();
        if sure.is_none() {
            keys.put_candidates(&mut ids);
            working.put_given(&keys, &mut ids);
        }
        working.read(ids, |ids| {
            let (old, new) = ids.split_at(ids.partition_point(|id| *id < batch.created.first()));
            let mut records = store.records(old)?;
            records.extend(new.iter().filter_map(|id| batch.created.get(*id)));
            Ok(records)
        })?;
        let placed = self.packer.unpack(rows, place);
        let mut placed = placed.ok_or(WorkerError::Unpacked { run: self.run, row: rows.rows[place].row })?;
        let mut next = batch.created.next();
        let outcome = match sure {
            Some(id) => self.matcher.merge(&mut placed, id, keys, working, now_ms),
            None => self.matcher.decide(&mut placed, keys, working, &mut next, now_ms),
        };
        if let Outcome::Created(_) = outcome {
            batch.created.reserve();
        }
        let packed = &mut rows.rows[place];
        (packed.issues, packed.notes) = (placed.read.issues, placed.read.notes);
        Ok(outcome)
    }
}

impl Guess {
    /// The record that holds the row's reference, email and phone, when it is the guessed one, and whether the row
    /// changes nothing of it.
    fn of(
        &mut self,
        store: &RunWriter<'_>,
        draft: Draft<'_>,
        matched: &Matched,
        block: &mut LastBlock,
    ) -> Result<Option<(RecordId, bool)>, StoreError> {
        let Some(reference) = draft.keys().reference else { return Ok(None) };
        if !store.may_be_known(reference) {
            return Ok(None);
        }
        let mut standing = None;
        if let Some(id) = self.next {
            standing = store.standing(id, draft, matched, block)?.map(|standing| (id, standing));
        }
        if !matches!(standing, Some((_, standing)) if standing != Standing::Other) {
            self.misses += 1;
            // Rarer and rarer, so that a file in another order than the records does not pay for it.
            if !self.misses.is_power_of_two() {
                return Ok(None);
            }
            standing = None;
            for id in store.holders_of_reference(draft)? {
                let found = store.standing(id, draft, matched, block)?;
                standing = standing.or(found.filter(|found| *found != Standing::Other).map(|found| (id, found)));
            }
        }
        let Some((id, standing)) = standing else { return Ok(None) };
        (self.next, self.misses) = (Some(RecordId(id.0 + 1)), 0);
        Ok(match standing {
            Standing::Same => Some((id, true)),
            Standing::Keys => Some((id, false)),
            Standing::Reference | Standing::Other => None,
        })
    }
}

/// The keys that a row is matched by.
fn keys_of(draft: Draft<'_>, in_use: MatchOn) -> [Option<KeyHash>; 3] {
    let keys = draft.keys();
    let email = if in_use.email { keys.email_key() } else { None };
    let phone = if in_use.phone { keys.phone_key() } else { None };
    [keys.reference, email, phone]
}

/// Whether part of the file could not be read at a row with these notes.
pub fn is_lost(notes: &[(Option<FieldId>, Note)]) -> bool {
    notes.iter().any(|(_, note)| *note == Note::PartUnreadable)
}
