//! Sections that only one format's reader knows, and that of the facades. What a key does is said in [`keys`](super::keys).

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

/// Section `[magento]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MagentoProfile {
    /// The unit of weights.
    pub weight_unit: String,
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

/// Section `[gdsn]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GdsnProfile {
    /// What an item is known by: `gtin`, `gln_gtin_market`.
    pub item_number: String,
}

/// Section `[soap]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SoapProfile {
    /// The facades that answer for this tenant, each under its own address.
    pub facades: Vec<String>,
    /// The catalog that they read and write.
    pub catalog: String,
}

/// Section `[commerceml]`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CommercemlProfile {
    /// Whether a catalog that says it is full removes what it does not name.
    pub full_replaces: bool,
}

/// Section `[datanorm]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatanormProfile {
    /// How the bytes of a document are read whose content type names no charset.
    pub encoding: String,
}

impl Default for BmecatProfile {
    fn default() -> Self {
        Self { mime_root: None, group_system: "supplier".to_owned(), extensions: true, extras: true }
    }
}

impl Default for MagentoProfile {
    fn default() -> Self {
        Self { weight_unit: "kg".to_owned() }
    }
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

impl Default for GdsnProfile {
    fn default() -> Self {
        Self { item_number: "gtin".to_owned() }
    }
}

impl Default for SoapProfile {
    fn default() -> Self {
        Self { facades: Vec::new(), catalog: "main".to_owned() }
    }
}

impl Default for DatanormProfile {
    fn default() -> Self {
        Self { encoding: "auto".to_owned() }
    }
}

/// Section `[onix]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OnixProfile {
    /// What an item's number is: `reference` or `isbn`.
    pub sku: String,
    /// Whether elements without a place of their own are kept.
    pub extras: bool,
}

impl Default for OnixProfile {
    fn default() -> Self {
        Self { sku: "reference".to_owned(), extras: true }
    }
}
