//! JSON answers with an entity tag, and the 304 that saves sending them again.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use plugpoint_http::conditional;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A body with its tag and length, ready to be answered any number of times: one allocation, of which the parts are views.
#[derive(Clone)]
pub(super) struct Tagged {
    pub(super) body: Bytes,
    etag: HeaderValue,
    length: HeaderValue,
}

impl Tagged {
    /// `etag` without quotes; printable ASCII, as the store's are.
    pub(super) fn new(body: &[u8], etag: &str) -> Result<Self, ApiError> {
        let length = body.len().to_string();
        let (quoted, head) = (etag.len() + 2, etag.len() + 2 + length.len());
        let mut block = Vec::with_capacity(head + body.len());
        for part in [b"\"", etag.as_bytes(), b"\"", length.as_bytes(), body] {
            block.extend_from_slice(part);
        }
        let block = Bytes::from(block);
        let value = |part| HeaderValue::from_maybe_shared(block.slice(part));
        let unfit = |error| ApiError::new(&codes::INTERNAL, "the tag cannot be answered").caused_by(error);
        let (etag, length) = (value(0..quoted).map_err(unfit)?, value(quoted..head).map_err(unfit)?);
        Ok(Self { body: block.slice(head..), etag, length })
    }

    /// The answer: 304 if the request names the tag.
    pub(super) fn answer(self, request: &HeaderMap) -> Response {
        let opaque = self.etag.to_str().unwrap_or_default().trim_matches('"');
        let condition = conditional::if_none_match(request);
        let is_known = condition.as_ref().is_some_and(|condition| condition.holds_for(Some(opaque)));
        let known = condition.as_ref().and_then(|condition| condition.matching(opaque)).and_then(conditional::etag);
        let mut response = Response::new(if is_known { Body::empty() } else { Body::from(self.body) });
        let headers = response.headers_mut();
        // Room for what comes here and what the observer adds, at once.
        headers.reserve(6);
        headers.insert(ETAG, known.unwrap_or(self.etag));
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            headers.insert(CONTENT_TYPE, JSON);
            headers.insert(CONTENT_LENGTH, self.length);
        }
        response
    }
}

/// A listing or a view, tagged by its content.
pub(super) fn json<T: Serialize>(request: &HeaderMap, value: &T) -> Result<Response, ApiError> {
    hashed(request, &serialized(value)?)
}

/// Ready-made JSON, tagged by its content.
pub(super) fn hashed(request: &HeaderMap, body: &[u8]) -> Result<Response, ApiError> {
    Ok(Tagged::new(body, &blake3::hash(body).to_hex()[..32])?.answer(request))
}

/// JSON that is there already, without looking at conditions.
pub(super) fn ready(body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// JSON without a tag, for what changes from moment to moment.
pub(super) fn plain<T: Serialize>(status: StatusCode, value: &T) -> Result<Response, ApiError> {
    let mut response = Response::new(Body::from(serialized(value)?));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    Ok(response)
}

pub(super) fn serialized<T: Serialize>(value: &T) -> Result<Vec<u8>, ApiError> {
    let failed = |error| ApiError::new(&codes::INTERNAL, "the answer could not be written").caused_by(error);
    serde_json::to_vec(value).map_err(failed)
}
