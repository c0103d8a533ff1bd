//! What can go wrong on the way to a source's files, in words for the person who has to do something about it.

use crate::domain::source::SecretRef;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Where it went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Site {
    /// This host: a local or mounted directory.
    Here,
    Server {
        host: String,
        port: u16,
    },
}

impl fmt::Display for Site {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Site::Here => out.write_str("this host"),
            Site::Server { host, port: 22 } => out.write_str(host),
            Site::Server { host, port } if host.contains(':') => write!(out, "[{host}]:{port}"),
            Site::Server { host, port } => write!(out, "{host}:{port}"),
        }
    }
}

/// What is to be done about an error, roughly (R103, R104, R188–R193).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// May go away by itself: tried again with growing pauses, then at the next due time.
    Transient,
    /// Stays until a person has done something: the source does not run until then.
    NeedsPerson,
    /// Concerns one file; the others of the source can go on.
    OfTheFile,
}

/// Why files could not be listed, fetched or put away. `Display` says what happened, to what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}. {}", self.what(), self.next())]
pub enum ConnectError {
    /// The name of the host means nothing to the resolver.
    NameUnknown {
        host: String,
    },
    /// The host answers, and nothing listens on the port.
    Refused {
        site: Site,
    },
    /// No way leads to the host.
    Unreachable {
        site: Site,
        why: String,
    },
    /// No connection, or no greeting or login, within the limit.
    ConnectTimeout {
        site: Site,
        seconds: u64,
    },
    /// The server has sent nothing for this long although an answer was due.
    RequestTimeout {
        site: Site,
        doing: String,
        seconds: u64,
    },
    /// What listens there does not speak SSH.
    NoSshServer {
        site: Site,
        said: String,
    },
    /// Both speak SSH, and have no algorithm in common or misunderstand each other.
    Protocol {
        site: Site,
        why: String,
    },
    /// Nobody has accepted the key of the host; `known_hosts` is the file that does not know it, if one is used.
    HostKeyUnknown {
        site: Site,
        algorithm: String,
        sha256: String,
        known_hosts: Option<PathBuf>,
    },
    /// The host has another key than the one accepted; `expected` says which and where.
    HostKeyChanged {
        site: Site,
        algorithm: String,
        sha256: String,
        expected: String,
    },
    /// The key of the host is marked `@revoked`.
    HostKeyRevoked {
        site: Site,
        sha256: String,
        known_hosts: PathBuf,
        line: usize,
    },
    /// The host is known through a certificate authority only, which is not supported.
    HostKeyAuthority {
        site: Site,
        sha256: String,
        known_hosts: PathBuf,
        line: usize,
    },
    /// The known_hosts file cannot be read.
    KnownHosts {
        path: PathBuf,
        why: String,
    },
    /// The server took none of what was offered. It does not tell whether the user or the key is wrong.
    LoginRefused {
        site: Site,
        user: String,
        offered: String,
    },
    /// The key file is encrypted, and no passphrase is given.
    PassphraseNeeded {
        key: PathBuf,
    },
    /// The passphrase does not open the key file.
    PassphraseWrong {
        key: PathBuf,
    },
    /// The key file cannot be read, or is none.
    KeyUnreadable {
        key: PathBuf,
        why: String,
    },
    /// Others may read the key file.
    KeyTooOpen {
        key: PathBuf,
        mode: u32,
    },
    /// What was given as a public key is none.
    PublicKey {
        why: String,
    },
    /// There is no ssh-agent to ask.
    AgentMissing {
        why: String,
    },
    /// The ssh-agent holds no key.
    AgentEmpty,
    /// A secret is not where it is said to be.
    SecretMissing {
        secret: SecretRef,
        why: String,
    },
    /// The server lets us in and offers no file transfer.
    NoSftp {
        site: Site,
    },
    DirectoryMissing {
        site: Site,
        directory: String,
    },
    NotADirectory {
        site: Site,
        directory: String,
    },
    /// The server, or this host, does not allow `doing`.
    NoPermission {
        site: Site,
        doing: String,
    },
    /// More names than one look takes in.
    TooManyFiles {
        site: Site,
        directory: String,
        most: usize,
    },
    /// The file was there when the directory was listed.
    FileVanished {
        site: Site,
        name: String,
    },
    /// Size or time of the file are not those that were listed.
    FileChanged {
        site: Site,
        name: String,
    },
    /// Under the name lies something else than a regular file: a link, a pipe, a device, a directory.
    NotAFile {
        site: Site,
        name: String,
    },
    /// The name could lead out of the directory, or cannot be shown as it is.
    BadName {
        name: String,
    },
    /// A file that should be small is not.
    TooLarge {
        name: String,
        bytes: u64,
        most: u64,
    },
    /// Where the file should be moved to, there is one already.
    TargetExists {
        site: Site,
        target: String,
    },
    /// The connection ended in the middle.
    Dropped {
        site: Site,
        doing: String,
    },
    /// The server could not do something, and says no more than this.
    Server {
        site: Site,
        doing: String,
        said: String,
    },
    /// No space is left where the file should be kept on this host.
    DiskFull {
        path: PathBuf,
    },
    /// A file on this host cannot be read or written.
    Local {
        path: PathBuf,
        doing: &'static str,
        why: String,
    },
    /// Somebody stopped it.
    Stopped,
}

impl ConnectError {
    /// What failed on this host while a file was `doing` (such as `write`) at `path`.
    pub fn local(path: &Path, doing: &'static str, error: &io::Error) -> ConnectError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                ConnectError::DiskFull { path: path.to_owned() }
            }
            _ => ConnectError::Local { path: path.to_owned(), doing, why: error.to_string() },
        }
    }

    /// The name of the error in JSON and in the store.
    pub fn code(&self) -> &'static str {
        match self {
            ConnectError::NameUnknown { .. } => "name_unknown",
            ConnectError::Refused { .. } => "connection_refused",
            ConnectError::Unreachable { .. } => "host_unreachable",
            ConnectError::ConnectTimeout { .. } => "connect_timeout",
            ConnectError::RequestTimeout { .. } => "request_timeout",
            ConnectError::NoSshServer { .. } => "no_ssh_server",
            ConnectError::Protocol { .. } => "ssh_protocol",
            ConnectError::HostKeyUnknown { .. } => "host_key_unknown",
            ConnectError::HostKeyChanged { .. } => "host_key_changed",
            ConnectError::HostKeyRevoked { .. } => "host_key_revoked",
            ConnectError::HostKeyAuthority { .. } => "host_key_authority",
            ConnectError::KnownHosts { .. } => "known_hosts_unreadable",
            ConnectError::LoginRefused { .. } => "login_refused",
            ConnectError::PassphraseNeeded { .. } => "passphrase_needed",
            ConnectError::PassphraseWrong { .. } => "passphrase_wrong",
            ConnectError::KeyUnreadable { .. } => "key_unreadable",
            ConnectError::KeyTooOpen { .. } => "key_too_open",
            ConnectError::PublicKey { .. } => "public_key",
            ConnectError::AgentMissing { .. } => "agent_missing",
            ConnectError::AgentEmpty => "agent_empty",
            ConnectError::SecretMissing { .. } => "secret_missing",
            ConnectError::NoSftp { .. } => "no_sftp",
            ConnectError::DirectoryMissing { .. } => "directory_missing",
            ConnectError::NotADirectory { .. } => "not_a_directory",
            ConnectError::NoPermission { .. } => "no_permission",
            ConnectError::TooManyFiles { .. } => "too_many_files",
            ConnectError::FileVanished { .. } => "file_vanished",
            ConnectError::FileChanged { .. } => "file_changed",
            ConnectError::NotAFile { .. } => "not_a_file",
            ConnectError::BadName { .. } => "bad_name",
            ConnectError::TooLarge { .. } => "file_too_large",
            ConnectError::TargetExists { .. } => "target_exists",
            ConnectError::Dropped { .. } => "connection_dropped",
            ConnectError::Server { .. } => "server_failure",
            ConnectError::DiskFull { .. } => "disk_full",
            ConnectError::Local { .. } => "local_file",
            ConnectError::Stopped => "stopped",
        }
    }

    pub fn class(&self) -> Class {
        match self {
            // A name server that is down for a minute says the same as a name that was misspelt: the retries are few.
            ConnectError::NameUnknown { .. }
            | ConnectError::Refused { .. }
            | ConnectError::Unreachable { .. }
            | ConnectError::ConnectTimeout { .. }
            | ConnectError::RequestTimeout { .. }
            | ConnectError::Dropped { .. }
            | ConnectError::Server { .. }
            | ConnectError::DiskFull { .. }
            | ConnectError::Local { .. }
            | ConnectError::Stopped => Class::Transient,
            ConnectError::NoSshServer { .. }
            | ConnectError::Protocol { .. }
            | ConnectError::HostKeyUnknown { .. }
            | ConnectError::HostKeyChanged { .. }
            | ConnectError::HostKeyRevoked { .. }
            | ConnectError::HostKeyAuthority { .. }
            | ConnectError::KnownHosts { .. }
            | ConnectError::LoginRefused { .. }
            | ConnectError::PassphraseNeeded { .. }
            | ConnectError::PassphraseWrong { .. }
            | ConnectError::KeyUnreadable { .. }
            | ConnectError::KeyTooOpen { .. }
            | ConnectError::PublicKey { .. }
            | ConnectError::AgentMissing { .. }
            | ConnectError::AgentEmpty
            | ConnectError::SecretMissing { .. }
            | ConnectError::NoSftp { .. }
            | ConnectError::DirectoryMissing { .. }
            | ConnectError::NotADirectory { .. }
            | ConnectError::NoPermission { .. }
            | ConnectError::TooManyFiles { .. } => Class::NeedsPerson,
            ConnectError::FileVanished { .. }
            | ConnectError::FileChanged { .. }
            | ConnectError::NotAFile { .. }
            | ConnectError::BadName { .. }
            | ConnectError::TooLarge { .. }
            | ConnectError::TargetExists { .. } => Class::OfTheFile,
        }
    }

    /// What happened, and to what: a sentence without its full stop.
    pub fn what(&self) -> String {
        match self {
            ConnectError::NameUnknown { host } => format!("the host name {host:?} is unknown here"),
            ConnectError::Refused { site } => format!("{site} refuses the connection: nothing listens on that port"),
            ConnectError::Unreachable { site, why } => format!("{site} cannot be reached: {why}"),
            ConnectError::ConnectTimeout { site, seconds } => {
                format!("{site} did not complete the connection within {seconds} s")
            }
            ConnectError::RequestTimeout { site, doing, seconds } => {
                format!("{site} sent nothing for {seconds} s while it was asked to {doing}")
            }
            ConnectError::NoSshServer { site, said } if said.is_empty() => {
                format!("{site} accepts connections and does not answer as an SSH server")
            }
            ConnectError::NoSshServer { site, said } => format!("{site} is no SSH server: {said}"),
            ConnectError::Protocol { site, why } => format!("no SSH session with {site} comes about: {why}"),
            ConnectError::HostKeyUnknown { site, algorithm, sha256, known_hosts: None } => {
                format!("nobody has accepted the host key of {site} yet. It is {algorithm} {sha256}")
            }
            ConnectError::HostKeyUnknown { site, algorithm, sha256, known_hosts: Some(file) } => {
                format!("{} does not know the host key of {site}, {algorithm} {sha256}", file.display())
            }
            ConnectError::HostKeyChanged { site, algorithm, sha256, expected } => format!(
                "the host key of {site} has changed: it is {algorithm} {sha256}, expected was {expected}. Somebody may be answering in its place, so nothing was sent"
            ),
            ConnectError::HostKeyRevoked { site, sha256, known_hosts, line } => {
                format!("the host key of {site}, {sha256}, is revoked in line {line} of {}", known_hosts.display())
            }
            ConnectError::HostKeyAuthority { site, sha256, known_hosts, line } => format!(
                "{site} is known only through the certificate authority in line {line} of {}, which Landfall does not support. Its own key is {sha256}",
                known_hosts.display()
            ),
            ConnectError::KnownHosts { path, why } => {
                format!("the known hosts in {} cannot be read: {why}", path.display())
            }
            ConnectError::LoginRefused { site, user, offered } => format!(
                "{site} refuses the login of {user:?} with {offered}. It does not tell whether the user or the credentials are wrong"
            ),
            ConnectError::PassphraseNeeded { key } => {
                format!("the key {} is encrypted, and no passphrase is given for it", key.display())
            }
            ConnectError::PassphraseWrong { key } => format!("the passphrase does not open the key {}", key.display()),
            ConnectError::KeyUnreadable { key, why } => {
                format!("the key {} cannot be used: {why}", key.display())
            }
            ConnectError::KeyTooOpen { key, mode } => {
                format!("the key {} can be read by others (mode {mode:04o}), so it is not used", key.display())
            }
            ConnectError::PublicKey { why } => format!("that is no public key: {why}"),
            ConnectError::AgentMissing { why } => format!("there is no ssh-agent: {why}"),
            ConnectError::AgentEmpty => "the ssh-agent holds no key".to_owned(),
            ConnectError::SecretMissing { secret, why } => format!("{} {why}", place_of_secret(secret)),
            ConnectError::NoSftp { site } => format!("{site} accepts the login and offers no SFTP"),
            ConnectError::DirectoryMissing { site, directory } => {
                format!("there is no directory {directory:?} on {site}")
            }
            ConnectError::NotADirectory { site, directory } => format!("{directory:?} on {site} is no directory"),
            ConnectError::NoPermission { site, doing } => format!("{site} does not permit to {doing}"),
            ConnectError::TooManyFiles { site, directory, most } => {
                format!("{directory:?} on {site} holds more than {most} files")
            }
            ConnectError::FileVanished { site, name } => format!("{name:?} is no longer on {site}"),
            ConnectError::FileChanged { site, name } => {
                format!("{name:?} on {site} is not what was listed: its size or time changed")
            }
            ConnectError::NotAFile { site, name } => format!("{name:?} on {site} is no regular file"),
            ConnectError::BadName { name } => {
                format!("the file name {name:?} is not safe: it is no UTF-8, a path, or holds control characters")
            }
            ConnectError::TooLarge { name, bytes, most } => {
                format!("{name:?} has {bytes} bytes, and at most {most} are expected of such a file")
            }
            ConnectError::TargetExists { site, target } => {
                format!("{target:?} on {site} exists already, and nothing is overwritten")
            }
            ConnectError::Dropped { site, doing } => {
                format!("the connection to {site} ended while it was asked to {doing}")
            }
            ConnectError::Server { site, doing, said } => format!("{site} could not {doing}: {said:?}"),
            ConnectError::DiskFull { path } => format!("no space is left on this host for {}", path.display()),
            ConnectError::Local { path, doing, why } => format!("cannot {doing} {}: {why}", path.display()),
            ConnectError::Stopped => "it was stopped".to_owned(),
        }
    }

    /// What to do, and who does it: one sentence or two. Where the source is stopped, also how it runs again.
    pub fn next(&self) -> String {
        const AGAIN: &str = "`landfall source reconnect NAME`";
        let remedy = self.remedy();
        // A public key is refused before there is a source.
        let stops = self.class() == Class::NeedsPerson && !matches!(self, ConnectError::PublicKey { .. });
        if stops && !remedy.contains("landfall source reconnect NAME") {
            return format!("{remedy}; then {AGAIN}");
        }
        remedy
    }

    fn remedy(&self) -> String {
        match self {
            ConnectError::NameUnknown { .. } => {
                "Check the spelling of the host in the source; if it is right, ask whoever runs your name servers".into()
            }
            ConnectError::Refused { .. } => {
                "Check the port in the source; if it is right, ask whoever runs the server whether it is up".into()
            }
            ConnectError::Unreachable { .. } => {
                "Check this host's network; if other hosts are reached, ask whoever runs the server or the firewall between".into()
            }
            ConnectError::ConnectTimeout { .. } => {
                "It is tried again by itself. If it stays so, ask whoever runs the server or the firewall whether this host may connect".into()
            }
            ConnectError::RequestTimeout { .. } => {
                "It is tried again by itself, and a fetch goes on where it stopped. If it stays so, ask whoever runs the server".into()
            }
            ConnectError::NoSshServer { .. } => {
                "Check host and port in the source; FTP, FTPS and web addresses are something else than SFTP".into()
            }
            ConnectError::Protocol { .. } => {
                "Ask whoever runs the server to offer current algorithms (OpenSSH 7.4 or later does)".into()
            }
            ConnectError::HostKeyUnknown { known_hosts: None, .. } => {
                "Ask whoever runs the server for its fingerprint; if it is the same, accept it with `landfall source edit NAME --accept-host-key SHA256:…`".into()
            }
            ConnectError::HostKeyUnknown { known_hosts: Some(_), .. } => {
                "Ask whoever runs the server for its fingerprint; if it is the same, add the key to that file, or accept it with `landfall source edit NAME --accept-host-key SHA256:…`".into()
            }
            ConnectError::HostKeyChanged { .. } => {
                "Ask whoever runs the server, not by this connection, whether its key was changed on purpose; only then accept the new one with `landfall source edit NAME --accept-host-key SHA256:…` or in the known_hosts file".into()
            }
            ConnectError::HostKeyRevoked { .. } => {
                "Do not accept it: ask whoever runs the server for a new key, and your administrator why it was revoked".into()
            }
            ConnectError::HostKeyAuthority { .. } => {
                "Ask whoever runs the server for its fingerprint; if it is the same, accept it with `landfall source edit NAME --accept-host-key SHA256:…`".into()
            }
            ConnectError::KnownHosts { .. } => {
                "Check the path and its permissions, or pin the host's key with `landfall source edit NAME --accept-host-key SHA256:…`".into()
            }
            ConnectError::LoginRefused { .. } => {
                "Check the user in the source, and ask whoever runs the server whether this user exists there and has been given this key or password; then `landfall source reconnect NAME`".into()
            }
            ConnectError::PassphraseNeeded { .. } => {
                "Say where the passphrase is with `landfall source edit NAME --passphrase-env VARIABLE` (or -file, -command, -stored), or use the ssh-agent with `--key agent`".into()
            }
            ConnectError::PassphraseWrong { .. } => {
                "Correct the passphrase where the source says it is, then `landfall source reconnect NAME`; `ssh-keygen -y -f KEY` tells whether it is right".into()
            }
            ConnectError::KeyUnreadable { .. } => {
                "Check the path, its owner and that it is the private key, not the .pub file; if it is lost, `landfall source edit NAME --key own` makes a new one to hand over".into()
            }
            ConnectError::KeyTooOpen { key, .. } => {
                format!("If nobody has read it, `chmod 600 {}`; else remove it, and have a new one made with `landfall source edit NAME --key own`", key.display())
            }
            ConnectError::PublicKey { .. } => {
                "Ask the upstream for the one line of their .pub file, such as `ssh-ed25519 AAAA… name`".into()
            }
            ConnectError::AgentMissing { .. } => {
                "Start one and make SSH_AUTH_SOCK known to Landfall, or give the source a key file; a scheduled worker has no agent of your login".into()
            }
            ConnectError::AgentEmpty => "Load the key with `ssh-add`, or give the source a key file".into(),
            ConnectError::SecretMissing { secret: SecretRef::Stored { .. }, .. } => {
                "Enter it again with `landfall source reconnect NAME --password-stored`, or --passphrase-stored of a key".into()
            }
            ConnectError::SecretMissing { .. } => {
                "Put it there, then `landfall source reconnect NAME`, which can also be told where it is now, such as with --password-file; a scheduled worker has its own environment, not that of your login".into()
            }
            ConnectError::NoSftp { .. } => {
                "Ask whoever runs the server to enable SFTP (in OpenSSH: `Subsystem sftp internal-sftp`) for this user".into()
            }
            ConnectError::DirectoryMissing { site: Site::Here, .. } => {
                "Check the directory in the source, and that it is mounted".into()
            }
            ConnectError::DirectoryMissing { .. } | ConnectError::NotADirectory { .. } => {
                "Check the directory in the source as the server shows it to this user; the owner of the upstream drop knows it".into()
            }
            ConnectError::NoPermission { site: Site::Here, .. } => {
                "Have its owner or your administrator permit it, then `landfall source reconnect NAME`".into()
            }
            ConnectError::NoPermission { .. } => {
                "Ask whoever runs the server to permit it to this user, then `landfall source reconnect NAME`".into()
            }
            ConnectError::TooManyFiles { .. } => {
                "Ask the owner of the upstream drop to put old files away, or let Landfall move what is imported with `landfall source edit NAME --after move:DIRECTORY`".into()
            }
            ConnectError::FileVanished { .. } => {
                "Ask the owner of the upstream drop whether it was taken back; a new one of that name is fetched by itself".into()
            }
            ConnectError::FileChanged { .. } => {
                "It is looked at again when it no longer changes; ask the owner of the upstream drop if that goes on".into()
            }
            ConnectError::NotAFile { .. } => {
                "It is not followed or read. Ask the owner of the upstream drop to put the file itself there".into()
            }
            ConnectError::BadName { .. } => "Ask the owner of the upstream drop to give it another name".into(),
            ConnectError::TooLarge { .. } => {
                "Ask the owner of the upstream drop what it is; markers and control files are small".into()
            }
            ConnectError::TargetExists { .. } => {
                "The file stays where it is. Put the other one away, or give the source another directory for imported files".into()
            }
            ConnectError::Dropped { .. } => {
                "It is tried again by itself, and a fetch goes on where it stopped. If it stays so, ask whoever runs the server".into()
            }
            ConnectError::Server { .. } => {
                "It is tried again by itself. If it stays so, ask whoever runs the server: its log says more".into()
            }
            ConnectError::DiskFull { .. } => {
                "Free space on this host (`landfall purge` removes what is no longer kept); a fetch goes on where it stopped".into()
            }
            ConnectError::Local { .. } => "Check the path and its permissions on this host".into(),
            ConnectError::Stopped => "Start it again; a fetch goes on where it stopped".into(),
        }
    }
}

/// Where a secret should be. A command is not repeated: somebody may have written the secret into it.
fn place_of_secret(secret: &SecretRef) -> String {
    match secret {
        SecretRef::Env { name } => format!("the variable {name} of the environment"),
        SecretRef::File { path } => format!("the secret's file {path:?}"),
        SecretRef::Command { .. } => "the command that should print the secret".to_owned(),
        SecretRef::Stored { name } => format!("the secret {name:?} of secrets.toml"),
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
