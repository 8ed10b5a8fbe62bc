//! Real catalogs that are not part of this repository: `PLUGPOINT_SHARED_DATA` or `../shared/data` beside the checkout. Where
//! they are absent the test says so and passes.

use plugpoint_plugin_bmecat::{Bmecat2005Exporter, BmecatTransformer};
use plugpoint_sdk::points::catalog_exporter::conformance;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample, exported, real_documents};

/// What is wrong with these files, by code; each was looked at. The rest has no findings.
const FINDINGS: &[(&str, &str, usize)] = &[
    // One PRODUCT_PRICE each with a LOWER_BOUND and no PRICE_AMOUNT.
    ("WEI_BMECat_1010000000.xml", "price_amount_missing", 1),
    ("WEI_BMECat_1122770000.xml", "price_amount_missing", 1),
    ("WEI_BMECat_1303890000.xml", "price_amount_missing", 1),
    ("WEI_BMECat_1334880000.xml", "price_amount_missing", 1),
    ("WEI_BMECat_1351590000.xml", "price_amount_missing", 1),
    ("WEI_BMECat_1609801044.xml", "price_amount_missing", 1),
    ("WEI_BMECat_7760056069.xml", "price_amount_missing", 1),
    ("WEI_BMECat_7760056106.xml", "price_amount_missing", 1),
    ("WEI_BMECat_8965490000.xml", "price_amount_missing", 1),
    // One link to group 605, which the tree does not have.
    ("jinjaxcat_office_15_articles.xml", "category_unknown", 1),
    // Numbers made up by a generator.
    ("jinjaxcat_office_15_articles.xml", "gtin_check_digit", 13),
    // TAX is 20, meaning percent.
    ("jinjaxcat_office_15_articles.xml", "tax_percent", 15),
    // 8712670911213 and 12345678901234 have wrong check digits.
    ("olivere_bmecat12_new_catalog.golden.xml", "gtin_check_digit", 1),
    ("olivere_bmecat12_update_products.golden.xml", "gtin_check_digit", 1),
    ("olivere_bmecat2005_new_catalog.golden.xml", "gtin_check_digit", 1),
    ("testCreateExcelFromBMEcatFullDataStrictValidation.xml", "gtin_check_digit", 1),
    ("testImportFromBMEcatFullDataPricenamesDifferent.xml", "gtin_check_digit", 1),
];

/// What an export of these catalogs cannot say again: two have their elements in an order that is not the standard's.
const LOSSES: &[&str] = &[
    "testCreateExcelFromBMEcatFullDataStrictValidation.xml: 1 of 1 at /attributes/name",
    "testCreateExcelFromBMEcatFullDataStrictValidation.xml: 1 of 1 at /attributes/system",
    "testCreateExcelFromBMEcatFullDataStrictValidation.xml: 1 of 1 at /attributes/values",
    "testCreateExcelFromBMEcatFullDataStrictValidation.xml: 1 of 1 at /identifiers/scheme",
    "testCreateExcelFromBMEcatFullDataStrictValidation.xml: 1 of 1 at /identifiers/value",
    "testImportFromBMEcatFullDataPricenamesDifferent.xml: 1 of 1 at /attributes/name",
    "testImportFromBMEcatFullDataPricenamesDifferent.xml: 1 of 1 at /attributes/system",
    "testImportFromBMEcatFullDataPricenamesDifferent.xml: 1 of 1 at /attributes/values",
    "testImportFromBMEcatFullDataPricenamesDifferent.xml: 1 of 1 at /identifiers/scheme",
    "testImportFromBMEcatFullDataPricenamesDifferent.xml: 1 of 1 at /identifiers/value",
];

#[test]
fn real_catalogs_have_as_many_records_as_their_manifest_says() {
    let Some(files) = real_documents(|format| format == "bmecat") else { return };
    assert_eq!(files.len(), 21);
    let mut found = Vec::new();
    for file in &files {
        let name = file.name.as_str();
        let outcome = read(&file.bytes);
        assert_eq!(outcome.error, None, "{name}");
        assert_eq!(Some(outcome.records), file.records, "{name}");
        assert_eq!(outcome.rejected, Vec::<String>::new(), "{name}: {:?}", outcome.findings);
        found.extend(counted(&outcome).into_iter().map(|(code, count)| (name, code.to_owned(), count)));
    }
    found.sort();
    let known: Vec<_> = FINDINGS.iter().map(|(name, code, count)| (*name, (*code).to_owned(), *count)).collect();
    assert_eq!(found, known, "found:\n{found:#?}");
}

#[test]
fn real_catalogs_survive_a_round_trip() {
    let Some(files) = real_documents(|format| format == "bmecat") else { return };
    let mut told = Vec::new();
    for file in &files {
        let name = file.name.as_str();
        let mut items = read(&file.bytes).items;
        items.sort_by(|one, other| one.sku.cmp(&other.sku));
        let profile = Profile::default();
        let kept = conformance(&Bmecat2005Exporter, &BmecatTransformer, &profile, &items);
        assert_eq!(kept, Ok(()), "{name}");
        let report = exported(&Bmecat2005Exporter, &profile, &items, None).report;
        told.extend(
            report.losses.iter().map(|loss| format!("{name}: {} of {} at {}", loss.items, items.len(), loss.path)),
        );
    }
    assert_eq!(told, LOSSES);
}

fn read(bytes: &[u8]) -> Outcome {
    let profile = Profile::default();
    Outcome::of(
        &BmecatTransformer,
        &[],
        &Sample { bytes, media_type: "application/xml", charset: None, profile: &profile },
    )
}

fn counted(outcome: &Outcome) -> Vec<(&str, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for finding in &outcome.findings {
        *counts.entry(finding.code.as_str()).or_default() += 1;
    }
    counts.into_iter().collect()
}
