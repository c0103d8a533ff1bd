//! Writing the ledger of a batch.

use super::codec;
use super::edits::Change;
use super::error::Fault;
use super::ledger_codec;
use crate::domain::id::RunId;
use crate::domain::issue::Note;
use crate::domain::outcome::{LedgerRow, Outcome};
use crate::domain::run::{ClearedCount, IssueCount, SkipCount};
use rusqlite::Connection;

/// The number of a row of a run, and of the block that it begins.
pub(super) fn row_id(run: RunId, row: u64) -> i64 {
    (run.0 << 32 | row & 0xffff_ffff) as i64
}

/// Writes the rows of a batch in blocks, the former records beside them, and what there is to say of single rows.
pub(super) fn write(tx: &Connection, run: RunId, rows: &[LedgerRow], changes: &[Change<'_>]) -> Result<(), Fault> {
    let mut put_block = tx.prepare_cached("INSERT INTO ledger(id, n, data) VALUES(?1, ?2, ?3)")?;
    let mut put_before = tx.prepare_cached("INSERT INTO before(id, data) VALUES(?1, ?2)")?;
    let mut put_exception = tx.prepare_cached("INSERT INTO exception(id, data) VALUES(?1, ?2)")?;
    let mut changes = changes.to_vec();
    changes.sort_unstable_by_key(|change| change.row);
    let mut changes = changes.as_slice();
    let mut bytes = Vec::new();
    for rows in rows.chunks(ledger_codec::ROWS) {
        let (first, last) = (rows[0].row, rows[rows.len() - 1].row);
        bytes.clear();
        ledger_codec::pack(rows, &mut bytes);
        put_block.execute((row_id(run, first), rows.len() as i64, &bytes))?;

        let here = changes.partition_point(|change| change.row <= last);
        if here > 0 {
            bytes.clear();
            for change in &changes[..here] {
                codec::put_number(&mut bytes, change.row - first);
                codec::put_number(&mut bytes, change.id.0);
                codec::put_bytes(&mut bytes, change.before);
            }
            put_before.execute((row_id(run, first), &bytes))?;
            changes = &changes[here..];
        }

        for row in rows.iter().filter(|row| ledger_codec::is_exception(row)) {
            bytes.clear();
            ledger_codec::put_exception(&mut bytes, row);
            put_exception.execute((row_id(run, row.row), &bytes))?;
        }
    }
    Ok(())
}

/// Counts the fields that a row emptied.
pub(super) fn count_cleared(counts: &mut Vec<ClearedCount>, row: &LedgerRow) {
    for (field, note) in &row.notes {
        let (Some(field), Note::FieldCleared) = (*field, note) else { continue };
        match counts.iter_mut().find(|count| count.field == field) {
            Some(count) => count.count += 1,
            None => counts.push(ClearedCount { field, count: 1 }),
        }
    }
}

/// So many reasons for skipping are counted while a run is written: more than a run has unless it has as many filters.
const SKIP_REASONS: usize = 256;

/// Counts a row that was skipped by its reason. Of a run with too many reasons, and of one that an older version began,
/// there are no such counts: whoever asks for them has the ledger counted.
pub(super) fn count_skips(counts: &mut Option<Vec<SkipCount>>, row: &LedgerRow) {
    let (Some(known), Outcome::Skipped(reason)) = (counts.as_mut(), &row.outcome) else { return };
    if let Some(count) = known.iter_mut().find(|count| count.reason == *reason) {
        count.count += 1;
    } else if known.len() == SKIP_REASONS {
        *counts = None;
    } else {
        known.push(SkipCount { reason: reason.clone(), count: 1, first_row: row.row });
    }
}

/// Counts a row once for each issue that it has, however often.
pub(super) fn count_issues(counts: &mut Vec<IssueCount>, row: &LedgerRow) {
    for (place, issue) in row.issues.iter().enumerate() {
        let same = |code, field| issue.code == code && issue.field == field;
        if row.issues[..place].iter().any(|earlier| same(earlier.code, earlier.field)) {
            continue;
        }
        match counts.iter_mut().find(|count| same(count.code, count.field)) {
            Some(count) => count.count += 1,
            None => counts.push(IssueCount { code: issue.code, field: issue.field, count: 1, first_row: row.row }),
        }
    }
}
