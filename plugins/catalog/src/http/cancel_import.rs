//! `POST /v1/catalogs/{catalog}/imports/{id}/cancel`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::body::blocking;
use plugpoint_http::{Principal, Problem, ValidPath};

use super::resources::Import;
use super::respond;
use super::state::CatalogHttp;

/// Cancel an import
///
/// Ends an import that waits or runs; nothing of it is left in the catalog, and it has failed with `import_cancelled`. The answer is the
/// import as it is then, mostly its end; where a hook is busy it may still run for a while. An import that has ended, or is just being
/// committed, stays as it is: its status says so. Asked twice, the answer is the same.
#[utoipa::path(post, path = "/v1/catalogs/{catalog}/imports/{id}/cancel", operation_id = "cancelImport", tag = "imports",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"),
        ("id" = String, Path, description = "The import's id.", example = "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11")),
    responses(
        (status = 200, description = "The import.", body = Import, example = json!({
            "id": "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11", "catalog": "main", "status": "failed", "mode": "replace",
            "counts": {"read": 41207, "accepted": 41207, "rejected": 0, "added": 0, "changed": 0, "unchanged": 0, "removed": 0},
            "progress": 1.0, "error": {"code": "import_cancelled", "detail": "the import was cancelled; nothing was changed"},
            "findings_count": 0, "created_at": "2026-01-31T12:00:00Z", "started_at": "2026-01-31T12:00:00Z",
            "finished_at": "2026-01-31T12:00:01Z"})),
        (status = 404, response = super::Refused),
    ))]
pub(super) async fn cancel_import(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath((catalog, id)): ValidPath<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    // Another catalog's import is not found before anything is done to it.
    let id = state.import(&principal, &catalog, &id).await?.id;
    let (desk, tenant) = (Arc::clone(&state.desk), principal.tenant.clone());
    let view = blocking(move || desk.cancel(&tenant, id)).await?;
    Ok(respond::json(request.headers(), &Import::from(view))?)
}
