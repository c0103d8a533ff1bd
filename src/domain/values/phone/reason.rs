//! Why a phone number could not be read, in words.

use crate::domain::issue::{Code, Problem};

/// The reason within `phone_unreadable`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reason {
    NoDigits,
    /// `1.23457E+10`
    Spreadsheet,
    /// Two numbers that the text may mean, as E.164.
    TwoReadings(String, String),
    /// Dialled within a local area only.
    LocalOnly,
    TooShort,
    TooLong,
    /// Between the shortest and the longest number, and yet no number has that many digits.
    WrongLength,
    UnknownCallingCode,
    NeedsCountry,
    /// Letters stuck to the digits: a typing slip, a mask or another kind of code.
    Letters,
    /// `XXXX`, `...`
    Masked,
    DigitsAfterWords,
    SeveralNumbers,
    /// Words around digits that are no assigned number.
    Words,
    Character(char),
    /// Without a plus it is no number of the default country, with one it is not assigned.
    PlusUnclear,
    /// The reason of one of several numbers, counted from 1.
    Part(usize, Box<Reason>),
}

impl Reason {
    pub(super) fn two_readings(one: String, other: String) -> Reason {
        Reason::TwoReadings(one, other)
    }

    /// `place` counts from 0.
    pub(super) fn of_part(self, place: usize) -> Reason {
        match self {
            Reason::Part(..) => self,
            reason => Reason::Part(place + 1, Box::new(reason)),
        }
    }

    /// The issue of a cell, with what to do about it.
    pub(super) fn problem(&self, country: Option<&str>) -> Problem {
        let now = match country {
            Some(country) => format!("now {country}"),
            None => "and none is set".to_string(),
        };
        Problem::new(
            Code::PhoneUnreadable,
            format!(
                "{}; E.164 always works (+1 1234567890), national forms need the default country, {now}",
                self.words(country)
            ),
        )
    }

    fn words(&self, country: Option<&str>) -> String {
        let plan = match country {
            Some(country) => format!("a number of {country}"),
            None => "a phone number".to_string(),
        };
        match self {
            Reason::NoDigits => "there is no number in it".to_string(),
            Reason::Spreadsheet => "damaged by a spreadsheet: digits are lost (export the column as text)".to_string(),
            Reason::TwoReadings(one, other) => format!("it can mean {one} or {other}: write the one that is meant"),
            Reason::LocalOnly => "only local: area code missing".to_string(),
            Reason::TooShort => format!("too few digits for {plan}"),
            Reason::TooLong => format!("too many digits for {plan}"),
            Reason::WrongLength => format!("no number there has that many digits: not {plan}"),
            Reason::UnknownCallingCode => "no country has this calling code".to_string(),
            Reason::NeedsCountry => "written without a calling code".to_string(),
            Reason::Letters => "letters stand among the digits".to_string(),
            Reason::Masked => "some of the digits are masked or cut off".to_string(),
            Reason::DigitsAfterWords => "more digits follow that are not called an extension".to_string(),
            Reason::SeveralNumbers => "it looks like several numbers, and not each of them is one".to_string(),
            Reason::Words => "the digits between the words are no assigned number".to_string(),
            Reason::Character(character) => {
                format!("{:?} is not part of a phone number", character.to_string())
            }
            Reason::PlusUnclear => {
                format!("not {plan}; if it begins with a calling code, write a plus before it")
            }
            Reason::Part(place, reason) => format!("number {place} in the cell: {}", reason.words(country)),
        }
    }
}
