//! Files that were found where a source's files lie, and how they become deliveries.

use super::error::{Fault, StoreError};
use super::sources::NewDelivery;
use super::workspace::Store;
use crate::domain::id::{DeliveryId, SourceId};
use crate::domain::source::{FileIdentity, FoundFile, FoundState};
use rusqlite::{Connection, Row, params};

const FOUND: &str = "SELECT source, name, size, modified_at, first_seen, last_seen, is_there, state FROM found_file";

impl Store {
    /// Notes what a look has found: files and what becomes of each. Of a file that has become a delivery, or that a
    /// person decides about, the state stays. Files that are gone are forgotten where nothing has come of them, and
    /// marked as gone elsewhere.
    pub fn note_look(
        &mut self,
        source: SourceId,
        found: &[(FileIdentity, FoundState)],
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.main.write(|tx| {
            // Marked by a time that no look has: those that stay marked were not found again.
            tx.execute("UPDATE found_file SET is_there = 2 WHERE source = ?1 AND is_there = 1", [source.0 as i64])?;
            let mut note = tx.prepare_cached(
                "INSERT INTO found_file(source, name, size, modified_at, first_seen, last_seen, is_there, state) \
                 VALUES(?1, ?2, ?3, ?4, ?5, ?5, 1, ?6) \
                 ON CONFLICT(source, name, size, modified_at) DO UPDATE SET last_seen = ?5, is_there = 1, \
                 state = CASE WHEN json_extract(state, '$.state') IN ('settling', 'new', 'ignored', 'refused') \
                 THEN ?6 ELSE state END",
            )?;
            for (file, state) in found {
                let (size, at) = (file.size as i64, file.modified_ms);
                note.execute(params![source.0 as i64, file.name, size, at, now_ms, json(state)])?;
            }
            tx.execute(
                "DELETE FROM found_file WHERE source = ?1 AND is_there <> 1 \
                 AND json_extract(state, '$.state') IN ('settling', 'new', 'ignored', 'refused')",
                [source.0 as i64],
            )?;
            tx.execute("UPDATE found_file SET is_there = 0 WHERE source = ?1 AND is_there = 2", [source.0 as i64])?;
            Ok(())
        })
    }

    /// The files that were found for a source, those changed longest ago first.
    pub fn found_files(&self, source: SourceId) -> Result<Vec<FoundFile>, StoreError> {
        self.found_where("WHERE source = ?1 ORDER BY modified_at, name, size", [source.0 as i64])
    }

    /// When the newest of the files was first seen that are there and may still be uploaded (ms since 1970, UTC).
    pub fn newest_settling(&self, source: SourceId) -> Result<Option<i64>, StoreError> {
        let newest = "SELECT max(first_seen) FROM found_file WHERE source = ?1 AND is_there = 1 \
                      AND json_extract(state, '$.state') = 'settling'";
        self.main.read(|conn| Ok(conn.prepare_cached(newest)?.query_row([source.0 as i64], |row| row.get(0))?))
    }

    /// The file that a delivery was, where it was found and not handed over by a person.
    pub fn found_of(&self, delivery: DeliveryId) -> Result<Option<FoundFile>, StoreError> {
        Ok(self.found_where("WHERE delivery = ?1", [delivery.0 as i64])?.pop())
    }

    fn found_where(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<FoundFile>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(&format!("{FOUND} {which}"))?;
            let mut rows = query.query(params)?;
            let mut files = Vec::new();
            while let Some(row) = rows.next()? {
                files.push(found_file(row)?);
            }
            Ok(files)
        })
    }

    /// Says what has become of a found file.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn set_found_state(
        &mut self,
        source: SourceId,
        file: &FileIdentity,
        state: &FoundState,
    ) -> Result<(), StoreError> {
        self.main.write(|tx| set_state(tx, source, file, state))
    }

    /// Says that a found file is no longer where it lay: it was moved or deleted after its import.
    pub fn found_file_left(&mut self, source: SourceId, file: &FileIdentity) -> Result<(), StoreError> {
        let left =
            "UPDATE found_file SET is_there = 0 WHERE source = ?1 AND name = ?2 AND size = ?3 AND modified_at = ?4";
        let (size, at) = (file.size as i64, file.modified_ms);
        self.main.write(|tx| Ok(tx.execute(left, (source.0 as i64, &file.name, size, at)).map(drop)?))
    }

    /// Registers a found file that was fetched as a delivery: all of it or nothing. Its file is in the workspace already,
    /// whole and synced.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the file is not in the workspace; [`StoreError::NoSuch`] when it was not found before.
    pub fn register_arrival(&mut self, new: &NewDelivery<'_>, file: &FileIdentity) -> Result<DeliveryId, StoreError> {
        self.atomically(|store| {
            let delivery = store.add_delivery(new)?;
            store.set_found_state(new.source, file, &FoundState::Landed { delivery })?;
            Ok(delivery)
        })
    }
}

fn set_state(tx: &Connection, source: SourceId, file: &FileIdentity, state: &FoundState) -> Result<(), Fault> {
    let set = "UPDATE found_file SET state = ?5, delivery = ?6 \
               WHERE source = ?1 AND name = ?2 AND size = ?3 AND modified_at = ?4";
    let (size, at) = (file.size as i64, file.modified_ms);
    let delivery = state.delivery().map(|id| id.0 as i64);
    match tx.prepare_cached(set)?.execute(params![source.0 as i64, file.name, size, at, json(state), delivery])? {
        0 => Err(StoreError::NoSuch { what: "found file", id: file.name.clone() }.into()),
        _ => Ok(()),
    }
}

fn json(state: &FoundState) -> String {
    serde_json::to_string(state).expect("a state is made of what JSON can say")
}

fn found_file(row: &Row<'_>) -> Result<FoundFile, Fault> {
    let source = row.get::<_, i64>(0)? as u64;
    let state = serde_json::from_str(row.get_ref(7)?.as_str().unwrap_or_default());
    Ok(FoundFile {
        source: SourceId(source),
        identity: FileIdentity { name: row.get(1)?, size: row.get::<_, i64>(2)? as u64, modified_ms: row.get(3)? },
        first_seen_ms: row.get(4)?,
        last_seen_ms: row.get(5)?,
        is_there: row.get::<_, i64>(6)? == 1,
        state: state.map_err(|_| Fault::Corrupt("a found file of source", source))?,
    })
}
