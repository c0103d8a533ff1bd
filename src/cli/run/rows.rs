//! `landfall run rows`: the ledger of a run, row by row, with the raw cells of the delivery.

use crate::cli::context::Context;
use crate::cli::error::{CliError, Exit};
use crate::cli::flags::ListFlags;
use crate::cli::format::count;
use crate::cli::output::{Line, Style};
use crate::cli::raw_rows::{RawRows, by_column, reference_of};
use crate::cli::safe_csv::safe;
use crate::cli::{json, run_view};
use crate::domain::outcome::{LedgerRow, Outcome, OutcomeKind};
use crate::domain::values::clean::trim;
use crate::store::{RowsOnly, Store, StoreError};
use crate::ui::text::{cut, visible};
use crate::worker::prepare::REMARK_COLUMNS;

/// Show the rows of a run with what became of each
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall run rows 12 --only failed --csv > to-fix.csv")]
pub struct Args {
    /// The run's number
    run: u64,
    /// Only these rows
    #[arg(long, value_enum, value_name = "OUTCOME")]
    only: Option<Only>,
    /// Write the original columns as CSV, with landfall_row, landfall_outcome and landfall_reason appended
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// With --csv: the cells as they are, not made safe for spreadsheets
    #[arg(long, requires = "csv")]
    raw: bool,
    #[command(flatten)]
    list: ListFlags,
}

/// What `--only` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Only {
    Created,
    Updated,
    Unchanged,
    Skipped,
    Failed,
    Warned,
}

impl Only {
    fn of_ledger(self) -> RowsOnly {
        RowsOnly::Kind(match self {
            Only::Created => OutcomeKind::Created,
            Only::Updated => OutcomeKind::Updated,
            Only::Unchanged => OutcomeKind::Unchanged,
            Only::Skipped => OutcomeKind::Skipped,
            Only::Failed => OutcomeKind::Failed,
            Only::Warned => return RowsOnly::Warned,
        })
    }
}

/// How much of a row is shown to people, in columns of a terminal.
const ROW_COLUMNS: usize = 74;

/// The rows that were asked for, and what is needed to show them.
pub struct Rows<'s> {
    store: &'s Store,
    ledger: Box<dyn Iterator<Item = Result<LedgerRow, StoreError>> + 's>,
    raw: Option<RawRows>,
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    let store = context.store()?;
    let after = args.list.after.as_deref().map_or(Ok(0), str::parse);
    let after: u64 = after.map_err(|_| CliError::usage("--after takes the number of a row", "such as 1000"))?;
    let rows = Rows::of(&store, args.run, args.only.map(Only::of_ledger), after, args.list.limit)?;
    match (args.csv, context.out.json) {
        (true, _) => rows.each_csv(args.raw, |record| context.out.csv(record))?,
        (false, true) => write_json(rows, context)?,
        (false, false) => show(rows, context)?,
    }
    Ok(Exit::Done)
}

/// Writes rows of a run as CSV: `run rows --csv` and `export rows`.
pub fn csv(run: u64, raw: bool, context: &Context) -> Result<(), CliError> {
    let store = context.store()?;
    Rows::of(&store, run, None, 0, None)?.each_csv(raw, |record| context.out.csv(record))
}

impl<'s> Rows<'s> {
    /// At most `limit` rows of a run after a row (0 for all).
    pub fn of(
        store: &'s Store,
        run: u64,
        only: Option<RowsOnly>,
        after: u64,
        limit: Option<u64>,
    ) -> Result<Rows<'s>, CliError> {
        let run = run_view::found(store, run)?;
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let ledger = store.ledger_rows(run.id, only, after)?.take(limit);
        Ok(Rows { store, ledger: Box::new(ledger), raw: RawRows::open(&run)? })
    }

    /// The original columns, with what became of the row appended, a record at a time, the header first: ready to be
    /// mended and imported again (R267, R333). Unless they are wanted `as_is`, cells are safe in a spreadsheet.
    ///
    /// # Errors
    /// When the delivery is no longer kept, cannot be read, or `each` fails.
    pub fn each_csv(
        self,
        as_is: bool,
        mut each: impl FnMut(&[String]) -> Result<(), CliError>,
    ) -> Result<(), CliError> {
        let Rows { ledger, raw, .. } = self;
        let Some(mut raw) = raw else {
            let next = "the outcomes are kept without the cells";
            return Err(CliError::new("purged", "The delivery of this run is no longer kept", next));
        };
        let columns = raw.columns().to_vec();
        let written = |text: &str| if as_is { text.to_owned() } else { safe(text).into_owned() };
        let mut record: Vec<String> = columns.iter().map(|name| written(name)).collect();
        record.extend(REMARK_COLUMNS.map(str::to_owned));
        each(&record)?;
        for row in ledger {
            let row = row?;
            record.clear();
            let cells = raw.cells(&row)?;
            let cell = |place: usize| cells.as_ref().and_then(|cells| cells.cell(place)).unwrap_or_default();
            record.extend((0..columns.len()).map(|place| written(cell(place))));
            record.push(row.row.to_string());
            record.push(row.outcome.kind().as_str().to_owned());
            // Cells that no column of the header is for are not lost on the way to whoever mends the row.
            let beyond: Vec<&str> = cells
                .iter()
                .flat_map(|cells| (columns.len()..cells.len()).map(|at| cells.cell(at).unwrap_or_default()))
                .collect();
            let reason = match beyond.as_slice() {
                [] => in_words(&row),
                beyond => format!("{} | Cells beyond the header: {}", in_words(&row), beyond.join(" | ")),
            };
            record.push(written(&reason));
            each(&record)?;
        }
        Ok(())
    }
}

fn write_json(rows: Rows<'_>, context: &Context) -> Result<(), CliError> {
    let Rows { store, ledger, mut raw } = rows;
    let (catalog, code) = (store.catalog()?, store.workspace_code());
    for row in ledger {
        let row = row?;
        let (mut reference, mut cells) = (None, None);
        if let Some(raw) = &mut raw {
            let columns = raw.columns().to_vec();
            let intake = raw.reference();
            if let Some(found) = raw.cells(&row)? {
                reference = intake.and_then(|intake| reference_of(&intake, &found));
                cells = Some(by_column(&columns, &found));
            }
        }
        context.out.json(&json::row(&row, reference.as_deref(), cells, &catalog, code))?;
    }
    Ok(())
}

/// Why a row ended as it did, for people: the skip reason, or each issue with what to do.
fn in_words(row: &LedgerRow) -> String {
    if let Outcome::Skipped(reason) = &row.outcome {
        return reason.to_string();
    }
    let told = row.issues.iter().map(|issue| match issue.guidance.as_str() {
        "" => issue.code.message().to_owned(),
        guidance => format!("{}: {guidance}", issue.code.message()),
    });
    told.collect::<Vec<_>>().join(" | ")
}

fn show(rows: Rows<'_>, context: &Context) -> Result<(), CliError> {
    let Rows { store, ledger, mut raw } = rows;
    let mut some = false;
    if raw.is_none() {
        context.out.say("The delivery was purged: what became of each row stays, its cells are gone.");
    }
    for row in ledger {
        let row = row?;
        some = true;
        let kind = row.outcome.kind();
        let style = match kind {
            OutcomeKind::Failed => Style::Bad,
            OutcomeKind::Skipped => Style::Warn,
            _ if row.issues.is_empty() => Style::Plain,
            _ => Style::Warn,
        };
        let contact = row.outcome.record().map(|id| format!("  {}", store.workspace_code().contact_id(id)));
        let line = Line::from(format!("row {:>7}  line {:>7}  ", count(row.row), count(row.line)));
        let line = line.with(style, format!("{:<9}", kind.as_str())).with(Style::Plain, contact.unwrap_or_default());
        let line = match in_words(&row) {
            text if text.is_empty() => line,
            text => line.with(Style::Plain, format!("  {text}")),
        };
        let notes =
            row.notes.iter().fold(line, |line, (_, note)| line.with(Style::Dim, format!("  ({})", note.message())));
        context.out.answer(notes)?;
        let has_landed = row.outcome.record().is_some() && row.issues.is_empty();
        if let Some(raw) = raw.as_mut().filter(|_| !has_landed)
            && let Some(found) = raw.cells(&row)?
        {
            let cells: Vec<&str> = found.cells().map(trim).filter(|cell| !cell.is_empty()).collect();
            let shown = format!("    {}", cut(&visible(&cells.join(" · ")), ROW_COLUMNS));
            context.out.answer(Line::styled(Style::Dim, shown))?;
        }
    }
    if !some {
        context.out.say("No such rows.");
    }
    Ok(())
}
