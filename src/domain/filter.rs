//! Filters: conditions on the normalised values of a row, all of which must hold (R74–R81).

use super::field::{Catalog, Field, FieldId, Kind, Role};
use super::record::Value;
use super::values::{date, number};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// One condition, `FIELD OP VALUE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// The condition as it was written: what a skipped row names.
    pub text: String,
    pub field: FieldId,
    pub test: Test,
}

/// What must hold of the value. Texts are folded to lower case; numbers and dates are in their canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    Is(String),
    IsNot(String),
    Contains(String),
    Below(String),
    AtMost(String),
    Above(String),
    AtLeast(String),
    In(Vec<String>),
    Empty,
    Set,
}

/// Why a condition cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error(
        "the filter {text:?} is not FIELD OP VALUE; OP is one of =, !=, ~ (contains), <, <=, >, >=, in A,B, empty, set"
    )]
    Shape { text: String },
    #[error(
        "the filter {text:?} names the field {field:?}, and there is no such field. `landfall field list` lists the fields"
    )]
    UnknownField { text: String, field: String },
    #[error("the filter {text:?} compares with {value:?}, which is no {kind}: {guidance}")]
    BadValue { text: String, value: String, kind: &'static str, guidance: String },
}

impl Filter {
    /// Reads a condition such as `status = customer`, `tags in a,b` or `company empty`. Fields are named by key or
    /// label; `tag` is short for `tags`.
    pub fn parse(text: &str, catalog: &Catalog) -> Result<Filter, FilterError> {
        let text = text.trim();
        let shape = || FilterError::Shape { text: text.to_owned() };
        let (name, op, value) = split(text).ok_or_else(shape)?;
        let field = find_field(catalog, name)
            .ok_or_else(|| FilterError::UnknownField { text: text.to_owned(), field: name.to_owned() })?;
        let one = |value: &str| canonical(field, value, text);
        if matches!(op, Op::Empty | Op::Set) != value.is_empty() && !matches!(op, Op::Is | Op::IsNot) {
            return Err(shape());
        }
        let test = match op {
            Op::Is if value.is_empty() => Test::Empty,
            Op::IsNot if value.is_empty() => Test::Set,
            Op::Is => Test::Is(one(value)?),
            Op::IsNot => Test::IsNot(one(value)?),
            Op::Contains => Test::Contains(value.to_lowercase()),
            Op::Below => Test::Below(one(value)?),
            Op::AtMost => Test::AtMost(one(value)?),
            Op::Above => Test::Above(one(value)?),
            Op::AtLeast => Test::AtLeast(one(value)?),
            Op::In => Test::In(value.split(',').map(|part| one(part.trim())).collect::<Result<_, _>>()?),
            Op::Empty => Test::Empty,
            Op::Set => Test::Set,
        };
        Ok(Filter { text: text.to_owned(), field: field.id, test })
    }

    /// Whether the condition holds. An empty field meets only `!=` and `empty`.
    pub fn holds(&self, value: Option<&Value>, kind: Kind) -> bool {
        let texts = value.map_or(&[][..], Value::texts);
        let any = |holds: &dyn Fn(&str) -> bool| texts.iter().any(|text| holds(text));
        let ordered = |other: &str, wanted: &[Ordering]| any(&|text| wanted.contains(&compare(kind, text, other)));
        match &self.test {
            Test::Is(other) => ordered(other, &[Ordering::Equal]),
            Test::IsNot(other) => !ordered(other, &[Ordering::Equal]),
            Test::Contains(part) => any(&|text| text.to_lowercase().contains(part)),
            Test::Below(other) => ordered(other, &[Ordering::Less]),
            Test::AtMost(other) => ordered(other, &[Ordering::Less, Ordering::Equal]),
            Test::Above(other) => ordered(other, &[Ordering::Greater]),
            Test::AtLeast(other) => ordered(other, &[Ordering::Greater, Ordering::Equal]),
            Test::In(others) => others.iter().any(|other| ordered(other, &[Ordering::Equal])),
            Test::Empty => texts.is_empty(),
            Test::Set => !texts.is_empty(),
        }
    }
}

#[derive(Clone, Copy)]
enum Op {
    Is,
    IsNot,
    Contains,
    Below,
    AtMost,
    Above,
    AtLeast,
    In,
    Empty,
    Set,
}

/// Field, operator and value of a condition: the first symbol decides, else a word between spaces.
fn split(text: &str) -> Option<(&str, Op, &str)> {
    if let Some(place) = text.find(['=', '!', '~', '<', '>']) {
        let (name, rest) = text.split_at(place);
        // Two characters first: `<=` must not be read as `<`.
        let symbols = [
            ("!=", Op::IsNot),
            ("<=", Op::AtMost),
            (">=", Op::AtLeast),
            ("=", Op::Is),
            ("~", Op::Contains),
            ("<", Op::Below),
            (">", Op::Above),
        ];
        let words_before = name.split_whitespace().any(|word| word.eq_ignore_ascii_case("in"));
        if !words_before {
            let (symbol, op) = symbols.into_iter().find(|(symbol, _)| rest.starts_with(symbol))?;
            return Some((name.trim(), op, rest[symbol.len()..].trim()));
        }
    }
    let lower = text.to_ascii_lowercase();
    for (word, op) in [(" empty", Op::Empty), (" set", Op::Set)] {
        if lower.ends_with(word) {
            return Some((text[..text.len() - word.len()].trim(), op, ""));
        }
    }
    let place = lower.find(" in ")?;
    Some((text[..place].trim(), Op::In, text[place + 4..].trim()))
}

fn find_field<'a>(catalog: &'a Catalog, name: &str) -> Option<&'a Field> {
    let tags = || catalog.role(Role::Tags).filter(|_| name.eq_ignore_ascii_case("tag")).and_then(|id| catalog.get(id));
    let named =
        || catalog.fields().iter().find(|f| f.key.eq_ignore_ascii_case(name) || f.label.eq_ignore_ascii_case(name));
    catalog.by_key(name).or_else(named).or_else(tags)
}

/// The value to compare with, in the form that values of the field are stored in.
fn canonical(field: &Field, value: &str, text: &str) -> Result<String, FilterError> {
    let bad = |kind, guidance| FilterError::BadValue { text: text.to_owned(), value: value.to_owned(), kind, guidance };
    match field.kind {
        Kind::Number => match number::read_number(value, number::DecimalMark::Point) {
            Ok(reading) => Ok(reading.value),
            Err(problem) => Err(bad("number", problem.guidance)),
        },
        Kind::Money => match number::read_money(value, number::DecimalMark::Point) {
            Ok(reading) => Ok(reading.value),
            Err(problem) => Err(bad("amount of money", problem.guidance)),
        },
        Kind::Date => match date::read_date(value, date::DateOrder::MonthFirst) {
            Ok(reading) => Ok(reading.value.to_string()),
            Err(problem) => Err(bad("date", problem.guidance)),
        },
        Kind::DateTime => match date::read_moment(value, date::DateOrder::MonthFirst, chrono_tz::UTC) {
            Ok(reading) => Ok(reading.value.to_string()),
            Err(problem) => Err(bad("date or time", problem.guidance)),
        },
        _ => Ok(value.to_lowercase()),
    }
}

/// Compares a stored value with one of a condition.
fn compare(kind: Kind, stored: &str, other: &str) -> Ordering {
    match kind {
        Kind::Number | Kind::Money => number::compare_decimal(stored, other),
        // A day against a moment: the day alone is compared, so that `created_at = 2024-09-08` means that day.
        Kind::Date | Kind::DateTime => {
            let length = stored.len().min(other.len());
            stored.get(..length).cmp(&other.get(..length))
        }
        _ => stored.to_lowercase().as_str().cmp(other),
    }
}
