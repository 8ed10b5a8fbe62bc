//! JSON answers with an entity tag, and the 304 that saves sending them again.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use plugpoint_http::conditional;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A resource with the tag that the store gave it.
pub(super) fn tagged(request: &HeaderMap, body: Bytes, etag: &str, etag_header: HeaderValue) -> Response {
    let condition = conditional::if_none_match(request);
    let is_known = condition.as_ref().is_some_and(|condition| condition.holds_for(Some(etag)));
    let known = condition.as_ref().and_then(|condition| condition.matching(etag)).and_then(conditional::etag);
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(body) });
    // Room for what comes here and what the observer adds, at once.
    response.headers_mut().reserve(6);
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        response.headers_mut().insert(CONTENT_TYPE, JSON);
    }
    response.headers_mut().insert(ETAG, known.unwrap_or(etag_header));
    response
}

/// A listing or a view, tagged by its content.
pub(super) fn json<T: Serialize>(request: &HeaderMap, value: &T) -> Result<Response, ApiError> {
    Ok(hashed(request, serialized(value)?.into()))
}

/// Ready-made JSON, tagged by its content.
pub(super) fn hashed(request: &HeaderMap, body: Bytes) -> Response {
    let hash = blake3::hash(&body).to_hex();
    let etag = &hash[..32];
    let header = conditional::etag(etag).unwrap_or(HeaderValue::from_static("\"-\""));
    tagged(request, body, etag, header)
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
