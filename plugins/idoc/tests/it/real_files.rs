//! Real IDocs that are not part of this repository: `PLUGPOINT_SHARED_DATA` or `../shared/data` beside the checkout. Where they are
//! absent the test says nothing and passes.

use plugpoint_plugin_idoc::IdocTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample, real_documents};

/// A skeleton out of a tutorial: one material without a number. It is refused with its reason, and nothing of it is unmapped.
#[test]
fn the_skeleton_is_refused_as_one_record() {
    let Some(files) = real_documents(|format| format == "sap-idoc") else { return };
    assert_eq!(files.len(), 1);
    for file in &files {
        let bytes = &file.bytes;
        let head = Head::new(bytes, true, "application/xml", None);
        let detected = IdocTransformer.detect(&head).map(|found| (found.version, found.is_certain));
        assert_eq!(detected, Some(("SAP IDoc MATMAS05".to_owned(), true)));
        let profile = Profile::default();
        let sample = Sample { bytes, media_type: "application/xml", charset: None, profile: &profile };
        let outcome = Outcome::of(&IdocTransformer, &[], &sample);
        assert_eq!(outcome.error, None);
        assert_eq!(Some(outcome.records), file.records);
        let findings: Vec<_> = outcome.findings.iter().map(|finding| (finding.code.as_str(), finding.line)).collect();
        assert_eq!(findings, [("sku_missing", Some(23))]);
        let unmapped: Vec<_> = outcome.unmapped.iter().map(|(path, count)| (path.as_str(), *count)).collect();
        assert_eq!(unmapped, [("IDOC/E1UPSLINK", 1)]);
    }
}
