//! What becomes of a registered delivery: held for a person, identical to an earlier one, or imported by a run.

use super::place::Place;
use super::{Ended, Means, Report};
use crate::domain::id::DeliveryId;
use crate::domain::run::RunKind;
use crate::domain::source::{FoundFile, FoundState, Held, Source};
use crate::engine::inspect::InspectError;
use crate::engine::open::OpenError;
use crate::store::{Delivery, Store, StoreError};
use crate::worker::error::{Refusal, WorkerError};
use crate::worker::prepare::{self, Looked};
use crate::worker::request::{ImportRequest, MappingChoice};

/// Decides about a delivery and writes the decision down; a run and that it imports the file in one transaction.
#[allow(clippy::too_many_arguments, reason = "all of it is what a decision needs, and it is made in two places")]
pub(super) fn decide(
    store: &mut Store,
    source: &Source,
    file: &FoundFile,
    delivery: DeliveryId,
    kind: RunKind,
    _place: Option<&mut Place>,
    means: &Means<'_>,
    report: &mut Report,
) -> Result<(), Ended> {
    let missing = || StoreError::NoSuch { what: "delivery", id: delivery.to_string() };
    let landed = store.delivery(delivery)?.ok_or_else(missing)?;
    let name = &file.identity.name;
    if let Some(to) = imported_before(store, &landed)? {
        store.set_found_state(source.id, &file.identity, &FoundState::Identical { delivery, to })?;
        report.identical.push(name.clone());
        return Ok(());
    }
    let source = &super::found(store, source.id)?;
    match checked(store, source, &landed, kind, means)? {
        Ok(prepared) => {
            let run = prepare::enqueue(store, &prepared, (means.now_ms)())?;
            report.runs.push(run);
        }
        Err(why) => {
            let state = FoundState::Held { delivery: Some(delivery), why: why.clone() };
            store.set_found_state(source.id, &file.identity, &state)?;
            report.held.push((name.clone(), why));
        }
    }
    Ok(())
}

/// The earliest delivery with the same content of which there is a run.
fn imported_before(store: &Store, landed: &Delivery) -> Result<Option<DeliveryId>, StoreError> {
    let same = store.deliveries_with_sha256(landed.source, &landed.sha256)?;
    for earlier in same.into_iter().rev().filter(|earlier| earlier.id < landed.id) {
        let runs = store.runs_of_delivery(landed.source, earlier.id)?;
        if runs.iter().any(|run| run.kind != RunKind::DryRun) {
            return Ok(Some(earlier.id));
        }
    }
    Ok(None)
}

/// A run of the delivery, or why a person has to decide.
fn checked(
    store: &Store,
    source: &Source,
    landed: &Delivery,
    kind: RunKind,
    means: &Means<'_>,
) -> Result<Result<prepare::Prepared, Held>, WorkerError> {
    if landed.bytes == 0 {
        return Ok(Err(Held::Empty));
    }
    let request = match ImportRequest::of_delivery(source, landed, kind, means.user.to_owned()) {
        Ok(request) => ImportRequest { unattended: true, ..request },
        Err(refusal) => return Ok(Err(not_ready(refusal))),
    };
    let looked = match prepare::look(store, &request, None) {
        Ok(looked) => looked,
        Err(error) => return held_by(error, landed).map(Err),
    };
    if !is_decided(source, &request, &looked) {
        return Ok(Err(unmapped(source, landed)));
    }
    if !looked.gone.is_empty() {
        let gone: Vec<String> = looked.gone.iter().map(|column| format!("{column:?}")).collect();
        return Ok(Err(Held::SchemaChanged { what: format!("mapped columns are gone: {}", gone.join(", ")) }));
    }
    match prepare::prepare(store, &request, means.threads) {
        Ok(prepared) if prepared.plan.rows_expected == 0 => Ok(Err(Held::Empty)),
        Ok(prepared) => Ok(Ok(prepared)),
        Err(error) => held_by(error, landed).map(Err),
    }
}

/// Whether a person has said where the columns of this source go: nothing is imported on a guess that nobody has seen.
fn is_decided(source: &Source, request: &ImportRequest, looked: &Looked) -> bool {
    let is_said = |header: &str| request.map.iter().any(|(said, _)| said == header);
    source.mapping.is_some()
        || request.mapping != MappingChoice::Automatic
        || looked.mapping.columns.iter().all(|column| is_said(&column.header))
}

fn unmapped(source: &Source, landed: &Delivery) -> Held {
    Held::NotReady {
        code: "unmapped".to_owned(),
        message: format!(
            "Nobody has said yet where the columns of {:?} go. Look at its mapping in the application, or import it with `landfall import --from {:?} --file {:?}`: later files are then imported by themselves.",
            source.name, source.name, landed.name
        ),
    }
}

fn not_ready(refusal: Refusal) -> Held {
    let Refusal { code, message, next, .. } = refusal;
    Held::NotReady { code: code.to_owned(), message: format!("{message} {next}") }
}

/// Why a person has to decide about a delivery that no run can be made of.
///
/// # Errors
/// What is the fault of this host, and not of the delivery.
fn held_by(error: WorkerError, landed: &Delivery) -> Result<Held, WorkerError> {
    let text = error.to_string().replace(&landed.path.display().to_string(), &landed.name);
    let unreadable = |why| Ok(Held::Unreadable { why });
    match error {
        WorkerError::Refused(refusal) => Ok(not_ready(refusal)),
        WorkerError::Inspect(InspectError::Open(OpenError::Empty { .. })) => Ok(Held::Empty),
        WorkerError::Inspect(InspectError::Open(OpenError::Missing { .. } | OpenError::Io { .. })) => Err(error),
        WorkerError::Inspect(_) | WorkerError::Reading(_) => unreadable(text),
        WorkerError::Mapping(_) | WorkerError::Setting(_) | WorkerError::Filter(_) => {
            Ok(Held::NotReady { code: "mapping".to_owned(), message: text })
        }
        WorkerError::TooLarge { .. } => Ok(Held::NotReady { code: "too_large".to_owned(), message: text }),
        WorkerError::Store(StoreError::NoSuch { what: "mapping", .. }) => {
            Ok(Held::NotReady { code: "mapping".to_owned(), message: text })
        }
        error => Err(error),
    }
}
