//! `catalog.import_listener`: is told about every committed import.
//!
//! # Purpose
//! Lets a crate act on a catalog that has changed: tell a partner, warm a cache, count.
//!
//! # Called by
//! The import of `plugins/catalog`, after the commit.
//!
//! # When and how often
//! Once for each committed import, in the order of the chain, on the import's thread. A crash between the commit and the call
//! loses the call, so it is a hint; what must not be missed reads the catalog's `changes`.
//!
//! # Order
//! No anchors; listeners may name one another. Ties go by id.
//!
//! # Conflict
//! Two of one id at the same layer are refused at start-up; one at a higher layer has to say `replace`.
//!
//! # On error
//! An error or a panic is logged under the listener's id; the import stays committed and the next listener is called.
//!
//! # Default
//! None is called.
//!
//! # Example
//! ```
//! use std::sync::atomic::{AtomicU64, Ordering};
//!
//! use plugpoint_sdk::points::import_listener::{self, ImportCommitted, ImportListener};
//! use plugpoint_sdk::registry::Registrar;
//!
//! #[derive(Default)]
//! struct ItemsAdded(AtomicU64);
//!
//! impl ImportListener for ItemsAdded {
//!     fn committed(&self, event: &ImportCommitted) -> Result<(), String> {
//!         self.0.fetch_add(event.counts.added, Ordering::Relaxed);
//!         Ok(())
//!     }
//! }
//!
//! pub fn register(registrar: &mut Registrar) {
//!     registrar.provide(&import_listener::POINT, "example.items_added", ItemsAdded::default());
//! }
//! ```

use crate::desk::ImportCounts;
use crate::model::{CatalogId, ImportId, TenantId};
use crate::points::Implementation;
use crate::registry::{Arity, Fallback, OnError, Order, Point};

/// The rules above, as data.
pub const POINT: Point<dyn ImportListener> = Point {
    name: "catalog.import_listener",
    arity: Arity::Chain,
    order: Order::None,
    on_error: OnError::Log,
    default: Fallback::Nothing,
    implementation: Implementation::ImportListener,
};

/// Is told about every committed import, after the commit.
pub trait ImportListener: Send + Sync {
    /// One import was committed. Its failure changes nothing about the import. May be told of an import that changed nothing.
    ///
    /// # Errors
    /// A sentence for the log.
    fn committed(&self, event: &ImportCommitted) -> Result<(), String>;
}

/// What was committed.
#[derive(Debug, Clone)]
pub struct ImportCommitted {
    /// The tenant.
    pub tenant: TenantId,
    /// The catalog.
    pub catalog: CatalogId,
    /// The import.
    pub import: ImportId,
    /// What it did.
    pub counts: ImportCounts,
}
