//! `landfall worker`: do what is due.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::TuningFlags;
use super::follow;
use crate::worker::queue::Due;

/// Do what is due: queued and interrupted runs
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall worker --once")]
pub struct Args {
    /// End when nothing is due any more
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
    if !args.once {
        return Err(CliError::usage(
            "A worker that stays comes with schedules, in a later version",
            "take --once: it does what is due and ends",
        ));
    }
    if args.own_session {
        rustix::process::setsid().map_err(|error| {
            CliError::new(
                "session",
                format!("A session of its own could not be made: {error}"),
                "leave out --own-session",
            )
        })?;
    }
    let due = if args.own_session { Due::Queued } else { Due::All };
    follow::everything_due(context, &mut store, due, args.tuning.tuning())
}
