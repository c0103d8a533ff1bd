//! The guided check of a source that brings its own files (R347, R364, R367): from the host to the last run, one step
//! after the other. It stops at the first that fails and says what to do and who does it; nothing is imported. What it
//! lists is noted as by a look.

use super::error::{WorkerError, sentence};
use super::pickup::{self, addressed};
use super::prepare;
use super::reach::{Place, Surround};
use super::request::ImportRequest;
use super::standing;
use super::upload_check::upload_fault;
use crate::connect::sftp::{Limits, host_key_of};
use crate::connect::{ConnectError, is_safe_name};
use crate::domain::mapping::Mapping;
use crate::domain::run::RunStatus;
use crate::domain::source::{
    Connection, ContractState, Drift, DriftDecision, FileIdentity, FoundFile, HostKeyTrust, Listed, ListedKind, Source,
    columns_of,
};
use crate::domain::wording::counted;
use crate::store::{Store, file_mode};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A file of more bytes is not fetched only to be looked at.
const MOST_BYTES: u64 = 64 << 20;

/// The steps, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The name is known, the port answers, and it speaks SSH.
    Host,
    HostKey,
    Login,
    /// It is there and may be looked into; of a drop on this host, the account that uploads may write to it.
    Directory,
    /// Some match the contract's pattern.
    Files,
    /// The newest came when it should.
    Contract,
    /// The newest can be read as a table.
    Shape,
    /// Its header is the mapping's.
    Header,
    LastRun,
}

impl Step {
    /// The steps of a check of a source; the first three are of servers only.
    pub fn of(source: &Source) -> impl Iterator<Item = Step> {
        let all = [
            Step::Host,
            Step::HostKey,
            Step::Login,
            Step::Directory,
            Step::Files,
            Step::Contract,
            Step::Shape,
            Step::Header,
            Step::LastRun,
        ];
        let is_remote = matches!(source.connection, Some(Connection::Sftp(_)));
        all.into_iter().filter(move |step| is_remote || *step > Step::Login)
    }

    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Step::Host => "host",
            Step::HostKey => "host_key",
            Step::Login => "login",
            Step::Directory => "directory",
            Step::Files => "files",
            Step::Contract => "contract",
            Step::Shape => "shape",
            Step::Header => "header",
            Step::LastRun => "last_run",
        }
    }

    /// What is asked, for people.
    pub fn label(self) -> &'static str {
        match self {
            Step::Host => "Host is reached",
            Step::HostKey => "Host key is the right one",
            Step::Login => "Login",
            Step::Directory => "Directory",
            Step::Files => "Files that match",
            Step::Contract => "Newest file against the contract",
            Step::Shape => "Newest file can be read",
            Step::Header => "Its header against the mapping",
            Step::LastRun => "Last run",
        }
    }

    /// The class of a verdict that this step stopped.
    fn class(self) -> &'static str {
        match self {
            Step::Host | Step::HostKey | Step::Login | Step::Directory => "connection",
            Step::Files | Step::Contract | Step::Shape => "upstream_delivery",
            Step::Header => "mapping",
            Step::LastRun => "data_quality",
        }
    }
}

/// One step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    pub step: Step,
    pub ok: bool,
    /// What was found, in a sentence.
    pub detail: String,
}

/// What a guided check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guided {
    /// The class of the verdict; none when every step passed.
    pub class: Option<&'static str>,
    pub checks: Vec<Check>,
    /// What to do, and who does it, about the step that failed.
    pub next: Option<String>,
    /// The error on the way to the files, where that failed.
    pub fault: Option<ConnectError>,
}

impl Guided {
    pub fn passed(&self) -> bool {
        self.class.is_none()
    }

    /// Whether the directory was reached and looked into.
    pub fn is_reached(&self) -> bool {
        self.checks.iter().any(|check| check.step == Step::Directory && check.ok)
    }

    /// The key that the host has, where nobody has accepted that one: its fingerprint, and whether another was expected.
    pub fn offered_key(&self) -> Option<(&str, bool)> {
        match self.fault.as_ref()? {
            ConnectError::HostKeyUnknown { sha256, .. } => Some((sha256, false)),
            ConnectError::HostKeyChanged { sha256, .. } => Some((sha256, true)),
            _ => None,
        }
    }

    fn ok(&mut self, step: Step, detail: impl Into<String>) {
        self.checks.push(Check { step, ok: true, detail: detail.into() });
    }

    fn failed(mut self, step: Step, detail: impl Into<String>, next: impl Into<String>) -> Guided {
        self.checks.push(Check { step, ok: false, detail: detail.into() });
        self.class = Some(step.class());
        self.next = Some(next.into());
        self
    }

    fn failed_by(mut self, step: Step, source: &Source, error: ConnectError) -> Guided {
        let next = addressed(&sentence(&error.next()), source);
        let what = sentence(&error.what());
        self.fault = Some(error);
        self.failed(step, what, next)
    }
}

/// Checks a source up to its directory, whether it is blocked or not: what a reconnection needs. What it lists or meets is
/// noted as by [`check`].
///
/// # Errors
/// Those of the store; what is wrong on the way to the files is in the answer.
pub fn connection(
    store: &mut Store,
    source: &Source,
    surround: &Surround<'_>,
    user: &str,
    now_ms: &dyn Fn() -> i64,
) -> Result<Guided, WorkerError> {
    Ok(match noted(store, source, surround, user, now_ms)? {
        Ok((guided, ..)) => guided,
        Err(guided) => *guided,
    })
}

/// Checks a source from its host to its last run, for `user`. `now_ms` tells the time (ms since 1970, UTC).
///
/// # Errors
/// Those of the store and of this host's disk; what is wrong with the source is in the answer.
pub fn check(
    store: &mut Store,
    source: &Source,
    surround: &Surround<'_>,
    user: &str,
    now_ms: &dyn Fn() -> i64,
) -> Result<Guided, WorkerError> {
    let (mut guided, mut place, listed) = match noted(store, source, surround, user, now_ms)? {
        Ok(reached) => reached,
        Err(guided) => return Ok(*guided),
    };
    if let Some(Connection::Drop(drop)) = &source.connection
        && let Some(fault) = upload_fault(drop)
    {
        let next = format!("Have an administrator of this host run as root: {}", fault.run);
        guided.checks.retain(|check| check.step != Step::Directory);
        return Ok(guided.failed(Step::Directory, sentence(&fault.why), next));
    }
    let store = &*store;
    let files = store.found_files(source.id)?;
    let pattern = source.contract.as_ref().map(|contract| &contract.pattern);
    let matches = |name: &str| is_safe_name(name) && pattern.is_none_or(|pattern| pattern.matches(name).is_some());
    let matching: Vec<&FileIdentity> = listed
        .iter()
        .filter(|file| file.kind == ListedKind::File && matches(&file.identity.name))
        .map(|file| &file.identity)
        .collect();
    let contract = standing::with_files(store, source, &files, now_ms())?;
    let owner = owner(source);
    let newest = matching.iter().max_by_key(|file| file.modified_ms).copied();
    // Files that were imported and put away are missing from the directory, and nobody misses them.
    let is_met =
        contract.as_ref().is_some_and(|it| matches!(it.state, ContractState::NotDue | ContractState::Imported));
    let asked = pattern.map_or("*", |pattern| pattern.as_str());
    match newest {
        Some(newest) => {
            let (match_it, size) =
                (counted(matching.len() as u64, "matches", "match"), counted(newest.size, "byte", "bytes"));
            let detail = format!("{match_it} {asked}; the newest is {:?}, {size}.", newest.name);
            guided.ok(Step::Files, detail);
        }
        None if is_met => guided.ok(Step::Files, format!("None that match {asked} lie there now, and none is due.")),
        None => {
            let others = listed.iter().filter(|file| file.kind == ListedKind::File).count() as u64;
            let others = counted(others, "file", "files");
            let detail = format!("Of {others} there none matches {asked}: the delivery failed upstream.");
            let said = contract.as_ref().and_then(|standing| standing.action.clone());
            let next = said.unwrap_or_else(|| format!("Ask {owner} whether the file was made and sent."));
            return Ok(guided.failed(Step::Files, detail, next));
        }
    }
    if let Some(standing) = &contract {
        let is_wrong = !matches!(
            standing.state,
            ContractState::NotDue | ContractState::Due | ContractState::Arrived | ContractState::Imported
        );
        if is_wrong {
            let next = standing.action.clone().unwrap_or_else(|| format!("Ask {owner}."));
            return Ok(guided.failed(Step::Contract, standing.message.clone(), next));
        }
        guided.ok(Step::Contract, format!("{}. {}", standing.label(), standing.message));
    } else {
        guided.ok(Step::Contract, "Nothing was agreed.");
    }
    let guided = match newest {
        None => guided,
        Some(newest) => match looked_into(store, source, newest, &files, &mut place, surround, guided)? {
            Ok(guided) => guided,
            Err(failed) => return Ok(failed),
        },
    };
    last_run(store, source, guided)
}

/// What was passed on the way to the place, the place, and what lies there; or how that failed.
type Reached = Result<(Guided, Place, Vec<Listed>), Box<Guided>>;

/// The same as [`reached`], noted as a look of `user`.
fn noted(
    store: &mut Store,
    source: &Source,
    surround: &Surround<'_>,
    user: &str,
    now_ms: &dyn Fn() -> i64,
) -> Result<Reached, WorkerError> {
    let reached = reached(source, surround);
    match &reached {
        Ok((_, _, listed)) => pickup::note_check(store, source, Ok(listed), user, now_ms())?,
        Err(guided) => {
            if let Some(error) = &guided.fault {
                pickup::note_check(store, source, Err(error), user, now_ms())?;
            }
        }
    }
    Ok(reached)
}

/// Reaches the place and lists it.
fn reached(source: &Source, surround: &Surround<'_>) -> Reached {
    let mut guided = Guided::default();
    let sftp = match &source.connection {
        Some(Connection::Sftp(sftp)) => Some(sftp),
        Some(_) => None,
        None => {
            let next = "Import it with a file that you name.";
            return Err(Box::new(guided.failed(Step::Directory, "It is a source of files that somebody names.", next)));
        }
    };
    let mut shown = None;
    if let Some(sftp) = sftp {
        match host_key_of(&sftp.host, sftp.port, &Limits::default(), surround.stop) {
            Ok(key) => {
                guided.ok(Step::Host, format!("{} answers on port {} and speaks SSH.", sftp.host, sftp.port));
                shown = Some(key.sha256);
            }
            Err(error) => return Err(Box::new(guided.failed_by(Step::Host, source, error))),
        }
    }
    let mut pass = |until: Step, guided: &mut Guided| {
        let Some(sftp) = sftp else { return };
        if until > Step::HostKey {
            let by = match &sftp.host_key {
                HostKeyTrust::KnownHosts { .. } => "known_hosts knows it",
                HostKeyTrust::Pinned { .. } | HostKeyTrust::Unknown => "it is the one that was accepted",
            };
            guided.ok(Step::HostKey, format!("{}: {by}.", shown.take().unwrap_or_default()));
        }
        if until > Step::Login {
            guided.ok(Step::Login, format!("{:?} is let in.", sftp.user));
        }
    };
    let reached = Place::reach(source, surround).and_then(|mut place| {
        let listed = place.list()?;
        Ok((place, listed))
    });
    match reached {
        Ok((place, listed)) => {
            pass(Step::Directory, &mut guided);
            guided.ok(Step::Directory, format!("{}.", counted(listed.len() as u64, "entry", "entries")));
            Ok((guided, place, listed))
        }
        Err(error) => {
            let step = if sftp.is_some() { step_of(&error) } else { Step::Directory };
            pass(step, &mut guided);
            Err(Box::new(guided.failed_by(step, source, error)))
        }
    }
}

/// At which step such an error is met.
fn step_of(error: &ConnectError) -> Step {
    match error.code() {
        "name_unknown" | "connection_refused" | "host_unreachable" | "connect_timeout" | "no_ssh_server"
        | "ssh_protocol" => Step::Host,
        "host_key_unknown"
        | "host_key_changed"
        | "host_key_revoked"
        | "host_key_authority"
        | "known_hosts_unreadable" => Step::HostKey,
        "login_refused" | "passphrase_needed" | "passphrase_wrong" | "key_unreadable" | "key_too_open"
        | "agent_missing" | "agent_empty" | "secret_missing" => Step::Login,
        _ => Step::Directory,
    }
}

/// The shape of the newest file and its header: the guided check so far, or how it ended.
fn looked_into(
    store: &Store,
    source: &Source,
    newest: &FileIdentity,
    files: &[FoundFile],
    place: &mut Place,
    surround: &Surround<'_>,
    mut guided: Guided,
) -> Result<Result<Guided, Guided>, WorkerError> {
    let known = files.iter().find(|file| file.identity == *newest).and_then(|file| file.state.delivery());
    let landed = known.map(|id| store.delivery(id)).transpose()?.flatten().filter(|it| it.purged_ms.is_none());
    let copy = match landed {
        Some(delivery) => Copy { path: delivery.path, is_ours: false },
        None if newest.size > MOST_BYTES => {
            guided.ok(Step::Shape, format!("{:?} is large: it is looked into when it is imported.", newest.name));
            return Ok(Ok(guided));
        }
        None => {
            let path = store.deliveries_dir().join(format!(".incoming-{}-check-{}", std::process::id(), source.id));
            let copy = Copy { path, is_ours: true };
            // What another check left is no beginning of this file.
            let _ = fs::remove_file(&copy.path);
            if let Err(error) = place.fetch(newest, &copy.path, &mut |_| {}, surround.stop) {
                return Ok(Err(guided.failed_by(Step::Shape, source, error)));
            }
            let mode = Permissions::from_mode(file_mode(&store.deliveries_dir()));
            fs::set_permissions(&copy.path, mode).map_err(|error| WorkerError::write(&copy.path, error))?;
            copy
        }
    };
    let request = ImportRequest::from_source(source, Some(copy.path.clone()), String::new())?;
    let looked = match prepare::look(store, &ImportRequest { unattended: true, ..request }, None) {
        Ok(looked) => looked,
        Err(error @ WorkerError::Store(_)) => return Err(error),
        Err(error) => {
            let text = error.to_string().replace(&copy.path.display().to_string(), &newest.name);
            let next = format!("Ask {} to send the file as it was agreed.", owner(source));
            return Ok(Err(guided.failed(Step::Shape, sentence(&text), next)));
        }
    };
    let header = looked.inspection.dialect().columns.clone();
    let asked = source.contract.as_ref().and_then(|contract| contract.columns.as_deref()).unwrap_or_default();
    let missing: Vec<&str> = asked.iter().filter(|column| !header.contains(column)).map(String::as_str).collect();
    if !missing.is_empty() {
        let detail = format!("{:?} lacks columns that were agreed: {}.", newest.name, missing.join(", "));
        let next = format!("Ask {} to send the file with them.", owner(source));
        return Ok(Err(guided.failed(Step::Shape, detail, next)));
    }
    guided.ok(
        Step::Shape,
        format!("{:?} is a table with {}.", newest.name, counted(header.len() as u64, "column", "columns")),
    );
    let saved = match &source.mapping {
        Some((name, version)) => store.mapping(name, Some(*version))?,
        None => None,
    };
    let Some(saved) = saved else {
        let detail = "Nobody has said yet where its columns go.";
        let next = "Look at the mapping of this source in the application, or import a file of it once.";
        return Ok(Err(guided.failed(Step::Header, detail, next)));
    };
    let mapping = Mapping::from_toml(&saved.toml)?;
    let made_for: Vec<String> = mapping.columns.iter().map(|column| column.header.clone()).collect();
    let columns = columns_of(&mapping, &made_for);
    let drift = Drift::between(&columns, &header, &[]);
    let policy = source.contract.as_ref().map(|contract| contract.drift).unwrap_or_default();
    match drift.decide(policy) {
        DriftDecision::Hold { what } | DriftDecision::NotReady { what } => {
            let next = format!(
                "Ask {} whether that was meant; then bring the mapping up to date, or have the file sent as before.",
                owner(source)
            );
            Ok(Err(guided.failed(Step::Header, sentence(&what), next)))
        }
        DriftDecision::Unchanged => {
            guided.ok(Step::Header, "It is that of the mapping.");
            Ok(Ok(guided))
        }
        DriftDecision::GoOn { .. } => {
            let what = sentence(&drift.describe());
            guided.ok(Step::Header, format!("It can be imported by the mapping as it is. {what}"));
            Ok(Ok(guided))
        }
    }
}

fn last_run(store: &Store, source: &Source, mut guided: Guided) -> Result<Guided, WorkerError> {
    let Some(run) = store.last_runs()?.into_iter().find(|run| run.source == source.id) else {
        guided.ok(Step::LastRun, "There has been none yet.");
        return Ok(guided);
    };
    let detail = match &run.error {
        Some(error) => format!("Run {} is {}: {error}", run.id, run.status.as_str()),
        None => format!(
            "Run {} is {}: {} created, {} updated, {} failed.",
            run.id,
            run.status.as_str(),
            run.counts.created,
            run.counts.updated,
            run.counts.failed
        ),
    };
    match run.status {
        RunStatus::Failed | RunStatus::Interrupted | RunStatus::Cancelled => {
            Ok(guided.failed(Step::LastRun, detail, format!("Look at run {}: it says why.", run.id)))
        }
        _ => {
            guided.ok(Step::LastRun, detail);
            Ok(guided)
        }
    }
}

/// A file to be looked into; a copy of our own goes with it.
struct Copy {
    path: PathBuf,
    is_ours: bool,
}

impl Drop for Copy {
    fn drop(&mut self) {
        if self.is_ours {
            // What stays is removed with what killed processes leave.
            let _ = fs::remove_file(Path::new(&self.path));
        }
    }
}

fn owner(source: &Source) -> String {
    source.owner.clone().unwrap_or_else(|| "the owner of the upstream drop (nobody is recorded)".to_owned())
}
