//! What becomes of a registered delivery: held for a person, identical to an earlier one, or imported by a run.

use super::{Ended, Means, Report, is_missing, normal, shape};
use crate::connect::Class;
use crate::domain::id::{DeliveryId, RunId};
use crate::domain::mapping::MappingError;
use crate::domain::run::{RunKind, RunLine};
use crate::domain::source::{ControlSays, Delivered, FoundFile, FoundState, Held, Source, outside_of_rows};
use crate::engine::inspect::InspectError;
use crate::engine::open::OpenError;
use crate::store::{Delivery, Store, StoreError};
use crate::worker::error::{Refusal, WorkerError};
use crate::worker::execute::plan_of;
use crate::worker::prepare::{self, Looked, PERHAPS_UNFINISHED, Prepared, TAKEN_MEANWHILE};
use crate::worker::reach::Place;
use crate::worker::request::{ImportRequest, MappingChoice};
use std::path::Path;

/// The largest control file (bytes).
const CONTROL_BYTES: u64 = 64 * 1024;

/// What was fetched of a file was removed on purpose; its copy is missing.
const PURGED: &str = "purged";
const MISSING: &str = "delivery_missing";
const LOST: [&str; 2] = [PURGED, MISSING];

/// What a decision needs besides the file.
pub(super) struct Decision<'d, 'm> {
    pub source: &'d Source,
    /// The kind of a run that comes of it.
    pub kind: RunKind,
    /// Where the file lies; none where it cannot be reached.
    pub place: Option<&'d mut Place>,
    pub means: &'d Means<'m>,
}

/// Decides about a delivery and writes the decision down; a run and that it imports the file in one transaction.
pub(super) fn decide(
    store: &mut Store,
    mut with: Decision<'_, '_>,
    file: &FoundFile,
    delivery: DeliveryId,
    report: &mut Report,
) -> Result<(), Ended> {
    let missing = || StoreError::NoSuch { what: "delivery", id: delivery.to_string() };
    let landed = store.delivery(delivery)?.ok_or_else(missing)?;
    let (id, name) = (with.source.id, &file.identity.name);
    if landed.purged_ms.is_some() {
        // Forgotten with a contact of it: it must not end every pickup from now on.
        let why = lost(PURGED, with.source, name);
        let state = FoundState::Held { delivery: Some(delivery), why: why.clone() };
        store.set_found_state(id, &file.identity, &state)?;
        report.held.push((name.clone(), why));
        return Ok(());
    }
    if let Some(to) = imported_before(store, &landed, &with)? {
        store.set_found_state(id, &file.identity, &FoundState::Identical { delivery, to })?;
        report.identical.push(name.clone());
        return Ok(());
    }
    let says = match control(&mut with, name)? {
        Control::NotThere => return Ok(()),
        Control::Says(says) => says,
    };
    // Its mapping may be that of the file before this one.
    let source = &super::found(store, id)?;
    match checked(store, source, &landed, &says, with.kind, with.means)? {
        Ok(prepared) => {
            let rows = prepared.plan.rows_expected;
            let unusual = normal::departures(store, source, file, landed.bytes, rows)?;
            // Somebody may have had it imported meanwhile.
            let now = store.found_of(delivery)?.map(|file| file.state);
            if now != Some(FoundState::Landed { delivery }) {
                return Ok(());
            }
            let run = match enqueue(store, &prepared, with.means) {
                Ok(run) => run,
                Err(WorkerError::Refused(Refusal { code: TAKEN_MEANWHILE, .. })) => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            report.runs.push(run);
            for sentence in unusual {
                store.add_run_note(run, "landfall", &sentence, (with.means.now_ms)())?;
                report.warnings.push((name.clone(), sentence));
            }
        }
        Err(why) => {
            let state = FoundState::Held { delivery: Some(delivery), why: why.clone() };
            store.set_found_state(id, &file.identity, &state)?;
            report.held.push((name.clone(), why));
        }
    }
    Ok(())
}

/// Queues the run, in one transaction with what the found file is from then on.
fn enqueue(store: &mut Store, prepared: &Prepared, means: &Means<'_>) -> Result<RunId, WorkerError> {
    #[cfg(feature = "broken-variants")]
    if means.taken_apart {
        return prepare::enqueue_apart(store, prepared, (means.now_ms)());
    }
    prepare::enqueue(store, prepared, (means.now_ms)())
}

/// What the control file of a delivery is to it.
enum Control {
    /// There is to be one, and it cannot be looked at: the delivery waits.
    NotThere,
    /// What it says, or why it cannot be read; nothing where there is to be none.
    Says(Result<ControlSays, String>),
}

fn control(with: &mut Decision<'_, '_>, name: &str) -> Result<Control, Ended> {
    let Some(control) = with.source.contract.as_ref().and_then(|contract| contract.control.as_ref()) else {
        return Ok(Control::Says(Ok(ControlSays::default())));
    };
    let Some(place) = with.place.as_mut() else { return Ok(Control::NotThere) };
    match place.read_small(&format!("{name}{}", control.suffix), CONTROL_BYTES) {
        Ok(Some(bytes)) => Ok(Control::Says(ControlSays::parse(&String::from_utf8_lossy(&bytes)))),
        Ok(None) => Ok(Control::NotThere),
        Err(error) if error.class() == Class::OfTheFile => Ok(Control::Says(Err(error.what()))),
        Err(error) => Err(error.into()),
    }
}

/// The earliest delivery with the same content of which there is a run; none where the mapping or the filters of the
/// source have changed since the last such run, because the same content then brings something else.
fn imported_before(
    store: &Store,
    landed: &Delivery,
    with: &Decision<'_, '_>,
) -> Result<Option<DeliveryId>, WorkerError> {
    let (mut first, mut last) = (None, None);
    let same = store.deliveries_with_sha256(landed.source, &landed.sha256)?;
    for earlier in same.into_iter().rev().filter(|earlier| earlier.id < landed.id) {
        let runs = store.runs_of_delivery(landed.source, earlier.id)?;
        // One that was cancelled or failed, or took a sample, left rows behind.
        let imports = |run: &&RunLine| {
            run.kind != RunKind::DryRun && run.sample.is_none() && (run.status.is_finished() || run.status.can_resume())
        };
        if let Some(run) = runs.iter().filter(imports).map(|run| run.id).max() {
            first = first.or(Some(earlier.id));
            last = last.max(Some(run));
        }
    }
    match last {
        Some(run) if is_read_otherwise_than_by(run, store, landed, with)? => Ok(None),
        _ => Ok(first),
    }
}

/// Whether a run of the delivery would have another mapping or other filters than that run of the same content had.
fn is_read_otherwise_than_by(
    run: RunId,
    store: &Store,
    landed: &Delivery,
    with: &Decision<'_, '_>,
) -> Result<bool, WorkerError> {
    let Some(run) = store.run(run)? else { return Ok(false) };
    // Runs of other versions may have plans that do not read any more.
    let Ok(before) = plan_of(&run) else { return Ok(false) };
    let Ok(request) = ImportRequest::of_delivery(with.source, landed, with.kind, with.means.user.to_owned()) else {
        return Ok(false);
    };
    let request = ImportRequest { unattended: true, ..request };
    let now = prepare::look(store, &request, None)
        .and_then(|looked| prepare::plan_of(store, &request, &looked, &looked.mapping, &looked.reading));
    match now {
        Ok(now) => {
            let (mapping, then) = (now.mapping.settled(), before.mapping.settled());
            Ok((&mapping.columns, &mapping.constants, &now.filters, &now.since)
                != (&then.columns, &then.constants, &before.filters, &before.since))
        }
        Err(WorkerError::Store(error)) => Err(error.into()),
        // What cannot be imported as it is brings nothing else.
        Err(_) => Ok(false),
    }
}

/// A run of the delivery, or why a person has to decide.
fn checked(
    store: &Store,
    source: &Source,
    landed: &Delivery,
    says: &Result<ControlSays, String>,
    kind: RunKind,
    means: &Means<'_>,
) -> Result<Result<Prepared, Held>, WorkerError> {
    if let Err(held) = as_controlled(says, landed, None) {
        return Ok(Err(held));
    }
    if landed.bytes == 0 {
        return Ok(Err(Held::Empty));
    }
    let held = |error| held_by(error, source, landed).map(Err);
    let request = match ImportRequest::of_delivery(source, landed, kind, means.user.to_owned()) {
        Ok(request) => ImportRequest { unattended: true, ..request },
        Err(refusal) => return Ok(Err(not_ready(refusal))),
    };
    let looked = match prepare::look(store, &request, None) {
        Ok(looked) => looked,
        Err(error) => return held(error),
    };
    if !is_decided(source, &request, &looked) {
        return Ok(Err(unmapped(source, landed)));
    }
    if let Some(what) = shape::changed(store, source, landed, &looked)? {
        return Ok(Err(Held::SchemaChanged { what }));
    }
    let mut prepared = match prepare::prepare(store, &request, means.threads) {
        Ok(prepared) => prepared,
        Err(error) => return held(error),
    };
    let rows = prepared.plan.rows_expected;
    if let Err(held) = as_controlled(says, landed, Some(rows)) {
        return Ok(Err(held));
    }
    if rows == 0 {
        return Ok(Err(Held::Empty));
    }
    let agreed = source.contract.as_ref().and_then(|contract| contract.rows);
    prepared.plan.attention.extend(outside_of_rows(agreed, rows));
    Ok(Ok(prepared))
}

/// Whether the delivery is what its control file says, as far as that is known.
fn as_controlled(says: &Result<ControlSays, String>, landed: &Delivery, rows: Option<u64>) -> Result<(), Held> {
    match says {
        Err(why) => Err(Held::ControlMismatch { what: why.trim_end_matches('.').to_owned() }),
        Ok(says) => match says.mismatch(Delivered { rows, sha256: &landed.sha256 }) {
            Some(what) => Err(Held::ControlMismatch { what }),
            None => Ok(()),
        },
    }
}

/// Whether a person has said where the columns of this source go: nothing is imported on a guess that nobody has seen.
fn is_decided(source: &Source, request: &ImportRequest, looked: &Looked) -> bool {
    let is_said = |header: &str| request.map.iter().any(|(said, _)| said == header);
    source.mapping.is_some()
        || request.mapping != MappingChoice::Automatic
        || looked.mapping.columns.iter().all(|column| is_said(&column.header))
}

pub(super) fn unmapped(source: &Source, landed: &Delivery) -> Held {
    Held::NotReady {
        code: "unmapped".to_owned(),
        message: format!(
            "It came before anybody had said where the columns of {:?} go. Look at its mapping in the application, or import it with `landfall import --from {:?} --file {:?}`: later files are then imported by themselves.",
            source.name, source.name, landed.name
        ),
    }
}

/// Whether a file waits because what was fetched of it is no longer here.
pub(super) fn is_lost(why: &Held) -> bool {
    matches!(why, Held::NotReady { code, .. } if LOST.contains(&code.as_str()))
}

/// That what was fetched of a file is no longer here.
fn lost(code: &str, source: &Source, file: &str) -> Held {
    let message = format!(
        "What was fetched of it is no longer in the workspace, and was not imported. If the file still lies where it came from, `landfall import --from {:?} --file {file:?}` fetches it again; else have it delivered again.",
        source.name
    );
    Held::NotReady { code: code.to_owned(), message }
}

fn not_ready(refusal: Refusal) -> Held {
    let Refusal { code, message, next, .. } = refusal;
    Held::NotReady { code: code.to_owned(), message: format!("{message} {next}") }
}

/// Why a person has to decide about a delivery that no run can be made of.
///
/// # Errors
/// What is the fault of this host, and not of the delivery.
fn held_by(error: WorkerError, source: &Source, landed: &Delivery) -> Result<Held, WorkerError> {
    // One file that is missing must not keep back those after it; where the place of all of them is, the host is at fault.
    if is_missing(&landed.path) && landed.path.parent().is_some_and(Path::is_dir) {
        return Ok(lost(MISSING, source, &landed.name));
    }
    let text = error.to_string().replace(&landed.path.display().to_string(), &landed.name);
    let unreadable = |why| Ok(Held::Unreadable { why });
    match error {
        WorkerError::Refused(Refusal { code: PERHAPS_UNFINISHED, message, .. }) => {
            Ok(Held::PerhapsUnfinished { sign: message })
        }
        WorkerError::Refused(refusal) => Ok(not_ready(refusal)),
        WorkerError::Inspect(InspectError::Open(OpenError::Empty { .. })) => Ok(Held::Empty),
        WorkerError::Inspect(InspectError::Open(OpenError::Missing { .. } | OpenError::Io { .. })) => Err(error),
        WorkerError::Inspect(_) | WorkerError::Reading(_) => unreadable(text),
        // Said of the source's imports, and no longer there.
        WorkerError::Mapping(MappingError::NoSuchColumn { .. }) => Ok(Held::SchemaChanged { what: text }),
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
