//! What is kept for a set time only: the files of deliveries, and what records were before they were changed. Counts and
//! outcomes stay (design.md, "Personal data ends").

use super::error::{Fault, StoreError};
use super::ledger_write::row_id;
use super::workspace::Store;
use crate::domain::id::{DeliveryId, RunId};
use rusqlite::Connection;
use std::path::PathBuf;

/// Runs that may still read their delivery, or change what they changed.
const UNFINISHED: &str = "('queued', 'running', 'interrupted', 'awaiting_release')";

/// A file of the deliveries directory that no delivery needs any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unneeded {
    pub path: PathBuf,
    /// When its content landed last (ms since 1970, UTC). A file that was written after that has just landed again.
    pub landed_ms: i64,
}

impl Store {
    /// Marks deliveries that landed before this time as purged, and answers how many. One whose run has not ended, or is
    /// still to be made, stays. The files are the caller's to remove: see [`Store::unneeded_files`].
    pub fn purge_deliveries(&mut self, landed_before_ms: i64, now_ms: i64) -> Result<u64, StoreError> {
        let purge = format!(
            "UPDATE delivery SET purged_at = ?2 WHERE purged_at IS NULL AND landed_at < ?1 \
             AND NOT EXISTS(SELECT 1 FROM run WHERE run.source = delivery.source AND run.delivery = delivery.id \
             AND run.status IN {UNFINISHED}) \
             AND NOT EXISTS(SELECT 1 FROM found_file WHERE found_file.delivery = delivery.id \
             AND json_extract(found_file.state, '$.state') = 'landed')"
        );
        self.main.write(|tx| Ok(tx.execute(&purge, (landed_before_ms, now_ms))? as u64))
    }

    /// Marks these deliveries as purged, whatever their age.
    pub fn purge_these(&mut self, deliveries: &[DeliveryId], now_ms: i64) -> Result<(), StoreError> {
        self.main.write(|tx| {
            let mut purge =
                tx.prepare_cached("UPDATE delivery SET purged_at = ?2 WHERE id = ?1 AND purged_at IS NULL")?;
            for delivery in deliveries {
                purge.execute((delivery.0 as i64, now_ms))?;
            }
            Ok(())
        })
    }

    /// The files of purged deliveries that no other delivery has. They may be gone already.
    pub fn unneeded_files(&self) -> Result<Vec<Unneeded>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(
                "SELECT path, max(landed_at) FROM delivery GROUP BY path HAVING count(purged_at) = count(*)",
            )?;
            let found = query.query_map([], |row| {
                Ok(Unneeded { path: self.dir.join(row.get::<_, String>(0)?), landed_ms: row.get(1)? })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Removes what records were before runs that ended before this time, and answers of how many runs.
    pub fn purge_before_images(&mut self, ended_before_ms: i64) -> Result<u64, StoreError> {
        self.main.write(|tx| {
            wipe_what_is_deleted(tx)?;
            let old = format!(
                "SELECT id FROM run WHERE finished_at < ?1 AND status NOT IN {UNFINISHED} \
                 AND EXISTS(SELECT 1 FROM before WHERE before.id >= run.id << 32 AND before.id < (run.id + 1) << 32)"
            );
            let mut query = tx.prepare(&old)?;
            let runs: Vec<i64> = query.query_map([ended_before_ms], |row| row.get(0))?.collect::<Result<_, _>>()?;
            let mut purge = tx.prepare_cached("DELETE FROM before WHERE id >= ?1 AND id < ?2")?;
            for run in &runs {
                let run = RunId(*run as u64);
                purge.execute((row_id(run, 0), row_id(RunId(run.0 + 1), 0)))?;
            }
            Ok(runs.len() as u64)
        })
    }
}

/// From now on, on this connection, what is deleted is overwritten.
pub(super) fn wipe_what_is_deleted(conn: &Connection) -> Result<(), Fault> {
    Ok(conn.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?)
}
