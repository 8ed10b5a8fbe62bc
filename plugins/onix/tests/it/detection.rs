//! What a document is, from its beginning.

use std::fs;

use plugpoint_plugin_onix::OnixTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;

use crate::cases::ROOT;

fn detected(bytes: &[u8]) -> Option<(String, bool)> {
    let head = Head::new(bytes, true, "application/xml", None);
    OnixTransformer.detect(&head).map(|detected| (detected.version, detected.is_certain))
}

/// Cases that are no ONIX, or whose beginning is none.
const OTHERS: &[&str] = &["bad_empty", "bad_no_xml", "bad_other_format", "bad_other_product"];

#[test]
fn every_case_is_recognised_and_nothing_else() {
    for folder in fs::read_dir(ROOT).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let bytes = fs::read(folder.path().join("in.xml")).unwrap();
        assert_eq!(detected(&bytes).is_none(), OTHERS.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn release_and_tags_are_told() {
    let cases = [
        (
            "<ONIXMessage release='3.0' xmlns='http://ns.editeur.org/onix/3.0/reference'/>",
            Some(("ONIX 3.0 reference tags", true)),
        ),
        (
            "<ONIXmessage release='3.1' xmlns='http://ns.editeur.org/onix/3.1/short'/>",
            Some(("ONIX 3.1 short tags", true)),
        ),
        (
            "<x:ONIXMessage xmlns:x='http://www.editeur.org/onix/3.0/reference'/>",
            Some(("ONIX 3.0 reference tags", true)),
        ),
        ("<ONIXMessage/>", Some(("ONIX 2.1 reference tags", true))),
        ("<ONIXMessage release=' '/>", Some(("ONIX 2.1 reference tags", true))),
        ("<ONIXmessage/>", Some(("ONIX 2.1 short tags", true))),
        (
            "<Product><RecordReference>1</RecordReference><DescriptiveDetail/></Product>",
            Some(("ONIX 3.0 reference tags (one product)", true)),
        ),
        ("<product><a001>1</a001><title/></product>", Some(("ONIX 2.1 short tags (one product)", true))),
        (
            "<Product><ProductIdentifier><ProductIDType>15</ProductIDType></ProductIdentifier></Product>",
            Some(("ONIX 2.1 reference tags (one product)", false)),
        ),
        ("<Product><Name>Schraube</Name></Product>", None),
        ("<BMECAT version='1.2'/>", None),
        ("<ONIXMessages/>", None),
        ("RecordReference;1", None),
    ];
    for (document, expected) in cases {
        let expected = expected.map(|(version, is_certain)| (version.to_owned(), is_certain));
        assert_eq!(detected(document.as_bytes()), expected, "{document}");
    }
}
