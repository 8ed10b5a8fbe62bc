//! `catalog.format`: the transformers that a profile chooses by name.
//!
//! # Purpose
//! Lets a tenant without a crate of its own send a standard format: its profile names the format, a plugin reads it.
//!
//! # Called by
//! Nobody directly. It is the default of `catalog.transformer`; the key `canonical` also reads what certainly is canonical,
//! such as the typed items of a SOAP envelope. The key `auto` asks all others whether a document is theirs
//! ([`detect`](CatalogTransformer::detect)).
//!
//! # When and how often
//! As `catalog.transformer`, which it stands in for.
//!
//! # Order
//! None: the profile's setting `catalog.transformer` chooses one key.
//!
//! # Conflict
//! One for each key. A second at the same layer is refused at start-up; a customer's own reading of a key has to say
//! `replace_keyed`, and then holds for that customer alone.
//!
//! # On error
//! As `catalog.transformer`.
//!
//! # Default
//! A profile that names a key which nobody provides is refused, with the keys that come near.
//!
//! # Example
//! ```
//! use plugpoint_sdk::document::{Document, ItemSink, TransformError};
//! use plugpoint_sdk::points::{catalog_format, catalog_transformer::CatalogTransformer};
//! use plugpoint_sdk::registry::Registrar;
//!
//! struct Nothing;
//!
//! impl CatalogTransformer for Nothing {
//!     fn transform(&self, _: &mut Document<'_>, _: &mut dyn ItemSink) -> Result<(), TransformError> {
//!         Ok(())
//!     }
//! }
//!
//! pub fn register(registrar: &mut Registrar) {
//!     registrar.provide_keyed(&catalog_format::POINT, "nothing", "example.nothing", Nothing);
//! }
//! ```

use std::time::Duration;

use crate::points::Implementation;
use crate::points::catalog_transformer::CatalogTransformer;
use crate::registry::{Arity, Bounds, Fallback, OnError, Order, Point};

#[cfg(any(test, feature = "testkit"))]
pub use crate::points::catalog_transformer::conformance;

/// The point's name.
pub const NAME: &str = "catalog.format";

/// The key of the platform's own form. The core provides it; no plan is without.
pub const CANONICAL: &str = "canonical";

/// The key of the format that finds out which of the others a document is in.
pub const AUTO: &str = "auto";

/// The rules above, as data.
pub const POINT: Point<dyn CatalogTransformer> = Point {
    name: NAME,
    arity: Arity::OnePerKey,
    order: Order::None,
    on_error: OnError::FailImport,
    default: Fallback::Refuse,
    bounds: Bounds {
        budget: Duration::from_secs(60),
        memory_bytes: 128 << 20,
        failures: 3,
        window: Duration::from_secs(600),
        pause: Duration::from_secs(60),
    },
    implementation: Implementation::CatalogFormat,
};
