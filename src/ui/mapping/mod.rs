//! The Mapping tab.
pub(super) mod dialogs;
mod encodings;
mod new_field;
mod options;
mod reading;
mod saved;
mod values;

use super::canvas::{Canvas, span};
use super::table::{Cell, Column, Table, Width};
use super::theme::Role;
use crate::app::mapping::{self, Editor};
use crate::app::message::Slot;
use crate::app::screen::{Area, ListId};

const COLUMNS: [Column; 2] = [
    Column { title: "Column", width: Width::Fill(16), drop: 0, right: false },
    Column { title: "Field", width: Width::Fill(18), drop: 0, right: false },
];

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area) {
    let app = canvas.app;
    match (mapping::editor(app), mapping::source(app), &app.sources.lines) {
        (Some(editor), _, _) => shown(canvas, area, editor),
        (None, None, Some(_)) => {
            let text = "There is no source yet. A mapping says which column of a file becomes which field. Press 1, then a \
                        to add a source.";
            let place = Area { x: area.x.saturating_add(3), width: area.width.saturating_sub(4), ..area };
            canvas.paragraph(place, text, Role::Text);
        }
        _ => canvas.waiting(area, Slot::Mapping),
    }
}

fn shown(canvas: &mut Canvas<'_>, area: Area, editor: &Editor) {
    let mapping = editor.draft.mapping();
    let table = Table {
        id: ListId::Mapping,
        columns: &COLUMNS,
        list: &editor.list,
        len: mapping.columns.len(),
        main: 0,
        focused: true,
    };
    canvas.table(area, &table, |_, entry| {
        let column = &mapping.columns[entry];
        let fields: Vec<&str> = column.targets().collect();
        let field = match (fields.is_empty(), column.leave_out) {
            (false, _) => span(format!("→ {}", fields.join(", ")), Role::Text),
            (true, true) => span("– left out on purpose", Role::Dim),
            (true, false) => span("! not decided", Role::Warn),
        };
        vec![Cell::of(column.header.as_str(), Role::Text), Cell { spans: vec![field], target: None }]
    });
}
