//! The preview: rows through the real rules, with the fields around the one that is looked at.

use super::super::canvas::{Canvas, span};
use super::super::table::drawn_width;
use super::super::theme::Role;
use super::super::words::count;
use crate::app::SLOW;
use crate::app::mapping::data::{Preview, PreviewCell, PreviewOutcome, PreviewRow};
use crate::app::mapping::preview::{field_place, in_view};
use crate::app::mapping::{Editor, MappingTarget};
use crate::app::message::Slot;
use crate::app::screen::{Area, ListId, Target};
use crate::domain::field::{Catalog, Kind};
use std::ops::Range;

const OUTCOME: u16 = 12;
const RAW: u16 = 18;
const GAP: u16 = 2;
/// Narrower screens keep their room for the fields; what stands in the file is told of the selected cell.
const RAW_FROM: u16 = 100;

/// Where the parts of a line begin.
#[derive(Clone, Copy)]
struct Places {
    row: u16,
    row_width: u16,
    outcome: u16,
    /// None where there is no room for what stands in the file.
    raw: Option<u16>,
    fields: u16,
}

impl Places {
    fn of(area: Area, preview: &Preview) -> Places {
        let row_width = preview.rows.iter().map(|line| drawn_width(&count(line.row))).max().unwrap_or(0).max(5);
        let row = area.x + 3;
        let outcome = row + row_width + GAP;
        let raw = (area.width >= RAW_FROM).then_some(outcome + OUTCOME);
        Places { row, row_width, outcome, raw, fields: outcome + OUTCOME + if raw.is_some() { RAW } else { 0 } }
    }
}

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area, editor: &Editor) {
    let rows = area.height.saturating_sub(2);
    canvas.drawn.heights.insert(ListId::Preview, usize::from(rows.max(1)));
    if area.height == 0 {
        return;
    }
    let rule = Area { height: 1, ..area };
    let body = Area { y: area.y + 1, height: area.height - 1, ..area };
    let Some(preview) = &editor.preview else {
        canvas.rule(rule, &[span("Preview", Role::Title)]);
        return without(canvas, body, editor);
    };
    let at = Places::of(area, preview);
    let room = (area.x + area.width).saturating_sub(at.fields + 1);
    let fields = shown_fields(preview, &editor.opened.catalog, in_view(editor).unwrap_or(0), room);
    title(canvas, rule, editor, preview, &fields);
    if body.height == 0 {
        return;
    }
    heading(canvas, Area { height: 1, ..body }, at, editor, preview, &fields);
    let lines = Area { y: body.y + 1, height: body.height - 1, ..body };
    canvas.target(lines, Target::List(ListId::Preview));
    if preview.rows.is_empty() && lines.height > 0 {
        canvas.put(lines.x + 3, lines.y, lines.width.saturating_sub(3), "The file has no rows.", Role::Dim);
        return;
    }
    if lines.height == 0 {
        return;
    }
    for (entry, y) in editor.shown.window(preview.rows.len(), usize::from(lines.height)).zip(lines.y..) {
        row(canvas, Area { y, height: 1, ..lines }, at, editor, preview, entry, &fields);
    }
}

/// Why there is no preview.
fn without(canvas: &mut Canvas<'_>, area: Area, editor: &Editor) {
    let place = Area { x: area.x + 3, width: area.width.saturating_sub(4), ..area };
    if let Some(failure) = &editor.preview_failure {
        canvas.paragraph(place, &failure.told(), Role::Bad);
    } else if editor.opened.file.is_none() {
        let why = editor.opened.no_file.as_deref().unwrap_or_default();
        let text = format!(
            "No preview without a file. {why} The mapping can be edited all the same; f chooses a file to look at."
        );
        canvas.paragraph(place, &text, Role::Dim);
    } else {
        canvas.waiting(Area { y: area.y.saturating_sub(1), height: area.height, ..area }, Slot::Preview);
    }
}

fn title(canvas: &mut Canvas<'_>, area: Area, editor: &Editor, preview: &Preview, fields: &Range<usize>) {
    let mut title = vec![span("Preview", Role::Title)];
    if let Some(failure) = &editor.preview_failure {
        title.push(span(format!(" · as it was: {}", failure.message), Role::Bad));
    } else if let Some(since) = canvas.app.waiting_since(Slot::Preview).filter(|_| editor.is_stale()) {
        if canvas.app.now_ms - since >= SLOW {
            title.push(span(" · as it was, reading anew …", Role::Busy));
        } else {
            canvas.drawn.changes(Some(since + SLOW));
        }
    } else if preview.blocked.is_some() || editor.asks_for_date_order() {
        title.push(span(" · ! an import would not start yet", Role::Warn));
    } else if let Some(reason) = preview.attention.first() {
        title.push(span(" · ! ", Role::Warn));
        title.push(span(reason.as_str(), Role::Text));
    }
    let of = match preview.fields.len() {
        0 => String::new(),
        all if fields.len() == all => String::new(),
        all => format!(" fields {}–{} of {} ", fields.start + 1, fields.end, count(all as u64)),
    };
    let needed = drawn_width(&of);
    canvas.rule(area, &[]);
    let mut spans = vec![span(" ", Role::Text)];
    spans.extend(title);
    spans.push(span(" ", Role::Text));
    canvas.spans(area.x + 1, area.y, area.width.saturating_sub(needed + 3), &spans);
    canvas.spans_right(area.x, area.y, area.width.saturating_sub(1), &[span(of, Role::Dim)]);
}

/// The fields that are shown: the page of them that has the wanted one. Pages begin where they always begin, so that the
/// screen rests while one moves within one; the last one is as full as the others.
fn shown_fields(preview: &Preview, catalog: &Catalog, wanted: usize, room: u16) -> Range<usize> {
    let needs = |place: usize| width(catalog, &preview.fields[place].key);
    let (mut start, mut taken) = (0, 0u16);
    for place in 0..preview.fields.len() {
        let needed = needs(place).saturating_add(if place > start { GAP } else { 0 });
        if place > start && taken.saturating_add(needed) > room {
            if wanted < place {
                return start..place;
            }
            (start, taken) = (place, 0);
        }
        taken = taken.saturating_add(needed);
    }
    while start > 0 && taken.saturating_add(needs(start - 1) + GAP) <= room {
        start -= 1;
        taken += needs(start) + GAP;
    }
    start..preview.fields.len()
}

/// The columns of a field's values.
fn width(catalog: &Catalog, key: &str) -> u16 {
    let Some(field) = catalog.by_key(key) else { return 14 };
    let values = match field.kind {
        Kind::Email | Kind::Emails | Kind::Url => 24,
        Kind::Phone | Kind::Phones => 17,
        Kind::Date => 12,
        Kind::DateTime => 18,
        Kind::LongText | Kind::Tags | Kind::TextboxList => 20,
        Kind::YesNo | Kind::Number => 9,
        _ => 15,
    };
    drawn_width(&field.label).min(20).max(values)
}

/// The fields of a page, each with its place on the screen.
fn places(area: Area, at: Places, editor: &Editor, preview: &Preview, fields: &Range<usize>) -> Vec<(usize, u16, u16)> {
    let end = area.x + area.width;
    let mut x = at.fields;
    let mut places = Vec::with_capacity(fields.len());
    for place in fields.clone() {
        let Some(field) = preview.fields.get(place).filter(|_| x < end) else { break };
        let columns = width(&editor.opened.catalog, &field.key);
        places.push((place, x, columns.min(end - x)));
        x += columns + GAP;
    }
    places
}

fn heading(canvas: &mut Canvas<'_>, area: Area, at: Places, editor: &Editor, preview: &Preview, fields: &Range<usize>) {
    let end = area.x + area.width;
    canvas.spans_right(at.row, area.y, at.row_width.min(end.saturating_sub(at.row)), &[span("row", Role::Header)]);
    canvas.put(at.outcome, area.y, OUTCOME, "outcome", Role::Header);
    if let Some(x) = at.raw {
        canvas.put(x, area.y, RAW - GAP, "in the file", Role::Header);
    }
    let looked_at = field_place(editor);
    for (place, x, columns) in places(area, at, editor, preview, fields) {
        let role = if Some(place) == looked_at { Role::Strong } else { Role::Header };
        canvas.put(x, area.y, columns, &preview.fields[place].label, role);
    }
}

/// The mark and the word of an outcome.
fn outcome(row: &PreviewRow) -> (&'static str, &'static str, Role) {
    match &row.outcome {
        PreviewOutcome::Created => ("+", "create", Role::Good),
        PreviewOutcome::Updated(_) => ("~", "update", Role::Good),
        PreviewOutcome::Unchanged(_) => ("=", "unchanged", Role::Dim),
        PreviewOutcome::Skipped(_) => ("–", "skip", Role::Dim),
        PreviewOutcome::Failed(_) => ("✗", "fail", Role::Bad),
    }
}

fn row(
    canvas: &mut Canvas<'_>,
    area: Area,
    at: Places,
    editor: &Editor,
    preview: &Preview,
    entry: usize,
    fields: &Range<usize>,
) {
    let line = &preview.rows[entry];
    let is_selected = entry == editor.shown.selected;
    if is_selected {
        canvas.put(area.x + 1, area.y, 1, "▌", Role::Key);
    }
    canvas.target(area, Target::Mapping(MappingTarget::Cell(entry, None)));
    let number = [span(count(line.row), Role::Text)];
    let end = area.x + area.width;
    canvas.spans_right(at.row, area.y, at.row_width.min(end.saturating_sub(at.row)), &number);
    let (mark, word, role) = outcome(line);
    let warns = line.cells.iter().any(|cell| !cell.issues.is_empty()) || !line.issues.is_empty();
    let mark = if warns && !matches!(line.outcome, PreviewOutcome::Failed(_)) { "!" } else { mark };
    let role = if warns && role == Role::Good { Role::Warn } else { role };
    // Of a row that does not follow on the first ones, rows between may change what becomes of it.
    let perhaps = if line.follows { "" } else { "?" };
    let outcome = [span(format!("{mark} "), role), span(word, Role::Text), span(perhaps, Role::Dim)];
    canvas.spans(at.outcome, area.y, OUTCOME - 1, &outcome);
    if let Some((x, raw)) = at.raw.zip(editor.selected().and_then(|place| line.raw.get(place))) {
        canvas.put(x, area.y, RAW - GAP, raw, Role::Dim);
    }
    let looked_at = field_place(editor).filter(|_| is_selected);
    for (place, x, columns) in places(area, at, editor, preview, fields) {
        let Some(cell) = line.cells.get(place) else { continue };
        let target = Target::Mapping(MappingTarget::Cell(entry, Some(place)));
        canvas.target(Area { x, width: columns, ..area }, target);
        let (mark, text, role) = shown(cell);
        if Some(place) == looked_at {
            canvas.put(x, area.y, columns, &format!("{mark}{text}"), Role::Selected);
        } else {
            let text_role = if role == Role::Dim { Role::Dim } else { Role::Text };
            canvas.spans(x, area.y, columns, &[span(mark, role), span(text, text_role)]);
        }
    }
}

/// A cell with its mark: what is wrong, what changed on the way, what is emptied.
fn shown(cell: &PreviewCell) -> (&'static str, &str, Role) {
    let value = cell.value.as_deref();
    if let Some(issue) = cell.issues.first() {
        let (mark, role) = if issue.is_error { ("✗ ", Role::Bad) } else { ("! ", Role::Warn) };
        return (mark, value.unwrap_or(&issue.value), role);
    }
    match value {
        _ if cell.is_cleared => ("× ", "emptied", Role::Warn),
        Some(value) if cell.is_changed => ("→ ", value, Role::Busy),
        Some(value) => ("", value, Role::Text),
        None => ("", "–", Role::Dim),
    }
}
