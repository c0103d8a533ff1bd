//! Being told to stop: Ctrl-C, TERM and HUP.

use super::error::CliError;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

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
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || runtime.block_on(receive(&flag, &told)))
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

async fn receive(flag: &AtomicBool, told: &OwnedFd) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()))
    else {
        return;
    };
    loop {
        let again = flag.load(Ordering::Relaxed);
        tokio::select! {
            _ = interrupt.recv() => if again { std::process::exit(130) },
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        flag.store(true, Ordering::Relaxed);
        // It cannot be full: nobody counts this high.
        let _ = rustix::io::write(told, &1u64.to_ne_bytes());
    }
}
