//! The dialogs of one column: its options, what is found and replaced in it, and how it is split.

use super::super::canvas::{Canvas, span};
use super::super::dialog::{boxed, entries};
use super::super::theme::Role;
use super::dialogs::{above, below, mark};
use crate::app::mapping::options::{self, Options};
use crate::app::mapping::replacements::Replacements;
use crate::app::mapping::sample::{self, Sample};
use crate::app::mapping::split::{SplitForm, SplitItem};
use crate::app::mapping::{Editor, editor};
use crate::app::screen::Area;

/// Lines of values, before and after, with their heading.
const SAMPLES: u16 = 6;

fn label_of(editor: &Editor, key: &str) -> String {
    editor.opened.catalog.by_key(key).map_or(key, |field| field.label.as_str()).to_owned()
}

pub(super) fn options(canvas: &mut Canvas<'_>, whole: Area, open: &Options) {
    let Some(editor) = editor(canvas.app) else { return };
    let Some(column) = editor.draft.mapping().columns.get(open.column) else { return };
    let count = u16::try_from(open.items.len()).unwrap_or(u16::MAX);
    let title = format!("Options of {}", column.header);
    let inner = boxed(canvas, whole, 88, count.saturating_add(SAMPLES + 6), &title);
    if inner.height < 2 {
        return;
    }
    let label = |key: &str| label_of(editor, key);
    let goes: Vec<String> = column.targets().map(label).collect();
    let goes = if goes.is_empty() { "no field yet".to_owned() } else { goes.join(", ") };
    canvas.spans(inner.x, inner.y, inner.width, &[span("→ ", Role::Dim), span(goes, Role::Text)]);
    let list = Area { height: count.min(inner.height.saturating_sub(1)), ..below(inner, 1) };
    for (at, y) in entries(canvas, list, &open.list, open.items.len()) {
        let item = open.items[at];
        let is_selected = at == open.list.selected;
        let role = mark(canvas, inner, y, is_selected);
        canvas.put(inner.x + 2, y, 18.min(inner.width), item.label(), role);
        let value = options::value(column, item, &label);
        let plain = options::value(&crate::domain::mapping::Column::unmapped(""), item, &label);
        let role = if value == plain { Role::Dim } else { Role::Text };
        canvas.put(inner.x + 21, y, inner.width.saturating_sub(21), &value, role);
    }
    let rest = below(inner, 1 + list.height + 1);
    let Some(item) = open.items.get(open.list.selected) else { return };
    let mut taken = canvas.paragraph(rest, item.sentence(), Role::Dim);
    if let Some(evidence) = options::evidence(editor, open.column, *item) {
        taken += canvas.paragraph(below(rest, taken), &format!("! {evidence}"), Role::Warn);
    }
    samples(canvas, below(rest, taken), &options::samples(editor, open.column));
}

/// Values, before and after.
fn samples(canvas: &mut Canvas<'_>, area: Area, samples: &[Sample]) {
    if area.height < 2 {
        return;
    }
    if samples.is_empty() {
        canvas.put(area.x, area.y, area.width, "No value is known to show it by.", Role::Dim);
        return;
    }
    let half = (area.width.saturating_sub(3) / 2).min(34);
    canvas.put(area.x, area.y, half, "In the file", Role::Header);
    canvas.put(area.x + half + 3, area.y, area.width.saturating_sub(half + 3), "With these options", Role::Header);
    for (sample, y) in samples.iter().zip(area.y + 1..area.y + area.height) {
        canvas.put(area.x, y, half, &sample.before, Role::Text);
        let room = area.width.saturating_sub(half + 3);
        let after = match sample {
            Sample { is_problem: true, after, .. } => vec![span("✗ ", Role::Bad), span(after.as_str(), Role::Bad)],
            Sample { after, .. } if after.is_empty() => vec![span("nothing", Role::Dim)],
            Sample { before, after, .. } if before == after => vec![span(after.as_str(), Role::Dim)],
            Sample { after, .. } => vec![span(after.as_str(), Role::Good)],
        };
        canvas.put(area.x + half + 1, y, 1, "→", Role::Dim);
        canvas.spans(area.x + half + 3, y, room, &after);
    }
}

pub(super) fn replacements(canvas: &mut Canvas<'_>, whole: Area, open: &Replacements) {
    let Some(editor) = editor(canvas.app) else { return };
    let Some(column) = editor.draft.mapping().columns.get(open.column) else { return };
    let count = u16::try_from(column.find_replace.len()).unwrap_or(u16::MAX).clamp(1, 10);
    let title = format!("Find and replace in {}", column.header);
    let inner = boxed(canvas, whole, 76, count + SAMPLES + 5, &title);
    if inner.height < 2 {
        return;
    }
    let half = (inner.width.saturating_sub(5) / 2).min(34);
    canvas.put(inner.x + 2, inner.y, half, "Find", Role::Header);
    canvas.put(inner.x + 5 + half, inner.y, inner.width.saturating_sub(half + 5), "Put in its place", Role::Header);
    let list = Area { height: count.min(inner.height - 1), ..below(inner, 1) };
    if column.find_replace.is_empty() {
        canvas.put(list.x, list.y, list.width, "Nothing is replaced. Press a to add a pair.", Role::Dim);
    }
    for (at, y) in entries(canvas, list, &open.list, column.find_replace.len()) {
        let pair = &column.find_replace[at];
        let role = mark(canvas, inner, y, at == open.list.selected);
        canvas.put(inner.x + 2, y, half, &options::quoted(&pair.find), role);
        canvas.put(inner.x + 3 + half, y, 1, "→", Role::Dim);
        let room = inner.width.saturating_sub(half + 5);
        if pair.put.is_empty() {
            canvas.put(inner.x + 5 + half, y, room, "taken out", Role::Dim);
        } else {
            canvas.put(inner.x + 5 + half, y, room, &options::quoted(&pair.put), Role::Text);
        }
    }
    let rest = below(inner, 1 + list.height + 1);
    samples(canvas, rest, &options::samples(editor, open.column));
}

pub(super) fn split(canvas: &mut Canvas<'_>, whole: Area, form: &SplitForm) {
    let Some(editor) = editor(canvas.app) else { return };
    let Some(column) = editor.draft.mapping().columns.get(form.column) else { return };
    let items = form.items();
    let count = u16::try_from(items.len()).unwrap_or(u16::MAX);
    let inner = boxed(canvas, whole, 80, count.saturating_add(SAMPLES + 5), &format!("Split {}", column.header));
    let list = Area { height: count.min(inner.height), ..inner };
    for (at, y) in entries(canvas, list, &form.list, items.len()) {
        let role = mark(canvas, inner, y, at == form.list.selected);
        let (x, room) = (inner.x + 2, inner.width.saturating_sub(2));
        let (label, value) = match items[at] {
            SplitItem::At => ("Split at".to_owned(), options::quoted(&form.split.at)),
            SplitItem::From if form.split.from_end => {
                ("If more parts".to_owned(), "the first field takes the rest".to_owned())
            }
            SplitItem::From => ("If more parts".to_owned(), "the last field takes the rest".to_owned()),
            SplitItem::Part(part) => {
                let key = form.split.into.get(part).map(String::as_str).unwrap_or_default();
                let goes = if key.is_empty() { "dropped".to_owned() } else { format!("→ {}", label_of(editor, key)) };
                (format!("Part {}", part + 1), goes)
            }
            SplitItem::AddPart => ("+ one more part".to_owned(), String::new()),
            SplitItem::Confirm if form.is_split => ("[ Split it like this ]".to_owned(), String::new()),
            SplitItem::Confirm => ("[ Split it ]".to_owned(), String::new()),
        };
        canvas.put(x, y, room, &label, role);
        canvas.put(x + 18, y, room.saturating_sub(18), &value, Role::Text);
    }
    let mut rest = below(inner, list.height + 1);
    if let Some(error) = &form.error {
        let taken = canvas.paragraph(rest, &format!("✗ {error}"), Role::Bad);
        rest = below(rest, taken);
    }
    let split = form.column(column);
    samples(canvas, above(rest, 0), &sample::samples(editor, form.column, &split));
}
