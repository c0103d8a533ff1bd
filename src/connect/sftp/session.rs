//! A logged-in SFTP session: requests with their limits, and what the server's answers mean.

use super::Limits;
use super::reach::{Client, Reached};
use super::wait::{Heard, Metered, while_heard};
use crate::connect::error::{ConnectError, Site};
use crate::domain::source::ListedKind;
use russh::ChannelMsg;
use russh::client::Handle;
use russh_sftp::client::error::Error;
use russh_sftp::client::{Config, RawSftpSession};
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The library's own limit on an answer starts when the request is queued, which is wrong for one of 64 over a slow line:
/// it is set so long that ours always ends first.
const NEVER_SECONDS: u64 = 7 * 24 * 3600;
/// What every server must be able to answer in one piece (bytes).
const SMALL_READ: u32 = 32 * 1024;
/// The longest packet that is taken (bytes): OpenSSH's longest.
const LONGEST_PACKET: u32 = 256 * 1024;
/// Longest answer to a read, without its head (bytes).
const LONGEST_READ: u64 = LONGEST_PACKET as u64 - 1024;

/// What the server says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: ListedKind,
    pub(super) size: u64,
    pub(super) modified_ms: i64,
}

impl Found {
    /// What the attributes say. A server that does not tell the type of a file leaves it to the long line of `ls`;
    /// without that too, it is taken for something that must not be read.
    pub(super) fn of(attributes: &FileAttributes, long_line: &str) -> Found {
        let kind = match attributes.permissions.map(|mode| mode & 0o170_000).filter(|kind| *kind != 0) {
            Some(0o100_000) => ListedKind::File,
            Some(0o040_000) => ListedKind::Directory,
            Some(0o120_000) => ListedKind::Link,
            Some(0o010_000) => ListedKind::Pipe,
            Some(0o140_000) => ListedKind::Socket,
            Some(_) => ListedKind::Device,
            None => match long_line.as_bytes().first() {
                Some(b'-') => ListedKind::File,
                Some(b'd') => ListedKind::Directory,
                Some(b'l') => ListedKind::Link,
                Some(b'p') => ListedKind::Pipe,
                Some(b's') => ListedKind::Socket,
                _ => ListedKind::Device,
            },
        };
        Found {
            kind,
            size: attributes.size.unwrap_or_default(),
            modified_ms: i64::from(attributes.mtime.unwrap_or_default()) * 1000,
        }
    }
}

/// What a request was about: the same status of a server means different things.
pub(super) enum About<'a> {
    Directory(&'a str),
    File(&'a str),
}

pub(super) struct Session {
    /// Ends the SSH session when it goes.
    _handle: Handle<Client>,
    pub(super) raw: Arc<RawSftpSession>,
    heard: Heard,
    pub(super) site: Site,
    limit: Duration,
    /// Whether the server can tell its limits.
    tells_limits: bool,
    /// The most bytes that one read may ask for.
    pub(super) longest_read: u32,
}

impl Session {
    /// Opens the SFTP subsystem.
    pub(super) async fn open(
        reached: Reached,
        site: &Site,
        limits: &Limits,
        stop: &AtomicBool,
    ) -> Result<Session, ConnectError> {
        let handle = reached.handle;
        let no_sftp = || ConnectError::NoSftp { site: site.clone() };
        let dropped = |_| ConnectError::Dropped { site: site.clone(), doing: "open a session for files".to_owned() };
        let heard = Heard::default();
        let opening = async {
            let mut channel = match handle.channel_open_session().await {
                Ok(channel) => channel,
                Err(russh::Error::ChannelOpenFailure(_)) => return Err(no_sftp()),
                Err(error) => return Err(dropped(error)),
            };
            channel.request_subsystem(true, "sftp").await.map_err(dropped)?;
            loop {
                match channel.wait().await {
                    Some(ChannelMsg::Success) => break,
                    Some(ChannelMsg::Failure | ChannelMsg::Close | ChannelMsg::Eof) => return Err(no_sftp()),
                    None => return Err(dropped(russh::Error::Disconnect)),
                    Some(_) => {}
                }
            }
            let config =
                Config { max_packet_len: LONGEST_PACKET, request_timeout_secs: NEVER_SECONDS, ..Config::default() };
            let raw = RawSftpSession::new_with_config(Metered::new(channel.into_stream(), &heard), config);
            // An account without a shell that may use SFTP, or a shell that prints a greeting, ends here.
            let version = raw.init().await.map_err(|_| no_sftp())?;
            Ok((raw, version.extensions.contains_key("limits@openssh.com")))
        };
        let doing = "open a session for files";
        let (raw, tells_limits) = while_heard(&reached.heard, limits.request, stop, site, doing, opening).await??;
        Ok(Session {
            _handle: handle,
            raw: Arc::new(raw),
            heard,
            site: site.clone(),
            limit: limits.request,
            tells_limits,
            longest_read: SMALL_READ,
        })
    }

    /// How much one read may ask for (bytes), by what the server tells of its limits.
    pub(super) async fn ask_longest_read(&self, stop: &AtomicBool) -> Result<u32, ConnectError> {
        if !self.tells_limits {
            return Ok(SMALL_READ);
        }
        let told = self.answer(About::Directory("."), "tell its limits", stop, self.raw.limits()).await?;
        Ok(match told.max_read_len {
            0 => SMALL_READ,
            most => u32::try_from(most.min(LONGEST_READ)).unwrap_or(SMALL_READ),
        })
    }

    /// Waits for an answer.
    pub(super) async fn answer<T>(
        &self,
        about: About<'_>,
        doing: &str,
        stop: &AtomicBool,
        request: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, ConnectError> {
        let answered = while_heard(&self.heard, self.limit, stop, &self.site, doing, request).await?;
        answered.map_err(|error| self.meaning(about, doing, error))
    }

    /// What a failed request means.
    pub(super) fn meaning(&self, about: About<'_>, doing: &str, error: Error) -> ConnectError {
        let (site, doing) = (self.site.clone(), doing.to_owned());
        match error {
            Error::Status(status) => match status.status_code {
                StatusCode::NoSuchFile => match about {
                    About::Directory(directory) => {
                        ConnectError::DirectoryMissing { site, directory: directory.to_owned() }
                    }
                    About::File(name) => ConnectError::FileVanished { site, name: name.to_owned() },
                },
                StatusCode::PermissionDenied => ConnectError::NoPermission { site, doing },
                StatusCode::NoConnection | StatusCode::ConnectionLost => ConnectError::Dropped { site, doing },
                _ => ConnectError::Server { site, doing, said: status.error_message },
            },
            Error::Timeout => ConnectError::RequestTimeout { site, doing, seconds: NEVER_SECONDS },
            Error::IO(_) | Error::UnexpectedBehavior(_) => ConnectError::Dropped { site, doing },
            Error::Limited(why) => ConnectError::Server { site, doing, said: why },
            Error::UnexpectedPacket => {
                ConnectError::Server { site, doing, said: "its answer does not fit the question".to_owned() }
            }
        }
    }

    /// What lies at a path, links not followed.
    pub(super) async fn look_at(
        &self,
        path: &str,
        about: About<'_>,
        doing: &str,
        stop: &AtomicBool,
    ) -> Result<Found, ConnectError> {
        let attributes = self.answer(about, doing, stop, self.raw.lstat(path)).await?;
        Ok(Found::of(&attributes.attrs, ""))
    }

    /// Opens a file for reading.
    pub(super) async fn open_file(
        &self,
        path: &str,
        name: &str,
        doing: &str,
        stop: &AtomicBool,
    ) -> Result<String, ConnectError> {
        let open = self.raw.open(path, OpenFlags::READ, FileAttributes::empty());
        Ok(self.answer(About::File(name), doing, stop, open).await?.handle)
    }

    /// What an open file is now.
    pub(super) async fn look_at_open(
        &self,
        handle: &str,
        name: &str,
        doing: &str,
        stop: &AtomicBool,
    ) -> Result<Found, ConnectError> {
        let attributes = self.answer(About::File(name), doing, stop, self.raw.fstat(handle)).await?;
        Ok(Found::of(&attributes.attrs, ""))
    }

    /// Closes a file. What becomes of that changes nothing for us, and is not waited for.
    pub(super) fn close_file(&self, handle: String) {
        let raw = self.raw.clone();
        tokio::spawn(async move { raw.close(handle).await });
    }
}
