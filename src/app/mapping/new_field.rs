//! A custom field that is made for a column: an import makes no fields by itself (R215).

use super::asking::{Choice, ChoiceEntry};
use super::data::NewField;
use super::dialogs::{self, MappingDialog};
use super::reopen::{self, Then};
use super::{editor, split};
use crate::app::dialog;
use crate::app::field::Field;
use crate::app::keys::{Binding, Scope, always};
use crate::app::message::{Act, Effect, Failure};
use crate::app::{App, Effects};
use crate::domain::field::{Catalog, Kind};
use crate::domain::mapping::{Column, Mapping};

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct FieldForm {
    pub label: Field,
    pub key: Field,
    pub kind: Kind,
    /// Of kinds that have them, parted by semicolons.
    pub options: Field,
    /// The place in [`FieldForm::items`] that has the keys.
    pub focus: usize,
    pub error: Option<String>,
    /// The key was typed, and does not follow the label any more.
    key_is_typed: bool,
    making: bool,
    to: For,
}

/// What a field is made for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum For {
    Nothing,
    /// The column of this header.
    Column(String),
    /// The part that is selected in the dialog of a split.
    Part,
}

/// An entry of the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldItem {
    Label,
    Key,
    Kind,
    Options,
    Make,
    Cancel,
}

impl FieldForm {
    pub fn items(&self) -> Vec<FieldItem> {
        use FieldItem::*;
        match has_options(self.kind) {
            true => vec![Label, Key, Kind, Options, Make, Cancel],
            false => vec![Label, Key, Kind, Make, Cancel],
        }
    }

    pub fn focused(&self) -> FieldItem {
        self.items().get(self.focus).copied().unwrap_or(FieldItem::Label)
    }

    pub fn is_making(&self) -> bool {
        self.making
    }

    /// The header of the column that it is made for.
    pub fn column(&self) -> Option<&str> {
        match &self.to {
            For::Column(header) => Some(header),
            For::Nothing | For::Part => None,
        }
    }

    pub(super) fn field_mut(&mut self) -> Option<&mut Field> {
        match self.focused() {
            _ if self.making => None,
            FieldItem::Label => Some(&mut self.label),
            FieldItem::Key => Some(&mut self.key),
            FieldItem::Options => Some(&mut self.options),
            FieldItem::Kind | FieldItem::Make | FieldItem::Cancel => None,
        }
    }

    pub(super) fn typed(&mut self) {
        self.error = None;
        match self.focused() {
            FieldItem::Label if !self.key_is_typed => self.key.set(&key_of(self.label.text())),
            FieldItem::Key => self.key_is_typed = !self.key.text().is_empty(),
            _ => {}
        }
    }

    /// What is to be made, or what is wrong with it and where.
    fn read(&self, catalog: &Catalog) -> Result<NewField, (FieldItem, String)> {
        let (label, key) = (self.label.text().trim().to_owned(), self.key.text().trim().to_owned());
        if label.is_empty() {
            return Err((FieldItem::Label, "A field needs a name that people see.".to_owned()));
        }
        if key.is_empty() || key_of(&key) != key {
            let error = "A key is made of small letters, digits and _, and begins with a letter.".to_owned();
            return Err((FieldItem::Key, error));
        }
        if catalog.by_key(&format!("custom.{key}")).is_some() {
            return Err((FieldItem::Key, format!("There is a field custom.{key} already.")));
        }
        let options = self.options.text().split(';').map(str::trim).filter(|option| !option.is_empty());
        let options: Vec<String> = options.filter(|_| has_options(self.kind)).map(str::to_owned).collect();
        Ok(NewField { key, label, kind: self.kind, options })
    }
}

/// Whether fields of the kind have declared options.
pub fn has_options(kind: Kind) -> bool {
    matches!(kind, Kind::SingleOption | Kind::Radio | Kind::MultipleOptions | Kind::Checkbox)
}

/// The key that a label makes: small letters, digits and `_`.
fn key_of(label: &str) -> String {
    let mut key = String::new();
    for c in label.chars().flat_map(char::to_lowercase) {
        let plain = match c {
            'a'..='z' | '0'..='9' => Some(c.to_string()),
            'ä' | 'à' | 'á' | 'â' | 'ã' | 'å' => Some("a".to_owned()),
            'è' | 'é' | 'ê' | 'ë' => Some("e".to_owned()),
            'ì' | 'í' | 'î' | 'ï' => Some("i".to_owned()),
            'ö' | 'ò' | 'ó' | 'ô' | 'õ' | 'ø' => Some("o".to_owned()),
            'ü' | 'ù' | 'ú' | 'û' => Some("u".to_owned()),
            'ñ' => Some("n".to_owned()),
            'ç' => Some("c".to_owned()),
            'ß' => Some("ss".to_owned()),
            _ => None,
        };
        match plain {
            Some(plain) => key.push_str(&plain),
            None if !key.ends_with('_') && !key.is_empty() => key.push('_'),
            None => {}
        }
    }
    let key = key.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    let key: String = key.chars().take(40).collect();
    key.trim_end_matches('_').to_owned()
}

/// A kind in words.
pub fn kind_in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::ContactId => "Contact ID",
        Kind::Reference => "Reference",
        Kind::Text => "Text",
        Kind::LongText => "Long text",
        Kind::Email => "E-mail",
        Kind::Emails => "E-mails",
        Kind::Phone => "Phone",
        Kind::Phones => "Phones",
        Kind::Date => "Date",
        Kind::DateTime => "Date and time",
        Kind::TimeZone => "Time zone",
        Kind::Person => "Person",
        Kind::People => "People",
        Kind::Tags => "Tags",
        Kind::SingleOption => "Single option",
        Kind::Radio => "Radio buttons",
        Kind::MultipleOptions => "Multiple options",
        Kind::Checkbox => "Checkboxes",
        Kind::TextboxList => "List of texts",
        Kind::Number => "Number",
        Kind::Money => "Money",
        Kind::YesNo => "Yes or no",
        Kind::Url => "Web address",
        Kind::Country => "Country",
    }
}

pub(crate) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Mapping,
        keys: &["F"],
        hint: "new field",
        help: "Make a custom field for the selected column",
        priority: 8,
        when: |app| app.can_change() && selected(app).is_some(),
        run: |app, _| {
            if let Some((place, header)) = selected(app) {
                open(app, Some(place), &header);
            }
        },
    },
    Binding {
        scope: Scope::NewField,
        keys: &["<tab>", "<down>"],
        hint: "next",
        help: "Go to the next field",
        priority: 2,
        when: always,
        run: |app, _| go(app, 1),
    },
    Binding {
        scope: Scope::NewField,
        keys: &["<s-tab>", "<up>"],
        hint: "",
        help: "Go to the field before",
        priority: 9,
        when: always,
        run: |app, _| go(app, -1),
    },
    Binding {
        scope: Scope::NewField,
        keys: &["<enter>"],
        hint: "go on",
        help: "Go on: choose the kind, or make the field",
        priority: 1,
        when: always,
        run: press,
    },
    Binding {
        scope: Scope::NewField,
        keys: &["<space>"],
        hint: "choose",
        help: "Choose the kind",
        priority: 3,
        when: |app| matches!(dialogs::top(app), Some(MappingDialog::NewField(form)) if form.focused() == FieldItem::Kind),
        run: press,
    },
    Binding {
        scope: Scope::NewField,
        keys: &["<c-s>"],
        hint: "make it",
        help: "Make the field",
        priority: 3,
        when: always,
        run: make,
    },
];

/// Opens the dialog. The field that is made goes to the column at a place of the draft, where one is named.
pub fn open(app: &mut App, column: Option<usize>, suggested_label: &str) {
    let header = column.and_then(|place| Some(editor(app)?.draft.mapping().columns.get(place)?.header.clone()));
    open_for(app, header.map_or(For::Nothing, For::Column), suggested_label);
}

pub(super) fn open_for(app: &mut App, to: For, suggested_label: &str) {
    let label = Field::with(suggested_label.trim());
    let form = FieldForm {
        key: Field::with(&key_of(label.text())),
        label,
        kind: Kind::Text,
        options: Field::default(),
        focus: 0,
        error: None,
        key_is_typed: false,
        making: false,
        to,
    };
    dialogs::open(app, MappingDialog::NewField(form));
}

/// The selected column of the tab.
fn selected(app: &App) -> Option<(usize, String)> {
    let editor = editor(app)?;
    let place = editor.list.selected;
    Some((place, editor.draft.mapping().columns.get(place)?.header.clone()))
}

fn form(app: &mut App) -> Option<&mut FieldForm> {
    match dialogs::top_mut(app) {
        Some(MappingDialog::NewField(form)) => Some(form),
        _ => None,
    }
}

fn go(app: &mut App, by: isize) {
    let Some(form) = form(app) else { return };
    form.focus = form.focus.saturating_add_signed(by).min(form.items().len() - 1);
}

/// A field or a button was clicked.
pub(super) fn clicked(app: &mut App, place: usize, fx: &mut Effects) {
    let Some(form) = form(app) else { return };
    form.focus = place.min(form.items().len() - 1);
    if matches!(form.focused(), FieldItem::Kind | FieldItem::Make | FieldItem::Cancel) {
        press(app, fx);
    }
}

fn press(app: &mut App, fx: &mut Effects) {
    match form(app).map(|form| form.focused()) {
        Some(FieldItem::Kind) => choose_kind(app),
        Some(FieldItem::Make) => make(app, fx),
        Some(FieldItem::Cancel) => dialog::close(app, fx),
        Some(_) => go(app, 1),
        None => {}
    }
}

fn choose_kind(app: &mut App) {
    let Some(kind) = form(app).filter(|form| !form.making).map(|form| form.kind) else { return };
    let entries = Kind::CUSTOM.map(|kind| ChoiceEntry::new(kind.as_str(), kind_in_words(kind), "")).into();
    let choice = Choice::new("Kind of the new field", entries, |app, value, _| {
        let kind = Kind::CUSTOM.into_iter().find(|kind| kind.as_str() == value);
        if let (Some(form), Some(kind)) = (form(app), kind) {
            form.kind = kind;
            form.focus += 1;
        }
    });
    choice.note("It decides how cells are read, and cannot be changed later.").at(kind.as_str()).open(app);
}

fn make(app: &mut App, fx: &mut Effects) {
    let Some(catalog) = editor(app).map(|editor| editor.opened.catalog.clone()) else { return };
    let Some(form) = form(app).filter(|form| !form.making) else { return };
    match form.read(&catalog) {
        Ok(new) => {
            (form.making, form.error) = (true, None);
            fx.push(Effect::Do(Act::AddField(Box::new(new))));
        }
        Err((item, error)) => {
            form.focus = form.items().iter().position(|other| *other == item).unwrap_or(0);
            form.error = Some(error);
        }
    }
}

/// The field was made: the catalog is read anew, and the field goes where it was made for.
pub(crate) fn made(app: &mut App, key: &str, fx: &mut Effects) {
    app.say(format!("The field {key} is made."));
    let Some(to) = form(app).filter(|form| form.making).map(|form| form.to.clone()) else { return };
    app.dialogs.pop();
    let Some(reading) = editor(app).map(|editor| editor.draft.mapping().reading.clone()) else { return };
    reopen::ask(app, reading, Then::Field { key: key.to_owned(), to }, fx);
}

/// The field was not made: the dialog says why.
pub(crate) fn not_made(app: &mut App, failure: &Failure) -> bool {
    let Some(form) = form(app).filter(|form| form.making) else { return false };
    (form.making, form.error) = (false, Some(failure.told()));
    true
}

/// The new field is in the catalog: it is used for what it was made for, as one step.
pub(super) fn assign(app: &mut App, key: &str, to: For) {
    let Some(editor) = super::editor_mut(app) else { return };
    let whole = format!("custom.{key}");
    let catalog = &editor.opened.catalog;
    let Some(field) = catalog.by_key(key).or_else(|| catalog.by_key(&whole)).cloned() else { return };
    match to {
        For::Nothing => {}
        For::Part => split::set_part(app, &field.key),
        For::Column(header) => {
            let change = |mapping: &mut Mapping| {
                if let Some(column) = mapping.columns.iter_mut().find(|column| column.header == header) {
                    *column = Column { required: column.required, ..Column::to(&header, &field.key) };
                }
            };
            editor.draft.edit(format!("{header} → {}", field.label), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_of_what_a_label_has_of_letters_and_digits() {
        for (label, key) in [
            ("Größe (cm)", "grosse_cm"),
            ("  2nd  Phone ", "nd_phone"),
            ("Owner's e-mail", "owner_s_e_mail"),
            ("東京", ""),
            ("size", "size"),
        ] {
            assert_eq!(key_of(label), key, "{label}");
            assert_eq!(key_of(key), key, "a key stays as it is");
        }
    }
}
