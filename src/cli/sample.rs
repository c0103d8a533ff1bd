//! `landfall sample`: a sample import file (R208).

use super::context::Context;
use super::error::{CliError, Exit};

/// Print a sample import file
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall sample > sample.csv")]
pub struct Args {}

/// The sample file: every common field, each row readable by the rules.
pub const SAMPLE: &str = include_str!("../../assets/demo/sample.csv");

pub fn run(_args: Args, context: &Context) -> Result<Exit, CliError> {
    context.out.raw(|stdout| stdout.write_all(SAMPLE.as_bytes()))?;
    Ok(Exit::Done)
}
