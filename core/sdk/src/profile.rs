//! The tenant's profile: what a format plugin needs to know about this sender, without code.

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

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

/// A profile's text is no profile.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ProfileError {
    message: String,
}

impl Profile {
    /// Reads profiles as TOML, each over the one before it, setting by setting.
    ///
    /// # Errors
    /// The first text that is no TOML, has an unknown setting or a value of the wrong kind; with line and column.
    pub fn from_layers(layers: &[&str]) -> Result<Self, ProfileError> {
        let refused = |error: toml::de::Error| ProfileError { message: error.to_string().trim_end().to_owned() };
        let mut merged = Table::new();
        for layer in layers {
            // Each by itself first: its errors then have the lines of its own text.
            toml::from_str::<Self>(layer).map_err(refused)?;
            merge(&mut merged, toml::from_str(layer).map_err(refused)?);
        }
        merged.try_into().map_err(refused)
    }
}

fn merge(into: &mut Table, over: Table) {
    for (setting, value) in over {
        match (into.get_mut(&setting), value) {
            (Some(Value::Table(below)), Value::Table(value)) => merge(below, value),
            (_, value) => _ = into.insert(setting, value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_changes_only_what_it_sets() {
        let customer = "[catalog]\ntransformer = \"bmecat\"\ncurrency = \"EUR\"\n";
        let tenant = "[catalog]\ncurrency = \"CHF\"\n";
        let profile = Profile::from_layers(&[customer, "", tenant]).unwrap();
        assert_eq!(profile.catalog.transformer, "bmecat");
        assert_eq!(profile.catalog.currency.as_deref(), Some("CHF"));
        assert_eq!(profile.catalog.retention_days, CatalogProfile::default().retention_days);
        assert_eq!(Profile::from_layers(&[]).unwrap(), Profile::default());
    }

    #[test]
    fn what_is_no_profile_is_refused_with_its_line() {
        let cases = [
            ("[catalog", "line 1"),
            ("\n[catalog]\ntransformerr = \"bmecat\"", "unknown field `transformerr`"),
            ("[catalog]\nretention_days = \"many\"", "line 2"),
            ("[catalogue]", "unknown field `catalogue`"),
        ];
        for (text, expected) in cases {
            let error = Profile::from_layers(&["", text]).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
