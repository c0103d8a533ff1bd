//! Before an import: its numbers and the disclaimer, or why it does not start.

use super::canvas::{Canvas, span, wrap};
use super::dialog::{boxed, lines_of, put_lines};
use super::table::drawn_width;
use super::theme::Role;
use super::words;
use crate::app::SLOW;
use crate::app::data::PreparedImport;
use crate::app::dialog::TextLine;
use crate::app::import::{self, DISCLAIMER, Import, Step};
use crate::app::message::Slot;
use crate::app::screen::{Area, ListId, Target};
use crate::app::time;

pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area, import: &Import) {
    match &import.step {
        Step::Preparing | Step::Resuming => preparing(canvas, whole, import),
        Step::Refused(refused) => {
            let title = format!("{} is not imported yet", import.name);
            text(canvas, whole, &title, &import::refusal(refused), import);
        }
        Step::Failed(failure) => {
            let mut lines = vec![TextLine::Error(failure.message.clone())];
            if !failure.next.is_empty() {
                lines.extend([TextLine::Empty, TextLine::Plain(failure.next.clone())]);
            }
            text(canvas, whole, &format!("{} is not imported", import.name), &lines, import);
        }
        Step::Ready(prepared) => ready(canvas, whole, import, prepared, false),
        Step::Starting(prepared) => ready(canvas, whole, import, prepared, true),
    }
}

fn preparing(canvas: &mut Canvas<'_>, whole: Area, import: &Import) {
    let inner = boxed(canvas, whole, 72, 5, "Before the import");
    let Some(since) = canvas.app.waiting_since(Slot::Prepare) else { return };
    let waited = canvas.app.now_ms - since;
    if waited < SLOW {
        canvas.drawn.changes(Some(since + SLOW));
        return;
    }
    canvas.drawn.changes(Some(since + (waited / 1000 + 1) * 1000));
    let file = import.wanted.file.as_ref().and_then(|file| file.file_name());
    let what = file.map_or(import.name.clone(), |file| file.to_string_lossy().into_owned());
    canvas.put(inner.x, inner.y, inner.width, &format!("Copying and checking {what} …"), Role::Busy);
    let seconds = time::elapsed(u64::try_from(waited / 1000 * 1000).unwrap_or(0));
    let text = format!("Every row is read once; so far {seconds}. Esc gives it up, and nothing is imported.");
    canvas.paragraph(Area { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner }, &text, Role::Dim);
}

/// A text with a button that closes it.
fn text(canvas: &mut Canvas<'_>, whole: Area, title: &str, lines: &[TextLine], import: &Import) {
    let width = whole.width.min(84);
    let lines = lines_of(lines, width.saturating_sub(4));
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(4);
    let inner = boxed(canvas, whole, width, height, title);
    let body = Area { height: inner.height.saturating_sub(2), ..inner };
    scrolled(canvas, body, &lines, import);
    button(canvas, inner.x, inner.y + inner.height.saturating_sub(1), "[ Close (esc) ]", 0, Role::Text);
}

fn ready(canvas: &mut Canvas<'_>, whole: Area, import: &Import, prepared: &PreparedImport, starting: bool) {
    let width = whole.width.min(92);
    let told = import::told(prepared, |rows| words::counted(rows, "row", "rows"), words::bytes);
    let lines = lines_of(&told, width.saturating_sub(4));
    let disclaimer = wrap(DISCLAIMER, usize::from(width.saturating_sub(4)));
    let foot = u16::try_from(disclaimer.len()).unwrap_or(0) + 3;
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(foot + 2);
    let inner = boxed(canvas, whole, width, height, "Before the import");
    let body = Area { height: inner.height.saturating_sub(foot), ..inner };
    scrolled(canvas, body, &lines, import);
    let mut y = body.y + body.height;
    let bottom = inner.y + inner.height;
    canvas.rule(Area { y, height: 1, ..inner }, &[]);
    for line in disclaimer {
        y += 1;
        if y < bottom {
            canvas.put(inner.x, y, inner.width, &line, Role::Warn);
        }
    }
    if y + 2 > bottom {
        return;
    }
    if starting {
        canvas.put(inner.x, y + 2, inner.width, "Starting …", Role::Busy);
        return;
    }
    let mark = if import.accepted { "[x] I accept this (space)" } else { "[ ] I accept this (space)" };
    button(canvas, inner.x, y + 1, mark, 1, Role::Strong);
    let closed = button(canvas, inner.x, y + 2, "[ Not now (esc) ]", 0, Role::Text);
    let (label, role) = if import.accepted { ("[ Start (enter) ]", Role::Button) } else { ("[ Start ]", Role::Dim) };
    button(canvas, inner.x + closed + 3, y + 2, label, 2, role);
}

/// The lines from where it is scrolled to; says how many there are below.
fn scrolled(canvas: &mut Canvas<'_>, body: Area, lines: &[Vec<(String, Role)>], import: &Import) {
    canvas.drawn.heights.insert(ListId::Dialog, usize::from(body.height));
    let most = lines.len().saturating_sub(usize::from(body.height));
    let first = import.list.selected.min(most);
    put_lines(canvas, body, lines, first);
    let below = most - first;
    if below > 0 && body.height > 0 {
        let text = format!(" ↓ {} ", words::counted(below as u64, "more line", "more lines"));
        canvas.spans_right(body.x, body.y + body.height - 1, body.width, &[span(text, Role::Key)]);
    }
}

fn button(canvas: &mut Canvas<'_>, x: u16, y: u16, label: &str, place: usize, role: Role) -> u16 {
    let columns = canvas.put(x, y, drawn_width(label), label, role);
    canvas.target(Area { x, y, width: columns, height: 1 }, Target::Button(place));
    columns
}
