//! The canonical readers on case folders: what each document becomes, item by item and finding by finding.

use plugpoint_sdk::canonical::Canonical;
use plugpoint_sdk::testkit::Cases;

fn cases(transformer: &Canonical) -> Cases<'_> {
    Cases::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/canonical"), transformer)
}

#[test]
fn every_case_is_as_expected() {
    assert!(cases(&Canonical).run() > 50);
}

#[test]
fn the_reader_keeps_the_promises_of_transformers() {
    cases(&Canonical).stream_records(50_000).conform();
}
