//! JSON answers, most of them tagged by their content.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use plugpoint_http::answers::Tagged;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

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
