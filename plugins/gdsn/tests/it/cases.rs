//! `tests/cases/<name>`: one document and what is expected of it. Accept changes with `UPDATE_CASES=1`, then read the diff.

use plugpoint_plugin_gdsn::GdsnTransformer;
use plugpoint_sdk::testkit::Cases;

pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

#[test]
fn every_case_is_as_expected() {
    assert!(Cases::new(ROOT, &GdsnTransformer).run() >= 46);
}

/// A million records are streamed by the tests of a crate that `plugpoint new customer` made, where readers are optimised.
#[test]
fn the_reader_keeps_the_promises_of_transformers() {
    Cases::new(ROOT, &GdsnTransformer).stream_records(50_000).conform();
}
