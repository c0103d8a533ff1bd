use super::*;
use proptest::prelude::*;

fn zone(text: &str) -> Option<&'static str> {
    read_timezone(text).ok().map(|reading| reading.value)
}

#[test]
fn iana_names_are_read_in_any_case_and_kept() {
    for (text, want) in [
        ("America/New_York", "America/New_York"),
        ("america/new_york", "America/New_York"),
        ("EUROPE/PARIS", "Europe/Paris"),
        ("America/New York", "America/New_York"),
        ("america_slash_new_york", "America/New_York"),
        ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("US/Eastern", "US/Eastern"),
        ("Asia/Calcutta", "Asia/Calcutta"),
        ("UTC", "UTC"),
        ("utc", "UTC"),
        ("Etc/GMT+5", "Etc/GMT+5"),
        ("EST5EDT", "EST5EDT"),
    ] {
        assert_eq!(zone(text), Some(want), "{text}");
    }
}

#[test]
fn labels_of_other_systems_mean_their_zone() {
    for (text, want) in [
        ("(GMT-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("(GMT-04:00) Eastern Time (US &amp; Canada)", "America/New_York"),
        ("(UTC-05:00) Eastern Time (US and Canada)", "America/New_York"),
        ("Eastern Time (US & Canada)", "America/New_York"),
        ("UTC -05:00 Eastern Time (US & Canada)", "America/New_York"),
        ("Eastern Time (US & Canada) (GMT-05:00)", "America/New_York"),
        ("eastern standard time", "America/New_York"),
        ("Eastern Time", "America/New_York"),
        ("US/Pacific", "US/Pacific"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("(GMT-05:00) Eastern Standard Time (America/Panama)", "America/Panama"),
        ("(GMT+01:00) Central European Standard Time (Europe/Berlin)", "Europe/Berlin"),
        ("GMT-05:00 America/New_York (EST)", "America/New_York"),
        ("America/New_York (EST)", "America/New_York"),
        ("Europe/Berlin (GMT+1)", "Europe/Berlin"),
        ("(GMT -5:00) Eastern Time (US & Canada), Bogota, Lima", "America/New_York"),
        ("(GMT +1:00 hour) Brussels, Copenhagen, Madrid, Paris", "Europe/Paris"),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Berlin"),
        ("(UTC-07:00) La Paz, Mazatlan", "America/Mazatlan"),
        ("(GMT) Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London", "Europe/London"),
        ("(GMT) Western Europe Time, London, Lisbon, Casablanca", "Europe/London"),
        ("(GMT+00:00) London", "Europe/London"),
        ("(GMT+01:00) Bern", "Europe/Zurich"),
        ("(GMT+01:00) Oslo", "Europe/Oslo"),
        ("(GMT-03:00) Brasília", "America/Sao_Paulo"),
        ("(GMT+05:30) Mumbai", "Asia/Kolkata"),
        ("(GMT+13:00) Nuku'alofa", "Pacific/Tongatapu"),
        ("(GMT+03:00) St. Petersburg", "Europe/Moscow"),
        ("(GMT-11:00) International Date Line West", "Pacific/Midway"),
        ("(GMT-12:00) International Date Line West", "Etc/GMT+12"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("GMT Standard Time", "Europe/London"),
        ("Ulaan Bataar", "Asia/Ulaanbaatar"),
    ] {
        assert_eq!(zone(text), Some(want), "{text}");
    }
}

#[test]
fn offsets_alone_are_zones_of_that_offset() {
    for (text, want) in [
        ("GMT+1", "Etc/GMT-1"),
        ("UTC+01:00", "Etc/GMT-1"),
        ("gmt-5", "Etc/GMT+5"),
        ("UTC \u{2212}05:00", "Etc/GMT+5"),
        ("(GMT-05:00)", "Etc/GMT+5"),
        ("+02:00", "Etc/GMT-2"),
        ("-0800", "Etc/GMT+8"),
        ("UTC+14", "Etc/GMT-14"),
        ("GMT-12", "Etc/GMT+12"),
        ("(UTC)", "Etc/UTC"),
        ("UTC+00:00", "Etc/UTC"),
        ("UTC±00:00", "Etc/UTC"),
        ("GMT+0", "GMT+0"),
        ("GMT+5:30", "Asia/Kolkata"),
        ("UTC+05:45", "Asia/Kathmandu"),
        ("UTC-09:30", "Pacific/Marquesas"),
    ] {
        assert_eq!(zone(text), Some(want), "{text}");
    }
}

#[test]
fn every_fixed_zone_is_at_its_offset_all_year() {
    for minutes in -14 * 60..=14 * 60 {
        let Some(zone) = fixed(minutes).map(|name| name.parse::<Tz>().unwrap()) else { continue };
        for day in 1..=365 {
            let noon = NaiveDate::from_yo_opt(2025, day).unwrap().and_hms_opt(12, 0, 0).unwrap();
            assert_eq!(zone.offset_from_utc_datetime(&noon).fix().local_minus_utc(), minutes * 60, "{zone}");
        }
    }
    assert_eq!((-12..=14).filter(|hours| fixed(hours * 60).is_some()).count(), 27);
}

#[test]
fn every_line_of_the_table_is_used() {
    let mut seen = HashMap::new();
    for line in include_str!("../../../../assets/timezones.tsv").lines().filter(|line| !line.starts_with('#')) {
        let (label, name) = line.split_once('\t').unwrap_or_else(|| panic!("{line} has no tab"));
        assert!(name.parse::<Tz>().is_ok(), "{line}");
        assert_eq!(seen.insert(words_folded(label), line), None, "{line} is there twice");
        assert!(read_timezone(label).is_ok(), "{line}");
    }
}

#[test]
fn unknown_zones_come_with_the_nearest_names() {
    for (text, part) in [
        ("America/NewYork", "did you mean America/New_York?"),
        ("Europe/Berlim", "did you mean Europe/Berlin?"),
        ("(GMT+01:00) Berlim", "did you mean Europe/Berlin?"),
        ("PST", "is an abbreviation"),
        ("UTC+10:30", "no zone is at UTC+10:30 all year"),
        ("UTC-03:30", "no zone is at UTC-03:30 all year"),
        ("GMT+25", "no time zone"),
        ("somewhere", "use an IANA name"),
        ("(GMT+01:00) Nowhere in particular", "use an IANA name"),
        ("(GMT+09:00) Nowhere, Paris", "use an IANA name"),
        ("5", "use an IANA name"),
        ("West", "use an IANA name"),
    ] {
        let problem = read_timezone(text).unwrap_err();
        assert_eq!(problem.code, Code::TimezoneUnknown);
        assert!(problem.guidance.contains(part), "{text}: {}", problem.guidance);
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in any::<String>(), offset in "\\(?(GMT|UTC)?[ +−±-]{0,2}[0-9:.é]{0,6}\\)?[A-Za-z ,()]{0,8}") {
        let _ = read_timezone(&text);
        let _ = read_timezone(&offset);
    }
}

#[test]
fn what_was_read_reads_again_as_itself() {
    for name in TZ_VARIANTS.iter().map(|zone| zone.name()) {
        assert_eq!(zone(name), Some(name));
        assert_eq!(zone(&name.to_lowercase()), Some(name));
    }
}
