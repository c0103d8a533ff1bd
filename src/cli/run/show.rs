//! `landfall run show`: one run, and how its rows add up.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};

/// Show one run: its outcomes, which add up, and why rows were left out
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run show 12")]
pub struct Args {
    /// The run's number
    run: u64,
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "run show is not built yet", "use a later version"))
}
