//! Damage to every case: cut, flipped bytes, values of any kind. The reader may complain; it never panics, and a document that was
//! cut is never complete.

use plugpoint_plugin_services::ServiceTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};
use proptest::prelude::*;

use crate::cases::ROOT;

fn read(bytes: &[u8]) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset: None, profile: &profile };
    Outcome::of(&ServiceTransformer, &[], &sample)
}

fn documents() -> Vec<(String, Vec<u8>)> {
    Cases::new(ROOT, &ServiceTransformer).documents()
}

#[test]
fn a_document_that_was_cut_is_never_complete() {
    for (name, bytes) in documents() {
        let end = bytes.trim_ascii_end().len();
        for cut in (0..end).step_by((end / 60).max(1)) {
            assert!(read(&bytes[..cut]).error.is_some(), "{name} cut at {cut}");
        }
    }
}

#[test]
fn every_case_bears_damage() {
    Cases::new(ROOT, &ServiceTransformer)
        .bear_damage_as_xml(["<R><ProductList>", "</ProductList></R>"], "windows-1252");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_in_any_place_never_panics_and_never_loses_a_record(value in "\\PC{0,40}", place in 0_usize..7) {
        let name = ["SKU", "Name", "BrandName", "string", "ISBN", "ProductType", "Other"][place];
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let text = format!("<R><ProductList><Product><SKU>1</SKU><{name}>{escaped}</{name}><EANList><{name}>{escaped}</{name}></EANList></Product></ProductList></R>");
        let outcome = read(text.as_bytes());
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!(outcome.records, 1);
    }
}
