//! Their values and ours, and the fields that have the same value in every row.

use super::super::canvas::{Canvas, span};
use super::super::dialog::{boxed, entries};
use super::super::theme::Role;
use super::dialogs::{above, below, mark};
use crate::app::mapping::constants::Constants;
use crate::app::mapping::editor;
use crate::app::mapping::value_map::ValueMap;
use crate::app::numbers::counted;
use crate::app::screen::Area;

pub(super) fn value_map(canvas: &mut Canvas<'_>, whole: Area, map: &ValueMap) {
    let count = u16::try_from(map.rows.len()).unwrap_or(u16::MAX).max(1);
    let title = format!("Their values and ours: {}", map.field);
    let inner = boxed(canvas, whole, 80, count.saturating_add(6).min(26), &title);
    if inner.height < 4 {
        return;
    }
    let unknown = map.rows.iter().filter(|row| !row.is_ours && row.ours.is_none()).count() as u64;
    let head = match (map.declared.is_empty(), unknown) {
        _ if map.rows.is_empty() => (String::new(), Role::Dim),
        (true, _) => ("The field takes any text; a value that is not translated stays as it is.".to_owned(), Role::Dim),
        (false, 0) => ("Each of these is one of ours, or is translated.".to_owned(), Role::Dim),
        (false, unknown) => (
            format!("! {} none of ours and would not be imported.", counted(unknown, "value is", "values are")),
            Role::Warn,
        ),
    };
    canvas.put(inner.x, inner.y, inner.width, &head.0, head.1);
    let half = (inner.width.saturating_sub(5) / 2).min(34);
    canvas.put(inner.x + 2, inner.y + 1, half, "Theirs", Role::Header);
    canvas.put(inner.x + 5 + half, inner.y + 1, inner.width.saturating_sub(half + 5), "Ours", Role::Header);
    let body = above(below(inner, 2), 2);
    if map.rows.is_empty() {
        canvas.put(body.x, body.y, body.width, "No value is known. Press a to add one.", Role::Dim);
    }
    for (at, y) in entries(canvas, body, &map.list, map.rows.len()) {
        let row = &map.rows[at];
        let role = mark(canvas, inner, y, at == map.list.selected);
        canvas.put(inner.x + 2, y, half, &row.theirs, role);
        canvas.put(inner.x + 3 + half, y, 1, "→", Role::Dim);
        let room = inner.width.saturating_sub(half + 5);
        let seen = if row.seen > 0 && room > 24 { format!("{}×", row.seen) } else { String::new() };
        let ours = match &row.ours {
            Some(ours) if ours.is_empty() => span("nothing, as if empty", Role::Dim),
            Some(ours) => span(ours.as_str(), Role::Good),
            None if map.declared.is_empty() => span("as it is", Role::Dim),
            None if row.is_ours => span("✓ is one of ours", Role::Dim),
            None => span("! none of ours", Role::Warn),
        };
        canvas.spans(inner.x + 5 + half, y, room.saturating_sub(6), &[ours]);
        canvas.spans_right(inner.x + 5 + half, y, room, &[span(seen, Role::Dim)]);
    }
    let foot = inner.y + inner.height - 1;
    let text = "n× rows of the preview have it. Letter case makes no difference.";
    canvas.put(inner.x, foot, inner.width, text, Role::Dim);
}

pub(super) fn constants(canvas: &mut Canvas<'_>, whole: Area, open: &Constants) {
    let Some(editor) = editor(canvas.app) else { return };
    let constants = &editor.draft.mapping().constants;
    let count = u16::try_from(constants.len()).unwrap_or(u16::MAX).max(1);
    let inner = boxed(canvas, whole, 74, count.saturating_add(5).min(24), "The same value in every row");
    if inner.height < 3 {
        return;
    }
    canvas.put(inner.x, inner.y, inner.width, "Each row gets these, whatever its cells say.", Role::Dim);
    let body = below(inner, 2);
    if constants.is_empty() {
        canvas.put(body.x, body.y, body.width, "There is none. Press a to add one.", Role::Text);
    }
    for (at, y) in entries(canvas, body, &open.list, constants.len()) {
        let Some(constant) = constants.get(at) else { continue };
        let role = mark(canvas, inner, y, at == open.list.selected);
        let label = editor.opened.catalog.by_key(&constant.field).map(|field| field.label.as_str());
        let half = inner.width.saturating_sub(5).min(56) / 2;
        canvas.put(inner.x + 2, y, half, label.unwrap_or(&constant.field), role);
        canvas.put(inner.x + 3 + half, y, 1, "=", Role::Dim);
        canvas.put(inner.x + 5 + half, y, inner.width.saturating_sub(half + 5), &constant.value, Role::Text);
    }
}
