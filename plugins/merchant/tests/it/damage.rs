//! Damage to every case: cut, flipped bytes, other encodings, elements in another order. The reader may complain about the
//! document or about records; it never panics, and whole documents keep their records.

use plugpoint_plugin_merchant::MerchantTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};
use proptest::prelude::*;

use crate::cases::ROOT;

fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset, profile: &profile };
    Outcome::of(&MerchantTransformer, &[], &sample)
}

fn documents() -> Vec<(String, Vec<u8>)> {
    Cases::new(ROOT, &MerchantTransformer).documents()
}

#[test]
fn every_case_bears_damage() {
    Cases::new(ROOT, &MerchantTransformer).bear_damage_as_xml(
        ["<rss xmlns:g='http://base.google.com/ns/1.0'><channel>", "</channel></rss>"],
        "windows-1252",
    );
}

/// Whatever can be read is recognised before, and what is recognised is no other format's.
#[test]
fn what_is_read_is_recognised() {
    for (name, bytes) in documents() {
        let head = Head::new(&bytes, true, "application/xml", None);
        let detected = MerchantTransformer.detect(&head);
        let is_read = read(&bytes, None).error.is_none();
        assert!(!is_read || detected.as_ref().is_some_and(|it| it.is_certain), "{name}");
    }
    for other in [
        "<BMECAT/>",
        "<rss/>",
        "<rss><channel><item><title/></item></channel></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>",
        "<products xmlns:g='http://base.google.com/ns/1.0'><g:id/></products>",
        "id\tprice",
    ] {
        assert_eq!(
            MerchantTransformer.detect(&Head::new(other.as_bytes(), true, "application/xml", None)),
            None,
            "{other}"
        );
    }
}

#[test]
fn the_version_is_told_in_words() {
    for (document, version) in [
        (
            "<rss xmlns:g='http://base.google.com/ns/1.0'><channel><item><g:id/></item></channel></rss>",
            "Google Merchant RSS",
        ),
        (
            "<rss version='2.0' xmlns:x='https://base.google.com/ns/1.0/'><channel><item><x:id/></item></channel></rss>",
            "Google Merchant RSS 2.0",
        ),
        (
            "<feed xmlns='http://purl.org/atom/ns#' xmlns:g='http://base.google.com/ns/1.0'><entry><g:id/></entry></feed>",
            "Google Merchant Atom 0.3",
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:g='http://base.google.com/ns/1.0'><entry><g:id/></entry></feed>",
            "Google Merchant Atom 1.0",
        ),
    ] {
        let detected = MerchantTransformer.detect(&Head::new(document.as_bytes(), true, "", None));
        assert_eq!(detected.map(|it| it.version).as_deref(), Some(version), "{document}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_in_any_place_never_panics_and_never_loses_the_record(value in "\\PC{0,40}", place in 0_usize..24) {
        let template = include_str!("../every_value.xml");
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let outcome = read(template.replace(&format!("@{place}@"), &escaped).as_bytes(), None);
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!(outcome.items.len(), 1, "{:?}", outcome.findings);
    }
}
