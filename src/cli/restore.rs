//! `landfall restore`: make the workspace from a backup.

use super::context::Context;
use super::error::{CliError, Exit};
use crate::store::Store;
use std::path::PathBuf;

/// Make the workspace from a backup; it must be empty or not there yet
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall restore /var/backups/landfall-friday --workspace ./restored")]
pub struct Args {
    /// The backup's directory
    dir: PathBuf,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    context.may_change("A restore")?;
    let workspace = context.workspace()?;
    Store::restore(&args.dir, &workspace)?;
    context.out.say(format!("Restored {} into {}.", args.dir.display(), workspace.display()));
    Ok(Exit::Done)
}
