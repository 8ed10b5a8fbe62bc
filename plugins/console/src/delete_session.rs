//! `DELETE /v1/session`

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use plugpoint_http::{Platform, Problem, Who};

use crate::post_session::is_tls;
use crate::resources::cookie;

/// Logs a browser out
///
/// The session ends at once, at every server. Without one nothing happens.
#[utoipa::path(delete, path = "/v1/session", operation_id = "deleteSession", tag = "session",
    responses((status = 204, description = "There is no session any more.")))]
pub(crate) async fn delete_session(
    _: Who,
    State(platform): State<Arc<Platform>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    platform.log_out(&headers).await?;
    Ok((StatusCode::NO_CONTENT, [(SET_COOKIE, cookie(None, is_tls(&headers))?)]).into_response())
}
