//! `landfall run show`: one run, and how its rows add up.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::run_view;

/// Show one run: its outcomes, which add up, and why rows were left out
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run show 12")]
pub struct Args {
    /// The run's number
    run: u64,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let store = context.store()?;
    let run = run_view::found(&store, args.run)?;
    run_view::show(context, &store, &run)?;
    Ok(Exit::Done)
}
