//! How an arrival contract stands, in words (R342–R347, R357, R358, R364, R365, R367, R368): by the newest file and by
//! the due times since it. A file counts for the due time that it is nearest to, so that one that comes early is that of
//! the coming due time, and one that comes late that of the last.

use super::contract::{Contract, ContractState};
use super::found::{FoundFile, FoundState, Held};
use super::schedule::Schedule;
use crate::domain::id::RunId;
use chrono::DateTime;
use chrono_tz::Tz;

const MINUTE: i64 = 60_000;
/// A file is late for as long as its grace was, and at least for an hour; then it is missing.
const LEAST_LATE: i64 = 60 * MINUTE;

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

/// How the contract stands at this moment.
pub fn judge(contract: &Contract, facts: &ContractFacts<'_>, now_ms: i64) -> ContractStanding {
    let question = Question { contract, facts, now_ms };
    let arrived = question.arrived();
    let newest = arrived.iter().max_by_key(|file| (file.first_seen_ms, file.identity.modified_ms)).copied();
    let next = question.next_due(newest);
    // What never came is seen before what is wrong with what came.
    if let Some((due, cadence)) = next.zip(contract.cadence.as_ref()) {
        let overdue_ms = now_ms - due - question.grace_ms();
        if overdue_ms >= 0 {
            return question.overdue(due, overdue_ms, cadence, newest);
        }
    }
    let held = arrived.iter().filter(|file| question.waits_for_a_person(file, &arrived));
    if let Some(standing) = held.max_by_key(|file| file.first_seen_ms).and_then(|file| question.held(file)) {
        return standing;
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
    let newest = arrived.iter().max_by_key(|file| (file.first_seen_ms, file.identity.modified_ms)).copied();
    let grace = question.grace_ms();
    let of_due = question.next_due(newest).zip(contract.cadence.as_ref()).map(|(due, cadence)| {
        let next_missed = cadence.next_after(now_ms - grace).filter(|next| *next > due).map(|next| next + grace);
        [Some(due), Some(due + grace), Some(due + grace + grace.max(LEAST_LATE)), next_missed]
    });
    let unfinished = arrived
        .iter()
        .filter(|file| matches!(file.state, FoundState::Held { why: Held::PerhapsUnfinished { .. }, .. }));
    let of_files = unfinished.map(|file| question.unfinished_until(file));
    of_due.into_iter().flatten().flatten().chain(of_files).filter(|at| *at > now_ms).min()
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

    /// The first due time that no file counts for, in the past or to come.
    fn next_due(&self, newest: Option<&FoundFile>) -> Option<i64> {
        let cadence = self.contract.cadence.as_ref()?;
        let watched = cadence.next_after(self.facts.watched_since_ms)?;
        let Some(newest) = newest else { return Some(watched) };
        let nearest = nearest_due(cadence, newest.first_seen_ms)?;
        cadence.next_after(nearest).map(|next| next.max(watched))
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
            Some(file) => format!(" The last one was {}, at {}.", file.identity.name, self.when(file.first_seen_ms)),
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
                "No file matching {pattern} arrived for {source} by {when}, nor in the {grace} minutes after it.{also} Was \
                 it made and sent? Please send it, or say when it will come.",
                grace = self.contract.grace_minutes,
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

    fn held(&self, file: &FoundFile) -> Option<ContractStanding> {
        let name = &file.identity.name;
        let (state, what, means, action) = match &file.state {
            FoundState::Refused { why } => (
                ContractState::Unreadable,
                format!("{name} is refused: {why}."),
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
                    format!("{name} cannot be read: {why}."),
                    "Nothing of it has been imported.",
                    "Ask {owner} to send it again.",
                ),
                Held::SchemaChanged { what } => (
                    ContractState::SchemaChanged,
                    format!("The columns of {name} changed: {what}."),
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
                        format!("{name} may be unfinished: {sign}."),
                        "Nothing of it has been imported; it is not imported by itself.",
                        "Ask {owner} whether it was uploaded whole; import it by hand if it was, else have it sent again.",
                    )
                }
                Held::ControlMismatch { what } => (
                    ContractState::PerhapsUnfinished,
                    format!("{name} is not what its control file says: {what}."),
                    "Nothing of it has been imported; it is not imported by itself.",
                    "Ask {owner} which of the two is right, and to send the file again.",
                ),
                Held::NotReady { message, .. } => (
                    ContractState::NotReady,
                    format!("{name} arrived and cannot be imported yet: {message}"),
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
            due_ms: self.next_due(Some(file)),
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
            None => format!("No file matching {pattern} has come, and no time was agreed for one."),
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
                format!("{name} arrived at {at} and may still be uploaded: {sign}."),
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

/// The due time that a file of this moment counts for. The earlier of two that are as near.
fn nearest_due(cadence: &Schedule, at_ms: i64) -> Option<i64> {
    match (cadence.last_until(at_ms), cadence.next_after(at_ms)) {
        (Some(last), Some(next)) if at_ms - last <= next - at_ms => Some(last),
        (last, next) => next.or(last),
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
mod tests {
    use super::super::contract::{DriftPolicy, FinishedSign};
    use super::super::found::{FileIdentity, Ignored};
    use super::super::pattern::NamePattern;
    use super::*;
    use crate::domain::id::{DeliveryId, SourceId};
    use chrono::{NaiveDateTime, TimeZone};

    fn at(text: &str) -> i64 {
        let local = NaiveDateTime::parse_from_str(&format!("2026-11-{text}"), "%Y-%m-%d %H:%M").unwrap();
        Tz::Europe__Berlin.from_local_datetime(&local).unwrap().timestamp_millis()
    }

    fn contract(cadence: Option<&str>) -> Contract {
        Contract {
            pattern: NamePattern::parse("c*.csv").unwrap(),
            cadence: cadence.map(|cron| Schedule::parse(cron, Tz::Europe__Berlin).unwrap()),
            grace_minutes: 30,
            verified_by: None,
            columns: None,
            rows: None,
            finished: FinishedSign::Still { seconds: 30 },
            control: None,
            drift: DriftPolicy::CarryOn,
        }
    }

    fn file(name: &str, seen: &str, state: FoundState) -> FoundFile {
        FoundFile {
            source: SourceId(1),
            identity: FileIdentity { name: name.into(), size: 5, modified_ms: at(seen) },
            first_seen_ms: at(seen),
            last_seen_ms: at(seen),
            is_there: true,
            state,
            trouble: None,
        }
    }

    fn held(why: Held) -> FoundState {
        FoundState::Held { delivery: Some(DeliveryId(1)), why }
    }

    fn judged(cadence: Option<&str>, files: &[FoundFile], now: &str) -> ContractStanding {
        let facts = ContractFacts {
            source: "crm",
            owner: Some("Dana (ERP team)"),
            watched_since_ms: at("19 12:00"),
            files,
            complete: &[RunId(7)],
        };
        judge(&contract(cadence), &facts, at(now))
    }

    #[test]
    fn the_state_follows_from_the_newest_file_and_the_due_times_since_it() {
        use ContractState::*;
        let daily = Some("30 6 * * *");
        let delivery = DeliveryId(1);
        let done = FoundState::Taken { delivery, run: RunId(7) };
        let taken = FoundState::Taken { delivery, run: RunId(8) };
        let unfinished = held(Held::PerhapsUnfinished { sign: "it ends inside a quote".into() });
        let one = |seen: &str, state: &FoundState| vec![file("c1.csv", seen, state.clone())];
        for (cadence, files, now, state, says) in [
            (daily, vec![], "20 06:29", NotDue, "is due at 06:30 on 20 Nov 2026 (Europe/Berlin)"),
            (daily, vec![], "20 06:30", Due, "late after 07:00"),
            (daily, vec![], "20 07:00", Late, "No file matching c*.csv arrived by 06:30 on 20 Nov 2026"),
            (daily, vec![], "20 07:59", Late, "None has ever come"),
            (daily, vec![], "20 08:00", Missing, "arrived by 06:30"),
            (daily, vec![], "22 08:00", Missing, "2 more have been due since"),
            (daily, one("20 06:10", &done), "20 06:20", Imported, "next is due at 06:30 on 21 Nov"),
            (daily, one("20 06:40", &done), "21 06:29", Imported, "imported by run 7"),
            (daily, one("20 06:40", &done), "21 06:31", Due, "last one was c1.csv"),
            (daily, one("20 06:40", &done), "21 07:01", Late, "The last one was c1.csv"),
            (daily, one("20 06:40", &done), "21 09:00", Missing, "by 06:30 on 21 Nov"),
            // Nearer to the next day's time than to its own.
            (daily, one("20 20:00", &done), "21 09:00", Imported, "next is due at 06:30 on 22 Nov"),
            (daily, one("20 06:40", &taken), "20 06:50", Arrived, "run 8"),
            (daily, one("20 06:40", &FoundState::New), "20 06:50", Arrived, "has not been imported"),
            (daily, one("20 06:40", &FoundState::Settling), "20 06:50", Arrived, "may still be uploaded"),
            (
                daily,
                one("20 06:40", &FoundState::Identical { delivery, to: delivery }),
                "20 07:50",
                Imported,
                "identical",
            ),
            (daily, one("20 06:40", &held(Held::Empty)), "20 06:50", Empty, "no records"),
            (daily, one("20 06:40", &held(Held::Empty)), "21 08:50", Missing, "by 06:30 on 21 Nov"),
            (
                daily,
                one("20 06:40", &held(Held::Unreadable { why: "bad zip".into() })),
                "20 06:50",
                Unreadable,
                "bad zip",
            ),
            (
                daily,
                one("20 06:40", &FoundState::Refused { why: "it is a link".into() }),
                "20 06:50",
                Unreadable,
                "link",
            ),
            (
                daily,
                one("20 06:40", &held(Held::SchemaChanged { what: "Email is gone".into() })),
                "20 06:50",
                SchemaChanged,
                "Email",
            ),
            (daily, one("20 06:40", &unfinished), "20 06:59", Arrived, "may still be uploaded"),
            (daily, one("20 06:40", &unfinished), "20 07:00", PerhapsUnfinished, "ends inside a quote"),
            (
                daily,
                one("20 06:40", &held(Held::ControlMismatch { what: "5 rows".into() })),
                "20 06:45",
                PerhapsUnfinished,
                "5 rows",
            ),
            (
                daily,
                one("20 06:40", &FoundState::Ignored { why: Ignored::Hidden }),
                "20 08:00",
                Missing,
                "None has ever come",
            ),
            (daily, vec![file("other.csv", "20 06:40", done.clone())], "20 08:00", Missing, "c*.csv"),
            (None, vec![], "22 08:00", NotDue, "no time was agreed"),
            (None, one("20 06:40", &done), "22 08:00", Imported, "imported by run 7"),
            (None, one("20 06:40", &held(Held::Empty)), "22 08:00", Empty, "no records"),
            (None, one("20 06:40", &unfinished), "20 07:09", Arrived, "may still"),
            (None, one("20 06:40", &unfinished), "20 07:10", PerhapsUnfinished, "quote"),
        ] {
            let standing = judged(cadence, &files, now);
            assert_eq!(standing.state, state, "{now} {standing:#?}");
            assert!(standing.message.contains(says), "{says}: {standing:#?}");
        }
    }

    #[test]
    fn a_file_that_waits_for_a_person_stays_in_front_until_one_of_its_name_replaces_it() {
        let done = FoundState::Taken { delivery: DeliveryId(2), run: RunId(7) };
        let empty = file("c1.csv", "20 06:40", held(Held::Empty));
        let other = file("c2.csv", "20 06:50", done.clone());
        assert_eq!(judged(None, &[empty.clone(), other], "20 08:00").state, ContractState::Empty);
        let again = file("c1.csv", "20 06:50", done);
        assert_eq!(judged(None, &[empty, again], "20 08:00").state, ContractState::Imported);
    }

    #[test]
    fn between_the_moments_at_which_it_says_so_a_contract_stands_as_before() {
        let daily = contract(Some("30 6 * * *"));
        let done = FoundState::Taken { delivery: DeliveryId(1), run: RunId(7) };
        let unfinished = held(Held::PerhapsUnfinished { sign: "it ends inside a quote".into() });
        for files in [vec![], vec![file("c1.csv", "20 06:40", done)], vec![file("c1.csv", "20 06:40", unfinished)]] {
            let facts = ContractFacts {
                source: "crm",
                owner: None,
                watched_since_ms: at("19 12:00"),
                files: &files,
                complete: &[RunId(7)],
            };
            let mut now = at("20 06:45");
            let mut moments = Vec::new();
            while now < at("23 12:00") {
                let standing = judge(&daily, &facts, now);
                let until = stands_until(&daily, &facts, now).unwrap_or(i64::MAX);
                assert!(until > now);
                let mut between = now;
                while between < until.min(at("23 12:00")) {
                    assert_eq!(judge(&daily, &facts, between), standing, "{} {}", between - now, until - now);
                    between += 5 * MINUTE;
                }
                moments.push(until);
                now = until;
            }
            assert!(moments.len() > 3 && moments.len() < 15, "{moments:?}");
        }
    }

    #[test]
    fn a_missing_file_is_a_failure_upstream_with_its_owner_and_what_to_tell_them() {
        let standing = judged(Some("30 6 * * *"), &[], "20 08:00");
        assert!(standing.means.contains("failed upstream"), "{standing:?}");
        assert!(standing.action.as_ref().unwrap().contains("Dana (ERP team)"), "{standing:?}");
        let tell = standing.tell_upstream.unwrap();
        assert!(tell.contains("c*.csv") && tell.contains("crm") && tell.contains("06:30 on 20 Nov 2026"), "{tell}");
        assert_eq!((standing.due_ms, standing.since_ms), (Some(at("20 06:30")), Some(at("20 07:00"))));
    }
}
