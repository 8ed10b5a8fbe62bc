//! `POST /v1/deployments`

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Problem};
use plugpoint_store::Role;

use crate::TasksHttp;
use crate::resources::{Deployment, NewDeployment};

/// Set a mark on the timeline
///
/// Says that something was put into service: a version of the platform, of a customer, of what is around them. For operators whose role is
/// operator or admin.
#[utoipa::path(post, path = "/v1/deployments", operation_id = "postDeployment", tag = "tasks",
    request_body(content = NewDeployment, example = json!({"version": "1.4.0", "note": "canary of acme"})),
    responses((status = 201, description = "The mark.", body = Deployment, example = json!({"id": 3, "at": "2026-01-31T12:00:00Z", "version": "1.4.0", "note": "canary of acme", "by": "operator jo"}))))]
pub(crate) async fn post_deployment(
    operator: Operator,
    State(state): State<Arc<TasksHttp>>,
    request: Request,
) -> Result<(StatusCode, Json<Deployment>), Problem> {
    operator.needs(Role::Operator)?;
    let new: NewDeployment = state.read(request).await?;
    let row = blocking(move || {
        let by = format!("operator {}", operator.name);
        let row = state.tasks.mark_deployment(&new.version, &new.note, &by)?;
        state.record(&operator, "deployment mark", None, new.version)?;
        Ok(row)
    });
    Ok((StatusCode::CREATED, Json(row.await?.into())))
}
