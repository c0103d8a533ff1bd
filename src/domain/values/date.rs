//! Dates and date-times: a strict table of shapes, the order of all-numeric dates, times and offsets (field rules,
//! Date; R224–R227, R299–R328).
//!
//! A date is read by its shape first and checked against the calendar second, so that nothing is ever read that the
//! table does not list. Reading allocates nothing unless it fails.

mod guidance;
mod shape;
#[cfg(test)]
mod tests;
mod time;

use crate::domain::issue::{Code, Problem, ReadResult, Reading};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, Offset, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use shape::Shape;
use std::fmt;
use time::Clock;

/// How an all-numeric date with the year last is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    MonthFirst,
    DayFirst,
}

impl DateOrder {
    fn other(self) -> DateOrder {
        match self {
            DateOrder::MonthFirst => DateOrder::DayFirst,
            DateOrder::DayFirst => DateOrder::MonthFirst,
        }
    }

    fn name(self) -> &'static str {
        match self {
            DateOrder::MonthFirst => "month-first",
            DateOrder::DayFirst => "day-first",
        }
    }
}

/// What an all-numeric date with the year last tells about the order of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderEvidence {
    OnlyMonthFirst,
    OnlyDayFirst,
    Either,
}

/// A value of a date-time field: a date where the file gives no time, else a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Day(NaiveDate),
    At(DateTime<Utc>),
}

impl Moment {
    /// The canonical text: `YYYY-MM-DD`, or RFC 3339 in UTC.
    pub fn text(self) -> String {
        match self {
            Moment::Day(day) => day_text(day),
            Moment::At(at) => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// A day as `YYYY-MM-DD`: what its `Display` writes for years of four digits, without a formatter.
pub fn day_text(day: NaiveDate) -> String {
    let Ok(year @ 0..=9999) = u32::try_from(day.year()) else { return day.to_string() };
    let digit = |number: u32| char::from(b'0' + (number % 10) as u8);
    let mut text = String::with_capacity("YYYY-MM-DD".len());
    [year / 1000, year / 100, year / 10, year].into_iter().for_each(|number| text.push(digit(number)));
    for part in [day.month(), day.day()] {
        text.push('-');
        text.push(digit(part / 10));
        text.push(digit(part));
    }
    text
}

/// The first and the last year that a date may have.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;

/// Reads a date as it is written: a time and an offset behind it must be readable, and change nothing.
pub fn read_date(text: &str, order: DateOrder) -> ReadResult<NaiveDate> {
    match parts(text, order) {
        Some((date, _)) => Ok(Reading::plain(date)),
        None => Err(unreadable(text, order)),
    }
}

/// Reads a date with or without a time. A time with an offset is that moment; one without is the time of `zone`, the
/// place where it was written. A local time that occurs twice is its first occurrence, and one that a clock change
/// left out is read as though the clock had not been changed yet (02:30 becomes 03:30 in the new time).
pub fn read_moment(text: &str, order: DateOrder, zone: Tz) -> ReadResult<Moment> {
    let moment = parts(text, order).and_then(|(date, clock)| match clock {
        None => Some(Moment::Day(date)),
        Some(clock) => moment(date, clock, zone).map(Moment::At),
    });
    moment.map(Reading::plain).ok_or_else(|| unreadable(text, order))
}

/// What the text tells about the order of its column; `None` when it is not an all-numeric date with the year last,
/// or no date in either order.
pub fn order_evidence(text: &str) -> Option<OrderEvidence> {
    let (shape, tail) = shape::read(text)?;
    let Shape::YearLast { .. } = shape else { return None };
    time::read(tail)?;
    match (on_calendar(shape, DateOrder::MonthFirst), on_calendar(shape, DateOrder::DayFirst)) {
        (Some(_), Some(_)) => Some(OrderEvidence::Either),
        (Some(_), None) => Some(OrderEvidence::OnlyMonthFirst),
        (None, Some(_)) => Some(OrderEvidence::OnlyDayFirst),
        (None, None) => None,
    }
}

/// The date, and the time behind it if there is one; `None` when either cannot be read.
fn parts(text: &str, order: DateOrder) -> Option<(NaiveDate, Option<Clock>)> {
    let (shape, tail) = shape::read(text)?;
    Some((on_calendar(shape, order)?, time::read(tail)?))
}

/// The day that the shape names, if the calendar has it.
fn on_calendar(shape: Shape, order: DateOrder) -> Option<NaiveDate> {
    let (year, month, day) = shape.in_order(order);
    if YEARS.contains(&year) { NaiveDate::from_ymd_opt(year, month, day) } else { None }
}

fn moment(date: NaiveDate, clock: Clock, zone: Tz) -> Option<DateTime<Utc>> {
    let date = if clock.next_day { date.checked_add_days(Days::new(1))? } else { date };
    let local = date.and_time(clock.time);
    let offset = match clock.offset_seconds {
        Some(seconds) => i64::from(seconds),
        None => offset_of(local, zone),
    };
    Some(local.checked_sub_signed(TimeDelta::seconds(offset))?.and_utc())
}

/// The offset, in seconds east of UTC, that `zone` had at this local time.
fn offset_of(local: NaiveDateTime, zone: Tz) -> i64 {
    // In a gap the offset from before it holds. The widest gap ever is a day (Samoa, 2011), so a day and an hour
    // earlier lies before it.
    let before_gap = || zone.offset_from_local_datetime(&(local - TimeDelta::hours(25))).earliest();
    let offset = zone.offset_from_local_datetime(&local).earliest().or_else(before_gap);
    let offset = offset.unwrap_or_else(|| zone.offset_from_utc_datetime(&local));
    i64::from(offset.fix().local_minus_utc())
}

fn unreadable(text: &str, order: DateOrder) -> Problem {
    Problem::new(Code::DateUnreadable, guidance::for_text(text, order))
}
