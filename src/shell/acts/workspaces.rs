//! The worker of the workspace, and other workspaces.

use crate::app::message::{Done, Failure};
use crate::shell::desk::{Desk, failure};
use std::path::Path;

pub(super) fn start_worker(_: &Desk) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn switch(_: &Desk, _: &Path) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}
