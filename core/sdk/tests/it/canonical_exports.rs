//! Properties of the canonical exporters: whatever an item holds, reading the document back gives the same but for what the report
//! names.

use plugpoint_sdk::canonical::{Canonical, CsvExporter, NdjsonExporter, XmlExporter};
use plugpoint_sdk::export::ExportReport;
use plugpoint_sdk::model::ItemData;
use plugpoint_sdk::points::catalog_exporter::{CatalogExporter, conformance};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{exported, items};
use proptest::prelude::*;
use serde_json::json;

/// Profiles under which a document is written and read back.
fn profiles() -> impl Strategy<Value = Profile> {
    let texts = &["", "[catalog]\ndecimal_comma = true\nlanguage = 'de'\ncurrency = 'PLN'\n"];
    prop::sample::select(&texts[..]).prop_map(|text| Profile::from_layers(&[text]).unwrap())
}

fn parsed(item: serde_json::Value) -> ItemData {
    serde_json::from_value(item).unwrap()
}

fn report(exporter: &dyn CatalogExporter, items: &[ItemData]) -> (String, ExportReport) {
    let exported = exported(exporter, &Profile::default(), items, None);
    assert_eq!(exported.error, None);
    (String::from_utf8(exported.bytes).unwrap(), exported.report)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn ndjson_keeps_everything(items in items(4), profile in profiles()) {
        prop_assert_eq!(conformance(&NdjsonExporter, &Canonical, &profile, &items), if items.is_empty() { Err(vec![
            "the document cannot be read: document_malformed: line 1, column 1: the document is empty and would remove every item; to empty a \
             catalog send [] as application/json".to_owned()]) } else { Ok(()) });
        prop_assert!(exported(&NdjsonExporter, &profile, &items, None).report.is_lossless());
    }

    #[test]
    fn xml_keeps_all_but_characters_that_it_cannot_write(items in items(4), profile in profiles()) {
        prop_assert_eq!(conformance(&XmlExporter, &Canonical, &profile, &items), Ok(()));
        let text = serde_json::to_string(&items).unwrap();
        let is_plain = !["\\u00", "\\b", "\\f", "\u{fffe}"].iter().any(|odd| text.contains(odd));
        let report = exported(&XmlExporter, &profile, &items, None).report;
        prop_assert!(report.is_lossless() || !is_plain, "{:?}", report);
    }

    #[test]
    fn csv_loses_what_its_report_says(items in items(4), profile in profiles()) {
        prop_assert_eq!(conformance(&CsvExporter, &Canonical, &profile, &items), Ok(()));
    }
}

#[test]
fn csv_keeps_what_a_row_can_say() {
    let item = parsed(json!({
        "sku": "A,1", "kind": "publication", "status": "announced", "brand": "B; \"C\"",
        "texts": [{"lang": "de", "title": "Zwei\nZeilen", "description": "x", "keywords": ["a", "b"]}],
        "identifiers": [{"scheme": "gtin", "value": "4006381333931"}, {"scheme": "mpn", "value": "0815"}],
        "prices": [{"kind": "net", "amount": "12.50", "currency": "EUR", "tax_rate": "0.19", "tax_included": false,
            "min_quantity": "10", "per_quantity": "100", "unit": "C62", "valid_from": "2026-01-01", "valid_to": "2026-12-31"}],
        "categories": [{"system": "eclass-9.0", "code": "21", "path": ["a", "b c"]}],
        "attributes": [{"name": "Length", "unit": "mm", "values": ["1,5"]}, {"name": "Colour", "values": ["red", "blue"]}],
        "media": [{"kind": "image", "url": "x"}, {"kind": "image", "url": "y"}, {"kind": "data_sheet", "url": "z"}],
        "contributors": [{"role": "author", "name": "Jane"}],
        "availability": {"status": "preorder", "quantity": "3", "lead_time_days": 4, "available_from": "2026-02-01"},
    }));
    let (text, report) = report(&CsvExporter, &[item]);
    assert!(report.is_lossless(), "{report:?}");
    let header = text.lines().next().unwrap();
    assert!(header.starts_with("sku,title,") && header.contains(",image,image,data_sheet,author,"), "{header}");
    assert!(header.ends_with(",attr:Length[mm],attr:Colour,attr:Colour"), "{header}");
    assert!(text.contains("\r\n\"A,1\",\"Zwei\nZeilen\",x,a|b,de,\"B; \"\"C\"\"\",publication,announced,"), "{text}");
}

#[test]
fn csv_says_what_it_loses() {
    let item = |sku: &str, more: serde_json::Value| {
        let mut item = json!({"sku": sku, "texts": [{"lang": "en", "title": "x"}]});
        more.as_object().unwrap().iter().for_each(|(name, value)| item[name] = value.clone());
        parsed(item)
    };
    let price = |amount: &str| json!({"kind": "list", "amount": amount, "currency": "EUR"});
    let cases = [
        (json!({"texts": [{"lang": "en", "title": "x"}, {"lang": "de", "title": "y"}]}), "/texts"),
        (json!({"texts": [{"lang": "en", "title": " x"}]}), "/texts/title"),
        (json!({"texts": [{"lang": "en", "title": "x", "keywords": ["a|b"]}]}), "/texts/keywords"),
        (json!({"prices": [price("1"), price("2")]}), "/prices"),
        (
            json!({"prices": [{"kind": "list", "amount": "1", "currency": "EUR", "territories": ["DE"]}]}),
            "/prices/territories",
        ),
        (json!({"identifiers": [{"scheme": "own", "value": "1"}]}), "/identifiers"),
        (json!({"attributes": [{"name": "a", "system": "etim", "values": ["1"]}]}), "/attributes/system"),
        (json!({"attributes": [{"name": "a[b]", "values": ["1"]}]}), "/attributes"),
        (json!({"relations": [{"kind": "accessory", "sku": "B"}]}), "/relations"),
    ];
    for (more, path) in cases {
        let (_, report) = report(&CsvExporter, &[item("A", more), item("B", json!({}))]);
        let losses: Vec<_> =
            report.losses.iter().map(|it| (it.path.as_str(), it.items, it.first_sku.as_str())).collect();
        assert_eq!(losses, [(path, 1, "A")]);
    }
    let blank = item("A", json!({"texts": [{"lang": "en", "title": " "}]}));
    let (text, report) = report(&CsvExporter, &[blank]);
    assert_eq!((report.written, report.left_out, report.first_left_out.as_deref()), (0, 1, Some("A")));
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn csv_has_a_bounded_number_of_columns() {
    let attributes: Vec<_> = (0..1001).map(|n| json!({"name": format!("a{n}"), "values": ["1"]})).collect();
    let item = |count: usize| {
        parsed(json!({"sku": "A", "texts": [{"lang": "en", "title": "x"}], "attributes": attributes[..count]}))
    };
    assert!(report(&CsvExporter, &[item(1000)]).1.is_lossless());
    let (text, report) = report(&CsvExporter, &[item(1001)]);
    assert_eq!(text.lines().next().unwrap().matches("attr:").count(), 1000);
    assert_eq!(report.losses[0].path, "/attributes");
}

#[test]
fn xml_keeps_blanks_and_empty_values_and_says_what_it_cannot_write() {
    let item = parsed(json!({"sku": "A", "texts": [{"lang": "en", "title": " \r\n x "}],
        "attributes": [{"name": "a", "values": ["", " ", "b"]}], "brand": "<&\"]]>"}));
    let (text, lossless) = report(&XmlExporter, &[item]);
    assert!(lossless.is_lossless(), "{lossless:?}");
    assert!(text.contains("<title xml:space=\"preserve\"> &#xD;\n x </title>"), "{text}");
    assert!(
        text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<catalog id=\"main\">\n<item><sku>A</sku>"),
        "{text}"
    );
    assert!(text.contains("</catalog>\n<!-- plugpoint-export-report {"), "{text}");
    let item = parsed(
        json!({"sku": "A", "texts": [{"lang": "en", "title": "a\u{1}b"}], "media": [{"kind": "image", "url": "\u{2}"}]}),
    );
    let (text, report) = report(&XmlExporter, &[item]);
    assert!(text.contains("<title>a\u{fffd}b</title>"), "{text}");
    let losses: Vec<_> = report.losses.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(losses, ["/media/url", "/texts/title"]);
}
