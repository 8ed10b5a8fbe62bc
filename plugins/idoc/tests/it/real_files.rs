//! Real IDocs that are not part of this repository: `PLUGPOINT_SHARED_DATA` or `../shared/data` beside the checkout. Where they are
//! absent the test says nothing and passes.

use std::path::{Path, PathBuf};

use plugpoint_plugin_idoc::IdocTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};
use serde_json::Value;

/// The folder of real files, and what it says of them.
pub(crate) fn files() -> Option<(PathBuf, Vec<Value>)> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("PLUGPOINT_SHARED_DATA").map_or_else(beside, PathBuf::from);
    let manifest = std::fs::read(folder.join("MANIFEST.json")).ok()?;
    Some((folder, serde_json::from_slice(&manifest).unwrap()))
}

/// A skeleton out of a tutorial: one material without a number. It is refused with its reason, and nothing of it is unmapped.
#[test]
fn the_skeleton_is_refused_as_one_record() {
    let Some((folder, files)) = files() else { return };
    let files: Vec<&Value> = files.iter().filter(|file| file["fmt"] == "sap-idoc").collect();
    assert_eq!(files.len(), 1);
    for file in files {
        let bytes = std::fs::read(folder.join(file["file"].as_str().unwrap())).unwrap();
        let head = Head::new(&bytes, true, "application/xml", None);
        let detected = IdocTransformer.detect(&head).map(|found| (found.version, found.is_certain));
        assert_eq!(detected, Some(("SAP IDoc MATMAS05".to_owned(), true)));
        let profile = Profile::default();
        let sample = Sample { bytes: &bytes, media_type: "application/xml", charset: None, profile: &profile };
        let outcome = Outcome::of(&IdocTransformer, &[], &sample);
        assert_eq!(outcome.error, None);
        assert_eq!(Some(outcome.records), file["n"].as_u64());
        let findings: Vec<_> = outcome.findings.iter().map(|finding| (finding.code.as_str(), finding.line)).collect();
        assert_eq!(findings, [("sku_missing", Some(23))]);
        let unmapped: Vec<_> = outcome.unmapped.iter().map(|(path, count)| (path.as_str(), *count)).collect();
        assert_eq!(unmapped, [("IDOC/E1UPSLINK", 1)]);
    }
}
