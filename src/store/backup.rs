//! A consistent copy of a workspace while it is in use, and back.
//!
//! The database goes first, as of one moment; the deliveries that it knows are whole by then, since they are registered
//! after they have landed. Secrets are never copied.

use super::db::{Db, make_private};
use super::error::{Fault, StoreError};
use super::schema::{self, Found};
use super::workspace::{DATABASE, Store};
use crate::domain::id::DeliveryId;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

impl Store {
    /// Copies the workspace into `dest`, which is empty or does not exist. Runs may go on meanwhile; the copy holds what
    /// was committed when it began. Dry runs' ledgers and secrets are left out.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`]; [`StoreError::NoSuch`] when the file of a delivery is gone.
    pub fn backup(&self, dest: &Path) -> Result<(), StoreError> {
        empty_directory(dest)?;
        let database = dest.join(DATABASE);
        copy_database(&self.main, &database)?;
        let copied = Db::open_read_only(&database)?;
        let deliveries: Vec<(i64, String)> = copied.read(|conn| {
            let mut query = conn.prepare("SELECT min(id), path FROM delivery WHERE purged_at IS NULL GROUP BY path")?;
            let found = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })?;
        for (id, path) in deliveries {
            let id = DeliveryId(id as u64);
            if !self.dir.join(&path).is_file() {
                return Err(StoreError::NoSuch { what: "file of delivery", id: format!("{id} ({path})") });
            }
            copy_file(&self.dir.join(&path), &dest.join(&path))?;
        }
        synced(dest)
    }

    /// Makes the workspace in `dir` (empty, or not there yet) from a backup.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`], [`StoreError::NoWorkspace`] when `src` is no backup, [`StoreError::Damaged`],
    /// [`StoreError::NewerSchema`]. After an error nothing in `dir` counts as a workspace.
    pub fn restore(src: &Path, dir: &Path) -> Result<(), StoreError> {
        let database = src.join(DATABASE);
        if !database.is_file() {
            return Err(StoreError::NoWorkspace { path: src.to_owned() });
        }
        check_integrity(&database)?;
        empty_directory(dir)?;
        for name in ["deliveries", "dry"] {
            private_directory(&dir.join(name))?;
        }
        copy_tree(&src.join("deliveries"), &dir.join("deliveries"))?;
        // The database comes last and under its own name only when it is whole: what is half restored is no workspace.
        let partial = dir.join("restoring");
        copy_file(&database, &partial)?;
        fs::rename(&partial, dir.join(DATABASE)).map_err(|cause| StoreError::io(dir, "restoring", cause))?;
        synced(dir)
    }
}

/// Copies a database as of one moment, in one step: writers go on beside it, and the copy does not begin anew.
fn copy_database(from: &Db, to: &Path) -> Result<(), StoreError> {
    make_private(to)?;
    let copy = || {
        let mut target = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let step = Backup::new(from.conn(), &mut target)?.step(-1)?;
        if step != StepResult::Done {
            return Err(Fault::Other(StoreError::Busy { path: from.path().to_owned() }));
        }
        // One file that lies well anywhere; opening it makes it a WAL database again.
        target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        Ok(())
    };
    copy().map_err(|fault: Fault| fault.at(to))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(|cause| StoreError::io(to, "writing the backup", cause))
}

fn check_integrity(database: &Path) -> Result<(), StoreError> {
    let check = || {
        let conn = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        if let Found::Empty = schema::found(&conn, database)? {
            return Err(Fault::Other(StoreError::NoWorkspace { path: database.to_owned() }));
        }
        let answer: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if answer != "ok" {
            return Err(Fault::Other(StoreError::Damaged { path: database.to_owned(), detail: answer }));
        }
        Ok(())
    };
    check().map_err(|fault: Fault| fault.at(database))
}

fn empty_directory(dir: &Path) -> Result<(), StoreError> {
    private_directory(dir)?;
    let mut entries = fs::read_dir(dir).map_err(|cause| StoreError::io(dir, "reading the directory", cause))?;
    if entries.next().is_some() {
        return Err(StoreError::NotEmpty { path: dir.to_owned() });
    }
    Ok(())
}

/// Makes a directory that only its owner can enter, and those above it; one that exists is left as it is.
fn private_directory(path: &Path) -> Result<(), StoreError> {
    let made = match path.is_dir() {
        true => Ok(()),
        false => DirBuilder::new().recursive(true).mode(0o700).create(path),
    };
    made.map_err(|cause| StoreError::io(path, "making the directory", cause))
}

fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    if let Some(parent) = to.parent() {
        private_directory(parent)?;
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause| StoreError::io(&path, "copying", cause)
    };
    let mut source = File::open(from).map_err(failed(from))?;
    let target = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to);
    let mut target = target.map_err(failed(to))?;
    io::copy(&mut source, &mut target).and_then(|_| target.sync_all()).map_err(failed(to))
}

fn copy_tree(from: &Path, to: &Path) -> Result<(), StoreError> {
    let failed = |cause| StoreError::io(from, "copying", cause);
    if !from.is_dir() {
        return Ok(());
    }
    private_directory(to)?;
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let target: PathBuf = to.join(entry.file_name());
        match entry.file_type().map_err(failed)? {
            kind if kind.is_dir() => copy_tree(&entry.path(), &target)?,
            kind if kind.is_file() => copy_file(&entry.path(), &target)?,
            // Nothing that Landfall keeps is a link or a device.
            _ => {}
        }
    }
    Ok(())
}

/// Makes the names in a directory and the ones below last.
fn synced(dir: &Path) -> Result<(), StoreError> {
    let failed = |cause| StoreError::io(dir, "syncing", cause);
    for entry in fs::read_dir(dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            synced(&entry.path())?;
        }
    }
    File::open(dir).and_then(|directory| directory.sync_all()).map_err(failed)
}
