//! The two small dialogs that the others of the tab ask with: a choice from a list that is narrowed by typing, and lines
//! to type. What was chosen or typed goes to the dialog under them.

use crate::app::dialog::Dialog;
use crate::app::field::Field;
use crate::app::keys::{Binding, Scope, always};
use crate::app::list::List;
use crate::app::mapping::dialogs::MappingDialog;
use crate::app::{App, Effects};
use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;
use std::cmp::Reverse;

/// A choice of one of several values.
#[derive(Debug, Clone)]
pub struct Choice {
    pub title: String,
    /// What the choice is about, in a sentence.
    pub note: String,
    pub field: Field,
    pub entries: Vec<ChoiceEntry>,
    /// What matches, best first, with the letters of the label that match.
    pub found: Vec<(usize, Vec<usize>)>,
    pub list: List,
    pub typed: Option<Typed>,
    take: Taking,
}

/// What is typed can be taken as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Typed {
    /// How that is offered.
    pub offered: &'static str,
    /// It stands before what matches: whoever types means it to the letter. Else it stands behind.
    pub first: bool,
}

/// An entry that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// By its place in [`Choice::found`].
    Found(usize),
    Typed,
}

/// What becomes of the chosen value.
type Taking = fn(&mut App, &str, &mut Effects);

/// One of the values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceEntry {
    pub value: String,
    pub label: String,
    /// What comes of it, or what it is.
    pub note: String,
}

impl ChoiceEntry {
    pub(super) fn new(value: impl Into<String>, label: impl Into<String>, note: impl Into<String>) -> ChoiceEntry {
        ChoiceEntry { value: value.into(), label: label.into(), note: note.into() }
    }
}

impl Choice {
    pub(super) fn new(title: impl Into<String>, entries: Vec<ChoiceEntry>, take: Taking) -> Choice {
        let found = (0..entries.len()).map(|place| (place, Vec::new())).collect();
        Choice {
            title: title.into(),
            note: String::new(),
            field: Field::default(),
            entries,
            found,
            list: List::default(),
            typed: None,
            take,
        }
    }

    pub(super) fn note(self, note: impl Into<String>) -> Choice {
        Choice { note: note.into(), ..self }
    }

    /// What is typed can be chosen too, after what matches.
    pub(super) fn or_typed(self, offered: &'static str) -> Choice {
        Choice { typed: Some(Typed { offered, first: false }), ..self }
    }

    /// What is typed is chosen, unless something else is selected.
    pub(super) fn typed_first(self, offered: &'static str) -> Choice {
        Choice { typed: Some(Typed { offered, first: true }), ..self }
    }

    /// With this value selected.
    pub(super) fn at(mut self, value: &str) -> Choice {
        self.list.selected = self.entries.iter().position(|entry| entry.value == value).unwrap_or(0);
        self
    }

    pub(super) fn open(self, app: &mut App) {
        app.open(Dialog::Mapping(Box::new(MappingDialog::Choice(self))));
    }

    /// How many entries are shown: those that match, and what was typed where that can be taken.
    pub fn len(&self) -> usize {
        self.found.len() + usize::from(self.offers_typed())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn offers_typed(&self) -> bool {
        let text = self.field.text();
        self.typed.is_some() && !text.is_empty() && !self.entries.iter().any(|entry| entry.label == text)
    }

    /// The entry that is shown at a place.
    pub fn shown(&self, at: usize) -> Option<Shown> {
        let is_typed = match self.typed.filter(|_| self.offers_typed()) {
            Some(Typed { first: true, .. }) => at == 0,
            Some(_) => at == self.found.len(),
            None => false,
        };
        let before = usize::from(self.offers_typed() && self.typed.is_some_and(|typed| typed.first));
        match is_typed {
            true => Some(Shown::Typed),
            false => (at - before.min(at) < self.found.len()).then(|| Shown::Found(at - before.min(at))),
        }
    }

    pub(super) fn find(&mut self) {
        let matcher = SkimMatcherV2::default();
        let text = self.field.text().trim();
        let score = |(place, entry): (usize, &ChoiceEntry)| {
            let (score, letters) = matcher.fuzzy_indices(&entry.label, text)?;
            Some((Reverse(score), place, letters))
        };
        let mut scored: Vec<_> = self.entries.iter().enumerate().filter_map(score).collect();
        if !text.is_empty() {
            scored.sort();
        }
        self.found = scored.into_iter().map(|(_, place, letters)| (place, letters)).collect();
        self.list = List::default();
    }

    fn chosen(&self) -> Option<&str> {
        match self.shown(self.list.selected)? {
            Shown::Typed => Some(self.field.text()),
            Shown::Found(at) => Some(self.entries.get(self.found.get(at)?.0)?.value.as_str()),
        }
    }
}

/// One line, or a few, to type.
#[derive(Debug, Clone)]
pub struct Lines {
    pub title: String,
    pub lines: Vec<TypedLine>,
    /// The line that has the keys.
    pub focus: usize,
    pub note: String,
    /// What is wrong with what was typed.
    pub error: Option<String>,
    take: LinesTaking,
}

/// What becomes of the typed lines, or what is wrong with them.
type LinesTaking = fn(&mut App, &[String], &mut Effects) -> Result<(), String>;

#[derive(Debug, Clone)]
pub struct TypedLine {
    pub label: String,
    pub field: Field,
    pub example: &'static str,
}

impl TypedLine {
    pub(super) fn new(label: impl Into<String>, text: &str, example: &'static str) -> TypedLine {
        TypedLine { label: label.into(), field: Field::with(text), example }
    }
}

impl Lines {
    pub(super) fn new(title: impl Into<String>, lines: Vec<TypedLine>, take: LinesTaking) -> Lines {
        Lines { title: title.into(), lines, focus: 0, note: String::new(), error: None, take }
    }

    pub(super) fn note(self, note: impl Into<String>) -> Lines {
        Lines { note: note.into(), ..self }
    }

    pub(super) fn open(self, app: &mut App) {
        app.open(Dialog::Mapping(Box::new(MappingDialog::Lines(self))));
    }
}

pub(crate) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Choice,
        keys: &["<enter>"],
        hint: "choose",
        help: "Take what is selected",
        priority: 1,
        when: |app| matches!(app.dialogs.last(), Some(Dialog::Mapping(open)) if matches!(&**open, MappingDialog::Choice(choice) if !choice.is_empty())),
        run: choose,
    },
    Binding {
        scope: Scope::Lines,
        keys: &["<enter>"],
        hint: "done",
        help: "Go to the next line; in the last one, take what was typed",
        priority: 1,
        when: always,
        run: enter,
    },
    Binding {
        scope: Scope::Lines,
        keys: &["<tab>", "<down>"],
        hint: "next",
        help: "Go to the next line",
        priority: 3,
        when: has_several,
        run: |app, _| go(app, 1),
    },
    Binding {
        scope: Scope::Lines,
        keys: &["<s-tab>", "<up>"],
        hint: "",
        help: "Go to the line before",
        priority: 9,
        when: has_several,
        run: |app, _| go(app, -1),
    },
];

fn lines(app: &mut App) -> Option<&mut Lines> {
    match app.dialogs.last_mut() {
        Some(Dialog::Mapping(open)) => match &mut **open {
            MappingDialog::Lines(lines) => Some(lines),
            _ => None,
        },
        _ => None,
    }
}

fn has_several(app: &App) -> bool {
    match app.dialogs.last() {
        Some(Dialog::Mapping(open)) => matches!(&**open, MappingDialog::Lines(lines) if lines.lines.len() > 1),
        _ => false,
    }
}

fn choose(app: &mut App, fx: &mut Effects) {
    let Some(Dialog::Mapping(open)) = app.dialogs.last() else { return };
    let MappingDialog::Choice(choice) = &**open else { return };
    let Some(value) = choice.chosen().map(str::to_owned) else { return };
    let take = choice.take;
    app.dialogs.pop();
    take(app, &value, fx);
}

fn go(app: &mut App, by: isize) {
    let Some(lines) = lines(app) else { return };
    lines.focus = lines.focus.saturating_add_signed(by).min(lines.lines.len().saturating_sub(1));
}

/// A line was clicked.
pub(super) fn focus(app: &mut App, line: usize) {
    let Some(lines) = lines(app) else { return };
    lines.focus = line.min(lines.lines.len().saturating_sub(1));
}

fn enter(app: &mut App, fx: &mut Effects) {
    let Some(open) = lines(app) else { return };
    if open.focus + 1 < open.lines.len() {
        open.focus += 1;
        return;
    }
    let typed: Vec<String> = open.lines.iter().map(|line| line.field.text().to_owned()).collect();
    let take = open.take;
    let Some(dialog) = app.dialogs.pop() else { return };
    if let Err(error) = take(app, &typed, fx) {
        app.dialogs.push(dialog);
        if let Some(open) = lines(app) {
            open.error = Some(error);
        }
    }
}
