//! The file picker and a first look at a file.

use crate::app::data::{FileLook, Listing};
use crate::app::message::Failure;
use crate::shell::desk::{Desk, failure};
use std::path::Path;

pub(super) fn list(_: &Desk, _: &Path) -> Result<Listing, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn look(_: &Desk, _: &Path) -> Result<FileLook, Failure> {
    Err(failure("not yet", ""))
}
