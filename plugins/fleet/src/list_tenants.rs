//! `GET /v1/tenants`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use plugpoint_http::body::blocking;
use plugpoint_http::{Operator, Platform, Problem};

use crate::resources::{TenantList, TenantView};

/// All tenants
///
/// By name: how each is served, by which customer, and what is tried beside it. Nothing of their data. For operators.
#[utoipa::path(get, path = "/v1/tenants", operation_id = "listTenants", tag = "fleet",
    responses((status = 200, description = "The tenants.", body = TenantList, example = json!({"tenants": [
        {"tenant": "acme", "state": "active", "customer": "meridian", "created_at": "2026-01-31T12:00:00Z"}]}))))]
pub(crate) async fn list_tenants(
    _: Operator,
    State(platform): State<Arc<Platform>>,
) -> Result<Json<TenantList>, Problem> {
    let rows = blocking(move || Ok(platform.store().control().tenants()?)).await?;
    Ok(Json(TenantList { tenants: rows.into_iter().map(TenantView::from).collect() }))
}
