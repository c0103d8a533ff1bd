//! The heartbeat of a run: that it is alive, also while no batch ends.

use crate::domain::id::RunId;
use crate::store::{Store, StoreError};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A run that is at work shows so at least this often, as long as nobody holds the database for longer.
const EVERY: Duration = Duration::from_millis(900);

/// Beats as long as it lives.
pub struct Heart {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Heart {
    /// Begins to beat for a run. `now_ms` is the time at the start (ms since 1970, UTC). Whatever goes wrong with it is
    /// let go: a run is not stopped because it could not say that it goes on.
    pub fn start(dir: &Path, run: RunId, now_ms: i64) -> Heart {
        let (end, ended) = channel();
        let dir = dir.to_owned();
        let beat = move || {
            let _ = beat(&dir, run, now_ms, &ended);
        };
        Heart { end: Some(end), thread: std::thread::Builder::new().name("heart".to_owned()).spawn(beat).ok() }
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn beat(dir: &Path, run: RunId, now_ms: i64, ended: &Receiver<()>) -> Result<(), StoreError> {
    let begun = Instant::now();
    let mut store: Option<Store> = None;
    while ended.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
        // Short runs open nothing.
        let store = match &mut store {
            Some(store) => store,
            none => {
                let opened = Store::create_or_open(dir, now_ms, 0)?;
                opened.leave_checkpoints()?;
                none.insert(opened)
            }
        };
        let now_ms = now_ms.saturating_add(i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX));
        match store.beat(run, now_ms, EVERY.as_millis() as i64) {
            // A long transaction of the run itself: there is a next time.
            Err(StoreError::Busy { .. }) | Ok(()) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::run::{Mode, RunKind, RunStatus};
    use crate::store::{NewDelivery, NewRun, NewSource, SourceMode};

    #[test]
    fn a_run_at_work_shows_that_it_is_alive_while_no_batch_ends() {
        let dir = tempfile::tempdir().unwrap();
        let dir = &dir.path().join("w");
        let mut store = Store::create_or_open(dir, 0, 0).unwrap();
        let new = NewSource { name: "crm", kind: "file", provider: None, mode: SourceMode::OneTime, created_ms: 1 };
        let source = store.add_source(&new).unwrap().id();
        let (path, sha256) = (Path::new("deliveries/a.csv"), "00");
        let delivery = NewDelivery { source, name: "a.csv", path, bytes: 1, sha256, landed_ms: 1 };
        let delivery = store.add_delivery(&delivery).unwrap();
        let (kind, mode, status) = (RunKind::Import, Mode::Upsert, RunStatus::Queued);
        let new = NewRun { kind, status, source, delivery, mode, user: "ann", plan: "{}", created_ms: 1 };
        let run = store.add_run(&new).unwrap();
        store.set_run_status(run, RunStatus::Running, None, 1_000).unwrap();
        let beaten = |store: &Store| store.run_line(run).unwrap().unwrap().heartbeat_ms.unwrap();

        store.beat(run, 1_500, 900).unwrap();
        assert_eq!(beaten(&store), 1_000, "it has shown so a moment ago");
        store.beat(run, 1_900, 900).unwrap();
        assert_eq!(beaten(&store), 1_900);

        let heart = Heart::start(dir, run, 2_000);
        let begun = Instant::now();
        while beaten(&store) < 2_000 + EVERY.as_millis() as i64 {
            assert!(begun.elapsed() < Duration::from_secs(60), "it does not beat");
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(heart);
        store.set_run_status(run, RunStatus::Completed, None, 2_000).unwrap();
        store.beat(run, 90_000, 900).unwrap();
        assert_eq!(beaten(&store), 2_000, "one that has ended is not alive");
    }
}
