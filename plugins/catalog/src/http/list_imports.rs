//! `GET /v1/catalogs/{catalog}/imports`

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::{Principal, Problem, ValidPath, ValidQuery, cursor};
use plugpoint_sdk::model::ImportId;

use super::resources::{Import, ImportList, PageQuery};
use super::state::{CatalogHttp, catalog_id, reading};
use super::{page, respond};

/// The finished imports of a catalog
///
/// The newest first. One that still runs is asked for by its id. A catalog to which nothing was ever sent has none.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/imports", operation_id = "listImports", tag = "imports",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"), PageQuery),
    responses(
        (status = 200, description = "A page of imports.", body = ImportList, example = json!({"imports": []})),
        (status = 304, description = "The page is as `If-None-Match` has it."),
        (status = 400, response = super::Refused),
        (status = 404, response = super::Refused),
    ))]
pub(super) async fn list_imports(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath(name): ValidPath<String>,
    ValidQuery(query): ValidQuery<PageQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let catalog = catalog_id(&name)?;
    let question = ["imports", name.as_str()];
    let before = query.cursor.as_deref().map(|text| cursor::decode_id::<ImportId>(&question, text)).transpose()?;
    let limit = state.page_limit(query.limit);
    let mut rows = reading(&principal, move |db| db.imports(&catalog, before, limit + 1)).await?;
    let next_cursor = page::cut(&mut rows, limit, |last| cursor::encode(&question, &last.id.to_string()));
    let imports = rows.into_iter().map(Import::from).collect();
    Ok(respond::json(request.headers(), &ImportList { imports, next_cursor })?)
}
