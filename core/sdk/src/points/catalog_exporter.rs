//! `catalog.exporter`: writes a catalog in a format that others read.
//!
//! # Purpose
//! A catalog goes back into the world in a format of the world's. An exporter is the counterpart of a reader: it takes items one
//! after the other, writes the document, and says of each item what the format could not carry.
//!
//! # Called by
//! `GET /v1/catalogs/{catalog}/export`, its report, and `plugpoint export`.
//!
//! # When and how often
//! Once for every export, on a thread of the tenant's that may block. The items are those of one moment, in the order of their
//! sku; the exporter may go through them more than once. What it writes goes straight out; it keeps no more than one item and
//! what its head needs.
//!
//! # Order
//! None: the request names one key.
//!
//! # Conflict
//! One for each key. A second at the same layer is refused at start-up; a customer's own form of a key has to say `replace_keyed`,
//! and then holds for that customer alone.
//!
//! # On error
//! An error or a panic ends the answer without its end, so that no client takes a part for the whole.
//!
//! # Default
//! A format that nobody provides is refused, with those that come near.
//!
//! # Example
//! ```
//! use std::collections::BTreeSet;
//!
//! use plugpoint_sdk::export::{ExportError, ExportSession};
//! use plugpoint_sdk::points::catalog_exporter::{self, CatalogExporter};
//! use plugpoint_sdk::registry::Registrar;
//!
//! /// A list of item numbers. All else is lost, and it says so.
//! struct Numbers;
//!
//! impl CatalogExporter for Numbers {
//!     fn export(&self, session: &mut ExportSession<'_>) -> Result<(), ExportError> {
//!         let lost: BTreeSet<String> = ["/texts".to_owned()].into();
//!         while let Some(item) = session.next_item()? {
//!             session.write(format!("{}\n", item.sku).as_bytes())?;
//!             session.written(&item.sku, &lost);
//!         }
//!         Ok(())
//!     }
//!
//!     fn media_type(&self) -> &'static str {
//!         "text/plain; charset=utf-8"
//!     }
//!
//!     fn file_extension(&self) -> &'static str {
//!         "txt"
//!     }
//! }
//!
//! pub fn register(registrar: &mut Registrar) {
//!     registrar.provide_keyed(&catalog_exporter::POINT, "numbers", "example.numbers", Numbers);
//! }
//! ```

use std::time::Duration;

use crate::export::{ExportError, ExportSession};
use crate::points::Implementation;
use crate::registry::{Arity, Bounds, Fallback, OnError, Order, Point};

/// The point's name.
pub const NAME: &str = "catalog.exporter";

/// The rules above, as data.
pub const POINT: Point<dyn CatalogExporter> = Point {
    name: NAME,
    arity: Arity::OnePerKey,
    order: Order::None,
    on_error: OnError::BreakOff,
    default: Fallback::Refuse,
    bounds: Bounds {
        // Beside the time that a slow client takes.
        budget: Duration::from_secs(60),
        memory_bytes: 128 << 20,
        failures: 3,
        window: Duration::from_secs(600),
        pause: Duration::from_secs(60),
    },
    implementation: Implementation::CatalogExporter,
};

/// Writes a catalog in one format.
pub trait CatalogExporter: Send + Sync {
    /// Reads the session's items and writes one whole document. Every item is accounted for once: as written with what it lost,
    /// or as left out. When the session says [`ExportError::Stopped`] it returns at once.
    ///
    /// # Errors
    /// Whatever keeps the document from being whole.
    fn export(&self, session: &mut ExportSession<'_>) -> Result<(), ExportError>;

    /// The content type of the document, with its charset.
    fn media_type(&self) -> &'static str;

    /// The end of its file name, without a dot.
    fn file_extension(&self) -> &'static str;
}

/// What every exporter keeps to, tried on `items`, which `reader` reads back by the same profile.
///
/// It writes the same document for the same items; accounts for every item once; what is read back differs from what was written
/// only where its report says so, and nothing that it reports was kept everywhere; it passes a stop on at once, whenever it comes.
///
/// # Errors
/// Every violation, in one sentence each.
#[cfg(any(test, feature = "testkit"))]
pub fn conformance(
    exporter: &dyn CatalogExporter,
    reader: &dyn crate::points::catalog_transformer::CatalogTransformer,
    profile: &crate::profile::Profile,
    items: &[crate::model::ItemData],
) -> Result<(), Vec<String>> {
    let violations = crate::testkit::exporter_promises(exporter, reader, profile, items);
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};

    use super::*;
    use crate::canonical::Canonical;
    use crate::model::{ItemData, ItemDraft, Position, Text};
    use crate::profile::Profile;

    #[derive(Clone, Copy, PartialEq)]
    enum Vice {
        None,
        HidesALoss,
        MakesUpALoss,
        ForgetsAnItem,
        HidesAnItem,
        WritesOn,
        Counts,
        Panics,
    }

    /// Canonical NDJSON without brands.
    struct Brandless(Vice, AtomicU32);

    impl CatalogExporter for Brandless {
        fn export(&self, session: &mut ExportSession<'_>) -> Result<(), ExportError> {
            let brand: BTreeSet<String> = ["/brand".to_owned()].into();
            while let Some(mut item) = session.next_item()? {
                assert!(self.0 != Vice::Panics, "full moon");
                let had_brand = item.brand.take().is_some();
                if item.sku == "B" && self.0 == Vice::ForgetsAnItem {
                    continue;
                }
                let lost = match self.0 {
                    Vice::HidesALoss => BTreeSet::new(),
                    Vice::MakesUpALoss => ["/kind".to_owned()].into(),
                    _ if had_brand => brand.clone(),
                    _ => BTreeSet::new(),
                };
                session.written(&item.sku, &lost);
                if item.sku == "B" && self.0 == Vice::HidesAnItem {
                    continue;
                }
                if self.0 == Vice::Counts {
                    item.kind = format!("kind{}", self.1.fetch_add(1, SeqCst));
                }
                let line = serde_json::to_string(&item).unwrap() + "\n";
                match session.write(line.as_bytes()) {
                    Err(ExportError::Stopped) if self.0 == Vice::WritesOn => {}
                    other => other?,
                }
            }
            Ok(())
        }

        fn media_type(&self) -> &'static str {
            "application/x-ndjson"
        }

        fn file_extension(&self) -> &'static str {
            "ndjson"
        }
    }

    fn items() -> Vec<ItemData> {
        let item = |sku: &str, brand: Option<&str>| {
            let text = Text { lang: "en".to_owned(), title: sku.to_owned(), ..Text::default() };
            let data = ItemDraft::new(sku, Position::default()).data;
            ItemData { texts: vec![text], brand: brand.map(str::to_owned), ..data }
        };
        vec![item("A", None), item("B", Some("b")), item("C", Some("c"))]
    }

    #[test]
    fn conformance_finds_each_vice() {
        let cases = [
            (Vice::HidesALoss, "differs at /brand"),
            (Vice::MakesUpALoss, "reports a loss at /kind"),
            (Vice::ForgetsAnItem, "accounts for 2 of 3 items"),
            (Vice::HidesAnItem, "lacks item \"B\""),
            (Vice::WritesOn, "went on after it was stopped"),
            (Vice::Counts, "two documents"),
            (Vice::Panics, "panicked: full moon"),
        ];
        let tried = |vice| {
            let exporter = Brandless(vice, AtomicU32::new(0));
            conformance(&exporter, &Canonical, &Profile::default(), &items()).err().unwrap_or_default()
        };
        assert_eq!(tried(Vice::None), Vec::<String>::new());
        for (vice, expected) in cases {
            let found = tried(vice);
            assert!(found.iter().any(|violation| violation.contains(expected)), "{expected}: {found:?}");
        }
    }
}
