//! Batches through threads and back in order: one reads, several work, the caller's own thread takes the results.

use std::any::Any;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;

/// How many batches may wait, besides those that are worked on; bounds the memory whatever the file, and whatever keeps
/// the first of them from its end.
const WAITING: usize = 12;

/// What a thread answers: what it made, the error of the source, or its panic.
type Answer<U, E> = Result<Result<U, E>, Box<dyn Any + Send>>;

/// Runs `source` on a thread of its own until it answers none, `work` on `workers` threads, and `sink` on the calling
/// thread, in the order of the source. The first error, from wherever, ends it; so does a `Break` of the sink.
///
/// `make_worker` is called once a thread, so that a worker may hold what must not be shared.
pub fn in_order<T, U, E, B, W>(
    mut source: impl FnMut() -> Result<Option<T>, E> + Send,
    workers: usize,
    make_worker: impl Fn() -> W + Sync,
    mut sink: impl FnMut(U) -> Result<ControlFlow<B>, E>,
) -> Result<ControlFlow<B>, E>
where
    T: Send,
    U: Send,
    E: Send,
    W: FnMut(T) -> U,
{
    let workers = workers.max(1);
    let stopped = AtomicBool::new(false);
    let (to_work, work_queue) = mpsc::channel::<(u64, T)>();
    let (to_sink, results) = mpsc::channel::<(u64, Answer<U, E>)>();
    // Whoever reads a batch takes a ticket, which comes back when the sink takes what was made of it.
    let (tickets_back, tickets) = mpsc::channel::<()>();
    for _ in 0..WAITING + workers {
        // Its other end is held here.
        let _ = tickets_back.send(());
    }
    let work_queue = Mutex::new(work_queue);
    thread::scope(|scope| {
        let (stopped, work_queue, make_worker) = (&stopped, &work_queue, &make_worker);
        let source_errors = to_sink.clone();
        scope.spawn(move || {
            for number in 0.. {
                if tickets.recv().is_err() || stopped.load(Ordering::Relaxed) {
                    break;
                }
                let answer = match catch_unwind(AssertUnwindSafe(&mut source)) {
                    Ok(Ok(Some(item))) => {
                        // The queue's other end outlives this thread.
                        let _ = to_work.send((number, item));
                        continue;
                    }
                    Ok(Ok(None)) => break,
                    Ok(Err(error)) => Ok(Err(error)),
                    Err(panic) => Err(panic),
                };
                // Fails only when the sink has gone, which has its own reason then.
                let _ = source_errors.send((number, answer));
                break;
            }
        });
        for _ in 0..workers {
            let to_sink = to_sink.clone();
            scope.spawn(move || {
                let mut worker = make_worker();
                loop {
                    let Ok(queue) = work_queue.lock() else { break };
                    let Ok((number, item)) = queue.recv() else { break };
                    drop(queue);
                    if stopped.load(Ordering::Relaxed) {
                        break;
                    }
                    let answer = catch_unwind(AssertUnwindSafe(|| worker(item))).map(Ok);
                    if answer.is_err() | to_sink.send((number, answer)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(to_sink);
        let end = take_in_order(&results, &tickets_back, &mut sink);
        stopped.store(true, Ordering::Relaxed);
        // The source may wait for a ticket.
        drop(tickets_back);
        end
    })
}

fn take_in_order<U, E, B>(
    results: &mpsc::Receiver<(u64, Answer<U, E>)>,
    tickets_back: &mpsc::Sender<()>,
    sink: &mut impl FnMut(U) -> Result<ControlFlow<B>, E>,
) -> Result<ControlFlow<B>, E> {
    let mut next = 0;
    let mut early = BTreeMap::new();
    for (number, answer) in results {
        early.insert(number, answer);
        while let Some(answer) = early.remove(&next) {
            next += 1;
            let result = answer.unwrap_or_else(|panic| resume_unwind(panic));
            // Fails only when the source has ended.
            let _ = tickets_back.send(());
            if let ControlFlow::Break(reason) = sink(result?)? {
                return Ok(ControlFlow::Break(reason));
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn squares(upto: u64, workers: usize, stop_at: Option<u64>, fail_at: Option<u64>) -> (Vec<u64>, Result<bool, u64>) {
        let mut next = 0;
        let source = move || {
            next += 1;
            if Some(next) == fail_at {
                return Err(next);
            }
            Ok((next <= upto).then_some(next))
        };
        let mut seen = Vec::new();
        let end = in_order(
            source,
            workers,
            || |n: u64| n * n,
            |square| {
                seen.push(square);
                Ok(if Some(square) == stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            },
        );
        (seen, end.map(|flow| flow.is_break()))
    }

    #[test]
    fn results_come_in_the_order_of_the_source_whatever_the_number_of_workers() {
        for workers in [1, 2, 7] {
            let (seen, end) = squares(1000, workers, None, None);
            assert_eq!(seen, (1..=1000).map(|n| n * n).collect::<Vec<u64>>());
            assert_eq!(end, Ok(false));
        }
    }

    #[test]
    fn a_break_of_the_sink_ends_all_threads() {
        let (seen, end) = squares(u64::MAX, 3, Some(100), None);
        assert_eq!((seen.len(), end), (10, Ok(true)));
    }

    #[test]
    fn however_long_the_first_batch_takes_few_are_under_way() {
        let (read, first_is_done) = (AtomicUsize::new(0), AtomicBool::new(false));
        let most = (WAITING + 2) as u64;
        let source = || {
            let number = read.fetch_add(1, Ordering::Relaxed);
            Ok::<_, ()>((number < 100).then_some(number))
        };
        let work = |number| {
            // All that may be under way are before the first one is let go.
            while number == 0 && read.load(Ordering::Relaxed) < WAITING + 2 {
                thread::yield_now();
            }
            first_is_done.fetch_or(number == 0, Ordering::Relaxed);
            (number, first_is_done.load(Ordering::Relaxed))
        };
        let mut ahead = 0;
        let end = in_order(
            source,
            2,
            || work,
            |(number, after_first)| {
                ahead += u64::from(number > 0 && !after_first);
                Ok(ControlFlow::<()>::Continue(()))
            },
        );
        assert!(end.is_ok() && ahead < most, "{ahead} batches were done before the first");
    }

    #[test]
    fn a_panic_on_any_thread_reaches_the_caller() {
        for (of_source, of_sink) in [(false, false), (true, false), (false, true)] {
            let source = || if of_source { panic!("source") } else { Ok::<_, ()>(Some(1)) };
            let work = |n: u64| if of_sink { n } else { panic!("worker") };
            let end = catch_unwind(AssertUnwindSafe(|| {
                in_order(source, 2, || work, |_| -> Result<ControlFlow<()>, ()> { panic!("sink") })
            }));
            assert!(end.is_err());
        }
    }

    #[test]
    fn an_error_of_the_source_reaches_the_caller_after_all_that_came_before_it() {
        let (seen, end) = squares(1000, 3, None, Some(51));
        assert_eq!((seen.len(), end), (50, Err(51)));
    }
}
