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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::run::{Mode, RunKind, RunStatus};
    use crate::domain::source::SourceMode;
    use crate::store::{NewDelivery, NewRun, NewSource};
    use std::fs;

    /// A workspace with a run of a file that landed through this connection.
    fn landed(content: &str) -> (tempfile::TempDir, Store, RunRow) {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::create_or_open(&dir.path().join("workspace"), 0, 1).unwrap();
        let file = dir.path().join("contacts.csv");
        fs::write(&file, content).unwrap();
        let landed = land::land(&file, &store.deliveries_dir()).unwrap();
        let new = NewSource { name: "crm", kind: "file", provider: None, mode: SourceMode::OneTime, created_ms: 0 };
        let source = store.add_source(&new).unwrap().id();
        let path = store.deliveries_dir().join(&landed.file_name);
        let (name, bytes, sha256) = ("contacts.csv", landed.bytes, landed.sha256.as_str());
        let delivery =
            store.add_delivery(&NewDelivery { source, name, path: &path, bytes, sha256, landed_ms: 0 }).unwrap();
        store.vouch_for(delivery, landed.state);
        let (kind, status, mode) = (RunKind::Import, RunStatus::Queued, Mode::Upsert);
        let new = NewRun { kind, status, source, delivery, mode, user: "ann", plan: "{}", created_ms: 0 };
        let run = store.add_run(&new).unwrap();
        let row = store.run(run).unwrap().unwrap();
        (dir, store, row)
    }

    #[test]
    fn a_file_that_nobody_touched_since_it_landed_is_read_again_only_by_another_process() {
        let (_dir, store, row) = landed("a\n1\n");
        let mut here = SameFile::begin(&store, &row).unwrap();
        assert!(here.hashing.is_none() && here.confirm().is_ok());
        let other = Store::open_read_only(store.dir()).unwrap();
        let mut there = SameFile::begin(&other, &row).unwrap();
        assert!(there.hashing.is_some() && there.confirm().is_ok());
    }

    #[test]
    fn a_file_that_changed_between_landing_and_start_is_refused_and_is_the_reason_of_what_failed_meanwhile() {
        for (content, what) in
            [("a\n2\n", Some("content has changed")), ("a\n", Some("2 bytes instead of 4")), ("a\n1\n", None)]
        {
            let (_dir, store, row) = landed("a\n1\n");
            // The clock of file systems ticks every few milliseconds.
            std::thread::sleep(std::time::Duration::from_millis(30));
            fs::write(&row.delivery_path, content).unwrap();
            let mut same = SameFile::begin(&store, &row).unwrap();
            let failed = WorkerError::NotAFile { file: "x".into() };
            let why = same.or_why(Err::<(), _>(failed)).unwrap_err();
            match what {
                Some(what) => assert!(why.to_string().contains(what), "{why}"),
                None => assert!(matches!(why, WorkerError::NotAFile { .. }), "{why}"),
            }
        }
    }
}
