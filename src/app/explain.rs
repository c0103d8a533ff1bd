//! What is said about runs and rows, in sentences: how a run stands, what that means for the records, what to do about
//! it, and why rows were left out. The screen, dialogs and what is copied say the same.

use super::App;
use super::data::{RunDetail, SourceLine};
use super::numbers::{count, counted};
use super::time::{elapsed, in_full};
use crate::domain::field::FieldId;
use crate::domain::issue::Code;
use crate::domain::outcome::{LedgerRow, Outcome, OutcomeKind, Severity, SkipReason};
use crate::domain::run::{RunKind, RunLine, RunStatus};

/// How a run stands, for somebody who wonders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// What went wrong, or what is noticed.
    pub message: Option<String>,
    /// What it means for the records.
    pub means: String,
    pub next: String,
    /// Since when it stands so (ms since 1970, UTC).
    pub at_ms: Option<i64>,
}

/// The status of a run; one whose process died is interrupted, whatever its row says.
pub fn status(app: &App, line: &RunLine) -> RunStatus {
    match line.status {
        RunStatus::Running if app.view.orphaned.contains(&line.id) => RunStatus::Interrupted,
        status => status,
    }
}

/// How a run ended, in a sentence that claims no more than what is known: that it finished, and that every row has its
/// outcome (R148).
pub fn sentence(app: &App, line: &RunLine) -> String {
    let done = line.counts.rows();
    let rows = counted(done, "row", "rows");
    let left = line.rows_expected.map(|expected| expected.saturating_sub(done));
    match (status(app, line), left) {
        (RunStatus::Completed | RunStatus::NeedsAttention, Some(left)) if line.sample.is_some() => {
            format!("{}: a sample of {rows}, every one accounted for; {} not asked for.", stands(line), count(left))
        }
        (RunStatus::Completed | RunStatus::NeedsAttention, _) => {
            format!("{}: {rows} read, every one accounted for.", stands(line))
        }
        (RunStatus::Queued, _) => "Waits for its turn.".to_owned(),
        (RunStatus::AwaitingRelease, _) => "Held until somebody releases it.".to_owned(),
        (RunStatus::Running, _) if line.cancel_requested => {
            format!("Stops at the end of its batch: {rows} accounted for so far.")
        }
        (RunStatus::Running, Some(_)) => {
            format!("At work: {} of {rows_expected} rows accounted for.", count(done), rows_expected = expected(line))
        }
        (RunStatus::Running, None) => format!("At work: {rows} accounted for so far."),
        (RunStatus::Interrupted, Some(left)) => {
            format!("Interrupted: {rows} accounted for, {} not reached yet.", count(left))
        }
        (RunStatus::Interrupted, None) => format!("Interrupted: {rows} accounted for."),
        (RunStatus::Failed, Some(left)) => format!("Failed: {rows} accounted for, {} not reached.", count(left)),
        (RunStatus::Failed, None) => format!("Failed: {rows} accounted for."),
        (RunStatus::Cancelled, Some(left)) => format!("Cancelled: {rows} accounted for, {} not reached.", count(left)),
        (RunStatus::Cancelled, None) => format!("Cancelled: {rows} accounted for."),
    }
}

fn expected(line: &RunLine) -> String {
    line.rows_expected.map(count).unwrap_or_default()
}

fn stands(line: &RunLine) -> String {
    match (line.status, line.counts.failed) {
        (RunStatus::NeedsAttention, _) => "Finished, needs attention".to_owned(),
        (_, 0) => "Finished".to_owned(),
        (_, failed) => format!("Finished, {} failed", counted(failed, "row", "rows")),
    }
}

/// What stands behind the status of a run.
pub fn run(app: &App, line: &RunLine) -> Explained {
    let status = status(app, line);
    let (rows, failed) = (counted(line.counts.rows(), "row", "rows"), line.counts.failed);
    let left = line.rows_expected.map_or(0, |expected| expected.saturating_sub(line.counts.rows()));
    let orphaned = app.view.orphaned.contains(&line.id);
    let message = match status {
        RunStatus::Interrupted if orphaned => Some("The process that ran it ended before the run did.".to_owned()),
        RunStatus::Completed if failed > 0 => {
            Some(format!("{} could not be imported.", counted(failed, "row", "rows")))
        }
        _ => line.error.clone(),
    };
    let dry = line.kind == RunKind::DryRun;
    let (means, next) = match status {
        RunStatus::Completed | RunStatus::NeedsAttention if dry => (
            "No record was written: these are the outcomes that the import would have.".to_owned(),
            "Enter shows why rows would be left out; then import the file from its source.",
        ),
        RunStatus::Completed if failed > 0 => (
            match line.counts.skipped {
                0 => "All other rows are imported; the failed ones are not in the contacts.".to_owned(),
                skipped => format!(
                    "The failed rows are not in the contacts, and {} skipped; all others are imported.",
                    counted(skipped, "row was", "rows were")
                ),
            },
            "Enter shows why; x exports the failed rows: mend them and import that file.",
        ),
        RunStatus::Completed => (
            "Whether the mapping is what you meant, only a look can say.".to_owned(),
            "Compare a row with its contact (enter, then r).",
        ),
        RunStatus::NeedsAttention => (
            "The run finished and every row is accounted for, but something about the mapping or the file looks wrong."
                .to_owned(),
            "Compare a row with its contact (enter, then r); if it is wrong, mend the mapping and import again.",
        ),
        RunStatus::Failed => (
            format!("It stopped for good. {rows} have their outcome and stay; {} were not reached.", count(left)),
            "Deal with the cause, then import the file again from its source: what landed is not created twice.",
        ),
        RunStatus::Interrupted if orphaned => (
            format!("{rows} have their outcome and stay; {} are not reached yet.", count(left)),
            "Nothing: a worker is started and goes on where it stopped.",
        ),
        RunStatus::Interrupted => (
            format!("{rows} have their outcome and stay; {} are not reached yet.", count(left)),
            "When the cause is dealt with, press R: it goes on where it stopped. C gives it up.",
        ),
        RunStatus::Cancelled => (
            format!("Somebody stopped it. {rows} have their outcome and stay; {} were not reached.", count(left)),
            "Import the file again from its source to get the rest: what landed is not created twice.",
        ),
        RunStatus::Queued => {
            ("It runs when the one before it has ended.".to_owned(), "Nothing: a worker takes it. C gives it up.")
        }
        RunStatus::Running => (
            "Rows are committed in batches; leaving Landfall does not stop it.".to_owned(),
            "Nothing. C stops it at the end of its batch.",
        ),
        RunStatus::AwaitingRelease => ("None of its rows is imported yet.".to_owned(), "Review it, then release it."),
    };
    let next = match status {
        RunStatus::Interrupted if !app.can_change() => "Nothing can be changed from here: somebody who may resumes it.",
        _ => next,
    };
    let at_ms = line.finished_ms.or(line.heartbeat_ms).or(line.started_ms);
    Explained { message, means, next: next.to_owned(), at_ms }
}

/// Rows a second and the time left (ms), of a run at work.
pub fn pace(line: &RunLine) -> Option<(u64, Option<u64>)> {
    let done = line.counts.rows();
    let a_second = (done * 1_000).checked_div(line.elapsed_ms).filter(|rate| *rate > 0)?;
    let left = line.rows_expected.map(|expected| expected.saturating_sub(done) * 1_000 / a_second);
    Some((a_second, left))
}

/// How much of a run is done, in hundredths; never 100 before the end.
pub fn percent(line: &RunLine) -> Option<u64> {
    let by_rows = line.rows_expected.map(|expected| (line.counts.rows(), expected));
    let (done, all) = by_rows.or_else(|| line.bytes_expected.map(|expected| (line.bytes, expected)))?;
    Some((done * 100).checked_div(all)?.min(99))
}

/// Why a row was left out on purpose, for people.
pub fn skip(reason: &SkipReason) -> String {
    match reason {
        SkipReason::Duplicate => "the contact is there already".to_owned(),
        SkipReason::NotFound => "there is no such contact".to_owned(),
        SkipReason::Deleted => "its contact was deleted here".to_owned(),
        SkipReason::Filter(condition) => format!("filter “{condition}”"),
        SkipReason::Since => "not changed since the day asked for".to_owned(),
        SkipReason::Status => "the source's own status leaves it out".to_owned(),
    }
}

/// What to do where rows were left out for this reason and should not have been.
pub fn skip_next(reason: &SkipReason) -> &'static str {
    match reason {
        SkipReason::Duplicate => {
            "This import only creates. Import in upsert mode to update the contacts that are there."
        }
        SkipReason::NotFound => {
            "This import only updates. Import in upsert mode to create the contacts that are not there."
        }
        SkipReason::Deleted => "Somebody deleted these contacts. Import with “recreate deleted” to have them again.",
        SkipReason::Filter(_) => "They were not meant to land. If they were, change the filter and import again.",
        SkipReason::Since => "They are older than what was asked for. Import without the day to have them too.",
        SkipReason::Status => "Change the status in the source, or its criteria, and import again.",
    }
}

/// What a row's line says of it: why it was left out, or what was noticed.
pub fn row(row: &LedgerRow, label: impl Fn(FieldId) -> Option<String>) -> String {
    if let Outcome::Skipped(reason) = &row.outcome {
        return skip(reason);
    }
    let of = |field: Option<FieldId>| field.and_then(&label).map(|label| format!(" ({label})")).unwrap_or_default();
    let mut issues: Vec<_> = row.issues.iter().collect();
    issues.sort_by_key(|issue| issue.severity != Severity::Error);
    let mut told: Vec<String> =
        issues.iter().map(|issue| format!("{}{}", issue.code.message(), of(issue.field))).collect();
    told.extend(row.notes.iter().map(|(field, note)| format!("{}{}", note.message(), of(*field))));
    told.join("; ")
}

/// A file name for the rows that are exported.
pub fn export_name(line: &RunLine, what: &str) -> String {
    let file = line.delivery_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let stem: String =
        stem.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' }).collect();
    let stem = if stem.is_empty() { "rows" } else { &stem };
    format!("{}-run-{}-{what}.csv", stem.chars().take(60).collect::<String>(), line.id)
}

/// A run as text, for a ticket or a note.
pub fn summary(app: &App, detail: &RunDetail) -> String {
    let line = &detail.line;
    let mut text = format!("Landfall run {} of {} ({})\n", line.id, line.source_name, line.delivery_name);
    text.push_str(&sentence(app, line));
    text.push('\n');
    let parts: Vec<String> =
        OutcomeKind::ALL.iter().map(|kind| format!("{} {}", kind.as_str(), count(line.counts.of(*kind)))).collect();
    text.push_str(&format!("{} = {} rows\n", parts.join(" + "), count(line.counts.rows())));
    if let Some(started) = line.started_ms {
        text.push_str(&format!(
            "started {}, took {}, by {}\n",
            in_full(started, app.zone),
            elapsed(line.elapsed_ms),
            line.user
        ));
    }
    if let Some(error) = &line.error {
        text.push_str(&format!("error: {error}\n"));
    }
    for issue in &detail.issues {
        let column = column_of(detail, issue.count.field).map(|name| format!(", column {name:?}")).unwrap_or_default();
        text.push_str(&format!(
            "{} x {} [{}]{column}; first in row {}: {:?}. {}\n",
            count(issue.count.count),
            issue.count.code.message(),
            issue.count.code.as_str(),
            issue.count.first_row,
            issue.example,
            issue.guidance
        ));
    }
    for skipped in detail.skips.iter().flatten() {
        text.push_str(&format!("{} x skipped: {}\n", count(skipped.count), skip(&skipped.reason)));
    }
    text
}

/// The column of the file that is mapped to a field.
pub fn column_of(detail: &RunDetail, field: Option<FieldId>) -> Option<&str> {
    let key = &detail.catalog.get(field?)?.key;
    detail.columns.iter().find(|(_, mapped)| mapped.contains(key)).map(|(name, _)| name.as_str())
}

/// The label of a field.
pub fn label_of(detail: &RunDetail, field: Option<FieldId>) -> Option<&str> {
    detail.catalog.get(field?).map(|field| field.label.as_str())
}

/// What is looked at before a run is tried again (R144–R147): word and text.
pub fn before_retry(app: &App, detail: &RunDetail) -> Vec<(String, String)> {
    let line = &detail.line;
    let source = app.runs.source_of(app, line.source);
    let status = |source: &SourceLine| {
        let why = source.health.reason.as_ref().map(|reason| format!(": {}", reason.message));
        format!("{}{}", source.health.status.label(), why.unwrap_or_default())
    };
    let scope = |source: &SourceLine| Some(source.scope.clone()).filter(|scope| !scope.is_empty());
    let config = &detail.config;
    let mut how = format!("{}, {} mapped", line.mode.as_str(), counted(config.mapped as u64, "column", "columns"));
    if let Some((name, version)) = source.and_then(|source| source.mapping.as_ref()) {
        how.push_str(&format!(" (mapping {name}, version {version})"));
    }
    if let Some(country) = &config.country {
        how.push_str(&format!(", phones of {country}"));
    }
    if !config.filters.is_empty() {
        how.push_str(&format!(", filter {}", config.filters.join(" and ")));
    }
    if config.clear_empty {
        how.push_str(", empty cells empty fields");
    }
    vec![
        ("Last error".to_owned(), line.error.clone().unwrap_or_else(|| "none is known".to_owned())),
        ("Source".to_owned(), source.map_or_else(|| "not known any more".to_owned(), status)),
        ("Objects".to_owned(), source.and_then(scope).unwrap_or_else(|| "contacts".to_owned())),
        ("Settings".to_owned(), how),
    ]
}

/// The name of an issue's code is enough for most; what to do about a kind of them where no row said it.
pub fn issue_next(code: Code, guidance: &str) -> String {
    if guidance.is_empty() {
        format!("See the rows: {}.", code.as_str().replace('_', " "))
    } else {
        guidance.to_owned()
    }
}
