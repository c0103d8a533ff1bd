//! The Mapping tab.

use super::canvas::{Canvas, Span, span};
use super::table::{Cell, Column, Table, Width, drawn_width};
use super::theme::Role;
use crate::app::data::MappingView;
use crate::app::mapping::{self, commands};
use crate::app::message::Slot;
use crate::app::screen::{Area, ListId};

const COLUMNS: [Column; 3] = [
    Column { title: "Column", width: Width::Fill(16), drop: 0, right: false },
    Column { title: "Field", width: Width::Fill(18), drop: 0, right: false },
    Column { title: "Options", width: Width::Fill(12), drop: 1, right: false },
];

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area) {
    let app = canvas.app;
    if let Some(view) = mapping::view(app) {
        return shown(canvas, area, view);
    }
    let text = match (mapping::source(app), &app.sources.lines, &app.mapping.view) {
        (None, Some(_), _) => {
            "There is no source yet. A mapping says which column of a file becomes which field. Press 1, then a to add a \
             source."
                .to_owned()
        }
        (Some(source), _, Some(None)) => format!(
            "{} has no mapping yet. Its first import suggests one and saves it: press 1, then i.",
            source.name
        ),
        _ => return canvas.waiting(area, Slot::Mapping),
    };
    let place = Area {
        x: area.x.saturating_add(3),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(1),
    };
    canvas.paragraph(place, &text, Role::Text);
}

fn shown(canvas: &mut Canvas<'_>, area: Area, view: &MappingView) {
    let foot = if area.height > 12 { 4 } else { 0 };
    let mut y = area.y;
    let end = area.y + area.height - foot.min(area.height);
    let mut line = |canvas: &mut Canvas<'_>, spans: &[Span<'_>]| {
        if y < end {
            canvas.spans(area.x.saturating_add(1), y, area.width.saturating_sub(2), spans);
            y += 1;
        }
    };
    let saved = canvas.when(view.saved_ms);
    line(
        canvas,
        &[
            span(view.source_name.as_str(), Role::Title),
            span(format!(" · mapping {}, version {}", view.name, view.version), Role::Text),
            span(format!(" · saved by {}, {saved}", view.saved_by), Role::Dim),
        ],
    );
    let reviewed = match &view.reviewed {
        Some((by, at_ms)) => {
            let when = canvas.when(*at_ms);
            [span("✓", Role::Good), span(format!(" reviewed by {by}, {when}"), Role::Text)]
        }
        None => [span("!", Role::Warn), span(" not reviewed yet", Role::Warn)],
    };
    line(canvas, &reviewed);
    // The fields that matter most come first (R18).
    let mut important: Vec<Span<'_>> = Vec::new();
    let mut taken: u16 = 0;
    for (what, columns) in &view.important {
        let is_mapped = !columns.is_empty();
        let from = if is_mapped { columns.join(" + ") } else { "not mapped".to_owned() };
        let needed = drawn_width(what).saturating_add(drawn_width(&from)).saturating_add(6);
        if taken > 0 && taken.saturating_add(needed) > area.width.saturating_sub(2) {
            line(canvas, &important);
            important.clear();
            taken = 0;
        }
        taken = taken.saturating_add(needed);
        important.push(if is_mapped { span("✓", Role::Good) } else { span("✗", Role::Bad) });
        important.push(span(format!(" {what} "), Role::Strong));
        important.push(span(format!("{from}   "), if is_mapped { Role::Dim } else { Role::Text }));
    }
    line(canvas, &important);
    if !view.reading.is_empty() {
        line(canvas, &[span(view.reading.join(" · "), Role::Dim)]);
    }
    line(canvas, &[]);
    let table = Table {
        id: ListId::Mapping,
        columns: &COLUMNS,
        list: &canvas.app.mapping.list,
        len: view.columns.len(),
        main: 0,
        focused: true,
    };
    canvas.table(Area { y, height: end.saturating_sub(y), ..area }, &table, |_, entry| {
        let column = &view.columns[entry];
        let field = match &column.field {
            Some(field) => vec![span("→ ", Role::Good), span(field.clone(), Role::Text)],
            None if column.left_out => vec![span("– left out on purpose", Role::Dim)],
            None => vec![span("! not decided", Role::Warn)],
        };
        vec![
            Cell::of(column.header.clone(), Role::Text),
            Cell { spans: field, target: None },
            Cell::of(column.options.join(", "), Role::Dim),
        ]
    });
    if foot > 0 {
        let y = area.y + area.height - foot;
        canvas.rule(Area { y, height: 1, ..area }, &[span("To change it", Role::Title)]);
        let commands = commands(view);
        let between = "edit mapping.toml; the next import of the source uses what is saved".to_owned();
        let steps = [&commands[0], &between, &commands[1]];
        for (at, (step, y)) in steps.into_iter().zip(y + 1..).enumerate() {
            let role = if at == 1 { Role::Dim } else { Role::Text };
            canvas.put(area.x.saturating_add(3), y, area.width.saturating_sub(4), step, role);
        }
    }
}
