//! The saved mappings and their versions.

use super::super::canvas::{Canvas, span};
use super::super::dialog::{boxed, entries};
use super::super::theme::Role;
use super::dialogs::{above, below, mark};
use crate::app::mapping::saved::{SavedList, Versions};
use crate::app::message::Slot;
use crate::app::screen::Area;

pub(super) fn list(canvas: &mut Canvas<'_>, whole: Area, open: &SavedList) {
    let count = open.lines.as_ref().map_or(1, Vec::len).max(1);
    let height = u16::try_from(count).unwrap_or(u16::MAX).saturating_add(6).min(24);
    let inner = boxed(canvas, whole, 96, height, "Saved mappings");
    if inner.height < 4 {
        return;
    }
    let body = above(below(inner, 1), 2);
    let foot = Area { y: inner.y + inner.height - 1, height: 1, ..inner };
    match &open.error {
        Some(error) => canvas.put(foot.x, foot.y, foot.width, &format!("✗ {error}"), Role::Bad),
        None => canvas.put(foot.x, foot.y, foot.width, "★ is for files with this header row", Role::Dim),
    };
    let Some(lines) = &open.lines else { return canvas.waiting(body, Slot::SavedMappings) };
    if lines.is_empty() {
        let text = "None is saved yet. An import saves the mapping of its source, and S saves the draft.";
        canvas.paragraph(body, text, Role::Text);
        return;
    }
    let wide = inner.width >= 80;
    let name = if wide { 30 } else { inner.width.saturating_sub(34).min(30) };
    let (by, when) = (if wide { 12 } else { 0 }, 17);
    let heads = [("Name", 4, name), ("Version", 5 + name, 8), ("By", 14 + name, by), ("When", 14 + name + by, when)];
    for (text, x, room) in heads {
        canvas.put(inner.x + x, inner.y, room, text, Role::Header);
    }
    let sources = 14 + name + by + when;
    canvas.put(inner.x + sources, inner.y, inner.width.saturating_sub(sources), "Sources", Role::Header);
    for (at, y) in entries(canvas, body, &open.list, lines.len()) {
        let line = &lines[at];
        let role = mark(canvas, inner, y, at == open.list.selected);
        if line.is_for_header {
            canvas.put(inner.x + 2, y, 1, "★", Role::Key);
        }
        canvas.put(inner.x + 4, y, name, &line.saved.name, role);
        canvas.put(inner.x + 5 + name, y, 8, &format!("v{}", line.saved.version), Role::Text);
        canvas.put(inner.x + 14 + name, y, by.saturating_sub(1), &line.saved.by, Role::Dim);
        let told = canvas.when(line.saved.at_ms);
        canvas.put(inner.x + 14 + name + by, y, when - 1, &told, Role::Dim);
        let room = inner.width.saturating_sub(sources);
        canvas.put(inner.x + sources, y, room, &line.sources.join(", "), Role::Dim);
    }
}

pub(super) fn versions(canvas: &mut Canvas<'_>, whole: Area, open: &Versions) {
    let height = u16::try_from(open.versions.len()).unwrap_or(u16::MAX).saturating_add(4).clamp(6, 22);
    let inner = boxed(canvas, whole, 72, height, &format!("Versions of {}", open.name));
    if inner.height < 2 {
        return;
    }
    if let Some(error) = &open.error {
        canvas.put(inner.x, inner.y + inner.height - 1, inner.width, &format!("✗ {error}"), Role::Bad);
    }
    for (at, y) in entries(canvas, above(inner, 1), &open.list, open.versions.len()) {
        let saved = &open.versions[at].0;
        let role = mark(canvas, inner, y, at == open.list.selected);
        canvas.put(inner.x + 2, y, 10, &format!("version {}", saved.version), role);
        let told = canvas.when(saved.at_ms);
        let spans = [span(saved.by.as_str(), Role::Text), span(format!(" · {told}"), Role::Dim)];
        canvas.spans(inner.x + 15, y, inner.width.saturating_sub(15), &spans);
    }
}
