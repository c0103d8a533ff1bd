//! The field picker of a column.

use super::super::canvas::{Canvas, span};
use super::super::dialog::{boxed, entries, list_height};
use super::super::theme::Role;
use super::columns::dots;
use crate::app::mapping::picker::{Choice, FieldChoice, FieldPicker};
use crate::app::screen::Area;

pub(in super::super) fn draw(canvas: &mut Canvas<'_>, whole: Area, picker: &FieldPicker) {
    let title = format!("{} →", picker.header);
    let inner = boxed(canvas, whole, 92, list_height(whole, 26), &title);
    if inner.height < 3 {
        return;
    }
    canvas.put(inner.x, inner.y, 6, "Field", Role::Dim);
    let room = inner.width.saturating_sub(6);
    canvas.field(inner.x + 6, inner.y, room, &picker.field, true, "type part of its name, or what others call it");
    let head = if inner.height < 6 { 1 } else { 2 };
    let body = Area { y: inner.y + head, height: inner.height - head, ..inner };
    if picker.is_empty() && body.height > 0 {
        canvas.put(body.x, body.y, body.width, "No field is called so.", Role::Dim);
    }
    for (entry, y) in entries(canvas, body, &picker.list, picker.len()) {
        let Some(choice) = picker.choice(entry) else { continue };
        let is_selected = entry == picker.list.selected;
        if is_selected {
            canvas.put(inner.x, y, 1, "▌", Role::Key);
        }
        let role = if is_selected { Role::Selected } else { Role::Text };
        let line = Area { x: inner.x + 2, y, width: inner.width.saturating_sub(2), height: 1 };
        match choice {
            Choice::Field(field) => field_line(canvas, line, field, role),
            Choice::LeaveOut => other(canvas, line, "leave it out", "it is not imported", role),
            Choice::Split => other(canvas, line, "split it …", "its parts go to several fields", role),
            Choice::NewField => other(canvas, line, "new field …", "make a custom field for it", role),
        }
    }
}

fn other(canvas: &mut Canvas<'_>, line: Area, what: &str, means: &str, role: Role) {
    let taken = canvas.put(line.x, line.y, line.width, what, role) + 2;
    canvas.put(line.x + taken, line.y, line.width.saturating_sub(taken), means, Role::Dim);
}

fn field_line(canvas: &mut Canvas<'_>, line: Area, field: &FieldChoice, role: Role) {
    let label = line.width.min(24).saturating_sub(2);
    canvas.put(line.x, line.y, label, &field.label, role);
    let mut spans = Vec::new();
    if field.is_chosen {
        spans.push(span("✓ its field now  ", Role::Good));
    }
    if let Some((sure, why)) = &field.believed {
        let (text, role) = dots(*sure);
        spans.extend([span(text, role), span(format!(" {why}  "), Role::Text)]);
    }
    if let Some((header, is_single)) = &field.has_now {
        let text = if *is_single { format!("now “{header}”  ") } else { format!("with “{header}”  ") };
        spans.push(span(text, if *is_single { Role::Warn } else { Role::Dim }));
    }
    spans.push(span(format!("{} · {}", field.kind.as_str().replace('_', " "), field.key), Role::Dim));
    canvas.spans(line.x + label + 2, line.y, line.width.saturating_sub(label + 2), &spans);
}
