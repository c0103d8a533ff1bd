//! Whether the host is the right one: by a key that a person accepted, or by an OpenSSH known_hosts file read strictly.
//!
//! Stricter than `ssh` in one point: a host that the file knows, and that shows a key of another type than any it knows,
//! counts as changed, not as unknown.

use super::error::{ConnectError, Site};
use super::keys::sha256_of;
use crate::domain::source::HostKeyTrust;
use hmac::{Hmac, KeyInit, Mac};
use russh::keys::ssh_key::known_hosts::{Entry, HostPatterns, Marker};
use russh::keys::{Algorithm, PublicKey};
use sha1::Sha1;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What is known of one host's keys before it has shown any.
pub enum Known {
    /// Nobody has accepted one.
    Nothing,
    /// `SHA256:…`
    Pinned(String),
    File(KnownHosts),
}

impl Known {
    /// What `trust` says of the host; `home` is where the user's own known_hosts file is looked for.
    ///
    /// # Errors
    /// When a known_hosts file that is named cannot be read, or holds a `@revoked` line that cannot be understood.
    pub fn of(trust: &HostKeyTrust, host: &str, port: u16, home: Option<&Path>) -> Result<Known, ConnectError> {
        match trust {
            HostKeyTrust::Unknown => Ok(Known::Nothing),
            HostKeyTrust::Pinned { sha256 } => Ok(Known::Pinned(sha256.clone())),
            HostKeyTrust::KnownHosts { path: Some(path) } => {
                let path = PathBuf::from(path);
                let text = fs::read(&path)
                    .map_err(|error| ConnectError::KnownHosts { path: path.clone(), why: error.to_string() })?;
                KnownHosts::of_host(&path, &text, host, port).map(Known::File)
            }
            HostKeyTrust::KnownHosts { path: None } => {
                let path = home.map(|home| home.join(".ssh/known_hosts")).ok_or_else(|| ConnectError::KnownHosts {
                    path: PathBuf::from("~/.ssh/known_hosts"),
                    why: "no home directory is known".to_owned(),
                })?;
                let text = match fs::read(&path) {
                    Ok(text) => text,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
                    Err(error) => return Err(ConnectError::KnownHosts { path, why: error.to_string() }),
                };
                KnownHosts::of_host(&path, &text, host, port).map(Known::File)
            }
        }
    }

    /// The types of keys known of the host: the server is asked for these first, or it may show another key of its own.
    pub fn algorithms(&self) -> Vec<Algorithm> {
        match self {
            Known::Nothing | Known::Pinned(_) => Vec::new(),
            Known::File(file) => file.keys.iter().map(|known| known.key.algorithm()).collect(),
        }
    }

    /// # Errors
    /// When the key is not known to be the host's: unknown, changed or revoked.
    pub fn check(&self, site: &Site, key: &PublicKey) -> Result<(), ConnectError> {
        let (sha256, algorithm) = (sha256_of(key), key.algorithm().to_string());
        match self {
            Known::Nothing => {
                Err(ConnectError::HostKeyUnknown { site: site.clone(), algorithm, sha256, known_hosts: None })
            }
            Known::Pinned(pinned) if bare(pinned) == bare(&sha256) => Ok(()),
            Known::Pinned(pinned) => Err(ConnectError::HostKeyChanged {
                site: site.clone(),
                algorithm,
                sha256,
                expected: format!("the accepted SHA256:{}", bare(pinned)),
            }),
            Known::File(file) => file.check(site, key, algorithm, sha256),
        }
    }
}

/// A fingerprint as it is compared: people leave out the head or add the padding.
fn bare(sha256: &str) -> &str {
    let text = sha256.trim().trim_end_matches('=');
    text.strip_prefix("SHA256:").unwrap_or(text)
}

/// The lines of a known_hosts file that speak of one host.
pub struct KnownHosts {
    path: PathBuf,
    keys: Vec<Line>,
    revoked: Vec<Line>,
    authorities: Vec<Line>,
}

struct Line {
    number: usize,
    key: PublicKey,
}

impl KnownHosts {
    /// Reads the lines of `text` that match the host. As in `ssh`, the name on another port than 22 is `[host]:port`, and
    /// where no line has that, the lines of the bare name count. Lines that cannot be read are passed over.
    fn of_host(path: &Path, text: &[u8], host: &str, port: u16) -> Result<KnownHosts, ConnectError> {
        let host = host.to_ascii_lowercase();
        let on_port = if port == 22 { host.clone() } else { format!("[{host}]:{port}") };
        let mut found = KnownHosts::of_name(path, text, &on_port)?;
        if port != 22 {
            let bare = KnownHosts::of_name(path, text, &host)?;
            found.revoked.extend(bare.revoked);
            found.authorities.extend(bare.authorities);
            if found.keys.is_empty() {
                found.keys = bare.keys;
            }
        }
        Ok(found)
    }

    fn of_name(path: &Path, text: &[u8], name: &str) -> Result<KnownHosts, ConnectError> {
        let mut found =
            KnownHosts { path: path.to_owned(), keys: Vec::new(), revoked: Vec::new(), authorities: Vec::new() };
        for (at, line) in String::from_utf8_lossy(text).lines().enumerate() {
            let number = at + 1;
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            if fields.first().is_none_or(|first| first.starts_with('#')) {
                continue;
            }
            let entry: Entry = match fields.join(" ").parse() {
                Ok(entry) => entry,
                Err(_) if fields[0] == "@revoked" => {
                    return Err(ConnectError::KnownHosts {
                        path: path.to_owned(),
                        why: format!("line {number} revokes a key and cannot be understood"),
                    });
                }
                Err(_) => continue,
            };
            if !is_for(entry.host_patterns(), name) {
                continue;
            }
            let kept = match entry.marker() {
                None => &mut found.keys,
                Some(Marker::Revoked) => &mut found.revoked,
                Some(Marker::CertAuthority) => &mut found.authorities,
            };
            kept.push(Line { number, key: entry.public_key().clone() });
        }
        Ok(found)
    }

    fn check(&self, site: &Site, key: &PublicKey, algorithm: String, sha256: String) -> Result<(), ConnectError> {
        let is_it = |known: &&Line| known.key.key_data() == key.key_data();
        let (site, known_hosts) = (site.clone(), self.path.clone());
        if let Some(revoked) = self.revoked.iter().find(is_it) {
            return Err(ConnectError::HostKeyRevoked { site, sha256, known_hosts, line: revoked.number });
        }
        if self.keys.iter().any(|known| is_it(&known)) {
            return Ok(());
        }
        let same_type = self.keys.iter().find(|known| known.key.algorithm() == key.algorithm());
        if let Some(known) = same_type.or(self.keys.first()) {
            return Err(ConnectError::HostKeyChanged {
                site,
                algorithm,
                sha256,
                expected: format!(
                    "{} {} of line {} in {}",
                    known.key.algorithm(),
                    sha256_of(&known.key),
                    known.number,
                    self.path.display()
                ),
            });
        }
        match self.authorities.first() {
            Some(known) => Err(ConnectError::HostKeyAuthority { site, sha256, known_hosts, line: known.number }),
            None => Err(ConnectError::HostKeyUnknown { site, algorithm, sha256, known_hosts: Some(known_hosts) }),
        }
    }
}

/// Whether the hosts of a line include this name.
fn is_for(hosts: &HostPatterns, name: &str) -> bool {
    match hosts {
        HostPatterns::HashedName { salt, hash } => {
            Hmac::<Sha1>::new_from_slice(salt).is_ok_and(|mac| mac.chain_update(name).verify_slice(hash).is_ok())
        }
        HostPatterns::Patterns(patterns) => {
            let is_like = |pattern: &str| matches(pattern.to_ascii_lowercase().as_bytes(), name.as_bytes());
            let is_denied = patterns.iter().any(|pattern| pattern.strip_prefix('!').is_some_and(is_like));
            !is_denied && patterns.iter().any(|pattern| !pattern.starts_with('!') && is_like(pattern))
        }
    }
}

/// `*` stands for any characters, `?` for one. Brackets are themselves: `[host]:port`.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut place) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while place < name.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, place));
                at += 1;
            }
            Some(&c) if c == b'?' || c == name[place] => {
                at += 1;
                place += 1;
            }
            _ => match star {
                // The last star takes in one character more.
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    at = star_at + 1;
                    place = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB9dG4kjRhQTtWTVzd2t27+t0DEHBPW7iOD23TUiYLio";
    const B: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHwf2HMM5TRXvo2SQJjsNkiDD5KqiiNjrGVv3UUh+mMT5RHxiRtOnlqvjhQtBq0VpmpCV/PwUdhOig4vkbqAcEc=";

    fn check(file: &str, host: &str, port: u16, key: &str) -> Result<(), &'static str> {
        let site = Site::Server { host: host.to_owned(), port };
        let known =
            KnownHosts::of_host(Path::new("known_hosts"), file.as_bytes(), host, port).map_err(|error| error.code())?;
        Known::File(known).check(&site, &PublicKey::from_openssh(key).unwrap()).map_err(|error| error.code())
    }

    #[test]
    fn known_hosts_lines_are_read_as_ssh_reads_them() {
        let unknown = Err("host_key_unknown");
        let changed = Err("host_key_changed");
        let revoked = Err("host_key_revoked");
        type Case = (String, &'static str, u16, &'static str, Result<(), &'static str>);
        let cases: [Case; 25] = [
            (String::new(), "drop.example", 22, A, unknown),
            (format!("drop.example {A}"), "drop.example", 22, A, Ok(())),
            (format!("drop.example {A} a comment"), "Drop.Example", 22, A, Ok(())),
            (format!("  drop.example,10.0.0.1\t{A}\r"), "10.0.0.1", 22, A, Ok(())),
            (format!("# drop.example {A}"), "drop.example", 22, A, unknown),
            (format!("drop.example {A}"), "drop.example", 22, B, changed),
            (format!("other.example {A}"), "drop.example", 22, A, unknown),
            // Several keys of one host.
            (format!("drop.example {A}\ndrop.example {B}"), "drop.example", 22, B, Ok(())),
            // A key of another type than those known.
            (format!("drop.example {ECDSA}"), "drop.example", 22, A, changed),
            // Ports.
            (format!("[drop.example]:2222 {A}"), "drop.example", 2222, A, Ok(())),
            (format!("[drop.example]:2222 {A}"), "drop.example", 22, A, unknown),
            (format!("[drop.example]:2222 {A}"), "drop.example", 2222, B, changed),
            (format!("drop.example {A}"), "drop.example", 2222, A, Ok(())),
            (format!("drop.example {A}\n[drop.example]:2222 {B}"), "drop.example", 2222, A, changed),
            // Wildcards and exceptions.
            (format!("*.example {A}"), "drop.example", 22, A, Ok(())),
            (format!("dr?p.exam* {A}"), "drop.example", 22, A, Ok(())),
            (format!("*.example,!drop.example {A}"), "drop.example", 22, A, unknown),
            (format!("!drop.example,*.example {A}"), "drip.example", 22, A, Ok(())),
            (format!("[*.example]:22?? {A}"), "drop.example", 2222, A, Ok(())),
            // Revoked: whatever else the file says, and under the bare name too.
            (format!("drop.example {A}\n@revoked * {A}"), "drop.example", 22, A, revoked),
            (format!("[drop.example]:2222 {A}\n@revoked drop.example {A}"), "drop.example", 2222, A, revoked),
            (format!("drop.example {A}\n@revoked * {B}"), "drop.example", 22, A, Ok(())),
            ("@revoked * ssh-ed25519 rubbish".to_owned(), "drop.example", 22, A, Err("known_hosts_unreadable")),
            // An authority signs certificates; it is no key of the host.
            (format!("@cert-authority *.example {A}"), "drop.example", 22, A, Err("host_key_authority")),
            // Lines that cannot be read are passed over.
            (format!("drop.example rubbish\n\u{0}\ndrop.example {A}"), "drop.example", 22, A, Ok(())),
        ];
        for (file, host, port, key, expected) in cases {
            assert_eq!(check(&file, host, port, key), expected, "{host}:{port} in\n{file}");
        }
    }

    #[test]
    fn hashed_names_are_known() {
        // ssh-keygen -H of "localhost", from russh's own tests.
        let line = "|1|O33ESRMWPVkMYIwJ1Uw+n877jTo=|nuuC5vEqXlEZ/8BXQR7m619W6Ak=";
        for host in ["example.com", "localhost", "drop.example"] {
            let known = check(&format!("{line} {A}"), host, 22, A);
            assert_eq!(known.is_ok(), host == "example.com", "{host}");
        }
    }

    #[test]
    fn a_pinned_key_is_compared_without_head_and_padding() {
        let key = PublicKey::from_openssh(A).unwrap();
        let sha256 = sha256_of(&key);
        let site = Site::Server { host: "drop.example".into(), port: 22 };
        for pinned in [sha256.clone(), bare(&sha256).to_owned(), format!("{sha256}=\n")] {
            assert_eq!(Known::Pinned(pinned).check(&site, &key), Ok(()));
        }
        let error = Known::Pinned("SHA256:other".into()).check(&site, &key).unwrap_err();
        assert_eq!(error.code(), "host_key_changed");
        assert!(error.to_string().contains("SHA256:other") && error.to_string().contains(&sha256), "{error}");
        let error = Known::Nothing.check(&site, &key).unwrap_err();
        assert!(error.to_string().contains(&sha256), "{error}");
    }
}
