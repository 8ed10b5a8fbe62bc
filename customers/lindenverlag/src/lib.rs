//! Lindenverlag, a publisher whose ERP writes a small XML of its own, the "Lieferung".
//!
//! No format plugin knows it, so this crate reads it with the sdk's XML reader, and checks what the book trade demands:
//! right ISBNs, and a fixed price where there has to be one.

pub mod rules;
pub mod title;
pub mod transform;

use plugpoint_sdk::points::{catalog_transformer, item_rule};
use plugpoint_sdk::registry::Registrar;

/// Registers everything that is Lindenverlag's.
pub fn register(registrar: &mut Registrar) {
    registrar.provide(&catalog_transformer::POINT, "lindenverlag.transformer", transform::LindenverlagTransformer);
    registrar.provide(&item_rule::POINT, "lindenverlag.isbn", rules::Isbn).after(item_rule::DECODED);
    registrar.provide(&item_rule::POINT, "lindenverlag.fixed_price", rules::FixedPrice).after("lindenverlag.isbn");
}

plugpoint_sdk::customer! {
    name: "lindenverlag",
    register: register,
    profile: include_str!("../profile.toml"),
    demo: include_bytes!("../demo/lieferung.xml"),
}
