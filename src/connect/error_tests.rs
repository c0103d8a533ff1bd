//! What is said of every error.

use super::*;
use crate::domain::source::Fault;

/// One of each.
fn all() -> Vec<ConnectError> {
    let site = || Site::Server { host: "h".into(), port: 22 };
    let (text, path) = (|| "x".to_owned(), || PathBuf::from("/x"));
    vec![
        ConnectError::NameUnknown { host: text() },
        ConnectError::Refused { site: site() },
        ConnectError::Unreachable { site: site(), why: text() },
        ConnectError::ConnectTimeout { site: site(), seconds: 1 },
        ConnectError::RequestTimeout { site: site(), doing: text(), seconds: 1 },
        ConnectError::NoSshServer { site: site(), said: text() },
        ConnectError::Protocol { site: site(), why: text() },
        ConnectError::HostKeyUnknown { site: site(), algorithm: text(), sha256: text(), known_hosts: None },
        ConnectError::HostKeyUnknown { site: site(), algorithm: text(), sha256: text(), known_hosts: Some(path()) },
        ConnectError::HostKeyChanged { site: site(), algorithm: text(), sha256: text(), expected: text() },
        ConnectError::HostKeyRevoked { site: site(), sha256: text(), known_hosts: path(), line: 1 },
        ConnectError::HostKeyAuthority { site: site(), sha256: text(), known_hosts: path(), line: 1 },
        ConnectError::KnownHosts { path: path(), why: text() },
        ConnectError::LoginRefused { site: site(), user: text(), offered: text() },
        ConnectError::PassphraseNeeded { key: path() },
        ConnectError::PassphraseWrong { key: path() },
        ConnectError::KeyUnreadable { key: path(), why: text() },
        ConnectError::KeyTooOpen { key: path(), mode: 0o644 },
        ConnectError::PublicKey { why: text() },
        ConnectError::AgentMissing { why: text() },
        ConnectError::AgentEmpty,
        ConnectError::SecretMissing { secret: SecretRef::Stored { name: text() }, why: text() },
        ConnectError::SecretMissing { secret: SecretRef::Env { name: text() }, why: text() },
        ConnectError::NoSftp { site: site() },
        ConnectError::DirectoryMissing { site: site(), directory: text() },
        ConnectError::DirectoryMissing { site: Site::Here, directory: text() },
        ConnectError::NotADirectory { site: site(), directory: text() },
        ConnectError::NoPermission { site: site(), doing: text() },
        ConnectError::NoPermission { site: Site::Here, doing: text() },
        ConnectError::TooManyFiles { site: site(), directory: text(), most: 1 },
        ConnectError::FileVanished { site: site(), name: text() },
        ConnectError::FileChanged { site: site(), name: text() },
        ConnectError::NotAFile { site: site(), name: text() },
        ConnectError::BadName { name: text() },
        ConnectError::TooLarge { name: text(), bytes: 2, most: 1 },
        ConnectError::TargetExists { site: site(), target: text() },
        ConnectError::Dropped { site: site(), doing: text() },
        ConnectError::Server { site: site(), doing: text(), said: text() },
        ConnectError::DiskFull { path: path() },
        ConnectError::Local { path: path(), doing: "write", why: text() },
        ConnectError::Stopped,
    ]
}

#[test]
fn whatever_stops_a_source_is_said_with_how_it_runs_again() {
    for error in all() {
        let next = error.next();
        let stops = error.class() == Class::NeedsPerson && error.code() != "public_key";
        assert_eq!(next.matches("landfall source reconnect NAME").count(), usize::from(stops), "{error:?}: {next}");
        assert!(!next.ends_with('.') && !next.contains(".;"), "{next}");
    }
}

#[test]
fn a_fault_may_pass_where_its_error_is_tried_again() {
    for error in all().into_iter().filter(|error| *error != ConnectError::Stopped) {
        let fault = Fault { code: error.code().to_owned(), message: String::new(), next: String::new() };
        assert_eq!(fault.may_pass(), error.class() == Class::Transient, "{error:?}");
    }
}
