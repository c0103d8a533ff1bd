//! `landfall contact`: one contact, shown or deleted.

use super::context::Context;
use super::error::{CliError, Exit};
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
    #[command(after_help = "Example:\n  landfall contact delete k7q2m9-1042-t")]
    Delete {
        /// The Contact ID
        id: String,
    },
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "contact is not built yet", "use a later version"))
}
