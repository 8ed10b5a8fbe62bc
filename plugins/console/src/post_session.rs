//! `POST /v1/session`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use plugpoint_http::{Platform, Problem, Who};

use crate::resources::{SessionView, cookie};

/// What a proxy says of how it was reached.
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Logs a browser in
///
/// With the credentials of the request's `Authorization`, an operator's or a tenant's, and nothing in its body. The session is in a cookie
/// that no script reads and that is sent by pages of this server alone. It holds for `auth.session_hours`, until `DELETE`, or until the
/// credential is replaced or taken away. A credential has at most 32 sessions; one more ends the oldest. Credentials of a tenant's own
/// directory get none.
#[utoipa::path(post, path = "/v1/session", operation_id = "postSession", tag = "session",
    responses((status = 201, description = "The session, and its cookie.", body = SessionView, example = json!(
        {"kind": "operator", "name": "jo", "role": "operator", "csrf_token": "5f2c", "expires_at": "2026-01-31T20:00:00Z",
         "version": "0.1.0"}))))]
pub(crate) async fn post_session(
    who: Who,
    State(platform): State<Arc<Platform>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let opened = platform.log_in(&headers).await?;
    let seconds = u64::from(platform.config().auth.session_hours) * 60 * 60;
    let cookie = cookie(Some((&opened.token, seconds)), is_tls(&headers))?;
    let kept = HeaderValue::from_static("no-store");
    let view = Json(SessionView::new(&who, Some(&opened)));
    Ok((StatusCode::CREATED, [(SET_COOKIE, cookie), (CACHE_CONTROL, kept)], view).into_response())
}

pub(crate) fn is_tls(headers: &HeaderMap) -> bool {
    headers.get(FORWARDED_PROTO).is_some_and(|proto| proto.as_bytes().eq_ignore_ascii_case(b"https"))
}
