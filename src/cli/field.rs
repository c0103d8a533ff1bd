//! `landfall field`: custom fields, and the options of any field.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use super::table::Table;
use crate::domain::field::Kind;
use crate::domain::field::{FIRST_CUSTOM_FIELD, Field};
use crate::store::Store;
use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};

/// Add, list and remove custom fields; declare options
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall field add plan --kind single_option --label Plan --options Free,Pro,Team")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add a custom field, or declare the options of an existing field
    #[command(
        after_help = "Example:\n  landfall field add plan --kind single_option --label Plan --options Free,Pro,Team\n  landfall field add status --options prospect,customer,partner"
    )]
    Add {
        /// The field's key: a lower-case letter, then letters, digits and underscores
        key: String,
        /// What its values are; only options can be declared without
        #[arg(long, value_parser = PossibleValuesParser::new(Kind::CUSTOM.iter().map(|kind| kind.as_str()))
            .try_map(|name| Kind::CUSTOM.into_iter().find(|kind| kind.as_str() == name).ok_or("it takes a kind")))]
        kind: Option<Kind>,
        /// What people see [default: the key]
        #[arg(long, value_name = "TEXT")]
        label: Option<String>,
        /// The options that it takes, separated by commas
        #[arg(long, value_name = "A,B", value_delimiter = ',')]
        options: Option<Vec<String>>,
    },
    /// List the fields of contacts
    #[command(after_help = "Example:\n  landfall field list")]
    List {
        #[command(flatten)]
        list: ListFlags,
    },
    /// Remove a custom field; values that contacts hold stay until they are changed
    #[command(after_help = "Example:\n  landfall field remove plan")]
    Remove {
        /// The field's key
        key: String,
    },
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    match args.verb {
        Verb::Add { key, kind, label, options } => {
            let mut store = context.store_to_change("A field")?;
            let field = add(&mut store, &key, kind, label.as_deref(), options)?;
            context.out.say(format!("Field {}: {}.", field.key, told(&field)));
            if context.out.json {
                context.out.json(&object(&field))?;
            }
        }
        Verb::List { list } => {
            let fields = list.part(context.store()?.catalog()?.fields().to_vec(), |field| field.key.clone());
            if context.out.json {
                fields.iter().try_for_each(|field| context.out.json(&object(field)))?;
                return Ok(Exit::Done);
            }
            let mut table = Table::new(&["Key", "Label", "Kind", "Options"]);
            for field in &fields {
                let kind = field.kind.as_str().replace('_', " ");
                table.plain([field.key.clone(), field.label.clone(), kind, field.options.join(", ")]);
            }
            table.show(&context.out)?;
        }
        Verb::Remove { key } => {
            let mut store = context.store_to_change("Removing a field")?;
            if !store.remove_custom_field(&key)? {
                let standard = store.catalog()?.by_key(&key).is_some();
                return Err(if standard {
                    CliError::new(
                        "standard_field",
                        format!("{key} is a standard field and stays"),
                        "leave its column out of the mapping",
                    )
                } else {
                    missing(&key)
                });
            }
            context.out.say(format!("Removed field {key}."));
        }
    }
    Ok(Exit::Done)
}

/// Adds a custom field, or declares the options of a field that there is already.
pub fn add(
    store: &mut Store,
    key: &str,
    kind: Option<Kind>,
    label: Option<&str>,
    options: Option<Vec<String>>,
) -> Result<Field, CliError> {
    let options = options.map(|options| options.iter().map(|option| option.trim().to_owned()).collect::<Vec<_>>());
    let catalog = store.catalog()?;
    let existing = catalog.by_key(key).or_else(|| catalog.by_key(&format!("custom.{key}"))).cloned();
    let Some(field) = existing else {
        let next = "give its kind, such as --kind text; `landfall field add --help` lists the kinds";
        let kind = kind.ok_or_else(|| CliError::usage(format!("A new field {key} needs a kind"), next))?;
        return Ok(store.add_custom_field(key, kind, label, &options.unwrap_or_default())?);
    };
    let other = kind.is_some_and(|kind| kind != field.kind) || label.is_some_and(|label| label != field.label);
    let Some(options) = options.filter(|_| !other) else {
        let message = format!("There is already a field {}, of kind {}", field.key, field.kind.as_str());
        return Err(CliError::new("name_taken", message, "give another key, or only --options to declare its options"));
    };
    store.declare_options(&field.key, &options)?;
    Ok(Field { options, ..field })
}

fn object(field: &Field) -> Value {
    json!({
        "key": field.key,
        "label": field.label,
        "kind": field.kind.as_str(),
        "options": field.options,
        "custom": field.id.0 >= FIRST_CUSTOM_FIELD,
    })
}

fn told(field: &Field) -> String {
    let kind = field.kind.as_str().replace('_', " ");
    if field.options.is_empty() { kind } else { format!("{kind}, options {}", field.options.join(", ")) }
}

fn missing(key: &str) -> CliError {
    CliError::not_found(format!("field {key}"), "`landfall field list` lists the fields")
}
