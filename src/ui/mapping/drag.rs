//! The fields on which a column that is being dragged can be dropped.

use super::super::canvas::{Canvas, span};
use super::super::theme::Role;
use crate::app::mapping::{Editor, MappingTarget};
use crate::app::screen::{Area, Target};

/// The columns of a field in the list.
const FIELD: u16 = 24;

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Area, editor: &Editor) {
    let Some(drag) = canvas.app.mapping.drag.clone().filter(|drag| drag.is_moving) else { return };
    let Some(column) = editor.column(drag.from) else { return };
    let keys = editor.drops(drag.from);
    // Beside each other where there is room, but the columns, onto which one can drag too, stay in sight.
    let beside = if body.width >= 110 { 2 } else { 1 };
    let width = (FIELD * beside + 4).min(body.width);
    let area = Area { x: body.x + body.width - width, width, ..body };
    let inner = canvas.frame(area, &format!("drop {} on", column.header), Role::Key);
    canvas.target(area, Target::Outside);
    let rows = usize::from(inner.height);
    for (at, key) in keys.iter().take(rows * usize::from(beside)).enumerate() {
        let (x, y) =
            (inner.x + FIELD * u16::try_from(at / rows).unwrap_or(0), inner.y + u16::try_from(at % rows).unwrap_or(0));
        let place = Area { x, y, width: FIELD - 1, height: 1 };
        let target = Target::Mapping(MappingTarget::Drop((*key).to_owned()));
        let is_under = canvas.app.hover.as_ref() == Some(&target);
        let is_taken = editor.draft.mapping().columns.iter().any(|column| column.targets().any(|of| of == *key));
        let role = match (is_under, is_taken) {
            (true, _) => Role::Selected,
            (false, true) => Role::Dim,
            (false, false) => Role::Text,
        };
        let mark = if is_taken { "· " } else { "  " };
        canvas.spans(x, y, FIELD - 1, &[span(mark, Role::Dim), span(editor.label(key), role)]);
        canvas.target(place, target);
    }
}
