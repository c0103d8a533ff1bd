//! A custom field that is made for a column.

use super::super::canvas::{Canvas, span};
use super::super::dialog::boxed;
use super::super::theme::Role;
use super::dialogs::{below, lines_of};
use crate::app::mapping::new_field::{FieldForm, FieldItem, kind_in_words};
use crate::app::screen::{Area, Target};

const WHY: &str = "An import makes no fields by itself: it is made first, and then columns can go to it.";
/// Columns of the labels.
const LABEL: u16 = 14;

pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area, form: &FieldForm) {
    let width = whole.width.min(76);
    let columns = width.saturating_sub(4);
    let title = match form.column() {
        Some(header) => format!("A new field for {header}"),
        None => "A new field".to_owned(),
    };
    let said = form.error.as_ref().map(|error| format!("✗ {error}")).unwrap_or_default();
    let (why, error) = (lines_of(WHY, columns), lines_of(&said, columns));
    let items = form.items();
    let fields = u16::try_from(items.len() - 2).unwrap_or(4);
    let inner = boxed(canvas, whole, width, why + 1 + fields + error + 4, &title);
    if inner.height < 3 {
        return;
    }
    let taken = canvas.paragraph(Area { height: why.min(inner.height), ..inner }, WHY, Role::Dim);
    let mut body = below(inner, taken + u16::from(inner.height > fields + taken + 2));
    for (place, item) in items.iter().enumerate() {
        let (label, example) = match item {
            FieldItem::Label => ("Name", "what people see"),
            FieldItem::Key => ("Key", "for mappings and exports"),
            FieldItem::Kind => ("Kind", ""),
            FieldItem::Options => ("Options", "with semicolons between; none for any text"),
            FieldItem::Make | FieldItem::Cancel => continue,
        };
        let is_focused = place == form.focus;
        let line = Area { height: body.height.min(1), ..body };
        canvas.target(line, Target::Button(place));
        if line.height > 0 && is_focused {
            canvas.put(line.x, line.y, 1, "▌", Role::Key);
        }
        let role = if is_focused { Role::Text } else { Role::Dim };
        let (x, room) = (line.x + LABEL, line.width.saturating_sub(LABEL));
        if line.height > 0 {
            canvas.put(line.x + 2, line.y, LABEL - 3, label, role);
            let typed = is_focused && !form.is_making();
            match item {
                FieldItem::Label => canvas.field(x, line.y, room, &form.label, typed, example),
                FieldItem::Key => {
                    let taken = canvas.put(x, line.y, room, "custom.", Role::Dim);
                    canvas.field(x + taken, line.y, room.saturating_sub(taken), &form.key, typed, example);
                }
                FieldItem::Options => canvas.field(x, line.y, room, &form.options, typed, example),
                _ => {
                    let role = if is_focused { Role::Selected } else { Role::Text };
                    let kind = [span("‹ ", Role::Dim), span(kind_in_words(form.kind), role), span(" ›", Role::Dim)];
                    canvas.spans(x, line.y, room, &kind);
                }
            }
        }
        body = below(body, 1);
    }
    if error > 0 {
        let taken = canvas.paragraph(body, &said, Role::Bad);
        body = below(body, taken);
    }
    body = below(body, u16::from(body.height > 1));
    if body.height == 0 {
        return;
    }
    if form.is_making() {
        canvas.put(body.x, body.y, body.width, "Making it …", Role::Busy);
        return;
    }
    let mut x = body.x;
    for (place, item) in items.iter().enumerate() {
        let label = match item {
            FieldItem::Make => "[ Make it ]",
            FieldItem::Cancel => "[ Cancel ]",
            _ => continue,
        };
        let role = if place == form.focus { Role::Button } else { Role::Text };
        let taken = canvas.put(x, body.y, (body.x + body.width).saturating_sub(x), label, role);
        canvas.target(Area { x, y: body.y, width: taken, height: 1 }, Target::Button(place));
        x += taken + 3;
    }
}
