//! The table of the columns: what is in each, what becomes of it, how sure that is, and what is wrong with it.

use super::super::canvas::{Canvas, span};
use super::super::table::{Cell, Column, Table, Width};
use super::super::theme::Role;
use super::mark;
use crate::app::mapping::Editor;
use crate::app::mapping::columns::{Fate, Sure};
use crate::app::screen::{Area, ListId};

const fn columns(inside: u16, problems: &'static str) -> [Column; 6] {
    [
        Column { title: "Column", width: Width::Fill(14), drop: 0, right: false },
        Column { title: "What is in it", width: Width::Fill(inside), drop: 2, right: false },
        Column { title: "→ Field", width: Width::Fill(16), drop: 0, right: false },
        Column { title: "Sure", width: Width::Fixed(5), drop: 4, right: false },
        Column { title: "Why", width: Width::Fill(12), drop: 5, right: false },
        Column { title: problems, width: Width::Fill(18), drop: 3, right: false },
    ]
}

const ALL_ROWS: [&str; 2] = ["Problems", "Problems in all rows"];
const SO_FAR: [&str; 2] = ["Problems so far", "Problems so far"];
/// From this width on there is room for more than a value of a column.
const WIDE: u16 = 110;

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area, editor: &Editor) {
    let is_done = editor.profile.as_ref().is_some_and(|profile| profile.is_done);
    let len = editor.draft.mapping().columns.len();
    let [short, long] = if is_done { ALL_ROWS } else { SO_FAR };
    let columns = if area.width >= WIDE { columns(24, long) } else { columns(15, short) };
    let table = Table { id: ListId::Mapping, columns: &columns, list: &editor.list, len, main: 0, focused: true };
    canvas.table(area, &table, |_, entry| row(editor, entry));
    if len == 0 && area.height > 1 {
        canvas.put(area.x + 3, area.y + 1, area.width.saturating_sub(3), "There are no columns.", Role::Dim);
    }
}

fn row(editor: &Editor, place: usize) -> Vec<Cell<'_>> {
    let header = editor.column(place).map_or("", |column| column.header.as_str());
    vec![
        Cell::of(header, Role::Text),
        inside(editor, place),
        fate(editor, place),
        sure(editor, place),
        why(editor, place),
        problems(editor, place),
    ]
}

fn inside(editor: &Editor, place: usize) -> Cell<'_> {
    let mut spans = Vec::new();
    let mut add = |text: String, role: Role| {
        if !spans.is_empty() {
            spans.push(span(" · ", Role::Dim));
        }
        spans.push(span(text, role));
    };
    let (kind, empty) = (editor.kind(place), editor.empty_share(place));
    if empty >= 1.0 {
        add("empty".to_owned(), Role::Dim);
        return Cell { spans, target: None };
    }
    if !kind.is_empty() {
        add(kind.to_owned(), Role::Text);
    }
    if empty >= 0.005 {
        add(format!("{:.0} % empty", (empty * 100.0).min(99.0)), Role::Text);
    }
    if let Some(look) = editor.look(place)
        && !look.samples.is_empty()
    {
        let samples: Vec<&str> = look.samples.iter().take(2).map(String::as_str).collect();
        add(samples.join(", "), Role::Dim);
    }
    if editor.is_all_different(place) {
        add("all different".to_owned(), Role::Text);
    }
    Cell { spans, target: None }
}

fn fate(editor: &Editor, place: usize) -> Cell<'_> {
    let required = editor.column(place).is_some_and(|column| column.required);
    let mut cell = match editor.fate(place) {
        Fate::Field { label, is_joined: false } => Cell::of(format!("→ {label}"), Role::Text),
        Fate::Field { label, is_joined: true } => Cell::of(format!("→ {label} (joined)"), Role::Text),
        Fate::Split(labels) => {
            let named = labels.iter().map(|label| if label.is_empty() { "–" } else { label });
            Cell::of(format!("→ {}", named.collect::<Vec<_>>().join(" + ")), Role::Text)
        }
        Fate::LeftOut => Cell::of("✗ not imported", Role::Dim),
        Fate::Undecided => Cell::of("! not decided", Role::Warn),
    };
    if required {
        cell.spans.push(span(" required", Role::Warn));
    }
    cell
}

fn sure(editor: &Editor, place: usize) -> Cell<'_> {
    match editor.sure(place) {
        Sure::You => Cell::of("you", Role::Text),
        Sure::Saved => Cell::of("saved", Role::Text),
        Sure::Believed(dots, _) => dotted(dots),
        Sure::Never(_) => Cell::of("never", Role::Dim),
        Sure::Nobody(_) => Cell::of("–", Role::Dim),
    }
}

/// How sure something is, in dots.
pub(super) fn dots(dots: u8) -> (&'static str, Role) {
    match dots {
        3.. => ("●●●", Role::Good),
        2 => ("●●○", Role::Text),
        _ => ("●○○", Role::Warn),
    }
}

fn dotted<'r>(sure: u8) -> Cell<'r> {
    let (text, role) = dots(sure);
    Cell::of(text, role)
}

fn why(editor: &Editor, place: usize) -> Cell<'_> {
    match editor.sure(place) {
        Sure::Believed(_, why) | Sure::Never(why) => Cell::of(why, Role::Dim),
        Sure::Nobody(Some(label)) => Cell::of(format!("maybe {label}"), Role::Dim),
        Sure::You | Sure::Saved | Sure::Nobody(None) => Cell::default(),
    }
}

fn problems(editor: &Editor, place: usize) -> Cell<'_> {
    let problems = editor.problems(place);
    let required = editor.column(place).is_some_and(|column| column.required);
    let Some(first) = problems.first() else {
        let is_read = editor.column_profile(place).is_some();
        return Cell::of(if is_read { "–" } else { "" }, Role::Dim);
    };
    let more = if problems.len() > 1 { format!(" (+{})", problems.len() - 1) } else { String::new() };
    Cell {
        spans: vec![mark(first.is_error(required)), span(first.short(), Role::Text), span(more, Role::Dim)],
        target: None,
    }
}
