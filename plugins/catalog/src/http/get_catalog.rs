//! `GET /v1/catalogs/{catalog}`

use axum::extract::Request;
use axum::response::Response;
use plugpoint_http::{Principal, Problem, ValidPath};

use super::resources::Catalog;
use super::respond;
use super::state::{catalog_id, no_catalog, reading};

/// One catalog
#[utoipa::path(get, path = "/v1/catalogs/{catalog}", operation_id = "getCatalog", tag = "catalogs",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main")),
    responses(
        (status = 200, description = "The catalog.", body = Catalog, example = json!({"id": "main", "item_count": 2,
            "created_at": "2026-01-31T12:00:00Z", "updated_at": "2026-01-31T12:00:00Z", "last_seq": 2})),
        (status = 304, description = "The catalog is as `If-None-Match` has it."),
        (status = 404, response = super::Refused),
    ))]
pub(super) async fn get_catalog(
    principal: Principal,
    ValidPath(catalog): ValidPath<String>,
    request: Request,
) -> Result<Response, Problem> {
    let catalog = catalog_id(&catalog)?;
    let row = reading(&principal, move |db| db.catalog(&catalog)).await?.ok_or_else(no_catalog)?;
    Ok(respond::json(request.headers(), &Catalog::from(row))?)
}
