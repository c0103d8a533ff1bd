//! `landfall help`: what `--help` says, the reference of the configuration file, and a page about each issue of a row and
//! each thing that holds back a start.

use super::Cli;
use super::context::Context;
use super::error::{CliError, Exit};
use crate::app::config::REFERENCE;
use crate::app::help_pages;
use crate::domain::mapping::nearest_name;
use clap::CommandFactory;

/// Print this help, that of a command, what an issue means, or what the configuration file may hold
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall help import\n  landfall help date_unreadable\n  landfall help config")]
pub struct Args {
    /// A command, such as import or run rows; the code of an issue, such as date_unreadable; config, speed, schedules or drops
    topic: Vec<String>,
}

const CONFIG: &str = "config";

/// Pages that are no single issue.
const ABOUT: [(&str, &str); 3] = [
    ("speed", include_str!("../../assets/help/speed.md")),
    ("schedules", include_str!("../../assets/help/schedules.md")),
    ("drops", include_str!("../../assets/help/drops.md")),
];

fn about(topic: &str) -> Option<&'static str> {
    ABOUT.iter().find(|(name, _)| *name == topic).map(|(_, page)| *page)
}

pub fn run(args: &Args, context: &Context) -> Result<Exit, CliError> {
    let text = match &args.topic[..] {
        [] => format!("{}\n{}", of_command(&[])?, topics()),
        [topic] if topic == CONFIG => REFERENCE.to_owned(),
        [topic] if about(topic).is_some() => about(topic).unwrap_or_default().to_owned(),
        [topic] if help_pages::topic(topic).is_some() => help_pages::topic(topic).unwrap_or_default().to_owned(),
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
        let error = unknown(topic, word, command);
        command = command.find_subcommand_mut(word).ok_or(error)?;
    }
    Ok(command.render_long_help().to_string())
}

/// That there is no help on a topic, with the nearest one.
fn unknown(topic: &[String], word: &str, command: &clap::Command) -> CliError {
    let commands = command.get_subcommands().map(clap::Command::get_name);
    let others = help_pages::topics()
        .map(|(topic, _)| topic)
        .chain(ABOUT.map(|(topic, _)| topic))
        .chain([CONFIG])
        .filter(|_| topic.len() == 1);
    let near = nearest_name(commands.chain(others), word).map(|near| {
        let path = topic.iter().take_while(|part| *part != word).map(String::as_str).chain([near]);
        format!("`landfall help {}` is the nearest; ", path.collect::<Vec<_>>().join(" "))
    });
    let next = format!("{}`landfall help` lists commands and topics", near.unwrap_or_default());
    CliError::not_found(format!("help on {:?}", topic.join(" ")), next)
}

/// The topics that are no commands.
fn topics() -> String {
    let line = |topic: &str, title: &str| format!("  {topic:<22}{title}\n");
    let mut text = "Topics (landfall help TOPIC):\n".to_owned();
    text.push_str(&line(CONFIG, "What the configuration file may hold"));
    for (topic, page) in ABOUT {
        text.push_str(&line(topic, help_pages::title(page)));
    }
    text.push_str("\n  What is said of rows and values, and what holds back a start:\n");
    for (topic, page) in help_pages::topics() {
        text.push_str(&line(topic, help_pages::title(page)));
    }
    text
}
