//! `landfall worker`: do what is due.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::TuningFlags;
use super::follow;
use crate::worker::queue::Due;

/// Do what is due: queued runs, and those whose process died
///
/// Stays and carries out runs as they are queued, until it is told to stop (TERM, HUP, Ctrl-C). A run that is at work then
/// stops at its next batch and can be resumed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall worker\n  landfall worker --once")]
pub struct Args {
    /// Carry out what is queued or interrupted now, then end
    #[arg(long)]
    once: bool,
    /// Leave the session of whoever started it, so that its end does not end the runs
    #[arg(long, hide = true)]
    own_session: bool,
    #[command(flatten)]
    tuning: TuningFlags,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let mut store = context.store_to_change("The worker")?;
    if args.own_session {
        rustix::process::setsid().map_err(|error| {
            CliError::new(
                "session",
                format!("A session of its own could not be made: {error}"),
                "leave out --own-session",
            )
        })?;
    }
    if !args.once {
        return follow::stay(context, &mut store, args.tuning.tuning());
    }
    let due = if args.own_session { Due::ByItself } else { Due::All };
    follow::everything_due(context, &mut store, due, args.tuning.tuning())
}
