//! Being told to stop: Ctrl-C, TERM and HUP.

use super::error::CliError;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Whether this process has been told to stop.
pub struct Stop {
    flag: Arc<AtomicBool>,
    /// Readable from then on.
    told: Arc<OwnedFd>,
}

impl Stop {
    /// From now on Ctrl-C, TERM and HUP say so instead of ending the process; a second Ctrl-C ends it at once, which
    /// loses nothing either.
    pub fn on_signal() -> Result<Stop, CliError> {
        let no_signals = |error: std::io::Error| {
            CliError::new("signals", format!("Signals cannot be received: {error}"), "try again")
        };
        let told = eventfd(0, EventfdFlags::CLOEXEC).map_err(|error| no_signals(error.into()))?;
        let stop = Stop { flag: Arc::new(AtomicBool::new(false)), told: Arc::new(told) };
        let (flag, told) = (stop.flag.clone(), stop.told.clone());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().map_err(no_signals)?;
        // Before this returns, so that no signal falls between.
        let entered = runtime.enter();
        let signals = Signals::all().map_err(no_signals)?;
        drop(entered);
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || runtime.block_on(signals.receive(&flag, &told)))
            .map_err(no_signals)?;
        Ok(stop)
    }

    pub fn flag(&self) -> &AtomicBool {
        &self.flag
    }

    pub fn is_set(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }

    /// Waits until this is set, until there is something to read from the other, or as long as is said.
    pub fn or_readable(&self, other: Option<BorrowedFd<'_>>, at_most: Option<Duration>) {
        let fds = [Some(self.told.as_fd()), other];
        let mut fds: Vec<PollFd<'_>> =
            fds.into_iter().flatten().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)).collect();
        let at_most = at_most.and_then(|time| Timespec::try_from(time).ok());
        // An error is a signal that came between: the caller looks and waits again.
        let _ = poll(&mut fds, at_most.as_ref());
    }
}

/// The signals that say so.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn all() -> std::io::Result<Signals> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn receive(mut self, flag: &AtomicBool, told: &OwnedFd) {
        loop {
            let again = flag.load(Ordering::Relaxed);
            tokio::select! {
                _ = self.interrupt.recv() => if again { std::process::exit(130) },
                _ = self.terminate.recv() => {}
                _ = self.hangup.recv() => {}
            }
            flag.store(true, Ordering::Relaxed);
            // It cannot be full: nobody counts this high.
            let _ = rustix::io::write(told, &1u64.to_ne_bytes());
        }
    }
}
