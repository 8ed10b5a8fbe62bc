//! `GET /v1/catalogs/{catalog}/items`

use std::fmt::Write;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::{Principal, Problem, ValidPath, ValidQuery, cursor};
use plugpoint_sdk::api_schema;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::operation::ApiOperation;
use plugpoint_store::{ItemFilter, ItemRow};

use super::resources::{ItemList, default_limit};
use super::state::{CatalogHttp, catalog_id, no_catalog, reading};
use super::{page, present, respond};

/// Which items, and how many of them. All given filters must hold.
#[api_schema]
pub(super) struct ItemQuery {
    /// `system:code` or `code` of one of the item's categories.
    #[validate(length(min = 1, max = 193))]
    #[serde(default)]
    pub category: Option<String>,
    /// The brand, exactly.
    #[validate(length(min = 1, max = 256))]
    #[serde(default)]
    pub brand: Option<String>,
    /// What one of the titles begins with, upper and lower case alike.
    #[validate(length(min = 1, max = 256))]
    #[serde(default)]
    pub text: Option<String>,
    /// Only items that were committed at this time or later: RFC 3339, or a date.
    #[serde(default)]
    pub updated_since: Option<Timestamp>,
    /// Items of a page, 100 if not given.
    #[validate(range(min = 1, max = 1000))]
    #[serde(default = "default_limit")]
    pub limit: u32,
    /// The `next_cursor` of the page before; it holds for the same filters only.
    #[validate(length(min = 1, max = 2048))]
    #[serde(default)]
    pub cursor: Option<String>,
}

/// The items of a catalog
///
/// In the order of their sku (by bytes). Pages hold together while items come and go: no item that stays is left out or told
/// twice.
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/items", operation_id = "listItems", tag = "items",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"), ItemQuery),
    responses(
        (status = 200, description = "A page of items.", body = ItemList, example = json!({"items": [
            {"sku": "A1", "kind": "product", "status": "active", "texts": [{"lang": "en", "title": "Cable tie"}]}]})),
        (status = 304, description = "The page is as `If-None-Match` has it."),
        (status = 400, response = super::Refused),
        (status = 404, response = super::Refused),
    ))]
pub(super) async fn list_items(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath(name): ValidPath<String>,
    ValidQuery(query): ValidQuery<ItemQuery>,
    request: Request,
) -> Result<Response, Problem> {
    let catalog = catalog_id(&name)?;
    let presented = present::is_due(&principal.runtime).then(|| catalog.clone());
    let since = query.updated_since.map(|at| at.to_string());
    let filters =
        [&query.category, &query.brand, &query.text, &since].map(|filter| filter.as_deref().unwrap_or_default());
    let question = ["items", name.as_str(), filters[0], filters[1], filters[2], filters[3]];
    let after = query.cursor.as_deref().map(|text| cursor::decode(&question, text)).transpose()?;
    let limit = state.page_limit(&principal, ApiOperation::ListItems, query.limit);
    let ItemQuery { category, brand, text, updated_since, .. } = query.clone();
    let filter = ItemFilter { category, brand, text_prefix: text, updated_since };
    let rows = reading(&principal, move |db| {
        let rows = db.items(&catalog, &filter, after.as_deref(), limit + 1)?;
        // An empty page of a catalog that is there is a page; only then does the question arise.
        Ok(if rows.is_empty() && db.catalog(&catalog)?.is_none() { None } else { Some(rows) })
    });
    let mut rows = rows.await?.ok_or_else(no_catalog)?;
    let next = page::cut(&mut rows, limit, |last| cursor::encode(&question, &last.sku));
    if let Some(catalog) = presented {
        rows = present::rows(&state.platform, &principal.runtime, catalog, rows).await;
    }
    Ok(respond::hashed(request.headers(), joined(&rows, next.as_deref()).as_bytes())?)
}

/// The envelope around items as they are stored: they are canonical JSON already, and parsing them again would only cost.
fn joined(rows: &[ItemRow], next_cursor: Option<&str>) -> String {
    let bytes: usize = rows.iter().map(|row| row.stored.body.len() + 1).sum();
    let mut text = String::with_capacity(bytes + 256);
    text.push_str("{\"items\":[");
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&row.stored.body);
    }
    text.push(']');
    if let Some(cursor) = next_cursor {
        // base64url needs no escaping; writing to a String cannot fail.
        let _ = write!(text, ",\"next_cursor\":\"{cursor}\"");
    }
    text.push('}');
    text
}
