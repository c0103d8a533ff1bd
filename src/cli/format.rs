//! Numbers, sizes and times as people read them.

pub use crate::app::time::elapsed;
pub use crate::ui::words::{bytes, count, counted};
use chrono::{DateTime, Utc};

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
    fn times_read_well() {
        assert_eq!([0, 4_120, 125_000, 4_320_000].map(elapsed), ["0.0 s", "4.1 s", "2 m 05 s", "1 h 12 m"]);
        let now = 1_700_000_000_000;
        assert_eq!(rfc3339(now), "2023-11-14T22:13:20.000Z");
        assert_eq!(when(now - 5_000, now), "just now");
        assert_eq!(when(now - 720_000, now), "12 min ago");
        assert_eq!(when(now - 86_400_000, now), "2023-11-13 22:13 UTC");
        assert_eq!(when(now + 3_600_000, now), "2023-11-14 23:13 UTC");
    }
}
