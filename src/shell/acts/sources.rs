//! What is done to sources.

use crate::app::data::SourceForm;
use crate::app::message::{Done, Failure};
use crate::domain::id::SourceId;
use crate::shell::desk::{Desk, failure};

pub(super) fn add(_: &mut Desk, _: &SourceForm) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn edit(_: &mut Desk, _: SourceId, _: &SourceForm) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn rename(_: &mut Desk, _: SourceId, _: &str) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn pause(_: &mut Desk, _: SourceId) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn resume(_: &mut Desk, _: SourceId) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn remove(_: &mut Desk, _: SourceId) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}
