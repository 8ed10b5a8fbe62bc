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

use std::time::Duration;

use crate::detect::{Detected, Head};
use crate::document::{Document, ItemSink, TransformError};
use crate::points::{Implementation, catalog_format};
use crate::registry::{Arity, Bounds, Fallback, OnError, Order, Point};
use crate::xml::EntityTable;

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
    bounds: Bounds {
        budget: Duration::from_secs(60),
        memory_bytes: 128 << 20,
        failures: 3,
        window: Duration::from_secs(600),
        pause: Duration::from_secs(60),
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

    /// Whether a document that begins like this is one of its own, and which version. Asked when a profile says `auto`, and by
    /// `plugpoint detect`; without it the format has to be named. It looks at the head only, and at nothing else.
    fn detect(&self, _head: &Head<'_>) -> Option<Detected> {
        None
    }

    /// The named characters beyond XML's five that its documents may use: those of a DTD, which nobody reads. Asked where a document is
    /// read without it, as when rejected records are copied for their sender; without it such a document cannot be divided.
    fn named_characters(&self) -> Option<&'static EntityTable> {
        None
    }
}

/// What every transformer keeps to. `skus` are all item numbers that `sample` names, in any order.
///
/// It hands over each number and no other, whatever the order of the records and whichever are there; gives the same for the
/// same bytes, however they arrive; survives a document cut off, turned around, sent in another encoding or with bytes changed;
/// stops at once when the sink says so; and holds no more memory after a million records than after the first of them.
///
/// # Errors
/// Every violation, in one sentence each.
#[cfg(any(test, feature = "testkit"))]
pub fn conformance(
    transformer: &dyn CatalogTransformer,
    sample: &crate::testkit::Sample<'_>,
    skus: &[&str],
) -> Result<(), Vec<String>> {
    use crate::testkit::{STREAM_RECORDS, bounded_in_memory, transformer_promises};
    let mut violations = transformer_promises(transformer, sample, skus);
    // What breaks a promise on one document need not be tried on a million records.
    if violations.is_empty() {
        violations.extend(bounded_in_memory(transformer, sample, STREAM_RECORDS).and_then(Result::err));
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ItemDraft, Position};

    #[derive(Clone, Copy, PartialEq)]
    enum Vice {
        None,
        LosesTheFirst,
        Invents,
        MindsPieces,
        PanicsWhenCut,
        KeepsOn,
        HidesTheStop,
        PanicsOnOddBytes,
        NumbersByPlace,
        KeepsAll,
    }

    /// One sku a line, read with one vice.
    struct Lines(Vice, std::sync::Mutex<Vec<String>>);

    impl CatalogTransformer for Lines {
        fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
            if self.0 == Vice::MindsPieces && document.source.fill_buf()?.len() == 1 {
                return Ok(());
            }
            let mut bytes = Vec::new();
            for line in 1.. {
                bytes.clear();
                if document.source.read_until(b'\n', &mut bytes)? == 0 {
                    break;
                }
                assert!(self.0 != Vice::PanicsWhenCut || bytes.ends_with(b"\n"), "an open line");
                assert!(self.0 != Vice::PanicsOnOddBytes || bytes.is_ascii(), "odd bytes");
                if self.0 == Vice::LosesTheFirst && line == 1 {
                    continue;
                }
                let mut sku = String::from_utf8_lossy(bytes.trim_ascii()).into_owned();
                match self.0 {
                    Vice::NumbersByPlace if line == 2 => sku = "B2".to_owned(),
                    Vice::KeepsAll => self.1.lock().unwrap().push(sku.repeat(8)),
                    _ => {}
                }
                let stopped = sink.upsert(ItemDraft::new(sku, Position { line, column: 1 }));
                match self.0 {
                    Vice::KeepsOn => _ = stopped,
                    Vice::HidesTheStop if stopped.is_err() => return Ok(()),
                    _ => stopped?,
                }
            }
            if self.0 == Vice::Invents {
                sink.upsert(ItemDraft::new("C3", Position::default()))?;
            }
            Ok(())
        }
    }

    #[test]
    fn conformance_finds_each_vice() {
        let cases = [
            (Vice::None, ""),
            (Vice::LosesTheFirst, "the item \"A1\" was lost"),
            (Vice::Invents, "the item \"C3\" is not in the document"),
            (Vice::MindsPieces, "the document gave another result when it came in single bytes"),
            (Vice::PanicsWhenCut, "cut off after 1 bytes, it panicked: an open line"),
            (Vice::KeepsOn, "told to stop after 0 records, it called the sink 1 times more"),
            (Vice::HidesTheStop, "told to stop after 1 records, it did not say that it was stopped"),
            (Vice::PanicsOnOddBytes, "in UTF-16LE, it panicked: odd bytes"),
            (Vice::NumbersByPlace, "items changed their numbers with the order of the records"),
            (Vice::KeepsAll, "between record 100000 and record 1000000 memory grew by"),
        ];
        let profile = crate::profile::Profile::default();
        let sample =
            crate::testkit::Sample { bytes: b"A1\nB2\n", media_type: "text/plain", charset: None, profile: &profile };
        for (vice, expected) in cases {
            let violations = conformance(&Lines(vice, std::sync::Mutex::default()), &sample, &["A1", "B2"])
                .err()
                .unwrap_or_default();
            assert_eq!(violations.is_empty(), expected.is_empty(), "{violations:?}");
            assert!(expected.is_empty() || violations.iter().any(|it| it.starts_with(expected)), "{violations:?}");
        }
    }
}
