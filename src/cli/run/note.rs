//! `landfall run note`: what a person wants to be remembered about a run.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};

/// Add a note to a run
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run note 12 \"Checked ten contacts with Ana, all right\"")]
pub struct Args {
    /// The run's number
    run: u64,
    /// What to remember
    text: String,
}

pub fn run(_args: Args, context: &Context) -> Result<Exit, CliError> {
    context.may_change("A note")?;
    Err(CliError::new("not_built", "run note is not built yet", "use a later version"))
}
