//! What is told of the selected cell or column, over the hints: exactly what is wrong, what to do, and the keys for it.

use super::super::canvas::{Canvas, Span, span};
use super::super::chrome::shown_key;
use super::super::table::drawn_width;
use super::super::theme::Role;
use super::mark;
use crate::app::mapping::Editor;
use crate::app::mapping::preview::{Told, told};
use crate::app::screen::Area;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area, editor: &Editor) {
    let (x, width) = (area.x + 1, area.width.saturating_sub(2));
    let Some(told) = told(editor) else { return quiet(canvas, area, editor) };
    let keys = remedies(&told);
    let needed: u16 = keys.iter().map(|(text, _)| drawn_width(text)).fold(0, u16::saturating_add);
    // The second line is the keys' where the first has no room for them.
    let mut line = if told.is_wrong { vec![mark(told.is_bad)] } else { vec![span("· ", Role::Dim)] };
    line.push(span(told.text.as_str(), Role::Text));
    canvas.spans(x, area.y, width, &line);
    if area.height > 1 {
        let room = width.saturating_sub(needed + 2);
        canvas.put(x + 2, area.y + 1, room.saturating_sub(2), &told.guidance, Role::Dim);
        canvas.spans_right(x, area.y + 1, width, &keys);
    }
}

fn remedies(told: &Told) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for (key, does) in &told.remedies {
        if !spans.is_empty() {
            spans.push(span("   ", Role::Text));
        }
        spans.extend([span(shown_key(key), Role::Key), span(format!(" {does}"), Role::Text)]);
    }
    spans
}

/// Where nothing is wrong with what is selected.
fn quiet(canvas: &mut Canvas<'_>, area: Area, editor: &Editor) {
    let (x, width) = (area.x + 1, area.width.saturating_sub(2));
    if let Some(failure) = &editor.profile_failure {
        let text = format!("The rows of the file could not all be read: {}", failure.told());
        canvas.spans(x, area.y, width, &[mark(true), span(text, Role::Text)]);
        return;
    }
    let Some(blocked) = editor.preview.as_ref().and_then(|preview| preview.blocked.as_ref()) else { return };
    canvas.spans(x, area.y, width, &[mark(false), span(blocked.message.as_str(), Role::Text)]);
    if area.height > 1 {
        canvas.put(x + 2, area.y + 1, width.saturating_sub(2), &blocked.next, Role::Dim);
    }
}
