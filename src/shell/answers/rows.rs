//! Rows of a run.

use crate::app::data::{RowDetail, RowPage, RowsWanted};
use crate::app::message::Failure;
use crate::domain::id::RunId;
use crate::shell::desk::{Desk, failure};

pub(super) fn page(_: &Desk, _: &RowsWanted) -> Result<RowPage, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn detail(_: &Desk, _: RunId, _: u64) -> Result<RowDetail, Failure> {
    Err(failure("not yet", ""))
}
