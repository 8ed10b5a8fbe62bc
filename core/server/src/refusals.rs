//! The log lines of requests that nobody has seen: hyper answers a head that cannot be read, or is too large, by itself. Called by
//! the listener when a connection has ended with an error.
//!
//! Strangers cause these lines, so there are only so many in a minute; the rest is counted, and the next line tells how many it
//! stands for. A client that goes away or falls silent is no refusal and gets none.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use plugpoint_sdk::codes::{self, Code};

/// How many lines there are in a period, at most.
const LINES_MAX: u32 = 20;
const PERIOD: Duration = Duration::from_secs(60);

/// What was written lately.
#[derive(Default)]
pub(crate) struct Refusals {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When the period began; none before the first line.
    began: Option<Instant>,
    lines: u32,
    /// Refused since the last line.
    untold: u64,
}

impl Refusals {
    /// Logs why the connection of `peer` has ended: at info if its request was refused, as far as there is room, else at debug.
    pub(crate) fn tell(&self, peer: SocketAddr, error: &(dyn Error + Send + Sync + 'static)) {
        let Some(code) = code(error) else {
            tracing::debug!(%error, "connection ended early");
            return;
        };
        if let Some(others) = self.room(Instant::now()) {
            let (peer, code) = (peer.ip(), code.name);
            tracing::info!(%peer, code, cause = %error, others, "request unreadable");
        }
    }

    /// Whether a line may be written now; with how many there were none for since the last one.
    fn room(&self, now: Instant) -> Option<u64> {
        // A panic elsewhere cannot leave it half changed.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.began.is_none_or(|began| now.saturating_duration_since(began) >= PERIOD) {
            state.began = Some(now);
            state.lines = 0;
        }
        if state.lines == LINES_MAX {
            state.untold += 1;
            return None;
        }
        state.lines += 1;
        Some(std::mem::take(&mut state.untold))
    }
}

/// What a request was refused for; none if that is not why its connection has ended.
fn code(error: &(dyn Error + 'static)) -> Option<&'static Code> {
    let error = error.downcast_ref::<hyper::Error>()?;
    if error.is_parse_too_large() {
        Some(&codes::LIMIT_EXCEEDED)
    } else if error.is_parse() {
        Some(&codes::REQUEST_INVALID)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Body;
    use hyper::body::Incoming;
    use hyper::service::service_fn;
    use hyper::{Request, Response};
    use hyper_util::rt::TokioIo;
    use tokio::io::AsyncWriteExt;

    use super::*;

    /// The code of what ends a connection on which these bytes come.
    async fn ended_by(bytes: &[u8]) -> Option<&'static str> {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        client.write_all(bytes).await.unwrap();
        client.shutdown().await.unwrap();
        let service = service_fn(|_: Request<Incoming>| async { Ok::<_, Infallible>(Response::new(Body::empty())) });
        let connection = hyper::server::conn::http1::Builder::new()
            .half_close(true)
            .max_buf_size(8192)
            .serve_connection(TokioIo::new(server), service);
        connection.await.err().and_then(|error| code(&error)).map(|code| code.name)
    }

    #[tokio::test]
    async fn a_head_that_hyper_refuses_has_a_code_and_a_client_that_goes_has_none() {
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(200));
        let large = format!("GET / HTTP/1.1\r\na: {}\r\n\r\n", "b".repeat(20_000));
        let uri = format!("GET /{} HTTP/1.1\r\n\r\n", "b".repeat(70_000));
        for (bytes, expected) in [
            ("GET / HTTP/1.1\r\n\r\n", None),
            ("GET / HTTP/1.1\r\nHost", None),
            ("", None),
            ("\u{16}\u{3}\u{1}\u{2}hello\r\n\r\n", Some("request_invalid")),
            ("GET  / HTTP/1.1\r\n\r\n", Some("request_invalid")),
            ("GET / HTTP/9.9\r\n\r\n", Some("request_invalid")),
            ("GET / HTTP/1.1\r\na b: c\r\n\r\n", Some("request_invalid")),
            ("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", Some("request_invalid")),
            (&many, Some("limit_exceeded")),
            (&large, Some("limit_exceeded")),
            (&uri, Some("limit_exceeded")),
        ] {
            let shown: String = bytes.chars().take(40).collect();
            assert_eq!(ended_by(bytes.as_bytes()).await, expected, "{shown:?}");
        }
    }

    #[test]
    fn a_flood_has_as_many_lines_as_there_are_and_the_next_period_tells_the_rest() {
        let (refusals, began) = (Refusals::default(), Instant::now());
        for _ in 0..LINES_MAX {
            assert_eq!(refusals.room(began), Some(0));
        }
        let end = began + PERIOD.saturating_sub(Duration::from_millis(1));
        for _ in 0..1000 {
            assert_eq!(refusals.room(end), None);
        }
        assert_eq!(refusals.room(began + PERIOD), Some(1000));
        assert_eq!(refusals.room(began + PERIOD), Some(0), "told once");
        for _ in 2..LINES_MAX {
            assert!(refusals.room(end + PERIOD).is_some());
        }
        assert_eq!(refusals.room(end + PERIOD), None);
        assert_eq!(refusals.room(began), None, "a clock that goes back opens no period");
    }
}
