//! The worker of the workspace, and other workspaces.

use crate::app::message::{Done, Failure};
use crate::shell::desk::{Desk, failure};
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

pub(super) fn switch(_: &Desk, _: &Path) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}
