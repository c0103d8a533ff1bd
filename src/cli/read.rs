//! `landfall read`: the file as Landfall reads it.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::{self, ReadFlags};
use std::path::PathBuf;

/// Print a file as Landfall reads it: one header row, then the records, as UTF-8 CSV
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall read contacts.csv.gz --delimiter ';' > clean.csv")]
pub struct Args {
    /// The file: .csv, .csv.gz, or .zip with one CSV inside
    pub file: PathBuf,
    #[command(flatten)]
    pub read: ReadFlags,
    /// The country of national phone numbers
    #[arg(long, value_name = "CC", value_parser = flags::country, hide = true)]
    pub country: Option<String>,
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "read is not built yet", "use a later version"))
}
