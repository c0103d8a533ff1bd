//! The form of a source.

use super::canvas::{Canvas, span, wrap};
use super::dialog::boxed;
use super::table::drawn_width;
use super::text::visible;
use super::theme::Role;
use super::words::{self, counted};
use crate::app::brings::kind::{ENTRIES, KindEntry};
use crate::app::data::FileLook;
use crate::app::field::Field;
use crate::app::list::List;
use crate::app::screen::{Area, ListId, Target};
use crate::app::source_form::{Form, Look, Purpose};
use crate::app::source_item::Item;

/// Before typed text is lost.
const LEAVING: &str = "! Press esc once more to throw away what you typed, or ctrl-s to save it.";
/// Columns of the labels.
const LABEL: u16 = 18;

pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area, form: &Form) {
    let title = match (&form.purpose, &form.bring) {
        (Purpose::Add, None) => "Add a source".to_owned(),
        (Purpose::Add, Some(bring)) => format!("Add a source: {}", bring.kind.title()),
        (Purpose::Edit(_), None) => "Edit the source".to_owned(),
        (Purpose::Edit(_), Some(bring)) => format!("Edit the source: {}", bring.kind.title()),
    };
    let look = if matches!(form.look, Look::None) { 0 } else { 4 };
    let fields = form.items().iter().filter(|item| !item.is_button()).count();
    let width = whole.width.min(92);
    let said = said(form, width.saturating_sub(LABEL + 4));
    let note = form.note(canvas.app.zone, canvas.app.now_ms);
    let note = note.filter(|_| said.is_empty() && !form.is_saving());
    let (note, warns) = note.map_or((Vec::new(), false), |note| {
        (wrap(&visible(&note.text), usize::from(width.saturating_sub(LABEL + 4))), note.warns)
    });
    let notice = u16::try_from(said.len() + note.len()).unwrap_or(0);
    let height = look + u16::try_from(fields).unwrap_or(0) + notice + 4;
    let inner = boxed(canvas, whole, width, height, &title);
    if inner.height < 3 {
        return;
    }
    let buttons = inner.y + inner.height - 1;
    let mut y = inner.y;
    y += draw_look(canvas, Area { y, height: look.min(buttons - y), ..inner }, form);
    // Where there is no room for all, the one that has the keys stays on the screen.
    let items = form.items();
    let places: Vec<(usize, Item)> = items.iter().copied().enumerate().filter(|(_, item)| !item.is_button()).collect();
    // What is wrong stands under the field that it is about; a doubt is about the name.
    let (noticed, role) = match form.error {
        _ if form.leaving => (form.focus.min(places.len() - 1), Role::Warn),
        Some(_) if form.focused().is_button() => (places.len() - 1, Role::Bad),
        Some(_) => (form.focus, Role::Bad),
        None if form.doubt.is_some() => (0, Role::Warn),
        None => (items.iter().position(|item| *item == Item::Since).unwrap_or(0), Role::Warn),
    };
    let room = usize::from(buttons.saturating_sub(y + notice));
    let first = form.focus.min(places.len() - 1).saturating_sub(room.saturating_sub(1));
    let (top, more) = (y, places.len().saturating_sub(first + room));
    for (place, item) in places.into_iter().skip(first).take(room) {
        draw_item(canvas, Area { y, height: 1, ..inner }, form, place, item);
        y += 1;
        if place == noticed {
            for line in &said {
                canvas.put(inner.x + LABEL, y, inner.width.saturating_sub(LABEL), line, role);
                y += 1;
            }
        }
        if place == form.focus {
            for line in &note {
                let role = if warns { Role::Warn } else { Role::Dim };
                canvas.put(inner.x + LABEL, y, inner.width.saturating_sub(LABEL), line, role);
                y += 1;
            }
        }
    }
    let beside = inner.x + inner.width;
    if first > 0 {
        canvas.put(beside, top, 1, "↑", Role::Key);
    }
    if more > 0 && y > top {
        canvas.put(beside, y - 1, 1, "↓", Role::Key);
        let more = format!(" ↓ {} ", counted(more as u64, "more field", "more fields"));
        canvas.spans_right(inner.x, buttons + 1, inner.width, &[span(more, Role::Key)]);
    }
    draw_buttons(canvas, Area { y: buttons, height: 1, ..inner }, form);
}

/// What is wrong, or why the name is questioned, in lines.
fn said(form: &Form, columns: u16) -> Vec<String> {
    let text = match (&form.error, &form.doubt) {
        _ if form.leaving => LEAVING.to_owned(),
        (Some(error), _) => format!("✗ {error}"),
        (None, Some(doubt)) => format!("? {} {}", doubt.message(), doubt.action()),
        (None, None) if form.filters_changed() => {
            "! This holds from the next import on: rows that were skipped before stay out until their file is imported again."
                .to_owned()
        }
        (None, None) => return Vec::new(),
    };
    wrap(&visible(&text), usize::from(columns))
}

fn draw_item(canvas: &mut Canvas<'_>, area: Area, form: &Form, place: usize, item: Item) {
    let focused = place == form.focus;
    canvas.target(area, Target::Button(place));
    if focused {
        canvas.put(area.x, area.y, 1, "▌", Role::Key);
    }
    let label = if focused { Role::Text } else { Role::Dim };
    canvas.put(area.x + 2, area.y, LABEL - 3, form.label(item), label);
    let (x, width) = (area.x + LABEL, area.width.saturating_sub(LABEL));
    if let Some(choice) = form.choice(item) {
        let role = if focused { Role::Selected } else { Role::Text };
        let spans = [span("‹ ", Role::Dim), span(choice, role), span(" ›", Role::Dim)];
        canvas.spans(x, area.y, width, &spans);
    } else {
        let empty = Field::default();
        let field = form.field(item).unwrap_or(&empty);
        canvas.field(x, area.y, width, field, focused && !form.is_saving(), form.example(item));
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
    let file = form.texts.text(Item::File);
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
    let mut columns = vec![span(
        format!("{goes} of {} a field", counted(look.columns.len() as u64, "column fits", "columns fit")),
        Role::Text,
    )];
    let unmapped: Vec<&str> =
        look.columns.iter().filter(|(_, field)| field.is_none()).map(|(name, _)| name.as_str()).collect();
    if !unmapped.is_empty() {
        columns.push(span(format!("; these do not: {}", unmapped.join(", ")), Role::Warn));
    }
    canvas.spans(area.x, area.y + 1, area.width, &columns);
    if area.height > 3 {
        let (text, role) = match look.problems.as_slice() {
            [] if goes == 0 => {
                ("Nothing of it would be imported: its columns have to be mapped first.".to_owned(), Role::Warn)
            }
            [] => ("No problem in what was looked at.".to_owned(), Role::Dim),
            [one] => (format!("! {one}"), Role::Warn),
            [first, rest @ ..] => (format!("! {first} (and {} more)", rest.len()), Role::Warn),
        };
        canvas.put(area.x, area.y + 2, area.width, &text, role);
    }
}

/// Which kind of source is added: each entry on two lines where there is room.
pub(super) fn draw_kinds(canvas: &mut Canvas<'_>, whole: Area, list: &List) {
    let wanted = u16::try_from(ENTRIES.len()).unwrap_or(0);
    let lines: u16 = if whole.height >= wanted * 3 + 4 { 3 } else { 1 };
    let inner = boxed(canvas, whole, 76, wanted * lines + 3 - lines / 2, "Add a source: where do its files come from?");
    canvas.drawn.heights.insert(ListId::Dialog, ENTRIES.len());
    for (entry, KindEntry { key, label, note, .. }) in ENTRIES.iter().enumerate() {
        let y = inner.y + u16::try_from(entry).unwrap_or(0) * lines;
        if y >= inner.y + inner.height {
            break;
        }
        let selected = entry == list.selected;
        let area = Area { y, height: lines.min(2).min((inner.y + inner.height).saturating_sub(y)), ..inner };
        canvas.target(area, Target::Entry(ListId::Dialog, entry));
        if selected {
            canvas.put(inner.x, y, 1, "▌", Role::Key);
        }
        let role = if selected { Role::Selected } else { Role::Strong };
        let taken = canvas.put(inner.x + 2, y, inner.width.saturating_sub(2), key, Role::Key);
        canvas.put(inner.x + 4, y, inner.width.saturating_sub(2 + taken), label, role);
        if area.height > 1 {
            canvas.put(inner.x + 4, y + 1, inner.width.saturating_sub(4), note, Role::Dim);
        }
    }
}
