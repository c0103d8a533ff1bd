//! Time zones: IANA names, offsets, and the labels that other systems export (field rules, Time zone).
//!
//! An IANA name is kept, in its own spelling: `US/Eastern` stays `US/Eastern`. A label means the zone that
//! `assets/timezones.tsv` gives it. An offset alone (`GMT+1`) is the fixed zone of that offset: whoever wrote it gave no
//! place whose clock changes could be followed.

#[cfg(test)]
mod tests;

use super::clean::{quoted, words_folded};
use super::near::{did_you_mean, nearest};
use crate::domain::issue::{Code, Problem, ReadResult, Reading};
use chrono::{NaiveDate, Offset, TimeZone};
use chrono_tz::{TZ_VARIANTS, Tz};
use std::collections::HashMap;
use std::sync::OnceLock;

/// Reads IANA names and the labels that CRMs export; answers the IANA name.
pub fn read_timezone(text: &str) -> ReadResult<&'static str> {
    // Most columns hold IANA names as they should be.
    if let Ok(zone) = text.parse::<Tz>() {
        return Ok(Reading::plain(zone.name()));
    }
    match find(text) {
        Some(name) => Ok(Reading::plain(name)),
        None => Err(Problem::new(Code::TimezoneUnknown, explain(text))),
    }
}

/// What is compared, made once.
struct Tables {
    /// IANA names by their lower case.
    names: HashMap<String, &'static str>,
    /// IANA names by their folded labels.
    labels: HashMap<String, &'static str>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let names: HashMap<String, &str> =
            TZ_VARIANTS.iter().map(|zone| (zone.name().to_lowercase(), zone.name())).collect();
        let mut labels = HashMap::new();
        let lines = include_str!("../../../assets/timezones.tsv").lines().filter(|line| !line.starts_with('#'));
        for (label, name) in lines.filter_map(|line| line.split_once('\t')) {
            if let Ok(zone) = name.parse::<Tz>() {
                labels.entry(words_folded(label)).or_insert(zone.name());
            }
        }
        add_cities(&mut labels);
        Tables { names, labels }
    })
}

/// Adds the cities that IANA names end in (`Europe/Oslo`), where no label has the word and one zone only ends in it.
fn add_cities(labels: &mut HashMap<String, &'static str>) {
    const AREAS: [&str; 8] = ["Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];
    // Points of the compass and the like, which are no cities.
    const NO_CITIES: [&str; 6] = ["North", "South", "West", "ACT", "NSW", "LHI"];
    let mut cities: HashMap<String, Option<&'static str>> = HashMap::new();
    for name in TZ_VARIANTS.iter().map(|zone| zone.name()) {
        if let Some((area, city)) = name.split_once('/')
            && AREAS.contains(&area)
            && !NO_CITIES.contains(&city)
            && !city.contains('/')
        {
            cities.entry(words_folded(city)).and_modify(|only| *only = None).or_insert(Some(name));
        }
    }
    for (city, name) in cities {
        if let Some(name) = name {
            labels.entry(city).or_insert(name);
        }
    }
}

fn find(text: &str) -> Option<&'static str> {
    if let Some(name) = named(text).or_else(|| bracketed(text)) {
        return Some(name);
    }
    if let Some((minutes, rest)) = offset_prefix(text) {
        return if rest.is_empty() { fixed(minutes) } else { named_at(rest, minutes) };
    }
    // `Eastern Time (GMT-05:00)`, `America/New_York (EST)`.
    let (label, bracket) = text.strip_suffix(')')?.rsplit_once('(')?;
    if let Some((minutes, "")) = offset_prefix(bracket) {
        return named_at(label.trim_end(), minutes);
    }
    is_abbreviation(bracket).then(|| named(label.trim_end())).flatten()
}

/// The zone of an IANA name in any case, with spaces for `_` or `_slash_` for `/`, or of a label.
fn named(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    let by_name = |name: &str| tables().names.get(name).copied();
    by_name(&lower)
        .or_else(|| by_name(&lower.replace("_slash_", "/").replace(' ', "_")))
        .or_else(|| tables().labels.get(&words_folded(text)).copied())
}

/// The zone of a text whose offset is known. A list of cities is the first of them that is known and at that offset,
/// in winter or in summer; a name that is known as a whole is believed whatever the offset, since rules change.
fn named_at(text: &str, minutes: i32) -> Option<&'static str> {
    let whole = named(text).or_else(|| {
        let (label, bracket) = text.strip_suffix(')')?.rsplit_once('(')?;
        is_abbreviation(bracket).then(|| named(label.trim_end())).flatten()
    });
    whole.or_else(|| text.split([',', ';']).filter_map(|part| named(part.trim())).find(|name| is_at(name, minutes)))
}

/// `(GMT-05:00) Eastern Standard Time (America/New_York)`: the IANA name that stands in brackets.
fn bracketed(text: &str) -> Option<&'static str> {
    let (_, bracket) = text.strip_suffix([')', ']'])?.rsplit_once(['(', '['])?;
    let name = bracket.trim().to_lowercase().replace(' ', "_");
    if name.contains('/') { tables().names.get(&name).copied() } else { None }
}

fn is_abbreviation(text: &str) -> bool {
    (3..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
}

fn is_at(name: &str, minutes: i32) -> bool {
    let Ok(zone) = name.parse::<Tz>() else { return false };
    [1, 7]
        .iter()
        .filter_map(|&month| NaiveDate::from_ymd_opt(2024, month, 15)?.and_hms_opt(12, 0, 0))
        .any(|noon| zone.offset_from_utc_datetime(&noon).fix().local_minus_utc() == minutes * 60)
}

/// `GMT+1`, `UTC-05:00`, `(GMT -5:00 hours)`, `+0530`, `(GMT)`: the minutes east of UTC and what follows.
fn offset_prefix(text: &str) -> Option<(i32, &str)> {
    let (is_bracketed, text) = match text.strip_prefix('(') {
        Some(inner) => (true, inner.trim_start()),
        None => (false, text),
    };
    let (is_named, text) = match text.split_at_checked(3) {
        Some((name, rest)) if name.eq_ignore_ascii_case("GMT") || name.eq_ignore_ascii_case("UTC") => {
            (true, rest.trim_start())
        }
        _ => (false, text),
    };
    let sign = match text.chars().next() {
        Some('+') => Some((1, &text[1..])),
        Some('-') => Some((-1, &text[1..])),
        Some(minus @ ('\u{2212}' | '\u{2013}')) => Some((-1, &text[minus.len_utf8()..])),
        Some('\u{B1}') => Some((1, &text[2..])),
        _ => None,
    };
    let (minutes, text) = match sign {
        Some((sign, text)) => {
            let (minutes, text) = hours_and_minutes(text.trim_start())?;
            (sign * minutes, text)
        }
        None if is_named && is_bracketed => (0, text),
        None => return None,
    };
    let text = text.trim_start();
    if !is_bracketed {
        return Some((minutes, text));
    }
    let text = ["hours", "hour", "hrs"].iter().find_map(|unit| text.strip_prefix(unit)).unwrap_or(text).trim_start();
    Some((minutes, text.strip_prefix(')')?.trim_start_matches([' ', '-', ':'])))
}

/// `5`, `05`, `0530`, `5:30`, `05.30`.
fn hours_and_minutes(text: &str) -> Option<(i32, &str)> {
    let digits = |text: &str| text.bytes().take(5).take_while(u8::is_ascii_digit).count();
    let number = |text: &str| text.parse::<i32>().ok();
    let (whole, rest) = text.split_at(digits(text));
    let (hours, minutes, rest) = match whole.len() {
        1 | 2 => match rest.strip_prefix([':', '.']) {
            Some(after) if digits(after) == 2 => (number(whole)?, number(&after[..2])?, &after[2..]),
            _ => (number(whole)?, 0, rest),
        },
        3 | 4 => {
            let (hours, minutes) = whole.split_at(whole.len() - 2);
            (number(hours)?, number(minutes)?, rest)
        }
        _ => return None,
    };
    (minutes < 60 && hours <= 14).then_some((hours * 60 + minutes, rest))
}

/// The zone that is always at this offset. Offsets of full hours have zones of their own, whose sign is the other way
/// round: `Etc/GMT-1` is an hour *ahead* of Greenwich. Of the others those are known that one part of the world keeps
/// all year (the zones named here have not changed their clocks since 2023); the rest is unknown.
fn fixed(minutes: i32) -> Option<&'static str> {
    const PARTS_OF_HOURS: [(i32, &str); 8] = [
        (-(9 * 60 + 30), "Pacific/Marquesas"),
        (3 * 60 + 30, "Asia/Tehran"),
        (4 * 60 + 30, "Asia/Kabul"),
        (5 * 60 + 30, "Asia/Kolkata"),
        (5 * 60 + 45, "Asia/Kathmandu"),
        (6 * 60 + 30, "Asia/Yangon"),
        (8 * 60 + 45, "Australia/Eucla"),
        (9 * 60 + 30, "Australia/Darwin"),
    ];
    let name = match (minutes / 60, minutes % 60) {
        (0, 0) => "Etc/UTC".to_string(),
        (hours @ -12..=14, 0) => format!("Etc/GMT{:+}", -hours),
        _ => PARTS_OF_HOURS.iter().find(|(offset, _)| *offset == minutes)?.1.to_string(),
    };
    Some(name.parse::<Tz>().ok()?.name())
}

fn explain(text: &str) -> String {
    let known = "use an IANA name such as America/New_York, a label such as \"(GMT-05:00) Eastern Time (US & Canada)\", \
                 or an offset such as GMT+1.";
    if is_abbreviation(text) {
        return format!("{} is an abbreviation, which may mean several zones: {known}", quoted(text));
    }
    if let Some((minutes, "")) = offset_prefix(text) {
        let (sign, hours, rest) = (if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60);
        return format!("no zone is at UTC{sign}{hours:02}:{rest:02} all year: {known}");
    }
    let place = offset_prefix(text).map_or(text, |(_, rest)| rest);
    let tables = tables();
    let names = tables.names.iter().map(|(key, name)| (key.as_str(), *name));
    let labels = tables.labels.iter().map(|(key, name)| (key.as_str(), *name));
    let mut near = nearest(&place.to_lowercase(), names);
    if near.is_empty() {
        near = nearest(&words_folded(place), labels);
    }
    format!("{} is no time zone: {}{known}", quoted(text), did_you_mean(&near))
}
