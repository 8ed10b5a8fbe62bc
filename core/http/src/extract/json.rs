//! JSON bodies: read within limits, parsed strictly, checked against their declared rules.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::{ApiError, FieldError};
use plugpoint_sdk::schema::Check;
use serde::de::DeserializeOwned;

use crate::body::{self, BodyLimits, RequestBody};
use crate::media_type::MediaType;

/// A JSON body of type `T` that keeps all of T's declared rules.
#[derive(Debug)]
pub struct ValidJson<T>(pub T);

impl<T: DeserializeOwned + Check> ValidJson<T> {
    /// Reads and checks the request's body.
    ///
    /// # Errors
    /// `media_type_unsupported`, those of [`body::bytes`], those of [`json`], and `request_invalid` with every violated rule.
    pub async fn read(request: Request, limits: BodyLimits) -> Result<Self, ApiError> {
        let value: T = json(request, limits).await?;
        value.check().map_err(invalid)?;
        Ok(Self(value))
    }
}

/// Reads a JSON body without checking its rules, for a type that is checked elsewhere.
///
/// # Errors
/// `media_type_unsupported` unless it is `application/json` or `+json`; `document_malformed` with line and column if it is
/// not JSON; `request_invalid` with a pointer if a field is missing, unknown or of another type.
pub async fn json<T: DeserializeOwned>(request: Request, limits: BodyLimits) -> Result<T, ApiError> {
    expect_json(request.headers())?;
    let (parts, body) = request.into_parts();
    let bytes = body::bytes(RequestBody::of(&parts.headers, body)?, limits).await?;
    if bytes.is_empty() {
        return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, "the body is empty"));
    }
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| refused(&error))?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn expect_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let media = MediaType::of(headers)?;
    match media {
        Some(media) if media.is_json() => Ok(()),
        Some(media) => {
            let detail = format!("{} is not read here; send application/json", media.essence);
            Err(ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, detail))
        }
        None => {
            let detail = format!("the request has no {CONTENT_TYPE}; send application/json");
            Err(ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, detail))
        }
    }
}

fn refused(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let inner = error.inner();
    if !inner.is_data() {
        return malformed(inner);
    }
    let pointer = pointer(error.path());
    let message = sentence(inner);
    let code = match message.as_str() {
        text if text.starts_with("unknown field") => "field_unknown",
        text if text.starts_with("missing field") => "field_required",
        _ => "field_invalid",
    };
    invalid(vec![FieldError { pointer, code: code.to_owned(), message }])
}

fn malformed(error: &serde_json::Error) -> ApiError {
    let detail = format!("the body is not JSON: line {}, column {}: {}", error.line(), error.column(), sentence(error));
    ApiError::new(&codes::DOCUMENT_MALFORMED, detail)
}

/// The message without the position that serde_json appends.
fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
            Segment::Enum { variant } => pointer.push_str(&format!("/{variant}")),
            Segment::Unknown => {}
        }
    }
    pointer
}

/// `request_invalid` with these violated rules.
#[must_use]
pub fn invalid(errors: Vec<FieldError>) -> ApiError {
    let detail = match errors.as_slice() {
        [only] => only.message.clone(),
        several => format!("{} rules are violated", several.len()),
    };
    ApiError::new(&codes::REQUEST_INVALID, detail).with_errors(errors)
}
