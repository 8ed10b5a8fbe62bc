//! `GET /v1/catalogs/{catalog}/imports/{id}/findings`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::{Principal, Problem, ValidPath, ValidQuery, cursor};

use super::resources::{FindingList, PageQuery};
use super::state::CatalogHttp;
use super::state::reading;
use super::{page, respond};

/// What an import found wrong
///
/// In the order in which it was found. They are kept with the end of the import; one that still runs has none yet.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/imports/{id}/findings", operation_id = "listFindings", tag = "imports",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"),
        ("id" = String, Path, description = "The import's id.", example = "019aa5c4-7b1e-7d6a-9c53-0f0f4a6f2b11"), PageQuery),
    responses(
        (status = 200, description = "A page of findings.", body = FindingList, example = json!({"findings": [
            {"severity": "error", "code": "field_required", "message": "an item needs at least one text", "sku": "A1",
             "line": 7, "path": "/texts"}]})),
        (status = 304, description = "The page is as `If-None-Match` has it."),
        (status = 400, response = super::Refused),
        (status = 404, response = super::Refused),
    ))]
pub(super) async fn list_findings(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath((catalog, id)): ValidPath<(String, String)>,
    ValidQuery(query): ValidQuery<PageQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let id = state.import(&principal, &catalog, &id).await?.id;
    let name = id.to_string();
    let question = ["findings", name.as_str()];
    let after = query.cursor.as_deref().map(|text| cursor::decode_id::<u64>(&question, text)).transpose()?;
    let limit = state.page_limit(query.limit);
    let mut rows = reading(&principal, move |db| db.findings(id, after.unwrap_or(0), limit + 1)).await?;
    let next_cursor = page::cut(&mut rows, limit, |(number, _)| cursor::encode(&question, &number.to_string()));
    let findings = rows.into_iter().map(|(_, finding)| finding).collect();
    Ok(respond::json(request.headers(), &FindingList { findings, next_cursor })?)
}
