//! Pickups: one look at where a source's files lie, and all that follows from it.
//!
//! List, note what is found, fetch what is new, register it, check it, and queue a run of it; when the run is complete,
//! put the file away as the source says. Each step leaves in the store how far it came, so that whoever comes after a
//! process that died goes on there: a file is fetched again or is registered; a registered one gets its run; one that
//! was imported is put away. What a file means, which columns go where and what is due are rules of `domain`; how bytes
//! come here is `connect`'s. Only runs need the workspace's lock; a pickup holds one of its source.

mod arrival;
mod away;
mod fetch;
mod look;
mod newest;
mod normal;
mod shape;

use super::error::{WorkerError, sentence};
use super::reach::Place;
use crate::connect::retry::{self, Attempt, Patience, Pause, with_retries};
use crate::connect::{Class, ConnectError};
use crate::domain::id::{DeliveryId, PickupId, RunId, SourceId};
use crate::domain::run::RunKind;
use crate::domain::source::{
    Blocked, Fault, FileIdentity, FoundFile, FoundState, Held, Listed, PickupCause, Source, Waiting,
};
use crate::store::{Dues, NewPickup, SourceLock, Store, StoreError};
use arrival::Decision;
pub use look::still_ms;
pub use newest::{Bringing, bring_to_look};
use std::cell::{Cell, RefCell};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The code of the fault of a pickup that was told to stop.
pub const STOPPED: &str = "stopped";

/// What a pickup is handed by whoever does it.
pub struct Means<'m> {
    /// Set to stop at the next file, or within it.
    pub stop: &'m AtomicBool,
    /// Now, ms since 1970, UTC.
    pub now_ms: &'m dyn Fn() -> i64,
    /// A variable of the environment.
    pub env: &'m dyn Fn(&str) -> Option<String>,
    pub sleep: &'m dyn Fn(Duration),
    /// A random number from 0 up to, not including, 1.
    pub random: &'m dyn Fn() -> f64,
    /// Who asks, for the record.
    pub user: &'m str,
    /// Threads for scanning.
    pub threads: usize,
    /// Hears of a fault that may go away, and when it is tried again. It stands in the pickup's row, too.
    pub on_wait: &'m dyn Fn(&Waiting),
    /// Queues a run apart from saying that it imports the found file: the sweep of kills must notice.
    #[cfg(feature = "broken-variants")]
    pub taken_apart: bool,
}

impl Means<'_> {
    /// Does `operation` again, with growing pauses, while what fails may go away by itself. Meanwhile the pickup says what
    /// that is and when it is tried again.
    fn again_and_again<T>(
        &self,
        store: &mut Store,
        pickup: PickupId,
        mut operation: impl FnMut(&Tries<'_>, &mut Attempt) -> Result<T, ConnectError>,
    ) -> Result<T, ConnectError> {
        let now = || Duration::from_millis(u64::try_from((self.now_ms)()).unwrap_or(0));
        let around = retry::Means { now: &now, sleep: self.sleep, random: self.random };
        let tries = Tries { store: RefCell::new(store), pickup, has_waited: Cell::new(false) };
        let mut waiting = |error: &ConnectError, pause: Pause| {
            let pause_ms = i64::try_from(pause.time.as_millis()).unwrap_or(i64::MAX);
            let next_try_ms = (self.now_ms)().saturating_add(pause_ms);
            let waiting = Waiting { fault: fault(error), next_try_ms, number: pause.next, most: pause.most };
            (self.on_wait)(&waiting);
            tries.waits(&waiting);
        };
        let again = |attempt: &mut Attempt| operation(&tries, attempt);
        let done = with_retries(&Patience::default(), &around, self.stop, &mut waiting, again);
        tries.goes_on();
        done
    }
}

/// What is tried over and over, as the pickup's row tells of it. That something cannot be told now is no reason to give
/// up.
struct Tries<'s> {
    store: RefCell<&'s mut Store>,
    pickup: PickupId,
    has_waited: Cell<bool>,
}

impl Tries<'_> {
    fn waits(&self, waiting: &Waiting) {
        self.has_waited.set(true);
        let _ = self.store.borrow_mut().note_waiting(self.pickup, Some(waiting));
    }

    /// What it waited for is over.
    fn goes_on(&self) {
        if self.has_waited.take() {
            let _ = self.store.borrow_mut().note_waiting(self.pickup, None);
        }
    }
}

/// How far a pickup goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What lies there is noted, and nothing is fetched.
    Look,
    /// What is new is fetched, and runs of it are queued.
    Bring,
}

/// What somebody wants of a pickup.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'w> {
    pub cause: PickupCause,
    pub extent: Extent,
    /// The kind of the runs that it queues.
    pub kind: RunKind,
    /// The due times that it covers.
    pub dues: Option<&'w Dues>,
}

/// What became of a pickup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub pickup: PickupId,
    /// Files that were found.
    pub listed: u64,
    /// Files that were fetched and registered.
    pub landed: u64,
    /// Runs that were queued, in the order of their files.
    pub runs: Vec<RunId>,
    /// Files that wait for a person from now on.
    pub held: Vec<(String, Held)>,
    /// Files whose content had been delivered before.
    pub identical: Vec<String>,
    /// Files that may still be uploaded: the next look says.
    pub settling: Vec<String>,
    /// What is unusual about files that are imported all the same.
    pub warnings: Vec<(String, String)>,
    /// What went wrong with single files, which are left for the next pickup.
    pub troubles: Vec<(String, Fault)>,
    /// What ended the pickup before its end.
    pub fault: Option<Fault>,
}

impl Report {
    fn of(pickup: PickupId) -> Report {
        Report {
            pickup,
            listed: 0,
            landed: 0,
            runs: Vec::new(),
            held: Vec::new(),
            identical: Vec::new(),
            settling: Vec::new(),
            warnings: Vec::new(),
            troubles: Vec::new(),
            fault: None,
        }
    }
}

/// What keeps a pickup from going on.
#[derive(Debug)]
enum Ended {
    /// On the way to the files.
    Place(ConnectError),
    /// Here.
    Here(WorkerError),
}

impl From<ConnectError> for Ended {
    fn from(error: ConnectError) -> Ended {
        Ended::Place(error)
    }
}

impl From<WorkerError> for Ended {
    fn from(error: WorkerError) -> Ended {
        Ended::Here(error)
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Ended {
        Ended::Here(error.into())
    }
}

/// Looks at where a source's files lie, brings what is new and queues runs of it. None when another process is doing so.
///
/// # Errors
/// Those of the store. Whatever else goes wrong is in the report and in the source's history; what needs a person blocks
/// the source, until it is reconnected or a pickup succeeds.
pub fn pick_up(
    store: &mut Store,
    source: SourceId,
    wanted: &Wanted<'_>,
    means: &Means<'_>,
) -> Result<Option<Report>, WorkerError> {
    let Some(_lock) = Store::try_source_lock(store.dir(), source)? else { return Ok(None) };
    let source = found(store, source)?;
    let started_ms = (means.now_ms)();
    let new = NewPickup { source: source.id, cause: wanted.cause, user: means.user, started_ms };
    // Where no schedule is left, nothing but a person's pickup covers what was missed before.
    let uncovered = Dues { until_ms: source.due_until_ms.unwrap_or(source.created_ms), ..Dues::default() };
    let covers = wanted.extent == Extent::Bring && source.schedule.is_none();
    let dues = wanted.dues.or(covers.then_some(&uncovered));
    let mut report = Report::of(store.begin_pickup(&new, dues)?);
    let ended = match wanted.extent {
        Extent::Look => look::look(store, &source, means, &mut report).map(drop),
        Extent::Bring => look_and_bring(store, &source, wanted.kind, means, &mut report),
    };
    match ended {
        Ok(()) if source.blocked.is_some() && is_same_way(store, &source)? => store.unblock_source(source.id)?,
        Ok(()) => {}
        Err(Ended::Here(error)) if is_removed(&error) => report.fault = Some(of_worker(&error)),
        Err(Ended::Here(WorkerError::Store(error))) => return Err(error.into()),
        Err(Ended::Here(error)) => report.fault = Some(of_worker(&error)),
        Err(Ended::Place(error)) => report.fault = Some(met(store, &source, &error, (means.now_ms)())?),
    }
    store.finish_pickup(report.pickup, report.listed, report.landed, report.fault.as_ref(), (means.now_ms)())?;
    Ok(Some(report))
}

/// Whether nobody has mended or removed the source meanwhile: what was met on the old way says nothing about the new one.
fn is_same_way(store: &Store, source: &Source) -> Result<bool, StoreError> {
    let now = store.source(source.id)?;
    Ok(now.is_some_and(|now| now.connection == source.connection && now.blocked == source.blocked))
}

/// What was met on the way, for the record. What needs a person stops the source.
fn met(store: &mut Store, source: &Source, error: &ConnectError, now_ms: i64) -> Result<Fault, StoreError> {
    let fault = fault_of(source, error);
    if error.class() == Class::NeedsPerson && is_same_way(store, source)? {
        let Fault { code, message, next } = fault.clone();
        store.block_source(source.id, &Blocked { code, message, next, at_ms: now_ms })?;
    }
    Ok(fault)
}

fn look_and_bring(
    store: &mut Store,
    source: &Source,
    kind: RunKind,
    means: &Means<'_>,
    report: &mut Report,
) -> Result<(), Ended> {
    let mut place = match look::look(store, source, means, report) {
        Ok(place) => place,
        Err(error) => {
            // What has arrived needs no way to where it came from.
            bring_landed(store, source, kind, None, means, report)?;
            return Err(error);
        }
    };
    away::put_away(store, source, &mut place, &mut report.troubles)?;
    bring_landed(store, source, kind, Some(&mut place), means, report)?;
    for file in store.new_files(source.id)? {
        if means.stop.load(Ordering::Relaxed) {
            return Err(ConnectError::Stopped.into());
        }
        match fetch::fetch(store, source, &mut place, &file.identity, report.pickup, means) {
            Ok(delivery) => {
                report.landed += 1;
                let with = Decision { source, kind, place: Some(&mut place), means };
                arrival::decide(store, with, &file, delivery, report)?;
            }
            Err(Ended::Place(error)) if error.class() == Class::OfTheFile => {
                left_for_later(store, source.id, file.identity, fault_of(source, &error), &mut report.troubles)?;
            }
            Err(error) => return Err(error),
        }
    }
    fetch::remove_old_parts(store, source)?;
    Ok(())
}

/// Says what went wrong with one file, and leaves it for the next pickup.
fn left_for_later(
    store: &mut Store,
    source: SourceId,
    file: FileIdentity,
    fault: Fault,
    troubles: &mut Vec<(String, Fault)>,
) -> Result<(), StoreError> {
    store.note_trouble(source, &file, &fault)?;
    troubles.push((file.name, fault));
    Ok(())
}

/// Goes on with files that were registered by a process that died before it could say what becomes of them.
fn bring_landed(
    store: &mut Store,
    source: &Source,
    kind: RunKind,
    mut place: Option<&mut Place>,
    means: &Means<'_>,
    report: &mut Report,
) -> Result<(), Ended> {
    for file in store.landed_files(source.id)? {
        if let FoundState::Landed { delivery } = file.state {
            let with = Decision { source, kind, place: place.as_deref_mut(), means };
            arrival::decide(store, with, &file, delivery, report)?;
        }
    }
    Ok(())
}

/// Brings one found file that a person asks for, whatever became of it so far, and answers its delivery. One whose
/// delivery is no longer in the workspace is fetched again.
///
/// # Errors
/// [`super::error::Refusal`]s when there is no such file, when it is not to be fetched, or when it cannot be fetched.
pub fn bring(store: &mut Store, source: SourceId, name: &str, means: &Means<'_>) -> Result<DeliveryId, WorkerError> {
    let _lock = lock(store, source)?;
    let source = found(store, source)?;
    let newest = |store: &Store| -> Result<Option<FoundFile>, StoreError> {
        let files = store.files_named(source.id, name)?.into_iter();
        // Of several states of a file the one that is there now; else the last that there was.
        Ok(files.max_by_key(|file| (file.is_there, file.identity.modified_ms)))
    };
    let brought = newest(store)?.and_then(|file| file.state.delivery().map(|delivery| (file.is_there, delivery)));
    if let Some((false, delivery)) = brought {
        return Ok(delivery);
    }
    for_a_person(store, &source, means, |store, report| {
        let mut place = look::look(store, &source, means, report)?;
        let Some(file) = newest(store)? else { return Err(fetch::no_such(&source, name).into()) };
        match (&file.state, file.state.delivery()) {
            (_, Some(delivery)) if !file.is_there || is_kept(store, delivery)? => Ok(delivery),
            (FoundState::Refused { why }, _) => Err(fetch::refused(&file, why).into()),
            _ => {
                let delivery = fetch::fetch(store, &source, &mut place, &file.identity, report.pickup, means)?;
                report.landed += 1;
                keep_what_became_of(store, &file, delivery)?;
                Ok(delivery)
            }
        }
    })
}

/// Brings a file for a person, and writes down how that ended.
fn for_a_person(
    store: &mut Store,
    source: &Source,
    means: &Means<'_>,
    bring: impl FnOnce(&mut Store, &mut Report) -> Result<DeliveryId, Ended>,
) -> Result<DeliveryId, WorkerError> {
    let cause = PickupCause::Person;
    let new = NewPickup { source: source.id, cause, user: means.user, started_ms: (means.now_ms)() };
    let mut report = Report::of(store.begin_pickup(&new, None)?);
    let brought = bring(store, &mut report);
    let now_ms = (means.now_ms)();
    let fault = match &brought {
        // What cannot be had of it is told to the person; the look itself came to its end.
        Ok(_) | Err(Ended::Here(WorkerError::Refused(_))) => None,
        Err(Ended::Here(error)) => Some(of_worker(error)),
        Err(Ended::Place(error)) => Some(met(store, source, error, now_ms)?),
    };
    store.finish_pickup(report.pickup, report.listed, report.landed, fault.as_ref(), now_ms)?;
    brought.map_err(|ended| match ended {
        Ended::Here(error) => error,
        Ended::Place(error) => WorkerError::Place(error),
    })
}

/// That a file was imported, or waits for a person, is not undone by fetching it again: no pickup may take it for new.
fn keep_what_became_of(store: &mut Store, file: &FoundFile, delivery: DeliveryId) -> Result<(), StoreError> {
    let state = match file.state.clone() {
        FoundState::Taken { run, .. } => FoundState::Taken { delivery, run },
        FoundState::Identical { to, .. } => FoundState::Identical { delivery, to },
        FoundState::Held { why, .. } if !arrival::is_lost(&why) => FoundState::Held { delivery: Some(delivery), why },
        _ => return Ok(()),
    };
    store.set_found_state(file.source, &file.identity, &state)
}

/// Leaves, moves or deletes the imported files of a source where that is still to be done, for whoever carried out a run.
/// What cannot be done now is done by the next pickup.
///
/// # Errors
/// Those of the store.
pub fn put_away(store: &mut Store, source: SourceId, means: &Means<'_>) -> Result<Vec<(String, Fault)>, WorkerError> {
    let source = found(store, source)?;
    if !is_to_be_put_away(store, &source)? {
        return Ok(Vec::new());
    }
    let Some(_lock) = Store::try_source_lock(store.dir(), source.id)? else { return Ok(Vec::new()) };
    let mut troubles = Vec::new();
    let put = look::reach(store, &source, means).map_err(Ended::from);
    match put.and_then(|mut place| away::put_away(store, &source, &mut place, &mut troubles)) {
        Ok(()) => {}
        Err(Ended::Here(error)) => return Err(error),
        Err(Ended::Place(error)) => troubles.push((source.name.clone(), fault_of(&source, &error))),
    }
    Ok(troubles)
}

/// The sources with imported files that are still to be put away.
///
/// # Errors
/// Those of the store.
pub fn to_put_away(store: &Store) -> Result<Vec<SourceId>, WorkerError> {
    let mut due = Vec::new();
    for source in store.sources()? {
        if is_to_be_put_away(store, &source)? {
            due.push(source.id);
        }
    }
    Ok(due)
}

/// Nothing is done at the place of a source that is paused or waits for a person.
fn is_to_be_put_away(store: &Store, source: &Source) -> Result<bool, WorkerError> {
    Ok(source.paused.is_none() && source.blocked.is_none() && away::is_due(store, source)?)
}

/// Whether a delivery still is what was fetched, and not only its numbers.
fn is_kept(store: &Store, delivery: DeliveryId) -> Result<bool, StoreError> {
    Ok(store.delivery(delivery)?.is_some_and(|it| it.purged_ms.is_none() && !is_missing(&it.path)))
}

/// Whether there is no such file; one that cannot be looked at is not missing.
fn is_missing(path: &Path) -> bool {
    matches!(path.try_exists(), Ok(false))
}

/// Whether a source was removed while somebody was at it.
pub fn is_removed(error: &WorkerError) -> bool {
    matches!(error, WorkerError::Store(StoreError::NoSuch { what: "source", .. }))
}

fn found(store: &Store, source: SourceId) -> Result<Source, WorkerError> {
    let missing = || StoreError::NoSuch { what: "source", id: source.to_string() };
    Ok(store.source(source)?.filter(|source| source.removed_ms.is_none()).ok_or_else(missing)?)
}

fn lock(store: &Store, source: SourceId) -> Result<SourceLock, WorkerError> {
    Store::try_source_lock(store.dir(), source)?.ok_or_else(|| fetch::busy().into())
}

/// What the guided check has listed, noted as a look of its own: whoever asks for the files afterwards hears of the same
/// ones. Nothing is noted while another process looks, which notes what it finds.
///
/// # Errors
/// Those of the store.
pub(super) fn note_check(
    store: &mut Store,
    source: &Source,
    listed: Result<&[Listed], &ConnectError>,
    user: &str,
    now_ms: i64,
) -> Result<(), StoreError> {
    // What needs a person stops a source when it is brought; a check only tells it, and to whoever asked.
    if listed.is_err_and(|error| error.class() == Class::NeedsPerson) {
        return Ok(());
    }
    let Some(_lock) = Store::try_source_lock(store.dir(), source.id)? else { return Ok(()) };
    store.atomically(|store| {
        let (files, fault) = match listed {
            Ok(listed) => (look::note(store, source, listed, now_ms)?, None),
            Err(error) => (0, Some(fault_of(source, error))),
        };
        // A pickup whose process died stays the last one: by that it is known that it has to be gone on with.
        if store.pickups(source.id, 1)?.first().is_some_and(|last| last.finished_ms.is_none()) {
            return Ok(());
        }
        let new = NewPickup { source: source.id, cause: PickupCause::Person, user, started_ms: now_ms };
        let pickup = store.begin_pickup(&new, None)?;
        store.finish_pickup(pickup, files, 0, fault.as_ref(), now_ms)
    })
}

/// An error on the way to the files, as the store keeps it.
pub fn fault(error: &ConnectError) -> Fault {
    Fault { code: error.code().to_owned(), message: sentence(&error.what()), next: sentence(&error.next()) }
}

/// The same, with what to do addressed to those whose source it is.
pub fn fault_of(source: &Source, error: &ConnectError) -> Fault {
    let fault = fault(error);
    Fault { next: addressed(&fault.next, source), ..fault }
}

/// What to do with the source's own name in commands, and its owner's where one is recorded.
pub(super) fn addressed(next: &str, source: &Source) -> String {
    let next = next.replace(" NAME", &format!(" {:?}", source.name));
    match &source.owner {
        Some(owner) => next.replace("the owner of the upstream drop", owner),
        None => next,
    }
}

fn of_worker(error: &WorkerError) -> Fault {
    let text = error.to_string();
    let (message, next) = text.rsplit_once(". ").unwrap_or((&text, "Try again"));
    Fault { code: "here".to_owned(), message: sentence(message), next: sentence(next) }
}
