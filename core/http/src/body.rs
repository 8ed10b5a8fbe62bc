//! Request bodies, bounded in bytes and time: as a blocking reader for documents of any size, as bytes for small ones.
//!
//! Nothing is read before it is asked for, so an answer that needs no body (401, 413 by `Content-Length`) costs none and a
//! client with `Expect: 100-continue` never sends it.

use std::io::{self, Read, Write};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout, timeout_at};

/// The bounds of one body.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// Bytes, at most.
    pub bytes_max: u64,
    /// Time without a byte, at most.
    pub idle_max: Duration,
    /// Time from the first to the last byte, at most.
    pub total_max: Duration,
}

/// A request body as a [`Read`] for a thread that may block. Made by [`receive`].
pub struct BodyReader {
    runtime: Handle,
    body: Body,
    chunk: Bytes,
    received: u64,
    limits: BodyLimits,
    deadline: Instant,
    failure: Option<ApiError>,
}

/// Runs `job` on a thread that may block, with the body streamed to it.
///
/// # Errors
/// What broke the body (`body_too_large`, `body_incomplete`, `request_timeout`) if the body broke, whatever the job made of
/// it; else the job's own error; `internal` if the job panicked.
pub async fn receive<T, F>(body: Body, limits: BodyLimits, job: F) -> Result<T, ApiError>
where
    T: Send + 'static,
    F: FnOnce(&mut BodyReader) -> Result<T, ApiError> + Send + 'static,
{
    if body.size_hint().lower() > limits.bytes_max {
        return Err(too_large(limits.bytes_max));
    }
    let runtime = Handle::current();
    blocking(move || {
        let deadline = Instant::now() + limits.total_max;
        let mut reader =
            BodyReader { runtime, body, chunk: Bytes::new(), received: 0, limits, deadline, failure: None };
        let result = job(&mut reader);
        match (result, reader.failure.take()) {
            (Err(_), Some(failure)) => Err(failure),
            (result, _) => result,
        }
    })
    .await
}

/// Runs `job` on a thread that may block.
///
/// # Errors
/// The job's own; `internal` if it panicked.
pub async fn blocking<T: Send + 'static>(
    job: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    match tokio::task::spawn_blocking(job).await {
        Ok(result) => result,
        Err(error) => Err(ApiError::new(&codes::INTERNAL, "the request could not be worked on").caused_by(error)),
    }
}

/// The whole body as bytes; for small ones.
///
/// # Errors
/// `body_too_large`, `body_incomplete`, `request_timeout`.
pub async fn bytes(body: Body, limits: BodyLimits) -> Result<Bytes, ApiError> {
    if body.size_hint().lower() > limits.bytes_max {
        return Err(too_large(limits.bytes_max));
    }
    let bytes_max = usize::try_from(limits.bytes_max).unwrap_or(usize::MAX);
    match timeout(limits.total_max, Limited::new(body, bytes_max).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(limits.bytes_max)),
        Ok(Err(error)) => Err(incomplete().caused_by(error)),
        Err(_) => Err(timed_out("the body did not arrive in time")),
    }
}

impl BodyReader {
    /// Bytes read so far.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Whether the body has no further byte. Waits for one.
    ///
    /// # Errors
    /// As for reading.
    pub fn is_at_end(&mut self) -> Result<bool, ApiError> {
        if self.chunk.is_empty() {
            self.chunk = self.checked_chunk()?;
        }
        Ok(self.chunk.is_empty())
    }

    /// Writes the rest of the body into `out`, as it comes in and without copying it. Returns the bytes written.
    ///
    /// # Errors
    /// As for reading; `storage_full` or `internal` if `out` does not take it.
    pub fn copy_to(&mut self, out: &mut (impl Write + ?Sized)) -> Result<u64, ApiError> {
        let mut copied = 0;
        while !self.is_at_end()? {
            let chunk = std::mem::take(&mut self.chunk);
            out.write_all(&chunk).map_err(unwritable)?;
            copied += chunk.len() as u64;
        }
        Ok(copied)
    }

    /// The next bytes; empty at the end. A body that broke stays broken.
    fn checked_chunk(&mut self) -> Result<Bytes, ApiError> {
        if let Some(failure) = &self.failure {
            return Err(ApiError::new(failure.code, failure.detail.clone()));
        }
        self.next_chunk().map_err(|failure| {
            let told = ApiError::new(failure.code, failure.detail.clone());
            self.failure = Some(failure);
            told
        })
    }

    /// The next bytes; empty at the end.
    fn next_chunk(&mut self) -> Result<Bytes, ApiError> {
        let idle = (Instant::now() + self.limits.idle_max).min(self.deadline);
        loop {
            // The timer has to be made inside the runtime, hence the async block.
            let body = &mut self.body;
            let frame = self.runtime.block_on(async { timeout_at(idle, body.frame()).await });
            let frame = match frame {
                Err(_) => return Err(timed_out("the body stopped arriving")),
                Ok(None) => return Ok(Bytes::new()),
                Ok(Some(frame)) => frame.map_err(|error| incomplete().caused_by(error))?,
            };
            // Trailers say nothing that we read; an empty data frame is not the end.
            let Ok(data) = frame.into_data() else { continue };
            if data.is_empty() {
                continue;
            }
            self.received += data.len() as u64;
            if self.received > self.limits.bytes_max {
                return Err(too_large(self.limits.bytes_max));
            }
            return Ok(data);
        }
    }
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.is_at_end().map_err(|failure| io::Error::other(failure.to_string()))? {
            return Ok(0);
        }
        let count = buffer.len().min(self.chunk.len());
        buffer[..count].copy_from_slice(&self.chunk.split_to(count));
        Ok(count)
    }
}

fn unwritable(error: io::Error) -> ApiError {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    let api = if full {
        ApiError::new(&codes::STORAGE_FULL, "there is no space left for the document")
    } else {
        ApiError::new(&codes::INTERNAL, "the document could not be written")
    };
    api.caused_by(error)
}

fn too_large(bytes_max: u64) -> ApiError {
    ApiError::new(&codes::BODY_TOO_LARGE, format!("the body has more than {bytes_max} bytes"))
}

fn incomplete() -> ApiError {
    ApiError::new(&codes::BODY_INCOMPLETE, "the connection ended before the body did")
}

fn timed_out(detail: &str) -> ApiError {
    ApiError::new(&codes::REQUEST_TIMEOUT, detail)
}
