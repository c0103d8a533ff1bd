//! `landfall import`: land a file, run it, show progress, then the result.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::{self, ReadFlags};
use crate::domain::run::Mode;
use chrono::NaiveDate;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;

/// Import a CSV file: every record gets an outcome
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall import contacts.csv --source crm --map \"Kunden-Nr.=source_ref\" --yes")]
pub struct Args {
    /// The file: .csv, .csv.gz, or .zip with one CSV inside
    pub file: PathBuf,
    /// Where the records come from [default: named after the file]
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
    /// Make this source although its name is close to that of another one
    #[arg(long)]
    pub new_source: bool,
    /// What may happen to contacts
    #[arg(long, value_name = "MODE", default_value = "upsert",
          value_parser = PossibleValuesParser::new(Mode::ALL.iter().map(|mode| mode.as_str()))
              .map(|name| Mode::parse(&name).unwrap_or(Mode::Upsert)))]
    pub mode: Mode,
    /// A saved mapping, or a mapping in a file
    #[arg(long, value_name = "NAME|FILE.toml")]
    pub mapping: Option<String>,
    /// Map a column to a field; `Column=-` leaves it out on purpose (repeatable)
    #[arg(long = "map", value_name = "Column=field", value_parser = flags::column_to_field)]
    pub map: Vec<(String, String)>,
    /// Don't import data of unmapped columns
    #[arg(long)]
    pub accept_unmapped: bool,
    /// The country of national phone numbers [default: the setting default_country]
    #[arg(long, value_name = "CC", value_parser = flags::country)]
    pub country: Option<String>,
    /// The time zone of times without one [default: the setting default_timezone]
    #[arg(long, value_name = "ZONE", value_parser = flags::zone)]
    pub timezone: Option<chrono_tz::Tz>,
    /// Give every contact of this import a tag (repeatable)
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Let empty cells clear fields
    #[arg(long)]
    pub clear_empty: bool,
    /// Let several contacts have the same email or phone
    #[arg(long)]
    pub allow_duplicates: bool,
    /// What to match contacts by: email, phone or email,phone [default: the setting match_on]
    #[arg(long = "match", value_name = "FIELDS", value_parser = match_on)]
    pub match_on: Option<crate::domain::settings::MatchOn>,
    /// Read the dates of this column day first (repeatable)
    #[arg(long, value_name = "COLUMN")]
    pub day_first: Vec<String>,
    /// Read the dates of this column month first (repeatable)
    #[arg(long, value_name = "COLUMN")]
    pub month_first: Vec<String>,
    /// Import only rows of which this holds, such as 'status = customer' (repeatable; all must hold)
    #[arg(long, value_name = "FIELD OP VALUE")]
    pub filter: Vec<String>,
    /// Import only rows that changed since this day
    #[arg(long, value_name = "DATE", value_parser = flags::day)]
    pub since: Option<NaiveDate>,
    #[command(flatten)]
    pub read: ReadFlags,
    /// Import although many rows have fewer cells than the header
    #[arg(long)]
    pub accept_short_rows: bool,
    /// Create contacts again that were deleted here
    #[arg(long)]
    pub recreate_deleted: bool,
    /// Import the same file a second time although nothing identifies some of its rows
    #[arg(long)]
    pub again: bool,
    /// Say what would happen to every row, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Only the first N records of the file
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub sample: Option<u64>,
    /// Start the import and come back at once; it goes on by itself
    #[arg(long)]
    pub detach: bool,
    /// Do not wait while another process works on the workspace
    #[arg(long)]
    pub no_wait: bool,
    /// Accept the disclaimer: you may import these contacts, and have looked at the mapping
    #[arg(long, short)]
    pub yes: bool,
}

fn match_on(text: &str) -> Result<crate::domain::settings::MatchOn, String> {
    crate::domain::settings::MatchOn::parse(text).ok_or_else(|| "it takes email, phone or email,phone".to_owned())
}

pub fn run(_args: Args, context: &Context) -> Result<Exit, CliError> {
    context.may_change("An import")?;
    Err(CliError::new("not_built", "import is not built yet", "use a later version"))
}
