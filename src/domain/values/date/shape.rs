//! The table of shapes: what the characters of a date may be, before anybody asks the calendar.

use super::DateOrder;

/// The numbers of a date as they stand in the text. Days and months may be impossible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Every part says what it is.
    Plain { year: i32, month: u32, day: u32 },
    /// All-numeric with the year last: the order decides which of the first two is the month.
    YearLast { first: u32, second: u32, year: i32 },
}

impl Shape {
    /// Year, month and day.
    pub(super) fn in_order(self, order: DateOrder) -> (i32, u32, u32) {
        match (self, order) {
            (Shape::Plain { year, month, day }, _) => (year, month, day),
            (Shape::YearLast { first, second, year }, DateOrder::MonthFirst) => (year, first, second),
            (Shape::YearLast { first, second, year }, DateOrder::DayFirst) => (year, second, first),
        }
    }
}

/// The date that the text begins with, and the text behind it (R300–R326).
pub(super) fn read(text: &str) -> Option<(Shape, &str)> {
    let mut cursor = Cursor { rest: text };
    let shape = if text.starts_with(|c: char| c.is_ascii_digit()) {
        match cursor.digits()? {
            (year, 4) => year_first(&mut cursor, year)?,
            (first, 1 | 2) => day_or_month_first(&mut cursor, first)?,
            _ => return None,
        }
    } else {
        month_name_first(&mut cursor)?
    };
    Some((shape, cursor.rest))
}

fn year_first(cursor: &mut Cursor, year: u32) -> Option<Shape> {
    let year = i32::try_from(year).ok()?;
    let month = match cursor.separator() {
        Some(mark) => {
            let month = match cursor.short_number() {
                Some(month) => month,
                None if mark == '-' => cursor.month()?.short()?,
                None => return None,
            };
            cursor.mark(mark)?;
            month
        }
        None => {
            cursor.spaces()?;
            let month = cursor.month()?.number;
            cursor.spaces()?;
            month
        }
    };
    Some(Shape::Plain { year, month, day: cursor.short_number()? })
}

fn day_or_month_first(cursor: &mut Cursor, first: u32) -> Option<Shape> {
    if let Some(mark) = cursor.separator() {
        if let Some(second) = cursor.short_number() {
            cursor.mark(mark)?;
            return Some(Shape::YearLast { first, second, year: cursor.year()? });
        }
        if mark != '-' {
            return None;
        }
        let month = cursor.month()?.short()?;
        cursor.mark(mark)?;
        return Some(Shape::Plain { year: cursor.year()?, month, day: first });
    }
    let ordinal = cursor.ordinal(first)?;
    cursor.spaces()?;
    let month = cursor.month()?;
    let month = if ordinal { month.short()? } else { month.number };
    cursor.comma();
    cursor.spaces()?;
    Some(Shape::Plain { year: cursor.year()?, month, day: first })
}

fn month_name_first(cursor: &mut Cursor) -> Option<Shape> {
    let name = cursor.month()?;
    if cursor.mark('-').is_some() {
        let month = name.short()?;
        let day = cursor.short_number()?;
        cursor.mark('-')?;
        return Some(Shape::Plain { year: cursor.year()?, month, day });
    }
    cursor.spaces()?;
    let day = cursor.short_number()?;
    let month = if cursor.ordinal(day)? { name.short()? } else { name.number };
    cursor.comma();
    cursor.spaces()?;
    Some(Shape::Plain { year: cursor.year()?, month, day })
}

/// A month's name as it was written.
#[derive(Clone, Copy)]
pub(super) struct Month {
    pub(super) number: u32,
    abbreviated: bool,
}

impl Month {
    /// The name written out, in English, any letter case.
    pub(super) const NAMES: [&'static str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];

    /// The month with this English name or its abbreviation; `Sept` is September.
    pub(super) fn named(word: &str) -> Option<Month> {
        if word.len() < 3 {
            return None;
        }
        let place =
            Month::NAMES.iter().position(|name| name.as_bytes()[..3].eq_ignore_ascii_case(&word.as_bytes()[..3]))?;
        let full = Month::NAMES[place].eq_ignore_ascii_case(word);
        let abbreviated = word.len() == 3 || word.eq_ignore_ascii_case("Sept");
        let number = place as u32 + 1;
        (full || abbreviated).then_some(Month { number, abbreviated })
    }

    /// The number, where the shape takes abbreviations only: with hyphens and with ordinals.
    fn short(self) -> Option<u32> {
        self.abbreviated.then_some(self.number)
    }
}

/// The ending of an ordinal number.
pub(super) fn ordinal_ending(number: u32) -> &'static str {
    match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

/// What is left to read. Each step takes what it names from the front, or leaves the text as it was.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// A run of at most four digits: its value and its length. A longer run is no part of a date.
    fn digits(&mut self) -> Option<(u32, usize)> {
        let length = self.rest.bytes().take(5).take_while(u8::is_ascii_digit).count();
        if length == 0 || length > 4 {
            return None;
        }
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some((digits.bytes().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')), length))
    }

    /// A day or a month: one or two digits.
    fn short_number(&mut self) -> Option<u32> {
        let before = self.rest;
        match self.digits() {
            Some((value, 1 | 2)) => Some(value),
            _ => {
                self.rest = before;
                None
            }
        }
    }

    fn year(&mut self) -> Option<i32> {
        match self.digits()? {
            (value, 4) => i32::try_from(value).ok(),
            _ => None,
        }
    }

    /// One of the marks between the numbers of a date.
    fn separator(&mut self) -> Option<char> {
        let mark = self.rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.'))?;
        self.rest = &self.rest[1..];
        Some(mark)
    }

    fn mark(&mut self, mark: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(mark)?;
        Some(())
    }

    fn comma(&mut self) {
        self.rest = self.rest.strip_prefix(',').unwrap_or(self.rest);
    }

    /// At least one space of any kind.
    fn spaces(&mut self) -> Option<()> {
        let rest = self.rest.trim_start();
        let some = rest.len() < self.rest.len();
        self.rest = rest;
        some.then_some(())
    }

    fn word(&mut self) -> &'a str {
        let length = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        word
    }

    fn month(&mut self) -> Option<Month> {
        Month::named(self.word())
    }

    /// Whether the ending of an ordinal follows; `None` when letters follow that are the wrong one.
    fn ordinal(&mut self, number: u32) -> Option<bool> {
        let word = self.word();
        if word.is_empty() {
            return Some(false);
        }
        word.eq_ignore_ascii_case(ordinal_ending(number)).then_some(true)
    }
}
