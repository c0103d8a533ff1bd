//! The rows behind a count: where a problem of a column shows.

use super::data::{ColumnProblem, ProblemRow};
use super::problems::{in_full, look_at_row};
use super::{ask_preview, editor, editor_mut};
use crate::app::dialog::{self, Dialog};
use crate::app::keys::{Binding, Scope, always};
use crate::app::list::List;
use crate::app::screen::ListId;
use crate::app::{App, Effects};

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct ProblemRows {
    pub header: String,
    pub text: String,
    pub advice: &'static str,
    /// How many there are; the first of them are in `rows`.
    pub count: u64,
    pub rows: Vec<ProblemRow>,
    pub list: List,
}

pub(in crate::app) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::ProblemRows,
        keys: &["<enter>"],
        hint: "show in preview",
        help: "Show the row in the preview",
        priority: 1,
        when: always,
        run: jump,
    },
    Binding {
        scope: Scope::ProblemRows,
        keys: &["c", "y"],
        hint: "copy",
        help: "Copy the numbers and values of these rows",
        priority: 2,
        when: always,
        run: |app, fx| {
            if let Some(Dialog::ProblemRows(rows)) = app.dialogs.last() {
                let line = |row: &ProblemRow| format!("{}\t{}\t{}\t{}", row.row, row.line, row.value, row.guidance);
                let lines: Vec<String> = rows.rows.iter().map(line).collect();
                let text =
                    format!("{}: {}\nrow\tline\tvalue\twhat to do\n{}", rows.header, rows.text, lines.join("\n"));
                dialog::copy(app, text, fx);
            }
        },
    },
    Binding {
        scope: Scope::ProblemRows,
        keys: &["q"],
        hint: "",
        help: "Close the list",
        priority: 9,
        when: always,
        run: dialog::close,
    },
];

/// Whether rows are known behind the problem that is told.
pub(super) fn has_rows(app: &App) -> bool {
    told(app).is_some_and(|(_, found)| !found.rows.is_empty())
}

/// The header of the selected column and its first problem that has rows, from the told one on.
fn told(app: &App) -> Option<(&str, &ColumnProblem)> {
    let editor = editor(app)?;
    let (_, column) = super::assign::selected(editor)?;
    let all = editor.problems(editor.selected()?);
    let told = all.iter().skip(editor.problem).chain(&all).find_map(|problem| match problem {
        super::problems::Problem::Found(found) => Some(*found),
        _ => None,
    });
    Some((&column.header, told?))
}

pub(super) fn open(app: &mut App, _: &mut Effects) {
    let Some((header, found)) = told(app) else { return };
    let (text, advice) = in_full(found);
    let rows = ProblemRows {
        header: header.to_owned(),
        text,
        advice,
        count: found.count,
        rows: found.rows.clone(),
        list: List::default(),
    };
    app.open(Dialog::ProblemRows(Box::new(rows)));
}

fn jump(app: &mut App, fx: &mut Effects) {
    let Some(Dialog::ProblemRows(rows)) = app.dialogs.pop() else { return };
    let Some(row) = rows.rows.get(rows.list.selected).map(|row| row.row) else { return };
    let height = app.height(ListId::Preview);
    let Some(editor) = editor_mut(app) else { return };
    editor.is_walking = false;
    if look_at_row(editor, row, height) {
        ask_preview(app, fx);
    }
}
