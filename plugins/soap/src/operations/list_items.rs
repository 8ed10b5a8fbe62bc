//! `ListItems`: a catalog's items, page by page in the order of their numbers.

use plugpoint_sdk::api_schema;
use plugpoint_sdk::desk::ImportDesk;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, TenantId};
use plugpoint_sdk::operation::OperationLimits;

use super::{Fields, ItemList, checked, get_item};

/// The items of a page whose caller names no number.
const LIMIT_DEFAULT: u32 = 100;

/// Gives a page of a catalog's items in the order of their numbers.
#[api_schema]
pub(crate) struct ListItemsRequest {
    /// The catalog.
    pub catalog_id: CatalogId,
    /// The nextCursor of the page before; left out for the first page.
    #[validate(length(min = 1, max = 1024))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// The most items of the page; 100 when left out.
    #[validate(range(min = 1, max = 1000))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// A page of items.
#[api_schema(name = "SoapListItemsResponse")]
pub(crate) struct ListItemsResponse {
    /// The items; empty for an empty catalog.
    pub items: ItemList,
    /// Where the next page starts; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

pub(crate) fn request(fields: &Fields) -> Result<ListItemsRequest, ApiError> {
    checked(ListItemsRequest {
        catalog_id: fields.required("catalog_id")?,
        cursor: fields.optional("cursor")?,
        limit: fields.number("limit")?,
    })
}

/// The page, within the sender's limits.
///
/// # Errors
/// `not_found`, `request_invalid` for the cursor, and the desk's own.
pub(crate) fn run(
    desk: &dyn ImportDesk,
    tenant: &TenantId,
    request: &ListItemsRequest,
    limits: OperationLimits,
) -> Result<ListItemsResponse, ApiError> {
    let limit = limits.page(request.limit.unwrap_or(LIMIT_DEFAULT));
    let page = desk.items(tenant, &request.catalog_id, request.cursor.as_deref(), limit)?;
    let item = page.items.iter().map(get_item::item).collect::<Result<_, _>>()?;
    Ok(ListItemsResponse { items: ItemList { item }, next_cursor: page.next_cursor })
}
