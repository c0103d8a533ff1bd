//! The tables and how older databases get them. `schema/current.sql` is what there is now, to be read; a database is
//! made and brought up to date by the steps, and a test holds that both come to the same.

use super::error::{Fault, StoreError};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// Step n makes version n out of version n - 1. A step that was released is never changed.
pub(super) const STEPS: [&str; 6] = [
    include_str!("schema/v1.sql"),
    include_str!("schema/v2.sql"),
    include_str!("schema/v3.sql"),
    include_str!("schema/v4.sql"),
    include_str!("schema/v5.sql"),
    include_str!("schema/v6.sql"),
];

/// The version that this program reads and writes.
pub(super) const VERSION: i64 = STEPS.len() as i64;

/// "Lndf": tells a workspace from any other SQLite database.
pub(super) const APPLICATION_ID: i64 = 0x4c6e_6466;

/// What a database says about itself.
pub(super) enum Found {
    /// Made, but nothing in it yet.
    Empty,
    Version(i64),
}

/// Reads the version, and refuses a database that is not a workspace's or is newer than this program.
pub(super) fn found(conn: &Connection, path: &Path) -> Result<Found, Fault> {
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let application: i64 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    if version == 0 && application == 0 {
        let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
        if tables == 0 {
            return Ok(Found::Empty);
        }
    }
    if application != APPLICATION_ID {
        let why = "its database belongs to another program";
        return Err(StoreError::NotAWorkspace { path: path.to_owned(), why }.into());
    }
    if version > VERSION {
        return Err(StoreError::NewerSchema { path: path.to_owned(), found: version, known: VERSION }.into());
    }
    Ok(Found::Version(version))
}

/// What a new database is given: its workspace code, when it was made, and the first record's number.
pub(super) struct Birth<'a> {
    pub(super) code: &'a str,
    pub(super) now_ms: i64,
    pub(super) next_record: u64,
}

/// Brings the database to the present version, in one transaction. Two processes may do so at once.
pub(super) fn migrate(conn: &mut Connection, path: &Path, birth: &Birth<'_>) -> Result<(), Fault> {
    if matches!(found(conn, path)?, Found::Version(VERSION)) {
        return Ok(());
    }
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = match found(&tx, path)? {
        Found::Empty => 0,
        Found::Version(version) => version,
    };
    for step in STEPS.iter().skip(usize::try_from(version).unwrap_or(0)) {
        tx.execute_batch(step)?;
    }
    if version == 0 {
        tx.execute(
            "INSERT INTO meta(code, created_at, next_record, state_version) VALUES(?1, ?2, ?3, 0)",
            (birth.code, birth.now_ms, birth.next_record as i64),
        )?;
        // Custom fields count from 256.
        tx.execute("INSERT INTO sqlite_sequence(name, seq) VALUES('custom_field', 255)", [])?;
    }
    tx.pragma_update(None, "application_id", APPLICATION_ID)?;
    tx.pragma_update(None, "user_version", VERSION)?;
    tx.commit()?;
    Ok(())
}
