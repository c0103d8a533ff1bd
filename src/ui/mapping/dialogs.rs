//! The dialogs of the Mapping tab: what they have in common, and the two small ones that the others ask with.

use super::super::canvas::{Canvas, span, wrap};
use super::super::dialog::{boxed, entries};
use super::super::text::{cut, visible};
use super::super::theme::Role;
use super::{encodings, new_field, options, reading, saved, values};
use crate::app::mapping::asking::{Choice, Lines, Shown};
use crate::app::mapping::dialogs::MappingDialog;
use crate::app::screen::{Area, Target};

pub(in crate::ui) fn draw(canvas: &mut Canvas<'_>, whole: Area, open: &MappingDialog) {
    match open {
        MappingDialog::Choice(choice) => choose(canvas, whole, choice),
        MappingDialog::Lines(lines) => typed(canvas, whole, lines),
        MappingDialog::Options(options) => options::options(canvas, whole, options),
        MappingDialog::Replacements(open) => options::replacements(canvas, whole, open),
        MappingDialog::Split(form) => options::split(canvas, whole, form),
        MappingDialog::Values(map) => values::value_map(canvas, whole, map),
        MappingDialog::Constants(open) => values::constants(canvas, whole, open),
        MappingDialog::Reading(open) => reading::draw(canvas, whole, open),
        MappingDialog::Encodings(open) => encodings::draw(canvas, whole, open),
        MappingDialog::Saved(open) => saved::list(canvas, whole, open),
        MappingDialog::Versions(open) => saved::versions(canvas, whole, open),
        MappingDialog::NewField(form) => new_field::draw(canvas, whole, form),
    }
}

/// An area without its first lines.
pub(super) fn below(area: Area, lines: u16) -> Area {
    let lines = lines.min(area.height);
    Area { y: area.y + lines, height: area.height - lines, ..area }
}

/// An area without its last lines.
pub(super) fn above(area: Area, lines: u16) -> Area {
    Area { height: area.height.saturating_sub(lines), ..area }
}

/// The mark of the selected entry; answers the role of its main text.
pub(super) fn mark(canvas: &mut Canvas<'_>, area: Area, y: u16, is_selected: bool) -> Role {
    if is_selected {
        canvas.put(area.x, y, 1, "▌", Role::Key);
        return Role::Selected;
    }
    Role::Text
}

/// Lines that a paragraph takes.
pub(super) fn lines_of(text: &str, columns: u16) -> u16 {
    if text.is_empty() {
        return 0;
    }
    u16::try_from(wrap(&visible(text), usize::from(columns)).len()).unwrap_or(u16::MAX)
}

fn choose(canvas: &mut Canvas<'_>, whole: Area, choice: &Choice) {
    let width = whole.width.min(74);
    let note = lines_of(&choice.note, width.saturating_sub(4)).min(4);
    let entries_of_all = u16::try_from(choice.entries.len()).unwrap_or(u16::MAX).max(3);
    let height = entries_of_all.saturating_add(note + 4 + u16::from(choice.typed.is_some())).min(20);
    let inner = boxed(canvas, whole, width, height, &choice.title);
    if inner.height < 2 {
        return;
    }
    let place = inner.x.saturating_add(2);
    canvas.put(inner.x, inner.y, inner.width.min(2), "/", Role::Key);
    let empty = if choice.typed.is_some() { "type part of it, or something else" } else { "type part of it" };
    canvas.field(place, inner.y, inner.width.saturating_sub(2), &choice.field, true, empty);
    let mut body = below(inner, 1);
    if note > 0 && body.height > note + 2 {
        canvas.paragraph(Area { height: note, ..body }, &choice.note, Role::Dim);
        body = below(body, note);
    }
    let body = below(body, u16::from(body.height > 3));
    if choice.is_empty() && body.height > 0 {
        canvas.put(body.x, body.y, body.width, "Nothing is like this.", Role::Dim);
    }
    for (at, y) in entries(canvas, body, &choice.list, choice.len()) {
        let is_selected = at == choice.list.selected;
        let role = mark(canvas, inner, y, is_selected);
        let room = inner.width.saturating_sub(2);
        let found = match choice.shown(at) {
            Some(Shown::Found(at)) => choice.found.get(at),
            Some(Shown::Typed) | None => None,
        };
        let Some((entry, letters)) = found.and_then(|(at, letters)| Some((choice.entries.get(*at)?, letters))) else {
            let offered = choice.typed.map(|typed| typed.offered).unwrap_or_default();
            let spans = [span(choice.field.text(), role), span(format!("  {offered}"), Role::Dim)];
            canvas.spans(inner.x + 2, y, room, &spans);
            continue;
        };
        let label = visible(&entry.label);
        let label = if label.is_empty() { "–".into() } else { label };
        let taken = if is_selected || letters.is_empty() {
            canvas.put(inner.x + 2, y, room, &label, role)
        } else {
            let letter = |(at, c): (usize, char)| {
                span(c.to_string(), if letters.contains(&at) { Role::Match } else { Role::Text })
            };
            let shown = cut(&label, usize::from(room));
            let spans: Vec<_> = shown.chars().enumerate().map(letter).collect();
            canvas.spans(inner.x + 2, y, room, &spans)
        };
        let at = (taken + 2).max(22.min(room));
        canvas.put(inner.x + 2 + at, y, room.saturating_sub(at), &entry.note, Role::Dim);
    }
}

fn typed(canvas: &mut Canvas<'_>, whole: Area, lines: &Lines) {
    const LABEL: u16 = 18;
    let width = whole.width.min(76);
    let columns = width.saturating_sub(4);
    let count = u16::try_from(lines.lines.len()).unwrap_or(1);
    let said = lines.error.as_ref().map(|error| format!("✗ {error}")).unwrap_or_default();
    let (note, error) = (lines_of(&lines.note, columns), lines_of(&said, columns));
    let height = count + 3 + note.max(1) + error;
    let inner = boxed(canvas, whole, width, height, &lines.title);
    for ((place, line), y) in lines.lines.iter().enumerate().zip(inner.y..inner.y + inner.height) {
        let is_focused = place == lines.focus;
        canvas.target(Area { y, height: 1, ..inner }, Target::Button(place));
        if is_focused && count > 1 {
            canvas.put(inner.x, y, 1, "▌", Role::Key);
        }
        let role = if is_focused { Role::Text } else { Role::Dim };
        canvas.put(inner.x + 2, y, LABEL - 3, &line.label, role);
        let room = inner.width.saturating_sub(LABEL);
        canvas.field(inner.x + LABEL, y, room, &line.field, is_focused, line.example);
    }
    let mut rest = below(inner, count + 1);
    let taken = canvas.paragraph(Area { height: rest.height.min(error), ..rest }, &said, Role::Bad);
    rest = below(rest, taken);
    canvas.paragraph(rest, &lines.note, Role::Dim);
}
