//! What the values of a column look like. Counted over sampled rows with light checks of shape: the full readers
//! are too slow for 10,000 rows of 500 columns, and a guess needs no verdict on each value.

use crate::domain::values::clean;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

/// Where a value that looks like a contact's ID comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdOrigin {
    /// The ID of a contact of this workspace, living or deleted.
    Ours,
    /// Made like our IDs, but not one of this workspace.
    Elsewhere,
    /// No ID of ours.
    Other,
}

/// Tells where an ID comes from; asked once for every value without spaces, so it should look at the shape first.
pub type OwnIds<'a> = dyn Fn(&str) -> IdOrigin + 'a;

/// What a value looks like. One value can have several shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Email,
    /// 7 to 15 digits with the punctuation of phone numbers.
    Phone,
    /// A phone that could not be a plain number: a plus, parentheses, spaces.
    WrittenPhone,
    Date,
    DateTime,
    Number,
    Url,
    TimeZone,
    YesNo,
    /// Two to four words of letters that start with a capital.
    PersonName,
    LongText,
    /// Two words or more joined by periods, no other separator: "Red.Blue".
    PeriodList,
    /// An ID of this workspace.
    OurId,
    /// An ID of another workspace, or of none.
    ForeignId,
}

const SHAPES: usize = Shape::ForeignId as usize + 1;
const SAMPLES: usize = 5;
/// Distinct values are counted up to this many.
const DISTINCT_LIMIT: usize = 20_000;

/// What was counted over the sampled values of one column.
#[derive(Debug, Clone, Default)]
pub struct ColumnEvidence {
    pub name: String,
    pub total: u32,
    pub empty: u32,
    /// Different non-empty values, at most 20,000 of them counted.
    pub distinct: u32,
    counts: [u32; SHAPES],
    /// The first few different values, trimmed.
    pub samples: Vec<String>,
}

impl ColumnEvidence {
    /// A header without values.
    pub fn header_only(name: &str) -> ColumnEvidence {
        ColumnEvidence { name: name.to_owned(), ..ColumnEvidence::default() }
    }

    /// Counts the values of a column.
    pub fn collect<'v>(name: &str, values: impl Iterator<Item = &'v str>, own_ids: &OwnIds<'_>) -> ColumnEvidence {
        let mut collector = EvidenceCollector::new(name);
        values.for_each(|value| collector.add(value, own_ids));
        collector.finish()
    }

    /// Values that are not empty.
    pub fn filled(&self) -> u32 {
        self.total - self.empty
    }

    pub fn count(&self, shape: Shape) -> u32 {
        self.counts[shape as usize]
    }

    /// The share of non-empty values with this shape; 0 without values.
    pub fn share(&self, shape: Shape) -> f32 {
        if self.filled() == 0 { 0.0 } else { self.count(shape) as f32 / self.filled() as f32 }
    }

    /// The share of empty values; 0 without values.
    pub fn empty_share(&self) -> f32 {
        if self.total == 0 { 0.0 } else { self.empty as f32 / self.total as f32 }
    }

    /// Whether no value came twice. Nothing is known of fewer than two.
    pub fn all_different(&self) -> bool {
        self.filled() >= 2 && self.distinct == self.filled().min(DISTINCT_LIMIT as u32)
    }
}

/// Counts one column while rows are read.
pub struct EvidenceCollector {
    evidence: ColumnEvidence,
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl EvidenceCollector {
    pub fn new(name: &str) -> EvidenceCollector {
        EvidenceCollector {
            evidence: ColumnEvidence::header_only(name),
            seen: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    pub fn add(&mut self, value: &str, own_ids: &OwnIds<'_>) {
        let evidence = &mut self.evidence;
        evidence.total += 1;
        let value = clean::trim(value);
        if value.is_empty() {
            evidence.empty += 1;
            return;
        }
        if self.seen.len() < DISTINCT_LIMIT && self.seen.insert(self.hasher.hash_one(value)) {
            evidence.distinct += 1;
            if evidence.samples.len() < SAMPLES {
                evidence.samples.push(value.chars().take(80).collect());
            }
        }
        shapes(value, own_ids, |shape| evidence.counts[shape as usize] += 1);
    }

    pub fn finish(self) -> ColumnEvidence {
        self.evidence
    }
}

/// What a pass over the characters of a value counts.
#[derive(Default)]
struct Census {
    chars: usize,
    digits: usize,
    letters: usize,
    spaces: usize,
    ats: usize,
    periods: usize,
    commas: usize,
    others: usize,
    phone_marks: usize,
    line_breaks: usize,
}

pub(super) fn shapes(value: &str, own_ids: &OwnIds<'_>, mut found: impl FnMut(Shape)) {
    let mut census = Census::default();
    for c in value.chars() {
        census.chars += 1;
        match c {
            '0'..='9' => census.digits += 1,
            '\n' | '\r' => census.line_breaks += 1,
            '@' => census.ats += 1,
            '.' => census.periods += 1,
            ',' | ';' => census.commas += 1,
            '+' | '(' | ')' | '-' | '/' => census.phone_marks += 1,
            c if c.is_whitespace() => census.spaces += 1,
            c if c.is_alphabetic() => census.letters += 1,
            c if c.is_numeric() => census.digits += 1,
            _ => census.others += 1,
        }
    }
    if census.chars > 200 || census.line_breaks > 0 {
        found(Shape::LongText);
        return;
    }
    if census.spaces == 0 {
        match own_ids(value) {
            IdOrigin::Ours => found(Shape::OurId),
            IdOrigin::Elsewhere => found(Shape::ForeignId),
            IdOrigin::Other => {}
        }
    }
    if census.ats > 0 {
        if is_email(value) {
            found(Shape::Email);
        }
        return;
    }
    if is_date(value, &census) {
        found(if census.digits > 8 && value.contains(':') { Shape::DateTime } else { Shape::Date });
        return;
    }
    if is_number(value, &census) {
        found(Shape::Number);
    }
    if is_phone(value, &census) {
        found(Shape::Phone);
        if value.contains('+') || (census.spaces + census.phone_marks > 0 && census.letters == 0) {
            found(Shape::WrittenPhone);
        }
    }
    if is_url(value, &census) {
        found(Shape::Url);
    }
    if is_time_zone(value) {
        found(Shape::TimeZone);
    }
    if is_yes_no(value) {
        found(Shape::YesNo);
    }
    if is_person_name(value, &census) {
        found(Shape::PersonName);
    }
    if is_period_list(value, &census) {
        found(Shape::PeriodList);
    }
}

/// One address or several, wrapped or not.
fn is_email(value: &str) -> bool {
    let first = value.split([';', ',']).next().unwrap_or(value);
    let address = match (first.rfind('<'), first.rfind('>')) {
        (Some(from), Some(to)) if from < to => &first[from + 1..to],
        _ => first.trim().trim_start_matches("mailto:"),
    };
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    let extension = domain.rsplit('.').next().unwrap_or_default();
    !local.is_empty()
        && !address.contains(char::is_whitespace)
        && domain.contains('.')
        && !domain.starts_with('.')
        && extension.chars().count() >= 2
        && extension.chars().all(char::is_alphabetic)
}

fn is_phone(value: &str, census: &Census) -> bool {
    let prefix = value.starts_with("p:") || value.starts_with("tel") || value.starts_with("Tel");
    (7..=20).contains(&census.digits)
        && census.others <= usize::from(prefix)
        && (census.letters == 0 || prefix || value.contains("ext") || (census.letters == 1 && value.contains('x')))
        && !is_decimal(value)
}

fn is_decimal(value: &str) -> bool {
    value.rsplit_once(['.', ',']).is_some_and(|(head, tail)| {
        tail.len() <= 2
            && tail.bytes().all(|b| b.is_ascii_digit())
            && head.bytes().all(|b| b.is_ascii_digit() || b == b'-')
    })
}

fn is_number(value: &str, census: &Census) -> bool {
    let sign = usize::from(value.starts_with(['+', '-']));
    census.digits > 0 && census.letters + census.spaces + census.others + census.ats == 0 && census.phone_marks == sign
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A year of four digits with a month and a day by number or by name.
fn is_date(value: &str, census: &Census) -> bool {
    if !(5..=22).contains(&census.digits) || census.chars > 40 {
        return false;
    }
    let parts: Vec<&str> =
        value.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).take(4).collect();
    let [a, b, c, ..] = parts.as_slice() else { return false };
    // A time may follow the date at once: 2024-09-08T10:00.
    let c = c.split('T').next().unwrap_or(c);
    let month = |p: &str| p.len() >= 3 && p.get(..3).is_some_and(|m| MONTHS.contains(&m.to_ascii_lowercase().as_str()));
    let year =
        |p: &str| p.len() == 4 && (p.starts_with("19") || p.starts_with("20")) && p.bytes().all(|b| b.is_ascii_digit());
    let small = |p: &str| {
        let digits = p.trim_end_matches(|c: char| c.is_ascii_lowercase());
        matches!(digits.len(), 1 | 2) && digits.parse::<u8>().is_ok_and(|n| (1..=31).contains(&n))
    };
    let ends = |x: &str, y: &str| (small(x) || month(x)) && (small(y) || month(y)) && !(month(x) && month(y));
    (year(a) && ends(b, c)) || (year(c) && ends(a, b))
}

fn is_url(value: &str, census: &Census) -> bool {
    if census.spaces > 0 {
        return false;
    }
    if value.starts_with("http://") || value.starts_with("https://") || value.starts_with("www.") {
        return true;
    }
    let host = value.split('/').next().unwrap_or(value);
    let extension = host.rsplit('.').next().unwrap_or_default();
    ["com", "org", "net", "io", "de", "eu", "co", "fr", "it", "nl", "es", "se", "uk", "at", "ch"].contains(&extension)
        && host.len() > extension.len() + 1
}

fn is_time_zone(value: &str) -> bool {
    let areas = [
        "Africa",
        "America",
        "Antarctica",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
        "Etc",
        "US",
    ];
    value == "UTC"
        || value == "GMT"
        || value.split_once('/').is_some_and(|(area, place)| areas.contains(&area) && !place.contains(' '))
        || value.starts_with("(GMT")
        || value.starts_with("(UTC")
        || value.starts_with("GMT+")
        || value.starts_with("GMT-")
        || value.ends_with("Time (US & Canada)")
}

fn is_yes_no(value: &str) -> bool {
    value.len() <= 5
        && ["yes", "no", "true", "false", "y", "n", "1", "0"].iter().any(|word| word.eq_ignore_ascii_case(value))
}

fn is_person_name(value: &str, census: &Census) -> bool {
    if census.digits > 0 || census.others > 2 || census.chars > 50 || census.commas > 1 {
        return false;
    }
    let words = value.split_whitespace();
    let mut count = 0;
    for word in words {
        count += 1;
        let small = matches!(
            word,
            "van" | "von" | "de" | "der" | "den" | "da" | "di" | "la" | "le" | "bin" | "al" | "el" | "y"
        );
        if !small && !word.starts_with(|c: char| c.is_uppercase() || (c.is_alphabetic() && !c.is_lowercase())) {
            return false;
        }
    }
    (2..=4).contains(&count)
}

fn is_period_list(value: &str, census: &Census) -> bool {
    census.periods > 0
        && census.commas == 0
        && census.letters > census.digits
        && !value.starts_with("http")
        && !value.contains('/')
        && value.split('.').all(|word| {
            word.chars().count() >= 2 && word.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '&'))
        })
        && !value.contains(". ")
}
