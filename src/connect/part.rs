//! A file on its way in: what has arrived of it lies in a `.part` file, to which a later try appends.

use super::error::ConnectError;
use rustix::fs::OFlags;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// The part itself is written, never what a link of its name leads to.
const NOT_THROUGH_A_LINK: i32 = OFlags::NOFOLLOW.bits().cast_signed();

/// How much is written before the disk is asked to take it for good (bytes), so that little is left to do at the end.
const SYNCED_AT_ONCE: u64 = 32 * 1024 * 1024;

/// A file that was fetched whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    pub bytes: u64,
    /// Of all of it, also of what an earlier try had brought: lower-case hex.
    pub sha256: String,
    /// How many bytes an earlier try had brought.
    pub resumed_at: u64,
}

/// The `.part` file of a fetch, open for appending.
pub struct PartFile {
    file: File,
    path: PathBuf,
    hash: Sha256,
    bytes: u64,
    resumed_at: u64,
    /// Up to where the disk was asked to take it (bytes), and what asks it beside the writing.
    synced: u64,
    syncer: Option<Syncer>,
}

impl PartFile {
    /// Opens or makes the file (0600). What is in it is read once, for the hash; more than `whole` bytes cannot be of
    /// the file, and are thrown away.
    ///
    /// # Errors
    /// When it cannot be read or written on this host.
    pub fn open(path: &Path, whole: u64) -> Result<PartFile, ConnectError> {
        let failed = |doing| move |error| ConnectError::local(path, doing, &error);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .custom_flags(NOT_THROUGH_A_LINK)
            .open(path)
            .map_err(failed("write"))?;
        let found = file.metadata().map_err(failed("read"))?;
        if found.is_file() && found.len() > whole {
            file.set_len(0).map_err(failed("write"))?;
        }
        let mut part = PartFile {
            file,
            path: path.to_owned(),
            hash: Sha256::new(),
            bytes: 0,
            resumed_at: 0,
            synced: 0,
            syncer: None,
        };
        if found.is_file() {
            part.take_up(whole)?;
        }
        Ok(part)
    }

    /// Hashes what is there.
    fn take_up(&mut self, whole: u64) -> Result<(), ConnectError> {
        let mut chunk = vec![0; 256 * 1024];
        loop {
            match self.file.read(&mut chunk) {
                Ok(0) => break,
                Ok(read) => {
                    self.hash.update(&chunk[..read]);
                    self.bytes += read as u64;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ConnectError::local(&self.path, "read", &error)),
            }
        }
        debug_assert!(self.bytes <= whole, "somebody else writes to {}", self.path.display());
        (self.resumed_at, self.synced) = (self.bytes, self.bytes);
        Ok(())
    }

    /// How much of the file is here.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// # Errors
    /// When it cannot be written: what was written before stays, and can be resumed.
    pub fn append(&mut self, chunk: &[u8]) -> Result<(), ConnectError> {
        self.file.write_all(chunk).map_err(|error| ConnectError::local(&self.path, "write", &error))?;
        self.hash.update(chunk);
        self.bytes += chunk.len() as u64;
        if self.bytes - self.synced >= SYNCED_AT_ONCE {
            self.synced = self.bytes;
            self.sync_beside();
        }
        Ok(())
    }

    /// Asks the disk to take what is there, without waiting for it. Where that cannot be, the end takes longer.
    fn sync_beside(&mut self) {
        if self.syncer.is_none() {
            self.syncer = self.file.try_clone().ok().and_then(Syncer::start);
        }
        if let Some(syncer) = &self.syncer {
            // It has one such request ahead of it already: that one is for this too.
            let _ = syncer.requests.try_send(());
        }
    }

    /// Brings it to the disk.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn finish(self) -> Result<Fetched, ConnectError> {
        // A failure is told once for an open file: told to the other, it is not told again here.
        let beside = self.syncer.map_or(Ok(()), Syncer::finish);
        beside.and_then(|()| self.file.sync_all()).map_err(|error| ConnectError::local(&self.path, "write", &error))?;
        let sha256 = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Fetched { bytes: self.bytes, sha256, resumed_at: self.resumed_at })
    }
}

/// Brings a file to the disk while it is being written.
struct Syncer {
    requests: SyncSender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl Syncer {
    fn start(file: File) -> Option<Syncer> {
        let (requests, asked): (_, Receiver<()>) = sync_channel(1);
        let sync = move || asked.into_iter().try_for_each(|()| file.sync_data());
        let thread = thread::Builder::new().name("landfall-sync".to_owned()).spawn(sync).ok()?;
        Some(Syncer { requests, thread })
    }

    /// Waits for its end.
    fn finish(self) -> io::Result<()> {
        drop(self.requests);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the disk was not waited for")))
    }
}

/// Whether a name from outside may become part of a path: one name, that can be shown as it is. A name that was no UTF-8
/// holds the replacement character.
pub fn is_safe_name(name: &str) -> bool {
    !name.is_empty()
        && name != "."
        && name != ".."
        && name.len() <= 255
        && !name.contains(|c: char| c == '/' || c == char::REPLACEMENT_CHARACTER || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_arrived_before_is_kept_and_counts_in_the_hash() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.part");
        let mut part = PartFile::open(&path, 6).unwrap();
        part.append(b"abc").unwrap();
        drop(part);
        let mut part = PartFile::open(&path, 6).unwrap();
        assert_eq!(part.bytes(), 3);
        part.append(b"def").unwrap();
        let fetched = part.finish().unwrap();
        assert_eq!((fetched.bytes, fetched.resumed_at), (6, 3));
        assert_eq!(fetched.sha256, "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721");
    }

    #[test]
    fn a_part_longer_than_the_file_is_not_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.part");
        std::fs::write(&path, b"abcdef").unwrap();
        assert_eq!(PartFile::open(&path, 5).unwrap().bytes(), 0);
        assert_eq!(std::fs::read(&path).unwrap(), b"");
    }

    #[test]
    fn only_a_single_showable_name_is_safe() {
        let longest = "x".repeat(255);
        for name in ["contacts.csv", "-rf.csv", "Müller 2026.csv", ".hidden", "a..b", longest.as_str()] {
            assert!(is_safe_name(name), "{name:?}");
        }
        let too_long = "x".repeat(256);
        for name in
            ["", ".", "..", "a/b", "/etc/passwd", "a\0b", "a\nb", "\u{1b}[2J", "a\u{9b}b", "bad\u{fffd}", &too_long]
        {
            assert!(!is_safe_name(name), "{name:?}");
        }
    }
}
