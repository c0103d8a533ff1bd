//! `landfall run resume`: go on with an interrupted run.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::flags::TuningFlags;
use crate::cli::{follow, run_view};
use crate::domain::id::RunId;
use crate::domain::run::RunKind;

/// Go on with an interrupted run, where it stopped
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run resume 12")]
pub struct Args {
    /// The run's number
    pub run: u64,
    #[command(flatten)]
    pub tuning: TuningFlags,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let mut store = context.store_to_change("Resuming a run")?;
    let row = run_view::found(&store, args.run)?;
    if !row.status.can_resume() {
        return Err(CliError::new(
            "run_ended",
            format!("Run {} is {}: there is nothing to go on with", row.id, row.status.as_str()),
            format!("`landfall run show {}` shows what became of its rows", row.id),
        ));
    }
    if row.kind == RunKind::DryRun {
        return follow::dry_run(context, &store, RunId(args.run), args.tuning.tuning());
    }
    follow::run(context, &mut store, RunId(args.run), args.tuning.tuning())
}
