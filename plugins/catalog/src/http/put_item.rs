//! `PUT /v1/catalogs/{catalog}/items/{sku}`: one item outside an import. Only the declared limits are checked; a customer's
//! rules belong to imports.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use plugpoint_http::body::blocking;
use plugpoint_http::conditional::{self, Condition};
use plugpoint_http::{Principal, Problem, ValidPath, json};
use plugpoint_sdk::codes::{self, finding};
use plugpoint_sdk::error::{ApiError, FieldError};
use plugpoint_sdk::model::{CatalogId, Item, ItemData};
use plugpoint_sdk::operation::ApiOperation;
use plugpoint_store::{DeleteOutcome, PreparedItem, PutOutcome, TenantDb};

use super::state::{CatalogHttp, catalog_id};
use super::{address, respond};

/// Write one item
///
/// The body is the whole item; its `sku` must be that of the address. The catalog is made if it is new. With `If-Match` only
/// an item of that tag is replaced; with `If-None-Match: *` only a new item is written. `extensions` are passed over, and of a
/// tag that was answered with them only the item's own part counts: what was read can be written back.
#[utoipa::path(put, path = "/v1/catalogs/{catalog}/items/{sku}", operation_id = "putItem", tag = "items",
    params(("catalog" = String, Path, description = "The catalog's name.", example = "main"),
        ("sku" = String, Path, description = "The item's number, percent-encoded.", example = "A1"),
        ("If-Match" = Option<String>, Header, description = "The tag that the stored item must have, or `*`."),
        ("If-None-Match" = Option<String>, Header, description = "`*`: the item must not exist.")),
    request_body(content = ItemData, example = json!({"sku": "A1", "texts": [{"lang": "en", "title": "Cable tie"}]})),
    responses(
        (status = 200, description = "The item as it is now; it was there before.", body = ItemData,
            example = json!({"sku": "A1", "kind": "product", "status": "active", "texts": [{"lang": "en", "title": "Cable tie"}]})),
        (status = 201, description = "The item is new.", body = ItemData, headers(("Location" = String), ("ETag" = String))),
        (status = 400, response = super::Refused),
        (status = 412, response = super::Refused),
        (status = 413, response = super::Refused),
        (status = 415, response = super::Refused),
        (status = 507, response = super::Refused),
    ))]
pub(super) async fn put_item(
    State(state): State<Arc<CatalogHttp>>,
    principal: Principal,
    ValidPath((catalog, sku)): ValidPath<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let catalog = catalog_id(&catalog)?;
    let conditions = Conditions::of(request.headers());
    let data: ItemData = json(request, state.platform.body_limits(&principal.runtime, ApiOperation::PutItem)).await?;
    let item = checked(data, &sku)?;
    let location = address::of_item(&catalog, &sku);
    let runtime = Arc::clone(&principal.runtime);
    let (outcome, item) = blocking(move || {
        let item = PreparedItem::new(&item, 0)?;
        Ok((conditions.put(&runtime.db, &catalog, &item)?, item))
    })
    .await?;
    let etag = conditional::etag(&item.etag());
    let mut response = respond::ready(item.body);
    match outcome {
        PutOutcome::PreconditionFailed => return Err(precondition_failed().into()),
        PutOutcome::Updated | PutOutcome::Unchanged => {}
        PutOutcome::Created => {
            *response.status_mut() = StatusCode::CREATED;
            location.map(|location| response.headers_mut().insert(LOCATION, location));
        }
    }
    etag.map(|etag| response.headers_mut().insert(ETAG, etag));
    Ok(response)
}

/// The body as a valid item of the address's sku; else every violated rule.
fn checked(data: ItemData, sku: &str) -> Result<Item, ApiError> {
    let mut errors = Vec::new();
    if data.sku != sku {
        let message = "the sku is not that of the address".to_owned();
        errors.push(FieldError { pointer: "/sku".to_owned(), code: finding::FIELD_INVALID.to_owned(), message });
    }
    let item = Item::try_from_data(data).map_err(|findings| {
        findings.into_iter().map(|finding| FieldError {
            pointer: finding.path.unwrap_or_default(),
            code: finding.code,
            message: finding.message,
        })
    });
    match item {
        Ok(item) if errors.is_empty() => Ok(item),
        Ok(_) => Err(plugpoint_http::invalid(errors)),
        Err(more) => {
            errors.extend(more);
            Err(plugpoint_http::invalid(errors))
        }
    }
}

/// What the request says about the item's present state.
pub(super) struct Conditions {
    if_match: Option<Condition>,
    if_none_match: Option<Condition>,
}

impl Conditions {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self { if_match: conditional::if_match(headers), if_none_match: conditional::if_none_match(headers) }
    }

    fn put(&self, db: &TenantDb, catalog: &CatalogId, item: &PreparedItem) -> Result<PutOutcome, ApiError> {
        Ok(match self.expected(db, catalog, &item.sku)? {
            Some(Expected::Anything) => db.put_item(catalog, item, None)?,
            Some(Expected::Tag(tag)) => db.put_item(catalog, item, Some(&tag))?,
            Some(Expected::Absent) => db.create_item(catalog, item)?,
            None => PutOutcome::PreconditionFailed,
        })
    }

    pub(super) fn delete(&self, db: &TenantDb, catalog: &CatalogId, sku: &str) -> Result<DeleteOutcome, ApiError> {
        Ok(match self.expected(db, catalog, sku)? {
            Some(Expected::Anything | Expected::Absent) => db.delete_item(catalog, sku, None)?,
            Some(Expected::Tag(tag)) => db.delete_item(catalog, sku, Some(&tag))?,
            None => DeleteOutcome::PreconditionFailed,
        })
    }

    /// What the store has to find in the transaction that writes; `None` if the conditions fail already.
    ///
    /// Several tags become the one that the item has now: should it change before the transaction, the condition fails
    /// though another of the tags might hold by then, which errs on the safe side.
    fn expected(&self, db: &TenantDb, catalog: &CatalogId, sku: &str) -> Result<Option<Expected>, ApiError> {
        if self.if_match.is_none() && self.if_none_match.is_none() {
            return Ok(Some(Expected::Anything));
        }
        let current = db.item(catalog, sku)?.map(|stored| stored.etag);
        let holds = |condition: &Condition| condition.holds_for_stored(current.as_deref());
        let is_match = self.if_match.as_ref().is_none_or(holds);
        let is_other = !self.if_none_match.as_ref().is_some_and(holds);
        Ok((is_match && is_other).then(|| current.map_or(Expected::Absent, Expected::Tag)))
    }
}

/// The state that was found and has to be there still.
enum Expected {
    Anything,
    Absent,
    Tag(String),
}

pub(super) fn precondition_failed() -> ApiError {
    ApiError::new(&codes::PRECONDITION_FAILED, "the item is not as the request's condition has it")
}
