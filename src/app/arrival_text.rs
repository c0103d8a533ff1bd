//! What there is to say about a source that brings its own files, in sentences: its contract, its last look, what is
//! wanted of somebody.

use super::arrivals::{Brings, BringsMore};
use super::data::SourceLine;
use super::numbers::{count, counted};
use super::time;
use crate::domain::source::{
    AfterImport, Connection, Contract, DriftPolicy, Due, FinishedSign, Missed, Pickup, PickupCause, Waiting, masked,
};
use chrono_tz::Tz;

/// Where its files lie. How the upstream reaches a drop of ours is masked (R361, R362).
pub fn place(connection: &Connection) -> String {
    match connection {
        Connection::Dir(directory) => directory.path.clone(),
        Connection::Sftp(sftp) => {
            let directory = match sftp.directory.as_str() {
                "" => "where the login ends up".to_owned(),
                directory => format!("directory {directory}"),
            };
            format!("SFTP {}, port {}, user {}, {directory}", sftp.host, sftp.port, sftp.user)
        }
        Connection::Drop(drop) => {
            format!("{}, uploaded to {} on {}", drop.path, masked(&drop.user), masked(&drop.host))
        }
    }
}

/// Which file is expected when.
pub fn expects(contract: &Contract) -> String {
    let pattern = contract.pattern.as_str();
    match &contract.cadence {
        Some(cadence) => {
            format!("{pattern}, {}, with {} of grace", lower(&cadence.describe()), minutes(contract.grace_minutes))
        }
        None => format!("{pattern}, at no agreed time"),
    }
}

fn minutes(minutes: u32) -> String {
    match minutes {
        minutes if minutes > 0 && minutes.is_multiple_of(60) => counted(u64::from(minutes / 60), "hour", "hours"),
        minutes => counted(u64::from(minutes), "minute", "minutes"),
    }
}

/// The first letter small: the words stand within a sentence.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let is_day = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().any(|day| text.starts_with(day));
    match letters.next() {
        Some(first) if !is_day => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// What else was agreed: a word and what it stands for.
pub fn agreed(contract: &Contract) -> Vec<(&'static str, String)> {
    let mut all = Vec::new();
    if let Some(columns) = &contract.columns {
        all.push(("Columns", columns.join(", ")));
    }
    if let Some((least, most)) = contract.rows {
        all.push(("Records", format!("{} to {}", count(least), count(most))));
    }
    all.push((
        "Whole when",
        match &contract.finished {
            FinishedSign::Still { seconds } => format!("size and time are the same for {seconds} seconds"),
            FinishedSign::Marker { suffix } => format!("a file of its name with {suffix} lies beside it"),
        },
    ));
    if let Some(control) = &contract.control {
        all.push(("Control file", format!("its name with {}: records and SHA-256 are compared", control.suffix)));
    }
    all.push((
        "New columns",
        match contract.drift {
            DriftPolicy::CarryOn => "imported without them while mapped columns stay; to be reviewed",
            DriftPolicy::Review => "a changed file is held until somebody has looked at it",
            DriftPolicy::Stop => "a changed file is never imported by itself",
        }
        .to_owned(),
    ));
    if let Some(verified) = &contract.verified_by {
        all.push(("Verified", verified.clone()));
    }
    all
}

/// When it is looked at by itself.
pub fn looked_at(brings: &Brings) -> String {
    match &brings.schedule {
        Some(schedule) => format!("looked at {}", lower(&schedule.describe())),
        None => "looked at when somebody says so (S)".to_owned(),
    }
}

/// What becomes of a file when its run is complete.
pub fn after(after: &AfterImport) -> String {
    match after {
        AfterImport::Leave => "files stay where they are".to_owned(),
        AfterImport::Move { directory } => format!("imported files are moved to {directory}"),
        AfterImport::Delete => "imported files are deleted there".to_owned(),
    }
}

/// The last look, without when it was, and whether nothing went wrong with it.
pub fn look(looked: &Pickup, now_ms: i64, zone: Tz) -> (String, bool) {
    let by = match looked.cause {
        PickupCause::Schedule => "by the schedule".to_owned(),
        PickupCause::Person => format!("by {}", looked.user),
        PickupCause::Backfill => format!("by {}, for a backfill", looked.user),
    };
    match (&looked.fault, looked.finished_ms) {
        (Some(fault), _) => (format!("{by}, and stopped: {} {}", fault.message, fault.next), false),
        (None, None) if looked.is_cut_off(now_ms) => {
            let met = looked.waiting.as_ref().map(|waiting| format!("{} ", waiting.fault.message)).unwrap_or_default();
            (format!("{by}: {met}The last look was cut off; the next one goes on with it."), false)
        }
        (None, None) => match &looked.waiting {
            Some(Waiting { fault, next_try_ms, number, most }) => {
                let (at, message) = (time::clock(*next_try_ms, zone), &fault.message);
                (format!("{by}: {message} Trying again at {at} ({} of {most})", ordinal(*number)), false)
            }
            None => (format!("{by}, and has not ended"), true),
        },
        (None, Some(_)) => {
            let there = counted(looked.listed, "file was", "files were");
            let fetched = if looked.landed == 0 { "none".to_owned() } else { count(looked.landed) };
            (format!("{by}: {there} there, {fetched} fetched"), true)
        }
    }
}

/// 1st, 2nd, 3rd, 4th.
fn ordinal(number: u32) -> String {
    let end = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

/// The found files, by what became of them.
pub fn files(brings: &Brings) -> String {
    let files = brings.files;
    let parts: Vec<String> = [
        (files.new, "new"),
        (files.settling, "perhaps still uploading"),
        (files.held, "held"),
        (files.imported, "imported"),
        (files.identical, "identical to earlier ones"),
        (files.left, "ignored or refused"),
    ]
    .iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{} {word}", count(*number)))
    .collect();
    if parts.is_empty() { "no file was found yet".to_owned() } else { parts.join(", ") }
}

/// The due times that nobody looked at in their time, and what covered them; nothing where there is none.
pub fn missed(dues: &[Due]) -> Option<String> {
    let latest: Vec<&Due> = dues.iter().filter(|due| due.missed.is_some()).collect();
    let newest = latest.first()?;
    // Those that the newest one was missed with.
    let together = latest.iter().filter(|due| due.pickup == newest.pickup);
    let number: u64 = together.map(|due| due.earlier + 1).sum();
    let why = newest.missed.map_or("", Missed::why);
    let times = counted(number, "due time was", "due times were");
    Some(match newest.pickup {
        Some(_) => format!("{times} missed ({why}); one look covered {}.", if number == 1 { "it" } else { "them" }),
        None => format!("{times} missed ({why}); the next look covers {}.", if number == 1 { "it" } else { "them" }),
    })
}

/// What somebody should know or look at although it stops nothing.
pub fn warnings(line: &SourceLine, more: Option<&BringsMore>, has_worker: bool) -> Vec<String> {
    let mut all = Vec::new();
    let Some(brings) = &line.brings else { return all };
    if brings.overdue_ms.is_some() && !has_worker {
        all.push(
            "Its time has come, and nobody looks: no worker is here. `landfall worker --install` keeps one; S looks now."
                .to_owned(),
        );
    }
    if let Some(standing) = brings.standing.as_ref().filter(|_| line.is_paused() || line.is_blocked())
        && standing.tell_upstream.is_some()
    {
        all.push(format!("{}: {}", standing.label(), standing.message));
    }
    // Those that the status tells of are not told twice.
    let said = line.health.reason.as_ref().map(|reason| reason.message.as_str());
    let is_told = line.standing().is_some_and(|it| it.file.is_some() && said == Some(it.message.as_str()));
    if brings.files.held > 0 && !is_told {
        all.push(format!(
            "{} kept back until somebody decides (f).",
            counted(brings.files.held, "file is", "files are")
        ));
    }
    if brings.files.troubled > 0 {
        all.push(format!(
            "{} not be fetched or put away, and {} tried again (f).",
            counted(brings.files.troubled, "file could", "files could"),
            if brings.files.troubled == 1 { "is" } else { "are" }
        ));
    }
    let Some(more) = more else { return all };
    all.extend(more.departures.iter().cloned());
    all.extend(more.review.iter().map(|what| format!("Review wanted: {what}. Look at the mapping (m).")));
    all.extend(more.filters_changed.iter().cloned());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{PickupId, SourceId};
    use crate::domain::source::Fault;

    #[test]
    fn a_look_whose_process_has_gone_is_not_said_to_try_again() {
        let fault = Fault { code: "timeout".into(), message: "It did not answer.".into(), next: String::new() };
        let mut looked = Pickup {
            id: PickupId(1),
            source: SourceId(1),
            cause: PickupCause::Schedule,
            user: "ann".into(),
            started_ms: 0,
            finished_ms: None,
            listed: 0,
            landed: 0,
            fault: None,
            waiting: Some(Waiting { fault, next_try_ms: 60_000, number: 2, most: 5 }),
        };
        let told = |looked: &Pickup, now_ms| look(looked, now_ms, chrono_tz::UTC).0;
        assert!(told(&looked, 360_000).contains("Trying again at 00:01 (2nd of 5)"), "{}", told(&looked, 360_000));
        assert_eq!(looked.retries_until_ms(), Some(360_001));
        let late = told(&looked, 360_001);
        assert!(!late.contains("Trying") && late.contains("was cut off; the next one goes on with it."), "{late}");
        assert!(looked.is_cut_off(360_001) && looked.retries(360_001).is_none());
        looked.finished_ms = Some(70_000);
        assert!(!looked.is_cut_off(360_001) && looked.retries(60_000).is_none());
    }
}
