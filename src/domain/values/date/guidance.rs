//! What is said about a date that cannot be read: what is wrong with it, the likely date where it can be told, and
//! the accepted forms (R327, R328). Runs on failures only, so it may take its time.

use super::shape::{self, Month, Shape};
use super::{DateOrder, YEARS, on_calendar};
use crate::domain::values::clean::quoted;
use chrono::{DateTime, Datelike, Days, NaiveDate};

/// One sentence about this text.
pub(super) fn for_text(text: &str, order: DateOrder) -> String {
    let forms = accepted_forms(order);
    match finding(text, order) {
        Some(finding) => format!("{finding}; {forms}."),
        None => format!("{} is in none of the accepted forms; {forms}.", quoted(text)),
    }
}

fn accepted_forms(order: DateOrder) -> String {
    let numeric = match order {
        DateOrder::MonthFirst => "09/28/2024 (month first)",
        DateOrder::DayFirst => "28/09/2024 (day first)",
    };
    format!(
        "dates are read as 2024-09-28, {numeric}, either with - / or ., as 28 Sep 2024, Sep 28, 2024, 28-Sep-2024, \
         28th Sep 2024 or 28 September 2024"
    )
}

fn finding(text: &str, order: DateOrder) -> Option<String> {
    if let Some((shape, tail)) = shape::read(text) {
        return of_shape(text, shape, tail, order);
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return of_digits(text);
    }
    of_words(text, order)
}

/// The shape was right: then it is the calendar, or what stands behind the date.
fn of_shape(text: &str, shape: Shape, tail: &str, order: DateOrder) -> Option<String> {
    if let Some(date) = on_calendar(shape, order) {
        return Some(format!("{date} is read, but {} is no time of day", quoted(tail.trim())));
    }
    let (year, month, day) = shape.in_order(order);
    if !YEARS.contains(&year) {
        return Some(format!("the year {year} is not between {} and {}", YEARS.start(), YEARS.end()));
    }
    if let (Shape::YearLast { .. }, Some(date)) = (shape, on_calendar(shape, order.other())) {
        let other = order.other().name();
        return Some(format!("{} only fits {other}: set the column to {other}, or write {date}", quoted(text)));
    }
    if !(1..=12).contains(&month) {
        return Some(format!("{} has no month between 1 and 12", quoted(text)));
    }
    let days = days_in(year, month)?;
    let name = Month::NAMES.get(month as usize - 1)?;
    Some(format!("{}: {name} {year} has {days} days, and no day {day}", quoted(text)))
}

fn days_in(year: i32, month: u32) -> Option<u32> {
    (28..=31).rev().find(|&day| NaiveDate::from_ymd_opt(year, month, day).is_some())
}

/// Digits alone: a date without its marks, the day number of a spreadsheet, or seconds since 1970.
fn of_digits(text: &str) -> Option<String> {
    let number: i64 = text.parse().ok()?;
    let (what, date) = match text.len() {
        8 => {
            let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
            let date = NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32);
            ("is a date without its marks", date)
        }
        5 => {
            let epoch = NaiveDate::from_ymd_opt(1899, 12, 30)?;
            let date = epoch.checked_add_days(Days::new(number.unsigned_abs()));
            ("looks like the day number of a spreadsheet (format its column as a date there)", date)
        }
        10 => ("looks like seconds since 1970", DateTime::from_timestamp(number, 0).map(|at| at.date_naive())),
        13 => ("looks like milliseconds since 1970", DateTime::from_timestamp_millis(number).map(|at| at.date_naive())),
        _ => return None,
    };
    let date = date.filter(|date| YEARS.contains(&date.year()))?;
    Some(format!("{} {what}: write {date} if that is the day meant", quoted(text)))
}

/// Words and numbers in no listed shape: the likely date, and where it can be told what keeps it from being read.
fn of_words(text: &str, order: DateOrder) -> Option<String> {
    let mut numbers = Vec::new();
    let mut month = None;
    let mut why = None;
    for word in (Words { rest: text }) {
        match word {
            Word::Number(digits) if numbers.len() < 3 => numbers.push(digits),
            Word::Number(_) => break,
            Word::Letters(letters) => {
                if let Some(found) = month_starting(letters).filter(|_| month.is_none()) {
                    month = Some(found);
                } else if is_weekday(letters) {
                    why = Some("the day of the week is not read".to_string());
                } else if let Some((number, ending)) = wrong_ordinal(letters, &numbers) {
                    why = Some(format!("{number}{letters} is no ordinal, {number}{ending} is"));
                } else if !is_ordinal_ending(letters) {
                    return None;
                }
            }
        }
    }
    let (year, month, day) = match (month, numbers.as_slice()) {
        (Some(month), &[year, day]) if year.len() == 4 => (year, month, day),
        (Some(month), &[day, year]) => (year, month, day),
        (None, &[year, month, day]) if year.len() == 4 => (year, month.parse().ok()?, day),
        (None, &[first, second, year]) => match order {
            DateOrder::MonthFirst => (year, first.parse().ok()?, second),
            DateOrder::DayFirst => (year, second.parse().ok()?, first),
        },
        _ => return why,
    };
    if year.len() != 4 {
        return Some(format!("{}: the year needs four digits", quoted(text)));
    }
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month, day.parse().ok()?)
        .filter(|date| YEARS.contains(&date.year()));
    match (why, date) {
        (Some(why), Some(date)) => Some(format!("{why}: write {date} if that is the day meant")),
        (None, Some(date)) => Some(format!("{} probably means {date}: write it like that", quoted(text))),
        (why, None) => why,
    }
}

/// The month that a word begins to spell, or spells in one of the languages that files often come in.
fn month_starting(word: &str) -> Option<u32> {
    if word.chars().count() < 3 {
        return None;
    }
    const ELSEWHERE: [(&str, u32); 24] = [
        ("januar", 1),
        ("janvier", 1),
        ("enero", 1),
        ("februar", 2),
        ("février", 2),
        ("febrero", 2),
        ("märz", 3),
        ("mars", 3),
        ("marzo", 3),
        ("avril", 4),
        ("abril", 4),
        ("mai", 5),
        ("mayo", 5),
        ("juni", 6),
        ("juin", 6),
        ("juli", 7),
        ("juillet", 7),
        ("août", 8),
        ("agosto", 8),
        ("oktober", 10),
        ("octubre", 10),
        ("dezember", 12),
        ("décembre", 12),
        ("diciembre", 12),
    ];
    let lower = word.to_lowercase();
    let english = Month::NAMES.iter().position(|name| name.to_lowercase().starts_with(&lower));
    let elsewhere = || ELSEWHERE.iter().find(|(name, _)| *name == lower).map(|&(_, number)| number);
    english.map(|place| place as u32 + 1).or_else(elsewhere).or_else(|| Month::named(word).map(|month| month.number))
}

fn is_weekday(word: &str) -> bool {
    let lower = word.to_lowercase();
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    lower.len() >= 3 && days.iter().any(|day| day.starts_with(&lower))
}

fn is_ordinal_ending(word: &str) -> bool {
    ["st", "nd", "rd", "th"].iter().any(|ending| word.eq_ignore_ascii_case(ending))
}

/// The last number and its right ending, where the word is the ending of another one.
fn wrong_ordinal<'a>(word: &str, numbers: &[&'a str]) -> Option<(&'a str, &'static str)> {
    let number = numbers.last()?;
    let ending = shape::ordinal_ending(number.parse().ok()?);
    (is_ordinal_ending(word) && !word.eq_ignore_ascii_case(ending)).then_some((number, ending))
}

enum Word<'a> {
    Number(&'a str),
    Letters(&'a str),
}

/// The runs of digits and of letters in a text.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Words<'a> {
    type Item = Word<'a>;

    fn next(&mut self) -> Option<Word<'a>> {
        self.rest = self.rest.trim_start_matches(|c: char| !c.is_ascii_digit() && !c.is_alphabetic());
        let is_number = self.rest.chars().next()?.is_ascii_digit();
        let other = |c: char| if is_number { !c.is_ascii_digit() } else { !c.is_alphabetic() };
        let (word, rest) = self.rest.split_at(self.rest.find(other).unwrap_or(self.rest.len()));
        self.rest = rest;
        Some(if is_number { Word::Number(word) } else { Word::Letters(word) })
    }
}
