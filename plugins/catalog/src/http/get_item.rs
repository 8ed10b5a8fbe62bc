//! `GET /v1/catalogs/{catalog}/items/{sku}`: the hot path of reading. What was read lately is answered by
//! [`plugpoint_http::answers`], before a request gets here.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use plugpoint_http::answers::{Answers, Tagged};
use plugpoint_http::{Principal, Problem, ValidPath};
use plugpoint_sdk::model::ItemData;

use super::present;
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
    ValidPath((catalog, sku)): ValidPath<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let (catalog, parts) = (catalog_id(&catalog)?, request.into_parts().0);
    let presented = present::is_due(&principal.runtime).then(|| catalog.clone());
    let read = reading(&principal, move |db| {
        // Before the item is read: a commit in between makes the kept answer old, never wrong.
        let generation = Answers::generation(db)?;
        Ok(db.item(&catalog, &sku)?.map(|stored| (stored, generation)))
    });
    let (stored, generation) = read.await?.ok_or_else(no_item)?;
    let (stored, is_whole) = match presented {
        Some(catalog) => present::one(&state.platform, &principal.runtime, catalog, stored).await,
        None => (stored, true),
    };
    let answer = Tagged::new(stored.body.as_bytes(), &stored.etag)?;
    // What lacks a member because its presenter failed is not told again from memory.
    if is_whole {
        state.platform.answers().put(&principal, &parts, &answer, generation);
    }
    Ok(answer.answer(&parts.headers))
}
