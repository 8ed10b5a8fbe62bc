//! `GET /v1/daemons`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Problem};
use plugpoint_sdk::error::ApiError;
use plugpoint_store::Pausable;

use crate::TasksHttp;
use crate::resources::{DaemonList, DaemonProcess, DaemonView};

/// The daemons
///
/// What goes on as long as a server does, and how it is in each: begun again, later each time, when it fails. A server is here while it is
/// heard of. For operators.
#[utoipa::path(get, path = "/v1/daemons", operation_id = "listDaemons", tag = "tasks",
    responses((status = 200, description = "The daemons, by name.", body = DaemonList, example = json!({"daemons": [
        {"name": "imports", "doc": "Imports documents.", "processes": [
            {"worker": "019a4c3e-5a10-7c3e-9a53-0242ac120002", "address": "pid 4711 on 127.0.0.1:8700", "state": "running",
             "since": "2026-01-31T12:00:00Z", "beat_at": "2026-01-31T12:04:10Z", "restarts": 0}]}]}))))]
pub(crate) async fn list_daemons(
    _: Operator,
    State(state): State<Arc<TasksHttp>>,
) -> Result<Json<DaemonList>, Problem> {
    Ok(Json(DaemonList { daemons: blocking(move || daemons(&state)).await? }))
}

/// All daemons: those that this server has, those of other processes, and what was told to rest.
pub(crate) fn daemons(state: &TasksHttp) -> Result<Vec<DaemonView>, ApiError> {
    let (rows, paused) = (state.tasks.daemons()?, state.tasks.paused(Pausable::Daemon)?);
    let mut names: Vec<&str> = state.daemons.iter().map(|(name, _)| name.as_str()).collect();
    names.extend(rows.iter().map(|row| row.name.as_str()));
    names.sort_unstable();
    names.dedup();
    let view = |name: &str| DaemonView {
        name: name.to_owned(),
        doc: state.daemons.iter().find(|(known, _)| known == name).map(|(_, doc)| doc.clone()),
        disabled_until: paused.iter().find(|(paused, _)| paused == name).map(|(_, until)| *until),
        processes: rows.iter().filter(|row| row.name == name).cloned().map(DaemonProcess::from).collect(),
    };
    Ok(names.into_iter().map(view).collect())
}
