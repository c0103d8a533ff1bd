//! A local or mounted directory as the place of a source's files.
//!
//! Names in it come from others, and so does what lies under them: nothing but a regular file is ever opened, and a name
//! never leads out of the directory.

use super::error::{ConnectError, Site};
use super::place::{Fetched, hex, numbered};
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
/// How many names are tried for a file whose own is taken where it is moved to.
const MOST_NAMES: u32 = 10_000;

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
        Ok(Fetched { bytes, sha256: hex(&hash.finalize()) })
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
        if !is_safe_name(name.as_bytes()) {
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

/// Whether a name may be used and shown: one name of a file in this directory, as text.
fn is_safe_name(name: &[u8]) -> bool {
    let is_text = std::str::from_utf8(name).is_ok_and(|name| !name.chars().any(char::is_control));
    is_text && !name.is_empty() && !name.contains(&b'/') && !matches!(name, b"." | b"..")
}

fn listed_as(name: &CStr, stat: &Stat) -> Listed {
    let kind = match kind(stat) {
        ListedKind::File if !is_safe_name(name.to_bytes()) => ListedKind::BadName,
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
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;
    use std::time::{Duration, SystemTime};

    fn make(dir: &Path, name: &str, content: &[u8]) {
        fs::write(dir.join(name), content).unwrap();
    }

    fn place(dir: &Path) -> DirPlace {
        DirPlace::open(dir).unwrap()
    }

    fn found(place: &DirPlace, name: &str) -> FileIdentity {
        place.list().unwrap().into_iter().map(|it| it.identity).find(|it| it.name == name).unwrap()
    }

    fn fetch(place: &DirPlace, file: &FileIdentity, part: &Path) -> Result<Fetched, &'static str> {
        place.fetch(file, part, &mut |_| {}, &AtomicBool::new(false)).map_err(|error| error.code())
    }

    fn pipe(path: &Path) {
        rustix::fs::mknodat(rustix::fs::CWD, path, FileType::Fifo, Mode::from(0o600), 0).unwrap();
    }

    /// Everything that can lie under a name, in a directory of its own beside which lies a secret.
    fn zoo() -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("drop");
        fs::create_dir(&dir).unwrap();
        make(root.path(), "secret", b"not yours");
        make(&dir, "a.csv", b"x\n1\n");
        make(&dir, "-rf.csv", b"x\n");
        make(&dir, "two\nlines.csv", b"x\n");
        make(&dir, "\u{1b}[2J.csv", b"x\n");
        make(&dir, &format!("{}.csv", "n".repeat(251)), b"x\n");
        fs::write(dir.join(std::ffi::OsStr::from_bytes(b"not-utf8-\xff.csv")), b"x\n").unwrap();
        fs::create_dir(dir.join("sub.csv")).unwrap();
        symlink("../secret", dir.join("link.csv")).unwrap();
        symlink("loop.csv", dir.join("loop.csv")).unwrap();
        symlink("/dev/zero", dir.join("zero.csv")).unwrap();
        pipe(&dir.join("pipe.csv"));
        std::os::unix::net::UnixListener::bind(dir.join("socket.csv")).unwrap();
        (root, dir)
    }

    #[test]
    fn a_look_tells_what_lies_under_every_name() {
        let (_root, dir) = zoo();
        let listed = place(&dir).list().unwrap();
        let kind_of = |name: &str| listed.iter().find(|it| it.identity.name == name).map(|it| it.kind);
        for (name, kind) in [
            ("a.csv", ListedKind::File),
            ("-rf.csv", ListedKind::File),
            ("two\nlines.csv", ListedKind::BadName),
            ("\u{1b}[2J.csv", ListedKind::BadName),
            ("not-utf8-\u{fffd}.csv", ListedKind::BadName),
            ("sub.csv", ListedKind::Directory),
            ("link.csv", ListedKind::Link),
            ("loop.csv", ListedKind::Link),
            ("zero.csv", ListedKind::Link),
            ("pipe.csv", ListedKind::Pipe),
            ("socket.csv", ListedKind::Socket),
        ] {
            assert_eq!(kind_of(name), Some(kind), "{name:?}");
        }
        assert_eq!(listed.len(), 12);
        let device = place(Path::new("/dev")).list().unwrap();
        assert!(device.iter().any(|it| it.identity.name == "null" && it.kind == ListedKind::Device));
    }

    #[test]
    fn nothing_but_a_regular_file_is_read_however_it_is_asked_for() {
        let (root, dir) = zoo();
        let place = place(&dir);
        let part = root.path().join("part");
        for listed in place.list().unwrap() {
            let name = listed.identity.name.clone();
            let is_file = listed.kind == ListedKind::File;
            assert_eq!(fetch(&place, &listed.identity, &part).is_ok(), is_file, "{name:?}");
            if listed.kind != ListedKind::BadName {
                assert_eq!(place.read_small(&name, 100).unwrap().is_some(), is_file, "{name:?}");
            }
        }
        for name in ["../secret", "sub.csv/../../secret", "/etc/passwd", ".", "..", "", "a.csv/"] {
            let asked = FileIdentity { name: name.to_owned(), size: 9, modified_ms: 0 };
            assert_eq!(fetch(&place, &asked, &part), Err("bad_name"), "{name:?}");
            assert_eq!(place.after(&asked, &AfterImport::Delete).map_err(|error| error.code()), Err("bad_name"));
        }
        assert_eq!(fs::read(root.path().join("secret")).unwrap(), b"not yours");
    }

    #[test]
    fn a_fetched_file_is_whole_hashed_and_told_of() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("drop");
        fs::create_dir(&dir).unwrap();
        make(&dir, "a.csv", &vec![b'x'; 2_500_000]);
        let place = place(&dir);
        let part = root.path().join("a.part");
        fs::write(&part, vec![b'y'; 3_000_000]).unwrap();
        let mut told = Vec::new();
        let file = found(&place, "a.csv");
        let fetched = place.fetch(&file, &part, &mut |n| told.push(n), &AtomicBool::new(false)).unwrap();
        assert_eq!(fetched.bytes, 2_500_000);
        assert_eq!(fetched.sha256, hex(&Sha256::digest(fs::read(&part).unwrap())));
        assert_eq!(fs::read(&part).unwrap(), fs::read(dir.join("a.csv")).unwrap());
        assert_eq!(told.last(), Some(&2_500_000));
        let stopped = place.fetch(&file, &part, &mut |_| {}, &AtomicBool::new(true));
        assert_eq!(stopped, Err(ConnectError::Stopped));
    }

    #[test]
    fn a_file_that_is_another_by_now_is_neither_fetched_nor_moved_nor_deleted() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("drop");
        fs::create_dir_all(dir.join("done")).unwrap();
        let place = place(&dir);
        let part = root.path().join("part");
        let to_done = AfterImport::Move { directory: "done".to_owned() };
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let touch = |at| File::options().write(true).open(dir.join("a.csv")).unwrap().set_modified(at).unwrap();
        let changes: [(&str, &dyn Fn()); 4] = [
            ("file_changed", &|| make(&dir, "a.csv", b"longer than it was")),
            ("file_changed", &|| touch(at + Duration::from_secs(1))),
            ("file_vanished", &|| fs::remove_file(dir.join("a.csv")).unwrap()),
            ("not_a_file", &|| {
                fs::remove_file(dir.join("a.csv")).unwrap();
                pipe(&dir.join("a.csv"));
            }),
        ];
        for (code, change) in changes {
            make(&dir, "a.csv", b"x\n1\n");
            touch(at);
            let file = found(&place, "a.csv");
            change();
            assert_eq!(fetch(&place, &file, &part), Err(code));
            for after in [&to_done, &AfterImport::Delete] {
                assert_eq!(place.after(&file, after).map_err(|error| error.code()), Err(code));
            }
            assert_eq!(dir.join("a.csv").symlink_metadata().is_ok(), code != "file_vanished");
        }
        assert_eq!(fs::read_dir(dir.join("done")).unwrap().count(), 0);
    }

    #[test]
    fn after_an_import_a_file_stays_goes_or_moves_and_nothing_is_overwritten() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("drop");
        fs::create_dir_all(dir.join("done")).unwrap();
        fs::create_dir(root.path().join("beside")).unwrap();
        let place = place(&dir);
        let after = |content: &[u8], after: AfterImport| {
            make(&dir, "a.csv", content);
            place.after(&found(&place, "a.csv"), &after).map_err(|error| error.code())
        };
        let to = |directory: &str| AfterImport::Move { directory: directory.to_owned() };
        assert_eq!(after(b"0", AfterImport::Leave), Ok(None));
        assert!(dir.join("a.csv").exists());
        assert_eq!(after(b"1", AfterImport::Delete), Ok(None));
        assert!(!dir.join("a.csv").exists());
        for (number, name) in ["a.csv", "a-2.csv", "a-3.csv"].into_iter().enumerate() {
            assert_eq!(after(number.to_string().as_bytes(), to("done")), Ok(Some(name.to_owned())));
            assert!(!dir.join("a.csv").exists());
        }
        for (number, name) in ["a.csv", "a-2.csv", "a-3.csv"].into_iter().enumerate() {
            assert_eq!(fs::read_to_string(dir.join("done").join(name)).unwrap(), number.to_string());
        }
        assert_eq!(after(b"b", to("../beside")), Ok(Some("a.csv".to_owned())));
        assert_eq!(fs::read(root.path().join("beside/a.csv")).unwrap(), b"b");
        assert_eq!(after(b"c", to("nowhere")), Err("directory_missing"));
        assert_eq!(fs::read(dir.join("a.csv")).unwrap(), b"c");
    }

    /// A directory of another file system than that of temporary files, where there is one.
    fn elsewhere() -> Option<tempfile::TempDir> {
        use std::os::unix::fs::MetadataExt;
        let here = fs::metadata(std::env::temp_dir()).ok()?.dev();
        let dir = tempfile::tempdir_in("/dev/shm").ok()?;
        (fs::metadata(dir.path()).ok()?.dev() != here).then_some(dir)
    }

    #[test]
    fn a_move_to_another_file_system_copies_first_and_overwrites_nothing() {
        let Some(other) = elsewhere() else { return };
        let dir = tempfile::tempdir().unwrap();
        let place = place(dir.path());
        let to_other = AfterImport::Move { directory: other.path().to_str().unwrap().to_owned() };
        for name in ["a.csv", "a-2.csv"] {
            make(dir.path(), "a.csv", name.as_bytes());
            let file = found(&place, "a.csv");
            assert_eq!(place.after(&file, &to_other), Ok(Some(name.to_owned())));
            assert_eq!(fs::read(other.path().join(name)).unwrap(), name.as_bytes());
            assert_eq!(found(&DirPlace::open(other.path()).unwrap(), name).modified_ms, file.modified_ms);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        assert_eq!(fs::read_dir(other.path()).unwrap().count(), 2);
    }

    #[test]
    fn small_files_are_read_to_their_limit_and_directories_that_are_none_are_named() {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path(), "a.csv.ctl", b"12345");
        let at = place(dir.path());
        assert_eq!(at.read_small("a.csv.ctl", 5), Ok(Some(b"12345".to_vec())));
        assert_eq!(at.read_small("a.csv.ctl", 4).map_err(|error| error.code()), Err("file_too_large"));
        assert_eq!(at.read_small("none", 4), Ok(None));
        let opened = |path: &Path| DirPlace::open(path).map(drop).map_err(|error| error.code());
        assert_eq!(opened(&dir.path().join("none")), Err("directory_missing"));
        assert_eq!(opened(&dir.path().join("a.csv.ctl")), Err("not_a_directory"));
    }
}
