//! `GET /v1/tasks`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Problem};
use plugpoint_sdk::error::ApiError;
use plugpoint_store::{ScheduleRow, TaskCounts};

use crate::TasksHttp;
use crate::resources::{RunCounts, Task, TaskList, TaskScope};

/// The tasks of the platform
///
/// What is done in the background: each task with its rules, how many of its runs are in each state, and when the clock begins it next.
/// A task of which there are runs and that this server has no handler for, is there without `doc`. For operators.
#[utoipa::path(get, path = "/v1/tasks", operation_id = "listTasks", tag = "tasks",
    responses((status = 200, description = "The tasks, by name.", body = TaskList, example = json!({"tasks": [
            {"name": "documents.retention", "doc": "Removes documents that the profiles of their tenants no longer want kept.",
             "scope": "platform", "running_max": 1, "attempts_max": 20, "timeout_s": 21600, "schedules": 1,
             "next_at": "2026-01-31T13:00:00Z",
             "runs": {"waiting": 0, "queued": 0, "running": 1, "succeeded": 411, "failed": 0, "cancelled": 0}}]}))))]
pub(crate) async fn list_tasks(_: Operator, State(state): State<Arc<TasksHttp>>) -> Result<Json<TaskList>, Problem> {
    Ok(Json(TaskList { tasks: blocking(move || tasks(&state)).await? }))
}

/// All tasks: those that have a handler here, and those of which there are runs.
pub(crate) fn tasks(state: &TasksHttp) -> Result<Vec<Task>, ApiError> {
    let (_, schedules) = state.tasks.schedules()?;
    let counts = state.tasks.counts()?;
    let of = |name: &str| counts.iter().find(|counts| counts.task == name);
    let mut tasks: Vec<Task> = state
        .registry
        .iter()
        .map(|task| Task {
            doc: Some(task.doc.clone()),
            scope: TaskScope::from(task.scope),
            running_max: task.running_max,
            attempts_max: task.attempts_max,
            timeout_s: task.timeout.as_secs(),
            ..bare(&task.name, of(&task.name), &schedules)
        })
        .collect();
    let others = counts.iter().filter(|counts| state.registry.get(&counts.task).is_none());
    tasks.extend(others.map(|counts| bare(&counts.task, Some(counts), &schedules)));
    tasks.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tasks)
}

/// What is known of a task without its handler.
fn bare(name: &str, counts: Option<&TaskCounts>, schedules: &[ScheduleRow]) -> Task {
    let is_its =
        |row: &&ScheduleRow| row.name.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let its = || schedules.iter().filter(is_its);
    Task {
        name: name.to_owned(),
        doc: None,
        scope: TaskScope::Any,
        running_max: 0,
        attempts_max: 0,
        timeout_s: 0,
        disabled_until: counts.and_then(|counts| counts.disabled_until),
        schedules: u32::try_from(its().count()).unwrap_or(u32::MAX),
        next_at: its().map(|row| row.due_at).min(),
        runs: RunCounts::from(counts.map_or([0; 6], |counts| counts.runs)),
    }
}
