//! `landfall read`: the file as Landfall reads it.

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::{self, ReadFlags};
use super::format::counted;
use super::output::{Line, Style};
use super::raw_rows::by_column;
use crate::engine::inspect::InspectError;
use crate::engine::open::Delivery;
use crate::engine::read::RecordReader;
use crate::engine::rows::{Row, RowBatch};
use crate::engine::sniff::sniff;
use serde_json::json;
use std::path::PathBuf;

/// Print a file as Landfall reads it: one header row, then the records, as UTF-8 CSV
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall read contacts.csv.gz --delimiter ';' > clean.csv")]
pub struct Args {
    /// The file: .csv, .csv.gz, or .zip with one CSV inside
    pub file: PathBuf,
    #[command(flatten)]
    pub read: ReadFlags,
    /// The country of national phone numbers
    #[arg(long, value_name = "CC", value_parser = flags::country, hide = true)]
    pub country: Option<String>,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let delivery = Delivery::open(&args.file)?;
    let sniffed = sniff(&delivery, &args.read.overrides()).map_err(InspectError::from)?;
    for problem in &sniffed.problems {
        context.out.say(Line::styled(Style::Warn, "note: ").with(Style::Plain, &problem.detail));
    }
    let columns = &sniffed.dialect.columns;
    if !context.out.json {
        context.out.csv(columns)?;
    }
    let mut reader = RecordReader::new(&delivery, &sniffed.dialect)?;
    let mut batch = RowBatch::new();
    let mut unreadable = 0;
    while reader.read_batch(&mut batch, BATCH_ROWS)? > 0 {
        for row in batch.iter() {
            if row.info().shape.is_unreadable() {
                unreadable += 1;
                say_unreadable(&row, columns.len(), unreadable, context);
            }
            write(&row, columns, context)?;
        }
    }
    if unreadable == 0 {
        return Ok(Exit::Done);
    }
    context.out.insist(format!("{} could not be read as they should be.", counted(unreadable, "row", "rows")));
    Ok(Exit::Attention)
}

/// Records read at once.
const BATCH_ROWS: usize = 1024;

/// Unreadable rows that are named one by one.
const NAMED: u64 = 10;

fn write(row: &Row<'_>, columns: &[String], context: &Context) -> Result<(), CliError> {
    if context.out.json {
        let (info, raw) = (row.info(), by_column(columns, row));
        return context.out.json(&json!({ "row": info.row, "line": info.line, "raw": raw }));
    }
    // A short row gets the cells that it lacks, so that the output is a table.
    let lacking = columns.len().saturating_sub(row.len());
    let cells: Vec<&str> = row.cells().chain(std::iter::repeat_n("", lacking)).collect();
    context.out.csv(&cells)
}

fn say_unreadable(row: &Row<'_>, columns: usize, nth: u64, context: &Context) {
    if nth <= NAMED {
        let why = row.info().shape.guidance(columns).unwrap_or_default();
        context.out.insist(format!("row {}, line {}: {why}", row.info().row, row.info().line));
    }
}
