//! `landfall import`: land a file, run it, show progress, then the result.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::{self, ReadFlags, TuningFlags};
use super::output::{Line, Style};
use super::{follow, format};
use crate::domain::run::Mode;
use crate::worker::prepare::{self, Prepared};
use crate::worker::queue::Turn;
use crate::worker::request::{ImportRequest, MappingChoice};
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
    #[command(flatten)]
    pub tuning: TuningFlags,
}

fn match_on(text: &str) -> Result<crate::domain::settings::MatchOn, String> {
    crate::domain::settings::MatchOn::parse(text).ok_or_else(|| "it takes email, phone or email,phone".to_owned())
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    context.may_change(if args.dry_run { "A dry run" } else { "An import" })?;
    let mut store = context.store()?;
    let request = request(&args, context);
    if args.no_wait && !args.dry_run && Turn::take(&mut store, context.now_ms())?.is_none() {
        return Err(follow::locked(&store));
    }
    let prepared = prepare::prepare(&store, &request, follow::threads())?;
    for remark in &prepared.remarks {
        context.out.say(Line::styled(Style::Dim, remark));
    }
    for reason in &prepared.plan.attention {
        context.out.say(Line::styled(Style::Warn, "attention: ").with(Style::Plain, reason));
    }
    if let Some(run) = prepared.resumes {
        context.out.say(format!("Run {run} of this file has begun and not ended: it goes on where it stopped."));
    } else if !args.dry_run
        && !args.yes
        && let Err(refused) = accept_disclaimer(context, &prepared)
    {
        prepare::discard(&store, &prepared)?;
        return Err(refused);
    }
    let run = prepare::enqueue(&mut store, &prepared, context.now_ms())?;
    if args.dry_run {
        return follow::dry_run(context, store, run, args.tuning.tuning());
    }
    if args.detach {
        follow::start_worker(context)?;
        return follow::queued(context, &store, run);
    }
    follow::run(context, &mut store, run, args.tuning.tuning())
}

/// What the flags ask for.
fn request(args: &Args, context: &Context) -> ImportRequest {
    let mapping = match &args.mapping {
        None => MappingChoice::Automatic,
        Some(name) if name.ends_with(".toml") => MappingChoice::File(name.into()),
        Some(name) => MappingChoice::Saved(name.clone()),
    };
    let map = args.map.iter().map(|(column, field)| (column.clone(), (field != "-").then(|| field.clone())));
    ImportRequest {
        source: args.source.clone(),
        new_source: args.new_source,
        mode: args.mode,
        mapping,
        map: map.collect(),
        accept_unmapped: args.accept_unmapped,
        country: args.country.clone(),
        timezone: args.timezone,
        tags: args.tag.clone(),
        clear_empty: args.clear_empty,
        allow_duplicates: args.allow_duplicates,
        match_on: args.match_on,
        day_first: args.day_first.clone(),
        month_first: args.month_first.clone(),
        filters: args.filter.clone(),
        since: args.since,
        reading: args.read.overrides(),
        accept_short_rows: args.accept_short_rows,
        recreate_deleted: args.recreate_deleted,
        again: args.again,
        dry_run: args.dry_run,
        sample: args.sample,
        ..ImportRequest::new(args.file.clone(), context.user())
    }
}

/// What must be accepted before anything is written (R217, R264).
const DISCLAIMER: &str = "Updates of existing contacts cannot be taken back by hand, and imported contacts can receive messages. You confirm that you may hold this data and that you looked at the mapping.";

/// Asks on a terminal; elsewhere `--yes` is needed.
fn accept_disclaimer(context: &Context, prepared: &Prepared) -> Result<(), CliError> {
    let refused = |message: &str| {
        CliError::new(
            "disclaimer",
            message,
            "take --yes if you accept the disclaimer; --dry-run shows what would happen",
        )
    };
    if !context.is_interactive() {
        return Err(refused(&format!("Nothing was imported: the disclaimer was not accepted. {DISCLAIMER}")));
    }
    context.out.insist(format!(
        "{} rows of {} into source {:?}, mode {}:",
        format::count(prepared.plan.rows_expected),
        prepared.file_name,
        prepared.source.name(),
        prepared.plan.mode.as_str()
    ));
    for column in &prepared.plan.mapping.columns {
        let target = match (&column.field, column.leave_out) {
            (Some(field), _) => format!("-> {field}"),
            (None, true) => "left out on purpose".to_owned(),
            (None, false) => "not imported".to_owned(),
        };
        context.out.insist(format!("  {}  {target}", column.header));
    }
    context.out.insist(DISCLAIMER);
    context.out.ask("Type yes to start: ");
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .map_err(|error| CliError::file(std::path::Path::new("standard input"), &error))?;
    if answer.trim().eq_ignore_ascii_case("yes") {
        Ok(())
    } else {
        Err(refused("Nothing was imported: the answer was not yes."))
    }
}
