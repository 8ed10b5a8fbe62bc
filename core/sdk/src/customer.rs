//! How a customer crate announces itself: one `customer!` line, found again by [`linked`].
//!
//! Used by every customer crate (to announce) and by the server (to find). A loaded library is not found this way: it has its
//! own copy of these statics, which the server cannot see, and hands its entry over by a symbol of [`crate::abi`].

use crate::registry::Registrar;

/// What a customer crate delivers.
#[derive(Debug, Clone, Copy)]
pub struct CustomerEntry {
    /// The customer's name, as tenants name it: 1 to 40 of `a-z 0-9 -`, the first a letter.
    pub name: &'static str,
    /// Registers the crate's hooks; contains its own panics.
    pub register: fn(&mut Registrar),
    /// The profile under which this customer's documents are read, as TOML; a tenant's own profile overrides it.
    pub profile: &'static str,
    /// A document for `plugpoint demo`, in UTF-8; empty if the customer brings none.
    pub demo: &'static [u8],
    /// What it does to its tenants' databases, as an update file ([`crate::update`]); empty if nothing.
    pub updates: &'static str,
    /// The crate's name and version.
    pub package: &'static str,
    /// File and line of the `customer!` entry.
    pub location: &'static str,
}

inventory::collect!(CustomerEntry);

/// Every customer crate linked into this program, in no order.
pub fn linked() -> impl Iterator<Item = &'static CustomerEntry> {
    inventory::iter::<CustomerEntry>.into_iter()
}

/// Announces a customer crate, to be linked or loaded alike. Exactly one in the crate's `lib.rs`:
///
/// ```
/// use plugpoint_sdk::registry::Registrar;
///
/// pub fn register(_registrar: &mut Registrar) {}
///
/// plugpoint_sdk::customer! { name: "example", register: register, profile: "" }
/// # assert!(plugpoint_sdk::customer::linked().any(|entry| entry.name == "example"));
/// ```
///
/// After the profile, in this order: `demo: include_bytes!("../demo/catalog.xml")` is a document that `plugpoint demo` pushes;
/// `updates: include_str!("../updates.sql")` is what is done to its tenants' databases ([`crate::update`]).
///
/// To be loaded, the crate is also built as a library of C: `crate-type = ["rlib", "cdylib"]` under `[lib]` of its
/// `Cargo.toml`. It cannot set a `#[global_allocator]`: the sdk brings the one that both sides share ([`crate::memory`]).
#[macro_export]
macro_rules! customer {
    (
        name: $name:expr, register: $register:expr, profile: $profile:expr
        $(, demo: $demo:expr)? $(, updates: $updates:expr)? $(,)?
    ) => {
        $crate::inventory::submit! {
            $crate::customer::CustomerEntry {
                name: $name,
                register: |registrar| registrar.run($register),
                profile: $profile,
                demo: $crate::customer!(@or b"" $(, $demo)?),
                updates: $crate::customer!(@or "" $(, $updates)?),
                package: concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
                location: concat!(file!(), ":", line!()),
            }
        }
    };
    (@or $default:expr) => { $default };
    (@or $default:expr, $given:expr) => { $given };
}
