//! One row through the mapping and the rules of values: the same in the preview, the dry run and the run.

use super::field::{Catalog, Field, FieldId, Kind, Role};
use super::id::WorkspaceCode;
use super::intake::{Intake, Text};
use super::issue::{Code, Note, Problem, ReadResult, Reading};
use super::mapping::Constant;
use super::outcome::{Issue, Severity, SkipReason};
use super::plan::Plan;
use super::record::Value;
use super::values::list::{self, ListKind};
use super::values::option::Declared;
use super::values::phone::PhoneReader;
use super::values::text::{self, LONG_TEXT_LIMIT, TEXT_LIMIT};
use super::values::{clean, country, date, email, number, option, person, timezone};
use std::borrow::Cow;

pub use super::read_row::{Change, Ended, ReadRow};

/// How much of a raw value an issue keeps, in characters.
const ISSUE_VALUE_CHARS: usize = 200;

/// How many changes a row has room for at once; the room for more is made where a row has them.
const USUAL_CHANGES: usize = 16;

/// What the reader of a file found out about the shape of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    Whole,
    /// The row has fewer cells than the header.
    Short,
    /// `row_malformed` or `row_encoding`, with what was wrong where.
    Unreadable {
        problem: Problem,
        part_of_file_lost: bool,
    },
}

/// A row as it comes from a file.
pub struct RawRow<'a> {
    pub shape: Shape,
    /// As many as the file has columns, or fewer in a short row.
    pub cells: &'a [&'a str],
}

/// A value that a row has: the field that it is for, and where it comes from.
pub struct RowValue<'r> {
    pub field: &'r Field,
    /// The columns, by their places in the file; what is wrong with it is said of the first.
    pub places: Vec<usize>,
    /// An empty one is wrong.
    pub is_required: bool,
    pub date_order: Option<date::DateOrder>,
}

/// The rules of a plan, made ready for one thread.
pub struct RowRules<'a> {
    plan: &'a Plan,
    code: &'a WorkspaceCode,
    intakes: Vec<Intake>,
    /// With the text that every row gets.
    constants: Vec<(Intake, String)>,
    width: usize,
    phones: PhoneReader,
    people: Declared,
    more_emails: Option<FieldId>,
    more_phones: Option<FieldId>,
    match_email: Option<FieldId>,
    match_phone: Option<FieldId>,
    updated_at: Option<FieldId>,
    created_at: Option<FieldId>,
    own_id: Option<FieldId>,
    reference: Option<FieldId>,
    kinds: Vec<Kind>,
}

impl<'a> RowRules<'a> {
    /// Makes the rules of a plan ready. The catalog is the plan's.
    pub fn new(plan: &'a Plan, catalog: &'a Catalog, code: &'a WorkspaceCode) -> RowRules<'a> {
        RowRules::with_phones(plan, catalog, code, PhoneReader::new())
    }

    /// The same with a reader that was used before: its tables are costly to make.
    pub fn with_phones(
        plan: &'a Plan,
        catalog: &'a Catalog,
        code: &'a WorkspaceCode,
        phones: PhoneReader,
    ) -> RowRules<'a> {
        let constant = |constant: &Constant| {
            let field = catalog.by_key(&constant.field)?;
            Some((Intake::constant(field), clean::trim(&constant.value).to_owned()))
        };
        let kind_of = |filter: &super::filter::Filter| catalog.get(filter.field).map_or(Kind::Text, |field| field.kind);
        RowRules {
            plan,
            code,
            intakes: Intake::all(&plan.mapping, catalog, &plan.people),
            constants: plan.mapping.constants.iter().filter_map(constant).collect(),
            width: plan.mapping.columns.len(),
            phones,
            people: Declared::new(&plan.people),
            more_emails: catalog.role(Role::MoreEmails),
            more_phones: catalog.role(Role::MorePhones),
            match_email: catalog.role(Role::MatchEmail),
            match_phone: catalog.role(Role::MatchPhone),
            updated_at: catalog.role(Role::UpdatedAt),
            created_at: catalog.role(Role::CreatedAt),
            own_id: catalog.role(Role::OwnId),
            reference: catalog.role(Role::Reference),
            kinds: plan.filters.iter().map(kind_of).collect(),
        }
    }

    /// Gives the reader of phone numbers back.
    pub fn into_phones(self) -> PhoneReader {
        self.phones
    }

    /// The values that a row has, one after the other; those of constants are not among them.
    pub fn values(&self) -> impl Iterator<Item = RowValue<'_>> {
        self.intakes.iter().map(|intake| RowValue {
            field: &intake.field,
            places: intake.places().collect(),
            is_required: intake.required,
            date_order: intake.date_order,
        })
    }

    /// Reads one of [`RowRules::values`], by its place among them, into a row of its own.
    pub fn read_alone(&self, value: usize, cells: &[&str], row: &mut ReadRow) {
        if let Some(intake) = self.intakes.get(value) {
            self.read_cells(intake, cells, row);
        }
    }

    /// The text of one of [`RowRules::values`], as it is read by its field's kind; none where it is parted already.
    pub fn text_alone<'t>(&'t self, value: usize, cells: &[&'t str]) -> Option<Cow<'t, str>> {
        match self.intakes.get(value)?.take(cells).text {
            Text::Whole(text) => Some(text),
            Text::Values(_) => None,
        }
    }

    /// Reads a row. The first of these that decides ends it: shape, filters, errors of values.
    pub fn read(&self, raw: &RawRow<'_>) -> ReadRow {
        let mut row = ReadRow::default();
        match &raw.shape {
            Shape::Whole => row.changes.reserve(self.intakes.len().min(USUAL_CHANGES)),
            Shape::Short => row.issues.push(Issue {
                code: Code::RowShort,
                severity: Severity::Warning,
                field: None,
                guidance: format!(
                    "The row has {} of {} cells; the missing ones are taken as empty. Check whether its cells have shifted.",
                    raw.cells.len(),
                    self.width
                ),
                value: String::new(),
            }),
            Shape::Unreadable { problem, part_of_file_lost } => {
                row.notes.extend(part_of_file_lost.then_some((None, Note::PartUnreadable)));
                row.issues.push(issue(problem.clone(), None, Severity::Error, ""));
                row.ended = Some(Ended::Failed);
                return row;
            }
        }
        for intake in &self.intakes {
            self.read_cells(intake, raw.cells, &mut row);
        }
        for (intake, value) in &self.constants {
            self.read_constant(intake, value, &mut row);
        }
        row.ended = self.filtered(&mut row).map(Ended::Skipped);
        if row.ended.is_some() {
            // A filter decides before errors do, so none of these fails the row.
            row.issues.iter_mut().for_each(|issue| issue.severity = Severity::Warning);
        } else {
            self.fail_without_key(&mut row);
            if row.issues.iter().any(|issue| issue.severity == Severity::Error) {
                row.ended = Some(Ended::Failed);
            }
        }
        row
    }

    /// The issues of the mapping's constants, which every row would have.
    pub fn unreadable_constants(&self) -> Vec<Issue> {
        let mut row = ReadRow::default();
        for (intake, value) in &self.constants {
            self.read_constant(intake, value, &mut row);
        }
        row.issues
    }

    fn read_cells(&self, intake: &Intake, cells: &[&str], row: &mut ReadRow) {
        let field = &intake.field;
        let taken = intake.take(cells);
        if taken.had_nul {
            row.notes.push((Some(field.id), Note::NulRemoved));
        }
        if let Some(header) = taken.missing {
            let guidance = format!(
                "The column {header:?} is marked required and this cell is empty: fill it in, or take the mark away.",
            );
            let problem = Problem::new(Code::RequiredMissing, guidance);
            row.issues.push(issue(problem, Some(field.id), Severity::Error, &intake.raw(cells)));
            return;
        }
        if taken.text.is_empty() {
            if self.plan.clear_empty && taken.is_there {
                self.clear(field, row);
            }
            return;
        }
        if let Err(problem) = self.read_text(intake, &taken.text, row) {
            let severity = if intake.required { Severity::Error } else { Severity::Warning };
            row.issues.push(issue(problem, Some(field.id), severity, &intake.raw(cells)));
        }
    }

    /// What there is to note about a constant is nothing about the row.
    fn read_constant(&self, intake: &Intake, value: &str, row: &mut ReadRow) {
        let notes = row.notes.len();
        if let Err(problem) = self.read_value(intake, value, row) {
            row.issues.push(issue(problem, Some(intake.field.id), Severity::Warning, value));
        }
        row.notes.truncate(notes);
    }

    fn read_text(&self, intake: &Intake, text: &Text<'_>, row: &mut ReadRow) -> Result<(), Problem> {
        let values = match text {
            Text::Whole(value) => return self.read_value(intake, value, row),
            Text::Values(values) => values.iter().map(|value| &**value),
        };
        let value = match intake.field.kind {
            Kind::People => person::read_names(values, &self.people)?,
            Kind::TextboxList => list::read_values(values, ListKind::Textbox, &intake.declared)?,
            Kind::Tags => list::read_values(values, ListKind::Tags, &intake.declared)?,
            _ => list::read_values(values, ListKind::Options, &intake.declared)?,
        };
        self.list(intake, Ok(Reading::plain(value)), row)
    }

    /// Reads the text of a cell by its field's kind and puts what it says into the row.
    fn read_value(&self, intake: &Intake, value: &str, row: &mut ReadRow) -> Result<(), Problem> {
        let field = &intake.field;
        let order = intake.date_order.unwrap_or(date::DateOrder::MonthFirst);
        let mark = intake.decimal.unwrap_or(number::DecimalMark::Point);
        let split = |kind, row: &mut ReadRow| {
            let values = list::read_list(value, kind, &intake.declared, intake.separator);
            self.list(intake, values, row)
        };
        let country = self.plan.country.as_deref();
        match field.kind {
            Kind::ContactId => {
                row.own_id = Some((value.to_owned(), self.code.read_contact_id(value)));
            }
            Kind::Reference => row.reference = Some(text::read_text(value, TEXT_LIMIT)?.value),
            Kind::Text | Kind::Url => self.set(field, text::read_text(value, TEXT_LIMIT), row)?,
            Kind::LongText => self.set(field, text::read_text(value, LONG_TEXT_LIMIT), row)?,
            Kind::Country => self.set(field, country::read_country(value), row)?,
            Kind::Email => {
                let reading = email::read_emails(value)?;
                row.note(field, &reading.notes);
                if Some(field.id) == self.match_email {
                    row.email = Some(reading.value.first.clone());
                }
                row.put(field.id, Change::Set(Value::One(reading.value.first)));
                self.add_more(self.more_emails, reading.value.rest, row);
            }
            Kind::Phone => {
                let reading = self.phones.read(value, country)?;
                row.note(field, &reading.notes);
                if Some(field.id) == self.match_phone {
                    row.phone = Some(reading.value.first.clone());
                }
                row.put(field.id, Change::Set(Value::One(reading.value.first)));
                self.add_more(self.more_phones, reading.value.rest, row);
            }
            Kind::Emails => self.list(intake, email::read_email_list(value), row)?,
            Kind::Phones => self.list(intake, self.phones.read_list(value, country), row)?,
            Kind::Date => self.set(field, date::read_date(value, order).map(|r| r.map(date::day_text)), row)?,
            Kind::DateTime => {
                let moment = date::read_moment(value, order, self.plan.timezone);
                self.set(field, moment.map(|r| r.map(date::Moment::text)), row)?;
            }
            Kind::TimeZone => self.set(field, timezone::read_timezone(value).map(|r| r.map(str::to_owned)), row)?,
            Kind::Number => self.set(field, number::read_number(value, mark), row)?,
            Kind::Money => self.set(field, number::read_money(value, mark), row)?,
            Kind::YesNo => self.set(field, option::read_yes_no(value).map(|r| r.map(str::to_owned)), row)?,
            Kind::SingleOption | Kind::Radio => self.set(field, option::read_option(value, &intake.declared), row)?,
            Kind::Person => self.set(field, person::read_person(value, &self.people), row)?,
            Kind::People => self.list(intake, person::read_people(value, &self.people), row)?,
            Kind::MultipleOptions | Kind::Checkbox => split(ListKind::Options, row)?,
            Kind::TextboxList => split(ListKind::Textbox, row)?,
            Kind::Tags => split(ListKind::Tags, row)?,
        }
        Ok(())
    }

    fn set(&self, field: &Field, reading: ReadResult<String>, row: &mut ReadRow) -> Result<(), Problem> {
        let Reading { value, notes } = reading?;
        row.note(field, &notes);
        if field.joins_columns
            && let Some(Change::Set(Value::One(joined))) = row.change_of(field.id)
        {
            joined.push_str(if field.kind == Kind::LongText { "\n" } else { ", " });
            joined.push_str(&value);
            return Ok(());
        }
        row.put(field.id, Change::Set(Value::One(value)));
        Ok(())
    }

    fn list(&self, intake: &Intake, reading: ReadResult<Vec<String>>, row: &mut ReadRow) -> Result<(), Problem> {
        let field = &intake.field;
        let Reading { value, notes } = reading?;
        row.note(field, &notes);
        if value.is_empty() {
            return Ok(());
        }
        // Tags, additional emails and additional phones are added to what the contact has (field rules, Lists).
        let adds = matches!(field.kind, Kind::Tags | Kind::Emails | Kind::Phones) && !intake.replace;
        // One column that replaces is enough, wherever it stands.
        let values = match row.change_of(field.id) {
            Some(Change::Set(Value::Many(held))) => {
                unite(held, value);
                return Ok(());
            }
            Some(Change::Add(held)) => {
                let mut held = std::mem::take(held);
                unite(&mut held, value);
                held
            }
            _ => value,
        };
        row.put(field.id, if adds { Change::Add(values) } else { Change::Set(Value::Many(values)) });
        Ok(())
    }

    /// Puts further addresses or numbers of a cell where they go.
    fn add_more(&self, target: Option<FieldId>, rest: Vec<String>, row: &mut ReadRow) {
        let Some(target) = target.filter(|_| !rest.is_empty()) else { return };
        match row.change_of(target) {
            Some(Change::Add(values) | Change::Set(Value::Many(values))) => {
                unite(values, rest);
            }
            _ => row.put(target, Change::Add(rest)),
        }
    }

    fn clear(&self, field: &Field, row: &mut ReadRow) {
        let identifies = matches!(field.kind, Kind::ContactId | Kind::Reference);
        if !identifies && row.change_of(field.id).is_none() {
            row.put(field.id, Change::Clear);
        }
    }

    /// The skip reason of the first condition that does not hold (R80–R83).
    fn filtered(&self, row: &mut ReadRow) -> Option<SkipReason> {
        for (filter, kind) in self.plan.filters.iter().zip(&self.kinds) {
            let value = self.value_of(row, filter.field);
            if !filter.holds(value.as_ref(), *kind) {
                return Some(SkipReason::Filter(filter.text.clone()));
            }
        }
        let since = self.plan.since.as_deref()?;
        let dated =
            [self.updated_at, self.created_at].into_iter().flatten().find_map(|field| self.value_of(row, field));
        match dated.as_ref().and_then(Value::first) {
            // Both begin with YYYY-MM-DD, so the text up to the day compares as the day does.
            Some(text) if text.get(..10) < Some(since) => Some(SkipReason::Since),
            Some(_) => None,
            None => {
                row.notes.push((None, Note::SinceUndated));
                None
            }
        }
    }

    /// The row's own value of a field.
    fn value_of(&self, row: &ReadRow, field: FieldId) -> Option<Value> {
        if Some(field) == self.own_id {
            return row.own_id.as_ref().map(|(text, _)| Value::One(text.clone()));
        }
        if Some(field) == self.reference {
            return row.reference.clone().map(Value::One);
        }
        let (_, change) = &row.changes[row.place_of(field).ok()?];
        match change {
            Change::Set(value) => Some(value.clone()),
            Change::Add(values) => Some(Value::Many(values.clone())),
            Change::Clear => None,
        }
    }

    /// An unreadable email or phone is an error when duplicates are off, the mode may update, and nothing is left to
    /// meet a contact by (field rules, Error or warning): the row could make a second contact of a known person.
    fn fail_without_key(&self, row: &mut ReadRow) {
        let keys = self.plan.duplicates.keys();
        let by_key = row.has_key(keys);
        let duplicates_off = keys.email || keys.phone;
        let may_update = self.plan.mode != super::run::Mode::Create;
        if duplicates_off && may_update && row.own_id.is_none() && row.reference.is_none() && !by_key {
            self.fail_on_keys(row);
        }
    }

    /// Makes errors of the row's unreadable email and phone; true when there are any.
    fn fail_on_keys(&self, row: &mut ReadRow) -> bool {
        fail_on_fields(row, [self.match_email, self.match_phone])
    }
}

/// Makes errors of the issues of these fields; true when there are any.
pub fn fail_on_fields(row: &mut ReadRow, fields: [Option<FieldId>; 2]) -> bool {
    let mut any = false;
    for issue in row.issues.iter_mut().filter(|issue| issue.field.is_some() && fields.contains(&issue.field)) {
        issue.severity = Severity::Error;
        any = true;
    }
    any
}

/// Adds values that a list does not hold yet, in any letter case.
pub fn unite(values: &mut Vec<String>, more: Vec<String>) -> bool {
    let before = values.len();
    for value in more {
        if !holds(values, &value) {
            values.push(value);
        }
    }
    values.len() > before
}

/// Whether a value is among these, in any letter case.
pub fn holds(values: &[String], value: &str) -> bool {
    values.iter().any(|held| same_text(held, value))
}

fn same_text(a: &str, b: &str) -> bool {
    a == b || a.eq_ignore_ascii_case(b) || (!(a.is_ascii() && b.is_ascii()) && a.to_lowercase() == b.to_lowercase())
}

/// An issue of a cell, with the beginning of its raw text.
fn issue(problem: Problem, field: Option<FieldId>, severity: Severity, raw: &str) -> Issue {
    let value = raw.chars().take(ISSUE_VALUE_CHARS).collect();
    Issue { code: problem.code, severity, field, guidance: problem.guidance, value }
}
