//! `landfall sync`: bring what is new from where a source's files lie, and import it.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::TuningFlags;
use super::runs::source_named;
use super::signals::Stop;
use super::{follow, pickup};
use crate::domain::run::RunKind;
use crate::domain::source::Source;
use crate::store::Store;
use crate::worker::pickup::Extent;

/// Bring what is new from where a source's files lie, and import it
///
/// A file is taken when it has not changed for a while (30 seconds, unless its contract says otherwise) or its marker is
/// there. Files that a person has to look at first are held, and said.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall sync globex")]
pub struct Args {
    /// The source's name
    source: String,
    /// Try although the source waits for somebody: the cause is dealt with
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    tuning: TuningFlags,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut store = context.store_to_change("A sync")?;
    let source = syncable(&store, &args.source)?;
    if let Some(blocked) = &source.blocked {
        let cause = format!("{:?} waits for somebody: {}", source.name, blocked.message.trim_end_matches('.'));
        let next = format!("{} Then take --yes, or `landfall source reconnect {:?}`", blocked.next, source.name);
        confirm_fixed(args, context, &cause, next)?;
    }
    let stop = Stop::on_signal()?;
    let report = pickup::look_twice(context, &mut store, &stop, &source, Extent::Bring, RunKind::Sync)?;
    pickup::tell(context, &report);
    let is_held = !report.held.is_empty() || !report.troubles.is_empty();
    let mut worst = if is_held { Exit::Attention } else { Exit::Done };
    if let Some(fault) = report.fault.clone() {
        // What came before it went wrong is imported all the same.
        follow::pass_on(context, &store, None)?;
        return Err(pickup::of(fault));
    }
    for file in &report.settling {
        context
            .out
            .say(format!("{file} is still changing, or its marker is not there yet: it is left for the next time."));
    }
    if report.runs.is_empty() && !is_held {
        context.out.say(format!("There is nothing new at {:?}.", source.name));
    }
    for run in report.runs {
        worst = worst.max(follow::run(context, &mut store, run, args.tuning.tuning())?);
    }
    if !pickup::put_away_of(context, &mut store, &stop, source.id)? {
        worst = worst.max(Exit::Attention);
    }
    Ok(worst)
}

/// The source of this name, which can be synced now.
fn syncable(store: &Store, name: &str) -> Result<Source, CliError> {
    let source = source_named(store, name)?;
    if source.removed_ms.is_some() {
        let next = format!("bring it back with `landfall source add {} {name:?}`", source.kind);
        return Err(CliError::not_found(format!("source {name}: it was removed"), next));
    }
    if source.connection.is_none() {
        let message = format!("Source {name:?} brings no files by itself: it is imported, and cannot be synced");
        return Err(CliError::new("source_kind", message, format!("take `landfall import --from {name:?}`")));
    }
    if source.paused.is_some() {
        let message = format!("Source {name:?} is paused: nothing is brought from it");
        return Err(CliError::new(
            "source_paused",
            message,
            format!("`landfall source resume {name:?}`, then try again"),
        ));
    }
    Ok(source)
}

/// Asks whether the cause of what stopped a source is dealt with (R192); elsewhere `--yes` says so.
fn confirm_fixed(args: &Args, context: &Context, cause: &str, next: String) -> Result<(), CliError> {
    if args.yes {
        return Ok(());
    }
    if context.is_interactive() {
        context.out.insist(cause);
        context.out.ask("Is the cause dealt with? Type yes to try: ");
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        read.map_err(|error| CliError::file(std::path::Path::new("standard input"), &error))?;
        if answer.trim().eq_ignore_ascii_case("yes") {
            return Ok(());
        }
    }
    Err(CliError::new("source_blocked", cause, next))
}
