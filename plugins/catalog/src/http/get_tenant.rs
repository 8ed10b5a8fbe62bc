//! `GET /v1/tenants/self`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::{Principal, Problem};

use super::resources::{Tenant, TenantLimits};
use super::respond;
use super::state::CatalogHttp;

/// The tenant that the credential stands for
#[utoipa::path(get, path = "/v1/tenants/self", operation_id = "getTenant", tag = "tenants",
    responses(
        (status = 200, description = "The tenant.", body = Tenant, example = json!({"tenant": "acme", "customer": "voltwerk",
            "key_id": "pk_0123456789abcdef0123", "limits": {"document_bytes_max": 1_073_741_824, "item_bytes_max": 1_048_576}})),
        (status = 304, description = "The tenant is as `If-None-Match` has it."),
    ))]
pub(super) async fn get_tenant(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    request: Request,
) -> Result<Response, Problem> {
    let limits = TenantLimits {
        document_bytes_max: state.platform.document_limits().bytes_max,
        item_bytes_max: state.platform.item_limits().bytes_max,
    };
    let tenant = Tenant {
        tenant: principal.tenant.to_string(),
        customer: principal.runtime.customer.clone(),
        key_id: principal.key_id.clone(),
        limits,
    };
    Ok(respond::json(request.headers(), &tenant)?)
}
