//! `GET /v1/catalogs`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::{Principal, Problem, ValidQuery, cursor};
use plugpoint_sdk::model::CatalogId;
use plugpoint_sdk::operation::ApiOperation;

use super::resources::{Catalog, CatalogList, PageQuery};
use super::state::{CatalogHttp, reading};
use super::{page, respond};

/// What a cursor of this listing is bound to.
const QUESTION: &[&str] = &["catalogs"];

/// The tenant's catalogs
///
/// By name. A catalog is there from its first item or its first successful import on.
#[utoipa::path(get, path = "/v1/catalogs", operation_id = "listCatalogs", tag = "catalogs", params(PageQuery),
    responses(
        (status = 200, description = "A page of catalogs.", body = CatalogList, example = json!({"catalogs": [
            {"id": "main", "item_count": 2, "created_at": "2026-01-31T12:00:00Z", "updated_at": "2026-01-31T12:00:00Z",
             "last_seq": 2}]})),
        (status = 304, description = "The page is as `If-None-Match` has it."),
    ))]
pub(super) async fn list_catalogs(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidQuery(query): ValidQuery<PageQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let after = query.cursor.as_deref().map(|text| cursor::decode_id::<CatalogId>(QUESTION, text)).transpose()?;
    let limit = state.page_limit(&principal, ApiOperation::ListCatalogs, query.limit);
    let mut rows = reading(&principal, move |db| db.catalogs(after.as_ref(), limit + 1)).await?;
    let next_cursor = page::cut(&mut rows, limit, |last| cursor::encode(QUESTION, last.id.as_str()));
    let catalogs = rows.into_iter().map(Catalog::from).collect();
    Ok(respond::json(request.headers(), &CatalogList { catalogs, next_cursor })?)
}
