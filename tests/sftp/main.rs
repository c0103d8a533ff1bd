//! Files from an SFTP server, against a real OpenSSH: each fault has its own words, what was fetched is what lies there,
//! a fetch goes on where it stopped, and nothing hostile is written anywhere.

#[path = "../common/sshd.rs"]
mod sshd;

mod away;
mod errors;
mod files;
mod host_keys;
mod logins;
mod passwords;

use landfall::connect::ConnectError;
use landfall::connect::sftp::{Limits, SftpPlace, Surroundings};
use landfall::domain::source::{FileIdentity, HostKeyTrust, Listed, Login, SecretRef, Sftp};
use secrecy::SecretString;
use sshd::Sshd;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// In every passphrase and password of these tests: it must not come up anywhere.
const CANARY: &str = "canary-5f1c";

/// Nobody stops it.
static GO_ON: AtomicBool = AtomicBool::new(false);

/// Long enough for a loaded machine, short enough to wait for.
const LIMITS: Limits = Limits { connect: Duration::from_secs(20), request: Duration::from_secs(20) };
const IMPATIENT: Limits = Limits { connect: Duration::from_secs(1), request: Duration::from_secs(1) };

/// How the server is reached when nothing is wrong.
fn right(server: &Sshd) -> Sftp {
    Sftp {
        host: "127.0.0.1".to_owned(),
        port: server.port(),
        user: server.user().to_owned(),
        directory: server.drop_dir().display().to_string(),
        login: key_file(&server.key()),
        host_key: HostKeyTrust::Pinned { sha256: server.fingerprint("ed25519") },
    }
}

fn key_file(path: &Path) -> Login {
    Login::KeyFile { path: path.display().to_string(), passphrase: None }
}

/// Nothing of the tester's own surroundings.
fn surroundings(server: &Sshd) -> Surroundings {
    Surroundings { home: Some(server.at("home")), agent_socket: None, own_key: server.at("own_key") }
}

/// The secrets of these tests: a variable's value is its name and the canary.
fn secret(place: &SecretRef) -> Result<SecretString, ConnectError> {
    match place {
        SecretRef::Env { name } => Ok(SecretString::from(format!("{name}-{CANARY}"))),
        other => Err(ConnectError::SecretMissing { secret: other.clone(), why: "does not exist".to_owned() }),
    }
}

fn connect_with(server: &Sshd, sftp: &Sftp, limits: &Limits) -> Result<SftpPlace, ConnectError> {
    SftpPlace::connect(sftp, &surroundings(server), &secret, limits, &GO_ON)
}

fn connect(server: &Sshd) -> SftpPlace {
    connect_with(server, &right(server), &LIMITS).unwrap_or_else(|error| panic!("{error}\n{}", server.log()))
}

/// Why it does not connect.
#[track_caller]
fn refusal(server: &Sshd, sftp: &Sftp) -> ConnectError {
    match connect_with(server, sftp, &LIMITS) {
        Ok(_) => panic!("it connects"),
        Err(error) => error,
    }
}

/// That an error has this code and says all this, and nothing that is secret.
#[track_caller]
fn assert_says(error: &ConnectError, code: &str, parts: &[&str]) {
    let text = error.to_string();
    assert_eq!(error.code(), code, "{text}");
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in: {text}");
    }
    assert_eq!(text, format!("{}. {}", error.what(), error.next()));
    assert!(!format!("{text} {error:?}").contains(CANARY), "a secret is in: {text}");
    assert!(!text.contains(|c: char| c.is_control()), "{text:?}");
}

fn identity_of(listed: &[Listed], name: &str) -> FileIdentity {
    let found = listed.iter().find(|listed| listed.identity.name == name);
    found.unwrap_or_else(|| panic!("{name:?} is not in {listed:?}")).identity.clone()
}

/// Bytes that no two places of a file have in common.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

fn sha256_of(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file of the upstream's.
fn put(server: &Sshd, name: &str, bytes: &[u8]) {
    fs::write(server.drop_dir().join(name), bytes).unwrap();
}
