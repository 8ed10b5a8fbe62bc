//! Every case is recognised, by its head alone; other formats are not.

use plugpoint_plugin_gdsn::GdsnTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::testkit::{Cases, real_documents};

use crate::cases::ROOT;

fn detected(bytes: &[u8]) -> Option<(String, bool)> {
    let head = Head::new(bytes, true, "", None);
    GdsnTransformer.detect(&head).map(|found| (found.version, found.is_certain))
}

#[test]
fn every_case_is_recognised() {
    let unknown = [
        "bad_confirmation",
        "bad_empty",
        "bad_no_xml",
        "bad_other_business_document",
        "bad_other_format",
        "bad_response",
    ];
    for (name, bytes) in Cases::new(ROOT, &GdsnTransformer).documents() {
        assert_eq!(detected(&bytes).is_some(), !unknown.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn message_and_version_are_told_in_words() {
    let cases = [
        (
            "<c:catalogueItemNotificationMessage xmlns:c='urn:gs1:gdsn:catalogue_item_notification:xsd:3'/>",
            Some(("GDSN 3 CIN", true)),
        ),
        ("<catalogueItemPublicationMessage>", Some(("GDSN without version CIP", true))),
        ("<catalogueItemHierarchicalWithdrawalMessage>", Some(("GDSN without version CIHW", true))),
        (
            "<s:StandardBusinessDocument xmlns:s='u'><e:message xmlns:e='urn:ean.ucc:2'><g:catalogueItemNotification xmlns:g='urn:ean.ucc:gdsn:2'>",
            Some(("GDSN 2 CIN", true)),
        ),
        ("<s:StandardBusinessDocument xmlns:s='u'><order/></s:StandardBusinessDocument>", None),
        ("<catalogueItemNotification/>", Some(("GDSN without version CIN", false))),
        ("<catalogueItemConfirmationMessage/>", None),
        ("<catalog><catalogueItem/></catalog>", None),
        ("gtin;name", None),
    ];
    for (document, expected) in cases {
        let found = detected(document.as_bytes());
        assert_eq!(found.as_ref().map(|(version, certain)| (version.as_str(), *certain)), expected, "{document}");
    }
}

#[test]
fn no_other_real_file_is_taken_for_gdsn() {
    let Some(files) = real_documents(|format| format != "gs1-gdsn") else { return };
    for file in files {
        assert_eq!(detected(&file.bytes), None, "{}", file.file);
    }
}
