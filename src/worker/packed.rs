//! Rows on their way from the rules to the writer: a batch of them is a few large buffers. A row's values are packed
//! where they were read, and freed there, instead of wandering as many small texts from one thread to the other.

#[cfg(test)]
#[path = "packed_tests.rs"]
mod tests;

use crate::domain::decide::{Decider, Decision, is_plain_list};
use crate::domain::dialect::Position;
use crate::domain::field::{Catalog, FieldId, Role};
use crate::domain::id::{RecordId, RunId, WorkspaceCode};
use crate::domain::issue::Note;
use crate::domain::outcome::{Issue, SkipReason};
use crate::domain::plan::Plan;
use crate::domain::record::{Record, Stamp, Value};
use crate::domain::rules::{Change, Ended, ReadRow};
use crate::engine::apply::PlacedRow;
use crate::store::{Draft, DraftOf, Drafter, Drafts, Mark};

/// Rows that follow each other, and where reading goes on after them.
#[derive(Debug, Default)]
pub struct PackedRows {
    pub rows: Vec<PackedRow>,
    /// One a row, in the same places.
    drafts: Drafts,
    pub end: Position,
}

/// A row but for its values, which are in its draft.
#[derive(Debug)]
pub struct PackedRow {
    /// From 1.
    pub row: u64,
    /// Line of the file, from 1.
    pub line: u64,
    /// Bytes of the delivery after decompression, before text decoding.
    pub offset: u64,
    pub issues: Vec<Issue>,
    pub notes: Vec<(Option<FieldId>, Note)>,
    pub body: Body,
}

/// What a row is made of.
#[derive(Debug)]
pub enum Body {
    /// Its outcome was decided before any record is looked at; its draft has its reference only.
    Ended(Ended),
    /// Its draft says all of it.
    Drafted {
        unmet: Unmet,
        /// How many of the draft's tags are the row's own; the others are the import's.
        own_tags: u32,
    },
    /// Its draft has its keys only: it has a Contact ID, or a list that says a value twice.
    Whole(Box<ReadRow>),
}

/// What becomes of a row that meets no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmet {
    Created,
    NotFound,
    /// Something is to be said about it.
    Other,
}

impl PackedRows {
    pub fn draft(&self, place: usize) -> Draft<'_> {
        self.drafts.get(place)
    }

    /// Forgets all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.drafts.clear();
    }
}

/// Packs and unpacks the rows of one plan, on one thread.
pub struct Packer<'a> {
    decider: Decider<'a>,
    drafter: Drafter,
    email: Option<FieldId>,
    phone: Option<FieldId>,
    /// Holds what the row at hand would create.
    record: Record,
    marks: Vec<Mark>,
}

impl<'a> Packer<'a> {
    pub fn new(plan: &'a Plan, catalog: &Catalog, code: &'a WorkspaceCode) -> Packer<'a> {
        let never = Stamp { run: RunId(0), row: 0, at_ms: 0 };
        let record = Record {
            id: RecordId(0),
            references: Vec::new(),
            fields: Vec::new(),
            created: never,
            updated: never,
            deleted_at_ms: None,
        };
        Packer {
            decider: Decider::new(plan, catalog, code),
            drafter: Drafter::new(plan.source, catalog),
            email: catalog.role(Role::MatchEmail),
            phone: catalog.role(Role::MatchPhone),
            record,
            marks: Vec::new(),
        }
    }

    /// The same for a dry run, in which nobody looks for names.
    pub fn without_names(self) -> Packer<'a> {
        Packer { drafter: self.drafter.without_names(), ..self }
    }

    /// Appends a row.
    pub fn pack(&mut self, placed: PlacedRow, into: &mut PackedRows) {
        let PlacedRow { row, line, offset, mut read } = placed;
        let (issues, notes) = (std::mem::take(&mut read.issues), std::mem::take(&mut read.notes));
        self.record.fields.clear();
        self.marks.clear();
        let is_ended = read.ended.is_some();
        let is_drafted = !is_ended && self.can_draft(&read);
        let (mut unmet, mut own_tags) = (Unmet::Other, 0);
        if is_drafted {
            unmet = match self.decider.plainly_unmet(&read) {
                Some(Decision::Create) => Unmet::Created,
                Some(Decision::Skip(SkipReason::NotFound)) => Unmet::NotFound,
                _ => Unmet::Other,
            };
            let changes = std::mem::take(&mut read.changes);
            own_tags = self.mark(&changes);
            self.decider.apply_to_new(changes, &mut self.record);
        }
        let draft = DraftOf {
            reference: read.reference.as_deref(),
            email: read.email.as_deref().filter(|_| !is_ended),
            phone: read.phone.as_deref().filter(|_| !is_ended),
            record: &self.record,
            marks: &self.marks,
        };
        self.drafter.put(&draft, &mut into.drafts);
        let body = match read.ended.take() {
            Some(ended) => Body::Ended(ended),
            None if is_drafted => Body::Drafted { unmet, own_tags },
            None => Body::Whole(Box::new(read)),
        };
        into.rows.push(PackedRow { row, line, offset, issues, notes, body });
    }

    /// Whether [`Packer::unpack`] can make the row again of its draft.
    fn can_draft(&self, read: &ReadRow) -> bool {
        let tagged = self.decider.tagged();
        let is_plain = |(field, change): &(FieldId, Change)| match change {
            Change::Set(Value::One(_)) | Change::Clear => Some(*field) != tagged,
            Change::Set(Value::Many(values)) => Some(*field) != tagged || !values.is_empty(),
            Change::Add(values) => is_plain_list(values),
        };
        // What rows are matched by is what the field is set to.
        let is_said = |field: Option<FieldId>, text: &Option<String>| match read
            .changes
            .iter()
            .find(|(id, _)| Some(*id) == field)
        {
            None | Some((_, Change::Clear)) => text.is_none(),
            Some((_, Change::Set(Value::One(set)))) => text.as_ref() == Some(set),
            Some(_) => false,
        };
        read.own_id.is_none()
            && read.changes.is_sorted_by(|a, b| a.0 < b.0)
            && read.changes.iter().all(is_plain)
            && is_said(self.email, &read.email)
            && is_said(self.phone, &read.phone)
    }

    /// Notes which fields are added to or emptied; answers how many tags the row has of its own.
    fn mark(&mut self, changes: &[(FieldId, Change)]) -> u32 {
        let tagged = self.decider.tagged();
        let mut own_tags = 0;
        for (field, change) in changes {
            match change {
                Change::Set(_) => {}
                Change::Add(_) => self.marks.push(Mark::Adds(*field)),
                Change::Clear => self.marks.push(Mark::Clears(*field)),
            }
            if let (true, Change::Set(Value::Many(values)) | Change::Add(values)) = (Some(*field) == tagged, change) {
                own_tags = values.len() as u32;
            }
        }
        if let Some(tags) = tagged.filter(|_| own_tags == 0) {
            let place = self.marks.partition_point(|mark| mark.field() < tags);
            self.marks.insert(place, Mark::Adds(tags));
        }
        own_tags
    }

    /// The row as the rules gave it, moved out of its place. None when its draft is damaged.
    pub fn unpack(&self, rows: &mut PackedRows, place: usize) -> Option<PlacedRow> {
        let PackedRows { rows, drafts, .. } = rows;
        let packed = &mut rows[place];
        let draft = drafts.get(place);
        let body = std::mem::replace(&mut packed.body, Body::Ended(Ended::Failed));
        let mut read = match body {
            Body::Whole(read) => *read,
            Body::Ended(ended) => {
                let reference = draft.reference().map(str::to_owned);
                ReadRow { reference, ended: Some(ended), ..ReadRow::default() }
            }
            Body::Drafted { own_tags, .. } => self.undraft(draft, own_tags as usize)?,
        };
        read.issues = std::mem::take(&mut packed.issues);
        read.notes = std::mem::take(&mut packed.notes);
        Some(PlacedRow { row: packed.row, line: packed.line, offset: packed.offset, read })
    }

    fn undraft(&self, draft: Draft<'_>, own_tags: usize) -> Option<ReadRow> {
        let marks: Vec<Mark> = draft.marks().collect();
        let mut read = ReadRow { reference: draft.reference().map(str::to_owned), ..ReadRow::default() };
        for (field, mut value) in draft.fields()? {
            if let (true, Value::Many(values)) = (Some(field) == self.decider.tagged(), &mut value) {
                values.truncate(own_tags);
                if own_tags == 0 {
                    continue;
                }
            }
            let text = value.first().map(str::to_owned);
            if Some(field) == self.email {
                read.email = text;
            } else if Some(field) == self.phone {
                read.phone = text;
            }
            let change = match value {
                Value::Many(values) if marks.contains(&Mark::Adds(field)) => Change::Add(values),
                value => Change::Set(value),
            };
            read.changes.push((field, change));
        }
        let cleared = marks.iter().filter(|mark| matches!(mark, Mark::Clears(_)));
        read.changes.extend(cleared.map(|mark| (mark.field(), Change::Clear)));
        read.changes.sort_by_key(|(field, _)| *field);
        Some(read)
    }
}
