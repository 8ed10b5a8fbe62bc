//! `catalog.transformer`: brings a tenant's documents into the canonical form.
//!
//! # Purpose
//! The one place where a customer's own format, or its own reading of a standard one, becomes canonical items.
//!
//! # Called by
//! The import of `plugins/catalog`, as the first step after the document is safe on disk.
//!
//! # When and how often
//! Once for every import, and again when an import is restarted after a crash or replayed. On a thread that may block. It
//! reads the source to its end and hands over one record at a time; it keeps no more than one record in memory.
//!
//! # Order
//! None: there is one.
//!
//! # Conflict
//! One for each customer. A second at the same layer is refused at start-up; one at a higher layer has to say `replace`.
//!
//! # On error
//! A bad record goes to the sink as a finding, and reading goes on. An error or a panic fails the import, which then changes
//! nothing.
//!
//! # Default
//! The entry of `catalog.format` that the tenant's profile names in `catalog.transformer`; `canonical` if it names none.
//!
//! # Example
//! ```
//! use plugpoint_sdk::document::{Document, ItemSink, TransformError};
//! use plugpoint_sdk::model::{ItemDraft, Position};
//! use plugpoint_sdk::points::catalog_transformer::{self, CatalogTransformer};
//! use plugpoint_sdk::registry::Registrar;
//!
//! /// One sku a line.
//! struct PlainList;
//!
//! impl CatalogTransformer for PlainList {
//!     fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
//!         let mut line = String::new();
//!         for number in 1.. {
//!             line.clear();
//!             if document.source.read_line(&mut line)? == 0 {
//!                 break;
//!             }
//!             sink.upsert(ItemDraft::new(line.trim(), Position { line: number, column: 1 }))?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! pub fn register(registrar: &mut Registrar) {
//!     registrar.provide(&catalog_transformer::POINT, "example.transformer", PlainList);
//! }
//! ```

use crate::document::{Document, ItemSink, TransformError};
use crate::points::{Implementation, catalog_format};
use crate::registry::{Arity, Fallback, OnError, Order, Point};

/// The rules above, as data.
pub const POINT: Point<dyn CatalogTransformer> = Point {
    name: "catalog.transformer",
    arity: Arity::One,
    order: Order::None,
    on_error: OnError::FailImport,
    default: Fallback::Keyed {
        point: catalog_format::NAME,
        setting: "catalog.transformer",
        key: |profile| &profile.catalog.transformer,
    },
    implementation: Implementation::CatalogTransformer,
};

/// Reads one document and hands over its items one at a time.
pub trait CatalogTransformer: Send + Sync {
    /// Reads `document` to its end and puts every record into `sink`. The same bytes give the same records in the same order.
    /// When the sink says [`Stop`](crate::document::Stop) it returns at once.
    ///
    /// # Errors
    /// [`TransformError::Document`] only when the document as a whole cannot be read; a bad record is a finding.
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError>;
}
