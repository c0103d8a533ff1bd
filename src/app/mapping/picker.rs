//! The field picker of a column: every field there is, the likeliest first; typing narrows them.

use super::assign::{self, Taken, assign, holders};
use super::columns::dots;
use super::{Editor, IMPORTANT, editor, new_field, split};
use crate::app::dialog::Dialog;
use crate::app::field::Field;
use crate::app::keys::{Binding, Scope, always};
use crate::app::list::List;
use crate::app::{App, Effects};
use crate::domain::field::{self, Kind};
use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use std::cmp::Reverse;

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct FieldPicker {
    /// The place of the column.
    pub column: usize,
    pub header: String,
    pub field: Field,
    /// In the order in which they stand before anything is typed.
    choices: Vec<Choice>,
    /// Places among the choices of what matches, the best first.
    found: Vec<usize>,
    pub list: List,
}

/// What can be chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    Field(FieldChoice),
    LeaveOut,
    Split,
    NewField,
}

/// A field that can be chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldChoice {
    pub key: String,
    pub label: String,
    pub kind: Kind,
    /// How sure Landfall is that it is this one, from 1 to 3; with why, of the one that is suggested.
    pub believed: Option<(u8, String)>,
    /// The header of a column that goes there now, and whether the field holds one value.
    pub has_now: Option<(String, bool)>,
    /// The column goes there itself.
    pub is_chosen: bool,
    synonyms: Vec<String>,
}

pub(in crate::app) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::FieldPicker,
        keys: &["<enter>"],
        hint: "choose",
        help: "Give the column this field; from a column that has it, it moves here",
        priority: 1,
        when: always,
        run: |app, fx| choose(app, Taken::Move, fx),
    },
    Binding {
        scope: Scope::FieldPicker,
        keys: &["<tab>"],
        hint: "join",
        help: "Join the texts of both columns, where another one has the field",
        priority: 2,
        when: |app| shown(app).and_then(FieldPicker::selected).is_some_and(can_join),
        run: |app, fx| choose(app, Taken::Join, fx),
    },
];

impl FieldPicker {
    fn new(app: &App, editor: &Editor, column: usize) -> Option<FieldPicker> {
        let header = editor.column(column)?.header.clone();
        let mut choices: Vec<Choice> = fields(editor, column).into_iter().map(Choice::Field).collect();
        choices.extend([Choice::LeaveOut, Choice::Split]);
        choices.extend(app.can_change().then_some(Choice::NewField));
        let mut picker =
            FieldPicker { column, header, field: Field::default(), choices, found: Vec::new(), list: List::default() };
        picker.find();
        let chosen = picker.choices.iter().position(|choice| matches!(choice, Choice::Field(field) if field.is_chosen));
        picker.list.selected = chosen.unwrap_or(0);
        Some(picker)
    }

    /// How many of the choices match.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// One of those that match, from 0.
    pub fn choice(&self, entry: usize) -> Option<&Choice> {
        self.choices.get(*self.found.get(entry)?)
    }

    fn selected(&self) -> Option<&Choice> {
        self.choice(self.list.selected)
    }

    /// Finds anew what matches. Where no field does, a new one can be made; Enter does nothing that was not named.
    fn find(&mut self) {
        let wanted = self.field.text().trim().to_lowercase();
        let matcher = SkimMatcherV2::default();
        let mut scored: Vec<(usize, i64)> = Vec::new();
        for (place, choice) in self.choices.iter().enumerate() {
            let score = match choice {
                Choice::Field(field) if !wanted.is_empty() => field.score(&matcher, &wanted),
                Choice::LeaveOut if !"leave it out".contains(&wanted) => None,
                Choice::Split if !"split it".contains(&wanted) => None,
                _ => Some(i64::MIN),
            };
            scored.extend(score.map(|score| (place, score)));
        }
        if !wanted.is_empty() {
            scored.sort_by_key(|(place, score)| (Reverse(*score), *place));
        }
        self.found = scored.into_iter().map(|(place, _)| place).collect();
        self.list = List::default();
    }
}

impl FieldChoice {
    /// How well a text names the field: by its label, by its key, or by what headers call it.
    fn score(&self, matcher: &SkimMatcherV2, wanted: &str) -> Option<i64> {
        // What is typed in one piece means more than its letters here and there; the shorter label is the more likely.
        let label = self.label.to_lowercase();
        let piece = match label.find(wanted) {
            Some(0) => 3_000,
            Some(_) => 2_000,
            None => 1_000,
        };
        let length = i64::try_from(label.chars().count()).unwrap_or(i64::MAX).min(500);
        let of_label = matcher.fuzzy_match(&self.label, wanted).map(|score| score + piece - length * 4);
        let of_key = matcher.fuzzy_match(&self.key, wanted);
        // Synonyms are short and many: letters that are merely scattered in them say nothing.
        let plain = wanted.replace(['-', '_', '.'], " ");
        let of_synonym = self.synonyms.iter().any(|synonym| synonym.starts_with(&plain)).then_some(500);
        of_label.into_iter().chain(of_key).chain(of_synonym).max()
    }
}

/// All fields, the likeliest for a column first: what is suggested, what else comes into question; then those that hold what
/// its values look like, and those that no column goes to; the ones that matter most come first among equals.
fn fields(editor: &Editor, column: usize) -> Vec<FieldChoice> {
    let (catalog, look) = (&editor.opened.catalog, editor.look(column));
    let choice = |field: &field::Field, believed: Option<(u8, String)>| FieldChoice {
        key: field.key.clone(),
        label: field.label.clone(),
        kind: field.kind,
        believed,
        has_now: has_now(editor, column, &field.key),
        is_chosen: editor.column(column).is_some_and(|of| of.targets().any(|key| key == field.key)),
        synonyms: field.synonyms.clone(),
    };
    let mut choices: Vec<FieldChoice> = Vec::new();
    let mut add = |key: &str, believed: Option<(u8, String)>| {
        if let Some(field) = catalog.by_key(key).filter(|field| !choices.iter().any(|known| known.key == field.key)) {
            choices.push(choice(field, believed));
        }
    };
    if let Some(look) = look {
        if let Some(key) = &look.field {
            add(key, Some((dots(look.confidence), look.reason.clone())));
        }
        look.alternatives.iter().for_each(|(key, sure)| add(key, Some((dots(*sure), String::new()))));
    }
    let important = IMPORTANT.iter().flat_map(|(_, roles)| *roles).filter_map(|role| catalog.get(catalog.role(*role)?));
    let mut rest: Vec<&field::Field> = important.chain(catalog.fields()).collect();
    let kind = editor.kind(column);
    rest.sort_by_key(|field| {
        let is_taken = has_now(editor, column, &field.key).is_some_and(|(_, is_single)| is_single);
        (!holds(field.kind, kind), is_taken)
    });
    rest.into_iter().for_each(|field| add(&field.key, None));
    choices
}

/// Whether a field is made for values that look like this, in the words of the table of columns.
fn holds(field: Kind, looks: &str) -> bool {
    use Kind::*;
    match looks {
        "Contact ID" => field == ContactId,
        "e-mail" => matches!(field, Email | Emails),
        "phone" => matches!(field, Phone | Phones),
        "web address" => field == Url,
        "time zone" => field == TimeZone,
        "date" | "date and time" => matches!(field, Date | DateTime),
        "yes or no" => matches!(field, YesNo | Checkbox),
        "number" => matches!(field, Number | Money | Reference),
        "long text" => field == LongText,
        "name" | "text" => matches!(field, Text | LongText | SingleOption | Radio | MultipleOptions | Tags),
        _ => false,
    }
}

fn has_now(editor: &Editor, column: usize, key: &str) -> Option<(String, bool)> {
    let mapping = editor.draft.mapping();
    if let Some(other) = holders(mapping, &editor.opened.catalog, column, key).first() {
        return Some((mapping.columns[*other].header.clone(), true));
    }
    let mut columns = mapping.columns.iter().enumerate();
    let other = columns.find(|(place, other)| *place != column && other.targets().any(|of| of == key));
    other.map(|(_, other)| (other.header.clone(), false))
}

fn can_join(choice: &Choice) -> bool {
    matches!(choice, Choice::Field(FieldChoice { has_now: Some((_, true)), .. }))
}

fn shown(app: &App) -> Option<&FieldPicker> {
    match app.dialogs.last() {
        Some(Dialog::FieldPicker(picker)) => Some(picker),
        _ => None,
    }
}

/// Opens the picker for the selected column.
pub(super) fn open(app: &mut App) {
    let picker = editor(app).and_then(|editor| FieldPicker::new(app, editor, editor.selected()?));
    if let Some(picker) = picker {
        app.open(Dialog::FieldPicker(Box::new(picker)));
    }
}

/// The text of the field has changed.
pub(in crate::app) fn typed(picker: &mut FieldPicker) {
    picker.find();
}

fn choose(app: &mut App, taken: Taken, fx: &mut Effects) {
    let Some(choice) = shown(app).and_then(FieldPicker::selected).cloned() else { return };
    let Some(Dialog::FieldPicker(picker)) = app.dialogs.pop() else { return };
    match choice {
        Choice::Field(field) => assign(app, picker.column, &field.key, taken, fx),
        Choice::LeaveOut => {
            if editor(app).and_then(|editor| editor.column(picker.column)).is_some_and(|column| !column.leave_out) {
                assign::toggle_left_out(app, fx);
            }
        }
        Choice::Split => split::open(app, picker.column),
        Choice::NewField => {
            let typed = picker.field.text().trim();
            new_field::open(app, Some(picker.column), if typed.is_empty() { &picker.header } else { typed });
        }
    }
}
