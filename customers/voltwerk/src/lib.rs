//! Voltwerk, a wholesaler of electrical goods whose ERP sends BMEcat 2005.
//!
//! The format is the standard's, so the plugin's reader does the reading; this crate decides what a profile cannot: what
//! Voltwerk's price types and extensions mean, which units they write, when a cable may not be sold, what one piece costs. It
//! refuses nothing else.

pub mod listener;
pub mod presenter;
pub mod rules;
pub mod transform;

use plugpoint_sdk::points::{catalog_transformer, import_listener, item_presenter, item_rule};
use plugpoint_sdk::registry::Registrar;

/// Registers everything that is Voltwerk's.
pub fn register(registrar: &mut Registrar) {
    registrar.provide(&catalog_transformer::POINT, "voltwerk.transformer", transform::VoltwerkTransformer);
    registrar.provide(&item_rule::POINT, "voltwerk.units", rules::Units).after(item_rule::DECODED);
    registrar.provide(&item_rule::POINT, "voltwerk.copper", rules::Copper).after("voltwerk.units");
    registrar.provide(&import_listener::POINT, "voltwerk.removal_watch", listener::RemovalWatch);
    registrar.provide_keyed(&item_presenter::POINT, "unit_price", "voltwerk.unit_price", presenter::UnitPrice);
}

plugpoint_sdk::customer! {
    name: "voltwerk",
    register: register,
    profile: include_str!("../profile.toml"),
    demo: include_bytes!("../demo/voltwerk-katalog.xml"),
    updates: include_str!("../updates.sql"),
}
