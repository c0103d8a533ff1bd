//! Files that were found where a source's files lie, and how they become deliveries.

use super::error::{Fault, StoreError};
use super::sources::NewDelivery;
use super::workspace::Store;
use crate::domain::id::{DeliveryId, SourceId};
use crate::domain::source::{self, FileIdentity, FoundFile, FoundState};
use rusqlite::{Connection, Row, params};
use std::collections::HashSet;

pub(super) const FOUND: &str =
    "SELECT source, name, size, modified_at, first_seen, last_seen, is_there, state, trouble FROM found_file";

/// The states of files of which nothing has come: they are forgotten with the file.
const NOTHING_CAME: &str = "('settling', 'new', 'ignored', 'refused')";

/// The files of a source that are there. The index is named here and below: without statistics SQLite would go through
/// all that ever came from the source.
const THERE: &str = "INDEXED BY found_file_state WHERE source = ?1 AND is_there = 1";

/// The files of a source that are there, and in this state.
const THERE_AS: &str =
    "INDEXED BY found_file_state WHERE source = ?1 AND is_there = 1 AND json_extract(state, '$.state') = ?2";

/// The files of a source of which nobody has decided what becomes, there or not.
const LANDED: &str = "INDEXED BY found_file_state WHERE source = ?1 AND is_there IN (0, 1) \
                      AND json_extract(state, '$.state') = 'landed' ORDER BY modified_at, name, size";

/// The files of a source that a run has taken, those that arrived last first.
const LAST_TAKEN: &str = "INDEXED BY found_file_arrival WHERE source = ?1 AND delivery IS NOT NULL \
                          AND json_extract(state, '$.state') = 'taken' ORDER BY delivery DESC LIMIT ?2";

/// The imported files of a source that could not be put away.
const NOT_PUT_AWAY: &str = "WHERE source = ?1 AND trouble IS NOT NULL AND json_extract(state, '$.state') = 'taken'";

/// What is asked again and again of a source, however long its history: with [`FOUND`] before it.
#[cfg(test)]
pub(super) const ASKED: [&str; 6] =
    [THERE, THERE_AS, LANDED, LAST_TAKEN, "WHERE source = ?1 AND name = ?2", "WHERE delivery = ?1"];

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
            let mut gone: HashSet<FileIdentity> = there(tx, source)?;
            for (file, _) in found {
                gone.remove(file);
            }
            let mut note = tx.prepare_cached(&format!(
                "INSERT INTO found_file(source, name, size, modified_at, first_seen, last_seen, is_there, state) \
                 VALUES(?1, ?2, ?3, ?4, ?5, ?5, 1, ?6) \
                 ON CONFLICT(source, name, size, modified_at) DO UPDATE SET last_seen = ?5, is_there = 1, \
                 state = CASE WHEN json_extract(state, '$.state') IN {NOTHING_CAME} THEN ?6 ELSE state END",
            ))?;
            for (file, state) in found {
                let (size, at) = (file.size as i64, file.modified_ms);
                note.execute(params![source.0 as i64, file.name, size, at, now_ms, json(state)])?;
            }
            let which = "WHERE source = ?1 AND name = ?2 AND size = ?3 AND modified_at = ?4";
            let mut forget = tx.prepare_cached(&format!(
                "DELETE FROM found_file {which} AND json_extract(state, '$.state') IN {NOTHING_CAME}"
            ))?;
            let mut leave =
                tx.prepare_cached(&format!("UPDATE found_file SET is_there = 0, trouble = NULL {which}"))?;
            for file in gone {
                let which = (source.0 as i64, &file.name, file.size as i64, file.modified_ms);
                if forget.execute(which)? == 0 {
                    leave.execute(which)?;
                }
            }
            Ok(())
        })
    }

    /// The files that were found for a source, those changed longest ago first: all that ever came.
    pub fn found_files(&self, source: SourceId) -> Result<Vec<FoundFile>, StoreError> {
        self.found_where("WHERE source = ?1 ORDER BY modified_at, name, size", [source.0 as i64])
    }

    /// Those of them that are there, in no order.
    pub fn files_there(&self, source: SourceId) -> Result<Vec<FoundFile>, StoreError> {
        self.found_where(THERE, [source.0 as i64])
    }

    /// Those of them that are there and new, those changed longest ago first.
    pub fn new_files(&self, source: SourceId) -> Result<Vec<FoundFile>, StoreError> {
        self.there_as(source, "new")
    }

    /// Those of them that are there and may still be uploaded, those changed longest ago first.
    pub fn settling_files(&self, source: SourceId) -> Result<Vec<FoundFile>, StoreError> {
        self.there_as(source, "settling")
    }

    /// Those of them that are there and were taken by a run, those changed longest ago first.
    pub fn taken_files_there(&self, source: SourceId) -> Result<Vec<FoundFile>, StoreError> {
        self.there_as(source, "taken")
    }

    fn there_as(&self, source: SourceId, state: &str) -> Result<Vec<FoundFile>, StoreError> {
        self.found_where(&format!("{THERE_AS} ORDER BY modified_at, name, size"), (source.0 as i64, state))
    }

    /// Those of them that were registered and of which nobody has decided yet what becomes, there or not, those changed
    /// longest ago first.
    pub fn landed_files(&self, source: SourceId) -> Result<Vec<FoundFile>, StoreError> {
        self.found_where(LANDED, [source.0 as i64])
    }

    /// Those of this name, in no order.
    pub fn files_named(&self, source: SourceId, name: &str) -> Result<Vec<FoundFile>, StoreError> {
        self.found_where("WHERE source = ?1 AND name = ?2", (source.0 as i64, name))
    }

    /// Those that a run has imported or imports: so many that arrived last, the newest first.
    pub fn last_taken(&self, source: SourceId, most: u64) -> Result<Vec<FoundFile>, StoreError> {
        self.found_where(LAST_TAKEN, (source.0 as i64, most as i64))
    }

    /// When the newest of the files was first seen that are there and may still be uploaded (ms since 1970, UTC).
    pub fn newest_settling(&self, source: SourceId) -> Result<Option<i64>, StoreError> {
        let newest = format!("SELECT max(first_seen) FROM found_file {THERE_AS}");
        self.main.read(|conn| {
            Ok(conn.prepare_cached(&newest)?.query_row((source.0 as i64, "settling"), |row| row.get(0))?)
        })
    }

    /// Whether a file is there that is new, and with which nothing has gone wrong yet.
    pub fn has_untried(&self, source: SourceId) -> Result<bool, StoreError> {
        let any = format!("SELECT EXISTS(SELECT 1 FROM found_file {THERE_AS} AND trouble IS NULL)");
        self.main.read(|conn| Ok(conn.prepare_cached(&any)?.query_row((source.0 as i64, "new"), |row| row.get(0))?))
    }

    /// Says what went wrong with a found file. It stays until something has become of the file, or it is gone.
    pub fn note_trouble(
        &mut self,
        source: SourceId,
        file: &FileIdentity,
        trouble: &source::Fault,
    ) -> Result<(), StoreError> {
        let set =
            "UPDATE found_file SET trouble = ?5 WHERE source = ?1 AND name = ?2 AND size = ?3 AND modified_at = ?4";
        let (size, at) = (file.size as i64, file.modified_ms);
        let trouble = serde_json::to_string(trouble).expect("texts are JSON");
        self.main.write(|tx| Ok(tx.execute(set, params![source.0 as i64, file.name, size, at, trouble]).map(drop)?))
    }

    /// How many files of the source could not be fetched, moved or deleted the last time.
    pub fn troubled_files(&self, source: SourceId) -> Result<u64, StoreError> {
        let number = "SELECT count(*) FROM found_file INDEXED BY found_file_trouble \
                      WHERE source = ?1 AND trouble IS NOT NULL";
        self.main.read(|conn| Ok(conn.query_row(number, [source.0 as i64], |row| row.get::<_, i64>(0))? as u64))
    }

    /// Imported files of the source stay where they are from now on: what went wrong with putting them away is over.
    pub fn forget_putting_away(&mut self, source: SourceId) -> Result<(), StoreError> {
        let any = format!("SELECT EXISTS(SELECT 1 FROM found_file INDEXED BY found_file_trouble {NOT_PUT_AWAY})");
        // Mostly there is nothing to write, and nobody is to be told of a change.
        if !self.main.read(|conn| Ok(conn.query_row(&any, [source.0 as i64], |row| row.get(0))?))? {
            return Ok(());
        }
        let forget = format!("UPDATE found_file INDEXED BY found_file_trouble SET trouble = NULL {NOT_PUT_AWAY}");
        self.main.write(|tx| Ok(tx.execute(&forget, [source.0 as i64]).map(drop)?))
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
        let left = "UPDATE found_file SET is_there = 0, trouble = NULL \
                    WHERE source = ?1 AND name = ?2 AND size = ?3 AND modified_at = ?4";
        let (size, at) = (file.size as i64, file.modified_ms);
        self.main.write(|tx| Ok(tx.execute(left, (source.0 as i64, &file.name, size, at)).map(drop)?))
    }

    /// Registers a found file that was fetched as a delivery: all of it or nothing. Its file is in the workspace already,
    /// whole and synced; `check` holds that it still is, when nobody can remove it any more.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the file is not in the workspace; [`StoreError::NoSuch`] when it was not found before;
    /// those of `check`.
    pub fn register_arrival<E: From<StoreError>>(
        &mut self,
        new: &NewDelivery<'_>,
        file: &FileIdentity,
        check: impl FnOnce() -> Result<(), E>,
    ) -> Result<DeliveryId, E> {
        self.atomically(|store| {
            check()?;
            let delivery = store.add_delivery(new)?;
            store.set_found_state(new.source, file, &FoundState::Landed { delivery })?;
            Ok(delivery)
        })
    }
}

fn set_state(tx: &Connection, source: SourceId, file: &FileIdentity, state: &FoundState) -> Result<(), Fault> {
    let set = "UPDATE found_file SET state = ?5, delivery = ?6, trouble = NULL \
               WHERE source = ?1 AND name = ?2 AND size = ?3 AND modified_at = ?4";
    let (size, at) = (file.size as i64, file.modified_ms);
    let delivery = state.delivery().map(|id| id.0 as i64);
    match tx.prepare_cached(set)?.execute(params![source.0 as i64, file.name, size, at, json(state), delivery])? {
        0 => Err(StoreError::NoSuch { what: "found file", id: file.name.clone() }.into()),
        _ => Ok(()),
    }
}

/// The files of a source that the last look found.
fn there(tx: &Connection, source: SourceId) -> Result<HashSet<FileIdentity>, Fault> {
    let mut query = tx.prepare_cached(&format!("SELECT name, size, modified_at FROM found_file {THERE}"))?;
    let files = query.query_map([source.0 as i64], |row| {
        Ok(FileIdentity { name: row.get(0)?, size: row.get::<_, i64>(1)? as u64, modified_ms: row.get(2)? })
    })?;
    Ok(files.collect::<Result<_, _>>()?)
}

fn json(state: &FoundState) -> String {
    serde_json::to_string(state).expect("a state is made of what JSON can say")
}

fn found_file(row: &Row<'_>) -> Result<FoundFile, Fault> {
    let source = row.get::<_, i64>(0)? as u64;
    let corrupt = || Fault::Corrupt("a found file of source", source);
    let state = serde_json::from_str(row.get_ref(7)?.as_str().unwrap_or_default());
    let trouble: Option<String> = row.get(8)?;
    Ok(FoundFile {
        source: SourceId(source),
        identity: FileIdentity { name: row.get(1)?, size: row.get::<_, i64>(2)? as u64, modified_ms: row.get(3)? },
        first_seen_ms: row.get(4)?,
        last_seen_ms: row.get(5)?,
        is_there: row.get::<_, i64>(6)? == 1,
        state: state.map_err(|_| corrupt())?,
        trouble: trouble.map(|trouble| serde_json::from_str(&trouble)).transpose().map_err(|_| corrupt())?,
    })
}
