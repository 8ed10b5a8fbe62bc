//! The export, read back: any items as a property, the crate's own cases as real ones.

use plugpoint_plugin_onix::{Onix3Exporter, OnixTransformer};
use plugpoint_sdk::model::ItemData;
use plugpoint_sdk::points::catalog_exporter::conformance;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, exported, items};
use proptest::prelude::*;
use serde_json::json;

use crate::cases::ROOT;
use crate::read;

fn parsed(item: serde_json::Value) -> ItemData {
    serde_json::from_value(item).unwrap()
}

/// The message, and the places at which something was lost.
fn message(items: &[ItemData]) -> (String, Vec<String>) {
    let exported = exported(&Onix3Exporter, &Profile::default(), items, None);
    assert_eq!(exported.error, None);
    let losses = exported.report.losses.iter().map(|loss| loss.path.clone()).collect();
    (String::from_utf8(exported.bytes).unwrap(), losses)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_lost_is_what_the_report_says(items in items(5), which in 0_usize..3) {
        let texts = ["", "[catalog]\nlanguage = 'de'\ncurrency = 'PLN'\ndecimal_comma = true\n", "[onix]\nsku = 'isbn'\nextras = false\n"];
        let profile = Profile::from_layers(&[texts[which]]).unwrap();
        prop_assert_eq!(conformance(&Onix3Exporter, &OnixTransformer, &profile, &items), Ok(()));
    }
}

/// What a publisher says of a book, in full.
fn book() -> ItemData {
    parsed(json!({
        "sku": "com.example.1", "kind": "publication", "status": "announced", "brand": "Moor & Heide",
        "texts": [{"lang": "de", "title": "Das Moor", "description": "<p>Ein Buch</p>", "keywords": ["Moor", "Torf"]}, {"lang": "en", "title": "The Moor"}],
        "identifiers": [{"scheme": "isbn", "value": "9783161484100"}, {"scheme": "gtin", "value": "9783161484100"}, {"scheme": "own", "value": "X1"}],
        "prices": [
            {"kind": "fixed_retail", "amount": "19.90", "currency": "EUR", "tax_rate": "0.07", "tax_included": true, "territories": ["DE", "AT"],
             "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2026-12-31T23:59:59Z"},
            {"kind": "retail_library", "amount": "25.00", "currency": "CHF", "tax_included": false, "min_quantity": "10"}],
        "categories": [{"system": "thema-1.5", "code": "FBA", "path": ["Modern fiction"]}, {"system": "bisac", "code": "FIC019000"},
            {"system": "supplier", "code": "12"}, {"system": "house-list", "code": "A"}],
        "attributes": [
            {"name": "product_form", "values": ["BB"], "system": "onix"},
            {"name": "height", "values": ["210"], "unit": "mm", "system": "onix"}, {"name": "weight", "values": ["300"], "unit": "g", "system": "onix"},
            {"name": "pages", "values": ["256"], "system": "onix"}, {"name": "language", "values": ["de"], "system": "onix"},
            {"name": "series", "values": ["Heide"], "system": "onix"}, {"name": "series_number", "values": ["3"], "system": "onix"}],
        "media": [{"kind": "image", "url": "https://a.example/x.jpg", "mime_type": "image/jpeg", "description": "front"}],
        "contributors": [{"role": "author", "name": "Inga Torf"}, {"role": "translator", "name": "J. van Ried"}],
        "availability": {"status": "in_stock", "quantity": "12", "lead_time_days": 2, "available_from": "2026-02-01T00:00:00Z"},
        "relations": [{"kind": "consists_of", "sku": "9783161484110", "quantity": "2"}, {"kind": "replaces", "sku": "com.example.0"}],
    }))
}

#[test]
fn what_the_standard_has_a_place_for_comes_back() {
    let bare = parsed(json!({"sku": "B", "kind": "publication", "texts": [{"lang": "en", "title": "x"}]}));
    let mut priced = parsed(json!({"sku": "C", "kind": "bundle", "texts": [{"lang": "en", "title": "x"}],
        "prices": [{"kind": "net", "amount": "1", "currency": "EUR", "tax_included": false}]}));
    priced.status = plugpoint_sdk::model::ItemStatus::Discontinued;
    let (text, losses) = message(&[book(), bare, priced]);
    assert_eq!(losses, Vec::<String>::new(), "{text}");
    for part in [
        "<ONIXMessage xmlns=\"http://ns.editeur.org/onix/3.0/reference\" release=\"3.0\">",
        "<SentDateTime>20260131T120000Z</SentDateTime>",
        "<ProductIDType>15</ProductIDType><IDValue>9783161484100</IDValue>",
        "<ProductForm sourcename=\"plugpoint-assumed\">00</ProductForm>",
        "<TitleText language=\"ger\">Das Moor</TitleText>",
        "<ContributorRole>A01</ContributorRole><PersonName>Inga Torf</PersonName>",
        "<SubjectSchemeIdentifier>93</SubjectSchemeIdentifier><SubjectSchemeVersion>1.5</SubjectSchemeVersion><SubjectCode>FBA</SubjectCode>",
        "<PriceType>04</PriceType>",
        "<TaxRatePercent>7</TaxRatePercent>",
        "<PriceDateRole>15</PriceDateRole><Date dateformat=\"00\">20261231</Date>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn a_part_that_is_lost_is_named() {
    let cases = [
        (json!({"kind": "product"}), "/kind"),
        (json!({"texts": [{"lang": "de-AT", "title": "x"}]}), "/texts/lang"),
        (json!({"categories": [{"system": "bisac", "code": "1", "path": ["a", "b"]}]}), "/categories/path"),
        (json!({"attributes": [{"name": "a", "values": ["1"]}]}), "/attributes"),
        (json!({"prices": [{"kind": "list", "amount": "1", "currency": "EUR", "tax_included": true}]}), "/prices/kind"),
        (
            json!({"prices": [{"kind": "net", "amount": "1", "currency": "EUR", "tax_included": false, "unit": "C62"}]}),
            "/prices/unit",
        ),
        (json!({"media": [{"kind": "data_sheet", "url": "x"}]}), "/media/kind"),
        (json!({"relations": [{"kind": "quarrels_with", "sku": "B"}]}), "/relations/kind"),
        (json!({"availability": {"status": "on_the_moon"}}), "/availability/status"),
    ];
    for (more, path) in cases {
        let mut item = json!({"sku": "A", "kind": "publication", "texts": [{"lang": "en", "title": "x"}]});
        more.as_object().unwrap().iter().for_each(|(name, value)| item[name] = value.clone());
        let (text, losses) = message(&[parsed(item)]);
        assert_eq!(losses, [path], "{more}: {text}");
    }
}

/// What comes from ONIX goes back into it; what does not is known, case by case.
#[test]
fn the_cases_of_the_reader_survive_a_round_trip() {
    let mut told = Vec::new();
    for (name, bytes) in Cases::new(ROOT, &OnixTransformer).documents() {
        let mut items = read(&bytes, None).items;
        items.sort_by(|one, other| one.sku.cmp(&other.sku));
        items.dedup_by(|one, other| one.sku == other.sku);
        assert_eq!(conformance(&Onix3Exporter, &OnixTransformer, &Profile::default(), &items), Ok(()), "{name}");
        let (_, losses) = message(&items);
        if !losses.is_empty() {
            told.push(format!("{name}: {}", losses.join(" ")));
        }
    }
    // Each has attributes of parts that the export does not write again: composites of which there may be several, codes without a
    // word, names of the older release.
    let known = [
        "bare_product_30",
        "extras_off",
        "languages",
        "plain_numbers_21",
        "price_types",
        "publishing_oddities",
        "texts_for_some_readers",
        "titles",
        "titles_21",
        "unknown_parts",
        "whole_21_reference",
        "whole_21_short",
        "whole_30_reference",
        "whole_31_short",
    ];
    assert_eq!(told, known.map(|name| format!("{name}: /attributes")));
}
