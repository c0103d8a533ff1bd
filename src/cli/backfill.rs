//! `landfall backfill`: have earlier deliveries considered once more, with the mapping and the filters as they are now.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::{self, TuningFlags};
use super::format::{count, counted};
use super::output::{Line, Style};
use super::runs::source_named;
use super::signals::Stop;
use super::{follow, pickup};
use crate::domain::source::Source;
use crate::store::{Delivery, Store};
use crate::worker::backfill::{self, Earlier};
use crate::worker::execute::threads;
use crate::worker::prepare::{self, Prepared};
use chrono::NaiveDate;

/// Consider earlier deliveries of a source again, with its mapping and filters as they are now
///
/// A filter or a date that was changed holds for what comes after it: records that it kept out before are brought by a
/// backfill. It says first what it would bring, counted by dry runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall backfill globex --since 2026-01-01")]
pub struct Args {
    /// The source's name
    source: String,
    /// Deliveries that arrived on this day or later
    #[arg(long, value_name = "DATE", value_parser = flags::day)]
    since: NaiveDate,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    #[command(flatten)]
    tuning: TuningFlags,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let mut store = context.store_to_change("A backfill")?;
    let source = source_named(&store, &args.source)?;
    if source.paused.is_some() {
        let message = format!("Source {:?} is paused: nothing is imported into it", source.name);
        return Err(CliError::new("source_paused", message, format!("`landfall source resume {:?}`", source.name)));
    }
    let stop = Stop::on_signal()?;
    let deliveries = deliveries(args, context, &mut store, &stop, &source)?;
    if deliveries.is_empty() {
        context.out.say(format!("Nothing has arrived from {:?} since {}.", source.name, args.since));
        return Ok(Exit::Done);
    }
    let (prepared, mut worst) = counted_by_dry_runs(args, context, &mut store, &source, &deliveries)?;
    if prepared.is_empty() {
        return Ok(worst);
    }
    if let Err(refused) = confirm(args, context, &prepared) {
        for prepared in &prepared {
            prepare::discard(&mut store, prepared, context.now_ms())?;
        }
        return Err(refused);
    }
    for prepared in prepared {
        let run = prepare::enqueue(&mut store, &prepared, context.now_ms())?;
        worst = worst.max(follow::run(context, &mut store, run, args.tuning.tuning())?);
    }
    Ok(worst)
}

/// The deliveries to consider again, oldest first: those that are kept, and those that were purged and still lie where
/// they came from.
fn deliveries(
    args: &Args,
    context: &Context,
    store: &mut Store,
    stop: &Stop,
    source: &Source,
) -> Result<Vec<Delivery>, CliError> {
    let mut deliveries = Vec::new();
    for earlier in backfill::earlier(store, source, args.since)? {
        match earlier {
            Earlier::Kept(delivery) => deliveries.push(delivery),
            Earlier::There(file) => {
                context.out.say(format!("{} is no longer kept here: it is fetched again.", file.identity.name));
                let fetched =
                    pickup::with_means(context, stop, |means| backfill::fetch_again(store, source.id, &file, means))?;
                deliveries.push(fetched);
            }
            Earlier::Gone(delivery) => {
                let line = format!("{} is no longer kept, and no longer where it came from.", delivery.name);
                context.out.say(Line::styled(Style::Warn, "left out: ").with(Style::Plain, line));
            }
        }
    }
    Ok(deliveries)
}

/// What each delivery would bring, said and counted by a dry run. One that cannot be imported is left out, and said.
fn counted_by_dry_runs(
    args: &Args,
    context: &Context,
    store: &mut Store,
    source: &Source,
    deliveries: &[Delivery],
) -> Result<(Vec<Prepared>, Exit), CliError> {
    let (mut all, mut worst) = (Vec::new(), Exit::Done);
    for delivery in deliveries {
        let request = backfill::request(source, delivery, args.since, context.user())?;
        let mut prepared = match prepare::prepare(store, &request, threads()) {
            Ok(prepared) => prepared,
            Err(error) => {
                let error = CliError::from(error);
                let line = format!("{}: {}; {}", delivery.name, error.message.trim_end_matches('.'), error.next);
                context.out.say(Line::styled(Style::Warn, "left out: ").with(Style::Plain, line));
                worst = Exit::Attention;
                continue;
            }
        };
        let counts = follow::count(context, store, &mut prepared, args.tuning.tuning())?;
        context.out.say(format!(
            "{}: {}; {} would be created, {} updated, {} unchanged, {} skipped, {} failed.",
            delivery.name,
            counted(counts.rows(), "row", "rows"),
            count(counts.created),
            count(counts.updated),
            count(counts.unchanged),
            count(counts.skipped),
            count(counts.failed),
        ));
        all.push(prepared);
    }
    if all.len() > 1 {
        context.out.say("Each was counted by itself: what one creates, a later one updates or leaves.");
    }
    Ok((all, worst))
}

fn confirm(args: &Args, context: &Context, prepared: &[Prepared]) -> Result<(), CliError> {
    if args.yes {
        return Ok(());
    }
    let refused = |why: &str| CliError::new("not_confirmed", format!("Nothing was imported: {why}"), "take --yes");
    if !context.is_interactive() {
        return Err(refused("nobody said that it should be"));
    }
    let deliveries = counted(prepared.len() as u64, "delivery", "deliveries");
    context.out.ask(&format!("Import {deliveries} again? Type yes to start: "));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.map_err(|error| CliError::file(std::path::Path::new("standard input"), &error))?;
    match answer.trim().eq_ignore_ascii_case("yes") {
        true => Ok(()),
        false => Err(refused("the answer was not yes")),
    }
}
