//! `GET /v1/extensions`

use axum::extract::Request;
use axum::response::Response;
use plugpoint_http::{Principal, Problem};

use super::respond;

/// The extension plan of the tenant
///
/// For every extension point: what is effective, from which layer and crate it comes, what it shadows and why. The same as
/// `plugpoint extensions --tenant NAME --json`, which adds the folders of loaded libraries; here is what only a running server
/// knows: each hook's calls, failures, times and whether it is suspended.
#[utoipa::path(get, path = "/v1/extensions", operation_id = "getExtensions", tag = "tenants",
    responses(
        (status = 200, description = "The plan.", body = serde_json::Value, example = json!({"points": []})),
        (status = 304, description = "The plan is as `If-None-Match` has it."),
    ))]
pub(super) async fn get_extensions(principal: Principal, request: Request) -> Result<Response, Problem> {
    Ok(respond::json(request.headers(), &principal.runtime.plan.live_report().without_folders())?)
}
