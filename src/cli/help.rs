//! `landfall help`: what `--help` says, and the reference of the configuration file.

use super::Cli;
use super::context::Context;
use super::error::{CliError, Exit};
use crate::app::config::REFERENCE;
use clap::CommandFactory;

/// Print this help, that of a command, or what the configuration file may hold
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall help import\n  landfall help config")]
pub struct Args {
    /// A command, such as import or run rows; or config
    topic: Vec<String>,
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let text = match &args.topic[..] {
        [topic] if topic == "config" => REFERENCE.to_owned(),
        topic => of_command(topic)?,
    };
    text.trim_end().lines().try_for_each(|line| context.out.answer(line))?;
    Ok(Exit::Done)
}

fn of_command(topic: &[String]) -> Result<String, CliError> {
    let mut root = Cli::command();
    root.build();
    let mut command = &mut root;
    for word in topic {
        let missing =
            || CliError::not_found(format!("help on {:?}", topic.join(" ")), "`landfall help` lists the commands");
        command = command.find_subcommand_mut(word).ok_or_else(missing)?;
    }
    Ok(command.render_long_help().to_string())
}
