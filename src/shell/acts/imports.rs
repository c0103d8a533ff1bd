//! Starting an import that was prepared, or giving it up.

use crate::app::message::{Done, Failure};
use crate::shell::desk::{Desk, failure};

pub(super) fn start(_: &mut Desk) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn discard(_: &mut Desk) -> Result<Done, Failure> {
    Err(failure("not yet", ""))
}
