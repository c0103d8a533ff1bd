//! `landfall worker`: do what is due.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::TuningFlags;
use super::{follow, unit};
use crate::worker::queue::Due;

/// Do what is due: scheduled syncs, queued runs, and those whose process died
///
/// Stays, looks for files when their sources' schedules say so and carries out runs as they are queued, until it is told to stop (TERM, HUP, Ctrl-C). A run that is at work then
/// stops at its next batch and can be resumed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall worker\n  landfall worker --once\n  landfall worker --install")]
pub struct Args {
    /// Do what is due, queued or interrupted now, then end: for cron
    #[arg(long)]
    once: bool,
    /// Write a systemd user unit that keeps the worker running, and say how to enable it; or the line for cron
    #[arg(long, conflicts_with = "once")]
    install: bool,
    /// Leave the session of whoever started it, so that its end does not end the runs
    #[arg(long, hide = true)]
    own_session: bool,
    /// Queue runs apart from saying so of their files, which is wrong (for tests that must notice)
    #[cfg(feature = "broken-variants")]
    #[arg(long, hide = true)]
    taken_apart: bool,
    #[command(flatten)]
    tuning: TuningFlags,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let mut store = context.store_to_change("The worker")?;
    #[cfg(feature = "broken-variants")]
    context.taken_apart.set(args.taken_apart);
    if args.install {
        return unit::install(context, store.dir());
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
    if !args.once {
        return follow::stay(context, &mut store, args.tuning.tuning());
    }
    let due = if args.own_session { Due::ByItself } else { Due::All };
    follow::everything_due(context, &mut store, due, args.tuning.tuning())
}
