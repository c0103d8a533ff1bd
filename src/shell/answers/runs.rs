//! Runs.

use crate::app::data::{RunDetail, RunLine, RunsWanted};
use crate::app::message::Failure;
use crate::domain::id::RunId;
use crate::shell::desk::{Desk, failure};

pub(super) fn page(_: &Desk, _: &RunsWanted) -> Result<(Vec<RunLine>, bool), Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn detail(_: &Desk, _: RunId) -> Result<RunDetail, Failure> {
    Err(failure("not yet", ""))
}
