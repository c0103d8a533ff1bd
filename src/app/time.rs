//! Moments as people read them, and when such a text stops being true.

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// Nearer moments are told by their distance (R65, R66).
const RELATIVE: i64 = 7 * HOUR;

/// A text about a moment, and the moment (ms since 1970, UTC) at which it has to be written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub text: String,
    pub until: Option<i64>,
}

/// A past moment: `12 min ago` under 7 hours, else `Tue 17, 09:14` within a month and `2 Nov 2025, 09:14` beyond. A
/// moment in the future, as a clock that was set back gives, is told by its date.
pub fn when(at_ms: i64, now_ms: i64, zone: Tz) -> Told {
    let past = now_ms - at_ms;
    let next = |unit: i64| Some(at_ms + (past / unit + 1) * unit);
    match past {
        0..MINUTE => Told { text: "just now".to_owned(), until: Some(at_ms + MINUTE) },
        MINUTE..HOUR => Told { text: format!("{} min ago", past / MINUTE), until: next(MINUTE) },
        HOUR..RELATIVE => Told { text: format!("{} h ago", past / HOUR), until: next(HOUR) },
        _ => on_date(at_ms, now_ms, zone),
    }
}

/// A moment by its date: `today 13:02`, `Tue 17, 09:14`, `2 Nov, 09:14`, `2 Nov 2025`.
pub fn on_date(at_ms: i64, now_ms: i64, zone: Tz) -> Told {
    let (at, now) = (local(at_ms, zone), local(now_ms, zone));
    let (at_day, today) = (at.date_naive(), now.date_naive());
    let days = (today - at_day).num_days();
    let text = match days {
        0 => format!("today {}", at.format("%H:%M")),
        1 => format!("yesterday {}", at.format("%H:%M")),
        2..28 => at.format("%a %-d, %H:%M").to_string(),
        _ if at.year() == now.year() => at.format("%-d %b, %H:%M").to_string(),
        _ => at.format("%-d %b %Y").to_string(),
    };
    let changes_on = match days {
        ..0 => Some(at_day),
        0 | 1 => today.succ_opt(),
        2..28 => at_day.checked_add_days(Days::new(28)),
        _ if at.year() == now.year() => NaiveDate::from_ymd_opt(now.year() + 1, 1, 1),
        _ => None,
    };
    Told { text, until: changes_on.and_then(|day| midnight(day, zone)) }
}

/// A moment to come, as short as it can be told: `14:30`, `Mon 06:30`, `1 Dec`. One that has passed is told as
/// [`when`] does.
pub fn coming(at_ms: i64, now_ms: i64, zone: Tz) -> Told {
    if at_ms <= now_ms {
        return when(at_ms, now_ms, zone);
    }
    let (at, now) = (local(at_ms, zone), local(now_ms, zone));
    let text = match (at.date_naive() - now.date_naive()).num_days() {
        0 => at.format("%H:%M").to_string(),
        1..7 => at.format("%a %H:%M").to_string(),
        _ => at.format("%-d %b").to_string(),
    };
    let tomorrow = now.date_naive().succ_opt().and_then(|day| midnight(day, zone));
    Told { text, until: [Some(at_ms), tomorrow].into_iter().flatten().min() }
}

/// The time of day of a moment that is near.
pub fn clock(at_ms: i64, zone: Tz) -> String {
    local(at_ms, zone).format("%H:%M").to_string()
}

/// A moment in full, to the second.
pub fn in_full(at_ms: i64, zone: Tz) -> String {
    local(at_ms, zone).format("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// A length of time: `0.4 s`, `2 m 05 s`, `1 h 12 m`.
pub fn elapsed(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..60 => format!("{:.1} s", ms as f64 / 1000.0),
        60..3600 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} m", seconds / 3600, seconds / 60 % 60),
    }
}

fn local(at_ms: i64, zone: Tz) -> DateTime<Tz> {
    DateTime::<Utc>::from_timestamp_millis(at_ms).unwrap_or_default().with_timezone(&zone)
}

fn midnight(day: NaiveDate, zone: Tz) -> Option<i64> {
    // Where a clock change skips midnight, the day begins an hour later.
    (0..3)
        .find_map(|hour| zone.from_local_datetime(&day.and_hms_opt(hour, 0, 0)?).earliest())
        .map(|at| at.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_moments_are_told_by_their_distance_and_others_by_their_date() {
        let zone: Tz = "Europe/Berlin".parse().unwrap();
        // 2026-11-20 13:02:00 in Berlin.
        let now = 1_795_176_120_000;
        for (past, text) in [
            (0, "just now"),
            (59 * SECOND, "just now"),
            (12 * MINUTE + 5, "12 min ago"),
            (7 * HOUR - 1, "6 h ago"),
            (7 * HOUR, "today 06:02"),
            (20 * HOUR, "yesterday 17:02"),
            (3 * 24 * HOUR, "Tue 17, 13:02"),
            (60 * 24 * HOUR, "21 Sep, 14:02"),
            (400 * 24 * HOUR, "16 Oct 2025"),
            (-5 * MINUTE, "today 13:07"),
        ] {
            assert_eq!(when(now - past, now, zone).text, text);
        }
    }

    #[test]
    fn a_moment_to_come_is_told_by_its_day_until_that_or_the_day_has_come() {
        let zone: Tz = "Europe/Berlin".parse().unwrap();
        // 2026-11-20 13:02:00 in Berlin, a Friday.
        let now = 1_795_176_120_000;
        for (ahead, text, until) in [
            (HOUR, "14:02", HOUR),
            (13 * HOUR, "Sat 02:02", 10 * HOUR + 58 * MINUTE),
            (3 * 24 * HOUR, "Mon 13:02", 10 * HOUR + 58 * MINUTE),
            (11 * 24 * HOUR, "1 Dec", 10 * HOUR + 58 * MINUTE),
            (0, "just now", MINUTE),
        ] {
            let told = coming(now + ahead, now, zone);
            assert_eq!((told.text.as_str(), told.until), (text, Some(now + until)));
        }
    }

    #[test]
    fn a_text_says_when_it_stops_being_true_and_is_true_until_then() {
        let zone = Tz::UTC;
        let at = 1_795_176_120_000;
        let mut now = at;
        loop {
            let told = when(at, now, zone);
            let Some(until) = told.until else { break };
            assert!(until > now, "{told:?} at {now}");
            assert_eq!(when(at, until - 1, zone).text, told.text);
            assert_ne!(when(at, until, zone).text, told.text);
            now = until;
        }
        assert_eq!(when(at, now, zone).text, "20 Nov 2026");
    }
}
