//! The way to a source's files, whatever kind of place they lie in: with the keys and secrets of the workspace.

use super::setup;
use crate::connect::local::DirPlace;
use crate::connect::secrets::Secrets;
use crate::connect::sftp::{Limits, SftpPlace, Surroundings};
use crate::connect::{ConnectError, Fetched, Site};
use crate::domain::id::SourceId;
use crate::domain::source::{AfterImport, Connection, FileIdentity, Listed, Source};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How long a command may take to print a secret.
const PATIENCE: Duration = Duration::from_secs(30);

/// For what cannot be stopped half-way; the limits of a connection end it.
static NEVER: AtomicBool = AtomicBool::new(false);

/// What reaching needs of the surroundings.
#[derive(Clone, Copy)]
pub struct Surround<'s> {
    /// The workspace's directory.
    pub workspace: &'s Path,
    /// A variable of the environment.
    pub env: &'s dyn Fn(&str) -> Option<String>,
    /// Set to give up.
    pub stop: &'s AtomicBool,
}

/// Where a source's files lie, reached.
pub enum Place {
    Dir(DirPlace),
    /// With an open session.
    Sftp(Box<SftpPlace>),
}

impl Place {
    /// Reaches the place of a source.
    ///
    /// # Errors
    /// Whatever keeps us from it.
    pub fn reach(source: &Source, surround: &Surround<'_>) -> Result<Place, ConnectError> {
        match &source.connection {
            Some(connection) => Place::by(connection, source.id, surround),
            None => Err(ConnectError::DirectoryMissing { site: Site::Here, directory: String::new() }),
        }
    }

    /// Reaches a place by a connection that may still be tried only.
    ///
    /// # Errors
    /// Whatever keeps us from it.
    pub fn by(connection: &Connection, source: SourceId, surround: &Surround<'_>) -> Result<Place, ConnectError> {
        let sftp = match connection {
            Connection::Dir(dir) => return DirPlace::open(Path::new(&dir.path)).map(Place::Dir),
            Connection::Drop(drop) => return DirPlace::open(Path::new(&drop.path)).map(Place::Dir),
            Connection::Sftp(sftp) => sftp,
        };
        let Surround { workspace, env, stop } = *surround;
        let around = Surroundings {
            home: env("HOME").map(PathBuf::from),
            agent_socket: env("SSH_AUTH_SOCK").filter(|socket| !socket.is_empty()).map(PathBuf::from),
            own_key: setup::own_key(workspace, source),
        };
        let secrets = Secrets { env, workspace, is_trusted: is_own(workspace), patience: PATIENCE };
        let connected = SftpPlace::connect(sftp, &around, &|secret| secrets.get(secret), &Limits::default(), stop);
        connected.map(|place| Place::Sftp(Box::new(place)))
    }

    /// # Errors
    /// When it cannot be looked into.
    pub fn list(&mut self) -> Result<Vec<Listed>, ConnectError> {
        match self {
            Place::Dir(dir) => dir.list(),
            Place::Sftp(sftp) => sftp.list(&NEVER),
        }
    }

    /// Brings a file into `part`; see [`DirPlace::fetch`] and [`SftpPlace::fetch`].
    ///
    /// # Errors
    /// When it is not that file any more, or cannot be brought.
    pub fn fetch(
        &mut self,
        file: &FileIdentity,
        part: &Path,
        progress: &mut dyn FnMut(u64),
        stop: &AtomicBool,
    ) -> Result<Fetched, ConnectError> {
        match self {
            Place::Dir(dir) => dir.fetch(file, part, progress, stop),
            Place::Sftp(sftp) => sftp.fetch(file, part, progress, stop),
        }
    }

    /// The content of a small file; none where there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is larger.
    pub fn read_small(&mut self, name: &str, most_bytes: u64) -> Result<Option<Vec<u8>>, ConnectError> {
        match self {
            Place::Dir(dir) => dir.read_small(name, most_bytes),
            Place::Sftp(sftp) => match sftp.read_small(name, most_bytes, &NEVER) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(ConnectError::FileVanished { .. } | ConnectError::NotAFile { .. }) => Ok(None),
                Err(error) => Err(error),
            },
        }
    }

    /// Leaves, moves or deletes a file whose run is complete. Answers what it is called where it was moved
    /// to.
    ///
    /// # Errors
    /// When it is not that file any more, or may not be moved or deleted.
    pub fn after(&mut self, file: &FileIdentity, after: &AfterImport) -> Result<Option<String>, ConnectError> {
        match self {
            Place::Dir(dir) => dir.after(file, after),
            Place::Sftp(sftp) => sftp.after(file, after, &NEVER),
        }
    }
}

/// Whether a workspace is the user's own: what somebody else wrote into it is not run as a command.
fn is_own(workspace: &Path) -> bool {
    fs::metadata(workspace).is_ok_and(|found| found.uid() == rustix::process::geteuid().as_raw())
}
