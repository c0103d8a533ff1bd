//! `landfall backup`: a consistent copy of the workspace while it is in use, without secrets.

use super::context::Context;
use super::error::{CliError, Exit};
use crate::store::Store;
use std::path::PathBuf;

/// Copy the workspace, consistently, also while it is in use
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall backup /var/backups/landfall-friday")]
pub struct Args {
    /// The directory to make; it must be empty or not there yet
    dir: PathBuf,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    // A backup of a workspace that is not there is a mistake, not a reason to make one.
    let workspace = context.workspace()?;
    Store::open_read_only(&workspace)?.backup(&args.dir)?;
    context.out.say(format!("Copied {} to {}.", workspace.display(), args.dir.display()));
    context.out.say(format!("`landfall restore {}` makes a workspace of it.", args.dir.display()));
    Ok(Exit::Done)
}
