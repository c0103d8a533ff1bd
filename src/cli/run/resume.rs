//! `landfall run resume`: go on with an interrupted run.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};

/// Go on with an interrupted run, where it stopped
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run resume 12")]
pub struct Args {
    /// The run's number
    pub run: u64,
}

pub fn run(_args: Args, context: &Context) -> Result<Exit, CliError> {
    context.may_change("Resuming a run")?;
    Err(CliError::new("not_built", "run resume is not built yet", "use a later version"))
}
