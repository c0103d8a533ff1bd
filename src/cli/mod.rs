//! The command line: one file a command, its arguments and what it does side by side.
//!
//! Commands read flags, call the layers below and show the answer. No rule, no SQL and no parsing of files lives
//! here. What all commands share: [`context`] (workspace, streams, environment), [`output`], [`error`], [`json`] (the
//! objects of `--json`), [`table`] and [`format`] for people.
pub mod context;
pub mod error;
pub mod flags;
pub mod format;
pub mod json;
pub mod known;
pub mod output;
pub mod raw_rows;
pub mod run;
pub mod run_view;
pub mod safe_csv;
pub mod table;

mod application;
mod backfill;
mod backup;
mod completions;
mod contact;
mod demo;
mod demo_drops;
mod export;
pub mod field;
mod follow;
mod help;
mod import;
mod inspect;
mod inspect_problems;
mod lookup;
mod man;
mod mapping;
mod memory;
mod pickup;
mod purge;
mod read;
mod restore;
mod runs;
pub mod sample;
mod settings;
mod signals;
mod source;
mod source_flags;
mod sync;
mod try_value;
mod unit;
mod user;
mod worker;
mod workspace;

use clap::{CommandFactory, Parser, Subcommand};
use context::{Context, Environment, Globals};
use error::{CliError, Exit};
use std::io::Write;
use std::process::ExitCode;

/// Contact imports in which every record can be accounted for
#[derive(Parser)]
#[command(
    name = "landfall",
    version,
    about,
    disable_help_subcommand = true,
    long_about = "Imports contact CSVs and accounts for every record: it landed, or Landfall says which check stopped \
                  it and shows the row.",
    after_help = "Example:\n  landfall inspect contacts.csv\n  landfall import contacts.csv --yes\n  landfall run rows 1 --only failed"
)]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Inspect(inspect::Args),
    Read(read::Args),
    Try(try_value::Args),
    Import(Box<import::Args>),
    Source(source::Args),
    Sync(sync::Args),
    Backfill(backfill::Args),
    Runs(runs::Args),
    Run(run::Args),
    Lookup(lookup::Args),
    Contact(contact::Args),
    Mapping(mapping::Args),
    Settings(settings::Args),
    Field(field::Args),
    User(user::Args),
    Export(export::Args),
    Backup(backup::Args),
    Restore(restore::Args),
    Purge(purge::Args),
    Demo(demo::Args),
    Sample(sample::Args),
    Worker(worker::Args),
    Workspace(workspace::Args),
    Completions(completions::Args),
    Man(man::Args),
    Help(help::Args),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    memory::take_little();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return say_usage(&error),
    };
    let context = Context::new(&cli.globals, Environment::of_process());
    let ended = dispatch(cli.command, &context).and_then(|exit| context.out.flush().map(|()| exit));
    let ended = ended.or_else(|error| {
        if error.is_broken_pipe() {
            return Ok(Exit::Done);
        }
        // What was answered so far comes before the error.
        context.out.flush()?;
        context.out.error(&error)?;
        context.out.flush()?;
        Ok::<Exit, CliError>(error.exit)
    });
    // What remains is that the error itself could not be written.
    ExitCode::from(ended.unwrap_or(Exit::NotDone) as u8)
}

fn dispatch(command: Option<Command>, context: &Context) -> Result<Exit, CliError> {
    match command {
        None => without_command(context),
        Some(Command::Inspect(args)) => inspect::run(args, context),
        Some(Command::Read(args)) => read::run(args, context),
        Some(Command::Try(args)) => try_value::run(args, context),
        Some(Command::Import(args)) => import::run(*args, context),
        Some(Command::Source(args)) => source::run(args, context),
        Some(Command::Sync(args)) => sync::run(&args, context),
        Some(Command::Backfill(args)) => backfill::run(&args, context),
        Some(Command::Runs(args)) => runs::run(args, context),
        Some(Command::Run(args)) => run::run(args, context),
        Some(Command::Lookup(args)) => lookup::run(args, context),
        Some(Command::Contact(args)) => contact::run(args, context),
        Some(Command::Mapping(args)) => mapping::run(args, context),
        Some(Command::Settings(args)) => settings::run(args, context),
        Some(Command::Field(args)) => field::run(args, context),
        Some(Command::User(args)) => user::run(args, context),
        Some(Command::Export(args)) => export::run(args, context),
        Some(Command::Backup(args)) => backup::run(args, context),
        Some(Command::Restore(args)) => restore::run(args, context),
        Some(Command::Purge(args)) => purge::run(&args, context),
        Some(Command::Demo(args)) => demo::run(args, context),
        Some(Command::Sample(args)) => sample::run(args, context),
        Some(Command::Worker(args)) => worker::run(args, context),
        Some(Command::Workspace(args)) => workspace::run(args, context),
        Some(Command::Completions(args)) => completions::run(args, context),
        Some(Command::Man(args)) => man::run(args, context),
        Some(Command::Help(args)) => help::run(&args, context),
    }
}

/// `landfall` alone: the terminal application.
fn without_command(context: &Context) -> Result<Exit, CliError> {
    if application::has_terminal() {
        return application::run(context);
    }
    context.out.insist("There is no terminal here for the terminal application; give a command instead.");
    for line in Cli::command().render_help().to_string().lines() {
        context.out.insist(line);
    }
    Ok(Exit::Usage)
}

/// Shows what clap has to say: help and version as they are; errors with what was typed made visible, since a file
/// name of somebody else can stand in it.
fn say_usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        // Nobody is left to tell when help cannot be printed.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let mut stderr = std::io::stderr();
    for line in error.render().to_string().lines() {
        let _ = writeln!(stderr, "{}", crate::ui::text::visible(line));
    }
    ExitCode::from(Exit::Usage as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each_command(command: &mut clap::Command, path: &str, check: &mut impl FnMut(&str, &mut clap::Command)) {
        check(path, command);
        for sub in command.get_subcommands_mut() {
            let path = format!("{path} {}", sub.get_name());
            each_command(sub, &path, check);
        }
    }

    #[test]
    fn every_help_ends_with_an_example_of_that_command_which_parses() {
        let mut command = Cli::command();
        command.build();
        let mut examples = Vec::new();
        each_command(&mut command, "landfall", &mut |path, command| {
            let help = command.render_long_help().to_string();
            let (_, example) = help.rsplit_once("Example:\n").unwrap_or_else(|| panic!("{path} --help has no example"));
            assert!(example.contains(path), "the example of {path} is of another command: {example}");
            examples
                .extend(example.lines().map(str::trim).filter(|line| line.contains("landfall ")).map(str::to_owned));
        });
        for example in examples {
            assert_parses(&example);
        }
    }

    #[test]
    fn every_command_of_the_help_pages_parses() {
        const STANDS_FOR: [(&str, &str); 4] = [("RUN", "12"), ("KIND", "date"), ("VALUE", "2024-08-09"), ("N", "5")];
        fn typed(word: &str) -> &str {
            STANDS_FOR.iter().find(|(name, _)| *name == word).map_or(word, |(_, value)| value)
        }
        let mut seen = 0;
        for (_, page) in crate::app::help_pages::topics() {
            let flowing = page.split_whitespace().collect::<Vec<_>>().join(" ");
            let inline = flowing.split('`').skip(1).step_by(2);
            let examples = page.lines().filter_map(|line| line.strip_prefix("    "));
            for command in inline.chain(examples).filter(|text| text.starts_with("landfall ")) {
                assert_parses(&command.split(' ').map(typed).collect::<Vec<_>>().join(" "));
                seen += 1;
            }
        }
        assert!(seen > 20, "only {seen} commands were found");
    }

    /// Holds that a typed line is a command of Landfall's.
    fn assert_parses(line: &str) {
        let typed = line.split_once("landfall ").map(|(_, typed)| typed).unwrap_or_default();
        let words = words(typed).into_iter().take_while(|word| !["|", ">"].contains(&word.as_str()));
        let parsed = Cli::try_parse_from(["landfall".to_owned()].into_iter().chain(words));
        assert!(parsed.is_ok(), "{line}: {}", parsed.err().map(|error| error.to_string()).unwrap_or_default());
    }

    /// A typed line as a shell splits it, as far as examples need it.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
        for c in line.chars() {
            match (c, quote) {
                (c, Some(open)) if c == open => quote = None,
                ('"' | '\'', None) => quote = Some(c),
                (' ', None) => words.push(std::mem::take(&mut word)),
                (c, _) => word.push(c),
            }
        }
        words.push(word);
        words.retain(|word| !word.is_empty());
        words
    }

    #[test]
    fn the_definition_of_the_commands_holds_together() {
        Cli::command().debug_assert();
    }
}
