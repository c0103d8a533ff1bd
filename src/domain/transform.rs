//! What a mapping does to the text of a cell before it is read as a value. Pure; one order for all: find and replace,
//! letter case, value map; parts are split off, or joined to those of other columns, at the end.

use super::values::clean::folded;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use unicode_normalization::char::is_combining_mark;

/// A text that is put in the place of another one, wherever that stands in the cell, in exactly these letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindReplace {
    /// Not empty.
    pub find: String,
    /// Empty to take it out.
    #[serde(default)]
    pub put: String,
}

/// The letter case that a text is brought to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    Upper,
    Lower,
    /// The first letter of each word upper, the others lower: `O'Brien-Lee`, and `It's`.
    Title,
}

impl Case {
    pub const ALL: [Case; 3] = [Case::Upper, Case::Lower, Case::Title];

    /// The text in this case.
    pub fn of(self, text: &str) -> String {
        match self {
            Case::Upper => text.to_uppercase(),
            Case::Lower => text.to_lowercase(),
            Case::Title => title(text),
        }
    }
}

/// A word goes on over marks that belong to its letters and over an apostrophe; behind that one a part of at least two
/// letters begins as a word does, which tells `O'Brien` from `it's`.
fn title(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut titled = String::with_capacity(lower.len());
    let mut chars = lower.chars().peekable();
    let (mut in_word, mut after_apostrophe) = (false, false);
    while let Some(letter) = chars.next() {
        let is_of_word = letter.is_alphanumeric() || is_combining_mark(letter);
        let part_goes_on = chars.peek().is_some_and(|next| next.is_alphanumeric() || is_combining_mark(*next));
        if is_of_word && (!in_word || after_apostrophe && part_goes_on) {
            // `ß` becomes `SS`, of which only the first is the word's first letter.
            let mut upper = letter.to_uppercase();
            titled.extend(upper.next());
            titled.extend(upper.flat_map(char::to_lowercase));
        } else {
            titled.push(letter);
        }
        after_apostrophe = in_word && matches!(letter, '\'' | '’');
        in_word = is_of_word || after_apostrophe;
    }
    titled
}

/// A column whose cells hold several values, for a field each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Where the cell is parted; not empty.
    pub at: String,
    /// The *first* parts are single ones and the last field takes the rest; with this it is the other way round, so that
    /// `Anna Maria Berger` has the last name `Berger`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_end: bool,
    /// Keys of the fields, in the order of the parts; an empty one drops its part. At least two.
    pub into: Vec<String>,
}

impl Split {
    /// The text of one field, by its place in `into`; empty where the cell has too few parts. Those that are missing
    /// are the last ones, or the first ones from the end: `Berger` alone is a last name then.
    pub fn part<'t>(&self, text: &'t str, place: usize) -> &'t str {
        let fields = self.into.len();
        if self.from_end {
            text.rsplitn(fields, &self.at).nth(fields.saturating_sub(place + 1)).unwrap_or_default()
        } else {
            text.splitn(fields, &self.at).nth(place).unwrap_or_default()
        }
    }
}

/// Their values with ours, made ready to be looked up without letter case and with any white space between words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueMap {
    by_folded: HashMap<String, String>,
}

impl ValueMap {
    pub fn new(values: &BTreeMap<String, String>) -> ValueMap {
        ValueMap { by_folded: values.iter().map(|(theirs, ours)| (folded(theirs), ours.clone())).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.by_folded.is_empty()
    }

    /// Our value for one of theirs.
    pub fn find(&self, theirs: &str) -> Option<&str> {
        if self.is_empty() {
            return None;
        }
        self.by_folded.get(&folded(theirs)).map(String::as_str)
    }
}

/// Two of their values that are the same when they are looked up.
pub fn doubled_value(values: &BTreeMap<String, String>) -> Option<&str> {
    let mut seen = std::collections::HashSet::new();
    values.keys().find(|theirs| !seen.insert(folded(theirs))).map(String::as_str)
}

/// Finds and replaces, one pair after the other, and then brings the text to a case. Borrowed where nothing changes.
pub fn rewritten<'t>(text: &'t str, find_replace: &[FindReplace], case: Option<Case>) -> Cow<'t, str> {
    let mut text = Cow::Borrowed(text);
    for FindReplace { find, put } in find_replace {
        // An empty one would be found between any two letters.
        if !find.is_empty() && text.contains(find.as_str()) {
            text = Cow::Owned(text.replace(find.as_str(), put));
        }
    }
    match case {
        Some(case) => Cow::Owned(case.of(&text)),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pair(find: &str, put: &str) -> FindReplace {
        FindReplace { find: find.to_owned(), put: put.to_owned() }
    }

    fn split(at: &str, from_end: bool, fields: usize) -> Split {
        Split { at: at.to_owned(), from_end, into: (0..fields).map(|place| format!("field {place}")).collect() }
    }

    fn parts<'t>(split: &Split, text: &'t str) -> Vec<&'t str> {
        (0..split.into.len()).map(|place| split.part(text, place)).collect()
    }

    #[test]
    fn texts_are_replaced_one_after_the_other_in_exactly_these_letters() {
        for (text, pairs, want) in [
            ("a-b-c", vec![pair("-", "")], "abc"),
            ("a-b", vec![pair("-", "+"), pair("+", " and ")], "a and b"),
            ("N/A n/a", vec![pair("N/A", "")], " n/a"),
            ("aaa", vec![pair("aa", "b")], "ba"),
            ("0049 30", vec![pair("0049", "+49")], "+49 30"),
            (".*", vec![pair(".*", "x"), pair("y", "z")], "x"),
            ("ab", vec![pair("", "x")], "ab"),
        ] {
            assert_eq!(rewritten(text, &pairs, None), want, "{text:?} {pairs:?}");
        }
        assert!(matches!(rewritten("abc", &[pair("x", "y")], None), Cow::Borrowed(_)));
    }

    #[test]
    fn a_title_has_the_first_letter_of_each_word_upper_and_no_other() {
        for (text, want) in [
            ("ANNA MARIA BERGER", "Anna Maria Berger"),
            ("anne-marie o'brien", "Anne-Marie O'Brien"),
            ("d’ANGELO", "D’Angelo"),
            ("IT'S THE DOGS' DAY", "It's The Dogs' Day"),
            ("'quoted'", "'Quoted'"),
            ("zoë ÅNGSTRÖM", "Zoë Ångström"),
            ("e\u{301}cole", "E\u{301}cole"),
            ("ßa 2ND", "Ssa 2nd"),
            ("ΣΊΣΥΦΟΣ", "Σίσυφος"),
            ("", ""),
        ] {
            assert_eq!(Case::Title.of(text), want, "{text:?}");
        }
        assert_eq!((Case::Upper.of("aß"), Case::Lower.of("ÄB")), ("ASS".to_owned(), "äb".to_owned()));
    }

    #[test]
    fn the_last_field_of_a_split_takes_the_rest_and_from_the_end_the_first_one() {
        for (text, from_end, fields, want) in [
            ("Anna Maria Berger", false, 2, vec!["Anna", "Maria Berger"]),
            ("Anna Maria Berger", true, 2, vec!["Anna Maria", "Berger"]),
            ("Anna", false, 2, vec!["Anna", ""]),
            ("Berger", true, 2, vec!["", "Berger"]),
            ("a b c", false, 3, vec!["a", "b", "c"]),
            ("a b c", true, 3, vec!["a", "b", "c"]),
            ("a b", true, 3, vec!["", "a", "b"]),
            ("", false, 2, vec!["", ""]),
        ] {
            assert_eq!(parts(&split(" ", from_end, fields), text), want, "{text:?} {from_end}");
        }
    }

    #[test]
    fn values_are_found_without_case_and_with_any_white_space() {
        let theirs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(theirs, ours)| ((*theirs).to_owned(), (*ours).to_owned())).collect()
        };
        let map = ValueMap::new(&theirs(&[("In  Progress", "open"), ("ÜBER", "done"), ("none", "")]));
        for (text, want) in
            [("in progress", Some("open")), ("über", Some("done")), ("NONE", Some("")), ("progress", None), ("", None)]
        {
            assert_eq!(map.find(text), want, "{text:?}");
        }
        assert_eq!(ValueMap::default().find(""), None);
        assert_eq!(doubled_value(&theirs(&[("A b", "x"), ("a  B", "y")])), Some("a  B"));
        assert_eq!(doubled_value(&theirs(&[("a", "x"), ("b", "x")])), None);
    }

    proptest! {
        #[test]
        fn parts_put_together_again_are_the_text(
            text in "[a-c ,]{0,12}",
            at in prop::sample::select(&[" ", ",", ", ", "a"][..]),
            from_end in any::<bool>(),
            fields in 2_usize..5,
        ) {
            let split = split(at, from_end, fields);
            let found = parts(&split, &text);
            let has = text.matches(at).count().min(fields - 1) + 1;
            let there = if from_end { &found[fields - has..] } else { &found[..has] };
            prop_assert_eq!(there.join(at), text);
        }
    }
}
