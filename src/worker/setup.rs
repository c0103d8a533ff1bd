//! Setting up sources that bring their own files: what a person says of a connection becomes one, with the keys, stored
//! secrets and directories that it needs. The command line and the application call the same functions.

use super::error::{Refusal, WorkerError};
use crate::connect::{keys, public_key, secrets};
use crate::domain::id::SourceId;
use crate::domain::source::{
    Connection, Directory, HostKeyTrust, Login, SecretRef, Sftp, SourceEdit, SourceMode, UploadDrop,
};
use crate::store::{AddedSource, NewSource, Store};
use secrecy::SecretString;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Where a workspace keeps the private keys that were made for its sources, only its owner's to enter.
const KEYS: &str = "keys";

/// A connection as a person says it.
#[derive(Debug)]
pub enum Wanted {
    Dir(Directory),
    Sftp { host: String, port: u16, user: String, directory: String, login: WantedLogin, host_key: HostKeyTrust },
    Drop { drop: UploadDrop, key: UpstreamKey },
}

/// How to log in, as a person says it.
#[derive(Debug)]
pub enum WantedLogin {
    OwnKey,
    KeyFile { path: String, passphrase: Option<WantedSecret> },
    Agent,
    Password(WantedSecret),
}

/// A secret as a person says it: where it is, or itself.
#[derive(Debug)]
pub enum WantedSecret {
    At(SecretRef),
    /// Goes to the workspace's `secrets.toml`.
    Itself(SecretString),
}

/// With which key the upstream uploads.
#[derive(Debug)]
pub enum UpstreamKey {
    /// As the connection says.
    AsIs,
    /// Their public key, as they handed it over.
    Theirs(String),
    /// A pair that is made for them, once; they should rather make one, and hand over its public half only.
    MadeForThem,
}

impl WantedLogin {
    /// The login of a source that is there.
    pub fn of(login: &Login) -> WantedLogin {
        match login.clone() {
            Login::OwnKey => WantedLogin::OwnKey,
            Login::KeyFile { path, passphrase } => {
                WantedLogin::KeyFile { path, passphrase: passphrase.map(WantedSecret::At) }
            }
            Login::Agent => WantedLogin::Agent,
            Login::Password { secret } => WantedLogin::Password(WantedSecret::At(secret)),
        }
    }
}

impl Wanted {
    /// The connection of a source that is there.
    pub fn of(connection: &Connection) -> Wanted {
        match connection.clone() {
            Connection::Dir(directory) => Wanted::Dir(directory),
            Connection::Sftp(Sftp { host, port, user, directory, login, host_key }) => {
                Wanted::Sftp { host, port, user, directory, login: WantedLogin::of(&login), host_key }
            }
            Connection::Drop(drop) => Wanted::Drop { drop, key: UpstreamKey::AsIs },
        }
    }

    /// The kind of the source.
    pub fn kind(&self) -> &'static str {
        match self {
            Wanted::Dir(_) => "dir",
            Wanted::Sftp { .. } => "sftp",
            Wanted::Drop { .. } => "drop",
        }
    }
}

/// A source to be added.
#[derive(Debug)]
pub struct Setup<'a> {
    pub name: &'a str,
    pub mode: SourceMode,
    pub connection: Wanted,
    /// What else is said of it; its connection is taken from `connection`.
    pub edit: SourceEdit,
}

/// What a connection has become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub connection: Connection,
    /// The public half of Landfall's own key, one line to hand over to whoever runs the server.
    pub own_public_key: Option<String>,
    /// The private key that was made for the upstream just now: to be handed over, then removed from here.
    pub upstream_private_key: Option<PathBuf>,
}

/// Adds a source that brings its own files.
///
/// # Errors
/// When the name is taken, what is said makes no sense, or a key, a secret or a directory cannot be made.
pub fn add(store: &mut Store, setup: Setup<'_>, user: &str, now_ms: i64) -> Result<(AddedSource, Made), WorkerError> {
    check(&setup.connection)?;
    let Setup { name, mode, connection, edit } = setup;
    store.atomically(|store| {
        let kind = connection.kind();
        let added = store.add_source(&NewSource { name, kind, provider: None, mode, created_ms: now_ms })?;
        let made = make(store.dir(), added.id(), name, connection)?;
        let edit = SourceEdit { connection: Some(made.connection.clone()), ..edit };
        store.edit_source(added.id(), &edit, user, now_ms)?;
        Ok((added, made))
    })
}

/// Makes a connection of what a person says for a source that is there. Secrets that are stored under its name are
/// replaced at once; the connection itself is the caller's to write.
///
/// # Errors
/// As [`add`].
pub fn connection(workspace: &Path, id: SourceId, name: &str, wanted: Wanted) -> Result<Made, WorkerError> {
    check(&wanted)?;
    make(workspace, id, name, wanted)
}

/// Where Landfall's own key for a source lies.
pub fn own_key(workspace: &Path, id: SourceId) -> PathBuf {
    workspace.join(KEYS).join(format!("source-{id}"))
}

/// Where the private key lies that was made for a source's upstream, until somebody has handed it over.
pub fn upstream_key(workspace: &Path, id: SourceId) -> PathBuf {
    workspace.join(KEYS).join(format!("upstream-of-source-{id}"))
}

/// The public half of Landfall's own key for a source, one line to hand over.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn own_public_key(workspace: &Path, id: SourceId) -> Result<String, WorkerError> {
    Ok(keys::public_line(&own_key(workspace, id))?)
}

fn check(wanted: &Wanted) -> Result<(), Refusal> {
    let text = |what: &str, text: &str| match text {
        "" => Err(Refusal::new("connection", format!("The {what} is missing"), format!("say the {what}"))),
        text if text.chars().any(char::is_control) => {
            let message = format!("The {what} holds control characters");
            Err(Refusal::new("connection", message, "write it as plain text"))
        }
        _ => Ok(()),
    };
    let absolute = |what: &str, path: &str| match Path::new(path).is_absolute() {
        true => Ok(()),
        false => {
            let message = format!("The {what} {path:?} is no absolute path");
            Err(Refusal::new("connection", message, "write it from / on"))
        }
    };
    let host =
        |host: &str| match host.contains(char::is_whitespace) || host.starts_with('-') || host.contains(['@', '/']) {
            true => {
                let message = format!("{host:?} is no name of a host");
                Err(Refusal::new("connection", message, "write its name or address only, such as sftp.example.com"))
            }
            false => text("host", host),
        };
    match wanted {
        Wanted::Dir(Directory { path }) => absolute("directory", path),
        Wanted::Sftp { host: name, port: _, user, directory, login, host_key } => {
            host(name)?;
            text("user", user)?;
            text("directory", directory)?;
            if let WantedLogin::KeyFile { path, .. } = login {
                absolute("key", path)?;
            }
            match host_key {
                HostKeyTrust::Pinned { sha256 } if !is_fingerprint(sha256) => Err(Refusal::new(
                    "host_key",
                    format!("{sha256:?} is no fingerprint of a host key"),
                    "write it as ssh shows it, SHA256: and 43 characters",
                )),
                HostKeyTrust::KnownHosts { path: Some(path) } => absolute("known_hosts file", path),
                _ => Ok(()),
            }
        }
        Wanted::Drop { drop, .. } => {
            absolute("directory", &drop.path)?;
            host(&drop.host)?;
            text("user", &drop.user)?;
            text("upload directory", &drop.upload_directory)
        }
    }
}

/// Whether this is a fingerprint as ssh shows it: SHA-256 in base64 without padding.
fn is_fingerprint(text: &str) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    text.strip_prefix("SHA256:").is_some_and(|hash| hash.len() == 43 && hash.chars().all(is_base64))
}

fn make(workspace: &Path, id: SourceId, name: &str, wanted: Wanted) -> Result<Made, WorkerError> {
    let made = |connection| Made { connection, own_public_key: None, upstream_private_key: None };
    Ok(match wanted {
        Wanted::Dir(directory) => made(Connection::Dir(directory)),
        Wanted::Sftp { host, port, user, directory, login, host_key } => {
            let own_public_key = match &login {
                WantedLogin::OwnKey => Some(key_at(&own_key(workspace, id), workspace, &format!("landfall {name}"))?),
                _ => None,
            };
            let login = match login {
                WantedLogin::OwnKey => Login::OwnKey,
                WantedLogin::Agent => Login::Agent,
                WantedLogin::KeyFile { path, passphrase } => {
                    let passphrase = passphrase.map(|secret| kept(workspace, id, "passphrase", secret)).transpose()?;
                    Login::KeyFile { path, passphrase }
                }
                WantedLogin::Password(secret) => Login::Password { secret: kept(workspace, id, "password", secret)? },
            };
            let connection = Connection::Sftp(Sftp { host, port, user, directory, login, host_key });
            Made { own_public_key, ..made(connection) }
        }
        Wanted::Drop { mut drop, key } => {
            make_directory(Path::new(&drop.path), &drop.user)?;
            let mut upstream_private_key = None;
            match key {
                UpstreamKey::AsIs => {}
                UpstreamKey::Theirs(text) => drop.upstream_key = Some(public_key::of_line(&text)?),
                UpstreamKey::MadeForThem => {
                    let path = upstream_key(workspace, id);
                    drop.upstream_key = Some(key_at(&path, workspace, &format!("upload to landfall {name}"))?);
                    upstream_private_key = Some(path);
                }
            }
            Made { upstream_private_key, ..made(Connection::Drop(drop)) }
        }
    })
}

/// The public line of the key at `path`, which is made where there is none yet.
fn key_at(path: &Path, workspace: &Path, comment: &str) -> Result<String, WorkerError> {
    if path.symlink_metadata().is_ok() {
        return Ok(keys::public_line(path)?);
    }
    let directory = workspace.join(KEYS);
    match DirBuilder::new().mode(0o700).create(&directory) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return Err(WorkerError::write(&directory, error));
        }
        _ => {}
    }
    Ok(keys::generate(path, comment)?)
}

/// Where a secret is from now on.
fn kept(workspace: &Path, id: SourceId, what: &str, secret: WantedSecret) -> Result<SecretRef, WorkerError> {
    match secret {
        WantedSecret::At(reference) => Ok(reference),
        WantedSecret::Itself(secret) => {
            // A source may get another name; its number stays.
            let name = format!("source-{id}-{what}");
            secrets::store(workspace, &name, &secret)?;
            Ok(SecretRef::Stored { name })
        }
    }
}

/// Makes the directory that the upstream uploads to, and those above it. One that is there stays as it is. It is given to
/// the account that uploads where that is on this host and we may; elsewhere whoever runs the host has to.
fn make_directory(path: &Path, account: &str) -> Result<(), WorkerError> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path).map_err(|error| WorkerError::write(path, error))?;
    if let Some((user, group)) = account_of(account) {
        let _ = std::os::unix::fs::chown(path, Some(user), Some(group));
    }
    Ok(())
}

/// The numbers of an account of this host and of its group.
fn account_of(name: &str) -> Option<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    let fields = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name)?;
    Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
}
