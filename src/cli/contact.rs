//! `landfall contact`: one contact, shown or deleted.

use super::context::Context;
use super::error::{CliError, Exit};
use super::format::{count, counted, rfc3339, when};
use super::output::{Line, Style};
use super::table::Table;
use super::{follow, json};
use crate::domain::field::Catalog;
use crate::domain::id::{OwnId, RecordId};
use crate::domain::record::{Record, Stamp};
use crate::domain::values::clean::trim;
use crate::store::{Source, Store};
use crate::worker::forget;
use crate::worker::queue::{self, Turn};
use clap::Subcommand;

/// Show or delete one contact
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall contact show k7q2m9-1042-t")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show one contact
    #[command(after_help = "Example:\n  landfall contact show k7q2m9-1042-t")]
    Show {
        /// The Contact ID
        id: String,
    },
    /// Delete one contact; its ID, references and the date are remembered
    #[command(
        after_help = "Example:\n  landfall contact delete k7q2m9-1042-t\n  landfall contact delete k7q2m9-1042-t --forget"
    )]
    Delete {
        /// The Contact ID
        id: String,
        /// Remove its values from before-images, the ledger and deliveries, too; deliveries with rows of it go as a whole
        #[arg(long)]
        forget: bool,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    match args.verb {
        Verb::Show { id } => {
            let store = context.store()?;
            let record = living(&store, &id)?;
            show(context, &store, &store.catalog()?, &store.sources_ever()?, &record)?;
        }
        Verb::Delete { id, forget: true, yes } => forget(&id, yes, context)?,
        Verb::Delete { id, forget: false, yes } => {
            let mut store = context.store_to_change("Deleting a contact")?;
            let record = living(&store, &id)?;
            if !yes && context.is_interactive() {
                confirm(context, &id, &record)?;
            }
            // An import that is about this contact must not find it gone in the middle of a batch. A worker that waits
            // for runs is in nobody's way.
            let turn = Turn::take(&mut store, context.now_ms())?;
            if turn.is_none() && queue::is_at_work(&store)? {
                return Err(follow::locked(&store));
            }
            let catalog = store.catalog()?;
            let sources = store.sources_ever()?;
            let Some(remembered) = store.delete_contact(record.id, context.now_ms())? else {
                return Err(missing(&id));
            };
            if context.out.json {
                context.out.json(&json::record(&remembered, &store, &catalog, &sources)?)?;
            }
            context.out.say(format!("Deleted {id}. Its ID, references and the date are remembered."));
        }
    }
    Ok(Exit::Done)
}

/// Deletes a contact and forgets its values everywhere. One that was deleted before can still be forgotten.
fn forget(id: &str, yes: bool, context: &Context) -> Result<(), CliError> {
    let mut store = context.store_to_change("Forgetting a contact")?;
    let number = number(&store, id)?;
    let record = store.record(number)?.ok_or_else(|| missing(id))?;
    if !yes && context.is_interactive() {
        context.out.say("Deliveries that hold a row of it are purged as a whole; counts and outcomes stay.");
        confirm(context, id, &record)?;
    }
    // A run that is about this contact must not go on meanwhile.
    let Some(_turn) = Turn::take(&mut store, context.now_ms())? else { return Err(follow::locked(&store)) };
    let forgotten = forget::forget(&mut store, number, context.now_ms())?.ok_or_else(|| missing(id))?;
    if context.out.json {
        let (catalog, sources) = (store.catalog()?, store.sources_ever()?);
        let remembered = store.record(number)?.ok_or_else(|| missing(id))?;
        context.out.json(&json::record(&remembered, &store, &catalog, &sources)?)?;
    }
    context.out.say(format!(
        "Forgot {id}: its ID, references and the date are remembered. {} purged.",
        counted(forgotten.deliveries, "delivery that held its rows was", "deliveries that held its rows were")
    ));
    Ok(())
}

/// Asks a person before values go for good.
fn confirm(context: &Context, id: &str, record: &Record) -> Result<(), CliError> {
    let values = counted(record.fields.len() as u64, "value", "values");
    context.out.ask(&format!("Delete {id} and its {values}? This cannot be undone. Type yes: "));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.map_err(|error| CliError::new("input", format!("Standard input: {error}"), "give --yes"))?;
    if answer.trim().eq_ignore_ascii_case("yes") {
        return Ok(());
    }
    Err(CliError::new("not_confirmed", "Nothing was deleted", "type yes, or give --yes"))
}

/// The number in a Contact ID of this workspace; the contact may not exist.
pub fn number(store: &Store, id: &str) -> Result<RecordId, CliError> {
    match store.workspace_code().read_contact_id(trim(id)) {
        OwnId::Ours(number) => Ok(number),
        OwnId::OtherWorkspace => Err(CliError::not_found(
            format!("contact {id} here: it is a Contact ID of another workspace"),
            "name that workspace with --workspace DIR",
        )),
        OwnId::Malformed => Err(CliError::not_found(
            format!("contact {id}: it is no Contact ID"),
            "`landfall lookup` finds contacts by reference, email, phone or name",
        )),
    }
}

/// The living contact of this Contact ID.
fn living(store: &Store, id: &str) -> Result<Record, CliError> {
    match store.record(number(store, id)?)? {
        Some(record) if record.is_alive() => Ok(record),
        Some(record) => Err(was_deleted(store, &record)),
        None => Err(missing(id)),
    }
}

fn missing(id: &str) -> CliError {
    CliError::not_found(format!("contact {id}"), "`landfall lookup` finds contacts by reference, email, phone or name")
}

/// What is said of a contact that is no more.
pub fn was_deleted(store: &Store, record: &Record) -> CliError {
    let id = store.workspace_code().contact_id(record.id);
    let day = record.deleted_at_ms.map(|at| rfc3339(at).chars().take(10).collect::<String>()).unwrap_or_default();
    CliError::new(
        "deleted",
        format!("Contact {id} was deleted on {day}"),
        "an import with --recreate-deleted makes it again",
    )
}

/// Answers with a contact: as JSON, or for people.
pub fn show(
    context: &Context,
    store: &Store,
    catalog: &Catalog,
    sources: &[Source],
    record: &Record,
) -> Result<(), CliError> {
    if context.out.json {
        return context.out.json(&json::record(record, store, catalog, sources)?);
    }
    let id = store.workspace_code().contact_id(record.id);
    let now_ms = context.now_ms();
    let did = |what: &str, stamp: &Stamp| {
        format!("{what} {} by run {}, row {}", when(stamp.at_ms, now_ms), stamp.run, count(stamp.row))
    };
    let history = match record.created == record.updated {
        true => did("created", &record.created),
        false => format!("{} · {}", did("created", &record.created), did("updated", &record.updated)),
    };
    context.out.answer(Line::styled(Style::Bold, id).with(Style::Dim, format!("  {history}")))?;
    let mut table = Table::new(&["", ""]);
    for (source, reference) in &record.references {
        let source = sources.iter().find(|known| known.id == *source).map_or("?", |known| known.name.as_str());
        table.row(vec![(Style::Dim, format!("  Reference in {source}")), (Style::Plain, reference.clone())]);
    }
    for (field, value) in &record.fields {
        let label =
            catalog.get(*field).map_or_else(|| format!("removed field {}", field.0), |field| field.label.clone());
        table.row(vec![(Style::Dim, format!("  {label}")), (Style::Plain, value.texts().join(" · "))]);
    }
    table.show(&context.out)
}
