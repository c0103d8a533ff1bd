//! How the files of a source are reached, as flags: `source add` and `source edit` take them. No secret is ever one of
//! them: they say where it is, or that it is asked for.

use super::asked;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::domain::source::{Directory, HostKeyTrust, SecretRef, UploadDrop};
use crate::worker::setup::{UpstreamKey, Wanted, WantedLogin, WantedSecret};
use std::path::Path;

/// The port of SSH.
const PORT: u16 = 22;

/// Flags of the connection. What is not given stays as it is.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Connection (sftp, drop)")]
pub struct ConnectionFlags {
    /// The server, such as sftp.example.com; of a drop, this host as the upstream reaches it
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// Its port [default: 22]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,
    /// The user to log in as; of a drop, the one that the upstream logs in as
    #[arg(long, value_name = "USER")]
    pub user: Option<String>,
    /// The directory with the files: on the server, or of a dir or drop on this host
    #[arg(long, value_name = "DIR")]
    pub directory: Option<String>,
    /// The key to log in with: own (made here), agent, or the path of a private key [default: own]
    #[arg(long, value_name = "own|agent|PATH")]
    pub key: Option<String>,
    /// The variable of the environment with the passphrase of the key
    #[arg(long, value_name = "NAME", group = "passphrase")]
    pub passphrase_env: Option<String>,
    /// The file whose first line is the passphrase
    #[arg(long, value_name = "FILE", group = "passphrase")]
    pub passphrase_file: Option<String>,
    /// The command whose first line of output is the passphrase
    #[arg(long, value_name = "COMMAND", group = "passphrase")]
    pub passphrase_command: Option<String>,
    /// Ask for the passphrase (without a terminal: read a line), and keep it in secrets.toml
    #[arg(long, group = "passphrase")]
    pub passphrase_stored: bool,
    /// The variable of the environment with the password, in the place of a key
    #[arg(long, value_name = "NAME", group = "password", conflicts_with_all = ["key", "passphrase"])]
    pub password_env: Option<String>,
    /// The file whose first line is the password
    #[arg(long, value_name = "FILE", group = "password", conflicts_with_all = ["key", "passphrase"])]
    pub password_file: Option<String>,
    /// The command whose first line of output is the password
    #[arg(long, value_name = "COMMAND", group = "password", conflicts_with_all = ["key", "passphrase"])]
    pub password_command: Option<String>,
    /// Ask for the password (without a terminal: read a line), and keep it in secrets.toml
    #[arg(long, group = "password", conflicts_with_all = ["key", "passphrase"])]
    pub password_stored: bool,
    /// The fingerprint of the host's key, as ssh shows it; nothing else is connected to
    #[arg(long, alias = "host-key", value_name = "SHA256:…", conflicts_with = "known_hosts")]
    pub accept_host_key: Option<String>,
    /// Trust what an OpenSSH known_hosts file says [default: your own]
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "")]
    pub known_hosts: Option<String>,
    /// Of a drop: the directory as the upstream sees it [default: as on this host]
    #[arg(long, value_name = "DIR")]
    pub upload_directory: Option<String>,
    /// Of a drop: the upstream's public key, a .pub file or its line; `make` makes a pair for them
    #[arg(long, value_name = "FILE|LINE|make")]
    pub upstream_key: Option<String>,
}

impl ConnectionFlags {
    /// Whether anything is said here.
    pub fn is_given(&self) -> bool {
        let texts = [
            &self.host,
            &self.user,
            &self.directory,
            &self.key,
            &self.passphrase_env,
            &self.passphrase_file,
            &self.passphrase_command,
            &self.password_env,
            &self.password_file,
            &self.password_command,
            &self.accept_host_key,
            &self.known_hosts,
            &self.upload_directory,
            &self.upstream_key,
        ];
        texts.into_iter().any(Option::is_some) || self.port.is_some() || self.passphrase_stored || self.password_stored
    }

    /// A new connection of this kind. On a terminal, what is missing is asked for.
    ///
    /// # Errors
    /// When something is missing and nobody can be asked, or a file cannot be read.
    pub fn new_connection(
        &self,
        kind: &str,
        place: Option<&Path>,
        name: &str,
        context: &Context,
    ) -> Result<Wanted, CliError> {
        let or_ask = |said: &Option<String>, flag: &str, question: &str, usual: Option<&str>| match said {
            Some(text) => Ok(text.clone()),
            None => asked::text(context, flag, question, usual),
        };
        let here = |context: &Context| match (place, &self.directory) {
            (Some(path), _) => absolute(path),
            (None, Some(path)) => absolute(Path::new(path)),
            (None, None) => absolute(Path::new(&asked::text(context, "DIRECTORY", "Directory with the files", None)?)),
        };
        match kind {
            "dir" => Ok(Wanted::Dir(Directory { path: here(context)? })),
            "sftp" => {
                let host = or_ask(&self.host, "--host", "Host", None)?;
                let port = match self.port {
                    Some(port) => port,
                    None if self.host.is_some() => PORT,
                    None => asked::text(context, "--port", "Port", Some("22"))?
                        .parse()
                        .map_err(|_| CliError::usage("That is no port", "write a number from 1 to 65535"))?,
                };
                let user = or_ask(&self.user, "--user", "User", None)?;
                let directory = match (place, &self.directory) {
                    (Some(path), None) => path.to_string_lossy().into_owned(),
                    (_, said) => or_ask(said, "--directory", "Directory on the server", Some("."))?,
                };
                let login = self.login(WantedLogin::OwnKey, context)?;
                let host_key = self.host_key(HostKeyTrust::Unknown)?;
                Ok(Wanted::Sftp { host, port, user, directory, login, host_key })
            }
            _ => {
                let path = here(context)?;
                let upload_directory = self.upload_directory.clone().unwrap_or_else(|| path.clone());
                let host = or_ask(&self.host, "--host", "This host, as the upstream reaches it", None)?;
                let user = or_ask(&self.user, "--user", "Account that the upstream logs in as", None)?;
                let port = self.port.unwrap_or(PORT);
                let key = self.upstream(name, context)?;
                let drop = UploadDrop { path, host, port, user, upload_directory, upstream_key: None };
                Ok(Wanted::Drop { drop, key })
            }
        }
    }

    /// What a connection becomes with the flags over it.
    ///
    /// # Errors
    /// When a flag is none of this kind of connection, or a file cannot be read.
    pub fn over(&self, wanted: Wanted, name: &str, context: &Context) -> Result<Wanted, CliError> {
        Ok(match wanted {
            Wanted::Dir(Directory { path }) => {
                let path = self.directory.as_deref().map_or(Ok(path), |path| absolute(Path::new(path)))?;
                Wanted::Dir(Directory { path })
            }
            Wanted::Sftp { host, port, user, directory, login, host_key } => Wanted::Sftp {
                host: self.host.clone().unwrap_or(host),
                port: self.port.unwrap_or(port),
                user: self.user.clone().unwrap_or(user),
                directory: self.directory.clone().unwrap_or(directory),
                login: self.login(login, context)?,
                host_key: self.host_key(host_key)?,
            },
            Wanted::Drop { drop, .. } => {
                let key = match self.upstream_key {
                    Some(_) => self.upstream(name, context)?,
                    None => UpstreamKey::AsIs,
                };
                let drop = UploadDrop {
                    path: self.directory.as_deref().map_or(Ok(drop.path), |path| absolute(Path::new(path)))?,
                    host: self.host.clone().unwrap_or(drop.host),
                    port: self.port.unwrap_or(drop.port),
                    user: self.user.clone().unwrap_or(drop.user),
                    upload_directory: self.upload_directory.clone().unwrap_or(drop.upload_directory),
                    upstream_key: drop.upstream_key,
                };
                Wanted::Drop { drop, key }
            }
        })
    }

    fn login(&self, before: WantedLogin, context: &Context) -> Result<WantedLogin, CliError> {
        let password = [&self.password_env, &self.password_file, &self.password_command];
        if let Some(secret) = secret(password, self.password_stored, "Password", context)? {
            return Ok(WantedLogin::Password(secret));
        }
        let passphrase = [&self.passphrase_env, &self.passphrase_file, &self.passphrase_command];
        let passphrase = secret(passphrase, self.passphrase_stored, "Passphrase of the key", context)?;
        match (self.key.as_deref(), passphrase, before) {
            (Some("own"), None, _) => Ok(WantedLogin::OwnKey),
            (Some("agent"), None, _) => Ok(WantedLogin::Agent),
            (Some("own" | "agent"), Some(_), _) => Err(CliError::usage(
                "This key has no passphrase of yours",
                "leave the passphrase out, or name a private key with --key PATH",
            )),
            (Some(path), passphrase, _) => Ok(WantedLogin::KeyFile { path: absolute(Path::new(path))?, passphrase }),
            (None, Some(passphrase), WantedLogin::KeyFile { path, .. }) => {
                Ok(WantedLogin::KeyFile { path, passphrase: Some(passphrase) })
            }
            (None, Some(_), _) => {
                Err(CliError::usage("A passphrase belongs to a private key", "name it with --key PATH"))
            }
            (None, None, before) => Ok(before),
        }
    }

    fn host_key(&self, before: HostKeyTrust) -> Result<HostKeyTrust, CliError> {
        match (&self.accept_host_key, self.known_hosts.as_deref()) {
            (Some(sha256), _) => Ok(HostKeyTrust::Pinned { sha256: sha256.clone() }),
            (None, Some("")) => Ok(HostKeyTrust::KnownHosts { path: None }),
            (None, Some(path)) => Ok(HostKeyTrust::KnownHosts { path: Some(absolute(Path::new(path))?) }),
            (None, None) => Ok(before),
        }
    }

    fn upstream(&self, name: &str, context: &Context) -> Result<UpstreamKey, CliError> {
        let said = match &self.upstream_key {
            Some(said) => said.clone(),
            None if context.is_interactive() => {
                let question = "The upstream's public key (a .pub file or its line; make: make a pair for them; empty: somebody else runs this drop)";
                asked::text(context, "--upstream-key", question, Some(""))?
            }
            None => String::new(),
        };
        if said == "make" {
            context.out.insist(format!(
                "A key that two have had is weaker than one that never left its owner: {name:?} would better get the upstream's own public key."
            ));
            return Ok(UpstreamKey::MadeForThem);
        }
        if said.is_empty() {
            return Ok(UpstreamKey::AsIs);
        }
        let path = Path::new(&said);
        if !path.is_file() {
            return Ok(UpstreamKey::Theirs(said));
        }
        let text = std::fs::read_to_string(path).map_err(|error| CliError::file(path, &error))?;
        Ok(UpstreamKey::Theirs(text))
    }
}

/// Where a secret is: in the environment, a file, a command's output, or in what a person enters now.
fn secret(
    [env, file, command]: [&Option<String>; 3],
    is_stored: bool,
    question: &str,
    context: &Context,
) -> Result<Option<WantedSecret>, CliError> {
    let at = |reference| Ok(Some(WantedSecret::At(reference)));
    match (env, file, command) {
        (Some(name), ..) => at(SecretRef::Env { name: name.clone() }),
        (_, Some(path), _) => at(SecretRef::File { path: absolute(Path::new(path))? }),
        (_, _, Some(command)) => at(SecretRef::Command { command: command.clone() }),
        (None, None, None) if is_stored => Ok(Some(WantedSecret::Itself(asked::secret(context, question)?))),
        (None, None, None) => Ok(None),
    }
}

/// A path as it stays right when commands are given elsewhere.
pub fn absolute(path: &Path) -> Result<String, CliError> {
    let path = std::path::absolute(path).map_err(|error| CliError::file(path, &error))?;
    let refused = |path: std::ffi::OsString| {
        CliError::usage(format!("{} is no UTF-8", path.display()), "rename the file or its directory")
    };
    path.into_os_string().into_string().map_err(refused)
}
