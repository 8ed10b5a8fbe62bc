//! Addresses of resources, for `Location`: every part percent-encoded, so that no name can leave its place.

use axum::http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plugpoint_sdk::model::{CatalogId, ImportId};

/// All but the unreserved characters of RFC 3986.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) fn of_import(catalog: &CatalogId, id: ImportId) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("/v1/catalogs/{catalog}/imports/{id}")).ok()
}

pub(super) fn of_item(catalog: &CatalogId, sku: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("/v1/catalogs/{catalog}/items/{}", utf8_percent_encode(sku, SEGMENT))).ok()
}
