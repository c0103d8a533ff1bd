//! Dialogs: boxes over the tab.

use super::canvas::{Canvas, span, wrap};
use super::chrome::shown_key;
use super::table::drawn_width;
use super::text::{cut, visible, width};
use super::theme::Role;
use super::words::counted;
use super::{connecting, import, mapping, picker, source_files, source_form};
use crate::app::data::WorkspaceLine;
use crate::app::dialog::{Confirm, Dialog, HelpKey, Palette, Prompt, Text, TextLine};
use crate::app::keys;
use crate::app::list::List;
use crate::app::screen::{Area, ListId, Target};

/// Draws the dialogs that are open, the last one on top.
pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area) {
    let Some(dialog) = canvas.app.dialogs.last() else { return };
    canvas.target(whole, Target::Outside);
    match dialog {
        Dialog::Help { keys, list } => help(canvas, whole, keys, list),
        Dialog::Palette(palette) => commands(canvas, whole, palette),
        Dialog::Text(text) => read(canvas, whole, text),
        Dialog::Confirm(confirm) => ask(canvas, whole, confirm),
        Dialog::Prompt(prompt) => prompted(canvas, whole, prompt),
        Dialog::Workspaces { lines, list } => workspaces(canvas, whole, lines.as_deref(), list),
        Dialog::Picker(picker) => picker::draw(canvas, whole, picker),
        Dialog::Connecting(open) => connecting::draw(canvas, whole, open),
        Dialog::SourceKind(list) => source_form::draw_kinds(canvas, whole, list),
        Dialog::SourceForm(form) => source_form::draw(canvas, whole, form),
        Dialog::SourceFiles(files) => source_files::draw(canvas, whole, files),
        Dialog::Import(import) => import::draw(canvas, whole, import),
        Dialog::Mapping(open) => mapping::dialogs::draw(canvas, whole, open),
        Dialog::FieldPicker(picker) => mapping::draw_picker(canvas, whole, picker),
        Dialog::ProblemRows(rows) => mapping::draw_problem_rows(canvas, whole, rows),
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

/// The height of a box with a list that is as long as there is room for: a margin is left where the screen is not tiny.
pub(super) fn list_height(whole: Area, most: u16) -> u16 {
    whole.height.saturating_sub(4).max(whole.height.min(9)).min(most)
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

/// A line of a text, in pieces.
pub(super) type Line = Vec<(String, Role)>;

/// A text that is longer than its place is moved in line by line: the first line that is shown is the selected one. How
/// much more there is stands under the place, on the border of its box or on a blank line.
pub(super) fn scrolled(canvas: &mut Canvas<'_>, area: Area, lines: &[Line], list: &List) {
    let height = usize::from(area.height);
    let most = lines.len().saturating_sub(height);
    canvas.drawn.heights.insert(ListId::Dialog, height);
    canvas.drawn.lines.insert(ListId::Dialog, vec![None; most + 1]);
    let first = list.selected.min(most);
    put_lines(canvas, area, lines, first);
    if most > 0 && area.width > 1 {
        let x = area.x + area.width;
        if first > 0 {
            canvas.put(x, area.y, 1, "↑", Role::Key);
        }
        if first < most {
            canvas.put(x, area.y + area.height - 1, 1, "↓", Role::Key);
            let more = format!(" ↓ {} ", counted((most - first) as u64, "more line", "more lines"));
            canvas.spans_right(area.x, area.y + area.height, area.width, &[span(more, Role::Key)]);
        }
    }
}

fn help(canvas: &mut Canvas<'_>, whole: Area, keys: &[HelpKey], list: &List) {
    let width = whole.width.min(78);
    let lines = help_lines(keys, usize::from(width.saturating_sub(4)));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inner = boxed(canvas, whole, width, height, "What every key does here");
    let foot = match &canvas.app.view.support_contact {
        Some(contact) => format!("In ( ): not now. If this does not help: {contact}"),
        None => "In ( ): not now. On the command line: landfall --help".to_owned(),
    };
    if inner.height > 4 {
        canvas.put(inner.x, inner.y + inner.height - 1, inner.width, &foot, Role::Dim);
    }
    let body = Area { height: if inner.height > 4 { inner.height - 2 } else { inner.height }, ..inner };
    scrolled(canvas, body, &lines, list);
}

/// The keys under the headings of their scopes. Those that do nothing now stand in brackets.
fn help_lines(keys: &[HelpKey], columns: usize) -> Vec<Line> {
    const KEYS: usize = 20;
    let mut lines: Vec<Line> = Vec::new();
    let mut scope = None;
    for key in keys {
        let Some(binding) = keys::table().get(key.place) else { continue };
        if scope.replace(binding.scope) != Some(binding.scope) {
            if !lines.is_empty() {
                lines.push(Vec::new());
            }
            lines.push(vec![(binding.scope.title().to_owned(), Role::Title)]);
        }
        let shown: Vec<String> = binding.keys.iter().map(|key| shown_key(key)).collect();
        let shown = shown.join(" ");
        let (shown, of_key, of_help) = match key.is_possible {
            true => (format!(" {shown}"), Role::Key, Role::Text),
            false => (format!("({shown})"), Role::Dim, Role::Dim),
        };
        for (at, part) in wrap(binding.help, columns.saturating_sub(KEYS + 2).max(8)).into_iter().enumerate() {
            let shown = if at == 0 { shown.as_str() } else { "" };
            let pad = " ".repeat(KEYS.saturating_sub(width(shown)));
            lines.push(vec![(format!(" {shown}{pad} "), of_key), (part, of_help)]);
        }
    }
    lines
}

fn commands(canvas: &mut Canvas<'_>, whole: Area, palette: &Palette) {
    let height = u16::try_from(palette.found.len()).unwrap_or(u16::MAX).saturating_add(4).clamp(8, 20);
    let inner = boxed(canvas, whole, 70, height, "Commands");
    canvas.put(inner.x, inner.y, inner.width.min(2), ":", Role::Key);
    let place = inner.x.saturating_add(2);
    canvas.field(place, inner.y, inner.width.saturating_sub(2), &palette.field, true, "type what you want to do");
    let body = Area { y: inner.y.saturating_add(2), height: inner.height.saturating_sub(2), ..inner };
    if palette.found.is_empty() && body.height > 0 {
        canvas.put(body.x, body.y, body.width, "No command is like this; ? lists all keys.", Role::Dim);
    }
    for (entry, y) in entries(canvas, body, &palette.list, palette.found.len()) {
        let (place, letters) = &palette.found[entry];
        let Some(binding) = keys::table().get(*place) else { continue };
        let key = shown_key(binding.keys[0]);
        let room = inner.width.saturating_sub(drawn_width(&key) + 4);
        if entry == palette.list.selected {
            canvas.put(inner.x, y, 1, "▌", Role::Key);
            canvas.put(inner.x + 2, y, room, binding.help, Role::Selected);
        } else {
            let letter = |(at, c): (usize, char)| {
                span(c.to_string(), if letters.contains(&at) { Role::Match } else { Role::Text })
            };
            let shown = cut(binding.help, usize::from(room));
            let spans: Vec<_> = shown.chars().enumerate().map(letter).collect();
            canvas.spans(inner.x + 2, y, room, &spans);
        }
        canvas.spans_right(inner.x, y, inner.width, &[span(key, Role::Key)]);
    }
}

/// The lines that a text takes in so many columns, with what each begins with.
pub(super) fn lines_of(text: &[TextLine], columns: u16) -> Vec<Line> {
    let columns = usize::from(columns);
    let wrapped =
        |text: &str, role: Role| wrap(&visible(text), columns).into_iter().map(|line| vec![(line, role)]).collect();
    let mut lines: Vec<Line> = Vec::new();
    for line in text {
        lines.extend::<Vec<_>>(match line {
            TextLine::Plain(text) => wrapped(text, Role::Text),
            TextLine::Strong(text) => wrapped(text, Role::Strong),
            TextLine::Dim(text) => wrapped(text, Role::Dim),
            TextLine::Error(text) => wrapped(text, Role::Bad),
            TextLine::Empty => vec![Vec::new()],
            TextLine::Item(text) => wrap(&visible(text), columns.saturating_sub(2).max(8))
                .into_iter()
                .enumerate()
                .map(|(at, line)| vec![((if at == 0 { "– " } else { "  " }).to_owned(), Role::Dim), (line, Role::Text)])
                .collect(),
            TextLine::Example(text) => vec![vec![(format!("    {}", visible(text)), Role::Strong)]],
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

/// Draws the lines of a text as far as they fit, from one of them on.
pub(super) fn put_lines(canvas: &mut Canvas<'_>, area: Area, lines: &[Line], first: usize) {
    for (line, y) in lines.iter().skip(first).zip(area.y..area.y + area.height) {
        let spans: Vec<_> = line.iter().map(|(text, role)| span(text.as_str(), *role)).collect();
        canvas.spans(area.x, y, area.width, &spans);
    }
}

/// A text; it ends with whom to ask when its advice does not help (R336).
fn read(canvas: &mut Canvas<'_>, whole: Area, text: &Text) {
    let width = whole.width.min(76);
    let mut lines = lines_of(&text.lines, width.saturating_sub(4));
    if let Some(contact) = &canvas.app.view.support_contact {
        lines.push(Vec::new());
        let advice = [TextLine::Dim(format!("If this does not help: {contact}"))];
        lines.extend(lines_of(&advice, width.saturating_sub(4)));
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let inner = boxed(canvas, whole, width, height, &text.title);
    scrolled(canvas, inner, &lines, &text.list);
}

fn ask(canvas: &mut Canvas<'_>, whole: Area, confirm: &Confirm) {
    let width = whole.width.min(72);
    let lines = lines_of(&confirm.lines, width.saturating_sub(4));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inner = boxed(canvas, whole, width, height, &confirm.title);
    if inner.height == 0 {
        return;
    }
    let text = Area { height: inner.height.saturating_sub(2), ..inner };
    // Two buttons that do not fit beside each other stand under each other.
    let buttons = [("No, leave it (n)".to_owned(), !confirm.chosen), (format!("{} (y)", confirm.yes), confirm.chosen)];
    let labels = buttons.map(|(label, chosen)| (format!("{}[ {label} ]", if chosen { "▌" } else { " " }), chosen));
    let needed: u16 = labels.iter().map(|(label, _)| drawn_width(label).saturating_add(3)).sum();
    let beside = needed <= inner.width.saturating_add(3);
    let (mut x, mut y) = (inner.x, inner.y + inner.height - 1);
    if !beside && inner.height > 1 {
        y -= 1;
    }
    scrolled(canvas, text, &lines, &confirm.list);
    for (place, (label, chosen)) in labels.iter().enumerate() {
        let role = if *chosen { Role::Button } else { Role::Text };
        let room = (inner.x + inner.width).saturating_sub(x);
        let columns = canvas.put(x, y, room, label, role);
        canvas.target(Area { x, y, width: columns, height: 1 }, Target::Button(place));
        if beside {
            x += columns + 3;
        } else if y + 1 < inner.y + inner.height {
            y += 1;
        }
    }
}

fn prompted(canvas: &mut Canvas<'_>, whole: Area, prompt: &Prompt) {
    let width = whole.width.min(72);
    let error = prompt.error.as_ref().map(|error| wrap(&visible(error), usize::from(width.saturating_sub(4))).len());
    let height = u16::try_from(error.unwrap_or(0)).unwrap_or(0).saturating_add(4).max(6);
    let inner = boxed(canvas, whole, width, height, &prompt.title);
    let line = |at: u16| Area { y: inner.y.saturating_add(at), height: inner.height.saturating_sub(at), ..inner };
    if inner.height > 1 {
        canvas.put(inner.x, inner.y, inner.width, &prompt.label, Role::Dim);
    }
    let field = line(u16::from(inner.height > 1));
    if field.height > 0 {
        canvas.field(field.x, field.y, field.width, &prompt.field, true, "");
    }
    if let Some(error) = &prompt.error {
        canvas.paragraph(line(2), error, Role::Bad);
    }
}

fn workspaces(canvas: &mut Canvas<'_>, whole: Area, lines: Option<&[WorkspaceLine]>, list: &List) {
    let len = lines.map_or(0, <[_]>::len);
    let height = u16::try_from(len).unwrap_or(u16::MAX).saturating_add(6);
    let inner = boxed(canvas, whole, 76, height, "Workspaces");
    let first = Area { height: inner.height.min(1), ..inner };
    canvas.paragraph(first, "Each is one sub-account with its own contacts, sources and settings.", Role::Dim);
    let foot = inner.height.saturating_sub(1);
    if len < 2 && lines.is_some() && foot > 2 {
        let text = "Others appear once they were opened: landfall --workspace DIR";
        canvas.put(inner.x, inner.y + foot, inner.width, text, Role::Dim);
    }
    let body = Area { y: inner.y.saturating_add(2), height: inner.height.saturating_sub(4), ..inner };
    for (entry, y) in entries(canvas, body, list, len) {
        let Some(line) = lines.and_then(|lines| lines.get(entry)) else { continue };
        let selected = entry == list.selected;
        if selected {
            canvas.put(inner.x, y, 1, "▌", Role::Key);
        }
        let role = if selected { Role::Selected } else { Role::Text };
        let name = inner.width.saturating_sub(2).min(22);
        canvas.put(inner.x + 2, y, name, &line.name, role);
        let standing = match (line.is_current, line.is_there) {
            (true, _) => ("● open", Role::Good),
            (false, true) => ("", Role::Text),
            (false, false) => ("✗ not there", Role::Bad),
        };
        canvas.put(inner.x + 25, y, inner.width.saturating_sub(25).min(11), standing.0, standing.1);
        // Of a long path the end says more.
        let room = inner.width.saturating_sub(38);
        let path = visible(&line.path.to_string_lossy()).into_owned();
        canvas.put(inner.x + 38, y, room, &last_part(&path, usize::from(room)), Role::Dim);
    }
}

/// The end of a text that is too long for its columns.
fn last_part(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = text;
    while width(kept) + 1 > columns {
        let mut chars = kept.chars();
        if chars.next().is_none() {
            break;
        }
        kept = chars.as_str();
    }
    format!("…{kept}")
}
