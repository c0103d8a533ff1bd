//! A local or mounted directory as the place of a source's files.
//!
//! Names in it come from others, and so does what lies under them: nothing but a regular file is ever opened, and a name
//! never leads out of the directory.

use super::error::{ConnectError, Site};
use super::naming::{MOST_NAMES, numbered};
use super::part::{Fetched, is_safe_name};
use crate::domain::source::{AfterImport, FileIdentity, Listed, ListedKind};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, Stat, Timespec, Timestamps};
use rustix::io::Errno;
use sha2::{Digest, Sha256};
use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes read at once.
const CHUNK: usize = 1 << 20;

/// A directory, opened: it stays the same one, whatever happens to its path meanwhile.
#[derive(Debug)]
pub struct DirPlace {
    path: PathBuf,
    fd: OwnedFd,
}

impl DirPlace {
    /// # Errors
    /// When there is no such directory, or it may not be looked into.
    pub fn open(path: &Path) -> Result<DirPlace, ConnectError> {
        let fd = rustix::fs::open(path, DIRECTORY, Mode::empty()).map_err(|errno| of_directory(path, errno))?;
        Ok(DirPlace { path: path.to_owned(), fd })
    }

    /// What lies in the directory, by name; nothing of it is opened. What vanishes meanwhile is left out.
    ///
    /// # Errors
    /// When it may not be read, or the disk or the mount fails.
    pub fn list(&self) -> Result<Vec<Listed>, ConnectError> {
        let failed = |errno| of_directory(&self.path, errno);
        let mut listed = Vec::new();
        for entry in Dir::read_from(&self.fd).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => listed.push(listed_as(name, &stat)),
                Err(Errno::NOENT) => {}
                Err(errno) => return Err(self.of_file(&name.to_string_lossy(), errno)),
            }
        }
        listed.sort_by(|a, b| a.identity.name.cmp(&b.identity.name));
        Ok(listed)
    }

    /// Copies a file to `part`, which is made anew, and syncs it. `progress` is told the bytes that are there.
    ///
    /// # Errors
    /// When it is not that file any more or becomes another one meanwhile; when it cannot be read or `part` not be written;
    /// [`ConnectError::Stopped`].
    pub fn fetch(
        &self,
        file: &FileIdentity,
        part: &Path,
        progress: &mut dyn FnMut(u64),
        stop: &AtomicBool,
    ) -> Result<Fetched, ConnectError> {
        let mut from = self.open_file(&file.name)?;
        self.is_still(file, &from)?;
        let written = |error: io::Error| ConnectError::local(part, "write", &error);
        let to = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let to = rustix::fs::open(part, to, Mode::RUSR | Mode::WUSR).map_err(|errno| written(errno.into()))?;
        let mut to = File::from(to);
        let mut hash = Sha256::new();
        let mut buffer = vec![0; CHUNK];
        let mut bytes = 0;
        loop {
            if stop.load(Ordering::Relaxed) {
                return Err(ConnectError::Stopped);
            }
            let n = match from.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.of_reading(&file.name, &error)),
            };
            bytes += n as u64;
            // It grows: what was read is of no use, and it may never end.
            if bytes > file.size {
                return Err(self.changed(file));
            }
            hash.update(&buffer[..n]);
            to.write_all(&buffer[..n]).map_err(written)?;
            progress(bytes);
        }
        self.is_still(file, &from)?;
        if bytes != file.size {
            return Err(self.changed(file));
        }
        to.sync_all().map_err(written)?;
        let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Fetched { bytes, sha256, resumed_at: 0 })
    }

    /// The content of a small file, such as a marker or a control file; none where there is none, or no regular file.
    ///
    /// # Errors
    /// When it cannot be read, or has more than `most_bytes`.
    pub fn read_small(&self, name: &str, most_bytes: u64) -> Result<Option<Vec<u8>>, ConnectError> {
        let file = match self.open_file(name) {
            Ok(file) => file,
            Err(ConnectError::FileVanished { .. } | ConnectError::NotAFile { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let failed = |error: io::Error| self.of_reading(name, &error);
        let mut bytes = Vec::new();
        (&file).take(most_bytes + 1).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() as u64 > most_bytes {
            let bytes = file.metadata().map_err(failed)?.len().max(bytes.len() as u64);
            return Err(ConnectError::TooLarge { name: name.to_owned(), bytes, most: most_bytes });
        }
        Ok(Some(bytes))
    }

    /// Leaves, moves or deletes a file whose run is complete. Nothing is ever overwritten: where its name is taken, the
    /// file gets a number (`contacts-2.csv`). Answers what it is called where it was moved to.
    ///
    /// # Errors
    /// When it is not that file any more, or may not be moved or deleted.
    pub fn after(&self, file: &FileIdentity, after: &AfterImport) -> Result<Option<String>, ConnectError> {
        match after {
            AfterImport::Leave => Ok(None),
            AfterImport::Delete => {
                let _same = self.open_same(file)?;
                let deleted = rustix::fs::unlinkat(&self.fd, file.name.as_str(), AtFlags::empty());
                deleted.map_err(|errno| self.of_file(&file.name, errno))?;
                sync(&self.fd);
                Ok(None)
            }
            AfterImport::Move { directory } => self.move_to(file, directory).map(Some),
        }
    }

    fn move_to(&self, file: &FileIdentity, directory: &str) -> Result<String, ConnectError> {
        let target = self.path.join(directory);
        // Beside or below the place; an absolute path is taken as it is.
        let to = rustix::fs::openat(&self.fd, directory, DIRECTORY, Mode::empty());
        let to = to.map_err(|errno| of_directory(&target, errno))?;
        let same = self.open_same(file)?;
        for number in 1..=MOST_NAMES {
            let name = numbered(&file.name, number);
            match rename_new(self.fd.as_fd(), &file.name, to.as_fd(), &name) {
                Ok(()) => {
                    sync(&to);
                    sync(&self.fd);
                    return Ok(name);
                }
                Err(Errno::EXIST) => {}
                Err(Errno::XDEV) => return self.copy_to(file, same, to.as_fd(), &target),
                Err(errno) => return Err(self.of_moving(&file.name, &target, errno)),
            }
        }
        Err(self.of_moving(&file.name, &target, Errno::EXIST))
    }

    /// Moves to another file system: a synced copy gets the name, then the file goes.
    fn copy_to(
        &self,
        file: &FileIdentity,
        mut from: File,
        to: BorrowedFd<'_>,
        target: &Path,
    ) -> Result<String, ConnectError> {
        let part = format!(".{}.part", file.name);
        let written = |error: io::Error| ConnectError::local(&target.join(&part), "write", &error);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let stat = rustix::fs::fstat(&from).map_err(|errno| self.of_file(&file.name, errno))?;
        let mode = Mode::from_raw_mode(stat.st_mode & 0o666);
        let copy = rustix::fs::openat(to, part.as_str(), flags, mode).map_err(|errno| written(errno.into()))?;
        let mut copy = File::from(copy);
        let bytes = io::copy(&mut from, &mut copy).map_err(written)?;
        if bytes != file.size || self.is_still(file, &from).is_err() {
            let _ = rustix::fs::unlinkat(to, part.as_str(), AtFlags::empty());
            return Err(self.changed(file));
        }
        let modified = Timespec { tv_sec: stat.st_mtime, tv_nsec: stat.st_mtime_nsec as _ };
        // Not every file system keeps times; the content is what counts.
        let _ = rustix::fs::futimens(&copy, &Timestamps { last_access: modified, last_modification: modified });
        copy.sync_all().map_err(written)?;
        for number in 1..=MOST_NAMES {
            let name = numbered(&file.name, number);
            match rename_new(to, &part, to, &name) {
                Ok(()) => {
                    rustix::fs::fsync(to).map_err(|errno| written(errno.into()))?;
                    let removed = rustix::fs::unlinkat(&self.fd, file.name.as_str(), AtFlags::empty());
                    removed.map_err(|errno| self.of_file(&file.name, errno))?;
                    sync(&self.fd);
                    return Ok(name);
                }
                Err(Errno::EXIST) => {}
                Err(errno) => return Err(self.of_moving(&file.name, target, errno)),
            }
        }
        Err(self.of_moving(&file.name, target, Errno::EXIST))
    }

    /// A regular file, opened. What is none is told before it is opened: opening a device may do something.
    fn open_file(&self, name: &str) -> Result<File, ConnectError> {
        let failed = |errno| self.of_file(name, errno);
        if !is_safe_name(name) {
            return Err(ConnectError::BadName { name: name.to_owned() });
        }
        let must_be_file = |stat: &Stat| match kind(stat) {
            ListedKind::File => Ok(()),
            _ => Err(ConnectError::NotAFile { site: Site::Here, name: name.to_owned() }),
        };
        must_be_file(&rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW).map_err(failed)?)?;
        // Another one may lie there now: no link is followed, and no pipe is waited for.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.fd, name, flags, Mode::empty()).map_err(failed)?;
        must_be_file(&rustix::fs::fstat(&file).map_err(failed)?)?;
        Ok(File::from(file))
    }

    /// A file, opened, that is still the one that was imported and still lies under its name.
    fn open_same(&self, file: &FileIdentity) -> Result<File, ConnectError> {
        let opened = self.open_file(&file.name)?;
        self.is_still(file, &opened)?;
        Ok(opened)
    }

    fn is_still(&self, file: &FileIdentity, opened: &File) -> Result<(), ConnectError> {
        let stat = rustix::fs::fstat(opened).map_err(|errno| self.of_file(&file.name, errno))?;
        let is_same = size(&stat) == file.size && modified_ms(&stat) == file.modified_ms;
        if is_same { Ok(()) } else { Err(self.changed(file)) }
    }

    fn changed(&self, file: &FileIdentity) -> ConnectError {
        ConnectError::FileChanged { site: Site::Here, name: file.name.clone() }
    }

    /// What failed about a file of this directory.
    fn of_file(&self, name: &str, errno: Errno) -> ConnectError {
        let name = name.to_owned();
        match errno {
            Errno::NOENT | Errno::STALE => ConnectError::FileVanished { site: Site::Here, name },
            // A link or a socket took the place of what was looked at.
            Errno::LOOP | Errno::NXIO => ConnectError::NotAFile { site: Site::Here, name },
            Errno::ACCESS | Errno::PERM | Errno::ROFS => self.forbidden(format!("read or remove {name:?}")),
            errno => ConnectError::local(&self.path.join(&name), "read", &errno.into()),
        }
    }

    fn of_reading(&self, name: &str, error: &io::Error) -> ConnectError {
        ConnectError::local(&self.path.join(name), "read", error)
    }

    fn of_moving(&self, name: &str, target: &Path, errno: Errno) -> ConnectError {
        match errno {
            Errno::EXIST => {
                ConnectError::TargetExists { site: Site::Here, target: target.join(name).display().to_string() }
            }
            Errno::ACCESS | Errno::PERM | Errno::ROFS => {
                self.forbidden(format!("move {name:?} to {}", target.display()))
            }
            Errno::NOENT => ConnectError::FileVanished { site: Site::Here, name: name.to_owned() },
            errno => ConnectError::local(&target.join(name), "write", &errno.into()),
        }
    }

    fn forbidden(&self, doing: String) -> ConnectError {
        ConnectError::NoPermission { site: Site::Here, doing: format!("{doing} in {}", self.path.display()) }
    }
}

const DIRECTORY: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

fn of_directory(path: &Path, errno: Errno) -> ConnectError {
    let directory = path.display().to_string();
    match errno {
        Errno::NOENT => ConnectError::DirectoryMissing { site: Site::Here, directory },
        Errno::NOTDIR | Errno::LOOP => ConnectError::NotADirectory { site: Site::Here, directory },
        Errno::ACCESS | Errno::PERM => {
            ConnectError::NoPermission { site: Site::Here, doing: format!("look into {directory}") }
        }
        errno => ConnectError::local(path, "read", &errno.into()),
    }
}

fn listed_as(name: &CStr, stat: &Stat) -> Listed {
    let is_safe = name.to_str().is_ok_and(is_safe_name);
    let kind = match kind(stat) {
        ListedKind::File if !is_safe => ListedKind::BadName,
        kind => kind,
    };
    let name = name.to_string_lossy().into_owned();
    Listed { identity: FileIdentity { name, size: size(stat), modified_ms: modified_ms(stat) }, kind }
}

fn kind(stat: &Stat) -> ListedKind {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => ListedKind::File,
        FileType::Directory => ListedKind::Directory,
        FileType::Symlink => ListedKind::Link,
        FileType::Fifo => ListedKind::Pipe,
        FileType::Socket => ListedKind::Socket,
        FileType::CharacterDevice | FileType::BlockDevice | FileType::Unknown => ListedKind::Device,
    }
}

fn size(stat: &Stat) -> u64 {
    u64::try_from(stat.st_size).unwrap_or(0)
}

fn modified_ms(stat: &Stat) -> i64 {
    stat.st_mtime.saturating_mul(1000).saturating_add(stat.st_mtime_nsec as i64 / 1_000_000)
}

/// Gives a file another name that nothing has yet.
fn rename_new(from: BorrowedFd<'_>, name: &str, to: BorrowedFd<'_>, new: &str) -> Result<(), Errno> {
    match rustix::fs::renameat_with(from, name, to, new, RenameFlags::NOREPLACE) {
        // Not every file system can: there the name is taken by an empty file of our own, and this one replaced.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
            rustix::fs::openat(to, new, flags, Mode::RUSR | Mode::WUSR)?;
            rustix::fs::renameat(from, name, to, new).inspect_err(|_| {
                let _ = rustix::fs::unlinkat(to, new, AtFlags::empty());
            })
        }
        renamed => renamed,
    }
}

/// Makes a change of names last. Where that fails, a power cut may undo it, and it is done again.
fn sync(directory: impl AsFd) {
    let _ = rustix::fs::fsync(directory);
}

#[cfg(test)]
#[path = "local_tests.rs"]
mod tests;
