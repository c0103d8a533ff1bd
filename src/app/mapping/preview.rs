//! The cursor in the preview: which row and which field are looked at, and what is told of that cell.

use super::columns::{Fate, Sure};
use super::data::{CellIssue, PreviewCell, PreviewField, PreviewOutcome, PreviewRow};
use super::problems::{Problem, in_full};
use super::{Editor, assign, editor_mut};
use crate::app::list::Move;
use crate::app::numbers::count;
use crate::app::screen::ListId;
use crate::app::{App, Effects};
use crate::domain::issue::Code;
use crate::domain::outcome::SkipReason;

/// What is told over the hints: what it is about, what is wrong, what to do, and the keys that do it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    pub text: String,
    pub guidance: String,
    /// Something is wrong, and not just worth knowing;
    pub is_wrong: bool,
    /// and a value or a row is lost by it.
    pub is_bad: bool,
    /// The issue that it is about: there is a page on it.
    pub code: Option<Code>,
    /// Keys, as they are pressed, with what they do here.
    pub remedies: Vec<(&'static str, String)>,
}

/// The row that the cursor is on.
pub fn row(editor: &Editor) -> Option<&PreviewRow> {
    editor.preview.as_ref()?.rows.get(editor.shown.selected)
}

/// The place of the field that the selected column fills and that is looked at.
pub fn field_place(editor: &Editor) -> Option<usize> {
    let selected = editor.selected();
    let place = in_view(editor)?;
    let field = editor.preview.as_ref()?.fields.get(place)?;
    (field.columns.is_empty() || field.columns.iter().any(|column| Some(*column) == selected)).then_some(place)
}

/// The place of the field that has to be in view.
pub fn in_view(editor: &Editor) -> Option<usize> {
    let (key, preview) = (editor.at.as_ref()?, editor.preview.as_ref()?);
    preview.fields.iter().position(|field| field.key == *key)
}

/// The selection of the columns has moved, or the fields have changed: the field of the selected column is looked at.
pub(super) fn follow_column(editor: &mut Editor) {
    if field_place(editor).is_some() {
        return;
    }
    let Some((preview, selected)) = editor.preview.as_ref().zip(editor.selected()) else { return };
    if let Some(field) = preview.fields.iter().find(|field| field.columns.contains(&selected)) {
        editor.at = Some(field.key.clone());
    }
}

/// The cell that is looked at, with its field.
pub fn cell(editor: &Editor) -> Option<(&PreviewField, &PreviewCell)> {
    let place = field_place(editor)?;
    editor.preview.as_ref()?.fields.get(place).zip(row(editor)?.cells.get(place))
}

/// Moves in the rows of the preview.
pub(super) fn go(app: &mut App, to: Move) {
    let height = app.height(ListId::Preview);
    let Some(editor) = editor_mut(app) else { return };
    let len = editor.preview.as_ref().map_or(0, |preview| preview.rows.len());
    editor.shown.go(to, len, height);
}

/// Moves the selection of the columns along the fields of the preview.
pub(super) fn across(app: &mut App, forward: bool) {
    let height = app.height(ListId::Mapping);
    let Some(editor) = editor_mut(app) else { return };
    let Some(preview) = &editor.preview else { return };
    let last = preview.fields.len().saturating_sub(1);
    let next = match in_view(editor) {
        Some(place) if forward => (place + 1).min(last),
        Some(place) => place.saturating_sub(1),
        None => 0,
    };
    select_field(editor, next, height);
}

/// Looks at a field of the preview, and selects a column that fills it.
fn select_field(editor: &mut Editor, place: usize, height: usize) {
    let Some(field) = editor.preview.as_ref().and_then(|preview| preview.fields.get(place)) else { return };
    let (key, columns) = (field.key.clone(), field.columns.clone());
    editor.at = Some(key);
    (editor.problem, editor.is_walking) = (0, false);
    if let Some(column) = columns.first()
        && !columns.iter().any(|column| Some(*column) == editor.selected())
    {
        editor.list.select(*column, editor.draft.mapping().columns.len(), height);
    }
}

pub(super) fn clicked(app: &mut App, row: usize, field: Option<usize>) {
    let (height, rows) = (app.height(ListId::Mapping), app.height(ListId::Preview));
    let Some(editor) = editor_mut(app) else { return };
    let len = editor.preview.as_ref().map_or(0, |preview| preview.rows.len());
    editor.shown.select(row, len, rows);
    editor.is_walking = false;
    if let Some(field) = field {
        select_field(editor, field, height);
    }
}

pub(super) fn widen(app: &mut App, _: &mut Effects) {
    if let Some(editor) = editor_mut(app) {
        editor.is_wide = !editor.is_wide;
    }
}

/// What is told of the selected cell, of its row, or of its column: the first of these that there is something to tell
/// of; else what holds the import up, if the file could be read. After a step of the walk from problem to problem, that problem.
pub fn told(editor: &Editor) -> Option<Told> {
    let problem = editor.told_problem();
    if let Some(problem) = problem.filter(|_| editor.is_walking) {
        return Some(of_problem(editor, &problem));
    }
    let of_selected = of_cell(editor)
        .or_else(|| of_row(editor))
        .or_else(|| problem.map(|problem| of_problem(editor, &problem)))
        .or_else(|| of_value(editor));
    if of_selected.is_some() || editor.profile_failure.is_some() {
        return of_selected;
    }
    let is_blocked = editor.preview.as_ref().is_some_and(|preview| preview.blocked.is_some());
    of_waiting(editor).or_else(|| of_column(editor).filter(|_| !is_blocked))
}

fn of_cell(editor: &Editor) -> Option<Told> {
    let row = row(editor)?;
    let (field, cell) = cell(editor)?;
    let issue = cell.issues.first()?;
    let place = format!("{}, row {}", field.label, count(row.row));
    Some(of_issue(&place, issue, remedies(editor, Some(issue.code))))
}

fn of_issue(place: &str, issue: &CellIssue, remedies: Vec<(&'static str, String)>) -> Told {
    let message = issue.code.message().trim_end_matches('.');
    let value = if issue.value.is_empty() { String::new() } else { format!(" “{}”", issue.value) };
    Told {
        text: format!("{place}: {message}{value}."),
        guidance: issue.guidance.clone(),
        is_wrong: true,
        code: Some(issue.code),
        is_bad: issue.is_error,
        remedies,
    }
}

fn of_row(editor: &Editor) -> Option<Told> {
    let row = row(editor)?;
    let place = format!("Row {}", count(row.row));
    if let Some(issue) = row.issues.first() {
        return Some(of_issue(&place, issue, Vec::new()));
    }
    let PreviewOutcome::Skipped(reason) = &row.outcome else { return None };
    let why = match reason {
        SkipReason::Duplicate => "the contact is here already, and this source only creates".to_owned(),
        SkipReason::NotFound => "no such contact is here, and this source only updates".to_owned(),
        SkipReason::Deleted => "its reference belongs to a contact that was deleted here".to_owned(),
        SkipReason::Filter(condition) => format!("the filter “{condition}” does not hold"),
        SkipReason::Since => "it was not changed since the date that is asked for".to_owned(),
        SkipReason::Status => "the source's own status excludes it".to_owned(),
    };
    Some(Told { text: format!("{place} would be skipped: {why}."), ..Told::default() })
}

/// What was made of a value that is kept, and what is worth knowing about it.
fn of_value(editor: &Editor) -> Option<Told> {
    let row = row(editor)?;
    let (field, cell) = cell(editor)?;
    let place = format!("{}, row {}", field.label, count(row.row));
    let raw = row.raw.get(editor.selected()?).map_or("", String::as_str);
    let text = match &cell.value {
        _ if cell.is_cleared => format!("{place}: the cell is empty, and the field is emptied."),
        Some(value) if cell.is_changed => format!("{place}: “{raw}” in the file becomes {value}"),
        _ => format!("{place}: {}.", cell.notes.first()?.message()),
    };
    let guidance = cell.notes.first().filter(|_| cell.is_changed).map_or("", |note| note.message());
    Some(Told { text, guidance: guidance.to_owned(), ..Told::default() })
}

fn of_problem(editor: &Editor, problem: &Problem<'_>) -> Told {
    let column = editor.selected().and_then(|place| editor.column(place));
    let (header, required) = column.map_or(("", false), |column| (column.header.as_str(), column.required));
    match problem {
        Problem::Undecided => {
            let mut remedies = choices();
            remedies.extend(leave_all_out(editor));
            Told {
                text: format!("“{header}” is undecided: give it a field, or leave it out."),
                guidance: about_undecided(editor),
                is_wrong: true,
                remedies,
                ..Told::default()
            }
        }
        Problem::Doubt { text, .. } => Told {
            text: (*text).to_owned(),
            guidance: "It is one of the four that matter: a run with it would need attention.".to_owned(),
            is_wrong: true,
            remedies: choices(),
            ..Told::default()
        },
        Problem::Found(found) => {
            use super::data::ProblemKind;
            let (text, advice) = in_full(found);
            let code = match found.what {
                ProblemKind::Issue(code) | ProblemKind::NotDeclared(code) => Some(code),
                _ => Some(Code::DateUnreadable),
            };
            let first = found.rows.first().map_or("", |row| row.guidance.as_str());
            let mut remedies = remedies(editor, code);
            if !found.rows.is_empty() {
                remedies.push(("l", "rows".to_owned()));
            }
            Told {
                text: format!("“{header}”: {text}"),
                guidance: if advice.is_empty() { first.to_owned() } else { advice.to_owned() },
                is_wrong: true,
                code,
                is_bad: problem.is_error(required),
                remedies,
            }
        }
    }
}

/// The keys that help against an issue of the selected column.
fn remedies(editor: &Editor, code: Option<Code>) -> Vec<(&'static str, String)> {
    let remedy = match code {
        Some(Code::DateUnreadable) if assign::has_date_order(editor) => ("d", "day or month first"),
        Some(Code::OptionUnknown | Code::UserUnknown) => ("t", "translate values"),
        Some(Code::NumberUnreadable | Code::MoneyUnreadable) => ("t", "decimal mark"),
        Some(Code::RequiredMissing) => ("!", "not required"),
        _ => return Vec::new(),
    };
    vec![(remedy.0, remedy.1.to_owned())]
}

/// The keys that decide about the selected column.
fn choices() -> Vec<(&'static str, String)> {
    vec![("<enter>", "field".to_owned()), ("x", "leave out".to_owned())]
}

/// The key that decides about all undecided columns at once, where there are several.
fn leave_all_out(editor: &Editor) -> Option<(&'static str, String)> {
    let number = assign::undecided(editor.draft.mapping());
    (number > 1).then(|| ("X", format!("leave out all {}", count(number as u64))))
}

/// What is known of the selected column that nobody has decided about.
fn about_undecided(editor: &Editor) -> String {
    match editor.selected().map(|place| editor.sure(place)) {
        Some(Sure::Never(why)) => format!("Never guessed: {why}."),
        Some(Sure::Nobody(Some(label))) => format!("Perhaps {label}."),
        _ => "An import waits for it.".to_owned(),
    }
}

/// Where nothing is wrong with what is selected: that other columns wait, which is all that holds the import up.
fn of_waiting(editor: &Editor) -> Option<Told> {
    let number = assign::undecided(editor.draft.mapping());
    let text = match number {
        0 => return None,
        1 => "1 column is undecided: it needs a field, or to be left out.".to_owned(),
        _ => format!("{} columns are undecided: each needs a field, or to be left out.", count(number as u64)),
    };
    let mut remedies = vec![("n", "next problem".to_owned())];
    remedies.extend(leave_all_out(editor));
    Some(Told {
        text,
        guidance: "Until then no import starts.".to_owned(),
        is_wrong: true,
        remedies,
        ..Told::default()
    })
}

/// What is in the selected column and why it goes where it goes, in full: the table has room for a part of it.
fn of_column(editor: &Editor) -> Option<Told> {
    let place = editor.selected()?;
    let header = editor.column(place)?.header.as_str();
    let goes = match editor.fate(place) {
        Fate::Field { label, .. } => format!("goes to {label}"),
        Fate::Split(_) => "is split".to_owned(),
        Fate::LeftOut => "is not imported".to_owned(),
        Fate::Undecided => return None,
    };
    let why = match editor.sure(place) {
        Sure::Believed(_, why) | Sure::Never(why) => why,
        Sure::You => "you said so",
        Sure::Saved => "the saved mapping says so",
        Sure::Nobody(_) => return None,
    };
    let samples = editor.look(place).map(|look| look.samples.join(" · ")).unwrap_or_default();
    let guidance = if samples.is_empty() { samples } else { format!("In the file: {samples}") };
    Some(Told { text: format!("“{header}” {goes}: {why}."), guidance, ..Told::default() })
}

/// The issue that is told, if it is one that there is a page on.
pub(super) fn code(app: &App) -> Option<Code> {
    told(super::editor(app)?)?.code
}
