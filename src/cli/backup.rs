//! `landfall backup`: a consistent copy of the workspace while it is in use, without secrets.

use super::context::Context;
use super::error::{CliError, Exit};
use std::path::PathBuf;

/// Copy the workspace, consistently, also while it is in use
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall backup /var/backups/landfall-friday")]
pub struct Args {
    /// The directory to make; it must be empty or not there yet
    dir: PathBuf,
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "backup is not built yet", "use a later version"))
}
