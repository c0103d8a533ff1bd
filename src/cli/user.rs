//! `landfall user`: the people that owners and followers resolve to (R236, R247).

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use clap::Subcommand;

/// Add, list and remove the people that owners and followers resolve to
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall user add \"Logan Paul\"")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add a person
    #[command(after_help = "Example:\n  landfall user add \"Logan Paul\"")]
    Add {
        /// First and last name
        #[arg(value_name = "First Last")]
        name: String,
    },
    /// List people
    #[command(after_help = "Example:\n  landfall user list")]
    List {
        #[command(flatten)]
        list: ListFlags,
    },
    /// Remove a person; contacts keep the name
    #[command(after_help = "Example:\n  landfall user remove \"Logan Paul\"")]
    Remove {
        /// First and last name
        #[arg(value_name = "First Last")]
        name: String,
    },
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "user is not built yet", "use a later version"))
}
