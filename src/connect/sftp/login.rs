//! Showing the server who we are.

use super::Surroundings;
use super::reach::{Client, Reached};
use super::wait::while_heard;
use crate::connect::error::{ConnectError, Site};
use crate::connect::keys;
use crate::domain::source::{Login, SecretRef};
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::{HashAlg, PrivateKey, PrivateKeyWithHashAlg};
use russh::{MethodKind, MethodSet};
use secrecy::{ExposeSecret, SecretString};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::net::UnixStream;

/// Servers end the session after about this many keys that are not the right one.
const MOST_KEYS: usize = 6;

/// What is shown, resolved: what is missing on this host is found before the server is bothered.
pub(super) enum Credentials {
    Key(Arc<PrivateKey>),
    /// The agent's socket.
    Agent(PathBuf),
    Password(SecretString),
}

impl Credentials {
    pub(super) fn of(
        login: &Login,
        surroundings: &Surroundings,
        secret: &dyn Fn(&SecretRef) -> Result<SecretString, ConnectError>,
    ) -> Result<Credentials, ConnectError> {
        match login {
            Login::OwnKey => Ok(Credentials::Key(Arc::new(keys::load(&surroundings.own_key, None)?))),
            Login::KeyFile { path, passphrase } => {
                let path = match (path.strip_prefix("~/"), &surroundings.home) {
                    (Some(below), Some(home)) => home.join(below),
                    _ => PathBuf::from(path),
                };
                let key = match passphrase {
                    None => keys::load(&path, None)?,
                    Some(passphrase) => keys::load(&path, Some(&|| secret(passphrase)))?,
                };
                Ok(Credentials::Key(Arc::new(key)))
            }
            Login::Agent => match &surroundings.agent_socket {
                Some(socket) => Ok(Credentials::Agent(socket.clone())),
                None => Err(ConnectError::AgentMissing { why: "SSH_AUTH_SOCK names none".to_owned() }),
            },
            Login::Password { secret: place } => Ok(Credentials::Password(secret(place)?)),
        }
    }
}

/// One answer of the server.
enum Answer {
    In,
    No {
        /// The server took it, and wants something else besides.
        wants_more: bool,
        methods: MethodSet,
    },
}

impl From<AuthResult> for Answer {
    fn from(result: AuthResult) -> Answer {
        match result {
            AuthResult::Success => Answer::In,
            AuthResult::Failure { remaining_methods, partial_success } => {
                Answer::No { wants_more: partial_success, methods: remaining_methods }
            }
        }
    }
}

/// Logs in.
pub(super) async fn login(
    reached: &mut Reached,
    site: &Site,
    user: &str,
    credentials: Credentials,
    limit: Duration,
    stop: &AtomicBool,
) -> Result<(), ConnectError> {
    let heard = reached.heard.clone();
    let is_key = !matches!(credentials, Credentials::Password(_));
    let attempt = async {
        match &credentials {
            Credentials::Key(key) => with_key(&mut reached.handle, user, key).await,
            Credentials::Agent(socket) => with_agent(&mut reached.handle, user, socket).await,
            Credentials::Password(password) => with_password(&mut reached.handle, user, password).await,
        }
    };
    let answered = while_heard(&heard, limit, stop, site, "log in", attempt).await?;
    let dropped = || ConnectError::Dropped { site: site.clone(), doing: "log in".to_owned() };
    let (answer, mut offered) = answered.map_err(|failed| match failed {
        Failed::Known(error) => error,
        Failed::Session => dropped(),
    })?;
    match answer {
        Answer::In => Ok(()),
        // A session that just ends says nothing about a key; one that is ended with a reason does. A password is not tried
        // again whatever the end says: servers lock accounts after a few wrong ones.
        Answer::No { .. } if is_key && reached.handle.is_closed() && reached.farewell.text().is_none() => {
            Err(dropped())
        }
        Answer::No { wants_more, methods } => {
            if wants_more {
                offered.push_str(" alone (it wants more than one proof)");
            } else if !methods.is_empty() {
                let names: Vec<String> = methods.iter().map(|method| String::from(<&str>::from(method))).collect();
                offered.push_str(&format!(" (it takes {})", names.join(", ")));
            }
            Err(ConnectError::LoginRefused { site: site.clone(), user: user.to_owned(), offered })
        }
    }
}

/// Why a login came to no answer.
enum Failed {
    Known(ConnectError),
    /// The session is gone.
    Session,
}

impl From<russh::Error> for Failed {
    fn from(_: russh::Error) -> Failed {
        Failed::Session
    }
}

type Answered = Result<(Answer, String), Failed>;

async fn with_key(handle: &mut Handle<Client>, user: &str, key: &Arc<PrivateKey>) -> Answered {
    let hash = if key.algorithm().is_rsa() { rsa_hash(handle).await? } else { None };
    let offered = format!("the key {}", keys::sha256_of(key.public_key()));
    let result = handle.authenticate_publickey(user, PrivateKeyWithHashAlg::new(key.clone(), hash)).await?;
    Ok((result.into(), offered))
}

/// SHA-1 is not used for signatures, also where the server does not say what it takes.
async fn rsa_hash(handle: &Handle<Client>) -> Result<Option<HashAlg>, Failed> {
    Ok(handle.best_supported_rsa_hash().await?.flatten().or(Some(HashAlg::Sha256)))
}

async fn with_agent(handle: &mut Handle<Client>, user: &str, socket: &Path) -> Answered {
    let missing = |why: String| Failed::Known(ConnectError::AgentMissing { why });
    let stream = UnixStream::connect(socket)
        .await
        .map_err(|error| missing(format!("{} does not answer: {error}", socket.display())))?;
    let mut agent = AgentClient::connect(stream);
    let identities =
        agent.request_identities().await.map_err(|error| missing(format!("it does not tell its keys: {error}")))?;
    let public: Vec<_> = identities
        .into_iter()
        .filter_map(|identity| match identity {
            AgentIdentity::PublicKey { key, .. } => Some(key),
            AgentIdentity::Certificate { .. } => None,
        })
        .collect();
    if public.is_empty() {
        return Err(Failed::Known(ConnectError::AgentEmpty));
    }
    let hash = if public.iter().any(|key| key.algorithm().is_rsa()) { rsa_hash(handle).await? } else { None };
    let mut last = Answer::No { wants_more: false, methods: MethodSet::empty() };
    let mut offered = 0;
    for key in public.into_iter().take(MOST_KEYS) {
        // A key that the agent will not sign with, because nobody confirmed it, is one that is not offered.
        match handle.authenticate_publickey_with(user, key, hash, &mut agent).await {
            Ok(result) => last = result.into(),
            Err(_) if handle.is_closed() => return Err(Failed::Session),
            Err(_) => continue,
        }
        offered += 1;
        if matches!(last, Answer::In | Answer::No { wants_more: true, .. }) || handle.is_closed() {
            break;
        }
    }
    Ok((last, format!("{offered} {} of the ssh-agent", if offered == 1 { "key" } else { "keys" })))
}

async fn with_password(handle: &mut Handle<Client>, user: &str, password: &SecretString) -> Answered {
    let offered = "the password".to_owned();
    let answer = handle.authenticate_password(user, password.expose_secret()).await?.into();
    let Answer::No { methods, .. } = &answer else { return Ok((answer, offered)) };
    if !methods.contains(&MethodKind::KeyboardInteractive) || methods.contains(&MethodKind::Password) {
        return Ok((answer, offered));
    }
    // Some servers ask for the password as the only question of a conversation.
    let mut reply = handle.authenticate_keyboard_interactive_start(user, None::<String>).await?;
    for _ in 0..3 {
        let prompts = match reply {
            KeyboardInteractiveAuthResponse::Success => return Ok((Answer::In, offered)),
            KeyboardInteractiveAuthResponse::Failure { remaining_methods, partial_success } => {
                return Ok((Answer::No { wants_more: partial_success, methods: remaining_methods }, offered));
            }
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
        };
        let answers = match prompts.as_slice() {
            [] => Vec::new(),
            [prompt] if !prompt.echo => vec![password.expose_secret().to_owned()],
            // A second factor: nobody is there to type it.
            _ => return Ok((Answer::No { wants_more: true, methods: MethodSet::empty() }, offered)),
        };
        reply = handle.authenticate_keyboard_interactive_respond(answers).await?;
    }
    Ok((answer, offered))
}
