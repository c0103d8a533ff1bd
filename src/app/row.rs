//! One row: its raw cells beside the record that it became (R149–R157).

use super::data::{RowDetail, RowLine};
use super::dialog::{self, Dialog, Text, TextLine};
use super::keys::{Binding, Scope, always};
use super::list::{List, Move};
use super::message::Question;
use super::screen::ListId;
use super::{App, Effects, Tab, contact, help_pages, run, runs};
use crate::domain::field::{Field, FieldId};
use crate::domain::id::{RecordId, RunId};
use crate::domain::issue::Code;
use crate::domain::outcome::{Issue, OutcomeKind};
use crate::domain::record::Value;

/// The state of the page.
#[derive(Debug)]
pub struct RowPageState {
    pub run: RunId,
    pub row: u64,
    pub detail: Option<Box<RowDetail>>,
    pub list: List,
}

/// A line of the page: a cell of the file, a field of the record, or both.
#[derive(Debug, Clone)]
pub struct Pair<'d> {
    /// The column and its cell; none for what the record has from elsewhere.
    pub cell: Option<(&'d str, &'d str)>,
    pub field: Option<&'d Field>,
    /// What the record holds now.
    pub now: Option<&'d Value>,
    /// What it held before this row, where the row changed it.
    pub was: Option<Option<&'d Value>>,
    pub issues: Vec<&'d Issue>,
}

/// The row beside its record, cell by cell; then the fields that the record has from elsewhere.
pub fn pairs(detail: &RowDetail) -> Vec<Pair<'_>> {
    let changed = |id: FieldId| {
        let before = detail.before.as_ref()?.get(id);
        (detail.record.as_ref()?.get(id) != before).then_some(before)
    };
    let issues = |field: Option<&Field>| {
        let of = |issue: &&Issue| field.is_some() && issue.field == field.map(|field| field.id);
        detail.line.row.issues.iter().filter(of).collect()
    };
    let mut pairs: Vec<Pair<'_>> = Vec::new();
    for (column, cell, key) in &detail.cells {
        let field = key.as_deref().and_then(|key| detail.catalog.by_key(key));
        let held = field.and_then(|field| detail.record.as_ref()?.get(field.id));
        let was = field.and_then(|field| changed(field.id));
        pairs.push(Pair { cell: Some((column, cell)), field, now: held, was, issues: issues(field) });
    }
    for (id, value) in detail.record.iter().flat_map(|record| &record.fields) {
        if !pairs.iter().any(|pair| pair.field.is_some_and(|field| field.id == *id)) {
            let field = detail.catalog.get(*id);
            pairs.push(Pair { cell: None, field, now: Some(value), was: changed(*id), issues: issues(field) });
        }
    }
    pairs
}

impl RowPageState {
    pub(super) fn list_mut(&mut self) -> (&mut List, usize) {
        let len = self.detail.as_ref().map_or(0, |detail| pairs(detail).len());
        (&mut self.list, len)
    }
}

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Row,
        keys: &["<esc>", "<bs>", "h", "<left>"],
        hint: "back",
        help: "Back to the rows",
        priority: 1,
        when: always,
        run: runs::back,
    },
    Binding {
        scope: Scope::Row,
        keys: &["n", "]"],
        hint: "next row",
        help: "The next row, of those that were chosen",
        priority: 2,
        when: always,
        run: |app, fx| next(app, Move::Down, fx),
    },
    Binding {
        scope: Scope::Row,
        keys: &["p", "["],
        hint: "row before",
        help: "The row before, of those that were chosen",
        priority: 2,
        when: always,
        run: |app, fx| next(app, Move::Up, fx),
    },
    Binding {
        scope: Scope::Row,
        keys: &["<enter>", "o"],
        hint: "contact",
        help: "Look the contact up that the row landed on: all of it, and its history",
        priority: 3,
        when: |app| record(app).is_some(),
        run: |app, fx| {
            if let Some(id) = record(app) {
                app.go(Tab::Lookup, fx);
                contact::open(app, id, fx);
            }
        },
    },
    Binding {
        scope: Scope::Row,
        keys: &["v", "<space>"],
        hint: "whole cell",
        help: "Show the selected cell as a whole, and what became of it, to read and to copy",
        priority: 4,
        when: |app| detail(app).is_some(),
        run: |app, _| whole_cell(app),
    },
    Binding {
        scope: Scope::Row,
        keys: &["c", "y"],
        hint: "copy",
        help: "Copy the row with what became of it, for a ticket",
        priority: 3,
        when: |app| detail(app).is_some(),
        run: |app, fx| {
            let Some(text) = detail(app).map(as_text) else { return };
            dialog::copy(app, text, fx);
        },
    },
];

fn detail(app: &App) -> Option<&RowDetail> {
    app.runs.row.as_ref()?.detail.as_deref()
}

/// Opens the selected cell as a text.
fn whole_cell(app: &mut App) {
    /// Characters of a line: a long cell is many lines, to be scrolled through.
    const LINE: usize = 70;
    let Some(page) = &app.runs.row else { return };
    let Some(detail) = page.detail.as_deref() else { return };
    let pairs = pairs(detail);
    let Some(pair) = pairs.get(page.list.selected) else { return };
    let mut lines: Vec<TextLine> = Vec::new();
    for issue in &pair.issues {
        lines.push(TextLine::Error(format!("{}: {}", issue.code.message(), issue.guidance)));
    }
    if let Some(value) = pair.now {
        lines.push(TextLine::Pair("Contact now".to_owned(), value_text(value)));
    }
    if let Some(was) = pair.was {
        lines.push(TextLine::Pair("Before".to_owned(), was.map_or_else(|| "empty".to_owned(), value_text)));
    }
    let mut copy = pair.now.map(value_text).unwrap_or_default();
    let mut title = pair.field.map(|field| field.label.clone()).unwrap_or_default();
    if let Some((column, cell)) = pair.cell {
        if !lines.is_empty() {
            lines.push(TextLine::Empty);
        }
        let chars: Vec<char> = cell.chars().collect();
        lines.extend(chars.chunks(LINE).map(|line| TextLine::Plain(line.iter().collect())));
        copy = cell.to_owned();
        title = column.to_owned();
    }
    app.open(Dialog::Text(Text { title, lines, copy, list: List::default() }));
}

/// The issue of the selected cell, or where it has none that of the row.
pub(super) fn selected_issue(app: &App) -> Option<Code> {
    let page = app.runs.row.as_ref()?;
    let detail = page.detail.as_deref()?;
    let of_cell = pairs(detail).get(page.list.selected).and_then(|pair| Some(pair.issues.first()?.code));
    of_cell.or_else(|| help_pages::worst(&detail.line.row.issues))
}

/// The record that the row landed on, where there is one.
fn record(app: &App) -> Option<RecordId> {
    detail(app)?.record.as_ref().map(|record| record.id)
}

/// Opens the page of a row, over whatever of its run is open.
pub(super) fn open(app: &mut App, run: RunId, row: u64, fx: &mut Effects) {
    app.runs.row = Some(RowPageState { run, row, detail: None, list: List::default() });
    app.ask(Question::Row(run, row), fx);
}

/// Shows a row of a run in the Runs tab, whatever was shown there.
pub fn show(app: &mut App, run: RunId, row: u64, fx: &mut Effects) {
    app.tab = Tab::Runs;
    run::open(app, run, fx);
    open(app, run, row, fx);
}

fn next(app: &mut App, to: Move, fx: &mut Effects) {
    let height = app.height(ListId::Rows);
    let Some(page) = &app.runs.row else { return };
    let run = page.run;
    let row = match &mut app.runs.rows {
        Some(rows) => {
            let (list, len) = rows.list_mut();
            list.go(to, len, height);
            rows.selected().map(|line| line.row.row)
        }
        // Opened from elsewhere: the neighbours are those of the file.
        None if to == Move::Up => page.row.checked_sub(1).filter(|row| *row > 0),
        None => {
            let last = run::detail(app).map(|detail| detail.line.counts.rows());
            Some(page.row + 1).filter(|row| last.is_none_or(|last| *row <= last))
        }
    };
    super::rows::moved(app, fx);
    let Some(row) = row.filter(|row| app.runs.row.as_ref().is_some_and(|page| page.row != *row)) else {
        return app.say(if to == Move::Up { "This is the first row." } else { "This is the last row." });
    };
    if let Some(page) = &mut app.runs.row {
        // The row before stays on the screen until this one is there.
        page.row = row;
    }
    app.ask(Question::Row(run, row), fx);
}

pub(super) fn answered(app: &mut App, detail: RowDetail, _: &mut Effects) {
    if let Some(page) = app.runs.row.as_mut().filter(|page| page.run == detail.run && page.row == detail.line.row.row) {
        let is_new = page.detail.as_ref().is_none_or(|shown| shown.line.row.row != detail.line.row.row);
        if is_new {
            // What somebody looks for in a row is what is wrong with it, or what it changed.
            let pairs = pairs(&detail);
            let wrong = pairs.iter().position(|pair| !pair.issues.is_empty());
            let place = wrong.or_else(|| pairs.iter().position(|pair| pair.was.is_some()));
            page.list = List { selected: place.unwrap_or(0), offset: 0 };
        }
        page.detail = Some(Box::new(detail));
        let (list, len) = page.list_mut();
        list.selected = list.selected.min(len.saturating_sub(1));
    }
}

/// A value as one text.
pub fn value_text(value: &Value) -> String {
    value.texts().join(" | ")
}

/// The key of what became of a row, in a word and its mark.
pub fn outcome_mark(line: &RowLine) -> (&'static str, OutcomeKind) {
    let kind = line.row.outcome.kind();
    let mark = match kind {
        OutcomeKind::Created => "+",
        OutcomeKind::Updated => "~",
        OutcomeKind::Unchanged => "=",
        OutcomeKind::Skipped => "–",
        OutcomeKind::Failed => "✗",
    };
    (mark, kind)
}

fn as_text(detail: &RowDetail) -> String {
    let row = &detail.line.row;
    let mut text =
        format!("Landfall run {}, row {} (line {}): {}\n", detail.run, row.row, row.line, row.outcome.kind().as_str());
    if let Some(contact) = &detail.contact {
        text.push_str(&format!("contact {contact}\n"));
    }
    let label = |id: FieldId| detail.catalog.get(id).map(|field| field.label.clone());
    let why = super::explain::row(row, label);
    if !why.is_empty() {
        text.push_str(&format!("{why}\n"));
    }
    for issue in &row.issues {
        text.push_str(&format!("[{}] {:?}: {}\n", issue.code.as_str(), issue.value, issue.guidance));
    }
    for (column, cell, _) in &detail.cells {
        text.push_str(&format!("{column}: {cell}\n"));
    }
    text
}
