//! One row beside the contact that it became, cell by cell.

use super::canvas::{Canvas, span};
use super::rows::{outcome, said};
use super::table::{Cell, Column, Table, Width};
use super::theme::Role;
use super::words::count;
use crate::app::data::RowDetail;
use crate::app::message::Slot;
use crate::app::row::{Pair, pairs, value_text};
use crate::app::screen::{Area, ListId};
use crate::domain::outcome::{OutcomeKind, Severity};
use crate::domain::run::RunKind;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area) {
    let app = canvas.app;
    let Some(page) = &app.runs.row else { return };
    let Some(detail) = page.detail.as_deref() else {
        return canvas.waiting(area, Slot::Row);
    };
    let mut rest = Area { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    head(canvas, rest, detail);
    rest = below(rest, 1);
    let run = app.runs.run.as_ref().and_then(|page| page.detail.as_deref());
    for spans in said(&detail.line, run) {
        let room = rest.height.saturating_sub(6).min(3);
        let role = spans.first().map_or(Role::Text, |(_, role)| *role);
        let text: String = spans.iter().map(|(text, _)| text.as_ref()).collect();
        let lines = canvas.paragraph(Area { height: room, ..rest }, &text, role);
        rest = below(rest, lines);
    }
    if let Some(text) = about_record(canvas, detail) {
        let lines = canvas.paragraph(Area { height: rest.height.min(2), ..rest }, &text, Role::Dim);
        rest = below(rest, lines);
    }
    let pairs = pairs(detail);
    if pairs.is_empty() {
        return;
    }
    let left = Area { x: area.x, width: area.width, ..rest };
    let pane = if left.height >= 10 { 5 } else { 0 };
    let body = Area { height: left.height - pane, ..left };
    table(canvas, body, &pairs, detail);
    if pane > 0
        && let Some(pair) = pairs.get(page.list.selected)
    {
        about(canvas, Area { y: body.y + body.height, height: pane, ..left }, pair);
    }
}

fn below(area: Area, lines: u16) -> Area {
    let lines = lines.min(area.height);
    Area { y: area.y + lines, height: area.height - lines, ..area }
}

fn head(canvas: &mut Canvas<'_>, area: Area, detail: &RowDetail) {
    if area.height == 0 {
        return;
    }
    let row = &detail.line.row;
    let (told, role) = outcome(&detail.line);
    let mut spans = vec![
        span(format!("Row {} of run {}", count(row.row), detail.run), Role::Title),
        span(format!(" · line {} · ", count(row.line)), Role::Dim),
        span(told, role),
    ];
    if let Some(reference) = &detail.line.reference {
        spans.extend([span(" · reference ", Role::Dim), span(reference.as_str(), Role::Text)]);
    }
    if let Some(contact) = &detail.contact {
        spans.extend([span(" · contact ", Role::Dim), span(contact.as_str(), Role::Text)]);
    }
    canvas.spans(area.x, area.y, area.width, &spans);
}

/// What is to be known before the row is held against the contact.
fn about_record(canvas: &mut Canvas<'_>, detail: &RowDetail) -> Option<String> {
    let row = &detail.line.row;
    if detail.line.cells.is_none() {
        return Some("The delivery was purged: what became of the row stays, its cells are gone.".to_owned());
    }
    let Some(record) = &detail.record else {
        let told = match row.outcome.kind() {
            OutcomeKind::Failed => "It did not land: no contact stands beside it.",
            OutcomeKind::Skipped => "It was left out on purpose: no contact stands beside it.",
            _ => "A dry run: no contact was written.",
        };
        return Some(told.to_owned());
    };
    if let Some(at) = record.deleted_at_ms {
        let when = canvas.when(at);
        return Some(format!("The contact was deleted {when}."));
    }
    let run = canvas.app.runs.run.as_ref().and_then(|page| page.detail.as_ref());
    if run.is_some_and(|run| run.line.kind == RunKind::DryRun) {
        return Some("A dry run: the contact stands here as it is, and nothing was written to it.".to_owned());
    }
    let newer = (record.updated.run, record.updated.row) > (detail.run, row.row);
    newer.then(|| {
        format!(
            "Changed again since, by row {} of run {}: what stands here is how the contact is now.",
            count(record.updated.row),
            record.updated.run
        )
    })
}

const COLUMNS: [Column; 5] = [
    Column { title: "", width: Width::Fixed(1), drop: 0, right: false },
    Column { title: "Column", width: Width::Fixed(17), drop: 0, right: false },
    Column { title: "In the file", width: Width::Fill(14), drop: 0, right: false },
    Column { title: "→ Field", width: Width::Fixed(20), drop: 1, right: false },
    Column { title: "Contact now", width: Width::Fill(14), drop: 0, right: false },
];

/// What a line is marked with: an error, a warning, or that the row changed the value.
fn mark(pair: &Pair<'_>) -> (&'static str, Role) {
    let has = |severity| pair.issues.iter().any(|issue| issue.severity == severity);
    match () {
        () if has(Severity::Error) => ("✗", Role::Bad),
        () if has(Severity::Warning) => ("!", Role::Warn),
        () if pair.was.is_some() => ("~", Role::Good),
        () => ("", Role::Dim),
    }
}

fn table(canvas: &mut Canvas<'_>, area: Area, pairs: &[Pair<'_>], detail: &RowDetail) {
    let Some(page) = &canvas.app.runs.row else { return };
    let table =
        Table { id: ListId::Row, columns: &COLUMNS, list: &page.list, len: pairs.len(), main: 1, focused: true };
    let landed = detail.record.is_some();
    canvas.table(area, &table, |_, entry| {
        let Some(pair) = pairs.get(entry) else { return Vec::new() };
        let (mark, role) = mark(pair);
        let cell_role = if pair.issues.is_empty() { Role::Text } else { role };
        let (column, cell) = pair.cell.unwrap_or(("–", ""));
        let field = match pair.field {
            Some(field) => Cell::of(format!("→ {}", field.label), Role::Text),
            None => Cell::of("not imported", Role::Dim),
        };
        let mut now = match pair.now {
            Some(value) => Cell::of(value_text(value), Role::Text),
            None if landed && pair.field.is_some() => Cell::of("–", Role::Dim),
            None => Cell::default(),
        };
        if let Some(was) = pair.was {
            let was = was.map_or_else(|| "empty".to_owned(), value_text);
            now.spans.push(span(format!("  was {was}"), Role::Dim));
        }
        let named = if pair.cell.is_some() { Role::Text } else { Role::Dim };
        vec![Cell::of(mark, role), Cell::of(column, named), Cell::of(cell, cell_role), field, now]
    });
}

/// The selected line in full.
fn about(canvas: &mut Canvas<'_>, area: Area, pair: &Pair<'_>) {
    let name = pair.cell.map_or_else(|| pair.field.map_or("", |field| field.label.as_str()), |(name, _)| name);
    canvas.rule(area, &[span(name, Role::Title)]);
    let inner = Area { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height - 1 };
    let mut rest = inner;
    let mut put = |canvas: &mut Canvas<'_>, word: &str, text: &str, most: u16, role: Role| {
        const WORD: u16 = 10;
        canvas.put(rest.x, rest.y, WORD.min(rest.width) * rest.height.min(1), word, Role::Dim);
        let beside = Area { x: rest.x + WORD, width: rest.width.saturating_sub(WORD), ..rest };
        if most == 1 {
            canvas.put(beside.x, beside.y, beside.width * beside.height.min(1), text, role);
            rest = below(rest, 1);
            return;
        }
        // A cell may be as long as a book: what cannot be shown is not broken into lines.
        let near = text.char_indices().nth(1_000).map_or(text, |(end, _)| &text[..end]);
        let lines = canvas.paragraph(Area { height: rest.height.min(most), ..beside }, near, role);
        rest = below(rest, lines);
    };
    if let Some((_, cell)) = pair.cell {
        put(canvas, "file", if cell.is_empty() { "(empty)" } else { cell }, 1, Role::Text);
    }
    if let Some(value) = pair.now {
        put(canvas, "contact", &value_text(value), 1, Role::Text);
    }
    if let Some(was) = pair.was {
        put(canvas, "was", &was.map_or_else(|| "(empty)".to_owned(), value_text), 1, Role::Dim);
    }
    for issue in &pair.issues {
        let role = if issue.severity == Severity::Error { Role::Bad } else { Role::Warn };
        put(canvas, "do", &format!("{}: {}", issue.code.message(), issue.guidance), 3, role);
    }
}
