//! `tests/cases/<name>`: one document and what is expected of it. Accept changes with `UPDATE_CASES=1`, then read the diff.
//! `tests/mapped/<name>` are the same for lists that nobody can know without the profile's word.

use plugpoint_plugin_tables::TablesTransformer;
use plugpoint_sdk::canonical::Canonical;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::testkit::Cases;

pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
const MAPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mapped");

#[test]
fn every_case_is_as_expected() {
    assert!(Cases::new(ROOT, &TablesTransformer).run() >= 40);
    assert!(Cases::new(MAPPED, &TablesTransformer).run() >= 15);
}

/// A million records are streamed by the tests of a crate that `plugpoint new customer` made, where readers are optimised.
#[test]
fn the_reader_keeps_the_promises_of_transformers() {
    Cases::new(ROOT, &TablesTransformer).stream_records(50_000).conform();
    Cases::new(MAPPED, &TablesTransformer).stream_records(20_000).conform();
}

/// Lists with well-known headings are recognised, and by this format alone; what is no list, or has headings of its own, is not.
#[test]
fn lists_are_recognised_by_their_headings() {
    for root in [ROOT, MAPPED] {
        for (name, bytes) in Cases::new(root, &TablesTransformer).documents() {
            let head = Head::new(&bytes, true, "", None);
            let is_other =
                ["xml", "html", "json", "pdf", "gzip", "old_excel"].iter().any(|it| name == format!("bad_{it}"));
            let is_known = root == ROOT && !name.starts_with("bad_");
            let detected = TablesTransformer.detect(&head).map(|it| it.version);
            assert!(detected.is_some() || !is_known, "{name} is not recognised");
            assert!(detected.is_none() || !(root == MAPPED || is_other), "{name} is taken for {detected:?}");
            assert!(Canonical.detect(&head).is_none() || !is_known, "{name} is taken for a canonical document");
        }
    }
}
