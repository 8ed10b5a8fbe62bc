//! Real messages that are not part of this repository: `PLUGPOINT_SHARED_DATA` or `../shared/data` beside the checkout. Where
//! they are absent the test says so and passes.

use std::collections::BTreeMap;

use plugpoint_plugin_onix::{Onix3Exporter, OnixTransformer};
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_exporter::conformance;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, real_documents};

use crate::read;

/// What is wrong with these files, by code; each was looked at. The rest has no findings.
const FINDINGS: &[(&str, &str, usize)] = &[
    // One price with a decimal comma, in three currencies, in two records each.
    ("imonix_9782752906700.xml", "decimal_invalid", 6),
    // A record of two texts, without a title.
    ("imonix_invalid_textformat_cdata.xml", "field_required", 1),
    // Numbers made up for tests.
    ("imonix_streaming.xml", "gtin_check_digit", 1),
    ("imonix_test_prices1.xml", "gtin_check_digit", 1),
    ("imonix_test_prices_with_multiple_periods.xml", "gtin_check_digit", 1),
    ("imonix_unqualified-prices.xml", "gtin_check_digit", 2),
    // A record of a number and nothing else.
    ("onixcheck_valid_onix3_short.xml", "field_required", 1),
    ("onixdata_Onix2CoreDataSample1ShortTags.xml", "gtin_check_digit", 3),
    ("onixdata_v3_Sample-5-Products.xml", "gtin_check_digit", 5),
    // Neither price nor header has a currency.
    ("yob_Bookwise_July_2008.xml", "currency_missing", 346),
    ("yob_aau.xml", "currency_missing", 1),
    // An empty NotificationType.
    ("yob_aau.xml", "field_required", 1),
    ("yob_entities.xml", "currency_missing", 1),
    ("yob_product.xml", "currency_missing", 1),
    ("yob_reference_with_release_attrib.xml", "currency_missing", 1),
    ("yob_two_products.xml", "currency_missing", 2),
];

/// Paths that no item has a place for, in all files together: units and a class of trade that hold for the whole message, and
/// terms of prices.
const UNMAPPED: &[&str] = &[
    "Header/DefaultClassOfTrade",
    "Header/DefaultLinearUnit",
    "Header/DefaultWeightUnit",
    "Product/ProductSupply/SupplyDetail/Price/Discount/DiscountPercent",
    "Product/ProductSupply/SupplyDetail/Price/DiscountCoded/DiscountCode",
    "Product/ProductSupply/SupplyDetail/Price/DiscountCoded/DiscountCodeType",
    "Product/ProductSupply/SupplyDetail/Price/DiscountCoded/DiscountCodeTypeName",
    "Product/ProductSupply/SupplyDetail/Price/PositionOnProduct",
    "Product/ProductSupply/SupplyDetail/Price/PriceStatus",
    "Product/ProductSupply/SupplyDetail/Price/PrintedOnProduct",
    "Product/ProductSupply/SupplyDetail/Price/Tax/TaxAmount",
    "Product/ProductSupply/SupplyDetail/Price/Tax/TaxType",
    "Product/ProductSupply/SupplyDetail/Price/Tax/TaxableAmount",
    "Product/SupplyDetail/Price/DiscountCoded/DiscountCode",
    "Product/SupplyDetail/Price/DiscountCoded/DiscountCodeType",
    "Product/SupplyDetail/Price/DiscountCoded/DiscountCodeTypeName",
];

#[test]
fn real_messages_have_as_many_records_as_their_manifest_says() {
    let Some(files) = real_documents(|format| format == "onix") else { return };
    assert_eq!(files.len(), 29);
    let mut found = Vec::new();
    let mut unmapped = BTreeMap::new();
    for file in &files {
        let name = file.name.as_str();
        let bytes = &file.bytes;
        let outcome = read(bytes, None);
        assert_eq!(outcome.error, None, "{name}");
        assert_eq!(Some(outcome.records), file.records, "{name}");
        assert_eq!(outcome.rejected, Vec::<String>::new(), "{name}: {:?}", outcome.findings);
        let is_recognised = OnixTransformer.detect(&Head::new(bytes, true, "application/xml", None)).is_some();
        assert!(is_recognised, "{name}");
        found.extend(counted(&outcome).into_iter().map(|(code, count)| (name, code.to_owned(), count)));
        for (path, count) in outcome.unmapped {
            *unmapped.entry(path).or_insert(0) += count;
        }
    }
    found.sort();
    let known: Vec<_> = FINDINGS.iter().map(|(name, code, count)| (*name, (*code).to_owned(), *count)).collect();
    assert_eq!(found, known, "found:\n{found:#?}");
    assert_eq!(unmapped.keys().map(String::as_str).collect::<Vec<_>>(), UNMAPPED, "{unmapped:#?}");
}

fn counted(outcome: &Outcome) -> Vec<(&str, usize)> {
    let mut counts = BTreeMap::new();
    for finding in &outcome.findings {
        *counts.entry(finding.code.as_str()).or_default() += 1;
    }
    counts.into_iter().collect()
}

#[test]
fn real_messages_survive_a_round_trip() {
    let Some(files) = real_documents(|format| format == "onix") else { return };
    for file in &files {
        let name = file.name.as_str();
        let mut items = read(&file.bytes, None).items;
        items.sort_by(|one, other| one.sku.cmp(&other.sku));
        items.dedup_by(|one, other| one.sku == other.sku);
        let kept = conformance(&Onix3Exporter, &OnixTransformer, &Profile::default(), &items);
        assert_eq!(kept, Ok(()), "{name}");
    }
}
