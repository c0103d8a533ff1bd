//! The page of one contact: everything that is held about it, and where it came from.

use super::data::{Held, LastRowView};
use super::dialog;
use super::keys::{Binding, Scope, always};
use super::list::List;
use super::message::Question;
use super::screen::ListId;
use super::time::in_full;
use super::{App, Effects, row};
use crate::domain::field::FieldId;
use crate::domain::id::{RecordId, RunId};
use chrono_tz::Tz;
use std::fmt::Write;

/// The state of the page.
#[derive(Debug)]
pub struct ContactPage {
    pub id: RecordId,
    /// None before the answer.
    pub held: Option<Box<Held>>,
    /// Of the lines as they were drawn; those of a change of the history lead to its run.
    pub list: List,
}

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Contact,
        keys: &["<esc>", "<bs>", "<left>"],
        hint: "back",
        help: "Back to what was found",
        priority: 1,
        when: always,
        run: |app, _| app.lookup.contact = None,
    },
    Binding {
        scope: Scope::Contact,
        keys: &["o", "<enter>"],
        hint: "open row",
        help: "Show the row of the selected change, else the last row about the contact",
        priority: 2,
        when: |app| row_meant(app).is_some(),
        run: |app, fx| {
            if let Some((run, row)) = row_meant(app) {
                row::show(app, run, row, fx);
            }
        },
    },
    Binding {
        scope: Scope::Contact,
        keys: &["c", "y"],
        hint: "copy ID",
        help: "Copy the Contact ID",
        priority: 3,
        when: is_there,
        run: |app, fx| {
            if let Some(contact) = held(app).map(|held| held.contact.clone()) {
                dialog::copy(app, contact, fx);
            }
        },
    },
    Binding {
        scope: Scope::Contact,
        keys: &["C", "Y"],
        hint: "copy all",
        help: "Copy everything on this page as text",
        priority: 3,
        when: is_there,
        run: |app, fx| {
            if let Some(text) = held(app).map(|held| as_text(held, app.zone)) {
                dialog::copy(app, text, fx);
            }
        },
    },
    Binding {
        scope: Scope::Contact,
        keys: &["/"],
        hint: "search",
        help: "Look for another contact",
        priority: 4,
        when: always,
        run: |app, _| {
            app.lookup.contact = None;
            app.lookup.typing = true;
        },
    },
];

fn held(app: &App) -> Option<&Held> {
    app.lookup.contact.as_ref()?.held.as_deref()
}

fn is_there(app: &App) -> bool {
    held(app).is_some()
}

/// The row of the selected change, else the last one.
fn row_meant(app: &App) -> Option<(RunId, u64)> {
    let page = app.lookup.contact.as_ref()?;
    let held = page.held.as_ref()?;
    let change = app.entry_of_line(ListId::Record, page.list.selected).and_then(|entry| held.history.get(entry));
    let change = change.map(|change| (change.run, change.row));
    let updated = held.record.updated;
    change.or(held.last_row.as_ref().map(|last| (last.run, last.row))).or(Some((updated.run, updated.row)))
}

/// Opens the page of a contact.
pub(super) fn open(app: &mut App, id: RecordId, fx: &mut Effects) {
    app.lookup.contact = Some(ContactPage { id, held: None, list: List::default() });
    refresh(app, fx);
}

pub(super) fn refresh(app: &mut App, fx: &mut Effects) {
    if let Some(id) = app.lookup.contact.as_ref().map(|page| page.id) {
        app.ask(Question::Record(id), fx);
    }
}

pub(super) fn answered(app: &mut App, held: Held) {
    if let Some(page) = app.lookup.contact.as_mut().filter(|page| page.id == held.record.id) {
        page.held = Some(Box::new(held));
    }
}

impl Held {
    /// Whole name of the contact, or else what there is of it: for a title.
    pub fn title(&self) -> Option<String> {
        use crate::domain::field::Role;
        let value = |role: Role| self.record.get(self.catalog.role(role)?)?.first();
        let parts = [Role::FirstName, Role::LastName].into_iter().filter_map(value);
        let name = value(Role::FullName).map(str::to_owned).unwrap_or_else(|| parts.collect::<Vec<_>>().join(" "));
        let else_value = || [Role::MatchEmail, Role::MatchPhone].into_iter().find_map(value).map(str::to_owned);
        if name.is_empty() { else_value() } else { Some(name) }
    }

    /// The name of a field; of one that was removed since, its number.
    pub fn label(&self, field: FieldId) -> String {
        match self.catalog.get(field) {
            Some(field) => field.label.clone(),
            None => format!("removed field {}", field.0),
        }
    }
}

/// What became of a row, in words: `failed in run 3, row 9`.
pub fn row_in_words(last: &LastRowView) -> String {
    format!("{} in run {}, row {}", last.outcome.as_str(), last.run, last.row)
}

/// Everything on the page as text, for a mail or a ticket.
fn as_text(held: &Held, zone: Tz) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let mut put = |label: &str, value: &str| {
        let _ = writeln!(text, "{label}: {value}");
    };
    put("Contact ID", &held.contact);
    if let Some(at_ms) = held.record.deleted_at_ms {
        put("Deleted", &in_full(at_ms, zone));
    }
    for (source, reference) in &held.references {
        put(&format!("Reference in {source}"), reference);
    }
    for (field, value) in &held.record.fields {
        put(&held.label(*field), &value.texts().join(" · "));
    }
    for (what, stamp) in [("Created", held.record.created), ("Last updated", held.record.updated)] {
        put(what, &format!("{}, run {}, row {}", in_full(stamp.at_ms, zone), stamp.run, stamp.row));
    }
    if let Some(last) = &held.last_row {
        put("Last row", &format!("{} ({})", row_in_words(last), in_full(last.at_ms, zone)));
    }
    for change in &held.history {
        let what = change.outcome.as_str();
        let (run, row, source) = (change.run, change.row, &change.source_name);
        put("History", &format!("{}, {what} by run {run}, row {row}, {source}", in_full(change.at_ms, zone)));
        for (label, before, after) in &change.fields {
            put(&format!("    {label}"), &format!("{before} → {after}"));
        }
    }
    text
}
