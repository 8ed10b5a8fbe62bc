//! `GET /v1/runs`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Problem, ValidQuery};
use plugpoint_store::RunFilter;

use crate::TasksHttp;
use crate::resources::{Run, RunList, RunQuery, tenant_of};

/// Runs of tasks
///
/// The last first, of all tasks and tenants or those that are asked for. Those that come behind a page are had with `before`, which its
/// `next_before` is. For operators.
#[utoipa::path(get, path = "/v1/runs", operation_id = "listRuns", tag = "tasks", params(RunQuery),
    responses((status = 200, description = "The runs.", body = RunList, example = json!({"runs": [
            {"id": 412, "task": "sources.pull", "tenant": "acme", "state": "running", "priority": 50, "attempts": 1,
             "attempts_max": 5, "progress": 0.25, "note": "500 of 2000 records", "is_cancelled": false, "by": "operator jo",
             "input": {"source": "shop"}, "worker": "019a4c3e-5a10-7c3e-9a53-0242ac120002",
             "created_at": "2026-01-31T12:00:00Z", "due_at": "2026-01-31T12:00:00Z", "started_at": "2026-01-31T12:00:00Z"}]}))))]
pub(crate) async fn list_runs(
    _: Operator,
    State(state): State<Arc<TasksHttp>>,
    ValidQuery(query): ValidQuery<RunQuery>,
) -> Result<Json<RunList>, Problem> {
    let tenant = tenant_of(query.tenant.as_deref())?;
    let limit = query.limit;
    let runs = blocking(move || {
        let filter = RunFilter {
            task: query.task.as_deref(),
            tenant: tenant.as_ref(),
            state: query.state.map(Into::into),
            before: query.before.map(|before| i64::try_from(before).unwrap_or(i64::MAX)),
        };
        Ok(state.tasks.runs(&filter, limit + 1)?)
    });
    let mut runs: Vec<Run> = runs.await?.into_iter().map(Run::from).collect();
    let has_more = runs.len() > limit as usize;
    runs.truncate(limit as usize);
    let next_before = runs.last().map(|run| run.id).filter(|_| has_more);
    Ok(Json(RunList { runs, next_before }))
}
