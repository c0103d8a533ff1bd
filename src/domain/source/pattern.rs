//! Patterns of file names: globs with parts of a date (R343).

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

/// No file system here has longer names (bytes).
const LONGEST: usize = 255;

/// A pattern such as `contacts_{YYYY}-{MM}-{DD}*.csv`: `*` stands for any characters, `?` for one, `[abc]` and `[a-z]`
/// for one of these, `[!abc]` for one that is none of these, `{YYYY}`, `{YY}`, `{MM}`, `{DD}`, `{hh}`, `{mm}`, `{ss}`
/// for the digits of a date. A character that means something here stands for itself in brackets: `[*]`, `[{]`. Letter
/// case counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamePattern {
    text: String,
    /// What stands before, between and behind the stars: without a star, one.
    segments: Vec<Vec<Piece>>,
}

/// What takes up a fixed number of characters of a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Piece {
    Letter(char),
    One,
    /// Ranges, both ends included.
    Of {
        ranges: Vec<(char, char)>,
        negated: bool,
    },
    Date(DatePart),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum DatePart {
    Year,
    ShortYear,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// The date that a name says, as far as its pattern has parts of one. It is a possible one: no 30 February.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct NameDate {
    /// Of two digits, one of 1970 to 2069.
    pub year: Option<i32>,
    pub month: Option<u32>,
    pub day: Option<u32>,
    pub hour: Option<u32>,
    pub minute: Option<u32>,
    pub second: Option<u32>,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no pattern of file names: {why}. Write it like contacts_{{YYYY}}-{{MM}}-{{DD}}*.csv")]
pub struct PatternError {
    pub text: String,
    pub why: String,
}

impl NamePattern {
    /// # Errors
    /// When it is empty or too long, names a directory, or has a bracket or a part of a date that is not one.
    pub fn parse(text: &str) -> Result<NamePattern, PatternError> {
        let segments = segments(text).map_err(|why| PatternError { text: text.to_owned(), why })?;
        Ok(NamePattern { text: text.to_owned(), segments })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether a name follows the pattern, and the date that it says. Where stars leave more than one reading, it is
    /// the leftmost. The time this takes grows with the length of the name times that of the pattern, whatever they are.
    pub fn matches(&self, name: &str) -> Option<NameDate> {
        let name: Vec<char> = name.chars().collect();
        let mut date = NameDate::default();
        let (first, rest) = self.segments.split_first()?;
        let mut at = read(first, &name, 0, &mut date)?;
        let Some((last, between)) = rest.split_last() else {
            return (at == name.len() && date.is_possible()).then_some(date);
        };
        for segment in between {
            at = (at..=name.len()).find_map(|start| read(segment, &name, start, &mut date))?;
        }
        let start = name.len().checked_sub(length(last)).filter(|start| *start >= at)?;
        read(last, &name, start, &mut date)?;
        date.is_possible().then_some(date)
    }

    /// A name that follows the pattern for this moment, on the clocks that the upstream's names go by.
    pub fn example(&self, at: NaiveDateTime) -> String {
        let mut name = String::new();
        for (number, segment) in self.segments.iter().enumerate() {
            // A name that only a star begins would have nothing before its ending.
            if number == 1 && name.is_empty() {
                name.push_str("name");
            }
            segment.iter().for_each(|piece| piece.write(at, &mut name));
        }
        name
    }
}

fn length(segment: &[Piece]) -> usize {
    segment.iter().map(Piece::length).sum()
}

/// The place behind a segment that begins at `start`; adds to `date` what it says of one. A date that is impossible by
/// this segment alone is none of the pattern's.
fn read(segment: &[Piece], name: &[char], start: usize, date: &mut NameDate) -> Option<usize> {
    let mut said = NameDate::default();
    let mut at = start;
    for piece in segment {
        let text = name.get(at..at + piece.length())?;
        piece.read(text, &mut said)?;
        at += piece.length();
    }
    said.is_possible().then(|| date.add(said))?;
    Some(at)
}

impl Piece {
    /// Characters.
    fn length(&self) -> usize {
        match self {
            Piece::Date(part) => part.digits(),
            Piece::Letter(_) | Piece::One | Piece::Of { .. } => 1,
        }
    }

    /// Whether the text, of this piece's length, is one for it.
    fn read(&self, text: &[char], date: &mut NameDate) -> Option<()> {
        match self {
            Piece::Letter(letter) => text.first().is_some_and(|found| found == letter),
            Piece::One => true,
            Piece::Of { ranges, negated } => text.first().is_some_and(|found| is_in(ranges, *found) != *negated),
            Piece::Date(part) => {
                let number = text.iter().try_fold(0, |number, digit| Some(number * 10 + digit.to_digit(10)?))?;
                return date.set(*part, number);
            }
        }
        .then_some(())
    }

    fn write(&self, at: NaiveDateTime, name: &mut String) {
        match self {
            Piece::Letter(letter) => name.push(*letter),
            Piece::One => name.push('x'),
            Piece::Of { ranges, negated } => name.extend(one_of(ranges, *negated)),
            Piece::Date(part) => {
                let number = match part {
                    DatePart::Year => at.year().rem_euclid(10_000).unsigned_abs(),
                    DatePart::ShortYear => at.year().rem_euclid(100).unsigned_abs(),
                    DatePart::Month => at.month(),
                    DatePart::Day => at.day(),
                    DatePart::Hour => at.hour(),
                    DatePart::Minute => at.minute(),
                    DatePart::Second => at.second(),
                };
                name.push_str(&format!("{number:0digits$}", digits = part.digits()));
            }
        }
    }
}

fn is_in(ranges: &[(char, char)], letter: char) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter))
}

/// A character that a bracket stands for, if there is one that a name can have.
fn one_of(ranges: &[(char, char)], negated: bool) -> Option<char> {
    let fits = |letter: &char| is_in(ranges, *letter) != negated && !letter.is_control() && *letter != '/';
    let everyday = ('a'..='z').chain('A'..='Z').chain('0'..='9');
    everyday.chain(ranges.iter().flat_map(|(from, to)| [*from, *to])).chain('!'..='\u{2fff}').find(fits)
}

impl DatePart {
    const ALL: [(&'static str, DatePart); 7] = [
        ("YYYY", DatePart::Year),
        ("YY", DatePart::ShortYear),
        ("MM", DatePart::Month),
        ("DD", DatePart::Day),
        ("hh", DatePart::Hour),
        ("mm", DatePart::Minute),
        ("ss", DatePart::Second),
    ];

    fn digits(self) -> usize {
        if self == DatePart::Year { 4 } else { 2 }
    }
}

impl NameDate {
    /// The day, where the name says all of one.
    pub fn date(&self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year?, self.month?, self.day?)
    }

    /// The time of day, where the name says hour and minute.
    pub fn time(&self) -> Option<NaiveTime> {
        NaiveTime::from_hms_opt(self.hour?, self.minute?, self.second.unwrap_or(0))
    }

    fn set(&mut self, part: DatePart, number: u32) -> Option<()> {
        let (least, most, place) = match part {
            DatePart::Year => {
                self.year = i32::try_from(number).ok();
                return (number > 0).then_some(());
            }
            DatePart::ShortYear => {
                let year = if number < 70 { 2000 + number } else { 1900 + number };
                self.year = i32::try_from(year).ok();
                return Some(());
            }
            DatePart::Month => (1, 12, &mut self.month),
            DatePart::Day => (1, 31, &mut self.day),
            DatePart::Hour => (0, 23, &mut self.hour),
            DatePart::Minute => (0, 59, &mut self.minute),
            DatePart::Second => (0, 59, &mut self.second),
        };
        *place = Some(number);
        (least..=most).contains(&number).then_some(())
    }

    fn add(&mut self, said: NameDate) {
        self.year = said.year.or(self.year);
        self.month = said.month.or(self.month);
        self.day = said.day.or(self.day);
        self.hour = said.hour.or(self.hour);
        self.minute = said.minute.or(self.minute);
        self.second = said.second.or(self.second);
    }

    /// Whether there is a day like this. Without a year, that of a leap year will do.
    fn is_possible(&self) -> bool {
        match (self.month, self.day) {
            (Some(month), Some(day)) => NaiveDate::from_ymd_opt(self.year.unwrap_or(2000), month, day).is_some(),
            _ => true,
        }
    }
}

/// What stands between the stars of a pattern.
fn segments(text: &str) -> Result<Vec<Vec<Piece>>, String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.len() > LONGEST {
        return Err(format!("it is longer than {LONGEST} bytes"));
    }
    if text.contains('/') {
        return Err("it has a /, and files of directories below are not looked at".to_owned());
    }
    if text.chars().any(char::is_control) {
        return Err("it has a control character".to_owned());
    }
    let mut segments = vec![Vec::new()];
    let mut dates: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        let piece = match letter {
            '*' => {
                segments.push(Vec::new());
                rest = after;
                continue;
            }
            '?' => (Piece::One, after),
            '[' => bracket(after)?,
            '{' => {
                let (piece, after) = date_part(after)?;
                // The same part twice could say two things.
                let field = after_field(&piece);
                if dates.contains(&field) {
                    return Err(format!("it says the {field} twice"));
                }
                dates.push(field);
                (piece, after)
            }
            ']' | '}' => {
                return Err(format!("a {letter} closes what nothing opened; for one of a name write [{letter}]"));
            }
            letter => (Piece::Letter(letter), after),
        };
        segments.last_mut().map(|segment| segment.push(piece.0)).ok_or("it is empty")?;
        rest = piece.1;
    }
    Ok(segments)
}

fn after_field(piece: &Piece) -> &'static str {
    match piece {
        Piece::Date(DatePart::Year | DatePart::ShortYear) => "year",
        Piece::Date(DatePart::Month) => "month",
        Piece::Date(DatePart::Day) => "day",
        Piece::Date(DatePart::Hour) => "hour",
        Piece::Date(DatePart::Minute) => "minute",
        Piece::Date(DatePart::Second) => "second",
        Piece::Letter(_) | Piece::One | Piece::Of { .. } => "",
    }
}

/// Reads what follows a `{`, and gives what follows its `}`.
fn date_part(text: &str) -> Result<(Piece, &str), String> {
    let (name, after) = text.split_once('}').ok_or("a { is not closed; for one of a name write [{]")?;
    let part = DatePart::ALL.iter().find(|(known, _)| *known == name).map(|(_, part)| *part);
    let known = DatePart::ALL.map(|(known, _)| format!("{{{known}}}")).join(", ");
    let part = part.ok_or_else(|| format!("{{{name}}} is no part of a date; there are {known}"))?;
    Ok((Piece::Date(part), after))
}

/// Reads what follows a `[`, and gives what follows its `]`. A `]` right at the beginning is one of the characters.
fn bracket(text: &str) -> Result<(Piece, &str), String> {
    let negated = text.starts_with(['!', '^']);
    let inside = if negated { &text[1..] } else { text };
    let close = inside.char_indices().skip(1).find(|(_, letter)| *letter == ']').map(|(at, _)| at);
    let close = close.ok_or("a [ is not closed; for one of a name write [[]")?;
    let letters: Vec<char> = inside[..close].chars().collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < letters.len() {
        let range = match letters.get(at..at + 3) {
            Some(&[from, '-', to]) => {
                at += 3;
                (from, to)
            }
            _ => {
                at += 1;
                (letters[at - 1], letters[at - 1])
            }
        };
        if range.0 > range.1 {
            return Err(format!("[{}-{}] runs backwards", range.0, range.1));
        }
        ranges.push(range);
    }
    if one_of(&ranges, negated).is_none() {
        return Err(format!(
            "[{}] stands for no character that a name can have",
            &text[..close + usize::from(negated)]
        ));
    }
    Ok((Piece::Of { ranges, negated }, &inside[close + 1..]))
}

impl TryFrom<String> for NamePattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<NamePattern, PatternError> {
        NamePattern::parse(&text)
    }
}

impl From<NamePattern> for String {
    fn from(pattern: NamePattern) -> String {
        pattern.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> NamePattern {
        NamePattern::parse(text).unwrap()
    }

    #[test]
    fn names_match_by_the_rules_of_the_pattern() {
        for (text, name, matches) in [
            ("contacts.csv", "contacts.csv", true),
            ("contacts.csv", "Contacts.csv", false),
            ("contacts.csv", "contacts.csv.gz", false),
            ("*.csv", "a.csv", true),
            ("*.csv", ".csv", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "a b b cc", true),
            ("a*a", "a", false),
            ("?.csv", "é.csv", true),
            ("?.csv", "ab.csv", false),
            ("[a-c]x", "bx", true),
            ("[a-c]x", "dx", false),
            ("[!a-c]x", "dx", true),
            ("[^a-c]x", "ax", false),
            ("[]]x", "]x", true),
            ("[*]x", "*x", true),
            ("[*]x", "ax", false),
            ("[a-]x", "-x", true),
            ("c_{YYYY}-{MM}-{DD}.csv", "c_2026-11-21.csv", true),
            ("c_{YYYY}-{MM}-{DD}.csv", "c_2026-11-31.csv", false),
            ("c_{YYYY}-{MM}-{DD}.csv", "c_2026-13-01.csv", false),
            ("c_{YYYY}-{MM}-{DD}.csv", "c_2026-02-29.csv", false),
            ("c_{YYYY}-{MM}-{DD}.csv", "c_2028-02-29.csv", true),
            ("c_{MM}{DD}.csv", "c_0229.csv", true),
            ("c_{MM}{DD}.csv", "c_0230.csv", false),
            ("c_{YY}{MM}{DD}.csv", "c_260230.csv", false),
            ("c_{hh}{mm}{ss}", "c_235959", true),
            ("c_{hh}{mm}{ss}", "c_240000", false),
            ("c_{YYYY}", "c_٢٠٢٦", false),
            ("c_{YYYY}", "c_0000", false),
            ("*{MM}{DD}*", "0230_0228", true),
            ("{YYYY}*{MM}{DD}", "2026x0229", false),
        ] {
            assert_eq!(pattern(text).matches(name).is_some(), matches, "{text} {name}");
        }
        let date = pattern("c_{YYYY}-{MM}-{DD}T{hh}{mm}*.csv").matches("c_2026-11-21T0630_final.csv").unwrap();
        assert_eq!(date.date(), NaiveDate::from_ymd_opt(2026, 11, 21));
        assert_eq!(date.time(), NaiveTime::from_hms_opt(6, 30, 0));
        assert_eq!(pattern("{YY}").matches("69").unwrap().year, Some(2069));
        assert_eq!(pattern("{YY}").matches("70").unwrap().year, Some(1970));
        assert_eq!(pattern("*").matches("x"), Some(NameDate::default()));
    }

    #[test]
    fn what_is_no_pattern_is_said() {
        for (text, why) in [
            ("", "empty"),
            ("in/a.csv", "directories"),
            ("a\nb", "control"),
            ("[abc", "not closed"),
            ("[]", "not closed"),
            ("a]", "nothing opened"),
            ("a}", "nothing opened"),
            ("{YYYY", "not closed"),
            ("{yyyy}", "no part of a date"),
            ("{YYYY}{YY}", "year twice"),
            ("{MM}{MM}", "month twice"),
            ("[z-a]", "backwards"),
            ("[!\u{1}-\u{10ffff}]", "control"),
            ("[! -\u{10ffff}]", "no character"),
            (&"a".repeat(256), "longer"),
        ] {
            let error = NamePattern::parse(text).unwrap_err();
            assert!(error.to_string().contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn an_example_is_a_name_that_somebody_would_send() {
        let at = NaiveDate::from_ymd_opt(2026, 3, 4).unwrap().and_hms_opt(5, 6, 7).unwrap();
        for (text, name) in [
            ("contacts_{YYYY}-{MM}-{DD}*.csv", "contacts_2026-03-04.csv"),
            ("{YY}{MM}{DD}_{hh}{mm}{ss}.csv", "260304_050607.csv"),
            ("*.csv", "name.csv"),
            ("*", "name"),
            ("part[1-9]?.csv", "part1x.csv"),
        ] {
            assert_eq!(pattern(text).example(at), name);
        }
    }

    /// Every way in which stars can be read, the shortest first; slow without end, and simple.
    fn reference(segments: &[Vec<Piece>], name: &[char], at: usize, date: NameDate) -> Option<NameDate> {
        let (first, rest) = segments.split_first()?;
        let mut said = date;
        let behind = read(first, name, at, &mut said)?;
        if rest.is_empty() {
            return (behind == name.len()).then_some(said);
        }
        (behind..=name.len()).find_map(|start| reference(rest, name, start, said))
    }

    fn piece() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[ab01]",
            3 => Just("*".to_owned()),
            1 => Just("?".to_owned()),
            1 => prop_oneof![Just("[a0]".to_owned()), Just("[!a]".to_owned()), Just("[0-9]".to_owned())],
        ]
    }

    proptest! {
        #[test]
        fn matching_is_that_of_trying_every_reading(
            pieces in prop::collection::vec(piece(), 1..8),
            dates in prop::sample::subsequence(vec!["{YY}", "{MM}", "{DD}", "{hh}"], 0..=4),
            places in prop::collection::vec(0usize..8, 4),
            name in "[ab0123]{0,14}",
        ) {
            let mut pieces = pieces;
            for (date, place) in dates.iter().zip(places) {
                pieces.insert(place.min(pieces.len()), (*date).to_owned());
            }
            let pattern = pattern(&pieces.concat());
            let letters: Vec<char> = name.chars().collect();
            let expected =
                reference(&pattern.segments, &letters, 0, NameDate::default()).filter(NameDate::is_possible);
            prop_assert_eq!(pattern.matches(&name), expected);
        }

        #[test]
        fn an_example_follows_its_pattern_and_any_text_is_read_or_refused(
            text in "(\\PC|[*?]|\\[[!a-c]+\\]|\\{(YYYY|MM|DD|hh|mm|ss)\\}){0,12}",
            seconds in 0i64..4_000_000_000,
        ) {
            if let Ok(pattern) = NamePattern::parse(&text) {
                let at = chrono::DateTime::from_timestamp(seconds, 0).unwrap().naive_utc();
                let name = pattern.example(at);
                prop_assert!(pattern.matches(&name).is_some(), "{} {}", text, name);
                let json = serde_json::to_string(&pattern).unwrap();
                prop_assert_eq!(serde_json::from_str::<NamePattern>(&json).unwrap(), pattern);
            }
        }
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_not() {
        let pattern = pattern(&format!("{}b", "*a".repeat(120)));
        assert_eq!(pattern.matches(&"a".repeat(100_000)), None);
    }
}
