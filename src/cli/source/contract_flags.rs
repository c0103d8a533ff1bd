//! What was agreed with whoever delivers, and when to look for it, as flags: `source add` and `source edit` take them.

use crate::cli::error::CliError;
use crate::cli::flags;
use crate::domain::source::{
    AfterImport, Contract, ControlFile, DriftPolicy, FinishedSign, NamePattern, Schedule, SourceEdit,
};
use chrono_tz::Tz;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// How long a file is late before it is missing, when nobody said (minutes).
const GRACE_MINUTES: u32 = 60;
/// How far two looks are apart that find a file unchanged, when nobody said (seconds).
const STILL_SECONDS: u32 = 30;
/// Which files are meant, when nobody said.
const PATTERN: &str = "*.csv";

/// Flags of the contract and the schedule. What is not given stays as it is; an empty text takes it back.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Contract and schedule (dir, sftp, drop)")]
pub struct ContractFlags {
    /// Which files are meant, such as contacts_{YYYY}-{MM}-{DD}*.csv [default: *.csv]
    #[arg(long, value_name = "PATTERN", value_parser = pattern)]
    pub pattern: Option<NamePattern>,
    /// When a file is expected, such as "0 6 * * 1-5"
    #[arg(long, value_name = "CRON")]
    pub cadence: Option<String>,
    /// When to look for files by itself, such as "*/15 6-9 * * 1-5"
    #[arg(long, value_name = "CRON")]
    pub schedule: Option<String>,
    /// The time zone of --cadence and --schedule [default: the setting default_timezone]
    #[arg(long, value_name = "ZONE", value_parser = flags::zone)]
    pub schedule_zone: Option<Tz>,
    /// How long after its time a file is late, and not yet missing [default: 60]
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(..=60 * 24 * 366))]
    pub grace: Option<u32>,
    /// How somebody makes sure that an import did what it should
    #[arg(long, value_name = "TEXT")]
    pub verified_by: Option<String>,
    /// Headers that every file must have [default: those that the mapping uses]
    #[arg(long, value_name = "A,B")]
    pub expect_columns: Option<String>,
    /// Records that a file should have, such as 900..1100, 1.. or ..5000
    #[arg(long, value_name = "MIN..MAX", value_parser = rows)]
    pub expect_rows: Option<Rows>,
    /// A file is whole when one of its name with this added lies beside it, such as .done
    #[arg(long, value_name = "SUFFIX", conflicts_with = "still")]
    pub done_marker: Option<String>,
    /// A file is whole when two looks at least so far apart find it unchanged [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(30..=24 * 60 * 60))]
    pub still: Option<u32>,
    /// What lies beside a file to say how many records it has and its SHA-256, such as .ctl
    #[arg(long, value_name = "SUFFIX")]
    pub control_file: Option<String>,
    /// What a changed header does: carry_on, review or stop [default: carry_on]
    #[arg(long, value_name = "POLICY", value_parser = drift())]
    pub drift: Option<DriftPolicy>,
    /// What becomes of a file when its run is complete: leave, delete or move:DIR [default: leave]
    #[arg(long, value_name = "WHAT", value_parser = after)]
    pub after: Option<AfterImport>,
}

/// What `--expect-rows` says; none takes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows(Option<(u64, u64)>);

fn pattern(text: &str) -> Result<NamePattern, String> {
    NamePattern::parse(text).map_err(|error| error.to_string())
}

fn rows(text: &str) -> Result<Rows, String> {
    if text.is_empty() {
        return Ok(Rows(None));
    }
    let takes = || "it takes a range such as 900..1100, 1.. or ..5000".to_owned();
    let (least, most) = text.split_once("..").ok_or_else(takes)?;
    let number = |text: &str, open: u64| if text.is_empty() { Ok(open) } else { text.parse().map_err(|_| takes()) };
    let (least, most) = (number(least, 0)?, number(most, u64::MAX)?);
    if least > most { Err(takes()) } else { Ok(Rows(Some((least, most)))) }
}

const DRIFT: [(&str, DriftPolicy); 3] =
    [("carry_on", DriftPolicy::CarryOn), ("review", DriftPolicy::Review), ("stop", DriftPolicy::Stop)];

fn drift() -> impl TypedValueParser<Value = DriftPolicy> {
    let named = |name: String| DRIFT.iter().find(|(known, _)| *known == name).map(|(_, policy)| *policy);
    PossibleValuesParser::new(DRIFT.map(|(name, _)| name)).map(move |name| named(name).unwrap_or_default())
}

fn after(text: &str) -> Result<AfterImport, String> {
    match text.split_once(':') {
        None if text == "leave" => Ok(AfterImport::Leave),
        None if text == "delete" => Ok(AfterImport::Delete),
        Some(("move", directory)) if !directory.is_empty() && !directory.chars().any(char::is_control) => {
            Ok(AfterImport::Move { directory: directory.to_owned() })
        }
        _ => Err("it takes leave, delete or move:DIR".to_owned()),
    }
}

/// Nothing of what it ends with may lead to another file.
fn suffix(text: &str) -> Result<Option<String>, CliError> {
    if text.contains('/') || text.chars().any(char::is_control) {
        return Err(CliError::usage(format!("{text:?} is no ending of file names"), "write it like .done"));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

impl ContractFlags {
    /// Whether anything is said here.
    pub fn is_given(&self) -> bool {
        let ContractFlags { pattern, cadence, schedule, schedule_zone, grace, verified_by, expect_columns, .. } = self;
        let ContractFlags { expect_rows, done_marker, still, control_file, drift, after, .. } = self;
        let texts = [cadence, schedule, verified_by, expect_columns, done_marker, control_file];
        texts.into_iter().any(Option::is_some)
            || pattern.is_some()
            || schedule_zone.is_some()
            || grace.is_some()
            || expect_rows.is_some()
            || still.is_some()
            || drift.is_some()
            || after.is_some()
    }

    /// Puts what is said over what a source has: its contract and its schedule. Of a new source both are none. `zone` is
    /// that of clocks when nobody says or said another.
    ///
    /// # Errors
    /// When a text is no schedule or no ending.
    pub fn over(
        &self,
        contract: Option<&Contract>,
        schedule: Option<&Schedule>,
        zone: Tz,
        edit: SourceEdit,
    ) -> Result<SourceEdit, CliError> {
        let before = contract.cloned();
        let cadence = before.as_ref().and_then(|contract| contract.cadence.as_ref());
        let new_cadence = self.scheduled(self.cadence.as_deref(), cadence, zone)?;
        let new_schedule = self.scheduled(self.schedule.as_deref(), schedule, zone)?;
        let mut contract = match before.clone() {
            Some(contract) => contract,
            None => Contract {
                pattern: NamePattern::parse(PATTERN).map_err(|error| CliError::usage(error.to_string(), ""))?,
                cadence: None,
                grace_minutes: GRACE_MINUTES,
                verified_by: None,
                columns: None,
                rows: None,
                finished: FinishedSign::Still { seconds: STILL_SECONDS },
                control: None,
                drift: DriftPolicy::default(),
            },
        };
        if let Some(pattern) = &self.pattern {
            contract.pattern = pattern.clone();
        }
        contract.cadence = new_cadence;
        contract.grace_minutes = self.grace.unwrap_or(contract.grace_minutes);
        if let Some(text) = &self.verified_by {
            contract.verified_by = Some(text.clone()).filter(|text| !text.is_empty());
        }
        if let Some(columns) = &self.expect_columns {
            let columns: Vec<String> =
                columns.split(',').map(|column| column.trim().to_owned()).filter(|it| !it.is_empty()).collect();
            contract.columns = Some(columns).filter(|columns| !columns.is_empty());
        }
        if let Some(Rows(rows)) = self.expect_rows {
            contract.rows = rows;
        }
        let still = FinishedSign::Still { seconds: self.still.unwrap_or(STILL_SECONDS) };
        match self.done_marker.as_deref().map(suffix).transpose()? {
            Some(Some(suffix)) => contract.finished = FinishedSign::Marker { suffix },
            Some(None) => contract.finished = still,
            None if self.still.is_some() => contract.finished = still,
            None => {}
        }
        if let Some(text) = &self.control_file {
            contract.control = suffix(text)?.map(|suffix| ControlFile { suffix });
        }
        contract.drift = self.drift.unwrap_or(contract.drift);
        Ok(SourceEdit {
            contract: (before.as_ref() != Some(&contract)).then_some(contract),
            schedule: (new_schedule.as_ref() != schedule).then_some(new_schedule),
            after_import: self.after.clone(),
            ..edit
        })
    }

    /// What a cron expression has become: said anew, taken back, moved to another time zone, or as it was.
    fn scheduled(&self, said: Option<&str>, before: Option<&Schedule>, zone: Tz) -> Result<Option<Schedule>, CliError> {
        let zone = self.schedule_zone.or(before.map(Schedule::timezone)).unwrap_or(zone);
        let cron = match (said, before) {
            (Some(""), _) | (None, None) => return Ok(None),
            (Some(cron), _) => cron,
            (None, Some(before)) => before.cron(),
        };
        let schedule = Schedule::parse(cron, zone);
        schedule.map(Some).map_err(|error| match error.to_string().rsplit_once(". ") {
            Some((what, next)) => CliError::usage(what, next),
            None => CliError::usage(error.to_string(), ""),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_go_over_the_contract_and_an_empty_text_takes_back() {
        let zone = Tz::Europe__Berlin;
        let new = ContractFlags::default().over(None, None, zone, SourceEdit::default()).unwrap();
        let contract = new.contract.unwrap();
        assert_eq!((contract.pattern.as_str(), contract.grace_minutes, &contract.cadence), ("*.csv", 60, &None));
        assert_eq!((new.schedule, new.after_import), (None, None));
        let flags = ContractFlags {
            cadence: Some("0 6 * * 1-5".into()),
            schedule: Some("@hourly".into()),
            expect_rows: Some(Rows(Some((1, 9)))),
            expect_columns: Some("a, b,".into()),
            done_marker: Some(".done".into()),
            control_file: Some(".ctl".into()),
            ..ContractFlags::default()
        };
        let said = flags.over(Some(&contract), None, zone, SourceEdit::default()).unwrap();
        let (contract, schedule) = (said.contract.unwrap(), said.schedule.unwrap().unwrap());
        assert_eq!(contract.cadence.as_ref().map(Schedule::timezone), Some(zone));
        assert_eq!((contract.rows, contract.columns.as_deref()), (Some((1, 9)), Some(&["a".into(), "b".into()][..])));
        assert_eq!(contract.finished, FinishedSign::Marker { suffix: ".done".into() });
        let same = ContractFlags::default().over(Some(&contract), Some(&schedule), zone, SourceEdit::default());
        assert_eq!(same.unwrap(), SourceEdit::default(), "what is not said stays");
        let moved = ContractFlags { schedule_zone: Some(Tz::UTC), ..ContractFlags::default() };
        let moved = moved.over(Some(&contract), Some(&schedule), zone, SourceEdit::default()).unwrap();
        assert_eq!(moved.schedule.unwrap().unwrap().timezone(), Tz::UTC);
        let back = ContractFlags {
            cadence: Some(String::new()),
            schedule: Some(String::new()),
            expect_rows: Some(Rows(None)),
            expect_columns: Some(String::new()),
            done_marker: Some(String::new()),
            control_file: Some(String::new()),
            ..ContractFlags::default()
        };
        let back = back.over(Some(&contract), Some(&schedule), zone, SourceEdit::default()).unwrap();
        let contract = back.contract.unwrap();
        assert_eq!((contract.cadence, contract.rows, contract.columns, contract.control), (None, None, None, None));
        assert_eq!(contract.finished, FinishedSign::Still { seconds: 30 });
        assert_eq!(back.schedule, Some(None));
    }

    #[test]
    fn values_that_make_no_sense_are_refused() {
        assert_eq!(rows("5..9").unwrap(), Rows(Some((5, 9))));
        assert_eq!(rows("5..").unwrap(), Rows(Some((5, u64::MAX))));
        for text in ["5", "9..5", "a..b", "-1..3"] {
            assert!(rows(text).is_err(), "{text}");
        }
        assert_eq!(after("move:done").unwrap(), AfterImport::Move { directory: "done".into() });
        for text in ["move", "move:", "burn", "move:a\nb"] {
            assert!(after(text).is_err(), "{text}");
        }
        for text in ["../x", "a\u{1b}b"] {
            assert!(suffix(text).is_err(), "{text}");
        }
    }
}
