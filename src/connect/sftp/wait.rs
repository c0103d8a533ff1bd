//! Waiting for a server, with an end: a limit on silence, one on the whole, and a stop.

use crate::connect::error::{ConnectError, Site};
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How often stop and silence are looked at.
const TICK: Duration = Duration::from_millis(100);

/// What of a stream's beginning is kept (bytes): a line, to say what it is when it is no SSH.
const BEGINNING: u64 = 80;

/// How many bytes have come in on a stream, and which came first.
#[derive(Clone, Default)]
pub(super) struct Heard(Arc<Incoming>);

#[derive(Default)]
struct Incoming {
    bytes: AtomicU64,
    beginning: Mutex<Vec<u8>>,
}

impl Heard {
    fn bytes(&self) -> u64 {
        self.0.bytes.load(Ordering::Relaxed)
    }

    fn add(&self, read: &[u8]) {
        let before = self.0.bytes.fetch_add(read.len() as u64, Ordering::Relaxed);
        if before < BEGINNING {
            self.0.beginning.lock().unwrap_or_else(PoisonError::into_inner).extend(read);
        }
    }

    /// The first line that came in, or none.
    pub(super) fn first_line(&self) -> String {
        let beginning = self.0.beginning.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&beginning[..beginning.len().min(BEGINNING as usize)]).into_owned();
        text.lines().next().unwrap_or_default().to_owned()
    }
}

/// Waits for `future` until `limit` is over.
///
/// # Errors
/// `late` when it is over; [`ConnectError::Stopped`].
pub(super) async fn within<T>(
    limit: Duration,
    stop: &AtomicBool,
    late: impl FnOnce() -> ConnectError,
    future: impl Future<Output = T>,
) -> Result<T, ConnectError> {
    let mut future = pin!(future);
    let end = Instant::now() + limit;
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(ConnectError::Stopped);
        }
        if let Ok(done) = tokio::time::timeout(TICK, future.as_mut()).await {
            return Ok(done);
        }
        if Instant::now() >= end {
            return Err(late());
        }
    }
}

/// Waits for `future` as long as bytes come in on the stream that `heard` counts: a big answer over a slow line takes its
/// time, a server that has frozen says nothing.
///
/// # Errors
/// [`ConnectError::RequestTimeout`] after `limit` of silence; [`ConnectError::Stopped`].
pub(super) async fn while_heard<T>(
    heard: &Heard,
    limit: Duration,
    stop: &AtomicBool,
    site: &Site,
    doing: &str,
    future: impl Future<Output = T>,
) -> Result<T, ConnectError> {
    let mut future = pin!(future);
    let (mut bytes, mut since) = (heard.bytes(), Instant::now());
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(ConnectError::Stopped);
        }
        if let Ok(done) = tokio::time::timeout(TICK, future.as_mut()).await {
            return Ok(done);
        }
        if heard.bytes() != bytes {
            (bytes, since) = (heard.bytes(), Instant::now());
        } else if since.elapsed() >= limit {
            return Err(ConnectError::RequestTimeout {
                site: site.clone(),
                doing: doing.to_owned(),
                seconds: limit.as_secs(),
            });
        }
    }
}

/// A stream whose incoming bytes are counted.
pub(super) struct Metered<S> {
    stream: S,
    heard: Heard,
}

impl<S> Metered<S> {
    pub(super) fn new(stream: S, heard: &Heard) -> Metered<S> {
        Metered { stream, heard: heard.clone() }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = into.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, into);
        self.heard.add(&into.filled()[before..]);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, from)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
