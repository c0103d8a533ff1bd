//! Starting an import that was prepared, counting by a dry run what it would do, or giving it up.

use crate::app::message::{Done, Failure};
use crate::cli::sample::SAMPLE;
use crate::domain::id::RunId;
use crate::domain::run::RunStatus;
use crate::shell::desk::{Desk, failure};
use crate::store::Store;
use crate::worker::execute::{self, Control, Tuning};
use crate::worker::{dry_run, prepare};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::AtomicBool;

/// Queues the run. Whoever is at work, or is started for it, carries it out.
pub(super) fn start(desk: &mut Desk) -> Result<Done, Failure> {
    let prepared = desk.prepared.take().ok_or_else(nothing)?;
    let now_ms = desk.now_ms();
    match prepare::enqueue(&mut desk.store, &prepared, now_ms) {
        Ok(run) => {
            dry_run::give_up(&mut desk.store, &prepared, now_ms)?;
            // One that goes on waits for its turn like a new one.
            desk.store.requeue_run(run, false)?;
            let what = if prepared.resumes.is_some() { "goes on where it stopped" } else { "is queued" };
            Ok(Done::Queued(run, format!("Run {run} {what}.")))
        }
        Err(error) => {
            prepare::discard(&mut desk.store, &prepared, now_ms)?;
            Err(error.into())
        }
    }
}

fn nothing() -> Failure {
    failure("Nothing is prepared.", "Press i on the source to prepare its import.")
}

/// What landed for an import that nobody started goes, and its dry run stops.
pub(in crate::shell) fn discard(desk: &mut Desk) -> Result<Done, Failure> {
    let now_ms = desk.now_ms();
    if let Some(prepared) = desk.prepared.take() {
        prepare::discard(&mut desk.store, &prepared, now_ms)?;
    }
    Ok(Done::Quietly)
}

/// Writes the dry run of the prepared import down.
pub(super) fn plan_dry_run(desk: &mut Desk) -> Result<Done, Failure> {
    let now_ms = desk.now_ms();
    let prepared = desk.prepared.as_mut().ok_or_else(nothing)?;
    let (run, is_new) = dry_run::plan(&mut desk.store, prepared, now_ms)?;
    Ok(Done::DryRunPlanned(run, is_new))
}

/// Carries a dry run out. It needs no turn: it holds no lock and changes no record. One that was given up meanwhile is
/// left alone.
pub(super) fn dry_run(desk: &Desk, run: RunId) -> Result<Done, Failure> {
    let is_queued = |run: crate::domain::run::RunLine| run.status == RunStatus::Queued;
    if !desk.store.run_line(run)?.is_some_and(is_queued) {
        return Ok(Done::Quietly);
    }
    let clock = desk.clock;
    let control = &mut Control {
        stop: &AtomicBool::new(false),
        now_ms: &clock,
        on_progress: &mut |_| {},
        threads: execute::threads(),
        tuning: Tuning::default(),
    };
    let mut dry = Store::open_dry(desk.store.dir(), run)?;
    dry.vouch_as(&desk.store);
    let executed = execute::execute(&mut dry, run, control);
    drop(dry);
    // What it wrote is of use only when it has come to its end.
    if !matches!(executed, Ok(status) if status.is_finished()) {
        desk.store.remove_dry(run)?;
    }
    match executed {
        Err(_) if desk.store.run_line(run)?.is_none() => Ok(Done::Quietly),
        executed => executed.map(|_| Done::Quietly).map_err(Failure::from),
    }
}

/// Writes the sample file where the application was started; one that is there already is left as it is.
pub(super) fn write_sample(desk: &Desk) -> Result<Done, Failure> {
    const NAME: &str = "landfall-sample.csv";
    let path = desk.directory.join(NAME);
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
    match file.and_then(|mut file| file.write_all(SAMPLE.as_bytes())) {
        Ok(()) => Ok(Done::Said(format!("{NAME} is written to {}: enter picks it.", desk.directory.display()))),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(failure(format!("{} is there already", path.display()), "enter picks it, or any other file"))
        }
        Err(error) => Err(failure(format!("{} could not be written: {error}", path.display()), "pick a file of yours")),
    }
}
