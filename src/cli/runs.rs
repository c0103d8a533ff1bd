//! `landfall runs`: recent runs, newest first.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use super::format::{count, when};
use super::output::Style;
use super::table::Table;
use super::{json, run_view};
use crate::domain::id::RunId;
use crate::domain::run::RunStatus;
use crate::store::{RunFilter, Source, Store};
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// List runs, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall runs --source crm --status needs_attention --limit 10")]
pub struct Args {
    /// Only runs of this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Only runs that stand like this
    #[arg(long, value_name = "STATUS",
          value_parser = PossibleValuesParser::new(RunStatus::ALL.iter().map(|status| status.as_str()))
              .try_map(|name| RunStatus::parse(&name).ok_or("it takes a status")))]
    status: Option<RunStatus>,
    #[command(flatten)]
    list: ListFlags,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let store = context.store()?;
    let source = args.source.as_deref().map(|name| source_named(&store, name)).transpose()?;
    let after = args.list.after.as_deref().map(|after| after.parse().map(RunId));
    let after = after.transpose().map_err(|_| CliError::usage("--after takes the number of a run", "such as 12"))?;
    let which =
        RunFilter { source: source.map(|source| source.id), status: args.status, after, limit: args.list.limit };
    let runs = store.runs(&which)?;
    if context.out.json {
        let catalog = store.catalog()?;
        runs.iter().try_for_each(|run| context.out.json(&json::run(run, &catalog)))?;
        return Ok(Exit::Done);
    }
    if runs.is_empty() {
        context.out.say("No runs. `landfall import FILE` makes one.");
        return Ok(Exit::Done);
    }
    let now_ms = context.now_ms();
    let mut table = Table::new(&[
        "#Run",
        "Status",
        "Kind",
        "Source",
        "File",
        "#Created",
        "#Updated",
        "#Unchanged",
        "#Skipped",
        "#Failed",
        "When",
    ]);
    for run in &runs {
        let plain = |text: String| (Style::Plain, text);
        let number = |number: u64| if number == 0 { (Style::Dim, "0".to_owned()) } else { plain(count(number)) };
        let counts = &run.counts;
        table.row(vec![
            plain(run.id.to_string()),
            run_view::status(run),
            plain(run.kind.as_str().to_owned()),
            plain(run.source_name.clone()),
            plain(run.delivery_name.clone()),
            number(counts.created),
            number(counts.updated),
            number(counts.unchanged),
            number(counts.skipped),
            number(counts.failed),
            plain(when(run.started_ms.unwrap_or(run.created_ms), now_ms)),
        ]);
    }
    table.show(&context.out)?;
    Ok(Exit::Done)
}

/// The source of this name; a removed one too, since its runs and contacts are still here.
pub fn source_named(store: &Store, name: &str) -> Result<Source, CliError> {
    if let Some(source) = store.source_by_name(name)? {
        return Ok(source);
    }
    if let Some(source) = store.removed_source(name)? {
        return Ok(source);
    }
    let names: Vec<String> = store.sources()?.into_iter().map(|source| source.name).collect();
    let next =
        if names.is_empty() { "an import makes one".to_owned() } else { format!("there are: {}", names.join(", ")) };
    Err(CliError::not_found(format!("source {name}"), next))
}
