//! `landfall export`: CSV out, importable again without changes and safe to open in a spreadsheet.

use super::context::Context;
use super::error::{CliError, Exit};
use super::runs::source_named;
use super::safe_csv::safe;
use crate::domain::field::{Kind, Role};
use crate::domain::id::SourceId;
use crate::domain::record::{Record, Value};
use clap::Subcommand;

/// Write contacts, or the rows of a run, as CSV
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall export contacts > contacts.csv")]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Every living contact; the headers are field keys
    #[command(after_help = "Example:\n  landfall export contacts --source crm > contacts.csv")]
    Contacts {
        /// The source whose references stand in source_ref [default: the only one that a contact has]
        #[arg(long, value_name = "SOURCE")]
        source: Option<String>,
        /// The cells as they are, not made safe for spreadsheets
        #[arg(long)]
        raw: bool,
    },
    /// The rows of a run, as `run rows --csv`
    #[command(after_help = "Example:\n  landfall export rows 12 > rows.csv")]
    Rows {
        /// The run's number
        run: u64,
        /// The cells as they are, not made safe for spreadsheets
        #[arg(long)]
        raw: bool,
    },
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    match args.what {
        What::Contacts { source, raw } => contacts(source.as_deref(), raw, context)?,
        What::Rows { run, raw } => super::run::rows::csv(run, raw, context)?,
    }
    Ok(Exit::Done)
}

/// Every living contact, one a line; the headers are field keys.
fn contacts(source: Option<&str>, as_is: bool, context: &Context) -> Result<(), CliError> {
    let store = context.store()?;
    let source = source.map(|name| source_named(&store, name)).transpose()?.map(|source| source.id);
    let catalog = store.catalog()?;
    let keys: Vec<&str> = catalog.fields().iter().map(|field| field.key.as_str()).collect();
    context.out.csv(&keys)?;
    let mut cells: Vec<String> = Vec::with_capacity(keys.len());
    for record in store.contacts() {
        let record = record?;
        cells.clear();
        for field in catalog.fields() {
            let cell = match field.role {
                Some(Role::OwnId) => store.workspace_code().contact_id(record.id),
                Some(Role::Reference) => reference(&record, source).unwrap_or_default().to_owned(),
                _ => record.get(field.id).map(|value| in_one_cell(value, field.kind)).unwrap_or_default(),
            };
            cells.push(if as_is { cell } else { safe(&cell).into_owned() });
        }
        context.out.csv(&cells)?;
    }
    Ok(())
}

/// The reference of the named source, or of the only one that a contact has.
fn reference(record: &Record, source: Option<SourceId>) -> Option<&str> {
    match (source, record.references.as_slice()) {
        (Some(source), _) => record.reference_of(source),
        (None, [(_, only)]) => Some(only),
        (None, _) => None,
    }
}

/// Several values in one cell, so that reading parts them again at the same places (field rules, Lists). A semicolon
/// at the end makes it the separator where a single value has a comma or a period in it.
fn in_one_cell(value: &Value, kind: Kind) -> String {
    let texts = value.texts();
    match kind {
        // Numbers carry `;ext=`, and names never have a comma.
        Kind::Phones | Kind::People => texts.join(", "),
        _ => match texts {
            [only] if kind.is_many() && only.contains([',', '.']) && !matches!(kind, Kind::Emails) => {
                format!("{only};")
            }
            _ => texts.join("; "),
        },
    }
}
