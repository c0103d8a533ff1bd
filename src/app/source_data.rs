//! What the screens know and say of sources that bring their own files: how these are reached and what was agreed.

use crate::domain::source::{
    AfterImport, Connection, Contract, Directory, HostKeyTrust, Schedule, SecretRef, UploadDrop,
};
use secrecy::SecretString;

/// How the files of a source are reached and what was agreed on them, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brings {
    pub connection: Connection,
    pub schedule: Option<Schedule>,
    pub contract: Option<Contract>,
    pub after_import: AfterImport,
}

/// The same as a person says it in the form.
#[derive(Debug, Clone)]
pub struct BringsSaid {
    pub connection: ConnectionSaid,
    pub schedule: Option<Schedule>,
    pub contract: Contract,
    pub after_import: AfterImport,
}

/// A connection as a person says it. Typed secrets are on their way to where they are kept, and nowhere else.
#[derive(Debug, Clone)]
pub enum ConnectionSaid {
    Dir(Directory),
    Sftp { host: String, port: u16, user: String, directory: String, login: LoginSaid, host_key: HostKeyTrust },
    Drop { drop: UploadDrop, key: UpstreamKeySaid },
}

/// How to log in, as a person says it.
#[derive(Debug, Clone)]
pub enum LoginSaid {
    OwnKey,
    KeyFile { path: String, passphrase: Option<SecretSaid> },
    Agent,
    Password(SecretSaid),
}

/// Where a secret is, or the secret itself.
#[derive(Debug, Clone)]
pub enum SecretSaid {
    At(SecretRef),
    Itself(SecretString),
}

/// With which key the upstream uploads, as a person says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpstreamKeySaid {
    /// As it was, or none.
    AsIs,
    /// Their public key as a line, or the file that it is in.
    Theirs(String),
    /// A pair is made for them, once.
    MadeForThem,
}

/// Where the names of the files come from that a pattern is tried on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamesWanted {
    /// A directory of this host, as it was typed.
    Directory(String),
    /// What was found at the place of a source.
    Source(crate::domain::id::SourceId),
}
