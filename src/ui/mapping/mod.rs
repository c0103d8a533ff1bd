//! The Mapping tab: what is known of the file at the top, the columns, the preview under them, and what is told of the
//! selected cell at the foot. Only what is visible is asked for, whatever the number of columns.
mod columns;
pub(super) mod dialogs;
mod drag;
mod encodings;
mod head;
mod new_field;
mod options;
mod picker;
mod preview;
mod problem_rows;
mod reading;
mod saved;
mod told;
mod values;

pub(super) use picker::draw as draw_picker;
pub(super) use problem_rows::draw as draw_problem_rows;

use super::canvas::{Canvas, span};
use super::theme::Role;
use crate::app::data::SourceLine;
use crate::app::fetching;
use crate::app::mapping::{self, Editor, MappingTarget};
use crate::app::message::Slot;
use crate::app::screen::{Area, Target};

/// Lines at the foot: what is told, and what to do about it.
const TOLD: u16 = 2;
/// Lines of the preview at least: its title, its heading and a few rows.
const PREVIEW: u16 = 5;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area) {
    let app = canvas.app;
    let place = Area { x: area.x.saturating_add(3), width: area.width.saturating_sub(4), ..area };
    match (mapping::editor(app), &app.mapping.failure, mapping::source(app), &app.sources.lines) {
        (Some(editor), ..) if editor.opened.file.is_none() && editor.draft.mapping().columns.is_empty() => {
            without_columns(canvas, place, editor);
        }
        (Some(editor), ..) => shown(canvas, area, editor),
        (None, Some(failure), ..) => {
            let lines = canvas.paragraph(place, &failure.told(), Role::Bad);
            let rest = Area { y: place.y + lines, height: place.height - lines, ..place };
            canvas.paragraph(rest, "f chooses another file, ] goes to the next source.", Role::Dim);
        }
        (None, None, None, Some(_)) => {
            let text = "There is no source yet. A mapping says which column of a file becomes which field. Press 1, then a \
                        to add a source.";
            canvas.paragraph(place, text, Role::Text);
        }
        _ => canvas.waiting(area, Slot::Mapping),
    }
}

/// Where no file is here and nothing is mapped yet: how the first columns come here.
fn without_columns(canvas: &mut Canvas<'_>, place: Area, editor: &Editor) {
    let app = canvas.app;
    let (id, name) = (editor.source(), &editor.opened.source_name);
    let mut at = Area { y: place.y + 1, height: place.height.saturating_sub(1), ..place };
    let mut say = |canvas: &mut Canvas<'_>, text: &str, role| {
        let lines = canvas.paragraph(at, text, role).min(at.height);
        at = Area { y: at.y + lines, height: at.height - lines, ..at };
    };
    let brings = mapping::source(app).is_some_and(|line| line.brings.is_some());
    let why = editor.opened.no_file.as_deref().unwrap_or_default();
    say(canvas, &format!("{name} has no columns to map yet. {why}"), Role::Strong);
    if let Some((text, next)) = fetching::state(app, id) {
        canvas.drawn.changes(Some(next));
        say(canvas, "", Role::Text);
        return say(canvas, &text, Role::Busy);
    }
    if let Some(failure) = fetching::failure(app, id) {
        say(canvas, "", Role::Text);
        say(canvas, &failure.message, Role::Bad);
        say(canvas, &failure.next, Role::Text);
    }
    say(canvas, "", Role::Text);
    match (mapping::fetchable(app).is_some(), brings) {
        (true, _) => {
            say(canvas, "The newest file at its place shows which columns there are.", Role::Text);
            say(canvas, "Nothing is imported by that. f looks at a file of this host instead.", Role::Dim);
            say(canvas, "", Role::Text);
            let label = match fetching::failure(app, id) {
                Some(_) => "[ Try again (enter) ]",
                None => "[ Fetch it now (enter) ]",
            };
            let columns = if at.height > 0 { canvas.put(at.x, at.y, at.width, label, Role::Button) } else { 0 };
            canvas.target(Area { width: columns, height: 1, ..at }, Target::Mapping(MappingTarget::Fetch));
        }
        (false, true) if !app.can_change() => say(canvas, "Read-only: no file can be fetched here.", Role::Warn),
        (false, true) if mapping::source(app).is_some_and(SourceLine::is_paused) => {
            say(canvas, "The source is paused: p in Data Sources (1) resumes it.", Role::Warn)
        }
        (false, true) => {
            say(canvas, "Another file is being fetched just now: this one can be fetched then.", Role::Dim)
        }
        (false, false) => say(canvas, "f chooses a file to look at, ] goes to the next source.", Role::Dim),
    }
}

fn shown(canvas: &mut Canvas<'_>, area: Area, editor: &Editor) {
    let told = if area.height >= 8 { TOLD } else { 0 };
    let head = head::height(canvas.app, editor, area.height);
    head::draw(canvas, Area { height: head, ..area }, editor);
    let body = Area { y: area.y + head, height: area.height.saturating_sub(head + told), ..area };
    if editor.is_wide && editor.opened.file.is_some() {
        // The columns are still there for the keys that page in them.
        canvas.drawn.heights.insert(crate::app::screen::ListId::Mapping, usize::from(body.height.max(1)));
        preview::draw(canvas, body, editor);
    } else {
        let columns = u16::try_from(editor.draft.mapping().columns.len()).unwrap_or(u16::MAX).saturating_add(1).max(3);
        // As the number of columns alone has it, so that nothing moves when an answer comes.
        let most =
            if body.height < 3 + PREVIEW { body.height } else { (body.height * 11 / 20).min(body.height - PREVIEW) };
        let table = Area { height: columns.min(most), ..body };
        columns::draw(canvas, table, editor);
        let rest = Area { y: table.y + table.height, height: body.height - table.height, ..body };
        preview::draw(canvas, rest, editor);
    }
    if told > 0 {
        told::draw(canvas, Area { y: area.y + area.height - told, height: told, ..area }, editor);
    }
    drag::draw(canvas, body, editor);
}

/// A text with its mark, as short as it can be said.
fn mark(is_bad: bool) -> super::canvas::Span<'static> {
    if is_bad { span("✗ ", Role::Bad) } else { span("! ", Role::Warn) }
}
