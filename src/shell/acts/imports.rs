//! Starting an import that was prepared, or giving it up.

use crate::app::message::{Done, Failure};
use crate::shell::desk::{Desk, failure};
use crate::worker::prepare;

/// Queues the run. Whoever is at work, or is started for it, carries it out.
pub(super) fn start(desk: &mut Desk) -> Result<Done, Failure> {
    let nothing = || failure("Nothing is prepared.", "Press i on the source to prepare its import.");
    let prepared = desk.prepared.take().ok_or_else(nothing)?;
    let now_ms = desk.now_ms();
    match prepare::enqueue(&mut desk.store, &prepared, now_ms) {
        Ok(run) => {
            let what = if prepared.resumes.is_some() { "goes on where it stopped" } else { "is queued" };
            Ok(Done::Queued(run, format!("Run {run} {what}.")))
        }
        Err(error) => {
            prepare::discard(&desk.store, &prepared)?;
            Err(error.into())
        }
    }
}

/// What landed for an import that nobody started goes.
pub(in crate::shell) fn discard(desk: &mut Desk) -> Result<Done, Failure> {
    if let Some(prepared) = desk.prepared.take() {
        prepare::discard(&desk.store, &prepared)?;
    }
    Ok(Done::Quietly)
}
