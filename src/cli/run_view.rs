//! A run as people see it: what became of its rows, and that they add up.

use super::context::Context;
use super::error::CliError;
use super::format::{bytes, count, counted, elapsed, when};
use super::json;
use super::output::{Line, Style};
use super::table::Table;
use crate::domain::field::Catalog;
use crate::domain::id::RunId;
use crate::domain::outcome::OutcomeKind;
use crate::domain::run::{RunKind, RunStatus, SkipCount};
use crate::domain::wording::capital;
use crate::store::{RunRow, Store, StoreError};

/// As many reasons for skipping are told one by one.
const SKIP_REASONS: usize = 10;

/// The run of this number.
pub fn found(store: &Store, run: u64) -> Result<RunRow, CliError> {
    let missing = || CliError::not_found(format!("run {run}"), "`landfall runs` lists the runs");
    store.run(RunId(run))?.ok_or_else(missing)
}

/// Answers with a run: as JSON, or for people.
pub fn show(context: &Context, store: &Store, run: &RunRow) -> Result<(), CliError> {
    let catalog = store.catalog()?;
    if context.out.json {
        return context.out.json(&json::run(run, &catalog));
    }
    head(context, store, run)?;
    equation(context, run)?;
    cleared(context, run, &catalog)?;
    not_rows(context, run)?;
    reasons(context, store, run, &catalog)?;
    for note in &run.notes {
        let by = format!("note by {}, {}: ", note.user, when(note.at_ms, context.now_ms()));
        context.out.answer(Line::styled(Style::Dim, by).with(Style::Plain, &note.text))?;
    }
    Ok(())
}

/// How a status reads, and how it is set off.
pub fn status(run: &RunRow) -> (Style, String) {
    let failed = run.counts.failed;
    match run.status {
        RunStatus::Completed if failed == 0 => (Style::Good, "finished".to_owned()),
        RunStatus::Completed => (Style::Warn, format!("finished, {} failed", counted(failed, "row", "rows"))),
        RunStatus::NeedsAttention => (Style::Warn, "finished, needs attention".to_owned()),
        RunStatus::Failed => (Style::Bad, "failed".to_owned()),
        RunStatus::Interrupted => (Style::Warn, "interrupted".to_owned()),
        RunStatus::AwaitingRelease => (Style::Warn, "awaiting release".to_owned()),
        RunStatus::Queued | RunStatus::Running | RunStatus::Cancelled => (Style::Plain, run.status.as_str().to_owned()),
    }
}

fn head(context: &Context, store: &Store, run: &RunRow) -> Result<(), CliError> {
    let kind = if run.kind == RunKind::DryRun { "dry run" } else { run.kind.as_str() };
    let at = when(run.started_ms.unwrap_or(run.created_ms), context.now_ms());
    let parts =
        [kind, &run.source_name, &run.delivery_name, run.mode.as_str(), &at, &elapsed(run.elapsed_ms), &run.user];
    let title = format!("Run {}", run.id);
    let rest = parts.iter().filter(|part| !part.is_empty()).map(|part| format!(" · {part}")).collect::<String>();
    context.out.answer(Line::styled(Style::Bold, title).with(Style::Plain, rest))?;
    let (style, text) = status(run);
    let rows = counted(run.counts.rows(), "row", "rows");
    let so_far = match (run.status.is_finished(), run.not_reached()) {
        (true, Some(left)) if run.is_sample() => {
            format!(": a sample of {rows}, every one accounted for; {} not asked for", count(left))
        }
        (true, _) => format!(": {rows} read, every one accounted for"),
        (false, Some(left)) => format!(": {rows} accounted for, {} not reached", count(left)),
        (false, None) => format!(": {rows} accounted for so far"),
    };
    context.out.answer(Line::styled(style, capital(&text)).with(Style::Plain, so_far))?;
    if let Some(error) = &run.error {
        context.out.answer(Line::styled(Style::Bad, "  why: ").with(Style::Plain, error))?;
    }
    if run.status == RunStatus::Interrupted {
        context.out.answer(
            Line::styled(Style::Dim, "  do:  ").with(Style::Plain, format!("landfall run resume {}", run.id)),
        )?;
    }
    if store.is_stale(run)? {
        context.out.answer("  Records have changed since this dry run: an import may now do something else")?;
    }
    Ok(())
}

/// The law of conservation, as an equation.
fn equation(context: &Context, run: &RunRow) -> Result<(), CliError> {
    let mut line = Line::from("  ");
    for kind in OutcomeKind::ALL {
        let number = run.counts.of(kind);
        let style = match kind {
            _ if number == 0 => Style::Dim,
            OutcomeKind::Failed => Style::Bad,
            _ => Style::Plain,
        };
        line = line.with(style, format!("{} {}", kind.as_str(), count(number))).with(Style::Plain, "   ");
    }
    context.out.answer(line.with(Style::Bold, format!("= {}", count(run.counts.rows()))))?;
    if run.counts.warnings + run.counts.notes > 0 {
        let with = |number, what| format!("{} with {what}", counted(number, "row", "rows"));
        let (warnings, notes) = (with(run.counts.warnings, "warnings"), with(run.counts.notes, "notes"));
        context.out.answer(format!("  {warnings}, {notes}"))?;
    }
    Ok(())
}

/// Which fields lost what they held to empty cells, and how often.
fn cleared(context: &Context, run: &RunRow, catalog: &Catalog) -> Result<(), CliError> {
    if run.cleared.is_empty() {
        return Ok(());
    }
    let label = |id| catalog.get(id).map_or("a removed field", |field| field.label.as_str());
    let fields: Vec<String> =
        run.cleared.iter().map(|cleared| format!("{} {}", label(cleared.field), count(cleared.count))).collect();
    let all = run.cleared.iter().map(|cleared| cleared.count).sum();
    context.out.answer(format!("  {} cleared by empty cells: {}", counted(all, "value", "values"), fields.join(", ")))
}

/// What of the delivery was no record.
fn not_rows(context: &Context, run: &RunRow) -> Result<(), CliError> {
    let tally = &run.tally;
    let parts: Vec<String> =
        [("preamble", tally.preamble), ("header", tally.header), ("blank", tally.blank), ("footer", tally.footer)]
            .into_iter()
            .filter(|(_, part)| part.bytes > 0)
            .map(|(name, part)| format!("{name} {} ({})", counted(part.lines, "line", "lines"), bytes(part.bytes)))
            .collect();
    if run.bytes() == 0 {
        return Ok(());
    }
    let records = format!("records {}", bytes(tally.records.bytes));
    let all: Vec<String> = std::iter::once(records).chain(parts).collect();
    context.out.answer(Line::styled(Style::Dim, format!("  {}   = {} bytes", all.join(" · "), count(run.bytes()))))
}

/// Why rows failed, were warned or were skipped.
fn reasons(context: &Context, store: &Store, run: &RunRow, catalog: &Catalog) -> Result<(), CliError> {
    let mut table = Table::new(&["  Why", "#Rows", "Field", "#First row"]);
    for issue in &run.issue_counts {
        let field = issue.field.and_then(|id| catalog.get(id)).map_or("–", |field| field.label.as_str());
        table.plain([
            format!("  {}", issue.code.message()),
            count(issue.count),
            field.to_owned(),
            count(issue.first_row),
        ]);
    }
    skipped(&mut table, &skip_counts(store, run)?);
    if table.is_empty() {
        return Ok(());
    }
    table.show(&context.out)?;
    let rows = format!("landfall run rows {} --only", run.id);
    for (some, command) in [
        (run.counts.failed > 0, format!("{rows} failed --csv > to-fix.csv")),
        (run.counts.warnings > 0, format!("{rows} warned")),
    ] {
        if some {
            context.out.answer(Line::styled(Style::Dim, "  do: ").with(Style::Plain, command))?;
        }
    }
    Ok(())
}

/// Why rows were skipped, as the stored rows say.
fn skip_counts(store: &Store, run: &RunRow) -> Result<Vec<SkipCount>, CliError> {
    if run.counts.skipped == 0 {
        return Ok(Vec::new());
    }
    match store.skip_counts(run.id) {
        // The rows of an old dry run are removed; its totals stay and are shown alone.
        Err(StoreError::NoSuch { .. }) => Ok(Vec::new()),
        counts => Ok(counts?),
    }
}

/// The most frequent reasons, each with its number; the others in one row, so that the numbers add up.
fn skipped(table: &mut Table, counts: &[SkipCount]) {
    let (shown, rest) = counts.split_at(counts.len().min(SKIP_REASONS));
    let mut row = |why: String, rows: u64, first_row: u64| {
        table.plain([format!("  – Skipped: {why}"), count(rows), "–".to_owned(), count(first_row)]);
    };
    for SkipCount { reason, count, first_row } in shown {
        row(reason.to_string(), *count, *first_row);
    }
    if let Some(first_row) = rest.iter().map(|skipped| skipped.first_row).min() {
        let more = counted(rest.len() as u64, "more reason", "more reasons");
        row(format!("and {more}"), rest.iter().map(|skipped| skipped.count).sum(), first_row);
    }
}
