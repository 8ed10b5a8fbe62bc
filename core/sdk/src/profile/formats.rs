//! Sections that only one format's reader knows. What a key does is said in [`keys`](super::keys).

use serde::{Deserialize, Serialize};

/// Section `[cxml]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CxmlProfile {
    /// Whether SupplierPartAuxiliaryID is a part of the item's number.
    pub auxiliary_in_sku: bool,
}

/// Section `[icecat]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IcecatProfile {
    /// Which of a product's numbers is the item's: `prod_id`, `id` or `gtin`.
    pub sku: String,
    /// Whether the heading of its group stands before a feature's name.
    pub feature_groups: bool,
}

impl Default for CxmlProfile {
    fn default() -> Self {
        Self { auxiliary_in_sku: true }
    }
}

impl Default for IcecatProfile {
    fn default() -> Self {
        Self { sku: "prod_id".to_owned(), feature_groups: false }
    }
}
