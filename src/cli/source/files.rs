//! `landfall source files`: what lies where a source's files come from, and what became of each (R352, R353).

use super::named;
use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::flags::ListFlags;
use crate::cli::format::{count, rfc3339, when};
use crate::cli::output::Style;
use crate::cli::pickup::{of, tell_troubles, with_means};
use crate::cli::signals::Stop;
use crate::cli::table::Table;
use crate::domain::run::RunKind;
use crate::domain::source::{FileTold, FileWord, PickupCause};
use crate::worker::error::Refusal;
use crate::worker::pickup::{Extent, Wanted, pick_up};
use serde_json::json;

#[derive(Debug, clap::Args)]
pub struct Files {
    /// The source's name
    name: String,
    /// Look there now; without it, what the last look found
    #[arg(long)]
    refresh: bool,
    /// Those that are no longer there, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    list: ListFlags,
}

pub fn run(args: &Files, context: &Context) -> Result<Exit, CliError> {
    let mut store = if args.refresh { context.store_to_change("Looking for files")? } else { context.store()? };
    let source = named(&store, &args.name)?;
    if source.connection.is_none() {
        let next = "its imports read the file that they name";
        return Err(CliError::new("no_connection", format!("{:?} brings no files itself", source.name), next));
    }
    if args.refresh {
        let stop = Stop::on_signal()?;
        let wanted = Wanted { cause: PickupCause::Person, extent: Extent::Look, kind: RunKind::Import, dues: None };
        let report = with_means(context, &stop, |means| pick_up(&mut store, source.id, &wanted, means))?;
        let report = report.ok_or_else(|| {
            let message = "Another process is just looking for the files of this source.";
            CliError::from(Refusal::new("source_busy", message, "Wait until it has finished, then try again."))
        })?;
        tell_troubles(context, &report.troubles);
        if let Some(fault) = report.fault {
            return Err(of(fault));
        }
    }
    let all = store.found_files(source.id)?;
    let files = all.iter().filter(|file| args.all || file.is_there).collect::<Vec<_>>();
    let files = args.list.part(files, |file| file.identity.name.clone());
    let mut table = Table::new(&["State", "File", "Bytes", "Changed", "Run", "Why"]);
    for file in files {
        let told = FileTold::of(file, &all);
        if context.out.json {
            context.out.json(&json!({
                "name": file.identity.name,
                "size": file.identity.size,
                "modified": rfc3339(file.identity.modified_ms),
                "state": told.word.as_str(),
                "why": told.why,
                "run": told.run.map(|run| run.0),
                "delivery": told.delivery.map(|delivery| delivery.0),
                "there": file.is_there,
            }))?;
            continue;
        }
        let style = match told.word {
            FileWord::Held | FileWord::Refused => Style::Warn,
            FileWord::New | FileWord::Changed => Style::Good,
            FileWord::Ignored | FileWord::Identical => Style::Dim,
            FileWord::Settling | FileWord::Landed | FileWord::Imported => Style::Plain,
        };
        table.row(vec![
            (style, told.word.as_str().to_owned()),
            (Style::Plain, file.identity.name.clone()),
            (Style::Plain, count(file.identity.size)),
            (Style::Plain, when(file.identity.modified_ms, context.now_ms())),
            (Style::Plain, told.run.map(|run| run.to_string()).unwrap_or_default()),
            (Style::Dim, told.why.unwrap_or_default()),
        ]);
    }
    if context.out.json {
        return Ok(Exit::Done);
    }
    if table.is_empty() {
        let next = if args.refresh { "No files lie there." } else { "No look has found any; --refresh looks now." };
        context.out.say(next);
        return Ok(Exit::Done);
    }
    table.show(&context.out)?;
    Ok(Exit::Done)
}
