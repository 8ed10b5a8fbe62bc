//! `GET /v1/tenants/self`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::{Principal, Problem};
use plugpoint_sdk::operation::{ApiOperation, OperationLimits};

use super::resources::{Tenant, TenantLimits, TenantOperation};
use super::respond;
use super::state::CatalogHttp;

/// The tenant that the credential stands for
///
/// Its limits are those that hold for it: the server's, lowered by what the tenant's profile says.
#[utoipa::path(get, path = "/v1/tenants/self", operation_id = "getTenant", tag = "tenants",
    responses(
        (status = 200, description = "The tenant.", body = Tenant, example = json!({"tenant": "acme", "customer": "voltwerk",
            "key_id": "pk_0123456789abcdef0123", "limits": {"document_bytes_max": 1_073_741_824, "item_bytes_max": 1_048_576,
            "records_max": 1_000_000_000, "receives_max": 8, "exports_max": 2, "items_max": 500_000,
            "spool_bytes_max": 10_737_418_240_u64, "requests_per_second": 50, "requests_burst": 200, "operations": [
                {"operation": "createImport", "body_bytes_max": 1_073_741_824, "wait_s_max": 300},
                {"operation": "listItems", "page_items_max": 1000}]}})),
        (status = 304, description = "The tenant is as `If-None-Match` has it."),
    ))]
pub(super) async fn get_tenant(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    request: Request,
) -> Result<Response, Problem> {
    let (limits, own) = (&state.platform.config().limits, &principal.runtime.profile.limits);
    let item_limits = state.platform.body_limits(&principal.runtime, ApiOperation::PutItem);
    let operations = ApiOperation::ALL.iter().map(|operation| {
        let OperationLimits { body_bytes_max, page_items_max, wait_s_max } = limits.of_tenant(own, *operation);
        TenantOperation { operation: operation.name().to_owned(), body_bytes_max, page_items_max, wait_s_max }
    });
    let limits = TenantLimits {
        document_bytes_max: limits.document_bytes_max(own),
        item_bytes_max: item_limits.bytes_max,
        records_max: own.records_max,
        receives_max: own.receives_max.min(limits.receives_per_tenant_max) as u64,
        exports_max: own.exports_max.min(limits.exports_per_tenant_max) as u64,
        items_max: own.items_max,
        spool_bytes_max: own.spool_bytes_max,
        requests_per_second: own.requests_per_second,
        requests_burst: own.requests_burst.unwrap_or(own.requests_per_second),
        operations: operations.collect(),
    };
    let tenant = Tenant {
        tenant: principal.tenant.to_string(),
        customer: principal.runtime.customer.clone(),
        key_id: principal.key_id.clone(),
        limits,
    };
    Ok(respond::json(request.headers(), &tenant)?)
}
