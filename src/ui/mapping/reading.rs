//! How the file is read, and why.

use super::super::canvas::{Canvas, span};
use super::super::dialog::{boxed, entries};
use super::super::theme::Role;
use super::dialogs::{below, lines_of, mark};
use crate::app::mapping::data::ReadFact;
use crate::app::mapping::editor;
use crate::app::mapping::reading::{self, OPTIONS, ReadingDialog};
use crate::app::screen::Area;

pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area, open: &ReadingDialog) {
    let Some(editor) = editor(canvas.app) else { return };
    let Some(file) = &editor.opened.file else { return };
    let width = whole.width.min(92);
    let said = open.error.as_ref().map(|error| format!("✗ {error}")).unwrap_or_default();
    let problems: u16 = file.problems.iter().map(|text| lines_of(&format!("! {text}"), width.saturating_sub(4))).sum();
    let notice = lines_of(&said, width.saturating_sub(4)).max(1) + problems;
    let options = u16::try_from(OPTIONS.len()).unwrap_or(6);
    let inner = boxed(canvas, whole, width, options * 2 + notice + 3, &format!("How {} is read", file.name));
    // Each option has a line for its value, and where there is room one for the reason.
    let lines = if inner.height > options * 2 + notice { 2 } else { 1 };
    let reading = &editor.draft.mapping().reading;
    canvas.drawn.heights.insert(crate::app::screen::ListId::Dialog, OPTIONS.len());
    let body = Area { height: inner.height.min(options * lines), ..inner };
    let shown: Vec<(usize, u16)> = if lines == 1 {
        entries(canvas, body, &open.list, OPTIONS.len())
    } else {
        let places: Vec<(usize, u16)> = (0..OPTIONS.len()).zip((body.y..).step_by(2)).collect();
        for (at, y) in &places {
            let area = Area { y: *y, height: 2, ..body };
            canvas.target(area, crate::app::screen::Target::Entry(crate::app::screen::ListId::Dialog, *at));
        }
        places
    };
    for (at, y) in shown {
        let option = OPTIONS[at];
        let role = mark(canvas, inner, y, at == open.list.selected);
        canvas.put(inner.x + 2, y, 18, option.label(), role);
        let fact = reading::fact(canvas.app, option);
        let said = reading::get(reading, option);
        let value = said.as_deref().or(fact.map(|fact| fact.value.as_str())).unwrap_or("none");
        let value = if value == "\t" { "tab" } else { value };
        let why = match (said.is_some(), fact) {
            (true, _) => "you said so".to_owned(),
            (false, Some(ReadFact { is_said: true, why, .. })) => why.clone(),
            (false, Some(ReadFact { why, .. })) => format!("detected: {why}"),
            (false, None) => String::new(),
        };
        let room = inner.width.saturating_sub(20);
        let taken = canvas.put(inner.x + 20, y, room, value, Role::Text);
        if lines == 2 {
            let role = if said.is_some() { Role::Busy } else { Role::Dim };
            canvas.put(inner.x + 20, y + 1, room, &why, role);
        } else {
            let spans = [span("  ", Role::Text), span(why, Role::Dim)];
            canvas.spans(inner.x + 20 + taken, y, room.saturating_sub(taken), &spans);
        }
    }
    let mut rest = below(inner, options * lines);
    if open.is_waiting {
        canvas.put(rest.x, rest.y, rest.width.min(rest.height * rest.width), "Reading the file …", Role::Busy);
        return;
    }
    let taken = canvas.paragraph(rest, &said, Role::Bad);
    rest = below(rest, if said.is_empty() { 0 } else { taken });
    for problem in &file.problems {
        let taken = canvas.paragraph(rest, &format!("! {problem}"), Role::Warn);
        rest = below(rest, taken);
    }
}
