//! `GET /v1/session`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use plugpoint_http::{Platform, Problem, Who};

use crate::resources::SessionView;

/// Who this request stands for
///
/// By its credentials, or by the session of its cookie. A page that is loaded anew gets its `csrf_token` here.
#[utoipa::path(get, path = "/v1/session", operation_id = "getSession", tag = "session",
    responses((status = 200, description = "Who it is.", body = SessionView, example = json!(
        {"kind": "operator", "name": "jo", "role": "operator", "csrf_token": "5f2c", "expires_at": "2026-01-31T20:00:00Z",
         "version": "0.1.0"}))))]
pub(crate) async fn get_session(
    who: Who,
    State(platform): State<Arc<Platform>>,
    headers: HeaderMap,
) -> Result<Json<SessionView>, Problem> {
    let opened = platform.session(&headers).await?;
    Ok(Json(SessionView::new(&who, opened.as_ref())))
}
