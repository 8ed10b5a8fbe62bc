//! `POST /v1/runs/{id}/cancel`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Problem, ValidPath};
use plugpoint_store::{Role, Tasks};

use crate::TasksHttp;
use crate::resources::Run;

/// Cancel a run
///
/// One that waits ends at once; one that runs is told to end, which `is_cancelled` says until it has. One that has ended stays as it is. For
/// operators whose role is operator or admin.
#[utoipa::path(post, path = "/v1/runs/{id}/cancel", operation_id = "cancelRun", tag = "tasks",
    params(("id" = u64, Path, description = "The run's id.", example = 412)),
    responses((status = 200, description = "The run.", body = Run, example = json!({"id": 412, "task": "sources.pull", "tenant": "acme", "state": "running", "priority": 50, "attempts": 1,
             "attempts_max": 5, "progress": 0.25, "note": "500 of 2000 records", "is_cancelled": true, "by": "operator jo",
             "input": {"source": "shop"}, "worker": "019a4c3e-5a10-7c3e-9a53-0242ac120002",
             "created_at": "2026-01-31T12:00:00Z", "due_at": "2026-01-31T12:00:00Z", "started_at": "2026-01-31T12:00:00Z"}))))]
pub(crate) async fn cancel_run(
    operator: Operator,
    State(state): State<Arc<TasksHttp>>,
    ValidPath(id): ValidPath<u64>,
) -> Result<Json<Run>, Problem> {
    operator.needs(Role::Operator)?;
    let run = blocking(move || state.change_run(id, &operator, "task cancel", Tasks::cancel_run));
    Ok(Json(run.await?.into()))
}
