//! The language of an answer to people: what the request accepts, else what the tenant's profile says.
//!
//! Such an answer says in which language it is and that it depends on the request; it never goes into the memory of answers.

use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_LANGUAGE, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use plugpoint_http::Principal;
use plugpoint_messages::{Texts, chosen};

/// The texts for a request.
pub(super) fn texts(principal: &Principal, request: &HeaderMap) -> &'static Texts {
    let accepted = request.get_all(ACCEPT_LANGUAGE).into_iter().filter_map(|line| line.to_str().ok());
    Texts::of(chosen(accepted, &principal.runtime.profile.catalog.report_language))
}

/// The answer with its language.
pub(super) fn told(mut response: Response, texts: &Texts) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(texts.language().code()));
    headers.append(VARY, HeaderValue::from_static("Accept-Language"));
    response
}
