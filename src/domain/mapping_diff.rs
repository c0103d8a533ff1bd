//! What is different between two mappings, column by column and in words.

use super::field::Catalog;
use super::mapping::{Column, Constant, Mapping, Reading};
use super::transform::{Case, FindReplace, Split};
use super::values::date::DateOrder;
use super::values::list::Separator;
use super::values::number::DecimalMark;
use std::collections::HashMap;

/// How something is different.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    Added,
    Removed,
    Changed,
}

/// One difference of two mappings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingChange {
    pub difference: Difference,
    /// The header of a column, the label of a field with a constant, or what else it is about.
    pub about: String,
    /// What was and what is: `Email → left out`, `day first`.
    pub words: String,
}

/// What is different in `new`: first about the mapping as such, then its columns in their order, then those that are
/// gone, then constants.
pub fn changes(old: &Mapping, new: &Mapping, catalog: &Catalog) -> Vec<MappingChange> {
    let mut found = Vec::new();
    let mut changed = |about: &str, words: String| {
        found.push(MappingChange { difference: Difference::Changed, about: about.to_owned(), words });
    };
    for (about, was, is) in readings(&old.reading, &new.reading) {
        if was != is {
            let said = |value: Option<String>| value.unwrap_or_else(|| "as detected".to_owned());
            changed(about, format!("{} → {}", said(was), said(is)));
        }
    }
    if old.accept_unmapped != new.accept_unmapped {
        let words = |accepts: bool| if accepts { "are left out" } else { "hold an import up" };
        changed("Unmapped columns", format!("{} → {}", words(old.accept_unmapped), words(new.accept_unmapped)));
    }
    let was: HashMap<&str, &Column> = old.columns.iter().map(|column| (column.header.as_str(), column)).collect();
    for column in &new.columns {
        match was.get(column.header.as_str()) {
            None => found.push(MappingChange {
                difference: Difference::Added,
                about: column.header.clone(),
                words: column_in_words(column, catalog),
            }),
            Some(was) => found.extend(changes_of(was, column, catalog).into_iter().map(|words| MappingChange {
                difference: Difference::Changed,
                about: column.header.clone(),
                words,
            })),
        }
    }
    let is: HashMap<&str, ()> = new.columns.iter().map(|column| (column.header.as_str(), ())).collect();
    for column in old.columns.iter().filter(|column| !is.contains_key(column.header.as_str())) {
        found.push(MappingChange {
            difference: Difference::Removed,
            about: column.header.clone(),
            words: column_in_words(column, catalog),
        });
    }
    found.extend(constants(&old.constants, &new.constants, catalog));
    found
}

fn readings<'a>(old: &Reading, new: &Reading) -> [(&'a str, Option<String>, Option<String>); 6] {
    let line = |reading: &Reading| reading.header_row.map(|line| format!("line {line}"));
    [
        ("Encoding", old.encoding.clone(), new.encoding.clone()),
        ("Delimiter", old.delimiter.clone(), new.delimiter.clone()),
        ("Quote character", old.quote.clone(), new.quote.clone()),
        ("Header row", line(old), line(new)),
        ("Country", old.country.clone(), new.country.clone()),
        ("Time zone", old.timezone.clone(), new.timezone.clone()),
    ]
}

fn label(key: &str, catalog: &Catalog) -> String {
    catalog.by_key(key).map_or(key, |field| field.label.as_str()).to_owned()
}

/// Where a column goes, in words: `Email`, `left out`, `not decided`, `First Name, Last Name, split at “ ”`.
pub fn goal(column: &Column, catalog: &Catalog) -> String {
    match (&column.field, &column.split) {
        (Some(key), _) => label(key, catalog),
        (None, Some(split)) => split_in_words(split, catalog),
        (None, None) if column.leave_out => "left out".to_owned(),
        (None, None) => "not decided".to_owned(),
    }
}

fn split_in_words(split: &Split, catalog: &Catalog) -> String {
    let part = |key: &String| if key.is_empty() { "–".to_owned() } else { label(key, catalog) };
    let parts: Vec<String> = split.into.iter().map(part).collect();
    let from_end = if split.from_end { ", from the end" } else { "" };
    format!("{}, split at “{}”{from_end}", parts.join(", "), split.at)
}

/// More values than these are counted where a column is told of in a line.
const MOST_VALUES: usize = 3;

/// A column in a line: where it goes, and its options, of which there may be many.
pub fn in_a_line(column: &Column, catalog: &Catalog) -> String {
    let mut short = column.clone();
    let mut counts = Vec::new();
    if short.values.len() > MOST_VALUES {
        counts.push(format!("{} values translated", short.values.len()));
        short.values.clear();
    }
    if short.find_replace.len() > MOST_VALUES {
        counts.push(format!("{} texts replaced", short.find_replace.len()));
        short.find_replace.clear();
    }
    std::iter::once(column_in_words(&short, catalog)).chain(counts).collect::<Vec<_>>().join("; ")
}

/// A column whole: where it goes, and its options.
fn column_in_words(column: &Column, catalog: &Catalog) -> String {
    let plain = Column { field: column.field.clone(), split: column.split.clone(), ..Column::unmapped(&column.header) };
    let plain = Column { leave_out: column.leave_out, ..plain };
    let mut words = vec![goal(column, catalog)];
    words.extend(changes_of(&plain, column, catalog));
    words.join("; ")
}

/// What is different about a column, one entry an option.
fn changes_of(old: &Column, new: &Column, catalog: &Catalog) -> Vec<String> {
    let mut found = Vec::new();
    if (&old.field, &old.split, old.leave_out) != (&new.field, &new.split, new.leave_out) {
        found.push(format!("{} → {}", goal(old, catalog), goal(new, catalog)));
    }
    let mut option = |is_same: bool, words: String| {
        if !is_same {
            found.push(words);
        }
    };
    let either = |is: bool, yes: &str, no: &str| if is { yes.to_owned() } else { no.to_owned() };
    option(old.required == new.required, either(new.required, "required", "not required any more"));
    let order = match new.date_order {
        None => "date order not said any more",
        Some(DateOrder::DayFirst) => "day first",
        Some(DateOrder::MonthFirst) => "month first",
    };
    option(old.date_order == new.date_order, order.to_owned());
    let mark = match new.decimal {
        None => "decimal mark not said any more",
        Some(DecimalMark::Point) => "decimal point",
        Some(DecimalMark::Comma) => "decimal comma",
    };
    option(old.decimal == new.decimal, mark.to_owned());
    let separator = match new.separator {
        None => "list separator not said any more",
        Some(Separator::Semicolon) => "values parted by semicolons",
        Some(Separator::Comma) => "values parted by commas",
        Some(Separator::Period) => "values parted by periods",
    };
    option(old.separator == new.separator, separator.to_owned());
    option(old.replace == new.replace, either(new.replace, "replaces what is there", "adds to what is there"));
    let case = match new.case {
        None => "letter case as it is",
        Some(Case::Upper) => "in upper case",
        Some(Case::Lower) => "in lower case",
        Some(Case::Title) => "each word with a capital",
    };
    option(old.case == new.case, case.to_owned());
    let join = match &new.join {
        None => "not joined any more".to_owned(),
        Some(between) => format!("joined with “{between}”"),
    };
    option(old.join == new.join, join);
    for pair in new.find_replace.iter().filter(|pair| !old.find_replace.contains(pair)) {
        found.push(pair_in_words(pair));
    }
    for pair in old.find_replace.iter().filter(|pair| !new.find_replace.contains(pair)) {
        found.push(format!("no more: {}", pair_in_words(pair)));
    }
    for (theirs, ours) in new.values.iter().filter(|(theirs, ours)| old.values.get(*theirs) != Some(ours)) {
        let ours = if ours.is_empty() { "nothing" } else { ours };
        found.push(format!("value “{theirs}” is “{ours}”"));
    }
    for theirs in old.values.keys().filter(|theirs| !new.values.contains_key(*theirs)) {
        found.push(format!("value “{theirs}” stays as it is"));
    }
    found
}

fn pair_in_words(FindReplace { find, put }: &FindReplace) -> String {
    format!("“{find}” replaced by “{put}”")
}

fn constants(old: &[Constant], new: &[Constant], catalog: &Catalog) -> Vec<MappingChange> {
    let value = |of: &[Constant], key: &str| of.iter().find(|constant| constant.field == key).map(|c| c.value.clone());
    let change = |key: &str, difference, words| MappingChange { difference, about: label(key, catalog), words };
    let mut found = Vec::new();
    for constant in new {
        match value(old, &constant.field) {
            None => {
                found.push(change(&constant.field, Difference::Added, format!("“{}” in every row", constant.value)))
            }
            Some(was) if was != constant.value => found.push(change(
                &constant.field,
                Difference::Changed,
                format!("“{was}” → “{}” in every row", constant.value),
            )),
            Some(_) => {}
        }
    }
    for constant in old.iter().filter(|constant| value(new, &constant.field).is_none()) {
        let words = format!("“{}” in every row", constant.value);
        found.push(change(&constant.field, Difference::Removed, words));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_in_a_line_has_its_options_and_counts_what_would_fill_the_page() {
        let catalog = Catalog::contacts(Vec::new()).expect("the built-in fields");
        let values = |number: usize| (0..number).map(|at| (format!("a{at}"), "customer".to_owned())).collect();
        let with = |number| Column { values: values(number), required: true, ..Column::to("State", "status") };
        assert_eq!(in_a_line(&with(1), &catalog), "Status; required; value “a0” is “customer”");
        assert_eq!(in_a_line(&with(4), &catalog), "Status; required; 4 values translated");
    }

    fn told(old: &Mapping, new: &Mapping) -> Vec<String> {
        let catalog = Catalog::contacts(Vec::new()).unwrap();
        let mark = |difference| match difference {
            Difference::Added => "+ ",
            Difference::Removed => "- ",
            Difference::Changed => "",
        };
        let line = |change: MappingChange| format!("{}{}: {}", mark(change.difference), change.about, change.words);
        changes(old, new, &catalog).into_iter().map(line).collect()
    }

    #[test]
    fn every_difference_is_told_in_words() {
        let columns = vec![Column::to("Mail", "email"), Column::to("Gone", "phone"), Column::to("Status", "tags")];
        let old = Mapping { columns, ..Mapping::default() };
        let mut new = old.clone();
        new.columns.remove(1);
        new.columns[0] = Column { leave_out: true, ..Column::unmapped("Mail") };
        new.columns[1].values.insert("aktiv".to_owned(), "active".to_owned());
        new.columns[1].required = true;
        new.columns.push(Column { date_order: Some(DateOrder::DayFirst), ..Column::to("Created", "created_at") });
        new.reading.encoding = Some("windows-1252".to_owned());
        new.constants.push(Constant { field: "tags".to_owned(), value: "fair".to_owned() });
        assert_eq!(told(&old, &old), Vec::<String>::new());
        let catalog = Catalog::contacts(Vec::new()).unwrap();
        let created = label("created_at", &catalog);
        assert_eq!(
            told(&old, &new),
            [
                "Encoding: as detected → windows-1252".to_owned(),
                "Mail: Email → left out".to_owned(),
                "Status: required".to_owned(),
                "Status: value “aktiv” is “active”".to_owned(),
                format!("+ Created: {created}; day first"),
                "- Gone: Phone Number".to_owned(),
                "+ Tags: “fair” in every row".to_owned(),
            ]
        );
        assert_eq!(told(&new, &old).len(), told(&old, &new).len(), "told the other way round as well");
    }

    /// Whatever is changed in a mapping is told.
    #[test]
    fn no_option_of_a_column_changes_without_a_word() {
        let old = Mapping { columns: vec![Column::to("A", "notes")], ..Mapping::default() };
        let pair = FindReplace { find: "a".to_owned(), put: "b".to_owned() };
        let split = Split { at: " ".to_owned(), from_end: true, into: vec!["email".to_owned(), String::new()] };
        let plain = Column::to("A", "notes");
        let all = [
            Column { required: true, ..plain.clone() },
            Column { date_order: Some(DateOrder::MonthFirst), ..plain.clone() },
            Column { decimal: Some(DecimalMark::Comma), ..plain.clone() },
            Column { separator: Some(Separator::Comma), ..plain.clone() },
            Column { replace: true, ..plain.clone() },
            Column { case: Some(Case::Title), ..plain.clone() },
            Column { join: Some(" ".to_owned()), ..plain.clone() },
            Column { split: Some(split), field: None, ..plain.clone() },
            Column { find_replace: vec![pair], ..plain.clone() },
            Column { values: [("a".to_owned(), String::new())].into(), ..plain.clone() },
            Column { field: None, leave_out: true, ..plain },
        ];
        for column in all {
            let new = Mapping { columns: vec![column], ..Mapping::default() };
            assert_eq!((told(&old, &new).len(), told(&new, &old).len()), (1, 1), "{new:?}");
        }
    }
}
