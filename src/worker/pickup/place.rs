//! Where a source's files lie, whatever it is.

use crate::connect::local::DirPlace;
use crate::connect::{ConnectError, Fetched};
use crate::domain::source::{AfterImport, Connection, FileIdentity, Listed};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The place, reached.
pub enum Place {
    Dir(DirPlace),
}

impl Place {
    /// # Errors
    /// Whatever keeps us from it.
    pub fn reach(connection: &Connection) -> Result<Place, ConnectError> {
        match connection {
            Connection::Dir(dir) => DirPlace::open(Path::new(&dir.path)).map(Place::Dir),
            Connection::Drop(drop) => DirPlace::open(Path::new(&drop.path)).map(Place::Dir),
            Connection::Sftp(sftp) => Err(ConnectError::NameUnknown { host: sftp.host.clone() }),
        }
    }

    pub fn list(&mut self) -> Result<Vec<Listed>, ConnectError> {
        match self {
            Place::Dir(dir) => dir.list(),
        }
    }

    pub fn fetch(
        &mut self,
        file: &FileIdentity,
        part: &Path,
        progress: &mut dyn FnMut(u64),
        stop: &AtomicBool,
    ) -> Result<Fetched, ConnectError> {
        match self {
            Place::Dir(dir) => dir.fetch(file, part, progress, stop),
        }
    }

    pub fn after(&mut self, file: &FileIdentity, after: &AfterImport) -> Result<Option<String>, ConnectError> {
        match self {
            Place::Dir(dir) => dir.after(file, after),
        }
    }
}
