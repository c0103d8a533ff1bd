//! `landfall mapping`: saved mappings, as TOML that people can read.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use clap::Subcommand;
use std::path::PathBuf;

/// List, show, save, compare and remove saved mappings
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall mapping show crm > crm.toml\n  landfall mapping save crm crm.toml")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List saved mappings
    #[command(after_help = "Example:\n  landfall mapping list")]
    List {
        #[command(flatten)]
        list: ListFlags,
    },
    /// Print a mapping as TOML
    #[command(after_help = "Example:\n  landfall mapping show crm > crm.toml")]
    Show {
        /// The mapping's name
        name: String,
        /// An earlier version
        #[arg(long, value_name = "N")]
        version: Option<u64>,
    },
    /// Save a mapping from a TOML file; an existing name gets a new version
    #[command(after_help = "Example:\n  landfall mapping save crm crm.toml")]
    Save {
        /// The mapping's name
        name: String,
        /// The TOML file; - is standard input
        file: PathBuf,
    },
    /// Mark the mapping of a source as reviewed by you
    #[command(after_help = "Example:\n  landfall mapping review crm")]
    Review {
        /// The mapping's name
        name: String,
    },
    /// Show what changed between two versions, the last two by default
    #[command(after_help = "Example:\n  landfall mapping diff crm --from 1 --to 3")]
    Diff {
        /// The mapping's name
        name: String,
        /// The earlier version
        #[arg(long, value_name = "N")]
        from: Option<u64>,
        /// The later version
        #[arg(long, value_name = "N")]
        to: Option<u64>,
    },
    /// Remove a mapping; runs that used it keep what they used
    #[command(after_help = "Example:\n  landfall mapping remove crm")]
    Remove {
        /// The mapping's name
        name: String,
    },
}

pub fn run(_args: Args, _context: &Context) -> Result<Exit, CliError> {
    Err(CliError::new("not_built", "mapping is not built yet", "use a later version"))
}
