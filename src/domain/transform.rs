//! What a mapping does to the text of a cell before it is read as a value. Pure; one order for all: find and replace,
//! letter case, value map; parts are split off, or joined to those of other columns, at the end.

use serde::{Deserialize, Serialize};

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
    /// The first letter of each word upper, the others lower.
    Title,
}

impl Case {
    pub const ALL: [Case; 3] = [Case::Upper, Case::Lower, Case::Title];
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
