//! The Mapping tab: which column of a source's file becomes which field, edited on the file itself, with a live preview.
//!
//! The state of the tab and what the shell's answers make of it. [`draft`] holds the mapping with its steps; [`data`] is
//! what the shell answers with. Nothing here reads a file or applies a rule: previews and profiles are asked for.
pub mod data;
pub mod draft;

use super::data::SourceLine;
use super::dialog::{Confirm, Dialog, TextLine};
use super::keys::{Binding, Scope};
use super::list::{List, Move};
use super::message::{Act, Question};
use super::numbers::counted;
use super::screen::ListId;
use super::{App, Effects};
use crate::domain::field::{Catalog, Role};
use crate::domain::id::SourceId;
use crate::domain::mapping::Mapping;
use data::{OpenWanted, Opened, Preview, PreviewWanted, Profile, ProfileWanted};
use draft::Draft;
use std::path::PathBuf;

/// The fields that a review looks at first (R18), with the word for each.
pub const IMPORTANT: [(&str, &[Role]); 4] = [
    ("Email", &[Role::MatchEmail]),
    ("Phone", &[Role::MatchPhone]),
    ("Name", &[Role::FullName, Role::FirstName, Role::LastName]),
    ("Timezone", &[Role::TimeZone]),
];

/// Of the first rows so many are previewed.
const FIRST_ROWS: usize = 20;

/// The state of the tab.
#[derive(Debug, Default)]
pub struct MappingTab {
    /// What is edited; none before the answer.
    pub editor: Option<Box<Editor>>,
    /// What was asked for and has not been answered yet.
    wanted: Option<OpenWanted>,
    /// The drafts of other sources that were changed and not saved.
    others: Vec<Box<Editor>>,
}

/// A mapping that is being edited on a file.
#[derive(Debug)]
pub struct Editor {
    pub opened: Opened,
    pub draft: Draft,
    /// Of the columns.
    pub list: List,
    /// None before the first answer; it may be of an earlier revision of the draft.
    pub preview: Option<Preview>,
    pub profile: Option<Profile>,
    /// Rows beyond the first that the preview shows: those that were jumped to.
    pub rows: Vec<u64>,
}

impl Editor {
    fn new(opened: Opened) -> Editor {
        let saved = opened.saved.is_some().then(|| opened.mapping.clone());
        let draft = Draft::new(opened.mapping.clone(), saved);
        Editor { opened, draft, list: List::default(), preview: None, profile: None, rows: Vec::new() }
    }

    pub fn source(&self) -> SourceId {
        self.opened.wanted.source
    }
}

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Mapping,
        keys: &["v"],
        hint: "mark reviewed",
        help: "Mark this mapping as reviewed by you; when it changes, the mark is gone",
        priority: 3,
        when: |app| app.can_change() && editor(app).is_some_and(can_review),
        run: |app, _| review(app),
    },
    Binding {
        scope: Scope::Mapping,
        keys: &["]"],
        hint: "next source",
        help: "Show the mapping of the next source",
        priority: 6,
        when: has_sources,
        run: |app, fx| other_source(app, Move::Down, fx),
    },
    Binding {
        scope: Scope::Mapping,
        keys: &["["],
        hint: "",
        help: "Show the mapping of the source before",
        priority: 9,
        when: has_sources,
        run: |app, fx| other_source(app, Move::Up, fx),
    },
    Binding {
        scope: Scope::Mapping,
        keys: &["u", "<c-z>"],
        hint: "undo",
        help: "Undo the last change of the mapping",
        priority: 5,
        when: |app| editor(app).is_some_and(|editor| editor.draft.can_undo()),
        run: |app, fx| undo(app, fx),
    },
    Binding {
        scope: Scope::Mapping,
        keys: &["U", "<c-r>"],
        hint: "redo",
        help: "Do again what was undone",
        priority: 6,
        when: |app| editor(app).is_some_and(|editor| editor.draft.can_redo()),
        run: |app, fx| redo(app, fx),
    },
];

impl MappingTab {
    pub(super) fn list_mut(&mut self) -> Option<(&mut List, usize)> {
        let editor = self.editor.as_mut()?;
        let len = editor.draft.mapping().columns.len();
        Some((&mut editor.list, len))
    }
}

/// What is edited.
pub fn editor(app: &App) -> Option<&Editor> {
    app.mapping.editor.as_deref()
}

pub(super) fn editor_mut(app: &mut App) -> Option<&mut Editor> {
    app.mapping.editor.as_deref_mut()
}

/// The source whose mapping is shown: the one that is selected in the Data Sources tab.
pub fn source(app: &App) -> Option<&SourceLine> {
    app.sources.selected()
}

/// The fields that matter most, each with the headers of the columns that go there (R18).
pub fn important<'m>(mapping: &'m Mapping, catalog: &Catalog) -> Vec<(&'static str, Vec<&'m str>)> {
    let goes = |keys: &[&str]| {
        let columns = mapping.columns.iter().filter(|column| column.targets().any(|key| keys.contains(&key)));
        columns.map(|column| column.header.as_str()).collect()
    };
    let key = |role: &Role| Some(catalog.get(catalog.role(*role)?)?.key.as_str());
    IMPORTANT.map(|(what, roles)| (what, goes(&roles.iter().filter_map(key).collect::<Vec<_>>()))).into()
}

/// Of the fields that matter most, those that no column goes to.
pub fn not_mapped(mapping: &Mapping, catalog: &Catalog) -> Vec<&'static str> {
    let important = important(mapping, catalog).into_iter();
    important.filter(|(_, columns)| columns.is_empty()).map(|(what, _)| what).collect()
}

/// Takes a step in the draft, and shows what comes of it. `what` is what undoing it will say.
pub(super) fn edit(app: &mut App, what: impl Into<String>, change: impl FnOnce(&mut Mapping), fx: &mut Effects) {
    let Some(editor) = editor_mut(app) else { return };
    if editor.draft.edit(what, change) {
        changed(app, fx);
    }
}

fn undo(app: &mut App, fx: &mut Effects) {
    let Some(what) = editor_mut(app).and_then(|editor| editor.draft.undo().map(str::to_owned)) else { return };
    app.say(format!("Undone: {what}."));
    changed(app, fx);
}

fn redo(app: &mut App, fx: &mut Effects) {
    let Some(what) = editor_mut(app).and_then(|editor| editor.draft.redo().map(str::to_owned)) else { return };
    app.say(format!("Done again: {what}."));
    changed(app, fx);
}

/// The draft, or the rows that are looked at, have changed: the preview and the profile are asked for anew.
pub(super) fn changed(app: &mut App, fx: &mut Effects) {
    ask_preview(app, fx);
    ask_profile(app, fx);
}

pub(super) fn ask_preview(app: &mut App, fx: &mut Effects) {
    let Some(editor) = editor(app).filter(|editor| editor.opened.file.is_some()) else { return };
    let wanted = PreviewWanted {
        source: editor.source(),
        revision: editor.draft.revision(),
        mapping: editor.draft.mapping().clone(),
        first: FIRST_ROWS,
        rows: editor.rows.clone(),
    };
    app.ask(Question::Preview(Box::new(wanted)), fx);
}

fn ask_profile(app: &mut App, fx: &mut Effects) {
    let Some(editor) = editor(app).filter(|editor| editor.opened.file.is_some()) else { return };
    let wanted = ProfileWanted {
        source: editor.source(),
        revision: editor.draft.revision(),
        mapping: editor.draft.mapping().clone(),
    };
    app.ask(Question::Profile(Box::new(wanted)), fx);
}

fn has_sources(app: &App) -> bool {
    app.sources.shown.len() > 1
}

fn other_source(app: &mut App, to: Move, fx: &mut Effects) {
    let height = app.height(ListId::Sources);
    let (list, len) = app.sources.list_mut();
    list.go(to, len, height);
    refresh(app, fx);
}

fn can_review(editor: &Editor) -> bool {
    editor.opened.saved.is_some() && editor.opened.reviewed.is_none() && !editor.draft.is_changed()
}

fn review(app: &mut App) {
    let Some(editor) = editor(app) else { return };
    let Some(saved) = &editor.opened.saved else { return };
    let mapping = editor.draft.mapping();
    let mapped = mapping.columns.iter().filter(|column| column.targets().next().is_some()).count() as u64;
    let left_out = mapping.columns.len() as u64 - mapped;
    let important = important(mapping, &editor.opened.catalog);
    let missing: Vec<&str> =
        important.into_iter().filter(|(_, columns)| columns.is_empty()).map(|(what, _)| what).collect();
    let mut lines = vec![
        TextLine::Plain(format!(
            "{} of {} for fields, {} not imported. You confirm that you looked at each of them.",
            counted(mapped, "column", "columns"),
            editor.opened.source_name,
            counted(left_out, "is", "are"),
        )),
        TextLine::Plain("Nothing is imported by this, and when the mapping changes, the mark is gone.".to_owned()),
    ];
    if !missing.is_empty() {
        lines.push(TextLine::Empty);
        lines.push(TextLine::Error(format!("Not mapped: {}.", missing.join(", "))));
    }
    let confirm = Confirm {
        title: format!("Mark {}, version {}, as reviewed?", saved.name, saved.version),
        lines,
        yes: "Mark it".to_owned(),
        act: Act::ReviewMapping(editor.source(), (saved.name.clone(), saved.version)),
        chosen: false,
    };
    app.open(Dialog::Confirm(confirm));
}

/// Shows the mapping of a source on a file, or on the one that it names.
pub(super) fn open(app: &mut App, source: SourceId, file: Option<PathBuf>, fx: &mut Effects) {
    ask(app, OpenWanted { source, file, reading: None }, fx);
}

fn ask(app: &mut App, wanted: OpenWanted, fx: &mut Effects) {
    app.mapping.wanted = Some(wanted.clone());
    app.ask(Question::OpenMapping(Box::new(wanted)), fx);
}

/// The tab is shown, or something has changed.
pub(super) fn refresh(app: &mut App, fx: &mut Effects) {
    let Some(source) = source(app).map(|line| line.id) else { return };
    if editor(app).map(Editor::source) != Some(source) && app.mapping.wanted.is_none() {
        open(app, source, None, fx);
    }
}

/// The sources came, or another one is selected: its mapping is asked for, where it is not the one that is shown.
pub(super) fn sources_answered(app: &mut App, fx: &mut Effects) {
    if app.tab == super::Tab::Mapping {
        refresh(app, fx);
    }
}

pub(super) fn opened(app: &mut App, opened: Opened, fx: &mut Effects) {
    app.mapping.wanted = None;
    if let Some(before) = app.mapping.editor.take().filter(|before| before.draft.is_changed()) {
        app.mapping.others.push(before);
    }
    app.mapping.editor = Some(Box::new(Editor::new(opened)));
    changed(app, fx);
}

pub(super) fn previewed(app: &mut App, preview: Preview) {
    if let Some(editor) = editor_mut(app).filter(|editor| editor.draft.revision() == preview.revision) {
        editor.preview = Some(preview);
    }
}

pub(super) fn profiled(app: &mut App, profile: Profile, fx: &mut Effects) {
    let Some(editor) = editor_mut(app).filter(|editor| editor.draft.revision() == profile.revision) else { return };
    let is_done = profile.is_done;
    editor.profile = Some(profile);
    if !is_done {
        ask_profile(app, fx);
    }
}

/// A draft was saved.
pub(super) fn saved(app: &mut App, source: SourceId, mapping: &std::sync::Arc<Mapping>, saved: data::Saved) {
    app.say(format!("Saved as {}, version {}.", saved.name, saved.version));
    let all = app.mapping.editor.iter_mut().chain(&mut app.mapping.others);
    for editor in all.filter(|editor| editor.source() == source) {
        editor.draft.saved_as(mapping.clone());
        (editor.opened.saved, editor.opened.reviewed) = (Some(saved.clone()), None);
    }
    app.mapping.others.retain(|editor| editor.draft.is_changed());
}
