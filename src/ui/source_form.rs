//! The form of a source.

use super::canvas::{Canvas, span};
use super::dialog::boxed;
use super::table::drawn_width;
use super::theme::Role;
use super::words;
use crate::app::data::FileLook;
use crate::app::screen::{Area, Target};
use crate::app::source_form::{Form, Item, Look, Purpose};

/// Columns of the labels.
const LABEL: u16 = 16;

pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area, form: &Form) {
    let title = match form.purpose {
        Purpose::Add => "Add a source",
        Purpose::Edit(_) => "Edit the source",
    };
    let look = if matches!(form.look, Look::None) { 0 } else { 4 };
    let fields = form.items().iter().filter(|item| !item.is_button()).count();
    let height = look + u16::try_from(fields).unwrap_or(0) + 7;
    let inner = boxed(canvas, whole, 92, height, title);
    if inner.height < 3 {
        return;
    }
    let buttons = inner.y + inner.height - 1;
    let mut y = inner.y;
    y += draw_look(canvas, Area { y, height: look.min(buttons - y), ..inner }, form);
    // Where there is no room for all, the one that has the keys stays on the screen.
    let places = form.items().iter().enumerate().filter(|(_, item)| !item.is_button());
    let places: Vec<(usize, Item)> = places.map(|(place, item)| (place, *item)).collect();
    let notice = u16::from(form.error.is_some() || form.doubt.is_some()) * 2;
    let room = usize::from(buttons.saturating_sub(y + notice));
    let first = form.focus.min(places.len() - 1).saturating_sub(room.saturating_sub(1));
    for (place, item) in places.into_iter().skip(first).take(room) {
        draw_item(canvas, Area { y, height: 1, ..inner }, form, place, item);
        y += 1;
        if item == Item::Name {
            y += doubt(canvas, Area { y, height: notice, ..inner }, form);
        }
    }
    if let Some(error) = &form.error {
        let below = y.min(buttons.saturating_sub(2));
        canvas.paragraph(Area { y: below, height: buttons - below, ..inner }, error, Role::Bad);
    }
    draw_buttons(canvas, Area { y: buttons, height: 1, ..inner }, form);
}

/// Why the name is questioned.
fn doubt(canvas: &mut Canvas<'_>, area: Area, form: &Form) -> u16 {
    let Some(doubt) = form.doubt.as_ref().filter(|_| form.error.is_none()) else { return 0 };
    let area = Area { x: area.x + LABEL, width: area.width.saturating_sub(LABEL), ..area };
    canvas.paragraph(area, &format!("? {} {}", doubt.message(), doubt.action()), Role::Warn)
}

fn draw_item(canvas: &mut Canvas<'_>, area: Area, form: &Form, place: usize, item: Item) {
    let focused = place == form.focus;
    canvas.target(area, Target::Button(place));
    if focused {
        canvas.put(area.x, area.y, 1, "▌", Role::Key);
    }
    let label = if focused { Role::Text } else { Role::Dim };
    canvas.put(area.x + 2, area.y, LABEL - 3, item.label(), label);
    let (x, width) = (area.x + LABEL, area.width.saturating_sub(LABEL));
    if let Some(field) = form.field(item) {
        canvas.field(x, area.y, width, field, focused && !form.is_saving(), item.example());
    } else if let Some(choice) = form.choice(item) {
        let role = if focused { Role::Selected } else { Role::Text };
        let spans = [span("‹ ", Role::Dim), span(choice, role), span(" ›", Role::Dim)];
        canvas.spans(x, area.y, width, &spans);
    }
}

fn draw_buttons(canvas: &mut Canvas<'_>, area: Area, form: &Form) {
    if form.is_saving() {
        canvas.put(area.x, area.y, area.width, "Saving …", Role::Busy);
        return;
    }
    let mut x = area.x;
    for (place, item) in form.items().iter().enumerate().filter(|(_, item)| item.is_button()) {
        let label = match item {
            Item::Save if form.purpose == Purpose::Add => "[ Add ]".to_owned(),
            item => format!("[ {} ]", item.label()),
        };
        let role = if place == form.focus { Role::Button } else { Role::Text };
        let columns = canvas.put(x, area.y, drawn_width(&label), &label, role);
        canvas.target(Area { x, width: columns, ..area }, Target::Button(place));
        x += columns + 3;
    }
}

/// What was found in the file; answers the lines that it took.
fn draw_look(canvas: &mut Canvas<'_>, area: Area, form: &Form) -> u16 {
    if area.height == 0 {
        return 0;
    }
    let file = form.texts.file.text();
    match &form.look {
        Look::None => return 0,
        Look::Waiting => {
            canvas.spans(area.x, area.y, area.width, &[span(file, Role::Text), span(": looking at it …", Role::Busy)]);
        }
        Look::Failed(failure) => {
            canvas.put(area.x, area.y, area.width, file, Role::Text);
            let below = Area { y: area.y + 1, height: area.height - 1, ..area };
            canvas.paragraph(below, &failure.told(), Role::Bad);
        }
        Look::Found(look) => found(canvas, area, look),
    }
    area.height
}

fn found(canvas: &mut Canvas<'_>, area: Area, look: &FileLook) {
    let name = look.path.file_name().unwrap_or_default().to_string_lossy();
    let delimiter = if look.delimiter == '\t' { "tab".to_owned() } else { format!("“{}”", look.delimiter) };
    let facts = format!(
        " · {} · {} · {delimiter} · header in line {}",
        words::bytes(look.bytes),
        look.encoding,
        look.header_row
    );
    canvas.spans(area.x, area.y, area.width, &[span(name, Role::Strong), span(facts, Role::Dim)]);
    let goes = look.columns.iter().filter(|(_, field)| field.is_some()).count();
    let mut columns = vec![span(format!("{goes} of {} columns fit a field", look.columns.len()), Role::Text)];
    let unmapped: Vec<&str> =
        look.columns.iter().filter(|(_, field)| field.is_none()).map(|(name, _)| name.as_str()).collect();
    if !unmapped.is_empty() {
        columns.push(span(format!("; these do not: {}", unmapped.join(", ")), Role::Warn));
    }
    canvas.spans(area.x, area.y + 1, area.width, &columns);
    if area.height > 3 {
        let (text, role) = match look.problems.as_slice() {
            [] => ("No problem in what was looked at.".to_owned(), Role::Dim),
            [one] => (format!("! {one}"), Role::Warn),
            [first, rest @ ..] => (format!("! {first} (and {} more)", rest.len()), Role::Warn),
        };
        canvas.put(area.x, area.y + 2, area.width, &text, role);
    }
}
