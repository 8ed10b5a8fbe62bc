//! `POST /v1/tasks/{name}/runs`

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use plugpoint_http::body::{self, BodyLimits, blocking};
use plugpoint_http::{MediaType, Operator, Problem, RequestBody, ValidPath, ValidQuery};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_store::Role;
use plugpoint_tasks::{INPUT_BYTES_MAX, Intent, IntentError, Outcome};
use serde_json::{Map, Value};

use crate::TasksHttp;
use crate::resources::{Intended, IntentQuery, tenant_of};

/// Want a task done now
///
/// The body is what its handler is given, a JSON object of at most 65536 bytes; none stands for an empty one. While a run of the task, the
/// tenant and the same input has not ended, another who wants it joins it, and nothing is done twice. The answer is given within a quarter of a second:
/// `started`, `joined` (`run.by` says whom) or `queued`. For operators whose role is operator or admin.
#[utoipa::path(post, path = "/v1/tasks/{name}/runs", operation_id = "postRun", tag = "tasks",
    params(("name" = String, Path, description = "The task's name.", example = "sources.pull"), IntentQuery),
    request_body(content = Object, content_type = "application/json", example = json!({"source": "shop"})),
    responses(
        (status = 200, description = "It was wanted already.", body = Intended, example = json!({"outcome": "joined", "run": {"id": 412, "task": "sources.pull", "tenant": "acme", "state": "running", "priority": 50, "attempts": 1,
             "attempts_max": 5, "progress": 0.25, "note": "500 of 2000 records", "is_cancelled": false, "by": "operator jo",
             "input": {"source": "shop"}, "worker": "019a4c3e-5a10-7c3e-9a53-0242ac120002",
             "created_at": "2026-01-31T12:00:00Z", "due_at": "2026-01-31T12:00:00Z", "started_at": "2026-01-31T12:00:00Z"}})),
        (status = 202, description = "It is begun, or waits.", body = Intended, example = json!({"outcome": "started", "run": {"id": 412, "task": "sources.pull", "tenant": "acme", "state": "running", "priority": 50, "attempts": 1,
             "attempts_max": 5, "progress": 0.25, "note": "500 of 2000 records", "is_cancelled": false, "by": "operator jo",
             "input": {"source": "shop"}, "worker": "019a4c3e-5a10-7c3e-9a53-0242ac120002",
             "created_at": "2026-01-31T12:00:00Z", "due_at": "2026-01-31T12:00:00Z", "started_at": "2026-01-31T12:00:00Z"}})),
    ))]
pub(crate) async fn post_run(
    operator: Operator,
    State(state): State<Arc<TasksHttp>>,
    ValidPath(name): ValidPath<String>,
    ValidQuery(query): ValidQuery<IntentQuery>,
    request: Request,
) -> Result<(StatusCode, Json<Intended>), Problem> {
    operator.needs(Role::Operator)?;
    let input = input(&state, request).await?;
    let tenant = tenant_of(query.tenant.as_deref())?;
    let intended = blocking(move || {
        if let Some(tenant) = &tenant
            && state.platform.store().control().tenant(tenant)?.is_none()
        {
            return Err(ApiError::new(&codes::NOT_FOUND, format!("there is no tenant {tenant}")));
        }
        let by = format!("operator {}", operator.name);
        let intent = Intent { task: &name, tenant: tenant.as_ref(), input: &input, by: &by };
        let intended = intent.declare(&state.tasks, &state.registry).map_err(told)?;
        let detail = format!("{name}: {} run {}", intended.outcome.name(), intended.run.id);
        state.record(&operator, "task run", tenant.as_ref(), detail)?;
        Ok(intended)
    });
    let intended = intended.await?;
    let status = if intended.outcome == Outcome::Joined { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(Intended { outcome: intended.outcome.into(), run: intended.run.into() })))
}

async fn input(state: &TasksHttp, request: Request) -> Result<Map<String, Value>, ApiError> {
    let (parts, body) = request.into_parts();
    let limits = BodyLimits { bytes_max: INPUT_BYTES_MAX as u64, ..state.platform.document_limits() };
    let bytes = body::bytes(RequestBody::of(&parts.headers, body)?, limits).await?;
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    if !MediaType::of(&parts.headers)?.is_some_and(|media| media.is_json()) {
        return Err(ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, "what a task is given is sent as application/json"));
    }
    serde_json::from_slice(&bytes)
        .map_err(|error| ApiError::new(&codes::REQUEST_INVALID, format!("the body is to be a JSON object: {error}")))
}

fn told(error: IntentError) -> ApiError {
    let code = match &error {
        IntentError::Store(_) => {
            return match error {
                IntentError::Store(error) => error.into(),
                other => ApiError::new(&codes::INTERNAL, other.to_string()),
            };
        }
        IntentError::Unknown(_) => &codes::NOT_FOUND,
        IntentError::NeedsTenant(_) | IntentError::OfPlatform(_) => &codes::REQUEST_INVALID,
        IntentError::InputTooLarge => &codes::BODY_TOO_LARGE,
    };
    ApiError::new(code, error.to_string())
}
