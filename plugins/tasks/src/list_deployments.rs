//! `GET /v1/deployments`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Problem, ValidQuery};

use crate::TasksHttp;
use crate::resources::{Deployment, DeploymentList, LimitQuery};

/// Marks on the timeline
///
/// What was put into service and when, the last first. A server that starts with another version than the last mark has, sets one by
/// itself. For operators.
#[utoipa::path(get, path = "/v1/deployments", operation_id = "listDeployments", tag = "tasks", params(LimitQuery),
    responses((status = 200, description = "The marks.", body = DeploymentList, example = json!({"deployments": [
        {"id": 3, "at": "2026-01-31T12:00:00Z", "version": "1.4.0", "note": "canary of acme", "by": "operator jo"}]}))))]
pub(crate) async fn list_deployments(
    _: Operator,
    State(state): State<Arc<TasksHttp>>,
    ValidQuery(query): ValidQuery<LimitQuery>,
) -> Result<Json<DeploymentList>, Problem> {
    let rows = blocking(move || Ok(state.tasks.deployments(query.limit)?)).await?;
    Ok(Json(DeploymentList { deployments: rows.into_iter().map(Deployment::from).collect() }))
}
