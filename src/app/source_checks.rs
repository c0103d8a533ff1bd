//! What a backfill of a source would bring, found out before anything is done (R84, R85).

use super::arrivals::Backfill;
use super::data::SourceLine;
use super::dialog::{Confirm, Dialog, Prompt, Purpose, Text, TextLine};
use super::field::Field;
use super::list::List;
use super::message::{Act, Failure, Question};
use super::numbers::{count as in_digits, counted as number_of};
use super::{App, Effects, source_text, sources};
use crate::domain::id::SourceId;
use crate::domain::outcome::{Counts, OutcomeKind};
use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;

/// Deliveries that a backfill lists one by one.
const LISTED: usize = 8;

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

/// Asks from which day on deliveries are to be considered again.
pub(super) fn ask(line: &SourceLine, zone: Tz) -> Prompt {
    let day = DateTime::from_timestamp_millis(line.created_ms).map(|at| at.with_timezone(&zone).date_naive());
    Prompt {
        title: format!("Backfill of {}", line.name),
        label: "Read again what arrived from this day on. It is counted first.".to_owned(),
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
    let mut lines = Vec::new();
    if !backfill.deliveries.is_empty() {
        let what = "Deliveries that came before, read again with the filters and dates as they are now. Nothing is \
                    imported before you say yes.";
        lines.extend([TextLine::Plain(what.to_owned()), TextLine::Empty]);
    }
    for (delivery, counts) in backfill.deliveries.iter().take(LISTED) {
        let rows = number_of(counts.rows(), "row", "rows");
        lines.push(TextLine::Item(format!("{delivery}: {rows}: {}", outcomes(counts))));
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
    let changes = |counts: &Counts| counts.created + counts.updated > 0;
    if !backfill.deliveries.iter().any(|(_, counts)| changes(counts)) {
        lines.push(TextLine::Strong("No contact would be created or changed: there is no need for it.".to_owned()));
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
        list: List::default(),
    };
    app.dialogs.pop();
    app.open(Dialog::Confirm(confirm));
}

/// What would become of the rows: what nothing becomes of is not told.
fn outcomes(counts: &Counts) -> String {
    let parts: Vec<String> = OutcomeKind::ALL
        .into_iter()
        .filter(|kind| counts.of(*kind) > 0)
        .map(|kind| format!("{} {}", in_digits(counts.of(kind)), kind.as_str()))
        .collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
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
