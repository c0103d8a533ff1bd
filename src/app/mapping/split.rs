//! How the cells of a column are split, and where the parts go. Nothing changes before it is confirmed.

use super::asking::{Choice, ChoiceEntry};
use super::dialogs::{self, MappingDialog};
use super::options::{column_at, edit_column, quoted};
use super::{editor, new_field};
use crate::app::keys::{Binding, Scope, always};
use crate::app::list::List;
use crate::app::{App, Effects};
use crate::domain::field::{Catalog, Field, Kind};
use crate::domain::mapping::{Column, Mapping};
use crate::domain::transform::Split;

/// Parts that a cell can have at most.
const MOST_PARTS: usize = 20;

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct SplitForm {
    /// Place of the column.
    pub column: usize,
    pub split: Split,
    /// The column is split already.
    pub is_split: bool,
    pub error: Option<String>,
    pub list: List,
}

/// An entry of the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitItem {
    At,
    From,
    Part(usize),
    AddPart,
    Confirm,
}

impl SplitForm {
    pub fn items(&self) -> Vec<SplitItem> {
        let mut items = vec![SplitItem::At, SplitItem::From];
        items.extend((0..self.split.into.len()).map(SplitItem::Part));
        if self.split.into.len() < MOST_PARTS {
            items.push(SplitItem::AddPart);
        }
        items.push(SplitItem::Confirm);
        items
    }

    pub fn len(&self) -> usize {
        self.items().len()
    }

    pub fn is_empty(&self) -> bool {
        false
    }

    pub fn selected(&self) -> Option<SplitItem> {
        self.items().get(self.list.selected).copied()
    }

    /// The column as it would be.
    pub fn column(&self, column: &Column) -> Column {
        Column {
            split: Some(self.split.clone()),
            field: None,
            leave_out: false,
            join: None,
            values: Default::default(),
            ..column.clone()
        }
    }
}

pub(crate) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Split,
        keys: &["<enter>", "<space>"],
        hint: "change",
        help: "Change the selected entry, or take the split over",
        priority: 1,
        when: always,
        run: change,
    },
    Binding {
        scope: Scope::Split,
        keys: &["<c-s>"],
        hint: "split",
        help: "Split the column like this",
        priority: 2,
        when: always,
        run: confirm,
    },
    Binding {
        scope: Scope::Split,
        keys: &["x", "<del>", "<bs>"],
        hint: "remove part",
        help: "Remove the selected part",
        priority: 3,
        when: |app| form(app).is_some_and(|form| matches!(form.selected(), Some(SplitItem::Part(_)))),
        run: remove,
    },
];

fn form(app: &App) -> Option<&SplitForm> {
    match dialogs::top(app) {
        Some(MappingDialog::Split(form)) => Some(form),
        _ => None,
    }
}

fn form_mut(app: &mut App) -> Option<&mut SplitForm> {
    match dialogs::top_mut(app) {
        Some(MappingDialog::Split(form)) => Some(form),
        _ => None,
    }
}

/// Opens the dialog for a column; a column of names begins with the fields of its parts.
pub(super) fn open(app: &mut App, place: usize) {
    let Some(column) = column_at(app, place) else { return };
    let Some(catalog) = editor(app).map(|editor| editor.opened.catalog.clone()) else { return };
    let split = column.split.clone().unwrap_or_else(|| {
        use crate::domain::field::Role;
        let key = |role| catalog.role(role).and_then(|id| catalog.get(id)).map(|field| field.key.clone());
        let goes = |role| column.field.is_some() && column.field == key(role);
        let is_name = goes(Role::FullName) || goes(Role::FirstName) || goes(Role::LastName);
        let into = if is_name {
            [key(Role::FirstName), key(Role::LastName)].map(Option::unwrap_or_default)
        } else {
            Default::default()
        };
        Split { at: if is_name { " " } else { ", " }.to_owned(), from_end: is_name, into: into.into() }
    });
    let is_split = column.split.is_some();
    dialogs::open(
        app,
        MappingDialog::Split(SplitForm { column: place, split, is_split, error: None, list: List::default() }),
    );
}

/// The fields that a part of a cell, or a constant, can go to, with what makes a new one.
pub(super) fn field_entries(catalog: &Catalog) -> Vec<ChoiceEntry> {
    let fields = catalog.fields().iter().filter(|field| field.kind != Kind::ContactId);
    fields.map(|field| ChoiceEntry::new(&field.key, &field.label, &field.key)).collect()
}

/// What a choice of fields has as the value of its last entry, which makes a new one.
pub(super) const NEW_FIELD: &str = "+";

fn change(app: &mut App, fx: &mut Effects) {
    let Some(open) = form_mut(app) else { return };
    open.error = None;
    let Some(item) = open.selected() else { return };
    let split = open.split.clone();
    match item {
        SplitItem::At => {
            let marks = [" ", ", ", ",", ";", "/", "|", " - ", "\n"];
            let entries = marks.map(|mark| ChoiceEntry::new(mark, quoted(mark), "")).into();
            let choice = Choice::new("Split at", entries, |app, value, _| {
                if let Some(form) = form_mut(app) {
                    form.split.at = value.to_owned();
                }
            });
            choice.note("In exactly these letters.").typed_first("split at this").at(&split.at).open(app);
        }
        SplitItem::From => open.split.from_end = !open.split.from_end,
        SplitItem::AddPart => open.split.into.push(String::new()),
        SplitItem::Confirm => confirm(app, fx),
        SplitItem::Part(part) => {
            let Some(catalog) = editor(app).map(|editor| editor.opened.catalog.clone()) else { return };
            let mut entries = vec![ChoiceEntry::new("", "dropped", "the part goes nowhere")];
            entries.extend(field_entries(&catalog));
            if app.can_change() {
                entries.push(ChoiceEntry::new(NEW_FIELD, "a new custom field …", ""));
            }
            let at = split.into.get(part).cloned().unwrap_or_default();
            let choice = Choice::new(format!("Where part {} goes", part + 1), entries, |app, value, _| match value {
                NEW_FIELD => new_field::open_for(app, new_field::For::Part, ""),
                value => set_part(app, value),
            });
            choice.at(&at).open(app);
        }
    }
}

/// The selected part goes to this field.
pub(super) fn set_part(app: &mut App, key: &str) {
    let Some(form) = form_mut(app) else { return };
    if let Some(SplitItem::Part(part)) = form.selected()
        && let Some(into) = form.split.into.get_mut(part)
    {
        *into = key.to_owned();
    }
}

fn remove(app: &mut App, _: &mut Effects) {
    let Some(form) = form_mut(app) else { return };
    if let Some(SplitItem::Part(part)) = form.selected() {
        form.split.into.remove(part);
        form.list.selected = form.list.selected.min(form.len() - 1);
    }
}

/// What keeps the split from being taken over.
fn doubt(split: &Split, catalog: &Catalog) -> Option<String> {
    if split.at.is_empty() {
        return Some("Say where the cell is split.".to_owned());
    }
    let named: Vec<&String> = split.into.iter().filter(|key| !key.is_empty()).collect();
    if split.into.len() < 2 || named.is_empty() {
        return Some("A cell is split into two at least, and one of them goes to a field.".to_owned());
    }
    let doubled = named.iter().enumerate().find(|(at, key)| named[..*at].contains(key));
    let takes_several = |key: &str| catalog.by_key(key).is_some_and(Field::takes_several);
    let (_, key) = doubled.filter(|(_, key)| !takes_several(key))?;
    let label = catalog.by_key(key).map_or(key.as_str(), |field| field.label.as_str());
    Some(format!("{label} holds one value, and two parts go there."))
}

fn confirm(app: &mut App, fx: &mut Effects) {
    let Some(open) = form(app).cloned() else { return };
    let Some(catalog) = editor(app).map(|editor| editor.opened.catalog.clone()) else { return };
    let fits = || {
        let mut mapping = Mapping::clone(editor(app)?.draft.mapping());
        let column = mapping.columns.get_mut(open.column)?;
        *column = open.column(column);
        mapping.check(&catalog).err().map(|error| error.to_string())
    };
    if let Some(error) = doubt(&open.split, &catalog).or_else(fits) {
        if let Some(form) = form_mut(app) {
            form.error = Some(error);
        }
        return;
    }
    app.dialogs.pop();
    edit_column(app, open.column, "Split", |column| *column = open.column(column), fx);
}
