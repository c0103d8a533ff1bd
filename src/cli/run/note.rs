//! `landfall run note`: what a person wants to be remembered about a run.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::run_view;

/// Add a note to a run
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run note 12 \"Checked ten contacts with Ana, all right\"")]
pub struct Args {
    /// The run's number
    run: u64,
    /// What to remember
    text: String,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let mut store = context.store_to_change("A note")?;
    let run = run_view::found(&store, args.run)?;
    store.add_run_note(run.id, &context.user(), &args.text, context.now_ms())?;
    run_view::show(context, &store, &run_view::found(&store, args.run)?)?;
    Ok(Exit::Done)
}
