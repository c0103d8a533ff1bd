//! Numbers, sizes and times as people read them.

use chrono::{DateTime, Utc};

/// `48210` as `48,210`.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 row`, `2 rows`.
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Bytes in powers of 1,000, as the setting `max_file_mb` counts them.
pub fn bytes(number: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    match UNITS.iter().find(|(_, size)| number >= *size) {
        Some((unit, size)) => format!("{:.1} {unit}", number as f64 / *size as f64),
        None => counted(number, "byte", "bytes"),
    }
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

/// A moment as scripts get it: RFC 3339 in UTC.
pub fn rfc3339(at_ms: i64) -> String {
    moment(at_ms).to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// A moment as people get it: near ones by their distance, others by their date, in UTC.
pub fn when(at_ms: i64, now_ms: i64) -> String {
    let past = now_ms - at_ms;
    match past / 1000 {
        _ if past < 0 => moment(at_ms).format("%Y-%m-%d %H:%M UTC").to_string(),
        0..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", past / 60_000),
        3600..86_400 => format!("{} h ago", past / 3_600_000),
        _ => moment(at_ms).format("%Y-%m-%d %H:%M UTC").to_string(),
    }
}

fn moment(at_ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at_ms).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_sizes_and_times_read_well() {
        assert_eq!([0, 999, 1000, 48_210, 10_000_000].map(count), ["0", "999", "1,000", "48,210", "10,000,000"]);
        assert_eq!(
            [0, 1, 999, 1_500, 2_000_000, 3_200_000_000].map(bytes),
            ["0 bytes", "1 byte", "999 bytes", "1.5 kB", "2.0 MB", "3.2 GB"]
        );
        assert_eq!([0, 4_120, 125_000, 4_320_000].map(elapsed), ["0.0 s", "4.1 s", "2 m 05 s", "1 h 12 m"]);
        let now = 1_700_000_000_000;
        assert_eq!(rfc3339(now), "2023-11-14T22:13:20.000Z");
        assert_eq!(when(now - 5_000, now), "just now");
        assert_eq!(when(now - 720_000, now), "12 min ago");
        assert_eq!(when(now - 86_400_000, now), "2023-11-13 22:13 UTC");
        assert_eq!(when(now + 3_600_000, now), "2023-11-14 23:13 UTC");
    }
}
