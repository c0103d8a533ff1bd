//! The Lookup tab: contacts by what one has of them, and where nothing is held, why (R89–R94).

use super::contact::{self, ContactPage};
use super::data::{ContactLine, FindWanted, Found, LastRowView};
use super::dialog::{self, Dialog, Prompt, Purpose};
use super::field::Field;
use super::keys::{Binding, Scope, always};
use super::list::List;
use super::message::Question;
use super::screen::ListId;
use super::{App, Effects, row};
use crate::domain::find::FoundBy;
use crate::domain::id::{RunId, SourceId};
use crate::domain::outcome::OutcomeKind;

/// The state of the tab.
#[derive(Debug)]
pub struct Lookup {
    pub field: Field,
    /// Whether the field is typed in.
    pub typing: bool,
    pub narrowed: Narrowed,
    /// The last answer; that of an earlier text until the next one comes.
    pub found: Option<Found>,
    pub list: List,
    pub contact: Option<ContactPage>,
}

impl Default for Lookup {
    fn default() -> Lookup {
        Lookup {
            field: Field::default(),
            typing: true,
            narrowed: Narrowed::default(),
            found: None,
            list: List::default(),
            contact: None,
        }
    }
}

/// What the search is narrowed to (R19).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Narrowed {
    pub source: Option<(SourceId, String)>,
    pub run: Option<RunId>,
    pub tag: Option<String>,
}

impl Narrowed {
    pub fn is_empty(&self) -> bool {
        *self == Narrowed::default()
    }
}

/// What the mouse can point at in this tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupTarget {
    Field,
    /// The chips of what the search is narrowed to.
    Narrowed,
}

/// What is to be said of what was typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict<'a> {
    /// Nothing is typed.
    Empty,
    /// The first answer is not there yet.
    Waiting,
    /// Contacts are held; with what became of the last row that carried the reference, by source (R94).
    Found { by: FoundBy, last_rows: &'a [LastRowView] },
    /// All that is found was deleted.
    Deleted { contact: &'a ContactLine, at_ms: i64 },
    /// Nothing is held, and these rows carried the reference.
    Carried(&'a [LastRowView]),
    /// Nothing is held as the search is narrowed, but something is where it is not.
    Elsewhere,
    /// It is a Contact ID of another workspace.
    OtherWorkspace,
    /// So many begin so that not all were looked at, and none of those that were is it.
    TooMany,
    /// Nothing is held, and no row ever carried it.
    Never,
}

/// Contacts that are read at once.
pub const PAGE: usize = 50;

/// Contacts before the end of what was read at which more is read.
const NEAR_END: usize = 10;

pub(super) const KEYS: &[Binding] = &[
    Binding {
        scope: Scope::Lookup,
        keys: &["<enter>"],
        hint: "open",
        help: "Show everything that is held about the contact",
        priority: 1,
        when: |app| app.lookup.selected().is_some(),
        run: open_selected,
    },
    Binding {
        scope: Scope::Lookup,
        keys: &["<esc>"],
        hint: "leave field",
        help: "Leave the field: then 1 to 4 change tabs",
        priority: 1,
        when: |app| app.lookup.typing,
        run: |app, _| app.lookup.typing = false,
    },
    Binding {
        scope: Scope::Lookup,
        keys: &["<down>"],
        hint: "",
        help: "From the field to the list",
        priority: 9,
        when: |app| app.lookup.typing && app.lookup.selected().is_some(),
        run: |app, _| app.lookup.typing = false,
    },
    Binding {
        scope: Scope::Lookup,
        keys: &["<up>"],
        hint: "",
        help: "From the top of the list to the field",
        priority: 9,
        when: |app| !app.lookup.typing && app.lookup.list.selected == 0,
        run: |app, _| app.lookup.typing = true,
    },
    Binding {
        scope: Scope::Lookup,
        keys: &["/", "i"],
        hint: "search",
        help: "Type in the search field",
        priority: 1,
        when: |app| !app.lookup.typing,
        run: |app, _| app.lookup.typing = true,
    },
    Binding {
        scope: Scope::Lookup,
        keys: &["<esc>"],
        hint: "all contacts",
        help: "Take the narrowing to source, run or tag away",
        priority: 2,
        when: |app| !app.lookup.typing && !app.lookup.narrowed.is_empty(),
        run: widen,
    },
    Binding {
        scope: Scope::Lookup,
        keys: &["o", "<a-o>"],
        hint: "open row",
        help: "Show the last row that carried this reference, beside what became of it",
        priority: 2,
        when: |app| app.lookup.last_row().is_some(),
        run: |app, fx| {
            if let Some((run, row)) = app.lookup.last_row().map(|last| (last.run, last.row)) {
                row::show(app, run, row, fx);
            }
        },
    },
    Binding {
        scope: Scope::Lookup,
        keys: &["c"],
        hint: "copy ID",
        help: "Copy the Contact ID of the selected contact",
        priority: 5,
        when: |app| app.lookup.selected().is_some(),
        run: |app, fx| {
            if let Some(id) = app.lookup.selected().map(|line| line.contact.clone()) {
                dialog::copy(app, id, fx);
            }
        },
    },
    Binding {
        scope: Scope::Lookup,
        keys: &["S", "<a-s>"],
        hint: "by source",
        help: "Only contacts that this source knows",
        priority: 4,
        when: always,
        run: |app, _| narrow_prompt(app, Narrowing::Source),
    },
    Binding {
        scope: Scope::Lookup,
        keys: &["R", "<a-r>"],
        hint: "run",
        help: "Only contacts that this run created or updated last",
        priority: 6,
        when: always,
        run: |app, _| narrow_prompt(app, Narrowing::Run),
    },
    Binding {
        scope: Scope::Lookup,
        keys: &["T", "<a-t>"],
        hint: "tag",
        help: "Only contacts with this tag",
        priority: 6,
        when: always,
        run: |app, _| narrow_prompt(app, Narrowing::Tag),
    },
];

/// What a search can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Narrowing {
    Source,
    Run,
    Tag,
}

impl Lookup {
    pub(super) fn scopes(&self) -> Vec<Scope> {
        match self.contact {
            Some(_) => vec![Scope::Contact],
            None => vec![Scope::Lookup],
        }
    }

    pub(super) fn field_mut(&mut self) -> Option<&mut Field> {
        (self.typing && self.contact.is_none()).then_some(&mut self.field)
    }

    pub(super) fn focused_list(&self) -> Option<ListId> {
        Some(if self.contact.is_some() { ListId::Record } else { ListId::Found })
    }

    pub(super) fn list_mut(&mut self, id: ListId, lines: usize) -> Option<(&mut List, usize)> {
        if id == ListId::Record {
            return self.contact.as_mut().map(|page| (&mut page.list, lines));
        }
        let len = self.contacts().len();
        Some((&mut self.list, len))
    }

    /// What is looked for: the typed text without the space around it.
    pub fn text(&self) -> &str {
        self.field.text().trim()
    }

    pub fn contacts(&self) -> &[ContactLine] {
        self.found.as_ref().map_or(&[], |found| &found.contacts)
    }

    fn selected(&self) -> Option<&ContactLine> {
        self.contacts().get(self.list.selected)
    }

    /// Whether the answer that is shown is to what is asked now.
    fn is_current(&self, found: &Found) -> bool {
        let FindWanted { text, source, run, tag, .. } = &found.wanted;
        text == self.text()
            && *source == self.narrowed.source.as_ref().map(|(id, _)| *id)
            && (run, tag) == (&self.narrowed.run, &self.narrowed.tag)
    }

    /// What is to be said, first of all, of what was typed.
    pub fn verdict(&self) -> Verdict<'_> {
        if self.text().is_empty() {
            return Verdict::Empty;
        }
        let Some(found) = &self.found else { return Verdict::Waiting };
        if let Some(by) = found.by {
            let first = found.contacts.first();
            return match first.and_then(|line| line.deleted_ms.map(|at_ms| (line, at_ms))) {
                // The living come first.
                Some((contact, at_ms)) => Verdict::Deleted { contact, at_ms },
                None => Verdict::Found { by, last_rows: &found.last_rows },
            };
        }
        match &found.last_rows[..] {
            _ if found.of_other_workspace => Verdict::OtherWorkspace,
            _ if found.elsewhere => Verdict::Elsewhere,
            [] if found.is_cut => Verdict::TooMany,
            [] => Verdict::Never,
            rows => Verdict::Carried(rows),
        }
    }

    /// The last row that carried the reference; where several sources know it, one that did not land before others.
    pub fn last_row(&self) -> Option<&LastRowView> {
        let rows = self.found.as_ref().map_or(&[][..], |found| &found.last_rows);
        let lost = |row: &&LastRowView| matches!(row.outcome, OutcomeKind::Failed | OutcomeKind::Skipped);
        rows.iter().find(lost).or(rows.first())
    }
}

/// The tab was opened: what is typed goes into the field.
pub(super) fn opened(app: &mut App) {
    app.lookup.typing = true;
}

fn open_selected(app: &mut App, fx: &mut Effects) {
    let Some(id) = app.lookup.selected().map(|line| line.id) else { return };
    app.lookup.typing = false;
    contact::open(app, id, fx);
}

fn widen(app: &mut App, fx: &mut Effects) {
    app.lookup.narrowed = Narrowed::default();
    ask(app, None, fx);
}

fn narrow_prompt(app: &mut App, narrowing: Narrowing) {
    let narrowed = &app.lookup.narrowed;
    let (title, label, now) = match narrowing {
        Narrowing::Source => (
            "Only contacts that this source knows",
            "Name of the source, or enough of it; empty for all",
            narrowed.source.as_ref().map(|(_, name)| name.clone()),
        ),
        Narrowing::Run => (
            "Only contacts that this run created or updated last",
            "Number of the run; empty for all",
            narrowed.run.map(|run| run.to_string()),
        ),
        Narrowing::Tag => ("Only contacts with this tag", "The tag; empty for all", narrowed.tag.clone()),
    };
    app.open(Dialog::Prompt(Prompt {
        title: title.to_owned(),
        label: label.to_owned(),
        field: Field::with(now.as_deref().unwrap_or_default()),
        purpose: Purpose::Narrow(narrowing),
        error: None,
    }));
}

/// Narrows the search to what was typed; empty takes that narrowing away.
///
/// # Errors
/// Why it cannot be narrowed to that.
pub(super) fn narrow(app: &mut App, narrowing: Narrowing, text: &str, fx: &mut Effects) -> Result<(), String> {
    let text = text.trim();
    let given = (!text.is_empty()).then_some(text);
    match narrowing {
        Narrowing::Tag => app.lookup.narrowed.tag = given.map(str::to_owned),
        Narrowing::Run => {
            let number =
                given.map(|text| text.parse().map(RunId).map_err(|_| format!("“{text}” is no number of a run.")));
            app.lookup.narrowed.run = number.transpose()?;
        }
        Narrowing::Source => {
            let source = given.map(|text| source_meant(app, text)).transpose()?;
            app.lookup.narrowed.source = source;
        }
    }
    ask(app, None, fx);
    Ok(())
}

/// The source of this name, or the only one that has this in its name.
fn source_meant(app: &App, text: &str) -> Result<(SourceId, String), String> {
    let lines = app.sources.lines.as_deref().unwrap_or_default();
    let wanted = text.to_lowercase();
    let same = lines.iter().find(|line| line.name.to_lowercase() == wanted);
    let like: Vec<_> = lines.iter().filter(|line| line.name.to_lowercase().contains(&wanted)).collect();
    match (same, &like[..]) {
        (Some(line), _) => Ok((line.id, line.name.clone())),
        (None, [line]) => Ok((line.id, line.name.clone())),
        (None, []) => {
            let names: Vec<&str> = lines.iter().take(5).map(|line| line.name.as_str()).collect();
            Err(format!("No source is called so. There are: {}", names.join(", ")))
        }
        (None, [first, second, ..]) => Err(format!("Several are called so: {}, {} …", first.name, second.name)),
    }
}

/// Asks for what is typed: its first page, or the one after a contact.
fn ask(app: &mut App, after: Option<&ContactLine>, fx: &mut Effects) {
    let lookup = &app.lookup;
    if lookup.text().is_empty() {
        app.lookup.found = None;
        app.lookup.list = List::default();
        return;
    }
    let wanted = FindWanted {
        text: lookup.text().to_owned(),
        source: lookup.narrowed.source.as_ref().map(|(id, _)| *id),
        run: lookup.narrowed.run,
        tag: lookup.narrowed.tag.clone(),
        after: after.map(|line| line.id),
        // What was read page by page is asked anew as one.
        limit: if after.is_some() { PAGE } else { lookup.contacts().len().clamp(PAGE, 10 * PAGE) },
    };
    app.ask(Question::Find(wanted), fx);
}

pub(super) fn refresh(app: &mut App, fx: &mut Effects) {
    ask(app, None, fx);
    contact::refresh(app, fx);
}

pub(super) fn typed(app: &mut App, fx: &mut Effects) {
    ask(app, None, fx);
}

/// Reads on where the end of what was read comes near.
pub(super) fn moved(app: &mut App, fx: &mut Effects) {
    let lookup = &app.lookup;
    let Some(found) = lookup.found.as_ref().filter(|found| found.more && lookup.is_current(found)) else { return };
    let near = lookup.list.selected + app.height(ListId::Found) + NEAR_END >= found.contacts.len();
    if near && app.waiting_since(super::message::Slot::Found).is_none() {
        let last = found.contacts.last().cloned();
        ask(app, last.as_ref(), fx);
    }
}

pub(super) fn clicked(app: &mut App, target: LookupTarget, fx: &mut Effects) {
    match target {
        LookupTarget::Field => app.lookup.typing = true,
        LookupTarget::Narrowed => widen(app, fx),
    }
}

/// There is no answer to what is typed: that to an earlier text must not stand beside it.
pub(super) fn failed(app: &mut App) {
    let lookup = &mut app.lookup;
    if lookup.found.as_ref().is_some_and(|found| !lookup.is_current(found)) {
        (lookup.found, lookup.list) = (None, List::default());
    }
}

pub(super) fn answered(app: &mut App, found: Found, _: &mut Effects) {
    let lookup = &mut app.lookup;
    if !lookup.is_current(&found) {
        return;
    }
    let before = lookup.found.take().filter(|before| lookup.is_current(before));
    match before {
        Some(mut before) if found.wanted.after.is_some() => {
            // A page belongs behind the contact that it was asked for after.
            if before.contacts.last().map(|line| line.id) == found.wanted.after {
                before.contacts.extend(found.contacts);
                before.more = found.more;
                before.is_cut = found.is_cut;
            }
            lookup.found = Some(before);
        }
        // The same search anew: the selection stays with its contact.
        Some(before) => {
            let selected = before.contacts.get(lookup.list.selected).map(|line| line.id);
            let place = found.contacts.iter().position(|line| Some(line.id) == selected);
            lookup.list.selected = place.unwrap_or(lookup.list.selected).min(found.contacts.len().saturating_sub(1));
            lookup.found = Some(found);
        }
        None => {
            lookup.list = List::default();
            lookup.found = Some(found);
        }
    }
}
