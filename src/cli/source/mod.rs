//! `landfall source`: where records come from, what people know about it, and how its imports are done.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use super::format::{counted, when};
use super::output::{Line, Style};
use super::source_flags::SourceFlags;
use super::table::Table;
use super::{follow, json};
use crate::domain::id::SourceId;
use crate::domain::run::RunLine;
use crate::domain::source::{
    Health, Source, SourceEdit, SourceFacts, SourceMode, SourceOptions, SourceStatus, name_doubts,
};
use crate::store::{AddedSource, NewSource, RunFilter, Store, StoreError};
use crate::worker::prepare::FILE;
use crate::worker::queue;
use clap::Subcommand;
use std::path::{Path, PathBuf};

/// Add, list, show, edit, rename, pause, resume and remove sources
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
    #[command(after_help = "Example:\n  landfall source add file \"Trade fair 2026\" fair.csv --country DE --tag fair")]
    Add(Box<Add>),
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
    },
    /// Change what is said about a source and how its imports are done
    #[command(after_help = "Example:\n  landfall source edit crm --owner \"Bo at Globex\" --country DE")]
    Edit(Box<Edit>),
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

#[derive(Debug, clap::Args)]
struct Add {
    /// What kind of source it is
    #[arg(value_name = "KIND", value_parser = [FILE])]
    kind: String,
    /// A name that people will know later where the records came from
    name: String,
    /// The file that its imports read
    file: Option<PathBuf>,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    options: SourceFlags,
}

#[derive(Debug, clap::Args)]
struct Edit {
    /// The source's name
    name: String,
    /// The file that its imports read
    #[arg(long, value_name = "FILE")]
    location: Option<PathBuf>,
    #[command(flatten)]
    said: Said,
    /// Begin from the defaults instead of from how its imports are done now
    #[arg(long)]
    defaults: bool,
    #[command(flatten)]
    options: SourceFlags,
}

/// What people say about a source; an empty text takes it back.
#[derive(Debug, Default, clap::Args)]
struct Said {
    /// Whether more is expected of it: one_time or ongoing
    #[arg(long = "expect", value_name = "MODE", value_parser = source_mode)]
    expect: Option<SourceMode>,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    purpose: Option<String>,
    /// Who answers for what arrives
    #[arg(long, value_name = "TEXT")]
    owner: Option<String>,
    /// Anything else worth knowing
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
}

fn source_mode(text: &str) -> Result<SourceMode, String> {
    SourceMode::parse(text).ok_or_else(|| "it takes one_time or ongoing".to_owned())
}

impl Said {
    fn edit(&self) -> SourceEdit {
        let said = |text: &Option<String>| text.as_ref().map(|text| Some(text.clone()).filter(|text| !text.is_empty()));
        SourceEdit {
            mode: self.expect,
            purpose: said(&self.purpose),
            owner: said(&self.owner),
            notes: said(&self.notes),
            ..SourceEdit::default()
        }
    }
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    match args.verb {
        Verb::Add(args) => add(&args, context)?,
        Verb::List { list } => show_list(&list, context)?,
        Verb::Show { name } => {
            let store = context.store()?;
            show(&named(&store, &name)?, &store, context)?;
        }
        Verb::Edit(args) => edit(&args, context)?,
        Verb::Rename { name, new } => rename(&name, &new, context)?,
        Verb::Pause { name } => {
            let mut store = context.store_to_change("Pausing a source")?;
            let source = named(&store, &name)?;
            store.pause_source(source.id, &context.user(), context.now_ms())?;
            context.out.say(format!("Nothing is imported into {name:?} until `landfall source resume {name:?}`."));
            answer(source.id, &store, context)?;
        }
        Verb::Resume { name } => {
            let mut store = context.store_to_change("Resuming a source")?;
            let source = named(&store, &name)?;
            store.resume_source(source.id)?;
            // What was queued before the pause.
            follow::pass_on(context, &store, None)?;
            answer(source.id, &store, context)?;
        }
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

/// A file as it stays right when commands are given elsewhere.
fn location(file: &Path) -> Result<String, CliError> {
    let path = std::path::absolute(file).map_err(|error| CliError::file(file, &error))?;
    let refused = |path: std::ffi::OsString| {
        CliError::usage(format!("{} is no UTF-8", path.display()), "rename the file or its directory")
    };
    path.into_os_string().into_string().map_err(refused)
}

fn add(args: &Add, context: &Context) -> Result<(), CliError> {
    let mut store = context.store_to_change("Adding a source")?;
    let name = usable(&args.name)?;
    question(name, None, &store, context)?;
    let location = args.file.as_deref().map(location).transpose()?;
    if let Some(path) = args.file.as_deref().filter(|path| !path.is_file()) {
        context.out.say(format!("There is no file {} yet; an import will look for it there.", path.display()));
    }
    let new = NewSource {
        name,
        kind: &args.kind,
        provider: None,
        mode: args.said.expect.unwrap_or(SourceMode::OneTime),
        created_ms: context.now_ms(),
    };
    let added = store.atomically(|store| {
        let added = store.add_source(&new)?;
        let options = args.options.over(SourceOptions::default());
        let options =
            (options != SourceOptions::default()).then(|| SourceOptions { set_by: Some(context.user()), ..options });
        let location = location.map(Some);
        let edit = SourceEdit { location, options, ..args.said.edit() };
        store.edit_source(added.id(), &edit, &context.user(), new.created_ms)?;
        Ok::<_, StoreError>(added)
    })?;
    if let AddedSource::BroughtBack(_) = added {
        context.out.say(format!("{name:?} was removed once: it is back, with its references, mapping and runs."));
    }
    answer(added.id(), &store, context)?;
    context.out.say(Line::styled(Style::Dim, "do: ").with(Style::Plain, format!("landfall import --from {name:?}")));
    Ok(())
}

fn edit(args: &Edit, context: &Context) -> Result<(), CliError> {
    let mut store = context.store_to_change("Editing a source")?;
    let source = named(&store, &args.name)?;
    let before = if args.defaults { SourceOptions::default() } else { source.options.clone() };
    let options = args.options.over(before);
    let options = (options != source.options).then(|| SourceOptions { set_by: Some(context.user()), ..options });
    let location = args.location.as_deref().map(location).transpose()?.map(Some);
    let edit = SourceEdit { location, options, ..args.said.edit() };
    store.edit_source(source.id, &edit, &context.user(), context.now_ms())?;
    answer(source.id, &store, context)
}

fn rename(name: &str, new: &str, context: &Context) -> Result<(), CliError> {
    let mut store = context.store_to_change("Renaming a source")?;
    let source = named(&store, name)?;
    let new = usable(new)?;
    question(new, Some(source.id), &store, context)?;
    store.rename_source(source.id, new)?;
    answer(source.id, &store, context)
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
    if context.out.json { answer(source.id, &store, context) } else { Ok(()) }
}

/// How a source is now.
fn answer(id: SourceId, store: &Store, context: &Context) -> Result<(), CliError> {
    let missing = || CliError::not_found(format!("source {id}"), "somebody removed it meanwhile");
    show(&store.source(id)?.ok_or_else(missing)?, store, context)
}

fn of<'a>(source: &Source, last_runs: &'a [RunLine]) -> Option<&'a RunLine> {
    last_runs.iter().find(|run| run.source == source.id)
}

fn show_list(list: &ListFlags, context: &Context) -> Result<(), CliError> {
    let store = context.store()?;
    let last_runs = store.last_runs()?;
    let sources = list.part(store.sources()?, |source| source.name.clone());
    if context.out.json {
        return sources.iter().try_for_each(|source| context.out.json(&json::source(source, of(source, &last_runs))));
    }
    if sources.is_empty() {
        context.out.say("No sources. `landfall import FILE` makes one, or `landfall source add file NAME FILE`.");
        return Ok(());
    }
    let mut table = Table::new(&["Status", "Source", "Kind", "Mode", "Last ran", "Last imported", "Mapping"]);
    let at = |time: Option<i64>| time.map_or_else(|| "never".to_owned(), |at| when(at, context.now_ms()));
    for source in &sources {
        let health = Health::of(&SourceFacts::of(source, of(source, &last_runs)));
        let plain = |text: &str| (Style::Plain, text.to_owned());
        let mapping = match (&source.mapping, &source.reviewed) {
            (None, _) => String::new(),
            (Some(_), None) => "not reviewed".to_owned(),
            (Some(_), Some(reviewed)) => format!("reviewed by {}", reviewed.by),
        };
        table.row(vec![
            (style(health.status), health.status.label().to_owned()),
            plain(&source.name),
            plain(&source.kind),
            plain(&source.mode.as_str().replace('_', "-")),
            plain(&at(source.last_ran_ms)),
            plain(&at(source.last_imported_ms)),
            plain(&mapping),
        ]);
    }
    table.show(&context.out)
}

fn style(status: SourceStatus) -> Style {
    match status {
        SourceStatus::Error | SourceStatus::Missing | SourceStatus::Unreadable => Style::Bad,
        SourceStatus::Late
        | SourceStatus::Empty
        | SourceStatus::SchemaChanged
        | SourceStatus::PerhapsUnfinished
        | SourceStatus::Warning => Style::Warn,
        SourceStatus::Active => Style::Good,
        SourceStatus::Paused | SourceStatus::NoData => Style::Dim,
    }
}

fn show(source: &Source, store: &Store, context: &Context) -> Result<(), CliError> {
    let last_runs = store.last_runs()?;
    let last_run = of(source, &last_runs);
    if context.out.json {
        return context.out.json(&json::source(source, last_run));
    }
    let out = &context.out;
    let health = Health::of(&SourceFacts::of(source, last_run));
    out.answer(
        Line::styled(Style::Bold, &source.name)
            .with(Style::Plain, "  ")
            .with(style(health.status), health.status.label()),
    )?;
    if let Some(reason) = &health.reason {
        let since = reason.since_ms.map(|at| format!(" (since {})", when(at, context.now_ms()))).unwrap_or_default();
        out.answer(format!("  {}{since} {}", reason.message, reason.means))?;
        out.answer(Line::styled(Style::Dim, "  do: ").with(Style::Plain, &reason.action))?;
    }
    let at = |time: Option<i64>| time.map_or_else(|| "never".to_owned(), |at| when(at, context.now_ms()));
    let mut table = Table::new(&["", ""]);
    let mut line = |what: &str, text: Option<String>| {
        if let Some(text) = text {
            table.plain([format!("  {what}"), text]);
        }
    };
    line("kind", Some(format!("{}, {}", source.kind, source.mode.as_str().replace('_', "-"))));
    line("file", source.location.clone());
    line("purpose", source.purpose.clone());
    line("owner", source.owner.clone());
    line("notes", source.notes.clone());
    line("last ran", Some(at(source.last_ran_ms)));
    line("last imported", Some(at(source.last_imported_ms)));
    let reviewed =
        source.reviewed.as_ref().map_or_else(|| "not reviewed".to_owned(), |by| format!("reviewed by {}", by.by));
    line("mapping", source.mapping.as_ref().map(|(name, version)| format!("{name}, version {version}, {reviewed}")));
    line("imports", said(&source.options));
    line("again", Some(source.options.reimport().sentence().to_owned()));
    table.show(out)
}

/// The options that are not as they are by themselves, as the flags that say so.
fn said(options: &SourceOptions) -> Option<String> {
    let of = |flag: &str, value: &dyn std::fmt::Display| format!("--{flag} {value}");
    let mut said = Vec::new();
    let default = SourceOptions::default();
    said.extend((options.mode != default.mode).then(|| of("mode", &options.mode.as_str())));
    said.extend(options.mapping.as_ref().map(|it| of("mapping", it)));
    said.extend(
        options
            .map
            .iter()
            .map(|(column, field)| format!("--map {:?}", format!("{column}={}", field.as_deref().unwrap_or("-")))),
    );
    said.extend(options.country.as_ref().map(|it| of("country", it)));
    said.extend(options.timezone.map(|it| of("timezone", &it)));
    said.extend(options.tags.iter().map(|it| format!("--tag {it:?}")));
    said.extend(options.match_on.map(|it| of("match", &it)));
    said.extend(options.day_first.iter().map(|it| format!("--day-first {it:?}")));
    said.extend(options.month_first.iter().map(|it| format!("--month-first {it:?}")));
    said.extend(options.filters.iter().map(|it| format!("--filter {it:?}")));
    said.extend(options.since.map(|it| of("since", &it)));
    said.extend(options.delimiter.map(|it| format!("--delimiter {it:?}")));
    said.extend(options.encoding.as_ref().map(|it| of("encoding", it)));
    said.extend(options.header_row.map(|it| of("header-row", &it)));
    for (flag, set) in [
        ("accept-unmapped", options.accept_unmapped),
        ("clear-empty", options.clear_empty),
        ("allow-duplicates", options.allow_duplicates),
        ("accept-short-rows", options.accept_short_rows),
        ("recreate-deleted", options.recreate_deleted),
    ] {
        said.extend(set.then(|| format!("--{flag}")));
    }
    (!said.is_empty()).then(|| said.join(" "))
}
