//! Their values and ours: what a column's values are translated to. All that is changed in it is one step, taken when it
//! is closed.

use super::asking::{Choice, ChoiceEntry, Lines, TypedLine};
use super::data::ProblemKind;
use super::dialogs::{self, MappingDialog};
use super::options::{column_at, edit_column};
use super::{Editor, editor};
use crate::app::keys::{Binding, Scope, always};
use crate::app::list::List;
use crate::app::{App, Effects};
use crate::domain::field::{Field, Kind};
use crate::domain::mapping::Column;
use crate::domain::transform;
use crate::domain::values::list::{ListKind, read_list};
use crate::domain::values::option::Declared;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Rows that the dialog has at most; what is translated already is always among them.
const MOST_ROWS: usize = 5_000;

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct ValueMap {
    /// Place of the column.
    pub column: usize,
    pub field: String,
    pub rows: Vec<ValueRow>,
    /// What ours can be; empty where any text is taken.
    pub declared: Vec<String>,
    pub list: List,
}

/// A value of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueRow {
    pub theirs: String,
    /// What it is translated to; an empty one is as if the cell were empty.
    pub ours: Option<String>,
    /// It is one of ours as it stands.
    pub is_ours: bool,
    /// Of the rows that are shown in the preview, so many have it.
    pub seen: u64,
}

pub(crate) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::ValueMap,
        keys: &["<enter>"],
        hint: "choose ours",
        help: "Choose what this value of theirs means here",
        priority: 1,
        when: has_rows,
        run: |app, _| choose(app),
    },
    Binding {
        scope: Scope::ValueMap,
        keys: &["x", "<del>", "<bs>"],
        hint: "as it is",
        help: "Do not translate this value",
        priority: 2,
        when: has_rows,
        run: |app, _| set(app, None),
    },
    Binding {
        scope: Scope::ValueMap,
        keys: &["a"],
        hint: "add",
        help: "Add a value of theirs that is not in the list",
        priority: 3,
        when: always,
        run: |app, _| add(app),
    },
    Binding {
        scope: Scope::ValueMap,
        keys: &["<esc>", "<c-s>"],
        hint: "done",
        help: "Take the values over, as one step, and close",
        priority: 1,
        when: always,
        run: done,
    },
    Binding {
        scope: Scope::ValueMap,
        keys: &["<c-c>"],
        hint: "cancel",
        help: "Close without a change",
        priority: 4,
        when: always,
        run: |app, _| {
            app.dialogs.pop();
        },
    },
];

fn open_map(app: &App) -> Option<&ValueMap> {
    match dialogs::top(app) {
        Some(MappingDialog::Values(values)) => Some(values),
        _ => None,
    }
}

fn open_map_mut(app: &mut App) -> Option<&mut ValueMap> {
    match dialogs::top_mut(app) {
        Some(MappingDialog::Values(values)) => Some(values),
        _ => None,
    }
}

fn has_rows(app: &App) -> bool {
    open_map(app).is_some_and(|values| !values.rows.is_empty())
}

/// What a field's values must be one of; empty where any text is taken.
pub(super) fn declared(editor: &Editor, field: &Field) -> Vec<String> {
    match field.kind {
        Kind::Person | Kind::People => editor.opened.people.clone(),
        Kind::YesNo => ["yes", "no"].map(str::to_owned).into(),
        Kind::TimeZone => chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name().to_owned()).collect(),
        _ => field.options.clone(),
    }
}

/// Opens the dialog for a column.
pub(super) fn open(app: &mut App, place: usize) {
    let Some(editor) = editor(app) else { return };
    let Some(column) = editor.draft.mapping().columns.get(place) else { return };
    let Some(field) = column.field.as_ref().and_then(|key| editor.opened.catalog.by_key(key)) else { return };
    let declared = declared(editor, field);
    let rows = rows(editor, place, column, field, &declared);
    let (field, list) = (field.label.clone(), List::default());
    dialogs::open(app, MappingDialog::Values(ValueMap { column: place, field, rows, declared, list }));
}

/// Two values of theirs are the same when this is.
fn folded(text: &str) -> String {
    transform::folded_value(text)
}

/// The values of theirs that are known: those that are not ours first.
fn rows(editor: &Editor, place: usize, column: &Column, field: &Field, declared: &[String]) -> Vec<ValueRow> {
    let ours = Declared::new(declared);
    let is_ours = |text: &str| declared.is_empty() || ours.find(text).is_some();
    // Of a list each value is looked up by itself.
    let parts = |cell: &str| match field.kind.is_many() {
        true => read_list(cell, ListKind::Textbox, &ours, column.separator).map(|read| read.value).unwrap_or_default(),
        false => vec![cell.trim().to_owned()],
    };
    let problems = editor.profile.iter().filter_map(|profile| profile.columns.get(place)).flat_map(|of| &of.problems);
    let undeclared = problems.filter(|problem| matches!(problem.what, ProblemKind::NotDeclared(_)));
    let undeclared = undeclared.flat_map(|problem| &problem.rows).map(|row| row.value.clone());
    let cells = editor.preview.iter().flat_map(|preview| &preview.rows).filter_map(|row| row.raw.get(place).cloned());
    let cells: Vec<String> = cells.collect();
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    for value in cells.iter().flat_map(|cell| parts(cell)) {
        *seen.entry(folded(&value)).or_default() += 1;
    }
    let known = editor.opened.columns.get(place).into_iter().flat_map(|look| look.samples.clone());
    let known = known.chain(cells).flat_map(|cell| parts(&cell));
    let translated = transform::ValueMap::new(&column.values);
    let mut rows: Vec<ValueRow> = Vec::new();
    let mut have = HashSet::new();
    for theirs in column.values.keys().cloned().chain(undeclared).chain(known) {
        let key = folded(&theirs);
        if key.is_empty() || rows.len() >= MOST_ROWS || !have.insert(key.clone()) {
            continue;
        }
        let ours = translated.find(&theirs).map(str::to_owned);
        rows.push(ValueRow { is_ours: is_ours(&theirs), seen: seen.get(&key).copied().unwrap_or(0), ours, theirs });
    }
    rows.sort_by_key(|row| (row.is_ours && row.ours.is_none(), row.ours.is_some()));
    rows
}

/// What cannot be a value of ours.
const EMPTY: &str = "\u{0}empty";
const AS_IT_IS: &str = "\u{0}as it is";

fn choose(app: &mut App) {
    let Some(open) = open_map(app) else { return };
    let Some(row) = open.rows.get(open.list.selected) else { return };
    let mut entries: Vec<ChoiceEntry> = open.declared.iter().map(|name| ChoiceEntry::new(name, name, "")).collect();
    if entries.is_empty() {
        // Any text is taken: what others were translated to is near.
        let mut used: Vec<&String> = open.rows.iter().filter_map(|row| row.ours.as_ref()).collect();
        used.sort();
        used.dedup();
        entries.extend(used.into_iter().filter(|ours| !ours.is_empty()).map(|ours| ChoiceEntry::new(ours, ours, "")));
    }
    entries.push(ChoiceEntry::new(EMPTY, "nothing", "as if the cell were empty"));
    entries.push(ChoiceEntry::new(AS_IT_IS, "not translated", "the value stays as it is"));
    let at = match &row.ours {
        Some(ours) if ours.is_empty() => EMPTY.to_owned(),
        Some(ours) => ours.clone(),
        None => row.theirs.clone(),
    };
    let note = match open.declared.is_empty() {
        true => format!("Any text can stand for it in {}.", open.field),
        false => format!("One of those that {} has.", open.field),
    };
    let is_free = open.declared.is_empty();
    let choice = Choice::new(format!("What “{}” means here", row.theirs), entries, |app, value, _| {
        set(
            app,
            match value {
                AS_IT_IS => None,
                EMPTY => Some(String::new()),
                value => Some(value.trim().to_owned()),
            },
        );
    });
    let choice = choice.note(note).at(&at);
    if is_free { choice.typed_first("becomes this").open(app) } else { choice.open(app) }
}

fn set(app: &mut App, ours: Option<String>) {
    let Some(open) = open_map_mut(app) else { return };
    if let Some(row) = open.rows.get_mut(open.list.selected) {
        row.ours = ours;
    }
}

fn add(app: &mut App) {
    let line = TypedLine::new("Their value", "", "compared without letter case");
    let lines = Lines::new("A value of theirs", vec![line], |app, typed, _| {
        let theirs = typed.concat().trim().to_owned();
        if theirs.is_empty() {
            return Err("Nothing is typed yet.".to_owned());
        }
        let Some(open) = open_map_mut(app) else { return Ok(()) };
        let place = match open.rows.iter().position(|row| folded(&row.theirs) == folded(&theirs)) {
            Some(place) => place,
            None => {
                let is_ours = open.declared.is_empty() || Declared::new(&open.declared).find(&theirs).is_some();
                open.rows.push(ValueRow { theirs, ours: None, is_ours, seen: 0 });
                open.rows.len() - 1
            }
        };
        open.list.selected = place;
        Ok(())
    });
    lines.open(app);
}

/// Closes the dialog, and takes what was changed over as one step.
pub(super) fn done(app: &mut App, fx: &mut Effects) {
    let Some(open) = open_map(app).cloned() else { return };
    app.dialogs.pop();
    let Some(was) = column_at(app, open.column) else { return };
    // What was in the mapping keeps its spelling.
    let known: HashMap<String, &String> = was.values.keys().map(|theirs| (folded(theirs), theirs)).collect();
    let mut values = BTreeMap::new();
    for row in &open.rows {
        if let Some(ours) = &row.ours {
            let theirs = known.get(&folded(&row.theirs)).copied().unwrap_or(&row.theirs);
            values.insert(theirs.clone(), ours.clone());
        }
    }
    edit_column(app, open.column, "Value map", |column| column.values = values, fx);
}
