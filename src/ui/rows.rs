//! The rows of a run, each with what became of it and the beginning of its cells.

use super::canvas::{Canvas, Span, span};
use super::table::{Cell, Column, Table, Width, drawn_width};
use super::text::cut;
use super::theme::Role;
use super::words::count;
use crate::app::data::{RowLine, RowsOnly, RunDetail};
use crate::app::explain;
use crate::app::message::Slot;
use crate::app::row::outcome_mark;
use crate::app::rows::{Rows, choices};
use crate::app::runs::RunsTarget;
use crate::app::screen::{Area, ListId, Target};
use crate::domain::field::FieldId;
use crate::domain::issue::Code;
use crate::domain::outcome::{OutcomeKind, Severity};

/// Columns of a row's cells that are shown in the list at most; the pane shows all of them.
const IN_LINE: usize = 300;
/// Columns of the name of a choice of rows.
const CHOICE: usize = 34;
/// Columns of a value that a sentence about it shows.
const VALUE: usize = 60;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area) {
    let app = canvas.app;
    let Some(rows) = &app.runs.rows else { return };
    let detail = app.runs.run.as_ref().and_then(|page| page.detail.as_deref());
    let Some(window) = &rows.window else {
        if app.waiting_since(Slot::Rows).is_none() {
            let at = Area { x: area.x + 3, width: area.width.saturating_sub(6), ..area };
            canvas.paragraph(at, "These rows cannot be read. Esc leads back to the run.", Role::Dim);
        }
        return canvas.waiting(area, Slot::Rows);
    };
    let head = Area { height: 2.min(area.height), ..area };
    title(canvas, head, detail);
    chosen(canvas, Area { y: head.y + 1, height: head.height.saturating_sub(1), ..head }, rows, detail);
    let rest = Area { y: area.y + head.height, height: area.height - head.height, ..area };
    if window.is_empty() {
        let at = Area { x: rest.x + 3, width: rest.width.saturating_sub(6), ..rest };
        canvas.paragraph(at, "No such rows. f shows those of the next outcome, Esc leads back to the run.", Role::Dim);
        return;
    }
    let pane = if rest.height >= 14 { (rest.height / 3).clamp(6, 10) } else { 0 };
    let body = Area { height: rest.height - pane, ..rest };
    table(canvas, body, rows, window, detail);
    if pane > 0
        && let Some(line) = rows.selected()
    {
        about(canvas, Area { y: body.y + body.height, height: pane, ..rest }, line, detail);
    }
}

fn title(canvas: &mut Canvas<'_>, area: Area, detail: Option<&RunDetail>) {
    let Some(line) = detail.map(|detail| &detail.line).filter(|_| area.height > 0) else { return };
    let spans = [
        span(format!("Rows of run {}", line.id), Role::Title),
        span(" · ", Role::Dim),
        span(line.source_name.as_str(), Role::Text),
        span(" · ", Role::Dim),
        span(line.delivery_name.as_str(), Role::Text),
    ];
    canvas.spans(area.x + 1, area.y, area.width.saturating_sub(2), &spans);
}

fn name_of(only: &RowsOnly) -> String {
    match only {
        RowsOnly::All => "All".to_owned(),
        RowsOnly::Kind(kind) => match kind {
            OutcomeKind::Created => "Created",
            OutcomeKind::Updated => "Updated",
            OutcomeKind::Unchanged => "Unchanged",
            OutcomeKind::Skipped => "Skipped",
            OutcomeKind::Failed => "Failed",
        }
        .to_owned(),
        RowsOnly::Warned => "Warned".to_owned(),
        RowsOnly::Noted => "Noted".to_owned(),
        RowsOnly::Issue(code, _) => code.message().to_owned(),
        RowsOnly::SkippedFor(reason) => format!("Skipped: {}", explain::skip(reason)),
    }
}

/// Which rows are shown, among those that could be, with their numbers.
fn chosen(canvas: &mut Canvas<'_>, area: Area, rows: &Rows, detail: Option<&RunDetail>) {
    let Some(detail) = detail.filter(|_| area.height > 0) else { return };
    let mut x = area.x + 1;
    let end = area.x + area.width.saturating_sub(1);
    for (place, (only, number)) in choices(detail, &rows.only).into_iter().enumerate() {
        if x >= end {
            break;
        }
        let role = if only == rows.only { Role::Tab } else { Role::Dim };
        let number = number.map(|number| format!(" {}", count(number))).unwrap_or_default();
        let columns =
            canvas.put(x, area.y, (end - x).min(40), &format!(" {}{number} ", cut(&name_of(&only), CHOICE)), role);
        canvas.target(Area { x, y: area.y, width: columns, height: 1 }, Target::Runs(RunsTarget::Choice(place)));
        x += columns + 1;
    }
}

/// What became of a row: mark, word and role; an exclamation mark where there is a warning.
pub(super) fn outcome(line: &RowLine) -> (String, Role) {
    let (mark, kind) = outcome_mark(line);
    let warned = line.row.issues.iter().any(|issue| issue.severity == Severity::Warning);
    let role = match kind {
        OutcomeKind::Failed => Role::Bad,
        OutcomeKind::Skipped => Role::Warn,
        _ if warned => Role::Warn,
        OutcomeKind::Created | OutcomeKind::Updated => Role::Good,
        OutcomeKind::Unchanged => Role::Dim,
    };
    (format!("{mark} {}{}", kind.as_str(), if warned { " !" } else { "" }), role)
}

fn table(canvas: &mut Canvas<'_>, area: Area, rows: &Rows, window: &[RowLine], detail: Option<&RunDetail>) {
    let digits = |number: Option<u64>| (count(number.unwrap_or(0)).len() as u16).max(4);
    let has_reference = window.iter().any(|line| line.reference.is_some());
    let says = window.iter().any(|line| !line.row.issues.is_empty() || !line.row.notes.is_empty())
        || !matches!(rows.only, RowsOnly::All | RowsOnly::Kind(_))
        || window.iter().any(|line| line.row.outcome.kind() == OutcomeKind::Skipped);
    let mut columns = vec![
        Column {
            title: "Row",
            width: Width::Fixed(digits(window.last().map(|line| line.row.row))),
            drop: 0,
            right: true,
        },
        Column {
            title: "Line",
            width: Width::Fixed(digits(window.last().map(|line| line.row.line))),
            drop: 3,
            right: true,
        },
        Column { title: "Outcome", width: Width::Fixed(11), drop: 0, right: false },
    ];
    if has_reference {
        columns.push(Column { title: "Reference", width: Width::Fixed(14), drop: 2, right: false });
    }
    if says {
        columns.push(Column { title: "Why", width: Width::Fill(24), drop: 0, right: false });
    }
    // Where the delivery was purged, the pane below says so once.
    let has_cells = window.iter().any(|line| line.cells.is_some());
    if has_cells {
        columns.push(Column { title: "Cells", width: Width::Fill(20), drop: 1, right: false });
    }
    let label = |id: FieldId| detail.and_then(|detail| explain::label_of(detail, Some(id))).map(str::to_owned);
    let table =
        Table { id: ListId::Rows, columns: &columns, list: &rows.list, len: window.len(), main: 2, focused: true };
    canvas.table(area, &table, |_, entry| {
        let Some(line) = window.get(entry) else { return Vec::new() };
        let (told, role) = outcome(line);
        let mut cells = vec![
            Cell::of(count(line.row.row), Role::Text),
            Cell::of(count(line.row.line), Role::Dim),
            Cell::of(told, role),
        ];
        if has_reference {
            cells.push(Cell::of(line.reference.as_deref().unwrap_or("–"), Role::Text));
        }
        if says {
            cells.push(Cell::of(explain::row(&line.row, label), Role::Text));
        }
        if has_cells {
            cells.push(Cell::of(line.cells.as_deref().map(in_line).unwrap_or_default(), Role::Dim));
        }
        cells
    });
}

/// The first cells that hold something, in one line.
fn in_line(cells: &[String]) -> String {
    let mut line = String::new();
    for cell in cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty()) {
        if !line.is_empty() {
            line.push_str(" · ");
        }
        line.push_str(cell);
        if line.len() > IN_LINE {
            break;
        }
    }
    line
}

/// The selected row: what was found in it, and its cells by their columns.
fn about(canvas: &mut Canvas<'_>, area: Area, line: &RowLine, detail: Option<&RunDetail>) {
    let (told, role) = outcome(line);
    let place = format!("Row {}, line {}", count(line.row.row), count(line.row.line));
    canvas.rule(area, &[span(place, Role::Title), span(" · ", Role::Dim), span(told, role)]);
    let mut rest = Area { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height - 1 };
    for spans in said(line, detail) {
        if rest.height <= 2 {
            break;
        }
        let text: String = spans.iter().map(|(text, _)| text.as_ref()).collect();
        let role = spans.first().map_or(Role::Text, |(_, role)| *role);
        let lines = canvas.paragraph(Area { height: (rest.height - 2).min(2), ..rest }, &text, role);
        rest = Area { y: rest.y + lines, height: rest.height - lines, ..rest };
    }
    match &line.cells {
        None => {
            let text = "The delivery was purged: what became of the row stays, its cells are gone.";
            canvas.paragraph(rest, text, Role::Dim);
        }
        Some(cells) => flow(canvas, rest, line, cells, detail),
    }
}

/// What was found in a row, a sentence each.
pub(super) fn said<'l>(line: &'l RowLine, detail: Option<&'l RunDetail>) -> Vec<Vec<Span<'l>>> {
    let label = |field: Option<FieldId>| {
        let label = detail.and_then(|detail| explain::label_of(detail, field));
        label.map(|label| format!("{label}: ")).unwrap_or_default()
    };
    let mut said: Vec<Vec<Span<'l>>> = Vec::new();
    for issue in &line.row.issues {
        let (mark, role) = if issue.severity == Severity::Error { ("✗", Role::Bad) } else { ("!", Role::Warn) };
        // What to do comes behind it, and must not be pushed off the screen.
        let value = cut(&issue.value, VALUE);
        let value = if value.is_empty() { String::new() } else { format!(" “{value}”") };
        let guidance = if issue.guidance.is_empty() { String::new() } else { format!(": {}", issue.guidance) };
        let text = format!("{mark} {}{}{value}{guidance}", label(issue.field), message(issue.code));
        said.push(vec![span(text, role)]);
    }
    if line.row.outcome.kind() == OutcomeKind::Skipped {
        said.push(vec![span(format!("– Skipped: {}", explain::row(&line.row, |_| None)), Role::Warn)]);
    }
    for (field, note) in &line.row.notes {
        said.push(vec![span(format!("· {}{}", label(*field), note.message()), Role::Dim)]);
    }
    said
}

fn message(code: Code) -> &'static str {
    code.message()
}

/// The cells behind the names of their columns, one after the other over the lines that there are.
fn flow(canvas: &mut Canvas<'_>, area: Area, line: &RowLine, cells: &[String], detail: Option<&RunDetail>) {
    let columns = detail.map(|detail| detail.columns.as_slice()).unwrap_or_default();
    let (mut x, mut y) = (area.x, area.y);
    let end = area.x + area.width;
    for (place, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.trim().is_empty()) {
        let unnamed = format!("column {}", place + 1);
        let (name, keys) = columns.get(place).map_or((unnamed.as_str(), &[][..]), |(name, keys)| (name, keys));
        let is_of = |id| detail.and_then(|detail| detail.catalog.get(id)).is_some_and(|f| keys.contains(&f.key));
        let is_bad = |severity| {
            let of = |issue: &crate::domain::outcome::Issue| issue.field.is_some_and(is_of);
            line.row.issues.iter().any(|issue| of(issue) && issue.severity == severity)
        };
        let role = if is_bad(Severity::Error) {
            Role::Bad
        } else if is_bad(Severity::Warning) {
            Role::Warn
        } else {
            Role::Text
        };
        let needed = drawn_width(name).saturating_add(2).saturating_add(drawn_width(cell)).min(area.width);
        if x > area.x && x + needed > end {
            (x, y) = (area.x, y + 1);
        }
        if y >= area.y + area.height {
            return;
        }
        let spans = [span(format!("{name}: "), Role::Dim), span(cell.as_str(), role)];
        x += canvas.spans(x, y, end - x, &spans) + 2;
    }
}
