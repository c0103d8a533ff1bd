//! `landfall try`: one value through the rules that imports use.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags;
use super::output::{Line, Style};
use crate::domain::issue::{Note, Problem, ReadResult, Reading};
use crate::domain::values::clean::trim;
use crate::domain::values::date::{DateOrder, Moment, read_date, read_moment};
use crate::domain::values::email::read_emails;
use crate::domain::values::list::{ListKind, read_list};
use crate::domain::values::number::{DecimalMark, read_money, read_number};
use crate::domain::values::option::Declared;
use crate::domain::values::phone::PhoneReader;
use crate::domain::values::timezone::read_timezone;
use serde::Serialize;
use std::io::BufRead;

/// Put values through the rules, as an import would
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  landfall try phone '(206) 555-0147' --country US\n  cut -d, -f4 dates.csv | landfall try date --day-first"
)]
pub struct Args {
    /// What the values are
    #[arg(value_enum)]
    kind: TryKind,
    /// The values; standard input is read, a value a line, when there is none
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    values: Vec<String>,
    /// The country of national phone numbers [default: US]
    #[arg(long, value_name = "CC", value_parser = flags::country)]
    country: Option<String>,
    /// Read all-numeric dates with the year last day first
    #[arg(long)]
    day_first: bool,
    /// What separates decimals
    #[arg(long, value_enum, value_name = "SIGN", default_value = "point")]
    decimal: Decimal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum TryKind {
    Phone,
    Date,
    Datetime,
    Email,
    Number,
    Money,
    List,
    Timezone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Decimal {
    Point,
    Comma,
}

/// A value as JSON shows it.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum Tried {
    One(String),
    Many(Vec<String>),
}

/// One line of `--json`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    input: &'a str,
    value: Option<Tried>,
    issue: Option<Issue>,
    /// Codes of notes, joined by commas.
    note: Option<String>,
}

#[derive(Debug, Serialize)]
struct Issue {
    code: &'static str,
    message: &'static str,
    guidance: String,
}

/// What the flags say, and the reader of phones, which is costly to make.
struct Rules {
    kind: TryKind,
    country: String,
    order: DateOrder,
    decimal: DecimalMark,
    phones: PhoneReader,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let rules = Rules {
        kind: args.kind,
        country: args.country.unwrap_or_else(|| "US".to_owned()),
        order: if args.day_first { DateOrder::DayFirst } else { DateOrder::MonthFirst },
        decimal: match args.decimal {
            Decimal::Point => DecimalMark::Point,
            Decimal::Comma => DecimalMark::Comma,
        },
        phones: PhoneReader::new(),
    };
    if !args.values.is_empty() {
        args.values.iter().try_for_each(|value| show(value, &rules, context))?;
        return Ok(Exit::Done);
    }
    let mut stdin = std::io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = stdin.read_until(b'\n', &mut line);
        let read = read.map_err(|error| CliError::new("input", format!("Standard input: {error}"), "try again"))?;
        if read == 0 {
            return Ok(Exit::Done);
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        show(&String::from_utf8_lossy(text), &rules, context)?;
    }
}

fn show(input: &str, rules: &Rules, context: &Context) -> Result<(), CliError> {
    let trimmed = trim(input);
    let read = if trimmed.is_empty() { None } else { Some(read(trimmed, rules)) };
    if context.out.json {
        return context.out.json(&answer(input, read));
    }
    context.out.answer(line(input, read))
}

fn read(text: &str, rules: &Rules) -> ReadResult<Tried> {
    let one = |reading: Reading<String>| reading.map(Tried::One);
    match rules.kind {
        TryKind::Phone => {
            rules.phones.read(text, Some(&rules.country)).map(|found| found.map(|it| Tried::One(it.first)))
        }
        TryKind::Date => read_date(text, rules.order).map(|found| one(found.map(|date| date.to_string()))),
        TryKind::Datetime => {
            read_moment(text, rules.order, chrono_tz::Tz::UTC).map(|found| one(found.map(Moment::text)))
        }
        TryKind::Email => read_emails(text).map(|found| one(found.map(|it| it.first))),
        TryKind::Timezone => read_timezone(text).map(|found| one(found.map(str::to_owned))),
        TryKind::Number => read_number(text, rules.decimal).map(one),
        TryKind::Money => read_money(text, rules.decimal).map(one),
        TryKind::List => {
            // No field, so no options are declared: an open list.
            read_list(text, ListKind::Tags, &Declared::default(), None).map(|found| found.map(Tried::Many))
        }
    }
}

/// An empty input has neither a value nor an issue.
fn answer(input: &str, read: Option<ReadResult<Tried>>) -> Answer<'_> {
    let (value, issue, note) = match read {
        None => (None, None, None),
        Some(Ok(Reading { value, notes })) => {
            let codes: Vec<&str> = notes.iter().map(|note| note.as_str()).collect();
            (Some(value), None, (!codes.is_empty()).then(|| codes.join(", ")))
        }
        Some(Err(Problem { code, guidance })) => {
            (None, Some(Issue { code: code.as_str(), message: code.message(), guidance }), None)
        }
    };
    Answer { input, value, issue, note }
}

fn line(input: &str, read: Option<ReadResult<Tried>>) -> Line {
    let shown = Line::from(input);
    match read {
        None => shown.with(Style::Dim, "  –  empty"),
        Some(Ok(Reading { value, notes })) => {
            let text = match value {
                Tried::One(text) => text,
                Tried::Many(texts) => texts.join(" · "),
            };
            let shown = shown.with(Style::Dim, "  →  ").with(Style::Good, text);
            notes.iter().fold(shown, |shown, note: &Note| shown.with(Style::Dim, format!("  ({})", note.message())))
        }
        Some(Err(Problem { code, guidance })) => {
            shown.with(Style::Bad, format!("  ✗  {}", code.message())).with(Style::Plain, format!(": {guidance}"))
        }
    }
}
