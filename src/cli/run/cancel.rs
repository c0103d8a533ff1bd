//! `landfall run cancel`: ask a run to stop for good.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::{follow, run_view};
use crate::worker::queue::{self, Cancel};

/// Stop a run for good, at its next batch; what it has done stays
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run cancel 12")]
pub struct Args {
    /// The run's number
    run: u64,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let mut store = context.store_to_change("Cancelling a run")?;
    let run = run_view::found(&store, args.run)?.id;
    match queue::cancel(&mut store, run, context.now_ms())? {
        Cancel::Done => {}
        Cancel::Asked => context.out.say("Asked: it stops at the end of its batch."),
        Cancel::Ended(status) => {
            let message = format!("Run {run} is {} and cannot be cancelled", status.as_str().replace('_', " "));
            return Err(CliError::new("not_cancellable", message, format!("landfall run show {run}")));
        }
    }
    follow::pass_on(context, &store, None)?;
    run_view::show(context, &store, &run_view::found(&store, args.run)?)?;
    Ok(Exit::Done)
}
