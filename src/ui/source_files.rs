//! The files of a source, with what became of each and why.

use super::canvas::{Canvas, span};
use super::dialog::{boxed, entries, list_height};
use super::theme::Role;
use super::words::{bytes, counted};
use crate::app::arrivals::FileLine;
use crate::app::fetching;
use crate::app::import;
use crate::app::message::Slot;
use crate::app::screen::Area;
use crate::app::source_files::{SourceFiles, is_unmapped};
use crate::domain::run::RunStatus;
use crate::domain::source::FileWord;

/// Columns of what stands before the name, and after it.
const STATE: u16 = 14;
const SIZE: u16 = 9;
const CHANGED: u16 = 16;

pub(super) fn draw(canvas: &mut Canvas<'_>, whole: Area, files: &SourceFiles) {
    let height = list_height(whole, 40);
    let inner = boxed(canvas, whole, 110, height, &format!("Files of {}", files.name));
    if let Some(failure) = &files.failure {
        canvas.paragraph(inner, &failure.told(), Role::Bad);
        return;
    }
    let Some(found) = &files.files else { return canvas.waiting(inner, Slot::SourceFiles) };
    let mut title = vec![span(counted(found.lines.len() as u64, "file", "files"), Role::Strong)];
    if let Some(looked) = &found.looked {
        let at = canvas.when(looked.started_ms);
        let (word, role) = if looked.fault.is_some() { ("stopped", Role::Bad) } else { ("looked", Role::Dim) };
        title.push(span(format!(" · {word} {at}"), role));
    }
    if !files.chosen.is_empty() {
        title.push(span(format!(" · {} chosen", files.chosen.len()), Role::Busy));
    }
    if let Some((text, next)) = fetching::state(canvas.app, files.source) {
        canvas.drawn.changes(Some(next));
        title = vec![span(text, Role::Busy)];
    }
    if inner.height == 0 {
        return;
    }
    canvas.spans(inner.x, inner.y, inner.width, &title);
    if found.lines.is_empty() {
        let rest = Area { y: inner.y + 1, height: inner.height - 1, ..inner };
        let text = "No file has been found yet. r looks now; what is there stays where it is.";
        canvas.paragraph(rest, text, Role::Text);
        return;
    }
    let told = if inner.height > 9 { 4 } else { 0 };
    if inner.height < told + 3 {
        return;
    }
    let name = inner.width.saturating_sub(4 + STATE + SIZE + CHANGED + 4);
    let places = [(4, STATE, "State"), (4 + STATE, name, "File")];
    let heading = inner.y + 1;
    for (x, columns, title) in places {
        canvas.put(inner.x + x, heading, columns.min(inner.width.saturating_sub(x)), title, Role::Header);
    }
    let size_at = inner.x + 4 + STATE + name + 1;
    canvas.spans_right(size_at, heading, SIZE, &[span("Size", Role::Header)]);
    canvas.put(size_at + SIZE + 2, heading, CHANGED, "Changed", Role::Header);
    let body = Area { y: heading + 1, height: inner.height - told - 2, ..inner };
    for (entry, y) in entries(canvas, body, &files.list, found.lines.len()) {
        let Some(line) = found.lines.get(entry) else { continue };
        let is_selected = entry == files.list.selected;
        if is_selected {
            canvas.put(inner.x, y, 1, "▌", Role::Key);
        }
        if files.is_chosen(line) {
            canvas.put(inner.x + 2, y, 1, "✓", Role::Busy);
        }
        let (mark, word, role) = state(line);
        canvas.put(inner.x + 4, y, STATE - 1, &format!("{mark} {word}"), role);
        let role = match (is_selected, line.file.is_there) {
            (true, _) => Role::Selected,
            (false, true) => Role::Text,
            (false, false) => Role::Dim,
        };
        canvas.put(inner.x + 4 + STATE, y, name, &line.file.identity.name, role);
        canvas.spans_right(size_at, y, SIZE, &[span(bytes(line.file.identity.size), Role::Text)]);
        let at = canvas.when(line.file.identity.modified_ms);
        canvas.put(size_at + SIZE + 2, y, CHANGED, &at, Role::Dim);
    }
    if told > 0
        && let Some(line) = files.selected()
    {
        let foot = Area { y: inner.y + inner.height - told, height: told, ..inner };
        canvas.rule(Area { height: 1, ..foot }, &[]);
        let rest = Area { y: foot.y + 1, height: told - 1, ..foot };
        let is_mapped = import::is_mapped(canvas.app, files.source);
        canvas.paragraph(rest, &in_words(line, is_mapped), Role::Text);
    }
}

/// The mark, the word and the role of what a file is.
fn state(line: &FileLine) -> (&'static str, &'static str, Role) {
    match line.told.word {
        FileWord::New => ("+", "new", Role::Strong),
        FileWord::Changed => ("+", "changed", Role::Strong),
        FileWord::Settling => ("…", "uploading?", Role::Dim),
        FileWord::Landed => ("◐", "fetched", Role::Busy),
        FileWord::Held => ("!", "held", Role::Warn),
        FileWord::Imported => match line.run {
            Some(RunStatus::Queued | RunStatus::Running) => ("◐", "importing", Role::Busy),
            Some(RunStatus::Failed | RunStatus::Interrupted | RunStatus::Cancelled) => ("✗", "not whole", Role::Bad),
            _ => ("✓", "imported", Role::Good),
        },
        FileWord::Identical => ("=", "identical", Role::Dim),
        FileWord::Ignored => ("–", "ignored", Role::Dim),
        FileWord::Refused => ("✗", "refused", Role::Bad),
    }
}

/// Why the file is what it is, and what can be done.
fn in_words(line: &FileLine, is_mapped: bool) -> String {
    let mut text = match (line.told.word, line.told.run) {
        (FileWord::Imported, Some(run)) => match line.run {
            Some(RunStatus::Queued | RunStatus::Running) => format!("Run {run} imports it: enter shows that."),
            Some(status) if !status.is_finished() => format!("Run {run} did not come to its end: see Runs (3)."),
            _ => match &line.told.why {
                Some(why) => format!("Run {run} imported it. {why}"),
                None => format!("Run {run} imported it; enter imports it again, and asks first."),
            },
        },
        (FileWord::New, _) if line.told.why.is_none() => "It comes with the next look, or now: enter.".to_owned(),
        _ => line.told.why.clone().unwrap_or_default(),
    };
    if line.told.word == FileWord::Held {
        text = match is_unmapped(line) {
            true if is_mapped => "It came before its columns were mapped: enter imports it, and asks first.".to_owned(),
            true => "Nobody has said yet where its columns go; nothing of it is imported. Enter shows them.".to_owned(),
            false => format!("{text} Nothing of it has been imported; enter imports it all the same."),
        };
    }
    if !line.file.is_there {
        text.push_str(if line.told.delivery.is_some() {
            " It is no longer there; what was fetched is kept here."
        } else {
            " It is no longer there."
        });
    }
    text
}
