//! `landfall settings`: show or set how the workspace reads and matches.

use super::context::Context;
use super::error::{CliError, Exit};

/// Show or set the settings of the workspace
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall settings default_country=DE match_on=email,phone")]
pub struct Args {
    /// KEY shows one setting, KEY=VALUE sets it, KEY= sets it back; none shows all
    #[arg(value_name = "KEY[=VALUE]")]
    settings: Vec<String>,
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "settings is not built yet", "use a later version"))
}
