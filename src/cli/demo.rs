//! `landfall demo`: a throw-away workspace made by really running imports over sample files.

use super::context::Context;
use super::error::{CliError, Exit};
use std::path::PathBuf;

/// Make a throw-away workspace to look around in
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall demo --dir /tmp/landfall-demo")]
pub struct Args {
    /// Where to make it [default: a new temporary directory]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "demo is not built yet", "use a later version"))
}
