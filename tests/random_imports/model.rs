//! The rules of "Which record a row is about" once more, as plainly as they can be written: a list of contacts, looked
//! through from the front for every row. Written from the field rules, sentence by sentence; of the product it uses the
//! readers of single values only. What it says must be what a run does.

use crate::row::{Complaint, Row, Said, add, filtered, has_error, has_key, has_shape, keys_in_use, read_values};
use crate::scene::Import;
use crate::world::code;
use landfall::domain::id::{OwnId, RecordId};
use landfall::domain::issue::{Code, Note};
use landfall::domain::outcome::{OutcomeKind, Severity};
use landfall::domain::run::Mode;
use landfall::domain::values::phone::PhoneReader;
use std::collections::BTreeMap;

/// Which import, and which row of its file.
pub type Stamp = (usize, u64);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    pub id: u64,
    pub alive: bool,
    /// Reference by source.
    pub references: BTreeMap<&'static str, String>,
    /// Values by field key; a single value is a list of one.
    pub values: BTreeMap<&'static str, Vec<String>>,
    pub created: Stamp,
    pub updated: Stamp,
}

/// What must become of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub outcome: OutcomeKind,
    /// Why it is skipped.
    pub reason: Option<String>,
    /// The contact that it lands on.
    pub contact: Option<u64>,
    pub issues: Vec<Complaint>,
    pub notes: Vec<(Option<&'static str>, Note)>,
}

/// Every contact that there ever was, in the order of their numbers.
pub struct Model {
    pub contacts: Vec<Contact>,
    phones: PhoneReader,
}

/// How a row ends.
enum End {
    Lands(OutcomeKind, u64),
    Skipped(String),
    Failed,
}

/// How a contact was met.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    IdOrReference,
    Key(&'static str),
}

impl Model {
    pub fn new() -> Model {
        Model { contacts: Vec::new(), phones: PhoneReader::new() }
    }

    /// "A deleted one is remembered by its ID, references and date only."
    pub fn delete(&mut self, id: u64) {
        if let Some(contact) = self.contacts.iter_mut().find(|contact| contact.id == id) {
            contact.alive = false;
            contact.values.clear();
        }
    }

    /// What must become of every row of the file. `run` is its number among the imports.
    pub fn import(&mut self, import: &Import, run: usize) -> Vec<Expected> {
        // Which row of this file first landed on a contact.
        let mut landed: BTreeMap<u64, u64> = BTreeMap::new();
        let mut expected = Vec::new();
        for (place, cells) in import.records().into_iter().enumerate() {
            let number = place as u64 + 1;
            if import.sample.is_some_and(|sample| number > sample) {
                break;
            }
            let mut row = Row { number, ..Row::default() };
            let end = self.end(import, run, cells, &mut row, &landed);
            let (outcome, reason, contact) = match end {
                End::Lands(outcome, contact) => {
                    landed.entry(contact).or_insert(number);
                    (outcome, None, Some(contact))
                }
                End::Skipped(reason) => (OutcomeKind::Skipped, Some(reason), None),
                End::Failed => (OutcomeKind::Failed, None, None),
            };
            expected.push(Expected { outcome, reason, contact, issues: row.issues, notes: row.notes });
        }
        expected
    }

    /// "Values are read first. Then the first of these that decides ends the row, and the outcome names it: shape,
    /// filters (`status` and `since` too), errors of values, match, conflicts, duplicates in the file, mandatory group,
    /// mode."
    fn end(
        &mut self,
        import: &Import,
        run: usize,
        cells: &[String],
        row: &mut Row,
        landed: &BTreeMap<u64, u64>,
    ) -> End {
        if !has_shape(import, cells, row) {
            return End::Failed;
        }
        read_values(import, cells, &self.phones, row);
        if let Some(reason) = filtered(import, row) {
            // Errors of values are asked after the filters: none of them fails this row.
            row.issues.iter_mut().for_each(|issue| issue.severity = Severity::Warning);
            return End::Skipped(reason);
        }
        if has_error(import, row) {
            return End::Failed;
        }
        let met = match self.find(import, row) {
            Ok(met) => met,
            Err(end) => return end,
        };
        if let Some((id, by)) = met {
            // "In create mode a matched row … is skipped `duplicate` before conflicts of email and phone are asked."
            if import.mode == Mode::Create {
                return End::Skipped("duplicate".to_owned());
            }
            if self.has_conflict(import, row, id) {
                return End::Failed;
            }
            // "A row that meets by email or phone, not by Contact ID or reference, a contact that an earlier row of
            // this file landed on fails, naming that row."
            if let (By::Key(field), Some(earlier)) = (by, landed.get(&id)) {
                row.complain(duplicate_code(field), Some(field), vec![format!("row {earlier} ")]);
                return End::Failed;
            }
            return self.update(import, run, row, id);
        }
        if import.mode == Mode::Update {
            // "A row in update mode that has no Contact ID, no reference and no readable key in use (with duplicates
            // allowed none is) fails `required_missing`."
            if row.reference.is_none() && !has_key(import, row) {
                row.complain(Code::RequiredMissing, None, vec![]);
                return End::Failed;
            }
            return End::Skipped("not_found".to_owned());
        }
        // "A row that would create needs a name, or a readable phone or email."
        let group = ["name", "first_name", "last_name", "email", "phone"];
        if !group.iter().any(|field| matches!(row.said.get(field), Some(Said::Set(_)))) {
            // An unreadable email or phone "is an error when the row would create and nothing of the group Name, Email,
            // Phone is left".
            if !row.fail_unreadable_keys() {
                row.complain(Code::RequiredMissing, None, vec![]);
            }
            return End::Failed;
        }
        self.create(import, run, row)
    }

    /// "Match. Only living contacts match."
    fn find(&self, import: &Import, row: &mut Row) -> Result<Option<(u64, By)>, End> {
        // 1. "Contact ID: this workspace's and alive, or the row fails."
        if let Some(text) = row.contact_id.clone() {
            let invalid = |row: &mut Row, names: &str| {
                row.complain(Code::ContactIdInvalid, Some("contact_id"), vec![names.to_owned()]);
                Err(End::Failed)
            };
            let id = match code().read_contact_id(&text) {
                OwnId::Ours(id) => id.0,
                OwnId::OtherWorkspace => return invalid(row, "another workspace"),
                OwnId::Malformed => return invalid(row, "malformed"),
            };
            let Some(contact) = self.contacts.iter().find(|contact| contact.id == id) else {
                return invalid(row, "unknown");
            };
            if !contact.alive {
                return invalid(row, "deleted on 2023-11-14");
            }
            // "A reference that another contact holds, living or deleted, beside a Contact ID, and a Contact ID whose
            // contact has a different reference from this source, fail `reference_taken`."
            if let Some(reference) = row.reference.clone()
                && contact.references.get(import.source) != Some(&reference)
            {
                let holder = self.contacts.iter().find(|other| other.references.get(import.source) == Some(&reference));
                let named = match (holder, contact.references.get(import.source)) {
                    (Some(holder), _) => name(holder.id),
                    (None, Some(held)) => held.clone(),
                    (None, None) => return Ok(Some((id, By::IdOrReference))),
                };
                row.complain(Code::ReferenceTaken, Some("source_ref"), vec![named]);
                return Err(End::Failed);
            }
            return Ok(Some((id, By::IdOrReference)));
        }
        // 2. "Source reference: the contact that holds it from this source. Held by a deleted contact: skipped
        // `deleted`, unless `--recreate-deleted`. Held by nobody: go on."
        if let Some(reference) = &row.reference {
            let holds = |contact: &&Contact| contact.references.get(import.source) == Some(reference);
            if let Some(contact) = self.contacts.iter().filter(|contact| contact.alive).find(holds) {
                return Ok(Some((contact.id, By::IdOrReference)));
            }
            if self.contacts.iter().any(|contact| holds(&contact)) && !import.recreate_deleted {
                return Err(End::Skipped("deleted".to_owned()));
            }
        }
        // 3. "When off, the contact with this email, else with this phone (or only the one set)."
        for field in keys_in_use(import) {
            let holders = self.holders(field, row.key(field));
            match holders[..] {
                [] => continue,
                [id] => {
                    // "If that contact already has a *different* reference from this source … the row fails, naming it.
                    // A row without a reference differs from nothing."
                    let held = self.contact(id).references.get(import.source);
                    if let (Some(reference), Some(held)) = (&row.reference, held)
                        && reference != held
                    {
                        row.complain(duplicate_code(field), Some(field), vec![name(id)]);
                        return Err(End::Failed);
                    }
                    return Ok(Some((id, By::Key(field))));
                }
                // "… or when several hold the key it would be matched by"; in create mode such a row is skipped.
                _ if import.mode == Mode::Create => return Err(End::Skipped("duplicate".to_owned())),
                _ => {
                    row.complain(
                        duplicate_code(field),
                        Some(field),
                        holders.iter().take(3).map(|id| name(*id)).collect(),
                    );
                    return Err(End::Failed);
                }
            }
        }
        Ok(None)
    }

    /// "With duplicates off, the row fails, naming who holds it, when an email or phone (of the kinds set) *that the
    /// matched contact does not hold already* is held by another living contact."
    fn has_conflict(&self, import: &Import, row: &mut Row, id: u64) -> bool {
        let mut any = false;
        for field in keys_in_use(import) {
            let holders = self.holders(field, row.key(field));
            if !holders.is_empty() && !holders.contains(&id) {
                row.complain(duplicate_code(field), Some(field), holders.iter().take(3).map(|id| name(*id)).collect());
                any = true;
            }
        }
        any
    }

    fn contact(&self, id: u64) -> &Contact {
        self.contacts.iter().find(|contact| contact.id == id).expect("a contact that was found")
    }

    /// The living contacts whose email or phone is this one; letter case does not matter.
    fn holders(&self, field: &str, text: Option<&str>) -> Vec<u64> {
        let Some(text) = text else { return Vec::new() };
        let holds = |contact: &&Contact| {
            let held = contact.values.get(field).and_then(|values| values.first());
            contact.alive && held.is_some_and(|held| held.to_lowercase() == text.to_lowercase())
        };
        self.contacts.iter().filter(holds).map(|contact| contact.id).collect()
    }

    fn create(&mut self, import: &Import, run: usize, row: &Row) -> End {
        let stamp = (run, row.number);
        let id = self.contacts.len() as u64 + 1;
        let (references, values) = (BTreeMap::new(), BTreeMap::new());
        let mut contact = Contact { id, alive: true, references, values, created: stamp, updated: stamp };
        apply(import, row, &mut contact);
        self.contacts.push(contact);
        End::Lands(OutcomeKind::Created, id)
    }

    fn update(&mut self, import: &Import, run: usize, row: &mut Row, id: u64) -> End {
        let contact = self.contacts.iter_mut().find(|contact| contact.id == id).expect("a contact that was found");
        let before = contact.clone();
        apply(import, row, contact);
        // "Off means that an empty cell clears the field": what was there and is gone is noted.
        for (field, said) in &row.said {
            let gone = before.values.contains_key(field) && !contact.values.contains_key(field);
            if matches!(said, Said::Clear) && gone {
                row.notes.push((Some(field), Note::FieldCleared));
            }
        }
        if *contact == before {
            return End::Lands(OutcomeKind::Unchanged, id);
        }
        contact.updated = (run, row.number);
        End::Lands(OutcomeKind::Updated, id)
    }
}

/// What a row does to the contact that it lands on.
fn apply(import: &Import, row: &Row, contact: &mut Contact) {
    // "A matched contact that has no reference from this source takes the row's."
    if let Some(reference) = &row.reference {
        contact.references.entry(import.source).or_insert_with(|| reference.clone());
    }
    for (field, said) in &row.said {
        match said {
            Said::Set(values) => {
                contact.values.insert(field, values.clone());
            }
            // "Tags, additional emails and additional phones are *added to* what the contact has."
            Said::Add(values) => add(contact.values.entry(field).or_default(), values),
            Said::Clear => {
                contact.values.remove(field);
            }
        }
    }
    if !import.tags.is_empty() {
        add(contact.values.entry("tags").or_default(), &import.tags);
    }
}

/// The Contact ID of a contact.
fn name(id: u64) -> String {
    code().contact_id(RecordId(id))
}

fn duplicate_code(field: &str) -> Code {
    if field == "email" { Code::DuplicateEmail } else { Code::DuplicatePhone }
}
