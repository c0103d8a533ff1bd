//! The page of one run: what became of its rows, and why.

use super::data::{IssueView, RowPlace, RowsOnly, RowsWanted, RunDetail};
use super::dialog::{self, Confirm, Dialog, Prompt, Purpose, TextLine, Yes};
use super::field::Field;
use super::keys::{Binding, Scope};
use super::list::List;
use super::message::{Act, Question};
use super::numbers::{count, counted};
use super::{App, Effects, Tab, explain, rows, runs};
use crate::domain::id::RunId;
use crate::domain::outcome::OutcomeKind;
use crate::domain::run::{RunKind, RunLine, RunStatus, SkipCount};

/// The state of the page.
#[derive(Debug)]
pub struct RunPage {
    pub id: RunId,
    /// None before the answer.
    pub detail: Option<Box<RunDetail>>,
    pub issues: List,
    /// What was asked for in the list, and waits for the answer.
    pub(super) then: Option<Then>,
}

/// What comes once the run is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    TryAgain,
    Cancel,
}

/// Why some rows of a run did not land as they stood: a line of its page that leads to them.
#[derive(Debug, Clone, Copy)]
pub enum Reason<'d> {
    Issue(&'d IssueView),
    Skip(&'d SkipCount),
    /// So many rows were skipped; their reasons are counted when the run has ended, or are gone with its ledger.
    Skipped(u64),
    /// So many rows with something worth knowing.
    Noted(u64),
}

impl Reason<'_> {
    /// The rows behind it.
    pub fn rows(&self) -> RowsOnly {
        match self {
            Reason::Issue(issue) => RowsOnly::Issue(issue.count.code, issue.count.field),
            Reason::Skip(skipped) => RowsOnly::SkippedFor(skipped.reason.clone()),
            Reason::Skipped(_) => RowsOnly::Kind(OutcomeKind::Skipped),
            Reason::Noted(_) => RowsOnly::Noted,
        }
    }
}

/// The reasons of a run: errors, then skips, then warnings, then notes; the most frequent first.
pub fn reasons(detail: &RunDetail) -> Vec<Reason<'_>> {
    let of = |is_error: bool| {
        let mut issues: Vec<&IssueView> = detail.issues.iter().filter(|issue| issue.is_error == is_error).collect();
        issues.sort_by_key(|issue| std::cmp::Reverse(issue.count.count));
        issues.into_iter().map(Reason::Issue)
    };
    let mut reasons: Vec<Reason<'_>> = of(true).collect();
    match &detail.skips {
        Some(skips) => reasons.extend(skips.iter().map(Reason::Skip)),
        None if detail.line.counts.skipped > 0 => reasons.push(Reason::Skipped(detail.line.counts.skipped)),
        None => {}
    }
    reasons.extend(of(false));
    if detail.line.counts.notes > 0 {
        reasons.push(Reason::Noted(detail.line.counts.notes));
    }
    reasons
}

impl RunPage {
    pub(super) fn list_mut(&mut self) -> (&mut List, usize) {
        let len = self.detail.as_ref().map_or(0, |detail| reasons(detail).len());
        (&mut self.issues, len)
    }
}

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Run,
        keys: &["<enter>", "l", "<right>"],
        hint: "rows",
        help: "Show the rows behind the selected number",
        priority: 1,
        when: |app| detail(app).is_some(),
        run: |app, fx| {
            let only = selected(app).map_or(RowsOnly::All, |reason| reason.rows());
            rows::open(app, only, fx);
        },
    },
    Binding {
        scope: Scope::Run,
        keys: &["<esc>", "<bs>", "h", "<left>"],
        hint: "back",
        help: "Back to the runs",
        priority: 2,
        when: super::keys::always,
        run: runs::back,
    },
    Binding {
        scope: Scope::Run,
        keys: &["f"],
        hint: "failed rows",
        help: "Show the failed rows",
        priority: 3,
        when: |app| detail(app).is_some_and(|detail| detail.line.counts.failed > 0),
        run: |app, fx| rows::open(app, RowsOnly::Kind(OutcomeKind::Failed), fx),
    },
    Binding {
        scope: Scope::Run,
        keys: &["x"],
        hint: "export failed",
        help: "Write the failed rows to a CSV file, to be mended and imported again",
        priority: 3,
        when: |app| detail(app).is_some_and(|detail| detail.line.counts.failed > 0 && detail.delivery_kept),
        run: |app, _| export(app, RowsOnly::Kind(OutcomeKind::Failed)),
    },
    Binding {
        scope: Scope::Run,
        keys: &["r"],
        hint: "all rows",
        help: "Show all rows, each with what became of it",
        priority: 4,
        when: |app| detail(app).is_some(),
        run: |app, fx| rows::open(app, RowsOnly::All, fx),
    },
    Binding {
        scope: Scope::Run,
        keys: &["e"],
        hint: "explain",
        help: "Show the error of the run, what it means and what to do, to read and to copy",
        priority: 5,
        when: |app| detail(app).is_some(),
        run: |app, _| {
            if let Some(line) = detail(app).map(|detail| &detail.line) {
                let text = runs::error_text(app, line);
                app.open(Dialog::Text(text));
            }
        },
    },
    Binding {
        scope: Scope::Run,
        keys: &["R"],
        hint: "try again",
        help: "Go on with the run, after a look at what stopped it",
        priority: 2,
        when: |app| detail(app).is_some_and(|detail| may_try_again(app, &detail.line)),
        run: |app, _| try_again(app),
    },
    Binding {
        scope: Scope::Run,
        keys: &["C"],
        hint: "cancel",
        help: "Stop the run for good; what it has imported stays",
        priority: 0,
        when: |app| detail(app).is_some_and(|detail| may_cancel(app, &detail.line)),
        run: |app, _| cancel(app),
    },
    Binding {
        scope: Scope::Run,
        keys: &["n"],
        hint: "note",
        help: "Write a note about the run",
        priority: 6,
        when: |app| app.can_change() && detail(app).is_some(),
        run: |app, _| note(app, ""),
    },
    Binding {
        scope: Scope::Run,
        keys: &["N"],
        hint: "",
        help: "Put the error of the run into a note",
        priority: 9,
        when: |app| app.can_change() && detail(app).is_some_and(|detail| detail.line.error.is_some()),
        run: |app, _| {
            let error = detail(app).and_then(|detail| detail.line.error.clone()).unwrap_or_default();
            note(app, &error);
        },
    },
    Binding {
        scope: Scope::Run,
        keys: &["c", "y"],
        hint: "copy",
        help: "Copy a summary with the error, for a ticket",
        priority: 6,
        when: |app| detail(app).is_some(),
        run: |app, fx| {
            let Some(text) = detail(app).map(|detail| explain::summary(app, detail)) else { return };
            dialog::copy(app, text, fx);
        },
    },
    Binding {
        scope: Scope::Run,
        keys: &["o"],
        hint: "source",
        help: "Go to the source of the run",
        priority: 7,
        when: |app| detail(app).is_some(),
        run: |app, fx| {
            let Some(source) = detail(app).map(|detail| detail.line.source) else { return };
            app.sources.select_next = Some(source);
            app.go(Tab::Sources, fx);
        },
    },
];

/// The run of the page, once it is there.
pub(super) fn detail(app: &App) -> Option<&RunDetail> {
    app.runs.run.as_ref()?.detail.as_deref()
}

/// The selected reason.
pub(super) fn selected(app: &App) -> Option<Reason<'_>> {
    let page = app.runs.run.as_ref()?;
    reasons(page.detail.as_deref()?).get(page.issues.selected).copied()
}

/// Opens the page of a run.
pub(super) fn open(app: &mut App, id: RunId, fx: &mut Effects) {
    app.runs.rows = None;
    app.runs.row = None;
    app.runs.run = Some(RunPage { id, detail: None, issues: List::default(), then: None });
    app.ask(Question::Run(id), fx);
}

/// Asks anew for the run, and with it for the number of its rows.
pub(super) fn refresh(app: &mut App, fx: &mut Effects) {
    if let Some(id) = app.runs.run.as_ref().map(|page| page.id) {
        app.ask(Question::Run(id), fx);
    }
}

pub(super) fn answered(app: &mut App, detail: RunDetail, fx: &mut Effects) {
    let Some(page) = app.runs.run.as_mut().filter(|page| page.id == detail.line.id) else { return };
    let before = page.detail.replace(Box::new(detail));
    let (list, len) = page.list_mut();
    list.selected = list.selected.min(len.saturating_sub(1));
    // Somebody who has gone elsewhere meanwhile is not asked a question that the next key might answer.
    let is_shown = app.tab == Tab::Runs && app.dialogs.is_empty();
    let then = page.then.take().filter(|_| is_shown && app.runs.rows.is_none() && app.runs.row.is_none());
    if before.is_some() {
        rows::grown(app, fx);
    }
    keep_cancel_true(app);
    match then {
        Some(Then::TryAgain) => try_again(app),
        Some(Then::Cancel) => cancel(app),
        None => {}
    }
}

/// Whether going on with a run can be asked for: one that is interrupted, or has failed.
pub(super) fn may_try_again(app: &App, line: &RunLine) -> bool {
    app.can_change()
        && line.kind != RunKind::DryRun
        && matches!(explain::status(app, line), RunStatus::Interrupted | RunStatus::Failed)
}

pub(super) fn may_cancel(app: &App, line: &RunLine) -> bool {
    app.can_change() && line.kind != RunKind::DryRun && line.status.can_resume() && !line.cancel_requested
}

/// What is imported and what is not, of a run that has not ended.
fn so_far(line: &RunLine) -> String {
    let done = line.counts.rows();
    match line.rows_expected {
        Some(expected) => format!(
            "{} of {} accounted for and stay as they are; {} not reached.",
            count(done),
            counted(expected, "row is", "rows are"),
            counted(expected.saturating_sub(done), "is", "are"),
        ),
        None => format!("{} accounted for and stay as they are.", counted(done, "row is", "rows are")),
    }
}

fn landed(line: &RunLine) -> String {
    let counts = &line.counts;
    format!(
        "So far: {} created, {} updated, {} unchanged, {} skipped, {} failed.",
        count(counts.created),
        count(counts.updated),
        count(counts.unchanged),
        count(counts.skipped),
        count(counts.failed)
    )
}

/// Shows what to look at before a run is tried again, and asks whether the cause is dealt with (R144–R147, R192–R194).
fn try_again(app: &mut App) {
    let Some(detail) = detail(app).filter(|detail| may_try_again(app, &detail.line)) else { return };
    let line = &detail.line;
    let mut lines: Vec<TextLine> =
        explain::before_retry(app, detail).into_iter().map(|(word, text)| TextLine::Pair(word, text)).collect();
    lines.push(TextLine::Empty);
    lines.push(TextLine::Plain(so_far(line)));
    lines.push(TextLine::Plain(landed(line)));
    lines.push(TextLine::Empty);
    let title = format!("Run {}: before it is tried again", line.id);
    let run = line.id;
    if line.status == RunStatus::Failed {
        let next = "A failed run is not gone on with. Deal with the cause, then import the file again from its source \
                    (o): what landed is not created twice.";
        lines.push(TextLine::Strong(next.to_owned()));
        let copy = explain::summary(app, detail);
        return app.open(Dialog::Text(dialog::Text { title, lines, copy, list: List::default() }));
    }
    lines.push(TextLine::Strong("Is what stopped it dealt with?".to_owned()));
    let yes = "Yes, go on".to_owned();
    app.open(Dialog::Confirm(Confirm {
        title,
        lines,
        yes,
        act: Act::ResumeRun(run).into(),
        chosen: false,
        list: List::default(),
    }));
}

/// Asks whether a run is to be stopped for good, and says what of it stays.
fn cancel(app: &mut App) {
    let Some(line) = detail(app).map(|detail| &detail.line).filter(|line| may_cancel(app, line)) else { return };
    let mut lines = vec![TextLine::Plain(so_far(line)), TextLine::Plain(landed(line)), TextLine::Empty];
    lines.push(TextLine::Plain("A cancelled run cannot be gone on with.".to_owned()));
    let title = format!("Cancel run {} of {}?", line.id, line.source_name);
    let act = Act::CancelRun(line.id);
    let confirm = Confirm {
        title,
        lines,
        yes: "Cancel the run".to_owned(),
        act: act.into(),
        chosen: false,
        list: List::default(),
    };
    match app.dialogs.last_mut() {
        // It is open already, and the run has gone on since.
        Some(Dialog::Confirm(asked)) => asked.lines = confirm.lines,
        _ => app.open(Dialog::Confirm(confirm)),
    }
}

/// Keeps the question whether the run is to be cancelled true while the run goes on, and takes it back when it ends.
fn keep_cancel_true(app: &mut App) {
    let Some(Dialog::Confirm(Confirm { act: Yes::Do(Act::CancelRun(id)), .. })) = app.dialogs.last() else { return };
    let Some(line) = detail(app).map(|detail| &detail.line).filter(|line| line.id == *id) else { return };
    if may_cancel(app, line) {
        return cancel(app);
    }
    app.dialogs.pop();
    app.say("The run has ended meanwhile: there is nothing to cancel any more.");
}

fn note(app: &mut App, text: &str) {
    let Some(id) = app.runs.run.as_ref().map(|page| page.id) else { return };
    app.open(Dialog::Prompt(Prompt {
        title: format!("A note about run {id}"),
        label: "What is to be remembered; everybody who opens the run sees it:".to_owned(),
        field: Field::with(text),
        purpose: Purpose::NoteRun(id),
        error: None,
    }));
}

/// Asks where rows of the run are to be written.
pub(super) fn export(app: &mut App, only: RowsOnly) {
    let Some(detail) = detail(app) else { return };
    let what = match &only {
        RowsOnly::All => "all",
        RowsOnly::Kind(kind) => kind.as_str(),
        RowsOnly::Warned => "warned",
        RowsOnly::Noted => "noted",
        RowsOnly::Issue(code, _) => code.as_str(),
        RowsOnly::SkippedFor(reason) => reason.as_str(),
    };
    let name = explain::export_name(&detail.line, what);
    let rows = RowsWanted { run: detail.line.id, only, place: RowPlace::After(0), limit: usize::MAX };
    app.open(Dialog::Prompt(Prompt {
        title: format!("Export rows of run {}", detail.line.id),
        label: format!("A new file, in {}:", app.directory.to_string_lossy()),
        field: Field::with(&name),
        purpose: Purpose::ExportRows(rows),
        error: None,
    }));
}
