//! The rows behind a problem of a column.

use super::super::canvas::{Canvas, span};
use super::super::dialog::{boxed, entries};
use super::super::theme::Role;
use super::super::words::{count, counted};
use crate::app::mapping::problem_rows::ProblemRows;
use crate::app::screen::Area;

pub(in super::super) fn draw(canvas: &mut Canvas<'_>, whole: Area, rows: &ProblemRows) {
    let height = u16::try_from(rows.rows.len()).unwrap_or(u16::MAX).saturating_add(9);
    let inner = boxed(canvas, whole, 100, height.min(whole.height.saturating_sub(4)), &rows.header);
    let told = canvas.paragraph(Area { height: inner.height.min(2), ..inner }, &rows.text, Role::Text);
    let room = inner.height.saturating_sub(told);
    let advice = Area { y: inner.y + told, height: room.min(1), ..inner };
    let used = told + if rows.advice.is_empty() { 0 } else { canvas.paragraph(advice, rows.advice, Role::Dim) };
    if inner.height < used + 6 {
        return;
    }
    let heading = inner.y + used + 1;
    for (x, title) in [(2, "     row"), (12, "    line"), (22, "value")] {
        canvas.put(inner.x + x, heading, inner.width.saturating_sub(x), title, Role::Header);
    }
    let body = Area { y: heading + 1, height: inner.height - used - 4, ..inner };
    for (entry, y) in entries(canvas, body, &rows.list, rows.rows.len()) {
        let Some(row) = rows.rows.get(entry) else { continue };
        let is_selected = entry == rows.list.selected;
        if is_selected {
            canvas.put(inner.x, y, 1, "▌", Role::Key);
        }
        canvas.spans_right(inner.x + 2, y, 8, &[span(count(row.row), Role::Text)]);
        canvas.spans_right(inner.x + 12, y, 8, &[span(count(row.line), Role::Dim)]);
        let role = if is_selected { Role::Selected } else { Role::Text };
        let value = if row.value.is_empty() { "(empty)" } else { &row.value };
        canvas.put(inner.x + 22, y, inner.width.saturating_sub(22), value, role);
    }
    let foot = inner.y + inner.height - 2;
    if let Some(row) = rows.rows.get(rows.list.selected) {
        canvas.paragraph(Area { y: foot, height: 2, ..inner }, &row.guidance, Role::Dim);
    }
    let shown = rows.rows.len() as u64;
    if rows.count > shown {
        let text = format!("the first {} of {}", count(shown), counted(rows.count, "row", "rows"));
        canvas.spans_right(inner.x, heading, inner.width, &[span(text, Role::Dim)]);
    }
}
