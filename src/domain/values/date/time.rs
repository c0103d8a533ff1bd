//! The time behind a date: ISO 8601, or `HH:MM[:SS][ AM/PM]`, with or without an offset.

use chrono::{NaiveTime, TimeDelta};

/// A time of day as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) time: NaiveTime,
    /// 24:00 and a leap second at midnight belong to the next day.
    pub(super) next_day: bool,
    /// Seconds east of UTC, where the text says so.
    pub(super) offset_seconds: Option<i32>,
}

/// The farthest that any place is from UTC.
const FARTHEST_OFFSET_MINUTES: i32 = 14 * 60;

/// Reads what stands behind a date: `Some(None)` when that is nothing, `None` when it is no time. The time follows
/// after `T`, spaces, or a comma and spaces (as browsers write it).
pub(super) fn read(tail: &str) -> Option<Option<Clock>> {
    if tail.is_empty() {
        return Some(None);
    }
    let text = match tail.strip_prefix(['T', 't']) {
        Some(text) => text,
        None => {
            let text = tail.strip_prefix(',').unwrap_or(tail);
            Some(text.trim_start()).filter(|trimmed| trimmed.len() < text.len())?
        }
    };
    clock(text).map(Some)
}

fn clock(text: &str) -> Option<Clock> {
    let (hour, text) = number(text, 1)?;
    let (minute, mut text) = number(text.strip_prefix(':')?, 2)?;
    let (mut second, mut nanosecond) = (0, 0);
    if let Some(rest) = text.strip_prefix(':') {
        (second, text) = number(rest, 2)?;
        if let Some(rest) = text.strip_prefix(['.', ',']) {
            (nanosecond, text) = fraction(rest)?;
        }
    }
    let (half, text) = half_of_day(text.trim_start());
    let hour = match half {
        None => hour,
        Some(_) if hour == 0 || hour > 12 => return None,
        Some(Half::Morning) => hour % 12,
        Some(Half::Afternoon) => hour % 12 + 12,
    };
    let end_of_day = half.is_none() && (hour, minute, second, nanosecond) == (24, 0, 0, 0);
    let leap_second = (minute, second) == (59, 60);
    let time = NaiveTime::from_hms_nano_opt(
        if end_of_day { 0 } else { hour },
        minute,
        if leap_second { 59 } else { second },
        nanosecond,
    )?;
    // UTC as computers count it has no leap seconds: such a second is the one after it.
    let (time, days) = time.overflowing_add_signed(TimeDelta::seconds(i64::from(leap_second)));
    Some(Clock { time, next_day: end_of_day || days != 0, offset_seconds: offset(text.trim_start())? })
}

/// A number of two digits, or of at least `least`.
fn number(text: &str, least: usize) -> Option<(u32, &str)> {
    let length = text.bytes().take(3).take_while(u8::is_ascii_digit).count();
    if length < least || length > 2 {
        return None;
    }
    let (digits, rest) = text.split_at(length);
    Some((digits.bytes().fold(0, |value, digit| value * 10 + u32::from(digit - b'0')), rest))
}

/// A fraction of a second in nanoseconds; what is finer is cut off.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return None;
    }
    let (digits, rest) = text.split_at(length);
    let digits = digits.bytes().chain(std::iter::repeat(b'0')).take(9);
    Some((digits.fold(0, |value, digit| value * 10 + u32::from(digit - b'0')), rest))
}

#[derive(Clone, Copy)]
enum Half {
    Morning,
    Afternoon,
}

fn half_of_day(text: &str) -> (Option<Half>, &str) {
    match text.as_bytes() {
        [b'a' | b'A', b'm' | b'M', ..] => (Some(Half::Morning), &text[2..]),
        [b'p' | b'P', b'm' | b'M', ..] => (Some(Half::Afternoon), &text[2..]),
        _ => (None, text),
    }
}

/// An offset in seconds: `Z`, `UTC`, `GMT`, `+02`, `+0200` or `+02:00`. `Some(None)` when nothing is left to read.
fn offset(text: &str) -> Option<Option<i32>> {
    if text.is_empty() {
        return Some(None);
    }
    if ["Z", "UTC", "GMT"].iter().any(|name| text.eq_ignore_ascii_case(name)) {
        return Some(Some(0));
    }
    let (sign, text) = match text.chars().next()? {
        '+' => (1, &text[1..]),
        '-' => (-1, &text[1..]),
        '\u{2212}' => (-1, &text['\u{2212}'.len_utf8()..]),
        _ => return None,
    };
    let digits = |text: &str| if text.bytes().all(|b| b.is_ascii_digit()) { text.parse::<i32>().ok() } else { None };
    let (hours, minutes) = match (text.len(), text.is_ascii()) {
        (2, true) => (digits(text)?, 0),
        (4, true) => (digits(&text[..2])?, digits(&text[2..])?),
        (5, true) if text.as_bytes()[2] == b':' => (digits(&text[..2])?, digits(&text[3..])?),
        _ => return None,
    };
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= FARTHEST_OFFSET_MINUTES).then_some(Some(sign * total * 60))
}
