//! The faults of the service, by their numbers: clients compare these.

use plugpoint_sdk::facade::Words;

const fn words(code: &'static str, text: &'static str) -> Words {
    Words { code, namespace: "", text }
}

pub(super) const INTERNAL: Words = words("1", "Internal Error. Please see log for details.");
/// The number is that of an internal error, which clients take for something that may pass.
pub(super) const BUSY: Words = words("1", "Internal Error. The service is busy: {}.");
pub(super) const ACCESS_DENIED: Words = words("2", "Access denied.");
pub(super) const PATH_INVALID: Words = words("3", "Invalid api path.");
pub(super) const SESSION_EXPIRED: Words = words("5", "Session expired. Try to relogin.");
pub(super) const PARAMETER_MISSING: Words = words("6", "Required parameter is missing or cannot be read: {}.");
pub(super) const STORE_UNKNOWN: Words = words("100", "Requested store view not found.");
pub(super) const PRODUCT_UNKNOWN: Words = words("101", "Product not exists.");
pub(super) const DATA_INVALID: Words = words("102", "Invalid data given. {}");
pub(super) const TYPE_UNKNOWN: Words = words("104", "Product type is not in allowed types.");
