//! Contacts.

use crate::app::data::{FindWanted, Found, Held};
use crate::app::message::Failure;
use crate::domain::id::RecordId;
use crate::shell::desk::{Desk, failure};

pub(super) fn find(_: &Desk, _: &FindWanted) -> Result<Found, Failure> {
    Err(failure("not yet", ""))
}

pub(super) fn held(_: &Desk, _: RecordId) -> Result<Held, Failure> {
    Err(failure("not yet", ""))
}
