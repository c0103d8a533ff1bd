//! Real values of a column, before and after: what its options make of them. The rules are those of a run; what needs
//! the whole workspace (phone numbers, and which contacts there are) only the preview shows.

use super::Editor;
use crate::domain::field::{Catalog, Field, Kind};
use crate::domain::intake::{Intake, Text};
use crate::domain::issue::{Problem, ReadResult};
use crate::domain::mapping::{Column, Mapping};
use crate::domain::values::clean::trim;
use crate::domain::values::date::{DateOrder, read_date, read_moment};
use crate::domain::values::list::{ListKind, read_list};
use crate::domain::values::number::{DecimalMark, read_money, read_number};
use crate::domain::values::option::{Declared, read_option, read_yes_no};
use crate::domain::values::text::{TEXT_LIMIT, read_text};
use crate::domain::values::{country, email, person, timezone};

/// So many values are shown.
const MOST: usize = 5;

/// A value with what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    pub before: String,
    pub after: String,
    /// It cannot be read; `after` says why.
    pub is_problem: bool,
}

/// The first few different values of a column that are not empty.
pub fn values(editor: &Editor, column: usize) -> Vec<String> {
    let look = editor.opened.columns.get(column).into_iter().flat_map(|look| &look.samples);
    let rows = editor.preview.iter().flat_map(|preview| &preview.rows);
    let raw = rows.filter_map(|row| row.raw.get(column));
    let mut found: Vec<String> = Vec::new();
    for value in look.chain(raw).filter(|value| !trim(value).is_empty()) {
        if found.len() < MOST && !found.contains(value) {
            found.push(value.clone());
        }
    }
    found
}

/// What the options of a column make of its values.
pub fn samples(editor: &Editor, place: usize, column: &Column) -> Vec<Sample> {
    let values = values(editor, place);
    let sample = |before: String| match read(column, &editor.opened.catalog, &editor.opened.people, &before) {
        Ok(after) => Sample { before, after, is_problem: false },
        Err(problem) => Sample { before, after: problem, is_problem: true },
    };
    values.into_iter().map(sample).collect()
}

/// What would be stored of a cell, in words, or why nothing would be.
pub fn read(column: &Column, catalog: &Catalog, people: &[String], text: &str) -> Result<String, String> {
    // What other columns add is left away: these are the values of this one.
    let alone = Column { join: None, required: false, ..column.clone() };
    let mapping = Mapping { columns: vec![alone], ..Mapping::default() };
    let intakes = Intake::all(&mapping, catalog, people);
    let stored = |intake: &Intake| match intake.take(&[text]).text {
        Text::Whole(text) => value(intake, people, &text),
        Text::Values(values) => {
            let each: Result<Vec<String>, String> = values.iter().map(|one| value(intake, people, one)).collect();
            each.map(|values| values.join(" · "))
        }
    };
    match intakes.as_slice() {
        [] => Ok(text.to_owned()),
        [one] if column.split.is_none() => stored(one),
        parts => {
            let part = |intake: &Intake| Ok(format!("{}: {}", intake.field.label, stored(intake)?));
            parts.iter().map(part).collect::<Result<Vec<_>, String>>().map(|parts| parts.join(" · "))
        }
    }
}

/// Why a text cannot be the value of a field.
pub fn problem(field: &Field, people: &[String], text: &str) -> Option<String> {
    value(&Intake::constant(field), people, text).err()
}

/// What would be stored of a text.
fn value(intake: &Intake, people: &[String], text: &str) -> Result<String, String> {
    let text = trim(text);
    if text.is_empty() {
        return Ok(String::new());
    }
    let order = intake.date_order.unwrap_or(DateOrder::MonthFirst);
    let mark = intake.decimal.unwrap_or(DecimalMark::Point);
    let list = |kind| read_list(text, kind, &intake.declared, intake.separator);
    let read = match intake.field.kind {
        Kind::Date => one(read_date(text, order)),
        Kind::DateTime => one(read_moment(text, order, chrono_tz::UTC)),
        Kind::Number => one(read_number(text, mark)),
        Kind::Money => one(read_money(text, mark)),
        Kind::YesNo => one(read_yes_no(text)),
        Kind::TimeZone => one(timezone::read_timezone(text)),
        Kind::Country => one(country::read_country(text)),
        Kind::SingleOption | Kind::Radio => one(read_option(text, &intake.declared)),
        Kind::Person => one(person::read_person(text, &Declared::new(people))),
        Kind::People => many(person::read_people(text, &Declared::new(people))),
        Kind::MultipleOptions | Kind::Checkbox => many(list(ListKind::Options)),
        Kind::TextboxList => many(list(ListKind::Textbox)),
        Kind::Tags => many(list(ListKind::Tags)),
        Kind::Email => one(email::read_emails(text).map(|read| read.map(|emails| emails.first))),
        Kind::Emails => many(email::read_email_list(text)),
        Kind::Text | Kind::Url | Kind::Reference => one(read_text(text, TEXT_LIMIT)),
        Kind::LongText | Kind::ContactId | Kind::Phone | Kind::Phones => Ok(text.to_owned()),
    };
    read.map_err(|problem: Problem| problem.guidance)
}

fn one<T: ToString>(read: ReadResult<T>) -> Result<String, Problem> {
    read.map(|read| read.value.to_string())
}

fn many(read: ReadResult<Vec<String>>) -> Result<String, Problem> {
    read.map(|read| read.value.join(" · "))
}
