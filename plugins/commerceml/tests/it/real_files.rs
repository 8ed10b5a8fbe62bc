//! Real exchanges that are not part of this repository: `PLUGPOINT_SHARED_DATA` or `../shared/data` beside the checkout. Where
//! they are absent the test says so and passes.

use plugpoint_plugin_commerceml::CommercemlTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample, real_documents};

/// What is wrong with these files, by code; each was looked at. The rest has no findings.
const FINDINGS: &[(&str, &str, usize)] = &[
    // One kind of order.
    ("carono_orders_windows1251.xml", "part_ignored", 1),
    // Its two goods, which are no items.
    ("carono_orders_windows1251.xml", "record_malformed", 2),
];

/// What is known and has no place: parts of the definitions, and the stock of single warehouses beside the total.
const UNMAPPED: &[(&str, &str, u64)] = &[
    ("carono_import.xml", "Каталог/Владелец", 1),
    ("carono_import.xml", "Классификатор/Владелец", 1),
    ("carono_offers.xml", "Классификатор/Владелец", 1),
    ("carono_offers.xml", "ПакетПредложений/Владелец", 1),
    ("carono_offers.xml", "ПакетПредложений/Склады", 1),
    ("carono_offers.xml", "Предложение/Склад/@ИдСклада", 5),
    ("carono_offers.xml", "Предложение/Склад/@КоличествоНаСкладе", 5),
    ("carono_offers.xml", "ТипЦены/Налог/Акциз", 1),
    ("carono_offers.xml", "ТипЦены/Налог/Наименование", 1),
    ("dobromyslov_import0_1.xml", "Каталог/Владелец", 1),
    ("dobromyslov_import0_1.xml", "Классификатор/Владелец", 1),
    ("dobromyslov_offers0_1.xml", "Классификатор/Владелец", 1),
    ("dobromyslov_offers0_1.xml", "ПакетПредложений/Владелец", 1),
    ("dobromyslov_offers0_1.xml", "ПакетПредложений/Склады", 1),
    ("dobromyslov_offers0_1.xml", "Предложение/Склад/@ИдСклада", 132),
    ("dobromyslov_offers0_1.xml", "Предложение/Склад/@КоличествоНаСкладе", 132),
    ("dobromyslov_offers0_1.xml", "ТипЦены/Налог/Акциз", 1),
    ("dobromyslov_offers0_1.xml", "ТипЦены/Налог/Наименование", 1),
];

/// Two Товар of one order, which are no items of a catalog.
const ORDERS: &str = "carono_orders_windows1251.xml";

#[test]
fn real_exchanges_have_as_many_records_as_their_manifest_says() {
    let Some(files) = real_documents(|format| format == "commerceml") else { return };
    assert_eq!(files.len(), 5);
    let (mut found, mut unmapped) = (Vec::new(), Vec::new());
    for file in &files {
        let name = file.name.as_str();
        let bytes = &file.bytes;
        assert!(
            CommercemlTransformer
                .detect(&Head::new(bytes, true, "", None))
                .unwrap()
                .version
                .starts_with("CommerceML 2.0")
        );
        let outcome = read(bytes);
        assert_eq!(outcome.error, None, "{name}");
        assert_eq!(Some(outcome.records), file.records, "{name}");
        if name != ORDERS {
            unmapped.extend(outcome.unmapped.iter().map(|(path, count)| (name, path.clone(), *count)));
        }
        assert_eq!(outcome.rejected, Vec::<String>::new(), "{name}: {:?}", outcome.findings);
        found.extend(counted(&outcome).into_iter().map(|(code, count)| (name, code.to_owned(), count)));
    }
    found.sort();
    unmapped.sort();
    let known: Vec<_> = FINDINGS.iter().map(|(name, code, count)| (*name, (*code).to_owned(), *count)).collect();
    assert_eq!(found, known, "found:\n{found:?}");
    let known: Vec<_> = UNMAPPED.iter().map(|(name, path, count)| (*name, (*path).to_owned(), *count)).collect();
    assert_eq!(unmapped, known, "found:\n{unmapped:?}");
}

fn read(bytes: &[u8]) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset: None, profile: &profile };
    Outcome::of(&CommercemlTransformer, &[], &sample)
}

fn counted(outcome: &Outcome) -> Vec<(&str, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for finding in &outcome.findings {
        *counts.entry(finding.code.as_str()).or_default() += 1;
    }
    counts.into_iter().collect()
}
