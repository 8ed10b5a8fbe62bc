//! What every transformer keeps to, tried on one document: `catalog_transformer::conformance` without its bound of memory.
//!
//! Everything random comes from a fixed seed: the same crate fails or passes each time.

use std::collections::BTreeSet;
use std::io::BufReader;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use super::damage::{self, Damaged};
use crate::document::{Document, ItemSink, Stop, TransformError};
use crate::guard::contain;
use crate::model::{Finding, ImportMode, ItemDraft, ItemPatch, Position};
use crate::points::catalog_transformer::CatalogTransformer;
use crate::trial::{Outcome, Records, Rules, Sample};

/// Random documents that are tried for each promise.
const TRIES: u32 = 64;

/// A property test with a fixed seed.
pub(super) fn runner(tries: u32) -> TestRunner {
    let config = Config { cases: tries, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// What a property test has found, with the smallest example.
pub(super) fn told<T: std::fmt::Debug>(
    result: Result<(), TestError<T>>,
    shown: impl Fn(&T) -> String,
) -> Option<String> {
    match result.err()? {
        TestError::Fail(reason, example) => Some(format!("{}{}", reason.message(), shown(&example))),
        TestError::Abort(reason) => Some(format!("the trial was given up: {}", reason.message())),
    }
}

/// Every violation of the promises, in one sentence each. `skus` are the numbers in the document.
pub(crate) fn transformer_promises(
    transformer: &dyn CatalogTransformer,
    sample: &Sample<'_>,
    skus: &[&str],
) -> Vec<String> {
    let outcome = match contain(|| Outcome::of(transformer, &[], sample)) {
        Ok(outcome) => outcome,
        Err(panicked) => return vec![format!("it {panicked}")],
    };
    let mut violations = ids_kept(&outcome, skus);
    violations.extend(is_deterministic(transformer, sample, &outcome));
    violations.extend(is_total(transformer, sample));
    violations.extend((0..outcome.records.min(3)).filter_map(|records| keeps_on(transformer, sample, records)));
    violations.extend(keeps_ids_in_any_order(transformer, sample, &outcome));
    violations
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

/// The same twice, in single bytes, and in pieces of some sizes that divide nothing.
fn is_deterministic(transformer: &dyn CatalogTransformer, sample: &Sample<'_>, outcome: &Outcome) -> Option<String> {
    let expected = outcome.to_json();
    if Outcome::of(transformer, &[], sample).to_json() != expected {
        return Some("the same document gave two results".to_owned());
    }
    [1, 7, 61].into_iter().find_map(|bytes| {
        let mut source = BufReader::with_capacity(bytes, sample.bytes);
        let in_pieces = Outcome::of_source(transformer, Rules::default(), sample, &mut source);
        let pieces = if bytes == 1 { "single bytes".to_owned() } else { format!("pieces of {bytes} bytes") };
        (in_pieces.to_json() != expected).then(|| format!("the document gave another result when it came in {pieces}"))
    })
}

/// It may complain about a damaged document, or read it; it never panics.
fn is_total(transformer: &dyn CatalogTransformer, sample: &Sample<'_>) -> Vec<String> {
    let panic_on =
        |bytes: &[u8], charset| contain(|| Outcome::of(transformer, &[], &Sample { bytes, charset, ..*sample })).err();
    let fixed = damage::kinds(sample.bytes).filter_map(|Damaged { how, bytes, charset }| {
        let panicked = panic_on(&bytes, charset.or(sample.charset))?;
        Some(format!("{how}, it {panicked}"))
    });
    let flipped = runner(TRIES).run(&damage::flips(sample.bytes), |bytes| match panic_on(&bytes, sample.charset) {
        Some(panicked) => Err(TestCaseError::fail(format!("with bytes changed, it {panicked}"))),
        None => Ok(()),
    });
    let shown = |bytes: &Vec<u8>| format!("; the document was {:?}", String::from_utf8_lossy(bytes));
    fixed.chain(told(flipped, shown)).collect()
}

/// Whether it goes on after the sink has taken some records and then says [`Stop`].
fn keeps_on(transformer: &dyn CatalogTransformer, sample: &Sample<'_>, records: u64) -> Option<String> {
    let mut sink = StopsAfter { records_left: records, is_stopped: false, calls_after: 0 };
    let mut source = sample.bytes;
    let Sample { media_type, charset, profile, .. } = *sample;
    let mut document = Document { media_type, charset, ..Document::new(&mut source, profile) };
    let result = transformer.transform(&mut document, &mut sink);
    let StopsAfter { is_stopped, calls_after, .. } = sink;
    if calls_after > 0 {
        return Some(format!("told to stop after {records} records, it called the sink {calls_after} times more"));
    }
    (is_stopped && !matches!(result, Err(TransformError::Stopped)))
        .then(|| format!("told to stop after {records} records, it did not say that it was stopped"))
}

/// A record has the same number wherever it stands and whichever others are there.
fn keeps_ids_in_any_order(
    transformer: &dyn CatalogTransformer,
    sample: &Sample<'_>,
    outcome: &Outcome,
) -> Option<String> {
    let records = Records::cut(sample.bytes, &outcome.starts)?;
    let read = |order: &[usize]| {
        let document = records.composed(order);
        contain(|| Outcome::of(transformer, &[], &Sample { bytes: document.as_bytes(), ..*sample }))
    };
    let places = prop::collection::vec(0..records.bodies.len(), 0..=records.bodies.len() * 2);
    let result = runner(TRIES).run(&places, |order| {
        let outcome = read(&order)
            .map_err(|panicked| TestCaseError::fail(format!("with records in another order, it {panicked}")))?;
        let found: Vec<_> = outcome.starts.into_iter().map(|(sku, _)| sku).collect();
        // Records that do not simply lie beside each other make another document, which may well be refused.
        if outcome.error.is_some() || found == records.skus(&order) {
            return Ok(());
        }
        Err(TestCaseError::fail(format!("items changed their numbers with the order of the records: {found:?}")))
    });
    told(result, |order: &Vec<usize>| format!("; the document was {:?}", records.composed(order)))
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
    fn unmapped(&mut self, _: &str, _: u64) -> Result<(), Stop> {
        self.call(false)
    }
}
