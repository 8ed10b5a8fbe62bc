//! `tests/cases/<name>`: one document and what is expected of it. Accept changes with `UPDATE_CASES=1`, then read the diff.

use plugpoint_plugin_magento::MagentoTransformer;
use plugpoint_sdk::testkit::Cases;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

#[test]
fn every_case_is_as_expected() {
    assert!(Cases::new(ROOT, &MagentoTransformer).run() >= 12);
}

#[test]
fn the_reader_keeps_the_promises_of_transformers() {
    Cases::new(ROOT, &MagentoTransformer).stream_records(50_000).conform();
}
