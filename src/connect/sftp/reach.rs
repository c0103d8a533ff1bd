//! From a host's name to an SSH session with the right host: name, connection, greeting, host key.

use super::Limits;
use super::wait::{Heard, Metered, within};
use crate::connect::error::{ConnectError, Site};
use crate::connect::host_keys::Known;
use russh::client::{self, DisconnectReason, Handle};
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PublicKeyOrCertificate};
use russh::{Preferred, cipher, compression};
use std::borrow::Cow;
use std::io::ErrorKind;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// How much the server may send before it is asked to go on (bytes). It is asked when half of that has come, and must never
/// have to wait for it: twice as much as is in flight.
const WINDOW: u32 = 64 * 1024 * 1024;

/// The key that a host showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostKey {
    /// Such as `ssh-ed25519`.
    pub algorithm: String,
    /// `SHA256:…`, as ssh shows it.
    pub sha256: String,
}

/// A session that is not logged in yet.
pub(super) struct Reached {
    pub(super) handle: Handle<Client>,
    pub(super) heard: Heard,
    pub(super) farewell: Farewell,
}

/// What the server said when it ended the session.
#[derive(Clone, Default)]
pub(super) struct Farewell(Arc<Mutex<Option<String>>>);

impl Farewell {
    pub(super) fn text(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, text: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }
}

/// What the session asks us.
pub(super) struct Client {
    site: Site,
    known: Arc<Known>,
    farewell: Farewell,
}

/// Why the handshake ended.
#[derive(Debug)]
pub(super) enum Ended {
    Ssh(russh::Error),
    Refused(ConnectError),
}

impl From<russh::Error> for Ended {
    fn from(error: russh::Error) -> Ended {
        Ended::Ssh(error)
    }
}

impl client::Handler for Client {
    type Error = Ended;

    async fn check_server_key(&mut self, shown: &PublicKeyOrCertificate) -> Result<bool, Ended> {
        self.known.check(&self.site, &shown.public_key()).map_err(Ended::Refused)?;
        Ok(true)
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Ended>) -> Result<(), Ended> {
        match reason {
            DisconnectReason::ReceivedDisconnect(said) => {
                self.farewell.set(said.message);
                Ok(())
            }
            DisconnectReason::Error(error) => Err(error),
        }
    }
}

/// Reaches the host and makes sure that it is the right one.
pub(super) async fn reach(
    site: &Site,
    known: Known,
    limits: &Limits,
    stop: &AtomicBool,
) -> Result<Reached, ConnectError> {
    let known = Arc::new(known);
    let algorithms = preferred(&known.algorithms());
    let error = match shake_hands_in_time(site, &known, algorithms, limits, stop).await {
        Err(error @ ConnectError::HostKeyChanged { .. }) if matches!(*known, Known::Pinned(_)) => error,
        other => return other,
    };
    // A host has a key of each type, and the one that was accepted may be of another type than it shows first.
    for group in [0..1, 1..4, 4..6] {
        let one_type = preferred(&[])[group].to_vec();
        if let Ok(reached) = shake_hands_in_time(site, &known, one_type, limits, stop).await {
            return Ok(reached);
        }
    }
    Err(error)
}

/// The key that a host shows, for a person to compare before it is accepted. Nobody is logged in.
pub(super) async fn host_key(site: &Site, limits: &Limits, stop: &AtomicBool) -> Result<HostKey, ConnectError> {
    match reach(site, Known::Nothing, limits, stop).await {
        Err(ConnectError::HostKeyUnknown { algorithm, sha256, .. }) => Ok(HostKey { algorithm, sha256 }),
        Err(error) => Err(error),
        Ok(_) => Err(ConnectError::Protocol { site: site.clone(), why: "it showed no host key".to_owned() }),
    }
}

/// The types of host keys to ask for, those of the known keys first. Signatures with SHA-1 are not taken.
fn preferred(known: &[Algorithm]) -> Vec<Algorithm> {
    let mut all = vec![
        Algorithm::Ed25519,
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP384 },
        Algorithm::Ecdsa { curve: EcdsaCurve::NistP521 },
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
    ];
    let is_known = |algorithm: &Algorithm| known.iter().any(|known| is_same_type(known, algorithm));
    all.sort_by_key(|algorithm| !is_known(algorithm));
    all
}

fn is_same_type(a: &Algorithm, b: &Algorithm) -> bool {
    matches!((a, b), (Algorithm::Rsa { .. }, Algorithm::Rsa { .. })) || a == b
}

async fn shake_hands_in_time(
    site: &Site,
    known: &Arc<Known>,
    host_keys: Vec<Algorithm>,
    limits: &Limits,
    stop: &AtomicBool,
) -> Result<Reached, ConnectError> {
    let heard = Heard::default();
    // Servers of other kinds greet, and then wait for what we never say.
    let late = || {
        no_ssh(site, &heard.first_line())
            .unwrap_or_else(|| ConnectError::ConnectTimeout { site: site.clone(), seconds: limits.connect.as_secs() })
    };
    within(limits.connect, stop, late, shake_hands(site, known, host_keys, limits.connect, heard.clone())).await?
}

async fn shake_hands(
    site: &Site,
    known: &Arc<Known>,
    host_keys: Vec<Algorithm>,
    limit: Duration,
    heard: Heard,
) -> Result<Reached, ConnectError> {
    let stream = open(site, limit).await?;
    let farewell = Farewell::default();
    let config = client::Config {
        window_size: WINDOW,
        maximum_packet_size: 65_535,
        nodelay: true,
        preferred: Preferred {
            key: Cow::Owned(host_keys),
            // Processors do AES themselves; the library's own first choice takes half as long again.
            cipher: Cow::Borrowed(&[
                cipher::AES_256_GCM,
                cipher::CHACHA20_POLY1305,
                cipher::AES_256_CTR,
                cipher::AES_192_CTR,
                cipher::AES_128_CTR,
            ]),
            compression: Cow::Borrowed(&[compression::NONE]),
            ..Preferred::DEFAULT
        },
        ..client::Config::default()
    };
    let client = Client { site: site.clone(), known: known.clone(), farewell: farewell.clone() };
    match client::connect_stream(Arc::new(config), Metered::new(stream, &heard), client).await {
        Ok(handle) => Ok(Reached { handle, heard, farewell }),
        Err(Ended::Refused(error)) => Err(error),
        Err(Ended::Ssh(error)) => Err(handshake_error(site, error, &heard.first_line())),
    }
}

/// That it is no SSH server, by the first thing it said.
fn no_ssh(site: &Site, first_line: &str) -> Option<ConnectError> {
    let is_other = !first_line.is_empty() && !first_line.starts_with("SSH-");
    is_other.then(|| ConnectError::NoSshServer { site: site.clone(), said: format!("it says {first_line:?}") })
}

fn handshake_error(site: &Site, error: russh::Error, first_line: &str) -> ConnectError {
    if let Some(other) = no_ssh(site, first_line) {
        return other;
    }
    let site = site.clone();
    match error {
        russh::Error::Version => ConnectError::NoSshServer { site, said: format!("it says {first_line:?}") },
        russh::Error::NoCommonAlgo { kind, theirs, .. } => {
            ConnectError::Protocol { site, why: format!("for {kind:?} it offers only {}", theirs.join(", ")) }
        }
        russh::Error::IO(_) | russh::Error::HUP | russh::Error::Disconnect | russh::Error::SendError => {
            ConnectError::Dropped { site, doing: "agree on a session".to_owned() }
        }
        other => ConnectError::Protocol { site, why: other.to_string() },
    }
}

/// A connection to one of the host's addresses.
async fn open(site: &Site, limit: Duration) -> Result<TcpStream, ConnectError> {
    let (host, port) = match site {
        Site::Server { host, port } => (host.as_str(), *port),
        Site::Here => ("localhost", 22),
    };
    let end = Instant::now() + limit;
    let addresses: Vec<_> = match tokio::net::lookup_host((host, port)).await {
        Ok(found) => found.collect(),
        // The resolver's answers have no kinds of their own.
        Err(error) if error.to_string().contains("Temporary failure") => {
            return Err(ConnectError::Unreachable {
                site: site.clone(),
                why: "the name servers of this host do not answer".to_owned(),
            });
        }
        Err(_) => return Err(ConnectError::NameUnknown { host: host.to_owned() }),
    };
    let mut failed = ConnectError::NameUnknown { host: host.to_owned() };
    for (at, address) in addresses.iter().enumerate() {
        // One address that swallows everything must not use up the time of the others.
        let left = end.saturating_duration_since(Instant::now()) / u32::try_from(addresses.len() - at).unwrap_or(1);
        failed = match tokio::time::timeout(left, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Without it small requests wait for the answer to earlier ones; it is only slower.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Err(_) => ConnectError::ConnectTimeout { site: site.clone(), seconds: limit.as_secs() },
            Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => {
                ConnectError::Refused { site: site.clone() }
            }
            Ok(Err(error)) if error.kind() == ErrorKind::TimedOut => {
                ConnectError::ConnectTimeout { site: site.clone(), seconds: limit.as_secs() }
            }
            Ok(Err(error)) => ConnectError::Unreachable { site: site.clone(), why: error.to_string() },
        };
    }
    Err(failed)
}
