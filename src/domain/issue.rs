//! What can be said about a value or a row: issues, which drop a field or fail a row, and notes, which do not.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The stable code of an issue. Scripts, the ledger and the help pages use [`Code::as_str`]; people read
/// [`Code::message`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    RequiredMissing,
    DuplicatePhone,
    DuplicateEmail,
    ContactIdInvalid,
    PhoneUnreadable,
    DateUnreadable,
    EmailInvalid,
    UnmappedMandatory,
    OptionUnknown,
    NumberUnreadable,
    MoneyUnreadable,
    UserUnknown,
    TimezoneUnknown,
    TooLong,
    RowShort,
    ReferenceTaken,
    RowMalformed,
    RowEncoding,
}

impl Code {
    /// Every code, in the order in which they are documented. The position is what the ledger stores, so new codes
    /// go to the end.
    pub const ALL: [Code; 18] = [
        Code::RequiredMissing,
        Code::DuplicatePhone,
        Code::DuplicateEmail,
        Code::ContactIdInvalid,
        Code::PhoneUnreadable,
        Code::DateUnreadable,
        Code::EmailInvalid,
        Code::UnmappedMandatory,
        Code::OptionUnknown,
        Code::NumberUnreadable,
        Code::MoneyUnreadable,
        Code::UserUnknown,
        Code::TimezoneUnknown,
        Code::TooLong,
        Code::RowShort,
        Code::ReferenceTaken,
        Code::RowMalformed,
        Code::RowEncoding,
    ];

    /// The code as scripts see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::RequiredMissing => "required_missing",
            Code::DuplicatePhone => "duplicate_phone",
            Code::DuplicateEmail => "duplicate_email",
            Code::ContactIdInvalid => "contact_id_invalid",
            Code::PhoneUnreadable => "phone_unreadable",
            Code::DateUnreadable => "date_unreadable",
            Code::EmailInvalid => "email_invalid",
            Code::UnmappedMandatory => "unmapped_mandatory",
            Code::OptionUnknown => "option_unknown",
            Code::NumberUnreadable => "number_unreadable",
            Code::MoneyUnreadable => "money_unreadable",
            Code::UserUnknown => "user_unknown",
            Code::TimezoneUnknown => "timezone_unknown",
            Code::TooLong => "too_long",
            Code::RowShort => "row_short",
            Code::ReferenceTaken => "reference_taken",
            Code::RowMalformed => "row_malformed",
            Code::RowEncoding => "row_encoding",
        }
    }

    /// The exact sentence shown to people (R262, R271, R276, R277, R284, R291, R299, R329).
    pub fn message(self) -> &'static str {
        match self {
            Code::RequiredMissing => "Required fields to create/update contacts are missing",
            Code::DuplicatePhone => "Duplicate phone found",
            Code::DuplicateEmail => "Duplicate email found",
            Code::ContactIdInvalid => "Contact is not valid or not in your sub-account",
            Code::PhoneUnreadable => "Could not read the phone number",
            Code::DateUnreadable => "Could not read the date",
            Code::EmailInvalid => "Invalid email address",
            Code::UnmappedMandatory => {
                "Please ensure all mandatory fields are mapped. To proceed, either map all fields or choose Don't import data for unmapped columns."
            }
            Code::OptionUnknown => "Could not find the option",
            Code::NumberUnreadable => "Could not read the number",
            Code::MoneyUnreadable => "Could not read the amount of money",
            Code::UserUnknown => "Could not find the user",
            Code::TimezoneUnknown => "Could not read the time zone",
            Code::TooLong => "Value is too long",
            Code::RowShort => "Row has fewer cells than the header",
            Code::ReferenceTaken => "Source reference belongs to another contact",
            Code::RowMalformed => "Could not read the row",
            Code::RowEncoding => "Could not read the text of the row",
        }
    }

    /// The code of this name, if there is one.
    pub fn from_str_opt(name: &str) -> Option<Code> {
        Code::ALL.into_iter().find(|code| code.as_str() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a value could not be read: the code, and one sentence that says what to do about this very value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: Code,
    pub guidance: String,
}

impl Problem {
    pub fn new(code: Code, guidance: impl Into<String>) -> Problem {
        Problem { code, guidance: guidance.into() }
    }
}

/// Something worth knowing about a value that was read and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// Possible by its length, but no number is assigned there (field rules, Phone).
    PhoneNotAssigned,
    /// Several phone numbers in one cell: the first is the phone, the rest are additional ones.
    PhoneSplit,
    /// Words after the number were dropped, or read as its extension.
    PhoneWordsDropped,
    /// Digits that begin with the country's own calling code were read with a plus.
    PhonePlusAdded,
    /// Several addresses in one cell: the first is the email, the rest are additional ones.
    EmailSplit,
    /// `mailto:` or `Name <a@b.c>` was taken off.
    EmailUnwrapped,
    /// `--since` was asked for and the row has neither an updated nor a created date: it was kept.
    SinceUndated,
    /// NUL characters were taken out of the cell.
    NulRemoved,
    /// A broken quote: part of the file could not be read here, and the run needs attention.
    PartUnreadable,
    /// The contact held a value, and the row's empty cell took it away (R258, R259).
    FieldCleared,
}

impl Note {
    /// Every note; the position is what the ledger stores, so new ones go to the end.
    pub const ALL: [Note; 10] = [
        Note::PhoneNotAssigned,
        Note::PhoneSplit,
        Note::PhoneWordsDropped,
        Note::PhonePlusAdded,
        Note::EmailSplit,
        Note::EmailUnwrapped,
        Note::SinceUndated,
        Note::NulRemoved,
        Note::PartUnreadable,
        Note::FieldCleared,
    ];

    /// The note as scripts see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Note::PhoneNotAssigned => "phone_not_assigned",
            Note::PhoneSplit => "phone_split",
            Note::PhoneWordsDropped => "phone_words_dropped",
            Note::PhonePlusAdded => "phone_plus_added",
            Note::EmailSplit => "email_split",
            Note::EmailUnwrapped => "email_unwrapped",
            Note::SinceUndated => "since_undated",
            Note::NulRemoved => "nul_removed",
            Note::PartUnreadable => "part_unreadable",
            Note::FieldCleared => "field_cleared",
        }
    }

    /// The note as people read it.
    pub fn message(self) -> &'static str {
        match self {
            Note::PhoneNotAssigned => "the number is possible, but not assigned to anybody: kept as it is",
            Note::PhoneSplit => "several numbers in one cell: the first is the phone, the rest are additional numbers",
            Note::PhoneWordsDropped => "words after the number were left out",
            Note::PhonePlusAdded => "read with a plus: the digits begin with the country's own calling code",
            Note::EmailSplit => {
                "several addresses in one cell: the first is the email, the rest are additional addresses"
            }
            Note::EmailUnwrapped => "the address was taken out of a link or from behind a name",
            Note::SinceUndated => "no date to hold against --since: the row was kept",
            Note::NulRemoved => "NUL characters were taken out",
            Note::PartUnreadable => "part of the file could not be read here",
            Note::FieldCleared => "the cell is empty: what the contact held was cleared",
        }
    }
}

/// A value that was read, with what is worth knowing about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading<T> {
    pub value: T,
    pub notes: Vec<Note>,
}

impl<T> Reading<T> {
    /// A value about which there is nothing to say.
    pub fn plain(value: T) -> Reading<T> {
        Reading { value, notes: Vec::new() }
    }

    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Reading<U> {
        Reading { value: f(self.value), notes: self.notes }
    }
}

/// What a reader of values answers.
pub type ReadResult<T> = Result<Reading<T>, Problem>;
