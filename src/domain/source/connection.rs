//! How a source's files are reached. Secrets are named here, never held (design.md, Secrets): this is written to the
//! database, shown and kept with every version.

use serde::{Deserialize, Serialize};

/// Where the files of a source lie, and how they are reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Connection {
    /// A local or mounted directory.
    Dir(Directory),
    /// A directory on an SFTP server.
    Sftp(Sftp),
    /// A directory that the upstream uploads to: on this host through its own sshd, or one that somebody else runs and
    /// that is mounted here.
    Drop(UploadDrop),
}

impl Connection {
    /// The kind of the source in JSON, on the command line and in the store.
    pub fn kind(&self) -> &'static str {
        match self {
            Connection::Dir(_) => "dir",
            Connection::Sftp(_) => "sftp",
            Connection::Drop(_) => "drop",
        }
    }
}

/// A directory that is looked into; files of directories below it are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// Absolute.
    pub path: String,
}

/// A directory on an SFTP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sftp {
    pub host: String,
    pub port: u16,
    pub user: String,
    /// As the server has it; a relative one starts at the user's own.
    pub directory: String,
    pub login: Login,
    pub host_key: HostKeyTrust,
}

/// How Landfall shows who it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "with", rename_all = "snake_case")]
pub enum Login {
    /// A key that Landfall made for this source, in the workspace's `keys` directory (0600), never sent anywhere.
    OwnKey,
    /// A private key of the user.
    KeyFile {
        path: String,
        passphrase: Option<SecretRef>,
    },
    /// The user's ssh-agent.
    Agent,
    Password {
        secret: SecretRef,
    },
}

/// How it is known that the host is the right one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum HostKeyTrust {
    /// Nobody has accepted a key yet: connecting says which key the host has, and goes no further.
    Unknown,
    /// The key that a person accepted, `SHA256:…` as ssh shows it.
    Pinned { sha256: String },
    /// An OpenSSH known_hosts file; the user's own without a path.
    KnownHosts { path: Option<String> },
}

/// Where a secret is. What is secret is never in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum SecretRef {
    /// A variable of the environment that Landfall runs in.
    Env { name: String },
    /// The first line of a file.
    File { path: String },
    /// The first line that a command prints. It runs in a workspace of one's own only.
    Command { command: String },
    /// The workspace's `secrets.toml`, under this name.
    Stored { name: String },
}

/// A directory that the upstream uploads to, and what it needs to do so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadDrop {
    /// Where the files are found on this host; absolute.
    pub path: String,
    /// As the upstream reaches the server; for a drop on this host, this host's name.
    pub host: String,
    pub port: u16,
    /// The account that the upstream logs in as.
    pub user: String,
    /// The directory as the upstream sees it.
    pub upload_directory: String,
    /// The public key that may upload, one line as in `authorized_keys`; none for a drop that somebody else runs.
    pub upstream_key: Option<String>,
}

/// What becomes of a file at its place when its run is complete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum AfterImport {
    #[default]
    Leave,
    /// To this directory, beside or below the one it lies in.
    Move {
        directory: String,
    },
    Delete,
}
