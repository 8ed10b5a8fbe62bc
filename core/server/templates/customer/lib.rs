//! @NAME@: what is special about this customer's catalogs.
//!
//! What a profile can say stands in `profile.toml`; only decisions are code.

pub mod rules;
pub mod transform;

use plugpoint_sdk::points::{catalog_transformer, item_rule};
use plugpoint_sdk::registry::Registrar;

/// Registers everything that is @NAME@'s.
pub fn register(registrar: &mut Registrar) {
    registrar.provide(&catalog_transformer::POINT, "@NAME@.transformer", transform::Transformer);
    registrar.provide(&item_rule::POINT, "@NAME@.no_samples", rules::NoSamples).after(item_rule::DECODED);
}

plugpoint_sdk::customer! { name: "@NAME@", register: register, profile: include_str!("../profile.toml") }
