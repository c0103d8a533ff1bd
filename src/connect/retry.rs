//! Trying again what may go away by itself: with growing, uneven pauses, not too often and not for too long (R103, R104).

use super::error::{Class, ConnectError};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a stop is looked for during a pause.
const SLICE: Duration = Duration::from_millis(100);

/// How patient one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Tries without progress in between, the first included; at least one is made.
    pub tries: u32,
    /// The first pause, about; each later one is about twice as long.
    pub first: Duration,
    /// No pause is longer.
    pub longest: Duration,
    /// After this long without progress no further try begins.
    pub whole: Duration,
}

impl Default for Patience {
    /// About two minutes over six tries: what takes longer waits for the next due time.
    fn default() -> Patience {
        Patience {
            tries: 6,
            first: Duration::from_secs(2),
            longest: Duration::from_secs(60),
            whole: Duration::from_secs(300),
        }
    }
}

/// What retrying needs from outside.
pub struct Means<'m> {
    /// Time since any fixed moment.
    pub now: &'m dyn Fn() -> Duration,
    pub sleep: &'m dyn Fn(Duration),
    /// A random number from 0 up to, not including, 1.
    pub random: &'m dyn Fn() -> f64,
}

/// One try, as the operation sees it.
pub struct Attempt {
    /// From 1, over all tries.
    pub number: u32,
    progressed: bool,
}

impl Attempt {
    /// Says that this try brought something that need not be done again, such as a part of a file: tries and time are
    /// then counted afresh.
    pub fn progressed(&mut self) {
        self.progressed = true;
    }
}

/// A pause, and the try after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    pub time: Duration,
    /// Which try comes then; counted afresh after each progress.
    pub next: u32,
    /// How many there are at most.
    pub most: u32,
}

/// Does `operation` until it succeeds, fails with what is not [`Class::Transient`], or patience ends.
///
/// Pauses are uneven so that many sources of one server do not come back at the same moment. `waiting` hears why and for
/// how long, before each pause.
///
/// # Errors
/// The last error of the operation; [`ConnectError::Stopped`] within 200 ms when `stop` is set during a pause.
pub fn with_retries<T>(
    patience: &Patience,
    means: &Means<'_>,
    stop: &AtomicBool,
    waiting: &mut dyn FnMut(&ConnectError, Pause),
    mut operation: impl FnMut(&mut Attempt) -> Result<T, ConnectError>,
) -> Result<T, ConnectError> {
    let mut tried = 0;
    let mut since = (means.now)();
    let mut number = 0;
    loop {
        number += 1;
        tried += 1;
        let mut attempt = Attempt { number, progressed: false };
        let error = match operation(&mut attempt) {
            Ok(done) => return Ok(done),
            Err(error) => error,
        };
        if error == ConnectError::Stopped || error.class() != Class::Transient {
            return Err(error);
        }
        if attempt.progressed {
            tried = 1;
            since = (means.now)();
        }
        let pause = pause(patience, tried, (means.random)());
        let spent = (means.now)().saturating_sub(since);
        if tried >= patience.tries || spent + pause > patience.whole {
            return Err(error);
        }
        waiting(&error, Pause { time: pause, next: tried + 1, most: patience.tries });
        if !sleep_unless_stopped(means, pause, stop) {
            return Err(ConnectError::Stopped);
        }
    }
}

/// The pause after the `tried`th try: half of it is fixed, half random.
fn pause(patience: &Patience, tried: u32, random: f64) -> Duration {
    let doubled = patience.first.saturating_mul(1_u32.checked_shl(tried - 1).unwrap_or(u32::MAX));
    doubled.min(patience.longest).mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
}

/// Whether the pause was slept through.
fn sleep_unless_stopped(means: &Means<'_>, pause: Duration, stop: &AtomicBool) -> bool {
    let mut left = pause;
    while !left.is_zero() {
        if stop.load(Ordering::Relaxed) {
            return false;
        }
        let slice = left.min(SLICE);
        (means.sleep)(slice);
        left -= slice;
    }
    !stop.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::error::Site;
    use std::cell::{Cell, RefCell};

    /// A clock that only sleeping moves.
    struct Clock {
        now: Cell<Duration>,
        stop: AtomicBool,
        stop_at: Cell<Option<Duration>>,
        pauses: RefCell<Vec<Duration>>,
    }

    impl Clock {
        fn new() -> Clock {
            Clock {
                now: Cell::new(Duration::from_secs(1000)),
                stop: AtomicBool::new(false),
                stop_at: Cell::new(None),
                pauses: RefCell::new(Vec::new()),
            }
        }

        fn sleep(&self, time: Duration) {
            self.now.set(self.now.get() + time);
            if self.stop_at.get().is_some_and(|at| self.now.get() >= at) {
                self.stop.store(true, Ordering::Relaxed);
            }
        }

        fn run<T>(
            &self,
            patience: &Patience,
            random: f64,
            operation: impl FnMut(&mut Attempt) -> Result<T, ConnectError>,
        ) -> Result<T, ConnectError> {
            let means = Means { now: &|| self.now.get(), sleep: &|time| self.sleep(time), random: &|| random };
            let mut waiting = |_: &ConnectError, pause: Pause| self.pauses.borrow_mut().push(pause.time);
            with_retries(patience, &means, &self.stop, &mut waiting, operation)
        }
    }

    fn refused() -> ConnectError {
        ConnectError::Refused { site: Site::Server { host: "drop.example".into(), port: 22 } }
    }

    #[test]
    fn what_may_go_away_is_tried_again_with_growing_pauses_until_it_works() {
        let clock = Clock::new();
        let mut left = 3;
        let done = clock.run(&Patience::default(), 0.999_999, |attempt| {
            left -= 1;
            if left >= 0 { Err(refused()) } else { Ok(attempt.number) }
        });
        assert_eq!(done, Ok(4));
        let seconds: Vec<u64> = clock.pauses.borrow().iter().map(|pause| pause.as_secs_f64().round() as u64).collect();
        assert_eq!(seconds, [2, 4, 8]);
    }

    #[test]
    fn tries_time_and_pauses_are_bounded() {
        let clock = Clock::new();
        let mut tries = 0;
        let failed: Result<(), _> = clock.run(&Patience::default(), 0.0, |_| {
            tries += 1;
            Err(refused())
        });
        assert_eq!((failed, tries), (Err(refused()), 6));

        let clock = Clock::new();
        let patience = Patience { tries: u32::MAX, ..Patience::default() };
        let failed: Result<(), _> = clock.run(&patience, 0.5, |_| Err(refused()));
        assert_eq!(failed, Err(refused()));
        assert!(clock.now.get() <= Duration::from_secs(1300));
        assert!(clock.pauses.borrow().iter().all(|pause| *pause <= Duration::from_secs(60)));
    }

    #[test]
    fn what_needs_a_person_or_concerns_one_file_is_not_tried_again() {
        for error in [
            ConnectError::AgentEmpty,
            ConnectError::FileVanished { site: Site::Here, name: "a.csv".into() },
            ConnectError::Stopped,
        ] {
            let mut tries = 0;
            let failed: Result<(), _> = Clock::new().run(&Patience::default(), 0.5, |_| {
                tries += 1;
                Err(error.clone())
            });
            assert_eq!((failed, tries), (Err(error), 1));
        }
    }

    #[test]
    fn progress_counts_tries_and_time_afresh() {
        let clock = Clock::new();
        let mut left = 40;
        let done = clock.run(&Patience::default(), 0.5, |attempt| {
            attempt.progressed();
            left -= 1;
            if left > 0 { Err(refused()) } else { Ok(()) }
        });
        assert_eq!(done, Ok(()));
    }

    #[test]
    fn a_stop_ends_a_pause_within_200_ms() {
        let clock = Clock::new();
        let at = clock.now.get() + Duration::from_millis(1250);
        clock.stop_at.set(Some(at));
        let patience = Patience { first: Duration::from_secs(60), ..Patience::default() };
        let stopped: Result<(), _> = clock.run(&patience, 0.5, |_| Err(refused()));
        assert_eq!(stopped, Err(ConnectError::Stopped));
        assert!(clock.now.get() <= at + Duration::from_millis(200));
    }
}
