//! The keys of the Mapping tab.

use super::{Editor, assign, editor, editor_mut, find, picker, preview, problem_rows, problems, redo, saving, undo};
use crate::app::keys::{Binding, Scope, binding};
use crate::app::list::Move;
use crate::app::screen::ListId;
use crate::app::{App, Effects, Tab, help_pages, picker as files};

macro_rules! key {
    ($($rest:tt)*) => {
        binding!(Scope::Mapping, $($rest)*)
    };
}

pub(in crate::app) const KEYS: &[Binding] = &[
    key!(&["<enter>"], "stay here", 1, "Stay on the column that was found", is_finding, |app, _| {
        app.mapping.finding = None;
    }),
    key!(&["<esc>", "<c-c>"], "stop", 1, "Stop looking for a column", is_finding, |app, _| app.mapping.finding = None),
    key!(&["<tab>"], "next match", 2, "Go to the next column that matches", is_finding, |app, _| find::go(app, 1)),
    key!(&["<esc>"], "", 9, "Let go of the column", is_dragging, |app, _| app.mapping.drag = None),
    key!(&["<enter>"], "field", 1, "Choose the field of the column", may_edit_one, choose_field),
    key!(
        &["<enter>"],
        "fetch newest file",
        1,
        "Fetch the newest file of the source to look at its columns; nothing is imported",
        may_fetch_first,
        super::fetch
    ),
    key!(&["F"], "", 7, "Fetch the newest file of the source; nothing is imported", may_fetch, super::fetch),
    key!(&["x"], "leave out", 2, "Leave the column out, or take that back", may_edit_one, assign::toggle_left_out),
    key!(
        &["X"],
        "leave rest out",
        4,
        "Don't import data for unmapped columns: leave out all that nobody has decided about",
        has_undecided,
        assign::leave_out_undecided
    ),
    key!(&["a"], "accept", 3, "Give the column the field that is suggested", has_suggestion, assign::accept),
    key!(&["A"], "accept all", 4, "Accept all suggestions for undecided columns", has_suggestions, assign::accept_all),
    key!(&["d"], "day/month", 3, "Read the dates day first, month first, or leave it open", has_date, |app, fx| {
        assign::next_date_order(app, fx);
    }),
    key!(
        &["!"],
        "",
        7,
        "Require the column: a row with an issue in it, or with nothing, fails; or take that back",
        may_require,
        assign::toggle_required
    ),
    key!(&["n"], "next problem", 2, "Go to the next problem, and the row that shows it", has_problems, |app, fx| {
        problems::go(app, true, fx);
    }),
    key!(&["N"], "", 8, "Go to the problem before", has_problems, |app, fx| problems::go(app, false, fx)),
    key!(&["l"], "rows", 5, "List the rows behind the problem", has_rows, problem_rows::open),
    key!(
        &["H"],
        "about this",
        6,
        "Say what the told issue means, why it happens and what to do",
        has_page,
        |app, _| {
            if let Some(code) = preview::code(app) {
                help_pages::open(app, code);
            }
        }
    ),
    key!(&["s"], "save", 2, "Save the mapping as a new version", may_save, |app, fx| {
        saving::save(app, saving::Then::Nothing, fx);
    }),
    key!(
        &["v"],
        "mark reviewed",
        4,
        "Mark this mapping as reviewed by you, saved first if it is changed; when it changes, the mark is gone",
        may_review,
        saving::review
    ),
    key!(
        &["i"],
        "import",
        2,
        "Review and import the file; a changed mapping is saved first",
        may_import,
        saving::import
    ),
    key!(&["u", "<c-z>"], "undo", 3, "Undo the last change of the mapping", can_undo, undo),
    key!(&["U", "<c-r>"], "redo", 6, "Do again what was undone", can_redo, redo),
    key!(&["J", "<a-j>"], "preview", 7, "To the next row of the preview", has_preview, |app, _| preview_row(
        app,
        Move::Down
    )),
    key!(&["K", "<a-k>"], "", 8, "To the row of the preview before", has_preview, |app, _| {
        preview_row(app, Move::Up);
    }),
    key!(&["<right>"], "", 8, "To the next field of the preview, and its column", has_preview, |app, _| {
        preview::across(app, true);
    }),
    key!(&["<left>"], "", 8, "To the field of the preview before, and its column", has_preview, |app, _| {
        preview::across(app, false);
    }),
    key!(
        &["z"],
        "grid",
        7,
        "Give the preview the whole height, or the columns their place again",
        has_preview,
        |app, fx| {
            preview::widen(app, fx);
        }
    ),
    key!(&["/"], "find", 6, "Find a column by its name", has_columns, |app, _| {
        app.mapping.finding = Some(Default::default());
    }),
    key!(&["f"], "file", 6, "Look at another file with this mapping", has_source, choose_file),
    key!(&["]"], "next source", 7, "Show the mapping of the next source", has_sources, |app, fx| {
        other_source(app, Move::Down, fx);
    }),
    key!(&["["], "", 9, "Show the mapping of the source before", has_sources, |app, fx| {
        other_source(app, Move::Up, fx);
    }),
];

fn is_finding(app: &App) -> bool {
    app.mapping.finding.is_some()
}

fn is_dragging(app: &App) -> bool {
    app.mapping.drag.is_some()
}

/// Whether keys that are letters act, on what is edited.
fn idle(app: &App) -> Option<&Editor> {
    editor(app).filter(|_| !is_finding(app))
}

fn has_columns(app: &App) -> bool {
    idle(app).is_some_and(|editor| editor.selected().is_some())
}

fn may_edit_one(app: &App) -> bool {
    app.can_change() && has_columns(app)
}

/// Enter chooses a field where there are columns.
fn may_fetch_first(app: &App) -> bool {
    may_fetch(app) && !has_columns(app)
}

fn may_fetch(app: &App) -> bool {
    !is_finding(app) && super::fetchable(app).is_some()
}

fn may_edit(app: &App, can: impl Fn(&Editor) -> bool) -> bool {
    app.can_change() && idle(app).is_some_and(can)
}

fn has_undecided(app: &App) -> bool {
    may_edit(app, |editor| assign::undecided(editor.draft.mapping()) > 0)
}

fn has_suggestion(app: &App) -> bool {
    may_edit(app, |editor| editor.selected().is_some_and(|place| assign::suggestion(editor, place).is_some()))
}

fn has_suggestions(app: &App) -> bool {
    may_edit(app, |editor| !assign::acceptable(editor).is_empty())
}

fn has_date(app: &App) -> bool {
    may_edit(app, assign::has_date_order)
}

fn may_require(app: &App) -> bool {
    may_edit(app, |editor| assign::selected(editor).is_some_and(|(_, column)| column.targets().next().is_some()))
}

fn has_problems(app: &App) -> bool {
    !is_finding(app) && problems::any(app)
}

fn has_rows(app: &App) -> bool {
    !is_finding(app) && problem_rows::has_rows(app)
}

fn has_page(app: &App) -> bool {
    !is_finding(app) && preview::code(app).is_some()
}

fn may_save(app: &App) -> bool {
    !is_finding(app) && saving::can_save(app)
}

fn may_review(app: &App) -> bool {
    !is_finding(app) && saving::can_review(app)
}

fn may_import(app: &App) -> bool {
    !is_finding(app) && saving::can_import(app)
}

fn can_undo(app: &App) -> bool {
    idle(app).is_some_and(|editor| editor.draft.can_undo())
}

fn can_redo(app: &App) -> bool {
    idle(app).is_some_and(|editor| editor.draft.can_redo())
}

fn has_preview(app: &App) -> bool {
    idle(app).is_some_and(|editor| editor.preview.is_some())
}

fn has_source(app: &App) -> bool {
    !is_finding(app) && super::source(app).is_some()
}

fn has_sources(app: &App) -> bool {
    !is_finding(app) && app.sources.shown.len() > 1
}

/// Opens the field picker of the selected column, where that can be changed.
pub(super) fn choose_field(app: &mut App, _: &mut Effects) {
    if may_edit_one(app) {
        picker::open(app);
    }
}

fn preview_row(app: &mut App, to: Move) {
    if let Some(editor) = editor_mut(app) {
        editor.is_walking = false;
    }
    preview::go(app, to);
}

fn other_source(app: &mut App, to: Move, fx: &mut Effects) {
    let height = app.height(ListId::Sources);
    let (list, len) = app.sources.list_mut();
    list.go(to, len, height);
    super::refresh(app, fx);
}

fn choose_file(app: &mut App, fx: &mut Effects) {
    let Some(line) = super::source(app) else { return };
    let purpose = files::Purpose::MapFile(line.id, line.name.clone());
    files::open(app, purpose, fx);
}

/// Shows the mapping of the source that is selected in the Data Sources tab.
pub(in crate::app) fn show(app: &mut App, fx: &mut Effects) {
    app.go(Tab::Mapping, fx);
}
