//! Fetching one file: many reads in flight, in order to the disk, from where an earlier try stopped.

use super::session::{About, Found, Session};
use crate::connect::error::ConnectError;
use crate::connect::part::{Fetched, PartFile};
use crate::domain::source::{FileIdentity, ListedKind};
use russh_sftp::client::error::Error;
use russh_sftp::protocol::StatusCode;
use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::thread;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Reads that are asked for before the first is answered: with [`super::session`]'s longest read about 32 MiB, which
/// keeps a line of 6 Gbit/s busy over 40 ms.
const IN_FLIGHT: usize = 128;
/// Chunks that wait for the disk.
const WAITING_FOR_DISK: usize = 32;

/// An open file of the server, and which one it should be.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    /// The server's name for the open file.
    handle: &'a str,
    identity: &'a FileIdentity,
    /// What the server is asked to do, for errors.
    doing: &'a str,
}

/// A read that was asked for. It is given up when it goes.
struct Asked {
    offset: u64,
    length: u32,
    answer: JoinHandle<Result<Vec<u8>, Error>>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.answer.abort();
    }
}

impl Session {
    /// Fetches the file at `path` into `part`, and is sure that it is the one of `identity` before and after.
    pub(super) async fn fetch(
        &self,
        path: &str,
        identity: &FileIdentity,
        part: &Path,
        progress: &mut dyn FnMut(u64),
        stop: &AtomicBool,
    ) -> Result<Fetched, ConnectError> {
        let name = identity.name.as_str();
        let doing = format!("send {name:?}");
        // Links and pipes must not even be opened: that may lead anywhere, or never end.
        let found = self.look_at(path, About::File(name), &doing, stop).await?;
        self.must_be(identity, &found, part)?;
        let handle = self.open_file(path, name, &doing, stop).await?;
        let fetched = self.fetch_open(&Wanted { handle: &handle, identity, doing: &doing }, part, progress, stop).await;
        self.close_file(handle);
        fetched
    }

    async fn fetch_open(
        &self,
        wanted: &Wanted<'_>,
        part: &Path,
        progress: &mut dyn FnMut(u64),
        stop: &AtomicBool,
    ) -> Result<Fetched, ConnectError> {
        let Wanted { handle, identity, doing } = *wanted;
        let name = identity.name.as_str();
        let file = PartFile::open(part, identity.size)?;
        let from = file.bytes();
        progress(from);
        // The disk has a thread of its own: it neither waits for the line nor holds it up.
        let (chunks, for_disk) = mpsc::channel(WAITING_FOR_DISK);
        let writer = thread::Builder::new().name("landfall-part".to_owned()).spawn(move || write(file, for_disk));
        let writer = writer.map_err(|error| ConnectError::local(part, "write", &error))?;
        let read = self.read_all(wanted, from, chunks, progress, stop).await;
        let written = writer.join().unwrap_or_else(|_| {
            Err(ConnectError::Local { path: part.to_owned(), doing: "write", why: "the writer failed".to_owned() })
        });
        // A full disk ends the reading too, and is the reason.
        let file = written?;
        match read {
            Err(error @ ConnectError::FileChanged { .. }) => return Err(without_part(error, part)),
            other => other?,
        }
        self.must_be(identity, &self.look_at_open(handle, name, doing, stop).await?, part)?;
        file.finish()
    }

    /// Reads the file from `from` to its end, in order. Nothing is passed on before it is known to be the right file.
    async fn read_all(
        &self,
        wanted: &Wanted<'_>,
        from: u64,
        chunks: mpsc::Sender<Vec<u8>>,
        progress: &mut dyn FnMut(u64),
        stop: &AtomicBool,
    ) -> Result<(), ConnectError> {
        let Wanted { handle, identity, doing } = *wanted;
        let mut asked: VecDeque<Asked> = VecDeque::with_capacity(IN_FLIGHT);
        let mut longest = self.longest_read;
        let (mut next, mut arrived) = (from, from);
        let mut ask_ahead = |asked: &mut VecDeque<Asked>, longest: u32| {
            while asked.len() < IN_FLIGHT && next < identity.size {
                let length = u32::try_from(identity.size - next).unwrap_or(longest).min(longest);
                asked.push_back(self.ask(handle, next, length));
                next += u64::from(length);
            }
        };
        // The first reads are on their way while the server says what it has opened.
        ask_ahead(&mut asked, longest);
        self.is_still(identity, &self.look_at_open(handle, &identity.name, doing, stop).await?)?;
        while arrived < identity.size {
            ask_ahead(&mut asked, longest);
            let Some(mut first) = asked.pop_front() else { break };
            let answered = async { (&mut first.answer).await.unwrap_or(Err(Error::IO("given up".to_owned()))) };
            let chunk = self.answer_to_read(About::File(&identity.name), doing, stop, answered).await?;
            // None: the file has become shorter.
            let chunk = chunk.unwrap_or_default();
            let length = u32::try_from(chunk.len()).unwrap_or(u32::MAX);
            if length == 0 || length > first.length {
                return Err(ConnectError::FileChanged { site: self.site.clone(), name: identity.name.clone() });
            }
            if length < first.length {
                // The server sends less at a time than it was asked for: the rest of this one comes first.
                longest = longest.min(length);
                asked.push_front(self.ask(handle, first.offset + u64::from(length), first.length - length));
            }
            arrived += u64::from(length);
            // Nobody listens when the disk has failed; the writer says why.
            if chunks.send(chunk).await.is_err() {
                return Ok(());
            }
            progress(arrived);
        }
        Ok(())
    }

    fn ask(&self, handle: &str, offset: u64, length: u32) -> Asked {
        let (raw, handle) = (self.raw.clone(), handle.to_owned());
        let answer = tokio::spawn(async move { raw.read(handle, offset, length).await.map(|data| data.data) });
        Asked { offset, length, answer }
    }

    /// An answer to a read; none at the end of the file.
    async fn answer_to_read(
        &self,
        about: About<'_>,
        doing: &str,
        stop: &AtomicBool,
        read: impl Future<Output = Result<Vec<u8>, Error>>,
    ) -> Result<Option<Vec<u8>>, ConnectError> {
        let read = async {
            match read.await {
                Ok(chunk) => Ok(Some(chunk)),
                Err(Error::Status(status)) if status.status_code == StatusCode::Eof => Ok(None),
                Err(error) => Err(error),
            }
        };
        self.answer(about, doing, stop, read).await
    }

    /// The whole of a small file.
    pub(super) async fn read_small(
        &self,
        path: &str,
        name: &str,
        most: u64,
        stop: &AtomicBool,
    ) -> Result<Vec<u8>, ConnectError> {
        let doing = format!("send {name:?}");
        let found = self.look_at(path, About::File(name), &doing, stop).await?;
        if found.kind != ListedKind::File {
            return Err(ConnectError::NotAFile { site: self.site.clone(), name: name.to_owned() });
        }
        let too_large = |bytes| ConnectError::TooLarge { name: name.to_owned(), bytes, most };
        if found.size > most {
            return Err(too_large(found.size));
        }
        let handle = self.open_file(path, name, &doing, stop).await?;
        let mut text = Vec::new();
        loop {
            let read = self.raw.read(handle.as_str(), text.len() as u64, self.longest_read);
            let read = async { read.await.map(|data| data.data) };
            match self.answer_to_read(About::File(name), &doing, stop, read).await? {
                Some(chunk) if !chunk.is_empty() => text.extend(chunk),
                _ => break,
            }
            if text.len() as u64 > most {
                return Err(too_large(text.len() as u64));
            }
        }
        self.close_file(handle);
        Ok(text)
    }

    /// Whether what is found is the file that was listed. What came of another one is of no use for a later try.
    fn must_be(&self, identity: &FileIdentity, found: &Found, part: &Path) -> Result<(), ConnectError> {
        match self.is_still(identity, found) {
            Err(error @ ConnectError::FileChanged { .. }) => Err(without_part(error, part)),
            other => other,
        }
    }

    /// Whether what is found is the file that was listed.
    pub(super) fn is_still(&self, identity: &FileIdentity, found: &Found) -> Result<(), ConnectError> {
        let (site, name) = (self.site.clone(), identity.name.clone());
        if found.kind != ListedKind::File {
            return Err(ConnectError::NotAFile { site, name });
        }
        if (found.size, found.modified_ms) != (identity.size, identity.modified_ms) {
            return Err(ConnectError::FileChanged { site, name });
        }
        Ok(())
    }
}

/// Removes what came of a file that is no longer the one that was wanted: a later try must not go on with it.
fn without_part(error: ConnectError, part: &Path) -> ConnectError {
    match std::fs::remove_file(part) {
        Err(failed) if failed.kind() != std::io::ErrorKind::NotFound => ConnectError::local(part, "remove", &failed),
        _ => error,
    }
}

/// Appends what comes until no more comes.
fn write(mut file: PartFile, mut chunks: mpsc::Receiver<Vec<u8>>) -> Result<PartFile, ConnectError> {
    while let Some(chunk) = chunks.blocking_recv() {
        file.append(&chunk)?;
    }
    Ok(file)
}
