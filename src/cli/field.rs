//! `landfall field`: custom fields, and the options of any field.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use crate::domain::field::Kind;
use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};

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

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "field is not built yet", "use a later version"))
}
