//! `POST /v1/runs/{id}/restart`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Problem, ValidPath};
use plugpoint_store::{Role, Tasks};

use crate::TasksHttp;
use crate::resources::Run;

/// Have a run done again
///
/// A run that has ended, however it did, begins again with as many attempts as it had at first. One that has not ended is done anyway: the
/// answer is the run as it is. One that was wanted again meanwhile, and has not ended, is done by that run. For operators whose role is
/// operator or admin.
#[utoipa::path(post, path = "/v1/runs/{id}/restart", operation_id = "restartRun", tag = "tasks",
    params(("id" = u64, Path, description = "The run's id.", example = 412)),
    responses((status = 200, description = "The run.", body = Run, example = json!({"id": 412, "task": "sources.pull", "tenant": "acme", "state": "queued", "priority": 50, "attempts": 0,
             "attempts_max": 5, "progress": 0.0, "is_cancelled": false, "by": "operator jo",
             "input": {"source": "shop"}, "created_at": "2026-01-31T12:00:00Z", "due_at": "2026-01-31T12:00:00Z"}))))]
pub(crate) async fn restart_run(
    operator: Operator,
    State(state): State<Arc<TasksHttp>>,
    ValidPath(id): ValidPath<u64>,
) -> Result<Json<Run>, Problem> {
    operator.needs(Role::Operator)?;
    let run = blocking(move || state.change_run(id, &operator, "task restart", Tasks::restart_run));
    Ok(Json(run.await?.into()))
}
