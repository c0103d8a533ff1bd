//! The Data Sources tab: the list, the details under it, and what hovering over a status shows.

use super::canvas::{Canvas, Span, span, wrap};
use super::source_detail;
use super::table::{Cell, Column, Table, Width, drawn_width};
use super::text::visible;
use super::theme::Role;
use super::words::{count, counted, source_status, source_word};
use crate::app::data::{CurrentRun, SourceLine};
use crate::app::guide::Place;
use crate::app::screen::{Area, ListId, Target};
use crate::app::source_text;
use crate::app::sources::{self, SourcesTarget};
use crate::app::time;
use crate::domain::run::RunStatus;
use crate::domain::source::{Pickup, Volume};
use crate::domain::wording::capital;
use unicode_segmentation::UnicodeSegmentation;

const COLUMNS: [Column; 8] = [
    Column { title: "Status", width: Width::Fixed(12), drop: 0, right: false },
    Column { title: "Source", width: Width::Fill(14), drop: 0, right: false },
    Column { title: "Kind", width: Width::Fixed(9), drop: 5, right: false },
    Column { title: "Mode", width: Width::Fixed(8), drop: 3, right: false },
    Column { title: "Last ran", width: Width::Fixed(15), drop: 2, right: false },
    Column { title: "Last imported", width: Width::Fixed(15), drop: 0, right: false },
    Column { title: "Next", width: Width::Fixed(9), drop: 4, right: false },
    Column { title: "Last 14 runs", width: Width::Fixed(14), drop: 6, right: false },
];
/// The column that shows which entry is selected.
const SOURCE: usize = 1;
/// Bars of the sparkline.
const BARS: usize = 14;

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Area) {
    let app = canvas.app;
    let Some(lines) = &app.sources.lines else {
        canvas.put(body.x + 1, body.y, body.width.saturating_sub(1), "Reading the sources …", Role::Dim);
        return;
    };
    if lines.is_empty() {
        return empty(canvas, body);
    }
    title(canvas, body, lines);
    let below = Area { y: body.y + 1, height: body.height.saturating_sub(1), ..body };
    let detail = if app.sources.detail_closed { 0 } else { detail_height(below.height) };
    let list = Area { height: below.height - detail, ..below };
    table(canvas, list, lines);
    if let Some(line) = sources::told(app).filter(|_| detail > 0) {
        source_detail::draw(canvas, Area { y: list.y + list.height, height: detail, ..body }, line);
    }
    if let Some(Target::Sources(SourcesTarget::Status(entry))) = app.hover {
        popup(canvas, list, body, entry);
    }
}

/// Lines of the details, with their rule; the list keeps the larger part.
fn detail_height(height: u16) -> u16 {
    match height {
        0..12 => 0,
        12..24 => 9,
        24..30 => 11,
        _ => 14,
    }
}

fn empty(canvas: &mut Canvas<'_>, body: Area) {
    let x = body.x + 3;
    let width = body.width.saturating_sub(4);
    let mut y = body.y + 1;
    let mut line = |canvas: &mut Canvas<'_>, spans: &[Span<'_>]| {
        if y < body.y + body.height {
            canvas.spans(x, y, width, spans);
        }
        y += 1;
    };
    line(canvas, &[span("Welcome to Landfall.", Role::Title)]);
    line(canvas, &[span("It imports contacts from files, and accounts for every row: it landed,", Role::Text)]);
    line(canvas, &[span("or Landfall says which check stopped it, and shows the row.", Role::Text)]);
    line(canvas, &[]);
    if canvas.app.can_change() {
        line(
            canvas,
            &[span("The way of an import. No contact is written before step 4, and Back is safe:", Role::Text)],
        );
        let path = Place::ALL.map(Place::title).join(" › ");
        line(canvas, &[span(path, Role::Strong)]);
        line(canvas, &[]);
        line(canvas, &[span("enter", Role::Key), span("  begin: pick a file", Role::Text)]);
        line(canvas, &[span("w", Role::Key), span("      write a sample file here first, to try it with", Role::Text)]);
        line(
            canvas,
            &[
                span("a", Role::Key),
                span("      add a source whose files come by themselves: then d for a directory,", Role::Text),
            ],
        );
        line(canvas, &[span("       s for an SFTP server, h for a drop to upload to; or f for a file", Role::Text)]);
        line(canvas, &[]);
        line(canvas, &[span(":", Role::Key), span("      find any command by its name", Role::Text)]);
        line(canvas, &[span("?", Role::Key), span("      what every key does", Role::Text)]);
        line(canvas, &[]);
        line(canvas, &[span("To look around first, leave with q and run `landfall demo`.", Role::Dim)]);
    } else {
        line(canvas, &[span("This workspace is open read-only: nothing can be added here.", Role::Warn)]);
    }
}

fn title(canvas: &mut Canvas<'_>, body: Area, lines: &[SourceLine]) {
    let app = canvas.app;
    let (x, width) = (body.x + 1, body.width.saturating_sub(2));
    let need = lines.iter().filter(|line| line.health.status.needs_a_person()).count() as u64;
    let mut spans = vec![span(counted(lines.len() as u64, "source", "sources"), Role::Strong)];
    spans.push(span(" · ", Role::Dim));
    spans.push(match need {
        0 => span("none needs you", Role::Good),
        1 => span("1 needs you", Role::Warn),
        need => span(format!("{} need you", count(need)), Role::Warn),
    });
    if app.sources.sort != sources::Sort::default() {
        spans.push(span(format!(" · by {}", app.sources.sort.title()), Role::Dim));
    }
    let taken = canvas.spans(x, body.y, width, &spans);
    let filter = &app.sources.filter;
    if !app.sources.typing && filter.text().is_empty() {
        if sources::schedules_wait(app) && app.can_change() {
            let text = "schedules wait: ! says what to do";
            canvas.spans_right(x + taken + 2, body.y, width.saturating_sub(taken + 2), &[span(text, Role::Warn)]);
        }
        return;
    }
    spans = vec![span("   /", Role::Key)];
    let x = x + taken;
    let room = width.saturating_sub(taken);
    let mark = canvas.spans(x, body.y, room, &spans);
    let found = format!("{} match", count(app.sources.shown.len() as u64));
    let found_room = (found.len() as u16).min(room);
    let field = room.saturating_sub(mark + found_room + 2);
    canvas.field(x + mark, body.y, field, filter, app.sources.typing, "part of a name");
    canvas.spans_right(x, body.y, room, &[span(found, Role::Dim)]);
}

fn table(canvas: &mut Canvas<'_>, area: Area, lines: &[SourceLine]) {
    let app = canvas.app;
    let sources = &app.sources;
    if sources.shown.is_empty() {
        canvas.put(
            area.x + 3,
            area.y + 1,
            area.width.saturating_sub(4),
            "No name matches. Esc shows all sources.",
            Role::Dim,
        );
        return;
    }
    // The longer words of contracts take the room of names only where there are any.
    let shown = sources.shown.iter().filter_map(|place| lines.get(*place));
    let longest = shown.map(|line| drawn_width(source_word(line).1) + 2).max().unwrap_or(0);
    let mut columns = COLUMNS;
    columns[0].width = Width::Fixed(longest.max(12));
    let table = Table {
        id: ListId::Sources,
        columns: &columns,
        list: &sources.list,
        len: sources.shown.len(),
        main: SOURCE,
        focused: app.dialogs.is_empty(),
    };
    canvas.table(area, &table, |canvas, entry| {
        let Some(line) = sources.shown.get(entry).and_then(|place| lines.get(*place)) else { return Vec::new() };
        let status = match &line.current {
            Some(run) => Cell::of(progress(run), Role::Busy),
            None => {
                let (symbol, word, role) = source_word(line);
                Cell::of(format!("{symbol} {word}"), role)
            }
        };
        let moment = |canvas: &mut Canvas<'_>, at_ms: Option<i64>| match at_ms {
            Some(at_ms) => Cell::of(canvas.when(at_ms), Role::Text),
            None => Cell::of("never", Role::Dim),
        };
        let next = next(canvas, line);
        vec![
            status.with_target(Target::Sources(SourcesTarget::Status(entry))),
            Cell { spans: name(&line.name, &sources::matched(app, &line.name)), target: None },
            Cell::of(kind(line), Role::Text),
            Cell::of(source_text::mode(line.form.mode), Role::Text),
            moment(canvas, line.last_ran_ms),
            moment(canvas, line.last_imported_ms),
            next,
            Cell { spans: sparkline(&line.volumes), target: None },
        ]
    });
}

/// When it is looked at next, or why not. The screen is drawn anew when a contract may stand otherwise.
fn next(canvas: &mut Canvas<'_>, line: &SourceLine) -> Cell<'static> {
    let brings = line.brings.as_ref();
    canvas.drawn.changes(brings.and_then(|brings| brings.stands_until_ms));
    if line.is_paused() {
        return Cell::of("paused", Role::Dim);
    }
    if line.is_blocked() {
        return Cell::of("on hold", Role::Warn);
    }
    if brings.is_some_and(|brings| brings.overdue_ms.is_some()) {
        return Cell::of("due now", Role::Warn);
    }
    let looked = brings.and_then(|brings| brings.looked.as_ref());
    if looked.is_some_and(|looked| looked.retries(canvas.app.now_ms).is_some()) {
        canvas.drawn.changes(looked.and_then(Pickup::retries_until_ms));
        return Cell::of("retrying", Role::Warn);
    }
    match line.next_run_ms {
        Some(at_ms) => {
            let told = time::coming(at_ms, canvas.app.now_ms, canvas.app.zone);
            Cell::of(canvas.told(told), Role::Text)
        }
        None => Cell::of("–", Role::Dim),
    }
}

/// What a source is, as people call it.
pub(super) fn kind(line: &SourceLine) -> String {
    match line.kind.as_str() {
        "dir" => return "Directory".to_owned(),
        "sftp" => return "SFTP".to_owned(),
        _ => {}
    }
    capital(line.provider.as_ref().unwrap_or(&line.kind))
}

/// A name with the letters that the filter matches.
fn name<'t>(name: &'t str, matched: &[usize]) -> Vec<Span<'t>> {
    if matched.is_empty() {
        return vec![span(name, Role::Text)];
    }
    let mut before = 0;
    let letters = name.graphemes(true).map(|letter| {
        let places = before..before + letter.chars().count();
        before = places.end;
        let role = if matched.iter().any(|place| places.contains(place)) { Role::Match } else { Role::Text };
        span(letter, role)
    });
    letters.collect()
}

/// How far an import is.
pub(super) fn progress(run: &CurrentRun) -> String {
    match run.rows_expected {
        _ if !run.at_work => "◐ Waiting".to_owned(),
        Some(expected) if expected > 0 => format!("◐ {} % done", run.rows.min(expected) * 100 / expected),
        _ => "◐ Importing".to_owned(),
    }
}

/// What the last runs brought, each beside the most of them: `✗` for one that did not come to its end, `·` for one that
/// brought nothing.
fn sparkline<'t>(volumes: &[Volume]) -> Vec<Span<'t>> {
    const STEPS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
    let most = volumes.iter().map(|volume| volume.landed).max().unwrap_or(0);
    let blank = " ".repeat(BARS.saturating_sub(volumes.len()));
    let mut spans = vec![span(blank, Role::Text)];
    spans.extend(volumes.iter().map(|volume| match volume.status {
        RunStatus::Failed | RunStatus::Interrupted => span("✗", Role::Bad),
        RunStatus::Cancelled if volume.landed == 0 => span("✗", Role::Warn),
        _ if volume.landed == 0 => span("·", Role::Dim),
        status => {
            let step = (volume.landed * STEPS.len() as u64).div_ceil(most.max(1)).clamp(1, 8) - 1;
            let clean = volume.failed == 0 && status != RunStatus::NeedsAttention;
            span(STEPS[step as usize], if clean { Role::Text } else { Role::Warn })
        }
    }));
    spans
}

/// Why a source stands as it does, beside its status.
fn popup(canvas: &mut Canvas<'_>, list: Area, body: Area, entry: usize) {
    let app = canvas.app;
    let Some(line) = app.sources.entry(entry) else { return };
    let height = usize::from(list.height.saturating_sub(1));
    let window = app.sources.list.window(app.sources.shown.len(), height);
    if !window.contains(&entry) {
        return;
    }
    let width = body.width.saturating_sub(6).min(64);
    let inner = usize::from(width.saturating_sub(4));
    let (symbol, role) = source_status(line.health.status);
    let mut lines: Vec<(String, Role)> = vec![(format!("{symbol} {}", line.health.status.label()), role)];
    if let Some(run) = &line.current {
        lines.push((format!("{}: run {}", progress(run), run.id), Role::Busy));
    }
    let mut add =
        |text: &str, role: Role| lines.extend(wrap(&visible(text), inner).into_iter().map(|line| (line, role)));
    match &line.health.reason {
        Some(reason) => {
            if let Some(since) = reason.since_ms {
                add(&format!("Since {}.", canvas.when(since)), Role::Dim);
            }
            add(&reason.message, Role::Strong);
            add(&reason.means, Role::Text);
            add(&source_text::action(line), Role::Text);
        }
        None => add("Its last run finished, and no row failed.", Role::Text),
    }
    let most = body.height.saturating_sub(2);
    let tall = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(most);
    let row = list.y + 1 + u16::try_from(entry - window.start).unwrap_or(0);
    let bottom = body.y + body.height;
    let y = if row + 1 + tall <= bottom { row + 1 } else { row.saturating_sub(tall).max(body.y) };
    let area = canvas.frame(Area { x: body.x + 3, y, width, height: tall }, &line.name, Role::Rule);
    for ((text, role), y) in lines.iter().zip(area.y..area.y + area.height) {
        canvas.put(area.x, y, area.width, text, *role);
    }
}
