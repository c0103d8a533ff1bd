//! Mappings: which column becomes which field, and with which options. People read and write them as TOML.

use super::field::{Catalog, Field, Kind, Role};
use super::transform::{Case, FindReplace, Split, doubled_value};
use super::values::clean;
use super::values::date::DateOrder;
use super::values::list::Separator;
use super::values::number::DecimalMark;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A mapping of columns to fields. Columns are found by their header, never by position (R344).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Unmapped columns are left out knowingly: "Don't import data for unmapped columns" (R261).
    #[serde(default, skip_serializing_if = "is_false")]
    pub accept_unmapped: bool,
    /// How the file is to be read, where what is detected is wrong.
    #[serde(default, skip_serializing_if = "Reading::is_empty")]
    pub reading: Reading,
    #[serde(default, rename = "column")]
    pub columns: Vec<Column>,
    /// Fields that every row gets the same value of.
    #[serde(default, rename = "constant", skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Constant>,
}

/// The same value for every row, read as the field's kind like that of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    pub field: String,
    pub value: String,
}

/// Reading options that a mapping overrules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// The quote character, or `none` where quotes are ordinary characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// A line of the file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u64>,
    /// Default country of the source, upper-case ISO code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Default time zone of the source, IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
}

impl Reading {
    fn is_empty(&self) -> bool {
        *self == Reading::default()
    }
}

/// What happens to one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The header as Landfall names it: `Email (2)` for the second of two, `column 7` for a blank one.
    pub header: String,
    /// Key of the field it becomes. With none the column is not mapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Not mapped on purpose (R260).
    #[serde(default, skip_serializing_if = "is_false")]
    pub leave_out: bool,
    /// Any issue in it fails the row, an empty cell too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<DecimalMark>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separator: Option<Separator>,
    /// The values replace what a list field has, instead of being added to it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub replace: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Case>,
    /// The column's text is joined, with this between, behind that of the column without a join that goes to the same
    /// field, wherever that stands in the file, and the whole is read as one value. Several that are joined follow in the
    /// order of the file. Empty cells are not joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub find_replace: Vec<FindReplace>,
    /// Their values with ours, compared without letter case; an empty one of ours is as if the cell were empty. Of a list
    /// the whole cell is looked up, else each value by itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, String>,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Column {
    /// A column that goes to this field, with nothing special.
    pub fn to(header: impl Into<String>, field: impl Into<String>) -> Column {
        Column { field: Some(field.into()), ..Column::unmapped(header) }
    }

    /// A column about which nothing was said.
    pub fn unmapped(header: impl Into<String>) -> Column {
        Column {
            header: header.into(),
            field: None,
            leave_out: false,
            required: false,
            date_order: None,
            decimal: None,
            separator: None,
            replace: false,
            case: None,
            join: None,
            split: None,
            find_replace: Vec::new(),
            values: BTreeMap::new(),
        }
    }

    /// Whether somebody still has to say what happens to it.
    pub fn is_undecided(&self) -> bool {
        self.field.is_none() && self.split.is_none() && !self.leave_out
    }

    /// Whether it goes to this field, as a whole or with a part.
    pub fn goes_to(&self, key: &str) -> bool {
        self.targets().any(|target| target == key)
    }

    /// Whether its cells are read as they stand.
    pub fn is_plain(&self) -> bool {
        self.case.is_none()
            && self.join.is_none()
            && self.split.is_none()
            && self.find_replace.is_empty()
            && self.values.is_empty()
    }

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

    /// The keys of the fields that it goes to: one, or those of its parts.
    pub fn targets(&self) -> impl Iterator<Item = &str> {
        let parts = self.split.iter().flat_map(|split| &split.into).filter(|key| !key.is_empty());
        self.field.iter().chain(parts).map(String::as_str)
    }
}

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

impl Mapping {
    /// Reads a mapping from its TOML.
    pub fn from_toml(text: &str) -> Result<Mapping, MappingError> {
        toml::from_str(text).map_err(|error| MappingError::Toml(error.to_string()))
    }

    /// The mapping as TOML, for people to read.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a mapping is made of what TOML can say")
    }

    /// The mapping as it is remembered: columns that were accepted as unmapped are left out on purpose from now on, and
    /// columns that come later have to be decided about.
    pub fn settled(&self) -> Mapping {
        let mut settled = self.clone();
        for column in settled.columns.iter_mut().filter(|_| self.accept_unmapped) {
            column.leave_out |= column.is_undecided();
        }
        settled.accept_unmapped = false;
        settled
    }

    pub fn column(&self, header: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.header == header)
    }

    /// The entry of a column, made when there is none.
    pub fn column_mut(&mut self, header: &str) -> &mut Column {
        let place = match self.columns.iter().position(|column| column.header == header) {
            Some(place) => place,
            None => {
                self.columns.push(Column::unmapped(header));
                self.columns.len() - 1
            }
        };
        &mut self.columns[place]
    }

    /// Fits the mapping to the columns of a file: in the file's order, one entry a column. Columns of the mapping that
    /// the file lacks are answered apart.
    pub fn fitted_to(&self, headers: &[String]) -> (Mapping, Vec<Column>) {
        let mut rest: HashMap<&str, &Column> = self.columns.iter().map(|c| (c.header.as_str(), c)).collect();
        let columns = headers
            .iter()
            .map(|header| rest.remove(header.as_str()).cloned().unwrap_or_else(|| Column::unmapped(header)))
            .collect();
        let gone = self.columns.iter().filter(|column| rest.contains_key(column.header.as_str())).cloned().collect();
        (Mapping { columns, ..self.clone() }, gone)
    }

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
                if holds_several(field) {
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
            let identifies = matches!(field.kind, Kind::ContactId | Kind::Reference)
                || matches!(field.role, Some(Role::MatchEmail | Role::MatchPhone));
            // With a name for every row, a row that says nothing would make a contact.
            if identifies || field.mandatory_group {
                return Err(MappingError::IdentifyingConstant { field: key.clone() });
            }
            if clean::trim(&constant.value).is_empty() {
                return Err(MappingError::EmptyConstant { field: key.clone() });
            }
            if holds_several(field) {
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

/// Whether several columns may go to a field, each with a value of its own.
fn holds_several(field: &Field) -> bool {
    field.kind.is_many() || field.joins_columns
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

/// The name that is fewest letters away from a mistyped one, when it is near enough to be meant.
pub fn nearest_name<'a>(names: impl Iterator<Item = &'a str>, typed: &str) -> Option<&'a str> {
    names
        .map(|name| (letters_apart(name, typed), name))
        .filter(|(apart, _)| *apart <= 1 + typed.chars().count() / 4)
        .min()
        .map(|(_, name)| name)
}

/// How many letters must be added, taken away, changed or swapped with their neighbour to get from one text to the
/// other, without regard to case.
pub fn letters_apart(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut now = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            now[j] = changed.min(last[j] + 1).min(now[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                now[j] = now[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, now);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn catalog() -> Catalog {
        Catalog::contacts(Vec::new()).unwrap()
    }

    #[test]
    fn a_mapping_reads_back_from_its_toml() {
        let mut mapping = Mapping { accept_unmapped: true, ..Mapping::default() };
        mapping.reading.header_row = Some(3);
        mapping.columns = vec![Column::to("E-Mail geschäftl.", "email"), Column::unmapped("x \"y\"\n")];
        mapping.columns[0].required = true;
        mapping.columns[1].leave_out = true;
        mapping.columns.push(Column { date_order: Some(DateOrder::DayFirst), ..Column::to("Created", "created_at") });
        assert_eq!(Mapping::from_toml(&mapping.to_toml()).unwrap(), mapping);
    }

    #[test]
    fn a_mapping_with_a_mistake_is_refused_with_the_column_and_what_is_near() {
        let mut mapping = Mapping { columns: vec![Column::to("Mail", "emial")], ..Mapping::default() };
        let error = mapping.check(&catalog()).unwrap_err().to_string();
        assert!(error.contains("\"Mail\"") && error.contains("did you mean email?"), "{error}");
        mapping.columns = vec![Column::to("Mail", "email"), Column::to("Mail 2", "email")];
        assert!(matches!(mapping.check(&catalog()), Err(MappingError::TwoColumns { .. })));
        mapping.columns = vec![Column::to("A", "notes"), Column::to("B", "notes"), Column::to("C", "tags")];
        assert_eq!(mapping.check(&catalog()), Ok(()));
        assert!(matches!(Mapping::from_toml("[[column]]\nheadr = 1"), Err(MappingError::Toml(_))));
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

    proptest! {
        #[test]
        fn any_mapping_reads_back_from_its_toml(
            texts in prop::collection::vec(any::<String>(), 12),
            case in prop::option::of(prop::sample::select(&Case::ALL[..])),
            flags: [bool; 4],
        ) {
            let [a, b, c, d, e, f, g, h, i, j, k, l] = <[String; 12]>::try_from(texts).unwrap();
            let said = |said: bool, text: &String| said.then(|| text.clone());
            let [some, from_end, leave_out, required] = flags;
            let column = Column {
                field: said(some, &a),
                leave_out,
                required,
                case,
                join: said(some, &b),
                split: said(from_end, &c).map(|at| Split { at, from_end, into: vec![d.clone(), e.clone()] }),
                find_replace: vec![FindReplace { find: f, put: g.clone() }, FindReplace { find: g, put: String::new() }],
                values: BTreeMap::from([(h.clone(), i.clone()), (i.clone(), h)]),
                ..Column::unmapped(j)
            };
            let reading = Reading { quote: said(some, &k), encoding: said(from_end, &l), ..Reading::default() };
            let constants = vec![Constant { field: d, value: e }];
            let mapping = Mapping { reading, columns: vec![column, Column::unmapped(l)], constants, ..Mapping::default() };
            prop_assert_eq!(Mapping::from_toml(&mapping.to_toml()), Ok(mapping));
        }
    }

    #[test]
    fn columns_are_found_by_header_whatever_their_order() {
        let mapping =
            Mapping { columns: vec![Column::to("A", "email"), Column::to("B", "phone")], ..Mapping::default() };
        let (fitted, gone) = mapping.fitted_to(&["B".to_owned(), "C".to_owned()]);
        assert_eq!(fitted.columns, vec![Column::to("B", "phone"), Column::unmapped("C")]);
        assert_eq!(gone, vec![Column::to("A", "email")]);
    }

    #[test]
    fn letters_apart_counts_a_swap_of_neighbours_as_one() {
        for (a, b, apart) in [("", "", 0), ("abc", "acb", 1), ("abc", "ABCD", 1), ("source", "sauce", 2), ("", "xy", 2)]
        {
            assert_eq!(letters_apart(a, b), apart, "{a} {b}");
        }
    }
}
