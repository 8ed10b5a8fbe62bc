//! The customers that this server is linked with. Their one list is `[dependencies]` of this crate's `Cargo.toml`; a further
//! customer is one more line there and touches nothing else.
//!
//! Used by the server alone. It knows no customer by name; each is found through its `customer!` entry.

use plugpoint_sdk::customer::CustomerEntry;

include!(concat!(env!("OUT_DIR"), "/customers.rs"));

/// Every linked customer, by name.
#[must_use]
pub fn linked() -> Vec<&'static CustomerEntry> {
    let mut entries: Vec<_> = plugpoint_sdk::customer::linked().collect();
    entries.sort_by_key(|entry| (entry.name, entry.package));
    entries
}
