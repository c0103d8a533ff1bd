//! `landfall man`: the manual page, made from the same definitions as `--help`.

use super::Cli;
use super::context::Context;
use super::error::{CliError, Exit};
use clap::CommandFactory;

/// Print the manual page of landfall, or of one command
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall man import | man -l -")]
pub struct Args {
    /// The command, such as `import` or `run rows`
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let mut root = Cli::command();
    root.build();
    let mut command = &root;
    for name in &args.command {
        command = command.find_subcommand(name).ok_or_else(|| {
            CliError::not_found(format!("command {}", args.command.join(" ")), "landfall --help lists the commands")
        })?;
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(|error| CliError::output(&error))?;
    context.out.raw(|stdout| stdout.write_all(&page))?;
    Ok(Exit::Done)
}
