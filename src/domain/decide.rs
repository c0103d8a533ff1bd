//! Which record a row is about, and what becomes of the row (field rules, "Which record a row is about").

use super::field::{Catalog, FieldId, Role};
use super::id::{OwnId, RecordId, WorkspaceCode};
use super::issue::{Code, Problem};
use super::outcome::{Issue, Severity, SkipReason};
use super::plan::Plan;
use super::record::{Record, Value};
use super::rules::{Change, ReadRow, fail_on_fields, holds, unite};
use super::run::Mode;
use chrono::DateTime;

/// What the store knows about a row's keys. A record counts only when its own field equals the key.
#[derive(Default)]
pub struct Facts<'a> {
    /// The record of the row's Contact ID, living or deleted.
    pub own: Option<&'a Record>,
    /// Records, living or deleted, that hold the row's reference from this source.
    pub reference: Vec<&'a Record>,
    /// Living records that hold the row's email.
    pub email: Vec<&'a Record>,
    /// Living records that hold the row's phone.
    pub phone: Vec<&'a Record>,
}

/// What a row does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Create,
    /// Update the record, or leave it as it is when the row changes nothing.
    Merge(RecordId),
    Skip(SkipReason),
    /// The row's issues that are errors say why.
    Fail,
}

/// Which key led to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    OwnId,
    Reference,
    Key(Key),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Email,
    Phone,
}

impl Key {
    fn code(self) -> Code {
        match self {
            Key::Email => Code::DuplicateEmail,
            Key::Phone => Code::DuplicatePhone,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Key::Email => "email",
            Key::Phone => "phone",
        }
    }
}

/// Decides rows of one plan.
pub struct Decider<'a> {
    plan: &'a Plan,
    code: &'a WorkspaceCode,
    email: Option<FieldId>,
    phone: Option<FieldId>,
    own_id: Option<FieldId>,
    reference: Option<FieldId>,
    tags: Option<FieldId>,
    mandatory: Vec<FieldId>,
}

impl<'a> Decider<'a> {
    pub fn new(plan: &'a Plan, catalog: &Catalog, code: &'a WorkspaceCode) -> Decider<'a> {
        Decider {
            plan,
            code,
            email: catalog.role(Role::MatchEmail),
            phone: catalog.role(Role::MatchPhone),
            own_id: catalog.role(Role::OwnId),
            reference: catalog.role(Role::Reference),
            tags: catalog.role(Role::Tags),
            mandatory: catalog.fields().iter().filter(|field| field.mandatory_group).map(|field| field.id).collect(),
        }
    }

    /// Decides a row that was not ended by its values. `landed` answers which earlier row of this file landed on a
    /// record. Issues that fail the row are added to it.
    pub fn decide(&self, row: &mut ReadRow, facts: &Facts<'_>, landed: impl Fn(RecordId) -> Option<u64>) -> Decision {
        let met = match self.find(row, facts) {
            Ok(met) => met,
            Err(decision) => return decision,
        };
        if let Some((record, met)) = met {
            if self.plan.mode == Mode::Create {
                return Decision::Skip(SkipReason::Duplicate);
            }
            if self.conflicts(row, facts, record) {
                return Decision::Fail;
            }
            if let Met::Key(key) = met
                && let Some(earlier) = landed(record.id)
            {
                let guidance = format!(
                    "First seen at row {earlier} of this file. Make the {} unique in the file, or allow duplicate contacts.",
                    key.name()
                );
                return self.fail(row, key.code(), self.field_of(key), guidance);
            }
            return Decision::Merge(record.id);
        }
        self.decide_unmet(row)
    }

    /// The record that the row is about and the key that led to it; or the decision that ends the row.
    fn find<'f>(&self, row: &mut ReadRow, facts: &Facts<'f>) -> Result<Option<(&'f Record, Met)>, Decision> {
        if let Some((text, own_id)) = row.own_id.clone() {
            return self.find_by_own_id(row, facts, &text, own_id).map(Some);
        }
        if row.reference.is_some() {
            if let Some(record) = facts.reference.iter().find(|record| record.is_alive()) {
                return Ok(Some((record, Met::Reference)));
            }
            if !facts.reference.is_empty() && !self.plan.recreate_deleted {
                return Err(Decision::Skip(SkipReason::Deleted));
            }
        }
        let keys = self.plan.duplicates.keys();
        for (key, in_use, holders) in [(Key::Email, keys.email, &facts.email), (Key::Phone, keys.phone, &facts.phone)] {
            if !in_use || holders.is_empty() {
                continue;
            }
            if let [record] = holders[..] {
                return self.other_person(row, record, key).map_or(Ok(Some((record, Met::Key(key)))), Err);
            }
            if self.plan.mode == Mode::Create {
                return Err(Decision::Skip(SkipReason::Duplicate));
            }
            let guidance = format!(
                "The {} is held by several contacts: {}. Say which one with its Contact ID, or make the {} unique.",
                key.name(),
                self.names(holders),
                key.name()
            );
            return Err(self.fail(row, key.code(), self.field_of(key), guidance));
        }
        Ok(None)
    }

    fn find_by_own_id<'f>(
        &self,
        row: &mut ReadRow,
        facts: &Facts<'f>,
        text: &str,
        own_id: OwnId,
    ) -> Result<(&'f Record, Met), Decision> {
        let guidance = match (own_id, facts.own) {
            (OwnId::Ours(_), Some(record)) if record.is_alive() => {
                return match self.reference_conflict(row, facts, record) {
                    None => Ok((record, Met::OwnId)),
                    Some(guidance) => Err(self.fail(row, Code::ReferenceTaken, self.reference, guidance)),
                };
            }
            (OwnId::Ours(_), Some(record)) => format!(
                "The contact {text} was deleted on {}. Find its current Contact ID, or leave the cell empty.",
                day(record.deleted_at_ms.unwrap_or_default())
            ),
            (OwnId::Ours(_), None) => {
                format!(
                    "There is no contact {text} here: the ID is unknown. Check it against an export of this workspace."
                )
            }
            (OwnId::OtherWorkspace, _) => format!(
                "{text} is the Contact ID of another workspace; those of this one begin with {}-. Map the column to Source Reference, or leave it out.",
                self.code.as_str()
            ),
            (OwnId::Malformed, _) => format!(
                "This is no Contact ID: it is malformed. Those of this workspace look like {}.",
                self.code.contact_id(RecordId(1))
            ),
        };
        Err(self.fail(row, Code::ContactIdInvalid, self.own_id, guidance))
    }

    /// Why the row's reference does not go with the contact of its Contact ID.
    fn reference_conflict(&self, row: &ReadRow, facts: &Facts<'_>, record: &Record) -> Option<String> {
        let reference = row.reference.as_deref()?;
        let own = record.reference_of(self.plan.source);
        if own == Some(reference) {
            return None;
        }
        if let Some(holder) = facts.reference.iter().find(|holder| holder.id != record.id) {
            let state = if holder.is_alive() { "held" } else { "remembered" };
            return Some(format!(
                "The reference {reference} is {state} by contact {}. Take the Contact ID away, or correct the reference.",
                self.code.contact_id(holder.id)
            ));
        }
        let own = own?;
        Some(format!(
            "Contact {} already has the reference {own} from this source, and the row says {reference}. A contact has one reference a source: correct the row.",
            self.code.contact_id(record.id)
        ))
    }

    /// A contact met by email or phone that has a different reference from this source is another person there.
    fn other_person(&self, row: &mut ReadRow, record: &Record, key: Key) -> Option<Decision> {
        let reference = row.reference.as_deref()?;
        let held = record.reference_of(self.plan.source).filter(|held| *held != reference)?;
        let guidance = format!(
            "Contact {} holds this {} and has the reference {held} from this source, so the row is about somebody else. Make the {} unique, or allow duplicate contacts.",
            self.code.contact_id(record.id),
            key.name(),
            key.name()
        );
        Some(self.fail(row, key.code(), self.field_of(key), guidance))
    }

    /// Whether an email or phone that the record does not hold yet belongs to another living contact.
    fn conflicts(&self, row: &mut ReadRow, facts: &Facts<'_>, record: &Record) -> bool {
        let keys = self.plan.duplicates.keys();
        let mut any = false;
        for (key, in_use, holders) in [(Key::Email, keys.email, &facts.email), (Key::Phone, keys.phone, &facts.phone)] {
            if !in_use || holders.is_empty() || holders.iter().any(|holder| holder.id == record.id) {
                continue;
            }
            let guidance = format!(
                "The {} belongs to {}, and the row is about contact {}. Make it unique, or allow duplicate contacts.",
                key.name(),
                self.names(holders),
                self.code.contact_id(record.id)
            );
            self.fail(row, key.code(), self.field_of(key), guidance);
            any = true;
        }
        any
    }

    /// A row that meets no record: the mandatory group, then the mode.
    fn decide_unmet(&self, row: &mut ReadRow) -> Decision {
        if let Some(decision) = self.plainly_unmet(row) {
            return decision;
        }
        if self.plan.mode == Mode::Update {
            let guidance = "Nothing in the row says which contact to update. Check the duplicate settings (Allow Duplicate Contacts), and map Contact ID, or Email or Phone where those identify contacts.";
            return self.fail(row, Code::RequiredMissing, None, guidance.to_owned());
        }
        if fail_on_fields(row, [self.email, self.phone]) {
            return Decision::Fail;
        }
        let guidance = "To create a contact, map and fill at least one of Name, Phone, Email.";
        self.fail(row, Code::RequiredMissing, None, guidance.to_owned())
    }

    /// The decision about a row that meets no record, where nothing has to be said about the row.
    pub fn plainly_unmet(&self, row: &ReadRow) -> Option<Decision> {
        if row.own_id.is_some() {
            return None;
        }
        if self.plan.mode == Mode::Update {
            let has_key = row.reference.is_some() || row.has_key(self.plan.duplicates.keys());
            return has_key.then_some(Decision::Skip(SkipReason::NotFound));
        }
        let stands = |(field, change): &(FieldId, Change)| {
            matches!(change, Change::Set(_) | Change::Add(_)) && self.mandatory.contains(field)
        };
        row.changes.iter().any(stands).then_some(Decision::Create)
    }

    fn fail(&self, row: &mut ReadRow, code: Code, field: Option<FieldId>, guidance: String) -> Decision {
        let Problem { code, guidance } = Problem::new(code, guidance);
        let value = self.raw_key(row, field);
        row.issues.push(Issue { code, severity: Severity::Error, field, guidance, value });
        Decision::Fail
    }

    /// The row's text of the field that an issue is about.
    fn raw_key(&self, row: &ReadRow, field: Option<FieldId>) -> String {
        let text = match field {
            None => None,
            field if field == self.own_id => row.own_id.as_ref().map(|(text, _)| text),
            field if field == self.reference => row.reference.as_ref(),
            field if field == self.email => row.email.as_ref(),
            _ => row.phone.as_ref(),
        };
        text.cloned().unwrap_or_default()
    }

    fn field_of(&self, key: Key) -> Option<FieldId> {
        match key {
            Key::Email => self.email,
            Key::Phone => self.phone,
        }
    }

    /// The Contact IDs of the first few of these.
    fn names(&self, records: &[&Record]) -> String {
        let mut names: Vec<String> = records.iter().take(3).map(|r| self.code.contact_id(r.id)).collect();
        if records.len() > 3 {
            names.push(format!("{} more", records.len() - 3));
        }
        format!("contact {}", names.join(", "))
    }

    /// The list to which the import's own tags are added; none where it has no tags.
    pub fn tagged(&self) -> Option<FieldId> {
        self.tags.filter(|_| !self.plan.tags.is_empty())
    }

    /// What [`Decider::apply`] makes of a record that holds nothing, moved out of the row. Its lists are plain
    /// ([`is_plain_list`]).
    pub fn apply_to_new(&self, changes: Vec<(FieldId, Change)>, record: &mut Record) {
        record.fields.clear();
        record.fields.extend(changes.into_iter().filter_map(|(field, change)| match change {
            Change::Set(value) => Some((field, value)),
            Change::Add(values) => Some((field, Value::Many(values))),
            Change::Clear => None,
        }));
        if let Some(tags) = self.tagged() {
            add(record, tags, &self.plan.tags);
        }
    }

    /// Applies a row to the record it landed on; true when that changed it. The record keeps its stamps.
    pub fn apply(&self, row: &ReadRow, record: &mut Record) -> bool {
        let mut changed = false;
        if let Some(reference) = &row.reference
            && record.reference_of(self.plan.source).is_none()
        {
            record.add_reference(self.plan.source, reference.clone());
            changed = true;
        }
        // What a row takes from the tags and the import's own tags bring back is no change.
        let tags = self.tagged();
        let held_tags = tags.and_then(|field| record.get(field).cloned());
        for (field, change) in &row.changes {
            let differs = match change {
                Change::Set(value) => record.set(*field, value.clone()),
                Change::Add(values) => add(record, *field, values),
                Change::Clear => record.clear(*field),
            };
            changed |= differs && Some(*field) != tags;
        }
        if let Some(tags) = tags {
            add(record, tags, &self.plan.tags);
            changed |= record.get(tags) != held_tags.as_ref();
        }
        changed
    }
}

/// Whether these values could be added to an empty list as they are: there are some, and no two are the same.
pub fn is_plain_list(values: &[String]) -> bool {
    !values.is_empty() && values.iter().enumerate().all(|(place, value)| !holds(&values[..place], value))
}

/// Adds values to a list field.
fn add(record: &mut Record, field: FieldId, values: &[String]) -> bool {
    let mut held = match record.get(field) {
        Some(value) => value.texts().to_vec(),
        None => Vec::new(),
    };
    unite(&mut held, values.to_vec()) && record.set(field, Value::Many(held))
}

/// The day (UTC) of a moment in ms.
fn day(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map(|at| at.format("%Y-%m-%d").to_string()).unwrap_or_default()
}
