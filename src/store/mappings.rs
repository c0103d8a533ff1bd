//! Saved mappings: every version, by name, and found again by the header row they were made for (R256, R257).

use super::error::StoreError;
use super::workspace::Store;
use crate::domain::id::SourceId;
use crate::domain::source::Reviewed;
use rusqlite::{OptionalExtension, Row};

/// One version of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedMapping {
    pub name: String,
    /// From 1.
    pub version: u64,
    pub toml: String,
    /// Fingerprint of the header row it was made for.
    pub header: String,
    pub created_ms: i64,
    pub user: String,
}

/// A mapping in a list: its newest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingInfo {
    pub name: String,
    pub version: u64,
    pub created_ms: i64,
    pub user: String,
    /// The sources that used it last.
    pub sources: Vec<String>,
}

const MAPPING: &str = "SELECT name, version, toml, header, created_at, user FROM mapping";

impl Store {
    /// Saves a mapping and returns its version. Saving what its newest version is already makes no new one.
    pub fn save_mapping(
        &mut self,
        name: &str,
        toml: &str,
        header: &str,
        user: &str,
        now_ms: i64,
    ) -> Result<u64, StoreError> {
        self.main.write(|tx| {
            let newest = "SELECT version, toml = ?2 AND header = ?3 AND removed_at IS NULL FROM mapping \
                          WHERE name = ?1 ORDER BY version DESC LIMIT 1";
            let newest: Option<(i64, bool)> =
                tx.query_row(newest, (name, toml, header), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let version = match newest {
                Some((version, true)) => return Ok(version as u64),
                Some((version, false)) => version + 1,
                None => 1,
            };
            tx.execute(
                "INSERT INTO mapping(name, version, toml, header, created_at, user) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                (name, version, toml, header, now_ms, user),
            )?;
            Ok(version as u64)
        })
    }

    /// A version of a mapping, the newest where none is named. A removed mapping is found by name and version only: runs
    /// that used it refer to it.
    pub fn mapping(&self, name: &str, version: Option<u64>) -> Result<Option<SavedMapping>, StoreError> {
        self.main.read(|conn| {
            let sql = format!(
                "{MAPPING} WHERE name = ?1 AND (version = ?2 OR (?2 IS NULL AND removed_at IS NULL)) \
                 ORDER BY version DESC LIMIT 1"
            );
            let mut query = conn.prepare_cached(&sql)?;
            Ok(query.query_row((name, version.map(|version| version as i64)), mapping).optional()?)
        })
    }

    /// Every version of a mapping that was not removed, the newest first.
    pub fn mapping_versions(&self, name: &str) -> Result<Vec<SavedMapping>, StoreError> {
        self.main.read(|conn| {
            let sql = format!("{MAPPING} WHERE name = ?1 AND removed_at IS NULL ORDER BY version DESC");
            let mut query = conn.prepare_cached(&sql)?;
            let versions = query.query_map([name], mapping)?;
            Ok(versions.collect::<Result<_, _>>()?)
        })
    }

    /// The newest version of every mapping, by name.
    pub fn mappings(&self) -> Result<Vec<MappingInfo>, StoreError> {
        let sources = self.sources()?;
        self.main.read(|conn| {
            let mut query = conn.prepare_cached(
                "SELECT name, max(version), created_at, user FROM mapping WHERE removed_at IS NULL GROUP BY name ORDER BY name",
            )?;
            let found = query.query_map([], |row| {
                let name: String = row.get(0)?;
                let using = sources.iter().filter(|source| source.mapping.as_ref().is_some_and(|(used, _)| *used == name));
                let sources = using.map(|source| source.name.clone()).collect();
                let version = row.get::<_, i64>(1)? as u64;
                Ok(MappingInfo { name, version, created_ms: row.get(2)?, user: row.get(3)?, sources })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Removes a mapping from lists and from what headers find; false when there is none of that name.
    pub fn remove_mapping(&mut self, name: &str, now_ms: i64) -> Result<bool, StoreError> {
        self.main.write(|tx| {
            let remove = "UPDATE mapping SET removed_at = ?2 WHERE name = ?1 AND removed_at IS NULL";
            Ok(tx.execute(remove, (name, now_ms))? > 0)
        })
    }

    /// Remembers that a source uses this mapping.
    pub fn remember_mapping(&mut self, source: SourceId, name: &str, version: u64) -> Result<(), StoreError> {
        self.main.write(|tx| {
            let remember = "UPDATE source SET mapping = ?2, mapping_version = ?3 WHERE id = ?1";
            tx.execute(remember, (source.0 as i64, name, version as i64))?;
            Ok(())
        })
    }

    /// Marks the mapping that a source has now as reviewed; none when there is no such source or it has no mapping.
    pub fn review_mapping(
        &mut self,
        source: SourceId,
        user: &str,
        now_ms: i64,
    ) -> Result<Option<Reviewed>, StoreError> {
        self.main.write(|tx| {
            let review = "UPDATE source SET reviewed_by = ?2, reviewed_at = ?3, reviewed_mapping = mapping, \
                          reviewed_version = mapping_version \
                          WHERE id = ?1 AND mapping IS NOT NULL AND mapping_version IS NOT NULL \
                          RETURNING mapping_version";
            let version = tx.query_row(review, (source.0 as i64, user, now_ms), |row| row.get::<_, i64>(0));
            let reviewed =
                |version| Reviewed { by: user.to_owned(), at_ms: now_ms, version: u64::try_from(version).unwrap_or(0) };
            Ok(version.optional()?.map(reviewed))
        })
    }

    /// The mapping for a header row that was seen before: the one the source used last, if it was made for this header;
    /// else the newest that was.
    pub fn mapping_for_header(
        &self,
        source: Option<SourceId>,
        header: &str,
    ) -> Result<Option<SavedMapping>, StoreError> {
        self.main.read(|conn| {
            let sql = format!(
                "{MAPPING} WHERE header = ?1 AND removed_at IS NULL ORDER BY \
                 EXISTS(SELECT 1 FROM source AS s WHERE s.id = ?2 AND s.mapping = mapping.name \
                 AND s.mapping_version = mapping.version) DESC, created_at DESC, version DESC LIMIT 1"
            );
            let mut query = conn.prepare_cached(&sql)?;
            Ok(query.query_row((header, source.map(|source| source.0 as i64)), mapping).optional()?)
        })
    }
}

fn mapping(row: &Row<'_>) -> rusqlite::Result<SavedMapping> {
    Ok(SavedMapping {
        name: row.get(0)?,
        version: row.get::<_, i64>(1)? as u64,
        toml: row.get(2)?,
        header: row.get(3)?,
        created_ms: row.get(4)?,
        user: row.get(5)?,
    })
}
