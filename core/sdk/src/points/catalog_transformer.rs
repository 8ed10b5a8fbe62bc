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

#[cfg(any(test, feature = "testkit"))]
pub use kit::conformance;

#[cfg(any(test, feature = "testkit"))]
mod kit {
    use std::collections::BTreeSet;
    use std::io::BufReader;

    use super::CatalogTransformer;
    use crate::document::{Document, ItemSink, Stop, TransformError};
    use crate::guard::contain;
    use crate::model::{Finding, ImportMode, ItemDraft, ItemPatch, Position};
    use crate::testkit::{Outcome, Sample};

    /// What every transformer keeps to. `skus` are all item numbers that `sample` names, in any order.
    ///
    /// It hands over each number and no other; gives the same for the same bytes, however they arrive; survives a document cut
    /// off or put out of order at any place; stops at once when the sink says so.
    ///
    /// # Errors
    /// Every violation, in one sentence each.
    pub fn conformance(
        transformer: &dyn CatalogTransformer,
        sample: &Sample<'_>,
        skus: &[&str],
    ) -> Result<(), Vec<String>> {
        let mut violations = Vec::new();
        match contain(|| Outcome::of(transformer, &[], sample)) {
            Err(panicked) => violations.push(format!("it {panicked}")),
            Ok(outcome) => {
                violations.extend(ids_kept(&outcome, skus));
                let in_bytes =
                    || Outcome::of_source(transformer, &[], sample, &mut BufReader::with_capacity(1, sample.bytes));
                if Outcome::of(transformer, &[], sample).to_json() != outcome.to_json() {
                    violations.push("the same document gave two results".to_owned());
                } else if in_bytes().to_json() != outcome.to_json() {
                    violations.push("the document gave another result when it came in single bytes".to_owned());
                }
                violations.extend(damaged(sample.bytes).filter_map(|(damage, bytes)| {
                    let panicked =
                        contain(|| Outcome::of(transformer, &[], &Sample { bytes: &bytes, ..*sample })).err()?;
                    Some(format!("{damage}, it {panicked}"))
                }));
                violations
                    .extend((0..outcome.records.min(3)).filter_map(|records| keeps_on(transformer, sample, records)));
            }
        }
        if violations.is_empty() { Ok(()) } else { Err(violations) }
    }

    fn ids_kept(outcome: &Outcome, skus: &[&str]) -> Vec<String> {
        let whole = outcome.items.iter().map(|item| &item.sku).chain(&outcome.rejected);
        let parts = outcome.deletes.iter().map(|(sku, _)| sku).chain(outcome.patches.iter().map(|patch| &patch.sku));
        let refused = outcome.findings.iter().filter_map(|finding| finding.sku.as_ref());
        let found: BTreeSet<&str> = whole.chain(parts).chain(refused).map(String::as_str).collect();
        let expected: BTreeSet<&str> = skus.iter().copied().collect();
        let lost = expected.difference(&found).map(|sku| format!("the item {sku:?} was lost"));
        let invented = found.difference(&expected).map(|sku| format!("the item {sku:?} is not in the document"));
        lost.chain(invented).collect()
    }

    /// The document cut off at up to 64 places, and with its parts in another order.
    fn damaged(bytes: &[u8]) -> impl Iterator<Item = (String, Vec<u8>)> {
        let step = (bytes.len() / 64).max(1);
        let cut =
            (0..bytes.len()).step_by(step).map(move |at| (format!("cut off after {at} bytes"), bytes[..at].to_vec()));
        let turned = (1..4).map(move |quarter| {
            let (head, tail) = bytes.split_at(bytes.len() * quarter / 4);
            (format!("with its last part first, from quarter {quarter} on"), [tail, head].concat())
        });
        let reversed: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').rev().collect();
        cut.chain(turned).chain(std::iter::once(("with its lines reversed".to_owned(), reversed.concat())))
    }

    /// Whether it goes on after the sink has taken some records and then says [`Stop`].
    fn keeps_on(transformer: &dyn CatalogTransformer, sample: &Sample<'_>, records: u64) -> Option<String> {
        let mut sink = StopsAfter { records_left: records, is_stopped: false, calls_after: 0 };
        let (mut source, mode) = (sample.bytes, ImportMode::Replace);
        let Sample { media_type, charset, profile, .. } = *sample;
        let mut document = Document { source: &mut source, media_type, charset, mode, profile };
        let result = transformer.transform(&mut document, &mut sink);
        if sink.calls_after > 0 {
            return Some(format!(
                "told to stop after {records} records, it called the sink {} times more",
                sink.calls_after
            ));
        }
        (sink.is_stopped && !matches!(result, Err(TransformError::Stopped)))
            .then(|| format!("told to stop after {records} records, it did not say that it was stopped"))
    }

    struct StopsAfter {
        records_left: u64,
        is_stopped: bool,
        calls_after: u64,
    }

    impl StopsAfter {
        fn call(&mut self, is_record: bool) -> Result<(), Stop> {
            if self.is_stopped {
                self.calls_after += 1;
                return Err(Stop);
            }
            if is_record && self.records_left == 0 {
                self.is_stopped = true;
                return Err(Stop);
            }
            self.records_left -= u64::from(is_record);
            Ok(())
        }
    }

    impl ItemSink for StopsAfter {
        fn declare(&mut self, _: &str, _: Option<ImportMode>) -> Result<(), Stop> {
            self.call(false)
        }
        fn upsert(&mut self, _: ItemDraft) -> Result<(), Stop> {
            self.call(true)
        }
        fn patch(&mut self, patch: ItemPatch) -> Result<(), Stop> {
            self.call(patch.is_record)
        }
        fn delete(&mut self, _: String, _: Position) -> Result<(), Stop> {
            self.call(true)
        }
        fn reject(&mut self, _: Finding) -> Result<(), Stop> {
            self.call(true)
        }
        fn note(&mut self, _: Finding) -> Result<(), Stop> {
            self.call(false)
        }
    }
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
    }

    /// One sku a line, read with one vice.
    struct Lines(Vice);

    impl CatalogTransformer for Lines {
        fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
            if self.0 == Vice::MindsPieces && document.source.fill_buf()?.len() == 1 {
                return Ok(());
            }
            let mut text = String::new();
            document.source.read_to_string(&mut text)?;
            assert!(self.0 != Vice::PanicsWhenCut || text.ends_with('\n'), "an open line");
            for (line, sku) in (1..).zip(text.lines()) {
                if self.0 == Vice::LosesTheFirst && line == 1 {
                    continue;
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
        ];
        let profile = crate::profile::Profile::default();
        let sample =
            crate::testkit::Sample { bytes: b"A1\nB2\n", media_type: "text/plain", charset: None, profile: &profile };
        for (vice, expected) in cases {
            let violations = conformance(&Lines(vice), &sample, &["A1", "B2"]).err().unwrap_or_default();
            assert_eq!(violations.is_empty(), expected.is_empty(), "{violations:?}");
            assert!(expected.is_empty() || violations.iter().any(|it| it == expected), "{violations:?}");
        }
    }
}
