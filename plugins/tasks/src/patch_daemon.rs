//! `PATCH /v1/daemons/{name}`

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Problem, ValidPath};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_store::{Pausable, Role};

use crate::TasksHttp;
use crate::list_daemons::daemons;
use crate::resources::{DaemonView, Pause, pause_end};

/// Have a daemon rest, or go on
///
/// Until then it rests in all servers: each hears of it within a few seconds. Without a time, or with null, it goes on. For operators
/// whose role is operator or admin.
#[utoipa::path(patch, path = "/v1/daemons/{name}", operation_id = "patchDaemon", tag = "tasks",
    params(("name" = String, Path, description = "The daemon's name.", example = "imports")),
    request_body(content = Pause, example = json!({"disabled_until": "2026-02-01T06:00:00Z"})),
    responses((status = 200, description = "The daemon.", body = DaemonView, example = json!({
        "name": "imports", "doc": "Imports documents.", "disabled_until": "2026-02-01T06:00:00Z", "processes": []}))))]
pub(crate) async fn patch_daemon(
    operator: Operator,
    State(state): State<Arc<TasksHttp>>,
    ValidPath(name): ValidPath<String>,
    request: Request,
) -> Result<Json<DaemonView>, Problem> {
    operator.needs(Role::Operator)?;
    let pause: Pause = state.read(request).await?;
    let daemon = blocking(move || {
        let find = || Ok::<_, ApiError>(daemons(&state)?.into_iter().find(|daemon| daemon.name == name));
        let unknown = || ApiError::new(&codes::NOT_FOUND, format!("there is no daemon {name:?}"));
        find()?.ok_or_else(unknown)?;
        let until = pause_end(pause.disabled_until, state.tasks.time()?)?;
        let before = state.tasks.pause(Pausable::Daemon, &name, until)?;
        let (action, detail) = Pausable::Daemon.change(&name, before, until);
        state.record(&operator, action, None, detail)?;
        find()?.ok_or_else(unknown)
    });
    Ok(Json(daemon.await?))
}
