//! Batches through threads and back in order: one reads, several work, the caller's own thread takes the results.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;

/// How many batches may wait between two stages; bounds the memory whatever the file.
const WAITING: usize = 4;

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
    let stopped = AtomicBool::new(false);
    let (to_work, work_queue) = mpsc::sync_channel::<(u64, T)>(WAITING);
    let (to_sink, results) = mpsc::sync_channel::<(u64, Result<U, E>)>(WAITING);
    let work_queue = Mutex::new(work_queue);
    thread::scope(|scope| {
        let (stopped, work_queue, make_worker) = (&stopped, &work_queue, &make_worker);
        let source_errors = to_sink.clone();
        scope.spawn(move || {
            for number in 0.. {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                match source() {
                    Ok(Some(item)) => {
                        if to_work.send((number, item)).is_err() {
                            break;
                        }
                    }
                    Ok(None) => break,
                    Err(error) => {
                        // Fails only when the sink has gone, which has its own reason then.
                        let _ = source_errors.send((number, Err(error)));
                        break;
                    }
                }
            }
        });
        for _ in 0..workers.max(1) {
            let to_sink = to_sink.clone();
            scope.spawn(move || {
                let mut worker = make_worker();
                loop {
                    let Ok(queue) = work_queue.lock() else { break };
                    let Ok((number, item)) = queue.recv() else { break };
                    drop(queue);
                    if to_sink.send((number, Ok(worker(item)))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(to_sink);
        let end = take_in_order(&results, &mut sink);
        stopped.store(true, Ordering::Relaxed);
        // Whoever still sends must not wait for a place for ever.
        drop(results);
        drain(work_queue, stopped);
        end
    })
}

fn take_in_order<U, E, B>(
    results: &mpsc::Receiver<(u64, Result<U, E>)>,
    sink: &mut impl FnMut(U) -> Result<ControlFlow<B>, E>,
) -> Result<ControlFlow<B>, E> {
    let mut next = 0;
    let mut early = BTreeMap::new();
    for (number, result) in results {
        early.insert(number, result);
        while let Some(result) = early.remove(&next) {
            next += 1;
            if let ControlFlow::Break(reason) = sink(result?)? {
                return Ok(ControlFlow::Break(reason));
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Empties the queue before the workers until the source has noticed that it is to stop.
fn drain<T>(queue: &Mutex<mpsc::Receiver<(u64, T)>>, stopped: &AtomicBool) {
    debug_assert!(stopped.load(Ordering::Relaxed));
    if let Ok(queue) = queue.lock() {
        while queue.recv().is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn an_error_of_the_source_reaches_the_caller_after_all_that_came_before_it() {
        let (seen, end) = squares(1000, 3, None, Some(51));
        assert_eq!((seen.len(), end), (50, Err(51)));
    }
}
