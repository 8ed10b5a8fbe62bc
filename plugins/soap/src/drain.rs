//! Keeps reading a body that nobody wants any more, for a while, so that its sender gets to read the answer.
//!
//! A client that writes its whole request before it reads sees a broken connection instead of the fault if the server
//! answers early and closes. Used by the routes for every envelope. What is read is thrown away, within bounds.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body_util::BodyExt;
use tokio::runtime::Handle;
use tokio::time::timeout;

const BYTES_MAX: usize = 64 * 1024 * 1024;
const TIME_MAX: Duration = Duration::from_secs(10);

/// The same body; what is left of it when it is dropped is read and thrown away.
pub(crate) fn drained_on_drop(body: Body) -> Body {
    Body::new(Drained { body: Some(body), has_ended: false, has_begun: false })
}

struct Drained {
    body: Option<Body>,
    has_ended: bool,
    has_begun: bool,
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
        self.has_begun = true;
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
        // A body nobody began to read may belong to a client that waits for 100 Continue; it shall not get it.
        let is_done = self.has_ended || !self.has_begun || self.is_end_stream();
        let (Some(mut body), Ok(runtime), false) = (self.body.take(), Handle::try_current(), is_done) else { return };
        let drain = async move {
            let mut bytes_left = BYTES_MAX;
            while let Some(Ok(frame)) = body.frame().await {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                let Some(left) = bytes_left.checked_sub(bytes) else { break };
                bytes_left = left;
            }
        };
        runtime.spawn(async move {
            // Over time or over bytes is the same: the connection ends, and the client has had its chance.
            let _ = timeout(TIME_MAX, drain).await;
        });
    }
}
