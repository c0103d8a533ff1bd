//! Runs.

use crate::app::data::{IssueView, NoteView, RunConfig, RunDetail, RunsWanted};
use crate::app::mapping;
use crate::app::message::Failure;
use crate::cli::raw_rows::RawRows;
use crate::cli::run_view;
use crate::domain::field::Catalog;
use crate::domain::id::RunId;
use crate::domain::outcome::{RowsOnly, Severity};
use crate::domain::run::{self, IssueCount, RunKind, RunLine, RunStatus, SkipCount};
use crate::domain::source::{Pickup, PickupCause};
use crate::shell::desk::Desk;
use crate::store::{RunFilter, RunRow, Store, StoreError};
use crate::ui::words;
use crate::worker::execute::plan_of;
use std::sync::Arc;

/// Runs that are looked through at once for a text.
const LOOKED_THROUGH: u64 = 1_000;

/// A page of runs, and whether there are more.
pub(super) fn page(desk: &Desk, wanted: &RunsWanted) -> Result<(Vec<RunLine>, bool), Failure> {
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let text = wanted.text.trim().to_lowercase();
    let at_once = if text.is_empty() { wanted.limit + 1 } else { LOOKED_THROUGH };
    let mut after = wanted.after;
    let mut found: Vec<RunLine> = Vec::new();
    loop {
        let filter = RunFilter { source: wanted.source, status: wanted.status, after, limit: Some(at_once) };
        let lines = desk.store.run_lines(&filter)?;
        let ended = (lines.len() as u64) < at_once;
        after = lines.last().map(|line| line.id);
        found.extend(lines.into_iter().filter(|line| matches(line, &text)));
        if ended || found.len() > limit {
            break;
        }
    }
    let more = found.len() > limit;
    found.truncate(limit);
    Ok((found, more))
}

/// Whether a run has the text, in lower case, in what its line shows.
fn matches(line: &run::RunLine, text: &str) -> bool {
    let number = line.id.to_string();
    text.is_empty()
        || [&number, &line.source_name, &line.delivery_name, &line.user]
            .iter()
            .any(|has| has.to_lowercase().contains(text))
        || words::status(line.status).to_lowercase().contains(text)
        || words::kind(line.kind).contains(text)
}

/// One run with why its rows did not all land.
pub(super) fn detail(desk: &mut Desk, id: RunId) -> Result<RunDetail, Failure> {
    let row = run_view::found(&desk.store, id.0)?;
    let skips = skips(desk, &row)?;
    let store = &desk.store;
    let line = store.run_line(id)?;
    let line = line.ok_or_else(|| StoreError::NoSuch { what: "run", id: id.to_string() })?;
    let plan = plan_of(&row)?;
    let catalog = Catalog::of(plan.fields.clone()).map_or_else(|_| store.catalog(), Ok)?;
    let issues = row.issue_counts.iter().map(|count| issue(store, &row, count)).collect::<Result<_, _>>()?;
    let columns = plan
        .mapping
        .columns
        .iter()
        .map(|column| (column.header.clone(), column.targets().map(str::to_owned).collect()));
    Ok(RunDetail {
        columns: columns.collect(),
        cleared: row.cleared.clone(),
        issues,
        skips,
        tally: row.tally,
        not_reached: row.not_reached(),
        attention: if row.status == RunStatus::NeedsAttention {
            row.error.iter().cloned().collect()
        } else {
            Vec::new()
        },
        notes: row
            .notes
            .iter()
            .map(|note| NoteView { user: note.user.clone(), at_ms: note.at_ms, text: note.text.clone() })
            .collect(),
        stale: store.is_stale(&row)?,
        delivery_kept: RawRows::is_kept(&row),
        not_mapped: mapping::not_mapped(&plan.mapping, &catalog),
        config: RunConfig {
            country: plan.country.clone(),
            filters: plan.filters.iter().map(|filter| filter.text.clone()).collect(),
            clear_empty: plan.clear_empty,
            mapped: plan.mapping.columns.iter().filter(|column| column.targets().next().is_some()).count(),
        },
        catalog: Arc::new(catalog),
        by_schedule: is_by_schedule(store, &line)?,
        line,
    })
}

/// Whether a look that the schedule asked for queued the run.
fn is_by_schedule(store: &Store, line: &RunLine) -> Result<bool, StoreError> {
    /// Looks at a source that are kept in mind: that of an older run is not told any more.
    const LOOKS: u64 = 500;
    if line.kind != RunKind::Sync {
        return Ok(false);
    }
    let during = |look: &Pickup| {
        look.started_ms <= line.created_ms && look.finished_ms.is_none_or(|finished| line.created_ms <= finished)
    };
    let looks = store.pickups(line.source, LOOKS)?;
    Ok(looks.iter().find(|look| during(look)).is_some_and(|look| look.cause == PickupCause::Schedule))
}

/// A kind of issue with its first row, which shows what is meant.
fn issue(store: &Store, run: &RunRow, count: &IssueCount) -> Result<IssueView, Failure> {
    let of = |issue: &&crate::domain::outcome::Issue| issue.code == count.code && issue.field == count.field;
    let first = match store.ledger_row(run.id, count.first_row) {
        Err(StoreError::NoSuch { .. }) => None,
        first => first?,
    };
    let first = first.and_then(|row| row.issues.iter().find(of).cloned());
    let is_error = first.as_ref().is_none_or(|issue| issue.severity == Severity::Error);
    let (guidance, example) = first.map(|issue| (issue.guidance, issue.value)).unwrap_or_default();
    Ok(IssueView { count: count.clone(), is_error, guidance, example })
}

/// Why rows were skipped. Counting takes as long as there are rows with something to say: it waits for the run's end.
fn skips(desk: &mut Desk, run: &RunRow) -> Result<Option<Vec<SkipCount>>, Failure> {
    if run.counts.skipped == 0 {
        return Ok(Some(Vec::new()));
    }
    if matches!(run.status, RunStatus::Running | RunStatus::Queued) {
        return Ok(None);
    }
    if let Some((_, counts)) = desk.skips.as_ref().filter(|(counted, _)| *counted == run.id) {
        return Ok(Some(counts.clone()));
    }
    let counts = match desk.store.skip_counts(run.id) {
        // The rows of an old dry run are removed; its totals stay and are shown alone.
        Err(StoreError::NoSuch { .. }) => return Ok(None),
        counts => counts?,
    };
    if !run.status.can_resume() {
        desk.skips = Some((run.id, counts.clone()));
    }
    Ok(Some(counts))
}

/// Which rows of the ledger the application means; none for all of them.
pub(in crate::shell) fn ledger_only(only: &crate::app::data::RowsOnly) -> Option<RowsOnly> {
    use crate::app::data::RowsOnly as Wanted;
    match only.clone() {
        Wanted::All => None,
        Wanted::Kind(kind) => Some(RowsOnly::Kind(kind)),
        Wanted::Warned => Some(RowsOnly::Warned),
        Wanted::Noted => Some(RowsOnly::Noted),
        Wanted::Issue(code, field) => Some(RowsOnly::Issue { code, field }),
        Wanted::SkippedFor(reason) => Some(RowsOnly::SkippedFor(reason)),
    }
}
