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
use crate::shape::flaws;

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
        let (text, _) = message(&items);
        prop_assert_eq!(flaws(text.as_bytes()), Vec::<String>::new(), "{}", text);
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
    assert_eq!(flaws(text.as_bytes()), Vec::<String>::new(), "{text}");
    for part in [
        "<ONIXMessage xmlns=\"http://ns.editeur.org/onix/3.0/reference\" release=\"3.0\">",
        "<SentDateTime>20260131T120000Z</SentDateTime>",
        "<ProductIDType>15</ProductIDType><IDValue>9783161484100</IDValue>",
        "<ProductForm sourcename=\"plugpoint-assumed\">00</ProductForm>",
        "<TitleText language=\"ger\">Das Moor</TitleText>",
        "<ContributorRole>A01</ContributorRole><PersonName>Inga Torf</PersonName>",
        "<SubjectSchemeIdentifier>93</SubjectSchemeIdentifier><SubjectSchemeVersion>1.5</SubjectSchemeVersion><SubjectCode>FBA</SubjectCode>",
        "<PriceType>04</PriceType>",
        "<Text textformat=\"05\" language=\"ger\">&lt;p&gt;Ein Buch&lt;/p&gt;</Text>",
        "<ResourceContentType>01</ResourceContentType><ContentAudience>00</ContentAudience><ResourceMode>03</ResourceMode>",
        "<ProductIDType>01</ProductIDType><IDTypeName>own</IDTypeName><IDValue>X1</IDValue>",
        "<ProductComposition>10</ProductComposition>",
        "<TaxRatePercent>7</TaxRatePercent>",
        "<PriceDateRole>15</PriceDateRole><Date dateformat=\"00\">20261231</Date>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

/// What is written of one item with these parts, and the places at which something was lost.
fn one(more: &serde_json::Value) -> (String, Vec<String>) {
    let mut item = json!({"sku": "A", "kind": "publication", "texts": [{"lang": "en", "title": "x"}]});
    more.as_object().unwrap().iter().for_each(|(name, value)| item[name] = value.clone());
    let (text, losses) = message(&[parsed(item)]);
    assert_eq!(flaws(text.as_bytes()), Vec::<String>::new(), "{text}");
    (text, losses)
}

/// An item's parts, how they are written, and what of them does not come back.
type Written = (serde_json::Value, &'static str, &'static str);

fn check(cases: &[Written]) {
    for (more, part, lost) in cases {
        let (text, losses) = one(more);
        assert!(text.contains(part), "{part} is not in {text}");
        assert_eq!(losses.join(" "), *lost, "{more}: {text}");
    }
}

#[test]
fn a_price_has_a_type_only_if_it_is_true() {
    let price = |kind: &str, more: serde_json::Value| {
        let mut price = json!({"kind": kind, "amount": "9.50", "currency": "EUR"});
        more.as_object().unwrap().iter().for_each(|(name, value)| price[name] = value.clone());
        json!({"prices": [price]})
    };
    check(&[
        (price("retail", json!({})), "<Price><PriceTypeDescription>retail</PriceTypeDescription><PriceAmount>", ""),
        (
            price("retail", json!({"tax_rate": "0"})),
            "<Price><PriceType>02</PriceType><PriceAmount>",
            "/prices/tax_included",
        ),
        (price("retail", json!({"tax_included": true})), "<Price><PriceType>02</PriceType><PriceAmount>", ""),
        (
            price("retail_library", json!({"tax_included": false})),
            "<PriceType>01</PriceType><PriceQualifier>10</PriceQualifier>",
            "",
        ),
        (price("net_rental", json!({"tax_included": true})), "<PriceType>07</PriceType><PriceCondition>", ""),
        (price("own_word", json!({"tax_included": true})), "<PriceTypeDescription>own_word<", "/prices/tax_included"),
        (price("unspecified", json!({})), "<Price><PriceAmount>", ""),
        (
            price("retail", json!({"amount": "0", "tax_included": true})),
            "<UnpricedItemType>01</UnpricedItemType><CurrencyCode>EUR<",
            "",
        ),
        (
            price("retail", json!({"min_quantity": "2.5"})),
            "</PriceTypeDescription><PriceAmount>",
            "/prices/min_quantity",
        ),
        (
            price("retail", json!({"territories": ["GB-SCT", "DE"]})),
            "<CountriesIncluded>DE</CountriesIncluded><RegionsIncluded>GB-SCT<",
            "/prices/territories",
        ),
        (
            price("retail", json!({"territories": ["XX"]})),
            "</ProductAvailability><UnpricedItemType sourcename=\"plugpoint-assumed\">04<",
            "/prices",
        ),
    ]);
}

#[test]
fn a_number_is_typed_as_what_it_is_and_a_word_is_no_code() {
    let fact = |name: &str, value: &str| json!({"attributes": [{"name": name, "values": [value], "system": "onix"}]});
    let number = |scheme: &str, value: &str| json!({"identifiers": [{"scheme": scheme, "value": value}]});
    check(&[
        (
            number("gtin", "96385074"),
            "<ProductIDType>01</ProductIDType><IDTypeName>gtin</IDTypeName><IDValue>96385074<",
            "",
        ),
        (number("gtin", "036000291452"), "<ProductIDType>04</ProductIDType><IDValue>", "/identifiers/scheme"),
        (number("gtin", "4006381333932"), "<ProductIDType>01</ProductIDType><IDTypeName>gtin</IDTypeName>", ""),
        (number("isbn", "316148410X"), "<ProductIDType>02</ProductIDType>", ""),
        (number("isbn", "odd"), "<ProductIDType>01</ProductIDType><IDTypeName>isbn</IDTypeName>", ""),
        (fact("audience", "children"), "<AudienceCode>02</AudienceCode>", ""),
        (
            fact("audience", "night watchmen"),
            "<AudienceCodeType>02</AudienceCodeType><AudienceCodeTypeName>audience<",
            "",
        ),
        (fact("pages", "256"), "<ExtentValue>256</ExtentValue>", ""),
        (fact("pages", "xii"), "<ExtentValueRoman>xii</ExtentValueRoman>", ""),
        (fact("pages", "256.5"), "<TitleDetail>", "/attributes"),
        (fact("DescriptiveDetail/EditionNumber", "2.5"), "<TitleDetail>", "/attributes"),
        (fact("product_form", "paperback"), "<ProductForm sourcename=\"plugpoint-assumed\">00<", "/attributes"),
        (fact("unpriced", "free_of_charge"), "</ProductAvailability><UnpricedItemType>01<", ""),
    ]);
}

#[test]
fn a_file_is_called_what_it_is_and_a_block_has_what_it_must() {
    let file =
        |kind: &str, mime: &str| json!({"media": [{"kind": kind, "url": "https://a.example/x y", "mime_type": mime}]});
    check(&[
        (
            file("document", "application/pdf"),
            "<ResourceContentType>31</ResourceContentType><ContentAudience>00</ContentAudience><ResourceMode>04<",
            "/media/url",
        ),
        (file("manual", "application/pdf"), "<ResourceContentType>39<", "/media/kind /media/url"),
        (file("others", "application/zip"), "<ResourceMode>06<", "/media/mime_type /media/url"),
        (file("thumbnail", "image/jpeg"), "<ResourceContentType>27<", "/media/url"),
        (json!({"brand": null, "status": "active"}), "</DescriptiveDetail>\n</Product>", ""),
        (json!({"status": "announced"}), "<Imprint sourcename=\"plugpoint-assumed\"><ImprintName>unknown<", ""),
        (
            json!({"availability": {"status": "in_stock", "quantity": "1.5"}}),
            "<UnpricedItemType sourcename=\"plugpoint-assumed\">04<",
            "/availability/quantity",
        ),
        (
            json!({"relations": [{"kind": "work", "sku": "W1"}]}),
            "<WorkIDType>01</WorkIDType><IDTypeName sourcename=",
            "",
        ),
    ]);
}

#[test]
fn an_empty_catalog_is_a_message_without_products() {
    let (text, _) = message(&[]);
    assert!(text.contains("<NoProduct/></ONIXMessage>"), "{text}");
    assert_eq!(flaws(text.as_bytes()), Vec::<String>::new());
    let read = read(text.as_bytes(), None);
    assert_eq!((read.error, read.items.len(), read.findings.len()), (None, 0, 0));
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
        let (text, losses) = message(&items);
        assert_eq!(flaws(text.as_bytes()), Vec::<String>::new(), "{name}: {text}");
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
    let mut known: Vec<String> = known.iter().map(|name| format!("{name}: /attributes")).collect();
    // Hyphens, which the standard does not want.
    known.push("sku_isbn: /identifiers/value".to_owned());
    known.sort();
    assert_eq!(told, known);
}
