//! `landfall source add` and `source edit`.

use super::connection_flags::{ConnectionFlags, absolute};
use super::contract_flags::ContractFlags;
use super::{answer, handover, named, question, usable};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output::{Line, Style};
use crate::cli::source_flags::SourceFlags;
use crate::domain::filter::Filter;
use crate::domain::id::SourceId;
use crate::domain::source::{Source, SourceEdit, SourceMode, SourceOptions};
use crate::store::{AddedSource, NewSource, Store, StoreError};
use crate::worker::error::WorkerError;
use crate::worker::prepare::FILE;
use crate::worker::setup::{self, Made, Setup, Wanted};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Add {
    /// What kind of source it is: file, dir, sftp or drop
    #[arg(value_name = "KIND", value_parser = [FILE, "dir", "sftp", "drop"], hide_possible_values = true)]
    kind: String,
    /// A name that people will know later where the records came from
    name: String,
    /// The file that its imports read, or the directory with the files
    #[arg(value_name = "FILE|DIRECTORY")]
    place: Option<PathBuf>,
    /// Show a drop's connection and upload command unmasked
    #[arg(long)]
    reveal: bool,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    options: SourceFlags,
    #[command(flatten)]
    connection: ConnectionFlags,
    #[command(flatten)]
    contract: ContractFlags,
}

#[derive(Debug, clap::Args)]
pub struct Edit {
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
    #[command(flatten)]
    connection: ConnectionFlags,
    #[command(flatten)]
    contract: ContractFlags,
}

/// The flags of a connection that is there.
#[derive(Debug, clap::Args)]
pub struct ConnectionEdit {
    #[command(flatten)]
    flags: ConnectionFlags,
}

impl ConnectionEdit {
    pub fn is_given(&self) -> bool {
        self.flags.is_given()
    }

    /// Changes the connection of a source as the flags say.
    pub fn apply(&self, store: &mut Store, source: &Source, context: &Context) -> Result<(), CliError> {
        let Some(connection) = source.connection.as_ref().filter(|_| self.is_given()) else { return Ok(()) };
        let wanted = self.flags.over(Wanted::of(connection), &source.name, context)?;
        let made = setup::connection(store.dir(), source.id, &source.name, wanted)?;
        let edit = SourceEdit { connection: Some(made.connection.clone()), ..SourceEdit::default() };
        store.edit_source(source.id, &edit, &context.user(), context.now_ms())?;
        say_keys(&made, context);
        Ok(())
    }
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

pub fn add(args: &Add, context: &Context) -> Result<(), CliError> {
    let mut store = context.store_to_change("Adding a source")?;
    let name = usable(&args.name)?;
    question(name, None, &store, context)?;
    let options = args.options.over(SourceOptions::default());
    filters_are_known(&options, &store)?;
    let options =
        (options != SourceOptions::default()).then(|| SourceOptions { set_by: Some(context.user()), ..options });
    let edit = SourceEdit { options, ..args.said.edit() };
    let (added, made) = match args.kind.as_str() {
        FILE => (add_file(args, name, edit, &mut store, context)?, None),
        kind => {
            let connection = args.connection.new_connection(kind, args.place.as_deref(), name, context)?;
            let zone = store.settings()?.default_timezone;
            let edit = args.contract.over(None, None, zone, edit)?;
            // Where files come by themselves, more are expected.
            let mode = args.said.expect.unwrap_or(SourceMode::Ongoing);
            let setup = Setup { name, mode, connection, edit };
            let (added, made) = setup::add(&mut store, setup, &context.user(), context.now_ms())?;
            (added, Some(made))
        }
    };
    if let AddedSource::BroughtBack(_) = added {
        context.out.say(format!("{name:?} was removed once: it is back, with its references, mapping and runs."));
    }
    answer(added.id(), &store, args.reveal, context)?;
    let do_next = match made {
        None => format!("landfall import --from {name:?}"),
        Some(made) => {
            hand_over(added.id(), &made, args.reveal, &mut store, context)?;
            format!("landfall source test {name:?}")
        }
    };
    context.out.say(Line::styled(Style::Dim, "do: ").with(Style::Plain, do_next));
    Ok(())
}

fn add_file(
    args: &Add,
    name: &str,
    edit: SourceEdit,
    store: &mut Store,
    context: &Context,
) -> Result<AddedSource, CliError> {
    if args.connection.is_given() || args.contract.is_given() {
        return Err(no_connection("source add dir, sftp or drop"));
    }
    let location = args.place.as_deref().map(absolute).transpose()?;
    if let Some(path) = args.place.as_deref().filter(|path| !path.is_file()) {
        context.out.say(format!("There is no file {} yet; an import will look for it there.", path.display()));
    }
    let mode = args.said.expect.unwrap_or(SourceMode::OneTime);
    let new = NewSource { name, kind: FILE, provider: None, mode, created_ms: context.now_ms() };
    let (user, now_ms) = (context.user(), context.now_ms());
    let added = store.atomically(|store| {
        let added = store.add_source(&new)?;
        store.edit_source(added.id(), &SourceEdit { location: location.map(Some), ..edit }, &user, now_ms)?;
        Ok::<_, StoreError>(added)
    })?;
    Ok(added)
}

fn no_connection(next: &str) -> CliError {
    CliError::usage("A file that somebody names has no connection, contract or schedule", next)
}

/// Refuses conditions that no run could apply: every file would be held for them.
fn filters_are_known(options: &SourceOptions, store: &Store) -> Result<(), CliError> {
    let catalog = store.catalog()?;
    for filter in &options.filters {
        Filter::parse(filter, &catalog, options.country.as_deref()).map_err(WorkerError::from)?;
    }
    Ok(())
}

pub fn edit(args: &Edit, context: &Context) -> Result<(), CliError> {
    let mut store = context.store_to_change("Editing a source")?;
    let source = named(&store, &args.name)?;
    let before = if args.defaults { SourceOptions::default() } else { source.options.clone() };
    let options = args.options.over(before);
    filters_are_known(&options, &store)?;
    let options = (options != source.options).then(|| SourceOptions { set_by: Some(context.user()), ..options });
    let location = args.location.as_deref().map(absolute).transpose()?.map(Some);
    let mut edit = SourceEdit { location, options, ..args.said.edit() };
    let mut made = None;
    match &source.connection {
        None if args.connection.is_given() || args.contract.is_given() => {
            return Err(no_connection("add a source of kind dir, sftp or drop for it"));
        }
        None => {}
        Some(connection) => {
            let zone = store.settings()?.default_timezone;
            edit = args.contract.over(source.contract.as_ref(), source.schedule.as_ref(), zone, edit)?;
            if args.connection.is_given() {
                let wanted = args.connection.over(Wanted::of(connection), &source.name, context)?;
                let now = setup::connection(store.dir(), source.id, &source.name, wanted)?;
                edit.connection = Some(now.connection.clone());
                made = Some(now);
            }
        }
    }
    let filters_changed = edit
        .options
        .as_ref()
        .is_some_and(|now| (&now.filters, now.since) != (&source.options.filters, source.options.since));
    store.edit_source(source.id, &edit, &context.user(), context.now_ms())?;
    if filters_changed && source.last_ran_ms.is_some() {
        // R84.
        context.out.say(format!(
            "Records that an earlier filter left out are not reconsidered; `landfall backfill {:?} --since DATE` brings them.",
            source.name
        ));
    }
    answer(source.id, &store, false, context)?;
    if let Some(made) = made {
        hand_over(source.id, &made, false, &mut store, context)?;
    }
    Ok(())
}

/// Says what others need, and on a terminal has the host's key accepted.
fn hand_over(id: SourceId, made: &Made, reveal: bool, store: &mut Store, context: &Context) -> Result<(), CliError> {
    say_keys(made, context);
    handover::say(&made.connection, reveal, context)?;
    handover::accept_host_key(id, store, context)
}

/// Says which keys were made, and to whom they go.
fn say_keys(made: &Made, context: &Context) {
    if let Some(line) = &made.own_public_key {
        context.out.say("Landfall's public key for this source, for whoever runs the server to allow:");
        context.out.say(format!("  {line}"));
    }
    if let Some(path) = &made.upstream_private_key {
        context.out.insist(format!(
            "The upstream's private key lies in {}: hand it over on a safe way, then remove the file from here. It is not made again.",
            path.display()
        ));
    }
}
