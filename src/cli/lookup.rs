//! `landfall lookup`: imported contacts by whatever one has of them.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use super::runs::source_named;
use super::{contact, run_view};
use crate::domain::record::Record;
use crate::domain::source::{Health, SourceFacts};
use crate::domain::values::clean::trim;
use crate::store::{Narrow, Source, Store};
use crate::worker::find::search;
use crate::worker::standing;

/// Find imported contacts by source reference, Contact ID, email, phone or name
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall lookup ana@example.com")]
pub struct Args {
    /// A reference (whole, or its beginning), Contact ID, email, phone or name
    query: String,
    /// Only contacts with a reference from this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Only contacts that this run created or updated last
    #[arg(long, value_name = "RUN")]
    run: Option<u64>,
    /// Only contacts with this tag
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    #[command(flatten)]
    list: ListFlags,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let store = context.store()?;
    let catalog = store.catalog()?;
    let sources = store.sources_ever()?;
    let source = args.source.as_deref().map(|name| source_named(&store, name)).transpose()?;
    let run = args.run.map(|run| run_view::found(&store, run)).transpose()?;
    let narrow = Narrow { source: source.map(|source| source.id), run: run.map(|run| run.id), tag: args.tag.clone() };
    let after = args.list.after.as_deref().map(|id| contact::number(&store, id)).transpose()?;
    let limit = args.list.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    let found = search(&store, &args.query, &narrow, after, limit, usize::MAX)?.records;
    let (living, deleted): (Vec<Record>, Vec<Record>) = found.into_iter().partition(Record::is_alive);
    if living.is_empty() {
        return Err(match deleted.first() {
            Some(record) => contact::was_deleted(&store, record),
            None => not_found(context, &store, &sources, &args.query)?,
        });
    }
    for record in &living {
        contact::show(context, &store, &catalog, &sources, record)?;
    }
    Ok(Exit::Done)
}

/// Why nothing was found: a row may have carried the reference and not landed.
fn not_found(context: &Context, store: &Store, sources: &[Source], query: &str) -> Result<CliError, CliError> {
    for source in sources {
        let Some(last) = store.last_row_of(source.id, trim(query))? else { continue };
        let (run, row, outcome) = (last.run, last.row, last.outcome.as_str());
        let message = format!(
            "There is no contact with the reference {query:?}: row {row} of run {run} carried it, and was {outcome}"
        );
        let next = format!("`landfall run rows {run} --after {} --limit 1` says why", row - 1);
        return Ok(CliError::new("not_found", message, next));
    }
    let doubts = not_fetched(context, store)?;
    let mut next = "check the spelling; `landfall runs` shows what was imported".to_owned();
    for doubt in doubts {
        next.push_str(&format!("; {}", doubt.trim_end_matches('.')));
    }
    Ok(CliError::not_found(format!("contact with the reference, Contact ID, email, phone or name {query:?}"), next))
}

/// The sources that have not brought everything: paused ones, those that wait for a person, and those whose file did not
/// come (R99–R102, R368).
fn not_fetched(context: &Context, store: &Store) -> Result<Vec<String>, CliError> {
    let last_runs = store.last_runs()?;
    let mut told = Vec::new();
    for source in store.sources()? {
        let standing = standing::of(store, &source, context.now_ms())?;
        let last = last_runs.iter().find(|run| run.source == source.id);
        let looked = standing::last_look(store, &source)?;
        let facts = SourceFacts::of(&source, last).with_contract(standing.as_ref()).with_look(looked.as_ref());
        let health = Health::of(&facts);
        let is_held_up = source.paused.is_some()
            || source.blocked.is_some()
            || facts.failed_look().is_some()
            || health.status.is_of_contract();
        if let Some(reason) = health.reason.filter(|_| is_held_up) {
            told.push(format!(
                "source {:?} ({}): {} {}",
                source.name,
                health.status.label(),
                reason.message,
                reason.means
            ));
        }
    }
    Ok(told)
}
