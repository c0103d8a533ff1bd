//! Numbers and money, exactly: text to canonical decimal text, never through binary floating point (field rules,
//! Numbers and money; R242–R246).
//!
//! Canonical is `-?D+(.D+)?` without leading zeros: `.123` is `0.123`. Zeros at the end stay as written, since they
//! say how exact the source was; [`compare_decimal`] takes no notice of them.

#[cfg(test)]
mod tests;

use super::clean::quoted;
use super::text::{TEXT_LIMIT, too_long};
use crate::domain::issue::{Code, Problem, ReadResult, Reading};
use std::cmp::Ordering;

/// What stands before the fraction in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    #[default]
    Point,
    Comma,
}

impl DecimalMark {
    fn as_char(self) -> char {
        match self {
            DecimalMark::Point => '.',
            DecimalMark::Comma => ',',
        }
    }

    fn name(self) -> &'static str {
        match self {
            DecimalMark::Point => "decimal point",
            DecimalMark::Comma => "decimal comma",
        }
    }

    fn other(self) -> DecimalMark {
        match self {
            DecimalMark::Point => DecimalMark::Comma,
            DecimalMark::Comma => DecimalMark::Point,
        }
    }

    /// Whether this character may group the digits of money by three. The other decimal mark, the apostrophe of
    /// Switzerland and the spaces that many countries write.
    fn groups(self, c: char) -> bool {
        c == self.other().as_char() || matches!(c, '\'' | '\u{2019}' | ' ' | '\u{A0}' | '\u{202F}' | '\u{2009}')
    }
}

/// Reads a number without grouping: `1.23`, `1234`, `.123`, with a sign or without (R242–R244).
pub fn read_number(text: &str, mark: DecimalMark) -> ReadResult<String> {
    if let Some(problem) = too_long(text, TEXT_LIMIT) {
        return Err(problem);
    }
    let (is_negative, digits) = sign(text);
    match decimal(digits, mark, Grouping::None) {
        Some(decimal) => Ok(Reading::plain(decimal.canonical(is_negative))),
        None => Err(Problem::new(Code::NumberUnreadable, explain_number(text, mark))),
    }
}

/// Reads an amount of money: digits that may be grouped by three, a sign, and a currency sign or ISO code on either
/// side (R245, R246). Answers the amount, and behind a space the ISO code where the text names one currency:
/// `1234234.33`, `1234234.33 USD`. Signs that several currencies share (`$`, `£`, `¥`, `kr`) name none.
pub fn read_money(text: &str, mark: DecimalMark) -> ReadResult<String> {
    if let Some(problem) = too_long(text, TEXT_LIMIT) {
        return Err(problem);
    }
    let unreadable = |guidance: String| Problem::new(Code::MoneyUnreadable, guidance);
    let (amount, currency) = if is_bare(text) {
        (Amount { is_negative: false, digits: text }, None)
    } else {
        take_currency(text).map_err(|fault| unreadable(explain_currency(text, fault)))?
    };
    let Some(decimal) = decimal(amount.digits, mark, Grouping::ByThree) else {
        return Err(unreadable(explain_money(text, amount.digits, mark)));
    };
    let mut canonical = decimal.canonical(amount.is_negative);
    if let Some(code) = currency {
        canonical.push(' ');
        canonical.push_str(&code);
    }
    Ok(Reading::plain(canonical))
}

/// Compares two canonical numbers or amounts exactly; a currency behind an amount is not looked at.
pub fn compare_decimal(one: &str, other: &str) -> Ordering {
    fn parts(text: &str) -> (bool, &str, &str) {
        let amount = text.split(' ').next().unwrap_or(text);
        let (is_negative, digits) = match amount.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, amount),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        (is_negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction)
    }
    let (one_negative, one_whole, one_fraction) = parts(one);
    let (other_negative, other_whole, other_fraction) = parts(other);
    let size = (one_whole.len().cmp(&other_whole.len()))
        .then_with(|| one_whole.cmp(other_whole))
        .then_with(|| one_fraction.cmp(other_fraction));
    match (one_negative, other_negative) {
        (false, false) => size,
        (true, true) => size.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Grouping {
    None,
    ByThree,
}

/// The digits of a number, still as they were written.
struct Decimal<'a> {
    whole: &'a str,
    fraction: &'a str,
}

impl Decimal<'_> {
    fn canonical(&self, is_negative: bool) -> String {
        let is_zero = || self.whole.bytes().chain(self.fraction.bytes()).all(|b| !(b'1'..=b'9').contains(&b));
        let mut canonical = String::with_capacity(self.whole.len() + self.fraction.len() + 3);
        if is_negative && !is_zero() {
            canonical.push('-');
        }
        let start = canonical.len();
        for group in self.whole.split(|c: char| !c.is_ascii_digit()) {
            // Zeros count from the first digit on.
            let leads = canonical.len() == start;
            canonical.push_str(if leads { group.trim_start_matches('0') } else { group });
        }
        if canonical.len() == start {
            canonical.push('0');
        }
        if !self.fraction.is_empty() {
            canonical.push('.');
            canonical.push_str(self.fraction);
        }
        canonical
    }
}

/// Takes off one leading sign.
fn sign(text: &str) -> (bool, &str) {
    match text.chars().next() {
        Some('+') => (false, &text[1..]),
        Some(minus @ ('-' | '\u{2212}')) => (true, &text[minus.len_utf8()..]),
        _ => (false, text),
    }
}

/// The digits without a sign: `1234`, `1234.5`, `.5`; and grouped, where that is allowed.
fn decimal(text: &str, mark: DecimalMark, grouping: Grouping) -> Option<Decimal<'_>> {
    let (whole, fraction) = match text.split_once(mark.as_char()) {
        Some((_, "")) => return None,
        Some((whole, fraction)) => (whole, fraction),
        None if text.is_empty() => return None,
        None => (text, ""),
    };
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_whole = is_digits(whole) || grouping == Grouping::ByThree && is_grouped(whole, mark);
    (is_whole && is_digits(fraction)).then_some(Decimal { whole, fraction })
}

/// One to three digits, then groups of exactly three, all parted by the same character.
fn is_grouped(whole: &str, mark: DecimalMark) -> bool {
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()).filter(|&c| mark.groups(c)) else {
        return false;
    };
    let is_group = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(separator);
    let first = groups.next().unwrap_or("");
    (1..=3).contains(&first.len()) && is_group(first) && groups.all(|group| group.len() == 3 && is_group(group))
}

/// Whether the text has neither a sign nor a currency: digits at both ends, and between them points and commas at most.
fn is_bare(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    is_digit(bytes.first())
        && is_digit(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b','))
}

#[cfg_attr(test, derive(Debug, PartialEq))]
struct Amount<'a> {
    is_negative: bool,
    digits: &'a str,
}

#[cfg_attr(test, derive(Debug, PartialEq))]
enum CurrencyFault {
    Unknown(String),
    Twice,
}

/// Takes a currency off one end; the sign may stand before or behind a leading one (`-$5`, `$-5`).
fn take_currency(text: &str) -> Result<(Amount<'_>, Option<String>), CurrencyFault> {
    let is_name = |c: char| !c.is_ascii_digit() && !matches!(c, '+' | '-' | '\u{2212}' | '.' | ',' | '\'' | '\u{2019}');
    let (is_negative, rest) = sign(text);
    let has_sign = rest.len() < text.len();
    let rest = rest.trim_start();
    // `Rs.` and `Fr.` end in a point, which must not be taken for that of `.5`.
    let end = ["Rs.", "Fr.", "kr."].iter().find(|name| rest.starts_with(**name)).map(|name| name.len());
    let (before, rest) = rest.split_at(end.or_else(|| rest.find(|c| !is_name(c))).unwrap_or(rest.len()));
    let rest = rest.trim_start();
    let (is_negative, rest) = if has_sign || before.is_empty() { (is_negative, rest) } else { sign(rest) };
    let end = rest.rfind(|c: char| c.is_ascii_digit()).map_or(0, |last| last + 1);
    let (digits, after) = rest.split_at(end);
    let currency = match (before.trim(), after.trim()) {
        ("", "") => None,
        (name, "") | ("", name) => currency(name).ok_or_else(|| CurrencyFault::Unknown(name.to_string()))?,
        _ => return Err(CurrencyFault::Twice),
    };
    Ok((Amount { is_negative, digits }, currency))
}

/// The ISO code of a currency's sign or code: `Some(None)` where the sign is shared by several.
fn currency(name: &str) -> Option<Option<String>> {
    let code = name.to_ascii_uppercase();
    if code.len() == 3 && ISO_4217.split(' ').any(|known| known == code) {
        return Some(Some(code));
    }
    let (_, code) =
        SIGNS.iter().find(|(sign, _)| *sign == name || sign.is_ascii() && sign.eq_ignore_ascii_case(name))?;
    Some(code.map(str::to_string))
}

/// Signs of currencies, and the one currency that each means; `None` where several share it.
const SIGNS: [(&str, Option<&str>); 41] = [
    ("$", None),
    ("£", None),
    ("¥", None),
    ("￥", None),
    ("kr", None),
    ("kr.", None),
    ("Fr.", None),
    ("Rs", None),
    ("Rs.", None),
    ("₨", None),
    ("¢", None),
    ("¤", None),
    ("€", Some("EUR")),
    ("US$", Some("USD")),
    ("A$", Some("AUD")),
    ("AU$", Some("AUD")),
    ("C$", Some("CAD")),
    ("CA$", Some("CAD")),
    ("NZ$", Some("NZD")),
    ("HK$", Some("HKD")),
    ("S$", Some("SGD")),
    ("R$", Some("BRL")),
    ("NT$", Some("TWD")),
    ("MX$", Some("MXN")),
    ("₹", Some("INR")),
    ("₽", Some("RUB")),
    ("₩", Some("KRW")),
    ("₺", Some("TRY")),
    ("₪", Some("ILS")),
    ("₫", Some("VND")),
    ("₴", Some("UAH")),
    ("₱", Some("PHP")),
    ("₦", Some("NGN")),
    ("₡", Some("CRC")),
    ("₲", Some("PYG")),
    ("₸", Some("KZT")),
    ("₼", Some("AZN")),
    ("₾", Some("GEL")),
    ("฿", Some("THB")),
    ("zł", Some("PLN")),
    ("Kč", Some("CZK")),
];

/// The currency codes of ISO 4217, with those retired since 2000 that old files still have.
const ISO_4217: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP \
    BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP \
    GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK \
    LBP LKR LRD LSL LTL LVL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR \
    PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL \
    THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VEF VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW \
    ZWG ZWL EEK SKK";

fn explain_number(text: &str, mark: DecimalMark) -> String {
    let (is_negative, digits) = sign(text);
    let known = match mark {
        DecimalMark::Point => "numbers are read as 1234, 1.23, .123 or -5",
        DecimalMark::Comma => "numbers are read as 1234, 1,23, ,123 or -5 (the column is set to decimal comma)",
    };
    let what = if is_exponent(digits) {
        " is shortened by a spreadsheet: format the column as a number there".to_string()
    } else if let Some(other) = decimal(digits, mark.other(), Grouping::None) {
        let name = mark.other().name();
        format!(": {name}? Set the column to {name}, or write {}", in_mark(&other.canonical(is_negative), mark))
    } else if let Some(plain) = decimal(digits, mark, Grouping::ByThree) {
        format!(" has grouped digits: write {}", in_mark(&plain.canonical(is_negative), mark))
    } else {
        " is no number".to_string()
    };
    format!("{}{what}; {known}.", quoted(text))
}

fn explain_money(text: &str, digits: &str, mark: DecimalMark) -> String {
    let known = match mark {
        DecimalMark::Point => "amounts are read as 1234, 1,234,234.33, $1,234.50 or 1234.50 USD",
        DecimalMark::Comma => {
            "amounts are read as 1234, 1.234.234,33 or 1234,50 EUR (the column is set to decimal comma)"
        }
    };
    let what = if is_exponent(digits) {
        " is shortened by a spreadsheet: format the column as a number there".to_string()
    } else if let Some(other) = decimal(digits, mark.other(), Grouping::ByThree) {
        let name = mark.other().name();
        format!(": {name}? Set the column to {name}, or write {}", in_mark(&other.canonical(false), mark))
    } else if digits.chars().all(|c| c.is_ascii_digit() || c == mark.as_char() || mark.groups(c)) && digits.len() > 1 {
        " is not grouped by three digits".to_string()
    } else {
        " is no amount".to_string()
    };
    format!("{}{what}; {known}.", quoted(text))
}

fn explain_currency(text: &str, fault: CurrencyFault) -> String {
    match fault {
        CurrencyFault::Unknown(name) => {
            format!(
                "{} is no currency in {}: use a sign such as $ or an ISO code such as USD.",
                quoted(&name),
                quoted(text)
            )
        }
        CurrencyFault::Twice => {
            format!("{} has something on both sides of the amount: keep one currency.", quoted(text))
        }
    }
}

/// `1.23457E+10`.
fn is_exponent(digits: &str) -> bool {
    let split = digits.split_once(['e', 'E']);
    split.is_some_and(|(one, other)| {
        one.starts_with(|c: char| c.is_ascii_digit())
            && other.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit())
    })
}

/// A canonical number as it is written in a column with this mark.
fn in_mark(canonical: &str, mark: DecimalMark) -> String {
    canonical.replace('.', mark.as_char().encode_utf8(&mut [0; 4]))
}
