//! `landfall` alone: the terminal application. Reads what the environment and the configuration file say, and hands
//! over to the shell.

use super::context::{Context, Environment};
use super::error::{CliError, Exit};
use super::known;
use crate::app::config::{Config, Symbols, ThemeName};
use crate::shell::session::{self, Opening};
use crate::store::{Store, StoreError};
use chrono_tz::Tz;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Where the machine says which time zone it is in.
const LOCAL_TIME: &str = "/etc/localtime";

/// Whether there is a terminal to draw on and to read keys from.
pub fn has_terminal() -> bool {
    std::io::stdout().is_terminal() && std::io::stdin().is_terminal()
}

/// Opens the application on the workspace. It is made on first use, unless `--read-only` was given.
pub fn run(context: &Context) -> Result<Exit, CliError> {
    let workspace = context.workspace()?;
    known::note(&context.environment, &workspace, context.now_ms());
    open(context, workspace, false)
}

/// Opens the application on a workspace, with the tour of the demo where that is wished.
pub fn open(context: &Context, workspace: PathBuf, tour: bool) -> Result<Exit, CliError> {
    let environment = &context.environment;
    let config = read_config(environment)?;
    let workspace = std::path::absolute(&workspace).map_err(|error| CliError::file(&workspace, &error))?;
    let read_only = why_read_only(context, &workspace)?;
    let directory = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    let program = std::env::current_exe().map_err(|error| CliError::file(Path::new("landfall"), &error))?;
    let opening = Opening {
        workspace,
        read_only,
        user: context.user(),
        theme: if environment.plain { ThemeName::NoColor } else { config.theme },
        ascii: match config.symbols {
            Symbols::Auto => !environment.is_utf8(),
            Symbols::Unicode => false,
            Symbols::Ascii => true,
        },
        zone: config.time_zone.unwrap_or_else(|| local_zone(environment.time_zone.as_deref())),
        config,
        directory,
        home: environment.home.clone().map(PathBuf::from),
        tour,
        program,
        environment: environment.clone(),
        clock: || chrono::Utc::now().timestamp_millis(),
    };
    session::run(opening)?;
    Ok(Exit::Done)
}

/// Makes sure that there is a workspace to show, and says why it can only be looked at, where that is so.
fn why_read_only(context: &Context, workspace: &Path) -> Result<Option<String>, CliError> {
    if context.read_only {
        Store::open_read_only(workspace)?;
        return Ok(Some("--read-only was given".to_owned()));
    }
    match Store::create_or_open(workspace, context.now_ms(), context.random()) {
        Ok(_) => Ok(None),
        Err(error @ (StoreError::NewerSchema { .. } | StoreError::NotAWorkspace { .. })) => Err(error.into()),
        // A disk that cannot be written may still be looked at.
        Err(error) => match Store::open_read_only(workspace) {
            Ok(_) => Ok(Some(format!("it cannot be written: {error}"))),
            Err(_) => Err(error.into()),
        },
    }
}

/// The configuration of the person at the terminal; what holds without one where there is no file.
fn read_config(environment: &Environment) -> Result<Config, CliError> {
    let Some(path) = environment.config_file() else { return Ok(Config::default()) };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(error) => return Err(CliError::file(&path, &error)),
    };
    Config::parse(&text).map_err(|why| {
        let message = format!("The configuration file {} cannot be used: {why}", path.display());
        CliError::new("config", message, "correct it; `landfall help config` says what it may hold")
    })
}

/// The zone of `TZ`, else the machine's, else UTC.
fn local_zone(variable: Option<&str>) -> Tz {
    if let Some(zone) = variable.and_then(|name| name.trim_start_matches(':').parse().ok()) {
        return zone;
    }
    let of_machine = std::fs::canonicalize(LOCAL_TIME).ok().and_then(|path| {
        let path = path.to_string_lossy().into_owned();
        path.split_once("zoneinfo/").and_then(|(_, name)| name.parse().ok())
    });
    of_machine.unwrap_or(Tz::UTC)
}
