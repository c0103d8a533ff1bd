//! What is known of the file and of the mapping as a whole, in a few lines.

use super::super::canvas::{Canvas, Span, span};
use super::super::table::drawn_width;
use super::super::theme::Role;
use super::super::words::{bytes, count, counted};
use crate::app::App;
use crate::app::mapping::data::{Profile, ReadFact, ReadOption};
use crate::app::mapping::{self, Editor, MappingTarget, important_constant, important_places};
use crate::app::screen::{Area, Target};

/// Cells of the bar that shows how far the rows are read.
const BAR: usize = 8;

/// How many lines it takes.
pub(super) fn height(app: &App, editor: &Editor, room: u16) -> u16 {
    match room {
        0..4 => 0,
        4..8 => 1,
        8..12 => 2,
        _ if notice(app, editor).is_some() => 4,
        _ => 3,
    }
}

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area, editor: &Editor) {
    let line = |at: u16| Area { y: area.y + at, x: area.x + 1, width: area.width.saturating_sub(2), height: 1 };
    if area.height > 0 {
        file(canvas, line(0), editor);
    }
    if area.height > 1 {
        match canvas.app.mapping.finding.clone() {
            Some(field) => {
                let label = canvas.put(line(1).x, line(1).y, line(1).width, "Column with ", Role::Dim);
                let room = line(1).width.saturating_sub(label);
                canvas.field(
                    line(1).x + label,
                    line(1).y,
                    room,
                    &field,
                    canvas.app.dialogs.is_empty(),
                    "part of its name",
                );
            }
            None => reading(canvas, line(1), editor),
        }
    }
    if area.height > 2 {
        important(canvas, line(2), editor);
    }
    if area.height > 3
        && let Some(text) = notice(canvas.app, editor)
    {
        canvas.spans(line(3).x, line(3).y, line(3).width, &[span("! ", Role::Warn), span(text, Role::Text)]);
    }
}

/// What else has to be known before anything is edited.
fn notice(app: &App, editor: &Editor) -> Option<String> {
    if let Some(theirs) = &editor.meanwhile {
        let (by, version) = (&theirs.by, theirs.version);
        return Some(format!(
            "{by} saved version {version} meanwhile; what is shown is yours. Saving makes it the newest."
        ));
    }
    if !editor.opened.gone.is_empty() {
        return Some(format!("Mapped, and not in this file: {}.", editor.opened.gone.join(", ")));
    }
    if mapping::newer_waits(app) {
        return Some(
            "A newer file has come. Your changes are on this one; once they are saved, it is shown.".to_owned(),
        );
    }
    let Some(file) = editor.opened.file.as_ref() else {
        let can_fetch = mapping::fetchable(app).is_some();
        return can_fetch
            .then(|| "No file is here to look at. F fetches the newest; nothing is imported by that.".to_owned());
    };
    if file.is_stand_in {
        return Some("The file of the source is not there: this is its last delivery, as it was kept.".to_owned());
    }
    file.problems.first().cloned()
}

fn file(canvas: &mut Canvas<'_>, area: Area, editor: &Editor) {
    let opened = &editor.opened;
    let reviewed = match &opened.reviewed {
        _ if editor.draft.is_changed() && opened.saved.is_some() => span("changed, not saved", Role::Warn),
        Some((by, at_ms)) => {
            let when = canvas.when(*at_ms);
            span(format!("✓ reviewed by {by}, {when}"), Role::Good)
        }
        None if opened.saved.is_some() => span("not reviewed", Role::Warn),
        None => span("not saved yet", Role::Warn),
    };
    let version = opened.saved.as_ref().map(|saved| format!(" version {}", saved.version)).unwrap_or_default();
    let tail =
        [span(opened.source_name.as_str(), Role::Strong), span(version, Role::Text), span(" · ", Role::Dim), reviewed];
    let needed: u16 = tail.iter().map(|(text, _)| drawn_width(text)).fold(0, u16::saturating_add);
    let head = match &opened.file {
        Some(file) => {
            vec![span(file.name.as_str(), Role::Title), span(format!(" · {}", rows(editor, file.bytes)), Role::Text)]
        }
        None => vec![span("no file", Role::Warn)],
    };
    // Of a long name of a file the rest matters less than how the mapping stands.
    let left = area.width.saturating_sub(needed.min(area.width / 2 + 6) + 2);
    let taken = canvas.spans(area.x, area.y, left, &head);
    canvas.spans_right(area.x + taken + 2, area.y, area.width.saturating_sub(taken + 2), &tail);
}

fn rows(editor: &Editor, size: u64) -> String {
    match &editor.profile {
        Some(profile) if profile.is_done => counted(profile.rows, "row", "rows"),
        Some(profile) if profile.rows > 0 => format!("{} rows so far", count(profile.rows)),
        _ => bytes(size),
    }
}

/// How the file is read, and how many columns are decided about.
fn reading(canvas: &mut Canvas<'_>, area: Area, editor: &Editor) {
    let columns = &editor.draft.mapping().columns;
    let mapped = columns.iter().filter(|column| column.targets().next().is_some()).count();
    let undecided = columns.iter().filter(|column| column.is_undecided()).count();
    let mut tail = vec![span(
        format!("{} of {} mapped", count(mapped as u64), counted(columns.len() as u64, "column", "columns")),
        Role::Text,
    )];
    if undecided > 0 {
        tail.push(span(format!(" · ! {} undecided", count(undecided as u64)), Role::Warn));
    }
    if let Some(profile) = &editor.profile {
        tail.push(span("  ", Role::Text));
        tail.push(progress(profile));
    }
    let needed: u16 = tail.iter().map(|(text, _)| drawn_width(text)).fold(0, u16::saturating_add);
    let room = area.width.saturating_sub(needed + 2);
    let facts = editor.opened.file.as_ref().map_or(&[][..], |file| &file.facts);
    let told: Vec<String> = facts.iter().filter_map(fact).collect();
    canvas.put(area.x, area.y, room, &told.join(" · "), Role::Dim);
    canvas.spans_right(area.x, area.y, area.width, &tail);
}

fn fact(fact: &ReadFact) -> Option<String> {
    let value = &fact.value;
    Some(match fact.option {
        ReadOption::Encoding => value.clone(),
        ReadOption::Delimiter => format!("“{value}”"),
        ReadOption::HeaderRow => match value.parse::<u64>() {
            Ok(line) => format!("header in line {line}"),
            Err(_) => format!("header: {value}"),
        },
        ReadOption::Country => format!("country {value}"),
        ReadOption::Quote | ReadOption::TimeZone => return None,
    })
}

/// How far the rows of the file are read.
fn progress(profile: &Profile) -> Span<'static> {
    if profile.is_done {
        return span("all rows read", Role::Dim);
    }
    let share = match profile.bytes_expected {
        Some(all) => (profile.bytes as f64 / all.max(1) as f64).clamp(0.0, 0.99),
        None => return span("reading …", Role::Busy),
    };
    let full = (share * BAR as f64) as usize;
    span(format!("{}{} {:>2} %", "█".repeat(full), "░".repeat(BAR - full), (share * 100.0) as u8), Role::Busy)
}

/// The fields that matter most, each with the column that goes there (R18, R23).
fn important(canvas: &mut Canvas<'_>, area: Area, editor: &Editor) {
    let mapping = editor.draft.mapping();
    let places = important_places(mapping, &editor.opened.catalog);
    let doubts = editor.preview.as_ref().map_or(&[][..], |preview| &preview.doubts);
    let share = area.width / u16::try_from(places.len().max(1)).unwrap_or(1);
    for (at, (what, columns)) in (0u16..).zip(&places) {
        let is_doubtful = columns.iter().any(|place| doubts.iter().any(|(of, _)| of == place));
        let constant = important_constant(mapping, &editor.opened.catalog, what).filter(|_| columns.is_empty());
        let is_missing = columns.is_empty() && constant.is_none();
        let (symbol, role) = match (is_missing, is_doubtful) {
            (true, _) => ("✗ ", Role::Bad),
            (false, true) => ("! ", Role::Warn),
            (false, false) => ("✓ ", Role::Good),
        };
        let headers: Vec<&str> = columns.iter().map(|place| mapping.columns[*place].header.as_str()).collect();
        let from = match constant {
            Some(value) => format!(" = {value}"),
            None if is_missing => ": none".to_owned(),
            None => format!(" ← {}", headers.join(" + ")),
        };
        let from_role = if is_missing { Role::Bad } else { Role::Dim };
        let x = area.x + at * share;
        let spans = [span(symbol, role), span(*what, Role::Text), span(from, from_role)];
        let columns = canvas.spans(x, area.y, share.saturating_sub(1), &spans);
        let target = Target::Mapping(MappingTarget::Important(usize::from(at)));
        canvas.target(Area { x, width: columns, ..area }, target);
    }
}
