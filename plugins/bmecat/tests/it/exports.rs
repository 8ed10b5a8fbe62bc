//! The export, read back: any items as a property, the crate's own cases as real ones.

use plugpoint_plugin_bmecat::{Bmecat2005Exporter, BmecatTransformer};
use plugpoint_sdk::model::ItemData;
use plugpoint_sdk::points::catalog_exporter::conformance;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample, exported, items};
use proptest::prelude::*;
use serde_json::json;

use crate::cases::ROOT;

fn profile(text: &str) -> Profile {
    Profile::from_layers(&[text]).unwrap()
}

fn parsed(item: serde_json::Value) -> ItemData {
    serde_json::from_value(item).unwrap()
}

/// The document, and the places at which something was lost.
fn document(items: &[ItemData]) -> (String, Vec<String>) {
    let exported = exported(&Bmecat2005Exporter, &Profile::default(), items, None);
    assert_eq!(exported.error, None);
    let losses = exported.report.losses.iter().map(|loss| loss.path.clone()).collect();
    (String::from_utf8(exported.bytes).unwrap(), losses)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_lost_is_what_the_report_says(items in items(5), which in 0_usize..3) {
        let texts = ["", "[catalog]\nlanguage = 'de'\ncurrency = 'PLN'\ndecimal_comma = true\n",
            "[bmecat]\ngroup_system = 'unspsc'\nextensions = false\nextras = false\nmime_root = 'https://a.example/'\n"];
        prop_assert_eq!(conformance(&Bmecat2005Exporter, &BmecatTransformer, &profile(texts[which]), &items), Ok(()));
    }
}

/// Everything that a document of the standard says about a product and the canonical form has a place for.
fn full() -> ItemData {
    parsed(json!({
        "sku": "A/1", "kind": "product", "status": "discontinued", "brand": "B & C",
        "texts": [{"lang": "en", "title": "Cable", "description": "Long\nText", "keywords": ["a", "b"]}, {"lang": "de", "title": "Kabel"}],
        "identifiers": [{"scheme": "gtin", "value": "4006381333931"}, {"scheme": "supplier_alt", "value": "X"},
            {"scheme": "buyer.kmf", "value": "78"}, {"scheme": "mpn", "value": "M1"}],
        "prices": [
            {"kind": "net_customer", "amount": "12.50", "currency": "EUR", "tax_rate": "0.19", "tax_included": false, "min_quantity": "1",
             "per_quantity": "100", "unit": "MTR", "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2026-12-31T23:59:59Z", "territories": ["DE", "AT"]},
            {"kind": "gros_list", "amount": "20", "currency": "USD", "tax_included": true, "per_quantity": "100", "unit": "MTR"}],
        "categories": [{"system": "eclass-9.0", "code": "27-14", "path": ["Electric", "Cables"]}, {"system": "etim-9.0", "code": "EC000034", "path": ["Cable"]},
            {"system": "supplier", "code": "12", "path": ["Shop", "Cables"]}, {"system": "supplier", "code": "1", "path": ["Shop"]}],
        "attributes": [
            {"name": "PRODUCT_STATUS@type", "values": ["old_product"], "system": "bmecat"},
            {"name": "Cross section", "values": ["1.5", "2.5"], "unit": "mm2", "system": "etim-9.0", "feature_id": "EF000008"},
            {"name": "EF000139", "values": ["true"], "system": "etim-9.0", "feature_id": "EF000139"},
            {"name": "Colour", "values": []},
            {"name": "ORDER_UNIT", "values": ["MTR"], "system": "bmecat"}, {"name": "PRICE_QUANTITY", "values": ["100"], "system": "bmecat"},
            {"name": "PACKING_UNITS.PACKING_UNIT.QUANTITY_MIN", "values": ["5"], "system": "bmecat"},
            {"name": "SHOP.NOTE", "values": ["x"], "system": "udx"},
            {"name": "CUSTOMS_TARIFF_NUMBER.CUSTOMS_NUMBER", "values": ["8544"], "system": "bmecat"}],
        "media": [{"kind": "image", "url": "https://a.example/x.jpg", "mime_type": "image/jpeg", "description": "front"},
            {"kind": "data_sheet", "url": "x.pdf", "mime_type": "application/pdf"}, {"kind": "link", "url": "https://a.example"}],
        "availability": {"status": "available", "lead_time_days": 3},
        "relations": [{"kind": "accessory", "sku": "B", "quantity": "2"}, {"kind": "spare_part", "sku": "C"}, {"kind": "similar", "sku": "D"}],
    }))
}

#[test]
fn what_the_standard_has_a_place_for_comes_back() {
    let bare = parsed(json!({"sku": "B", "texts": [{"lang": "en", "title": "x"}]}));
    let mut gone = bare.clone();
    (gone.sku, gone.status) = ("C".to_owned(), plugpoint_sdk::model::ItemStatus::Discontinued);
    let (text, losses) = document(&[full(), bare, gone]);
    assert_eq!(losses, Vec::<String>::new(), "{text}");
    assert_eq!(text.matches("<ORDER_UNIT>C62</ORDER_UNIT>").count(), 2, "an order unit is mandatory: {text}");
    for part in [
        "<LANGUAGE default=\"true\">eng</LANGUAGE>",
        "<DESCRIPTION_SHORT lang=\"deu\">Kabel</DESCRIPTION_SHORT>",
        "<REFERENCE_FEATURE_GROUP_ID>EC000034</REFERENCE_FEATURE_GROUP_ID>\n<REFERENCE_FEATURE_GROUP_NAME>Cable</REFERENCE_FEATURE_GROUP_NAME>\n<FEATURE>",
        "<CATALOG_STRUCTURE type=\"root\"><GROUP_ID>1</GROUP_ID><GROUP_NAME>Shop</GROUP_NAME><PARENT_ID>0</PARENT_ID></CATALOG_STRUCTURE>",
        "<CATALOG_STRUCTURE type=\"leaf\"><GROUP_ID>12</GROUP_ID><GROUP_NAME>Cables</GROUP_NAME><PARENT_ID>1</PARENT_ID></CATALOG_STRUCTURE>",
        "<VALID_START_DATE>2026-01-01</VALID_START_DATE>\n<VALID_END_DATE>2026-12-31</VALID_END_DATE>",
        "<UDX.SHOP.NOTE>x</UDX.SHOP.NOTE>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let order = [
        "<CLASSIFICATION_SYSTEM>",
        "<CATALOG_GROUP_SYSTEM>",
        "<PRODUCT mode",
        "<PRODUCT_TO_CATALOGGROUP_MAP>",
        "</T_NEW_CATALOG>",
    ];
    let places: Vec<_> = order.iter().map(|part| text.find(part).unwrap()).collect();
    assert!(places.is_sorted() && text.rfind("<PRODUCT mode") < text.find("<PRODUCT_TO_CATALOGGROUP_MAP>"), "{text}");
}

#[test]
fn a_part_that_is_lost_is_named() {
    let price = |more: serde_json::Value| {
        let mut price = json!({"kind": "list", "amount": "1", "currency": "EUR"});
        more.as_object().unwrap().iter().for_each(|(name, value)| price[name] = value.clone());
        price
    };
    let udx = |name: &str| json!({"attributes": [{"name": name, "values": ["x"], "system": "udx"}]});
    let kept = |name: &str| json!({"attributes": [{"name": name, "values": ["x"], "system": "bmecat"}]});
    let cases = [
        (json!({"kind": "publication"}), "/kind"),
        (json!({"status": "announced"}), "/status"),
        (json!({"contributors": [{"role": "author", "name": "x"}]}), "/contributors"),
        (json!({"availability": {"status": "in_stock"}}), "/availability"),
        (json!({"prices": [price(json!({"tax_included": true}))]}), "/prices/tax_included"),
        (
            json!({"prices": [price(json!({"per_quantity": "1"})), price(json!({"per_quantity": "2"}))]}),
            "/prices/per_quantity",
        ),
        (
            json!({"identifiers": [{"scheme": "mpn", "value": "1"}, {"scheme": "gtin", "value": "2"}]}),
            "/identifiers/scheme",
        ),
        (json!({"texts": [{"lang": "en", "title": "x "}]}), "/texts/title"),
        (
            json!({"categories": [{"system": "supplier", "code": "1", "path": ["a"]}, {"system": "etim", "code": "2"}]}),
            "/categories/code",
        ),
        // Elements of the product itself are not for attributes to name.
        (kept("SUPPLIER_PID"), "/attributes"),
        (kept("PRODUCT_PRICE_DETAILS.PRODUCT_PRICE.PRICE_AMOUNT"), "/attributes"),
        (kept("ORDER_UNIT><x"), "/attributes"),
        (udx("A\" b=\"c"), "/attributes"),
        (udx("PLUGPOINT.ASSUMED"), "/attributes"),
    ];
    for (more, path) in cases {
        let mut item = json!({"sku": "A", "texts": [{"lang": "en", "title": "x"}]});
        more.as_object().unwrap().iter().for_each(|(name, value)| item[name] = value.clone());
        let (text, losses) = document(&[parsed(item)]);
        assert!(losses.contains(&path.to_owned()), "{path} of {more}: {losses:?}");
        assert_eq!(text.matches("<SUPPLIER_PID>").count(), 1);
    }
}

#[test]
fn codes_and_paths_that_contradict_each_other_stay_apart() {
    let item = |sku: &str, code: &str, path: &[&str]| {
        parsed(
            json!({"sku": sku, "texts": [{"lang": "en", "title": "x"}], "categories": [{"system": "supplier", "code": code, "path": path}]}),
        )
    };
    // g1 is an id that the export would have made up itself.
    let (text, losses) = document(&[
        item("A", "g1", &["x", "y"]),
        item("B", "2", &["x", "y"]),
        item("C", "3", &["x"]),
        item("D", "4", &["z", "y"]),
    ]);
    assert_eq!(losses, Vec::<String>::new(), "{text}");
    let (_, losses) = document(&[item("A", "1", &["x"]), item("B", "1", &["y"])]);
    assert_eq!(losses, ["/categories/path"]);
}

/// What comes from a BMEcat document goes back into one; what does not is known, case by case.
#[test]
fn the_cases_of_the_reader_survive_a_round_trip() {
    let mut told = Vec::new();
    for (name, bytes) in Cases::new(ROOT, &BmecatTransformer).documents() {
        let profile = Profile::default();
        let sample = Sample { bytes: &bytes, media_type: "application/xml", charset: None, profile: &profile };
        let mut items = Outcome::of(&BmecatTransformer, &[], &sample).items;
        items.sort_by(|one, other| one.sku.cmp(&other.sku));
        items.dedup_by(|one, other| one.sku == other.sku);
        assert_eq!(conformance(&Bmecat2005Exporter, &BmecatTransformer, &profile, &items), Ok(()), "{name}");
        let (_, losses) = document(&items);
        if !losses.is_empty() {
            told.push(format!("{name}: {}", losses.join(" ")));
        }
    }
    let known = [
        // A second MANUFACTURER_NAME.
        "identifiers: /attributes",
        // Which dots were elements within each other is not kept.
        "udx_trees: /attributes",
        // Elements that the standard does not know.
        "unknown_parts: /attributes",
    ];
    assert_eq!(told, known);
}
