//! What is done to mappings.

use crate::app::message::{Done, Failure};
use crate::domain::id::SourceId;
use crate::shell::desk::{Desk, failure};

/// Marks the mapping of a source as reviewed, if it is still the one that was seen.
pub(super) fn review(desk: &mut Desk, id: SourceId, seen: &(String, u64)) -> Result<Done, Failure> {
    let now_ms = desk.now_ms();
    let user = desk.user.clone();
    let reviewed = desk.store.atomically(|store| {
        let has = store.source(id)?.and_then(|source| source.mapping);
        if has.as_ref() == Some(seen) { store.review_mapping(id, &user, now_ms) } else { Ok(None) }
    })?;
    let other = || failure("The source has another mapping by now; nothing is marked.", "Look at that one first.");
    let reviewed = reviewed.ok_or_else(other)?;
    Ok(Done::Said(format!("Version {} of the mapping is marked as reviewed by {}.", reviewed.version, reviewed.by)))
}
