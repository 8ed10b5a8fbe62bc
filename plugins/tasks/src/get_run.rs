//! `GET /v1/runs/{id}`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Problem, ValidPath};

use crate::TasksHttp;
use crate::resources::Run;

/// A run
///
/// How it stands, how far it is, and what came of it. For operators.
#[utoipa::path(get, path = "/v1/runs/{id}", operation_id = "getRun", tag = "tasks",
    params(("id" = u64, Path, description = "The run's id.", example = 412)),
    responses((status = 200, description = "The run.", body = Run, example = json!({"id": 412, "task": "sources.pull", "tenant": "acme", "state": "running", "priority": 50, "attempts": 1,
             "attempts_max": 5, "progress": 0.25, "note": "500 of 2000 records", "is_cancelled": false, "by": "operator jo",
             "input": {"source": "shop"}, "worker": "019a4c3e-5a10-7c3e-9a53-0242ac120002",
             "created_at": "2026-01-31T12:00:00Z", "due_at": "2026-01-31T12:00:00Z", "started_at": "2026-01-31T12:00:00Z"}))))]
pub(crate) async fn get_run(
    _: Operator,
    State(state): State<Arc<TasksHttp>>,
    ValidPath(id): ValidPath<u64>,
) -> Result<Json<Run>, Problem> {
    Ok(Json(blocking(move || state.run(id)).await?.into()))
}
