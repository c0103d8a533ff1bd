//! The Runs tab: the list of runs.

use super::canvas::{Canvas, Span, span, wrap};
use super::table::{Cell, Column, Table, Width, drawn_width};
use super::text::visible;
use super::theme::Role;
use super::{row, rows, run, words};

use crate::app::message::Slot;
use crate::app::runs::RunsTarget;
use crate::app::screen::{Area, ListId, Target};
use crate::app::time::elapsed;
use crate::app::{App, explain};
use crate::domain::outcome::OutcomeKind;
use crate::domain::run::{RunLine, RunStatus};
use words::{count, counted};

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area) {
    let runs = &canvas.app.runs;
    if runs.row.is_some() {
        row::draw(canvas, area);
    } else if runs.rows.is_some() {
        rows::draw(canvas, area);
    } else if runs.run.is_some() {
        run::draw(canvas, area);
    } else {
        list(canvas, area);
    }
}

/// The mark, the word and the role of a run's status. Finished is not green by itself: that every row landed is (R148).
pub(super) fn status(app: &App, line: &RunLine) -> (&'static str, &'static str, Role) {
    let status = explain::status(app, line);
    let (mark, role) = match status {
        RunStatus::Completed if line.counts.failed > 0 => ("!", Role::Warn),
        RunStatus::Completed => ("✓", Role::Text),
        RunStatus::NeedsAttention => ("!", Role::Warn),
        RunStatus::Failed => ("✗", Role::Bad),
        RunStatus::Interrupted | RunStatus::AwaitingRelease => ("‖", Role::Warn),
        RunStatus::Cancelled => ("×", Role::Dim),
        RunStatus::Queued => ("○", Role::Busy),
        RunStatus::Running => ("◐", Role::Busy),
    };
    (mark, words::status(status), role)
}

/// A number in a column: zeros step back, failures step forward.
pub(super) fn number(number: u64, role: Role) -> Span<'static> {
    span(count(number), if number == 0 { Role::Dim } else { role })
}

fn list(canvas: &mut Canvas<'_>, area: Area) {
    let app = canvas.app;
    let Some(lines) = &app.runs.lines else {
        return canvas.waiting(area, Slot::Runs);
    };
    let head = Area { height: 2.min(area.height), ..area };
    source_of_selected(canvas, head);
    narrowed(canvas, Area { y: head.y + 1, height: head.height.saturating_sub(1), ..head }, lines.len());
    let rest = Area { y: area.y + head.height, height: area.height - head.height, ..area };
    if lines.is_empty() {
        return none(canvas, rest);
    }
    // The pane is the first to go where there is no room.
    let pane = if rest.height >= 12 { 5 } else { 0 };
    let body = Area { height: rest.height - pane, ..rest };
    table(canvas, body, lines);
    if pane > 0
        && let Some(line) = app.runs.selected()
    {
        detail(canvas, Area { y: body.y + body.height, height: pane, ..rest }, line);
    }
    popup(canvas, area, lines);
}

/// The source of the selected run: how it stands, when it last ran and when it last imported.
fn source_of_selected(canvas: &mut Canvas<'_>, area: Area) {
    let app = canvas.app;
    let narrowed = app.runs.narrow.source;
    let source = app.runs.selected().map(|line| line.source).or(narrowed);
    let Some(source) = source.and_then(|id| app.runs.source_of(app, id)) else { return };
    let (mark, word, role) = words::source_word(source);
    let mut at = |at: Option<i64>| at.map_or_else(|| "never".to_owned(), |at| canvas.when(at));
    let (ran, imported) = (at(source.last_ran_ms), at(source.last_imported_ms));
    let tail = [
        span("  ", Role::Text),
        span(format!("{mark} {word}"), role),
        span(if area.width < 100 { "  ran " } else { "  last ran " }, Role::Dim),
        span(ran, Role::Text),
        span(if area.width < 100 { "  imported " } else { "  last imported " }, Role::Dim),
        span(imported, Role::Text),
    ];
    let needed: u16 = tail.iter().map(|(text, _)| drawn_width(text)).sum();
    let name = area.width.saturating_sub(needed + 2).max(8);
    let taken = canvas.put(area.x + 1, area.y, name, &source.name, Role::Title);
    canvas.spans(area.x + 1 + taken, area.y, area.width.saturating_sub(taken + 2), &tail);
}

/// How many runs are listed, and what the list is narrowed to.
fn narrowed(canvas: &mut Canvas<'_>, area: Area, known: usize) {
    if area.height == 0 {
        return;
    }
    let app = canvas.app;
    let narrow = &app.runs.narrow;
    let more = if app.runs.more { "+" } else { "" };
    let noun = if known == 1 && !app.runs.more { "run" } else { "runs" };
    let mut spans = vec![span(format!("{}{more} {noun}", count(known as u64)), Role::Dim)];
    if let Some(source) = narrow.source {
        let name = app.runs.source_of(app, source).map_or_else(|| "one source".to_owned(), |line| line.name.clone());
        spans.extend([span("  source ", Role::Dim), span(name, Role::Strong)]);
    }
    if let Some(status) = narrow.status {
        spans.extend([span("  status ", Role::Dim), span(words::status(status), Role::Strong)]);
    }
    let text = narrow.text.text();
    if !app.runs.typing && !text.trim().is_empty() {
        spans.extend([span("  with ", Role::Dim), span(format!("“{}”", text.trim()), Role::Strong)]);
    }
    if narrow.is_on() && !app.runs.typing {
        spans.push(span("  Esc shows all", Role::Dim));
    }
    if app.runs.typing {
        spans.push(span("  / ", Role::Key));
    }
    let taken = canvas.spans(area.x + 1, area.y, area.width.saturating_sub(2), &spans);
    if app.runs.typing {
        let x = area.x + 1 + taken;
        let room = area.width.saturating_sub(taken + 2);
        canvas.field(x, area.y, room, &narrow.text, true, "source, file, status, user or number");
    }
}

/// There is nothing to list.
fn none(canvas: &mut Canvas<'_>, area: Area) {
    let text = Area {
        x: area.x + 3,
        y: area.y + 1,
        width: area.width.saturating_sub(6),
        height: area.height.saturating_sub(1),
    };
    if canvas.app.runs.narrow.is_on() {
        let lines = canvas.paragraph(text, "No run matches.", Role::Strong);
        let below = Area { y: text.y + lines, height: text.height.saturating_sub(lines), ..text };
        canvas.paragraph(below, "Esc shows all runs again; f tries the next status.", Role::Dim);
        return;
    }
    let lines = canvas.paragraph(text, "Nothing has been imported yet.", Role::Strong);
    let below = Area { y: text.y + lines, height: text.height.saturating_sub(lines), ..text };
    let next = "A run is one pass over a file. Press 1 for the Data Sources, and there i to import one: its run appears \
                here, with what became of every row.";
    canvas.paragraph(below, next, Role::Dim);
}

const COLUMNS: usize = 13;

/// The columns, as wide as the numbers that are known need them.
fn columns(lines: &[RunLine]) -> [Column; COLUMNS] {
    let digits = |most: Option<u64>| count(most.unwrap_or(0)).len() as u16;
    let numbers = |title: &'static str, drop: u8, of: &dyn Fn(&RunLine) -> u64| {
        let width = digits(lines.iter().map(of).max()).max(drawn_width(title));
        Column { title, width: Width::Fixed(width), drop, right: true }
    };
    let text = |title, width, drop| Column { title, width, drop, right: false };
    [
        numbers("Run", 0, &|line| line.id.0),
        text("Status", Width::Fixed(13), 0),
        text("Kind", Width::Fixed(8), 3),
        text("Source", Width::Fill(15), 0),
        text("When", Width::Fixed(15), 1),
        Column { title: "Took", width: Width::Fixed(8), drop: 4, right: true },
        numbers("Rows", 0, &|line| line.counts.rows()),
        numbers("Created", 6, &|line| line.counts.created),
        numbers("Updated", 7, &|line| line.counts.updated),
        numbers("Unchanged", 9, &|line| line.counts.unchanged),
        numbers("Skipped", 5, &|line| line.counts.skipped),
        numbers("Failed", 0, &|line| line.counts.failed),
        numbers("Warnings", 8, &|line| line.counts.warnings),
    ]
}

fn table(canvas: &mut Canvas<'_>, area: Area, lines: &[RunLine]) {
    let columns = columns(lines);
    let list = &canvas.app.runs.list;
    let table = Table { id: ListId::Runs, columns: &columns, list, len: lines.len(), main: 3, focused: true };
    canvas.table(area, &table, |canvas, entry| {
        let Some(line) = lines.get(entry) else { return Vec::new() };
        let (mark, word, role) = status(canvas.app, line);
        let mut told = format!("{mark} {word}");
        if explain::status(canvas.app, line) == RunStatus::Running
            && let Some(percent) = explain::percent(line)
        {
            told.push_str(&format!(" {percent}%"));
        }
        let counts = &line.counts;
        let took = if line.started_ms.is_some() { elapsed(line.elapsed_ms) } else { "–".to_owned() };
        let when = canvas.when(line.started_ms.unwrap_or(line.created_ms));
        let cell = |number: u64, role: Role| Cell { spans: vec![self::number(number, role)], target: None };
        vec![
            Cell::of(line.id.to_string(), Role::Dim),
            Cell::of(told, role).with_target(Target::Runs(RunsTarget::Status(entry))),
            Cell::of(words::kind(line.kind), Role::Text),
            Cell::of(line.source_name.as_str(), Role::Text),
            Cell::of(when, Role::Text),
            Cell::of(took, Role::Text),
            cell(counts.rows(), Role::Text),
            cell(counts.created, Role::Text),
            cell(counts.updated, Role::Text),
            cell(counts.unchanged, Role::Text),
            cell(counts.skipped, Role::Text),
            cell(counts.failed, Role::Bad),
            cell(counts.warnings, Role::Warn),
        ]
    });
}

/// What is said about the selected run under the list: what pointing at its status shows, for those without a mouse.
fn detail(canvas: &mut Canvas<'_>, area: Area, line: &RunLine) {
    let title = [
        span(format!("Run {}", line.id), Role::Title),
        span(format!(" · {} · {}", line.delivery_name, line.user), Role::Dim),
    ];
    canvas.rule(area, &title);
    let inner = Area { x: area.x + 1, y: area.y + 1, width: area.width.saturating_sub(2), height: area.height - 1 };
    let (_, _, role) = status(canvas.app, line);
    let at_work = explain::status(canvas.app, line) == RunStatus::Running;
    canvas.put(inner.x, inner.y, inner.width, &explain::sentence(canvas.app, line), role);
    let told = explain::run(canvas.app, line);
    let mut below = Area { y: inner.y + 1, height: inner.height - 1, ..inner };
    if at_work {
        progress(canvas, Area { height: 1, ..below }, line);
        below = Area { y: below.y + 1, height: below.height - 1, ..below };
        let so_far =
            OutcomeKind::ALL.map(|kind| format!("{} {}", kind.as_str(), count(line.counts.of(kind)))).join("  ");
        canvas.put(below.x, below.y, below.width, &so_far, Role::Dim);
        return;
    }
    if let Some(message) = &told.message {
        let lines = canvas.paragraph(Area { height: below.height - 1, ..below }, message, Role::Text);
        below = Area { y: below.y + lines, height: below.height - lines, ..below };
    } else {
        let lines = canvas.paragraph(Area { height: below.height - 1, ..below }, &told.means, Role::Dim);
        below = Area { y: below.y + lines, height: below.height - lines, ..below };
    }
    canvas.paragraph(below, &format!("Do: {}", told.next), Role::Text);
}

/// How far a run at work is: a bar, the rate and the time left. The sentence above says how many rows.
pub(super) fn progress(canvas: &mut Canvas<'_>, area: Area, line: &RunLine) {
    let done = line.counts.rows();
    let percent = explain::percent(line);
    let mut text = percent.map_or_else(|| counted(done, "row", "rows"), |percent| format!("{percent} %"));
    if let Some((a_second, left)) = explain::pace(line) {
        text.push_str(&format!("  {} rows/s", count(a_second)));
        if let Some(left) = left {
            text.push_str(&format!("  about {} left", elapsed(left)));
        }
    }
    let bar = area.width.saturating_sub(drawn_width(&text).saturating_add(2)).min(60);
    if let Some(percent) = percent.filter(|_| bar >= 6) {
        let full = usize::from(bar) * percent as usize / 100;
        let drawn = [span("━".repeat(full), Role::Busy), span("─".repeat(usize::from(bar) - full), Role::Dim)];
        canvas.spans(area.x, area.y, bar, &drawn);
        canvas.put(area.x + bar + 2, area.y, area.width.saturating_sub(bar + 2), &text, Role::Text);
    } else {
        canvas.put(area.x, area.y, area.width, &text, Role::Text);
    }
}

/// What pointing at a run's status shows: its error, since when, what it means, what to do.
fn popup(canvas: &mut Canvas<'_>, within: Area, lines: &[RunLine]) {
    let app = canvas.app;
    let Some(target @ Target::Runs(RunsTarget::Status(entry))) = app.hover.clone() else { return };
    let Some(line) = lines.get(entry) else { return };
    let Some(at) = canvas.drawn.targets.iter().find(|(_, known)| *known == target).map(|(area, _)| *area) else {
        return;
    };
    let told = explain::run(app, line);
    let (_, _, role) = status(app, line);
    let since = told.at_ms.map(|at| canvas.when(at));
    let width = within.width.min(64);
    let room = usize::from(width.saturating_sub(4));
    let mut body: Vec<(String, Role)> = Vec::new();
    let mut put = |text: &str, role: Role| {
        body.extend(wrap(&visible(text), room).into_iter().map(|line| (line, role)));
    };
    put(&explain::sentence(app, line), role);
    if let Some(message) = &told.message {
        put(message, Role::Text);
    }
    if let Some(since) = since {
        put(&since, Role::Dim);
    }
    put(&told.means, Role::Text);
    put(&format!("Do: {}", told.next), Role::Text);
    let height = u16::try_from(body.len()).unwrap_or(u16::MAX).saturating_add(2).min(within.height);
    // Below what is pointed at, where there is room; else above it.
    let below = at.y + 1;
    let y = if below + height <= within.y + within.height { below } else { at.y.saturating_sub(height).max(within.y) };
    let x = at.x.min((within.x + within.width).saturating_sub(width));
    let inner = canvas.frame(Area { x, y, width, height }, &format!("Run {}", line.id), Role::Rule);
    for ((text, role), y) in body.iter().zip(inner.y..inner.y + inner.height) {
        canvas.put(inner.x, y, inner.width, text, *role);
    }
}
