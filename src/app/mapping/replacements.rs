//! What is found and replaced in a column, one pair a line.

use super::asking::{Lines, TypedLine};
use super::dialogs::{self, MappingDialog};
use super::options::{column_at, edit_column};
use crate::app::keys::{Binding, Scope, always};
use crate::app::list::List;
use crate::app::{App, Effects};
use crate::domain::transform::FindReplace;

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct Replacements {
    pub column: usize,
    pub list: List,
    pub len: usize,
}

pub(crate) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Replacements,
        keys: &["<enter>"],
        hint: "change",
        help: "Change this replacement",
        priority: 1,
        when: |app| matches!(dialogs::top(app), Some(MappingDialog::Replacements(open)) if open.len > 0),
        run: |app, _| edit_replacement(app, false),
    },
    Binding {
        scope: Scope::Replacements,
        keys: &["a"],
        hint: "add",
        help: "Add a replacement",
        priority: 1,
        when: always,
        run: |app, _| edit_replacement(app, true),
    },
    Binding {
        scope: Scope::Replacements,
        keys: &["x", "<del>", "<bs>"],
        hint: "remove",
        help: "Remove this replacement",
        priority: 2,
        when: |app| matches!(dialogs::top(app), Some(MappingDialog::Replacements(open)) if open.len > 0),
        run: remove_replacement,
    },
];

/// Opens the replacements of a column; where there are none, the first is asked for.
pub(super) fn open(app: &mut App, column: usize, len: usize) {
    dialogs::open(app, MappingDialog::Replacements(Replacements { column, list: List::default(), len }));
    if len == 0 {
        edit_replacement(app, true);
    }
}

/// The replacements that are open: the column, and the one that is selected.
fn replacements(app: &App) -> Option<(usize, usize)> {
    match dialogs::top(app) {
        Some(MappingDialog::Replacements(open)) => Some((open.column, open.list.selected)),
        _ => None,
    }
}

fn edit_replacement(app: &mut App, is_new: bool) {
    let Some((place, at)) = replacements(app) else { return };
    let Some(column) = column_at(app, place) else { return };
    let was = if is_new { None } else { column.find_replace.get(at) };
    let (find, put) = was.map(|pair| (pair.find.as_str(), pair.put.as_str())).unwrap_or_default();
    let typed = vec![
        TypedLine::new("Find", find, "in exactly these letters"),
        TypedLine::new("Put in its place", put, "empty to take it out"),
    ];
    let title = format!("Find and replace in {}", column.header);
    let take = if is_new { replacement_added } else { replacement_changed };
    Lines::new(title, typed, take).open(app);
}

fn replacement_of(typed: &[String]) -> Result<FindReplace, String> {
    match typed {
        [find, put] if !find.is_empty() => Ok(FindReplace { find: find.clone(), put: put.clone() }),
        _ => Err("Say what is to be found.".to_owned()),
    }
}

fn replacement_added(app: &mut App, typed: &[String], fx: &mut Effects) -> Result<(), String> {
    let pair = replacement_of(typed)?;
    replace(app, |pairs, _| pairs.push(pair), fx);
    Ok(())
}

fn replacement_changed(app: &mut App, typed: &[String], fx: &mut Effects) -> Result<(), String> {
    let pair = replacement_of(typed)?;
    let change = |pairs: &mut Vec<FindReplace>, at: usize| {
        if let Some(was) = pairs.get_mut(at) {
            *was = pair;
        }
    };
    replace(app, change, fx);
    Ok(())
}

fn remove_replacement(app: &mut App, fx: &mut Effects) {
    let remove = |pairs: &mut Vec<FindReplace>, at: usize| {
        if at < pairs.len() {
            pairs.remove(at);
        }
    };
    replace(app, remove, fx);
}

fn replace(app: &mut App, change: impl FnOnce(&mut Vec<FindReplace>, usize), fx: &mut Effects) {
    let Some((place, at)) = replacements(app) else { return };
    edit_column(app, place, "Find and replace", |column| change(&mut column.find_replace, at), fx);
    let len = column_at(app, place).map_or(0, |column| column.find_replace.len());
    if let Some(MappingDialog::Replacements(open)) = dialogs::top_mut(app) {
        open.len = len;
        open.list.selected = open.list.selected.min(len.saturating_sub(1));
    }
}
