//! Patience with a body that nobody wants any more: it is read for a while and thrown away, so that its sender gets to read
//! the answer.
//!
//! A client that writes its whole request before it reads sees a broken connection instead of a 401, 413 or 415 if the server
//! answers early and closes with bytes unread (TCP resets then). Used by the observer for every request with a body; the
//! bounds are `limits.unread_body_bytes_max` and `limits.unread_body_timeout_s`.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::EXPECT;
use http_body_util::BodyExt;
use plugpoint_config::LimitsSection;
use tokio::runtime::Handle;
use tokio::time::timeout;

/// How much of an unwanted body is read.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    bytes_max: u64,
    time_max: Duration,
}

impl Patience {
    pub(crate) fn of(limits: &LimitsSection) -> Self {
        Self { bytes_max: limits.unread_body_bytes_max, time_max: Duration::from_secs(limits.unread_body_timeout_s) }
    }

    /// The same request; what is left of its body when that is dropped is read and thrown away.
    pub(crate) fn with(self, request: Request) -> Request {
        // A client that waits for 100 Continue sends nothing that could be in its way, and shall not be told to.
        let is_coming = !request.headers().contains_key(EXPECT);
        request.map(|body| Body::new(Drained { body: Some(body), is_coming, has_ended: false, patience: self }))
    }
}

struct Drained {
    body: Option<Body>,
    is_coming: bool,
    has_ended: bool,
    patience: Patience,
}

impl HttpBody for Drained {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        let polled = Pin::new(body).poll_frame(cx);
        self.is_coming = true;
        self.has_ended |= matches!(polled, Poll::Ready(None | Some(Err(_))));
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let is_done = self.has_ended || !self.is_coming || self.is_end_stream();
        let (Some(mut body), Ok(runtime), false) = (self.body.take(), Handle::try_current(), is_done) else { return };
        let Patience { bytes_max, time_max } = self.patience;
        let drain = async move {
            let mut bytes_left = bytes_max;
            while let Some(Ok(frame)) = body.frame().await {
                let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
                let Some(left) = bytes_left.checked_sub(bytes) else { break };
                bytes_left = left;
            }
        };
        runtime.spawn(async move {
            // Over time or over bytes is the same: the connection ends, and the client has had its chance.
            let _ = timeout(time_max, drain).await;
        });
    }
}
