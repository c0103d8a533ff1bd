//! The rows of a run: a window on its ledger that goes along with the selection, a page at a time.

use super::data::{RowLine, RowPage, RowPlace, RowsOnly, RowsWanted, RunDetail};
use super::dialog::{Dialog, Prompt, Purpose};
use super::field::Field;
use super::keys::{Binding, Scope, always};
use super::list::{List, Move};
use super::message::{Question, Slot};
use super::screen::ListId;
use super::{App, Effects, row, run, runs};
use crate::domain::id::RunId;
use crate::domain::outcome::OutcomeKind;

/// The state of the page.
#[derive(Debug)]
pub struct Rows {
    pub run: RunId,
    pub only: RowsOnly,
    /// Rows in order, without gaps among those that were asked for; none before the first answer.
    pub window: Option<Vec<RowLine>>,
    /// Whether there are rows before and after the window.
    pub earlier: bool,
    pub later: bool,
    pub list: List,
    /// What was asked for last, and what becomes of the window with it.
    asked: Option<(RowsWanted, Take)>,
}

/// What is done with a page of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    /// It goes on from the window.
    Join,
    /// It takes the window's place, with its first row selected, or its last one.
    First,
    Last,
}

/// Rows that are read at once.
pub const PAGE: usize = 200;
/// More are read when so few are left in the direction of the selection.
const NEAR: usize = 60;
/// The window holds no more.
const WINDOW: usize = 800;

/// The choices of rows that are offered one after the other.
const CHOICES: [RowsOnly; 7] = [
    RowsOnly::All,
    RowsOnly::Kind(OutcomeKind::Failed),
    RowsOnly::Kind(OutcomeKind::Skipped),
    RowsOnly::Warned,
    RowsOnly::Kind(OutcomeKind::Created),
    RowsOnly::Kind(OutcomeKind::Updated),
    RowsOnly::Kind(OutcomeKind::Unchanged),
];

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Rows,
        keys: &["<enter>", "l", "<right>"],
        hint: "open row",
        help: "Show the row beside the contact that it became",
        priority: 1,
        when: |app| selected(app).is_some(),
        run: |app, fx| {
            if let Some((run, row)) = selected(app).map(|(run, line)| (run, line.row.row)) {
                row::open(app, run, row, fx);
            }
        },
    },
    Binding {
        scope: Scope::Rows,
        keys: &["<esc>", "<bs>", "h", "<left>"],
        hint: "back",
        help: "Back to the run",
        priority: 2,
        when: always,
        run: runs::back,
    },
    Binding {
        scope: Scope::Rows,
        keys: &["f", "o"],
        hint: "outcome",
        help: "Only rows of the next outcome that there is",
        priority: 3,
        when: always,
        run: |app, fx| next_choice(app, true, fx),
    },
    Binding {
        scope: Scope::Rows,
        keys: &["F", "O"],
        hint: "",
        help: "Only rows of the outcome before",
        priority: 9,
        when: always,
        run: |app, fx| next_choice(app, false, fx),
    },
    Binding {
        scope: Scope::Rows,
        keys: &["x"],
        hint: "export",
        help: "Write these rows to a CSV file, to be mended and imported again",
        priority: 3,
        when: |app| selected(app).is_some() && run::detail(app).is_some_and(|detail| detail.delivery_kept),
        run: |app, _| {
            if let Some(only) = app.runs.rows.as_ref().map(|rows| rows.only.clone()) {
                run::export(app, only);
            }
        },
    },
    Binding {
        scope: Scope::Rows,
        keys: &["#", "J"],
        hint: "go to row",
        help: "Go to a row by its number",
        priority: 5,
        when: |app| selected(app).is_some(),
        run: |app, _| {
            app.open(Dialog::Prompt(Prompt {
                title: "Go to a row".to_owned(),
                label: "Its number, as it stands in the first column:".to_owned(),
                field: Field::default(),
                purpose: Purpose::GoToRow,
                error: None,
            }));
        },
    },
    Binding {
        scope: Scope::Rows,
        keys: &["g", "<home>"],
        hint: "first",
        help: "To the first row",
        priority: 7,
        when: always,
        run: |app, fx| to_end(app, Move::First, fx),
    },
    Binding {
        scope: Scope::Rows,
        keys: &["G", "<end>"],
        hint: "last",
        help: "To the last row",
        priority: 7,
        when: always,
        run: |app, fx| to_end(app, Move::Last, fx),
    },
];

impl Rows {
    pub(super) fn list_mut(&mut self) -> (&mut List, usize) {
        let len = self.window.as_ref().map_or(0, Vec::len);
        (&mut self.list, len)
    }

    /// The selected row.
    pub fn selected(&self) -> Option<&RowLine> {
        self.window.as_ref()?.get(self.list.selected)
    }
}

/// The selected row, with its run.
pub(super) fn selected(app: &App) -> Option<(RunId, &RowLine)> {
    let rows = app.runs.rows.as_ref()?;
    rows.selected().map(|line| (rows.run, line))
}

/// How many rows of a run there are of a choice, as far as the run's own numbers say.
pub fn number(detail: &RunDetail, only: &RowsOnly) -> Option<u64> {
    let counts = &detail.line.counts;
    match only {
        RowsOnly::All => Some(counts.rows()),
        RowsOnly::Kind(kind) => Some(counts.of(*kind)),
        RowsOnly::Warned => Some(counts.warnings),
        RowsOnly::Noted => Some(counts.notes),
        RowsOnly::Issue(code, field) => {
            let of = |issue: &&super::data::IssueView| issue.count.code == *code && issue.count.field == *field;
            detail.issues.iter().find(of).map(|issue| issue.count.count)
        }
        RowsOnly::SkippedFor(reason) => {
            detail.skips.iter().flatten().find(|skipped| skipped.reason == *reason).map(|skipped| skipped.count)
        }
    }
}

/// The choices that there are rows of, and the one that is shown, with their numbers.
pub fn choices(detail: &RunDetail, shown: &RowsOnly) -> Vec<(RowsOnly, Option<u64>)> {
    let numbered = |only: RowsOnly| (number(detail, &only), only);
    let mut choices: Vec<(RowsOnly, Option<u64>)> = CHOICES
        .into_iter()
        .map(numbered)
        .filter(|(number, only)| only == shown || *only == RowsOnly::All || number.is_none_or(|number| number > 0))
        .map(|(number, only)| (only, number))
        .collect();
    if !choices.iter().any(|(only, _)| only == shown) {
        choices.insert(1, (shown.clone(), number(detail, shown)));
    }
    choices
}

/// Opens the rows of the run whose page is open.
pub(super) fn open(app: &mut App, only: RowsOnly, fx: &mut Effects) {
    let Some(run) = app.runs.run.as_ref().map(|page| page.id) else { return };
    app.runs.row = None;
    app.runs.rows =
        Some(Rows { run, only, window: None, earlier: false, later: false, list: List::default(), asked: None });
    ask(app, RowPlace::After(0), Take::First, fx);
}

fn ask(app: &mut App, place: RowPlace, take: Take, fx: &mut Effects) {
    let Some(rows) = &mut app.runs.rows else { return };
    let wanted = RowsWanted { run: rows.run, only: rows.only.clone(), place, limit: PAGE };
    rows.asked = Some((wanted.clone(), take));
    app.ask(Question::Rows(wanted), fx);
}

/// Another row is selected: those around it are read in time.
pub(super) fn moved(app: &mut App, fx: &mut Effects) {
    let waits = app.waiting_since(Slot::Rows).is_some();
    let Some(rows) = app.runs.rows.as_ref().filter(|_| !waits) else { return };
    let Some(window) = &rows.window else { return };
    let place = match (window.first(), window.last()) {
        (_, Some(last)) if rows.later && rows.list.selected + NEAR >= window.len() => RowPlace::After(last.row.row),
        (Some(first), _) if rows.earlier && rows.list.selected < NEAR => RowPlace::Before(first.row.row),
        _ => return,
    };
    ask(app, place, Take::Join, fx);
}

/// The run has more rows than when they were read, perhaps.
pub(super) fn grown(app: &mut App, fx: &mut Effects) {
    let at_work = run::detail(app).is_some_and(|detail| detail.line.status.can_resume());
    let Some(rows) = app.runs.rows.as_mut().filter(|_| at_work) else { return };
    if rows.window.as_ref().is_some_and(Vec::is_empty) {
        return ask(app, RowPlace::After(0), Take::First, fx);
    }
    rows.later = true;
    moved(app, fx);
}

pub(super) fn answered(app: &mut App, page: RowPage, fx: &mut Effects) {
    let height = app.height(ListId::Rows);
    let Some(rows) = &mut app.runs.rows else { return };
    let Some((_, take)) = rows.asked.take().filter(|(wanted, _)| *wanted == page.wanted) else { return };
    let before = matches!(page.wanted.place, RowPlace::Before(_));
    let Some(window) = rows.window.as_mut().filter(|_| take == Take::Join) else {
        let len = page.rows.len();
        // Whether there are rows on the other side, its place says.
        (rows.earlier, rows.later) = match page.wanted.place {
            RowPlace::After(after) => (after > 0, page.more),
            RowPlace::Before(_) => (page.more, false),
        };
        rows.window = Some(page.rows);
        rows.list = List::default();
        rows.list.select(if take == Take::Last { len.saturating_sub(1) } else { 0 }, len, height);
        return moved(app, fx);
    };
    if before {
        let added = page.rows.len();
        window.splice(0..0, page.rows);
        rows.list.selected += added;
        rows.list.offset += added;
        rows.earlier = page.more;
        if window.len() > WINDOW {
            window.truncate(WINDOW);
            rows.later = true;
        }
    } else {
        window.extend(page.rows);
        rows.later = page.more;
        if window.len() > WINDOW {
            let gone = (window.len() - WINDOW).min(rows.list.offset);
            window.drain(..gone);
            rows.list.selected -= gone;
            rows.list.offset -= gone;
            rows.earlier |= gone > 0;
        }
    }
    if !before && page.more {
        moved(app, fx)
    }
}

/// To the first or the last of all the rows that are asked for.
fn to_end(app: &mut App, to: Move, fx: &mut Effects) {
    let height = app.height(ListId::Rows);
    let Some(rows) = &mut app.runs.rows else { return };
    let (there, place, take) = match to {
        Move::Last => (!rows.later, RowPlace::Before(u64::MAX), Take::Last),
        _ => (!rows.earlier, RowPlace::After(0), Take::First),
    };
    if there {
        let (list, len) = rows.list_mut();
        list.go(to, len, height);
    } else {
        ask(app, place, take, fx);
    }
}

/// Goes to the row of this number, or to the next one that is shown.
pub(super) fn go_to(app: &mut App, row: u64, fx: &mut Effects) {
    ask(app, RowPlace::After(row.saturating_sub(1)), Take::First, fx);
}

fn next_choice(app: &mut App, forward: bool, fx: &mut Effects) {
    let Some((rows, detail)) = app.runs.rows.as_ref().zip(run::detail(app)) else { return };
    let choices = choices(detail, &rows.only);
    let at = choices.iter().position(|(only, _)| *only == rows.only).unwrap_or(0);
    let by = if forward { 1 } else { choices.len() - 1 };
    let next = (at + by) % choices.len();
    choose(app, next, fx);
}

/// Shows the rows of the choice at a place.
pub(super) fn choose(app: &mut App, place: usize, fx: &mut Effects) {
    let Some((rows, detail)) = app.runs.rows.as_ref().zip(run::detail(app)) else { return };
    if let Some((only, _)) = choices(detail, &rows.only).into_iter().nth(place) {
        open(app, only, fx);
    }
}
