//! Reading the ledger: what became of every row of a run, in the order of rows, a block at a time.

use super::codec::{self, Damaged, Reader};
use super::db::Db;
use super::error::{Fault, StoreError};
use super::ledger_codec::{self, PackedRow, RowCode};
use super::ledger_seek::{First, last_told, next_told};
use super::ledger_write::row_id;
use super::row_references;
use super::workspace::Store;
use crate::domain::id::{RecordId, RunId, SourceId};
use crate::domain::outcome::{Counts, LedgerRow, OutcomeKind, RowsOnly, SkipReason};
use crate::domain::record::Record;
use crate::domain::run::{RunKind, SkipCount};
use rusqlite::{Connection, OptionalExtension};
use rustc_hash::FxHashMap;
use std::cmp::Reverse;
use std::collections::VecDeque;

/// Rows with something to say, read at once.
const PAGE: i64 = 512;

/// The rows with something to say in a range of numbers.
const EXCEPTIONS: &str = "SELECT id, data FROM exception WHERE id >= ?1 AND id < ?2 ORDER BY id";

/// Whether a row may be one of these, as far as its code byte says.
pub(super) fn may_take(only: &RowsOnly, code: RowCode) -> Result<bool, Damaged> {
    Ok(match only {
        RowsOnly::Kind(kind) => code.kind()? == *kind,
        RowsOnly::Warned => code.is_warned(),
        RowsOnly::Noted => code.is_noted(),
        RowsOnly::Issue { .. } => code.is_exception(),
        RowsOnly::SkippedFor(_) => code.kind()? == OutcomeKind::Skipped,
    })
}

/// Whether all such rows have an entry of their own.
fn are_exceptions(only: &RowsOnly) -> bool {
    !matches!(only, RowsOnly::Kind(OutcomeKind::Created | OutcomeKind::Updated | OutcomeKind::Unchanged))
}

/// What the ledger says last of a reference or a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastRow {
    pub run: RunId,
    pub row: u64,
    pub outcome: OutcomeKind,
}

/// The database that holds a run's ledger: the workspace's, or a dry run's own.
pub(super) enum LedgerDb<'s> {
    Open(&'s Db),
    Dry(Box<Db>),
}

impl LedgerDb<'_> {
    pub(super) fn db(&self) -> &Db {
        match self {
            LedgerDb::Open(db) => db,
            LedgerDb::Dry(db) => db,
        }
    }
}

impl Store {
    pub(super) fn ledger_db(&self, run: RunId) -> Result<LedgerDb<'_>, StoreError> {
        if let Some(dry) = &self.dry {
            return Ok(LedgerDb::Open(&dry.db));
        }
        let missing = |what| StoreError::NoSuch { what, id: run.to_string() };
        let kind: Option<String> = self.main.read(|conn| {
            let mut query = conn.prepare_cached("SELECT kind FROM run WHERE id = ?1")?;
            Ok(query.query_row([run.0 as i64], |row| row.get(0)).optional()?)
        })?;
        if kind.ok_or_else(|| missing("run"))? != RunKind::DryRun.as_str() {
            return Ok(LedgerDb::Open(&self.main));
        }
        let path = self.dry_path(run);
        if !path.exists() {
            return Err(missing("ledger (any more, or yet) of the dry run"));
        }
        let opened = match Db::open_read_only(&path) {
            // Opening the workspace has brought its own database up to date, not those of its dry runs.
            Err(StoreError::OlderSchema { .. }) if !self.is_read_only()? => self.open_dry_db(&path, 0, 0),
            opened => opened,
        };
        Ok(LedgerDb::Dry(Box::new(opened?)))
    }

    /// The rows of a run after a row (0 for all), in order. Reads a block at a time, so that the first row is there at
    /// once and memory does not grow with the run. A row's `reference_hash` is not kept with it and reads as none.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] when there is no such run, or its dry run's ledger was removed.
    pub fn ledger_rows(&self, run: RunId, only: Option<RowsOnly>, after: u64) -> Result<LedgerRows<'_>, StoreError> {
        let db = self.ledger_db(run)?;
        let (mut next, mut ended) = (after + 1, false);
        if let Some(only) = &only {
            let first = self.first_row_of(run, only)?;
            ended = first == First::None;
            next = next.max(if let First::Known(row) = first { row } else { 0 });
        }
        Ok(LedgerRows { db, run, only, next, ready: VecDeque::new(), ended })
    }

    /// The last rows of a run before a row, at most `limit`, in the order of rows: a page to scroll up to. Does not begin
    /// at the run's start.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] when there is no such run, or its dry run's ledger was removed.
    pub fn ledger_rows_before(
        &self,
        run: RunId,
        only: Option<&RowsOnly>,
        before: u64,
        limit: usize,
    ) -> Result<Vec<LedgerRow>, StoreError> {
        self.ledger_db(run)?.db().read(|conn| match only {
            Some(only) if are_exceptions(only) => exceptions_before(conn, run, only, before, limit),
            only => rows_before(conn, run, only, before, limit),
        })
    }

    /// One row of a run.
    pub fn ledger_row(&self, run: RunId, row: u64) -> Result<Option<LedgerRow>, StoreError> {
        let Some(before) = row.checked_sub(1) else { return Ok(None) };
        self.ledger_rows(run, None, before)?.next().transpose()
    }

    /// The numbers of a run as its stored rows give them; they have nothing to do with the totals that the run keeps.
    pub fn count_by_query(&self, run: RunId) -> Result<Counts, StoreError> {
        self.ledger_db(run)?.db().read(|conn| {
            let mut counts = Counts::default();
            each_block(conn, run, |first, n, data| {
                ledger_codec::count(data, n, &mut counts).map_err(|_| Fault::Corrupt("ledger block", first))
            })?;
            Ok(counts)
        })
    }

    /// Why the rows of a run were skipped, the most frequent reason first. Runs count that as they are written; of an
    /// older version's run the stored rows are counted, which takes as long as there are rows with something to say.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`] when there is no such run, or its dry run's ledger was removed.
    pub fn skip_counts(&self, run: RunId) -> Result<Vec<SkipCount>, StoreError> {
        let ledger = self.ledger_db(run)?;
        let counted = self.run(run)?.and_then(|row| row.skips);
        let mut counts = counted.map_or_else(|| ledger.db().read(|conn| count_skipped(conn, run)), Ok)?;
        counts.sort_by_key(|skipped| (Reverse(skipped.count), skipped.first_row));
        Ok(counts)
    }

    /// The rows, whatever became of them, that carried this reference of a source: newest first. Dry runs are left out.
    pub fn rows_of_reference(&self, source: SourceId, reference: &str) -> Result<Vec<(RunId, u64)>, StoreError> {
        self.main.read(|conn| row_references::rows(conn, source, reference))
    }

    /// The newest row that carried this reference.
    pub fn last_row_of(&self, source: SourceId, reference: &str) -> Result<Option<LastRow>, StoreError> {
        match self.rows_of_reference(source, reference)?.first() {
            Some(&(run, row)) => self.last_row(run, row),
            None => Ok(None),
        }
    }

    /// The newest row that is known to be about a record: by its references, or the one that changed it last.
    pub fn last_row_of_record(&self, record: &Record) -> Result<Option<LastRow>, StoreError> {
        let mut newest = (record.updated.run, record.updated.row);
        for (source, reference) in &record.references {
            if let Some(&row) = self.rows_of_reference(*source, reference)?.first() {
                newest = newest.max(row);
            }
        }
        self.last_row(newest.0, newest.1)
    }

    fn last_row(&self, run: RunId, row: u64) -> Result<Option<LastRow>, StoreError> {
        if self.run(run)?.is_none() {
            return Ok(None);
        }
        let found = self.ledger_row(run, row)?.filter(|found| found.row == row);
        Ok(found.map(|found| LastRow { run, row, outcome: found.outcome.kind() }))
    }

    /// What the records that the rows of a run changed were before, in the order of rows: the row and the record. A
    /// record that several rows of one batch changed comes once, with the last of them.
    pub fn before_images(
        &self,
        run: RunId,
        each: &mut dyn FnMut(u64, Record) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.ledger_db(run)?.db().read(|conn| {
            let mut query =
                conn.prepare_cached("SELECT id, data FROM before WHERE id >= ?1 AND id < ?2 ORDER BY id")?;
            let mut blocks = query.query((row_id(run, 0), row_id(RunId(run.0 + 1), 0)))?;
            while let Some(block) = blocks.next()? {
                let first = (block.get::<_, i64>(0)? & 0xffff_ffff) as u64;
                let data: Vec<u8> = block.get(1)?;
                let corrupt = |_| Fault::Corrupt("before-images of row", first);
                let mut reader = Reader::new(&data);
                while !reader.is_empty() {
                    let row = first.saturating_add(reader.number().map_err(corrupt)?);
                    let id = RecordId(reader.number().map_err(corrupt)?);
                    let bytes = reader.bytes().map_err(corrupt)?;
                    each(row, codec::record(id, bytes).map_err(corrupt)?)?;
                }
            }
            Ok(())
        })
    }
}

/// Counts the skipped rows of a run by reason, from the stored rows; memory for the reasons only.
pub(super) fn count_skipped(conn: &Connection, run: RunId) -> Result<Vec<SkipCount>, Fault> {
    let mut query = conn.prepare_cached(EXCEPTIONS)?;
    let mut entries = query.query((row_id(run, 0), row_id(RunId(run.0 + 1), 0)))?;
    // Of each reason the number of rows and the first.
    let mut counted: FxHashMap<SkipReason, (u64, u64)> = FxHashMap::default();
    while let Some(entry) = entries.next()? {
        let row = (entry.get::<_, i64>(0)? & 0xffff_ffff) as u64;
        let data = entry.get_ref(1)?.as_blob().map_err(|_| Fault::Corrupt("ledger row", row))?;
        let reason = ledger_codec::skipped_because(data).map_err(|_| Fault::Corrupt("ledger row", row))?;
        if let Some(reason) = reason {
            counted.entry(reason).or_insert((0, row)).0 += 1;
        }
    }
    let counts = counted.into_iter().map(|(reason, (count, first_row))| SkipCount { reason, count, first_row });
    Ok(counts.collect())
}

/// Hands over the blocks of a run in order: first row, number of rows, bytes.
pub(super) fn each_block(
    conn: &Connection,
    run: RunId,
    mut each: impl FnMut(u64, usize, &[u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut query = conn.prepare_cached("SELECT id, n, data FROM ledger WHERE id >= ?1 AND id < ?2 ORDER BY id")?;
    let mut blocks = query.query((row_id(run, 0), row_id(RunId(run.0 + 1), 0)))?;
    while let Some(block) = blocks.next()? {
        let first = (block.get::<_, i64>(0)? & 0xffff_ffff) as u64;
        let data = block.get_ref(2)?.as_blob().map_err(|_| Fault::Corrupt("ledger block", first))?;
        each(first, block.get::<_, u32>(1)? as usize, data)?;
    }
    Ok(())
}

/// A block of a run, read: its first row, its number of rows, its bytes.
pub(super) struct StoredBlock {
    pub(super) first: u64,
    n: usize,
    data: Vec<u8>,
}

/// The block that holds a row.
pub(super) fn block_with(conn: &Connection, run: RunId, row: u64) -> Result<Option<StoredBlock>, Fault> {
    Ok(last_block(conn, run, row)?.filter(|block| row < block.first + block.n as u64))
}

/// The last block that begins at a row or before it.
pub(super) fn last_block(conn: &Connection, run: RunId, row: u64) -> Result<Option<StoredBlock>, Fault> {
    let mut query =
        conn.prepare_cached("SELECT id, n, data FROM ledger WHERE id >= ?1 AND id <= ?2 ORDER BY id DESC LIMIT 1")?;
    let found = query
        .query_row((row_id(run, 0), row_id(run, row)), |block| {
            let first = (block.get::<_, i64>(0)? & 0xffff_ffff) as u64;
            Ok(StoredBlock { first, n: block.get::<_, u32>(1)? as usize, data: block.get(2)? })
        })
        .optional()?;
    Ok(found)
}

/// The rows of a run, one after the other. Made by [`Store::ledger_rows`].
pub struct LedgerRows<'s> {
    db: LedgerDb<'s>,
    run: RunId,
    only: Option<RowsOnly>,
    next: u64,
    ready: VecDeque<LedgerRow>,
    ended: bool,
}

impl Iterator for LedgerRows<'_> {
    type Item = Result<LedgerRow, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Some(Ok(row));
            }
            if self.ended {
                return None;
            }
            if let Err(error) = self.refill() {
                self.ended = true;
                return Some(Err(error));
            }
        }
    }
}

impl LedgerRows<'_> {
    fn refill(&mut self) -> Result<(), StoreError> {
        let LedgerRows { db, run, only, next, ready, ended } = self;
        db.db().read(|conn| {
            let more = match only {
                Some(only) if are_exceptions(only) => page_of_exceptions(conn, *run, only, next, ready)?,
                only => page_of_block(conn, *run, only.as_ref(), next, ready)?,
            };
            *ended = !more;
            Ok(())
        })
    }
}

fn page_of_exceptions(
    conn: &Connection,
    run: RunId,
    only: &RowsOnly,
    next: &mut u64,
    ready: &mut VecDeque<LedgerRow>,
) -> Result<bool, Fault> {
    let mut query =
        conn.prepare_cached("SELECT id, data FROM exception WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3")?;
    let mut found = query.query((row_id(run, *next), row_id(RunId(run.0 + 1), 0), PAGE))?;
    let mut read = 0;
    while let Some(entry) = found.next()? {
        let (row, taken) = taken(entry, only)?;
        ready.extend(taken);
        *next = row + 1;
        read += 1;
    }
    if read < PAGE {
        return Ok(false);
    }
    if ready.is_empty() {
        // Such rows are rare here: the blocks say sooner than the entries where the next one is.
        match next_told(conn, run, only, *next)? {
            Some(row) => *next = row,
            None => return Ok(false),
        }
    }
    Ok(true)
}

/// The row of an entry, and what it says if it is one of those asked for.
fn taken(entry: &rusqlite::Row<'_>, only: &RowsOnly) -> Result<(u64, Option<LedgerRow>), Fault> {
    let row = (entry.get::<_, i64>(0)? & 0xffff_ffff) as u64;
    let corrupt = |_| Fault::Corrupt("ledger row", row);
    let data = entry.get_ref(1)?.as_blob().map_err(|_| Fault::Corrupt("ledger row", row))?;
    if !may_take(only, ledger_codec::exception_code(data).map_err(corrupt)?).map_err(corrupt)? {
        return Ok((row, None));
    }
    let said = ledger_codec::exception(row, data).map_err(corrupt)?;
    Ok((row, only.takes(&said).then_some(said)))
}

fn page_of_block(
    conn: &Connection,
    run: RunId,
    only: Option<&RowsOnly>,
    next: &mut u64,
    ready: &mut VecDeque<LedgerRow>,
) -> Result<bool, Fault> {
    let Some(block) = block_with(conn, run, *next)? else { return Ok(false) };
    let from = std::mem::replace(next, block.first + block.n as u64);
    rows_of_block(conn, run, only, &block, from, ready)?;
    Ok(true)
}

/// Reads the rows of a block from a row on. `only` is one of those that blocks answer.
fn rows_of_block(
    conn: &Connection,
    run: RunId,
    only: Option<&RowsOnly>,
    block: &StoredBlock,
    from: u64,
    ready: &mut VecDeque<LedgerRow>,
) -> Result<(), Fault> {
    let StoredBlock { first, n, data } = block;
    let corrupt = |_| Fault::Corrupt("ledger block", *first);
    let takes = |code: RowCode| only.map_or(Ok(true), |only| may_take(only, code));
    let mut any = false;
    for code in ledger_codec::codes(data, *n).map_err(corrupt)? {
        any |= takes(code).map_err(corrupt)?;
    }
    if !any {
        return Ok(());
    }
    let mut said = conn.prepare_cached(EXCEPTIONS)?;
    let mut said = said.query((row_id(run, from), row_id(run, *first + *n as u64)))?;
    for packed in ledger_codec::unpack(data, *n, *first).map_err(corrupt)?.iter().filter(|packed| packed.row >= from) {
        let entry = if packed.code.is_exception() { Some(exception_of(&mut said, packed)?) } else { None };
        if takes(packed.code).map_err(corrupt)? {
            let plain = || ledger_codec::plain_row(packed).map_err(corrupt);
            ready.push_back(entry.map_or_else(plain, Ok)?);
        }
    }
    Ok(())
}

fn exceptions_before(
    conn: &Connection,
    run: RunId,
    only: &RowsOnly,
    before: u64,
    limit: usize,
) -> Result<Vec<LedgerRow>, Fault> {
    let mut query =
        conn.prepare_cached("SELECT id, data FROM exception WHERE id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3")?;
    let (mut rows, mut end) = (Vec::new(), before);
    loop {
        let mut entries = query.query((row_id(run, 0), row_id(run, end), PAGE))?;
        let (mut read, found) = (0, rows.len());
        while let Some(entry) = entries.next()? {
            let (row, taken) = taken(entry, only)?;
            rows.extend(taken);
            (read, end) = (read + 1, row);
            if rows.len() == limit {
                break;
            }
        }
        if rows.len() == limit || read < PAGE {
            break;
        }
        if rows.len() == found {
            // As in reading on: the blocks lead to the next one.
            match last_told(conn, run, only, end)? {
                Some(row) => end = row + 1,
                None => break,
            }
        }
    }
    rows.reverse();
    Ok(rows)
}

fn rows_before(
    conn: &Connection,
    run: RunId,
    only: Option<&RowsOnly>,
    mut before: u64,
    limit: usize,
) -> Result<Vec<LedgerRow>, Fault> {
    let mut rows: VecDeque<LedgerRow> = VecDeque::new();
    while rows.len() < limit && before > 1 {
        let Some(block) = last_block(conn, run, before - 1)? else { break };
        before = before.min(block.first + block.n as u64);
        // Blocks are long and pages are short: of all rows only the last ones are wanted.
        let from = match only {
            None => before.saturating_sub((limit - rows.len()) as u64).max(block.first),
            Some(_) => block.first,
        };
        let mut here = VecDeque::new();
        rows_of_block(conn, run, only, &block, from, &mut here)?;
        while let Some(row) = here.pop_back() {
            if row.row < before && rows.len() < limit {
                rows.push_front(row);
            }
        }
        before = block.first;
    }
    Ok(rows.into())
}

fn exception_of(said: &mut rusqlite::Rows<'_>, packed: &PackedRow) -> Result<LedgerRow, Fault> {
    let corrupt = || Fault::Corrupt("ledger row", packed.row);
    let entry = said.next()?.ok_or_else(corrupt)?;
    let row = (entry.get::<_, i64>(0)? & 0xffff_ffff) as u64;
    let data: Vec<u8> = entry.get(1)?;
    if row != packed.row {
        return Err(corrupt());
    }
    ledger_codec::exception(row, &data).map_err(|_| corrupt())
}

/// The records that the rows of a run landed on, in the order of rows.
pub struct LandedRows<'s> {
    db: &'s Db,
    run: RunId,
    next: u64,
    ready: VecDeque<(RecordId, u64)>,
    ended: bool,
}

impl<'s> LandedRows<'s> {
    pub(super) fn new(db: &'s Db, run: RunId) -> LandedRows<'s> {
        LandedRows { db, run, next: 1, ready: VecDeque::new(), ended: false }
    }
}

impl Iterator for LandedRows<'_> {
    type Item = Result<(RecordId, u64), StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(landed) = self.ready.pop_front() {
                return Some(Ok(landed));
            }
            if self.ended {
                return None;
            }
            match self.db.read(|conn| block_with(conn, self.run, self.next)) {
                Ok(Some(StoredBlock { first, n, data })) => {
                    self.next = first + n as u64;
                    match ledger_codec::unpack(&data, n, first) {
                        Ok(rows) => self.ready.extend(rows.iter().filter_map(|row| Some((row.record?, row.row)))),
                        Err(Damaged) => {
                            self.ended = true;
                            return Some(Err(Fault::Corrupt("ledger block", first).at(self.db.path())));
                        }
                    }
                }
                Ok(None) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
    }
}
