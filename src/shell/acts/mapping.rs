//! What is done to mappings.

use crate::app::message::{Done, Failure};
use crate::domain::id::SourceId;
use crate::shell::desk::{Desk, failure};

/// Marks the mapping that a source has now as reviewed.
pub(super) fn review(desk: &mut Desk, id: SourceId) -> Result<Done, Failure> {
    let now_ms = desk.now_ms();
    let user = desk.user.clone();
    let reviewed = desk.store.review_mapping(id, &user, now_ms)?;
    let none = || failure("The source has no mapping any more.", "An import of it saves one.");
    let reviewed = reviewed.ok_or_else(none)?;
    Ok(Done::Said(format!("Version {} of the mapping is marked as reviewed by {}.", reviewed.version, reviewed.by)))
}
