//! The form of a source: what people say of it, and how its imports are done.

use super::data::{FileLook, SourceForm, SourceLine};
use super::dialog::{self, Dialog};
use super::field::Field;
use super::keys::{Binding, Scope, always};
use super::message::{Act, Effect, Failure, Question};
use super::source_item::{ADD, EDIT, Item};
use super::{App, Effects, sources};
use crate::domain::id::SourceId;
use crate::domain::run::Mode;
use crate::domain::source::{NameDoubt, SourceMode, SourceOptions, name_doubts};
use crate::domain::values::country::is_region_code;
use chrono::NaiveDate;
use std::path::PathBuf;

/// The state of the form.
#[derive(Debug, Clone)]
pub struct Form {
    pub purpose: Purpose,
    pub texts: Texts,
    pub mode: SourceMode,
    /// How its imports are done, with what the form does not show as it was.
    pub options: SourceOptions,
    /// The place in [`Form::items`] that has the keys.
    pub focus: usize,
    pub doubt: Option<NameDoubt>,
    /// The doubtful name that saving was held up for once: it is meant.
    meant: Option<String>,
    /// What keeps it from being saved.
    pub error: Option<String>,
    pub look: Look,
    /// After it is saved, its mapping is shown.
    pub then_map: bool,
    /// The names of all other sources.
    others: Vec<String>,
    saving: bool,
    /// Something was typed or chosen that closing would lose.
    touched: bool,
    /// Closing was asked for once, and what it would lose was said.
    pub leaving: bool,
}

/// What the form is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    Add,
    Edit(SourceId),
}

/// What was found in the file of a new source.
#[derive(Debug, Clone)]
pub enum Look {
    /// No file is looked at.
    None,
    Waiting,
    Found(Box<FileLook>),
    Failed(Failure),
}

/// Its text fields.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    pub name: Field,
    pub file: Field,
    pub country: Field,
    pub tags: Field,
    pub filters: Field,
    pub since: Field,
    pub purpose: Field,
    pub owner: Field,
    pub notes: Field,
}

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::SourceForm,
        keys: &["<tab>", "<down>"],
        hint: "next",
        help: "Go to the next field",
        priority: 2,
        when: always,
        run: |app, _| go(app, 1),
    },
    Binding {
        scope: Scope::SourceForm,
        keys: &["<s-tab>", "<up>"],
        hint: "",
        help: "Go to the field before",
        priority: 9,
        when: always,
        run: |app, _| go(app, -1),
    },
    Binding {
        scope: Scope::SourceForm,
        keys: &["<space>", "<right>", "<left>"],
        hint: "change",
        help: "Change the choice",
        priority: 2,
        when: on_choice,
        run: |app, _| change(app),
    },
    Binding {
        scope: Scope::SourceForm,
        keys: &["<enter>"],
        hint: "press",
        help: "Press the button",
        priority: 1,
        when: on_button,
        run: press,
    },
    Binding {
        scope: Scope::SourceForm,
        keys: &["<enter>"],
        hint: "",
        help: "Go to the next field",
        priority: 9,
        when: |app| !on_button(app),
        run: |app, _| go(app, 1),
    },
    Binding {
        scope: Scope::SourceForm,
        keys: &["<c-s>"],
        hint: "save",
        help: "Save the source",
        priority: 3,
        when: always,
        run: |app, fx| save(app, false, fx),
    },
];

/// Opens the form of a new source of a file.
pub(super) fn add(app: &mut App, file: PathBuf, fx: &mut Effects) {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let texts = Texts {
        name: Field::with(stem.trim_end_matches(".csv")),
        file: Field::with(&file.to_string_lossy()),
        ..Texts::default()
    };
    let mut form = Form {
        purpose: Purpose::Add,
        texts,
        mode: SourceMode::OneTime,
        options: SourceOptions::default(),
        focus: 0,
        doubt: None,
        meant: None,
        error: None,
        look: Look::Waiting,
        then_map: false,
        others: sources::names_but(app, None),
        saving: false,
        touched: false,
        leaving: false,
    };
    form.doubt();
    app.open(Dialog::SourceForm(Box::new(form)));
    app.ask(Question::LookAt(file), fx);
}

impl Form {
    /// The form of a source that there is.
    pub(super) fn edit(line: &SourceLine, others: Vec<String>) -> Form {
        let field = |text: &Option<String>| Field::with(text.as_deref().unwrap_or_default());
        let form = &line.form;
        let texts = Texts {
            name: Field::with(&form.name),
            file: field(&form.location),
            country: field(&form.options.country),
            tags: Field::with(&form.options.tags.join(", ")),
            filters: Field::with(&form.options.filters.join("; ")),
            since: Field::with(&form.options.since.map(|day| day.to_string()).unwrap_or_default()),
            purpose: field(&form.purpose),
            owner: field(&form.owner),
            notes: field(&form.notes),
        };
        Form {
            purpose: Purpose::Edit(line.id),
            texts,
            mode: form.mode,
            options: form.options.clone(),
            focus: 0,
            doubt: None,
            meant: None,
            error: None,
            look: Look::None,
            then_map: false,
            others,
            saving: false,
            touched: false,
            leaving: false,
        }
    }

    /// What it asks for, in order.
    pub fn items(&self) -> &'static [Item] {
        match self.purpose {
            Purpose::Add => &ADD,
            Purpose::Edit(_) => &EDIT,
        }
    }

    pub fn focused(&self) -> Item {
        self.items().get(self.focus).copied().unwrap_or(Item::Name)
    }

    pub fn is_saving(&self) -> bool {
        self.saving
    }

    /// Whether it stays open for now: it is being saved, or what was typed in it would be lost without a word.
    pub(super) fn stays_open(&mut self) -> bool {
        if self.saving {
            return true;
        }
        let stays = self.touched && !self.leaving;
        self.leaving = true;
        stays
    }

    pub fn name(&self) -> String {
        self.texts.name.text().trim().to_owned()
    }

    /// The text field of an item; none for choices and buttons.
    pub fn field(&self, item: Item) -> Option<&Field> {
        Some(match item {
            Item::Name => &self.texts.name,
            Item::File => &self.texts.file,
            Item::Country => &self.texts.country,
            Item::Tags => &self.texts.tags,
            Item::Filters => &self.texts.filters,
            Item::Since => &self.texts.since,
            Item::Purpose => &self.texts.purpose,
            Item::Owner => &self.texts.owner,
            Item::Notes => &self.texts.notes,
            _ => return None,
        })
    }

    pub(super) fn field_mut(&mut self) -> Option<&mut Field> {
        if self.saving {
            return None;
        }
        Some(match self.focused() {
            Item::Name => &mut self.texts.name,
            Item::File => &mut self.texts.file,
            Item::Country => &mut self.texts.country,
            Item::Tags => &mut self.texts.tags,
            Item::Filters => &mut self.texts.filters,
            Item::Since => &mut self.texts.since,
            Item::Purpose => &mut self.texts.purpose,
            Item::Owner => &mut self.texts.owner,
            Item::Notes => &mut self.texts.notes,
            _ => return None,
        })
    }

    /// A choice in words; none for text fields and buttons.
    pub fn choice(&self, item: Item) -> Option<&'static str> {
        Some(match item {
            Item::Mode => match self.mode {
                SourceMode::OneTime => "one-time: this file and no more",
                SourceMode::Ongoing => "ongoing: more files will come",
            },
            Item::Import => match self.options.mode {
                Mode::Upsert => "create and update contacts",
                Mode::Create => "create contacts, update none",
                Mode::Update => "update contacts, create none",
            },
            Item::KeepEmpty if self.options.clear_empty => "clear what their fields hold",
            Item::KeepEmpty => "don't update empty values",
            Item::Duplicates if self.options.allow_duplicates => {
                "allowed: several contacts may share an email or phone"
            }
            Item::Duplicates => "as the workspace has it",
            _ => return None,
        })
    }

    /// Whether other rows than before will be skipped: those that were skipped stay out until they are imported again
    /// (R84).
    pub fn filters_changed(&self) -> bool {
        let before = self.options.filters.join("; ");
        let since = self.options.since.map(|day| day.to_string()).unwrap_or_default();
        let is_edit = matches!(self.purpose, Purpose::Edit(_));
        is_edit && (self.texts.filters.text().trim() != before || self.texts.since.text().trim() != since)
    }

    fn doubt(&mut self) {
        self.doubt = name_doubts(&self.name(), self.others.iter().map(String::as_str));
    }

    /// What the form says, or what is wrong with it and where.
    fn read(&self) -> Result<SourceForm, (Item, String)> {
        let name = self.name();
        if name.is_empty() {
            return Err((Item::Name, "A source needs a name.".to_owned()));
        }
        if let Some(doubt @ NameDoubt::Taken { .. }) = &self.doubt {
            return Err((Item::Name, format!("{} {}", doubt.message(), doubt.action())));
        }
        let some = |field: &Field| Some(field.text().trim().to_owned()).filter(|text| !text.is_empty());
        let country = some(&self.texts.country).map(|text| text.to_uppercase());
        if let Some(country) = country.as_ref().filter(|code| !is_region_code(code)) {
            return Err((Item::Country, format!("{country} is no country code. Use two letters, such as DE or US.")));
        }
        let since = match some(&self.texts.since) {
            Some(text) => match NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
                Ok(day) => Some(day),
                Err(_) => return Err((Item::Since, format!("{text} is no day. Write it as 2026-01-31."))),
            },
            None => None,
        };
        let list = |field: &Field, mark: char| {
            let parts = field.text().split(mark).map(str::trim).filter(|part| !part.is_empty());
            parts.map(str::to_owned).collect::<Vec<_>>()
        };
        let options = SourceOptions {
            country,
            tags: list(&self.texts.tags, ','),
            filters: list(&self.texts.filters, ';'),
            since,
            ..self.options.clone()
        };
        Ok(SourceForm {
            name,
            mode: self.mode,
            location: some(&self.texts.file),
            purpose: some(&self.texts.purpose),
            owner: some(&self.texts.owner),
            notes: some(&self.texts.notes),
            options,
        })
    }
}

fn form(app: &mut App) -> Option<&mut Form> {
    match app.dialogs.last_mut() {
        Some(Dialog::SourceForm(form)) => Some(form),
        _ => None,
    }
}

fn focused(app: &App) -> Option<Item> {
    match app.dialogs.last() {
        Some(Dialog::SourceForm(form)) => Some(form.focused()),
        _ => None,
    }
}

fn on_button(app: &App) -> bool {
    focused(app).is_some_and(Item::is_button)
}

fn on_choice(app: &App) -> bool {
    matches!(focused(app), Some(Item::Mode | Item::Import | Item::KeepEmpty | Item::Duplicates))
}

fn go(app: &mut App, by: isize) {
    let Some(form) = form(app) else { return };
    form.focus = form.focus.saturating_add_signed(by).min(form.items().len() - 1);
}

fn change(app: &mut App) {
    let Some(form) = form(app).filter(|form| !form.saving && form.choice(form.focused()).is_some()) else { return };
    (form.touched, form.leaving) = (true, false);
    match form.focused() {
        Item::Mode => {
            form.mode = match form.mode {
                SourceMode::OneTime => SourceMode::Ongoing,
                SourceMode::Ongoing => SourceMode::OneTime,
            }
        }
        Item::Import => {
            form.options.mode = match form.options.mode {
                Mode::Upsert => Mode::Create,
                Mode::Create => Mode::Update,
                Mode::Update => Mode::Upsert,
            }
        }
        Item::KeepEmpty => form.options.clear_empty = !form.options.clear_empty,
        Item::Duplicates => form.options.allow_duplicates = !form.options.allow_duplicates,
        _ => {}
    }
}

fn press(app: &mut App, fx: &mut Effects) {
    match focused(app) {
        Some(Item::Save) => save(app, false, fx),
        Some(Item::SaveAndMap) => save(app, true, fx),
        Some(Item::Cancel) => {
            if let Some(form) = form(app) {
                form.leaving = true;
            }
            dialog::close(app, fx);
        }
        _ => {}
    }
}

/// Saves the form once, however often the key is pressed; it stays until it is saved, so that nothing typed is lost.
fn save(app: &mut App, then_map: bool, fx: &mut Effects) {
    let Some(form) = form(app).filter(|form| !form.saving) else { return };
    let name = form.name();
    if form.meant.as_ref() != Some(&name)
        && let Some(doubt) = form.doubt.as_ref().filter(|doubt| !matches!(doubt, NameDoubt::Taken { .. }))
    {
        form.error = Some(format!("{} {} Save again if it is meant.", doubt.message(), doubt.action()));
        form.focus = form.items().iter().position(|other| *other == Item::Name).unwrap_or(0);
        form.meant = Some(name);
        return;
    }
    match form.read() {
        Ok(read) => {
            (form.saving, form.then_map, form.error) = (true, then_map, None);
            fx.push(Effect::Do(match form.purpose {
                Purpose::Add => Act::AddSource(Box::new(read)),
                Purpose::Edit(id) => Act::EditSource(id, Box::new(read)),
            }));
        }
        Err((item, error)) => {
            form.focus = form.items().iter().position(|other| *other == item).unwrap_or(0);
            form.error = Some(error);
        }
    }
}

/// The text of a field has changed.
pub(super) fn typed(form: &mut Form) {
    (form.error, form.touched, form.leaving) = (None, true, false);
    form.doubt();
}

/// An item was clicked: it has the keys; choices change, buttons are pressed.
pub(super) fn clicked(app: &mut App, place: usize, fx: &mut Effects) {
    let Some(form) = form(app) else { return };
    form.focus = place.min(form.items().len() - 1);
    change(app);
    press(app, fx);
}

pub(super) fn looked(app: &mut App, look: FileLook) {
    let Some(form) = form(app).filter(|form| matches!(form.look, Look::Waiting)) else { return };
    form.look = Look::Found(Box::new(look));
}

pub(super) fn look_failed(app: &mut App, failure: &Failure) -> bool {
    let Some(form) = form(app).filter(|form| matches!(form.look, Look::Waiting)) else { return false };
    form.look = Look::Failed(failure.clone());
    true
}

/// What was to be saved was.
pub(super) fn saved(app: &mut App) {
    if form(app).is_some_and(|form| form.saving && form.purpose != Purpose::Add) {
        app.dialogs.pop();
    }
}

/// What was to be saved was not: the form tells why.
pub(super) fn not_saved(app: &mut App, failure: &Failure) -> bool {
    let Some(form) = form(app).filter(|form| form.saving) else { return false };
    form.saving = false;
    form.error = Some(failure.told());
    true
}
