//! Sections that only one format's reader knows. What a key does is said in [`keys`](super::keys).

use serde::{Deserialize, Serialize};

/// Section `[bmecat]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BmecatProfile {
    /// Put before the sources of files where the header has no MIME_ROOT.
    pub mime_root: Option<String>,
    /// The system of the document's own catalog groups.
    pub group_system: String,
    /// Whether user-defined extensions are kept.
    pub extensions: bool,
    /// Whether elements without a place of their own are kept.
    pub extras: bool,
}

impl Default for BmecatProfile {
    fn default() -> Self {
        Self { mime_root: None, group_system: "supplier".to_owned(), extensions: true, extras: true }
    }
}

/// Section `[magento]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MagentoProfile {
    /// The unit of weights.
    pub weight_unit: String,
}

impl Default for MagentoProfile {
    fn default() -> Self {
        Self { weight_unit: "kg".to_owned() }
    }
}

/// Section `[idoc]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdocProfile {
    /// How material numbers are read: `as_sent`, `without_zeros`.
    pub material_number: String,
    /// What a deletion flag does: `discontinue`, `delete`.
    pub deletion_flag: String,
    /// Condition types that are prices; all when empty.
    pub price_conditions: Vec<String>,
    /// Whether IDocs are imported that their control record marks as a test.
    pub test_idocs: bool,
}

impl Default for IdocProfile {
    fn default() -> Self {
        Self {
            material_number: "as_sent".to_owned(),
            deletion_flag: "discontinue".to_owned(),
            price_conditions: Vec::new(),
            test_idocs: false,
        }
    }
}

/// Section `[gdsn]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GdsnProfile {
    /// What an item is known by: `gtin`, `gln_gtin_market`.
    pub item_number: String,
}

impl Default for GdsnProfile {
    fn default() -> Self {
        Self { item_number: "gtin".to_owned() }
    }
}

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
