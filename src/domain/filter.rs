//! Filters: conditions on the normalised values of a row, all of which must hold (R74–R81).

use super::field::{Catalog, Field, FieldId, Kind, Role};
use super::record::Value;
use super::values::phone::PhoneReader;
use super::values::{country, date, email, number, option, timezone};
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
    ///
    /// `country` is the default country of phone numbers.
    pub fn parse(text: &str, catalog: &Catalog, country: Option<&str>) -> Result<Filter, FilterError> {
        let text = text.trim();
        let shape = || FilterError::Shape { text: text.to_owned() };
        let splits = splits(text);
        let (name, ..) = *splits.first().ok_or_else(shape)?;
        let unknown = || FilterError::UnknownField { text: text.to_owned(), field: name.to_owned() };
        let known = |&(name, op, value)| Some((find_field(catalog, name)?, op, value));
        let (field, op, value) = splits.iter().find_map(known).ok_or_else(unknown)?;
        let one = |value: &str| canonical(field, value, text, country);
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

/// Where a condition may be parted into name, operator and value, the likeliest first: at its first symbol, at each
/// word `in`, before `empty` or `set` at its end. Labels and values may hold those words too.
fn splits(text: &str) -> Vec<(&str, Op, &str)> {
    // Two characters first: `<=` must not be read as `<`.
    const SYMBOLS: [(&str, Op); 7] = [
        ("!=", Op::IsNot),
        ("<=", Op::AtMost),
        (">=", Op::AtLeast),
        ("=", Op::Is),
        ("~", Op::Contains),
        ("<", Op::Below),
        (">", Op::Above),
    ];
    let mut splits = Vec::new();
    if let Some((name, rest)) = text.find(['=', '!', '~', '<', '>']).map(|place| text.split_at(place))
        && let Some((symbol, op)) = SYMBOLS.into_iter().find(|(symbol, _)| rest.starts_with(symbol))
    {
        splits.push((name.trim(), op, rest[symbol.len()..].trim()));
    }
    let lower = text.to_ascii_lowercase();
    // Two of them may share a blank: `Opt In in A`.
    let places = lower.as_bytes().windows(4).enumerate().filter(|(_, word)| *word == b" in ").map(|(place, _)| place);
    splits.extend(places.map(|place| (text[..place].trim(), Op::In, text[place + 4..].trim())));
    for (word, op) in [(" empty", Op::Empty), (" set", Op::Set)] {
        if lower.ends_with(word) {
            splits.push((text[..text.len() - word.len()].trim(), op, ""));
        }
    }
    splits
}

fn find_field<'a>(catalog: &'a Catalog, name: &str) -> Option<&'a Field> {
    let tags = || catalog.role(Role::Tags).filter(|_| name.eq_ignore_ascii_case("tag")).and_then(|id| catalog.get(id));
    let named =
        || catalog.fields().iter().find(|f| f.key.eq_ignore_ascii_case(name) || f.label.eq_ignore_ascii_case(name));
    catalog.by_key(name).or_else(named).or_else(tags)
}

/// The value to compare with, in the form that values of the field are stored in.
fn canonical(field: &Field, value: &str, text: &str, country: Option<&str>) -> Result<String, FilterError> {
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
        Kind::Country => Ok(country::read_country(value).map_or_else(|_| value.to_owned(), |r| r.value).to_lowercase()),
        Kind::YesNo => match option::read_yes_no(value) {
            Ok(reading) => Ok(reading.value.to_owned()),
            Err(problem) => Err(bad("yes or no", problem.guidance)),
        },
        Kind::TimeZone => match timezone::read_timezone(value) {
            Ok(reading) => Ok(reading.value.to_lowercase()),
            Err(problem) => Err(bad("time zone", problem.guidance)),
        },
        Kind::Phone | Kind::Phones => match PhoneReader::new().read(value, country) {
            Ok(reading) => Ok(reading.value.first),
            Err(problem) => Err(bad("phone number", problem.guidance)),
        },
        Kind::Email | Kind::Emails => match email::read_emails(value) {
            Ok(reading) => Ok(reading.value.first.to_lowercase()),
            Err(problem) => Err(bad("e-mail address", problem.guidance)),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::field::FIRST_CUSTOM_FIELD;

    fn catalog() -> Catalog {
        let mut custom = Catalog::contacts(Vec::new()).unwrap().by_key("status").unwrap().clone();
        custom.id = FieldId(FIRST_CUSTOM_FIELD);
        custom.key = "custom.opt_in".to_owned();
        custom.label = "Opt In".to_owned();
        Catalog::contacts(vec![custom]).unwrap()
    }

    #[test]
    fn a_condition_compares_with_what_the_value_becomes() {
        for (text, test) in [
            ("country = Germany", Test::Is("de".to_owned())),
            ("do_not_contact = true", Test::Is("yes".to_owned())),
            ("phone = 206-555-0100", Test::Is("+12065550100".to_owned())),
            ("email = Ana <Ana@Example.com>", Test::Is("ana@example.com".to_owned())),
            ("timezone != (GMT-05:00) Eastern Time (US & Canada)", Test::IsNot("america/new_york".to_owned())),
            ("created_at >= 9/8/2024", Test::AtLeast("2024-09-08".to_owned())),
            ("Status = Customer", Test::Is("customer".to_owned())),
            ("tag in A, b", Test::In(vec!["a".to_owned(), "b".to_owned()])),
            ("tags in a=b", Test::In(vec!["a=b".to_owned()])),
            ("Opt In = A", Test::Is("a".to_owned())),
            ("opt in in A", Test::In(vec!["a".to_owned()])),
            ("city in New York, Set", Test::In(vec!["new york".to_owned(), "set".to_owned()])),
            ("company empty", Test::Empty),
            ("company SET", Test::Set),
            ("company =", Test::Empty),
            ("name ~ in", Test::Contains("in".to_owned())),
        ] {
            let filter = Filter::parse(text, &catalog(), Some("US"));
            assert_eq!(filter.map(|filter| filter.test), Ok(test), "{text}");
        }
    }

    #[test]
    fn a_condition_that_makes_no_sense_is_refused() {
        for text in ["", "status", "status ! x", "colour = red", "phone = 12", "date_of_birth < soon", "tags in"] {
            assert!(Filter::parse(text, &catalog(), Some("US")).is_err(), "{text}");
        }
    }
}
