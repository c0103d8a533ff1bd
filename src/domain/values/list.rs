//! Cells of several values: multiple options, checkboxes, textbox lists and tags (field rules, Lists, options, tags,
//! people; R228–R233, R237, R238).

#[cfg(test)]
mod tests;

use super::clean::{folded_cow, trim, without_nul};
use super::option::Declared;
use super::text::{TEXT_LIMIT, too_long};
use crate::domain::issue::{Note, Problem, ReadResult, Reading};
use std::borrow::Cow;
use std::collections::HashSet;

/// How many values of a list are compared one by one.
const FEW_VALUES: usize = 8;

/// What a list is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// Multiple options and checkboxes: declared values only, where any are declared.
    Options,
    /// Any values; only those that are equal letter by letter are the same.
    Textbox,
    /// Any values, the same without case; declared ones keep their spelling.
    Tags,
}

/// What parts the values of a cell. A mapping may name one for a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    Semicolon,
    Comma,
    Period,
}

impl Separator {
    pub fn as_char(self) -> char {
        match self {
            Separator::Semicolon => ';',
            Separator::Comma => ',',
            Separator::Period => '.',
        }
    }
}

/// Reads a list in its order, without repetitions. A cell has one kind of separator: the one that is named for its
/// column, else semicolon if there is one, else comma, else period. A value that as a whole is declared is never
/// parted, and neither is a declared one that has separators in it. Empty when the cell holds separators only.
pub fn read_list(
    text: &str,
    kind: ListKind,
    declared: &Declared,
    separator: Option<Separator>,
) -> ReadResult<Vec<String>> {
    let clean = without_nul(text);
    if let Some(problem) = too_long(&clean, TEXT_LIMIT) {
        return Err(problem);
    }
    let value = read_values(parts(&clean, declared, separator).into_iter(), kind, declared)?;
    let notes = if clean.len() < text.len() { vec![Note::NulRemoved] } else { Vec::new() };
    Ok(Reading { value, notes })
}

/// Reads the values of a list that are parted already, in their order, without repetitions.
pub fn read_values<'v>(
    parts: impl Iterator<Item = &'v str>,
    kind: ListKind,
    declared: &Declared,
) -> Result<Vec<String>, Problem> {
    let is_closed = kind == ListKind::Options && !declared.is_empty();
    fn compared(value: &str, kind: ListKind) -> Cow<'_, str> {
        if kind == ListKind::Textbox { Cow::Borrowed(value) } else { folded_cow(value) }
    }
    let mut values: Vec<String> = Vec::with_capacity(parts.size_hint().0);
    let mut seen = HashSet::new();
    for part in parts {
        let value = match declared.find(part) {
            Some(name) => name,
            None if is_closed => return Err(declared.unknown(part)),
            None => part,
        };
        let key = compared(value, kind);
        // Comparing with a few costs less than hashing one.
        let is_new = if values.len() < FEW_VALUES {
            !values.iter().any(|held| compared(held, kind) == key)
        } else {
            if seen.is_empty() {
                seen.extend(values.iter().map(|held| compared(held, kind).into_owned()));
            }
            seen.insert(key.into_owned())
        };
        if is_new {
            values.push(value.to_string());
        }
    }
    Ok(values)
}

/// Whether the text is words joined by periods (`Blue.Yellow.Green`). A column most of whose cells are such may well
/// have the period as its separator, which no single cell can tell: `node.js` is one too.
pub fn is_joined_by_periods(text: &str) -> bool {
    let is_word = |part: &str| part.chars().count() > 1 && part.chars().all(char::is_alphabetic);
    text.contains('.') && text.split('.').all(is_word)
}

/// The values that a cell is parted into; those that are declared stay whole.
pub fn parts<'a>(text: &'a str, declared: &Declared, separator: Option<Separator>) -> Vec<&'a str> {
    if declared.find(text).is_some() {
        return vec![text];
    }
    let separator = separator.or_else(|| {
        [Separator::Semicolon, Separator::Comma].into_iter().find(|separator| text.contains(separator.as_char()))
    });
    match separator {
        Some(separator) => split(text, separator.as_char(), declared),
        None => split_at_periods(text, declared),
    }
}

/// The trimmed parts that are not empty.
fn trimmed<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    parts.map(trim).filter(|part| !part.is_empty()).collect()
}

/// Splits at every separator but those inside a declared value. Where several such values begin the longest counts.
fn split<'a>(text: &'a str, separator: char, declared: &Declared) -> Vec<&'a str> {
    if declared.most_separators() == 0 {
        return trimmed(text.split(separator));
    }
    // Where each piece begins and ends in the text.
    let mut pieces = Vec::new();
    let mut start = 0;
    for piece in text.split(separator) {
        pieces.push((start, start + piece.len()));
        start += piece.len() + separator.len_utf8();
    }
    let mut values = Vec::new();
    let mut first = 0;
    while first < pieces.len() {
        let farthest = (first + declared.most_separators()).min(pieces.len() - 1);
        let whole = |last: usize| trim(&text[pieces[first].0..pieces[last].1]);
        let last = (first + 1..=farthest).rev().find(|&last| declared.find(whole(last)).is_some()).unwrap_or(first);
        values.push(whole(last));
        first = last + 1;
    }
    trimmed(values.into_iter())
}

/// A period parts declared values where all parts are declared, and others where a space follows it: `node.js`,
/// `v1.2` and a declared `St. Louis` stay whole.
fn split_at_periods<'a>(text: &'a str, declared: &Declared) -> Vec<&'a str> {
    if !text.contains('.') {
        return trimmed(std::iter::once(text));
    }
    if !declared.is_empty() {
        let parts = split(text, '.', declared);
        if parts.iter().all(|part| declared.find(part).is_some()) {
            return parts;
        }
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices('.') {
        if text[at + 1..].starts_with(char::is_whitespace) && !ends_declared(&text[start..], at - start, declared) {
            parts.push(&text[start..at]);
            start = at + 1;
        }
    }
    parts.push(&text[start..]);
    trimmed(parts.into_iter())
}

/// Whether the period at `at` stands in a declared value with which the text begins.
fn ends_declared(text: &str, at: usize, declared: &Declared) -> bool {
    if declared.most_separators() == 0 {
        return false;
    }
    let ends = text.match_indices('.').map(|(end, _)| end).chain([text.len()]).filter(|&end| end > at);
    ends.take(declared.most_separators()).any(|end| declared.find(trim(&text[..end])).is_some())
}
