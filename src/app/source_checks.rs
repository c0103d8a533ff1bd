//! What is found out about a source before anything is done: the guided check (R347, R364, R367), and what a backfill
//! would bring (R84, R85).

use super::arrivals::{Backfill, Checked};
use super::data::SourceLine;
use super::dialog::{Confirm, Dialog, Prompt, Purpose, Text, TextLine};
use super::field::Field;
use super::list::List;
use super::message::{Act, Failure, Question};
use super::numbers::{count as in_digits, counted as number_of};
use super::{App, Effects, source_text, sources};
use crate::domain::id::SourceId;
use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;

/// Deliveries that a backfill lists one by one.
const LISTED: usize = 8;

fn check_title(app: &App, id: SourceId) -> String {
    format!("Check of {}", sources::name_of(app, id))
}

fn backfill_title(app: &App, id: SourceId) -> String {
    format!("Backfill of {}", sources::name_of(app, id))
}

fn waiting(title: String, what: &str) -> Dialog {
    let lines = vec![TextLine::Dim(what.to_owned())];
    Dialog::Text(Text { title, lines, copy: String::new(), list: List::default() })
}

/// The text that waits under this title, if it still does.
fn waits<'a>(app: &'a mut App, title: &str) -> Option<&'a mut Text> {
    match app.dialogs.last_mut() {
        Some(Dialog::Text(text)) if text.title == title => Some(text),
        _ => None,
    }
}

/// Begins the guided check.
pub(super) fn open(app: &mut App, id: SourceId, fx: &mut Effects) {
    let what = "Checking, from where its files lie to the last run. Nothing is imported …";
    app.open(waiting(check_title(app, id), what));
    app.ask(Question::CheckSource(id), fx);
}

/// What the check came to: each step with its tick, the first that failed with what to do and who does it.
pub(super) fn checked(app: &mut App, checked: &Checked) {
    let title = check_title(app, checked.source);
    let Some(text) = waits(app, &title) else { return };
    let mut lines = Vec::new();
    for step in &checked.steps {
        lines.push(match &step.found {
            Some((true, detail)) => TextLine::Plain(format!("✓ {}: {detail}", step.what)),
            Some((false, detail)) => TextLine::Error(format!("✗ {}: {detail}", step.what)),
            None => TextLine::Dim(format!("· {}: not reached", step.what)),
        });
    }
    lines.push(TextLine::Empty);
    match &checked.next {
        Some(next) => {
            lines.push(TextLine::Pair("What to do".to_owned(), next.clone()));
            let owner = checked.owner.clone();
            let owner = owner.unwrap_or_else(|| "nobody is recorded: edit the source (E) to say who".to_owned());
            lines.push(TextLine::Pair("Owner upstream".to_owned(), owner));
        }
        None if checked.steps.iter().all(|step| step.found.is_some()) => {
            lines.push(TextLine::Plain("All of it is as it should be.".to_owned()));
        }
        None => lines.push(TextLine::Plain("Nothing is wrong so far; the rest shows when there is a file.".to_owned())),
    }
    text.copy = source_text::plain(&lines);
    text.lines = lines;
}

/// Asks from which day on deliveries are to be considered again.
pub(super) fn ask(line: &SourceLine, zone: Tz) -> Prompt {
    let day = DateTime::from_timestamp_millis(line.created_ms).map(|at| at.with_timezone(&zone).date_naive());
    Prompt {
        title: format!("Backfill of {}", line.name),
        label: "Deliveries that arrived on this day or later; counted first".to_owned(),
        field: Field::with(&day.map(|day| day.to_string()).unwrap_or_default()),
        purpose: Purpose::BackfillSource(line.id),
        error: None,
    }
}

/// Has counted what a backfill would bring.
pub(super) fn count(app: &mut App, id: SourceId, since: NaiveDate, fx: &mut Effects) {
    let what = "Counting by dry runs what would come of it. Nothing is imported …";
    app.open(waiting(backfill_title(app, id), what));
    app.ask(Question::Backfill(id, since), fx);
}

/// What a backfill would bring: told, and asked for.
pub(super) fn counted(app: &mut App, backfill: &Backfill) {
    let since = backfill.since;
    let title = backfill_title(app, backfill.source);
    let Some(text) = waits(app, &title) else { return };
    let mut lines = vec![TextLine::Plain(
        "Filters and dates hold for what comes after they were set: earlier records are not reconsidered by themselves."
            .to_owned(),
    )];
    lines.push(TextLine::Empty);
    for (delivery, counts) in backfill.deliveries.iter().take(LISTED) {
        let text = format!(
            "{}: {} created, {} updated, {} unchanged, {} skipped, {} failed",
            number_of(counts.rows(), "row", "rows"),
            in_digits(counts.created),
            in_digits(counts.updated),
            in_digits(counts.unchanged),
            in_digits(counts.skipped),
            in_digits(counts.failed)
        );
        lines.push(TextLine::Item(format!("{delivery}: {text}")));
    }
    let more = backfill.deliveries.len().saturating_sub(LISTED);
    if more > 0 {
        lines.push(TextLine::Item(format!("and {}", number_of(more as u64, "more delivery", "more deliveries"))));
    }
    for (delivery, why) in backfill.left_out.iter().take(LISTED) {
        lines.push(TextLine::Error(format!("Left out: {delivery}: {why}")));
    }
    if backfill.deliveries.is_empty() {
        lines.push(TextLine::Plain(format!("Nothing that can be considered again has arrived since {since}.")));
        text.copy = source_text::plain(&lines);
        text.lines = lines;
        return;
    }
    if backfill.deliveries.len() > 1 {
        let together = "Each was counted by itself: what one creates, a later one updates or leaves.";
        lines.push(TextLine::Dim(together.to_owned()));
    }
    let confirm = Confirm {
        title: format!("{title} since {since}"),
        lines,
        yes: format!("Import {} again", number_of(backfill.deliveries.len() as u64, "delivery", "deliveries")),
        act: Act::StartBackfill(backfill.source).into(),
        chosen: false,
    };
    app.dialogs.pop();
    app.open(Dialog::Confirm(confirm));
}

/// A question of these failed. Answers whether the dialog shows that.
pub(super) fn failed(app: &mut App, failure: &Failure) -> bool {
    let Some(Dialog::Text(text)) = app.dialogs.last_mut() else { return false };
    if !text.copy.is_empty() {
        return false;
    }
    text.lines = vec![TextLine::Error(failure.told())];
    text.copy = failure.told();
    true
}
