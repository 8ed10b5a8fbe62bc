//! `GET /v1/catalogs/{catalog}/imports/{id}`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::{Principal, Problem, ValidPath};

use super::resources::Import;
use super::respond;
use super::state::{CatalogHttp, reading};

/// One import
///
/// Queued, running or ended; while it runs, counts and progress say how far it is. What its reader did not know of the document is in
/// `unmapped`, with counts. For people there is the same at `report`.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/imports/{id}", operation_id = "getImport", tag = "imports",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"),
        ("id" = String, Path, description = "The import's id.", example = "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11")),
    responses(
        (status = 200, description = "The import.", body = Import, example = json!({
            "id": "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11", "catalog": "main", "status": "succeeded", "mode": "replace",
            "counts": {"read": 2, "accepted": 2, "rejected": 0, "added": 2, "changed": 0, "unchanged": 0, "removed": 0},
            "progress": 1.0, "findings_count": 0, "created_at": "2026-01-31T12:00:00Z", "started_at": "2026-01-31T12:00:00Z",
            "finished_at": "2026-01-31T12:00:01Z"})),
        (status = 304, description = "The import is as `If-None-Match` has it."),
        (status = 404, response = super::Refused),
    ))]
pub(super) async fn get_import(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath((catalog, id)): ValidPath<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let view = state.import(&principal, &catalog, &id).await?;
    let id = view.id;
    let unmapped = match view.finished_at {
        Some(_) => reading(&principal, move |db| db.unmapped(id)).await?,
        None => Vec::new(),
    };
    Ok(respond::json(request.headers(), &Import { unmapped, ..Import::from(view) })?)
}
