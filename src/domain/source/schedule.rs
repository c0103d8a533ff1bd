//! When something is due: a cron expression in a time zone, right across daylight-saving changes (R105).

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
        let cron = parser.parse(text.trim()).map_err(|why| error(why.to_string()))?;
        let schedule = Schedule { cron, timezone };
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
        self.cron.find_next_occurrence(&at, false).ok().map(|next| next.timestamp_millis())
    }

    /// The due times after `after_ms` up to and including `until_ms`, oldest first (ms since 1970, UTC).
    pub fn due_between(&self, after_ms: i64, until_ms: i64) -> impl Iterator<Item = i64> + '_ {
        let next = move |at: &i64| self.next_after(*at).filter(|next| *next <= until_ms);
        std::iter::successors(next(&after_ms), next)
    }

    /// In words, such as "At 06:30, Monday through Friday (Europe/Berlin)".
    pub fn describe(&self) -> String {
        format!("{} ({})", self.cron.describe().trim_end_matches('.'), self.timezone)
    }
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
