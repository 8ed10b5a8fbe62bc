//! `GET /v1/catalogs/{catalog}/items/{sku}`: the hot path of reading. An item that was read lately is answered from memory,
//! without a blocking thread and without looking into it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::{Principal, Problem, ValidPath, conditional};
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::StoredItem;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ItemData;

use super::item_cache::{CachedItem, ItemCache};
use super::respond;
use super::state::{CatalogHttp, catalog_id, no_item, reading};

/// One item
///
/// Its entity tag changes exactly when its content changes. A sku with special characters is percent-encoded (`A/1` is `A%2F1`).
#[utoipa::path(get, path = "/v1/catalogs/{catalog}/items/{sku}", operation_id = "getItem", tag = "items",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"),
        ("sku" = String, Path, description = "The item's number, percent-encoded.", example = "A1")),
    responses(
        (status = 200, description = "The item.", body = ItemData, headers(("ETag" = String, description = "Of its content.")),
            example = json!({"sku": "A1", "kind": "product", "status": "active", "texts": [{"lang": "en", "title": "Cable tie"}],
            "prices": [{"kind": "list", "amount": "12.50", "currency": "EUR"}]})),
        (status = 304, description = "The item is as `If-None-Match` has it."),
        (status = 404, response = super::Refused),
    ))]
pub(super) async fn get_item(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath((catalog, sku)): ValidPath<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let key = ItemCache::key(&principal.tenant, &catalog, &sku);
    let item = match state.items.get(&principal.runtime.db, &key) {
        Some(item) => item,
        None => {
            let catalog = catalog_id(&catalog)?;
            let read = reading(&principal, move |db| {
                // Before the item is read: a commit in between makes the entry old, never wrong.
                let generation = ItemCache::generation(db)?;
                Ok(db.item(&catalog, &sku)?.map(|stored| (stored, generation)))
            });
            // Boxed: the future of a hit is small enough for the allocator's fast path without it.
            let (stored, generation) = Box::pin(read).await?.ok_or_else(no_item)?;
            let item = Arc::new(cached(stored, generation)?);
            state.items.put(key, Arc::clone(&item));
            item
        }
    };
    Ok(respond::tagged(request.headers(), item.body.clone(), &item.etag, item.etag_header.clone()))
}

fn cached(stored: StoredItem, generation: u64) -> Result<CachedItem, ApiError> {
    let etag_header = conditional::etag(&stored.etag);
    let etag_header =
        etag_header.ok_or_else(|| ApiError::new(&codes::INTERNAL, "the item's tag cannot be answered"))?;
    Ok(CachedItem { body: stored.body.into(), etag: stored.etag.into(), etag_header, generation })
}
