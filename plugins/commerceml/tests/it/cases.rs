//! `tests/cases/<name>`: one document and what is expected of it. Accept changes with `UPDATE_CASES=1`, then read the diff.

use plugpoint_plugin_commerceml::CommercemlTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::testkit::Cases;

pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

#[test]
fn every_case_is_as_expected() {
    assert!(Cases::new(ROOT, &CommercemlTransformer).run() >= 48);
}

/// A million records are streamed by the tests of a crate that `plugpoint new customer` made, where readers are optimised.
#[test]
fn the_reader_keeps_the_promises_of_transformers() {
    Cases::new(ROOT, &CommercemlTransformer).stream_records(50_000).conform();
}

/// What is no CommerceML from its first bytes on.
const NOT_OURS: [&str; 3] = ["bad_empty", "bad_no_xml", "bad_other_format"];

#[test]
fn a_document_is_recognised_by_its_root() {
    let version = |bytes: &[u8]| CommercemlTransformer.detect(&Head::new(bytes, true, "", None)).map(|it| it.version);
    for (name, bytes) in Cases::new(ROOT, &CommercemlTransformer).documents() {
        // Its charset stands in the content type alone.
        let is_ours = !NOT_OURS.contains(&name.as_str()) && name != "encoding_of_the_content_type";
        assert_eq!(version(&bytes).is_some(), is_ours, "{name}");
    }
    for (inner, expected) in [
        ("<Классификатор/><Каталог/>", "CommerceML 2.08 catalog"),
        ("<ПакетПредложений/>", "CommerceML 2.08 offers"),
        ("<Документ/>", "CommerceML 2.08 orders"),
        ("<Классификатор/>", "CommerceML 2.08"),
    ] {
        let text = format!("<КоммерческаяИнформация ВерсияСхемы='2.08'>{inner}</КоммерческаяИнформация>");
        assert_eq!(version(text.as_bytes()).as_deref(), Some(expected));
    }
    for other in ["<ONIXMessage/>", "<html/>", "V 010199", ""] {
        assert_eq!(version(other.as_bytes()), None, "{other}");
    }
}
