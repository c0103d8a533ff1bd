//! `landfall lookup`: imported contacts by whatever one has of them.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;

/// Find imported contacts by source reference, Contact ID, email, phone or name
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall lookup ana@example.com")]
pub struct Args {
    /// A reference (whole, or its beginning), Contact ID, email, phone or name
    query: String,
    /// Only contacts with a reference from this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Only contacts that this run created or updated last
    #[arg(long, value_name = "RUN")]
    run: Option<u64>,
    /// Only contacts with this tag
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    #[command(flatten)]
    list: ListFlags,
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "lookup is not built yet", "use a later version"))
}
