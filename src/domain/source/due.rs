//! What a worker does about a schedule's due times (R105): run the newest, list those before it as missed, and wake again
//! when something is due. Every due time is run, or covered by exactly one catch-up.

use super::Source;
use super::pickup::Missed;
use super::schedule::Schedule;

/// Who sees to it that what is due is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keeper {
    /// No worker is here, and the last one that was here had come to stay.
    #[default]
    Nobody,
    /// None is here, and the last one came by to do what was due then, as cron has it come.
    ComesBy,
    /// A worker is here, and stays.
    Stays,
}

/// So many missed due times are listed one by one; those before them as a span.
pub const MOST_LISTED: usize = 1_000;

/// The due times that have come since those dealt with before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueNow {
    /// The newest due time (ms since 1970, UTC): it is run, and with it everything before is dealt with.
    pub run: Option<i64>,
    /// Those before it, which had no run of their own and are covered by this one, oldest first: the newest
    /// [`MOST_LISTED`] of them.
    pub missed: Vec<i64>,
    /// Those before the listed ones, where a worker was off for that long.
    pub missed_before: Option<DueSpan>,
}

/// All due times of a schedule from `first_ms` to `last_ms`, both included (ms since 1970, UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueSpan {
    pub first_ms: i64,
    pub last_ms: i64,
    pub count: u64,
}

impl DueNow {
    /// What is due at `now_ms` of a schedule of which everything up to and including `dealt_with_ms` was dealt with
    /// before (ms since 1970, UTC). A clock that was put back makes nothing due twice.
    pub fn of(schedule: &Schedule, dealt_with_ms: i64, now_ms: i64) -> DueNow {
        let mut listed = std::collections::VecDeque::new();
        let mut before: Option<DueSpan> = None;
        for at in schedule.due_between(dealt_with_ms, now_ms) {
            listed.push_back(at);
            // One more, which is run.
            if listed.len() > MOST_LISTED + 1
                && let Some(oldest) = listed.pop_front()
            {
                let span = before.get_or_insert(DueSpan { first_ms: oldest, last_ms: oldest, count: 0 });
                span.last_ms = oldest;
                span.count += 1;
            }
        }
        let run = listed.pop_back();
        DueNow { run, missed: listed.into(), missed_before: before }
    }

    /// How many due times the run covers besides its own.
    pub fn missed_count(&self) -> u64 {
        self.missed.len() as u64 + self.missed_before.map_or(0, |span| span.count)
    }
}

impl Source {
    /// Why nobody looked when its schedule was due at `at_ms` (ms since 1970, UTC).
    pub fn why_missed(&self, at_ms: i64) -> Missed {
        let paused_ms = self.paused.as_ref().map(|paused| paused.at_ms.unwrap_or(i64::MIN));
        let blocked_ms = self.blocked.as_ref().map(|blocked| blocked.at_ms);
        match (paused_ms, blocked_ms) {
            (Some(since), _) if at_ms >= since => Missed::Paused,
            (_, Some(since)) if at_ms >= since => Missed::Blocked,
            _ => Missed::Away,
        }
    }
}

/// When to wake for a schedule of which everything up to and including `dealt_with_ms` was dealt with: the first due
/// time after it, which is in the past where something is due already (ms since 1970, UTC).
pub fn next_wake(schedule: &Schedule, dealt_with_ms: i64) -> Option<i64> {
    schedule.next_after(dealt_with_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;
    use proptest::prelude::*;

    /// 2026-01-01 00:00 UTC.
    const START: i64 = 1_767_225_600_000;
    const HOUR: i64 = 3_600_000;
    const TWO_YEARS: i64 = 2 * 365 * 24 * HOUR;

    fn hourly() -> Schedule {
        Schedule::parse("0 * * * *", Tz::UTC).unwrap()
    }

    #[test]
    fn the_newest_due_time_is_run_and_those_before_it_are_missed() {
        let due = |dealt_with, now| DueNow::of(&hourly(), START + dealt_with, START + now);
        assert_eq!(due(0, HOUR - 1), DueNow::default());
        assert_eq!(due(0, HOUR), DueNow { run: Some(START + HOUR), ..DueNow::default() });
        let three = due(0, 3 * HOUR + 5);
        assert_eq!((three.run, three.missed), (Some(START + 3 * HOUR), vec![START + HOUR, START + 2 * HOUR]));
        assert_eq!(due(HOUR, -HOUR), DueNow::default(), "a clock that was put back");
        assert_eq!(next_wake(&hourly(), START), Some(START + HOUR));
    }

    #[test]
    fn what_a_worker_missed_in_years_is_a_span_and_the_newest() {
        let minutes = Schedule::parse("* * * * *", Tz::UTC).unwrap();
        let due = DueNow::of(&minutes, START, START + 365 * 24 * HOUR);
        assert_eq!(due.missed.len(), MOST_LISTED);
        assert_eq!(due.missed_count() + 1, 365 * 24 * 60);
        let span = due.missed_before.unwrap();
        assert_eq!((span.first_ms, minutes.next_after(span.last_ms)), (START + 60_000, due.missed.first().copied()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn a_worker_that_is_off_at_random_loses_no_due_time_and_runs_none_twice(
            // On for so long, then off (minutes), over and over.
            times in prop::collection::vec((0i64..30_000, 0i64..60_000), 1..40),
            cron in prop::sample::select(vec!["0 * * * *", "30 2 * * *", "*/15 * * * *", "0 2,3 * * 0", "15 6 * * 1-5"]),
            zone in prop::sample::select(vec![Tz::Europe__Berlin, Tz::America__New_York, Tz::Australia__Lord_Howe]),
        ) {
            let schedule = Schedule::parse(cron, zone).unwrap();
            let (mut now, mut dealt_with, mut run, mut covered) = (START, START, Vec::new(), Vec::new());
            let mut look = |now: i64, dealt_with: &mut i64| {
                let due = DueNow::of(&schedule, *dealt_with, now);
                if let Some(at) = due.run {
                    if let Some(span) = due.missed_before {
                        covered.extend(schedule.due_between(span.first_ms - 1, span.last_ms));
                    }
                    covered.extend(due.missed);
                    run.push(at);
                    *dealt_with = at;
                }
            };
            for (on, off) in times.into_iter().cycle() {
                let until = now + on * 60_000;
                look(now, &mut dealt_with);
                while let Some(wake) = next_wake(&schedule, dealt_with).filter(|wake| *wake <= until) {
                    look(wake, &mut dealt_with);
                }
                now = until + (off + 1) * 60_000;
                if now > START + TWO_YEARS {
                    break;
                }
            }
            look(now, &mut dealt_with);
            let mut all = [run, covered].concat();
            all.sort_unstable();
            prop_assert_eq!(all, schedule.due_between(START, now).collect::<Vec<_>>());
        }
    }
}
