//! `tests/cases/<name>`: one document and what is expected of it. Accept changes with `UPDATE_CASES=1`, then read the diff.

use plugpoint_plugin_tables::TablesTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::testkit::Cases;

pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

#[test]
fn every_case_is_as_expected() {
    assert!(Cases::new(ROOT, &TablesTransformer).run() >= 60);
}

/// A million records are streamed by the tests of a crate that `plugpoint new customer` made, where readers are optimised.
#[test]
fn the_reader_keeps_the_promises_of_transformers() {
    Cases::new(ROOT, &TablesTransformer).stream_records(50_000).conform();
}

/// Lists whose headings are well known are recognised; what is no list is not.
#[test]
fn cases_are_recognised() {
    let mut recognised = 0;
    for (name, bytes) in Cases::new(ROOT, &TablesTransformer).documents() {
        let detected = TablesTransformer.detect(&Head::new(&bytes, true, "", None)).map(|it| it.version);
        let is_known = name.starts_with("known_") || name.starts_with("google_") || name.starts_with("encoding_utf");
        assert!(detected.is_some() || !is_known, "{name}");
        let is_other = ["xml", "html", "json", "pdf", "gzip", "excel"].iter().any(|it| name == format!("bad_{it}"));
        assert!(detected.is_none() || !is_other, "{name} is taken for {detected:?}");
        recognised += usize::from(detected.is_some());
    }
    assert!(recognised >= 25, "{recognised}");
}
