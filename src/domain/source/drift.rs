//! A delivery's header against that of the mapping (R344, R359, R363). Columns are found by their header, so one that
//! moved is imported as before.

use super::contract::DriftPolicy;
use crate::domain::mapping::{Column, Mapping};
use std::collections::{HashMap, HashSet};

/// How a header departs from the one that the mapping was made for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drift {
    pub added: Vec<String>,
    pub removed: Vec<DriftColumn>,
    /// A removed column and the added one that it likely is now.
    pub renamed: Vec<(DriftColumn, String)>,
    /// The columns that stayed come in another order.
    pub reordered: bool,
    /// Columns whose values are of another kind now, and what they look like.
    pub kind_changed: Vec<(DriftColumn, String)>,
}

/// A column of the mapping.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DriftColumn {
    pub header: String,
    /// Whether the mapping uses it: only then does its change matter.
    pub is_mapped: bool,
}

/// The columns of the file that a mapping was made for, in its order, and those that the mapping names besides.
pub fn columns_of(mapping: &Mapping, header: &[String]) -> Vec<DriftColumn> {
    let is_mapped = |column: &Column| column.field.is_some() || column.split.is_some();
    let mapped: HashSet<&str> =
        mapping.columns.iter().filter(|column| is_mapped(column)).map(|column| column.header.as_str()).collect();
    let there: HashSet<&str> = header.iter().map(String::as_str).collect();
    let besides = mapping.columns.iter().map(|column| &column.header).filter(|name| !there.contains(name.as_str()));
    let column = |name: &String| DriftColumn { header: name.clone(), is_mapped: mapped.contains(name.as_str()) };
    header.iter().chain(besides).map(column).collect()
}

/// What a source does with a delivery of this header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriftDecision {
    Unchanged,
    /// It is imported; where there is something to review, what.
    GoOn {
        review: Option<String>,
    },
    /// The source's policy waits for somebody to look at it.
    Hold {
        what: String,
    },
    /// A column that the mapping uses is not there as it was: importing would lose its values.
    NotReady {
        what: String,
    },
}

impl Drift {
    /// How `header` departs from the mapping's `columns`, which stand in the order of the file they were made for.
    /// `kinds` has the columns whose values look like another kind now, by header, with what they look like.
    pub fn between(columns: &[DriftColumn], header: &[String], kinds: &[(String, String)]) -> Drift {
        let there: HashSet<&str> = header.iter().map(String::as_str).collect();
        let known: HashMap<&str, usize> =
            columns.iter().enumerate().map(|(at, column)| (column.header.as_str(), at)).collect();
        let mut removed: Vec<DriftColumn> =
            columns.iter().filter(|column| !there.contains(column.header.as_str())).cloned().collect();
        let mut added: Vec<String> = header.iter().filter(|name| !known.contains_key(name.as_str())).cloned().collect();
        let mut renamed = Vec::new();
        for is_same in [is_same_name as fn(&str, &str) -> bool, is_near_name] {
            pair(&mut removed, &mut added, &mut renamed, is_same);
        }
        let places: Vec<usize> = header.iter().filter_map(|name| known.get(name.as_str()).copied()).collect();
        let changed = |(name, now): &(String, String)| {
            let column = known.get(name.as_str()).filter(|_| there.contains(name.as_str()))?;
            Some((columns[*column].clone(), now.clone()))
        };
        Drift {
            added,
            removed,
            renamed,
            reordered: places.windows(2).any(|pair| pair[0] > pair[1]),
            kind_changed: kinds.iter().filter_map(changed).collect(),
        }
    }

    /// Whether the header is the mapping's, in whatever order.
    pub fn is_none(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.renamed.is_empty() && self.kind_changed.is_empty()
    }

    /// What a source of this policy does.
    pub fn decide(&self, policy: DriftPolicy) -> DriftDecision {
        let lost = self.sentences(true);
        if !lost.is_empty() {
            return DriftDecision::NotReady { what: lost.join("; ") };
        }
        let review = (!self.is_none()).then(|| self.describe());
        match policy {
            _ if self.is_none() && !self.reordered => DriftDecision::Unchanged,
            DriftPolicy::CarryOn => DriftDecision::GoOn { review },
            // Another order changes nothing: columns are found by their header.
            DriftPolicy::Review if review.is_none() => DriftDecision::GoOn { review },
            DriftPolicy::Review | DriftPolicy::Stop => DriftDecision::Hold { what: self.describe() },
        }
    }

    /// All of it in words, without a full stop.
    pub fn describe(&self) -> String {
        let mut all = self.sentences(true);
        all.extend(self.sentences(false));
        if self.reordered {
            all.push("the columns come in another order".to_owned());
        }
        all.join("; ")
    }

    /// What happened to the columns that are mapped, or to those that are not.
    fn sentences(&self, is_mapped: bool) -> Vec<String> {
        let of = |column: &DriftColumn| column.is_mapped == is_mapped;
        let mapped = if is_mapped { ", which is mapped," } else { "" };
        let mut all: Vec<String> = self
            .renamed
            .iter()
            .filter(|(column, _)| of(column))
            .map(|(column, now)| format!("column \"{}\"{mapped} is likely \"{now}\" now", column.header))
            .collect();
        let removed: Vec<&str> =
            self.removed.iter().filter(|column| of(column)).map(|column| column.header.as_str()).collect();
        match removed.as_slice() {
            [] => {}
            [name] => all.push(format!("column \"{name}\"{mapped} is gone")),
            names => all.push(format!(
                "columns {}{} are gone",
                quoted(names),
                if is_mapped { ", which are mapped," } else { "" }
            )),
        }
        let changed = self.kind_changed.iter().filter(|(column, _)| of(column));
        all.extend(changed.map(|(column, now)| format!("column \"{}\"{mapped} looks like {now} now", column.header)));
        if !is_mapped {
            let added: Vec<&str> = self.added.iter().map(String::as_str).collect();
            match added.as_slice() {
                [] => {}
                [name] => all.push(format!("column \"{name}\" is new")),
                names => all.push(format!("columns {} are new", quoted(names))),
            }
        }
        all
    }
}

/// Names in quotes, the first few of many.
fn quoted(names: &[&str]) -> String {
    const MOST: usize = 5;
    let shown: Vec<String> = names.iter().take(MOST).map(|name| format!("\"{name}\"")).collect();
    match names.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Takes out what was likely renamed: a removed and an added column that are like each other, and like no other.
fn pair(
    removed: &mut Vec<DriftColumn>,
    added: &mut Vec<String>,
    renamed: &mut Vec<(DriftColumn, String)>,
    is_same: fn(&str, &str) -> bool,
) {
    // Wide files that changed as a whole have no likely names, and would cost a comparison of each with each.
    const WIDEST: usize = 200;
    if removed.len() > WIDEST || added.len() > WIDEST {
        return;
    }
    let only = |matches: Vec<usize>| if let [one] = matches.as_slice() { Some(*one) } else { None };
    let mut pairs = Vec::new();
    for (at, column) in removed.iter().enumerate() {
        let likely = only((0..added.len()).filter(|new| is_same(&column.header, &added[*new])).collect());
        let Some(new) = likely else { continue };
        let back = only((0..removed.len()).filter(|old| is_same(&removed[*old].header, &added[new])).collect());
        if back == Some(at) {
            pairs.push((at, new));
        }
    }
    renamed.extend(pairs.iter().map(|(old, new)| (removed[*old].clone(), added[*new].clone())));
    let (gone, found): (HashSet<usize>, HashSet<usize>) = pairs.into_iter().unzip();
    let mut at = 0..;
    removed.retain(|_| !at.next().is_some_and(|at| gone.contains(&at)));
    let mut at = 0..;
    added.retain(|_| !at.next().is_some_and(|at| found.contains(&at)));
}

/// Lower-case letters and digits; what stands between them is no part of a name.
fn folded(name: &str) -> Vec<char> {
    name.chars().take(100).flat_map(char::to_lowercase).filter(|letter| letter.is_alphanumeric()).collect()
}

fn is_same_name(one: &str, other: &str) -> bool {
    let (one, other) = (folded(one), folded(other));
    !one.is_empty() && one == other
}

/// The words of a name in small letters: `eMail_Address 2` has four.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars().take(100) {
        if !letter.is_alphanumeric() || before.is_lowercase() && letter.is_uppercase() {
            words.push(String::new());
        }
        if letter.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words.truncate(20);
    words
}

/// Whether `whole` is some words of `of` that stand together, however each is divided: `Email` in `E-Mail Address`.
fn stands_in(whole: &[String], of: &[String]) -> bool {
    const FEWEST_LETTERS: usize = 4;
    let whole = whole.concat();
    let from = |start: usize| (start + 1..=of.len()).any(|end| of[start..end].concat() == whole);
    whole.chars().count() >= FEWEST_LETTERS && (0..of.len()).any(from)
}

/// Whether the names have the same words in another order, one the words of the other and more, or few other letters.
fn is_near_name(one: &str, other: &str) -> bool {
    let (ours, theirs) = (words(one), words(other));
    if stands_in(&ours, &theirs) || stands_in(&theirs, &ours) {
        return true;
    }
    let (ours, theirs): (HashSet<&String>, HashSet<&String>) = (ours.iter().collect(), theirs.iter().collect());
    let (few, many) = if ours.len() <= theirs.len() { (&ours, &theirs) } else { (&theirs, &ours) };
    if few.iter().any(|word| word.chars().count() >= 3) && few.is_subset(many) {
        return true;
    }
    let (one, other) = (folded(one), folded(other));
    let longer = one.len().max(other.len());
    longer >= 4 && letters_between(&one, &other) * 4 <= longer
}

/// How many letters must be put in, taken out or replaced.
fn letters_between(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (place, theirs) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != theirs);
            diagonal = row[place + 1];
            row[place + 1] = replaced.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `*` marks a mapped column.
    fn drift(columns: &[&str], header: &[&str], kinds: &[(&str, &str)]) -> Drift {
        let columns: Vec<DriftColumn> = columns
            .iter()
            .map(|name| DriftColumn { header: name.trim_start_matches('*').into(), is_mapped: name.starts_with('*') })
            .collect();
        let header: Vec<String> = header.iter().map(|name| (*name).into()).collect();
        let kinds: Vec<(String, String)> = kinds.iter().map(|(name, now)| ((*name).into(), (*now).into())).collect();
        Drift::between(&columns, &header, &kinds)
    }

    #[test]
    fn only_what_happened_to_a_mapped_column_makes_a_source_not_ready() {
        use DriftPolicy::{CarryOn, Review, Stop};
        let columns = &["*Name", "*Email", "Fax"];
        for (header, kinds, carry_on, review, stop, says) in [
            (&["Name", "Email", "Fax"][..], &[][..], "unchanged", "unchanged", "unchanged", ""),
            (&["Email", "Name", "Fax"], &[], "go on", "go on", "hold", ""),
            (&["Name", "Email", "Fax", "Plan"], &[], "review", "hold", "hold", "column \"Plan\" is new"),
            (&["Name", "Email"], &[], "review", "hold", "hold", "column \"Fax\" is gone"),
            (&["Name", "Email", "FAX"], &[], "review", "hold", "hold", "column \"Fax\" is likely \"FAX\" now"),
            (&["Name", "Email", "Fax"], &[("Fax", "dates")], "review", "hold", "hold", "looks like dates now"),
            (
                &["Name", "Fax"],
                &[],
                "not ready",
                "not ready",
                "not ready",
                "column \"Email\", which is mapped, is gone",
            ),
            (
                &["Fax"],
                &[],
                "not ready",
                "not ready",
                "not ready",
                "columns \"Name\", \"Email\", which are mapped, are gone",
            ),
            (&["Name", "E-Mail", "Fax"], &[], "not ready", "not ready", "not ready", "is likely \"E-Mail\" now"),
            (
                &["Name", "Email", "Fax"],
                &[("Email", "numbers")],
                "not ready",
                "not ready",
                "not ready",
                "looks like numbers",
            ),
        ] {
            let drift = drift(columns, header, kinds);
            for (policy, expected) in [(CarryOn, carry_on), (Review, review), (Stop, stop)] {
                let decision = drift.decide(policy);
                let (found, said) = match &decision {
                    DriftDecision::Unchanged => ("unchanged", ""),
                    DriftDecision::GoOn { review: None } => ("go on", ""),
                    DriftDecision::GoOn { review: Some(what) } => ("review", what.as_str()),
                    DriftDecision::Hold { what } => ("hold", what.as_str()),
                    DriftDecision::NotReady { what } => ("not ready", what.as_str()),
                };
                assert_eq!(found, expected, "{header:?} {policy:?}");
                assert!(said.contains(says), "{header:?} {said}");
            }
        }
    }

    #[test]
    fn a_renamed_column_is_guessed_only_where_one_alone_is_likely() {
        let renamed = |columns: &[&str], header: &[&str]| -> Vec<(String, String)> {
            drift(columns, header, &[]).renamed.into_iter().map(|(column, now)| (column.header, now)).collect()
        };
        for (from, to) in [
            ("First Name", "first_name"),
            ("Email", "E-mail"),
            ("Email", "Email Address"),
            ("Email", "E-Mail Address"),
            ("E-Mail", "Email Address"),
            ("Email", "emailAddress"),
            ("Primary E-Mail", "Email"),
            ("Zip Code", "Postal ZipCode"),
            ("Phone Number", "Number Phone"),
            ("Telephone", "Telefone"),
        ] {
            let found = renamed(&[from, "Other"], &["Other", to]);
            assert_eq!(found, [(from.to_owned(), to.to_owned())]);
        }
        for (columns, header) in [
            (&["Name"][..], &["Plan"][..]),
            (&["Id"], &["Id2"]),
            (&["Email"], &["Email 1", "Email 2"]),
            (&["Email"], &["E-Mail Work", "E-Mail Home"]),
            (&["Id"], &["Paid"]),
            (&["Count"], &["Country"]),
            (&["State"], &["Statement"]),
            (&["Phone"], &["Microphones"]),
            (&["Mail"], &["Email Campaign"]),
            (&["Phone home", "Phone work"], &["Phone"]),
            (&["***", "a"], &["???", "a"]),
        ] {
            assert_eq!(renamed(columns, header), [], "{columns:?} {header:?}");
        }
        // An exact likeness wins over a near one.
        assert_eq!(renamed(&["Email"], &["e-mail", "Email Address"]), [("Email".to_owned(), "e-mail".to_owned())]);
    }

    proptest! {
        #[test]
        fn every_column_is_accounted_for_once(
            columns in prop::collection::hash_set("[ab*]{0,4}", 0..12),
            header in prop::collection::hash_set("[aAb_]{0,4}", 0..12),
        ) {
            let columns: Vec<DriftColumn> = columns
                .into_iter()
                .map(|header| DriftColumn { is_mapped: header.len() > 2, header })
                .collect();
            let header: Vec<String> = header.into_iter().collect();
            let drift = Drift::between(&columns, &header, &[]);
            let stayed = columns.iter().filter(|column| header.contains(&column.header)).count();
            prop_assert_eq!(stayed + drift.removed.len() + drift.renamed.len(), columns.len());
            prop_assert_eq!(stayed + drift.added.len() + drift.renamed.len(), header.len());
            let _ = drift.decide(DriftPolicy::CarryOn);
        }
    }
}
