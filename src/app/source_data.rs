//! What the screens know and say of sources that bring their own files: how these are reached and what was agreed.

use crate::domain::id::SourceId;
use crate::domain::source::{
    AfterImport, Connection, Contract, Directory, HostKeyTrust, Schedule, SecretRef, UploadDrop, UploadTexts,
};
use secrecy::SecretString;
use std::path::PathBuf;

/// How the files of a source are reached and what was agreed on them, as a person says it in the form.
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
    Source(SourceId),
}

/// How a source's files are reached, and what others need for that. What is secret is not in here.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessView {
    pub id: SourceId,
    pub connection: Connection,
    /// The public half of Landfall's own key, for whoever runs the server.
    pub public_key: Option<String>,
    /// Of a drop: what the upstream and this host's sshd need.
    pub upload: Option<UploadTexts>,
    /// Why there is none of that.
    pub upload_error: Option<String>,
    /// The private key that was made for the upstream, as long as it lies here.
    pub private_key: Option<PathBuf>,
}

/// What tells how to reach a drop goes into no log (R361, R362).
impl std::fmt::Debug for AccessView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessView").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A step of the guided check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckStep {
    pub label: &'static str,
    /// Whether it passed, and what was found; none of one that was not reached.
    pub found: Option<(bool, String)>,
}

/// What the guided check of a source found; it stops at the first step that fails (R347, R364, R367).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckView {
    pub steps: Vec<CheckStep>,
    /// What to do about the step that failed, and who does it.
    pub next: Option<String>,
    /// Who answers for what arrives, where that is recorded.
    pub owner: Option<String>,
    /// The key that the host has and nobody has accepted, and whether another one was expected.
    pub offered_key: Option<(String, bool)>,
    /// Every step up to the directory passed: those after it are about what lies there.
    pub is_reached: bool,
    /// The source was stopped, and runs again.
    pub is_unblocked: bool,
}
