//! `landfall inspect`: what is in a file, and why it is read the way it is.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::{self, ReadFlags};
use std::path::PathBuf;

/// Show what is in a file: its encoding and layout, its columns, and which field each would become
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall inspect contacts.csv --full --country DE")]
pub struct Args {
    /// The file: .csv, .csv.gz, or .zip with one CSV inside
    pub file: PathBuf,
    /// Read all of it, not only head, tail and blocks in between
    #[arg(long)]
    pub full: bool,
    #[command(flatten)]
    pub read: ReadFlags,
    /// The country of national phone numbers
    #[arg(long, value_name = "CC", value_parser = flags::country)]
    pub country: Option<String>,
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "inspect is not built yet", "use a later version"))
}
