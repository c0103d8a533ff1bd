//! The Mapping tab: the mapping of the selected source, to be read and marked as reviewed. Its editor comes later.

use super::data::{MappingView, SourceLine};
use super::dialog::{self, Confirm, Dialog, TextLine};
use super::keys::{Binding, Scope};
use super::list::{List, Move};
use super::message::{Act, Question};
use super::numbers::counted;
use super::screen::ListId;
use super::shell_word::shell_word;
use super::{App, Effects};

/// The state of the tab.
#[derive(Debug, Default)]
pub struct MappingTab {
    /// None before the answer; none in it where the source has no mapping yet.
    pub view: Option<Option<Box<MappingView>>>,
    /// Of its columns.
    pub list: List,
}

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Mapping,
        keys: &["v"],
        hint: "mark reviewed",
        help: "Mark this mapping as reviewed by you; when it changes, the mark is gone",
        priority: 1,
        when: |app| app.can_change() && view(app).is_some_and(|view| view.reviewed.is_none()),
        run: |app, _| review(app),
    },
    Binding {
        scope: Scope::Mapping,
        keys: &["<right>", "l"],
        hint: "next source",
        help: "Show the mapping of the next source",
        priority: 2,
        when: has_sources,
        run: |app, fx| other_source(app, Move::Down, fx),
    },
    Binding {
        scope: Scope::Mapping,
        keys: &["<left>", "h"],
        hint: "",
        help: "Show the mapping of the source before",
        priority: 9,
        when: has_sources,
        run: |app, fx| other_source(app, Move::Up, fx),
    },
    Binding {
        scope: Scope::Mapping,
        keys: &["c", "y"],
        hint: "copy commands",
        help: "Copy the commands that change this mapping",
        priority: 3,
        when: |app| view(app).is_some(),
        run: |app, fx| {
            if let Some(commands) = view(app).map(commands) {
                dialog::copy_commands(app, &commands, fx);
            }
        },
    },
];

impl MappingTab {
    pub(super) fn list_mut(&mut self) -> Option<(&mut List, usize)> {
        let len = self.view.as_ref()?.as_ref()?.columns.len();
        Some((&mut self.list, len))
    }
}

/// The mapping that is shown.
pub fn view(app: &App) -> Option<&MappingView> {
    app.mapping.view.as_ref()?.as_deref()
}

/// The source whose mapping is shown: the one that is selected in the Data Sources tab.
pub fn source(app: &App) -> Option<&SourceLine> {
    app.sources.selected()
}

/// The commands by which people change this mapping.
pub fn commands(view: &MappingView) -> Vec<String> {
    let name = shell_word(&view.name);
    vec![format!("landfall mapping show {name} > mapping.toml"), format!("landfall mapping save {name} mapping.toml")]
}

fn has_sources(app: &App) -> bool {
    app.sources.shown.len() > 1
}

fn other_source(app: &mut App, to: Move, fx: &mut Effects) {
    let height = app.height(ListId::Sources);
    let (list, len) = app.sources.list_mut();
    list.go(to, len, height);
    app.mapping.list = List::default();
    refresh(app, fx);
}

fn review(app: &mut App) {
    let Some(view) = view(app) else { return };
    let mapped = view.columns.iter().filter(|column| column.field.is_some()).count() as u64;
    let left_out = view.columns.len() as u64 - mapped;
    let missing: Vec<&str> =
        view.important.iter().filter(|(_, columns)| columns.is_empty()).map(|(what, _)| what.as_str()).collect();
    let mut lines = vec![
        TextLine::Plain(format!(
            "{} of {} for fields, {} not imported. You confirm that you looked at each of them.",
            counted(mapped, "column", "columns"),
            view.source_name,
            counted(left_out, "is", "are"),
        )),
        TextLine::Plain("Nothing is imported by this, and when the mapping changes, the mark is gone.".to_owned()),
    ];
    if !missing.is_empty() {
        lines.push(TextLine::Empty);
        lines.push(TextLine::Error(format!("Not mapped: {}.", missing.join(", "))));
    }
    let confirm = Confirm {
        title: format!("Mark {}, version {}, as reviewed?", view.name, view.version),
        lines,
        yes: "Mark it".to_owned(),
        act: Act::ReviewMapping(view.source, (view.name.clone(), view.version)),
        chosen: false,
    };
    app.open(Dialog::Confirm(confirm));
}

pub(super) fn refresh(app: &mut App, fx: &mut Effects) {
    if let Some(id) = source(app).map(|line| line.id) {
        app.ask(Question::Mapping(id), fx);
    }
}

/// The sources came, or another one is selected: its mapping is asked for, where it is not the one that is shown.
pub(super) fn sources_answered(app: &mut App, fx: &mut Effects) {
    let wanted = source(app).map(|line| line.id);
    if app.tab == super::Tab::Mapping && wanted.is_some() && view(app).map(|view| view.source) != wanted {
        refresh(app, fx);
    }
}

pub(super) fn answered(app: &mut App, view: Option<Box<MappingView>>) {
    let len = view.as_ref().map_or(0, |view| view.columns.len());
    app.mapping.list.selected = app.mapping.list.selected.min(len.saturating_sub(1));
    app.mapping.view = Some(view);
}
