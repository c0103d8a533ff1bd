//! Cells under two encodings, side by side.

use super::super::canvas::{Canvas, span};
use super::super::dialog::{boxed, entries};
use super::super::theme::Role;
use super::dialogs::{above, below, mark};
use crate::app::mapping::encodings::Encodings;
use crate::app::numbers::counted;
use crate::app::screen::{Area, Target};

pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area, open: &Encodings) {
    let cells = open.compared.as_ref().map_or(0, |compared| compared.cells.len());
    let height = u16::try_from(cells).unwrap_or(u16::MAX).saturating_add(6).clamp(10, 32);
    let inner = boxed(canvas, whole, 110, height, "The same cells under two encodings");
    if inner.height < 4 {
        return;
    }
    let (row, name) = (8, 14.min(inner.width / 5));
    let side = inner.width.saturating_sub(row + name + 6) / 2;
    let left = inner.x + 2 + row + name;
    let right = left + side + 3;
    canvas.put(inner.x + 2, inner.y, row, "Row", Role::Header);
    canvas.put(inner.x + 2 + row, inner.y, name.saturating_sub(1), "Column", Role::Header);
    for (place, x) in [left, right].into_iter().enumerate() {
        let key = if place == 0 { "a " } else { "b " };
        let spans = [span(key, Role::Key), span(open.encodings[place].as_str(), Role::Strong)];
        canvas.spans(x, inner.y, side, &spans);
        canvas.target(Area { x, y: inner.y, width: side, height: 1 }, Target::Button(place));
    }
    let body = above(below(inner, 1), 2);
    let foot = inner.y + inner.height - 1;
    if let Some(error) = &open.error {
        canvas.paragraph(body, &format!("✗ {error}"), Role::Bad);
        return;
    }
    let Some(compared) = &open.compared else {
        canvas.put(body.x, body.y, body.width, "Reading …", Role::Dim);
        return;
    };
    if compared.cells.is_empty() {
        let text = "All that was looked at is plain ASCII: it is the same in both.";
        canvas.put(body.x, body.y, body.width, text, Role::Text);
        return;
    }
    let different = compared.cells.iter().filter(|(_, _, texts)| texts[0] != texts[1]).count() as u64;
    for (at, y) in entries(canvas, body, &open.list, compared.cells.len()) {
        let (number, column, texts) = &compared.cells[at];
        let role = mark(canvas, inner, y, at == open.list.selected);
        canvas.put(inner.x + 2, y, row.saturating_sub(1), &number.to_string(), role);
        canvas.put(inner.x + 2 + row, y, name.saturating_sub(1), column, Role::Dim);
        let is_different = texts[0] != texts[1];
        for (text, x) in texts.iter().zip([left, right]) {
            match text {
                Some(text) => canvas.put(x, y, side, text, if is_different { Role::Text } else { Role::Dim }),
                None => canvas.put(x, y, side, "✗ no text in it", Role::Bad),
            };
        }
        canvas.put(
            right - 2,
            y,
            1,
            if is_different { "≠" } else { "=" },
            if is_different { Role::Warn } else { Role::Dim },
        );
    }
    let of = counted(compared.cells.len() as u64, "cell", "cells");
    canvas.put(inner.x, foot, inner.width, &format!("{different} of {of} differ."), Role::Dim);
}
