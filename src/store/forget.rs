//! One contact forgotten: its values in what records were before, in what rows have to say, and in the words of names.
//! Outcomes, counts and references stay.

use super::codec::{self, Reader};
use super::error::{Fault, StoreError};
use super::index::{self, KeyKind};
use super::ledger_codec;
use super::retention::wipe_what_is_deleted;
use super::workspace::Store;
use crate::domain::id::{RecordId, RunId};
use crate::domain::record::{Record, Value};
use rusqlite::Connection;
use std::collections::BTreeSet;

/// What stands in the place of what was said about a forgotten value.
const FORGOTTEN: &str = "the value was forgotten with its contact";

impl Store {
    /// Every row of the ledger that landed on a record, in order. Reads the whole ledger.
    pub fn rows_of_record(&self, id: RecordId) -> Result<BTreeSet<(RunId, u64)>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare("SELECT id, n, data FROM ledger ORDER BY id")?;
            let mut blocks = query.query([])?;
            let mut found = BTreeSet::new();
            while let Some(block) = blocks.next()? {
                let (run, first) = place(block.get(0)?);
                let n = block.get::<_, i64>(1)? as usize;
                let data = block.get_ref(2)?.as_blob().map_err(|_| Fault::Corrupt("ledger block", first))?;
                let rows = ledger_codec::unpack(data, n, first).map_err(|_| Fault::Corrupt("ledger block", first))?;
                found.extend(rows.iter().filter(|row| row.record == Some(id)).map(|row| (run, row.row)));
            }
            Ok(found)
        })
    }

    /// What a record ever was, as far as former records are kept: each of its texts.
    pub fn former_texts(&self, id: RecordId) -> Result<BTreeSet<String>, StoreError> {
        self.main.read(|conn| {
            let mut texts = BTreeSet::new();
            each_before(conn, &mut |_, of, bytes| {
                if of == id {
                    let record = codec::record(id, bytes).map_err(|_| Fault::Corrupt("former record", id.0))?;
                    texts.extend(texts_of(&record));
                }
                Ok(true)
            })?;
            Ok(texts)
        })
    }

    /// Takes a record's values out of what records were before, out of what rows have to say, and out of the words of
    /// names. `rows` are those that are about it; others go by `texts`, of which a row quotes one.
    pub fn forget_values(
        &mut self,
        id: RecordId,
        rows: &BTreeSet<(RunId, u64)>,
        texts: &BTreeSet<String>,
    ) -> Result<(), StoreError> {
        let texts: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        self.main.write(|tx| {
            wipe_what_is_deleted(tx)?;
            forget_before(tx, id)?;
            forget_said(tx, id, rows, &texts)?;
            for kind in [KeyKind::Email, KeyKind::Phone, KeyKind::NameWord] {
                index::drop_value(tx, kind, id.0)?;
            }
            Ok(())
        })
    }

    /// Writes the database anew, so that nothing of what was removed is left in it.
    pub fn rewrite(&mut self) -> Result<(), StoreError> {
        let path = self.main.path().to_owned();
        let rewrite = || -> Result<(), Fault> { Ok(self.main.conn().execute_batch("VACUUM")?) };
        rewrite().map_err(|fault| fault.at(&path))?;
        self.main.checkpoint_by_itself()
    }
}

/// Every text of a record.
pub fn texts_of(record: &Record) -> impl Iterator<Item = String> + '_ {
    record.fields.iter().flat_map(|(_, value)| match value {
        Value::One(text) => vec![text.clone()],
        Value::Many(texts) => texts.clone(),
    })
}

/// The run and the row in the number of a row.
fn place(id: i64) -> (RunId, u64) {
    (RunId((id >> 32) as u64), (id & 0xffff_ffff) as u64)
}

/// Says whether a former record stays: the block, the record, its bytes.
type Keep<'k> = dyn FnMut(i64, RecordId, &[u8]) -> Result<bool, Fault> + 'k;

/// Asks of every former record whether it stays; answers the blocks of which some do
/// not, with what stays of them.
fn each_before(conn: &Connection, keep: &mut Keep<'_>) -> Result<Vec<(i64, Vec<u8>)>, Fault> {
    let mut query = conn.prepare("SELECT id, data FROM before ORDER BY id")?;
    let mut blocks = query.query([])?;
    let mut changed = Vec::new();
    while let Some(block) = blocks.next()? {
        let number: i64 = block.get(0)?;
        let first = place(number).1;
        let corrupt = |_| Fault::Corrupt("before-images of row", first);
        let data = block.get_ref(1)?.as_blob().map_err(|_| Fault::Corrupt("before-images of row", first))?;
        let (mut reader, mut left, mut is_changed) = (Reader::new(data), Vec::new(), false);
        while !reader.is_empty() {
            let row = reader.number().map_err(corrupt)?;
            let of = RecordId(reader.number().map_err(corrupt)?);
            let bytes = reader.bytes().map_err(corrupt)?;
            if keep(number, of, bytes)? {
                codec::put_number(&mut left, row);
                codec::put_number(&mut left, of.0);
                codec::put_bytes(&mut left, bytes);
            } else {
                is_changed = true;
            }
        }
        if is_changed {
            changed.push((number, left));
        }
    }
    Ok(changed)
}

fn forget_before(tx: &Connection, id: RecordId) -> Result<(), Fault> {
    for (block, left) in each_before(tx, &mut |_, of, _| Ok(of != id))? {
        if left.is_empty() {
            tx.execute("DELETE FROM before WHERE id = ?1", [block])?;
        } else {
            tx.execute("UPDATE before SET data = ?2 WHERE id = ?1", (block, left))?;
        }
    }
    Ok(())
}

/// Blanks what rows quote.
fn forget_said(tx: &Connection, id: RecordId, rows: &BTreeSet<(RunId, u64)>, texts: &[String]) -> Result<(), Fault> {
    let mut query = tx.prepare("SELECT id, data FROM exception ORDER BY id")?;
    let mut entries = query.query([])?;
    let mut changed = Vec::new();
    while let Some(entry) = entries.next()? {
        let number: i64 = entry.get(0)?;
        let (run, row) = place(number);
        let corrupt = |_| Fault::Corrupt("ledger row", row);
        let data = entry.get_ref(1)?.as_blob().map_err(|_| Fault::Corrupt("ledger row", row))?;
        let mut said = ledger_codec::exception(row, data).map_err(corrupt)?;
        let quotes = |text: &str| {
            let text = text.to_lowercase();
            texts.iter().any(|known| text.contains(known.as_str()))
        };
        let is_about = said.outcome.record() == Some(id)
            || rows.contains(&(run, row))
            || said.issues.iter().any(|issue| quotes(&issue.value) || quotes(&issue.guidance));
        if !is_about || said.issues.is_empty() {
            continue;
        }
        for issue in &mut said.issues {
            issue.value.clear();
            issue.guidance = FORGOTTEN.to_owned();
        }
        let mut bytes = Vec::new();
        ledger_codec::put_exception(&mut bytes, &said);
        changed.push((number, bytes));
    }
    let mut write = tx.prepare("UPDATE exception SET data = ?2 WHERE id = ?1")?;
    for entry in changed {
        write.execute(entry)?;
    }
    Ok(())
}
