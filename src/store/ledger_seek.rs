//! Where rare rows of a run are: what the run counted, and the code bytes of its blocks, say so sooner than the rows.

use super::error::{Fault, StoreError};
use super::ledger::{last_block, may_take};
use super::ledger_codec;
use super::ledger_write::row_id;
use super::workspace::Store;
use crate::domain::id::RunId;
use crate::domain::outcome::RowsOnly;
use rusqlite::Connection;

/// Where a run has its first row of some kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    Unknown,
    /// It has no such row.
    None,
    Known(u64),
}

impl Store {
    /// The first row of such rows, where a run that has ended counted them.
    pub(super) fn first_row_of(&self, run: RunId, only: &RowsOnly) -> Result<First, StoreError> {
        let Some(row) = self.run(run)?.filter(|row| row.status.is_ended()) else { return Ok(First::Unknown) };
        let some = |rows: u64| if rows == 0 { First::None } else { First::Unknown };
        let at = |first: Option<u64>| first.map_or(First::None, First::Known);
        Ok(match only {
            RowsOnly::Kind(kind) => some(row.counts.of(*kind)),
            RowsOnly::Warned => some(row.counts.warnings),
            RowsOnly::Noted => some(row.counts.notes),
            RowsOnly::Issue { code, field } => {
                let counted = row.issue_counts.iter().find(|count| count.code == *code && count.field == *field);
                at(counted.map(|count| count.first_row))
            }
            RowsOnly::SkippedFor(reason) => row.skips.map_or(First::Unknown, |skips| {
                at(skips.iter().find(|count| count.reason == *reason).map(|count| count.first_row))
            }),
        })
    }
}

/// The first row, from a row on, that may be one of these as far as the code bytes say.
pub(super) fn next_told(conn: &Connection, run: RunId, only: &RowsOnly, from: u64) -> Result<Option<u64>, Fault> {
    let Some(begin) = last_block(conn, run, from)?.map(|block| block.first) else { return Ok(None) };
    let mut query = conn.prepare_cached("SELECT id, n, data FROM ledger WHERE id >= ?1 AND id < ?2 ORDER BY id")?;
    let mut blocks = query.query((row_id(run, begin), row_id(RunId(run.0 + 1), 0)))?;
    while let Some(block) = blocks.next()? {
        let (first, n) = ((block.get::<_, i64>(0)? & 0xffff_ffff) as u64, block.get::<_, u32>(1)? as usize);
        let data = block.get_ref(2)?.as_blob().map_err(|_| Fault::Corrupt("ledger block", first))?;
        let told = rows_told(data, n, first, only)?.into_iter().find(|row| *row >= from);
        if told.is_some() {
            return Ok(told);
        }
    }
    Ok(None)
}

/// The last row before a row that may be one of these as far as the code bytes say.
pub(super) fn last_told(conn: &Connection, run: RunId, only: &RowsOnly, before: u64) -> Result<Option<u64>, Fault> {
    let mut query =
        conn.prepare_cached("SELECT id, n, data FROM ledger WHERE id >= ?1 AND id < ?2 ORDER BY id DESC")?;
    let mut blocks = query.query((row_id(run, 0), row_id(run, before)))?;
    while let Some(block) = blocks.next()? {
        let (first, n) = ((block.get::<_, i64>(0)? & 0xffff_ffff) as u64, block.get::<_, u32>(1)? as usize);
        let data = block.get_ref(2)?.as_blob().map_err(|_| Fault::Corrupt("ledger block", first))?;
        let told = rows_told(data, n, first, only)?.into_iter().rfind(|row| *row < before);
        if told.is_some() {
            return Ok(told);
        }
    }
    Ok(None)
}

/// The rows of a block that may be among these as far as their code bytes say.
fn rows_told(data: &[u8], n: usize, first: u64, only: &RowsOnly) -> Result<Vec<u64>, Fault> {
    let corrupt = |_| Fault::Corrupt("ledger block", first);
    let mut rows = Vec::new();
    for (row, code) in (first..).zip(ledger_codec::codes(data, n).map_err(corrupt)?) {
        if may_take(only, code).map_err(corrupt)? {
            rows.push(row);
        }
    }
    Ok(rows)
}
