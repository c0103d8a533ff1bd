//! The worker of the workspace, and other workspaces.

use crate::app::Workspace;
use crate::app::message::{Done, Failure};
use crate::cli::known;
use crate::shell::desk::Desk;
use crate::shell::threads::name_of;
use crate::store::Store;
use crate::worker::start::{self, Outlives};
use std::path::Path;

/// Starts a worker for the runs that wait.
pub(super) fn start_worker(desk: &Desk) -> Result<Done, Failure> {
    Ok(match start::start(&desk.program, desk.store.dir())? {
        Outlives::Login => Done::Quietly,
        Outlives::Nothing => Done::Said(
            "The worker ends when you log out; the run pauses then, and goes on with the next worker.".to_owned(),
        ),
    })
}

/// Looks whether another workspace can be the one that is worked in; the session then gives its threads new desks. This
/// desk stays where it is: what was asked for before the change was meant for the workspace that was shown. A session
/// that may only look goes on only looking.
pub(super) fn switch(desk: &Desk, path: &Path) -> Result<Done, Failure> {
    // Only a workspace that exists is opened; none is made by mistake.
    let looked_at = Store::open_read_only(path)?;
    let only_looks = desk.store.is_read_only()?;
    let (store, read_only) = match only_looks {
        true => (looked_at, Some("this session only looks".to_owned())),
        false => match Store::create_or_open(path, desk.now_ms(), 0) {
            Ok(store) => (store, None),
            Err(error) => (looked_at, Some(format!("it cannot be written: {error}"))),
        },
    };
    let dir = store.dir().to_owned();
    known::note(&desk.environment, &dir, desk.now_ms());
    let workspace = Workspace { name: name_of(&dir), dir, user: desk.user.clone(), read_only, polled: false };
    Ok(Done::Switched(Box::new(workspace)))
}
