//! `tests/cases/<name>`: one document and what is expected of it. Accept changes with `UPDATE_CASES=1`, then read the diff.

use plugpoint_plugin_datanorm::DatanormTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::testkit::Cases;

pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

#[test]
fn every_case_is_as_expected() {
    assert!(Cases::new(ROOT, &DatanormTransformer).run() >= 50);
}

/// A million records are streamed by the tests of a crate that `plugpoint new customer` made, where readers are optimised.
#[test]
fn the_reader_keeps_the_promises_of_transformers() {
    Cases::new(ROOT, &DatanormTransformer).stream_records(50_000).conform();
}

#[test]
fn a_document_is_recognised_by_its_first_lines() {
    for (name, bytes) in Cases::new(ROOT, &DatanormTransformer).documents() {
        let found = DatanormTransformer.detect(&Head::new(&bytes, true, "", None));
        // Charsets of the content type are not known to the head.
        let is_ours =
            !name.starts_with("bad_") || ["bad_charset", "bad_truncated_in_a_record"].contains(&name.as_str());
        assert_eq!(found.is_some(), is_ours, "{name}: {found:?}");
        assert!(found.is_none_or(|it| it.is_certain == (name != "header_missing")), "{name}");
    }
    let of = |text: &str| DatanormTransformer.detect(&Head::new(text.as_bytes(), true, "", None)).map(|it| it.version);
    assert_eq!(of("\r\n\u{1a}\r\nV;050;A;20260201;EUR;").as_deref(), Some("DATANORM 5"));
    assert_eq!(of("P;A;1;1;100;\n").as_deref(), Some("DATANORM 4"));
    for other in
        ["", "V", "Vertrag", "<BMECAT/>", "{\"sku\": 1}", "a;b;c;d\n1;2;3;4", "A;N;1;2\nsku;title;price;x", "sku;title"]
    {
        assert_eq!(of(other), None, "{other}");
    }
}
