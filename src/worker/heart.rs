//! The heartbeat of a run: that it is alive, also while no batch ends.

use crate::domain::id::RunId;
use crate::store::{Store, StoreError};
use std::path::{Path, PathBuf};
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

fn beat(dir: &PathBuf, run: RunId, now_ms: i64, ended: &Receiver<()>) -> Result<(), StoreError> {
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
