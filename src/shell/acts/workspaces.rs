//! The worker of the workspace, and other workspaces.

use crate::app::Workspace;
use crate::app::message::{Done, Failure};
use crate::shell::desk::{Desk, failure};
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

/// Makes another workspace the one that is worked in. A session that may only look goes on only looking.
pub(super) fn switch(desk: &mut Desk, path: &Path) -> Result<Done, Failure> {
    if desk.prepared.is_some() {
        return Err(failure("An import is prepared and not started.", "Start it or give it up first."));
    }
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
    desk.store = store;
    let workspace = Workspace { name: name_of(&dir), dir, user: desk.user.clone(), read_only, polled: false };
    Ok(Done::Switched(Box::new(workspace)))
}
