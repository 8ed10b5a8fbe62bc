//! Damage to every case: cut, flipped bytes, other encodings, elements in another order. The reader may complain about the
//! document or about records; it never panics, and whole documents keep their records.

use plugpoint_plugin_cxml::CxmlTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};
use proptest::prelude::*;

use crate::cases::ROOT;

fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset, profile: &profile };
    Outcome::of(&CxmlTransformer, &[], &sample)
}

fn documents() -> Vec<(String, Vec<u8>)> {
    Cases::new(ROOT, &CxmlTransformer).documents()
}

#[test]
fn every_case_bears_damage() {
    Cases::new(ROOT, &CxmlTransformer)
        .bear_damage_as_xml(["<Index><IndexItem>", "</IndexItem></Index>"], "windows-1252");
}

/// Whatever can be read is recognised before, and what is recognised is no other format's.
#[test]
fn what_is_read_is_recognised() {
    for (name, bytes) in documents() {
        let head = Head::new(&bytes, true, "application/xml", None);
        let detected = CxmlTransformer.detect(&head);
        let is_read = read(&bytes, None).error.is_none();
        assert!(!is_read || detected.as_ref().is_some_and(|it| it.is_certain), "{name}");
    }
    for other in ["<BMECAT/>", "<Index/>", "<Index><Item/></Index>", "<Contract><Party/></Contract>", "<rss/>", "a;b"] {
        assert_eq!(
            CxmlTransformer.detect(&Head::new(other.as_bytes(), true, "application/xml", None)),
            None,
            "{other}"
        );
    }
}

/// Wherever a document holds a password, and however it breaks off: nobody sees it.
#[test]
fn no_password_is_ever_told() {
    let secret = "hunter2";
    let mut tried = 0;
    for (name, bytes) in documents() {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for (at, _) in text.match_indices(secret) {
            tried += 1;
            for cut in (at..text.len()).step_by(7).chain([text.len()]).filter(|cut| text.is_char_boundary(*cut)) {
                let outcome = read(&text.as_bytes()[..cut], None);
                assert!(!format!("{outcome:?}").contains(secret), "{name} cut at {cut}");
            }
        }
    }
    assert!(tried >= 8, "{tried}");
}

#[test]
fn the_version_is_told_in_words() {
    for (document, version) in [
        (
            "<cXML version='1.2.040'><Header/><Message><Status/><PunchOutOrderMessage/></Message></cXML>",
            "cXML 1.2.040 PunchOutOrderMessage",
        ),
        ("<cxml><Request><OrderRequest/></Request></cxml>", "cXML OrderRequest"),
        ("<cXML><Response><Status/></Response></cXML>", "cXML Response"),
        ("<cXML/>", "cXML"),
        (
            "<!DOCTYPE Index SYSTEM 'http://xml.cxml.org/schemas/cXML/1.2.063/cXML.dtd'><Index><IndexItem/></Index>",
            "cXML 1.2.063 Index",
        ),
        (
            "<!DOCTYPE Index SYSTEM 'http://xml.cxml.org/schemas/cXML/x/cXML.dtd'><Index><IndexItem/></Index>",
            "cXML Index",
        ),
        ("<Contract><ItemSegment/></Contract>", "cXML Contract"),
    ] {
        let detected = CxmlTransformer.detect(&Head::new(document.as_bytes(), true, "", None));
        assert_eq!(detected.map(|it| it.version).as_deref(), Some(version), "{document}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_in_any_place_never_panics_and_never_loses_the_record(value in "\\PC{0,40}", place in 0_usize..39) {
        let template = include_str!("../every_value.xml");
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let outcome = read(template.replace(&format!("@{place}@"), &escaped).as_bytes(), None);
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!(outcome.items.len(), 1, "{:?}", outcome.findings);
    }
}
