//! Request bodies, bounded in bytes and time: as a blocking reader for documents of any size, as bytes for small ones.
//!
//! A packed body (gzip, deflate) is unpacked on the way, so that nobody else knows that it was; its limits hold for what is sent
//! and for what that unpacks to.
//! Nothing is read before it is asked for, so an answer that needs no body (401, 413 by `Content-Length`) costs none and a
//! client with `Expect: 100-continue` never sends it.

use std::io::{self, Read, Write};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::coding::{Coding, UnpackLimits, Unpacker};

/// The bounds of one body.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimits {
    /// Bytes, at most: as sent, and unpacked.
    pub bytes_max: u64,
    /// How many times larger a packed body may become, beyond its first MiB.
    pub unpack_ratio_max: u64,
    /// Members of a gzip stream, at most.
    pub gzip_members_max: u64,
    /// Time without a byte, at most.
    pub idle_max: Duration,
    /// Time from the first to the last byte, at most.
    pub total_max: Duration,
}

impl BodyLimits {
    fn unpacking(&self) -> UnpackLimits {
        UnpackLimits { ratio_max: self.unpack_ratio_max, members_max: self.gzip_members_max }
    }
}

/// A request's body and how it is packed, so that nobody takes packed bytes for a document.
pub struct RequestBody {
    body: Body,
    coding: Option<Coding>,
}

impl RequestBody {
    /// The body of a request with these headers. Reads nothing.
    ///
    /// # Errors
    /// `media_type_unsupported` for a coding that is not taken; the answer is to be given to [`crate::tell_codings`].
    pub fn of(headers: &HeaderMap, body: Body) -> Result<Self, ApiError> {
        Ok(Self { body, coding: Coding::of(headers)? })
    }

    /// A body that is not packed.
    #[must_use]
    pub fn plain(body: impl Into<Body>) -> Self {
        Self { body: body.into(), coding: None }
    }

    /// The bytes that its sender announces, as they are sent: a packed body becomes more.
    #[must_use]
    pub fn announced_bytes(&self) -> Option<u64> {
        self.body.size_hint().exact()
    }

    /// Whether it is larger than allowed by what its sender announces.
    fn announces_more_than(&self, bytes_max: u64) -> bool {
        self.body.size_hint().lower() > bytes_max
    }
}

/// A request body as a [`Read`] for a thread that may block. Made by [`receive`].
pub struct BodyReader {
    runtime: Handle,
    body: Body,
    unpacker: Option<Box<Unpacker>>,
    /// Arrived and still packed.
    packed: Bytes,
    chunk: Bytes,
    arrived: u64,
    received: u64,
    limits: BodyLimits,
    deadline: Instant,
    failure: Option<ApiError>,
}

/// Runs `job` on a thread that may block, with the body streamed to it.
///
/// # Errors
/// What broke the body (`body_too_large`, `body_incomplete`, `request_timeout`, and `document_malformed` or `limit_exceeded`
/// where it is packed) if the body broke, whatever the job made of it; else the job's own error; `internal` if the job panicked.
pub async fn receive<T, F>(body: RequestBody, limits: BodyLimits, job: F) -> Result<T, ApiError>
where
    T: Send + 'static,
    F: FnOnce(&mut BodyReader) -> Result<T, ApiError> + Send + 'static,
{
    if body.announces_more_than(limits.bytes_max) {
        return Err(too_large(limits.bytes_max));
    }
    let runtime = Handle::current();
    blocking(move || {
        let mut reader = BodyReader::new(runtime, body, limits);
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
/// `body_too_large`, `body_incomplete`, `request_timeout`; of a packed one also `document_malformed` and `limit_exceeded`.
pub async fn bytes(body: RequestBody, limits: BodyLimits) -> Result<Bytes, ApiError> {
    if body.announces_more_than(limits.bytes_max) {
        return Err(too_large(limits.bytes_max));
    }
    let RequestBody { body, coding } = body;
    let bytes_max = usize::try_from(limits.bytes_max).unwrap_or(usize::MAX);
    let sent = match timeout(limits.total_max, Limited::new(body, bytes_max).collect()).await {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(too_large(limits.bytes_max)),
        Ok(Err(error)) => return Err(incomplete().caused_by(error)),
        Err(_) => return Err(timed_out("the body did not arrive in time")),
    };
    match coding {
        None => Ok(sent),
        Some(coding) => blocking(move || unpacked(coding, sent, limits)).await,
    }
}

fn unpacked(coding: Coding, mut packed: Bytes, limits: BodyLimits) -> Result<Bytes, ApiError> {
    let (mut unpacker, mut all) = (Unpacker::new(coding, limits.unpacking()), Vec::new());
    loop {
        let piece = unpacker.unpack(&mut packed)?;
        if piece.is_empty() {
            unpacker.end()?;
            return Ok(all.into());
        }
        if (all.len() + piece.len()) as u64 > limits.bytes_max {
            return Err(too_large(limits.bytes_max));
        }
        all.extend_from_slice(&piece);
    }
}

impl BodyReader {
    fn new(runtime: Handle, body: RequestBody, limits: BodyLimits) -> Self {
        let RequestBody { body, coding } = body;
        Self {
            runtime,
            body,
            unpacker: coding.map(|coding| Box::new(Unpacker::new(coding, limits.unpacking()))),
            packed: Bytes::new(),
            chunk: Bytes::new(),
            arrived: 0,
            received: 0,
            limits,
            deadline: Instant::now() + limits.total_max,
            failure: None,
        }
    }

    /// Bytes read so far, unpacked.
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
    /// As for reading; the platform's error with which `out` refuses, else `storage_full` or `internal`.
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

    /// The next bytes, unpacked; empty at the end.
    fn next_chunk(&mut self) -> Result<Bytes, ApiError> {
        let chunk = if self.unpacker.is_some() { self.next_unpacked()? } else { self.next_sent()? };
        self.received += chunk.len() as u64;
        if self.received > self.limits.bytes_max {
            return Err(too_large(self.limits.bytes_max));
        }
        Ok(chunk)
    }

    fn next_unpacked(&mut self) -> Result<Bytes, ApiError> {
        loop {
            let Some(unpacker) = &mut self.unpacker else { return Ok(Bytes::new()) };
            let chunk = unpacker.unpack(&mut self.packed)?;
            if !chunk.is_empty() {
                return Ok(chunk);
            }
            self.packed = self.next_sent()?;
            if self.packed.is_empty() {
                return self.unpacker.as_ref().map_or(Ok(()), |unpacker| unpacker.end()).map(|()| Bytes::new());
            }
        }
    }

    /// The next bytes as they are sent; empty at the end.
    fn next_sent(&mut self) -> Result<Bytes, ApiError> {
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
            self.arrived += data.len() as u64;
            if self.arrived > self.limits.bytes_max {
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
    let error = match error.downcast::<ApiError>() {
        Ok(refusal) => return refusal,
        Err(error) => error,
    };
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
