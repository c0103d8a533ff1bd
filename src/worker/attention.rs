//! Why a finished run needs attention although its rows are accounted for: the four fields that matter are mapped to
//! what does not look like them, or are not mapped at all; or part of the file could not be read (R18, R23, R24).

use crate::domain::field::{Catalog, Field, FieldId, Kind, Role};
use crate::domain::issue::Code;
use crate::domain::mapping::{Column, Mapping};
use crate::domain::plan::{Duplicates, Plan};
use crate::engine::suggest::{ColumnEvidence, Shape};
use crate::store::RunWriter;

/// A column mostly reads as something when more than this share of its filled cells does.
pub const MOSTLY: f32 = 0.5;
/// An unmapped column reads as something only when nearly all of its filled cells do, and there are some.
const PLAINLY: f32 = 0.8;
/// Of fewer values nothing is said.
pub const FEWEST_VALUES: u32 = 3;

/// What is known before the run starts.
pub fn before_start(
    mapping: &Mapping,
    catalog: &Catalog,
    evidence: &[ColumnEvidence],
    duplicates: Duplicates,
    gone: &[String],
    quotes_close: bool,
) -> Vec<String> {
    let mut reasons = Vec::new();
    if !quotes_close {
        reasons.push("The quotes of the file do not close where cells end: they were kept as text.".to_owned());
    }
    for header in gone {
        reasons.push(format!("The column {header:?}, which the mapping uses, is gone from the file."));
    }
    let fields_of = |column: &'_ Column| column.targets().filter_map(|key| catalog.by_key(key)).collect::<Vec<_>>();
    let mapped: Vec<FieldId> = mapping.columns.iter().flat_map(fields_of).map(|field| field.id).collect();
    let identified = duplicates.identifying_fields(catalog).iter().any(|field| mapped.contains(field));
    if !identified {
        reasons.push(
            "Neither a source reference nor a key in use is mapped: the same rows would be created again.".to_owned(),
        );
    }
    let doubts = mapping.columns.iter().zip(evidence).filter_map(|(column, evidence)| doubt(column, evidence, catalog));
    reasons.extend(doubts);
    reasons
}

/// What is doubtful about where a column goes, as far as its sampled values say.
pub fn doubt(column: &Column, evidence: &ColumnEvidence, catalog: &Catalog) -> Option<String> {
    if let Some(field) = misread_name(column, catalog, evidence) {
        return Some(format!(
            "{} is mapped to column {:?}, whose values mostly do not read as names.",
            field.label, column.header
        ));
    }
    let what = plainly(evidence).filter(|_| column.is_undecided())?;
    Some(format!("Column {:?} reads as {what} and is neither mapped nor left out on purpose.", column.header))
}

/// Whether a name is mapped to values that do not read as names.
pub fn names_misread(mapping: &Mapping, catalog: &Catalog, evidence: &[ColumnEvidence]) -> bool {
    mapping.columns.iter().zip(evidence).any(|(column, evidence)| misread_name(column, catalog, evidence).is_some())
}

/// The name that a column goes to although its values mostly are no names. Where they are parted or replaced, the
/// values of the file say nothing about the name.
fn misread_name<'c>(column: &Column, catalog: &'c Catalog, evidence: &ColumnEvidence) -> Option<&'c Field> {
    let field = catalog.by_key(column.field.as_deref()?)?;
    let as_in_the_file = column.find_replace.is_empty() && column.values.is_empty();
    (is_name(field.role) && as_in_the_file && !reads_as_name(evidence)).then_some(field)
}

/// Whether the values of a field say, when they are read, that the wrong column goes there.
pub fn is_judged(field: &Field) -> bool {
    matches!(field.role, Some(Role::MatchEmail | Role::MatchPhone | Role::TimeZone))
        && matches!(field.kind, Kind::Email | Kind::Phone | Kind::TimeZone)
}

/// Whether few of the sampled values look like the kind of field that decides which contact a row is about, or when it
/// may be called. A look only: the readers decide.
pub fn looks_otherwise(field: &Field, evidence: &ColumnEvidence) -> bool {
    let shape = match field.kind {
        Kind::Email => Shape::Email,
        Kind::Phone => Shape::Phone,
        Kind::TimeZone => Shape::TimeZone,
        _ => return false,
    };
    evidence.filled() >= FEWEST_VALUES && evidence.share(shape) <= MOSTLY
}

fn is_name(role: Option<Role>) -> bool {
    matches!(role, Some(Role::FullName | Role::FirstName | Role::LastName))
}

/// A name can be almost any text, but not mostly addresses, numbers, dates or links.
fn reads_as_name(evidence: &ColumnEvidence) -> bool {
    let other = [Shape::Email, Shape::Phone, Shape::Number, Shape::Date, Shape::DateTime, Shape::Url];
    evidence.filled() < FEWEST_VALUES || other.iter().all(|shape| evidence.share(*shape) <= MOSTLY)
}

/// Which of the four that matter the values plainly are.
fn plainly(evidence: &ColumnEvidence) -> Option<&'static str> {
    let what =
        [(Shape::Email, "e-mail addresses"), (Shape::WrittenPhone, "phone numbers"), (Shape::TimeZone, "time zones")];
    let enough = evidence.filled() >= FEWEST_VALUES;
    what.into_iter().find(|(shape, _)| enough && evidence.share(*shape) >= PLAINLY).map(|(_, what)| what)
}

/// Why a run needs attention.
pub struct Attention {
    pub reasons: Vec<String>,
    /// One of the four that matter is mapped to values that do not read as it: a review of the mapping does not hold
    /// (R50).
    pub is_misread: bool,
}

/// All reasons, known when the last row has its outcome. `first_lost` is the first row at which part of the file could
/// not be read.
pub fn of_run(store: &RunWriter<'_>, plan: &Plan, catalog: &Catalog, first_lost: Option<u64>) -> Attention {
    let mut reasons = plan.attention.clone();
    let mut is_misread = plan.names_misread;
    for (id, filled) in &plan.filled {
        let Some(field) = catalog.get(*id) else { continue };
        let unreadable: u64 = store
            .issue_counts()
            .iter()
            .filter(|count| count.field == Some(*id) && is_reading_code(count.code))
            .map(|count| count.count)
            .sum();
        if mostly_unread(*filled, unreadable) {
            let column = plan.mapping.columns.iter().find(|column| column.goes_to(&field.key));
            is_misread = true;
            reasons.push(format!(
                "{} is mapped to column {:?}, and {unreadable} of its {filled} values do not read as it.",
                field.label,
                column.map(|column| column.header.as_str()).unwrap_or_default()
            ));
        }
    }
    if let Some(row) = first_lost {
        reasons.push(format!("Part of the file could not be read, first at row {row}: see its failed rows."));
    }
    Attention { reasons, is_misread }
}

/// Whether so many of a field's values cannot be read that the wrong column goes there.
pub fn mostly_unread(filled: u64, unreadable: u64) -> bool {
    unreadable as f32 > filled as f32 * MOSTLY
}

/// Whether an issue says that a value is none of its field, of the fields that are judged by it.
pub fn is_reading_code(code: Code) -> bool {
    matches!(code, Code::EmailInvalid | Code::PhoneUnreadable | Code::TimezoneUnknown)
}
