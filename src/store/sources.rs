//! Sources and the deliveries that arrived from them.

use super::error::{Fault, StoreError};
use super::workspace::Store;
use crate::domain::id::{DeliveryId, SourceId};
use rusqlite::{OptionalExtension, Row};
use std::path::{Path, PathBuf};

/// Whether more is expected of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceMode {
    OneTime,
    Ongoing,
}

impl SourceMode {
    pub fn as_str(self) -> &'static str {
        match self {
            SourceMode::OneTime => "one_time",
            SourceMode::Ongoing => "ongoing",
        }
    }
}

/// Where records come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    pub id: SourceId,
    pub name: String,
    /// `file` for now.
    pub kind: String,
    pub provider: Option<String>,
    pub mode: SourceMode,
    pub created_ms: i64,
    /// The mapping used last: name and version.
    pub mapping: Option<(String, u64)>,
    /// That somebody reviewed this very mapping. One that changed since has to be reviewed again.
    pub reviewed: Option<Reviewed>,
    /// End of the last run that was no dry run (ms since 1970, UTC).
    pub last_ran_ms: Option<i64>,
    /// End of the last run that created or updated a record.
    pub last_imported_ms: Option<i64>,
    /// What stopped the last run.
    pub error: Option<String>,
    pub paused: bool,
}

/// The mark of a person on a source's mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    pub by: String,
    pub at_ms: i64,
    /// The version of the mapping that was reviewed.
    pub version: u64,
}

/// A source to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewSource<'a> {
    pub name: &'a str,
    pub kind: &'a str,
    pub provider: Option<&'a str>,
    pub mode: SourceMode,
    pub created_ms: i64,
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
                      last_imported, error, paused, reviewed_by, reviewed_at, reviewed_mapping, reviewed_version \
                      FROM source";
const DELIVERY: &str = "SELECT id, source, name, path, bytes, sha256, landed_at FROM delivery";

impl Store {
    pub fn source_by_name(&self, name: &str) -> Result<Option<Source>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(&format!("{SOURCE} WHERE name = ?1"))?;
            Ok(query.query_row([name], source).optional()?)
        })
    }

    pub fn source(&self, id: SourceId) -> Result<Option<Source>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(&format!("{SOURCE} WHERE id = ?1"))?;
            Ok(query.query_row([id.0 as i64], source).optional()?)
        })
    }

    /// All sources, oldest first.
    pub fn sources(&self) -> Result<Vec<Source>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(&format!("{SOURCE} ORDER BY id"))?;
            Ok(query.query_map([], source)?.collect::<Result<_, _>>()?)
        })
    }

    /// # Errors
    /// [`StoreError::NameTaken`].
    pub fn add_source(&mut self, new: &NewSource<'_>) -> Result<SourceId, StoreError> {
        self.main.write(|tx| {
            let add = "INSERT OR IGNORE INTO source(name, kind, provider, mode, created_at) VALUES(?1, ?2, ?3, ?4, ?5)";
            if tx.execute(add, (new.name, new.kind, new.provider, new.mode.as_str(), new.created_ms))? == 0 {
                return Err(StoreError::NameTaken { what: "source", name: new.name.to_owned() }.into());
            }
            Ok(SourceId(tx.last_insert_rowid() as u64))
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

    /// What arrived from a source, newest first.
    pub fn deliveries_of(&self, source: SourceId) -> Result<Vec<Delivery>, StoreError> {
        self.deliveries("WHERE source = ?1 ORDER BY id DESC", [source.0 as i64])
    }

    /// What arrived from a source with exactly these bytes, newest first.
    pub fn deliveries_with_sha256(&self, source: SourceId, sha256: &str) -> Result<Vec<Delivery>, StoreError> {
        self.deliveries("WHERE source = ?1 AND sha256 = ?2 ORDER BY id DESC", (source.0 as i64, sha256))
    }

    fn deliveries(&self, which: &str, params: impl rusqlite::Params) -> Result<Vec<Delivery>, StoreError> {
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(&format!("{DELIVERY} {which}"))?;
            let found = query.query_map(params, |row| delivery(row, &self.dir))?;
            found.collect::<Result<_, _>>().map_err(Fault::from)
        })
    }
}

fn source(row: &Row<'_>) -> rusqlite::Result<Source> {
    let (mapping, version): (Option<String>, Option<i64>) = (row.get(6)?, row.get(7)?);
    let mapping = mapping.zip(version.map(|version| version as u64));
    let mode: String = row.get(4)?;
    Ok(Source {
        id: SourceId(row.get::<_, i64>(0)? as u64),
        name: row.get(1)?,
        kind: row.get(2)?,
        provider: row.get(3)?,
        mode: if mode == SourceMode::Ongoing.as_str() { SourceMode::Ongoing } else { SourceMode::OneTime },
        created_ms: row.get(5)?,
        reviewed: reviewed(row)?.filter(|(of, _)| mapping.as_ref() == Some(of)).map(|(_, reviewed)| reviewed),
        mapping,
        last_ran_ms: row.get(8)?,
        last_imported_ms: row.get(9)?,
        error: row.get(10)?,
        paused: row.get(11)?,
    })
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
    })
}
