//! Real files that are not part of this repository: `PLUGPOINT_SHARED_DATA` or `../shared/data` beside the checkout. Where they
//! are absent the test says so and passes.

use plugpoint_plugin_datanorm::DatanormTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample, real_documents};

/// A record with prices of up to three articles counts once, as in the manifest. Nothing is found, nothing is left unread.
#[test]
fn real_files_have_as_many_records_as_their_manifest_says() {
    let Some(files) = real_documents(|format| format == "datanorm") else { return };
    assert_eq!(files.len(), 2);
    for file in &files {
        let name = file.name.as_str();
        let bytes = &file.bytes;
        let detected = DatanormTransformer.detect(&Head::new(bytes, true, "", None)).unwrap();
        assert_eq!((detected.version.as_str(), detected.is_certain), ("DATANORM 4", true));
        let profile = Profile::default();
        let sample = Sample { bytes, media_type: "text/plain", charset: None, profile: &profile };
        let outcome = Outcome::of(&DatanormTransformer, &[], &sample);
        assert_eq!(outcome.error, None, "{name}");
        assert_eq!(Some(outcome.records), file.records, "{name}");
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
