//! `PATCH /v1/tasks/{name}`

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Problem, ValidPath};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_store::{Pausable, Role};

use crate::TasksHttp;
use crate::list_tasks::tasks;
use crate::resources::{Pause, Task, pause_end};

/// Disable a task, or enable it
///
/// Until then the task begins nothing, in all servers; its runs are taken in meanwhile, and those that have begun go on. Without a time,
/// or with null, it begins runs again. For operators whose role is operator or admin.
#[utoipa::path(patch, path = "/v1/tasks/{name}", operation_id = "patchTask", tag = "tasks",
    params(("name" = String, Path, description = "The task's name.", example = "documents.retention")),
    request_body(content = Pause, example = json!({"disabled_until": "2026-02-01T06:00:00Z"})),
    responses((status = 200, description = "The task.", body = Task, example = json!({"name": "documents.retention", "doc": "Removes documents that the profiles of their tenants no longer want kept.",
             "scope": "platform", "running_max": 1, "attempts_max": 20, "timeout_s": 21600, "disabled_until": "2026-02-01T06:00:00Z", "schedules": 1,
             "next_at": "2026-01-31T13:00:00Z",
             "runs": {"waiting": 0, "queued": 0, "running": 1, "succeeded": 411, "failed": 0, "cancelled": 0}}))))]
pub(crate) async fn patch_task(
    operator: Operator,
    State(state): State<Arc<TasksHttp>>,
    ValidPath(name): ValidPath<String>,
    request: Request,
) -> Result<Json<Task>, Problem> {
    operator.needs(Role::Operator)?;
    let pause: Pause = state.read(request).await?;
    let task = blocking(move || {
        let find = || Ok::<_, ApiError>(tasks(&state)?.into_iter().find(|task| task.name == name));
        let unknown = || ApiError::new(&codes::NOT_FOUND, format!("there is no task {name:?}"));
        find()?.ok_or_else(unknown)?;
        let until = pause_end(pause.disabled_until, state.tasks.time()?)?;
        let before = state.tasks.pause(Pausable::Task, &name, until)?;
        let (action, detail) = Pausable::Task.change(&name, before, until);
        state.record(&operator, action, None, detail)?;
        find()?.ok_or_else(unknown)
    });
    Ok(Json(task.await?))
}
