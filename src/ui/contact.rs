//! The page of one contact.

use super::canvas::{Canvas, span, wrap};
use super::table::drawn_width;
use super::text::visible;
use super::theme::Role;
use super::words::count;
use crate::app::contact::row_in_words;
use crate::app::data::{Change, Held, SourceLine};
use crate::app::message::Slot;
use crate::app::screen::{Area, ListId, Target};
use crate::app::source_text;
use crate::domain::outcome::OutcomeKind;

/// Characters of one value that are shown; all of it can be copied.
const SHOWN: usize = 2_000;
/// Columns of a label.
const LABEL: usize = 22;

/// A line of the page, with the place in the history that it tells of.
struct Line {
    text: Vec<(String, Role)>,
    change: Option<usize>,
}

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area) {
    let app = canvas.app;
    let Some(page) = &app.lookup.contact else { return };
    let Some(held) = page.held.as_deref() else { return canvas.waiting(area, Slot::Record) };
    let head = head(canvas, area, held);
    let body = Area { y: area.y + head, height: area.height.saturating_sub(head), ..area };
    let lines = lines(canvas, held, usize::from(area.width.saturating_sub(4)));
    canvas.drawn.heights.insert(ListId::Record, usize::from(body.height));
    canvas.target(body, Target::List(ListId::Record));
    if body.height > 0 {
        for (at, y) in page.list.window(lines.len(), usize::from(body.height)).zip(body.y..) {
            canvas.target(Area { y, height: 1, ..body }, Target::Entry(ListId::Record, at));
            if at == page.list.selected {
                canvas.put(body.x.saturating_add(1), y, 1, "▌", Role::Key);
            }
            let spans: Vec<_> = lines[at].text.iter().map(|(text, role)| span(text.as_str(), *role)).collect();
            canvas.spans(body.x.saturating_add(3), y, body.width.saturating_sub(4), &spans);
        }
    }
    canvas.drawn.lines.insert(ListId::Record, lines.iter().map(|line| line.change).collect());
}

/// Who it is and what became of its last row. Answers the lines that it took.
fn head(canvas: &mut Canvas<'_>, area: Area, held: &Held) -> u16 {
    if area.height == 0 {
        return 0;
    }
    let title = held.title().unwrap_or_else(|| "(no name)".to_owned());
    let id = [span("Contact ID ", Role::Dim), span(held.contact.as_str(), Role::Strong)];
    let columns = drawn_width(&held.contact) + 12;
    let columns = columns.min(area.width);
    canvas.spans_right(area.x + area.width - columns, area.y, columns.saturating_sub(1), &id);
    let room = area.width.saturating_sub(columns + 2);
    canvas.put(area.x.saturating_add(1), area.y, room, &title, Role::Title);
    let mut y = 1;
    let mut say = |canvas: &mut Canvas<'_>, mark: &str, role: Role, text: &str| {
        let rest = Area { x: area.x + 3, y: area.y + y, width: area.width.saturating_sub(4), height: area.height - y };
        if rest.height > 0 && area.width > 4 {
            canvas.put(area.x + 1, rest.y, 1, mark, role);
            y += canvas.paragraph(rest, text, role);
        }
    };
    if let Some(at_ms) = held.record.deleted_at_ms {
        let when = canvas.when(at_ms);
        say(canvas, "✗", Role::Bad, &format!("Deleted {when}. Its ID, its references and the date are remembered."));
    }
    if let Some(last) = &held.last_row {
        let when = canvas.when(last.at_ms);
        let text = format!("Its last row: {}, {when}, from {}.", row_in_words(last), last.source_name);
        let why = last.why.as_deref().map_or(String::new(), |why| format!(" {why}"));
        let (mark, role) = match last.outcome {
            OutcomeKind::Failed => ("✗", Role::Bad),
            OutcomeKind::Skipped => ("–", Role::Warn),
            OutcomeKind::Created | OutcomeKind::Updated | OutcomeKind::Unchanged => ("✓", Role::Good),
        };
        say(canvas, mark, role, &format!("{text}{why}"));
    }
    let of_contact = |line: &&SourceLine| held.references.iter().any(|(source, _)| *source == line.name);
    let all = canvas.app.sources.lines.iter().flatten();
    for (line, text) in all.filter(of_contact).filter_map(|line| Some((line, source_text::held_up(line)?))).take(2) {
        let since = line.health.reason.as_ref().and_then(|reason| reason.since_ms);
        let since = since.map(|at_ms| format!(" ({})", canvas.when(at_ms))).unwrap_or_default();
        say(canvas, "!", Role::Warn, &format!("{text}{since}"));
    }
    (y + 1).min(area.height)
}

/// Everything that is held, in lines of so many columns.
fn lines(canvas: &mut Canvas<'_>, held: &Held, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let title = |lines: &mut Vec<Line>, text: &str| {
        if !lines.is_empty() {
            lines.push(Line { text: Vec::new(), change: None });
        }
        lines.push(Line { text: vec![(text.to_owned(), Role::Title)], change: None });
    };
    if !held.references.is_empty() {
        title(&mut lines, "References");
        for (source, reference) in &held.references {
            pair(&mut lines, columns, source, reference, None);
        }
    }
    title(&mut lines, "Fields");
    if held.record.fields.is_empty() {
        lines.push(Line { text: vec![("none are held".to_owned(), Role::Dim)], change: None });
    }
    for (field, value) in &held.record.fields {
        pair(&mut lines, columns, &held.label(*field), &value.texts().join(" · "), None);
    }
    title(&mut lines, "Where it came from");
    let stamps = [("created", held.record.created), ("last updated", held.record.updated)];
    for (what, stamp) in stamps {
        let when = canvas.when(stamp.at_ms);
        pair(&mut lines, columns, what, &format!("{when}, by run {}, row {}", stamp.run, count(stamp.row)), None);
    }
    title(&mut lines, "History, newest first");
    for (at, change) in held.history.iter().enumerate() {
        changed(canvas, &mut lines, columns, at, change);
    }
    lines
}

/// One row of the history.
fn changed(canvas: &mut Canvas<'_>, lines: &mut Vec<Line>, columns: usize, at: usize, change: &Change) {
    let (mark, role) = match change.outcome {
        OutcomeKind::Created => ("+", Role::Good),
        OutcomeKind::Updated => ("~", Role::Busy),
        OutcomeKind::Unchanged => ("=", Role::Dim),
        OutcomeKind::Skipped => ("–", Role::Warn),
        OutcomeKind::Failed => ("✗", Role::Bad),
    };
    let when = canvas.when(change.at_ms);
    let by = format!("  run {}, row {}, from {}", change.run, count(change.row), change.source_name);
    lines.push(Line {
        text: vec![
            (format!("{mark} {:<10}", change.outcome.as_str()), role),
            (format!("{when:<18}"), Role::Text),
            (by, Role::Dim),
        ],
        change: Some(at),
    });
    for (label, before, after) in &change.fields {
        let or_empty = |text: &str| if text.is_empty() { "(empty)".to_owned() } else { text.to_owned() };
        pair(lines, columns, &format!("    {label}"), &format!("{} → {}", or_empty(before), or_empty(after)), Some(at));
    }
}

/// A label and its value, which goes over as many lines as it needs.
fn pair(lines: &mut Vec<Line>, columns: usize, label: &str, value: &str, change: Option<usize>) {
    let (shown, cut) = match value.char_indices().nth(SHOWN) {
        Some((end, _)) => (&value[..end], Some(value.chars().count())),
        None => (value, None),
    };
    let mut label = Some(super::text::cut(&visible(label), LABEL - 2).into_owned());
    let mut put = |text: String, role: Role| {
        let label = label.take().unwrap_or_default();
        let pad = " ".repeat(LABEL.saturating_sub(super::text::width(&label)));
        lines.push(Line { text: vec![(label + &pad, Role::Dim), (text, role)], change });
    };
    for part in shown.split('\n') {
        let part = part.strip_suffix('\r').unwrap_or(part);
        wrap(&visible(part), columns.saturating_sub(LABEL).max(8)).into_iter().for_each(|line| put(line, Role::Text));
    }
    if let Some(length) = cut {
        put(format!("… {} characters in all; C copies them", count(length as u64)), Role::Dim);
    }
}
