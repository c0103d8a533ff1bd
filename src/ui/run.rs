//! The page of one run: how its rows add up, and why some did not land.

use super::canvas::{Canvas, Span, span};
use super::runs::{progress, status};
use super::table::{Cell, Column, Table, Width, drawn_width};
use super::theme::Role;
use super::words::{bytes, count, counted};
use crate::app::data::RunDetail;
use crate::app::explain;
use crate::app::message::Slot;
use crate::app::numbers;
use crate::app::run::{Reason, reasons};
use crate::app::screen::{Area, ListId};
use crate::app::time::elapsed;
use crate::domain::outcome::OutcomeKind;
use crate::domain::run::{RunKind, RunStatus};

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area) {
    let Some(page) = &canvas.app.runs.run else { return };
    let Some(detail) = page.detail.as_deref() else {
        return canvas.waiting(area, Slot::Run);
    };
    let mut rest = Rest { area: Area { x: area.x + 1, width: area.width.saturating_sub(2), ..area } };
    head(canvas, &mut rest, detail);
    equation(canvas, &mut rest, detail);
    not_rows(canvas, &mut rest, detail);
    notices(canvas, &mut rest, detail);
    let reasons = reasons(detail);
    let left = Area { x: area.x, width: area.width, ..rest.area };
    if reasons.is_empty() {
        return nothing(canvas, rest.area, detail);
    }
    let pane = if left.height >= 8 { 4 } else { 0 };
    let body = Area { height: left.height - pane, ..left };
    table(canvas, body, detail, &reasons);
    if pane > 0
        && let Some(reason) = reasons.get(page.issues.selected)
    {
        about(canvas, Area { y: body.y + body.height, height: pane, ..left }, detail, reason);
    }
}

/// What is left of the page below what was drawn.
struct Rest {
    area: Area,
}

impl Rest {
    /// The next line; none when there is no room.
    fn line(&mut self) -> Option<Area> {
        self.take(1).filter(|line| line.height > 0)
    }

    fn take(&mut self, lines: u16) -> Option<Area> {
        let lines = lines.min(self.area.height);
        let taken = Area { height: lines, ..self.area };
        self.area.y += lines;
        self.area.height -= lines;
        (lines > 0).then_some(taken)
    }
}

fn head(canvas: &mut Canvas<'_>, rest: &mut Rest, detail: &RunDetail) {
    let line = &detail.line;
    if let Some(at) = rest.line() {
        let when = canvas.when(line.started_ms.unwrap_or(line.created_ms));
        let mut spans: Vec<Span<'_>> = vec![span(format!("Run {}", line.id), Role::Title)];
        let sample = if line.sample.is_some() { "sample" } else { "" };
        let took = if line.started_ms.is_some() { elapsed(line.elapsed_ms) } else { String::new() };
        let kind = super::words::kind(line.kind);
        let by_schedule = if detail.by_schedule { "by the schedule" } else { "" };
        let parts = [
            kind,
            by_schedule,
            sample,
            &line.source_name,
            &line.delivery_name,
            &when,
            &took,
            line.mode.as_str(),
            &line.user,
        ];
        let mut taken: u16 = spans.iter().map(|(text, _)| drawn_width(text)).sum();
        for part in parts.iter().filter(|part| !part.is_empty()) {
            taken = taken.saturating_add(drawn_width(part).saturating_add(3));
            // What does not fit whole is left out, but for the name of the file.
            if taken > at.width && *part != line.delivery_name.as_str() {
                break;
            }
            spans.extend([span(" · ", Role::Dim), span((*part).to_owned(), Role::Text)]);
        }
        canvas.spans(at.x, at.y, at.width, &spans);
    }
    if let Some(at) = rest.line() {
        let (mark, _, role) = status(canvas.app, line);
        let sentence = explain::sentence(canvas.app, line);
        canvas.spans(at.x, at.y, at.width, &[span(format!("{mark} "), role), span(sentence, role)]);
    }
}

/// The mark of each outcome in the bar, with its role.
fn in_bar(kind: OutcomeKind) -> (&'static str, Role) {
    match kind {
        OutcomeKind::Created => ("█", Role::Good),
        OutcomeKind::Updated => ("▓", Role::Good),
        OutcomeKind::Unchanged => ("▒", Role::Dim),
        OutcomeKind::Skipped => ("░", Role::Warn),
        OutcomeKind::Failed => ("✗", Role::Bad),
    }
}

/// The law of conservation, as an equation that is always on the screen, and as a bar.
fn equation(canvas: &mut Canvas<'_>, rest: &mut Rest, detail: &RunDetail) {
    /// A label with its mark, and a number below it.
    const TERM: u16 = 11;
    let counts = &detail.line.counts;
    let (Some(labels), Some(numbers)) = (rest.line(), rest.line()) else { return };
    let put_right = |canvas: &mut Canvas<'_>, x: u16, y: u16, columns: u16, spans: &[Span<'_>]| {
        let room = (labels.x + labels.width).saturating_sub(x);
        canvas.spans_right(x, y, columns.min(room), spans);
    };
    let mut x = labels.x;
    for kind in OutcomeKind::ALL {
        let (mark, role) = in_bar(kind);
        let number = counts.of(kind);
        let of = |some: Role| if number == 0 { Role::Dim } else { some };
        put_right(canvas, x, labels.y, TERM, &[span(mark, of(role)), span(format!(" {}", kind.as_str()), Role::Dim)]);
        let strong = if kind == OutcomeKind::Failed { Role::Bad } else { Role::Text };
        put_right(canvas, x, numbers.y, TERM, &[span(count(number), of(strong))]);
        let sign = if kind == OutcomeKind::Failed { " =" } else { " +" };
        canvas.put(x + TERM, numbers.y, (numbers.x + numbers.width).saturating_sub(x + TERM).min(2), sign, Role::Dim);
        x += TERM + 2;
    }
    let last = (labels.x + labels.width).saturating_sub(x).min(TERM);
    if last > 0 {
        put_right(canvas, x, labels.y, last, &[span("rows", Role::Dim)]);
        put_right(canvas, x, numbers.y, last, &[span(count(counts.rows()), Role::Strong)]);
    }
    if explain::status(canvas.app, &detail.line) == RunStatus::Running {
        if let Some(at) = rest.line() {
            progress(canvas, at, &detail.line);
        }
    } else if counts.rows() > 0
        && let Some(at) = rest.line()
    {
        bar(canvas, at, detail);
    }
}

/// The outcomes, and the rows that were not reached, in proportion; each that there is gets a cell at least.
fn bar(canvas: &mut Canvas<'_>, at: Area, detail: &RunDetail) {
    let counts = &detail.line.counts;
    let [created, updated, unchanged, skipped, failed] = OutcomeKind::ALL.map(|kind| counts.of(kind));
    let not_reached = detail.not_reached.unwrap_or(0);
    let cells = shares([created, updated, unchanged, skipped, failed, not_reached], usize::from(at.width));
    let marks = OutcomeKind::ALL.map(in_bar).into_iter().chain([("·", Role::Dim)]);
    let spans: Vec<Span<'_>> = marks.zip(cells).map(|((mark, role), cells)| span(mark.repeat(cells), role)).collect();
    canvas.spans(at.x, at.y, at.width, &spans);
}

/// So many cells in proportion to numbers; each number that is not 0 gets one at least, at the cost of the largest.
fn shares<const N: usize>(numbers: [u64; N], cells: usize) -> [usize; N] {
    let all: u128 = numbers.iter().map(|number| u128::from(*number)).sum();
    if all == 0 || cells < N {
        return [0; N];
    }
    let mut shares = numbers.map(|number| {
        let share = usize::try_from(u128::from(number) * cells as u128 / all).unwrap_or(cells);
        share.max(usize::from(number > 0))
    });
    let Some(largest) = (0..N).max_by_key(|at| numbers[*at]) else { return shares };
    let others: usize = shares.iter().sum::<usize>() - shares[largest];
    shares[largest] = cells.saturating_sub(others);
    shares
}

/// What of the delivery was no row, and that every byte is accounted for.
fn not_rows(canvas: &mut Canvas<'_>, rest: &mut Rest, detail: &RunDetail) {
    let (tally, counts) = (&detail.tally, &detail.line.counts);
    if tally.bytes() == 0 && counts.rows() == 0 {
        return;
    }
    let parts =
        [("preamble", tally.preamble), ("header", tally.header), ("blank", tally.blank), ("footer", tally.footer)];
    let mut told: Vec<String> = parts
        .iter()
        .filter(|(_, part)| part.bytes > 0)
        .map(|(name, part)| format!("{name} {}", counted(part.lines, "line", "lines")))
        .collect();
    if told.is_empty() {
        told.push("nothing".to_owned());
    }
    let Some(at) = rest.line() else { return };
    let mut spans = vec![
        span("besides rows: ", Role::Dim),
        span(told.join(", "), Role::Text),
        span(format!("  {} read", bytes(detail.line.bytes)), Role::Dim),
    ];
    if counts.warnings > 0 {
        spans.push(span(format!("  {} with warnings", counted(counts.warnings, "row", "rows")), Role::Warn));
    }
    if counts.notes > 0 {
        spans.push(span(format!("  {} with notes", count(counts.notes)), Role::Dim));
    }
    canvas.spans(at.x, at.y, at.width, &spans);
}

/// Errors, reasons for attention and what people noted.
fn notices(canvas: &mut Canvas<'_>, rest: &mut Rest, detail: &RunDetail) {
    let line = &detail.line;
    let told = explain::run(canvas.app, line);
    let say = |canvas: &mut Canvas<'_>, rest: &mut Rest, most: u16, text: &str, role: Role| {
        let room = rest.area.height.saturating_sub(6).min(most);
        let lines = canvas.paragraph(Area { height: room, ..rest.area }, text, role);
        rest.take(lines);
    };
    if detail.line.status != RunStatus::Completed
        && let Some(message) = &told.message
    {
        let role = if line.status == RunStatus::NeedsAttention { Role::Warn } else { Role::Bad };
        say(canvas, rest, 4, message, role);
        say(canvas, rest, 2, &format!("Do: {}", told.next), Role::Text);
    }
    if !detail.not_mapped.is_empty() {
        let missing = detail.not_mapped.join(", ").to_lowercase();
        say(canvas, rest, 1, &format!("! Not mapped: {missing}"), Role::Warn);
    }
    if line.kind == RunKind::DryRun {
        say(canvas, rest, 1, "A dry run: no contact was written.", Role::Text);
    }
    if detail.stale {
        let text = "Contacts have changed since this dry run: an import may now do something else.";
        say(canvas, rest, 2, text, Role::Warn);
    }
    if !detail.delivery_kept {
        let text = "The delivery was purged: outcomes and reasons stay, the cells of its rows are gone.";
        say(canvas, rest, 2, text, Role::Dim);
    }
    for note in detail.notes.iter().rev().take(3) {
        let when = canvas.when(note.at_ms);
        say(canvas, rest, 2, &format!("Note by {}, {when}: {}", note.user, note.text), Role::Text);
    }
}

/// Every row landed as it stood.
fn nothing(canvas: &mut Canvas<'_>, area: Area, detail: &RunDetail) {
    if area.height < 2 || !detail.line.status.is_finished() {
        return;
    }
    let at = Area { y: area.y + 1, height: area.height - 1, ..area };
    let lines = canvas.paragraph(at, "No row failed, was skipped or had a warning.", Role::Text);
    let next =
        "Whether it landed as you meant it, only a look says: r shows the rows, enter there a row beside its contact.";
    canvas.paragraph(Area { y: at.y + lines, height: at.height - lines.min(at.height), ..at }, next, Role::Dim);
}

const COLUMNS: [Column; 5] = [
    Column { title: "Why", width: Width::Fill(24), drop: 0, right: false },
    Column { title: "Rows", width: Width::Fixed(10), drop: 0, right: true },
    Column { title: "Column", width: Width::Fill(17), drop: 2, right: false },
    Column { title: "Example", width: Width::Fill(20), drop: 1, right: false },
    Column { title: "What to do", width: Width::Fill(24), drop: 3, right: false },
];

/// The field with the column that it comes from: `Phone ← Kontakt 2`.
fn field_of(detail: &RunDetail, reason: &Reason<'_>) -> String {
    let Reason::Issue(issue) = reason else { return String::new() };
    match (explain::label_of(detail, issue.count.field), explain::column_of(detail, issue.count.field)) {
        (Some(label), Some(column)) if label == column => label.to_owned(),
        (Some(label), Some(column)) => format!("{column} → {label}"),
        (Some(label), None) => label.to_owned(),
        (None, _) => "the row".to_owned(),
    }
}

fn why(reason: &Reason<'_>) -> (&'static str, String, Role) {
    match reason {
        Reason::Issue(issue) if issue.is_error => ("✗", issue.count.code.message().to_owned(), Role::Bad),
        Reason::Issue(issue) => ("!", issue.count.code.message().to_owned(), Role::Warn),
        Reason::Skip(skipped) => ("–", format!("Skipped: {}", explain::skip(&skipped.reason)), Role::Dim),
        Reason::Skipped(_) => ("–", "Skipped".to_owned(), Role::Dim),
        Reason::Noted(_) => ("·", "Imported, with something worth knowing".to_owned(), Role::Dim),
    }
}

fn rows_of(reason: &Reason<'_>) -> u64 {
    match reason {
        Reason::Issue(issue) => issue.count.count,
        Reason::Skip(skipped) => skipped.count,
        Reason::Skipped(number) | Reason::Noted(number) => *number,
    }
}

fn example_of(reason: &Reason<'_>) -> String {
    match reason {
        Reason::Issue(issue) if issue.example.is_empty() => format!("row {}", count(issue.count.first_row)),
        Reason::Issue(issue) => format!("row {}: {}", count(issue.count.first_row), issue.example),
        Reason::Skip(skipped) => format!("row {}", count(skipped.first_row)),
        Reason::Skipped(_) | Reason::Noted(_) => String::new(),
    }
}

fn next_of(reason: &Reason<'_>) -> String {
    match reason {
        Reason::Issue(issue) => explain::issue_next(issue.count.code, &issue.guidance),
        Reason::Skip(skipped) => explain::skip_next(&skipped.reason).to_owned(),
        Reason::Skipped(_) => "Their reasons are counted when the run has ended; the rows show them now.".to_owned(),
        Reason::Noted(_) => "Nothing must be done: these values were read and kept.".to_owned(),
    }
}

fn table(canvas: &mut Canvas<'_>, area: Area, detail: &RunDetail, reasons: &[Reason<'_>]) {
    let Some(page) = &canvas.app.runs.run else { return };
    let mut columns = COLUMNS;
    let widest = reasons.iter().map(|reason| numbers::count(rows_of(reason)).len() as u16).max();
    columns[1].width = Width::Fixed(widest.unwrap_or(4).max(4));
    let table =
        Table { id: ListId::Issues, columns: &columns, list: &page.issues, len: reasons.len(), main: 0, focused: true };
    canvas.table(area, &table, |_, entry| {
        let Some(reason) = reasons.get(entry) else { return Vec::new() };
        let (mark, text, role) = why(reason);
        vec![
            Cell { spans: vec![span(mark, role), span(format!(" {text}"), Role::Text)], target: None },
            Cell::of(count(rows_of(reason)), if role == Role::Bad { Role::Bad } else { Role::Text }),
            Cell::of(field_of(detail, reason), Role::Text),
            Cell::of(example_of(reason), Role::Text),
            Cell::of(next_of(reason), Role::Dim),
        ]
    });
}

/// The selected reason in full.
fn about(canvas: &mut Canvas<'_>, area: Area, detail: &RunDetail, reason: &Reason<'_>) {
    let (mark, text, role) = why(reason);
    canvas.rule(area, &[span(format!("{mark} {text}"), role)]);
    let inner = Area { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height - 1 };
    let field = field_of(detail, reason);
    let mut spans = vec![span(counted(rows_of(reason), "row", "rows"), Role::Text)];
    if !field.is_empty() {
        spans.extend([span(" · ", Role::Dim), span(field, Role::Text)]);
    }
    let example = example_of(reason);
    if !example.is_empty() {
        spans.extend([span(" · ", Role::Dim), span(example, Role::Text)]);
    }
    canvas.spans(inner.x, inner.y, inner.width, &spans);
    let below = Area { y: inner.y + 1, height: inner.height - 1, ..inner };
    canvas.paragraph(below, &next_of(reason), Role::Text);
}

#[cfg(test)]
mod tests {
    use super::shares;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bar_is_full_and_shows_all_that_there_is(numbers in proptest::array::uniform5(0u64..5_000_000), cells in 5usize..300) {
            let shares = shares(numbers, cells);
            prop_assert_eq!(shares.iter().sum::<usize>(), if numbers == [0; 5] { 0 } else { cells });
            for (number, share) in numbers.iter().zip(shares) {
                prop_assert_eq!(share > 0, *number > 0, "{:?} in {}: {:?}", numbers, cells, shares);
            }
        }
    }
}
