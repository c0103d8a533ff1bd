//! Hearing of others' changes: a commit, and a worker that ends or dies.
//!
//! Whoever commits touches the file `changed` afterwards, and the holder of the lock has the file `lock` open for
//! writing as long as it lives; a worker that stays has a file of its own, which it closes when it begins as well. Those
//! files are watched. The write-ahead log is not: it is written before its commit
//! can be seen, so that whoever looked at once would see the old state and never be woken again; and a checkpoint or a
//! reader that comes or goes would wake everybody for nothing.

use super::keeper;
use super::workspace::{LOCK, NOTICE};
use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::path::Path;

/// How others' changes of a workspace are heard of.
#[derive(Debug)]
pub enum Watch {
    /// The kernel says so; nothing has to be asked.
    Notified(Notices),
    /// The kernel cannot say so, and why: ask [`Store::data_version`](super::Store::data_version) once a second.
    Polled(io::Error),
}

/// What the kernel says. Readable when there is something to [`drain`](Notices::drain).
#[derive(Debug)]
pub struct Notices {
    fd: OwnedFd,
}

impl Watch {
    /// Watches the workspace in `dir`, which has been opened before.
    pub fn new(dir: &Path) -> Watch {
        Notices::of(dir).map_or_else(Watch::Polled, Watch::Notified)
    }
}

impl Notices {
    fn of(dir: &Path) -> io::Result<Notices> {
        let fd = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        inotify::add_watch(&fd, dir.join(NOTICE), WatchFlags::ATTRIB)?;
        inotify::add_watch(&fd, dir.join(LOCK), WatchFlags::CLOSE_WRITE)?;
        // A workspace that is only looked at may have none.
        if let Err(error) = inotify::add_watch(&fd, keeper::path(dir), WatchFlags::CLOSE_WRITE)
            && error != Errno::NOENT
        {
            return Err(error.into());
        }
        Ok(Notices { fd })
    }

    /// Takes all that has been said so far; true when there was anything. Never waits. Own commits are among it, own
    /// reads are not.
    pub fn drain(&self) -> bool {
        let mut any = false;
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(&self.fd, &mut buffer);
        loop {
            match reader.next() {
                // A lock or a notice that is gone is not a change; it was removed with the workspace.
                Ok(event) => any |= !event.events().contains(ReadFlags::IGNORED),
                Err(Errno::INTR) => {}
                Err(_) => return any,
            }
        }
    }
}

impl AsFd for Notices {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl AsRawFd for Notices {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}
