//! A directory on an SFTP server, for plain threads: each call waits for its answer. tokio stays inside.
//!
//! What the server says is bounded and checked: names, sizes, types, the length of its answers, and how long it may be
//! silent. Links are neither followed nor opened.

mod fetch;
mod login;
mod reach;
mod session;
mod wait;

pub use reach::HostKey;

use super::error::{ConnectError, Site};
use super::host_keys::Known;
use super::naming::{MOST_NAMES, numbered};
use super::part::{Fetched, is_safe_name};
use crate::domain::source::{AfterImport, FileIdentity, Listed, ListedKind, SecretRef, Sftp};
use login::Credentials;
use russh_sftp::client::error::Error;
use russh_sftp::protocol::StatusCode;
use secrecy::SecretString;
use session::{About, Found, Session};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// The most names that one look takes in.
const MOST_FILES: usize = 200_000;

/// How long a server may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For name, connection, greeting and host key together.
    pub connect: Duration,
    /// How long it may be silent while an answer is due. A big answer over a slow line may take longer.
    pub request: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { connect: Duration::from_secs(15), request: Duration::from_secs(30) }
    }
}

/// What of this host a connection needs; it reads no environment by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The user's home directory: of `~/.ssh/known_hosts`, and of a key path that begins with `~/`.
    pub home: Option<PathBuf>,
    /// What `SSH_AUTH_SOCK` names.
    pub agent_socket: Option<PathBuf>,
    /// Where Landfall's own key for this source lies.
    pub own_key: PathBuf,
}

/// The directory of a source on its server, with an open session.
pub struct SftpPlace {
    session: Session,
    /// Absolute, as the server has it, without a slash at its end.
    directory: String,
    /// Last: the session ends before what drives it.
    driver: Driver,
}

/// What drives a session while a call waits. Names that are still being resolved are not waited for at its end.
struct Driver(Option<Runtime>);

impl Driver {
    fn new() -> Result<Driver, ConnectError> {
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.map(|runtime| Driver(Some(runtime))).map_err(|error| ConnectError::Local {
            path: PathBuf::from("the network"),
            doing: "use",
            why: error.to_string(),
        })
    }

    fn wait<T>(&self, for_: impl Future<Output = Result<T, ConnectError>>) -> Result<T, ConnectError> {
        match &self.0 {
            Some(runtime) => runtime.block_on(for_),
            None => Err(ConnectError::Stopped),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// The key that a host shows, for a person to compare with what its owner says before it is accepted.
///
/// # Errors
/// When the host cannot be reached or does not speak SSH.
pub fn host_key_of(host: &str, port: u16, limits: &Limits, stop: &AtomicBool) -> Result<HostKey, ConnectError> {
    let site = Site::Server { host: host.to_owned(), port };
    Driver::new()?.wait(reach::host_key(&site, limits, stop))
}

impl SftpPlace {
    /// Reaches the host, makes sure that it is the right one, logs in and finds the directory. `secret` is asked for what
    /// the login needs, and only then; what is missing on this host is found before the server is bothered.
    ///
    /// # Errors
    /// Each step's own: see [`ConnectError`].
    pub fn connect(
        sftp: &Sftp,
        surroundings: &Surroundings,
        secret: &dyn Fn(&SecretRef) -> Result<SecretString, ConnectError>,
        limits: &Limits,
        stop: &AtomicBool,
    ) -> Result<SftpPlace, ConnectError> {
        let site = Site::Server { host: sftp.host.clone(), port: sftp.port };
        let known = Known::of(&sftp.host_key, &sftp.host, sftp.port, surroundings.home.as_deref())?;
        let credentials = Credentials::of(&sftp.login, surroundings, secret)?;
        let driver = Driver::new()?;
        let (session, directory) = driver.wait(async {
            let mut reached = reach::reach(&site, known, limits, stop).await?;
            login::login(&mut reached, &site, &sftp.user, credentials, limits.request, stop).await?;
            let mut session = Session::open(reached, &site, limits, stop).await?;
            // Asked together: over a long way each answer takes its time.
            let (longest_read, directory) =
                tokio::join!(session.ask_longest_read(stop), session.find_directory(&sftp.directory, stop));
            session.longest_read = longest_read?;
            Ok((session, directory?))
        })?;
        Ok(SftpPlace { session, directory, driver })
    }

    /// The directory as the server has it.
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// What lies in the directory, by name. Nothing is followed or opened; an unsafe name is said to be one.
    ///
    /// # Errors
    /// When the directory is missing or must not be read, or holds too much.
    pub fn list(&self, stop: &AtomicBool) -> Result<Vec<Listed>, ConnectError> {
        self.driver.wait(self.session.list(&self.directory, stop))
    }

    /// Fetches a file into `part`, from where an earlier try stopped. `progress` hears how many of its bytes are here.
    ///
    /// # Errors
    /// When the file is no longer the one of `identity`, before or after: then `part` is removed. After any other error
    /// `part` is what a later try goes on with.
    pub fn fetch(
        &self,
        identity: &FileIdentity,
        part: &Path,
        progress: &mut dyn FnMut(u64),
        stop: &AtomicBool,
    ) -> Result<Fetched, ConnectError> {
        let path = self.path_of(&identity.name)?;
        self.driver.wait(self.session.fetch(&path, identity, part, progress, stop))
    }

    /// The whole of a small file: a marker, a control file.
    ///
    /// # Errors
    /// When it is not there, no regular file, or has more than `most_bytes`.
    pub fn read_small(&self, name: &str, most_bytes: u64, stop: &AtomicBool) -> Result<Vec<u8>, ConnectError> {
        let path = self.path_of(name)?;
        self.driver.wait(self.session.read_small(&path, name, most_bytes, stop))
    }

    /// Does with a file what is done after its import. Doing it a second time changes nothing, so that it can be done
    /// again when it is not known whether it was done.
    ///
    /// # Errors
    /// When the file is no longer the one of `identity`, or the server does not permit it. Nothing is overwritten: where
    /// its name is taken, the file gets a number (`contacts-2.csv`). Answers what it is called where it was moved to.
    pub fn after(
        &self,
        identity: &FileIdentity,
        after: &AfterImport,
        stop: &AtomicBool,
    ) -> Result<Option<String>, ConnectError> {
        let path = self.path_of(&identity.name)?;
        self.driver.wait(async {
            match after {
                AfterImport::Leave => Ok(None),
                AfterImport::Delete => self.session.delete(&path, identity, stop).await.map(|()| None),
                AfterImport::Move { directory } => {
                    let directory = match directory.strip_prefix('/') {
                        Some(_) => directory.clone(),
                        None => format!("{}/{directory}", self.directory),
                    };
                    self.session.move_into(&path, identity, directory.trim_end_matches('/'), stop).await.map(Some)
                }
            }
        })
    }

    fn path_of(&self, name: &str) -> Result<String, ConnectError> {
        if is_safe_name(name) {
            Ok(format!("{}/{name}", self.directory))
        } else {
            Err(ConnectError::BadName { name: name.to_owned() })
        }
    }
}

impl Session {
    /// The directory's absolute path.
    async fn find_directory(&self, directory: &str, stop: &AtomicBool) -> Result<String, ConnectError> {
        let asked = if directory.is_empty() { "." } else { directory };
        let doing = format!("open the directory {asked:?}");
        let about = || About::Directory(asked);
        let (names, attributes) = tokio::join!(
            self.answer(about(), &doing, stop, self.raw.realpath(asked)),
            self.answer(about(), &doing, stop, self.raw.stat(asked)),
        );
        let names = names?;
        let path = names.files.first().map_or(asked, |file| file.filename.as_str());
        if Found::of(&attributes?.attrs, "").kind != ListedKind::Directory {
            return Err(ConnectError::NotADirectory { site: self.site.clone(), directory: asked.to_owned() });
        }
        Ok(path.trim_end_matches('/').to_owned())
    }

    async fn list(&self, directory: &str, stop: &AtomicBool) -> Result<Vec<Listed>, ConnectError> {
        let shown = if directory.is_empty() { "/" } else { directory };
        let doing = format!("list the directory {shown:?}");
        let about = || About::Directory(shown);
        let handle = self.answer(about(), &doing, stop, self.raw.opendir(shown)).await?.handle;
        let mut all = Vec::new();
        loop {
            let names = async {
                match self.raw.readdir(handle.as_str()).await {
                    Ok(names) => Ok(Some(names.files)),
                    Err(Error::Status(status)) if status.status_code == StatusCode::Eof => Ok(None),
                    Err(error) => Err(error),
                }
            };
            let Some(files) = self.answer(about(), &doing, stop, names).await? else { break };
            all.extend(files.iter().filter(|file| file.filename != "." && file.filename != "..").map(|file| {
                let found = Found::of(&file.attrs, &file.longname);
                let is_bad = found.kind == ListedKind::File && !is_safe_name(&file.filename);
                Listed {
                    identity: FileIdentity {
                        name: file.filename.clone(),
                        size: found.size,
                        modified_ms: found.modified_ms,
                    },
                    kind: if is_bad { ListedKind::BadName } else { found.kind },
                }
            }));
            if all.len() > MOST_FILES {
                return Err(ConnectError::TooManyFiles {
                    site: self.site.clone(),
                    directory: shown.to_owned(),
                    most: MOST_FILES,
                });
            }
        }
        self.close_file(handle);
        all.sort_by(|a, b| a.identity.name.cmp(&b.identity.name));
        Ok(all)
    }

    async fn delete(&self, path: &str, identity: &FileIdentity, stop: &AtomicBool) -> Result<(), ConnectError> {
        let name = identity.name.as_str();
        let doing = format!("delete {name:?}");
        match self.look_at(path, About::File(name), &doing, stop).await {
            Err(ConnectError::FileVanished { .. }) => return Ok(()),
            found => self.is_still(identity, &found?)?,
        }
        self.answer(About::File(name), &doing, stop, self.raw.remove(path)).await?;
        Ok(())
    }

    async fn move_into(
        &self,
        path: &str,
        identity: &FileIdentity,
        directory: &str,
        stop: &AtomicBool,
    ) -> Result<String, ConnectError> {
        let name = identity.name.as_str();
        let doing = format!("move {name:?} to {directory:?}");
        let attributes = self.answer(About::Directory(directory), &doing, stop, self.raw.stat(directory)).await?;
        if Found::of(&attributes.attrs, "").kind != ListedKind::Directory {
            let directory = directory.to_owned();
            return Err(ConnectError::NotADirectory { site: self.site.clone(), directory });
        }
        let is_gone = match self.look_at(path, About::File(name), &doing, stop).await {
            Err(ConnectError::FileVanished { .. }) => true,
            found => self.is_still(identity, &found?).map(|()| false)?,
        };
        for number in 1..=MOST_NAMES {
            let new = numbered(name, number);
            let target = format!("{directory}/{new}");
            match self.look_at(&target, About::File(name), &doing, stop).await {
                // An earlier try moved it, whose answer was lost.
                Ok(there) if is_gone && self.is_still(identity, &there).is_ok() => return Ok(new),
                Ok(_) => {}
                Err(ConnectError::FileVanished { .. }) if !is_gone => {
                    self.answer(About::File(name), &doing, stop, self.raw.rename(path, target)).await?;
                    return Ok(new);
                }
                Err(error) => return Err(error),
            }
        }
        Err(ConnectError::TargetExists { site: self.site.clone(), target: format!("{directory}/{name}") })
    }
}
