//! The form of a source: what people say of it, and how its imports are done.

use super::brings::{Bring, EXAMPLES, Kind, Note};
use super::data::{FileLook, SourceForm, SourceLine};
use super::dialog::{self, Dialog};
use super::field::Field;
use super::keys::{Binding, Scope, always};
use super::message::{Act, Effect, Failure, Question};
use super::source_data::{BringsSaid, NamesWanted};
use super::source_item::{ADD, EDIT, Item};
use super::source_texts::Texts;
use super::{App, Effects, connecting, sources};
use crate::domain::id::SourceId;
use crate::domain::run::Mode;
use crate::domain::source::{NameDoubt, SourceMode, SourceOptions, name_doubts};
use crate::domain::values::country::is_region_code;
use chrono::NaiveDate;
use chrono_tz::Tz;
use std::path::PathBuf;

/// The state of the form.
#[derive(Debug, Clone)]
pub struct Form {
    pub purpose: Purpose,
    pub texts: Texts,
    pub mode: SourceMode,
    /// How its imports are done, with what the form does not show as it was.
    pub options: SourceOptions,
    /// How it is done by a source that brings its own files.
    pub bring: Option<Box<Bring>>,
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

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::SourceForm,
        keys: &["<tab>", "<down>"],
        hint: "next",
        help: "Go to the next field",
        priority: 2,
        when: always,
        run: |app, fx| go(app, 1, fx),
    },
    Binding {
        scope: Scope::SourceForm,
        keys: &["<s-tab>", "<up>"],
        hint: "",
        help: "Go to the field before",
        priority: 9,
        when: always,
        run: |app, fx| go(app, -1, fx),
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
        run: |app, fx| go(app, 1, fx),
    },
    Binding {
        scope: Scope::SourceForm,
        keys: &["<c-n>"],
        hint: "example",
        help: "Put the next example of a schedule into the field",
        priority: 2,
        when: |app| focused(app).is_some_and(Item::is_schedule),
        run: |app, _| example(app),
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
    let texts = Texts::with(&[(Item::Name, stem.trim_end_matches(".csv")), (Item::File, &file.to_string_lossy())]);
    let mut form = Form { look: Look::Waiting, ..Form::new(Purpose::Add, texts, sources::names_but(app, None)) };
    form.doubt();
    app.open(Dialog::SourceForm(Box::new(form)));
    app.ask(Question::LookAt(file), fx);
}

/// Opens the form of a new source that brings its own files.
pub(super) fn add_bringing(app: &mut App, kind: Kind) {
    let texts = Texts::with(&[(Item::Zone, app.zone.name())]);
    let form = Form {
        mode: SourceMode::Ongoing,
        bring: Some(Box::new(Bring::new(kind))),
        ..Form::new(Purpose::Add, texts, sources::names_but(app, None))
    };
    app.open(Dialog::SourceForm(Box::new(form)));
}

impl Form {
    fn new(purpose: Purpose, texts: Texts, others: Vec<String>) -> Form {
        Form {
            purpose,
            texts,
            mode: SourceMode::OneTime,
            options: SourceOptions::default(),
            bring: None,
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

    /// The form of a source that there is.
    pub(super) fn edit(line: &SourceLine, others: Vec<String>, zone: Tz) -> Form {
        let form = &line.form;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let mut texts = Texts::with(&[
            (Item::Name, &form.name),
            (Item::File, &text(&form.location)),
            (Item::Country, &text(&form.options.country)),
            (Item::Tags, &form.options.tags.join(", ")),
            (Item::Filters, &form.options.filters.join("; ")),
            (Item::Since, &form.options.since.map(|day| day.to_string()).unwrap_or_default()),
            (Item::Purpose, &text(&form.purpose)),
            (Item::Owner, &text(&form.owner)),
            (Item::Notes, &text(&form.notes)),
            (Item::Zone, zone.name()),
        ]);
        let bring = line.brings.as_ref().map(|brings| Box::new(Bring::of(brings, &mut texts, line.id)));
        Form {
            mode: form.mode,
            options: form.options.clone(),
            bring,
            ..Form::new(Purpose::Edit(line.id), texts, others)
        }
    }

    /// What it asks for, in order.
    pub fn items(&self) -> Vec<Item> {
        match (&self.bring, &self.purpose) {
            (Some(bring), _) => bring.items(),
            (None, Purpose::Add) => ADD.to_vec(),
            (None, Purpose::Edit(_)) => EDIT.to_vec(),
        }
    }

    pub fn label(&self, item: Item) -> &'static str {
        self.bring.as_ref().map_or(item.label(), |bring| bring.label(item))
    }

    pub fn example(&self, item: Item) -> &'static str {
        self.bring.as_ref().map_or(item.example(), |bring| bring.example(item))
    }

    /// What the item that has the keys means.
    pub fn note(&self, zone: Tz, now_ms: i64) -> Option<Note> {
        self.bring.as_ref()?.note(self.focused(), &self.texts, zone, now_ms)
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
        self.texts.trimmed(Item::Name).to_owned()
    }

    /// The text field of an item; none for choices, buttons, and where nobody has typed yet.
    pub fn field(&self, item: Item) -> Option<&Field> {
        self.texts.field(item)
    }

    /// Whether it is typed.
    pub fn is_text(&self, item: Item) -> bool {
        !item.is_button() && self.choice(item).is_none()
    }

    pub(super) fn field_mut(&mut self) -> Option<&mut Field> {
        let item = self.focused();
        (!self.saving && self.is_text(item)).then(|| self.texts.field_mut(item))
    }

    /// A choice in words; none for text fields and buttons.
    pub fn choice(&self, item: Item) -> Option<&'static str> {
        Some(match item {
            Item::Mode => match self.mode {
                SourceMode::OneTime if self.bring.is_some() => "one-time: what lies there, and no more",
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
            item => return self.bring.as_ref()?.choice(item),
        })
    }

    /// Whether other rows than before will be skipped: those that were skipped stay out until they are imported again
    /// (R84).
    pub fn filters_changed(&self) -> bool {
        let before = self.options.filters.join("; ");
        let since = self.options.since.map(|day| day.to_string()).unwrap_or_default();
        let is_edit = matches!(self.purpose, Purpose::Edit(_));
        is_edit && (self.texts.trimmed(Item::Filters) != before || self.texts.trimmed(Item::Since) != since)
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
        let texts = &self.texts;
        let country = texts.some(Item::Country).map(|text| text.to_uppercase());
        if let Some(country) = country.as_ref().filter(|code| !is_region_code(code)) {
            return Err((Item::Country, format!("{country} is no country code. Use two letters, such as DE or US.")));
        }
        let since = match texts.some(Item::Since) {
            Some(text) => match NaiveDate::parse_from_str(&text, "%Y-%m-%d") {
                Ok(day) => Some(day),
                Err(_) => return Err((Item::Since, format!("{text} is no day. Write it as 2026-01-31."))),
            },
            None => None,
        };
        let options = SourceOptions {
            country,
            tags: texts.list(Item::Tags, ','),
            filters: texts.list(Item::Filters, ';'),
            since,
            ..self.options.clone()
        };
        Ok(SourceForm {
            name,
            mode: self.mode,
            location: texts.some(Item::File),
            purpose: texts.some(Item::Purpose),
            owner: texts.some(Item::Owner),
            notes: texts.some(Item::Notes),
            options,
        })
    }

    /// All of it: what any source has, and how this one brings its files.
    fn read_all(&mut self, zone: Tz) -> Result<(SourceForm, Option<BringsSaid>), (Item, String)> {
        let read = self.read()?;
        let said = self.bring.as_ref().map(|bring| bring.read(&mut self.texts, zone)).transpose()?;
        Ok((read, said))
    }

    /// Puts the keys on an item, and shows it.
    fn go_to(&mut self, item: Item) {
        if !self.items().contains(&item)
            && let Some(bring) = &mut self.bring
        {
            bring.more = true;
        }
        self.focus = self.items().iter().position(|other| *other == item).unwrap_or(0);
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
    match app.dialogs.last() {
        Some(Dialog::SourceForm(form)) => form.choice(form.focused()).is_some(),
        _ => false,
    }
}

/// Moves the keys by so many fields.
pub(super) fn go(app: &mut App, by: isize, fx: &mut Effects) {
    let Some(form) = form(app) else { return };
    form.focus = form.focus.saturating_add_signed(by).min(form.items().len() - 1);
    if form.focused() == Item::Pattern {
        ask_names(app, fx);
    }
}

/// Asks once for the names of the files there, to try the pattern on.
fn ask_names(app: &mut App, fx: &mut Effects) {
    let Some(form) = form(app) else { return };
    let Some(bring) = &mut form.bring else { return };
    let typed = match (bring.kind, form.texts.trimmed(Item::Path)) {
        (Kind::Dir | Kind::Drop, path) if !path.is_empty() => Some(NamesWanted::Directory(path.to_owned())),
        _ => None,
    };
    let is_new = typed.is_some() && typed != bring.asked;
    if is_new {
        bring.asked = typed;
        bring.names = None;
    }
    if let Some(wanted) = bring.asked.clone().filter(|_| bring.names.is_none()) {
        app.ask(Question::FileNames(wanted), fx);
    }
}

/// The names of the files there, or none where they cannot be told.
pub(super) fn names_answered(app: &mut App, wanted: &NamesWanted, names: Option<Vec<String>>) {
    let Some(bring) = form(app).and_then(|form| form.bring.as_mut()) else { return };
    if bring.asked.as_ref() == Some(wanted) {
        bring.names = names;
    }
}

/// The example after the one that is typed.
fn example(app: &mut App) {
    let Some(form) = form(app).filter(|form| !form.saving) else { return };
    let item = form.focused();
    let typed = EXAMPLES.iter().position(|example| *example == form.texts.trimmed(item));
    let next = EXAMPLES[typed.map_or(0, |place| (place + 1) % EXAMPLES.len())];
    form.texts.set(item, next);
    (form.error, form.touched, form.leaving) = (None, true, false);
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
        item => {
            if let Some(bring) = &mut form.bring {
                bring.change(item, &mut form.texts);
                form.error = None;
            }
        }
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
    let zone = app.zone;
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
    match form.read_all(zone) {
        Ok((read, said)) => {
            (form.saving, form.then_map, form.error) = (true, then_map, None);
            let (read, said) = (Box::new(read), said.map(Box::new));
            fx.push(Effect::Do(match form.purpose {
                Purpose::Add => Act::AddSource(read, said),
                Purpose::Edit(id) => Act::EditSource(id, read, said),
            }));
        }
        Err((item, error)) => {
            form.go_to(item);
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
pub(super) fn saved(app: &mut App, fx: &mut Effects) {
    if form(app).is_some_and(|form| form.saving && form.purpose != Purpose::Add) {
        app.dialogs.pop();
        connecting::edited(app, fx);
    }
}

/// What was to be saved was not: the form tells why.
pub(super) fn not_saved(app: &mut App, failure: &Failure) -> bool {
    let Some(form) = form(app).filter(|form| form.saving) else { return false };
    form.saving = false;
    form.error = Some(failure.told());
    true
}
