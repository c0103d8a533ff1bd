//! `landfall run cancel`: ask a run to stop for good.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::run_view;
use crate::domain::run::RunStatus;
use crate::store::Store;

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
    match Store::try_lock(store.dir())? {
        // Nobody works in the workspace, so nobody would see the request.
        Some(_lock) => store.set_run_status(run.id, RunStatus::Cancelled, None, context.now_ms())?,
        None => context.out.say("Asked: it stops at the end of its batch."),
    }
    run_view::show(context, &store, &run_view::found(&store, args.run)?)?;
    Ok(Exit::Done)
}
