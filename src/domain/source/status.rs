//! How a source stands (R61–R65, R102): one word, and the sentences that explain it.

use super::connection::{Connection, HostKeyTrust, Sftp};
use super::contract::ContractState;
use super::pickup::{Fault, Pickup};
use super::standing::ContractStanding;
use super::{Blocked, Paused, Source};
use crate::domain::run::{Interruption, RunLine, RunStatus};

/// The word in the Status column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceStatus {
    /// The last run did not come to its end because something went wrong (R63).
    Error,
    /// The arrival contract is not met: no file came, or none that can be imported by itself (R364, R368).
    Missing,
    Late,
    Unreadable,
    Empty,
    SchemaChanged,
    PerhapsUnfinished,
    /// The last run did not complete cleanly (R64).
    Warning,
    Paused,
    /// Nothing has arrived yet.
    NoData,
    Active,
}

impl SourceStatus {
    /// In the order in which they need a person.
    pub const ALL: [SourceStatus; 11] = [
        SourceStatus::Error,
        SourceStatus::Missing,
        SourceStatus::Late,
        SourceStatus::Unreadable,
        SourceStatus::Empty,
        SourceStatus::SchemaChanged,
        SourceStatus::PerhapsUnfinished,
        SourceStatus::Warning,
        SourceStatus::Paused,
        SourceStatus::NoData,
        SourceStatus::Active,
    ];

    /// That of a contract which needs a person; with any other, the runs say how the source stands.
    fn of_contract(state: ContractState) -> Option<SourceStatus> {
        match state {
            ContractState::Missing => Some(SourceStatus::Missing),
            ContractState::Late => Some(SourceStatus::Late),
            ContractState::Unreadable => Some(SourceStatus::Unreadable),
            ContractState::Empty => Some(SourceStatus::Empty),
            ContractState::SchemaChanged => Some(SourceStatus::SchemaChanged),
            ContractState::PerhapsUnfinished => Some(SourceStatus::PerhapsUnfinished),
            ContractState::NotReady => Some(SourceStatus::Warning),
            ContractState::NotDue | ContractState::Due | ContractState::Arrived | ContractState::Imported => None,
        }
    }

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            SourceStatus::Error => "error",
            SourceStatus::Missing => "missing",
            SourceStatus::Late => "late",
            SourceStatus::Unreadable => "unreadable",
            SourceStatus::Empty => "empty",
            SourceStatus::SchemaChanged => "schema_changed",
            SourceStatus::PerhapsUnfinished => "perhaps_unfinished",
            SourceStatus::Warning => "warning",
            SourceStatus::Paused => "paused",
            SourceStatus::NoData => "no_data",
            SourceStatus::Active => "active",
        }
    }

    /// The word for people.
    pub fn label(self) -> &'static str {
        match self {
            SourceStatus::Error => "Error",
            SourceStatus::Missing => "Missing",
            SourceStatus::Late => "Late",
            SourceStatus::Unreadable => "Unreadable",
            SourceStatus::Empty => "Empty",
            SourceStatus::SchemaChanged => "Schema changed",
            SourceStatus::PerhapsUnfinished => "Perhaps unfinished",
            SourceStatus::Warning => "Warning",
            SourceStatus::Paused => "Paused",
            SourceStatus::NoData => "No data",
            SourceStatus::Active => "Active",
        }
    }

    /// Whether it is the arrival contract that says so.
    pub fn is_of_contract(self) -> bool {
        matches!(
            self,
            SourceStatus::Missing
                | SourceStatus::Late
                | SourceStatus::Unreadable
                | SourceStatus::Empty
                | SourceStatus::SchemaChanged
                | SourceStatus::PerhapsUnfinished
        )
    }

    /// Whether somebody has to look at it.
    pub fn needs_a_person(self) -> bool {
        !matches!(self, SourceStatus::Paused | SourceStatus::NoData | SourceStatus::Active)
    }
}

/// What a source's status follows from.
#[derive(Debug, Clone, Copy)]
pub struct SourceFacts<'a> {
    pub paused: Option<&'a Paused>,
    /// What a person must deal with before anything is fetched (R106, R107).
    pub blocked: Option<&'a Blocked>,
    /// How its arrival contract stands.
    pub contract: Option<&'a ContractStanding>,
    pub connection: Option<&'a Connection>,
    /// The last look at where its files lie.
    pub looked: Option<&'a Pickup>,
    /// The newest run that was begun and is no dry run; one that is at work still counts as the one before it.
    pub last_run: Option<&'a RunLine>,
    pub error: Option<&'a str>,
    pub error_ms: Option<i64>,
    pub last_imported_ms: Option<i64>,
    pub created_ms: i64,
    /// Whether there is a mapping that nobody has reviewed.
    pub unreviewed: bool,
}

impl<'a> SourceFacts<'a> {
    /// The facts of a source and of its last run (see [`SourceFacts::last_run`]).
    pub fn of(source: &'a Source, last_run: Option<&'a RunLine>) -> SourceFacts<'a> {
        SourceFacts {
            paused: source.paused.as_ref(),
            blocked: source.blocked.as_ref(),
            contract: None,
            connection: source.connection.as_ref(),
            looked: None,
            last_run,
            error: source.error.as_deref(),
            error_ms: source.error_ms,
            last_imported_ms: source.last_imported_ms,
            created_ms: source.created_ms,
            unreviewed: source.mapping.is_some() && source.reviewed.is_none(),
        }
    }

    /// With how the source's contract stands.
    pub fn with_contract(self, contract: Option<&'a ContractStanding>) -> SourceFacts<'a> {
        SourceFacts { contract, ..self }
    }

    /// With the last look at where the source's files lie.
    pub fn with_look(self, looked: Option<&'a Pickup>) -> SourceFacts<'a> {
        SourceFacts { looked, ..self }
    }

    /// What kept the last look from its end and did not stop the source: whether files have come is not known.
    pub fn failed_look(&self) -> Option<&'a Fault> {
        self.looked?.met().filter(|fault| fault.may_pass())
    }
}

/// How a source stands, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub status: SourceStatus,
    /// Nothing to say of a source that is well.
    pub reason: Option<Reason>,
}

/// Why a source stands as it does; each a sentence or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub message: String,
    /// What follows from it for the data.
    pub means: String,
    /// What to do.
    pub action: String,
    /// Since when (ms since 1970, UTC), where that is known.
    pub since_ms: Option<i64>,
}

impl Health {
    /// How a source stands by these facts.
    pub fn of(facts: &SourceFacts<'_>) -> Health {
        let (status, reason) = judge(facts);
        Health { status, reason }
    }
}

fn reason(
    since_ms: Option<i64>,
    message: impl Into<String>,
    means: impl Into<String>,
    action: impl Into<String>,
) -> Option<Reason> {
    Some(Reason { message: message.into(), means: means.into(), action: action.into(), since_ms })
}

fn judge(facts: &SourceFacts<'_>) -> (SourceStatus, Option<Reason>) {
    if let Some(paused) = facts.paused {
        let by = paused.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let means = "Nothing is imported from it until it is resumed; what it brought stays.";
        let action = "Resume it when it may run again.";
        return (SourceStatus::Paused, reason(paused.at_ms, format!("Paused{by}."), means, action));
    }
    if let Some(blocked) = facts.blocked {
        let means = "Nothing is fetched from it until that is dealt with; what it brought stays.";
        return (
            SourceStatus::Error,
            reason(Some(blocked.at_ms), blocked.message.as_str(), means, blocked.next.as_str()),
        );
    }
    if let Some(Connection::Sftp(Sftp { host, host_key: HostKeyTrust::Unknown, .. })) = facts.connection {
        let message = format!("Nobody has accepted the host key of {host} yet.");
        let means = "Nothing can be fetched from it.";
        let action = "Test it: that shows the key. Accept it if whoever runs the server says that it is theirs.";
        return (SourceStatus::Warning, reason(Some(facts.created_ms), message, means, action));
    }
    // Where nobody could look, nobody knows whether the file of the contract has come.
    if let Some(fault) = facts.failed_look() {
        let since = facts.looked.map(|looked| looked.started_ms);
        let message = format!("The last look failed. {}", fault.message);
        let means = "Whether new files have come is not known; what it brought stays.";
        return (SourceStatus::Warning, reason(since, message, means, fault.next.as_str()));
    }
    if let Some(standing) = facts.contract
        && let Some(status) = SourceStatus::of_contract(standing.state)
    {
        let action = standing.action.clone().unwrap_or_default();
        return (status, reason(standing.since_ms, standing.message.as_str(), standing.means.as_str(), action));
    }
    let Some(run) = facts.last_run else { return without_run(facts) };
    let (number, at) = (run.id, run.finished_ms.or(run.heartbeat_ms).or(Some(run.created_ms)));
    let said = |otherwise: &str| run.error.clone().unwrap_or_else(|| otherwise.to_owned());
    let since = facts.error_ms.or(at);
    let unfinished = "The rows that were not reached have not been imported; those that were reached are safe.";
    match run.status {
        RunStatus::Failed => (
            SourceStatus::Error,
            reason(
                since,
                said("The last run failed."),
                unfinished,
                format!("Deal with the cause, then import again; run {number} shows what was reached."),
            ),
        ),
        RunStatus::Interrupted => {
            let status = match run.interruption {
                Some(Interruption::Error) => SourceStatus::Error,
                _ => SourceStatus::Warning,
            };
            let since = if status == SourceStatus::Error { since } else { at };
            let action = format!("Resume run {number} where it stopped, or cancel it.");
            (status, reason(since, said("The last run was stopped before its end."), unfinished, action))
        }
        RunStatus::Cancelled => (
            SourceStatus::Warning,
            reason(
                at,
                format!("Run {number} was cancelled."),
                unfinished,
                "Import the file again to bring the others.",
            ),
        ),
        RunStatus::AwaitingRelease => (
            SourceStatus::Warning,
            reason(
                at,
                said("The last run waits for somebody to release it."),
                "Nothing of it has been imported yet.",
                format!("Look at run {number}, then release or cancel it."),
            ),
        ),
        RunStatus::NeedsAttention => (
            SourceStatus::Warning,
            reason(
                since,
                said("The last run needs attention."),
                "The run finished, and every row has its outcome; contacts may hold less, or something else, than \
                 you expect.",
                format!("Look at run {number} and at the mapping; correct it and import again."),
            ),
        ),
        RunStatus::Completed if run.counts.failed > 0 => {
            let failed = run.counts.failed;
            let rows = if failed == 1 { "row" } else { "rows" };
            (
                SourceStatus::Warning,
                reason(
                    at,
                    format!("{failed} {rows} of the last run failed."),
                    format!("What stands in {} has not been imported.", if failed == 1 { "it" } else { "them" }),
                    format!("Export the failed rows of run {number}, correct them, and import that file."),
                ),
            )
        }
        RunStatus::Completed | RunStatus::Queued | RunStatus::Running => ended_well(facts, run),
    }
}

fn ended_well(facts: &SourceFacts<'_>, run: &RunLine) -> (SourceStatus, Option<Reason>) {
    let landed = run.counts.created + run.counts.updated + run.counts.unchanged;
    if facts.last_imported_ms.is_none() && landed == 0 {
        let message = "It has run, and no contact has come of it yet.";
        let means = "The file had no rows, or every row was skipped.";
        let action = format!("Look at run {}: the reasons stand there.", run.id);
        return (SourceStatus::NoData, reason(run.finished_ms, message, means, action));
    }
    let unreviewed = facts.unreviewed.then(|| Reason {
        message: "Nobody has reviewed its mapping.".to_owned(),
        means: "That a run finished does not say that every column went where you expect it.".to_owned(),
        action: "Look at the mapping, and mark it as reviewed.".to_owned(),
        since_ms: None,
    });
    (SourceStatus::Active, unreviewed)
}

fn without_run(facts: &SourceFacts<'_>) -> (SourceStatus, Option<Reason>) {
    if let Some(error) = facts.error {
        let means = "Nothing has been fetched.";
        return (SourceStatus::Error, reason(facts.error_ms, error, means, "Deal with the cause, then import."));
    }
    if facts.last_imported_ms.is_some() {
        return (SourceStatus::Active, None);
    }
    let message = "Nothing has been imported from it yet.";
    (SourceStatus::NoData, reason(Some(facts.created_ms), message, "It holds no contacts.", "Start its first import."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{RunId, SourceId};
    use crate::domain::outcome::Counts;
    use crate::domain::run::{Mode, RunKind};

    fn line(status: RunStatus) -> RunLine {
        RunLine {
            id: RunId(7),
            kind: RunKind::Import,
            status,
            source: SourceId(1),
            source_name: "crm".into(),
            delivery_name: "a.csv".into(),
            mode: Mode::Upsert,
            user: "ana".into(),
            created_ms: 100,
            started_ms: Some(110),
            finished_ms: status.is_ended().then_some(200),
            heartbeat_ms: Some(150),
            elapsed_ms: 90,
            counts: Counts { created: 5, ..Counts::default() },
            bytes: 10,
            rows_expected: Some(5),
            bytes_expected: Some(10),
            sample: None,
            error: None,
            interruption: None,
            resumptions: 0,
            cancel_requested: false,
            notes: 0,
        }
    }

    fn facts(last_run: Option<&RunLine>) -> SourceFacts<'_> {
        SourceFacts {
            paused: None,
            blocked: None,
            contract: None,
            connection: None,
            looked: None,
            last_run,
            error: None,
            error_ms: None,
            last_imported_ms: Some(200),
            created_ms: 50,
            unreviewed: false,
        }
    }

    #[test]
    fn the_status_is_that_of_the_last_run_unless_the_source_is_paused() {
        use SourceStatus::{Active, Error, NoData, Warning};
        let failed_rows =
            RunLine { counts: Counts { created: 4, failed: 1, ..Counts::default() }, ..line(RunStatus::Completed) };
        let nothing = RunLine { counts: Counts { skipped: 4, ..Counts::default() }, ..line(RunStatus::Completed) };
        let interrupted =
            |by| RunLine { interruption: Some(by), error: Some("disk full".into()), ..line(RunStatus::Interrupted) };
        for (run, status, says, since) in [
            (line(RunStatus::Completed), Active, None, None),
            (failed_rows, Warning, Some("1 row of the last run failed."), Some(200)),
            (line(RunStatus::NeedsAttention), Warning, Some("needs attention"), Some(200)),
            (line(RunStatus::Cancelled), Warning, Some("Run 7 was cancelled."), Some(200)),
            (line(RunStatus::Failed), Error, Some("failed"), Some(200)),
            (interrupted(Interruption::Error), Error, Some("disk full"), Some(150)),
            (interrupted(Interruption::Request), Warning, Some("disk full"), Some(150)),
            (interrupted(Interruption::Death), Warning, Some("disk full"), Some(150)),
            (line(RunStatus::AwaitingRelease), Warning, Some("release"), Some(150)),
            (nothing.clone(), Active, None, None),
        ] {
            let health = Health::of(&facts(Some(&run)));
            assert_eq!(health.status, status, "{run:?}");
            let reason = health.reason.as_ref();
            assert_eq!(reason.is_some(), says.is_some(), "{run:?}");
            assert!(reason.is_none_or(|reason| reason.message.contains(says.unwrap())), "{health:?}");
            assert_eq!(reason.and_then(|reason| reason.since_ms), since, "{health:?}");
            let paused = super::Paused { by: Some("bo".into()), at_ms: Some(300) };
            let health = Health::of(&SourceFacts { paused: Some(&paused), ..facts(Some(&run)) });
            assert_eq!(
                (health.status, health.reason.unwrap().message.as_str()),
                (SourceStatus::Paused, "Paused by bo.")
            );
        }
        let nothing = Health::of(&SourceFacts { last_imported_ms: None, ..facts(Some(&nothing)) });
        assert_eq!(nothing.status, NoData);
    }

    #[test]
    fn a_source_without_a_run_has_no_data_or_an_error_of_its_connection() {
        let fresh = SourceFacts { last_imported_ms: None, ..facts(None) };
        let health = Health::of(&fresh);
        assert_eq!((health.status, health.reason.unwrap().since_ms), (SourceStatus::NoData, Some(50)));
        let health = Health::of(&SourceFacts { error: Some("401"), error_ms: Some(60), ..fresh });
        assert_eq!((health.status, health.reason.unwrap().since_ms), (SourceStatus::Error, Some(60)));
    }

    #[test]
    fn an_error_is_dated_from_the_first_of_the_runs_that_had_it() {
        let run = line(RunStatus::Failed);
        let health = Health::of(&SourceFacts { error: Some("x"), error_ms: Some(20), ..facts(Some(&run)) });
        assert_eq!(health.reason.unwrap().since_ms, Some(20));
    }

    #[test]
    fn a_mapping_that_nobody_reviewed_is_said_of_an_active_source() {
        let run = line(RunStatus::Completed);
        let health = Health::of(&SourceFacts { unreviewed: true, ..facts(Some(&run)) });
        assert_eq!(health.status, SourceStatus::Active);
        assert!(health.reason.unwrap().message.contains("reviewed"));
    }

    #[test]
    fn a_source_whose_host_nobody_accepted_or_whose_last_look_failed_needs_a_person() {
        let run = line(RunStatus::Completed);
        let sftp = |host_key| {
            Connection::Sftp(Sftp {
                host: "sftp.example.com".into(),
                port: 22,
                user: "crm".into(),
                directory: "out".into(),
                login: super::super::Login::OwnKey,
                host_key,
            })
        };
        let unknown = sftp(HostKeyTrust::Unknown);
        let health = Health::of(&SourceFacts { connection: Some(&unknown), ..facts(Some(&run)) });
        assert!(health.status.needs_a_person());
        assert!(health.reason.unwrap().message.contains("host key of sftp.example.com"));
        let known = sftp(HostKeyTrust::KnownHosts { path: None });
        let look = |fault: Option<&str>| Pickup {
            id: crate::domain::id::PickupId(3),
            source: SourceId(1),
            cause: super::super::PickupCause::Schedule,
            user: "ana".into(),
            started_ms: 70,
            finished_ms: Some(80),
            listed: 0,
            landed: 0,
            fault: fault.map(|code| Fault {
                code: code.into(),
                message: "Nothing listens.".into(),
                next: "Check the port.".into(),
            }),
            waiting: None,
        };
        // A fault that stopped the source is told by that; where it does not any more, somebody has dealt with it.
        for (fault, needs) in [(None, false), (Some("connection_refused"), true), (Some("login_refused"), false)] {
            let look = look(fault);
            let facts = SourceFacts { connection: Some(&known), ..facts(Some(&run)) }.with_look(Some(&look));
            let health = Health::of(&facts);
            assert_eq!(health.status.needs_a_person(), needs, "{health:?}");
            let reason = health.reason.map(|reason| (reason.message, reason.action, reason.since_ms));
            let said = ("The last look failed. Nothing listens.".to_owned(), "Check the port.".to_owned(), Some(70));
            assert_eq!(reason, needs.then_some(said));
        }
        // While it is tried again it has failed so far.
        let fault = look(Some("connection_refused")).fault.expect("a fault");
        let waiting = super::super::pickup::Waiting { fault, next_try_ms: 90, number: 2, most: 6 };
        let retrying = Pickup { waiting: Some(waiting), finished_ms: None, ..look(None) };
        let facts = SourceFacts { connection: Some(&known), ..facts(Some(&run)) }.with_look(Some(&retrying));
        assert!(Health::of(&facts).status.needs_a_person());
    }

    #[test]
    fn what_blocks_a_source_and_its_contract_stand_in_front_of_its_runs() {
        let run = line(RunStatus::Failed);
        let standing = |state| ContractStanding {
            state,
            due_ms: Some(10),
            since_ms: Some(20),
            file: None,
            message: "No file came.".into(),
            means: "It failed upstream.".into(),
            action: Some("Ask Dana.".into()),
            tell_upstream: None,
        };
        for (state, status) in [
            (ContractState::Missing, SourceStatus::Missing),
            (ContractState::Late, SourceStatus::Late),
            (ContractState::Empty, SourceStatus::Empty),
            (ContractState::Unreadable, SourceStatus::Unreadable),
            (ContractState::SchemaChanged, SourceStatus::SchemaChanged),
            (ContractState::PerhapsUnfinished, SourceStatus::PerhapsUnfinished),
            (ContractState::NotReady, SourceStatus::Warning),
            (ContractState::NotDue, SourceStatus::Error),
            (ContractState::Due, SourceStatus::Error),
            (ContractState::Arrived, SourceStatus::Error),
            (ContractState::Imported, SourceStatus::Error),
        ] {
            let standing = standing(state);
            let with = facts(Some(&run)).with_contract(Some(&standing));
            let health = Health::of(&with);
            assert_eq!(health.status, status);
            assert!(status == SourceStatus::Error || health.reason.is_some_and(|it| it.action == "Ask Dana."));
            let blocked = super::Blocked {
                code: "login_refused".into(),
                message: "The login was refused.".into(),
                next: "Reconnect it.".into(),
                at_ms: 5,
            };
            let reason = Health::of(&SourceFacts { blocked: Some(&blocked), ..with });
            assert_eq!((reason.status, reason.reason.unwrap().action.as_str()), (SourceStatus::Error, "Reconnect it."));
        }
    }
}
