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

use std::time::Duration;

use crate::desk::ImportCounts;
use crate::model::{CatalogId, ImportId, TenantId};
use crate::points::Implementation;
use crate::registry::{Arity, Bounds, Fallback, OnError, Order, Point};

/// The rules above, as data.
pub const POINT: Point<dyn ImportListener> = Point {
    name: "catalog.import_listener",
    arity: Arity::Chain,
    order: Order::None,
    on_error: OnError::Log,
    default: Fallback::Nothing,
    bounds: Bounds {
        budget: Duration::from_secs(10),
        memory_bytes: 32 << 20,
        failures: 5,
        window: Duration::from_secs(600),
        pause: Duration::from_secs(60),
    },
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

/// What every listener keeps to: it survives being told of an import twice, of one that changed nothing, and of any counts.
/// That it fails is its own affair.
///
/// # Errors
/// Every violation, in one sentence each.
#[cfg(any(test, feature = "testkit"))]
pub fn conformance(listener: &dyn ImportListener, event: &ImportCommitted) -> Result<(), Vec<String>> {
    let nothing = ImportCommitted { counts: ImportCounts::default(), ..event.clone() };
    let told = [("of an import", event), ("of the same import again", event), ("of one without a change", &nothing)];
    let violation = |(what, event)| {
        let panicked = crate::guard::contain(|| listener.committed(event)).err()?;
        Some(format!("told {what}, it {panicked}"))
    };
    let mut violations: Vec<String> = told.into_iter().filter_map(violation).collect();
    if violations.is_empty() {
        violations.extend(crate::testkit::listener_bears_any_counts(listener, event));
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> ImportCommitted {
        let counts = ImportCounts { read: 2, added: 2, ..ImportCounts::default() };
        let (tenant, catalog) = ("acme".parse().unwrap(), "main".parse().unwrap());
        let import = "0192d3c4-0000-7000-8000-000000000000".parse().unwrap();
        ImportCommitted { tenant, catalog, import, counts }
    }

    struct Divides;

    impl ImportListener for Divides {
        fn committed(&self, event: &ImportCommitted) -> Result<(), String> {
            let share = event.counts.added.checked_div(event.counts.read).expect("records were read");
            if share == 0 { Ok(()) } else { Err("all new".to_owned()) }
        }
    }

    #[test]
    fn conformance_finds_what_cannot_bear_large_counts() {
        struct Narrows;
        impl ImportListener for Narrows {
            fn committed(&self, event: &ImportCommitted) -> Result<(), String> {
                u32::try_from(event.counts.removed).map(drop).expect("fits");
                Ok(())
            }
        }
        let found = conformance(&Narrows, &event()).unwrap_err();
        assert!(found[0].starts_with("told of any counts, it panicked: fits"), "{found:?}");
    }

    #[test]
    fn conformance_finds_what_cannot_bear_an_empty_import() {
        let expected = "told of one without a change, it panicked: records were read";
        assert_eq!(conformance(&Divides, &event()), Err(vec![expected.to_owned()]));
    }
}
