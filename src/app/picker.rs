//! The file picker: a path that is typed, with what it could go on with under it.

use super::data::{Entry, Listing};
use super::dialog::Dialog;
use super::field::Field;
use super::keys::{Binding, Scope, always};
use super::list::List;
use super::message::{Failure, Question};
use super::{App, Effects, guide, import, mapping, source_form};
use crate::domain::id::SourceId;
use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use std::cmp::Reverse;
use std::path::{Path, PathBuf};

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct Picker {
    pub purpose: Purpose,
    /// The path as it is typed; it begins at the directory of the application unless it begins with `/` or `~`.
    pub field: Field,
    /// What the directory of the path holds; none before the answer.
    pub listing: Option<Listing>,
    /// Why there is no answer.
    pub failure: Option<Failure>,
    /// The directory that was asked for.
    asked: PathBuf,
    /// Enter came before the answer: what then stands first is chosen.
    chosen_early: bool,
    /// Places in the listing of what matches the end of the path; the best first.
    pub found: Vec<usize>,
    pub list: List,
}

/// What the file is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    AddSource,
    /// The first import, which is guided.
    First,
    ImportInto(SourceId, String),
    /// To edit the mapping of the source on it.
    MapFile(SourceId, String),
    /// A mapping as TOML, to be loaded onto the file that is edited.
    LoadMapping,
}

impl Purpose {
    /// Whether a file of this name can probably be taken.
    pub fn takes(&self, name: &str) -> bool {
        match self {
            Purpose::AddSource | Purpose::First | Purpose::ImportInto(..) | Purpose::MapFile(..) => is_importable(name),
            Purpose::LoadMapping => name.to_ascii_lowercase().ends_with(".toml"),
        }
    }
}

/// Endings of files that can be imported.
const IMPORTABLE: [&str; 6] = [".csv", ".tsv", ".txt", ".csv.gz", ".gz", ".zip"];

/// Whether a file of this name can probably be imported.
pub fn is_importable(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    IMPORTABLE.iter().any(|end| name.ends_with(end))
}

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Picker,
        keys: &["<enter>"],
        hint: "choose",
        help: "Take the selected file, or go into the selected directory",
        priority: 1,
        when: always,
        run: choose,
    },
    Binding {
        scope: Scope::Picker,
        keys: &["<tab>"],
        hint: "complete",
        help: "Complete the path as far as it is the only way to go on",
        priority: 2,
        when: always,
        run: complete,
    },
    Binding {
        scope: Scope::Picker,
        keys: &["<s-tab>"],
        hint: "directory above",
        help: "Go to the directory above",
        priority: 3,
        when: always,
        run: above,
    },
];

/// Opens the picker where the source's last file was, else where the application was started.
pub(super) fn open(app: &mut App, purpose: Purpose, fx: &mut Effects) {
    let text = match &purpose {
        Purpose::AddSource | Purpose::First | Purpose::LoadMapping => None,
        Purpose::ImportInto(id, _) | Purpose::MapFile(id, _) => {
            let line = app.sources.lines.iter().flatten().find(|line| line.id == *id);
            line.and_then(|line| Some(format!("{}/", line.form.location.as_ref()?.rsplit_once('/')?.0)))
        }
    };
    let text = text.unwrap_or_default();
    let asked = directory_of(app, &text);
    let picker = Picker {
        purpose,
        field: Field::with(&text),
        listing: None,
        failure: None,
        asked: asked.clone(),
        chosen_early: false,
        found: Vec::new(),
        list: List::default(),
    };
    app.open(Dialog::Picker(Box::new(picker)));
    app.ask(Question::List(asked), fx);
}

impl Picker {
    /// The directory that is shown.
    pub fn directory(&self) -> &Path {
        &self.asked
    }

    /// What was typed after the last `/`.
    fn last_part(&self) -> &str {
        let text = self.field.text();
        text.rsplit_once('/').map_or(text, |(_, last)| last)
    }

    /// What matches, with the entry of the directory above first where there is one.
    fn find(&mut self) {
        let Some(listing) = &self.listing else { return };
        let wanted = self.last_part();
        let matcher = SkimMatcherV2::default();
        let mut found: Vec<(usize, i64)> = Vec::new();
        for (place, entry) in listing.entries.iter().enumerate() {
            let hidden = entry.name.starts_with('.') && !wanted.starts_with('.');
            if !hidden && let Some(score) = matcher.fuzzy_match(&entry.name, wanted) {
                found.push((place, score));
            }
        }
        let entries = &listing.entries;
        if wanted.is_empty() {
            found.sort_by_cached_key(|(place, _)| (!entries[*place].is_dir, entries[*place].name.to_lowercase()));
        } else {
            let begins = |entry: &Entry| entry.name.to_lowercase().starts_with(&wanted.to_lowercase());
            found.sort_by_cached_key(|(place, score)| (!begins(&entries[*place]), Reverse(*score), *place));
        }
        self.found = found.into_iter().map(|(place, _)| place).collect();
        self.list = List::default();
    }

    pub fn entry(&self, entry: usize) -> Option<&Entry> {
        self.listing.as_ref()?.entries.get(*self.found.get(entry)?)
    }

    /// Puts another last part into the field.
    fn set_last(&mut self, last: &str) {
        let text = self.field.text();
        let before = text.len() - self.last_part().len();
        let text = format!("{}{last}", &text[..before]);
        self.field.set(&text);
    }
}

/// The directory that a typed path names, as far as its last `/`.
fn directory_of(app: &App, text: &str) -> PathBuf {
    let (dir, _) = text.rsplit_once('/').unwrap_or(("", text));
    let rest = match (dir.strip_prefix('~'), &app.home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            return home.join(rest.trim_start_matches('/'));
        }
        _ if text.starts_with('/') => return Path::new("/").join(dir.trim_start_matches('/')),
        _ => dir,
    };
    if rest.is_empty() { app.directory.clone() } else { app.directory.join(rest) }
}

/// The file that a typed path names.
pub(super) fn path_of(app: &App, text: &str) -> PathBuf {
    let last = text.rsplit_once('/').map_or(text, |(_, last)| last);
    directory_of(app, text).join(last)
}

fn picker(app: &mut App) -> Option<&mut Picker> {
    match app.dialogs.last_mut() {
        Some(Dialog::Picker(picker)) => Some(picker),
        _ => None,
    }
}

/// The path has changed: another directory is read, or what matches is found anew.
pub(super) fn typed(app: &mut App, fx: &mut Effects) {
    let Some(open) = picker(app) else { return };
    open.chosen_early = false;
    // A path that is typed behind what stood there begins anew, as in a shell's completion.
    let begins =
        [("//", 1), ("/~", 1)].into_iter().filter_map(|(mark, skip)| Some(open.field.text().rfind(mark)? + skip));
    if let Some(at) = begins.max() {
        let anew = open.field.text()[at..].to_owned();
        open.field.set(&anew);
    }
    let text = open.field.text().to_owned();
    let dir = directory_of(app, &text);
    let Some(picker) = picker(app) else { return };
    if dir == picker.asked {
        picker.find();
        return;
    }
    picker.asked.clone_from(&dir);
    (picker.listing, picker.failure, picker.found) = (None, None, Vec::new());
    app.ask(Question::List(dir), fx);
}

pub(super) fn answered(app: &mut App, listing: Listing, fx: &mut Effects) {
    let Some(picker) = picker(app).filter(|picker| picker.asked == listing.dir) else { return };
    picker.listing = Some(listing);
    picker.find();
    if std::mem::take(&mut picker.chosen_early) {
        choose(app, fx);
    }
}

pub(super) fn failed(app: &mut App, failure: &Failure) -> bool {
    let Some(picker) = picker(app) else { return false };
    picker.failure = Some(failure.clone());
    true
}

fn choose(app: &mut App, fx: &mut Effects) {
    let Some(picker) = picker(app) else { return };
    if picker.listing.is_none() {
        picker.chosen_early = true;
        return;
    }
    let Some(entry) = picker.entry(picker.list.selected) else { return };
    let (name, is_dir) = (entry.name.clone(), entry.is_dir);
    let path = picker.asked.join(&name);
    if is_dir {
        picker.set_last(&format!("{name}/"));
        return typed(app, fx);
    }
    match picker.purpose.clone() {
        Purpose::AddSource => source_form::add(app, path, fx),
        Purpose::First => guide::picked(app, path, fx),
        Purpose::ImportInto(id, name) => {
            app.dialogs.pop();
            import::open(app, id, name, Some(path), fx);
        }
        Purpose::LoadMapping => app.ask(Question::MappingFile(path), fx),
        Purpose::MapFile(id, _) => {
            app.dialogs.pop();
            mapping::open(app, id, Some(path), fx);
        }
    }
}

/// Completes the last part of the path to what all names that begin with it have in common.
fn complete(app: &mut App, fx: &mut Effects) {
    let Some(picker) = picker(app) else { return };
    let wanted = picker.last_part().to_owned();
    let entries = picker.listing.iter().flat_map(|listing| &listing.entries);
    let begins =
        |entry: &&Entry| entry.name.starts_with(&wanted) && (wanted.starts_with('.') || !entry.name.starts_with('.'));
    let matching: Vec<&Entry> = entries.filter(begins).collect();
    let Some(first) = matching.first() else { return };
    let common = matching.iter().fold(first.name.as_str(), |common, entry| {
        let same = common.char_indices().zip(entry.name.chars()).find(|((_, a), b)| a != b);
        let end = same.map_or(common.len().min(entry.name.len()), |((at, _), _)| at);
        &common[..end]
    });
    let whole = matching.len() == 1 && first.is_dir;
    let last = if whole { format!("{common}/") } else { common.to_owned() };
    picker.set_last(&last);
    typed(app, fx);
}

fn above(app: &mut App, fx: &mut Effects) {
    let Some(picker) = picker(app) else { return };
    let Some(parent) = picker.asked.parent().map(Path::to_owned) else { return };
    let text = if parent == Path::new("/") { "/".to_owned() } else { format!("{}/", parent.display()) };
    picker.field.set(&text);
    typed(app, fx);
}
