//! One connection to one database file: how it is opened, and the two ways to use it.

use super::error::{Fault, StoreError};
use super::schema::{self, Birth, Found};
use super::share::file_mode;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use rustix::fs::{StatVfsMountFlags, Timespec, Timestamps, UTIME_NOW, futimens, statvfs};
use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a writer waits for another one.
const PATIENCE: Duration = Duration::from_secs(10);

/// The write-ahead log is cut back to this many bytes whenever it begins anew.
const LOG_KEPT: i64 = 64 << 20;

pub(super) struct Db {
    conn: Connection,
    path: PathBuf,
    /// Touched after each commit, for those who watch (see `watch.rs`).
    notice: Option<File>,
}

impl Db {
    /// Opens the file for reading and writing, makes it (mode 0600) where it does not exist, and brings its tables up to
    /// date.
    pub(super) fn open(path: &Path, birth: &Birth<'_>) -> Result<Db, StoreError> {
        make_private(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = Db::connect(path, flags)?;
        db.prepare(birth).map_err(|fault| fault.at(path))?;
        Ok(db)
    }

    /// Opens an existing file for reading only; it may be in use by writers.
    pub(super) fn open_read_only(path: &Path) -> Result<Db, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let look = |db: Db| db.read(|conn| schema::found(conn, path)).map(|version| (db, version));
        let opened = match Db::connect(path, flags).and_then(look) {
            Err(StoreError::NotWritable { .. }) if is_frozen(path) => Db::connect_frozen(path).and_then(look),
            opened => opened,
        };
        let (db, version) = opened?;
        match version {
            Found::Empty => Err(StoreError::NoWorkspace { path: path.parent().unwrap_or(path).to_owned() }),
            Found::Version(found) if found < schema::VERSION => {
                Err(StoreError::OlderSchema { path: path.to_owned(), found, known: schema::VERSION })
            }
            Found::Version(_) => Ok(db),
        }
    }

    fn connect(path: &Path, flags: OpenFlags) -> Result<Db, StoreError> {
        let opened = Connection::open_with_flags(path, flags).map_err(Fault::from).and_then(|conn| {
            conn.busy_timeout(PATIENCE)?;
            // Without this the planner looks at every bound value again: 12 % of an import.
            conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
            conn.pragma_update(None, "cache_size", -16_384)?;
            conn.set_prepared_statement_cache_capacity(64);
            Ok(conn)
        });
        let conn = opened.map_err(|fault| fault.at(path))?;
        Ok(Db { conn, path: path.to_owned(), notice: None })
    }

    /// Opens a file that cannot change: SQLite then asks for no files beside it, which cannot be made on such a disk.
    fn connect_frozen(path: &Path) -> Result<Db, StoreError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
        let each = path.as_os_str().as_bytes().iter();
        let escaped = each.map(|&byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") });
        let uri = format!("file:{}?immutable=1", escaped.collect::<String>());
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        Ok(Db { path: path.to_owned(), ..Db::connect(Path::new(&uri), flags)? })
    }

    /// Has each commit from now on noticed by those who watch this file.
    pub(super) fn tell_through(&mut self, notice: &Path) -> Result<(), StoreError> {
        make_private(notice)?;
        let opened = OpenOptions::new().write(true).open(notice);
        self.notice = Some(opened.map_err(|cause| StoreError::io(notice, "opening the file", cause))?);
        Ok(())
    }

    /// Says that something was committed. Whoever watches then finds it: a change of the write-ahead log itself is seen
    /// before the commit is.
    fn tell(&self) {
        if let Some(notice) = &self.notice {
            let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
            // It is committed whether or not anybody hears of it at once.
            let _ = futimens(notice, &Timestamps { last_access: now, last_modification: now });
        }
    }

    fn prepare(&mut self, birth: &Birth<'_>) -> Result<(), Fault> {
        let conn = &mut self.conn;
        let journal: String = conn.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        if journal != "wal" {
            // Refuse what is not ours before the first change is made to it.
            schema::found(conn, &self.path)?;
            conn.pragma_update(None, "page_size", 8192)?;
            conn.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        }
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.query_row(&format!("PRAGMA journal_size_limit = {LOG_KEPT}"), [], |_| Ok(()))?;
        schema::migrate(conn, &self.path, birth)
    }

    /// Has commits not wait for the disk until [`Db::settle`]: for a file that is worth nothing before. What is committed
    /// survives the end of the process, however that comes. A power cut may take the last commits away; what stays is
    /// whole, because checkpoints still wait for the disk.
    pub(super) fn unsettled(&self) -> Result<(), StoreError> {
        self.conn.pragma_update(None, "synchronous", "NORMAL").map_err(|error| Fault::from(error).at(&self.path))
    }

    /// Makes the work's commit, and all that was committed before it, last through a power cut. Not where somebody reads
    /// an older state meanwhile: what he keeps in the log gets there with the next checkpoint.
    pub(super) fn settle(&mut self, work: impl FnOnce(&Connection) -> Result<(), Fault>) -> Result<(), StoreError> {
        self.conn.pragma_update(None, "synchronous", "FULL").map_err(|error| Fault::from(error).at(&self.path))?;
        self.write(work)?;
        self.checkpoint()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn conn(&self) -> &Connection {
        &self.conn
    }

    /// Reads one state of the database: what another connection commits meanwhile is not seen. A read within a read sees
    /// the state of the outer one.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, StoreError> {
        if !self.conn.is_autocommit() {
            return work(&self.conn).map_err(|fault| fault.at(&self.path));
        }
        let snapshot = || {
            if !self.conn.is_autocommit() {
                return work(&self.conn);
            }
            let tx = self.conn.unchecked_transaction()?;
            let answer = work(&tx)?;
            tx.commit()?;
            Ok(answer)
        };
        snapshot().map_err(|fault: Fault| fault.at(&self.path))
    }

    /// Does all of the work or, on an error, nothing of it. Between [`Db::begin`] and its end it is a part of what has
    /// begun there.
    pub(super) fn write<T>(&mut self, work: impl FnOnce(&Connection) -> Result<T, Fault>) -> Result<T, StoreError> {
        if !self.conn.is_autocommit() {
            return work(&self.conn).map_err(|fault| fault.at(&self.path));
        }
        let whole = || {
            let tx = Transaction::new(&mut self.conn, TransactionBehavior::Immediate)?;
            let answer = work(&tx)?;
            tx.commit()?;
            Ok(answer)
        };
        let answer = whole().map_err(|fault: Fault| fault.at(&self.path))?;
        self.tell();
        Ok(answer)
    }

    /// Begins a transaction that lasts over several calls, to [`Db::commit`] or [`Db::roll_back`].
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        self.conn.execute_batch("BEGIN IMMEDIATE").map_err(|error| Fault::from(error).at(&self.path))
    }

    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        self.conn.execute_batch("COMMIT").map_err(|error| Fault::from(error).at(&self.path))?;
        self.tell();
        Ok(())
    }

    /// Does `work`, which writes nothing here, while nobody else writes.
    pub(super) fn undisturbed<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        if !self.conn.is_autocommit() {
            return work();
        }
        self.conn.execute_batch("BEGIN IMMEDIATE").map_err(|error| Fault::from(error).at(&self.path))?;
        let answer = work();
        // Nothing was written that could be lost.
        let _ = self.conn.execute_batch("ROLLBACK");
        answer
    }

    /// Takes back what was done since [`Db::begin`].
    pub(super) fn roll_back(&mut self) {
        // SQLite has done so itself after some errors; then there is nothing left to take back, which it calls an error.
        let _ = self.conn.execute_batch("ROLLBACK");
    }

    /// Leaves the moments of checkpoints to [`Db::checkpoint`]; for a run, whose commits are large.
    pub(super) fn checkpoint_by_hand(&self) -> Result<(), StoreError> {
        self.pragma("PRAGMA wal_autocheckpoint = 0")
    }

    /// Back to SQLite's own checkpoints, with the log emptied if nobody reads from it.
    pub(super) fn checkpoint_by_itself(&self) -> Result<(), StoreError> {
        self.pragma("PRAGMA wal_autocheckpoint = 1000")?;
        let patience = |time| self.conn.busy_timeout(time).map_err(|error| Fault::from(error).at(&self.path));
        patience(Duration::ZERO)?;
        let emptied = self.pragma("PRAGMA wal_checkpoint(TRUNCATE)");
        patience(PATIENCE)?;
        match emptied {
            // A reader keeps the log for now; the next checkpoint empties it.
            Err(StoreError::Busy { .. }) => Ok(()),
            other => other,
        }
    }

    /// Copies the log into the database, so that the next commit can begin the log anew. Waits for nobody.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        self.pragma("PRAGMA wal_checkpoint(PASSIVE)")
    }

    fn pragma(&self, text: &str) -> Result<(), StoreError> {
        self.conn.query_row(text, [], |_| Ok(())).map_err(|error| Fault::from(error).at(&self.path))
    }
}

/// Whether a database lies on a disk that nobody can write to, with all that was committed in the file itself.
fn is_frozen(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let log_is_empty = std::fs::metadata(log).map_or(true, |log| log.len() == 0);
    let read_only = statvfs(path).is_ok_and(|disk| disk.f_flag.contains(StatVfsMountFlags::RDONLY));
    log_is_empty && read_only
}

/// Makes the file, readable by its owner only (or the group of a shared workspace) whatever the umask; SQLite gives the
/// same mode to the files beside it. An existing file is left as it is.
pub(super) fn make_private(path: &Path) -> Result<(), StoreError> {
    let mode = path.parent().map_or(0o600, file_mode);
    match OpenOptions::new().write(true).create_new(true).mode(mode).open(path) {
        Ok(file) => file
            .set_permissions(Permissions::from_mode(mode))
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_directory_of(path))
            .map_err(|cause| StoreError::io(path, "making the file", cause)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(cause) => Err(StoreError::io(path, "making the file", cause)),
    }
}

/// Makes the directory entry of a file last.
pub(super) fn sync_directory_of(path: &Path) -> std::io::Result<()> {
    match path.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}
