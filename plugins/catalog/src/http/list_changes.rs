//! `GET /v1/catalogs/{catalog}/changes`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::{Principal, Problem, ValidPath, ValidQuery};
use plugpoint_sdk::api_schema;
use plugpoint_sdk::operation::ApiOperation;

use super::resources::{ChangeList, ChangeResource, default_limit};
use super::state::{CatalogHttp, catalog_id, no_catalog, reading};
use super::{page, respond};

/// From where on, and how many.
#[api_schema]
pub(super) struct ChangeQuery {
    /// Only changes after this place in the feed; from the beginning if not given.
    #[serde(default)]
    pub since: u64,
    /// Changes of a page, 100 if not given.
    #[validate(range(min = 1, max = 1000))]
    #[serde(default = "default_limit")]
    pub limit: u32,
}

/// What changed in a catalog
///
/// A feed of states, not of events: every item occurs once, at its latest change. Who goes on from where he stopped ends with
/// the same items as the catalog.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/changes", operation_id = "listChanges", tag = "items",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"), ChangeQuery),
    responses(
        (status = 200, description = "A page of changes.", body = ChangeList, example = json!({"changes": [
            {"seq": 1, "sku": "A1", "kind": "added", "at": "2026-01-31T12:00:00Z"}], "last_seq": 1})),
        (status = 304, description = "The page is as `If-None-Match` has it."),
        (status = 400, response = super::Refused),
        (status = 404, response = super::Refused),
    ))]
pub(super) async fn list_changes(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath(catalog): ValidPath<String>,
    ValidQuery(query): ValidQuery<ChangeQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let catalog = catalog_id(&catalog)?;
    let (since, limit) = (query.since, state.page_limit(&principal, ApiOperation::ListChanges, query.limit));
    let rows = reading(&principal, move |db| {
        let rows = db.changes(&catalog, since, limit + 1)?;
        Ok(if rows.is_empty() && db.catalog(&catalog)?.is_none() { None } else { Some(rows) })
    });
    let mut rows = rows.await?.ok_or_else(no_catalog)?;
    let next_cursor = page::cut(&mut rows, limit, |last| last.seq.to_string());
    let last_seq = rows.last().map_or(since, |last| last.seq);
    let changes = rows.into_iter().map(ChangeResource::from).collect();
    Ok(respond::json(request.headers(), &ChangeList { changes, last_seq, next_cursor })?)
}
