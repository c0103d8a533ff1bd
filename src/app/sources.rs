//! The Data Sources tab: all sources, what needs a person first, and what can be done with the selected one.

use super::brings::{Kind, kind};
use super::data::{SourceLine, SourceMore};
use super::dialog::{self, Confirm, Dialog, Prompt, Purpose, Text, TextLine};
use super::field::Field;
use super::keys::{Binding, Scope, always, binding};
use super::list::List;
use super::message::{Act, Effect, Question, Slot};
use super::screen::{ListId, Target};
use super::{
    App, Effects, Tab, connecting, guide, import, mapping, picker, runs, source_acts, source_form, source_text,
};
use crate::domain::id::SourceId;
use crate::domain::source::{Keeper, Pickup, PickupCause};
use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use std::cmp::Reverse;

/// The state of the tab.
#[derive(Debug, Default)]
pub struct Sources {
    /// None before the first answer.
    pub lines: Option<Vec<SourceLine>>,
    /// Places in `lines` of those that match the filter, in their order on the screen.
    pub shown: Vec<usize>,
    pub list: List,
    pub sort: Sort,
    pub filter: Field,
    /// Whether the filter is typed in.
    pub typing: bool,
    /// Whether the pane of details is closed.
    pub detail_closed: bool,
    /// What was asked for the selected source.
    more: Option<SourceMore>,
    /// A source that was just made, to be selected when it is there.
    pub select_next: Option<SourceId>,
}

/// Orders of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// What needs a person first.
    #[default]
    Need,
    Name,
    /// Latest first.
    LastRan,
    /// Latest first.
    LastImported,
}

impl Sort {
    /// As the title of the list calls it.
    pub fn title(self) -> &'static str {
        match self {
            Sort::Need => "need",
            Sort::Name => "name",
            Sort::LastRan => "last ran",
            Sort::LastImported => "last imported",
        }
    }

    fn next(self) -> Sort {
        match self {
            Sort::Need => Sort::Name,
            Sort::Name => Sort::LastRan,
            Sort::LastRan => Sort::LastImported,
            Sort::LastImported => Sort::Need,
        }
    }
}

/// What the mouse can point at in this tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourcesTarget {
    /// The status of an entry, from 0.
    Status(usize),
    /// The details under the list.
    Detail,
}

macro_rules! key {
    ($($rest:tt)*) => {
        binding!(Scope::Sources, $($rest)*)
    };
}

pub(super) const KEYS: &[Binding] = &[
    key!(&["<enter>"], "keep filter", 1, "Leave the filter as typed, and go on with the list", typing, |app, _| {
        app.sources.typing = false;
    }),
    key!(&["<enter>"], "runs", 2, "Show the runs of the source", idle_on_one, show_runs),
    key!(&["<esc>"], "all sources", 1, "Show all sources again", filtered, clear_filter),
    key!(&["a"], "add", 2, "Add a source: a file, a directory, an SFTP server or a drop", may_change, |app, _| {
        kind::open(app);
    }),
    key!(
        &["m"],
        "map columns",
        1,
        "Look at the columns of its file, and say where they go",
        is_unmapped,
        mapping::keys::show
    ),
    key!(&["m"], "mapping", 4, "Show and edit the mapping of the source", idle_on_one, mapping::keys::show),
    key!(&["i"], "import", 3, "Import the source's file; says first what will happen", may_import_file, import_again),
    key!(&["i"], "import", 4, "Choose files that lie there, and import them", may_choose_files, source_acts::files),
    key!(&["f"], "", 6, "Import another file into the source", may_import_file, import_other),
    key!(&["e"], "explain", 4, "Explain how the source stands, to read and to copy", idle_on_one, explain),
    key!(&["p"], "pause", 5, "Pause the source: its imports do not start until it is resumed", may_pause, pause),
    key!(&["p"], "resume", 3, "Resume the source", may_resume, resume),
    key!(&["E"], "edit", 6, "Edit what is said of the source, and how it is imported", may_change_one, edit),
    key!(&["r"], "", 7, "Rename the source", may_change_one, rename),
    key!(&["x"], "", 7, "Remove the source; its runs and contacts stay", may_remove, remove),
    key!(&["c"], "copy error", 5, "Copy the source's error", has_error, copy_error),
    key!(&["/"], "filter", 6, "Show only sources whose name matches", idle_with_lines, |app, _| {
        app.sources.typing = true;
    }),
    key!(&["s"], "sort", 7, "Sort by need, name, last run or last import", idle_with_lines, sort),
    key!(&["d"], "", 8, "Close the details under the list, or open them again", always, |app, _| {
        app.sources.detail_closed = !app.sources.detail_closed;
    }),
];

/// When a source is looked at next by its schedule (ms since 1970, UTC); none where no schedule runs.
pub fn next_look_ms(app: &App) -> Option<i64> {
    app.sources.lines.iter().flatten().filter_map(|line| line.next_run_ms).min()
}

/// When the first of the looks that try again is no longer believed to be there (ms since 1970, UTC).
pub fn looks_until_ms(app: &App) -> Option<i64> {
    let looked = app.sources.lines.iter().flatten().filter_map(|line| line.brings.as_ref()?.looked.as_ref());
    looked.filter(|look| !look.is_cut_off(app.now_ms)).filter_map(Pickup::retries_until_ms).min()
}

/// Whether a look by a schedule is under way. One of a source that does not run was cut off: nobody goes on with it yet.
pub fn is_looked_at(app: &App) -> bool {
    let runs = |line: &&SourceLine| !line.is_paused() && !line.is_blocked();
    let lines = app.sources.lines.iter().flatten().filter(runs);
    lines
        .filter_map(|line| line.brings.as_ref()?.looked.as_ref())
        .any(|look| look.cause == PickupCause::Schedule && look.finished_ms.is_none() && !look.is_cut_off(app.now_ms))
}

/// Whether schedules are to be kept and nobody does: no worker is here, and none that came by has seen to what is due.
pub fn schedules_wait(app: &App) -> bool {
    let is_overdue = |line: &SourceLine| line.brings.as_ref().is_some_and(|brings| brings.overdue_ms.is_some());
    match app.view.keeper {
        Keeper::Stays => false,
        Keeper::ComesBy => app.sources.lines.iter().flatten().any(is_overdue),
        Keeper::Nobody => next_look_ms(app).is_some(),
    }
}

fn typing(app: &App) -> bool {
    app.sources.typing
}

fn idle_on_one(app: &App) -> bool {
    !typing(app) && app.sources.selected().is_some()
}

/// Nobody has said where its columns go: that comes first.
fn is_unmapped(app: &App) -> bool {
    idle_on_one(app) && app.sources.selected().is_some_and(|line| !import::is_mapped(app, line.id))
}

fn idle_with_lines(app: &App) -> bool {
    !typing(app) && app.sources.lines.as_ref().is_some_and(|lines| !lines.is_empty())
}

fn filtered(app: &App) -> bool {
    typing(app) || !app.sources.filter.text().is_empty()
}

fn may_change(app: &App) -> bool {
    !typing(app) && app.can_change()
}

fn may_change_one(app: &App) -> bool {
    idle_on_one(app) && app.can_change()
}

fn may_import_file(app: &App) -> bool {
    may_import(app) && app.sources.selected().is_some_and(|line| line.brings.is_none())
}

fn may_choose_files(app: &App) -> bool {
    may_import(app) && app.sources.selected().is_some_and(|line| line.brings.is_some())
}

fn may_import(app: &App) -> bool {
    may_change_one(app) && app.sources.selected().is_some_and(|line| !line.is_paused())
}

fn may_pause(app: &App) -> bool {
    may_change_one(app) && app.sources.selected().is_some_and(|line| !line.is_paused())
}

fn may_resume(app: &App) -> bool {
    may_change_one(app) && app.sources.selected().is_some_and(SourceLine::is_paused)
}

/// What stays has to be known first, to be told in numbers.
fn may_remove(app: &App) -> bool {
    may_change_one(app) && app.sources.selected().is_some_and(|line| app.sources.more(line.id).is_some())
}

fn has_error(app: &App) -> bool {
    idle_on_one(app) && app.sources.selected().is_some_and(|line| source_text::error(line).is_some())
}

impl Sources {
    pub(super) fn field_mut(&mut self) -> Option<&mut Field> {
        self.typing.then_some(&mut self.filter)
    }

    pub(super) fn list_mut(&mut self) -> (&mut List, usize) {
        (&mut self.list, self.shown.len())
    }

    /// An entry of the list as it is shown, from 0.
    pub fn entry(&self, entry: usize) -> Option<&SourceLine> {
        self.lines.as_ref()?.get(*self.shown.get(entry)?)
    }

    pub fn selected(&self) -> Option<&SourceLine> {
        self.entry(self.list.selected)
    }

    /// What is known beyond its line of a source, as soon as it is.
    pub fn more(&self, id: SourceId) -> Option<&SourceMore> {
        self.more.as_ref().filter(|more| more.id == id)
    }

    /// Finds anew what is shown, in its order; the selection stays on its source.
    fn arrange(&mut self) {
        let before = self.select_next.or(self.selected().map(|line| line.id));
        let Some(lines) = &self.lines else { return };
        let wanted = self.filter.text().trim();
        let matcher = SkimMatcherV2::default();
        let matches = |line: &SourceLine| wanted.is_empty() || matcher.fuzzy_match(&line.name, wanted).is_some();
        let mut shown: Vec<usize> = (0..lines.len()).filter(|place| matches(&lines[*place])).collect();
        match self.sort {
            Sort::Need => {
                shown.sort_by_cached_key(|place| (lines[*place].health.status, lines[*place].name.to_lowercase()))
            }
            Sort::Name => shown.sort_by_cached_key(|place| lines[*place].name.to_lowercase()),
            Sort::LastRan => shown.sort_by_key(|place| Reverse(lines[*place].last_ran_ms)),
            Sort::LastImported => shown.sort_by_key(|place| Reverse(lines[*place].last_imported_ms)),
        }
        let place = before.and_then(|id| shown.iter().position(|place| lines[*place].id == id));
        if self.select_next.is_some() && place.is_some() {
            self.select_next = None;
        }
        self.list.selected = place.unwrap_or(self.list.selected).min(shown.len().saturating_sub(1));
        self.shown = shown;
    }
}

/// The places of the letters of a name that the filter matches, in characters.
pub fn matched(app: &App, name: &str) -> Vec<usize> {
    let wanted = app.sources.filter.text().trim();
    if wanted.is_empty() {
        return Vec::new();
    }
    SkimMatcherV2::default().fuzzy_indices(name, wanted).map(|(_, places)| places).unwrap_or_default()
}

/// The line that the details tell of: what the mouse points at, else what is selected.
pub fn told(app: &App) -> Option<&SourceLine> {
    let hovered = match &app.hover {
        Some(Target::Entry(ListId::Sources, entry) | Target::Sources(SourcesTarget::Status(entry))) => Some(*entry),
        _ => None,
    };
    hovered.and_then(|entry| app.sources.entry(entry)).or(app.sources.selected())
}

/// The filter has changed.
pub(super) fn typed(app: &mut App, fx: &mut Effects) {
    app.sources.arrange();
    moved(app, fx);
}

pub(super) fn moved(app: &mut App, fx: &mut Effects) {
    let Some(id) = app.sources.selected().map(|line| line.id) else { return };
    if app.sources.more(id).is_none() {
        app.ask(Question::Source(id), fx);
    }
}

pub(super) fn clicked(app: &mut App, target: SourcesTarget, fx: &mut Effects) {
    let entry = match target {
        SourcesTarget::Status(entry) => entry,
        SourcesTarget::Detail => return explain(app, fx),
    };
    let again = app.sources.list.selected == entry;
    let (height, len) = (app.height(ListId::Sources), app.sources.shown.len());
    app.sources.list.select(entry, len, height);
    moved(app, fx);
    if again {
        explain(app, fx);
    }
}

pub(super) fn answered(app: &mut App, lines: Vec<SourceLine>, fx: &mut Effects) {
    app.sources.lines = Some(lines);
    app.sources.arrange();
    if let Some(id) = app.sources.selected().map(|line| line.id) {
        app.ask(Question::Source(id), fx);
    }
}

/// Time has moved on: where a contract may stand otherwise now, that is asked.
pub(super) fn due(app: &mut App, fx: &mut Effects) {
    let now_ms = app.now_ms;
    let is_due = |line: &SourceLine| {
        line.brings.as_ref().and_then(|brings| brings.stands_until_ms).is_some_and(|until| until <= now_ms)
    };
    if app.sources.lines.iter().flatten().any(is_due) && app.waiting_since(Slot::Sources).is_none() {
        app.ask(Question::Sources, fx);
    }
}

pub(super) fn more_answered(app: &mut App, more: SourceMore) {
    app.sources.more = Some(more);
}

/// A source was made: it is selected, and its mapping shown where that was asked for.
pub(super) fn added(app: &mut App, id: SourceId, fx: &mut Effects) {
    app.sources.select_next = Some(id);
    app.sources.filter.set("");
    app.sources.typing = false;
    if let Some(Dialog::SourceForm(form)) = app.dialogs.last()
        && form.is_saving()
    {
        let then_map = form.then_map;
        let reached = form.bring.as_ref().filter(|bring| bring.kind != Kind::Dir).map(|_| form.name());
        app.dialogs.clear();
        if let Some(name) = reached {
            connecting::open(app, id, name, None, fx);
        }
        if then_map {
            mapping::open(app, id, None, fx);
            app.go(Tab::Mapping, fx);
        }
    }
    guide::added(app, id, fx);
}

/// The name of a source, as the list has it.
pub(super) fn name_of(app: &App, id: SourceId) -> &str {
    app.sources.lines.iter().flatten().find(|line| line.id == id).map_or("a source", |line| &line.name)
}

/// Selects a source, where it is shown.
pub(super) fn select(app: &mut App, id: SourceId) {
    let entry = (0..app.sources.shown.len()).find(|entry| app.sources.entry(*entry).is_some_and(|line| line.id == id));
    match entry {
        Some(entry) => {
            let (height, len) = (app.height(ListId::Sources), app.sources.shown.len());
            app.sources.list.select(entry, len, height);
        }
        None => app.sources.select_next = Some(id),
    }
}

fn selected(app: &App) -> Option<&SourceLine> {
    app.sources.selected()
}

fn show_runs(app: &mut App, fx: &mut Effects) {
    if let Some(id) = selected(app).map(|line| line.id) {
        runs::of_source(app, id, fx);
    }
}

fn clear_filter(app: &mut App, fx: &mut Effects) {
    app.sources.filter.set("");
    app.sources.typing = false;
    typed(app, fx);
}

fn sort(app: &mut App, fx: &mut Effects) {
    app.sources.sort = app.sources.sort.next();
    typed(app, fx);
    app.say(format!("Sorted by {}.", app.sources.sort.title()));
}

fn import_again(app: &mut App, fx: &mut Effects) {
    let Some(line) = selected(app) else { return };
    let (id, name) = (line.id, line.name.clone());
    match &line.form.location {
        Some(_) => import::open(app, id, name, None, fx),
        None => picker::open(app, picker::Purpose::ImportInto(id, name), fx),
    }
}

fn import_other(app: &mut App, fx: &mut Effects) {
    let Some(line) = selected(app) else { return };
    let purpose = picker::Purpose::ImportInto(line.id, line.name.clone());
    picker::open(app, purpose, fx);
}

fn explain(app: &mut App, _: &mut Effects) {
    let Some(line) = selected(app) else { return };
    let (more, has_worker) = (app.sources.more(line.id), app.view.keeper == Keeper::Stays);
    let lines = source_text::status(line, more, has_worker, app.now_ms, app.zone);
    let copy = source_text::plain(&lines);
    let title = line.name.clone();
    app.open(Dialog::Text(Text { title, lines, copy, list: List::default() }));
}

fn pause(app: &mut App, fx: &mut Effects) {
    if let Some(line) = selected(app) {
        fx.push(Effect::Do(Act::PauseSource(line.id)));
    }
}

fn resume(app: &mut App, fx: &mut Effects) {
    if let Some(line) = selected(app) {
        fx.push(Effect::Do(Act::ResumeSource(line.id)));
    }
}

fn edit(app: &mut App, _: &mut Effects) {
    let Some(line) = selected(app) else { return };
    let form = source_form::Form::edit(line, names_but(app, Some(line.id)), app.zone);
    app.open(Dialog::SourceForm(Box::new(form)));
}

/// The names of all sources but one.
pub(super) fn names_but(app: &App, id: Option<SourceId>) -> Vec<String> {
    let lines = app.sources.lines.iter().flatten();
    lines.filter(|line| Some(line.id) != id).map(|line| line.name.clone()).collect()
}

fn rename(app: &mut App, _: &mut Effects) {
    let Some(line) = selected(app) else { return };
    let prompt = Prompt {
        title: "Rename the source".to_owned(),
        label: "Its runs, contacts and mapping go along.".to_owned(),
        field: Field::with(&line.name),
        purpose: Purpose::RenameSource(line.id),
        error: None,
    };
    app.open(Dialog::Prompt(prompt));
}

fn remove(app: &mut App, _: &mut Effects) {
    let Some(line) = selected(app) else { return };
    let Some(more) = app.sources.more(line.id) else { return };
    let confirm = Confirm {
        title: "Remove the source".to_owned(),
        lines: vec![
            TextLine::Plain(format!("“{}” goes from the list of sources.", line.name)),
            TextLine::Empty,
            TextLine::Pair("What stays".to_owned(), source_text::stays(more)),
            TextLine::Pair(
                "Taking it back".to_owned(),
                "add a source of this name: it brings all of it back".to_owned(),
            ),
        ],
        yes: "Remove it".to_owned(),
        act: Act::RemoveSource(line.id).into(),
        chosen: false,
        list: List::default(),
    };
    app.open(Dialog::Confirm(confirm));
}

fn copy_error(app: &mut App, fx: &mut Effects) {
    if let Some(error) = selected(app).and_then(source_text::error) {
        dialog::copy(app, error, fx);
    }
}
