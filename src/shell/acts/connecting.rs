//! Testing how a source's files are reached, trusting its host, and letting a stopped source run again.

use crate::app::message::{Done, Failure};
use crate::app::source_data::{CheckStep, CheckView};
use crate::domain::id::SourceId;
use crate::domain::source::{Connection, HostKeyTrust, Sftp, Source, SourceEdit};
use crate::shell::desk::{Desk, failure};
use crate::store::Store;
use crate::worker::guided_check::{self, Guided};
use crate::worker::reach::Surround;
use std::sync::atomic::AtomicBool;

/// From the host to the last run.
pub(super) fn test(desk: &mut Desk, id: SourceId) -> Result<Done, Failure> {
    let source = found(desk, id)?;
    let now_ms = desk.now_ms();
    let guided = surrounded(&desk.store, |around| guided_check::check(&desk.store, &source, around, now_ms))?;
    Ok(Done::Tested(id, view(guided, false)))
}

/// Up to the directory; where that works, the source runs again (R192).
pub(super) fn reconnect(desk: &mut Desk, id: SourceId) -> Result<Done, Failure> {
    let source = found(desk, id)?;
    let guided = surrounded(&desk.store, |around| guided_check::connection(&source, around));
    let passed = guided.passed();
    if passed {
        desk.store.unblock_source(id)?;
    }
    Ok(Done::Tested(id, view(guided, passed)))
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

fn surrounded<T>(store: &Store, work: impl FnOnce(&Surround<'_>) -> T) -> T {
    let (env, stop) = (|name: &str| std::env::var(name).ok(), AtomicBool::new(false));
    work(&Surround { workspace: store.dir(), env: &env, stop: &stop })
}

fn view(guided: Guided, is_unblocked: bool) -> CheckView {
    let offered_key = guided.offered_key().map(|(sha256, is_another)| (sha256.to_owned(), is_another));
    let step = |check: guided_check::Check| CheckStep { label: check.step.label(), ok: check.ok, detail: check.detail };
    CheckView { offered_key, is_unblocked, next: guided.next, steps: guided.checks.into_iter().map(step).collect() }
}
