//! Every case is recognised, by its head alone; other formats are not.

use plugpoint_plugin_idoc::IdocTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::testkit::{Cases, real_documents};

use crate::cases::ROOT;

fn detected(bytes: &[u8]) -> Option<(String, bool)> {
    let head = Head::new(bytes, true, "", None);
    IdocTransformer.detect(&head).map(|found| (found.version, found.is_certain))
}

#[test]
fn every_case_is_recognised() {
    let unknown = ["bad_empty", "bad_no_idoc", "bad_no_xml", "bad_other_format"];
    for (name, bytes) in Cases::new(ROOT, &IdocTransformer).documents() {
        assert_eq!(detected(&bytes).is_some(), !unknown.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn the_type_is_told_in_words() {
    let control = "<EDI_DC40/>";
    let cases = [
        (format!("<MATMAS05><IDOC>{control}</IDOC></MATMAS05>"), Some(("SAP IDoc MATMAS05", true))),
        (format!("<_-X_-ZART><IDOC>{control}</IDOC></_-X_-ZART>"), Some(("SAP IDoc /X/ZART", true))),
        (format!("<e:Envelope xmlns:e='u'><e:Body><COND_A04><IDOC>{control}"), Some(("SAP IDoc COND_A04", true))),
        (format!("<IDOC>{control}</IDOC>"), Some(("SAP IDoc IDOC", true))),
        ("<MATMAS05><IDOC/></MATMAS05>".to_owned(), Some(("SAP IDoc MATMAS05", false))),
        ("<MATMAS05/>".to_owned(), None),
        ("IDOC;EDI_DC40".to_owned(), None),
    ];
    for (document, expected) in cases {
        let found = detected(document.as_bytes());
        assert_eq!(found.as_ref().map(|(version, certain)| (version.as_str(), *certain)), expected, "{document}");
    }
}

#[test]
fn no_other_real_file_is_taken_for_an_idoc() {
    let Some(files) = real_documents(|format| format != "sap-idoc") else { return };
    for file in files {
        assert_eq!(detected(&file.bytes), None, "{}", file.file);
    }
}
