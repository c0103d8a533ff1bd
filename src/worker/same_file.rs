//! That a delivery is what landed: one that is not would be read at the wrong places.

use super::error::WorkerError;
use super::land;
use crate::domain::id::RunId;
use crate::store::{Delivery, FileState, RunRow, Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{Builder, JoinHandle};

/// The check of a run's delivery, which may go on while the first rows are read. Nothing is committed before its answer.
pub struct SameFile {
    run: RunId,
    landed: Delivery,
    /// None where the answer was yes.
    hashing: Option<Hashing>,
}

struct Hashing {
    answer: JoinHandle<Result<(u64, String), WorkerError>>,
    /// Nobody waits for the answer any more.
    stopped: Arc<AtomicBool>,
}

impl SameFile {
    /// Begins to check the delivery of a run. One that this very process landed, and whose file nobody has touched since,
    /// is not read again.
    pub fn begin(store: &Store, row: &RunRow) -> Result<SameFile, WorkerError> {
        let missing = || StoreError::NoSuch { what: "delivery", id: row.delivery.to_string() };
        let landed = store.delivery(row.delivery)?.ok_or_else(missing)?;
        let untouched =
            store.vouched(row.delivery).is_some_and(|state| FileState::of(&landed.path).ok() == Some(state));
        let hashing = if untouched { None } else { Some(Hashing::start(&landed)?) };
        Ok(SameFile { run: row.id, landed, hashing })
    }

    /// Waits for the answer.
    ///
    /// # Errors
    /// When the delivery is not what landed, or cannot be read.
    pub fn confirm(&mut self) -> Result<(), WorkerError> {
        let Some(hashing) = self.hashing.take() else { return Ok(()) };
        let Hashing { answer, .. } = hashing;
        let (bytes, sha256) = answer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        if sha256 == self.landed.sha256 {
            return Ok(());
        }
        let what = if bytes == self.landed.bytes {
            "its content has changed".to_owned()
        } else {
            format!("it has {bytes} bytes instead of {}", self.landed.bytes)
        };
        Err(WorkerError::DeliveryChanged { run: self.run, file: self.landed.path.clone(), what })
    }

    /// What was done with the delivery meanwhile. Where that failed and the delivery has changed, this is why.
    pub fn or_why<T, E: Into<WorkerError>>(&mut self, done: Result<T, E>) -> Result<T, WorkerError> {
        done.or_else(|error| {
            self.confirm()?;
            Err(error.into())
        })
    }
}

impl Hashing {
    fn start(landed: &Delivery) -> Result<Hashing, WorkerError> {
        let stopped = Arc::new(AtomicBool::new(false));
        let (path, stop) = (landed.path.clone(), stopped.clone());
        let hash = move || land::fingerprint(&path, &stop);
        let answer = Builder::new().name("delivery's hash".to_owned()).spawn(hash);
        let answer = answer.map_err(|error| WorkerError::read(&landed.path, error))?;
        Ok(Hashing { answer, stopped })
    }
}

impl Drop for SameFile {
    fn drop(&mut self) {
        if let Some(hashing) = &self.hashing {
            hashing.stopped.store(true, Ordering::Relaxed);
        }
    }
}
