//! The Mapping tab: which column of a source's file becomes which field, edited on the file itself, with a live preview.
//!
//! The state of the tab and what the shell's answers make of it. [`draft`] holds the mapping with its steps; [`data`] is
//! what the shell answers with; [`keys`] declares the keys; [`assign`] is what a person does to a column, [`columns`]
//! what the table says of one; [`problems`] and [`preview`] are what is looked at; [`saving`] is what comes after.
//! Nothing here reads a file or applies a rule: previews and profiles are asked for.
pub mod asking;
mod assign;
pub mod columns;
pub mod constants;
pub mod data;
pub mod dialogs;
pub mod draft;
pub mod drag;
pub mod encodings;
pub mod find;
pub mod keys;
pub mod new_field;
pub mod options;
pub mod picker;
pub mod preview;
pub mod problem_rows;
pub mod problems;
pub mod reading;
mod reopen;
pub mod replacements;
pub mod sample;
pub mod saved;
mod saving;
pub mod split;
pub mod value_map;

use super::data::SourceLine;
use super::field::Field;
use super::list::List;
use super::message::{Failure, Question, Slot};
use super::screen::ListId;
use super::{App, Effects, Tab, fetching};
use crate::domain::field::{Catalog, Role};
use crate::domain::id::{DeliveryId, SourceId};
use crate::domain::mapping::{Column, Mapping};
use data::{OpenWanted, Opened, Preview, PreviewWanted, Profile, ProfileWanted, Saved};
use draft::Draft;
use drag::Drag;
use saving::Then;
use std::path::PathBuf;

pub use saving::unsaved;
pub(super) use saving::{leave, not_saved, saved};

/// The fields that a review looks at first (R18), with the word for each.
pub const IMPORTANT: [(&str, &[Role]); 4] = [
    ("Email", &[Role::MatchEmail]),
    ("Phone", &[Role::MatchPhone]),
    ("Name", &[Role::FullName, Role::FirstName, Role::LastName]),
    ("Timezone", &[Role::TimeZone]),
];

/// Of the first rows so many are previewed.
const FIRST_ROWS: usize = 20;
/// So many further rows are previewed at most: those that were asked for last.
const MOST_FURTHER_ROWS: usize = 30;

/// The state of the tab.
#[derive(Debug, Default)]
pub struct MappingTab {
    /// What is edited; none before the answer.
    pub editor: Option<Box<Editor>>,
    /// Why the mapping of the source that is to be shown could not be opened.
    pub failure: Option<Failure>,
    /// What is typed to find a column.
    pub finding: Option<Field>,
    /// A column that the mouse has taken hold of.
    pub drag: Option<Drag>,
    /// What was asked for and has not been answered yet.
    wanted: Option<OpenWanted>,
    /// The file of the draft is being opened anew.
    reopening: Option<reopen::Reopening>,
    /// The drafts of other sources that were changed and not saved.
    others: Vec<Editor>,
    /// A draft is being saved; and what comes then.
    saving: Option<Then>,
    /// What comes once a draft is saved over somebody else's version, where a person says yes to that.
    if_confirmed: Option<Then>,
}

/// What the mouse can point at in this tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingTarget {
    /// A cell of the preview: the place of the row, and that of the field if it is one's.
    Cell(usize, Option<usize>),
    /// One of the fields that matter most.
    Important(usize),
    /// A field on which a column can be dropped: its key.
    Drop(String),
    /// The button that fetches the newest file.
    Fetch,
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
    /// Why there is no newer preview.
    pub preview_failure: Option<Failure>,
    pub profile: Option<Profile>,
    pub profile_failure: Option<Failure>,
    /// Rows beyond the first that the preview shows: those that were jumped to, and those that show a problem.
    pub rows: Vec<u64>,
    /// Of the rows of the preview.
    pub shown: List,
    /// Key of the field of the preview that is looked at; it stays in view where the selected column fills none.
    pub at: Option<String>,
    /// Which of the problems of the selected column is told.
    pub problem: usize,
    /// The walk from problem to problem has come here: that problem is told, whatever the preview's cursor is on.
    pub is_walking: bool,
    /// The preview has the place of the table, too.
    pub is_wide: bool,
    /// Somebody else saved this meanwhile, while the draft was being changed.
    pub meanwhile: Option<Saved>,
    /// The row that the cursor of the preview goes to when that comes.
    row_wanted: Option<u64>,
    /// Of a source that brings its files: the delivery that was its newest when the file was opened.
    newest: Option<DeliveryId>,
}

impl Editor {
    fn new(opened: Opened) -> Editor {
        let saved = opened.saved.is_some().then(|| opened.mapping.clone());
        let draft = Draft::new(opened.mapping.clone(), saved);
        Editor {
            opened,
            draft,
            list: List::default(),
            preview: None,
            preview_failure: None,
            profile: None,
            profile_failure: None,
            rows: Vec::new(),
            shown: List::default(),
            at: None,
            problem: 0,
            is_walking: false,
            is_wide: false,
            meanwhile: None,
            row_wanted: None,
            newest: None,
        }
    }

    pub fn source(&self) -> SourceId {
        self.opened.wanted.source
    }

    fn headers(&self) -> Vec<String> {
        self.draft.mapping().columns.iter().map(|column| column.header.clone()).collect()
    }

    /// The place of the selected column; none where there is no column at all.
    pub fn selected(&self) -> Option<usize> {
        (self.list.selected < self.draft.mapping().columns.len()).then_some(self.list.selected)
    }

    /// The place of a field among those of the catalog, as people read it.
    pub fn label<'e>(&'e self, key: &'e str) -> &'e str {
        self.opened.catalog.by_key(key).map_or(key, |field| &field.label)
    }

    /// Whether the preview is of an earlier revision of the draft.
    pub fn is_stale(&self) -> bool {
        self.preview.as_ref().is_some_and(|preview| preview.revision != self.draft.revision())
    }

    /// The same mapping on other columns: the file is read otherwise, or it is another one, or somebody saved meanwhile.
    /// The draft stays, with its steps.
    fn take_over(&mut self, opened: Opened) {
        let selected = self.selected().map(|place| self.draft.mapping().columns[place].header.clone());
        if opened.saved != self.opened.saved {
            self.meanwhile.clone_from(&opened.saved);
        }
        let is_as_before =
            |was: &Opened| opened.wanted.file == was.wanted.file && opened.mapping.reading == was.mapping.reading;
        if !is_as_before(&self.opened) {
            (self.preview, self.profile, self.rows) = (None, None, Vec::new());
        }
        self.opened = opened;
        if self.opened.file.is_none() {
            self.opened.columns = reopen::looks(&self.opened.columns, self.draft.mapping());
        }
        self.fit();
        let columns = &self.draft.mapping().columns;
        let place = selected.and_then(|header| columns.iter().position(|column| column.header == header));
        self.list.selected = place.unwrap_or(self.list.selected).min(columns.len().saturating_sub(1));
    }

    /// Fits the draft to the columns of the file, where a step that was undone had others. Not while the file is open in
    /// another way than the draft reads it: those are no columns of the draft.
    fn fit(&mut self) {
        let headers = || self.opened.columns.iter().map(|look| &look.header);
        let is_read_so = self.draft.mapping().reading == self.opened.mapping.reading;
        let has_file = self.opened.file.is_some() && is_read_so;
        if !has_file || headers().eq(self.draft.mapping().columns.iter().map(|c| &c.header)) {
            return;
        }
        let headers: Vec<String> = headers().cloned().collect();
        let (fitted, gone) = self.draft.mapping().fitted_to(&headers);
        let used = gone.iter().filter(|column| column.targets().next().is_some());
        self.opened.gone = used.map(|column| column.header.clone()).collect();
        self.draft.refit(fitted);
    }
}

impl MappingTab {
    pub(super) fn list_mut(&mut self, id: ListId) -> Option<(&mut List, usize)> {
        let editor = self.editor.as_mut()?;
        if id == ListId::Preview {
            let rows = editor.preview.as_ref().map_or(0, |preview| preview.rows.len());
            return Some((&mut editor.shown, rows));
        }
        let len = editor.draft.mapping().columns.len();
        Some((&mut editor.list, len))
    }

    pub(super) fn field_mut(&mut self) -> Option<&mut Field> {
        self.finding.as_mut()
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

/// The fields that matter most, each with the headers of the columns that go there, or with the value that every row gets
/// (R18).
pub fn important<'m>(mapping: &'m Mapping, catalog: &Catalog) -> Vec<(&'static str, Vec<&'m str>)> {
    let from = |(what, places): (&'static str, Vec<usize>)| {
        let headers = places.iter().map(|place| mapping.columns[*place].header.as_str());
        let constant = important_constant(mapping, catalog, what).filter(|_| places.is_empty());
        (what, headers.chain(constant).collect())
    };
    important_places(mapping, catalog).into_iter().map(from).collect()
}

/// The value that every row gets in one of the fields that matter most.
pub fn important_constant<'m>(mapping: &'m Mapping, catalog: &Catalog, what: &str) -> Option<&'m str> {
    let (_, roles) = IMPORTANT.iter().find(|(known, _)| *known == what)?;
    let key = |role: &Role| Some(catalog.get(catalog.role(*role)?)?.key.as_str());
    let is_it = |wanted: &str| roles.iter().any(|role| key(role) == Some(wanted));
    mapping.constants.iter().find(|constant| is_it(&constant.field)).map(|constant| constant.value.as_str())
}

/// The same with the places of the columns.
pub fn important_places(mapping: &Mapping, catalog: &Catalog) -> Vec<(&'static str, Vec<usize>)> {
    let goes = |keys: &[&str]| {
        let columns = mapping.columns.iter().enumerate();
        columns.filter(|(_, column)| column.targets().any(|key| keys.contains(&key))).map(|(place, _)| place).collect()
    };
    let key = |role: &Role| Some(catalog.get(catalog.role(*role)?)?.key.as_str());
    IMPORTANT.map(|(what, roles)| (what, goes(&roles.iter().filter_map(key).collect::<Vec<_>>()))).into()
}

/// Of the fields that matter most, those that nothing goes to.
pub fn not_mapped(mapping: &Mapping, catalog: &Catalog) -> Vec<&'static str> {
    let important = important(mapping, catalog).into_iter();
    important.filter(|(_, columns)| columns.is_empty()).map(|(what, _)| what).collect()
}

/// Takes a step of the draft: `what` says what it does, for the person who undoes it.
pub(super) fn edit(app: &mut App, what: impl Into<String>, change: impl FnOnce(&mut Mapping), fx: &mut Effects) {
    let Some(editor) = editor_mut(app) else { return };
    if editor.draft.edit(what, change) {
        changed(app, fx);
    }
}

fn undo(app: &mut App, fx: &mut Effects) {
    stepped(app, |draft| Some(format!("Undone: {}.", draft.undo()?)), fx);
}

fn redo(app: &mut App, fx: &mut Effects) {
    stepped(app, |draft| Some(format!("Done again: {}.", draft.redo()?)), fx);
}

/// Goes a step back or forth, and to the column that it is about.
fn stepped(app: &mut App, step: impl FnOnce(&mut Draft) -> Option<String>, fx: &mut Effects) {
    let height = app.height(ListId::Mapping);
    let Some(editor) = editor_mut(app) else { return };
    let before = editor.draft.mapping().clone();
    let Some(said) = step(&mut editor.draft) else { return };
    let columns = &editor.draft.mapping().columns;
    let is_other = |(now, was): (&Column, &Column)| now != was;
    if let Some(place) = columns.iter().zip(&before.columns).position(is_other) {
        editor.list.select(place, columns.len(), height);
    }
    app.say(said);
    changed(app, fx);
}

/// The draft has changed: the preview and the profile are asked for anew. Where it says that the file is to be read
/// otherwise, the file is opened anew first.
pub(super) fn changed(app: &mut App, fx: &mut Effects) {
    if reopen::follow(app, fx) {
        return;
    }
    let Some(editor) = editor_mut(app) else { return };
    (editor.problem, editor.is_walking) = (0, false);
    editor.fit();
    preview::follow_column(editor);
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

/// Shows the mapping of a source on a file, or on the one that it names; read as its draft says, where that is not saved.
pub(super) fn open(app: &mut App, source: SourceId, file: Option<PathBuf>, fx: &mut Effects) {
    let of_source = |editor: &&Editor| editor.source() == source && editor.draft.is_unsaved();
    let draft = editor(app).into_iter().chain(&app.mapping.others).find(of_source);
    let reading = draft.map(|editor| editor.draft.mapping().reading.clone());
    let wanted = OpenWanted { source, file, reading };
    reopen::give_up(app);
    app.mapping.wanted = Some(wanted.clone());
    app.ask(Question::OpenMapping(Box::new(wanted)), fx);
}

/// The tab is shown, or something has changed: what rows would do may have, too.
pub(super) fn refresh(app: &mut App, fx: &mut Effects) {
    if follow_source(app, fx) {
        ask_preview(app, fx);
    }
}

/// Opens the mapping of the selected source, or takes its draft up again that was kept. Answers whether it is the one
/// that is shown anyway.
fn follow_source(app: &mut App, fx: &mut Effects) -> bool {
    let Some(source) = source(app).map(|line| line.id) else { return false };
    if app.mapping.wanted.as_ref().is_some_and(|wanted| wanted.source == source) {
        return false;
    }
    if editor(app).map(Editor::source) == Some(source) {
        let has_newer = follow_delivery(app);
        if has_newer {
            open(app, source, None, fx);
        }
        return !has_newer;
    }
    let kept = app.mapping.others.iter().position(|editor| editor.source() == source);
    let Some(kept) = kept else {
        open(app, source, None, fx);
        return false;
    };
    let kept = app.mapping.others.remove(kept);
    let file = kept.opened.wanted.file.clone();
    put_away(app);
    app.mapping.failure = None;
    app.mapping.editor = Some(Box::new(kept));
    // Its file may be closed by now, or be another one.
    open(app, source, file, fx);
    false
}

/// Whether a delivery has come since the file was opened that is to be shown in its place: where nobody chose a file, and
/// nobody is at work on the one that is open.
fn follow_delivery(app: &App) -> bool {
    let Some(editor) = editor(app) else { return false };
    let newest = source(app).and_then(|line| line.brings.as_ref()).and_then(|brings| brings.newest);
    let is_busy = app.mapping.saving.is_some() || app.mapping.reopening.is_some();
    let is_followed = match &editor.opened.file {
        None => true,
        // What is edited on a file stays with it, and so does what is just being looked at in a dialog.
        Some(_) => !editor.draft.is_unsaved() && app.dialogs.is_empty() && app.mapping.drag.is_none(),
    };
    newest > editor.newest && is_followed && !is_busy && editor.opened.wanted.file.is_none()
}

/// That a newer file has come than the one that changes are being made on.
pub fn newer_waits(app: &App) -> bool {
    let Some(editor) = editor(app) else { return false };
    let newest = source(app).and_then(|line| line.brings.as_ref()).and_then(|brings| brings.newest);
    editor.opened.file.is_some() && editor.draft.is_unsaved() && newest > editor.newest
}

/// Whether the columns of a file of the source were shown.
pub(super) fn has_shown(app: &App, source: SourceId) -> bool {
    let mut all = editor(app).into_iter().chain(&app.mapping.others);
    all.any(|editor| editor.source() == source && editor.opened.file.is_some())
}

/// The source that is shown, where no file of it is here to look at and its newest can be fetched.
pub fn fetchable(app: &App) -> Option<SourceId> {
    let no_file = |editor: &&Editor| editor.opened.file.is_none();
    let line = source(app).filter(|line| fetching::may_fetch(app, line))?;
    editor(app).filter(no_file).map(Editor::source).filter(|id| *id == line.id)
}

/// Fetches its newest file.
fn fetch(app: &mut App, fx: &mut Effects) {
    if let Some(id) = fetchable(app) {
        fetching::start(app, id, None, fetching::Then::Look, fx);
    }
}

/// The name of the delivery that takes the place of an earlier one.
fn newer_than(before: &Editor, opened: &Opened) -> Option<String> {
    let (was, is) = (before.opened.file.as_ref()?.delivery?, opened.file.as_ref()?);
    (is.delivery? > was && opened.wanted.file.is_none()).then(|| is.name.clone())
}

/// Opens the file of the source that was fetched last.
pub(super) fn open_newest(app: &mut App, source: SourceId, fx: &mut Effects) {
    open(app, source, None, fx);
}

/// Others may have saved or reviewed the mapping that is shown.
fn follow_saved(app: &mut App, fx: &mut Effects) {
    if app.mapping.saving.is_some() || app.mapping.wanted.is_some() || app.mapping.reopening.is_some() {
        return;
    }
    let Some(editor) = app.mapping.editor.as_deref_mut() else { return };
    let Some(line) = app.sources.lines.iter().flatten().find(|line| line.id == editor.opened.wanted.source) else {
        return;
    };
    let saved = editor.meanwhile.as_ref().or(editor.opened.saved.as_ref());
    let is_known = match (&line.mapping, saved) {
        (Some((name, version)), Some(saved)) => (name, *version) == (&saved.name, saved.version),
        (None, None) => true,
        // It may have been saved by the import that is just being prepared, or its mapping taken away.
        (Some(_), None) | (None, Some(_)) => false,
    };
    if is_known {
        editor.opened.reviewed = line.reviewed.as_ref().map(|reviewed| (reviewed.by.clone(), reviewed.at_ms));
        return;
    }
    let OpenWanted { source, file, .. } = editor.opened.wanted.clone();
    open(app, source, file, fx);
}

/// The sources came, or another one is selected: its mapping is asked for, where it is not the one that is shown.
pub(super) fn sources_answered(app: &mut App, fx: &mut Effects) {
    if app.tab == Tab::Mapping {
        follow_source(app, fx);
        follow_saved(app, fx);
    }
}

/// Another mapping takes the place of the one that is edited: its steps are not lost.
fn put_away(app: &mut App) {
    app.mapping.finding = None;
    app.mapping.drag = None;
    if let Some(before) = app.mapping.editor.take().filter(|before| before.draft.is_unsaved()) {
        app.mapping.others.push(*before);
    }
}

pub(super) fn opened(app: &mut App, opened: Opened, fx: &mut Effects) {
    let Some(opened) = reopen::opened(app, opened, fx) else { return };
    app.mapping.wanted = None;
    app.mapping.failure = None;
    let before = editor(app).map(Editor::headers);
    let source = opened.wanted.source;
    if editor(app).map(Editor::source) != Some(source) {
        put_away(app);
    }
    let kept = app.mapping.others.iter().position(|editor| editor.source() == source);
    let kept = kept.map(|kept| Box::new(app.mapping.others.remove(kept)));
    let kept = kept.or_else(|| app.mapping.editor.take()).filter(|before| before.source() == source);
    let newest = opened.file.as_ref().and_then(|file| file.delivery);
    let known = app.sources.lines.iter().flatten().find(|line| line.id == source);
    let newest = newest.max(known.and_then(|line| line.brings.as_ref()).and_then(|brings| brings.newest));
    let came = kept.as_deref().and_then(|before| newer_than(before, &opened));
    if let Some(name) = came {
        app.say(format!("{name} has come since, and is shown now."));
    }
    let mut editor = match kept {
        Some(mut kept) if kept.draft.is_unsaved() || opened.wanted.reading.is_some() => {
            kept.take_over(opened);
            kept
        }
        Some(before) if before.opened.wanted.file == opened.wanted.file => {
            let mut editor = Editor { list: before.list, is_wide: before.is_wide, ..Editor::new(opened) };
            editor.list.selected = editor.list.selected.min(editor.draft.mapping().columns.len().saturating_sub(1));
            Box::new(editor)
        }
        _ => Box::new(Editor::new(opened)),
    };
    editor.newest = newest;
    app.mapping.editor = Some(editor);
    changed(app, fx);
    columns_changed(app, before);
}

/// The columns may be others than before: nothing goes on about one of those by its place.
fn columns_changed(app: &mut App, before: Option<Vec<String>>) {
    if editor(app).map(Editor::headers) != before {
        dialogs::close_of_columns(app);
        app.mapping.drag = None;
    }
}

/// A question of the tab failed. Answers whether the tab shows that itself.
pub(super) fn failed(app: &mut App, slot: Slot, failure: &Failure) -> bool {
    match slot {
        Slot::Mapping => {
            let wanted = app.mapping.wanted.take();
            if wanted.map(|wanted| wanted.source) == editor(app).map(Editor::source) {
                return false;
            }
            put_away(app);
            app.mapping.failure = Some(failure.clone());
            true
        }
        Slot::Preview | Slot::Profile => {
            let Some(editor) = editor_mut(app) else { return false };
            match slot {
                Slot::Preview => editor.preview_failure = Some(failure.clone()),
                _ => editor.profile_failure = Some(failure.clone()),
            }
            true
        }
        _ => false,
    }
}

pub(super) fn previewed(app: &mut App, preview: Preview) {
    let height = app.height(ListId::Preview);
    let Some(editor) = editor_mut(app).filter(|editor| editor.draft.revision() == preview.revision) else { return };
    let row = editor.row_wanted.take().or_else(|| Some(preview::row(editor)?.row));
    let place = row.and_then(|row| preview.rows.iter().position(|shown| shown.row == row));
    editor.shown.select(place.unwrap_or(editor.shown.selected), preview.rows.len(), height);
    editor.preview_failure = None;
    editor.preview = Some(preview);
    preview::follow_column(editor);
}

pub(super) fn profiled(app: &mut App, profile: Profile, fx: &mut Effects) {
    let Some(editor) = editor_mut(app).filter(|editor| editor.draft.revision() == profile.revision) else { return };
    let is_done = profile.is_done;
    editor.profile_failure = None;
    editor.profile = Some(profile);
    if !is_done {
        ask_profile(app, fx);
    } else if problems::show_proofs(editor) {
        ask_preview(app, fx);
    }
}

/// Another column is selected.
pub(super) fn moved(app: &mut App) {
    if let Some(editor) = editor_mut(app) {
        (editor.problem, editor.is_walking) = (0, false);
        preview::follow_column(editor);
    }
}

/// Something in the tab was clicked.
pub(super) fn clicked(app: &mut App, target: MappingTarget, fx: &mut Effects) {
    let height = app.height(ListId::Mapping);
    match target {
        MappingTarget::Cell(row, field) => preview::clicked(app, row, field),
        MappingTarget::Important(which) => {
            let Some(editor) = editor_mut(app) else { return };
            let places = important_places(editor.draft.mapping(), &editor.opened.catalog);
            let place = places.get(which).and_then(|(_, places)| places.first().copied());
            if let Some(place) = place {
                editor.list.select(place, editor.draft.mapping().columns.len(), height);
                moved(app);
            }
        }
        MappingTarget::Drop(_) => {}
        MappingTarget::Fetch => fetch(app, fx),
    }
}
