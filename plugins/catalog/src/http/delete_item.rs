//! `DELETE /v1/catalogs/{catalog}/items/{sku}`

use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use plugpoint_http::body::blocking;
use plugpoint_http::{Principal, Problem, ValidPath};
use plugpoint_store::DeleteOutcome;

use super::put_item::{Conditions, precondition_failed};
use super::state::{catalog_id, no_item};

/// Remove one item
///
/// With `If-Match` only an item of that tag is removed; of a tag that was answered with `extensions` only the item's own part
/// counts.
#[utoipa::path(delete, path = "/v1/catalogs/{catalog}/items/{sku}", operation_id = "deleteItem", tag = "items",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"),
        ("sku" = String, Path, description = "The item's number, percent-encoded.", example = "A1"),
        ("If-Match" = Option<String>, Header, description = "The tag that the stored item must have, or `*`.")),
    responses(
        (status = 204, description = "The item is gone."),
        (status = 404, response = super::Refused),
        (status = 412, response = super::Refused),
    ))]
pub(super) async fn delete_item(
    principal: Principal,
    ValidPath((catalog, sku)): ValidPath<(String, String)>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let catalog = catalog_id(&catalog)?;
    let conditions = Conditions::of(request.headers());
    let runtime = Arc::clone(&principal.runtime);
    let outcome = blocking(move || conditions.delete(&runtime.db, &catalog, &sku)).await?;
    match outcome {
        DeleteOutcome::Deleted => Ok(StatusCode::NO_CONTENT),
        DeleteOutcome::NotFound => Err(no_item().into()),
        DeleteOutcome::PreconditionFailed => Err(precondition_failed().into()),
    }
}
