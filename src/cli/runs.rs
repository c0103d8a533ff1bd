//! `landfall runs`: recent runs, newest first.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use crate::domain::run::RunStatus;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// List runs, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall runs --source crm --status needs_attention --limit 10")]
pub struct Args {
    /// Only runs of this source
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// Only runs that stand like this
    #[arg(long, value_name = "STATUS",
          value_parser = PossibleValuesParser::new(RunStatus::ALL.iter().map(|status| status.as_str()))
              .try_map(|name| RunStatus::parse(&name).ok_or("it takes a status")))]
    status: Option<RunStatus>,
    #[command(flatten)]
    list: ListFlags,
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "runs is not built yet", "use a later version"))
}
