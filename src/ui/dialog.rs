//! Dialogs: boxes over the tab.

use super::canvas::{Canvas, span, wrap};
use super::chrome::shown_key;
use super::table::drawn_width;
use super::text::visible;
use super::theme::Role;
use super::{import, picker, source_form};
use crate::app::dialog::{Confirm, Dialog, Palette, Prompt, Text, TextLine};
use crate::app::keys;
use crate::app::list::List;
use crate::app::screen::{Area, ListId, Target};

/// Draws the dialogs that are open, the last one on top.
pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area) {
    let Some(dialog) = canvas.app.dialogs.last() else { return };
    canvas.target(whole, Target::Outside);
    match dialog {
        Dialog::Help { places, list } => help(canvas, whole, places, list),
        Dialog::Palette(palette) => commands(canvas, whole, palette),
        Dialog::Text(text) => read(canvas, whole, text),
        Dialog::Confirm(confirm) => ask(canvas, whole, confirm),
        Dialog::Prompt(prompt) => prompted(canvas, whole, prompt),
        Dialog::Workspaces { lines, list } => workspaces(canvas, whole, lines.as_deref(), list),
        Dialog::Picker(picker) => picker::draw(canvas, whole, picker),
        Dialog::SourceForm(form) => source_form::draw(canvas, whole, form),
        Dialog::Import(import) => import::draw(canvas, whole, import),
    }
}

/// An area in the middle of the tab, as large as wished where there is room.
pub(super) fn middle(whole: Area, width: u16, height: u16) -> Area {
    let (width, height) = (width.min(whole.width), height.min(whole.height.saturating_sub(2)));
    Area {
        x: whole.x + (whole.width - width) / 2,
        y: whole.y + whole.height.saturating_sub(2 + height) / 2,
        width,
        height,
    }
}

/// A box in the middle; what the mouse does in it does not close it. Answers the area inside.
pub(super) fn boxed(canvas: &mut Canvas<'_>, whole: Area, width: u16, height: u16, title: &str) -> Area {
    let area = middle(whole, width, height);
    let inner = canvas.frame(area, title, Role::Rule);
    canvas.target(area, Target::List(ListId::Dialog));
    inner
}

/// The entries of a dialog's list that are shown, with their lines; notes its height.
pub(super) fn entries(canvas: &mut Canvas<'_>, area: Area, list: &List, len: usize) -> Vec<(usize, u16)> {
    canvas.drawn.heights.insert(ListId::Dialog, usize::from(area.height));
    if area.height == 0 {
        return Vec::new();
    }
    let window = list.window(len, usize::from(area.height));
    let lines: Vec<(usize, u16)> = window.zip(area.y..).collect();
    for (entry, y) in &lines {
        canvas.target(Area { y: *y, height: 1, ..area }, Target::Entry(ListId::Dialog, *entry));
    }
    lines
}

fn help(canvas: &mut Canvas<'_>, whole: Area, places: &[usize], list: &List) {
    let height = u16::try_from(places.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inner = boxed(canvas, whole, 78, height, "Keys");
    let support = canvas.app.view.support_contact.clone();
    let foot = match &support {
        Some(contact) => format!("More help: {contact}"),
        None => "`landfall help` has the whole command line.".to_owned(),
    };
    let body = Area { height: inner.height.saturating_sub(2), ..inner };
    canvas.put(inner.x, inner.y + inner.height.saturating_sub(1), inner.width, &foot, Role::Dim);
    for (entry, y) in entries(canvas, body, list, places.len()) {
        let Some(binding) = keys::table().get(places[entry]) else { continue };
        let shown: Vec<String> = binding.keys.iter().map(|key| shown_key(key)).collect();
        if entry == list.selected {
            canvas.put(inner.x, y, 1, "▌", Role::Key);
        }
        canvas.put(inner.x + 2, y, 20, &shown.join(" "), Role::Key);
        canvas.put(inner.x + 23, y, inner.width.saturating_sub(23 + 14), binding.help, Role::Text);
        canvas.spans_right(inner.x, y, inner.width, &[span(binding.scope.title(), Role::Dim)]);
    }
}

fn commands(canvas: &mut Canvas<'_>, whole: Area, palette: &Palette) {
    let height = u16::try_from(palette.found.len()).unwrap_or(u16::MAX).saturating_add(4).clamp(8, 20);
    let inner = boxed(canvas, whole, 70, height, "Commands");
    canvas.put(inner.x, inner.y, 2, ":", Role::Key);
    canvas.field(inner.x + 2, inner.y, inner.width.saturating_sub(2), &palette.field, true, "type what you want to do");
    let body = Area { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
    if palette.found.is_empty() {
        canvas.put(body.x, body.y, body.width, "No command matches.", Role::Dim);
    }
    for (entry, y) in entries(canvas, body, &palette.list, palette.found.len()) {
        let Some(binding) = keys::table().get(palette.found[entry]) else { continue };
        let role = if entry == palette.list.selected { Role::Selected } else { Role::Text };
        if entry == palette.list.selected {
            canvas.put(inner.x, y, 1, "▌", Role::Key);
        }
        canvas.put(inner.x + 2, y, inner.width.saturating_sub(14), binding.help, role);
        canvas.spans_right(inner.x, y, inner.width, &[span(shown_key(binding.keys[0]), Role::Key)]);
    }
}

/// The lines that a text takes in so many columns, with what each begins with.
pub(super) fn lines_of(text: &[TextLine], columns: u16) -> Vec<Vec<(String, Role)>> {
    let columns = usize::from(columns);
    let wrapped =
        |text: &str, role: Role| wrap(&visible(text), columns).into_iter().map(|line| vec![(line, role)]).collect();
    let mut lines: Vec<Vec<(String, Role)>> = Vec::new();
    for line in text {
        lines.extend::<Vec<_>>(match line {
            TextLine::Plain(text) => wrapped(text, Role::Text),
            TextLine::Strong(text) => wrapped(text, Role::Strong),
            TextLine::Dim(text) => wrapped(text, Role::Dim),
            TextLine::Error(text) => wrapped(text, Role::Bad),
            TextLine::Empty => vec![Vec::new()],
            TextLine::Pair(word, text) => {
                const WORD: usize = 16;
                let rest = wrap(&visible(text), columns.saturating_sub(WORD).max(8));
                let word = |first: bool| format!("{:<WORD$}", if first { word.as_str() } else { "" });
                rest.into_iter()
                    .enumerate()
                    .map(|(at, rest)| vec![(word(at == 0), Role::Dim), (rest, Role::Text)])
                    .collect()
            }
        });
    }
    lines
}

/// Draws the lines of a text as far as they fit, from one of them on. Answers how many there are.
pub(super) fn put_lines(canvas: &mut Canvas<'_>, area: Area, lines: &[Vec<(String, Role)>], first: usize) {
    for (line, y) in lines.iter().skip(first).zip(area.y..area.y + area.height) {
        let spans: Vec<_> = line.iter().map(|(text, role)| span(text.as_str(), *role)).collect();
        canvas.spans(area.x, y, area.width, &spans);
    }
}

fn read(canvas: &mut Canvas<'_>, whole: Area, text: &Text) {
    let width = whole.width.min(76);
    let lines = lines_of(&text.lines, width.saturating_sub(4));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inner = boxed(canvas, whole, width, height, &text.title);
    canvas.drawn.heights.insert(ListId::Dialog, usize::from(inner.height));
    let most = lines.len().saturating_sub(usize::from(inner.height));
    put_lines(canvas, inner, &lines, text.list.selected.min(most));
}

fn ask(canvas: &mut Canvas<'_>, whole: Area, confirm: &Confirm) {
    let width = whole.width.min(72);
    let lines = lines_of(&confirm.lines, width.saturating_sub(4));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inner = boxed(canvas, whole, width, height, &confirm.title);
    put_lines(canvas, Area { height: inner.height.saturating_sub(2), ..inner }, &lines, 0);
    let y = inner.y + inner.height.saturating_sub(1);
    let mut x = inner.x;
    let buttons = [("No, leave it (n)".to_owned(), !confirm.chosen), (format!("{} (y)", confirm.yes), confirm.chosen)];
    for (place, (label, chosen)) in buttons.into_iter().enumerate() {
        let label = format!("[ {label} ]");
        let role = if chosen { Role::Button } else { Role::Text };
        let columns = canvas.put(x, y, drawn_width(&label), &label, role);
        canvas.target(Area { x, y, width: columns, height: 1 }, Target::Button(place));
        x += columns + 3;
    }
}

fn prompted(canvas: &mut Canvas<'_>, whole: Area, prompt: &Prompt) {
    let inner = boxed(canvas, whole, 72, 8, &prompt.title);
    canvas.put(inner.x, inner.y, inner.width, &prompt.label, Role::Dim);
    canvas.field(inner.x, inner.y + 1, inner.width, &prompt.field, true, "");
    if let Some(error) = &prompt.error {
        let below = Area { y: inner.y + 2, height: inner.height.saturating_sub(2), ..inner };
        canvas.paragraph(below, error, Role::Bad);
    }
}

fn workspaces(canvas: &mut Canvas<'_>, whole: Area, lines: Option<&[crate::app::data::WorkspaceLine]>, list: &List) {
    let len = lines.map_or(0, <[_]>::len);
    let inner = boxed(canvas, whole, 76, u16::try_from(len).unwrap_or(u16::MAX).saturating_add(4).max(6), "Workspaces");
    canvas.put(
        inner.x,
        inner.y,
        inner.width,
        "Each is one sub-account with its own contacts, sources and settings.",
        Role::Dim,
    );
    let body = Area { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    for (entry, y) in entries(canvas, body, list, len) {
        let Some(line) = lines.and_then(|lines| lines.get(entry)) else { continue };
        let selected = entry == list.selected;
        if selected {
            canvas.put(inner.x, y, 1, "▌", Role::Key);
        }
        let role = if selected { Role::Selected } else { Role::Text };
        canvas.put(inner.x + 2, y, 24, &line.name, role);
        let here = if line.is_current { "● " } else { "  " };
        canvas.put(inner.x + 27, y, 2, here, Role::Good);
        canvas.put(inner.x + 29, y, inner.width.saturating_sub(29), &line.path.to_string_lossy(), Role::Dim);
    }
}
