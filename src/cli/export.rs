//! `landfall export`: CSV out, importable again without changes and safe to open in a spreadsheet.

use super::context::Context;
use super::error::{CliError, Exit};
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

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "export is not built yet", "use a later version"))
}
