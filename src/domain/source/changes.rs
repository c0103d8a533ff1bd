//! What a changed filter means for records that came before it (R84–R86): they are not looked at again by themselves.

use super::SourceOptions;
use super::standing::when;
use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;

/// One version of a source's options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionsVersion {
    pub options: SourceOptions,
    pub by: String,
    /// From when it held (ms since 1970, UTC).
    pub at_ms: i64,
}

/// That the filters changed, and nothing has reconsidered what came before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterChange {
    pub by: String,
    /// When (ms since 1970, UTC).
    pub at_ms: i64,
    pub before: Vec<String>,
    pub after: Vec<String>,
    pub since_before: Option<NaiveDate>,
    pub since_after: Option<NaiveDate>,
}

impl FilterChange {
    /// The newest change of filters, or of the date from which records count, in these versions (oldest first). It is
    /// none where nothing was imported before it, or a backfill came after it (ms since 1970, UTC).
    pub fn of(
        versions: &[OptionsVersion],
        first_import_ms: Option<i64>,
        last_backfill_ms: Option<i64>,
    ) -> Option<FilterChange> {
        let is_change = |pair: &&[OptionsVersion]| {
            pair[0].options.filters != pair[1].options.filters || pair[0].options.since != pair[1].options.since
        };
        let pair = versions.windows(2).rev().find(is_change)?;
        let (old, new) = (&pair[0], &pair[1]);
        first_import_ms.filter(|first| *first < new.at_ms)?;
        if last_backfill_ms.is_some_and(|backfill| backfill >= new.at_ms) {
            return None;
        }
        Some(FilterChange {
            by: new.by.clone(),
            at_ms: new.at_ms,
            before: old.options.filters.clone(),
            after: new.options.filters.clone(),
            since_before: old.options.since,
            since_after: new.options.since,
        })
    }

    /// What changed, what it means and the command that brings what came before. `first_ms` is when the first delivery of
    /// the source came (ms since 1970, UTC): the backfill begins there.
    pub fn sentence(&self, source: &str, first_ms: i64, timezone: Tz) -> String {
        let list = |filters: &[String]| match filters {
            [] => "none".to_owned(),
            filters => filters.iter().map(|filter| format!("\"{filter}\"")).collect::<Vec<_>>().join(", "),
        };
        let mut what = Vec::new();
        if self.before != self.after {
            what.push(format!("the filters from {} to {}", list(&self.before), list(&self.after)));
        }
        if self.since_before != self.since_after {
            let day = |day: Option<NaiveDate>| day.map_or_else(|| "any".to_owned(), |day| day.to_string());
            what.push(format!("the start date from {} to {}", day(self.since_before), day(self.since_after)));
        }
        let since = DateTime::from_timestamp_millis(first_ms)
            .map(|at| at.with_timezone(&timezone).date_naive().to_string())
            .unwrap_or_else(|| "DATE".to_owned());
        format!(
            "{} changed {} at {}. Records that came before are not reconsidered; that takes a backfill: \
             landfall backfill {} --since {since}",
            self.by,
            what.join(" and "),
            when(self.at_ms, timezone),
            super::upload::shell_quoted(source),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(filter: &str, at_ms: i64) -> OptionsVersion {
        let filters = if filter.is_empty() { Vec::new() } else { vec![filter.to_owned()] };
        OptionsVersion { options: SourceOptions { filters, ..SourceOptions::default() }, by: "ana".into(), at_ms }
    }

    #[test]
    fn a_changed_filter_is_said_until_a_backfill_came_after_it() {
        let versions = [version("", 0), version("plan = pro", 1_000), version("plan = pro", 2_000)];
        let change = FilterChange::of(&versions, Some(500), None).unwrap();
        assert_eq!((change.at_ms, change.before.len(), change.after.len()), (1_000, 0, 1));
        let sentence = change.sentence("my crm", 500, Tz::UTC);
        assert!(sentence.starts_with("ana changed the filters from none to \"plan = pro\" at 00:00"), "{sentence}");
        assert!(sentence.ends_with("landfall backfill 'my crm' --since 1970-01-01"), "{sentence}");
        assert!(FilterChange::of(&versions, Some(500), Some(900)).is_some());
        assert_eq!(FilterChange::of(&versions, Some(500), Some(1_000)), None);
        assert_eq!(FilterChange::of(&versions, Some(1_500), None), None, "nothing came before it");
        assert_eq!(FilterChange::of(&versions, None, None), None);
        assert_eq!(FilterChange::of(&versions[1..], Some(500), None), None, "nothing changed");
    }
}
