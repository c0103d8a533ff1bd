//! Earlier runs into the source of a start: one of the same bytes that goes on instead, one that stands in the way.

use super::error::{Refusal, WorkerError};
use super::land;
use super::prepare::SourceChoice;
use crate::domain::id::RunId;
use crate::domain::plan::Plan;
use crate::domain::run::{RunKind, RunStatus};
use crate::store::Store;
use std::cmp::Reverse;

/// Earlier runs into the same source.
pub(super) struct Earlier {
    /// Whether one of the same bytes has ended.
    pub(super) imported: bool,
    /// Those of the same bytes that have not.
    pub(super) unfinished: Vec<(RunId, Plan)>,
    /// Those of other bytes that were begun and have not ended.
    pub(super) others: Vec<RunId>,
}

pub(super) fn earlier_runs(
    store: &Store,
    source: &SourceChoice,
    landed: &land::Landed,
) -> Result<Earlier, WorkerError> {
    let mut earlier = Earlier { imported: false, unfinished: Vec::new(), others: Vec::new() };
    let Some(source) = source.id() else { return Ok(earlier) };
    // Not by all runs of the source, which may have very many.
    let mut of_same = Vec::new();
    for delivery in store.deliveries_with_sha256(source, &landed.sha256)? {
        of_same.extend(store.runs_of_delivery(source, delivery.id)?);
    }
    of_same.retain(|run| run.kind != RunKind::DryRun);
    of_same.sort_unstable_by_key(|run| Reverse(run.id));
    for run in &of_same {
        if run.status.can_resume() {
            earlier.unfinished.push((run.id, super::execute::plan_of(&super::execute::found(store, run.id)?)?));
        } else {
            earlier.imported = true;
        }
    }
    let to_do = store.runs_to_do()?.into_iter().rev();
    let others = to_do.filter(|run| run.source == source && run.kind != RunKind::DryRun);
    let begun = others.filter(|run| run.status.can_resume() && run.status != RunStatus::Queued);
    earlier.others = begun.map(|run| run.id).filter(|run| of_same.iter().all(|same| same.id != *run)).collect();
    Ok(earlier)
}

/// The unfinished run that this start goes on with, when it would do the same; another one stands in the way.
pub(super) fn resumable(earlier: &Earlier, plan: &Plan, kind: RunKind) -> Result<Option<RunId>, WorkerError> {
    if kind == RunKind::DryRun {
        return Ok(None);
    }
    let Some((run, begun)) = earlier.unfinished.first() else { return Ok(None) };
    let work = |plan: &Plan| Plan {
        mapping: plan.mapping.settled(),
        attention: Vec::new(),
        names_misread: false,
        ..plan.clone()
    };
    if work(begun) == work(plan) {
        return Ok(Some(*run));
    }
    Err(Refusal::new(
        "run_unfinished",
        format!("Run {run} of this very file has begun and is not finished, and was started with other options."),
        format!("Finish it with `landfall run resume {run}`, or give it up with `landfall run cancel {run}`, and import again."),
    )
    .into())
}
