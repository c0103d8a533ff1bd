//! How the imports of a source are done, as flags: `import`, `source add` and `source edit` take them.

use super::flags::{self, ReadFlags};
use crate::domain::run::Mode;
use crate::domain::settings::MatchOn;
use crate::domain::source::SourceOptions;
use chrono::NaiveDate;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// Flags that belong to a source. What is not given stays as it is; a list that is given replaces the one before.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SourceFlags {
    /// What may happen to contacts [default: upsert]
    #[arg(long, value_name = "MODE",
          value_parser = PossibleValuesParser::new(Mode::ALL.iter().map(|mode| mode.as_str()))
              .map(|name| Mode::parse(&name).unwrap_or(Mode::Upsert)))]
    pub mode: Option<Mode>,
    /// A saved mapping, or a mapping in a file
    #[arg(long, value_name = "NAME|FILE.toml")]
    pub mapping: Option<String>,
    /// Map a column to a field; `Column=-` leaves it out on purpose (repeatable)
    #[arg(long = "map", value_name = "Column=field", value_parser = flags::column_to_field)]
    pub map: Vec<(String, String)>,
    /// Don't import data of unmapped columns
    #[arg(long)]
    pub accept_unmapped: bool,
    /// The country of national phone numbers [default: the setting default_country]
    #[arg(long, value_name = "CC", value_parser = flags::country)]
    pub country: Option<String>,
    /// The time zone of times without one [default: the setting default_timezone]
    #[arg(long, value_name = "ZONE", value_parser = flags::zone)]
    pub timezone: Option<chrono_tz::Tz>,
    /// Give every contact of this import a tag (repeatable)
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Let empty cells clear fields
    #[arg(long)]
    pub clear_empty: bool,
    /// Let several contacts have the same email or phone
    #[arg(long)]
    pub allow_duplicates: bool,
    /// What to match contacts by: email, phone or email,phone [default: the setting match_on]
    #[arg(long = "match", value_name = "FIELDS", value_parser = match_on)]
    pub match_on: Option<MatchOn>,
    /// Read the dates of this column day first (repeatable)
    #[arg(long, value_name = "COLUMN")]
    pub day_first: Vec<String>,
    /// Read the dates of this column month first (repeatable)
    #[arg(long, value_name = "COLUMN")]
    pub month_first: Vec<String>,
    /// Import only rows of which this holds, such as 'status = customer' (repeatable; all must hold)
    #[arg(long, value_name = "FIELD OP VALUE")]
    pub filter: Vec<String>,
    /// Import only rows that changed since this day
    #[arg(long, value_name = "DATE", value_parser = flags::day)]
    pub since: Option<NaiveDate>,
    #[command(flatten)]
    pub read: ReadFlags,
    /// Import although many rows have fewer cells than the header
    #[arg(long)]
    pub accept_short_rows: bool,
    /// Create contacts again that were deleted here
    #[arg(long)]
    pub recreate_deleted: bool,
}

fn match_on(text: &str) -> Result<MatchOn, String> {
    MatchOn::parse(text).ok_or_else(|| "it takes email, phone or email,phone".to_owned())
}

impl SourceFlags {
    /// The options with what the flags say over them.
    pub fn over(&self, options: SourceOptions) -> SourceOptions {
        let list = |given: &[String], before: Vec<String>| if given.is_empty() { before } else { given.to_vec() };
        let target = |field: &str| (field != "-").then(|| field.to_owned());
        let map = self.map.iter().map(|(column, field)| (column.clone(), target(field)));
        SourceOptions {
            mode: self.mode.unwrap_or(options.mode),
            country: self.country.clone().or(options.country),
            timezone: self.timezone.or(options.timezone),
            tags: list(&self.tag, options.tags),
            clear_empty: self.clear_empty || options.clear_empty,
            allow_duplicates: self.allow_duplicates || options.allow_duplicates,
            match_on: self.match_on.or(options.match_on),
            mapping: self.mapping.clone().or(options.mapping),
            map: if self.map.is_empty() { options.map } else { map.collect() },
            accept_unmapped: self.accept_unmapped || options.accept_unmapped,
            day_first: list(&self.day_first, options.day_first),
            month_first: list(&self.month_first, options.month_first),
            filters: list(&self.filter, options.filters),
            since: self.since.or(options.since),
            delimiter: self.read.delimiter.map(char::from).or(options.delimiter),
            encoding: self.read.encoding.map(|codec| codec.encoding().name().to_owned()).or(options.encoding),
            header_row: self.read.header_row.or(options.header_row),
            accept_short_rows: self.accept_short_rows || options.accept_short_rows,
            recreate_deleted: self.recreate_deleted || options.recreate_deleted,
            set_by: options.set_by,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_over_what_the_source_says_and_leave_the_rest() {
        let options = SourceOptions {
            country: Some("DE".into()),
            tags: vec!["fair".into()],
            clear_empty: true,
            set_by: Some("ana".into()),
            ..SourceOptions::default()
        };
        assert_eq!(SourceFlags::default().over(options.clone()), options);
        let flags = SourceFlags {
            mode: Some(Mode::Create),
            tag: vec!["spring".into()],
            map: vec![("A".into(), "email".into()), ("B".into(), "-".into())],
            ..SourceFlags::default()
        };
        let expected = SourceOptions {
            mode: Mode::Create,
            tags: vec!["spring".into()],
            map: vec![("A".into(), Some("email".into())), ("B".into(), None)],
            ..options.clone()
        };
        assert_eq!(flags.over(options), expected);
    }
}
