//! The cells that are not plain ASCII under two encodings, side by side.

use super::asking::{Choice, ChoiceEntry};
use super::data::{CompareWanted, Compared, ReadOption};
use super::dialogs::{self, MappingDialog};
use super::reading::{self, ENCODINGS};
use super::{editor, source};
use crate::app::keys::{Binding, Scope, always};
use crate::app::list::List;
use crate::app::message::{Failure, Question};
use crate::app::{App, Effects};

/// The state of the dialog.
#[derive(Debug, Clone)]
pub struct Encodings {
    /// Left and right.
    pub encodings: [String; 2],
    /// None before the answer.
    pub compared: Option<Compared>,
    pub error: Option<String>,
    pub list: List,
}

pub(crate) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Encodings,
        keys: &["<enter>"],
        hint: "take the right one",
        help: "Read the file in the encoding at the right",
        priority: 1,
        when: always,
        run: take,
    },
    Binding {
        scope: Scope::Encodings,
        keys: &["b", "<right>"],
        hint: "right encoding",
        help: "Choose the encoding at the right",
        priority: 2,
        when: always,
        run: |app, _| choose(app, 1),
    },
    Binding {
        scope: Scope::Encodings,
        keys: &["a", "<left>"],
        hint: "left encoding",
        help: "Choose the encoding at the left",
        priority: 3,
        when: always,
        run: |app, _| choose(app, 0),
    },
];

fn open_mut(app: &mut App) -> Option<&mut Encodings> {
    match dialogs::top_mut(app) {
        Some(MappingDialog::Encodings(open)) => Some(open),
        _ => None,
    }
}

/// Opens the dialog with what the file is read in, and what else it is most likely.
pub(super) fn open(app: &mut App, fx: &mut Effects) {
    let now = reading::fact(app, ReadOption::Encoding).map_or("UTF-8".to_owned(), |fact| fact.value.clone());
    let other = if now.eq_ignore_ascii_case("windows-1252") { "UTF-8" } else { "windows-1252" };
    let encodings = [now, other.to_owned()];
    dialogs::open(
        app,
        MappingDialog::Encodings(Encodings { encodings, compared: None, error: None, list: List::default() }),
    );
    ask(app, fx);
}

fn ask(app: &mut App, fx: &mut Effects) {
    let Some(source) = editor(app).map(|editor| editor.source()).or(source(app).map(|line| line.id)) else { return };
    let Some(open) = open_mut(app) else { return };
    (open.compared, open.error, open.list) = (None, None, List::default());
    let wanted = CompareWanted { source, encodings: open.encodings.clone() };
    app.ask(Question::Compare(Box::new(wanted)), fx);
}

fn choose(app: &mut App, side: usize) {
    let Some(now) = open_mut(app).map(|open| open.encodings[side].clone()) else { return };
    let entries = ENCODINGS.iter().map(|(name, note)| ChoiceEntry::new(*name, *name, *note)).collect();
    let (title, take): (_, fn(&mut App, &str, &mut Effects)) = match side {
        0 => ("Encoding at the left", |app, value, fx| chosen(app, 0, value, fx)),
        _ => ("Encoding at the right", |app, value, fx| chosen(app, 1, value, fx)),
    };
    Choice::new(title, entries, take).or_typed("an encoding of this name").at(&now).open(app);
}

fn chosen(app: &mut App, side: usize, value: &str, fx: &mut Effects) {
    if let Some(open) = open_mut(app) {
        open.encodings[side] = value.to_owned();
    }
    ask(app, fx);
}

/// A heading was clicked.
pub(super) fn clicked(app: &mut App, side: usize) {
    choose(app, side.min(1));
}

fn take(app: &mut App, fx: &mut Effects) {
    let Some(encoding) = open_mut(app).map(|open| open.encodings[1].clone()) else { return };
    app.dialogs.pop();
    reading::take_encoding(app, &encoding, fx);
}

pub(super) fn answered(app: &mut App, compared: Compared) {
    if let Some(open) = open_mut(app).filter(|open| open.encodings == compared.wanted.encodings) {
        (open.compared, open.error) = (Some(compared), None);
    }
}

pub(super) fn failed(app: &mut App, failure: &Failure) -> bool {
    let Some(open) = open_mut(app) else { return false };
    open.error = Some(failure.told());
    true
}
