//! `landfall source`: where records come from, what people know about it, and how its imports are done.

mod add;
mod asked;
mod connection_flags;
mod contract_flags;
mod files;
mod handover;
mod show;
mod test;

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use super::follow;
use super::format::counted;
use super::output::{Line, Style};
use crate::domain::id::SourceId;
use crate::domain::source::{Source, name_doubts};
use crate::store::{RunFilter, Store};
use crate::worker::queue;
use clap::Subcommand;
use std::path::Path;

/// Add, show, edit, test, pause and remove sources, and list the files that they bring
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  landfall source add file \"Trade fair 2026\" fair.csv --country DE\n  landfall source list"
)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add a source; one that was removed comes back with its references
    #[command(
        after_help = "Example:\n  landfall source add file \"Trade fair 2026\" fair.csv --country DE --tag fair\n  \
landfall source add dir erp /srv/erp --pattern \"contacts_{YYYY}-{MM}-{DD}*.csv\" --cadence \"0 6 * * 1-5\" --schedule \"*/15 6-9 * * 1-5\"\n  \
landfall source add sftp crm --host sftp.example.com --user acme --directory outbox --owner \"Dana (ERP team)\""
    )]
    Add(Box<add::Add>),
    /// List the sources
    #[command(after_help = "Example:\n  landfall source list")]
    List {
        #[command(flatten)]
        list: ListFlags,
    },
    /// Show a source: how it stands and why, and how its imports are done
    #[command(after_help = "Example:\n  landfall source show crm")]
    Show {
        /// The source's name
        name: String,
        /// Show a drop's connection and upload command unmasked
        #[arg(long)]
        reveal: bool,
    },
    /// Change what is said about a source and how its imports are done
    #[command(after_help = "Example:\n  landfall source edit crm --owner \"Bo at Globex\" --country DE")]
    Edit(Box<add::Edit>),
    /// Give a source another name; its mapping, runs and references stay with it
    #[command(after_help = "Example:\n  landfall source rename crm \"HubSpot EMEA\"")]
    Rename {
        /// The source's name
        name: String,
        /// Its new name
        new: String,
    },
    /// Pause a source: nothing is imported into it until it is resumed
    #[command(after_help = "Example:\n  landfall source pause crm")]
    Pause {
        /// The source's name
        name: String,
    },
    /// Resume a paused source
    #[command(after_help = "Example:\n  landfall source resume crm")]
    Resume {
        /// The source's name
        name: String,
    },
    /// List the files that a source brings, with what became of each
    #[command(after_help = "Example:\n  landfall source files crm --refresh")]
    Files(files::Files),
    /// Check a source step by step, from its host to its last run; stop at the first step that fails
    #[command(after_help = "Example:\n  landfall source test crm")]
    Test {
        /// The source's name
        name: String,
    },
    /// Try a source that waits for somebody, and let it run again when it is reached
    #[command(after_help = "Example:\n  landfall source reconnect crm\n  landfall source reconnect crm --key agent")]
    Reconnect(Box<test::Reconnect>),
    /// Remove a source from the lists; its contacts, runs and references stay
    #[command(after_help = "Example:\n  landfall source remove crm --yes")]
    Remove {
        /// The source's name
        name: String,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    match args.verb {
        Verb::Add(args) => add::add(&args, context)?,
        Verb::List { list } => show::list(&list, context)?,
        Verb::Show { name, reveal } => {
            let store = context.store()?;
            show::show(&named(&store, &name)?, &store, reveal, context)?;
        }
        Verb::Edit(args) => add::edit(&args, context)?,
        Verb::Rename { name, new } => rename(&name, &new, context)?,
        Verb::Pause { name } => {
            let mut store = context.store_to_change("Pausing a source")?;
            let source = named(&store, &name)?;
            store.pause_source(source.id, &context.user(), context.now_ms())?;
            context.out.say(format!("Nothing is imported into {name:?} until `landfall source resume {name:?}`."));
            answer(source.id, &store, false, context)?;
        }
        Verb::Resume { name } => {
            let mut store = context.store_to_change("Resuming a source")?;
            let source = named(&store, &name)?;
            store.resume_source(source.id)?;
            // What was queued before the pause.
            follow::pass_on(context, &store, None)?;
            answer(source.id, &store, false, context)?;
        }
        Verb::Files(args) => return files::run(&args, context),
        Verb::Test { name } => return test::test(&name, context),
        Verb::Reconnect(args) => return test::reconnect(&args, context),
        Verb::Remove { name, yes } => remove(&name, yes, context)?,
    }
    Ok(Exit::Done)
}

/// The source of this name that there is.
fn named(store: &Store, name: &str) -> Result<Source, CliError> {
    if let Some(source) = store.source_by_name(name)? {
        return Ok(source);
    }
    let names: Vec<String> = store.sources()?.into_iter().map(|source| source.name).collect();
    let next = match (store.removed_source(name)?.is_some(), names.is_empty()) {
        (true, _) => format!("it was removed; bring it back with `landfall source add file {name:?}`"),
        (false, true) => "an import makes one, or `landfall source add`".to_owned(),
        (false, false) => format!("there are: {}", names.join(", ")),
    };
    Err(CliError::not_found(format!("source {name}"), next))
}

/// Questions a name, aloud; whoever gave it may know better.
fn question(name: &str, but: Option<SourceId>, store: &Store, context: &Context) -> Result<(), CliError> {
    let others = store.sources()?.into_iter().filter(|source| Some(source.id) != but);
    let others: Vec<String> = others.map(|source| source.name).collect();
    if let Some(doubt) = name_doubts(name, others.iter().map(String::as_str)) {
        context.out.say(Line::styled(Style::Warn, doubt.message()).with(Style::Plain, format!(" {}", doubt.action())));
    }
    Ok(())
}

fn usable(name: &str) -> Result<&str, CliError> {
    match name.trim() {
        "" => Err(CliError::usage("A source needs a name", "such as \"HubSpot EMEA\" or \"Trade fair 2026\"")),
        name => Ok(name),
    }
}

fn rename(name: &str, new: &str, context: &Context) -> Result<(), CliError> {
    let mut store = context.store_to_change("Renaming a source")?;
    let source = named(&store, name)?;
    let new = usable(new)?;
    question(new, Some(source.id), &store, context)?;
    store.rename_source(source.id, new)?;
    answer(source.id, &store, false, context)
}

fn remove(name: &str, yes: bool, context: &Context) -> Result<(), CliError> {
    let mut store = context.store_to_change("Removing a source")?;
    let source = named(&store, name)?;
    let runs = store.run_lines(&RunFilter { source: Some(source.id), ..RunFilter::default() })?;
    if let Some(run) = queue::unfinished_of(&store, source.id)? {
        let message = format!("Run {} into {name:?} is {} and has not ended", run.id, run.status.as_str());
        let next = format!("wait for its end, or give it up with `landfall run cancel {}`", run.id);
        return Err(CliError::new("run_unfinished", message, next));
    }
    let kept = counted(runs.len() as u64, "run", "runs");
    if !yes && context.is_interactive() {
        context.out.ask(&format!(
            "Remove source {name:?}? Its contacts, their references and its {kept} stay. Type yes to remove it: "
        ));
        let mut typed = String::new();
        let read = std::io::stdin().read_line(&mut typed);
        read.map_err(|error| CliError::file(Path::new("standard input"), &error))?;
        if !typed.trim().eq_ignore_ascii_case("yes") {
            return Err(CliError::new("not_confirmed", "Nothing was removed: the answer was not yes", "take --yes"));
        }
    }
    store.remove_source(source.id, context.now_ms())?;
    context.out.say(format!("Removed {name:?}. Its contacts, their references and its {kept} stay; add a source of this name to have it back."));
    if context.out.json { answer(source.id, &store, false, context) } else { Ok(()) }
}

/// How a source is now.
fn answer(id: SourceId, store: &Store, reveal: bool, context: &Context) -> Result<(), CliError> {
    let missing = || CliError::not_found(format!("source {id}"), "somebody removed it meanwhile");
    show::show(&store.source(id)?.ok_or_else(missing)?, store, reveal, context)
}
