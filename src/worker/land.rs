//! Landing a file: a byte-for-byte copy in the workspace, named after its content, durable before anybody knows of it.

use super::error::WorkerError;
use crate::store::{FileState, Store, file_mode};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::UNIX_EPOCH;

/// One MB, as operators and file managers count it (R211).
const MB: u64 = 1_000_000;

/// A file that was copied into the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landed {
    /// File name in the workspace's deliveries directory.
    pub file_name: String,
    pub bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// How the copy stood when it had its name.
    pub state: FileState,
}

/// Refuses what is no regular file, and a file of `max_file_mb` and more, before anything of it is read (R211).
pub fn check_size(file: &Path, max_file_mb: Option<u64>) -> Result<(), WorkerError> {
    let data = fs::metadata(file).map_err(|error| WorkerError::read(file, error))?;
    if !data.is_file() {
        return Err(WorkerError::NotAFile { file: file.to_owned() });
    }
    match max_file_mb {
        Some(limit) if data.len() >= limit * MB => {
            Err(WorkerError::TooLarge { file: file.to_owned(), bytes: data.len(), limit_mb: limit })
        }
        _ => Ok(()),
    }
}

/// Copies a file into `deliveries`. The copy is complete and synced before it gets its name, so a name always stands
/// for whole content; the same content lands once.
///
/// # Errors
/// When the file cannot be read, changes while it is read, or the copy cannot be written.
pub fn land(file: &Path, deliveries: &Path) -> Result<Landed, WorkerError> {
    let mut from = File::open(file).map_err(|error| WorkerError::read(file, error))?;
    let before = from.metadata().map_err(|error| WorkerError::read(file, error))?;
    let incoming = deliveries.join(format!(".incoming-{}", std::process::id()));
    let written = |error| WorkerError::write(&incoming, error);
    let mut options = OpenOptions::new();
    let mode = file_mode(deliveries);
    let mut to = options.write(true).create(true).truncate(true).mode(mode).open(&incoming).map_err(written)?;
    // The umask may have taken the group's part away.
    to.set_permissions(Permissions::from_mode(mode)).map_err(written)?;
    let (bytes, sha256) = match copy(file, &mut from, &incoming, &mut to, &AtomicBool::new(false)) {
        Ok(copied) => copied,
        Err(error) => {
            // The half copy is of no use to anybody; that it could not be removed changes nothing about the error.
            let _ = fs::remove_file(&incoming);
            return Err(error);
        }
    };
    let after = fs::metadata(file).map_err(|error| WorkerError::read(file, error))?;
    if after.len() != bytes || after.modified().ok() != before.modified().ok() {
        let _ = fs::remove_file(&incoming);
        return Err(WorkerError::ChangedWhileRead { file: file.to_owned() });
    }
    name_for_good(&incoming, deliveries, file, bytes, sha256).inspect_err(|_| {
        let _ = fs::remove_file(&incoming);
    })
}

/// Gives a whole and synced copy of `file` the name of its content, for good.
fn name_for_good(
    whole: &Path,
    deliveries: &Path,
    file: &Path,
    bytes: u64,
    sha256: String,
) -> Result<Landed, WorkerError> {
    let file_name = format!("{}{}", &sha256[..24], extension(file));
    let path = deliveries.join(&file_name);
    fs::rename(whole, &path).map_err(|error| WorkerError::write(&path, error))?;
    File::open(deliveries).and_then(|dir| dir.sync_all()).map_err(|error| WorkerError::write(deliveries, error))?;
    let state = FileState::of(&path).map_err(|error| WorkerError::read(&path, error))?;
    Ok(Landed { file_name, bytes, sha256, state })
}

/// Makes a delivery's file of a copy that was fetched whole to `part` in `deliveries`; `name` is what it was called where
/// it came from.
pub fn land_fetched(
    part: &Path,
    deliveries: &Path,
    name: &str,
    bytes: u64,
    sha256: String,
) -> Result<Landed, WorkerError> {
    let synced = File::options().write(true).open(part).and_then(|file| {
        file.set_permissions(Permissions::from_mode(file_mode(deliveries)))?;
        file.sync_all()
    });
    synced.map_err(|error| WorkerError::write(part, error))?;
    name_for_good(part, deliveries, Path::new(name), bytes, sha256)
}

/// The length and SHA-256 of a delivery as it is now; a resumed run compares it with what landed. Once `stopped` is set,
/// those of its beginning.
pub fn fingerprint(path: &Path, stopped: &AtomicBool) -> Result<(u64, String), WorkerError> {
    let mut from = File::open(path).map_err(|error| WorkerError::read(path, error))?;
    copy(path, &mut from, Path::new(""), &mut io::sink(), stopped)
}

fn copy(
    file: &Path,
    from: &mut File,
    target: &Path,
    to: &mut impl Sink,
    stopped: &AtomicBool,
) -> Result<(u64, String), WorkerError> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = 0;
    while !stopped.load(Ordering::Relaxed) {
        let n = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(WorkerError::read(file, error)),
        };
        hash.update(&buffer[..n]);
        to.write_all(&buffer[..n]).map_err(|error| WorkerError::write(target, error))?;
        bytes += n as u64;
    }
    to.sync().map_err(|error| WorkerError::write(target, error))?;
    Ok((bytes, hex(&hash.finalize())))
}

/// Where a copy goes: a file that is synced at the end, or nowhere.
trait Sink: Write {
    fn sync(&mut self) -> io::Result<()>;
}

impl Sink for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

impl Sink for io::Sink {
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What kind of file it is for people who look into the directory; what it really is the reader finds out itself.
fn extension(file: &Path) -> &'static str {
    let name = file.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    [".csv.gz", ".zip", ".csv", ".tsv", ".txt", ".gz"].into_iter().find(|end| name.ends_with(end)).unwrap_or(".data")
}

/// How old a copy without a run is when it is taken for left behind: until then somebody may be at the disclaimer.
const ABANDONED_MS: i64 = 24 * 60 * 60 * 1000;

/// Removes copies that a killed process left half done, and whole ones that no run was made of for a day. Only for the
/// holder of the workspace's lock.
pub fn remove_leftovers(store: &Store, now_ms: i64) -> Result<(), WorkerError> {
    let deliveries = &store.deliveries_dir();
    let is_old = |path: &Path| {
        let landed = fs::metadata(path).and_then(|data| data.modified()).ok();
        let landed_ms = landed.and_then(|at| at.duration_since(UNIX_EPOCH).ok()).map(|since| since.as_millis() as i64);
        landed_ms.is_some_and(|at| now_ms - at > ABANDONED_MS)
    };
    let listing = fs::read_dir(deliveries).map_err(|error| WorkerError::read(deliveries, error))?;
    for path in listing.filter_map(|entry| entry.ok()).map(|entry| entry.path()) {
        let remove = || fs::remove_file(&path);
        let removed = if is_leftover(&path) {
            remove()
        } else if is_half_copy(&path) || store.delivery_at(&path, None)?.is_some() || !is_old(&path) {
            Ok(())
        } else {
            // Somebody may be registering it just now.
            store.undisturbed(|store| Ok(if store.delivery_at(&path, None)?.is_some() { Ok(()) } else { remove() }))?
        };
        removed.map_err(|error| WorkerError::write(&path, error))?;
    }
    Ok(())
}

/// Whether this is a copy that is not whole yet.
fn is_half_copy(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".incoming-"))
}

/// Whether this is the half copy of a process that is no more.
fn is_leftover(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Some(pid) = name.strip_prefix(".incoming-").and_then(|rest| rest.split('-').next()?.parse::<i32>().ok()) else {
        return false;
    };
    match rustix::process::Pid::from_raw(pid) {
        Some(pid) => rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH),
        None => true,
    }
}
