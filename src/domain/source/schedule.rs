//! When something is due: a cron expression in a time zone, right across daylight-saving changes (R105).

use super::schedule_words::in_words;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use serde::{Deserialize, Serialize};

/// Due times: those of a cron expression of five fields (or a name such as `@daily`), on the clocks of a time zone.
///
/// Where clocks go forward, a time of day that does not exist is due at the first one that does; where they go back, a
/// time of day that there is twice is due once, a repeated one (`*/5`) each time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Schedule {
    cron: Cron,
    timezone: Tz,
    /// One for each time of day, where these are written out (`30 2,14 * * *`); croner would take such a list for a
    /// repeated time, which it leaves out where the clocks leap over it.
    times: Vec<Cron>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    cron: String,
    timezone: Tz,
}

/// Why a text is no schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no schedule: {why}. Write minute, hour, day of the month, month and weekday, such as \"30 6 * * 1-5\""
)]
pub struct ScheduleError {
    pub text: String,
    pub why: String,
}

impl Schedule {
    /// # Errors
    /// When the text is no cron expression of five fields, or one that is never due.
    pub fn parse(text: &str, timezone: Tz) -> Result<Schedule, ScheduleError> {
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let error = |why: String| ScheduleError { text: text.to_owned(), why };
        let parse =
            |text: &str| parser.parse(text).map_err(|why| error(why.to_string().trim_end_matches('.').to_owned()));
        let cron = parse(text.trim())?;
        let times = times_of_day(text).iter().map(|time| parse(time)).collect::<Result<_, _>>()?;
        let schedule = Schedule { cron, timezone, times };
        match schedule.next_after(0) {
            Some(_) => Ok(schedule),
            None => Err(error("it is never due".to_owned())),
        }
    }

    /// The expression as it was written.
    pub fn cron(&self) -> &str {
        self.cron.as_str()
    }

    pub fn timezone(&self) -> Tz {
        self.timezone
    }

    /// The first due time after this one (ms since 1970, UTC).
    pub fn next_after(&self, at_ms: i64) -> Option<i64> {
        let at = DateTime::<Utc>::from_timestamp_millis(at_ms)?.with_timezone(&self.timezone);
        let next = |cron: &Cron| cron.find_next_occurrence(&at, false).ok().map(|next| next.timestamp_millis());
        match self.times.as_slice() {
            [] => next(&self.cron),
            times => times.iter().filter_map(next).min(),
        }
    }

    /// The last due time up to and including this one (ms since 1970, UTC).
    pub fn last_until(&self, at_ms: i64) -> Option<i64> {
        // Forward from further and further back, so that it is one of the times that `next_after` gives.
        const FURTHEST: i64 = 9 * 366 * 24 * 3_600_000;
        let mut back: i64 = 3_600_000;
        loop {
            let last = self.due_between(at_ms.saturating_sub(back), at_ms).last();
            if last.is_some() || back > FURTHEST {
                return last;
            }
            back *= 4;
        }
    }

    /// The due times after `after_ms` up to and including `until_ms`, oldest first (ms since 1970, UTC).
    pub fn due_between(&self, after_ms: i64, until_ms: i64) -> impl Iterator<Item = i64> + '_ {
        let next = move |at: &i64| self.next_after(*at).filter(|next| *next <= until_ms);
        std::iter::successors(next(&after_ms), next)
    }

    /// In words, such as "Monday to Friday at 06:30 (Europe/Berlin)".
    pub fn describe(&self) -> String {
        let words = in_words(self.cron());
        let words = words.unwrap_or_else(|| self.cron.describe().trim_end_matches('.').to_owned());
        format!("{words} ({})", self.timezone)
    }
}

/// One expression for each time of day of a text that lists them as plain numbers; nothing where there is one alone, or
/// where minute or hour is a range, a step or any.
fn times_of_day(text: &str) -> Vec<String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, days @ ..] = fields.as_slice() else { return Vec::new() };
    let is_list = |field: &str| field.split(',').all(|part| part.parse::<u8>().is_ok());
    if !is_list(minutes) || !is_list(hours) || !(minutes.contains(',') || hours.contains(',')) {
        return Vec::new();
    }
    let days = days.join(" ");
    let times = hours.split(',').flat_map(|hour| minutes.split(',').map(move |minute| (minute, hour)));
    times.map(|(minute, hour)| format!("{minute} {hour} {days}")).collect()
}

impl TryFrom<Written> for Schedule {
    type Error = ScheduleError;

    fn try_from(written: Written) -> Result<Schedule, ScheduleError> {
        Schedule::parse(&written.cron, written.timezone)
    }
}

impl From<Schedule> for Written {
    fn from(schedule: Schedule) -> Written {
        Written { cron: schedule.cron().to_owned(), timezone: schedule.timezone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Datelike, NaiveDateTime, TimeZone, Timelike, Weekday};
    use std::collections::BTreeSet;

    const MINUTE: i64 = 60_000;

    fn ms(timezone: Tz, text: &str) -> i64 {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        timezone.from_local_datetime(&local).earliest().unwrap().timestamp_millis()
    }

    /// When a time of day is due, said without cron.
    #[derive(Clone, Copy)]
    struct Rule {
        cron: &'static str,
        is_minute: fn(u32) -> bool,
        is_hour: fn(u32) -> bool,
        is_day: fn(Weekday) -> bool,
        /// At fixed times of the day, which are due once a day whatever the clocks do.
        is_fixed: bool,
    }

    const RULES: [Rule; 6] = [
        Rule { cron: "0 * * * *", is_minute: |m| m == 0, is_hour: |_| true, is_day: |_| true, is_fixed: false },
        Rule { cron: "@daily", is_minute: |m| m == 0, is_hour: |h| h == 0, is_day: |_| true, is_fixed: true },
        Rule { cron: "30 2 * * *", is_minute: |m| m == 30, is_hour: |h| h == 2, is_day: |_| true, is_fixed: true },
        Rule {
            cron: "45 1 * * 1-5",
            is_minute: |m| m == 45,
            is_hour: |h| h == 1,
            is_day: |day| !matches!(day, Weekday::Sat | Weekday::Sun),
            is_fixed: true,
        },
        Rule {
            cron: "15 1,2,3 * * 0",
            is_minute: |m| m == 15,
            is_hour: |h| (1..=3).contains(&h),
            is_day: |day| day == Weekday::Sun,
            is_fixed: true,
        },
        Rule { cron: "*/15 * * * *", is_minute: |m| m % 15 == 0, is_hour: |_| true, is_day: |_| true, is_fixed: false },
    ];

    impl Rule {
        fn is_at(&self, local: NaiveDateTime) -> bool {
            (self.is_minute)(local.minute()) && (self.is_hour)(local.hour()) && (self.is_day)(local.weekday())
        }

        /// Goes over every minute of the local clocks.
        fn due(&self, timezone: Tz, from: i64, until: i64) -> BTreeSet<i64> {
            let mut due = BTreeSet::new();
            let mut seen = BTreeSet::new();
            let mut before: Option<NaiveDateTime> = None;
            let mut at = from;
            while at <= until {
                let local = DateTime::from_timestamp_millis(at).unwrap().with_timezone(&timezone).naive_local();
                if self.is_fixed {
                    // What the clocks leapt over is due with the first minute behind it.
                    let mut leapt = before.map_or(local, |before| before + chrono::Duration::minutes(1));
                    while leapt <= local {
                        if self.is_at(leapt) && seen.insert(leapt) {
                            due.insert(at);
                        }
                        leapt += chrono::Duration::minutes(1);
                    }
                    before = before.max(Some(local));
                } else if self.is_at(local) {
                    due.insert(at);
                }
                at += MINUTE;
            }
            due
        }
    }

    #[test]
    fn over_two_years_every_due_time_comes_once_whatever_the_clocks_do() {
        for timezone in [Tz::Europe__Berlin, Tz::America__New_York, Tz::Australia__Lord_Howe, Tz::Pacific__Chatham] {
            let (from, until) = (ms(timezone, "2025-12-31 12:00"), ms(timezone, "2028-01-01 12:00"));
            for rule in RULES {
                let schedule = Schedule::parse(rule.cron, timezone).unwrap();
                let expected = rule.due(timezone, from + MINUTE, until);
                let found: Vec<i64> = schedule.due_between(from, until).collect();
                let once: BTreeSet<i64> = found.iter().copied().collect();
                let odd: Vec<&i64> = expected.symmetric_difference(&once).take(8).collect();
                assert!(odd.is_empty() && found.len() == once.len(), "{timezone} {}: {odd:?}", rule.cron);
            }
        }
    }

    #[test]
    fn the_last_due_time_is_the_one_before_the_next() {
        for rule in RULES {
            let schedule = Schedule::parse(rule.cron, Tz::Europe__Berlin).unwrap();
            let mut at = ms(Tz::Europe__Berlin, "2026-03-20 12:00");
            for _ in 0..60 {
                let last = schedule.last_until(at).unwrap();
                assert!(last <= at && schedule.next_after(last).unwrap() > at, "{} {at}", rule.cron);
                at += 7 * 3_600_000 + 13 * MINUTE;
            }
        }
        let leap = Schedule::parse("0 0 29 2 *", Tz::UTC).unwrap();
        let at = |text| ms(Tz::UTC, text);
        assert_eq!(leap.last_until(at("2027-01-01 00:00")), Some(at("2024-02-29 00:00")));
        assert_eq!(leap.last_until(at("2028-02-29 00:00")), Some(at("2028-02-29 00:00")));
    }

    #[test]
    fn a_schedule_says_itself_in_words_and_reads_back() {
        for (cron, words) in [
            ("30 6 * * 1-5", "Monday to Friday at 06:30 (Europe/Berlin)"),
            ("@daily", "Every day at 00:00 (Europe/Berlin)"),
            ("0 2,8,14 * * *", "Every day at 02:00, 08:00 and 14:00 (Europe/Berlin)"),
            ("*/15 * * * *", "Every 15 minutes (Europe/Berlin)"),
            ("*/15 * * * MON-FRI", "Every 15 minutes, Monday to Friday (Europe/Berlin)"),
            ("5 * * * *", "Every hour at minute 5 (Europe/Berlin)"),
            ("0 */6 * * *", "Every 6 hours (Europe/Berlin)"),
            ("@hourly", "Every hour (Europe/Berlin)"),
            ("0 7 1 * *", "Day 1 of every month at 07:00 (Europe/Berlin)"),
            ("0 7 L 3 *", "The last day of March at 07:00 (Europe/Berlin)"),
            ("0 7 15W 3 *", "At 07:00, on the weekday nearest day 15, in March (Europe/Berlin)"),
        ] {
            let schedule = Schedule::parse(cron, Tz::Europe__Berlin).unwrap();
            assert_eq!(schedule.describe(), words);
            let json = serde_json::to_string(&schedule).unwrap();
            assert_eq!(serde_json::from_str::<Schedule>(&json).unwrap(), schedule);
        }
        for (text, why) in
            [("", "schedule"), ("0 0 30 2 *", "never due"), ("61 * * * *", "schedule"), ("1 2 3 4 5 6", "schedule")]
        {
            let error = Schedule::parse(text, Tz::UTC).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
    }
}
