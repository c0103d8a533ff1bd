//! Sources and the deliveries that arrived from them.

use super::error::{Fault, StoreError};
use super::source_changes::Before;
use super::workspace::Store;
use crate::domain::id::{DeliveryId, RunId, SourceId};
use crate::domain::run::RunStatus;
use crate::domain::source::{Paused, Reviewed, Source, SourceEdit, SourceMode, SourceOptions, Volume};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

/// A source to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewSource<'a> {
    pub name: &'a str,
    pub kind: &'a str,
    pub provider: Option<&'a str>,
    pub mode: SourceMode,
    pub created_ms: i64,
}

/// What became of the wish for a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedSource {
    New(SourceId),
    /// One of this name had been removed: it is back, with its references, its mapping and its runs.
    BroughtBack(SourceId),
}

impl AddedSource {
    pub fn id(self) -> SourceId {
        match self {
            AddedSource::New(id) | AddedSource::BroughtBack(id) => id,
        }
    }
}

/// One input that arrived, kept byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub source: SourceId,
    /// What it was called where it came from.
    pub name: String,
    /// Where it is kept.
    pub path: PathBuf,
    /// As it is kept; fewer than its content where it is compressed.
    pub bytes: u64,
    /// In hexadecimal, of the bytes as kept.
    pub sha256: String,
    pub landed_ms: i64,
    /// When its file was removed, because it was kept long enough (ms since 1970, UTC): only its numbers are left.
    pub purged_ms: Option<i64>,
}

/// A delivery to be registered. Its file is in the workspace already, whole and synced.
#[derive(Debug, Clone, Copy)]
pub struct NewDelivery<'a> {
    pub source: SourceId,
    pub name: &'a str,
    /// In the workspace's directory, absolute or relative to it.
    pub path: &'a Path,
    pub bytes: u64,
    pub sha256: &'a str,
    pub landed_ms: i64,
}

const SOURCE: &str = "SELECT id, name, kind, provider, mode, created_at, mapping, mapping_version, last_ran, \
                      last_imported, error, paused, reviewed_by, reviewed_at, reviewed_mapping, reviewed_version, \
                      purpose, owner, notes, account, scope, location, options, paused_by, paused_at, error_at, \
                      removed_at, connection, schedule, contract, after_import, blocked, due_until FROM source";
pub(super) const DELIVERY: &str = "SELECT id, source, name, path, bytes, sha256, landed_at, purged_at FROM delivery";

/// Deliveries by their file, as long as it is kept.
const AT: &str = "WHERE path = ?1 AND purged_at IS NULL AND (?2 IS NULL OR +source = ?2) ORDER BY id DESC LIMIT 1";
const OF_SOURCE: &str = "WHERE source = ?1 ORDER BY id DESC LIMIT ?2";
const SAME: &str = "WHERE source = ?1 AND sha256 = ?2 ORDER BY id DESC";

/// What is asked of deliveries again and again, however many there are: with [`DELIVERY`] before it.
#[cfg(test)]
pub(super) const ASKED: [&str; 3] = [AT, OF_SOURCE, SAME];

impl Store {
    /// The source of this name, unless it was removed.
    pub fn source_by_name(&self, name: &str) -> Result<Option<Source>, StoreError> {
        Ok(self.sources_where("WHERE name = ?1 AND removed_at IS NULL", [name])?.pop())
    }

    /// The removed source of this name, which adding one of its name brings back.
    pub fn removed_source(&self, name: &str) -> Result<Option<Source>, StoreError> {
        Ok(self.sources_where("WHERE name = ?1 AND removed_at IS NOT NULL", [name])?.pop())
    }

    /// A source, removed or not.
    pub fn source(&self, id: SourceId) -> Result<Option<Source>, StoreError> {
        Ok(self.sources_where("WHERE id = ?1", [id.0 as i64])?.pop())
    }

    /// The sources that there are, oldest first.
    pub fn sources(&self) -> Result<Vec<Source>, StoreError> {
        self.sources_where("WHERE removed_at IS NULL ORDER BY id", [])
    }

    /// All sources, removed ones too, oldest first: contacts and runs still refer to them.
    pub fn sources_ever(&self) -> Result<Vec<Source>, StoreError> {
        self.sources_where("ORDER BY id", [])
    }

    fn sources_where(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<Source>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(&format!("{SOURCE} {which}"))?;
            let mut rows = query.query(params)?;
            let mut sources = Vec::new();
            while let Some(row) = rows.next()? {
                sources.push(source(row)?);
            }
            Ok(sources)
        })
    }

    /// Adds a source, or brings back the removed one of its name.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`].
    pub fn add_source(&mut self, new: &NewSource<'_>) -> Result<AddedSource, StoreError> {
        self.main.write(|tx| {
            // What was due while it was away is nobody's concern.
            let back = "UPDATE source SET removed_at = NULL, mode = ?3, \
                        due_until = CASE WHEN schedule IS NULL THEN NULL ELSE ?4 END \
                        WHERE name = ?1 AND kind = ?2 AND removed_at IS NOT NULL RETURNING id";
            let named = (new.name, new.kind, new.mode.as_str(), new.created_ms);
            let back = tx.query_row(back, named, |row| row.get::<_, i64>(0));
            if let Some(id) = back.optional()? {
                return Ok(AddedSource::BroughtBack(SourceId(id as u64)));
            }
            let add = "INSERT OR IGNORE INTO source(name, kind, provider, mode, created_at) VALUES(?1, ?2, ?3, ?4, ?5)";
            if tx.execute(add, (new.name, new.kind, new.provider, new.mode.as_str(), new.created_ms))? == 0 {
                return Err(name_taken(tx, new.name)?);
            }
            Ok(AddedSource::New(SourceId(tx.last_insert_rowid() as u64)))
        })
    }

    /// Changes what is said about a source. Of options, connection, schedule and contract every version is kept, with
    /// `user` and the time (see [`Store::source_changes`]).
    ///
    /// # Errors
    /// [`StoreError::NoSuch`], of a removed source too.
    pub fn edit_source(&mut self, id: SourceId, edit: &SourceEdit, user: &str, now_ms: i64) -> Result<(), StoreError> {
        self.main.write(|tx| {
            let before = Before::of(tx, id)?.ok_or_else(|| no_such(id))?;
            let edited = tx.execute(
                "UPDATE source SET mode = coalesce(?2, mode), purpose = CASE WHEN ?3 THEN ?4 ELSE purpose END, \
                 owner = CASE WHEN ?5 THEN ?6 ELSE owner END, notes = CASE WHEN ?7 THEN ?8 ELSE notes END, \
                 location = CASE WHEN ?9 THEN ?10 ELSE location END, options = coalesce(?11, options), \
                 connection = coalesce(?12, connection), schedule = CASE WHEN ?13 THEN ?14 ELSE schedule END, \
                 contract = coalesce(?15, contract), after_import = coalesce(?16, after_import) \
                 WHERE id = ?1 AND removed_at IS NULL",
                params![
                    id.0 as i64,
                    edit.mode.map(SourceMode::as_str),
                    edit.purpose.is_some(),
                    edit.purpose.as_ref().and_then(Option::as_deref),
                    edit.owner.is_some(),
                    edit.owner.as_ref().and_then(Option::as_deref),
                    edit.notes.is_some(),
                    edit.notes.as_ref().and_then(Option::as_deref),
                    edit.location.is_some(),
                    edit.location.as_ref().and_then(Option::as_deref),
                    edit.options.as_ref().map(SourceOptions::to_json),
                    edit.connection.as_ref().map(json),
                    edit.schedule.is_some(),
                    edit.schedule.as_ref().and_then(Option::as_ref).map(json),
                    edit.contract.as_ref().map(json),
                    edit.after_import.as_ref().map(json),
                ],
            )?;
            found(edited, id)?;
            before.note_changes(tx, id, user, now_ms)
        })
    }

    /// Remembers where a file was imported from and how, for the next time. What somebody said of the source on purpose
    /// ([`SourceOptions::set_by`]) stays, but for what has become part of the mapping that is remembered for the source. A
    /// removed source is back.
    pub fn remember_import(
        &mut self,
        id: SourceId,
        location: Option<&str>,
        options: &SourceOptions,
        user: &str,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        self.main.write(|tx| {
            let before = Before::of(tx, id)?.ok_or_else(|| no_such(id))?;
            let remembered = tx.execute(
                "UPDATE source SET removed_at = NULL, location = coalesce(?2, location), \
                 options = CASE WHEN json_extract(options, '$.set_by') IS NULL THEN ?3 ELSE json_set(options, \
                 '$.mapping', NULL, '$.map', json('[]'), '$.day_first', json('[]'), '$.month_first', json('[]')) END \
                 WHERE id = ?1",
                (id.0 as i64, location, options.to_json()),
            )?;
            found(remembered, id)?;
            before.note_changes(tx, id, user, now_ms)
        })
    }

    /// Gives a source another name. Its mapping goes with it, if it has the source's name and no other source uses it.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`], by a removed source too; [`StoreError::NoSuch`].
    pub fn rename_source(&mut self, id: SourceId, name: &str) -> Result<(), StoreError> {
        self.main.write(|tx| {
            let old = "SELECT name FROM source WHERE id = ?1 AND removed_at IS NULL";
            let old: Option<String> = tx.query_row(old, [id.0 as i64], |row| row.get(0)).optional()?;
            let old = old.ok_or_else(|| no_such(id))?;
            if old == name {
                return Ok(());
            }
            if tx.execute("UPDATE OR IGNORE source SET name = ?2 WHERE id = ?1", (id.0 as i64, name))? == 0 {
                return Err(name_taken(tx, name)?);
            }
            // An import saves its mapping under the name of its source.
            let free = "SELECT NOT EXISTS(SELECT 1 FROM mapping WHERE name = ?2) \
                        AND NOT EXISTS(SELECT 1 FROM source WHERE mapping = ?1 AND id <> ?3)";
            if tx.query_row(free, (&old, name, id.0 as i64), |row| row.get(0))? {
                tx.execute("UPDATE mapping SET name = ?2 WHERE name = ?1", (&old, name))?;
                tx.execute("UPDATE source SET mapping = ?2 WHERE id = ?3 AND mapping = ?1", (&old, name, id.0 as i64))?;
                let reviewed = "UPDATE source SET reviewed_mapping = ?2 WHERE id = ?3 AND reviewed_mapping = ?1";
                tx.execute(reviewed, (&old, name, id.0 as i64))?;
            }
            Ok(())
        })
    }

    /// Pauses a source: its runs do not start until it is resumed (R100). One that is paused stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn pause_source(&mut self, id: SourceId, by: &str, now_ms: i64) -> Result<(), StoreError> {
        let pause = "UPDATE source SET paused_by = CASE WHEN paused THEN paused_by ELSE ?2 END, \
                     paused_at = CASE WHEN paused THEN paused_at ELSE ?3 END, paused = 1 \
                     WHERE id = ?1 AND removed_at IS NULL";
        self.main.write(|tx| found(tx.execute(pause, (id.0 as i64, by, now_ms))?, id))
    }

    /// Takes a pause back (R101).
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn resume_source(&mut self, id: SourceId) -> Result<(), StoreError> {
        let resume = "UPDATE source SET paused = 0, paused_by = NULL, paused_at = NULL \
                      WHERE id = ?1 AND removed_at IS NULL";
        self.main.write(|tx| found(tx.execute(resume, [id.0 as i64])?, id))
    }

    /// Takes a source from the lists. Its runs, contacts and references stay, and so does its name with them.
    ///
    /// # Errors
    /// [`StoreError::NoSuch`].
    pub fn remove_source(&mut self, id: SourceId, now_ms: i64) -> Result<(), StoreError> {
        let remove = "UPDATE source SET removed_at = ?2 WHERE id = ?1 AND removed_at IS NULL";
        self.main.write(|tx| found(tx.execute(remove, (id.0 as i64, now_ms))?, id))
    }

    /// Of each source that there is, its last `per_source` runs that were begun and were no dry runs, oldest first; in
    /// the order of sources. Sources without a run are absent.
    pub fn volumes(&self, per_source: usize) -> Result<Vec<(SourceId, Vec<Volume>)>, StoreError> {
        self.main.read(|conn| {
            let mut sources = conn.prepare_cached("SELECT id FROM source WHERE removed_at IS NULL ORDER BY id")?;
            let mut last = conn.prepare_cached(
                "SELECT id, created_at, created + updated + unchanged, failed, status FROM run WHERE source = ?1 \
                 AND kind <> 'dry_run' AND started_at IS NOT NULL ORDER BY id DESC LIMIT ?2",
            )?;
            let mut volumes = Vec::new();
            let mut ids = sources.query([])?;
            while let Some(found) = ids.next()? {
                let id: i64 = found.get(0)?;
                let mut of_source = Vec::new();
                let mut rows = last.query((id, per_source as i64))?;
                while let Some(row) = rows.next()? {
                    of_source.push(volume(row)?);
                }
                of_source.reverse();
                if !of_source.is_empty() {
                    volumes.push((SourceId(id as u64), of_source));
                }
            }
            Ok(volumes)
        })
    }

    /// Registers a delivery whose file is in place.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the file is not in the workspace.
    pub fn add_delivery(&mut self, new: &NewDelivery<'_>) -> Result<DeliveryId, StoreError> {
        let path = if new.path.is_absolute() { new.path.strip_prefix(&self.dir).ok() } else { Some(new.path) };
        let refused = || StoreError::Refused {
            what: "the place of a delivery".to_owned(),
            given: new.path.display().to_string(),
            takes: "a path inside the workspace",
        };
        let path = path.and_then(Path::to_str).ok_or_else(refused)?;
        self.main.write(|tx| {
            tx.execute(
                "INSERT INTO delivery(source, name, path, bytes, sha256, landed_at) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                (new.source.0 as i64, new.name, path, new.bytes as i64, new.sha256, new.landed_ms),
            )?;
            Ok(DeliveryId(tx.last_insert_rowid() as u64))
        })
    }

    pub fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        let found = self.deliveries("WHERE id = ?1", [id.0 as i64])?;
        Ok(found.into_iter().next())
    }

    /// The delivery whose file in the workspace is this one, where one was registered; of several of the same content the
    /// newest. `source` narrows it to those of one source.
    pub fn delivery_at(&self, path: &Path, source: Option<SourceId>) -> Result<Option<Delivery>, StoreError> {
        let Some(path) = path.strip_prefix(&self.dir).unwrap_or(path).to_str() else { return Ok(None) };
        Ok(self.deliveries(AT, (path, source.map(|source| source.0 as i64)))?.pop())
    }

    /// What arrived from a source, the newest so many, newest first.
    pub fn last_deliveries(&self, source: SourceId, most: u64) -> Result<Vec<Delivery>, StoreError> {
        self.deliveries(OF_SOURCE, (source.0 as i64, most as i64))
    }

    /// What arrived from a source, newest first.
    pub fn deliveries_of(&self, source: SourceId) -> Result<Vec<Delivery>, StoreError> {
        self.deliveries("WHERE source = ?1 ORDER BY id DESC", [source.0 as i64])
    }

    /// What arrived from a source with exactly these bytes, newest first.
    pub fn deliveries_with_sha256(&self, source: SourceId, sha256: &str) -> Result<Vec<Delivery>, StoreError> {
        self.deliveries(SAME, (source.0 as i64, sha256))
    }

    fn deliveries(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<Delivery>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(&format!("{DELIVERY} {which}"))?;
            let found = query.query_map(params, |row| delivery(row, &self.dir))?;
            found.collect::<Result<_, _>>().map_err(Fault::from)
        })
    }
}

fn volume(row: &Row<'_>) -> Result<Volume, Fault> {
    let run = row.get::<_, i64>(0)? as u64;
    let status = RunStatus::parse(row.get_ref(4)?.as_str().unwrap_or_default());
    Ok(Volume {
        run: RunId(run),
        created_ms: row.get(1)?,
        landed: row.get::<_, i64>(2)? as u64,
        failed: row.get::<_, i64>(3)? as u64,
        status: status.ok_or(Fault::Corrupt("the status of run", run))?,
    })
}

fn no_such(id: SourceId) -> Fault {
    StoreError::NoSuch { what: "source", id: id.to_string() }.into()
}

/// That a change found its source.
fn found(changed: usize, id: SourceId) -> Result<(), Fault> {
    if changed == 0 { Err(no_such(id)) } else { Ok(()) }
}

fn name_taken(tx: &Connection, name: &str) -> Result<Fault, Fault> {
    let removed = "SELECT EXISTS(SELECT 1 FROM source WHERE name = ?1 AND removed_at IS NOT NULL)";
    let removed: bool = tx.query_row(removed, [name], |row| row.get(0))?;
    let what = if removed { "removed source" } else { "source" };
    Ok(StoreError::NameTaken { what, name: name.to_owned() }.into())
}

/// A source, removed or not.
pub(super) fn of_id(tx: &Connection, id: SourceId) -> Result<Option<Source>, Fault> {
    let mut query = tx.prepare_cached(&format!("{SOURCE} WHERE id = ?1"))?;
    let mut rows = query.query([id.0 as i64])?;
    rows.next()?.map(source).transpose()
}

fn source(row: &Row<'_>) -> Result<Source, Fault> {
    let id = row.get::<_, i64>(0)? as u64;
    let (mapping, version): (Option<String>, Option<i64>) = (row.get(6)?, row.get(7)?);
    let mapping = mapping.zip(version.map(|version| version as u64));
    let paused: bool = row.get(11)?;
    let options = SourceOptions::from_json(row.get_ref(22)?.as_str().unwrap_or_default());
    Ok(Source {
        id: SourceId(id),
        name: row.get(1)?,
        kind: row.get(2)?,
        provider: row.get(3)?,
        mode: SourceMode::parse(row.get_ref(4)?.as_str().unwrap_or_default()).unwrap_or(SourceMode::OneTime),
        created_ms: row.get(5)?,
        reviewed: reviewed(row)?.filter(|(of, _)| mapping.as_ref() == Some(of)).map(|(_, reviewed)| reviewed),
        mapping,
        last_ran_ms: row.get(8)?,
        last_imported_ms: row.get(9)?,
        error: row.get(10)?,
        error_ms: row.get(25)?,
        paused: if paused { Some(Paused { by: row.get(23)?, at_ms: row.get(24)? }) } else { None },
        purpose: row.get(16)?,
        owner: row.get(17)?,
        notes: row.get(18)?,
        account: row.get(19)?,
        scope: row.get(20)?,
        location: row.get(21)?,
        options: options.ok_or(Fault::Corrupt("the options of source", id))?,
        connection: from_json(row, 27, "the connection of source", id)?,
        schedule: from_json(row, 28, "the schedule of source", id)?,
        due_until_ms: row.get(32)?,
        contract: from_json(row, 29, "the contract of source", id)?,
        after_import: from_json(row, 30, "what follows an import of source", id)?.unwrap_or_default(),
        blocked: from_json(row, 31, "what stopped source", id)?,
        removed_ms: row.get(26)?,
    })
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("what is said of a source is made of what JSON can say")
}

/// What a column holds as JSON; none where it holds nothing.
fn from_json<T: DeserializeOwned>(row: &Row<'_>, at: usize, what: &'static str, id: u64) -> Result<Option<T>, Fault> {
    let Some(text) = row.get_ref(at)?.as_str_or_null().unwrap_or_default() else { return Ok(None) };
    serde_json::from_str(text).map(Some).map_err(|_| Fault::Corrupt(what, id))
}

/// The last review of a source's mapping, with the name and the version that it was of.
fn reviewed(row: &Row<'_>) -> rusqlite::Result<Option<((String, u64), Reviewed)>> {
    let (by, at_ms): (Option<String>, Option<i64>) = (row.get(12)?, row.get(13)?);
    let (name, version): (Option<String>, Option<i64>) = (row.get(14)?, row.get(15)?);
    let (Some(by), Some(at_ms), Some(name), Some(version)) = (by, at_ms, name, version) else { return Ok(None) };
    let version = version as u64;
    Ok(Some(((name, version), Reviewed { by, at_ms, version })))
}

fn delivery(row: &Row<'_>, dir: &Path) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        id: DeliveryId(row.get::<_, i64>(0)? as u64),
        source: SourceId(row.get::<_, i64>(1)? as u64),
        name: row.get(2)?,
        path: dir.join(row.get::<_, String>(3)?),
        bytes: row.get::<_, i64>(4)? as u64,
        sha256: row.get(5)?,
        landed_ms: row.get(6)?,
        purged_ms: row.get(7)?,
    })
}
