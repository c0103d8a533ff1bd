//! Records in their blocks of eight, in the workspace's database or in a dry run's laid over it.

use super::codec::{self, BLOCK, Block, Decoded};
use super::edits::Change;
use super::error::{Fault, StoreError};
use super::new_records::NewRecords;
use super::overlay::{Beneath, Overlay};
use super::workspace::Store;
use crate::domain::id::RecordId;
use crate::domain::record::Record;
use rusqlite::{Connection, OptionalExtension};

const WHAT: &str = "record";

fn block_bytes(conn: &Connection, block: u64) -> Result<Option<Vec<u8>>, Fault> {
    let mut query = conn.prepare_cached("SELECT data FROM record WHERE id = ?1")?;
    Ok(query.query_row([block as i64], |row| row.get(0)).optional()?)
}

/// The bytes of a block as it stands; `base` is where a dry run looks for what it has not written itself.
fn standing_bytes(data: &Connection, base: Option<Beneath<'_>>, number: u64) -> Result<Option<Vec<u8>>, Fault> {
    let found = block_bytes(data, number)?;
    let Some(Beneath { main, created }) = base else { return Ok(found) };
    let found = match found {
        None => block_bytes(main, number)?,
        found => found,
    };
    if !created.has_of(number) {
        return Ok(found);
    }
    let mut block = decoded(number, found)?.unwrap_or_default();
    created.fill(number, &mut block)?;
    let mut bytes = Vec::new();
    block.encode(&mut bytes);
    Ok(Some(bytes))
}

fn decoded(number: u64, bytes: Option<Vec<u8>>) -> Result<Option<Block>, Fault> {
    let decoded = bytes.map(|bytes| Block::decode(&bytes)).transpose();
    decoded.map_err(|_| Fault::Corrupt(WHAT, number * BLOCK))
}

/// A block as it stands.
pub(super) fn block(data: &Connection, base: Option<Beneath<'_>>, block: u64) -> Result<Option<Block>, Fault> {
    decoded(block, standing_bytes(data, base, block)?)
}

pub(super) fn put_block(data: &Connection, number: u64, block: &Block, scratch: &mut Vec<u8>) -> Result<(), Fault> {
    scratch.clear();
    block.encode(scratch);
    let mut put = data.prepare_cached("INSERT OR REPLACE INTO record(id, data) VALUES(?1, ?2)")?;
    put.execute((number as i64, &*scratch))?;
    Ok(())
}

/// The records of these numbers, which ascend. What does not exist is absent.
pub(super) fn records(data: &Connection, base: Option<Beneath<'_>>, ids: &[RecordId]) -> Result<Vec<Record>, Fault> {
    let mut records = Vec::with_capacity(ids.len());
    for group in ids.chunk_by(|a, b| a.0 / BLOCK == b.0 / BLOCK) {
        let number = group[0].0 / BLOCK;
        let Some(bytes) = standing_bytes(data, base, number)? else { continue };
        let places = codec::places(&bytes).map_err(|_| Fault::Corrupt(WHAT, number * BLOCK))?;
        for id in group {
            if let Some(bytes) = places[(id.0 % BLOCK) as usize] {
                records.push(codec::record(*id, bytes).map_err(|_| Fault::Corrupt(WHAT, id.0))?);
            }
        }
    }
    Ok(records)
}

/// Writes changed records, in the order of their numbers, block by block.
///
/// # Errors
/// [`StoreError::ChangedMeanwhile`] when a record is not what it was when it was read.
pub(super) fn write_changed(tx: &Connection, base: Option<Beneath<'_>>, changes: &[Change<'_>]) -> Result<(), Fault> {
    let mut put = tx.prepare_cached("INSERT OR REPLACE INTO record(id, data) VALUES(?1, ?2)")?;
    let mut block = Vec::new();
    for group in changes.chunk_by(|a, b| a.id.0 / BLOCK == b.id.0 / BLOCK) {
        let number = group[0].id.0 / BLOCK;
        let standing = standing_bytes(tx, base, number)?;
        let places = standing.as_deref().map_or(Ok([None; BLOCK as usize]), codec::places);
        let mut places = places.map_err(|_| Fault::Corrupt(WHAT, number * BLOCK))?;
        for change in group {
            let place = &mut places[(change.id.0 % BLOCK) as usize];
            // A dry run holds no lock: that the state moved beneath it is seen by its state version.
            if base.is_none() && *place != Some(change.before) {
                return Err(StoreError::ChangedMeanwhile { record: change.id }.into());
            }
            *place = Some(change.after);
        }
        block.clear();
        codec::put_places(&mut block, &places);
        put.execute((number as i64, &block))?;
    }
    Ok(())
}

/// Appends new records. Only the first of their blocks may hold others already.
pub(super) fn write_new(tx: &Connection, new: &NewRecords) -> Result<(), Fault> {
    if new.is_empty() {
        return Ok(());
    }
    let shared = new.first().0 / BLOCK;
    let mut first = match new.first().0 % BLOCK {
        0 => None,
        _ => Some(block(tx, None, shared)?.unwrap_or_default()),
    };
    let last = new.next().0 - 1;
    let mut put = tx.prepare_cached("INSERT OR REPLACE INTO record(id, data) VALUES(?1, ?2)")?;
    let mut bytes = Vec::new();
    new.for_each(|id, record| {
        let number = id.0 / BLOCK;
        let is_last = id.0 == last || id.0 % BLOCK == BLOCK - 1;
        match &mut first {
            Some(block) if number == shared => {
                block.set(id, record.to_vec());
                if is_last {
                    put_block(tx, number, block, &mut bytes)?;
                }
            }
            _ => {
                if id.0 % BLOCK == 0 {
                    bytes.clear();
                    // All places, or those up to the last record.
                    let records = (last + 1 - id.0).min(BLOCK);
                    bytes.push(u8::MAX >> (BLOCK - records));
                }
                codec::put_bytes(&mut bytes, record);
                if is_last {
                    put.execute((number as i64, &bytes))?;
                }
            }
        }
        Ok(())
    })
}

/// The block read last, in its stored bytes: records that lie side by side are read once.
#[derive(Default)]
pub struct LastBlock {
    number: Option<u64>,
    bytes: Option<Vec<u8>>,
}

impl LastBlock {
    /// Whether the record of this number would be in it.
    pub(super) fn has(&self, id: RecordId) -> bool {
        self.number == Some(id.0 / BLOCK)
    }

    /// Reads the block of a record.
    pub(super) fn load(&mut self, data: &Connection, base: Option<Beneath<'_>>, id: RecordId) -> Result<(), Fault> {
        let number = id.0 / BLOCK;
        self.number = None;
        self.bytes = standing_bytes(data, base, number)?;
        self.number = Some(number);
        Ok(())
    }

    /// The bytes of a record of the block.
    pub(super) fn get(&self, id: RecordId) -> Decoded<Option<&[u8]>> {
        let Some(bytes) = self.bytes.as_ref().filter(|_| self.has(id)) else { return Ok(None) };
        Ok(codec::places(bytes)?[(id.0 % BLOCK) as usize])
    }
}

impl Store {
    /// Reads with the database that is written to and, in a dry run, the workspace's beneath it.
    pub(super) fn read_layers<T>(
        &self,
        work: impl FnOnce(&Connection, Option<Beneath<'_>>) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        match &self.dry {
            None => self.main.read(|conn| work(conn, None)),
            Some(Overlay { db, created }) => self.main.read(|main| {
                let base = Some(Beneath { main, created });
                db.read(|own| work(own, base)).map_err(Fault::from)
            }),
        }
    }
}
