//! The Lookup tab: the field, the verdict in words, and what was found.

use super::canvas::{Canvas, Span, span};
use super::contact;
use super::table::{Cell, Column, Table, Width};
use super::theme::Role;
use super::words::{counted, source_word};
use crate::app::contact::row_in_words;
use crate::app::data::{ContactLine, LastRowView, SourceLine};
use crate::app::lookup::{LookupTarget, Verdict};
use crate::app::message::Slot;
use crate::app::screen::{Area, ListId, Target};
use crate::domain::find::FoundBy;
use crate::domain::outcome::OutcomeKind;
use crate::domain::source::SourceStatus;
use crate::domain::wording::capital;

const COLUMNS: [Column; 6] = [
    Column { title: "Name", width: Width::Fill(12), drop: 0, right: false },
    Column { title: "Email", width: Width::Fill(15), drop: 2, right: false },
    Column { title: "Phone", width: Width::Fixed(15), drop: 3, right: false },
    Column { title: "Reference", width: Width::Fill(13), drop: 0, right: false },
    Column { title: "Contact ID", width: Width::Fixed(15), drop: 5, right: false },
    Column { title: "Updated", width: Width::Fixed(14), drop: 4, right: false },
];

pub(super) fn draw(canvas: &mut Canvas<'_>, area: Area) {
    if canvas.app.lookup.contact.is_some() {
        return contact::draw(canvas, area);
    }
    field(canvas, Area { height: area.height.min(1), ..area });
    let mut page = Page { area, y: area.y.saturating_add(1) };
    let app = canvas.app;
    match app.lookup.verdict() {
        Verdict::Empty => return empty(canvas, &mut page),
        Verdict::Waiting => return canvas.waiting(area, Slot::Found),
        Verdict::Found { by, last_rows } => found(canvas, &mut page, by, last_rows),
        Verdict::Deleted { contact, at_ms } => deleted(canvas, &mut page, contact, at_ms),
        Verdict::Carried(rows) => return carried(canvas, &mut page, rows),
        Verdict::Elsewhere => {
            page.say(canvas, "✗", Role::Bad, "Not here as narrowed. Without the narrowing something is found.");
            return page.advise(canvas, "Leave the field with Esc, and press Esc again to look among all contacts.");
        }
        Verdict::OtherWorkspace => {
            page.say(canvas, "✗", Role::Bad, "Not here: this is the Contact ID of another workspace.");
            return page.advise(canvas, "Leave the field with Esc, and press W to change to that workspace.");
        }
        Verdict::TooMany => {
            page.say(canvas, "…", Role::Warn, "Not found yet: more begin so than can be looked through at once.");
            return page.advise(canvas, "Type more of it, or a whole reference, email, phone or Contact ID.");
        }
        Verdict::Never => return never(canvas, &mut page),
    }
    results(canvas, page.rest());
}

/// Where the next line of the page goes.
struct Page {
    area: Area,
    y: u16,
}

impl Page {
    fn rest(&self) -> Area {
        let end = self.area.y.saturating_add(self.area.height);
        Area { y: self.y.min(end), height: end.saturating_sub(self.y), ..self.area }
    }

    /// A paragraph with a mark before it, both in a role.
    fn say(&mut self, canvas: &mut Canvas<'_>, mark: &str, role: Role, text: &str) {
        let rest = self.rest();
        if rest.height == 0 {
            return;
        }
        canvas.put(rest.x.saturating_add(1), rest.y, 1, mark, role);
        self.paragraph(canvas, text, role);
    }

    fn paragraph(&mut self, canvas: &mut Canvas<'_>, text: &str, role: Role) {
        let rest = self.rest();
        let place = Area { x: rest.x.saturating_add(3), width: rest.width.saturating_sub(4), ..rest };
        self.y += canvas.paragraph(place, text, role);
    }

    /// What to do, and whom to ask when that does not help (R336).
    fn advise(&mut self, canvas: &mut Canvas<'_>, text: &str) {
        self.paragraph(canvas, text, Role::Text);
        if let Some(contact) = &canvas.app.view.support_contact {
            let text = format!("If this does not help: {contact}");
            self.paragraph(canvas, &text, Role::Dim);
        }
    }

    fn gap(&mut self) {
        self.y = self.y.saturating_add(1);
    }
}

/// The line that is typed, and what the search is narrowed to.
fn field(canvas: &mut Canvas<'_>, area: Area) {
    if area.height == 0 {
        return;
    }
    let app = canvas.app;
    let narrowed = &app.lookup.narrowed;
    let mut chips: Vec<Span<'_>> = Vec::new();
    let mut chip = |text: String| {
        chips.push(span(" ", Role::Text));
        chips.push(span(format!("[{text}]"), Role::Busy));
    };
    narrowed.source.iter().for_each(|(_, name)| chip(format!("source {name}")));
    narrowed.run.iter().for_each(|run| chip(format!("run {run}")));
    narrowed.tag.iter().for_each(|tag| chip(format!("tag {tag}")));
    let room = area.width / 2;
    canvas.spans_right(area.x + area.width - room, area.y, room.saturating_sub(1), &chips);
    let has_chips = !chips.is_empty();
    if has_chips {
        let place = Area { x: area.x + area.width - room, width: room, ..area };
        canvas.target(place, Target::Lookup(LookupTarget::Narrowed));
    }
    let label = if app.lookup.typing { Role::Key } else { Role::Dim };
    let taken = canvas.put(area.x.saturating_add(1), area.y, area.width.saturating_sub(1), "Find", label);
    let x = area.x.saturating_add(1 + taken + 2);
    let end = if has_chips { area.x + area.width - room } else { area.x + area.width };
    let columns = end.saturating_sub(x + 1);
    canvas.target(Area { x, width: columns, ..area }, Target::Lookup(LookupTarget::Field));
    let hint = "a reference, email, phone, name or Contact ID";
    canvas.field(x, area.y, columns, &app.lookup.field, app.lookup.typing, hint);
}

fn empty(canvas: &mut Canvas<'_>, page: &mut Page) {
    page.gap();
    page.paragraph(canvas, "Type what you have of a contact: at each letter you see what is held.", Role::Text);
    page.gap();
    for (what, example) in [
        ("reference", "HS-88123, or the number of a ticket, call or conversation; its beginning is enough"),
        ("email", "ana@example.com"),
        ("phone", "+49 30 901820"),
        ("name", "ana wei"),
        ("Contact ID", "k7q2m9-1042-t"),
    ] {
        let rest = page.rest();
        if rest.height == 0 {
            return;
        }
        canvas.put(rest.x.saturating_add(3), rest.y, rest.width.saturating_sub(3), what, Role::Dim);
        let place = Area { x: rest.x.saturating_add(16), width: rest.width.saturating_sub(17), ..rest };
        page.y += canvas.paragraph(place, example, Role::Text).max(1);
    }
    page.gap();
    page.paragraph(
        canvas,
        "Where nothing is held, it says what became of the last row that carried the reference.",
        Role::Dim,
    );
}

fn found(canvas: &mut Canvas<'_>, page: &mut Page, by: FoundBy, last_rows: &[LastRowView]) {
    let Some(found) = &canvas.app.lookup.found else { return };
    let number = found.contacts.len() as u64;
    let contacts = match (found.more, found.is_cut) {
        (true, _) => format!("the first {number} of more contacts"),
        (false, true) => format!("{}, and more begin so: type more", counted(number, "contact", "contacts")),
        (false, false) => counted(number, "contact", "contacts"),
    };
    let by = match by {
        FoundBy::Reference => "by reference",
        FoundBy::ContactId => "by Contact ID",
        FoundBy::Email => "by email",
        FoundBy::Phone => "by phone",
        FoundBy::Name => "by name",
        FoundBy::ReferencePrefix => {
            let text = format!("No reference is exactly this. References that begin so: {contacts}.");
            page.say(canvas, "…", Role::Strong, &text);
            for last in last_rows.iter().take(3) {
                last_row(canvas, page, last, "The last row with exactly this");
            }
            return;
        }
    };
    let contacts = capital(&contacts);
    match last_rows.iter().any(|last| last.outcome == OutcomeKind::Failed) {
        false => page.say(canvas, "✓", Role::Good, &format!("Found {by}: the import worked. {contacts}.")),
        // What is held is from an earlier row.
        true => page.say(canvas, "!", Role::Warn, &format!("Found {by}, but its last row did not land. {contacts}.")),
    }
    for last in last_rows.iter().take(3) {
        last_row(canvas, page, last, "Its last row");
    }
}

/// `Its last row: unchanged in run 214, row 33, 12 min ago, from CRM.` and why it did not land.
fn last_row(canvas: &mut Canvas<'_>, page: &mut Page, last: &LastRowView, what: &str) {
    let when = canvas.when(last.at_ms);
    let text = format!("{what}: {}, {when}, from {}.", row_in_words(last), last.source_name);
    match last.outcome {
        OutcomeKind::Failed => page.say(canvas, "✗", Role::Bad, &text),
        OutcomeKind::Skipped => page.say(canvas, "–", Role::Warn, &text),
        OutcomeKind::Created | OutcomeKind::Updated | OutcomeKind::Unchanged => {
            page.paragraph(canvas, &text, Role::Text);
        }
    }
    if let Some(why) = &last.why {
        page.paragraph(canvas, why, Role::Text);
    }
}

fn deleted(canvas: &mut Canvas<'_>, page: &mut Page, contact: &ContactLine, at_ms: i64) {
    let when = canvas.when(at_ms);
    let text = format!("Deleted {when}: contact {}. The import worked; the contact was deleted here.", contact.contact);
    page.say(canvas, "✗", Role::Bad, &text);
    page.advise(
        canvas,
        "Rows with its reference are skipped. To have it again: landfall import FILE --recreate-deleted",
    );
}

fn carried(canvas: &mut Canvas<'_>, page: &mut Page, rows: &[LastRowView]) {
    page.say(canvas, "✗", Role::Bad, "Not here: a row carried this reference, and no contact is held by it.");
    for last in rows.iter().take(5) {
        page.gap();
        last_row(canvas, page, last, "Its last row");
    }
    page.gap();
    let next = match canvas.app.lookup.last_row().map(|last| last.outcome) {
        Some(OutcomeKind::Failed) => {
            "So: press o (Alt+o in the field) to see the row, put its value right where it comes from, and import again."
        }
        Some(OutcomeKind::Skipped) => "So: it was left out on purpose. Press o (Alt+o in the field) to see the row.",
        _ => "So: it had landed then; the contact goes by another reference now. Look it up by email, phone or name.",
    };
    page.advise(canvas, next);
}

fn never(canvas: &mut Canvas<'_>, page: &mut Page) {
    page.say(
        canvas,
        "✗",
        Role::Bad,
        "Not here: no contact has this reference, Contact ID, email, phone or name, and no row of any run carried this \
         as its reference.",
    );
    let only = canvas.app.lookup.narrowed.source.as_ref().map(|(id, _)| *id);
    let all = canvas.app.sources.lines.as_deref().unwrap_or_default();
    let mut lines: Vec<&SourceLine> = all.iter().filter(|line| only.is_none_or(|only| only == line.id)).collect();
    lines.sort_by_key(|line| line.health.status);
    page.gap();
    if canvas.app.sources.lines.is_some() && lines.is_empty() {
        return page.advise(canvas, "There is no source yet. Leave the field with Esc, press 1, then a to add one.");
    }
    sources(canvas, page, &lines);
    page.gap();
    for line in lines.iter().take(3) {
        let name = &line.name;
        let next = match (line.health.status, &line.health.reason) {
            (SourceStatus::Late | SourceStatus::Missing, Some(reason)) => {
                format!("{name}: {} {}", reason.message, reason.action)
            }
            (status, Some(reason)) if status.is_of_contract() => {
                format!("{name}: {} {} {}", reason.message, reason.means, reason.action)
            }
            (_, Some(reason)) if line.is_blocked() => {
                let since = reason.since_ms.map(|at_ms| canvas.when(at_ms)).unwrap_or_default();
                format!("{name}: what came since {since} has not been fetched: {} {}", reason.message, reason.action)
            }
            (status, Some(reason)) if status.needs_a_person() => format!("{name}: {}", reason.action),
            (SourceStatus::Paused, reason) => {
                let since = reason.as_ref().and_then(|reason| reason.since_ms);
                let since = since.map(|at_ms| format!(" since {}", canvas.when(at_ms))).unwrap_or_default();
                format!("{name} is paused{since}: what came since has not been fetched. Resume it (1, then p).")
            }
            (SourceStatus::NoData, _) => format!("{name} has never imported anything: import its file (1, then i)."),
            _ => continue,
        };
        page.say(canvas, "→", Role::Text, &next);
    }
    page.advise(
        canvas,
        "Is it spelt as the source spells it? If it is newer than the last import, import again (1, then i).",
    );
}

/// The sources with when they last brought something.
fn sources(canvas: &mut Canvas<'_>, page: &mut Page, lines: &[&SourceLine]) {
    const STATUS: u16 = 18;
    const TIME: u16 = 18;
    let width = page.area.width.saturating_sub(4);
    let name = width.saturating_sub(STATUS + 2 * TIME).clamp(12, 40);
    let mut row = |canvas: &mut Canvas<'_>, cells: [(&str, Role); 4]| {
        let rest = page.rest();
        if rest.height > 0 {
            let mut x = 3;
            for ((text, role), columns) in cells.into_iter().zip([name, STATUS, TIME, TIME]) {
                let room = rest.width.saturating_sub(x).min(columns.saturating_sub(2));
                canvas.put(rest.x.saturating_add(x), rest.y, room, text, role);
                x += columns;
            }
            page.y += 1;
        }
    };
    let header = ["Source", "Status", "Last ran", "Last imported"];
    row(canvas, header.map(|title| (title, Role::Header)));
    for line in lines.iter().take(8) {
        let (mark, word, role) = source_word(line);
        let status = format!("{mark} {word}");
        let mut moment = |at: Option<i64>| at.map_or("never".to_owned(), |at| canvas.when(at));
        let (ran, imported) = (moment(line.last_ran_ms), moment(line.last_imported_ms));
        row(canvas, [(&line.name, Role::Text), (&status, role), (&ran, Role::Text), (&imported, Role::Text)]);
    }
    if lines.len() > 8 {
        page.paragraph(canvas, &format!("and {}", counted(lines.len() as u64 - 8, "more", "more")), Role::Dim);
    }
}

fn results(canvas: &mut Canvas<'_>, area: Area) {
    let app = canvas.app;
    let lookup = &app.lookup;
    let contacts = lookup.contacts();
    let searched = lookup.found.as_ref().map_or("", |found| found.wanted.text.as_str());
    let table = Table {
        id: ListId::Found,
        columns: &COLUMNS,
        list: &lookup.list,
        len: contacts.len(),
        main: 0,
        focused: !lookup.typing,
    };
    canvas.table(area, &table, |canvas, entry| {
        let line = &contacts[entry];
        let or_none = |text: &'_ str| match text {
            "" => Cell::of("–", Role::Dim),
            text => Cell::of(text.to_owned(), Role::Text),
        };
        let (name, email) = match (line.deleted_ms, line.name.as_str()) {
            (Some(at_ms), _) => (Cell::of("✗ deleted", Role::Bad), Cell::of(canvas.when(at_ms), Role::Text)),
            (None, "") => (Cell::of("(no name)", Role::Dim), or_none(&line.email)),
            (None, name) => (Cell::of(name.to_owned(), Role::Text), or_none(&line.email)),
        };
        let updated = canvas.when(line.updated_ms);
        vec![
            name,
            email,
            or_none(&line.phone),
            Cell { spans: reference(line, searched), target: None },
            Cell::of(line.contact.clone(), Role::Text),
            Cell::of(updated, Role::Dim),
        ]
    });
}

/// The reference that was looked for, with its beginning marked, and its source.
fn reference(line: &ContactLine, searched: &str) -> Vec<Span<'static>> {
    let Some((source, reference)) = line.references.first() else { return vec![span("–", Role::Dim)] };
    let mut spans = match reference.strip_prefix(searched) {
        Some(rest) => vec![span(searched.to_owned(), Role::Match), span(rest.to_owned(), Role::Text)],
        None => vec![span(reference.clone(), Role::Text)],
    };
    let more = line.references.len() - 1;
    let more = if more > 0 { format!(" +{more}") } else { String::new() };
    spans.push(span(format!(" {source}{more}"), Role::Dim));
    spans
}
