//! `landfall completions`: completion scripts for shells.

use super::Cli;
use super::context::Context;
use super::error::{CliError, Exit};
use clap::CommandFactory;

/// Print the completion script of a shell
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall completions bash > ~/.local/share/bash-completion/completions/landfall")]
pub struct Args {
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    // Generated into memory first: the generator panics when its output cannot be written.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "landfall", &mut script);
    context.out.raw(|stdout| stdout.write_all(&script))?;
    Ok(Exit::Done)
}
