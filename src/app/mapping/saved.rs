//! The saved mappings: loaded onto the file, compared with the draft, saved under another name, brought to a file and
//! back. Removing one is left to the command line.

use super::asking::{Lines, TypedLine};
use super::data::{MappingToSave, Saved, SavedLine, SavedVersion};
use super::dialogs::{self, MappingDialog};
use super::{editor, reopen, saving};
use crate::app::dialog::{Dialog, Text, TextLine};
use crate::app::keys::{Binding, Scope, always};
use crate::app::list::List;
use crate::app::message::{Act, Effect, Failure, Question};
use crate::app::{App, Effects, picker};
use crate::domain::mapping::Mapping;
use crate::domain::mapping_diff::{self, Difference};
use std::path::Path;

/// The list of saved mappings.
#[derive(Debug, Clone, Default)]
pub struct SavedList {
    /// None before the answer.
    pub lines: Option<Vec<SavedLine>>,
    pub error: Option<String>,
    pub list: List,
    /// What a mapping that was asked for is for.
    wanted: Option<Wanted>,
}

/// What a mapping is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Load,
    Compare,
}

/// The versions of a saved mapping, newest first.
#[derive(Debug, Clone)]
pub struct Versions {
    pub name: String,
    /// With what is in it, once that was asked for.
    pub versions: Vec<(Saved, Option<SavedVersion>)>,
    pub error: Option<String>,
    pub list: List,
}

pub(crate) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Mapping,
        keys: &["m"],
        hint: "saved mappings",
        help: "Show the saved mappings: load, compare, save under another name, export and import",
        priority: 6,
        when: |app| editor(app).is_some(),
        run: open,
    },
    Binding {
        scope: Scope::SavedMappings,
        keys: &["<enter>"],
        hint: "load",
        help: "Load this mapping onto the file, as one step",
        priority: 1,
        when: has_some,
        run: |app, fx| want(app, Wanted::Load, fx),
    },
    Binding {
        scope: Scope::SavedMappings,
        keys: &["="],
        hint: "compare",
        help: "Compare this mapping with the draft",
        priority: 2,
        when: has_some,
        run: |app, fx| want(app, Wanted::Compare, fx),
    },
    Binding {
        scope: Scope::SavedMappings,
        keys: &["h"],
        hint: "history",
        help: "Show the versions of this mapping",
        priority: 3,
        when: has_some,
        run: history,
    },
    Binding {
        scope: Scope::SavedMappings,
        keys: &["S"],
        hint: "save as",
        help: "Save the draft under another name",
        priority: 4,
        when: App::can_change,
        run: |app, _| save_as(app),
    },
    Binding {
        scope: Scope::SavedMappings,
        keys: &["e"],
        hint: "export",
        help: "Write the draft to a new TOML file",
        priority: 5,
        when: always,
        run: |app, _| export(app),
    },
    Binding {
        scope: Scope::SavedMappings,
        keys: &["o"],
        hint: "from file",
        help: "Load a mapping from a TOML file",
        priority: 5,
        when: always,
        run: |app, fx| picker::open(app, picker::Purpose::LoadMapping, fx),
    },
    Binding {
        scope: Scope::Versions,
        keys: &["<enter>"],
        hint: "load",
        help: "Load this version onto the file, as one step",
        priority: 1,
        when: |app| selected_version(app).is_some(),
        run: |app, fx| {
            if let Some(version) = selected_version(app).cloned() {
                load(app, version, fx);
            }
        },
    },
    Binding {
        scope: Scope::Versions,
        keys: &["="],
        hint: "compare",
        help: "Compare this version with the draft",
        priority: 1,
        when: |app| selected_version(app).is_some(),
        run: |app, _| {
            if let Some(version) = selected_version(app).cloned() {
                compare(app, &version);
            }
        },
    },
    Binding {
        scope: Scope::Versions,
        keys: &["d"],
        hint: "what changed",
        help: "Show what changed from the version before it",
        priority: 2,
        when: |app| both_versions(app).is_some(),
        run: |app, _| {
            if let Some((before, version)) = both_versions(app) {
                let title = format!("{} v{} → v{}", version.saved.name, before.saved.version, version.saved.version);
                show(app, title, &before.mapping, &version.mapping);
            }
        },
    },
];

fn list(app: &App) -> Option<&SavedList> {
    match dialogs::top(app) {
        Some(MappingDialog::Saved(saved)) => Some(saved),
        _ => None,
    }
}

fn list_mut(app: &mut App) -> Option<&mut SavedList> {
    match dialogs::top_mut(app) {
        Some(MappingDialog::Saved(saved)) => Some(saved),
        _ => None,
    }
}

fn versions(app: &App) -> Option<&Versions> {
    match dialogs::top(app) {
        Some(MappingDialog::Versions(versions)) => Some(versions),
        _ => None,
    }
}

fn versions_mut(app: &mut App) -> Option<&mut Versions> {
    match dialogs::top_mut(app) {
        Some(MappingDialog::Versions(versions)) => Some(versions),
        _ => None,
    }
}

fn has_some(app: &App) -> bool {
    selected(app).is_some()
}

fn selected(app: &App) -> Option<&SavedLine> {
    let saved = list(app)?;
    saved.lines.as_ref()?.get(saved.list.selected)
}

fn selected_version(app: &App) -> Option<&SavedVersion> {
    let open = versions(app)?;
    open.versions.get(open.list.selected)?.1.as_ref()
}

/// The version before the selected one, and that one, where both are known.
fn both_versions(app: &App) -> Option<(SavedVersion, SavedVersion)> {
    let open = versions(app)?;
    let version = open.versions.get(open.list.selected)?.1.clone()?;
    let before = open.versions.get(open.list.selected + 1)?.1.clone()?;
    Some((before, version))
}

fn open(app: &mut App, fx: &mut Effects) {
    let Some(source) = editor(app).map(|editor| editor.source()) else { return };
    dialogs::open(app, MappingDialog::Saved(SavedList::default()));
    app.ask(Question::SavedMappings(source), fx);
}

fn want(app: &mut App, wanted: Wanted, fx: &mut Effects) {
    let Some(name) = selected(app).map(|line| line.saved.name.clone()) else { return };
    if let Some(list) = list_mut(app) {
        (list.wanted, list.error) = (Some(wanted), None);
    }
    app.ask(Question::SavedMapping(name, None), fx);
}

fn history(app: &mut App, fx: &mut Effects) {
    let Some(line) = selected(app).cloned() else { return };
    let name = line.saved.name.clone();
    let versions = std::iter::once(line.saved).chain(line.versions).map(|saved| (saved, None)).collect();
    let open = Versions { name, versions, error: None, list: List::default() };
    dialogs::open(app, MappingDialog::Versions(open));
    ask_version(app, fx);
}

/// Asks for the selected version and the one before it, where they are not known yet.
pub(super) fn ask_version(app: &mut App, fx: &mut Effects) {
    let Some(open) = versions(app) else { return };
    let at = open.list.selected;
    let unknown = open.versions.iter().skip(at).take(2).find(|(_, known)| known.is_none());
    if let Some((saved, _)) = unknown {
        let question = Question::SavedMapping(open.name.clone(), Some(saved.version));
        app.ask(question, fx);
    }
}

pub(super) fn answered(app: &mut App, lines: Vec<SavedLine>) {
    let Some(open) = list_mut(app) else { return };
    open.list.selected = lines.iter().position(|line| line.is_for_header).unwrap_or(0);
    (open.lines, open.error) = (Some(lines), None);
}

pub(super) fn version_answered(app: &mut App, version: SavedVersion, fx: &mut Effects) {
    if let Some(open) = versions_mut(app) {
        let name = open.name.clone();
        let place = open.versions.iter_mut().find(|(saved, _)| saved.version == version.saved.version);
        if let Some((_, known)) = place.filter(|_| name == version.saved.name) {
            (*known, open.error) = (Some(version), None);
            ask_version(app, fx);
        }
        return;
    }
    match list_mut(app).and_then(|open| open.wanted.take()) {
        Some(Wanted::Load) => load(app, version, fx),
        Some(Wanted::Compare) => compare(app, &version),
        None => {}
    }
}

pub(super) fn file_answered(app: &mut App, path: &Path, mapping: Mapping, fx: &mut Effects) {
    if matches!(app.dialogs.last(), Some(Dialog::Picker(_))) {
        app.dialogs.pop();
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    reopen::load(app, mapping, format!("load {name}"), fx);
}

pub(super) fn failed(app: &mut App, failure: &Failure) -> bool {
    if let Some(Dialog::Picker(picker)) = app.dialogs.last_mut() {
        picker.failure = Some(failure.clone());
    } else if let Some(open) = list_mut(app) {
        (open.error, open.wanted) = (Some(failure.told()), None);
    } else if let Some(open) = versions_mut(app) {
        open.error = Some(failure.told());
    } else {
        return false;
    }
    true
}

fn load(app: &mut App, version: SavedVersion, fx: &mut Effects) {
    let what = format!("load {} v{}", version.saved.name, version.saved.version);
    reopen::load(app, version.mapping, what, fx);
}

fn compare(app: &mut App, version: &SavedVersion) {
    let Some(draft) = editor(app).map(|editor| editor.draft.mapping().clone()) else { return };
    let title = format!("{} v{} → the draft", version.saved.name, version.saved.version);
    show(app, title, &version.mapping, &draft);
}

/// Shows what is different between two mappings.
fn show(app: &mut App, title: String, before: &Mapping, after: &Mapping) {
    let Some(catalog) = editor(app).map(|editor| editor.opened.catalog.clone()) else { return };
    let changes = mapping_diff::changes(before, after, &catalog);
    let told = |change: &mapping_diff::MappingChange| {
        let mark = match change.difference {
            Difference::Added => "+",
            Difference::Removed => "−",
            Difference::Changed => "~",
        };
        format!("{mark} {}: {}", change.about, change.words)
    };
    let told: Vec<String> = changes.iter().map(told).collect();
    let mut lines: Vec<TextLine> = told.iter().cloned().map(TextLine::Plain).collect();
    if lines.is_empty() {
        lines.push(TextLine::Plain("They are the same.".to_owned()));
    } else {
        lines.insert(0, TextLine::Dim("+ is new, − is gone, ~ is different".to_owned()));
        lines.insert(1, TextLine::Empty);
    }
    app.open(Dialog::Text(Text { title, lines, copy: told.join("\n"), list: List::default() }));
}

fn save_as(app: &mut App) {
    let line = TypedLine::new("Name", "", "a short name, such as crm-contacts");
    let lines = Lines::new("Save the draft under another name", vec![line], |app, typed, fx| {
        let name = typed.concat().trim().to_owned();
        if name.is_empty() {
            return Err("Nothing is typed yet.".to_owned());
        }
        let Some(editor) = editor(app) else { return Ok(()) };
        let (source, mapping) = (editor.source(), editor.draft.mapping().clone());
        app.mapping.saving = Some(saving::Then::Nothing);
        fx.push(Effect::Do(Act::SaveMapping(Box::new(MappingToSave { source, name: Some(name), mapping }))));
        app.dialogs.pop();
        Ok(())
    });
    lines.note("The source uses it under this name from then on; a name that exists gets a new version.").open(app);
}

fn export(app: &mut App) {
    let Some(open) = editor(app) else { return };
    let name = open.opened.saved.as_ref().map_or(&open.opened.source_name, |saved| &saved.name);
    let name: String = name.chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let line = TypedLine::new("File", &format!("{name}.toml"), "a path; ~ is your home");
    let lines = Lines::new("Write the draft to a TOML file", vec![line], |app, typed, fx| {
        let path = typed.concat().trim().to_owned();
        if path.is_empty() {
            return Err("Nothing is typed yet.".to_owned());
        }
        let Some(mapping) = editor(app).map(|editor| editor.draft.mapping().clone()) else { return Ok(()) };
        let path = picker::path_of(app, &path);
        fx.push(Effect::Do(Act::ExportMapping(mapping, path)));
        Ok(())
    });
    lines.note("A file that is there already is not written over.").open(app);
}
