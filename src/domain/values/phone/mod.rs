//! Phone numbers: text in any usual form to E.164 (field rules, Phone; R239–R241, R249, R291–R298).
//!
//! [`clean`] takes the text apart into digits, extension and words and knows no numbering plan; [`split`] finds several
//! numbers in one cell; [`plan`] asks libphonenumber's rules what the digits mean; [`reason`] says why not. The library
//! is handed nothing but digits with or without a plus, so what it would guess from words or punctuation never counts.
mod clean;
mod plan;
mod reason;
mod split;
#[cfg(test)]
mod tests;

use crate::domain::issue::{Note, ReadResult, Reading};
use clean::{Digits, Written};
use plan::{Plan, Resolved};
use reason::Reason;
use split::Separator;
use std::borrow::Cow;
use std::fmt::Write;

/// Reads phone numbers; one a thread, since the tables inside are costly to share.
pub struct PhoneReader {
    plan: Plan,
}

/// What one cell held: numbers as E.164 with `;ext=` for an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phones {
    pub first: String,
    pub rest: Vec<String>,
}

/// One number of a cell.
struct Found {
    e164: String,
    /// Whether libphonenumber knows the number as assigned, rather than only its length as possible.
    valid: bool,
    plus_added: bool,
    words_dropped: bool,
}

impl PhoneReader {
    #[allow(clippy::new_without_default)]
    pub fn new() -> PhoneReader {
        PhoneReader { plan: Plan::new() }
    }

    /// Reads a cell of a field that holds one number. `country` is the default country as an upper-case ISO code.
    ///
    /// Numbers after the first are for the additional phones, with [`Note::PhoneSplit`]; the same number twice is
    /// given once.
    ///
    /// # Errors
    /// `phone_unreadable` when the cell, or any number in it, cannot be read as the one number that was meant.
    pub fn read(&self, text: &str, country: Option<&str>) -> ReadResult<Phones> {
        match self.plainly_written(text, country) {
            Some(first) => Ok(Reading::plain(Phones { first, rest: Vec::new() })),
            None => self.read_any(text, country),
        }
    }

    /// Reads a cell however it is written.
    fn read_any(&self, text: &str, country: Option<&str>) -> ReadResult<Phones> {
        let plain = self.plan.plain(text);
        let found = self.cell(&plain, country, Separator::ALL).map_err(|reason| reason.problem(country))?;
        let notes = notes(&found);
        let mut numbers = distinct(found).into_iter();
        match numbers.next() {
            Some(first) => Ok(Reading { value: Phones { first, rest: numbers.collect() }, notes }),
            None => Err(Reason::NoDigits.problem(country)),
        }
    }

    /// Reads a cell of a field that holds several numbers: comma and semicolon part them (R249; field rules, Lists).
    /// A number that is there twice is given once.
    ///
    /// # Errors
    /// `phone_unreadable` when any of the numbers cannot be read; the guidance says which.
    pub fn read_list(&self, text: &str, country: Option<&str>) -> ReadResult<Vec<String>> {
        let plain = self.plan.plain(text);
        let items = split::list(&plain);
        let count = items.len();
        let mut found = Vec::with_capacity(count);
        for (place, item) in items.into_iter().enumerate() {
            match self.one(item, country) {
                Ok(number) => found.push(number),
                Err(reason) if count == 1 => return Err(reason.problem(country)),
                Err(reason) => return Err(reason.of_part(place).problem(country)),
            }
        }
        if found.is_empty() {
            return Err(Reason::NoDigits.problem(country));
        }
        let mut notes = notes(&found);
        // Several numbers are what such a field is for.
        notes.retain(|note| *note != Note::PhoneSplit);
        Ok(Reading { value: distinct(found), notes })
    }

    /// The number of a cell that holds nothing but one number in its plainest form, which is assigned exactly as it is
    /// written. `None` says nothing: then the rules are asked.
    fn plainly_written(&self, text: &str, country: Option<&str>) -> Option<String> {
        let digits = Digits::of(text)?;
        self.plan.assigned_as_written(digits.plus, digits.as_str(), country)
    }

    /// Reads what stands between the separators that were already tried; `separators` are those still to try,
    /// strongest first.
    fn cell(&self, text: &str, country: Option<&str>, separators: &[Separator]) -> Result<Vec<Found>, Reason> {
        let Some((&separator, weaker)) = separators.split_first() else {
            return self.one(text, country).map(|found| vec![found]);
        };
        let parts = split::parts(text, separator);
        if parts.len() < 2 {
            return self.cell(text, country, weaker);
        }
        if separator == Separator::Semicolon {
            let mut found = Vec::with_capacity(parts.len());
            for (place, part) in parts.into_iter().enumerate() {
                found.extend(self.cell(part, country, weaker).map_err(|reason| reason.of_part(place))?);
            }
            return Ok(found);
        }
        let whole = match separator {
            Separator::Slash => self.one(text, country).map(|found| vec![found]),
            _ => Err(Reason::SeveralNumbers),
        };
        let mut apart = Vec::with_capacity(parts.len());
        for part in parts {
            match self.cell(part, country, weaker) {
                Ok(found) if found.iter().all(|number| number.valid) => apart.extend(found),
                // Not a separator here after all.
                _ => return if whole.is_ok() { whole } else { self.cell(text, country, weaker) },
            }
        }
        match whole {
            // Possible as one number and assigned as several: storing either would be a guess.
            Ok(mut whole) => Err(Reason::two_readings(whole.remove(0).e164, apart.remove(0).e164)),
            Err(_) => Ok(apart),
        }
    }

    /// Reads exactly one number.
    fn one(&self, text: &str, country: Option<&str>) -> Result<Found, Reason> {
        let written = match clean::take_apart(text) {
            Ok(written) => written,
            Err(reason) => return self.vanity(text, country).ok_or(reason),
        };
        let resolved = match self.resolve(&written, country) {
            Ok(resolved) => resolved,
            Err(reason) => return self.vanity(text, country).ok_or(reason),
        };
        if !resolved.valid {
            // Words around a number make it less certain that the digits are one: then they must be assigned, or
            // say that they are an international number, or at least be as long as a subscriber's number.
            if written.words_before && !written.plus || written.words_after && written.digits.len() < 7 {
                return self.vanity(text, country).ok_or(Reason::Words);
            }
        }
        let mut e164 = resolved.e164;
        if let Some(extension) = written.extension {
            // Writing to a String cannot fail.
            let _ = write!(e164, ";ext={extension}");
        }
        Ok(Found {
            e164,
            valid: resolved.valid,
            plus_added: resolved.plus_added,
            words_dropped: written.words_before || written.words_after,
        })
    }

    /// What the digits mean, with the readings that brackets leave open: a trunk 0 after the calling code is dropped,
    /// unless only the number with it is assigned.
    fn resolve(&self, written: &Written, country: Option<&str>) -> Result<Resolved, Reason> {
        let Written { plus, digits, .. } = written;
        let whole = |digits: &str| self.plan.resolve(*plus, digits, country);
        if let Some(place) = written.trunk_zero
            && let Some(plus_added) = self.plan.leads_abroad(*plus, &digits[..place], country)
        {
            let mut without = digits.clone();
            without.remove(place);
            let plus = *plus || plus_added;
            let noted = |resolved: Result<Resolved, Reason>| resolved.map(|it| Resolved { plus_added, ..it });
            let without = noted(self.plan.resolve(plus, &without, country));
            if without.as_ref().is_ok_and(|resolved| resolved.valid) {
                return without;
            }
            let with = noted(self.plan.resolve(plus, digits, country));
            return if without.is_err() || with.as_ref().is_ok_and(|resolved| resolved.valid) { with } else { without };
        }
        if let Some(end) = written.last_group {
            // `0664 123456 (12)`: where the number is assigned without the group, the group may be something else.
            let with = whole(digits)?;
            return match whole(&digits[..end]) {
                Ok(without) if without.valid => Err(Reason::two_readings(without.e164, with.e164)),
                _ => Ok(with),
            };
        }
        whole(digits)
    }

    /// `1-800-FLOWERS`: only where nothing but the letters makes it an assigned number.
    fn vanity(&self, text: &str, country: Option<&str>) -> Option<Found> {
        let (plus, digits) = clean::keypad_digits(text)?;
        let resolved = self.plan.resolve(plus, &digits, country).ok().filter(|resolved| resolved.valid)?;
        Some(Found { e164: resolved.e164, valid: true, plus_added: resolved.plus_added, words_dropped: false })
    }
}

fn notes(found: &[Found]) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |note: Note, holds: bool| {
        if holds {
            notes.push(note);
        }
    };
    note(Note::PhoneNotAssigned, found.iter().any(|number| !number.valid));
    note(Note::PhoneSplit, found.len() > 1);
    note(Note::PhoneWordsDropped, found.iter().any(|number| number.words_dropped));
    note(Note::PhonePlusAdded, found.iter().any(|number| number.plus_added));
    notes
}

fn distinct(found: Vec<Found>) -> Vec<String> {
    let mut numbers: Vec<String> = Vec::with_capacity(found.len());
    for number in found {
        if !numbers.contains(&number.e164) {
            numbers.push(number.e164);
        }
    }
    numbers
}

impl Plan {
    /// The text with every kind of digit, dash, space, bracket and plus as the ASCII one, and without invisible
    /// characters.
    fn plain<'t>(&self, text: &'t str) -> Cow<'t, str> {
        clean::plain(text, |digits| self.ascii_digits(digits))
    }
}
