//! What is done with sources that bring their own files: looking, syncing, importing chosen files.

use crate::app::fetching::{Progress, Stage};
use crate::app::message::{Done, Failure, Message};
use crate::app::numbers::counted;
use crate::domain::id::{RunId, SourceId};
use crate::domain::run::RunKind;
use crate::domain::source::{Fault, PickupCause};
use crate::shell::desk::{Desk, failure};
use crate::store::Store;
use crate::worker::error::WorkerError;
use crate::worker::execute::threads;
use crate::worker::pickup::{self, Bringing, Extent, Means, Report, Wanted};
use crate::worker::prepare;
use crate::worker::request::ImportRequest;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Looks at where the files of a source lie; nothing is fetched.
pub(super) fn look(desk: &mut Desk, source: SourceId) -> Result<Done, Failure> {
    let report = pick_up(desk, source, Extent::Look)?;
    match &report.fault {
        Some(fault) => Err(stopped(fault)),
        None => Ok(Done::Said(format!("Looked: {} there now.", counted(report.listed, "file is", "files are")))),
    }
}

/// Brings what is new, and queues runs of it.
pub(super) fn sync(desk: &mut Desk, source: SourceId) -> Result<Done, Failure> {
    let report = pick_up(desk, source, Extent::Bring)?;
    match &report.fault {
        Some(fault) => Err(stopped(fault)),
        None => Ok(Done::Said(in_words(&report))),
    }
}

fn pick_up(desk: &mut Desk, source: SourceId, extent: Extent) -> Result<Report, Failure> {
    let wanted = Wanted { cause: PickupCause::Person, extent, kind: RunKind::Sync, dues: None };
    with_means(desk, |store, means| pickup::pick_up(store, source, &wanted, means))?.ok_or_else(busy)
}

/// Brings files that a person chose, and queues a run of each, whatever became of them before.
pub(super) fn import(desk: &mut Desk, id: SourceId, names: &[String]) -> Result<Done, Failure> {
    let (user, now_ms) = (desk.user.clone(), desk.now_ms());
    let mut runs: Vec<RunId> = Vec::new();
    for name in names {
        let queued = with_means(desk, |store, means| import_one(store, id, name, &user, now_ms, means));
        match queued {
            Ok(run) => runs.push(run),
            Err(error) => {
                let done = match runs.as_slice() {
                    [] => String::new(),
                    runs => format!(" {} before it: queued.", counted(runs.len() as u64, "file", "files")),
                };
                let Failure { message, next } = error.into();
                return Err(failure(format!("{name}: {message}{done}"), next));
            }
        }
    }
    Ok(match runs.as_slice() {
        [run] => Done::Waiting(format!("Run {run} is queued.")),
        runs => Done::Waiting(format!("{} are queued.", counted(runs.len() as u64, "run", "runs"))),
    })
}

/// How often it is told how far a file is.
const TOLD_EVERY: Duration = Duration::from_millis(250);

/// Brings a file of a source to be looked at; nothing is imported.
pub(super) fn fetch(desk: &mut Desk, id: SourceId, name: Option<&str>) -> Result<Done, Failure> {
    let back = desk.mapping.back.clone();
    let mut told_at: Option<Instant> = None;
    let mut tell = |bringing: Bringing<'_>| {
        let (name, stage) = match bringing {
            Bringing::Waiting { name, time } => (name, Stage::Waiting { ms: time.as_millis() as i64 }),
            Bringing::Fetching { bytes, of, .. }
                if bytes < of && told_at.is_some_and(|at| at.elapsed() < TOLD_EVERY) =>
            {
                return;
            }
            Bringing::Fetching { name, bytes, of } => (name, Stage::Fetching { bytes, of }),
        };
        told_at = Some(Instant::now());
        if let Some(back) = &back {
            // Nobody may listen any more: then nobody misses it.
            let _ = back.send(Message::Fetching(Progress { source: id, name: name.to_owned(), stage }));
        }
    };
    let source = desk.store.source(id)?;
    let on_the_way = |error| match (error, &source) {
        (WorkerError::Place(error), Some(source)) => stopped(&pickup::fault_of(source, &error)),
        (error, _) => error.into(),
    };
    let brought = with_means(desk, |store, means| pickup::bring_to_look(store, id, name, means, &mut tell));
    let delivery = brought.map_err(on_the_way)?;
    let gone = || failure("What was fetched is not there any more.", "Try again.");
    let delivery = desk.store.delivery(delivery)?.ok_or_else(gone)?;
    Ok(Done::Fetched(id, delivery.id, delivery.path, delivery.name))
}

fn import_one(
    store: &mut Store,
    id: SourceId,
    name: &str,
    user: &str,
    now_ms: i64,
    means: &Means<'_>,
) -> Result<RunId, WorkerError> {
    let delivery = pickup::bring(store, id, name, means)?;
    let missing = |what, id: String| WorkerError::from(crate::store::StoreError::NoSuch { what, id });
    let source = store.source(id)?.ok_or_else(|| missing("source", id.to_string()))?;
    let delivery = store.delivery(delivery)?.ok_or_else(|| missing("delivery", delivery.to_string()))?;
    let request = ImportRequest::of_delivery(&source, &delivery, RunKind::Import, user.to_owned())?;
    // A person chose it, and was told what is special about it.
    let request = ImportRequest { again: true, ..request };
    let prepared = prepare::prepare(store, &request, threads())?;
    prepare::enqueue(store, &prepared, now_ms)
}

/// Has `work` done with what the way to a source's files needs.
pub(in crate::shell) fn with_means<T>(
    desk: &mut Desk,
    work: impl FnOnce(&mut Store, &Means<'_>) -> Result<T, WorkerError>,
) -> Result<T, WorkerError> {
    let (clock, user) = (desk.clock, desk.user.clone());
    let means = Means {
        stop: &AtomicBool::new(false),
        now_ms: &clock,
        env: &|name| std::env::var(name).ok(),
        sleep: &std::thread::sleep,
        on_wait: &|_| {},
        #[cfg(feature = "broken-variants")]
        taken_apart: false,
        random: &|| (RandomState::new().build_hasher().finish() >> 11) as f64 / (1_u64 << 53) as f64,
        user: &user,
        threads: threads(),
    };
    work(&mut desk.store, &means)
}

/// Queues a run of each delivery of the backfill that was counted.
pub(super) fn start_backfill(desk: &mut Desk, id: SourceId) -> Result<Done, Failure> {
    let now_ms = desk.now_ms();
    let counted = desk.backfill.take().filter(|(source, _)| *source == id);
    let nothing = || failure("No backfill is counted.", "Press b on the source, and say from which day on.");
    let (_, prepared) = counted.ok_or_else(nothing)?;
    for prepared in &prepared {
        prepare::enqueue(&mut desk.store, prepared, now_ms)?;
    }
    let runs = crate::app::numbers::counted(prepared.len() as u64, "run is", "runs are");
    Ok(Done::Waiting(format!("Backfill: {runs} queued.")))
}

fn busy() -> Failure {
    failure("Another process is looking at this source just now.", "The list shows what it finds.")
}

fn stopped(fault: &Fault) -> Failure {
    failure(fault.message.clone(), fault.next.clone())
}

/// What a sync did.
fn in_words(report: &Report) -> String {
    let mut parts = vec![format!("{} there", counted(report.listed, "file is", "files are"))];
    let mut part = |number: usize, one: &str, several: &str| {
        if number > 0 {
            parts.push(counted(number as u64, one, several));
        }
    };
    part(report.runs.len(), "run for what is new", "runs for what is new");
    part(report.held.len(), "file waits for a person (f)", "files wait for a person (f)");
    part(report.identical.len(), "has the content of an earlier delivery", "have the content of earlier deliveries");
    part(report.settling.len(), "may still be uploaded", "may still be uploaded");
    part(report.troubles.len(), "could not be fetched (f)", "could not be fetched (f)");
    if parts.len() == 1 {
        parts.push("nothing is new".to_owned());
    }
    format!("Synced: {}.", parts.join(", "))
}
