//! What digits mean under the numbering plans of the world: libphonenumber's rules, and where they guess, ours.

use super::reason::Reason;
use rlibphonenumber::{
    NumberLengthType, ParseError, PhoneNumber, PhoneNumberUtil, Region, ValidationError,
    get_national_significant_number_owned,
};

/// The longest national number of libphonenumber (17), a calling code (3), an international prefix with a carrier
/// (5) and a trunk prefix; anything longer is refused before any rule is asked.
const MOST_DIGITS: usize = 28;

/// The calling code that several countries of North America share. It is at the same time the prefix that is dialled
/// before national numbers there.
const NORTH_AMERICA: i32 = 1;

pub(super) struct Plan {
    util: PhoneNumberUtil,
}

/// A number that can exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    pub(super) e164: String,
    /// Assigned, rather than only possible by its length.
    pub(super) valid: bool,
    pub(super) plus_added: bool,
}

/// The default country as the library knows it.
#[derive(Clone, Copy)]
struct Home {
    region: Region,
    calling_code: i32,
}

impl Plan {
    pub(super) fn new() -> Plan {
        let util = PhoneNumberUtil::new().expect("the numbering plans are compiled into the library");
        Plan { util }
    }

    /// The digits of any script in this text, as ASCII.
    pub(super) fn ascii_digits(&self, text: &str) -> String {
        self.util.normalize_digits_only(text)
    }

    fn home(&self, country: Option<&str>) -> Option<Home> {
        let region = Region::from_code(country?).ok()?;
        let calling_code = self.util.get_country_code_for_region(region)?;
        Some(Home { region, calling_code })
    }

    /// Whether a trunk 0 in brackets after these digits follows a calling code, and if so, whether the plus before the
    /// code was left out: nobody brackets a 0 after an area code.
    pub(super) fn leads_abroad(&self, plus: bool, digits: &str, country: Option<&str>) -> Option<bool> {
        if plus || after_foreign_prefix(digits).is_some() {
            return Some(false);
        }
        let own = after_code(digits, self.home(country)?.calling_code)?;
        own.is_empty().then_some(true)
    }

    /// What the digits mean, written with or without a plus, where `country` is the default.
    pub(super) fn resolve(&self, plus: bool, digits: &str, country: Option<&str>) -> Result<Resolved, Reason> {
        if digits.len() > MOST_DIGITS {
            return Err(Reason::TooLong);
        }
        let home = self.home(country);
        if plus {
            // `+0044 …` announces a calling code twice.
            return self
                .international(digits.strip_prefix("00").unwrap_or(digits))
                .and_then(|number| self.judge(&number));
        }
        match home {
            Some(home) => self.national(digits, home),
            None => match after_foreign_prefix(digits) {
                Some(rest) => self.international(rest).and_then(|number| self.judge(&number)),
                None => Err(Reason::NeedsCountry),
            },
        }
    }

    /// The E.164 form of digits that are an assigned number exactly as they are written: behind a plus, or ten digits of
    /// North America. [`Plan::resolve`] answers the same.
    pub(super) fn assigned_as_written(&self, plus: bool, digits: &str, country: Option<&str>) -> Option<String> {
        let (number, code) = match plus {
            true if digits.starts_with('0') => return None,
            true => (self.as_written(digits)?, ""),
            false if digits.len() != 10 || self.home(country)?.calling_code != NORTH_AMERICA => return None,
            false => (north_american(digits)?, "1"),
        };
        if !self.is_assigned(&number) {
            return None;
        }
        let mut e164 = String::with_capacity(1 + code.len() + digits.len());
        ["+", code, digits].into_iter().for_each(|part| e164.push_str(part));
        Some(e164)
    }

    /// Whether libphonenumber knows the number as assigned.
    pub(super) fn is_assigned(&self, number: &PhoneNumber) -> bool {
        // The library finds out first which of the countries with this calling code has the number, and then asks again
        // whether that country has it. It looks at the main one first: if that has it, one question is enough.
        let main = self.util.get_region_for_country_code(number.country_code);
        main.is_some_and(|region| self.util.is_valid_number_for_region(number, region))
            || self.util.is_valid_number(number)
    }

    /// Digits that begin with a calling code.
    fn international(&self, digits: &str) -> Result<PhoneNumber, Reason> {
        // As written first: this is what E.164 says, and it is much faster than the library's parser.
        if let Some(number) = self.as_written(digits)
            && self.is_assigned(&number)
        {
            return Ok(number);
        }
        let mut text = String::with_capacity(digits.len() + 1);
        text.push('+');
        text.push_str(digits);
        self.util.parse(&text, None).map_err(|error| parse_reason(&error))
    }

    /// Calling code and national number exactly as the digits say.
    fn as_written(&self, digits: &str) -> Option<PhoneNumber> {
        let code_length = (1..=3).find(|&length| {
            digits
                .get(..length)
                .and_then(|code| code.parse().ok())
                .is_some_and(|code| self.util.get_region_for_country_code(code).is_some())
        })?;
        let (code, national) = digits.split_at(code_length);
        number(code.parse().ok()?, national)
    }

    /// Digits without a plus, in the default country.
    fn national(&self, digits: &str, home: Home) -> Result<Resolved, Reason> {
        if home.calling_code == NORTH_AMERICA {
            if let Some(number) = north_american(digits) {
                return self.judge(&number);
            }
            if digits.len() == 11 && digits.starts_with('1') {
                // As with a plus: R239's sample is the same number with and without it.
                return self.international(digits).and_then(|number| self.judge(&number));
            }
        }
        let parsed = self.util.parse(digits, Some(home.region));
        let national = parsed.as_ref().ok().filter(|number| self.is_assigned(number));
        let valid = |number: Result<PhoneNumber, Reason>| number.ok().filter(|number| self.is_assigned(number));

        // The same digits with the plus that somebody left out.
        let with_plus = after_code(digits, home.calling_code).map(|_| self.international(digits));
        let may_add_plus = home.calling_code != NORTH_AMERICA;
        if let Some(with_plus) = with_plus.clone().and_then(valid) {
            return match national {
                Some(national) if *national != with_plus => Err(Reason::two_readings(e164(national), e164(&with_plus))),
                // The library itself reads the calling code only where the national reading fails.
                _ => Ok(Resolved { e164: e164(&with_plus), valid: true, plus_added: may_add_plus }),
            };
        }

        // The same digits after an international prefix, that of this country or another.
        let abroad = after_foreign_prefix(digits).and_then(|rest| valid(self.international(rest)));
        match (national, abroad) {
            // The library took a longer prefix (008 of 0082… in Korea, 006 of 0066… in Thailand) and found another number.
            (Some(national), Some(abroad))
                if *national != abroad && (national.country_code != home.calling_code || digits.starts_with("00")) =>
            {
                Err(Reason::two_readings(e164(national), e164(&abroad)))
            }
            (Some(national), _) => match self.with_lost_zero(national) {
                Some(other) => Err(Reason::two_readings(e164(national), e164(&other))),
                None => Ok(Resolved { e164: e164(national), valid: true, plus_added: false }),
            },
            (None, Some(abroad)) => Ok(Resolved { e164: e164(&abroad), valid: true, plus_added: false }),
            (None, None) => {
                let number = parsed.map_err(|error| parse_reason(&error))?;
                // Not assigned with a plus, so the national reading would have to stand, and it is none.
                if may_add_plus && with_plus.is_some_and(|with_plus| with_plus.as_ref() == Ok(&number)) {
                    return Err(Reason::PlusUnclear);
                }
                self.judge(&number)
            }
        }
    }

    /// The assigned number of the same kind that this one is without its first 0. Where the 0 is part of the number
    /// (Gabon's 06 03 12 34), a spreadsheet takes it, and what is left can be assigned as well.
    fn with_lost_zero(&self, national: &PhoneNumber) -> Option<PhoneNumber> {
        let significant = get_national_significant_number_owned(national);
        if significant.starts_with('0') {
            return None;
        }
        let other = number(national.country_code, &format!("0{significant}"))?;
        let same_kind =
            self.is_assigned(&other) && self.util.get_number_type(&other) == self.util.get_number_type(national);
        same_kind.then_some(other)
    }

    /// Assigned, only possible (which is accepted with a note), or no number.
    fn judge(&self, number: &PhoneNumber) -> Result<Resolved, Reason> {
        let resolved = |valid| Resolved { e164: e164(number), valid, plus_added: false };
        if self.is_assigned(number) {
            return Ok(resolved(true));
        }
        match self.util.is_possible_number_with_reason(number) {
            // What is stored has to read as itself when it comes back.
            Ok(NumberLengthType::IsPossible) if self.international(&e164(number)[1..]).as_ref() != Ok(number) => {
                Err(Reason::PlusUnclear)
            }
            Ok(NumberLengthType::IsPossible) => Ok(resolved(false)),
            Ok(NumberLengthType::IsPossibleLocalOnly) => Err(Reason::LocalOnly),
            Err(ValidationError::InvalidCountryCode) => Err(Reason::UnknownCallingCode),
            Err(ValidationError::TooShort) => Err(Reason::TooShort),
            Err(ValidationError::TooLong) => Err(Reason::TooLong),
            Err(ValidationError::InvalidLength) => Err(Reason::WrongLength),
        }
    }
}

/// The national number of North America that these digits are beyond doubt: ten digits, a 1 before them or not. The
/// library's parser answers the same, more slowly (a test compares them).
pub(super) fn north_american(digits: &str) -> Option<PhoneNumber> {
    let national = match digits.len() {
        10 => digits,
        11 => digits.strip_prefix('1')?,
        _ => return None,
    };
    if matches!(national.as_bytes()[0], b'2'..=b'9') { number(NORTH_AMERICA, national) } else { None }
}

/// `None` for more digits than a number can have.
pub(super) fn number(country_code: i32, national: &str) -> Option<PhoneNumber> {
    if national.len() < 2 || national.len() > 17 {
        return None;
    }
    let zeros = national.len() - national.trim_start_matches('0').len();
    // Of nothing but zeros the last one is the number (libphonenumber).
    let zeros = if zeros == national.len() { zeros - 1 } else { zeros };
    Some(PhoneNumber {
        country_code,
        national_number: national.parse().ok()?,
        italian_leading_zero: (zeros > 0).then_some(true),
        number_of_leading_zeros: (zeros > 1).then_some(zeros as i32),
        ..PhoneNumber::default()
    })
}

fn e164(number: &PhoneNumber) -> String {
    format!("+{}{}", number.country_code, get_national_significant_number_owned(number))
}

/// What follows the calling code, if the digits begin with it.
pub(super) fn after_code(digits: &str, calling_code: i32) -> Option<&str> {
    let mut code = [0; 3];
    let mut length = 0;
    for divisor in [100, 10, 1] {
        if calling_code >= divisor {
            code[length] = b'0' + (calling_code / divisor % 10) as u8;
            length += 1;
        }
    }
    digits.strip_prefix(std::str::from_utf8(&code[..length]).ok()?)
}

/// What follows the international prefixes that are written all over the world, whatever the country's own is.
fn after_foreign_prefix(digits: &str) -> Option<&str> {
    digits.strip_prefix("00").or_else(|| digits.strip_prefix("011"))
}

fn parse_reason(error: &ParseError) -> Reason {
    match error {
        ParseError::InvalidCountryCode => Reason::UnknownCallingCode,
        ParseError::NotANumber(_) => Reason::NoDigits,
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => Reason::TooShort,
        ParseError::TooLongNsn => Reason::TooLong,
    }
}
