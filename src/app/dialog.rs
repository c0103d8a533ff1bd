//! Dialogs: what lies over a tab until it is answered or closed. The last one that was opened has the keys.

use super::brings::kind;
use super::connecting::{self, Connecting};
use super::data::WorkspaceLine;
use super::field::Field;
use super::import::{self, Import};
use super::keys::{self, Binding, Scope, always};
use super::list::List;
use super::lookup::{self, Narrowing};
use super::mapping::dialogs::{self, MappingDialog};
use super::mapping::picker::{self as field_picker, FieldPicker};
use super::mapping::problem_rows::ProblemRows;
use super::message::{Act, Answer, Effect, Failure, MOST_COPIED, Slot};
use super::numbers::bytes;
use super::picker::{self, Picker};
use super::shell_word::shell_word;
use super::source_files::{self, SourceFiles};
use super::source_form::{self, Form};
use super::{App, Effects, mapping, source_checks, source_versions, sources};
use crate::domain::id::{RunId, SourceId};
use crate::domain::source::{NameDoubt, name_doubts};
use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

/// An open dialog.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// What every key does where it was opened.
    Help {
        keys: Vec<HelpKey>,
        list: List,
    },
    Palette(Palette),
    /// A text to read, and to copy.
    Text(Text),
    Confirm(Confirm),
    Prompt(Prompt),
    Workspaces {
        lines: Option<Vec<WorkspaceLine>>,
        list: List,
    },
    Picker(Box<Picker>),
    /// Which kind of source is added.
    SourceKind(List),
    SourceForm(Box<Form>),
    /// How a source's files are reached.
    Connecting(Box<Connecting>),
    SourceFiles(Box<SourceFiles>),
    Import(Box<Import>),
    /// One of the Mapping tab.
    Mapping(Box<MappingDialog>),
    FieldPicker(Box<FieldPicker>),
    ProblemRows(Box<ProblemRows>),
}

/// A key of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HelpKey {
    /// Its place in the key table.
    pub place: usize,
    /// Whether it would have done anything when the help was opened.
    pub is_possible: bool,
}

/// The command palette.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    pub field: Field,
    /// What could be done where it was opened.
    places: Vec<usize>,
    /// What of it matches, best first, with the letters of its help that match.
    pub found: Vec<(usize, Vec<usize>)>,
    pub list: List,
}

/// A text, with what is copied of it.
#[derive(Debug, Clone)]
pub struct Text {
    pub title: String,
    pub lines: Vec<TextLine>,
    pub copy: String,
    pub list: List,
}

/// A paragraph of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextLine {
    Plain(String),
    Strong(String),
    Dim(String),
    Error(String),
    /// A word and what it stands for.
    Pair(String, String),
    /// An entry of a list.
    Item(String),
    /// A value or a command, as it stands: a line of its own.
    Example(String),
    Empty,
}

/// A question before something that cannot be taken back. It says what will happen in numbers.
#[derive(Debug, Clone)]
pub struct Confirm {
    pub title: String,
    pub lines: Vec<TextLine>,
    /// What the button that does it says.
    pub yes: String,
    pub act: Yes,
    /// Whether the button that does it is the chosen one. It is not at first: Enter in haste does nothing.
    pub chosen: bool,
    /// How far the text is moved on, where there is no room for all of it.
    pub list: List,
}

/// What a yes does.
#[derive(Debug, Clone)]
pub enum Yes {
    Do(Act),
    /// Leaves the application.
    Leave,
}

impl From<Act> for Yes {
    fn from(act: Act) -> Yes {
        Yes::Do(act)
    }
}

/// One line to type.
#[derive(Debug, Clone)]
pub struct Prompt {
    pub title: String,
    pub label: String,
    pub field: Field,
    pub purpose: Purpose,
    /// What is wrong with what was typed.
    pub error: Option<String>,
}

/// What a typed line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    NoteRun(RunId),
    RenameSource(SourceId),
    /// The day from which on deliveries are considered again.
    BackfillSource(SourceId),
    /// The tags of the import that is prepared under the line.
    TagImport,
    /// Its conditions.
    FilterImport,
    /// The day since which its rows have changed.
    SinceImport,
    /// Export these rows to the file that is typed.
    ExportRows(super::data::RowsWanted),
    /// Narrow the lookup to what is typed.
    Narrow(Narrowing),
    /// Go to the row of this number.
    GoToRow,
}

impl Dialog {
    pub fn workspaces() -> Dialog {
        Dialog::Workspaces { lines: None, list: List::default() }
    }

    pub fn scope(&self) -> Scope {
        match self {
            Dialog::Help { .. } => Scope::Help,
            Dialog::Palette(_) => Scope::Palette,
            Dialog::Text(_) => Scope::Text,
            Dialog::Confirm(_) => Scope::Confirm,
            Dialog::Prompt(_) => Scope::Prompt,
            Dialog::Workspaces { .. } => Scope::Workspaces,
            Dialog::Picker(_) => Scope::Picker,
            Dialog::SourceKind(_) => Scope::SourceKind,
            Dialog::SourceForm(_) => Scope::SourceForm,
            Dialog::Connecting(_) => Scope::Connecting,
            Dialog::SourceFiles(_) => Scope::SourceFiles,
            Dialog::Import(_) => Scope::Import,
            Dialog::Mapping(open) => open.scope(),
            Dialog::FieldPicker(_) => Scope::FieldPicker,
            Dialog::ProblemRows(_) => Scope::ProblemRows,
        }
    }

    pub fn field_mut(&mut self) -> Option<&mut Field> {
        match self {
            Dialog::Palette(palette) => Some(&mut palette.field),
            Dialog::Prompt(prompt) => Some(&mut prompt.field),
            Dialog::Picker(picker) => Some(&mut picker.field),
            Dialog::SourceForm(form) => form.field_mut(),
            Dialog::Mapping(open) => open.field_mut(),
            Dialog::FieldPicker(picker) => Some(&mut picker.field),
            Dialog::Help { .. }
            | Dialog::Text(_)
            | Dialog::Confirm(_)
            | Dialog::Workspaces { .. }
            | Dialog::SourceKind(_)
            | Dialog::Connecting(_)
            | Dialog::Import(_)
            | Dialog::SourceFiles(_)
            | Dialog::ProblemRows(_) => None,
        }
    }

    pub fn has_list(&self) -> bool {
        match self {
            Dialog::Mapping(open) => open.has_list(),
            _ => !matches!(self, Dialog::Prompt(_) | Dialog::SourceForm(_)),
        }
    }

    /// The list of the dialog with the number of its entries; `lines` that of its lines, where it was drawn in lines.
    pub fn list_mut(&mut self, lines: usize) -> Option<(&mut List, usize)> {
        match self {
            Dialog::Help { list, .. } => Some((list, lines)),
            Dialog::Palette(palette) => Some((&mut palette.list, palette.found.len())),
            Dialog::Text(text) => Some((&mut text.list, lines)),
            Dialog::Confirm(confirm) => Some((&mut confirm.list, lines)),
            Dialog::Workspaces { lines, list } => Some((list, lines.as_ref().map_or(0, Vec::len))),
            Dialog::Picker(picker) => Some((&mut picker.list, picker.found.len())),
            Dialog::SourceKind(list) => Some((list, kind::ENTRIES.len())),
            Dialog::Connecting(open) => Some((&mut open.list, lines)),
            Dialog::Import(import) => Some((&mut import.list, lines)),
            Dialog::Mapping(open) => open.list_mut(),
            Dialog::FieldPicker(picker) => {
                let len = picker.len();
                Some((&mut picker.list, len))
            }
            Dialog::ProblemRows(rows) => Some((&mut rows.list, rows.rows.len())),
            Dialog::SourceFiles(files) => {
                let len = files.lines().len();
                Some((&mut files.list, len))
            }
            Dialog::Prompt(_) | Dialog::SourceForm(_) => None,
        }
    }

    /// Whether it is a text that is moved in line by line: the selected line is the first one that is shown.
    pub fn is_text(&self) -> bool {
        matches!(self, Dialog::Help { .. } | Dialog::Text(_) | Dialog::Confirm(_) | Dialog::Connecting(_))
    }
}

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Dialog,
        keys: &["<esc>"],
        hint: "close",
        help: "Close the dialog; nothing happens",
        priority: 1,
        when: always,
        run: close,
    },
    Binding {
        scope: Scope::Dialog,
        keys: &["<c-c>"],
        hint: "",
        help: "Close the dialog; nothing happens",
        priority: 9,
        when: always,
        run: close,
    },
    Binding {
        scope: Scope::Help,
        keys: &["q", "?", "<enter>"],
        hint: "",
        help: "Close the help",
        priority: 9,
        when: always,
        run: close,
    },
    Binding {
        scope: Scope::Text,
        keys: &["q", "<enter>"],
        hint: "",
        help: "Close the text",
        priority: 9,
        when: always,
        run: close,
    },
    Binding {
        scope: Scope::Text,
        keys: &["c", "y"],
        hint: "copy",
        help: "Copy the text",
        priority: 1,
        when: always,
        run: |app, fx| {
            if let Some(Dialog::Text(text)) = app.dialogs.last() {
                let copied = text.copy.clone();
                copy(app, copied, fx);
            }
        },
    },
    Binding {
        scope: Scope::Confirm,
        keys: &["y"],
        hint: "yes",
        help: "Do it",
        priority: 1,
        when: always,
        run: confirmed,
    },
    Binding {
        scope: Scope::Confirm,
        keys: &["n", "q"],
        hint: "no",
        help: "Do nothing",
        priority: 1,
        when: always,
        run: close,
    },
    Binding {
        scope: Scope::Confirm,
        keys: &["<tab>", "<s-tab>", "<left>", "<right>", "h", "l"],
        hint: "choose",
        help: "Choose the other button",
        priority: 3,
        when: always,
        run: |app, _| {
            if let Some(Dialog::Confirm(confirm)) = app.dialogs.last_mut() {
                confirm.chosen = !confirm.chosen;
            }
        },
    },
    Binding {
        scope: Scope::Confirm,
        keys: &["<enter>"],
        hint: "press button",
        help: "Press the chosen button",
        priority: 2,
        when: always,
        run: |app, fx| match app.dialogs.last() {
            Some(Dialog::Confirm(confirm)) if confirm.chosen => confirmed(app, fx),
            _ => close(app, fx),
        },
    },
    Binding {
        scope: Scope::Confirm,
        keys: &["<c-c>"],
        hint: "",
        help: "Leave all the same",
        priority: 9,
        when: |app| matches!(app.dialogs.last(), Some(Dialog::Confirm(confirm)) if matches!(confirm.act, Yes::Leave)),
        run: confirmed,
    },
    Binding {
        scope: Scope::Palette,
        keys: &["<enter>"],
        hint: "do it",
        help: "Do what is selected",
        priority: 1,
        when: always,
        run: chosen_in_palette,
    },
    Binding {
        scope: Scope::Prompt,
        keys: &["<enter>"],
        hint: "done",
        help: "Take what was typed",
        priority: 1,
        when: always,
        run: prompted,
    },
    Binding {
        scope: Scope::Workspaces,
        keys: &["<enter>"],
        hint: "open",
        help: "Show this workspace",
        priority: 1,
        when: always,
        run: |app, fx| {
            let Some(Dialog::Workspaces { lines: Some(lines), list }) = app.dialogs.last() else { return };
            let Some(line) = lines.get(list.selected) else { return };
            let to = (!line.is_current).then(|| (line.name.clone(), Act::SwitchWorkspace(line.path.clone())));
            close(app, fx);
            if let Some((name, act)) = to {
                mapping::leave(app, &format!("Change to {name}?"), "Change", act.into(), fx);
            }
        },
    },
    Binding {
        scope: Scope::Workspaces,
        keys: &["q"],
        hint: "",
        help: "Close the list",
        priority: 9,
        when: always,
        run: close,
    },
];

/// Opens the help of where one is: the keys of this screen first, then those that work everywhere.
pub(super) fn help(app: &mut App) {
    let table = keys::table();
    let mut help = Vec::new();
    for scope in app.scopes() {
        let here = table.iter().enumerate().filter(|(_, binding)| binding.scope == scope);
        help.extend(here.map(|(place, binding)| HelpKey { place, is_possible: (binding.when)(app) }));
    }
    app.open(Dialog::Help { keys: help, list: List::default() });
}

/// Opens the command palette with what can be done here.
pub(super) fn palette(app: &mut App) {
    let mut places: Vec<usize> = keys::possible(app).into_iter().map(|(place, _)| place).collect();
    places.retain(|place| keys::table()[*place].scope != Scope::Moving);
    let found = places.iter().map(|place| (*place, Vec::new())).collect();
    app.open(Dialog::Palette(Palette { found, places, ..Palette::default() }));
}

/// Copies commands so that they do the same wherever they are pasted: with the workspace that they are about.
pub(super) fn copy_commands(app: &mut App, commands: &[String], fx: &mut Effects) {
    let text = commands.iter().map(|command| whole_command(app, command)).collect::<Vec<_>>().join("\n");
    copy(app, text, fx);
}

/// A command with the workspace that it is about.
pub(super) fn whole_command(app: &App, command: &str) -> String {
    match command.strip_prefix("landfall ") {
        Some(rest) => format!("landfall --workspace {} {rest}", shell_word(&app.workspace.dir.to_string_lossy())),
        None => command.to_owned(),
    }
}

/// Puts a text into the terminal's clipboard.
pub(super) fn copy(app: &mut App, text: String, fx: &mut Effects) {
    app.say(match text.len() {
        0..=MOST_COPIED => "Sent to the terminal's clipboard.".to_owned(),
        _ => {
            format!("Too long for terminals: only its first {} were sent to the clipboard.", bytes(MOST_COPIED as u64))
        }
    });
    fx.push(Effect::Copy(text));
}

/// Closes the dialog that has the keys, unless it waits for what it has asked to be done.
pub(super) fn close(app: &mut App, fx: &mut Effects) {
    if let Some(Dialog::SourceForm(form)) = app.dialogs.last_mut()
        && form.stays_open()
    {
        return;
    }
    if dialogs::closes(app, fx) {
        return;
    }
    match app.dialogs.last() {
        Some(Dialog::Import(import)) if import.is_starting() => return,
        Some(Dialog::Connecting(open)) if open.is_changing() => return,
        Some(Dialog::Import(import)) => import::closed(import, fx),
        _ => {}
    }
    app.dialogs.pop();
}

/// A click outside the dialog closes it, unless something was typed or prepared in it.
pub(super) fn outside(app: &mut App, fx: &mut Effects) {
    let is_typed_in = dialogs::top(app).is_some_and(MappingDialog::is_typed_in);
    let stays = matches!(app.dialogs.last(), Some(Dialog::SourceForm(_) | Dialog::Import(_) | Dialog::Prompt(_)));
    if !stays && !is_typed_in {
        close(app, fx);
    }
}

fn confirmed(app: &mut App, fx: &mut Effects) {
    if let Some(Dialog::Confirm(confirm)) = app.dialogs.pop() {
        fx.push(match confirm.act {
            Yes::Do(act) => Effect::Do(act),
            Yes::Leave => Effect::Quit,
        });
    }
}

fn chosen_in_palette(app: &mut App, fx: &mut Effects) {
    let Some(Dialog::Palette(palette)) = app.dialogs.pop() else { return };
    let chosen = palette.found.get(palette.list.selected).and_then(|(place, _)| keys::table().get(*place));
    if let Some(binding) = chosen.filter(|binding| (binding.when)(app)) {
        (binding.run)(app, fx);
    }
}

fn prompted(app: &mut App, fx: &mut Effects) {
    if matches!(rename_doubt(app), Some(NameDoubt::Taken { .. })) {
        return;
    }
    let Some(Dialog::Prompt(prompt)) = app.dialogs.last_mut() else { return };
    let text = prompt.field.text().trim().to_owned();
    let act = match prompt.purpose.clone() {
        Purpose::Narrow(narrowing) => {
            match lookup::narrow(app, narrowing, &text, fx) {
                Ok(()) => close(app, fx),
                Err(error) => refuse(app, error),
            }
            return;
        }
        Purpose::TagImport => {
            app.dialogs.pop();
            return import::tagged(app, &text, fx);
        }
        Purpose::FilterImport => {
            app.dialogs.pop();
            return import::filtered(app, &text, fx);
        }
        Purpose::SinceImport => match import::day_of(&text) {
            Ok(day) => {
                app.dialogs.pop();
                return import::since(app, day, fx);
            }
            Err(error) => return refuse(app, error),
        },
        Purpose::BackfillSource(id) => match import::day_of(&text) {
            Ok(Some(day)) => {
                app.dialogs.pop();
                return source_checks::count(app, id, day, fx);
            }
            Ok(None) => return refuse(app, "Write the first day, as 2026-01-31.".to_owned()),
            Err(error) => return refuse(app, error),
        },
        _ if text.is_empty() => return refuse(app, "Nothing is typed yet.".to_owned()),
        Purpose::RenameSource(id) => Act::RenameSource(id, text),
        Purpose::NoteRun(run) => Act::NoteRun(run, text),
        Purpose::ExportRows(rows) => {
            app.say("Writing the rows …");
            Act::ExportRows(rows, text.into())
        }
        Purpose::GoToRow => {
            let digits: String = text.chars().filter(|c| !matches!(c, ',' | '.' | ' ')).collect();
            let Ok(row) = digits.parse() else {
                return refuse(app, "That is no number of a row.".to_owned());
            };
            app.dialogs.pop();
            return super::rows::go_to(app, row, fx);
        }
    };
    app.dialogs.pop();
    fx.push(Effect::Do(act));
}

/// Says what is wrong with what was typed.
fn refuse(app: &mut App, error: String) {
    if let Some(Dialog::Prompt(prompt)) = app.dialogs.last_mut() {
        prompt.error = Some(error);
    }
}

/// What is doubtful about the new name of a source.
fn rename_doubt(app: &App) -> Option<NameDoubt> {
    let Some(Dialog::Prompt(prompt)) = app.dialogs.last() else { return None };
    let Purpose::RenameSource(id) = prompt.purpose else { return None };
    let others = sources::names_but(app, Some(id));
    name_doubts(prompt.field.text().trim(), others.iter().map(String::as_str))
}

/// The text of the dialog's field has changed.
pub(super) fn typed(app: &mut App, fx: &mut Effects) {
    let doubt = rename_doubt(app).map(|doubt| format!("{} {}", doubt.message(), doubt.action()));
    match app.dialogs.last_mut() {
        Some(Dialog::Picker(_)) => picker::typed(app, fx),
        Some(Dialog::Mapping(_)) => dialogs::typed(app),
        Some(Dialog::SourceForm(form)) => source_form::typed(form),
        Some(Dialog::FieldPicker(picker)) => field_picker::typed(picker),
        Some(Dialog::Palette(palette)) => {
            let matcher = SkimMatcherV2::default();
            let text = palette.field.text().trim();
            let score = |place: &usize| {
                let binding = keys::table()[*place];
                let of_help = matcher.fuzzy_indices(binding.help, text);
                let of_hint = matcher.fuzzy_match(binding.hint, text);
                let (score, letters) = match (of_help, of_hint) {
                    (Some((score, letters)), hint) => (hint.map_or(score, |hint| hint.max(score)), letters),
                    (None, hint) => (hint?, Vec::new()),
                };
                Some((std::cmp::Reverse(score), *place, letters))
            };
            let mut scored: Vec<_> = palette.places.iter().filter_map(score).collect();
            if !text.is_empty() {
                scored.sort();
            }
            palette.found = scored.into_iter().map(|(_, place, letters)| (place, letters)).collect();
            palette.list = List::default();
        }
        Some(Dialog::Prompt(prompt)) => prompt.error = doubt,
        _ => {}
    }
}

/// Another entry of the dialog's list is selected.
pub(super) fn moved(app: &mut App, fx: &mut Effects) {
    dialogs::moved(app, fx);
}

/// A button was clicked: 0 is the one that does nothing.
pub(super) fn button(app: &mut App, place: usize, fx: &mut Effects) {
    match app.dialogs.last() {
        Some(Dialog::Confirm(_)) if place == 1 => confirmed(app, fx),
        Some(Dialog::Confirm(_)) => close(app, fx),
        Some(Dialog::SourceForm(_)) => source_form::clicked(app, place, fx),
        Some(Dialog::Import(_)) => import::clicked(app, place, fx),
        Some(Dialog::Mapping(_)) => dialogs::button(app, place, fx),
        _ => {}
    }
}

/// An answer that a dialog waits for.
pub(super) fn answered(app: &mut App, answer: Answer, fx: &mut Effects) {
    match answer {
        Answer::Listing(listing) => picker::answered(app, listing, fx),
        Answer::FileLook(look) => source_form::looked(app, *look),
        Answer::Access(access) => connecting::answered(app, *access),
        Answer::FileNames(wanted, names) => source_form::names_answered(app, &wanted, names),
        Answer::Prepared(preparation) => import::answered(app, *preparation, fx),
        Answer::DryRun(detail) => import::counted(app, *detail),
        Answer::SourceFiles(files) => source_files::answered(app, files),
        Answer::SourceVersions(versions) => source_versions::answered(app, &versions),
        Answer::Backfill(backfill) => source_checks::counted(app, &backfill),
        Answer::Workspaces(found) => {
            if let Some(Dialog::Workspaces { lines, list }) = app.dialogs.last_mut() {
                list.selected = found.iter().position(|line| line.is_current).unwrap_or(0);
                *lines = Some(found);
            }
        }
        answer => dialogs::answered(app, answer, fx),
    }
}

/// A question of a dialog failed. Answers whether the dialog shows that itself.
pub(super) fn failed(app: &mut App, slot: Slot, failure: &Failure) -> bool {
    match slot {
        Slot::Listing => picker::failed(app, failure),
        Slot::FileLook => source_form::look_failed(app, failure),
        Slot::Access => connecting::not_answered(app, failure),
        Slot::Prepare => import::failed(app, failure),
        Slot::DryRun => import::not_told(app, failure),
        Slot::SourceFiles => source_files::failed(app, failure),
        Slot::Backfill | Slot::SourceVersions => source_checks::failed(app, failure),
        slot => dialogs::failed(app, slot, failure),
    }
}
