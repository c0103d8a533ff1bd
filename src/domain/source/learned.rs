//! What is normal for a source's deliveries, learned from past ones, and how one departs from it. A departure is a
//! warning: it stops nothing.

use crate::domain::wording::{count, counted};
use chrono::{DateTime, Timelike};
use chrono_tz::Tz;

/// So many past deliveries say what is normal, at most and at least.
pub const MOST_PAST: usize = 20;
const LEAST: usize = 5;
const DAY: i64 = 24 * 60;

/// One past delivery, or the one that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastDelivery {
    /// When it was first seen (ms since 1970, UTC).
    pub arrived_ms: i64,
    pub bytes: u64,
    /// Records; none where they were not counted.
    pub rows: Option<u64>,
}

/// The middle of what came, and how far from it is still usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    pub middle: u64,
    pub spread: u64,
}

/// What is normal for a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Normal {
    /// How many deliveries it was learned from.
    pub from: usize,
    pub bytes: Usual,
    /// Where the records of enough of them were counted.
    pub rows: Option<Usual>,
    /// Minutes since midnight on the clocks of `timezone`, and how many around it are usual.
    pub minute: Usual,
    pub timezone: Tz,
}

impl Normal {
    /// Learned from the newest of these (oldest first); nothing from too few.
    pub fn of(past: &[PastDelivery], timezone: Tz) -> Option<Normal> {
        let past = &past[past.len().saturating_sub(MOST_PAST)..];
        if past.len() < LEAST {
            return None;
        }
        let size = |values: Vec<u64>| {
            let middle = median(&values);
            let off = median(&values.iter().map(|value| value.abs_diff(middle)).collect::<Vec<_>>());
            // Four times what a normal distribution has as its deviation, and never less than a quarter.
            Usual { middle, spread: off.saturating_mul(6).max(middle / 4) }
        };
        let rows: Vec<u64> = past.iter().filter_map(|delivery| delivery.rows).collect();
        let minutes: Vec<i64> = past.iter().filter_map(|delivery| minute_of(delivery.arrived_ms, timezone)).collect();
        // A day is a circle: the middle is the time that is nearest to all the others.
        let far = |from: i64| minutes.iter().map(|to| apart(from, *to)).sum::<i64>();
        let middle = minutes.iter().copied().min_by_key(|minute| far(*minute))?;
        let off: Vec<u64> = minutes.iter().map(|minute| apart(middle, *minute).unsigned_abs()).collect();
        let minute = Usual { middle: middle.unsigned_abs(), spread: median(&off).saturating_mul(6).max(30) };
        Some(Normal {
            from: past.len(),
            bytes: size(past.iter().map(|delivery| delivery.bytes).collect()),
            rows: (rows.len() >= LEAST).then(|| size(rows)),
            minute,
            timezone,
        })
    }

    /// How a delivery departs from what is normal: sentences with both numbers.
    pub fn departures(&self, delivery: &PastDelivery) -> Vec<String> {
        let mut all = Vec::new();
        let size = match (self.rows, delivery.rows) {
            (Some(usual), Some(rows)) => (usual, rows, ("record", "records")),
            _ => (self.bytes, delivery.bytes, ("byte", "bytes")),
        };
        let (usual, found, (one, many)) = size;
        if found.abs_diff(usual.middle) > usual.spread {
            let than = if found < usual.middle { "fewer" } else { "more" };
            let (found, middle, from) = (counted(found, one, many), count(usual.middle), self.from);
            all.push(format!("It has {found}, far {than} than the usual {middle} (the last {from} deliveries)."));
        }
        if let Some(minute) = minute_of(delivery.arrived_ms, self.timezone) {
            let middle = i64::try_from(self.minute.middle).unwrap_or(0);
            if apart(minute, middle).unsigned_abs() > self.minute.spread {
                let clock = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
                let (at, usual, timezone) = (clock(minute), clock(middle), self.timezone);
                all.push(format!("It came at {at}, and they usually come around {usual} ({timezone})."));
            }
        }
        all
    }
}

/// Whether a delivery has the number of records that the contract says (both ends included): a sentence if not.
pub fn outside_of_rows(agreed: Option<(u64, u64)>, rows: u64) -> Option<String> {
    let (least, most) = agreed?;
    (!(least..=most).contains(&rows)).then(|| {
        let (rows, least, most) = (counted(rows, "record", "records"), count(least), count(most));
        format!("It has {rows}, and {least} to {most} were agreed. Ask whoever delivers whether that is all.")
    })
}

fn minute_of(at_ms: i64, timezone: Tz) -> Option<i64> {
    let at = DateTime::from_timestamp_millis(at_ms)?.with_timezone(&timezone);
    Some(i64::from(at.hour() * 60 + at.minute()))
}

/// Minutes between two times of day, the shorter way round.
fn apart(one: i64, other: i64) -> i64 {
    let apart = (one - other).abs();
    apart.min(DAY - apart)
}

fn median(values: &[u64]) -> u64 {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn delivery(day: i64, minute: i64, rows: u64) -> PastDelivery {
        PastDelivery { arrived_ms: (day * DAY + minute) * MINUTE, bytes: rows * 80, rows: Some(rows) }
    }

    #[test]
    fn what_departs_from_the_past_is_said_with_numbers() {
        // Around midnight, and once far off, which changes nothing.
        let mut past: Vec<PastDelivery> =
            (0..12).map(|day| delivery(day, [1_435, 5, 0, 1_438][day as usize % 4], 1_000 + day as u64)).collect();
        past.push(delivery(12, 700, 3));
        let normal = Normal::of(&past, Tz::UTC).unwrap();
        for (minute, rows, says) in [
            (2, 1_005, &[][..]),
            (1_420, 1_200, &[]),
            (2, 400, &["400 records, far fewer than the usual 1,005"]),
            (2, 9_000, &["far more"]),
            (360, 1_000, &["It came at 06:00, and they usually come around"]),
            (360, 0, &["It has 0 records", "06:00"]),
        ] {
            let found = normal.departures(&delivery(14, minute, rows));
            assert_eq!(found.len(), says.len(), "{minute} {rows} {found:?}");
            assert!(found.iter().zip(says).all(|(found, says)| found.contains(says)), "{found:?}");
        }
        let bytes = PastDelivery { rows: None, bytes: 10, ..delivery(14, 2, 0) };
        assert!(normal.departures(&bytes)[0].contains("10 bytes"));
        assert_eq!(Normal::of(&past[..4], Tz::UTC), None);
    }

    #[test]
    fn the_agreed_number_of_records_includes_both_ends() {
        assert_eq!(outside_of_rows(None, 5), None);
        assert_eq!(outside_of_rows(Some((5, 10)), 5), None);
        assert_eq!(outside_of_rows(Some((5, 10)), 10), None);
        assert!(outside_of_rows(Some((5, 10)), 11).unwrap().contains("11 records, and 5 to 10"));
    }
}
