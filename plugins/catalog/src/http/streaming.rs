//! Answers of any length: written by a thread that may block, sent as fast as the client takes them, never held whole.
//!
//! The thread waits while the client is slow, and gives up when it takes nothing for too long. What breaks behind the first byte breaks
//! the connection: a cut answer must not look like a whole one.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{self, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes that are sent at once.
const CHUNK_BYTES: usize = 32 << 10;

/// A place among the long answers that may be written at the same time.
///
/// # Errors
/// `too_many_requests` when all are taken.
pub(super) fn place(places: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, ApiError> {
    let taken = |_| ApiError::new(&codes::TOO_MANY_REQUESTS, "too many long answers are being sent").retry_after(5);
    Arc::clone(places).try_acquire_owned().map_err(taken)
}

/// A body that `write` fills on a thread of its own, while it holds its place. `idle_max` is how long the client may take nothing.
pub(super) fn body(
    place: OwnedSemaphorePermit,
    idle_max: Duration,
    write: impl FnOnce(&mut dyn Write) -> Result<(), ApiError> + Send + 'static,
) -> Body {
    let (sender, receiver) = mpsc::channel(2);
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || {
        let _place = place;
        let mut out = Out { runtime, sender, idle_max, chunk: Vec::with_capacity(CHUNK_BYTES), is_gone: false };
        let written = write(&mut out).and_then(|()| out.flush().map_err(unsent));
        if let Err(error) = written
            && !out.is_gone
        {
            tracing::error!(error = &error as &dyn std::error::Error, "an answer broke off");
            let _ = out.sender.blocking_send(Err(io::Error::other("the answer broke off")));
        }
    });
    Body::from_stream(ReceiverStream::new(receiver))
}

fn unsent(error: io::Error) -> ApiError {
    ApiError::new(&codes::INTERNAL, "the answer could not be sent on").caused_by(error)
}

struct Out {
    runtime: Handle,
    sender: Sender<io::Result<Bytes>>,
    idle_max: Duration,
    chunk: Vec<u8>,
    /// The client has hung up, or takes nothing.
    is_gone: bool,
}

impl Out {
    fn send(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK_BYTES));
        let (sender, idle_max) = (&self.sender, self.idle_max);
        // The timer has to be made inside the runtime, hence the async block.
        let sent = self.runtime.block_on(async { timeout(idle_max, sender.send(Ok(Bytes::from(chunk)))).await });
        self.is_gone = !matches!(sent, Ok(Ok(())));
        if self.is_gone { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(CHUNK_BYTES - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..count]);
        if self.chunk.len() >= CHUNK_BYTES {
            self.send()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() { Ok(()) } else { self.send() }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn places() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(1))
    }

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test(flavor = "multi_thread")]
    async fn all_bytes_come_in_their_order() {
        let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let expected = bytes.clone();
        let places = places();
        let body = body(place(&places).unwrap(), LONG, move |out| out.write_all(&bytes).map_err(unsent));
        assert_eq!(place(&places).unwrap_err().code.status, 429);
        assert!(body.collect().await.unwrap().to_bytes() == expected);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_answer_that_breaks_does_not_look_whole() {
        let broken = ApiError::new(&codes::INTERNAL, "x");
        let body = body(place(&places()).unwrap(), LONG, |out| out.write_all(b"some").map_err(unsent).and(Err(broken)));
        assert!(body.collect().await.is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_client_that_takes_nothing_or_hangs_up_holds_no_thread() {
        for hangs_up in [true, false] {
            let places = places();
            let endless = |out: &mut dyn Write| loop {
                out.write_all(&[0; 1024]).map_err(unsent)?;
            };
            let body = body(place(&places).unwrap(), Duration::from_millis(100), endless);
            let held = if hangs_up { None } else { Some(body) };
            let given_back = tokio::time::timeout(LONG, places.acquire()).await;
            assert!(given_back.is_ok(), "the thread has ended");
            drop(held);
        }
    }
}
