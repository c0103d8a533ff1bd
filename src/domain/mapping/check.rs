//! What can be wrong with a mapping, told with what to do about it.

use super::{Column, Mapping, nearest_name};
use crate::domain::field::{Catalog, Field};
use crate::domain::transform::doubled_value;
use crate::domain::values::clean;
use std::collections::{HashMap, HashSet};

/// Why a mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    #[error("the mapping is not readable TOML: {0}")]
    Toml(String),
    #[error("column {column:?} is mapped to {field:?}, and there is no such field{}", nearest(.near))]
    UnknownField { column: String, field: String, near: Option<String> },
    #[error(
        "columns {first:?} and {second:?} are both mapped to {field}, which holds one value: leave one out, map it elsewhere, or give {second:?} a join (join = \" \"), so that both make one value"
    )]
    TwoColumns { field: String, first: String, second: String },
    #[error("the mapping has column {column:?} twice")]
    DoubledColumn { column: String },
    #[error("column {column:?} is mapped to {field:?} and left out on purpose: take one of the two away")]
    Contradiction { column: String, field: String },
    #[error("column {column:?} has a split and {other}: take one of the two away")]
    SplitContradicted { column: String, other: &'static str },
    #[error("the split of column {column:?} {what}")]
    Split { column: String, what: &'static str },
    #[error("column {column:?} finds and replaces an empty text: say what to find, or take the pair away")]
    EmptyFind { column: String },
    #[error("column {column:?} maps the value {value:?}, {why}")]
    Value { column: String, value: String, why: &'static str },
    #[error("a constant is for {field:?}, and there is no such field{}", nearest(.near))]
    UnknownConstant { field: String, near: Option<String> },
    #[error(
        "{field} cannot be a constant: contacts are told apart by it, or known by it, so it must come from each row. Map a column to it"
    )]
    IdentifyingConstant { field: String },
    #[error("the constant of {field} is empty: give it a value, or take it away")]
    EmptyConstant { field: String },
    #[error("{field} holds one value, and has a constant and {other}: take one of the two away")]
    TakenConstant { field: String, other: String },
    #[error(
        "the columns joined into {field} stand in another order in this file: {first:?} now comes before {second:?}. Look at how they join, and save the mapping in the order of this file"
    )]
    JoinTurned { field: String, first: String, second: String },
    #[error("the file has no column {column:?}; its columns are: {have}")]
    NoSuchColumn { column: String, have: String },
}

fn nearest(near: &Option<String>) -> String {
    near.as_ref().map(|key| format!("; did you mean {key}?")).unwrap_or_default()
}

impl Column {
    /// What can be wrong with a column by itself.
    fn check(&self) -> Result<(), MappingError> {
        let column = || self.header.clone();
        if let (Some(field), true) = (&self.field, self.leave_out) {
            return Err(MappingError::Contradiction { column: column(), field: field.clone() });
        }
        if let Some(split) = &self.split {
            let contradicted = |other| Err(MappingError::SplitContradicted { column: column(), other });
            let wrong = |what| Err(MappingError::Split { column: column(), what });
            match () {
                () if self.field.is_some() => return contradicted("a field of its own"),
                () if self.leave_out => return contradicted("is left out on purpose"),
                () if self.join.is_some() => return contradicted("a join"),
                () if split.at.is_empty() => return wrong("does not say where: `at` is the text between the parts"),
                () if split.into.len() < 2 => return wrong("goes into fewer than two fields: `into` names one a part"),
                () if split.into.iter().all(String::is_empty) => {
                    return wrong("drops all its parts: name a field in `into`, or leave the column out");
                }
                () => {}
            }
        }
        if self.find_replace.iter().any(|pair| pair.find.is_empty()) {
            return Err(MappingError::EmptyFind { column: column() });
        }
        let wrong = |value: &str, why| Err(MappingError::Value { column: column(), value: value.to_owned(), why });
        if let Some(empty) = self.values.keys().find(|theirs| clean::trim(theirs).is_empty()) {
            return wrong(empty, "and an empty cell stays empty: take it away");
        }
        match doubled_value(&self.values) {
            Some(theirs) => wrong(theirs, "which differs from another one only in letter case or white space"),
            None => Ok(()),
        }
    }
}

impl Mapping {
    /// Checks that columns which join behind the same one do so in the order of `before`, the same mapping as it was
    /// made: in a file with its columns in another order they would make another value.
    pub fn joins_as(&self, before: &Mapping) -> Result<(), MappingError> {
        let joined = |mapping: &Mapping| {
            let all = mapping.columns.iter().filter(|column| column.join.is_some());
            all.filter_map(|column| Some((column.field.clone()?, column.header.clone()))).collect::<Vec<_>>()
        };
        let place: HashMap<(String, String), usize> =
            joined(before).into_iter().enumerate().map(|(place, of)| (of, place)).collect();
        let mut last: HashMap<String, (usize, String)> = HashMap::new();
        for (field, header) in joined(self) {
            let Some(&now) = place.get(&(field.clone(), header.clone())) else { continue };
            match last.insert(field.clone(), (now, header.clone())) {
                Some((earlier, first)) if earlier > now => {
                    return Err(MappingError::JoinTurned { field, first, second: header });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Checks the mapping against the fields there are.
    pub fn check(&self, catalog: &Catalog) -> Result<(), MappingError> {
        let mut seen: HashSet<&str> = HashSet::new();
        let mut taken: HashMap<&str, String> = HashMap::new();
        let mut filled: HashMap<&str, &str> = HashMap::new();
        for column in &self.columns {
            if !seen.insert(&column.header) {
                return Err(MappingError::DoubledColumn { column: column.header.clone() });
            }
            column.check()?;
            for key in column.targets() {
                let field = field_named(catalog, key, &column.header)?;
                if field.takes_several() {
                    continue;
                }
                filled.insert(key, column.header.as_str());
                if column.join.is_some() {
                    continue;
                }
                let Some(first) = taken.insert(key, column.header.clone()) else { continue };
                let (field, second) = (key.to_owned(), column.header.clone());
                return Err(match first == second {
                    true => MappingError::Split { column: second, what: "gives two parts to a field of one value" },
                    false => MappingError::TwoColumns { field, first, second },
                });
            }
        }
        let mut constants: HashSet<&str> = HashSet::new();
        for constant in &self.constants {
            let key = &constant.field;
            let field = catalog
                .by_key(key)
                .ok_or_else(|| MappingError::UnknownConstant { field: key.clone(), near: nearest_key(catalog, key) })?;
            if field.is_each_rows_own() {
                return Err(MappingError::IdentifyingConstant { field: key.clone() });
            }
            if clean::trim(&constant.value).is_empty() {
                return Err(MappingError::EmptyConstant { field: key.clone() });
            }
            if field.takes_several() {
                continue;
            }
            let other = match filled.get(key.as_str()) {
                Some(header) => format!("the column {header:?}"),
                None if constants.insert(key) => continue,
                None => "another one".to_owned(),
            };
            return Err(MappingError::TakenConstant { field: key.clone(), other });
        }
        Ok(())
    }
}

/// The field of this key; the error names the nearest key there is.
pub fn field_named<'a>(catalog: &'a Catalog, key: &str, column: &str) -> Result<&'a Field, MappingError> {
    catalog.by_key(key).ok_or_else(|| MappingError::UnknownField {
        column: column.to_owned(),
        field: key.to_owned(),
        near: nearest_key(catalog, key),
    })
}

fn nearest_key(catalog: &Catalog, key: &str) -> Option<String> {
    nearest_name(catalog.fields().iter().map(|field| field.key.as_str()), key).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::mapping::Constant;
    use crate::domain::transform::{FindReplace, Split};

    fn catalog() -> Catalog {
        Catalog::contacts(Vec::new()).unwrap()
    }

    #[test]
    fn what_contradicts_itself_in_a_mapping_is_refused_and_says_what_to_do() {
        let split = |at: &str, into: &[&str]| {
            let into = into.iter().map(|key| (*key).to_owned()).collect();
            Some(Split { at: at.to_owned(), from_end: false, into })
        };
        let names: &[&str] = &["first_name", "last_name"];
        let unmapped = || Column::unmapped("A");
        let columns = |columns: Vec<Column>| Mapping { columns, ..Mapping::default() };
        let one = |column: Column| columns(vec![column]);
        let constants = |pairs: &[(&str, &str)]| {
            let constant = |(field, value): &(&str, &str)| Constant { field: (*field).into(), value: (*value).into() };
            Mapping {
                constants: pairs.iter().map(constant).collect(),
                ..columns(vec![Column::to("A", "company"), Column::to("B", "tags")])
            }
        };
        let values = |pairs: &[(&str, &str)]| Column {
            values: pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
            ..Column::to("A", "status")
        };
        let join = |header: &str, field: &str| Column { join: Some(" ".into()), ..Column::to(header, field) };
        for (mapping, says) in [
            (one(Column { split: split(" ", names), ..Column::to("A", "name") }), "a field of its own"),
            (one(Column { split: split(" ", names), leave_out: true, ..unmapped() }), "left out on purpose"),
            (one(Column { split: split(" ", names), join: Some(String::new()), ..unmapped() }), "a join"),
            (one(Column { split: split("", names), ..unmapped() }), "does not say where"),
            (one(Column { split: split(" ", &["name"]), ..unmapped() }), "fewer than two"),
            (one(Column { split: split(" ", &["", ""]), ..unmapped() }), "drops all"),
            (one(Column { split: split(" ", &["name", "nmae"]), ..unmapped() }), "did you mean name?"),
            (one(Column { split: split(" ", &["name", "name"]), ..unmapped() }), "two parts to a field of one value"),
            (
                columns(vec![Column { split: split(" ", names), ..unmapped() }, Column::to("B", "last_name")]),
                "both mapped to last_name",
            ),
            (columns(vec![Column::to("A", "name"), Column::to("B", "name")]), "join = "),
            (
                columns(vec![Column::to("A", "name"), join("B", "name"), Column::to("C", "name")]),
                "\"A\" and \"C\" are both",
            ),
            (
                one(Column {
                    find_replace: vec![FindReplace { find: String::new(), put: "x".into() }],
                    ..Column::to("A", "name")
                }),
                "empty text",
            ),
            (one(values(&[(" ", "x")])), "an empty cell stays empty"),
            (one(values(&[("Open", "x"), ("open", "y")])), "letter case"),
            (constants(&[("source_ref", "1")]), "must come from each row"),
            (constants(&[("contact_id", "1")]), "must come from each row"),
            (constants(&[("email", "a@x.com")]), "must come from each row"),
            (constants(&[("name", "Ann")]), "must come from each row"),
            (constants(&[("compny", "x")]), "did you mean company?"),
            (constants(&[("company", "x")]), "the column \"A\""),
            (constants(&[("agent", "x"), ("agent", "y")]), "another one"),
            (constants(&[("agent", " ")]), "is empty"),
        ] {
            let error = mapping.check(&catalog()).expect_err(says).to_string();
            assert!(error.contains(says), "{says:?} is not in {error}");
        }
        for mapping in [
            one(Column { split: split(" ", &["first_name", "", "tags", "tags"]), ..unmapped() }),
            columns(vec![join("B", "name"), Column::to("A", "name")]),
            columns(vec![join("A", "name"), join("B", "name")]),
            constants(&[("tags", "x"), ("tags", "y"), ("agent", "z"), ("notes", "n")]),
        ] {
            assert_eq!(mapping.check(&catalog()), Ok(()));
        }
    }

    #[test]
    fn columns_that_join_behind_another_do_so_in_the_order_they_were_put_in() {
        let join = |header: &str| Column { join: Some(" ".into()), ..Column::to(header, "name") };
        let made = Mapping { columns: vec![Column::to("A", "name"), join("B"), join("C")], ..Mapping::default() };
        let fitted = |headers: &[&str]| {
            let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
            made.fitted_to(&headers).0.joins_as(&made)
        };
        for same in [&["A", "B", "C"][..], &["B", "A", "C"], &["B", "X", "C", "A"], &["C"]] {
            assert_eq!(fitted(same), Ok(()), "{same:?}");
        }
        assert!(matches!(fitted(&["C", "A", "B"]), Err(MappingError::JoinTurned { .. })));
    }
}
