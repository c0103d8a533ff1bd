//! The history of a record: the rows that were about it, and what it was before each of them.

use super::codec::{self, Reader};
use super::error::{Fault, StoreError};
use super::ledger::block_with;
use super::ledger_write::row_id;
use super::workspace::Store;
use crate::domain::id::{RecordId, RunId};
use crate::domain::record::{HistoryEntry, Record, Stamp};
use rusqlite::{Connection, OptionalExtension};
use std::collections::{BTreeMap, BTreeSet};

impl Store {
    /// What is known to have happened to a record, newest first: the rows that carried one of its references, whatever
    /// became of them, and the rows that changed it, found from one former record to the one before. Reads the blocks of
    /// those rows only. Dry runs are left out.
    pub fn history(&self, record: &Record) -> Result<Vec<HistoryEntry>, StoreError> {
        let mut rows: BTreeSet<(RunId, u64)> = BTreeSet::new();
        for (source, reference) in &record.references {
            rows.extend(self.rows_of_reference(*source, reference)?);
        }
        let mut stamps: BTreeMap<(RunId, u64), i64> = BTreeMap::new();
        let mut images: BTreeMap<(RunId, u64), Record> = BTreeMap::new();
        let mut note = |stamp: Stamp| stamps.insert((stamp.run, stamp.row), stamp.at_ms).is_none();
        note(record.created);
        let mut change = record.updated;
        // A former record says which row had changed it last: so far back as former records are kept.
        while note(change) || change == record.created {
            let image = self.main.read(|conn| before_image(conn, change.run, change.row, record.id))?;
            let Some(image) = image else { break };
            let earlier = image.updated;
            images.insert((change.run, change.row), image);
            if earlier == change {
                break;
            }
            change = earlier;
        }
        rows.extend(stamps.keys());
        let mut history = Vec::with_capacity(rows.len());
        for (run, row) in rows.into_iter().rev() {
            let Some(line) = self.run_line(run)? else { continue };
            let Some(found) = self.ledger_row(run, row)?.filter(|found| found.row == row) else { continue };
            if found.outcome.record().is_some_and(|id| id != record.id) {
                // A reference can have gone to another record meanwhile.
                continue;
            }
            let at_work = line.finished_ms.or(line.heartbeat_ms).unwrap_or(line.created_ms);
            let at_ms = stamps.get(&(run, row)).copied().unwrap_or(at_work);
            history.push(HistoryEntry { run, row, at_ms, outcome: found.outcome, before: images.remove(&(run, row)) });
        }
        Ok(history)
    }
}

/// What a record was before a row changed it.
fn before_image(conn: &Connection, run: RunId, row: u64, id: RecordId) -> Result<Option<Record>, Fault> {
    let Some(block) = block_with(conn, run, row)? else { return Ok(None) };
    let mut query = conn.prepare_cached("SELECT data FROM before WHERE id = ?1")?;
    let data: Option<Vec<u8>> = query.query_row([row_id(run, block.first)], |found| found.get(0)).optional()?;
    let Some(data) = data else { return Ok(None) };
    let corrupt = |_| Fault::Corrupt("before-images of row", block.first);
    let mut reader = Reader::new(&data);
    while !reader.is_empty() {
        let changed_by = block.first.saturating_add(reader.number().map_err(corrupt)?);
        let of = RecordId(reader.number().map_err(corrupt)?);
        let bytes = reader.bytes().map_err(corrupt)?;
        if (changed_by, of) == (row, id) {
            return codec::record(id, bytes).map(Some).map_err(corrupt);
        }
    }
    Ok(None)
}
