//! What machines ask about the server itself: `/healthz`, `/readyz`, `/metrics`. Without credentials, so they say nothing of
//! any tenant.

use std::io::{ErrorKind, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use utoipa_axum::routes;

use crate::body::blocking;
use crate::openapi::Rest;
use crate::platform::Platform;
use crate::problem::Problem;

/// How long a readiness check stands in for the next, so that asking costs the disk nothing.
const READY_TTL: Duration = Duration::from_secs(1);

#[derive(Clone)]
struct Health {
    platform: Arc<Platform>,
    ready_at: Arc<Mutex<Option<Instant>>>,
}

/// The routes about the server itself.
pub(crate) fn routes(platform: Arc<Platform>) -> Rest {
    let health = Health { platform, ready_at: Arc::default() };
    documented().with_state(health)
}

/// Their part of the OpenAPI document.
pub(crate) fn doc() -> crate::RestDoc {
    documented().into_doc()
}

fn documented() -> Rest<Health> {
    Rest::new().routes(routes!(get_healthz)).routes(routes!(get_readyz)).routes(routes!(get_metrics))
}

/// Whether the process is alive
///
/// Answers as long as the process answers anything.
#[utoipa::path(get, path = "/healthz", operation_id = "getHealth", tag = "operation", security(()),
    responses((status = 200, description = "It is.", body = String, content_type = "text/plain", example = "ok")))]
async fn get_healthz() -> &'static str {
    "ok"
}

/// Whether the server can serve
///
/// The control database answers and the data folder takes a file.
#[utoipa::path(get, path = "/readyz", operation_id = "getReadiness", tag = "operation", security(()),
    responses(
        (status = 200, description = "It can.", body = String, content_type = "text/plain", example = "ready"),
        (status = 503, description = "It cannot; the operator's log says why."),
    ))]
async fn get_readyz(State(health): State<Health>) -> Result<&'static str, Problem> {
    let is_fresh = |at: &Option<Instant>| at.is_some_and(|at| at.elapsed() < READY_TTL);
    if is_fresh(&health.ready_at.lock().unwrap_or_else(PoisonError::into_inner)) {
        return Ok("ready");
    }
    let ready_at = Arc::clone(&health.ready_at);
    blocking(move || {
        check(&health.platform)?;
        *ready_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Ok("ready")
    })
    .await
    .map_err(Problem)
}

fn check(platform: &Platform) -> Result<(), ApiError> {
    let unready = |what: &str| ApiError::new(&codes::UNAVAILABLE, format!("{what} is not usable")).retry_after(5);
    platform.store().control().stamp().map_err(|error| unready("the control database").caused_by(error))?;
    let path = platform.data_dir().join(".ready");
    let write = || {
        let mut file = std::fs::File::create(&path)?;
        file.write_all(b"ready\n")?;
        drop(file);
        match std::fs::remove_file(&path) {
            // Another check at the same time has removed it.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            done => done,
        }
    };
    write().map_err(|error| unready("the data folder").caused_by(error))
}

/// Counters and durations for Prometheus
///
/// Route templates and statuses, never addresses or tenants.
#[utoipa::path(get, path = "/metrics", operation_id = "getMetrics", tag = "operation", security(()),
    responses((status = 200, description = "Prometheus text format.", body = String, content_type = "text/plain",
        example = "http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"} 1")))]
async fn get_metrics() -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], crate::metrics::recorder().render()).into_response()
}
