//! What a person does to a column: give it a field, leave it out, accept what is suggested. Each is one step.

use super::{Editor, changed, edit, editor, editor_mut};
use crate::app::numbers::counted;
use crate::app::{App, Effects};
use crate::domain::field::{Catalog, Field, Kind};
use crate::domain::mapping::{Column, Mapping};
use crate::domain::values::date::DateOrder;
use std::collections::HashSet;

/// What is done where another column has the field already, and it holds one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It moves.
    Move,
    /// The texts of both are joined.
    Join,
}

/// What stands between joined texts at first.
const JOINT: &str = " ";

/// Gives a column a field.
pub(super) fn assign(app: &mut App, place: usize, key: &str, taken: Taken, fx: &mut Effects) {
    let Some(editor) = editor_mut(app) else { return };
    let catalog = editor.opened.catalog.clone();
    let Some(column) = editor.column(place) else { return };
    let (header, label) = (column.header.clone(), editor.label(key).to_owned());
    let others = holders(editor.draft.mapping(), &catalog, place, key);
    let others: Vec<String> =
        others.into_iter().map(|other| editor.draft.mapping().columns[other].header.clone()).collect();
    let what = match taken {
        Taken::Join if !others.is_empty() => format!("“{header}” joins {label}"),
        _ => format!("“{header}” → {label}"),
    };
    if !editor.draft.edit(what, |mapping| give(mapping, &catalog, place, key, taken)) {
        return;
    }
    if let Some(other) = others.first() {
        let from = quoted(others.len(), other);
        app.say(match taken {
            Taken::Move => format!("{label} moved here from {from}."),
            Taken::Join => format!("{label} is {from} and “{header}”, joined."),
        });
    }
    changed(app, fx);
}

fn quoted(number: usize, first: &str) -> String {
    if number > 1 { counted(number as u64, "column", "columns") } else { format!("“{first}”") }
}

/// The places of other columns that have a field which holds one value.
pub fn holders(mapping: &Mapping, catalog: &Catalog, place: usize, key: &str) -> Vec<usize> {
    if catalog.by_key(key).is_none_or(Field::takes_several) {
        return Vec::new();
    }
    let columns = mapping.columns.iter().enumerate();
    columns.filter(|(at, column)| *at != place && column.targets().any(|of| of == key)).map(|(at, _)| at).collect()
}

fn give(mapping: &mut Mapping, catalog: &Catalog, place: usize, key: &str, taken: Taken) {
    let others = holders(mapping, catalog, place, key);
    for other in others {
        let column = &mut mapping.columns[other];
        match (taken, &mut column.split) {
            (Taken::Join, None) => {}
            (_, None) => (column.field, column.join) = (None, None),
            (_, Some(split)) => {
                split.into.iter_mut().filter(|part| *part == key).for_each(String::clear);
                if split.into.iter().all(String::is_empty) {
                    column.split = None;
                }
            }
        }
    }
    let column = &mut mapping.columns[place];
    if column.field.as_deref() != Some(key) {
        let kind = |key: &str| catalog.by_key(key).map(|field| field.kind);
        let is_same_kind = column.field.as_deref().and_then(kind) == kind(key);
        *column = Column {
            field: Some(key.to_owned()),
            leave_out: false,
            split: None,
            join: None,
            // How a value is read belongs to its kind; what is done to the text does not.
            date_order: column.date_order.filter(|_| is_same_kind || kind(key).is_some_and(is_date)),
            decimal: column.decimal.filter(|_| is_same_kind),
            separator: column.separator.filter(|_| is_same_kind),
            replace: column.replace && is_same_kind,
            values: if is_same_kind { std::mem::take(&mut column.values) } else { Default::default() },
            ..column.clone()
        };
    }
    if taken == Taken::Join {
        let same = mapping.columns.iter_mut().filter(|column| column.field.as_deref() == Some(key));
        same.skip(1).for_each(|column| column.join = Some(column.join.take().unwrap_or_else(|| JOINT.to_owned())));
    }
    tidy(mapping);
}

/// The first column of a field has nothing before it to be joined to.
fn tidy(mapping: &mut Mapping) {
    let mut seen = HashSet::new();
    for column in &mut mapping.columns {
        if let Some(key) = &column.field
            && seen.insert(key.clone())
        {
            column.join = None;
        }
    }
}

/// Leaves the selected column out, or takes that back: then it goes where it went when the mapping was opened, if nothing
/// else goes there now.
pub(super) fn toggle_left_out(app: &mut App, fx: &mut Effects) {
    let Some(editor) = editor_mut(app) else { return };
    let Some((place, column)) = selected(editor) else { return };
    let header = column.header.clone();
    let was = editor.opened.mapping.columns.get(place).filter(|was| !was.leave_out && was.header == header).cloned();
    let catalog = editor.opened.catalog.clone();
    if column.leave_out {
        editor.draft.edit(format!("take “{header}” back"), |mapping| {
            let is_free = |was: &Column| was.targets().all(|key| holders(mapping, &catalog, place, key).is_empty());
            let back = was.filter(is_free).unwrap_or_else(|| Column::unmapped(header.as_str()));
            mapping.columns[place] = back;
            tidy(mapping);
        });
    } else {
        editor.draft.edit(format!("leave out “{header}”"), |mapping| leave_out(mapping, place));
    }
    changed(app, fx);
}

pub(super) fn leave_out(mapping: &mut Mapping, place: usize) {
    let column = &mut mapping.columns[place];
    (column.field, column.split, column.join) = (None, None, None);
    (column.required, column.leave_out) = (false, true);
    tidy(mapping);
}

/// The number of columns that nobody has decided about.
pub fn undecided(mapping: &Mapping) -> usize {
    mapping.columns.iter().filter(|column| column.is_undecided()).count()
}

/// Leaves out all columns that nobody has decided about (R261).
pub(super) fn leave_out_undecided(app: &mut App, fx: &mut Effects) {
    let Some(editor) = editor(app) else { return };
    let number = counted(undecided(editor.draft.mapping()) as u64, "column", "columns");
    app.say(format!("{number} left out: Don't import data for unmapped columns."));
    let leave_out = |mapping: &mut Mapping| {
        mapping.columns.iter_mut().filter(|column| column.is_undecided()).for_each(|column| column.leave_out = true);
    };
    edit(app, format!("leave out {number} that nobody had decided about"), leave_out, fx);
}

/// The field that is suggested for a column and that it does not have.
pub(super) fn suggestion(editor: &Editor, place: usize) -> Option<&str> {
    let key = editor.look(place)?.field.as_deref()?;
    (!editor.column(place)?.targets().any(|has| has == key)).then_some(key)
}

pub(super) fn accept(app: &mut App, fx: &mut Effects) {
    let Some((place, key)) = editor(app).and_then(|editor| {
        let place = editor.selected()?;
        Some((place, suggestion(editor, place)?.to_owned()))
    }) else {
        return;
    };
    assign(app, place, &key, Taken::Move, fx);
}

/// The undecided columns whose suggestion can be taken without taking a field away from another column.
pub(super) fn acceptable(editor: &Editor) -> Vec<(usize, String)> {
    let (mapping, catalog) = (editor.draft.mapping(), &editor.opened.catalog);
    let mut given: HashSet<&str> = mapping.columns.iter().flat_map(Column::targets).collect();
    let takes_several = |key: &str| catalog.by_key(key).is_some_and(Field::takes_several);
    let mut taken = Vec::new();
    for (place, column) in mapping.columns.iter().enumerate().filter(|(_, column)| column.is_undecided()) {
        let Some(key) = suggestion(editor, place) else { continue };
        if column.header == editor.opened.columns[place].header && (given.insert(key) || takes_several(key)) {
            taken.push((place, key.to_owned()));
        }
    }
    taken
}

pub(super) fn accept_all(app: &mut App, fx: &mut Effects) {
    let Some(editor) = editor(app) else { return };
    let taken = acceptable(editor);
    let number = counted(taken.len() as u64, "suggestion", "suggestions");
    let catalog = editor.opened.catalog.clone();
    app.say(format!("{number} accepted."));
    let accept = |mapping: &mut Mapping| {
        for (place, key) in &taken {
            give(mapping, &catalog, *place, key, Taken::Move);
        }
    };
    edit(app, format!("accept {number}"), accept, fx);
}

fn is_date(kind: Kind) -> bool {
    matches!(kind, Kind::Date | Kind::DateTime)
}

/// Whether the order of day and month means something for the selected column.
pub(super) fn has_date_order(editor: &Editor) -> bool {
    let kind = |key: &str| editor.opened.catalog.by_key(key).is_some_and(|field| is_date(field.kind));
    selected(editor).is_some_and(|(_, column)| column.targets().any(kind))
}

/// As people read it.
pub fn order_label(order: Option<DateOrder>) -> &'static str {
    match order {
        None => "day or month first: not said",
        Some(DateOrder::DayFirst) => "day first",
        Some(DateOrder::MonthFirst) => "month first",
    }
}

pub(super) fn next_date_order(app: &mut App, fx: &mut Effects) {
    let Some(editor) = editor(app) else { return };
    let Some((place, column)) = selected(editor) else { return };
    let next = match column.date_order {
        None => Some(DateOrder::DayFirst),
        Some(DateOrder::DayFirst) => Some(DateOrder::MonthFirst),
        Some(DateOrder::MonthFirst) => None,
    };
    let text = format!("“{}”: {}", column.header, order_label(next));
    app.say(format!("{text}."));
    edit(app, text, |mapping| mapping.columns[place].date_order = next, fx);
}

pub(super) fn toggle_required(app: &mut App, fx: &mut Effects) {
    let Some(editor) = editor(app) else { return };
    let Some((place, column)) = selected(editor) else { return };
    let (header, required) = (column.header.clone(), !column.required);
    let text = match required {
        true => format!("“{header}” is required: a row with an issue in it, or with nothing, fails"),
        false => format!("“{header}” is not required"),
    };
    app.say(format!("{text}."));
    edit(app, text, |mapping| mapping.columns[place].required = required, fx);
}

pub(super) fn selected(editor: &Editor) -> Option<(usize, &Column)> {
    let place = editor.selected()?;
    Some((place, editor.column(place)?))
}
