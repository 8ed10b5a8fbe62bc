//! Damage to every case: cut, flipped bytes, other encodings, elements in another order. The reader may complain about the
//! document or about records; it never panics, and whole documents keep their records.

use plugpoint_plugin_icecat::IcecatTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};
use proptest::prelude::*;

use crate::cases::ROOT;

fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset, profile: &profile };
    Outcome::of(&IcecatTransformer, &[], &sample)
}

fn documents() -> Vec<(String, Vec<u8>)> {
    Cases::new(ROOT, &IcecatTransformer).documents()
}

#[test]
fn every_case_bears_damage() {
    Cases::new(ROOT, &IcecatTransformer)
        .bear_damage_as_xml(["<ICECAT-interface>", "</ICECAT-interface>"], "windows-1252");
}

/// Whatever can be read is recognised before, and what is recognised is no other format's.
#[test]
fn what_is_read_is_recognised() {
    for (name, bytes) in documents() {
        let head = Head::new(&bytes, true, "application/xml", None);
        let detected = IcecatTransformer.detect(&head);
        let is_read = read(&bytes, None).error.is_none();
        assert!(!is_read || detected.as_ref().is_some_and(|it| it.is_certain), "{name}");
    }
    for other in ["<BMECAT/>", "<rss/>", "<Products><Product/></Products>", "a;b"] {
        assert_eq!(
            IcecatTransformer.detect(&Head::new(other.as_bytes(), true, "application/xml", None)),
            None,
            "{other}"
        );
    }
}

#[test]
fn the_version_is_told_in_words() {
    for (document, version) in [
        ("<ICECAT-interface><Product/></ICECAT-interface>", "Icecat data sheet"),
        ("<ICECAT-interface><files.index><file/></files.index></ICECAT-interface>", "Icecat list"),
        (
            "<ICECAT-interface><Response><ProductsList><Product/></ProductsList></Response></ICECAT-interface>",
            "Icecat data sheet",
        ),
        ("<ICECAT-interface/>", "Icecat list"),
    ] {
        let detected = IcecatTransformer.detect(&Head::new(document.as_bytes(), true, "", None));
        assert_eq!(detected.map(|it| it.version).as_deref(), Some(version), "{document}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_in_any_place_never_panics_and_never_loses_the_record(value in "\\PC{0,40}", place in 0_usize..42) {
        let template = include_str!("../every_value.xml");
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let outcome = read(template.replace(&format!("@{place}@"), &escaped).as_bytes(), None);
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!(outcome.items.len(), 1, "{:?}", outcome.findings);
    }
}
