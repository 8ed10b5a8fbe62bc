//! RFC 9457 problem documents: the one form in which REST tells an error.
//!
//! A handler returns [`Problem`]; the observer completes it with the request id, because only it knows both. The operator's
//! part of an error (its source chain) is logged there and never written here.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::{ApiError, FieldError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::coding::tell_codings;
use crate::request_id::RequestId;

/// The media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// An error on its way to a REST client.
#[derive(Debug)]
pub struct Problem(pub ApiError);

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

/// The error behind a response, for the observer: completed with the request id, logged once, removed.
#[derive(Clone)]
pub(crate) struct Reported(pub(crate) Arc<ApiError>);

/// What went wrong, as RFC 9457 has it.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "/docs/errors/request_invalid",
    "title": "The request breaks a declared rule",
    "status": 400,
    "detail": "1 field breaks a declared rule",
    "code": "request_invalid",
    "request_id": "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11",
    "errors": [{"pointer": "/texts", "code": "field_length", "message": "has 0 entries, at least 1 is required"}]
}))]
pub struct ProblemDocument<'a> {
    /// Where the code is explained; a reference relative to the server.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short title, the same for every occurrence of the code.
    pub title: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, in one sentence.
    pub detail: &'a str,
    /// The stable code to branch on.
    pub code: &'a str,
    /// The id of this request; the operator finds it in the logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'a str>,
    /// Every violated rule, when the request was invalid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<ProblemField<'a>>,
}

/// One violated rule of a request.
#[derive(Serialize, ToSchema)]
#[schema(as = ProblemField)]
pub struct ProblemField<'a> {
    /// JSON pointer into the body (`/texts/0/title`), or `?name` for a query parameter.
    pub pointer: &'a str,
    /// Stable code such as `field_length`.
    pub code: &'a str,
    /// What is wrong, in one sentence.
    pub message: &'a str,
}

impl<'a> From<&'a FieldError> for ProblemField<'a> {
    fn from(error: &'a FieldError) -> Self {
        Self { pointer: &error.pointer, code: &error.code, message: &error.message }
    }
}

/// The document of an error. `request_id` is absent only where no request is known.
#[must_use]
pub fn document<'a>(error: &'a ApiError, request_id: Option<&'a str>) -> ProblemDocument<'a> {
    ProblemDocument {
        kind: format!("/docs/errors/{}", error.code.name),
        title: error.code.title,
        status: error.code.status,
        detail: &error.detail,
        code: error.code.name,
        request_id,
        errors: error.errors.iter().map(ProblemField::from).collect(),
    }
}

fn body(error: &ApiError, request_id: Option<&str>) -> Vec<u8> {
    // Serialising strings and numbers cannot fail; an empty body would still carry status and request id.
    serde_json::to_vec(&document(error, request_id)).unwrap_or_default()
}

/// Puts the request id into the problem document of a response that is one, and hands the error over for the log.
pub(crate) fn complete(response: &mut Response, method: &Method, request_id: &RequestId) -> Option<Arc<ApiError>> {
    let Reported(error) = response.extensions_mut().remove::<Reported>()?;
    let text = body(&error, Some(request_id.as_str()));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    *response.body_mut() = if method == Method::HEAD { Body::empty() } else { Body::from(text) };
    Some(error)
}

/// Names a scheme that no browser knows in place of those for which it would show a dialog of its own.
pub(crate) fn ask_in_page(response: &mut Response) {
    if response.headers().contains_key(WWW_AUTHENTICATE) {
        let challenge = HeaderValue::from_static(r#"Session realm="plugpoint""#);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let mut response = Response::new(Body::from(body(&error, None)));
        *response.status_mut() = StatusCode::from_u16(error.code.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = error.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if *error.code == codes::UNAUTHENTICATED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Basic realm="plugpoint", charset="UTF-8""#));
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="plugpoint""#));
        }
        tell_codings(&error, headers);
        response.extensions_mut().insert(Reported(Arc::new(error)));
        response
    }
}
