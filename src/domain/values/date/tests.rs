use super::*;
use proptest::prelude::*;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

fn read(text: &str) -> Option<NaiveDate> {
    read_date(text, DateOrder::MonthFirst).ok().map(|reading| reading.value)
}

fn guidance_of(text: &str, order: DateOrder) -> String {
    let problem = read_date(text, order).unwrap_err();
    assert_eq!(problem.code, Code::DateUnreadable);
    problem.guidance
}

#[test]
fn every_listed_form_is_read() {
    // R300–R326 in their order, padded and not.
    let forms = [
        "2024-09-08",
        "2024-9-8",
        "2024/09/08",
        "2024/9/8",
        "2024.09.08",
        "2024.9.8",
        "09.08.2024",
        "9.8.2024",
        "09/08/2024",
        "9/8/2024",
        "09-08-2024",
        "9-8-2024",
        "08 Sep 2024",
        "8 Sep 2024",
        "Sep 08 2024",
        "Sep 8 2024",
        "2024 Sep 08",
        "2024 Sep 8",
        "08-Sep-2024",
        "8-Sep-2024",
        "Sep-08-2024",
        "Sep-8-2024",
        "2024-Sep-08",
        "2024-Sep-8",
        "08 Sep, 2024",
        "8 Sep, 2024",
        "Sep 08, 2024",
        "Sep 8, 2024",
        "08th Sep 2024",
        "8th Sep 2024",
        "Sep 08th 2024",
        "Sep 8th 2024",
        "08th Sep, 2024",
        "8th Sep, 2024",
        "Sep 08th, 2024",
        "Sep 8th, 2024",
        "08 September 2024",
        "8 September 2024",
        "September 08 2024",
        "September 8 2024",
        "2024 September 08",
        "2024 September 8",
        "September 08, 2024",
        "September 8, 2024",
        "08 September, 2024",
        "8 September, 2024",
    ];
    for text in forms {
        assert_eq!(read(text), Some(day(2024, 9, 8)), "{text}");
    }
    // R224–R227.
    for text in ["10/28/2020", "2020/10/28", "10-28-2020", "2020-10-28"] {
        assert_eq!(read(text), Some(day(2020, 10, 28)), "{text}");
    }
}

#[test]
fn letter_case_spaces_and_sept_do_not_matter() {
    for text in [
        "8 SEP 2024",
        "8 sep 2024",
        "8  Sep   2024",
        "8\u{A0}Sep\t2024",
        "8 Sept 2024",
        "Sept 8, 2024",
        "8TH sEpT 2024",
        "8-Sept-2024",
        "SEPTEMBER 8,  2024",
    ] {
        assert_eq!(read(text), Some(day(2024, 9, 8)), "{text}");
    }
}

#[test]
fn what_is_not_listed_is_not_read() {
    for text in [
        "",
        " ",
        "x",
        "2024",
        "2024-09",
        "24-09-08",
        "9/8/24",
        "2024-09/08",
        "09/08-2024",
        "2024-009-08",
        "02024-09-08",
        "2024-09-08x",
        "20240908",
        "45543",
        "1725753600",
        "2024 09 08",
        "9 8 2024",
        "Sep 2024",
        "8 Sep",
        "8 Sep. 2024",
        "8. September 2024",
        "8-September-2024",
        "September-8-2024",
        "2024-September-8",
        "8/Sep/2024",
        "8.Sep.2024",
        "8th September 2024",
        "September 8th, 2024",
        "2024 Sep 8th",
        "2024 Sep, 8",
        "8Sep2024",
        "8 Sep,2024",
        "8 Sep , 2024",
        "8 th Sep 2024",
        "8thSep 2024",
        "8 Septem 2024",
        "8 Okt 2024",
        "Sunday, 8 Sep 2024",
        "8 of Sep 2024",
        "-2024-09-08",
        "2024--09-08",
        "٢٠٢٤-٠٩-٠٨",
        "Sep-8th-2024",
        "8th-Sep-2024",
        "Se 8 2024",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn ordinals_take_their_own_ending_only() {
    for number in 1..=31 {
        let right = shape::ordinal_ending(number);
        for ending in ["st", "nd", "rd", "th"] {
            let text = format!("{number}{ending} Jan 2024");
            assert_eq!(read(&text).is_some(), ending == right, "{text}");
        }
    }
    for text in ["1st Jan 2024", "22nd Jan 2024", "3rd Jan 2024", "11th Jan 2024", "01st Jan 2024"] {
        assert!(read(text).is_some(), "{text}");
    }
}

#[test]
fn only_days_of_the_calendar_are_read() {
    for text in ["2024-02-30", "2023-02-29", "2024-04-31", "2024-13-01", "2024-00-01", "2024-01-00", "31 Apr 2024"] {
        assert_eq!(read(text), None, "{text}");
    }
    assert_eq!(read("2024-02-29"), Some(day(2024, 2, 29)));
    assert_eq!(read("1900-01-01"), Some(day(1900, 1, 1)));
    assert_eq!(read("2100-12-31"), Some(day(2100, 12, 31)));
    for text in ["1899-12-31", "2101-01-01", "0000-01-01", "9999-12-31"] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn numeric_dates_with_the_year_last_follow_the_order_of_the_column() {
    // R327.
    assert_eq!(read("28/10/2020"), None);
    for text in ["28/10/2020", "28-10-2020", "28.10.2020"] {
        assert_eq!(read_date(text, DateOrder::DayFirst).map(|r| r.value), Ok(day(2020, 10, 28)), "{text}");
    }
    assert!(read_date("10/28/2020", DateOrder::DayFirst).is_err());
    assert_eq!(read_date("9/8/2024", DateOrder::DayFirst).map(|r| r.value), Ok(day(2024, 8, 9)));
    assert_eq!(read_date("2024/9/8", DateOrder::DayFirst).map(|r| r.value), Ok(day(2024, 9, 8)));
}

#[test]
fn a_column_learns_its_order_from_what_its_values_allow() {
    use OrderEvidence::*;
    for (text, want) in [
        ("28/10/2020", Some(OnlyDayFirst)),
        ("10/28/2020", Some(OnlyMonthFirst)),
        ("9.8.2024", Some(Either)),
        ("8-8-2024", Some(Either)),
        ("28/10/2020 14:30", Some(OnlyDayFirst)),
        ("31/31/2020", None),
        ("30/02/2020", None),
        ("28/10/20", None),
        ("2020-10-28", None),
        ("28 Oct 2020", None),
        ("28/10/2020 noon", None),
        ("", None),
    ] {
        assert_eq!(order_evidence(text), want, "{text}");
    }
}

#[test]
fn a_time_behind_a_date_is_read_and_does_not_move_the_day() {
    for time in [
        "T23:59:59Z",
        "T23:59:59.999Z",
        "T23:59:59,5+14:00",
        " 23:59",
        " 23:59:59",
        " 11:59 PM",
        " 11:59:59 pm",
        " 11:59PM",
        "  9:05",
        " 23:59:59 -0500",
        " 23:59 UTC",
        "T23:59:59-05",
        ", 11:59:00 PM",
        " 12:00 AM",
        "t10:15z",
        " 10:15\u{202F}AM",
        "T24:00:00",
        " 23:59:60",
        " 23:59:59.123456789123 +02:00",
        "T23:59\u{2212}05:00",
    ] {
        for date in ["2024-09-08", "9/8/2024", "Sep 8, 2024", "8 September 2024", "8-Sep-2024"] {
            let text = format!("{date}{time}");
            assert_eq!(read(&text), Some(day(2024, 9, 8)), "{text}");
        }
    }
    for time in [
        "T",
        " T10:15",
        " 25:00",
        " 10:60",
        " 10:15:61",
        " 13:00 PM",
        " 0:30 AM",
        " 10",
        "T10",
        " 10:5",
        " noon",
        "T10:15+",
        "T10:15+25:00",
        "T10:15+2",
        "T10:15 CEST",
        "10:15",
        " 10:15.5",
        "T10:15:00.",
        " 24:01",
        "-10:15",
        " 10:15:60",
    ] {
        let text = format!("2024-09-08{time}");
        assert_eq!(read(&text), None, "{text}");
    }
}

fn moment_of(text: &str, zone: Tz) -> String {
    match read_moment(text, DateOrder::MonthFirst, zone).map(|reading| reading.value) {
        Ok(Moment::Day(date)) => date.to_string(),
        Ok(Moment::At(at)) => at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        Err(problem) => problem.guidance,
    }
}

#[test]
fn moments_are_kept_in_utc_and_days_stay_days() {
    use chrono_tz::{America::New_York, Asia::Kolkata, UTC};
    for (text, zone, want) in [
        ("2024-09-08", New_York, "2024-09-08"),
        ("2024-09-08T10:15:00Z", New_York, "2024-09-08T10:15:00Z"),
        ("2024-09-08 10:15", New_York, "2024-09-08T14:15:00Z"),
        ("2024-01-08 10:15 PM", New_York, "2024-01-09T03:15:00Z"),
        ("2024-09-08 12:00 AM", UTC, "2024-09-08T00:00:00Z"),
        ("2024-09-08 12:00 PM", UTC, "2024-09-08T12:00:00Z"),
        ("2024-09-08T01:00:00+05:30", New_York, "2024-09-07T19:30:00Z"),
        ("2024-09-08T01:00:00", Kolkata, "2024-09-07T19:30:00Z"),
        ("2024-09-08T10:15:00.250+0000", UTC, "2024-09-08T10:15:00.250Z"),
        ("2024-12-31T24:00:00Z", UTC, "2025-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60Z", UTC, "2017-01-01T00:00:00Z"),
    ] {
        assert_eq!(moment_of(text, zone), want, "{text} in {zone}");
    }
}

#[test]
fn local_times_around_clock_changes_have_one_meaning() {
    use chrono_tz::{America::New_York, Pacific::Apia};
    // Left out on 10 March 2024: 02:30 EST is 03:30 EDT.
    assert_eq!(moment_of("2024-03-10 02:30", New_York), "2024-03-10T07:30:00Z");
    // Twice on 3 November 2024: the first is EDT.
    assert_eq!(moment_of("2024-11-03 01:30", New_York), "2024-11-03T05:30:00Z");
    // A whole day left out.
    assert_eq!(moment_of("2011-12-30 12:00", Apia), "2011-12-30T22:00:00Z");
}

#[test]
fn guidance_names_the_likely_date() {
    for (text, order, parts) in [
        ("28/10/2020", DateOrder::MonthFirst, ["only fits day-first", "set the column to day-first", "2020-10-28"]),
        ("10/28/2020", DateOrder::DayFirst, ["only fits month-first", "2020-10-28", "28/09/2024 (day first)"]),
        ("2024-02-30", DateOrder::MonthFirst, ["February 2024 has 29 days", "no day 30", "2024-09-28"]),
        ("2024-13-01", DateOrder::MonthFirst, ["no month between 1 and 12", "2024-13-01", "Sep 28, 2024"]),
        ("1850-01-01", DateOrder::MonthFirst, ["1850", "1900", "2100"]),
        ("9/8/24", DateOrder::MonthFirst, ["the year needs four digits", "9/8/24", "28 Sep 2024"]),
        ("20240908", DateOrder::MonthFirst, ["without its marks", "write 2024-09-08", "28 September 2024"]),
        ("45543", DateOrder::MonthFirst, ["spreadsheet", "2024-09-08", "28-Sep-2024"]),
        ("1725753600", DateOrder::MonthFirst, ["seconds since 1970", "2024-09-08", "28th Sep 2024"]),
        ("1th Sep 2024", DateOrder::MonthFirst, ["1th is no ordinal", "1st is", "2024-09-01"]),
        ("Sunday, 8 Sep 2024", DateOrder::MonthFirst, ["day of the week", "2024-09-08", "dates are read as"]),
        (
            "8. September 2024",
            DateOrder::MonthFirst,
            ["probably means 2024-09-08", "8. September 2024", "(month first)"],
        ),
        ("September 8th, 2024", DateOrder::MonthFirst, ["probably means 2024-09-08", "September 8th", "28 Sep 2024"]),
        ("8. März 2024", DateOrder::MonthFirst, ["probably means 2024-03-08", "März", "28 Sep 2024"]),
        ("2024-09-08 noon", DateOrder::MonthFirst, ["2024-09-08 is read", "\"noon\" is no time", "28 Sep 2024"]),
        ("next week", DateOrder::MonthFirst, ["none of the accepted forms", "next week", "28 Sep 2024"]),
    ] {
        let guidance = guidance_of(text, order);
        for part in parts {
            assert!(guidance.contains(part), "{text}: {guidance} lacks {part}");
        }
    }
}

fn listed_shapes(date: NaiveDate) -> Vec<String> {
    let ordinal = format!("{}{}", date.format("%-d"), shape::ordinal_ending(chrono::Datelike::day(&date)));
    let padded = format!("{}{}", date.format("%d"), shape::ordinal_ending(chrono::Datelike::day(&date)));
    let plain = [
        "%Y-%m-%d",
        "%Y-%-m-%-d",
        "%Y/%m/%d",
        "%Y/%-m/%-d",
        "%Y.%m.%d",
        "%Y.%-m.%-d",
        "%m/%d/%Y",
        "%-m/%-d/%Y",
        "%m-%d-%Y",
        "%m.%d.%Y",
        "%d %b %Y",
        "%-d %b %Y",
        "%b %d %Y",
        "%Y %b %-d",
        "%d-%b-%Y",
        "%b-%d-%Y",
        "%Y-%b-%d",
        "%d %b, %Y",
        "%b %-d, %Y",
        "%d %B %Y",
        "%B %-d %Y",
        "%Y %B %d",
        "%B %d, %Y",
        "%-d %B, %Y",
    ];
    let mut shapes: Vec<String> = plain.iter().map(|format| date.format(format).to_string()).collect();
    for day in [ordinal, padded] {
        let (month, year) = (date.format("%b"), date.format("%Y"));
        shapes.extend([
            format!("{day} {month} {year}"),
            format!("{month} {day} {year}"),
            format!("{day} {month}, {year}"),
            format!("{month} {day}, {year}"),
        ]);
    }
    shapes
}

#[test]
fn a_day_is_written_as_its_display_writes_it() {
    let days = (0..80_000).map(|days| day(1890, 1, 1) + Days::new(days));
    for date in days.chain([day(0, 1, 1), day(9999, 12, 31), day(10_000, 1, 1), day(-1, 1, 1), NaiveDate::MIN]) {
        assert_eq!(day_text(date), date.to_string());
    }
}

proptest! {
    #[test]
    fn a_date_written_in_any_listed_shape_reads_back(days in 0u64..73_414) {
        let date = day(1900, 1, 1) + Days::new(days);
        for text in listed_shapes(date) {
            prop_assert_eq!(read(&text), Some(date), "{}", text);
            prop_assert_eq!(read(&text.to_uppercase()), Some(date), "{}", text);
            prop_assert_eq!(read(&format!("{text} 23:59 -0800")), Some(date), "{}", text);
        }
        prop_assert_eq!(
            read_date(&date.format("%d/%m/%Y").to_string(), DateOrder::DayFirst).map(|r| r.value),
            Ok(date)
        );
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
            let _ = read_date(&text, order);
            let _ = read_moment(&text, order, chrono_tz::America::New_York);
        }
        let _ = order_evidence(&text);
    }

    #[test]
    fn no_text_that_resembles_a_date_panics(text in "[0-9]{0,14}[-/. ,T:]?([A-Za-zéä]{0,9}|[0-9]{0,5})[-/. ,tT:+]{0,2}[0-9a-z:.+−-]{0,14}") {
        for order in [DateOrder::MonthFirst, DateOrder::DayFirst] {
            let _ = read_date(&text, order);
            let _ = read_moment(&text, order, chrono_tz::Pacific::Apia);
        }
        let _ = order_evidence(&text);
    }

    #[test]
    fn a_moment_read_again_is_the_same(seconds in -2_200_000_000i64..4_133_980_800) {
        let at = DateTime::from_timestamp(seconds, 0).unwrap();
        let text = at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
        let again = read_moment(&text, DateOrder::MonthFirst, chrono_tz::America::New_York).map(|r| r.value);
        prop_assert_eq!(again, Ok(Moment::At(at)));
    }
}
