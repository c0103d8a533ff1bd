//! Who may use a workspace's files: its owner, or one Unix group.

use super::error::StoreError;
use super::workspace::Store;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;

/// A directory of a group: its files are the group's, too.
const SHARED: u32 = 0o2770;

/// What the owner keeps for himself in a shared workspace: secrets, and private keys of sources.
const OWN: [&str; 2] = ["secrets.toml", "keys"];

/// The mode of a new file in a directory of a workspace: the owner's only, or the group's where the workspace is shared.
pub fn file_mode(dir: &Path) -> u32 {
    if is_shared(dir) { 0o660 } else { 0o600 }
}

/// The same for a new directory.
pub(super) fn directory_mode(dir: &Path) -> u32 {
    if is_shared(dir) { SHARED } else { 0o700 }
}

fn is_shared(dir: &Path) -> bool {
    fs::metadata(dir).is_ok_and(|found| found.permissions().mode() & SHARED == SHARED)
}

impl Store {
    /// Gives the workspace in `dir` to a group, by its number: all that is in it and all that is made in it from now on.
    /// The secrets stay the owner's.
    ///
    /// # Errors
    /// [`StoreError::Io`] when a file is somebody else's, or the group is none of the user's.
    pub fn share(dir: &Path, group: u32) -> Result<(), StoreError> {
        give(dir, group)
    }
}

fn give(path: &Path, group: u32) -> Result<(), StoreError> {
    let failed = |cause| StoreError::io(path, "giving it to the group", cause);
    let found = fs::symlink_metadata(path).map_err(failed)?;
    if found.is_file() {
        chown(path, None, Some(group)).map_err(failed)?;
        return fs::set_permissions(path, Permissions::from_mode(0o660)).map_err(failed);
    }
    if !found.is_dir() {
        // Nothing that Landfall keeps is a link or a device.
        return Ok(());
    }
    // What is in it comes first: once the directory is the group's, all of it is.
    for entry in fs::read_dir(path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !OWN.iter().any(|own| entry.file_name() == *own) {
            match give(&entry.path(), group) {
                // Files beside the database come and go.
                Err(StoreError::Io { cause, .. }) if cause.kind() == std::io::ErrorKind::NotFound => {}
                given => given?,
            }
        }
    }
    // Giving it to a group takes the mark of a shared directory away, so that comes last.
    chown(path, None, Some(group)).map_err(failed)?;
    fs::set_permissions(path, Permissions::from_mode(SHARED)).map_err(failed)
}
