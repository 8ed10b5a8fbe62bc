//! Real messages that are not part of this repository: `PLUGPOINT_SHARED_DATA` or `../shared/data` beside the checkout. Where they are
//! absent the tests say nothing and pass.

use std::collections::BTreeMap;

use plugpoint_plugin_gdsn::GdsnTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample, real_documents};

/// What is wrong with these files, by code; each was looked at. The rest has no findings.
const FINDINGS: &[(&str, &str, usize)] = &[
    // The children in the hierarchy have no description at all.
    ("nodegdsn_020_CIN_add_10036016500279.xml", "field_required", 2),
    // The check digit of 00018627703390 is wrong.
    ("nodegdsn_020_CIN_add_10036016500279.xml", "gtin_check_digit", 1),
    // A publication: nothing to import.
    ("nodegdsn_034_cip_292_278_3396_840_ADD.xml", "part_ignored", 1),
    // A template: its GTIN is the word TOKEN.
    ("nodegdsn_CIN_core_item.xml", "field_invalid", 1),
    // None of the 21 items has a description.
    ("nodegdsn_cin-add_new-large.xml", "field_required", 21),
];

fn of_gdsn() -> Vec<(String, Option<u64>, Vec<u8>)> {
    let files = real_documents(|format| format == "gs1-gdsn").unwrap_or_default();
    files.into_iter().map(|file| (file.name, file.records, file.bytes)).collect()
}

fn read(bytes: &[u8]) -> Outcome {
    let profile = Profile::default();
    Outcome::of(
        &GdsnTransformer,
        &[],
        &Sample { bytes, media_type: "application/xml", charset: None, profile: &profile },
    )
}

#[test]
fn real_messages_have_as_many_records_as_their_manifest_says_and_nothing_is_unmapped() {
    let files = of_gdsn();
    if files.is_empty() {
        return;
    }
    assert_eq!(files.len(), 6);
    let mut found = Vec::new();
    for (name, records, bytes) in files {
        let outcome = read(&bytes);
        assert_eq!(outcome.error, None, "{name}");
        assert_eq!(Some(outcome.records), records, "{name}");
        assert_eq!(outcome.unmapped, [], "{name}");
        let rejected = if name == "nodegdsn_CIN_core_item.xml" { 1 } else { 0 };
        assert_eq!(outcome.records - outcome.items.len() as u64, rejected, "{name}");
        let mut counts = BTreeMap::new();
        outcome.findings.iter().for_each(|finding| *counts.entry(finding.code.clone()).or_insert(0) += 1);
        found.extend(counts.into_iter().map(|(code, count)| (name.clone(), code, count)));
    }
    found.sort();
    let known: Vec<_> =
        FINDINGS.iter().map(|(name, code, count)| ((*name).to_owned(), (*code).to_owned(), *count)).collect();
    assert_eq!(found, known, "found:\n{found:#?}");
}

#[test]
fn a_real_hierarchy_is_three_items_and_their_links() {
    let Some((.., bytes)) = of_gdsn().into_iter().find(|(name, ..)| name.contains("_020_CIN_add")) else { return };
    let outcome = read(&bytes);
    let items: Vec<_> = outcome.items.iter().map(|item| (item.sku.as_str(), item.kind.as_str())).collect();
    assert_eq!(items, [("10036016500279", "case"), ("00018627703390", "each"), ("00018627703389", "each")]);
    let contains: Vec<_> =
        outcome.items[0].relations.iter().map(|it| (it.sku.as_str(), it.quantity.map(|it| it.to_string()))).collect();
    assert_eq!(contains, [("00018627703390", Some("8".to_owned())), ("00018627703389", Some("14".to_owned()))]);
    assert_eq!(outcome.patches.len(), 0);
}

#[test]
fn every_real_message_is_recognised() {
    for (name, _, bytes) in of_gdsn() {
        let head = Head::new(&bytes, true, "application/xml", None);
        let message = if name.contains("cip") { "GDSN 3 CIP" } else { "GDSN 3 CIN" };
        let detected = GdsnTransformer.detect(&head).map(|found| (found.version, found.is_certain));
        assert_eq!(detected, Some((message.to_owned(), true)), "{name}");
    }
}
