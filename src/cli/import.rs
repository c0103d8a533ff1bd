//! `landfall import`: land a file, run it, show progress, then the result.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::TuningFlags;
use super::output::{Line, Style};
use super::runs::source_named;
use super::signals::Stop;
use super::source_flags::SourceFlags;
use super::{follow, format, pickup};
use crate::domain::run::RunKind;
use crate::domain::source::{Source, SourceOptions};
use crate::store::Store;
use crate::worker;
use crate::worker::execute::threads;
use crate::worker::prepare::{self, FILE, Prepared};
use crate::worker::queue::Turn;
use crate::worker::request::ImportRequest;
use std::path::PathBuf;

/// Import a CSV file: every record gets an outcome
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  landfall import contacts.csv --source crm --map \"Kunden-Nr.=source_ref\" --yes\n  landfall import --from crm --yes"
)]
pub struct Args {
    /// The file: .csv, .csv.gz, or .zip with one CSV inside
    #[arg(required_unless_present = "from", conflicts_with = "from")]
    pub path: Option<PathBuf>,
    /// Import what this source names, as it says; other flags overrule it
    #[arg(long, value_name = "SOURCE")]
    pub from: Option<String>,
    /// With --from: this file, in the place of the one that the source names or of all new ones (repeatable)
    #[arg(long, value_name = "NAME", requires = "from")]
    pub file: Vec<PathBuf>,
    /// Where the records come from [default: named after the file]
    #[arg(long, value_name = "NAME", conflicts_with = "from")]
    pub source: Option<String>,
    /// Make this source although its name is close to that of another one
    #[arg(long)]
    pub new_source: bool,
    #[command(flatten)]
    pub options: SourceFlags,
    /// Import the same file a second time although nothing identifies some of its rows
    #[arg(long)]
    pub again: bool,
    /// Say what would happen to every row, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Only the first N records of the file
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub sample: Option<u64>,
    /// Start the import and come back at once; it goes on by itself
    #[arg(long)]
    pub detach: bool,
    /// Do not wait while another process works on the workspace
    #[arg(long)]
    pub no_wait: bool,
    /// Accept the disclaimer: you may import these contacts, and have looked at the mapping
    #[arg(long, short)]
    pub yes: bool,
    #[command(flatten)]
    pub tuning: TuningFlags,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    context.may_change(if args.dry_run { "A dry run" } else { "An import" })?;
    let mut store = context.store()?;
    let brings = args.from.as_deref().map(|name| from(&store, name)).transpose()?;
    if args.no_wait && !args.dry_run && Turn::take(&mut store, context.now_ms())?.is_none() {
        let next = "wait until it has finished; without --no-wait an import waits for its turn".to_owned();
        return Err(CliError { next, ..follow::locked(&store) });
    }
    if let Some(source) = brings.filter(|source| source.connection.is_some()) {
        return import_found(&args, source, &mut store, context);
    }
    let mut worst = Exit::Done;
    for request in requests(&args, &store, context)? {
        worst = worst.max(import(&args, &request, &mut store, context)?);
    }
    Ok(worst)
}

/// Imports one file.
fn import(args: &Args, request: &ImportRequest, store: &mut Store, context: &Context) -> Result<Exit, CliError> {
    let prepared = prepare::prepare(store, request, threads())?;
    for remark in &prepared.remarks {
        context.out.say(Line::styled(Style::Dim, remark));
    }
    for reason in &prepared.plan.attention {
        context.out.say(Line::styled(Style::Warn, "attention: ").with(Style::Plain, reason));
    }
    if let Some(run) = prepared.resumes {
        context.out.say(format!("Run {run} of this file has begun and not ended: it goes on where it stopped."));
    } else if !args.dry_run
        && !args.yes
        && let Err(refused) = accept_disclaimer(context, &prepared)
    {
        prepare::discard(store, &prepared, context.now_ms())?;
        return Err(refused);
    }
    let run = prepare::enqueue(store, &prepared, context.now_ms())?;
    if args.dry_run {
        return follow::dry_run(context, store, run, args.tuning.tuning());
    }
    if args.detach {
        follow::start_worker(context)?;
        return follow::queued(context, store, run);
    }
    follow::run(context, store, run, args.tuning.tuning())
}

/// What the flags ask for: one request a file.
fn requests(args: &Args, store: &Store, context: &Context) -> Result<Vec<ImportRequest>, CliError> {
    let (source, files) = match (&args.from, &args.path) {
        (Some(name), _) => {
            let mut source = from(store, name)?;
            source.options = args.options.over(source.options);
            let named = args.file.iter().cloned().map(Some);
            (Some(source), if args.file.is_empty() { vec![None] } else { named.collect() })
        }
        (None, path) => (None, vec![path.clone()]),
    };
    let request = |file: Option<PathBuf>| {
        let request = match &source {
            Some(source) => ImportRequest::from_source(source, file, context.user())?,
            None => {
                let options = args.options.over(SourceOptions::default());
                ImportRequest::with_options(file.unwrap_or_default(), &options, context.user())?
            }
        };
        Ok(ImportRequest {
            source: request.source.clone().or_else(|| args.source.clone()),
            new_source: args.new_source,
            again: args.again,
            dry_run: args.dry_run,
            sample: args.sample,
            ..request
        })
    };
    files.into_iter().map(request).collect()
}

/// Imports files that a source brings: those that were named, whatever became of them before, or all new ones.
fn import_found(args: &Args, source: Source, store: &mut Store, context: &Context) -> Result<Exit, CliError> {
    if source.paused.is_some() && !args.dry_run {
        let message = format!("Source {:?} is paused: nothing is imported into it", source.name);
        return Err(CliError::new("source_paused", message, format!("`landfall source resume {:?}`", source.name)));
    }
    let stop = Stop::on_signal()?;
    let named: Vec<String> = args.file.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    let names = if named.is_empty() { pickup::new_files(context, store, &stop, &source)? } else { named };
    if names.is_empty() {
        context.out.say(format!("There is nothing new to import from {:?}.", source.name));
    }
    let mut worst = Exit::Done;
    for name in names {
        let brought =
            pickup::with_means(context, &stop, |means| worker::pickup::bring(store, source.id, &name, means))?;
        let missing =
            || CliError::not_found(format!("delivery {brought}"), "see what there is with `landfall source files`");
        let delivery = store.delivery(brought)?.ok_or_else(missing)?;
        let source = Source { options: args.options.over(source.options.clone()), ..source.clone() };
        let request = ImportRequest::of_delivery(&source, &delivery, RunKind::Import, context.user())?;
        let request = ImportRequest { again: args.again, dry_run: args.dry_run, sample: args.sample, ..request };
        worst = worst.max(import(args, &request, store, context)?);
        pickup::put_away_of(context, store, &stop, source.id)?;
    }
    Ok(worst)
}

/// The source of this name, which imports files.
fn from(store: &Store, name: &str) -> Result<Source, CliError> {
    let source = source_named(store, name)?;
    if source.removed_ms.is_some() {
        let next = format!("bring it back with `landfall source add file {name:?}`");
        return Err(CliError::not_found(format!("source {name}: it was removed"), next));
    }
    if source.kind != FILE && source.connection.is_none() {
        let message = format!("Source {name:?} does not say where its files lie");
        return Err(CliError::new("source_kind", message, "say so with `landfall source edit`"));
    }
    Ok(source)
}

/// What must be accepted before anything is written (R217, R264).
const DISCLAIMER: &str = "Updates of existing contacts cannot be taken back by hand, and imported contacts can receive messages. You confirm that you may hold this data and that you looked at the mapping.";

/// Asks on a terminal; elsewhere `--yes` is needed.
fn accept_disclaimer(context: &Context, prepared: &Prepared) -> Result<(), CliError> {
    let refused = |message: &str| {
        CliError::new(
            "disclaimer",
            message,
            "take --yes if you accept the disclaimer; --dry-run shows what would happen",
        )
    };
    if !context.is_interactive() {
        return Err(refused(&format!("Nothing was imported: the disclaimer was not accepted. {DISCLAIMER}")));
    }
    context.out.insist(format!(
        "{} of {} into source {:?}, mode {}:",
        format::counted(prepared.plan.rows_expected, "row", "rows"),
        prepared.file_name,
        prepared.source.name(),
        prepared.plan.mode.as_str()
    ));
    for column in &prepared.plan.mapping.columns {
        let keys: Vec<&str> = column.targets().collect();
        let target = match column.leave_out {
            _ if !keys.is_empty() => format!("-> {}", keys.join(", ")),
            true => "left out on purpose".to_owned(),
            false => "not imported".to_owned(),
        };
        context.out.insist(format!("  {}  {target}", column.header));
    }
    for constant in &prepared.plan.mapping.constants {
        context.out.insist(format!("  every row  {:?} -> {}", constant.value, constant.field));
    }
    context.out.insist(DISCLAIMER);
    context.out.ask("Type yes to start: ");
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| CliError::file(std::path::Path::new("standard input"), &error))?;
    if answer.trim().eq_ignore_ascii_case("yes") {
        Ok(())
    } else {
        Err(refused("Nothing was imported: the answer was not yes."))
    }
}
