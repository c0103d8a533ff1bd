//! `landfall restore`: make the workspace from a backup.

use super::context::Context;
use super::error::{CliError, Exit};
use std::path::PathBuf;

/// Make the workspace from a backup; it must be empty or not there yet
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall restore /var/backups/landfall-friday --workspace ./restored")]
pub struct Args {
    /// The backup's directory
    dir: PathBuf,
}

pub fn run(_args: Args, context: &Context) -> Result<Exit, CliError> {
    context.may_change("A restore")?;
    Err(CliError::new("not_built", "restore is not built yet", "use a later version"))
}
