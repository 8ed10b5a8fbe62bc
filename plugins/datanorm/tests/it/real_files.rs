//! Real files that are not part of this repository: `PLUGPOINT_SHARED_DATA` or `../shared/data` beside the checkout. Where they
//! are absent the test says so and passes.

use std::path::{Path, PathBuf};

use plugpoint_plugin_datanorm::DatanormTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};
use serde_json::Value;

fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("PLUGPOINT_SHARED_DATA").map_or_else(beside, PathBuf::from);
    folder.join("MANIFEST.json").exists().then_some(folder)
}

/// A record with prices of up to three articles counts once, as in the manifest. Nothing is found, nothing is left unread.
#[test]
fn real_files_have_as_many_records_as_their_manifest_says() {
    let Some(folder) = folder() else { return };
    let manifest: Value = serde_json::from_slice(&std::fs::read(folder.join("MANIFEST.json")).unwrap()).unwrap();
    let files: Vec<&Value> = manifest.as_array().unwrap().iter().filter(|file| file["fmt"] == "datanorm").collect();
    assert_eq!(files.len(), 2);
    for file in files {
        let (name, path) = (file["name"].as_str().unwrap(), folder.join(file["file"].as_str().unwrap()));
        let bytes = std::fs::read(path).unwrap();
        let detected = DatanormTransformer.detect(&Head::new(&bytes, true, "", None)).unwrap();
        assert_eq!((detected.version.as_str(), detected.is_certain), ("DATANORM 4", true));
        let profile = Profile::default();
        let sample = Sample { bytes: &bytes, media_type: "text/plain", charset: None, profile: &profile };
        let outcome = Outcome::of(&DatanormTransformer, &[], &sample);
        assert_eq!(outcome.error, None, "{name}");
        assert_eq!(Some(outcome.records), file["n"].as_u64(), "{name}");
        assert_eq!((outcome.rejected, outcome.findings, outcome.unmapped), (vec![], vec![], vec![]), "{name}");
        for item in outcome.items {
            assert_eq!(
                item.texts[0].title,
                "HAGER Leitungsschutzschalter AC C 16A 3p MCS316 415V 3TE 50Hz Zusatzeinr.mögl"
            );
        }
        // Twelve prices of nine articles.
        assert!([0, 12].contains(&outcome.patches.len()), "{name}");
    }
}
