//! `GET /v1/catalogs/{catalog}/imports`

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::body::blocking;
use plugpoint_http::{Principal, Problem, ValidPath, ValidQuery, cursor};
use plugpoint_sdk::desk::ImportView;
use plugpoint_sdk::model::ImportId;
use plugpoint_sdk::operation::ApiOperation;
use plugpoint_store::ImportRecord;

use super::resources::{Import, ImportList, PageQuery};
use super::state::{CatalogHttp, catalog_id, reading};
use super::{page, respond};

/// The imports of a catalog
///
/// The newest first, whatever their state: those that wait or run are told as they are at this moment. A catalog to which
/// nothing was ever sent has none.
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
    let limit = state.page_limit(&principal, ApiOperation::ListImports, query.limit);
    // Asked before the database is: one that ends in between is in both, and never in neither.
    let (desk, tenant) = (Arc::clone(&state.desk), principal.tenant.clone());
    let of_catalog = catalog.clone();
    let unfinished = blocking(move || desk.unfinished(&tenant, &of_catalog)).await?;
    let rows = reading(&principal, move |db| db.imports(&catalog, before, limit + 1)).await?;
    let mut imports = newest_first(unfinished, rows, before);
    let next_cursor = page::cut(&mut imports, limit, |(last, _)| cursor::encode(&question, &last.to_string()));
    let imports = imports.into_iter().map(|(_, import)| import).collect();
    Ok(respond::json(request.headers(), &ImportList { imports, next_cursor })?)
}

/// Both in one order. An id has its place from the first byte received on, so no import is told twice or passed over by a
/// reader who turns pages while it ends.
fn newest_first(
    unfinished: Vec<ImportView>,
    ended: Vec<ImportRecord>,
    before: Option<ImportId>,
) -> Vec<(ImportId, Import)> {
    let unfinished = unfinished.into_iter().filter(|view| before.is_none_or(|before| view.id < before));
    let mut imports: BTreeMap<_, _> = unfinished.map(|view| (view.id, Import::from(view))).collect();
    imports.extend(ended.into_iter().map(|record| (record.id, Import::from(record))));
    imports.into_iter().rev().collect()
}
