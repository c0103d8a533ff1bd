//! A workspace as files: the directory, its database, its lock, and where deliveries and dry runs are kept.

use super::db::{Db, make_private, sync_directory_of};
use super::error::{Fault, StoreError};
use super::file_state::FileState;
use super::keeper;
use super::overlay::{CreatedRecords, Overlay};
use super::runs::RunRow;
use super::schema::Birth;
use super::share::directory_mode;
use crate::domain::id::{DeliveryId, RunId, SourceId, WorkspaceCode};
use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) const DATABASE: &str = "landfall.db";
pub(super) const LOCK: &str = "lock";
/// Touched after each commit.
pub(super) const NOTICE: &str = "changed";
/// What the worker that was started on demand says, and what it said before that.
const LOGS: [&str; 2] = ["worker.log", "worker.log.1"];
/// A log of this many bytes is put aside before more is written.
const LOG_BYTES: u64 = 1 << 20;
const DELIVERIES: &str = "deliveries";
const DRY: &str = "dry";

/// What may lie in a directory before a workspace is made of it. The journal is there when the making was killed.
const EXPECTED: [&str; 14] = [
    DATABASE,
    NOTICE,
    LOGS[0],
    LOGS[1],
    "landfall.db-journal",
    "landfall.db-wal",
    "landfall.db-shm",
    LOCK,
    "lock-worker",
    DELIVERIES,
    DRY,
    "secrets.toml",
    "keys",
    "log",
];

/// A workspace, opened.
pub struct Store {
    pub(super) main: Db,
    /// What a dry run writes instead of the workspace (see [`Store::open_dry`]).
    pub(super) dry: Option<Overlay>,
    pub(super) dir: PathBuf,
    code: WorkspaceCode,
    /// See [`Store::vouch_for`].
    pub(super) vouched: HashMap<DeliveryId, FileState>,
}

/// A file whose lock is held. Closing it alone would not free the lock at once: a process that another thread just starts
/// holds a copy of the open file until it has begun.
#[derive(Debug)]
pub(super) struct Locked(File);

impl Drop for Locked {
    fn drop(&mut self) {
        // What cannot be freed now goes with its last copy.
        let _ = self.0.unlock();
    }
}

/// The right to run; freed when it is dropped, and by the kernel when the process dies.
#[derive(Debug)]
pub struct WorkspaceLock {
    _lock: Locked,
    /// Closed after the lock: its end is what those who watch hear of.
    _named: File,
}

/// The right to look for a source's files; freed like the workspace's lock.
#[derive(Debug)]
pub struct SourceLock {
    _lock: Locked,
}

/// How often, and with what between, a lock is tried that somebody holds.
const TRIES: u32 = 3;
const BETWEEN_TRIES: Duration = Duration::from_millis(2);

impl Store {
    /// Opens the workspace in `dir`, and makes it where there is none: the directory with mode 0700, its files with
    /// 0600, whatever the umask. `now_ms` and `random` are used only for a new one.
    pub fn create_or_open(dir: &Path, now_ms: i64, random: u64) -> Result<Store, StoreError> {
        let dir = &absolute(dir)?;
        let database = dir.join(DATABASE);
        if !is_file_with_content(&database) {
            make_directories(dir)?;
        }
        // Of several processes that make the same workspace, one does and the others wait.
        let guard = File::open(dir).and_then(|directory| directory.lock().map(|()| directory));
        let guard = guard.map_err(|cause| StoreError::io(dir, "opening the workspace", cause))?;
        let code = WorkspaceCode::from_random(random);
        let mut main = Db::open(&database, &Birth { code: code.as_str(), now_ms, next_record: 1 })?;
        main.tell_through(&dir.join(NOTICE))?;
        make_private(&dir.join(LOCK))?;
        make_private(&keeper::path(dir))?;
        drop(guard);
        Store::of(main, dir)
    }

    /// Opens the workspace in `dir` to look only; nothing of it can be changed through this store.
    pub fn open_read_only(dir: &Path) -> Result<Store, StoreError> {
        let dir = &absolute(dir)?;
        let database = dir.join(DATABASE);
        if !is_file_with_content(&database) {
            return Err(StoreError::NoWorkspace { path: dir.to_owned() });
        }
        Store::of(Db::open_read_only(&database)?, dir)
    }

    /// Opens the workspace for a dry run: what the run writes goes to files of its own, records are looked for there
    /// and then in the workspace as it stands. Runs, sources and settings are the workspace's.
    pub fn open_dry(dir: &Path, run: RunId) -> Result<Store, StoreError> {
        let mut store = Store::create_or_open(dir, 0, 0)?;
        let row = store.run(run)?.ok_or_else(|| StoreError::NoSuch { what: "run", id: run.to_string() })?;
        store.dry = store.open_overlay(&row)?;
        if store.dry.is_none() {
            // A power cut, or a version that kept them elsewhere, left it without the records that it had created.
            store.remove_dry(run)?;
            store.dry = store.open_overlay(&row)?;
        }
        Ok(store)
    }

    /// Opens what a dry run writes, made where there is none. None when what is committed of it is not all there.
    fn open_overlay(&self, run: &RunRow) -> Result<Option<Overlay>, StoreError> {
        let (next_record, created_at): (u64, i64) = self.main.read(|conn| {
            let meta = "SELECT next_record, created_at FROM meta";
            Ok(conn.query_row(meta, [], |row| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?)))?)
        })?;
        let mut db = self.open_dry_db(&self.dry_path(run.id), created_at, next_record)?;
        db.unsettled()?;
        // The dry file's own row of the run carries the position of its batches.
        db.write(|tx| {
            let begun = "INSERT OR IGNORE INTO run(id, kind, status, source, delivery, mode, user, state_version, \
                         created_at) VALUES(?1, ?2, 'running', ?3, ?4, ?5, '', ?6, ?7)";
            tx.execute(
                begun,
                (
                    run.id.0 as i64,
                    run.kind.as_str(),
                    run.source.0 as i64,
                    run.delivery.0 as i64,
                    run.mode.as_str(),
                    run.state_version as i64,
                    run.created_ms,
                ),
            )?;
            Ok(())
        })?;
        let progress = db.read(|conn| self.run_progress(conn, run.id))?;
        let (rows, mut created) = progress.map_or((0, 0), |own| (own.position.rows, own.counts.created));
        let path = self.created_path(run.id);
        if !run.status.can_resume() {
            // They went with its end, and no row will be about them.
            created = 0;
        } else if rows > 0 && !path.exists() {
            return Ok(None);
        }
        Ok(CreatedRecords::open(&path, created)?.map(|created| Overlay { db, created }))
    }

    /// Opens the database of a dry run, made or brought up to date. The time and the number are those of a new one.
    pub(super) fn open_dry_db(&self, path: &Path, now_ms: i64, next_record: u64) -> Result<Db, StoreError> {
        Db::open(path, &Birth { code: self.code.as_str(), now_ms, next_record })
    }

    /// Whether there is a workspace in this directory, as far as its files say. Opens nothing.
    pub fn is_workspace(dir: &Path) -> bool {
        is_file_with_content(&dir.join(DATABASE))
    }

    /// Whether this store was opened to look only.
    pub fn is_read_only(&self) -> Result<bool, StoreError> {
        self.main.read(|conn| Ok(conn.is_readonly("main")?))
    }

    fn of(main: Db, dir: &Path) -> Result<Store, StoreError> {
        let text: String = main.read(|conn| Ok(conn.query_row("SELECT code FROM meta", [], |row| row.get(0))?))?;
        let code = WorkspaceCode::parse(&text);
        let code = code.ok_or_else(|| Fault::Corrupt("the workspace's code", 0).at(main.path()))?;
        Ok(Store { main, dry: None, dir: dir.to_owned(), code, vouched: HashMap::new() })
    }

    /// Makes several changes of the workspace one: all of them happen, or on an error none. Not for batches of a run,
    /// which are one each.
    pub fn atomically<T, E: From<StoreError>>(
        &mut self,
        changes: impl FnOnce(&mut Store) -> Result<T, E>,
    ) -> Result<T, E> {
        self.main.begin()?;
        let answer = changes(self).and_then(|answer| {
            self.main.commit()?;
            Ok(answer)
        });
        if answer.is_err() {
            self.main.roll_back();
        }
        answer
    }

    /// Does `work`, which changes nothing in the database, while nobody else changes anything in it: what it reads holds
    /// until it has ended.
    pub fn undisturbed<T>(&self, work: impl FnOnce(&Store) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.main.undisturbed(|| work(self))
    }

    /// Leaves it to others to copy the write-ahead log into the database; for a store that writes little, beside a run.
    pub fn leave_checkpoints(&self) -> Result<(), StoreError> {
        self.main.checkpoint_by_hand()
    }

    /// Opens the log of the worker that is started on demand, to append to it. A long one is put aside, in the place of
    /// the one before.
    pub fn open_log(dir: &Path) -> Result<File, StoreError> {
        let [path, old] = LOGS.map(|name| dir.join(name));
        let open = || {
            if fs::metadata(&path).is_ok_and(|log| log.len() >= LOG_BYTES) {
                fs::rename(&path, &old)?;
            }
            if !path.exists() {
                // Somebody else may have made it since: then it has its mode.
                let _ = make_private(&path);
            }
            File::options().append(true).open(&path)
        };
        open().map_err(|cause| StoreError::io(&path, "opening the log", cause))
    }

    /// The database that records and ledger are written to.
    pub(super) fn data(&self) -> &Db {
        self.dry.as_ref().map_or(&self.main, |dry| &dry.db)
    }

    /// The workspace's directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What every Contact ID of this workspace begins with.
    pub fn workspace_code(&self) -> &WorkspaceCode {
        &self.code
    }

    /// How many commits have changed records so far. A dry run tells of the state that it began with.
    pub fn state_version(&self) -> Result<u64, StoreError> {
        self.main
            .read(|conn| Ok(conn.query_row("SELECT state_version FROM meta", [], |row| row.get::<_, i64>(0))? as u64))
    }

    /// Where deliveries are kept.
    pub fn deliveries_dir(&self) -> PathBuf {
        self.dir.join(DELIVERIES)
    }

    /// The file of a dry run's ledger.
    pub(super) fn dry_path(&self, run: RunId) -> PathBuf {
        self.dir.join(DRY).join(format!("{run}.db"))
    }

    /// The file of the records that a dry run would create.
    fn created_path(&self, run: RunId) -> PathBuf {
        self.dir.join(DRY).join(format!("{run}.created"))
    }

    /// Removes what a dry run wrote; its counts stay. Nothing happens when it is gone already.
    pub fn remove_dry(&self, run: RunId) -> Result<(), StoreError> {
        for suffix in ["-wal", "-shm", ""] {
            let mut path = self.dry_path(run).into_os_string();
            path.push(suffix);
            remove_part(Path::new(&path))?;
        }
        self.remove_created(run)
    }

    /// Removes the records that a dry run created, of which nobody asks when it has ended.
    pub(super) fn remove_created(&self, run: RunId) -> Result<(), StoreError> {
        remove_part(&self.created_path(run))
    }

    /// Takes the workspace's lock; `None` when another process (or this one) holds it. The lock goes with the process,
    /// however that ends.
    pub fn try_lock(dir: &Path) -> Result<Option<WorkspaceLock>, StoreError> {
        let path = dir.join(LOCK);
        make_private(&path)?;
        let take = || {
            let Some(lock) = try_locked(&path)? else { return Ok(None) };
            let mut named = File::options().write(true).open(&path)?;
            named.set_len(0)?;
            writeln!(named, "{}", std::process::id())?;
            Ok(Some(WorkspaceLock { _lock: lock, _named: named }))
        };
        take().map_err(|cause| StoreError::io(&path, "locking the workspace", cause))
    }

    /// Takes the lock of a source, which whoever looks for its files holds; none when somebody else does. It goes with the
    /// process, however that ends, and says nothing about who may carry out runs.
    pub fn try_source_lock(dir: &Path, source: SourceId) -> Result<Option<SourceLock>, StoreError> {
        let path = dir.join(format!("{LOCK}-source-{source}"));
        make_private(&path)?;
        let taken = File::open(&path).and_then(|lock| match lock.try_lock() {
            Ok(()) => Ok(Some(SourceLock { _lock: Locked(lock) })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        });
        taken.map_err(|cause| StoreError::io(&path, "locking the source", cause))
    }

    /// Whether somebody holds the workspace's lock. Only looks: it wakes nobody.
    pub fn is_locked(dir: &Path) -> Result<bool, StoreError> {
        is_held(&dir.join(LOCK))
    }

    /// A number that changes when another process (or another store of this one) has committed something.
    pub fn data_version(&self) -> Result<u64, StoreError> {
        self.main.read(|conn| Ok(conn.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0))? as u64))
    }

    /// The process that took the lock last, for a message.
    pub fn lock_holder(dir: &Path) -> Option<u32> {
        let mut text = String::new();
        File::open(dir.join(LOCK)).ok()?.take(32).read_to_string(&mut text).ok()?;
        text.trim().parse().ok()
    }
}

/// Takes a lock; none when somebody else holds it.
pub(super) fn try_locked(path: &Path) -> std::io::Result<Option<Locked>> {
    // Opened for reading, so that trying in vain is no change that wakes those who watch.
    let lock = File::open(path)?;
    let mut tries = 1;
    while let Err(error) = lock.try_lock() {
        match error {
            TryLockError::Error(error) => return Err(error),
            TryLockError::WouldBlock if tries == TRIES => return Ok(None),
            // It may be somebody who only looks whether it is held (see `is_held`).
            TryLockError::WouldBlock => std::thread::sleep(BETWEEN_TRIES),
        }
        tries += 1;
    }
    Ok(Some(Locked(lock)))
}

/// Whether somebody holds a lock.
pub(super) fn is_held(path: &Path) -> Result<bool, StoreError> {
    let looked = match File::open(path) {
        Ok(lock) => match lock.try_lock_shared() {
            Ok(()) => lock.unlock().map(|()| false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    };
    looked.map_err(|cause| StoreError::io(path, "looking at the lock", cause))
}

/// Removes a file of a dry run, if it is there.
fn remove_part(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io(path, "removing a dry run", error))
        }
        _ => Ok(()),
    }
}

fn is_file_with_content(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() > 0)
}

/// The directory as it stays right when the process changes its own.
fn absolute(dir: &Path) -> Result<PathBuf, StoreError> {
    std::path::absolute(dir).map_err(|cause| StoreError::io(dir, "finding the workspace", cause))
}

/// Makes the directory of a new workspace and the ones in it. One that holds anything else is refused.
fn make_directories(dir: &Path) -> Result<(), StoreError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause| StoreError::io(&path, "making the workspace's directories", cause)
    };
    let missing: Vec<&Path> = dir.ancestors().skip(1).take_while(|above| !above.exists()).collect();
    if let Some(parent) = dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent).map_err(failed(parent))?;
    }
    make_private_directory(dir).map_err(failed(dir))?;
    // Else a power cut could take the directory away with all that was synced in it.
    for made in missing.into_iter().chain([dir]) {
        sync_name_of(made).map_err(failed(made))?;
    }
    for entry in fs::read_dir(dir).map_err(failed(dir))? {
        let name = entry.map_err(failed(dir))?.file_name();
        if !EXPECTED.iter().any(|expected| name == *expected) {
            let why = "the directory holds other files";
            return Err(StoreError::NotAWorkspace { path: dir.to_owned(), why });
        }
    }
    if directory_mode(dir) == 0o700 {
        fs::set_permissions(dir, Permissions::from_mode(0o700)).map_err(failed(dir))?;
    }
    for name in [DELIVERIES, DRY] {
        let path = dir.join(name);
        make_private_directory(&path)
            .and_then(|()| fs::set_permissions(&path, Permissions::from_mode(directory_mode(dir))))
            .map_err(failed(&path))?;
    }
    File::open(dir).and_then(|directory| directory.sync_all()).map_err(failed(dir))
}

/// Makes the name of a directory last, as far as the one above it lets itself be opened.
fn sync_name_of(path: &Path) -> std::io::Result<()> {
    match sync_directory_of(path) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Ok(()),
        other => other,
    }
}

fn make_private_directory(path: &Path) -> std::io::Result<()> {
    match DirBuilder::new().mode(0o700).create(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        other => other,
    }
}
