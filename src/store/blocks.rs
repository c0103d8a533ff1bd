//! Records in their blocks of eight, in the workspace's database or in a dry run's laid over it.

use super::batch::Changed;
use super::codec::{self, BLOCK, Block};
use super::error::{Fault, StoreError};
use super::workspace::Store;
use crate::domain::id::RecordId;
use crate::domain::record::Record;
use rusqlite::{Connection, OptionalExtension};

const WHAT: &str = "record";

fn block_bytes(conn: &Connection, block: u64) -> Result<Option<Vec<u8>>, Fault> {
    let mut query = conn.prepare_cached("SELECT data FROM record WHERE id = ?1")?;
    Ok(query.query_row([block as i64], |row| row.get(0)).optional()?)
}

/// A block as it stands; `base` is where a dry run looks for what it has not written itself.
pub(super) fn block(data: &Connection, base: Option<&Connection>, block: u64) -> Result<Option<Block>, Fault> {
    let found = match (block_bytes(data, block)?, base) {
        (None, Some(base)) => block_bytes(base, block)?,
        (found, _) => found,
    };
    let decoded = found.map(|bytes| Block::decode(&bytes)).transpose();
    decoded.map_err(|_| Fault::Corrupt(WHAT, block * BLOCK))
}

pub(super) fn put_block(data: &Connection, number: u64, block: &Block, scratch: &mut Vec<u8>) -> Result<(), Fault> {
    scratch.clear();
    block.encode(scratch);
    let mut put = data.prepare_cached("INSERT OR REPLACE INTO record(id, data) VALUES(?1, ?2)")?;
    put.execute((number as i64, &*scratch))?;
    Ok(())
}

/// The records of these numbers, which ascend. What does not exist is absent.
pub(super) fn records(data: &Connection, base: Option<&Connection>, ids: &[RecordId]) -> Result<Vec<Record>, Fault> {
    let mut records = Vec::with_capacity(ids.len());
    for group in ids.chunk_by(|a, b| a.0 / BLOCK == b.0 / BLOCK) {
        let number = group[0].0 / BLOCK;
        let found = match (block_bytes(data, number)?, base) {
            (None, Some(base)) => block_bytes(base, number)?,
            (found, _) => found,
        };
        let Some(bytes) = found else { continue };
        let places = codec::places(&bytes).map_err(|_| Fault::Corrupt(WHAT, number * BLOCK))?;
        for id in group {
            if let Some(bytes) = places[(id.0 % BLOCK) as usize] {
                records.push(codec::record(*id, bytes).map_err(|_| Fault::Corrupt(WHAT, id.0))?);
            }
        }
    }
    Ok(records)
}

/// Writes records, block by block in the order of their numbers.
///
/// # Errors
/// [`StoreError::ChangedMeanwhile`] when a record is not what it was when it was read.
pub(super) fn write(
    tx: &Connection,
    base: Option<&Connection>,
    created: &[Record],
    changed: &[Changed],
) -> Result<(), Fault> {
    let created = created.iter().map(|record| (record, None));
    let changed = changed.iter().map(|change| (&change.after, Some(&change.before)));
    let mut writes: Vec<(&Record, Option<&Record>)> = created.chain(changed).collect();
    writes.sort_by_key(|(record, _)| record.id);
    let (mut scratch, mut expected) = (Vec::new(), Vec::new());
    for group in writes.chunk_by(|a, b| a.0.id.0 / BLOCK == b.0.id.0 / BLOCK) {
        let number = group[0].0.id.0 / BLOCK;
        let whole = group.len() as u64 == BLOCK && group.iter().all(|(_, before)| before.is_none());
        let mut block = if whole { Block::default() } else { block(tx, base, number)?.unwrap_or_default() };
        for (after, before) in group {
            if let Some(before) = before {
                expected.clear();
                codec::put_record(&mut expected, before);
                // A dry run holds no lock: that the state moved beneath it is seen by its state version.
                if base.is_none() && block.get(after.id) != Some(expected.as_slice()) {
                    return Err(StoreError::ChangedMeanwhile { record: after.id }.into());
                }
            }
            let mut bytes = Vec::with_capacity(256);
            codec::put_record(&mut bytes, after);
            block.set(after.id, bytes);
        }
        put_block(tx, number, &block, &mut scratch)?;
    }
    Ok(())
}

impl Store {
    /// Reads with the database that is written to and, in a dry run, the workspace's beneath it.
    pub(super) fn read_layers<T>(
        &self,
        work: impl FnOnce(&Connection, Option<&Connection>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        match &self.dry {
            None => self.main.read(|conn| work(conn, None)),
            Some(dry) => self.main.read(|base| dry.read(|own| work(own, Some(base))).map_err(Fault::from)),
        }
    }
}
