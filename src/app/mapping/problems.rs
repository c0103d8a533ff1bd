//! The problems of the columns: what all rows say, what is doubtful, what nobody has decided yet; and the walk from one to
//! the next.

use super::data::{ColumnProblem, ProblemKind};
use super::{Editor, FIRST_ROWS, MOST_FURTHER_ROWS, ask_preview, editor_mut, preview};
use crate::app::numbers::{count, counted};
use crate::app::screen::ListId;
use crate::app::{App, Effects};
use crate::domain::issue::Code;

/// Something about a column that a person has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem<'e> {
    /// Its values do not look like its field; or they look like one of the fields that matter most, and it goes nowhere.
    Doubt {
        text: &'e str,
        is_mapped: bool,
    },
    Undecided,
    Found(&'e ColumnProblem),
}

impl Editor {
    /// The problems of a column, the worst first; a column that is left out on purpose has none but doubts.
    pub fn problems(&self, place: usize) -> Vec<Problem<'_>> {
        let doubts = self.preview.iter().flat_map(|preview| &preview.doubts);
        let Some(column) = self.column(place) else { return Vec::new() };
        let is_mapped = !column.is_undecided();
        let doubts: Vec<Problem<'_>> =
            doubts.filter(|(of, _)| *of == place).map(|(_, text)| Problem::Doubt { text, is_mapped }).collect();
        // A doubt about a column that goes nowhere says that nobody has decided, and more.
        let undecided = (!is_mapped && doubts.is_empty()).then_some(Problem::Undecided);
        let found = self.column_profile(place).filter(|_| !column.leave_out);
        let found = found.into_iter().flat_map(|profile| &profile.problems).map(Problem::Found);
        undecided.into_iter().chain(doubts).chain(found).collect()
    }

    /// The problem of the selected column that is told.
    pub fn told_problem(&self) -> Option<Problem<'_>> {
        let problems = self.problems(self.selected()?);
        problems.get(self.problem.min(problems.len().saturating_sub(1))).copied()
    }

    /// Whether an import waits for somebody to say how the dates of a column are read.
    pub fn asks_for_date_order(&self) -> bool {
        let profile = self.profile.as_ref().map_or(&[][..], |profile| &profile.columns);
        let columns = self.draft.mapping().columns.iter().zip(profile);
        columns
            .filter(|(column, _)| column.targets().next().is_some())
            .any(|(_, profile)| profile.problems.iter().any(|problem| matches!(problem.what, ProblemKind::DayFirst)))
    }

    pub fn has_problems(&self) -> bool {
        (0..self.draft.mapping().columns.len()).any(|place| !self.problems(place).is_empty())
    }
}

impl Problem<'_> {
    /// In a few words, for the table.
    pub fn short(&self) -> String {
        match self {
            Problem::Doubt { is_mapped: true, .. } => "does not look like it".to_owned(),
            Problem::Doubt { is_mapped: false, .. } => "matters, and goes nowhere".to_owned(),
            Problem::Undecided => "undecided".to_owned(),
            Problem::Found(found) => short(found),
        }
    }

    /// Whether rows fail by it, or the import does not start; else a value is not taken, or something is assumed.
    pub fn is_error(&self, is_required: bool) -> bool {
        let Problem::Found(found) = self else { return false };
        match found.what {
            ProblemKind::DayFirst | ProblemKind::Issue(Code::RequiredMissing) => true,
            ProblemKind::Issue(_) | ProblemKind::NotDeclared(_) | ProblemKind::MixedOrder => is_required,
            ProblemKind::AssumedOrder => false,
        }
    }

    /// The rows that show it.
    pub fn found(&self) -> Option<&ColumnProblem> {
        match self {
            Problem::Found(found) => Some(found),
            Problem::Doubt { .. } | Problem::Undecided => None,
        }
    }
}

fn short(found: &ColumnProblem) -> String {
    let proof = found.rows.first();
    let proven = |says: &str| match proof {
        Some(row) => format!("row {}: {} {says}", count(row.row), row.value),
        None => format!("{} {says}", counted(found.count, "date", "dates")),
    };
    match found.what {
        ProblemKind::Issue(code) => format!("{} {}", count(found.count), what_is_wrong(code)),
        ProblemKind::DayFirst => proven("→ day first?"),
        ProblemKind::MixedOrder => proven("→ day first, others month first"),
        ProblemKind::AssumedOrder => format!("month first assumed for {}", counted(found.count, "date", "dates")),
        ProblemKind::NotDeclared(code) => format!("{} {}", count(found.count), what_is_wrong(code)),
    }
}

/// What values with an issue are, behind their number.
fn what_is_wrong(code: Code) -> &'static str {
    match code {
        Code::RequiredMissing => "empty, and required",
        Code::DuplicatePhone | Code::DuplicateEmail => "twice",
        Code::ContactIdInvalid => "not a contact here",
        Code::PhoneUnreadable => "not a phone number",
        Code::DateUnreadable => "not a date",
        Code::EmailInvalid => "not an address",
        Code::UnmappedMandatory => "not mapped",
        Code::OptionUnknown => "not an option",
        Code::NumberUnreadable => "not a number",
        Code::MoneyUnreadable => "not an amount",
        Code::UserUnknown => "nobody here",
        Code::TimezoneUnknown => "not a time zone",
        Code::TooLong => "too long",
        Code::RowShort => "in rows that end early",
        Code::ReferenceTaken => "of other contacts",
        Code::RowMalformed | Code::RowEncoding => "unreadable",
    }
}

/// What a problem says in full, and what to do: for the line over the hints and for the list of its rows.
pub fn in_full(found: &ColumnProblem) -> (String, &'static str) {
    let proof = found.rows.first();
    let proven = |says: &str| match proof {
        Some(row) => format!("Row {}: “{}” {says}", count(row.row), row.value),
        None => format!("{} {says}", counted(found.count, "date", "dates")),
    };
    let values = counted(found.count, "value", "values");
    match found.what {
        ProblemKind::Issue(code) => (format!("{}: {values}.", code.message()), ""),
        ProblemKind::DayFirst => (
            proven("only fits day first, and no date of the column only fits month first."),
            "The import does not start before somebody says which it is.",
        ),
        ProblemKind::MixedOrder => (
            proven("only fits day first, and others only month first."),
            "One of the two is read, the other reported: look where the rows come from.",
        ),
        ProblemKind::AssumedOrder => (
            format!("Nothing tells day from month in {}.", counted(found.count, "date", "dates")),
            "Month first is assumed, as 09/28/2024: say which it is.",
        ),
        ProblemKind::NotDeclared(code) => {
            (format!("{}: {values}.", code.message()), "Say which of ours theirs mean, or correct the file.")
        }
    }
}

/// Whether there is a problem anywhere.
pub(super) fn any(app: &App) -> bool {
    super::editor(app).is_some_and(Editor::has_problems)
}

/// Goes to the next problem, or the one before: to its column, and to the row that proves it.
pub(super) fn go(app: &mut App, forward: bool, fx: &mut Effects) {
    let (height, shown_height) = (app.height(ListId::Mapping), app.height(ListId::Preview));
    let Some(editor) = editor_mut(app) else { return };
    let len = editor.draft.mapping().columns.len();
    let Some((at, now)) = editor.selected().map(|at| (at, editor.problem)) else { return };
    let here = editor.problems(at).len();
    let next = if forward {
        // The selected column's first problem is told, but it was not gone to: it comes first.
        let begun = editor.is_walking;
        let within = if begun { now + 1 } else { 0 };
        let rest = (1..=len).map(|step| ((at + step) % len, 0));
        Some((at, within)).filter(|_| within < here).into_iter().chain(rest).find(|(of, _)| has(editor, *of))
    } else {
        let within = if editor.is_walking { now.checked_sub(1) } else { None };
        let rest = (1..=len).map(|step| ((at + len - step) % len, usize::MAX));
        within
            .filter(|within| *within < here)
            .map(|within| (at, within))
            .into_iter()
            .chain(rest)
            .find(|(of, _)| has(editor, *of))
    };
    let Some((place, problem)) = next else { return };
    let turned = if forward { place < at || (place == at && problem <= now && editor.is_walking) } else { place > at };
    editor.list.select(place, len, height);
    editor.problem = problem.min(editor.problems(place).len().saturating_sub(1));
    editor.is_walking = true;
    preview::follow_column(editor);
    let row = editor.told_problem().and_then(|problem| problem.found()?.rows.first().map(|row| row.row));
    let asks = row.is_some_and(|row| look_at_row(editor, row, shown_height));
    if asks {
        ask_preview(app, fx);
    }
    if turned {
        app.say(if forward { "From the first problem again." } else { "From the last problem again." });
    }
}

fn has(editor: &Editor, place: usize) -> bool {
    !editor.problems(place).is_empty()
}

/// Brings the cursor of the preview to a row. Answers whether that has to be asked for.
pub(super) fn look_at_row(editor: &mut Editor, row: u64, height: usize) -> bool {
    if let Some(preview) = &editor.preview
        && let Some(place) = preview.rows.iter().position(|shown| shown.row == row)
    {
        editor.shown.select(place, preview.rows.len(), height);
        return false;
    }
    editor.row_wanted = Some(row);
    editor.rows.retain(|known| *known != row);
    if editor.rows.len() >= MOST_FURTHER_ROWS {
        editor.rows.remove(0);
    }
    editor.rows.push(row);
    true
}

/// All rows were read: the first row of each column's first problem is worth seeing. Answers whether there are new ones.
pub(super) fn show_proofs(editor: &mut Editor) -> bool {
    let columns = editor.draft.mapping().columns.len();
    let proof = |place| {
        let first = editor.column_profile(place)?.problems.first()?;
        Some(first.rows.first()?.row)
    };
    let proofs: Vec<u64> =
        (0..columns).filter(|place| !editor.draft.mapping().columns[*place].leave_out).filter_map(proof).collect();
    let before = editor.rows.len();
    for row in proofs {
        if row > FIRST_ROWS as u64 && editor.rows.len() < FIRST_ROWS && !editor.rows.contains(&row) {
            editor.rows.push(row);
        }
    }
    editor.rows.len() > before
}
