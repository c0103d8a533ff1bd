//! Which worker sees to it that what is due is done. It says so with a lock of its own: the workspace's is held by whoever
//! carries out runs, and a worker that stays lets go of it while it looks for files.

use super::db::make_private;
use super::error::StoreError;
use super::workspace::{LOCK, Locked, Store, try_locked};
use crate::domain::source::Keeper;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// What stands behind the number of the process that stays, and of the one that only comes by.
const STAYS: &str = "stays";
const COMES_BY: &str = "comes by";

/// Says that a worker is here; freed when it is dropped, and by the kernel when the process dies.
#[derive(Debug)]
pub struct KeeperLock {
    _lock: Locked,
    /// Closed after the lock: its end is what those who watch hear of.
    _named: File,
}

impl Store {
    /// Notes that this process does what is due: until it ends where it `stays`, else for now. None where another
    /// process does so already. Those who watch the workspace hear of it, and of its end.
    pub fn try_keeper_lock(dir: &Path, stays: bool) -> Result<Option<KeeperLock>, StoreError> {
        let path = path(dir);
        make_private(&path)?;
        let take = || {
            let Some(lock) = try_locked(&path)? else { return Ok(None) };
            let kind = if stays { STAYS } else { COMES_BY };
            // Closed at once: that is heard.
            fs::write(&path, format!("{} {kind}\n", std::process::id()))?;
            let named = File::options().append(true).open(&path)?;
            Ok(Some(KeeperLock { _lock: lock, _named: named }))
        };
        take().map_err(|cause| StoreError::io(&path, "saying that a worker is here", cause))
    }

    /// Who does what is due. Only looks: it wakes nobody.
    pub fn keeper(dir: &Path) -> Result<Keeper, StoreError> {
        let path = path(dir);
        let told = match fs::read_to_string(&path) {
            Ok(told) => told,
            // A workspace in which no worker ever was, or in which nothing can be written.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Keeper::Nobody),
            Err(cause) => return Err(StoreError::io(&path, "looking for a worker", cause)),
        };
        let is_held = super::workspace::is_held(&path)?;
        Ok(match told.trim().split_once(' ') {
            Some((_, STAYS)) if is_held => Keeper::Stays,
            Some((_, COMES_BY)) => Keeper::ComesBy,
            _ => Keeper::Nobody,
        })
    }

    /// The process that was here last, for a message.
    pub fn keeper_process(dir: &Path) -> Option<u32> {
        fs::read_to_string(path(dir)).ok()?.split(' ').next()?.parse().ok()
    }
}

pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join(format!("{LOCK}-worker"))
}
