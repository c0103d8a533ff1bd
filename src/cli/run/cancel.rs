//! `landfall run cancel`: ask a run to stop for good.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};

/// Stop a run for good, at its next batch; what it has done stays
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run cancel 12")]
pub struct Args {
    /// The run's number
    run: u64,
}

pub fn run(_args: Args, context: &Context) -> Result<Exit, CliError> {
    context.may_change("Cancelling a run")?;
    Err(CliError::new("not_built", "run cancel is not built yet", "use a later version"))
}
