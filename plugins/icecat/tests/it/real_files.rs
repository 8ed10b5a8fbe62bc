//! Real documents that are not part of this repository: `PLUGPOINT_SHARED_DATA` or `../shared/data` beside the checkout. Where
//! they are absent the test passes.

use std::collections::BTreeMap;

use plugpoint_plugin_icecat::IcecatTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample, real_documents};

/// What is wrong with these files, by code; each was looked at. The rest has no findings.
const FINDINGS: &[(&str, &str, usize)] = &[
    // Icecat's answer for a product that it does not have.
    ("haringsrob_product_not_found.xml", "record_malformed", 1),
];
/// What of these files nobody reads; each was looked at.
const UNMAPPED: &[(&str, &str, u64)] = &[
    // The headings of the features' groups, which the profile can ask for.
    ("haringsrob_product.xml", "Product/CategoryFeatureGroup/FeatureGroup/Name/@Value", 27),
];
/// What they are recognised as.
const VERSIONS: &[(&str, &str)] =
    &[("haringsrob_product.xml", "Icecat data sheet"), ("haringsrob_product_not_found.xml", "Icecat data sheet")];

#[test]
fn real_documents_have_as_many_records_as_their_manifest_says() {
    let Some(files) = real_documents(|format| format == "icecat") else { return };
    assert_eq!(files.len(), 2);
    let (mut found, mut unmapped, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    for file in &files {
        let name = file.name.as_str();
        let bytes = &file.bytes;
        let outcome = read(bytes);
        assert_eq!(outcome.error, None, "{name}");
        assert_eq!(Some(outcome.records), file.records, "{name}");
        found.extend(counted(&outcome).into_iter().map(|(code, count)| (name, code, count)));
        unmapped.extend(outcome.unmapped.into_iter().map(|(path, count)| (name, path, count)));
        let detected = IcecatTransformer.detect(&Head::new(bytes, true, "", None)).unwrap_or_else(|| panic!("{name}"));
        assert!(detected.is_certain, "{name}");
        versions.push((name, detected.version));
    }
    let known: Vec<_> = FINDINGS.iter().map(|(name, code, count)| (*name, (*code).to_owned(), *count)).collect();
    assert_eq!(found, known, "found:\n{found:#?}");
    let known: Vec<_> = UNMAPPED.iter().map(|(name, path, count)| (*name, (*path).to_owned(), *count)).collect();
    assert_eq!(unmapped, known, "found:\n{unmapped:#?}");
    let known: Vec<_> = VERSIONS.iter().map(|(name, version)| (*name, (*version).to_owned())).collect();
    assert_eq!(versions, known);
}

fn read(bytes: &[u8]) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset: None, profile: &profile };
    Outcome::of(&IcecatTransformer, &[], &sample)
}

fn counted(outcome: &Outcome) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::<String, usize>::new();
    for finding in &outcome.findings {
        *counts.entry(finding.code.to_string()).or_default() += 1;
    }
    counts.into_iter().collect()
}
