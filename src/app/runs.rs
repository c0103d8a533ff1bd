//! The Runs tab: the list of runs, and the pages that open from it.

use super::data::{RunsWanted, SourceLine};
use super::dialog::{Dialog, Text, TextLine};
use super::explain;
use super::field::Field;
use super::keys::{Binding, Scope};
use super::list::List;
use super::message::Question;
use super::row::RowPageState;
use super::rows::Rows;
use super::run::RunPage;
use super::screen::ListId;
use super::time::in_full;
use super::{App, Effects, Tab, import, rows, run};
use crate::domain::id::{RunId, SourceId};
use crate::domain::run::{RunLine, RunStatus};

/// The state of the tab. Pages lie over each other: the list, one run, its rows, one row.
#[derive(Debug, Default)]
pub struct Runs {
    /// Newest first; none before the first answer.
    pub lines: Option<Vec<RunLine>>,
    /// Whether there are older ones than the last one here.
    pub more: bool,
    pub list: List,
    pub narrow: Narrow,
    /// Whether the text that the list is narrowed by is being typed.
    pub typing: bool,
    /// What was asked for last, and whether its answer takes the place of all that is shown.
    asked: Option<(RunsWanted, bool)>,
    pub run: Option<RunPage>,
    pub rows: Option<Rows>,
    pub row: Option<RowPageState>,
}

/// Which runs are listed.
#[derive(Debug, Clone, Default)]
pub struct Narrow {
    pub source: Option<SourceId>,
    pub status: Option<RunStatus>,
    pub text: Field,
}

impl Narrow {
    /// Whether any run may be left out.
    pub fn is_on(&self) -> bool {
        self.source.is_some() || self.status.is_some() || !self.text.text().trim().is_empty()
    }
}

/// What the mouse can point at in this tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunsTarget {
    /// The status of an entry, from 0.
    Status(usize),
    /// The choice of rows at a place, as their page shows them.
    Choice(usize),
}

/// The statuses that the list can be narrowed to, in the order in which they are tried.
const STATUSES: [RunStatus; 7] = [
    RunStatus::Failed,
    RunStatus::NeedsAttention,
    RunStatus::Interrupted,
    RunStatus::Running,
    RunStatus::Queued,
    RunStatus::Completed,
    RunStatus::Cancelled,
];

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Runs,
        keys: &["<enter>"],
        hint: "done",
        help: "Keep the runs that match, and go on",
        priority: 1,
        when: |app| app.runs.typing,
        run: |app, _| app.runs.typing = false,
    },
    Binding {
        scope: Scope::Runs,
        keys: &["<esc>", "<c-c>"],
        hint: "all again",
        help: "Forget what was typed",
        priority: 1,
        when: |app| app.runs.typing,
        run: |app, fx| {
            app.runs.typing = false;
            app.runs.narrow.text = Field::default();
            ask_anew(app, fx);
        },
    },
    Binding {
        scope: Scope::Runs,
        keys: &["<enter>", "l", "<right>"],
        hint: "open",
        help: "Show Stats: what became of the rows of the run, and why",
        priority: 1,
        when: |app| !app.runs.typing && selected(app).is_some(),
        run: |app, fx| {
            if let Some(id) = selected(app).map(|line| line.id) {
                run::open(app, id, fx);
            }
        },
    },
    Binding {
        scope: Scope::Runs,
        keys: &["e", "<space>"],
        hint: "explain",
        help: "Show the error of the run, what it means and what to do, to read and to copy",
        priority: 3,
        when: |app| !app.runs.typing && selected(app).is_some(),
        run: |app, _| show_error(app),
    },
    Binding {
        scope: Scope::Runs,
        keys: &["/"],
        hint: "find",
        help: "Only runs with this in their source, file, status, user or number",
        priority: 3,
        when: |app| !app.runs.typing,
        run: |app, _| app.runs.typing = true,
    },
    Binding {
        scope: Scope::Runs,
        keys: &["f"],
        hint: "status",
        help: "Only runs of the next status: failed, attention, interrupted, running, queued, finished, cancelled",
        priority: 4,
        when: |app| !app.runs.typing,
        run: |app, fx| narrow_status(app, true, fx),
    },
    Binding {
        scope: Scope::Runs,
        keys: &["F"],
        hint: "",
        help: "Only runs of the status before",
        priority: 9,
        when: |app| !app.runs.typing,
        run: |app, fx| narrow_status(app, false, fx),
    },
    Binding {
        scope: Scope::Runs,
        keys: &["s"],
        hint: "this source",
        help: "Only runs of the source of the selected run",
        priority: 5,
        when: |app| !app.runs.typing && app.runs.narrow.source.is_none() && selected(app).is_some(),
        run: |app, fx| {
            if let Some(source) = selected(app).map(|line| line.source) {
                of_source(app, source, fx);
            }
        },
    },
    Binding {
        scope: Scope::Runs,
        keys: &["<esc>", "<bs>"],
        hint: "all runs",
        help: "Show all runs again",
        priority: 2,
        when: |app| !app.runs.typing && app.runs.narrow.is_on(),
        run: |app, fx| {
            app.runs.narrow = Narrow::default();
            ask_anew(app, fx);
        },
    },
    Binding {
        scope: Scope::Runs,
        keys: &["R"],
        hint: "try again",
        help: "Go on with an interrupted run, after a look at what stopped it",
        priority: 2,
        when: |app| !app.runs.typing && selected(app).is_some_and(|line| run::may_try_again(app, line)),
        run: |app, fx| open_and(app, fx, run::Then::TryAgain),
    },
    Binding {
        scope: Scope::Runs,
        keys: &["C"],
        hint: "cancel",
        help: "Stop the run for good; what it has imported stays",
        priority: 2,
        when: |app| !app.runs.typing && selected(app).is_some_and(|line| run::may_cancel(app, line)),
        run: |app, fx| open_and(app, fx, run::Then::Cancel),
    },
];

/// Runs that are read at once.
pub const PAGE: u64 = 200;
/// More are read when so few are left in the direction of the selection.
const NEAR: usize = 50;

impl Runs {
    pub(super) fn scopes(&self) -> Vec<Scope> {
        match self {
            Runs { row: Some(_), .. } => vec![Scope::Row],
            Runs { rows: Some(_), .. } => vec![Scope::Rows],
            Runs { run: Some(_), .. } => vec![Scope::Run],
            _ => vec![Scope::Runs],
        }
    }

    pub(super) fn field_mut(&mut self) -> Option<&mut Field> {
        (self.typing && self.run.is_none() && self.row.is_none()).then_some(&mut self.narrow.text)
    }

    pub(super) fn focused_list(&self) -> Option<ListId> {
        Some(match self {
            Runs { row: Some(_), .. } => ListId::Row,
            Runs { rows: Some(_), .. } => ListId::Rows,
            Runs { run: Some(_), .. } => ListId::Issues,
            _ => ListId::Runs,
        })
    }

    pub(super) fn list_mut(&mut self, id: ListId) -> Option<(&mut List, usize)> {
        match id {
            ListId::Issues => self.run.as_mut().map(RunPage::list_mut),
            ListId::Rows => self.rows.as_mut().map(Rows::list_mut),
            ListId::Row => self.row.as_mut().map(RowPageState::list_mut),
            _ => Some((&mut self.list, self.lines.as_ref().map_or(0, Vec::len))),
        }
    }

    /// The selected run of the list.
    pub fn selected(&self) -> Option<&RunLine> {
        self.lines.as_ref()?.get(self.list.selected)
    }

    /// A source, as the Data Sources tab knows it.
    pub fn source_of<'a>(&self, app: &'a App, source: SourceId) -> Option<&'a SourceLine> {
        app.sources.lines.as_ref()?.iter().find(|line| line.id == source)
    }
}

fn selected(app: &App) -> Option<&RunLine> {
    app.runs.selected()
}

/// Shows the runs of one source.
pub fn of_source(app: &mut App, source: SourceId, fx: &mut Effects) {
    let runs = &mut app.runs;
    (runs.run, runs.rows, runs.row) = (None, None, None);
    runs.typing = false;
    runs.narrow = Narrow { source: Some(source), ..Narrow::default() };
    // The answer to this takes the place of the refresh that comes with the tab.
    app.go(Tab::Runs, fx);
    ask_anew(app, fx);
}

/// Asks anew for what is shown of the tab.
pub(super) fn refresh(app: &mut App, fx: &mut Effects) {
    if app.runs.run.is_some() || app.runs.row.is_some() {
        if let Some((run, row)) = app.runs.row.as_ref().map(|page| (page.run, page.row)) {
            app.ask(Question::Row(run, row), fx);
        }
        return run::refresh(app, fx);
    }
    if app.runs.asked.as_ref().is_some_and(|(_, anew)| *anew) && app.waiting_since(super::message::Slot::Runs).is_some()
    {
        return;
    }
    // What is looked at is read again, not all that was ever scrolled by.
    let height = app.height(ListId::Runs);
    let lines = app.runs.lines.as_deref().unwrap_or_default();
    let first = app.runs.list.window(lines.len(), height).start;
    let after = if first < NEAR { None } else { lines.get(first - 1).map(|line| line.id) };
    ask(app, after, false, fx);
}

fn ask_anew(app: &mut App, fx: &mut Effects) {
    ask(app, None, true, fx);
}

fn ask(app: &mut App, after: Option<RunId>, anew: bool, fx: &mut Effects) {
    let narrow = &app.runs.narrow;
    let text = narrow.text.text().trim().to_owned();
    let wanted = RunsWanted { source: narrow.source, status: narrow.status, text, after, limit: PAGE };
    app.runs.asked = Some((wanted.clone(), anew));
    app.ask(Question::Runs(wanted), fx);
}

/// The text of the filter has changed.
pub(super) fn typed(app: &mut App, fx: &mut Effects) {
    ask_anew(app, fx);
}

/// Another run is selected: older ones are read in time.
pub(super) fn moved(app: &mut App, fx: &mut Effects) {
    if app.waiting_since(super::message::Slot::Runs).is_some() {
        return;
    }
    let Some(lines) = &app.runs.lines else { return };
    if app.runs.more && app.runs.list.selected + NEAR >= lines.len() {
        let after = lines.last().map(|line| line.id);
        ask(app, after, false, fx);
    }
}

pub(super) fn clicked(app: &mut App, target: RunsTarget, fx: &mut Effects) {
    match target {
        RunsTarget::Status(entry) => {
            let (height, len) = (app.height(ListId::Runs), app.runs.lines.as_ref().map_or(0, Vec::len));
            app.runs.list.select(entry, len, height);
            show_error(app);
        }
        RunsTarget::Choice(place) => rows::choose(app, place, fx),
    }
}

/// Takes a page of runs in. What is known of the runs that it spans is replaced; the selection stays on its run.
pub(super) fn answered(app: &mut App, page: Vec<RunLine>, more: bool, fx: &mut Effects) {
    let Some((wanted, anew)) = app.runs.asked.take() else { return };
    let height = app.height(ListId::Runs);
    let runs = &mut app.runs;
    let known = runs.lines.take().filter(|_| !anew).unwrap_or_default();
    let selected = known.get(runs.list.selected).map(|line| line.id);
    let shown_before = runs.list.window(known.len(), height).start;
    let was = runs.list.selected;
    let mut lines = known;
    // Newer ones than the page stay as they are.
    let known = lines.split_off(wanted.after.map_or(0, |after| lines.partition_point(|line| line.id >= after)));
    // Where the page ends: what is older than its last run is as it was, if nothing can lie between.
    let end = page.last().map(|line| line.id).filter(|_| more);
    let meets = end.is_some_and(|end| known.iter().any(|line| line.id == end));
    lines.extend(page);
    if let (Some(end), true) = (end, meets) {
        lines.extend(known.into_iter().filter(|line| line.id < end));
    } else {
        runs.more = more;
    }
    let place = selected.map(|id| lines.partition_point(|line| line.id > id));
    runs.list.selected = place.unwrap_or(0).min(lines.len().saturating_sub(1));
    runs.list.offset = match (shown_before, anew) {
        (_, true) | (0, _) => 0,
        (first, false) => (first + runs.list.selected).saturating_sub(was),
    };
    runs.lines = Some(lines);
    moved(app, fx);
}

fn narrow_status(app: &mut App, forward: bool, fx: &mut Effects) {
    let place = app.runs.narrow.status.and_then(|status| STATUSES.iter().position(|known| *known == status));
    app.runs.narrow.status = match (place, forward) {
        (None, true) => STATUSES.first().copied(),
        (None, false) => STATUSES.last().copied(),
        (Some(place), true) => STATUSES.get(place + 1).copied(),
        (Some(place), false) => place.checked_sub(1).and_then(|before| STATUSES.get(before).copied()),
    };
    ask_anew(app, fx);
}

/// Opens the page of the selected run, and there what comes next.
fn open_and(app: &mut App, fx: &mut Effects, then: run::Then) {
    if let Some(id) = selected(app).map(|line| line.id) {
        run::open(app, id, fx);
        if let Some(page) = &mut app.runs.run {
            page.then = Some(then);
        }
    }
}

/// Opens the explanation of the selected run's status.
fn show_error(app: &mut App) {
    if let Some(line) = selected(app) {
        let text = error_text(app, line);
        app.open(Dialog::Text(text));
    }
}

/// A run's status as a text to read and to copy: message, when, what it means, what to do.
pub(super) fn error_text(app: &App, line: &RunLine) -> Text {
    let told = explain::run(app, line);
    let at = told.at_ms.map(|at| in_full(at, app.zone));
    let mut lines = vec![TextLine::Strong(explain::sentence(app, line))];
    let mut copy = format!("Landfall run {} of {} ({})\n", line.id, line.source_name, line.delivery_name);
    copy.push_str(&explain::sentence(app, line));
    if let Some(message) = &told.message {
        let is_bad = matches!(line.status, RunStatus::Failed | RunStatus::Interrupted);
        lines.push(if is_bad { TextLine::Error(message.clone()) } else { TextLine::Plain(message.clone()) });
        copy.push_str(&format!("\n{message}"));
    }
    lines.push(TextLine::Empty);
    for (word, text) in [("When", at), ("Means", Some(told.means)), ("Do", Some(told.next))] {
        let Some(text) = text else { continue };
        copy.push_str(&format!("\n{word}: {text}"));
        lines.push(TextLine::Pair(word.to_owned(), text));
    }
    Text { title: format!("Run {}", line.id), lines, copy, list: List::default() }
}

/// Leaves the innermost page.
pub(super) fn back(app: &mut App, fx: &mut Effects) {
    let leaves = app.runs.row.is_none() && app.runs.rows.is_none();
    if leaves && app.runs.run.as_ref().map(|page| page.id) == import::aside(app) && import::back(app, fx) {
        return;
    }
    let runs = &mut app.runs;
    if runs.row.take().is_none() && runs.rows.take().is_none() {
        runs.run = None;
    }
    refresh(app, fx);
}
