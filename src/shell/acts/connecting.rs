//! Testing how a source's files are reached, trusting its host, and letting a stopped source run again.

use crate::app::message::{Done, Failure};
use crate::app::source_data::{CheckStep, CheckView};
use crate::domain::id::SourceId;
use crate::domain::source::{Connection, HostKeyTrust, Sftp, Source, SourceEdit};
use crate::shell::desk::{Desk, failure};
use crate::store::Store;
use crate::worker::guided_check::{self, Guided, Step};
use crate::worker::reach::Surround;
use std::sync::atomic::AtomicBool;

/// From the host to the last run.
pub(super) fn test(desk: &mut Desk, id: SourceId) -> Result<Done, Failure> {
    let source = found(desk, id)?;
    let guided = checked(desk, &source)?;
    Ok(Done::Tested(id, view(&source, guided, false)))
}

/// The same; where the directory is reached, the source runs again (R192).
pub(super) fn reconnect(desk: &mut Desk, id: SourceId) -> Result<Done, Failure> {
    let source = found(desk, id)?;
    let guided = checked(desk, &source)?;
    let is_unblocked = guided.is_reached();
    if is_unblocked {
        desk.store.unblock_source(id)?;
    }
    Ok(Done::Tested(id, view(&source, guided, is_unblocked)))
}

/// Trusts a host by this from now on, and tests it.
pub(super) fn trust(desk: &mut Desk, id: SourceId, host_key: HostKeyTrust, unblocks: bool) -> Result<Done, Failure> {
    let source = found(desk, id)?;
    let Some(Connection::Sftp(sftp)) = source.connection else {
        return Err(failure(format!("“{}” has no host of its own.", source.name), ""));
    };
    let edit = SourceEdit { connection: Some(Connection::Sftp(Sftp { host_key, ..sftp })), ..SourceEdit::default() };
    let (user, now_ms) = (desk.user.clone(), desk.now_ms());
    // A change of the connection takes the block away by itself; it stays until a test has passed.
    let blocked = source.blocked;
    desk.store.atomically(|store: &mut Store| {
        store.edit_source(id, &edit, &user, now_ms)?;
        blocked.as_ref().map_or(Ok(()), |blocked| store.block_source(id, blocked))
    })?;
    if unblocks { reconnect(desk, id) } else { test(desk, id) }
}

fn found(desk: &Desk, id: SourceId) -> Result<Source, Failure> {
    desk.store.source(id)?.ok_or_else(|| failure(format!("There is no source {id} any more."), ""))
}

fn checked(desk: &mut Desk, source: &Source) -> Result<Guided, Failure> {
    let (workspace, user, clock) = (desk.store.dir().to_owned(), desk.user.clone(), desk.clock);
    let env = |name: &str| std::env::var(name).ok();
    let surround = Surround { workspace: &workspace, env: &env, stop: &AtomicBool::new(false) };
    Ok(guided_check::check(&mut desk.store, source, &surround, &user, &clock)?)
}

fn view(source: &Source, guided: Guided, is_unblocked: bool) -> CheckView {
    let offered_key = guided.offered_key().map(|(sha256, is_another)| (sha256.to_owned(), is_another));
    let steps = Step::of(source).map(|step| {
        let found = guided.checks.iter().find(|check| check.step == step);
        CheckStep { label: step.label(), found: found.map(|check| (check.ok, check.detail.clone())) }
    });
    CheckView {
        steps: steps.collect(),
        owner: source.owner.clone(),
        offered_key,
        is_reached: guided.is_reached(),
        is_unblocked,
        next: guided.next,
    }
}
