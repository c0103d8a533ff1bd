//! How a file stands: what changes when its content does.

use super::Store;
use crate::domain::id::DeliveryId;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Which file it is and when it was last written. As long as this is the same, its content is, but for a fault of the
/// disk or somebody who sets the system's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileState {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds since 1970.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl FileState {
    /// The state of the file at this path.
    pub fn of(path: &Path) -> io::Result<FileState> {
        let data = std::fs::metadata(path)?;
        Ok(FileState {
            device: data.dev(),
            inode: data.ino(),
            bytes: data.len(),
            modified: (data.mtime(), data.mtime_nsec()),
            changed: (data.ctime(), data.ctime_nsec()),
        })
    }

    /// Whether it is the same file with the same content, whatever became of its name and permissions.
    pub fn has_same_content(&self, other: &FileState) -> bool {
        *self == FileState { changed: self.changed, ..*other }
    }
}

impl Store {
    /// Remembers, as long as this connection lives, how a delivery's file stood when its content was known.
    pub fn vouch_for(&mut self, delivery: DeliveryId, state: FileState) {
        self.vouched.insert(delivery, state);
    }

    /// Knows what another connection of this process knows of deliveries' files.
    pub fn vouch_as(&mut self, other: &Store) {
        self.vouched.clone_from(&other.vouched);
    }

    /// How a delivery's file stood when its content was known to this connection.
    pub fn vouched(&self, delivery: DeliveryId) -> Option<FileState> {
        self.vouched.get(&delivery).copied()
    }
}
