//! `landfall run rows`: the ledger of a run, row by row, with the raw cells of the delivery.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::flags::ListFlags;

/// Show the rows of a run with what became of each
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run rows 12 --only failed --csv > to-fix.csv")]
pub struct Args {
    /// The run's number
    run: u64,
    /// Only these rows
    #[arg(long, value_enum, value_name = "OUTCOME")]
    only: Option<Only>,
    /// Write the original columns as CSV, with landfall_row, landfall_outcome and landfall_reason appended
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// With --csv: the cells as they are, not made safe for spreadsheets
    #[arg(long, requires = "csv")]
    raw: bool,
    #[command(flatten)]
    list: ListFlags,
}

/// What `--only` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Only {
    Created,
    Updated,
    Unchanged,
    Skipped,
    Failed,
    Warned,
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "run rows is not built yet", "use a later version"))
}
