//! `GET /v1/catalogs/{catalog}/items/{sku}`: the hot path of reading. An item that was read lately is answered from memory,
//! without a blocking thread and without looking into it.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::response::Response;
use plugpoint_http::{Principal, Problem, ValidPath};
use plugpoint_sdk::model::ItemData;

use super::item_cache::{Asked, CachedItem, ItemCache};
use super::present;
use super::respond::Tagged;
use super::state::{CatalogHttp, catalog_id, no_item, reading};

/// One item
///
/// Its entity tag changes exactly when its content changes, `extensions` included. A sku with special characters is percent-encoded (`A/1` is `A%2F1`).
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
    request: Request,
) -> Result<Response, Problem> {
    let (mut parts, _) = request.into_parts();
    let asked = Asked { tenant: &principal.tenant, path: parts.uri.path().as_bytes() };
    let answer = match state.items.get(&principal.runtime, asked) {
        Some(answer) => answer,
        // Boxed: the future of a hit is small enough for the allocator's fast path without it.
        None => Box::pin(read(&state, &principal, &mut parts)).await?,
    };
    Ok(answer.answer(&parts.headers))
}

async fn read(state: &CatalogHttp, principal: &Principal, parts: &mut Parts) -> Result<Tagged, Problem> {
    let ValidPath((catalog, sku)) = ValidPath::<(String, String)>::from_request_parts(parts, &()).await?;
    let catalog = catalog_id(&catalog)?;
    let runtime = &principal.runtime;
    let presented = present::is_due(runtime).then(|| catalog.clone());
    let read = reading(principal, move |db| {
        // Before the item is read: a commit in between makes the entry old, never wrong.
        let generation = ItemCache::generation(db)?;
        Ok(db.item(&catalog, &sku)?.map(|stored| (stored, generation)))
    });
    let (stored, generation) = read.await?.ok_or_else(no_item)?;
    let (stored, is_whole) = match presented {
        Some(catalog) => present::one(&state.platform, runtime, catalog, stored).await,
        None => (stored, true),
    };
    let answer = Tagged::new(stored.body.as_bytes(), &stored.etag)?;
    // What lacks a member because its presenter failed is not told again from memory.
    if is_whole {
        let item = CachedItem { answer: answer.clone(), generation, runtime: runtime.number };
        state.items.put(Asked { tenant: &principal.tenant, path: parts.uri.path().as_bytes() }, item);
    }
    Ok(answer)
}
