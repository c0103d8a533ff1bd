//! How an arrival contract stands, in words (R342–R347, R357, R358, R364, R365, R367, R368): by the newest file and by
//! the due times since it. A file counts for the due time that its name says; where that has no date, for the one that
//! it is nearest to, so that one that comes early is that of the coming due time, and one that comes late that of the last.

use super::contract::{Contract, ContractState};
use super::found::{FoundFile, FoundState, Held, once};
use super::meant::{Meant, meant, nearest_due};
use super::schedule::Schedule;
use crate::domain::id::RunId;
use crate::domain::wording::counted;
use chrono::DateTime;
use chrono_tz::Tz;
use std::cmp::Reverse;

const MINUTE: i64 = 60_000;
/// A file is late for as long as its grace was, and at least for an hour; then it is missing.
const LEAST_LATE: i64 = 60 * MINUTE;
/// The last files that came; which due times older ones counted for no longer matters.
const LAST_FILES: usize = 40;

/// What is known of a contract's files.
#[derive(Debug, Clone, Copy)]
pub struct ContractFacts<'a> {
    /// The source's name.
    pub source: &'a str,
    /// Who answers for the drop upstream (R357).
    pub owner: Option<&'a str>,
    /// Since when anybody looks (ms since 1970, UTC): nothing was expected before.
    pub watched_since_ms: i64,
    /// Every found file, in any order; those that are none of the contract's are passed over.
    pub files: &'a [FoundFile],
    /// The runs of these files that are complete.
    pub complete: &'a [RunId],
}

/// How a contract stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractStanding {
    pub state: ContractState,
    /// The due time that this is about: the one that was not met, else the next (ms since 1970, UTC).
    pub due_ms: Option<i64>,
    /// Since when it stands like this.
    pub since_ms: Option<i64>,
    /// The file that it is about.
    pub file: Option<String>,
    pub message: String,
    /// What follows from it for the data.
    pub means: String,
    /// What to do, and who does it; nothing where nothing is to be done.
    pub action: Option<String>,
    /// What to tell whoever delivers, to be copied, where it is theirs to put right.
    pub tell_upstream: Option<String>,
}

impl ContractStanding {
    /// The words for people.
    pub fn label(&self) -> &'static str {
        match (self.state, self.due_ms) {
            // No time was agreed that could have come.
            (ContractState::NotDue, None) => "Any time",
            (state, _) => state.label(),
        }
    }
}

/// How the contract stands at this moment.
pub fn judge(contract: &Contract, facts: &ContractFacts<'_>, now_ms: i64) -> ContractStanding {
    let question = Question { contract, facts, now_ms };
    let arrived = question.arrived();
    let newest = arrived.iter().max_by_key(|file| (file.first_seen_ms, file.identity.modified_ms)).copied();
    let next = question.next_due(&arrived);
    // What never came is seen before what is wrong with what came.
    if let Some((due, cadence)) = next.zip(contract.cadence.as_ref()) {
        let overdue_ms = now_ms - due - question.grace_ms();
        if overdue_ms >= 0 {
            return question.overdue(due, overdue_ms, cadence, newest);
        }
    }
    let held = arrived.iter().filter(|file| question.waits_for_a_person(file, &arrived));
    let mut held: Vec<_> = held.filter_map(|file| Some((*file, question.held(file, next)?))).collect();
    // The worst first; of those that are as bad the newest.
    held.sort_by_key(|(file, standing)| (severity(standing.state), Reverse(file.first_seen_ms)));
    let count = held.len();
    if let Some((_, standing)) = held.into_iter().next() {
        return if count == 1 { standing } else { among_others(standing, count) };
    }
    match (next, newest) {
        (Some(due), newest) if due <= now_ms => question.due(due, newest),
        (next, None) => question.not_due(next),
        (next, Some(newest)) => question.here(newest, next),
    }
}

/// The next moment after `now_ms` at which the contract may stand otherwise, or say another number, although nothing is
/// found (ms since 1970, UTC); none where only a file can change it.
pub fn stands_until(contract: &Contract, facts: &ContractFacts<'_>, now_ms: i64) -> Option<i64> {
    let question = Question { contract, facts, now_ms };
    let arrived = question.arrived();
    let grace = question.grace_ms();
    let of_due = question.next_due(&arrived).zip(contract.cadence.as_ref()).map(|(due, cadence)| {
        let next_missed = cadence.next_after(now_ms - grace).filter(|next| *next > due).map(|next| next + grace);
        [Some(due), Some(due + grace), Some(due + grace + grace.max(LEAST_LATE)), next_missed]
    });
    let unfinished = arrived
        .iter()
        .filter(|file| matches!(file.state, FoundState::Held { why: Held::PerhapsUnfinished { .. }, .. }));
    let of_files = unfinished.map(|file| question.unfinished_until(file));
    let meant = question.meant(&arrived).into_iter().map(|meant| meant.due_ms);
    of_due.into_iter().flatten().flatten().chain(of_files).chain(meant).filter(|at| *at > now_ms).min()
}

struct Question<'a> {
    contract: &'a Contract,
    facts: &'a ContractFacts<'a>,
    now_ms: i64,
}

impl<'a> Question<'a> {
    fn grace_ms(&self) -> i64 {
        i64::from(self.contract.grace_minutes) * MINUTE
    }

    /// The files that have come under the contract.
    fn arrived(&self) -> Vec<&'a FoundFile> {
        let is_ours = |file: &&FoundFile| {
            !matches!(file.state, FoundState::Ignored { .. })
                && self.contract.pattern.matches(&file.identity.name).is_some()
                && file.first_seen_ms <= self.now_ms
        };
        self.facts.files.iter().filter(is_ours).collect()
    }

    /// The due times that the last files count for.
    fn meant(&self, arrived: &[&FoundFile]) -> Vec<Meant> {
        let Some(cadence) = &self.contract.cadence else { return Vec::new() };
        let mut last = arrived.to_vec();
        last.sort_by_key(|file| Reverse((file.first_seen_ms, file.identity.modified_ms)));
        last.truncate(LAST_FILES);
        meant(self.contract, cadence, &last).into_iter().flatten().collect()
    }

    /// The first due time that no file counts for, in the past or to come, behind the last one that a file counts for.
    fn next_due(&self, arrived: &[&FoundFile]) -> Option<i64> {
        let cadence = self.contract.cadence.as_ref()?;
        let watched = cadence.next_after(self.facts.watched_since_ms)?;
        let meant = self.meant(arrived);
        // A file that its name gives to a day to come says nothing of the days before that.
        let reached = meant.iter().filter(|meant| !meant.by_name || meant.due_ms <= self.now_ms);
        let reached = reached.map(|meant| meant.due_ms).max();
        let mut next = match reached {
            None => watched,
            Some(reached) => cadence.next_after(reached)?.max(watched),
        };
        while meant.iter().any(|meant| meant.due_ms == next) {
            next = cadence.next_after(next)?;
        }
        Some(next)
    }

    fn when(&self, at_ms: i64) -> String {
        when(at_ms, self.contract.cadence.as_ref().map_or(Tz::UTC, Schedule::timezone))
    }

    fn owner(&self) -> String {
        self.facts.owner.map_or_else(|| "whoever delivers (no owner is recorded)".to_owned(), str::to_owned)
    }

    fn overdue(&self, due: i64, overdue_ms: i64, cadence: &Schedule, newest: Option<&FoundFile>) -> ContractStanding {
        let is_late = overdue_ms < self.grace_ms().max(LEAST_LATE);
        let (pattern, when) = (self.contract.pattern.as_str(), self.when(due));
        // Only told from a few others: how many more there are does not matter then.
        let more = cadence.due_between(due, self.now_ms - self.grace_ms()).take(100).count();
        let also = match more {
            0 => String::new(),
            1 => " One more has been due since.".to_owned(),
            100 => " At least 100 more have been due since.".to_owned(),
            more => format!(" {more} more have been due since."),
        };
        let last = match newest {
            Some(file) => {
                let of_another = match self.meant(&[file]).first() {
                    Some(meant) if meant.by_name && meant.due_ms < due => " It is not for that time, by its name.",
                    _ => "",
                };
                let came = self.when(file.first_seen_ms);
                format!(" The last one was {}, at {came}.{of_another}", file.identity.name)
            }
            None => " None has ever come.".to_owned(),
        };
        let owner = self.owner();
        let source = self.facts.source;
        ContractStanding {
            state: if is_late { ContractState::Late } else { ContractState::Missing },
            due_ms: Some(due),
            since_ms: Some(due + self.grace_ms()),
            file: None,
            message: format!("No file matching {pattern} arrived by {when}.{also}{last}"),
            means:
                "The delivery failed upstream, before anything reached Landfall: nothing of it can have been imported, \
                    and neither mapping nor filters are the cause."
                    .to_owned(),
            action: Some(format!("Ask {owner} whether the file was made and sent, and to send it.")),
            tell_upstream: Some(format!(
                "No file matching {pattern} arrived for {source} by {when}, nor in the {grace} after it.{also} Was it made and \
                 sent? Please send it, or say when it will come.",
                grace = counted(u64::from(self.contract.grace_minutes), "minute", "minutes"),
            )),
        }
    }

    /// Whether a file is kept back until somebody decides, and no newer file of its name has come.
    fn waits_for_a_person(&self, file: &FoundFile, arrived: &[&FoundFile]) -> bool {
        let is_kept = match &file.state {
            FoundState::Held { delivery, .. } => delivery.is_some() || file.is_there,
            FoundState::Refused { .. } => file.is_there,
            _ => false,
        };
        is_kept
            && !arrived
                .iter()
                .any(|other| other.identity.name == file.identity.name && other.first_seen_ms > file.first_seen_ms)
    }

    /// An upload may still go on until then, and then the file changes.
    fn unfinished_until(&self, file: &FoundFile) -> i64 {
        let nearest = self.contract.cadence.as_ref().and_then(|it| nearest_due(it, file.first_seen_ms));
        nearest.unwrap_or(file.first_seen_ms) + self.grace_ms()
    }

    /// How the contract stands by a file that is kept back; `next` is the next due time.
    fn held(&self, file: &FoundFile, next: Option<i64>) -> Option<ContractStanding> {
        let name = &file.identity.name;
        let (state, what, means, action) = match &file.state {
            FoundState::Refused { why } => (
                ContractState::Unreadable,
                format!("{name} is refused: {}.", once(why, name)),
                "It has not been read.",
                "Ask {owner} for an ordinary file in its place.",
            ),
            FoundState::Held { why, .. } => match why {
                Held::Empty => (
                    ContractState::Empty,
                    format!("{name} has no records."),
                    "Nothing can be imported from it.",
                    "Ask {owner} whether there were no records, or the export failed.",
                ),
                Held::Unreadable { why } => (
                    ContractState::Unreadable,
                    format!("{name} cannot be read: {}.", once(why, name)),
                    "Nothing of it has been imported.",
                    "Ask {owner} to send it again.",
                ),
                Held::SchemaChanged { what } => (
                    ContractState::SchemaChanged,
                    format!("The columns of {name} changed: {}.", once(what, name)),
                    "Nothing of it has been imported; it is kept.",
                    "Ask {owner} whether that was meant; then bring the mapping up to date and import the file, or have \
                     it sent as before.",
                ),
                Held::PerhapsUnfinished { sign } => {
                    if self.now_ms < self.unfinished_until(file) {
                        return None;
                    }
                    (
                        ContractState::PerhapsUnfinished,
                        format!("{name} may be unfinished: {}.", once(sign, name)),
                        "Nothing of it has been imported; it is not imported by itself.",
                        "Ask {owner} whether it was uploaded whole; import it by hand if it was, else have it sent again.",
                    )
                }
                Held::ControlMismatch { what } => (
                    ContractState::PerhapsUnfinished,
                    format!("{name} is not what its control file says: {}.", once(what, name)),
                    "Nothing of it has been imported; it is not imported by itself.",
                    "Ask {owner} which of the two is right, and to send the file again.",
                ),
                Held::NotReady { message, .. } => (
                    ContractState::NotReady,
                    format!("{name} arrived and cannot be imported yet: {}.", once(message, name)),
                    "Nothing of it has been imported; it is kept.",
                    "Put right what is said, then import the file.",
                ),
            },
            _ => return None,
        };
        let is_theirs = action.contains("{owner}");
        let tell = is_theirs.then(|| {
            let arrived = self.when(file.first_seen_ms);
            format!("About the file for {} that arrived at {arrived}: {what} Please look into it.", self.facts.source)
        });
        Some(ContractStanding {
            state,
            due_ms: next,
            since_ms: Some(file.first_seen_ms),
            file: Some(name.clone()),
            message: what,
            means: means.to_owned(),
            action: Some(action.replace("{owner}", &self.owner())),
            tell_upstream: tell,
        })
    }

    fn due(&self, due: i64, newest: Option<&FoundFile>) -> ContractStanding {
        let pattern = self.contract.pattern.as_str();
        let until = self.when(due + self.grace_ms());
        let last = newest.map(|file| format!(" The last one was {}.", file.identity.name)).unwrap_or_default();
        ContractStanding {
            state: ContractState::Due,
            due_ms: Some(due),
            since_ms: Some(due),
            file: None,
            message: format!(
                "A file matching {pattern} is due since {}; it is late after {until}.{last}",
                self.when(due)
            ),
            means: "Nothing is wrong yet.".to_owned(),
            action: None,
            tell_upstream: None,
        }
    }

    fn not_due(&self, next: Option<i64>) -> ContractStanding {
        let pattern = self.contract.pattern.as_str();
        let message = match next {
            Some(due) => format!("The first file matching {pattern} is due at {}.", self.when(due)),
            None => format!("No file matching {pattern} has come yet; no time was agreed."),
        };
        ContractStanding {
            state: ContractState::NotDue,
            due_ms: next,
            since_ms: Some(self.facts.watched_since_ms),
            file: None,
            message,
            means: "Nothing is wrong.".to_owned(),
            action: None,
            tell_upstream: None,
        }
    }

    /// The newest file is here, and nothing is due.
    fn here(&self, file: &FoundFile, next: Option<i64>) -> ContractStanding {
        let (name, at) = (&file.identity.name, self.when(file.first_seen_ms));
        let (state, message, means, action) = match &file.state {
            FoundState::Taken { run, .. } if self.facts.complete.contains(run) => (
                ContractState::Imported,
                format!("{name} arrived at {at} and was imported by run {run}."),
                "The contract is met.",
                None,
            ),
            FoundState::Identical { to, .. } => (
                ContractState::Imported,
                format!("{name} arrived at {at} and is identical to delivery {to}, which was imported before."),
                "The contract is met. There was nothing new to import.",
                None,
            ),
            FoundState::Taken { run, .. } => (
                ContractState::Arrived,
                format!("{name} arrived at {at}; run {run} imports it and is not complete."),
                "What was reached is safe; the rest has not been imported.",
                Some(format!("Look at run {run} if it does not go on.")),
            ),
            FoundState::Held { why: Held::PerhapsUnfinished { sign }, .. } => (
                ContractState::Arrived,
                format!("{name} arrived at {at} and may still be uploaded: {}.", once(sign, name)),
                "It is looked at again until grace ends.",
                None,
            ),
            FoundState::Settling => (
                ContractState::Arrived,
                format!("{name} arrived at {at}, and may still be uploaded."),
                "It is fetched when it has stopped changing.",
                None,
            ),
            _ => (
                ContractState::Arrived,
                match &file.trouble {
                    Some(trouble) => format!("{name} arrived at {at} and could not be fetched: {}", trouble.message),
                    None => format!("{name} arrived at {at} and has not been imported."),
                },
                "Its records are not in contacts yet.",
                Some(match &file.trouble {
                    Some(trouble) => format!("{} It is tried again when the source is looked at next.", trouble.next),
                    None => "Import it, or wait for the next time the source is looked at.".to_owned(),
                }),
            ),
        };
        let message = match next {
            Some(due) => format!("{message} The next is due at {}.", self.when(due)),
            None => message,
        };
        ContractStanding {
            state,
            due_ms: next,
            since_ms: Some(file.first_seen_ms),
            file: Some(name.clone()),
            message,
            means: means.to_owned(),
            action,
            tell_upstream: None,
        }
    }
}

/// What of several files is said first, lowest first.
fn severity(state: ContractState) -> u8 {
    match state {
        ContractState::Unreadable => 0,
        ContractState::Empty => 1,
        ContractState::SchemaChanged => 2,
        ContractState::PerhapsUnfinished => 3,
        _ => 4,
    }
}

/// How the contract stands by the worst of so many files that are kept back.
fn among_others(worst: ContractStanding, count: usize) -> ContractStanding {
    let action = worst.action.as_deref().unwrap_or_default();
    ContractStanding {
        message: format!("{count} files are held. {}", worst.message),
        action: Some(format!("{action} Then look at the others.").trim_start().to_owned()),
        ..worst
    }
}

/// As people say it: "06:30 on 21 Nov 2026 (Europe/Berlin)".
pub fn when(at_ms: i64, timezone: Tz) -> String {
    match DateTime::from_timestamp_millis(at_ms) {
        Some(at) => format!("{} ({timezone})", at.with_timezone(&timezone).format("%H:%M on %-d %b %Y")),
        None => format!("{at_ms} ms"),
    }
}

#[cfg(test)]
#[path = "standing_tests.rs"]
mod tests;
