//! Section `[onix]`: what only the ONIX reader knows.

use serde::{Deserialize, Serialize};

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
