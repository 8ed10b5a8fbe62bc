//! The id of a request: the caller's `X-Request-Id` where it is harmless, else a new UUIDv7. Answered in the same header,
//! written to every log line and problem document.

use std::convert::Infallible;
use std::fmt;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use crate::observe::Caller;

/// The header that carries the id, both ways.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken from a caller, in bytes.
pub const REQUEST_ID_BYTES_MAX: usize = 128;

/// The id of a request: 1 to 128 of `A-Z a-z 0-9 - _ . : / + =`, safe in headers, logs and JSON.
#[derive(Debug, Clone)]
pub struct RequestId(Text);

/// A generated id is copied, not shared: 36 bytes are cheaper than an allocation.
#[derive(Debug, Clone)]
enum Text {
    Given(HeaderValue),
    Generated([u8; 36]),
}

impl RequestId {
    /// The caller's id if there is exactly one and it is harmless, else a new one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut given = headers.get_all(X_REQUEST_ID).iter();
        match (given.next(), given.next()) {
            (Some(value), None) if is_harmless(value.as_bytes()) => Self(Text::Given(value.clone())),
            _ => Self::generate(),
        }
    }

    /// A new UUIDv7.
    #[must_use]
    pub fn generate() -> Self {
        let mut text = [0; 36];
        unique_v7().hyphenated().encode_lower(&mut text);
        Self(Text::Generated(text))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Given(value) => value.to_str().unwrap_or("-"),
            Text::Generated(text) => std::str::from_utf8(text).unwrap_or("-"),
        }
    }

    /// The id as a header's value.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        match &self.0 {
            Text::Given(value) => value.clone(),
            Text::Generated(text) => HeaderValue::from_bytes(text).unwrap_or(HeaderValue::from_static("-")),
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_harmless(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte);
    (1..=REQUEST_ID_BYTES_MAX).contains(&id.len()) && id.iter().all(plain)
}

/// A UUIDv7 whose random part is drawn once per process and then counted through a bijective mix: ids of a process never
/// repeat, and none costs a system call. They need to be unique, not secret.
fn unique_v7() -> Uuid {
    static SEED: LazyLock<[u8; 16]> = LazyLock::new(|| Uuid::now_v7().into_bytes());
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let mut start = [0; 8];
    start.copy_from_slice(&SEED[8..]);
    let mixed = mix(u64::from_le_bytes(start).wrapping_add(COUNTER.fetch_add(1, Ordering::Relaxed)));
    let mut random = [0; 10];
    random[..2].copy_from_slice(&SEED[6..8]);
    random[2..].copy_from_slice(&mixed.to_le_bytes());
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let millis = u64::try_from(since_epoch.as_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// The finaliser of SplitMix64.
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // The observer has put it there; without the observer (a router under test) the rule is the same.
        Ok(Caller::of(parts).map_or_else(|| Self::of(&parts.headers), |caller| caller.id.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&[u8]]) -> String {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(X_REQUEST_ID, HeaderValue::from_bytes(value).unwrap());
        }
        RequestId::of(&headers).as_str().to_owned()
    }

    #[test]
    fn takes_only_harmless_ids() {
        assert_eq!(of(&[b"order-4711/a:b_c.d+e="]), "order-4711/a:b_c.d+e=");
        let long = [b'a'; REQUEST_ID_BYTES_MAX];
        assert_eq!(of(&[&long]).len(), REQUEST_ID_BYTES_MAX);
        let refused: [&[&[u8]]; 7] =
            [&[], &[b""], &[b"a b"], &[b"<script>"], &[b"\xc3\xa4"], &[b"one", b"two"], &[&[b'a'; 129]]];
        for values in refused {
            let id = of(values);
            assert_eq!(Uuid::parse_str(&id).unwrap().get_version_num(), 7, "{values:?} gave {id}");
        }
    }

    #[test]
    fn generated_ids_differ() {
        let ids: std::collections::HashSet<_> = (0..10_000).map(|_| unique_v7()).collect();
        assert_eq!(ids.len(), 10_000);
    }
}
