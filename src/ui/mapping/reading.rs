//! How the file is read, and why.

use super::super::canvas::Canvas;
use super::super::dialog::{boxed, entries};
use super::super::theme::Role;
use super::dialogs::{below, lines_of, mark};
use crate::app::mapping::data::{ReadFact, ReadOption};
use crate::app::mapping::editor;
use crate::app::mapping::reading::{self, OPTIONS, ReadingDialog};
use crate::app::screen::Area;

/// Lines for the reason of the selected option.
const WHY: u16 = 2;

pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area, open: &ReadingDialog) {
    let Some(editor) = editor(canvas.app) else { return };
    let Some(file) = &editor.opened.file else { return };
    let width = whole.width.min(92);
    let columns = width.saturating_sub(4);
    let said = open.error.as_ref().map(|error| format!("✗ {error}")).unwrap_or_default();
    let problems: u16 = file.problems.iter().map(|text| lines_of(&format!("! {text}"), columns)).sum();
    let options = u16::try_from(OPTIONS.len()).unwrap_or(6);
    let height = options + 2 + WHY + lines_of(&said, columns) + problems + 1;
    let inner = boxed(canvas, whole, width, height, &format!("How {} is read", file.name));
    let body = Area { height: inner.height.min(options), ..inner };
    let reading = &editor.draft.mapping().reading;
    for (at, y) in entries(canvas, body, &open.list, OPTIONS.len()) {
        let option = OPTIONS[at];
        let role = mark(canvas, inner, y, at == open.list.selected);
        canvas.put(inner.x + 2, y, 18, option.label(), role);
        let fact = reading::fact(canvas.app, option);
        let said = reading::get(reading, option);
        let value = said.as_deref().or(fact.map(|fact| fact.value.as_str())).unwrap_or("none");
        let value = match option {
            ReadOption::HeaderRow => format!("line {value}"),
            _ if value == "\t" => "tab".to_owned(),
            _ => value.to_owned(),
        };
        let room = inner.width.saturating_sub(20).min(22);
        canvas.put(inner.x + 20, y, room, &value, Role::Text);
        let (why, role) = why(said.is_some(), fact);
        canvas.put(inner.x + 20 + room + 1, y, inner.width.saturating_sub(21 + room), &why, role);
    }
    let mut rest = below(inner, options + 1);
    if open.is_waiting {
        canvas.put(rest.x, rest.y, if rest.height > 0 { rest.width } else { 0 }, "Reading the file …", Role::Busy);
        return;
    }
    if !said.is_empty() {
        let taken = canvas.paragraph(rest, &said, Role::Bad);
        rest = below(rest, taken);
    } else if let Some(option) = OPTIONS.get(open.list.selected) {
        // The whole of the reason, where its line had no room for it.
        let (why, role) = why(reading::get(reading, *option).is_some(), reading::fact(canvas.app, *option));
        let taken = canvas.paragraph(Area { height: rest.height.min(WHY), ..rest }, &why, role);
        rest = below(rest, taken);
    }
    for problem in &file.problems {
        let taken = canvas.paragraph(rest, &format!("! {problem}"), Role::Warn);
        rest = below(rest, taken);
    }
}

/// Why an option is as it is.
fn why(is_said: bool, fact: Option<&ReadFact>) -> (String, Role) {
    match (is_said, fact) {
        (true, _) => ("you said so".to_owned(), Role::Busy),
        (false, Some(ReadFact { is_said: true, why, .. })) => (why.clone(), Role::Dim),
        (false, Some(ReadFact { option: ReadOption::Country | ReadOption::TimeZone, why, .. })) => {
            (why.clone(), Role::Dim)
        }
        (false, Some(ReadFact { why, .. })) => (format!("detected: {why}"), Role::Dim),
        (false, None) => (String::new(), Role::Dim),
    }
}
