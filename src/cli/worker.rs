//! `landfall worker`: do what is due.

use super::context::Context;
use super::error::{CliError, Exit};

/// Do what is due: queued and interrupted runs
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall worker --once")]
pub struct Args {
    /// End when nothing is due any more
    #[arg(long)]
    pub once: bool,
}

pub fn run(_args: Args, context: &Context) -> Result<Exit, CliError> {
    context.may_change("The worker")?;
    Err(CliError::new("not_built", "worker is not built yet", "use a later version"))
}
