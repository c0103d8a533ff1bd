//! Which due time a file counts for (R343): the date in its name says so where its pattern has one, else when it came.
//!
//! The clocks of a name are those of the cadence. A file of a day that was missed does not count for the day on which it
//! comes at last. Some upstreams date a file by the day that it tells of, and send it a day later: that is seen from the
//! files that came, not asked.

use super::contract::Contract;
use super::found::FoundFile;
use super::pattern::NameDate;
use super::schedule::Schedule;
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;

/// Files that it is seen from how an upstream dates its files.
const TYPICAL: usize = 10;

/// Which due time a file counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Meant {
    /// ms since 1970, UTC.
    pub(super) due_ms: i64,
    /// Its name says so.
    pub(super) by_name: bool,
}

/// For each of the files, which came under the contract, the due time that it counts for; in their order.
pub(super) fn meant(contract: &Contract, cadence: &Schedule, files: &[&FoundFile]) -> Vec<Option<Meant>> {
    let zone = cadence.timezone();
    let said: Vec<Option<Said>> = files
        .iter()
        .map(|file| Said::of(contract.pattern.matches(&file.identity.name)?, local(file.first_seen_ms, zone)?))
        .collect();
    let lag = usual_lag(cadence, files, &said);
    let of_file = |(file, said): (&&FoundFile, &Option<Said>)| {
        let by_name = said.and_then(|said| said.due(cadence, file.first_seen_ms, lag));
        let due_ms = by_name.or_else(|| nearest_due(cadence, file.first_seen_ms))?;
        Some(Meant { due_ms, by_name: by_name.is_some() })
    };
    files.iter().zip(&said).map(of_file).collect()
}

/// What a name says of the time that a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// A moment.
    At(NaiveDateTime),
    Day(NaiveDate),
    /// The month of this first day.
    Month(NaiveDate),
    Year(i32),
}

impl Said {
    /// Of a name; what it leaves out is such that it is nearest to when the file came. None where the name says no date.
    fn of(name: NameDate, came: NaiveDateTime) -> Option<Said> {
        let years = match name.year {
            Some(year) => year..=year,
            None => came.year() - 1..=came.year() + 1,
        };
        let months = match name.month {
            Some(month) => month..=month,
            None => 1..=12,
        };
        match (name.year, name.month, name.day) {
            // A day of no month of a year, or a time of no day, says nothing.
            (Some(_), None, Some(_)) | (None, None, None) => None,
            (Some(year), None, None) => Some(Said::Year(year)),
            (_, Some(month), None) => {
                let firsts = years.filter_map(|year| NaiveDate::from_ymd_opt(year, month, 1));
                // Its middle: a month is as near when it has just ended as when it is to begin.
                let middle = |first: &NaiveDate| (came.date() - (*first + Days::new(15))).num_days().abs();
                firsts.min_by_key(middle).map(Said::Month)
            }
            (_, _, Some(day)) => {
                let dates = years.flat_map(|year| months.clone().map(move |month| (year, month)));
                let dates = dates.filter_map(|(year, month)| NaiveDate::from_ymd_opt(year, month, day));
                let date = dates.min_by_key(|date| (came.date() - *date).num_days().abs())?;
                Some(name.time().map_or(Said::Day(date), |time| Said::At(date.and_time(time))))
            }
        }
    }

    /// The due time of it, where that is a moment, else the one in its time that is nearest to when the file came.
    fn due(self, cadence: &Schedule, came_ms: i64, lag: i64) -> Option<i64> {
        let zone = cadence.timezone();
        let Some((first, behind)) = self.span(lag) else {
            let Said::At(at) = self else { return None };
            return nearest_due(cadence, ms(at, zone)?);
        };
        let midnight = |date: NaiveDate| ms(date.and_hms_opt(0, 0, 0)?, zone);
        let (from, until) = (midnight(first)?, midnight(behind)? - 1);
        let within = |at: &i64| (from..=until).contains(at);
        let came = came_ms.clamp(from, until);
        let near = [cadence.last_until(came), cadence.next_after(came)].into_iter().flatten().filter(within);
        // Nothing may have been due in that time, such as on a Sunday.
        near.min_by_key(|due| (due - came).abs()).or_else(|| nearest_due(cadence, from + (until - from) / 2))
    }

    /// The first day of its time and the one behind its last; so many of its days or months later.
    fn span(self, lag: i64) -> Option<(NaiveDate, NaiveDate)> {
        let from = match self {
            Said::At(_) => return None,
            Said::Day(date) => date.checked_add_signed(chrono::Duration::days(lag))?,
            Said::Month(first) => match u32::try_from(lag) {
                Ok(lag) => first.checked_add_months(Months::new(lag))?,
                Err(_) => first.checked_sub_months(Months::new(u32::try_from(-lag).ok()?))?,
            },
            Said::Year(year) => NaiveDate::from_ymd_opt(year.checked_add(i32::try_from(lag).ok()?)?, 1, 1)?,
        };
        let behind = match self {
            Said::At(_) | Said::Day(_) => from.checked_add_days(Days::new(1))?,
            Said::Month(_) => from.checked_add_months(Months::new(1))?,
            Said::Year(_) => from.checked_add_months(Months::new(12))?,
        };
        Some((from, behind))
    }

    /// How much later than it says the due time is at which a file came: in days, months or years.
    fn lag(self, due: NaiveDate) -> Option<i64> {
        match self {
            Said::At(_) => None,
            Said::Day(date) => Some((due - date).num_days()),
            Said::Month(first) => {
                Some(i64::from(due.year() - first.year()) * 12 + i64::from(due.month()) - i64::from(first.month()))
            }
            Said::Year(year) => Some(i64::from(due.year() - year)),
        }
    }
}

/// How much later than their names say files usually come: what is true of most of the last ones, and of two at least.
fn usual_lag(cadence: &Schedule, files: &[&FoundFile], said: &[Option<Said>]) -> i64 {
    let mut of_files: Vec<(i64, i64)> = files
        .iter()
        .zip(said)
        .filter_map(|(file, said)| {
            let due = nearest_due(cadence, file.first_seen_ms)?;
            Some((file.first_seen_ms, (*said)?.lag(local(due, cadence.timezone())?.date())?))
        })
        .collect();
    of_files.sort_unstable();
    let last: Vec<i64> = of_files.iter().rev().take(TYPICAL).map(|(_, lag)| *lag).collect();
    let count = |lag: i64| last.iter().filter(|other| **other == lag).count();
    let usual = last.iter().copied().max_by_key(|lag| count(*lag)).unwrap_or(0);
    if count(usual) >= 2 && count(usual) * 2 > last.len() { usual } else { 0 }
}

/// The due time that a file of this moment counts for. The earlier of two that are as near.
pub(super) fn nearest_due(cadence: &Schedule, at_ms: i64) -> Option<i64> {
    match (cadence.last_until(at_ms), cadence.next_after(at_ms)) {
        (Some(last), Some(next)) if at_ms - last <= next - at_ms => Some(last),
        (last, next) => next.or(last),
    }
}

fn local(at_ms: i64, zone: Tz) -> Option<NaiveDateTime> {
    Some(DateTime::from_timestamp_millis(at_ms)?.with_timezone(&zone).naive_local())
}

/// A moment of the clocks there; one that they leap over is that of their leap.
fn ms(at: NaiveDateTime, zone: Tz) -> Option<i64> {
    let leapt = (0..=4).map(|half_hours| at + chrono::Duration::minutes(30 * half_hours));
    leapt.into_iter().find_map(|at| zone.from_local_datetime(&at).earliest()).map(|at| at.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::super::contract::{DriftPolicy, FinishedSign};
    use super::super::found::{FileIdentity, FoundState};
    use super::super::pattern::NamePattern;
    use super::*;
    use crate::domain::id::SourceId;

    fn contract(pattern: &str) -> Contract {
        Contract {
            pattern: NamePattern::parse(pattern).unwrap(),
            cadence: None,
            grace_minutes: 30,
            verified_by: None,
            columns: None,
            rows: None,
            finished: FinishedSign::Still { seconds: 30 },
            control: None,
            drift: DriftPolicy::CarryOn,
        }
    }

    fn at(zone: Tz, text: &str) -> i64 {
        ms(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap(), zone).unwrap()
    }

    fn file(name: &str, came_ms: i64) -> FoundFile {
        FoundFile {
            source: SourceId(1),
            identity: FileIdentity { name: name.into(), size: 5, modified_ms: came_ms },
            first_seen_ms: came_ms,
            last_seen_ms: came_ms,
            is_there: true,
            state: FoundState::New,
            trouble: None,
        }
    }

    #[test]
    fn a_file_counts_for_the_due_time_that_its_name_says_else_for_the_nearest() {
        const DAY: &str = "c_{YYYY}-{MM}-{DD}*.csv";
        let (berlin, auckland, los_angeles) = (Tz::Europe__Berlin, Tz::Pacific__Auckland, Tz::America__Los_Angeles);
        for (pattern, cron, zone, name, came, due, by_name) in [
            // Yesterday's, in its time, late, and after today's due time.
            (DAY, "30 6 * * *", berlin, "c_2026-11-20.csv", "2026-11-20 06:35", "2026-11-20 06:30", true),
            (DAY, "30 6 * * *", berlin, "c_2026-11-20.csv", "2026-11-21 06:20", "2026-11-20 06:30", true),
            (DAY, "30 6 * * *", berlin, "c_2026-11-20.csv", "2026-11-21 09:00", "2026-11-20 06:30", true),
            // Tomorrow's.
            (DAY, "30 6 * * *", berlin, "c_2026-11-22.csv", "2026-11-21 07:00", "2026-11-22 06:30", true),
            // Several a day: the nearest of that day.
            (DAY, "0 6,18 * * *", berlin, "c_2026-11-20-b.csv", "2026-11-20 17:50", "2026-11-20 18:00", true),
            (DAY, "0 6,18 * * *", berlin, "c_2026-11-20-b.csv", "2026-11-21 05:50", "2026-11-20 18:00", true),
            // Nothing is due on a Saturday.
            (DAY, "30 6 * * 1-5", berlin, "c_2026-11-21.csv", "2026-11-21 06:30", "2026-11-20 06:30", true),
            // The clocks are those of the cadence, wherever it is.
            (DAY, "30 0 * * *", auckland, "c_2026-11-21.csv", "2026-11-21 12:00", "2026-11-21 00:30", true),
            (DAY, "45 23 * * *", los_angeles, "c_2026-11-20.csv", "2026-11-21 00:10", "2026-11-20 23:45", true),
            (DAY, "30 2 * * *", berlin, "c_2026-03-29.csv", "2026-03-29 03:05", "2026-03-29 03:00", true),
            // A month only: any day of it, by when it came.
            ("c_{YYYY}{MM}.csv", "30 6 * * *", berlin, "c_202611.csv", "2026-11-20 06:35", "2026-11-20 06:30", true),
            ("c_{YYYY}{MM}.csv", "30 6 * * *", berlin, "c_202610.csv", "2026-11-02 06:35", "2026-10-31 06:30", true),
            ("c_{YYYY}{MM}.csv", "0 7 1 * *", berlin, "c_202611.csv", "2026-11-03 06:35", "2026-11-01 07:00", true),
            ("c_{YYYY}{MM}.csv", "0 7 1 * *", berlin, "c_202612.csv", "2026-11-20 06:35", "2026-12-01 07:00", true),
            ("c_{YYYY}.csv", "0 7 1 1 *", berlin, "c_2025.csv", "2026-01-05 06:35", "2025-01-01 07:00", true),
            // What a name leaves out is what is nearest.
            ("c_{MM}{DD}.csv", "30 6 * * *", berlin, "c_1231.csv", "2027-01-01 05:00", "2026-12-31 06:30", true),
            ("c_{MM}{DD}.csv", "30 6 * * *", berlin, "c_0101.csv", "2026-12-31 23:00", "2027-01-01 06:30", true),
            ("c_{MM}.csv", "0 7 1 * *", berlin, "c_12.csv", "2027-01-03 05:00", "2026-12-01 07:00", true),
            ("c_{DD}.csv", "30 6 * * *", berlin, "c_31.csv", "2026-11-01 05:00", "2026-10-31 06:30", true),
            // With a time: the nearest to that.
            (
                "c_{YYYY}{MM}{DD}T{hh}{mm}.csv",
                "30 6 * * *",
                berlin,
                "c_20261120T0610.csv",
                "2026-11-21 06:35",
                "2026-11-20 06:30",
                true,
            ),
            // No date: when it came.
            ("c*.csv", "30 6 * * *", berlin, "c_2026-11-20.csv", "2026-11-21 06:20", "2026-11-21 06:30", false),
            ("c_{hh}{mm}.csv", "30 6 * * *", berlin, "c_0610.csv", "2026-11-21 06:20", "2026-11-21 06:30", false),
        ] {
            let (schedule, file) = (Schedule::parse(cron, zone).unwrap(), file(name, at(zone, came)));
            let found = meant(&contract(pattern), &schedule, &[&file]).remove(0).unwrap();
            let expected = Meant { due_ms: at(zone, due), by_name };
            let said = local(found.due_ms, zone);
            assert_eq!(found, expected, "{pattern} {cron} {zone}: {name} of {came} counts for {said:?}");
        }
    }

    #[test]
    fn an_upstream_that_dates_its_files_by_the_day_before_is_seen_from_them() {
        let zone = Tz::Europe__Berlin;
        let daily = Schedule::parse("30 6 * * *", zone).unwrap();
        let counts_for = |files: &[(&str, &str)]| {
            let files: Vec<FoundFile> = files.iter().map(|(name, came)| file(name, at(zone, came))).collect();
            let all = meant(&contract("c_{YYYY}-{MM}-{DD}.csv"), &daily, &files.iter().collect::<Vec<_>>());
            local(all.last().unwrap().unwrap().due_ms, zone).unwrap().format("%-d").to_string()
        };
        let (a, b) = (("c_2026-11-18.csv", "2026-11-19 06:20"), ("c_2026-11-19.csv", "2026-11-20 06:20"));
        let last = ("c_2026-11-20.csv", "2026-11-21 06:20");
        assert_eq!(counts_for(&[last]), "20", "one may be a straggler");
        assert_eq!(counts_for(&[a, b, last]), "21");
        // One straggler among punctual ones says nothing.
        let punctual = [("c_2026-11-18.csv", "2026-11-18 06:20"), ("c_2026-11-19.csv", "2026-11-19 06:20")];
        assert_eq!(counts_for(&[punctual[0], punctual[1], last]), "20");
        // Many that are found at once say nothing either.
        let at_once = ["c_2026-11-17.csv", "c_2026-11-18.csv", "c_2026-11-19.csv", "c_2026-11-20.csv"];
        assert_eq!(counts_for(&at_once.map(|name| (name, "2026-11-21 06:20"))), "20");
    }
}
