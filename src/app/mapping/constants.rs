//! Fields that every row gets the same value of.

use super::asking::{Choice, ChoiceEntry, Lines, TypedLine};
use super::dialogs::{self, MappingDialog};
use super::{Editor, editor, sample, value_map};
use crate::app::keys::{Binding, Scope, always};
use crate::app::list::List;
use crate::app::{App, Effects};
use crate::domain::field::Field;
use crate::domain::mapping::{Constant, Mapping};

/// The state of the dialog.
#[derive(Debug, Clone, Default)]
pub struct Constants {
    pub list: List,
    pub len: usize,
    /// What a value is asked for.
    asked: Option<Asked>,
}

/// A field whose value is asked for, and the place of its constant where it has one.
#[derive(Debug, Clone)]
struct Asked {
    field: String,
    at: Option<usize>,
}

pub(crate) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Mapping,
        keys: &["C"],
        hint: "constants",
        help: "Show the fields that every row gets the same value of",
        priority: 7,
        when: |app| editor(app).is_some(),
        run: |app, _| open(app),
    },
    Binding {
        scope: Scope::Constants,
        keys: &["<enter>"],
        hint: "change",
        help: "Change the value",
        priority: 1,
        when: has_some,
        run: |app, _| edit_selected(app),
    },
    Binding {
        scope: Scope::Constants,
        keys: &["a"],
        hint: "add",
        help: "Give another field the same value in every row",
        priority: 1,
        when: always,
        run: |app, _| add(app),
    },
    Binding {
        scope: Scope::Constants,
        keys: &["x", "<del>", "<bs>"],
        hint: "remove",
        help: "Remove the constant",
        priority: 2,
        when: has_some,
        run: remove,
    },
];

fn open(app: &mut App) {
    let len = editor(app).map_or(0, |editor| editor.draft.mapping().constants.len());
    dialogs::open(app, MappingDialog::Constants(Constants { len, ..Constants::default() }));
}

fn constants(app: &App) -> Option<&Constants> {
    match dialogs::top(app) {
        Some(MappingDialog::Constants(constants)) => Some(constants),
        _ => None,
    }
}

fn constants_mut(app: &mut App) -> Option<&mut Constants> {
    match dialogs::top_mut(app) {
        Some(MappingDialog::Constants(constants)) => Some(constants),
        _ => None,
    }
}

fn has_some(app: &App) -> bool {
    constants(app).is_some_and(|constants| constants.len > 0)
}

/// The fields that may have a constant, by what [`Mapping::check`] says: not those that contacts are told apart or known
/// by, and not those of one value that have one already.
pub fn possible(editor: &Editor) -> Vec<&Field> {
    let mapping = editor.draft.mapping();
    let is_taken = |field: &Field| {
        let is_column = mapping.columns.iter().any(|column| column.goes_to(&field.key));
        let is_constant = mapping.constants.iter().any(|constant| constant.field == field.key);
        (is_column || is_constant) && !field.takes_several()
    };
    editor.opened.catalog.fields().iter().filter(|field| !field.is_each_rows_own() && !is_taken(field)).collect()
}

fn add(app: &mut App) {
    let Some(editor) = editor(app) else { return };
    let entries = possible(editor).into_iter().map(|field| ChoiceEntry::new(&field.key, &field.label, &field.key));
    let choice =
        Choice::new("A constant for which field?", entries.collect(), |app, key, _| ask_value(app, key, "", None));
    choice.note("Not those that a column goes to, and not those that a contact is known by.").open(app);
}

fn edit_selected(app: &mut App) {
    let Some(at) = constants(app).map(|open| open.list.selected) else { return };
    let constant = editor(app).and_then(|editor| editor.draft.mapping().constants.get(at)).cloned();
    if let Some(Constant { field, value }) = constant {
        ask_value(app, &field, &value, Some(at));
    }
}

/// Asks for the value of a field: one of its options, or a line.
fn ask_value(app: &mut App, key: &str, was: &str, at: Option<usize>) {
    let Some(editor) = editor(app) else { return };
    let Some(field) = editor.opened.catalog.by_key(key).cloned() else { return };
    let declared = value_map::declared(editor, &field);
    if let Some(open) = constants_mut(app) {
        open.asked = Some(Asked { field: field.key.clone(), at });
    }
    let title = format!("{} in every row", field.label);
    if declared.is_empty() || field.kind.is_many() {
        let line = TypedLine::new("Value", was, "as it would stand in a cell");
        return Lines::new(title, vec![line], taken).open(app);
    }
    let entries = declared.into_iter().map(|name| ChoiceEntry::new(&name, &name, "")).collect();
    let choice = Choice::new(title, entries, |app, value, fx| {
        if let Err(error) = taken(app, &[value.to_owned()], fx) {
            app.say(error);
        }
    });
    choice.at(was).open(app);
}

fn taken(app: &mut App, typed: &[String], fx: &mut Effects) -> Result<(), String> {
    let value = typed.concat().trim().to_owned();
    let Some(Asked { field: key, at }) = constants(app).and_then(|open| open.asked.clone()) else { return Ok(()) };
    let Some(editor) = editor(app) else { return Ok(()) };
    let Some(field) = editor.opened.catalog.by_key(&key) else { return Ok(()) };
    if value.is_empty() {
        return Err("Say the value, or press esc.".to_owned());
    }
    if let Some(problem) = sample::problem(field, &editor.opened.people, &value) {
        return Err(problem);
    }
    let what = format!("{} is {value} in every row", field.label);
    let change = |mapping: &mut Mapping| match at.and_then(|at| mapping.constants.get_mut(at)) {
        Some(constant) => constant.value = value,
        None => mapping.constants.push(Constant { field: key, value }),
    };
    edit(app, what, change, fx);
    Ok(())
}

fn remove(app: &mut App, fx: &mut Effects) {
    let Some(at) = constants(app).map(|open| open.list.selected) else { return };
    let Some(editor) = editor(app) else { return };
    let Some(constant) = editor.draft.mapping().constants.get(at) else { return };
    let label = editor.opened.catalog.by_key(&constant.field).map_or(constant.field.clone(), |f| f.label.clone());
    let change = |mapping: &mut Mapping| {
        mapping.constants.remove(at);
    };
    edit(app, format!("no constant for {label}"), change, fx);
}

fn edit(app: &mut App, what: String, change: impl FnOnce(&mut Mapping), fx: &mut Effects) {
    super::edit(app, what, change, fx);
    let len = editor(app).map_or(0, |editor| editor.draft.mapping().constants.len());
    let Some(open) = constants_mut(app) else { return };
    open.list.selected = if len > open.len { len - 1 } else { open.list.selected.min(len.saturating_sub(1)) };
    open.len = len;
}
