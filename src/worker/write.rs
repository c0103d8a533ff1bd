//! The one writer of a run: batches of read rows are matched, decided in the order of the file, and committed, each in
//! one transaction with the run's position.

use super::error::WorkerError;
use super::landed::LandedRows;
use super::matching::{Key, Matcher, RowKeys, Working};
use super::packed::{Body, PackedRow, PackedRows, Packer, Unmet};
use crate::domain::dialect::Position;
use crate::domain::field::{Catalog, FieldId, Role};
use crate::domain::id::{RecordId, RunId, WorkspaceCode};
use crate::domain::issue::Note;
use crate::domain::outcome::{LedgerRow, Outcome, SkipReason};
use crate::domain::plan::{Duplicates, Plan};
use crate::domain::record::Stamp;
use crate::domain::run::Mode;
use crate::domain::settings::MatchOn;
use crate::store::{self, Batch, Draft, EditPlace, Edits, LastBlock, Matched, RunWriter, Standing, StoreError};

/// So many rows ahead the filter of known keys is brought into the cache.
const AHEAD: usize = 8;

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
    held_many: bool,
}

/// What the committed records say about a row.
enum Known {
    /// None of them holds a key of it.
    Nothing,
    /// The row is about this one, which holds its reference, email and phone.
    Record { id: RecordId, does: Does },
    /// The index named candidates: the place of its keys among those of the batch.
    Asked(usize),
}

/// What a row does to the record that it is about, as far as their bytes tell.
#[derive(Clone, Copy)]
enum Does {
    Nothing,
    /// This change was prepared.
    Edit(EditPlace),
    /// It has to be applied.
    Other,
}

/// A row of which the index is asked.
struct Open<'d> {
    /// Its place among the rows of the batch.
    at: usize,
    /// Its number.
    row: u64,
    keys: RowKeys,
    draft: Draft<'d>,
    /// Its draft says all of it, and the record of its reference may tell its outcome.
    may_compare: bool,
}

/// The record that the next row is probably about: the one after the last. A file that comes again needs no index then.
#[derive(Default)]
struct Guess {
    next: Option<RecordId>,
    /// Rows in a row that were about another record.
    misses: u32,
    /// The last row was about the guessed record: the next is asked before the filter is.
    is_right: bool,
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
            // Nothing is known about them yet.
            held_many: true,
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

    /// Whether many rows of the last batch were held as they are, not packed: then the next should be smaller.
    pub fn held_many(&self) -> bool {
        self.held_many
    }

    /// Decides and commits these rows, which follow on those before.
    pub fn write(&mut self, packed: &mut [PackedRows], now_ms: i64) -> Result<(), WorkerError> {
        let Some(&Position { offset, line, row, tally }) = packed.last().map(|rows| &rows.end) else { return Ok(()) };
        let first_new = self.store.next_record();
        self.working.restart(first_new);
        self.batch.created.restart(first_new);
        self.batch.rows.clear();
        self.batch.edits.clear();
        let is_whole = |row: &&PackedRow| matches!(row.body, Body::Whole(_));
        let wholes = packed.iter().flat_map(|packed| &packed.rows).filter(is_whole).count();
        let (known, mut asked) = self.find(packed, now_ms)?;
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
        let held = self.batch.changed.len() + wholes;
        self.held_many = held * 4 > self.batch.rows.len();
        self.store.commit(&mut self.batch)?;
        Ok(())
    }

    /// What the committed records say about each row, with the candidates of those that stay open.
    fn find(&mut self, packed: &[PackedRows], now_ms: i64) -> Result<(Vec<Known>, Vec<RowKeys>), StoreError> {
        let RowWriter { store, guess, matched, in_use, shortcuts, plan, batch, .. } = self;
        let may_compare = *shortcuts && plan.mode != Mode::Create;
        store.look(|store| {
            let mut known = Vec::with_capacity(packed.iter().map(|rows| rows.rows.len()).sum());
            let mut open: Vec<Open<'_>> = Vec::new();
            let (mut block, edits) = (LastBlock::default(), &mut batch.edits);
            for rows in packed {
                for (place, row) in rows.rows.iter().enumerate() {
                    if place + AHEAD < rows.rows.len() && !guess.is_right {
                        let ahead = rows.draft(place + AHEAD).keys().matched(*in_use);
                        ahead.into_iter().flatten().for_each(|key| store.prefetch(key));
                    }
                    let draft = rows.draft(place);
                    let is_drafted = matches!(row.body, Body::Drafted { .. });
                    let may_guess = may_compare && is_drafted;
                    // The filter needs a look into far memory, the guess none.
                    let is_first = may_guess && guess.is_right;
                    let mut guessed = None;
                    if is_first {
                        guessed = guess.of(store, draft, matched, &mut block)?;
                    }
                    let may_be_known = match row.body {
                        _ if guessed.is_some() => true,
                        Body::Ended(_) => false,
                        Body::Whole(_) => true,
                        Body::Drafted { .. } => {
                            draft.keys().matched(*in_use).into_iter().flatten().any(|key| store.may_be_known(key))
                        }
                    };
                    if !may_be_known {
                        known.push(Known::Nothing);
                        continue;
                    }
                    if may_guess && !is_first {
                        guessed = guess.of(store, draft, matched, &mut block)?;
                    }
                    if let Some((id, is_same)) = guessed {
                        let does = match is_same {
                            true => Does::Nothing,
                            false => prepare(store, id, (draft, row.row), now_ms, &mut block, edits)?,
                        };
                        known.push(Known::Record { id, does });
                        continue;
                    }
                    open.push(Open {
                        at: known.len(),
                        row: row.row,
                        keys: RowKeys::of(&row.body, draft.keys(), *in_use),
                        draft,
                        may_compare: may_guess,
                    });
                    known.push(Known::Nothing);
                }
            }
            ask_references(store, &mut open, matched, now_ms, &mut block, edits, &mut known)?;
            let mut questions = Vec::new();
            open.iter().for_each(|row| row.keys.put_questions(row.draft, &mut questions));
            let mut answers = store.candidates(&questions)?.into_iter();
            let mut asked = Vec::with_capacity(open.len());
            for Open { at, mut keys, .. } in open {
                keys.take_answers(&mut answers);
                if !keys.names_nothing() {
                    known[at] = Known::Asked(asked.len());
                    asked.push(keys);
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
                Known::Nothing | Known::Record { does: Does::Nothing | Does::Edit(_), .. } => {}
                Known::Record { id, does: Does::Other } => ids.push(*id),
                Known::Asked(place) => asked[*place].put_candidates(&mut ids),
            }
        }
        ids.retain(|id| !self.batch.edits.has(*id));
        self.working.read(ids, |ids| self.store.records(ids))
    }

    /// Whether a row of this batch changed or created the record.
    fn is_changed(&self, id: RecordId) -> bool {
        self.working.is_changed(id) || self.batch.edits.has(id)
    }

    /// The outcome of a row that plainly creates a record, changes one, finds none or changes nothing: no record is
    /// decoded for it.
    fn decide_plain(&mut self, rows: &PackedRows, place: usize, known: &Known, now_ms: i64) -> Option<Outcome> {
        let packed = &rows.rows[place];
        let Body::Drafted { unmet, .. } = packed.body else { return None };
        let outcome = match known {
            _ if !self.shortcuts => return None,
            Known::Nothing => {
                let draft = rows.draft(place);
                let keys = draft.keys().matched(self.in_use);
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
            Known::Record { id, does: Does::Nothing } if !self.is_changed(*id) => Outcome::Unchanged(*id),
            Known::Record { id, does: Does::Edit(place) } if !self.is_changed(*id) => {
                // It held the row's keys before, so the index leads later rows to it: they need not be given.
                self.batch.edits.accept(*place);
                self.working.forget(*id);
                Outcome::Updated(*id)
            }
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
            if working.is_changed(id) || batch.edits.has(id) {
                // An earlier row of the batch may have taken a key from it: who else holds one?
                let mut questions: Vec<Key> = Vec::new();
                questions.extend(keys.reference_question(rows.draft(place)));
                keys.put_questions(rows.draft(place), &mut questions);
                let mut answers = store.candidates(&questions)?.into_iter();
                keys.take_reference_answer(answers.next().unwrap_or_default());
                keys.take_answers(&mut answers);
            } else {
                sure = Some(id);
            }
        }
        let mut ids: Vec<RecordId> = sure.into_iter().collect();
        if sure.is_none() {
            keys.put_candidates(&mut ids);
            working.put_given(&keys, &mut ids);
        }
        for id in &ids {
            if let Some(changed) = store.take_edit(*id, &mut batch.edits)? {
                working.put_changed(changed);
            }
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

/// Asks for the references of all rows in one ordered pass, and compares the records that hold them in the order of
/// their numbers. The rows of which that tells enough are taken out of `open`: email and phone need no look.
fn ask_references(
    store: &RunWriter<'_>,
    open: &mut Vec<Open<'_>>,
    matched: &Matched,
    now_ms: i64,
    block: &mut LastBlock,
    edits: &mut Edits,
    known: &mut [Known],
) -> Result<(), StoreError> {
    let (mut questions, mut askers) = (Vec::new(), Vec::new());
    for (place, row) in open.iter().enumerate() {
        if let Some(question) = row.keys.reference_question(row.draft) {
            questions.push(question);
            askers.push(place);
        }
    }
    let mut looks = Vec::new();
    for (place, candidates) in askers.into_iter().zip(store.candidates(&questions)?) {
        if open[place].may_compare {
            looks.extend(candidates.iter().map(|id| (*id, place)));
        }
        open[place].keys.take_reference_answer(candidates);
    }
    looks.sort_unstable();
    for (id, place) in looks {
        let Open { at, row, draft, .. } = open[place];
        let does = match store.standing(id, draft, matched, block)? {
            Some(Standing::Same) => Does::Nothing,
            Some(Standing::Keys) => prepare(store, id, (draft, row), now_ms, block, edits)?,
            Some(Standing::Reference | Standing::Other) | None => continue,
        };
        known[at] = Known::Record { id, does };
    }
    open.retain(|row| matches!(known[row.at], Known::Nothing));
    Ok(())
}

/// Prepares the change of a record that holds the row's keys, where their bytes tell it.
fn prepare(
    store: &RunWriter<'_>,
    id: RecordId,
    row: (Draft<'_>, u64),
    now_ms: i64,
    block: &mut LastBlock,
    edits: &mut Edits,
) -> Result<Does, StoreError> {
    let prepared = store.prepare_edit(id, row, now_ms, block, edits)?;
    Ok(prepared.map_or(Does::Other, Does::Edit))
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
        if !self.is_right && !store.may_be_known(reference) {
            return Ok(None);
        }
        let was_right = self.is_right;
        let is_its = |standing: &Standing| *standing != Standing::Other;
        let mut found = None;
        if let Some(id) = self.next {
            found = store.standing(id, draft, matched, block)?.filter(is_its).map(|standing| (id, standing));
        }
        self.is_right = found.is_some();
        if found.is_some() {
            self.misses = 0;
        } else if was_right && !store.may_be_known(reference) {
            // It is about no record, so the guess was not wrong.
            return Ok(None);
        } else {
            self.misses = self.misses.saturating_add(1);
            // Rarer and rarer, so that a file in another order than the records does not pay for it.
            if self.misses.is_power_of_two() {
                for id in store.holders_of_reference(draft)? {
                    let standing = store.standing(id, draft, matched, block)?.filter(is_its);
                    found = found.or(standing.map(|standing| (id, standing)));
                }
            }
        }
        let Some((id, standing)) = found else { return Ok(None) };
        self.next = Some(RecordId(id.0 + 1));
        Ok(match standing {
            Standing::Same => Some((id, true)),
            Standing::Keys => Some((id, false)),
            Standing::Reference | Standing::Other => None,
        })
    }
}

/// Whether part of the file could not be read at a row with these notes.
pub fn is_lost(notes: &[(Option<FieldId>, Note)]) -> bool {
    notes.iter().any(|(_, note)| *note == Note::PartUnreadable)
}
