//! The file picker.

use super::canvas::{Canvas, span};
use super::dialog::{boxed, entries, list_height};
use super::theme::Role;
use super::words;
use crate::app::picker::{Picker, Purpose};
use crate::app::screen::Area;

pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area, picker: &Picker) {
    let title = match &picker.purpose {
        Purpose::First => "Your first import: pick a file".to_owned(),
        Purpose::AddSource => "Add a source: choose its file".to_owned(),
        Purpose::MapFile(_, name) => format!("Choose a file to look at with the mapping of {name}"),
        Purpose::ImportInto(_, name) => format!("Choose a file to import into {name}"),
        Purpose::LoadMapping => "Choose a mapping to load, a TOML file".to_owned(),
    };
    let inner = boxed(canvas, whole, 90, list_height(whole, 28), &title);
    if inner.height < 4 {
        return;
    }
    canvas.put(inner.x, inner.y, 5, "File", Role::Dim);
    canvas.field(
        inner.x + 5,
        inner.y,
        inner.width.saturating_sub(5),
        &picker.field,
        true,
        "type part of a name, or a path; ~ is your home",
    );
    let directory = picker.directory().to_string_lossy();
    let shown = format!("in {directory}");
    canvas.put(inner.x, inner.y + 1, inner.width, &shown, Role::Dim);
    let foot = if inner.height < 6 { 0 } else { 1 };
    if foot > 0 {
        canvas.put(inner.x, inner.y + inner.height - 1, inner.width, "a dot shows hidden files", Role::Dim);
        let can = if picker.purpose == Purpose::LoadMapping { " can be loaded" } else { " can be imported" };
        let key = [span("✓", Role::Good), span(can, Role::Dim)];
        canvas.spans_right(inner.x, inner.y + inner.height - 1, inner.width, &key);
    }
    let body = Area { y: inner.y + 2, height: inner.height - 2 - foot, ..inner };
    if let Some(failure) = &picker.failure {
        canvas.paragraph(body, &failure.told(), Role::Bad);
        return;
    }
    let Some(listing) = &picker.listing else { return };
    if picker.found.is_empty() {
        let text = if listing.entries.is_empty() { "The directory is empty." } else { "Nothing here matches." };
        canvas.put(body.x, body.y, body.width, text, Role::Dim);
        return;
    }
    let room = inner.width.saturating_sub(2);
    let (size, date) = (10, 16);
    for (entry, y) in entries(canvas, body, &picker.list, picker.found.len()) {
        let Some(file) = picker.entry(entry) else { continue };
        let selected = entry == picker.list.selected;
        if selected {
            canvas.put(inner.x, y, 1, "▌", Role::Key);
        }
        let role = match (selected, file.is_dir || picker.purpose.takes(&file.name)) {
            (true, _) => Role::Selected,
            (false, true) => Role::Text,
            (false, false) => Role::Dim,
        };
        if !file.is_dir && picker.purpose.takes(&file.name) {
            canvas.put(inner.x + 2, y, 1, "✓", Role::Good);
        }
        let name = if file.is_dir { format!("{}/", file.name) } else { file.name.clone() };
        if room < 50 {
            canvas.put(inner.x + 4, y, room.saturating_sub(2), &name, role);
            continue;
        }
        let name_room = room.saturating_sub(size + date + 4);
        canvas.put(inner.x + 4, y, name_room.saturating_sub(2), &name, role);
        if !file.is_dir {
            let bytes = words::bytes(file.bytes);
            canvas.spans_right(inner.x + 2 + name_room + 1, y, size, &[span(bytes, Role::Dim)]);
        }
        if let Some(at_ms) = file.modified_ms {
            let when = canvas.when(at_ms);
            canvas.spans_right(inner.x + 2 + name_room + 1 + size, y, date + 1, &[span(when, Role::Dim)]);
        }
    }
}
