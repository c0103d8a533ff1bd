//! A run's plan: all that decides its outcomes, written down before it starts, so that a resumed run, and a run after
//! its dry run, does the same.

use super::dialect::Dialect;
use super::field::{Catalog, Field, FieldId, Role};
use super::filter::Filter;
use super::id::SourceId;
use super::mapping::Mapping;
use super::run::Mode;
use super::settings::MatchOn;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// What the *Allow Duplicate Contacts* setting means for a run (R279–R281).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// Contacts are met by Contact ID and reference only.
    Allowed,
    /// Contacts are also met by these fields, and no two may share one.
    Refused(MatchOn),
}

impl Duplicates {
    /// The fields in use as keys.
    pub fn keys(self) -> MatchOn {
        match self {
            Duplicates::Allowed => MatchOn { email: false, phone: false },
            Duplicates::Refused(on) => on,
        }
    }

    /// The fields that say which contact a row is about: Contact ID, reference and the keys in use.
    pub fn identifying_fields(self, catalog: &Catalog) -> Vec<FieldId> {
        let keys = self.keys();
        let roles = [
            Some(Role::OwnId),
            Some(Role::Reference),
            keys.email.then_some(Role::MatchEmail),
            keys.phone.then_some(Role::MatchPhone),
        ];
        roles.into_iter().flatten().filter_map(|role| catalog.role(role)).collect()
    }
}

/// All that decides a run's outcomes, besides the records that exist when it starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub source: SourceId,
    pub mode: Mode,
    pub dialect: Dialect,
    /// Fitted to the file: one entry a column, in the file's order.
    pub mapping: Mapping,
    /// The fields as they were when the run was planned.
    pub fields: Vec<Field>,
    /// The people that owners and followers resolve to.
    pub people: Vec<String>,
    /// Upper-case ISO code.
    pub country: Option<String>,
    pub timezone: Tz,
    pub duplicates: Duplicates,
    /// An empty cell clears its field: "Don't update empty values" is off (R258, R259).
    pub clear_empty: bool,
    /// A row whose reference belongs to a deleted contact makes a new one.
    pub recreate_deleted: bool,
    /// Added to every contact that the run lands on (R265).
    pub tags: Vec<String>,
    /// All must hold (R80).
    pub filters: Vec<Filter>,
    /// Rows last changed before this day (`YYYY-MM-DD`) are skipped (R82).
    pub since: Option<String>,
    /// Only the first rows, to look at a sample (R48).
    pub sample: Option<u64>,
    /// Why the run will need attention even if every row lands.
    pub attention: Vec<String>,
    /// Records in the delivery, counted by the scan before the start.
    pub rows_expected: u64,
    /// Bytes of the delivery after decompression, counted by the same scan.
    pub bytes_expected: u64,
    /// For fields that must be plausible (R18, R23): how many cells of their column are filled.
    pub filled: Vec<(FieldId, u64)>,
    /// A name comes from values that mostly do not read as names, as far as the look before the start went.
    #[serde(default)]
    pub names_misread: bool,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// As a run that was queued before mappings had transforms wrote it.
    pub(crate) const OLD: &str = r#"{
        "source": 1, "mode": "upsert", "fields": [], "people": [], "country": "US", "timezone": "UTC",
        "dialect": {
            "encoding": "UTF-8", "bom": 0, "delimiter": ",", "quote": "\"", "escape": "doubled",
            "spaces_around_quotes": false, "newline": "lf", "sep_line": false, "header_line": 1, "header_offset": 0,
            "data_offset": 8, "data_line": 2, "columns": ["id", "name"]
        },
        "mapping": {"column": [{"header": "id", "field": "source_ref"}, {"header": "name", "field": "name"}]},
        "duplicates": {"refused": {"email": true, "phone": true}}, "clear_empty": false, "recreate_deleted": false,
        "tags": [], "filters": [], "since": null, "sample": null, "attention": ["one"], "rows_expected": 1,
        "bytes_expected": 14, "filled": [[6, 3]]
    }"#;

    #[test]
    fn a_plan_of_an_earlier_version_reads_and_reads_back() {
        let plan: Plan = serde_json::from_str(OLD).unwrap();
        assert_eq!(plan.mapping.columns.len(), 2);
        assert_eq!((plan.mapping.constants.len(), plan.names_misread), (0, false));
        let again = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&again).unwrap(), plan);
    }
}
