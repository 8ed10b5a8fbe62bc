//! The tenant's profile: what a format plugin needs to know about this sender, without code.

use serde::{Deserialize, Serialize};

/// A tenant's profile, read from `profile.toml`. Unknown keys are errors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    /// How catalogs of this tenant are read.
    pub catalog: CatalogProfile,
}

/// Section `[catalog]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CatalogProfile {
    /// The format that reads the documents when no customer crate does: `canonical`, `bmecat`, ...
    pub transformer: String,
    /// The share of rejected records, 0 to 1, above which an import changes nothing.
    pub rejected_share_max: f64,
    /// BCP 47 language of texts whose document names none.
    pub language: String,
    /// ISO 4217 currency of prices that have none. Without it such a price is a finding.
    pub currency: Option<String>,
    /// Reads `12,50` as 12.50. Without it a comma is a finding.
    pub decimal_comma: bool,
    /// Days that a document is kept after its import.
    pub retention_days: u32,
}

impl Default for CatalogProfile {
    fn default() -> Self {
        Self {
            transformer: "canonical".to_owned(),
            rejected_share_max: 0.5,
            language: "en".to_owned(),
            currency: None,
            decimal_comma: false,
            retention_days: 30,
        }
    }
}
