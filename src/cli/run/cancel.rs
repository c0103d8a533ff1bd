//! `landfall run cancel`: ask a run to stop for good.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::{follow, run_view};
use crate::domain::run::RunStatus;
use crate::worker::queue::Turn;

/// Stop a run for good, at its next batch; what it has done stays
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run cancel 12")]
pub struct Args {
    /// The run's number
    run: u64,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let mut store = context.store_to_change("Cancelling a run")?;
    let run = run_view::found(&store, args.run)?;
    if !run.status.can_resume() {
        let message = format!("Run {} is {} and cannot be cancelled", run.id, run.status.as_str().replace('_', " "));
        return Err(CliError::new("not_cancellable", message, format!("landfall run show {}", run.id)));
    }
    store.request_cancel(run.id)?;
    let turn = Turn::take(&mut store, context.now_ms())?;
    // It may have gone on, or ended, since it was looked at.
    let run = run_view::found(&store, args.run)?;
    if turn.is_some() && run.status.can_resume() || run.status == RunStatus::Queued {
        // Nobody carries it out, so nobody would see the request.
        store.set_run_status(run.id, RunStatus::Cancelled, None, context.now_ms())?;
    } else if run.status.can_resume() {
        context.out.say("Asked: it stops at the end of its batch.");
    }
    drop(turn);
    follow::pass_on(context, &store, None)?;
    run_view::show(context, &store, &run_view::found(&store, args.run)?)?;
    Ok(Exit::Done)
}
