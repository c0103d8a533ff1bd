//! `landfall run`: one run, by its number. One file a verb.

use super::context::Context;
use super::error::{CliError, Exit};
use clap::Subcommand;

mod cancel;
mod note;
pub mod resume;
pub mod rows;
mod show;

/// Look at one run, or decide how it goes on
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run show 12\n  landfall run rows 12 --only failed --csv > to-fix.csv")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Show(show::Args),
    Rows(rows::Args),
    Note(note::Args),
    Cancel(cancel::Args),
    Resume(resume::Args),
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    match args.verb {
        Verb::Show(args) => show::run(args, context),
        Verb::Rows(args) => rows::run(args, context),
        Verb::Note(args) => note::run(args, context),
        Verb::Cancel(args) => cancel::run(args, context),
        Verb::Resume(args) => resume::run(args, context),
    }
}
