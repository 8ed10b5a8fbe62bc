//! `GetItem`: one item in the canonical form.

use plugpoint_sdk::api_schema;
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::{ImportDesk, StoredItem};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, ItemData, TenantId};

use super::{Fields, checked};

/// Gives one item.
#[api_schema]
pub(crate) struct GetItemRequest {
    /// The catalog.
    pub catalog_id: CatalogId,
    /// The item's number.
    #[validate(length(min = 1, max = 128))]
    pub sku: String,
}

/// One item.
#[api_schema(name = "SoapGetItemResponse")]
pub(crate) struct GetItemResponse {
    /// The item.
    pub item: ItemData,
}

pub(crate) fn request(fields: &Fields) -> Result<GetItemRequest, ApiError> {
    checked(GetItemRequest { catalog_id: fields.required("catalog_id")?, sku: fields.required("sku")? })
}

/// The item.
///
/// # Errors
/// `not_found` and the desk's own.
pub(crate) fn run(
    desk: &dyn ImportDesk,
    tenant: &TenantId,
    request: &GetItemRequest,
) -> Result<GetItemResponse, ApiError> {
    Ok(GetItemResponse { item: item(&desk.item(tenant, &request.catalog_id, &request.sku)?)? })
}

/// A stored item as data again.
pub(super) fn item(stored: &StoredItem) -> Result<ItemData, ApiError> {
    let unreadable = |error| ApiError::new(&codes::INTERNAL, "a stored item cannot be read").caused_by(error);
    serde_json::from_str(&stored.body).map_err(|error: serde_json::Error| unreadable(error))
}
