//! What is done to runs.

use crate::app::data::RowsWanted;
use crate::app::message::{Done, Failure};
use crate::domain::id::RunId;
use crate::shell::desk::{Desk, failure};
use std::path::Path;

pub(super) fn cancel(_: &mut Desk, _: RunId) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn resume(_: &mut Desk, _: RunId) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn note(_: &mut Desk, _: RunId, _: &str) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn export(_: &mut Desk, _: &RowsWanted, _: &Path) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}
