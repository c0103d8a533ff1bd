//! `landfall lookup`: imported contacts by whatever one has of them.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use super::runs::source_named;
use super::{contact, run_view};
use crate::domain::record::Record;
use crate::domain::values::clean::trim;
use crate::store::{Narrow, Source, Store};
use crate::worker::find::search;

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
            None => not_found(&store, &sources, &args.query)?,
        });
    }
    for record in &living {
        contact::show(context, &store, &catalog, &sources, record)?;
    }
    Ok(Exit::Done)
}

/// Why nothing was found: a row may have carried the reference and not landed.
fn not_found(store: &Store, sources: &[Source], query: &str) -> Result<CliError, CliError> {
    for source in sources {
        let Some(last) = store.last_row_of(source.id, trim(query))? else { continue };
        let (run, row, outcome) = (last.run, last.row, last.outcome.as_str());
        let message = format!(
            "There is no contact with the reference {query:?}: row {row} of run {run} carried it, and was {outcome}"
        );
        let next = format!("`landfall run rows {run} --after {} --limit 1` says why", row - 1);
        return Ok(CliError::new("not_found", message, next));
    }
    Ok(CliError::not_found(
        format!("contact with the reference, Contact ID, email, phone or name {query:?}"),
        "check the spelling; `landfall runs` shows what was imported",
    ))
}
