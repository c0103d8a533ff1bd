//! What comes before the start of an import.

use crate::app::data::{ImportWanted, PreparedImport};
use crate::app::message::Failure;
use crate::shell::desk::{Desk, failure};

pub(super) fn prepare(_: &mut Desk, _: &ImportWanted) -> Result<PreparedImport, Failure> {
    Err(failure("not yet", ""))
}
