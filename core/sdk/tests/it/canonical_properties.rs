//! Properties of the canonical readers: damaged documents end with an answer, sizes are bounded, and what an item says in JSON
//! it says in XML.

use std::io::{BufReader, Cursor, Read};

use plugpoint_sdk::canonical::{Canonical, MEDIA_TYPES};
use plugpoint_sdk::document::{Document, ItemSink, Stop, TransformError};
use plugpoint_sdk::model::{Finding, ImportMode, ItemData, ItemDraft, ItemPatch, Position};
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};
use plugpoint_sdk::xml::XmlLimits;
use proptest::prelude::*;

/// What came of a document, in short: skus taken, codes of findings, code of the error.
#[derive(Debug, Default, PartialEq)]
struct Answer {
    skus: Vec<String>,
    findings: Vec<String>,
    error: Option<String>,
}

impl ItemSink for Answer {
    fn declare(&mut self, _: &str, _: Option<ImportMode>) -> Result<(), Stop> {
        Ok(())
    }
    fn upsert(&mut self, draft: ItemDraft) -> Result<(), Stop> {
        self.skus.push(draft.data.sku);
        self.findings.extend(draft.findings.into_iter().map(|finding| finding.code));
        Ok(())
    }
    fn patch(&mut self, _: ItemPatch) -> Result<(), Stop> {
        Ok(())
    }
    fn delete(&mut self, _: String, _: Position) -> Result<(), Stop> {
        Ok(())
    }
    fn reject(&mut self, finding: Finding) -> Result<(), Stop> {
        assert!(finding.message.len() < 2000, "a short sentence: {}", finding.message.len());
        self.findings.push(finding.code);
        Ok(())
    }
    fn note(&mut self, finding: Finding) -> Result<(), Stop> {
        self.reject(finding)
    }
    fn unmapped(&mut self, _: &str, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

/// The bound of a record here: far above every sample, small enough to be met.
const RECORD_BYTES_MAX: usize = 1 << 20;

fn answer(source: impl Read, piece: usize, media_type: &str) -> Answer {
    answer_in(ImportMode::Replace, source, piece, media_type)
}

fn answer_in(mode: ImportMode, source: impl Read, piece: usize, media_type: &str) -> Answer {
    let mut source = BufReader::with_capacity(piece, source);
    let profile = Profile::default();
    let xml_limits = XmlLimits { record_bytes_max: RECORD_BYTES_MAX, ..XmlLimits::default() };
    let mut document = Document { media_type, mode, xml_limits, ..Document::new(&mut source, &profile) };
    let mut answer = Answer::default();
    match Canonical.transform(&mut document, &mut answer) {
        Ok(()) => {}
        Err(TransformError::Document(error)) => answer.error = Some(error.code.name.to_owned()),
        Err(other) => panic!("{other:?}"),
    }
    answer
}

#[test]
fn ndjson_without_a_line_says_that_there_is_nothing_but_empties_no_catalog() {
    for (mode, error) in
        [(ImportMode::Merge, None), (ImportMode::Delete, None), (ImportMode::Replace, Some("document_malformed"))]
    {
        for document in ["", "\n \r\n", "\u{feff}"] {
            let answer = answer_in(mode, document.as_bytes(), 8, "application/x-ndjson");
            assert_eq!(answer.error.as_deref(), error, "{mode:?} {document:?}");
        }
        assert_eq!(answer_in(mode, "[]".as_bytes(), 8, "application/json").error, None, "{mode:?}");
        assert!(answer_in(mode, "".as_bytes(), 8, "application/json").error.is_some(), "{mode:?}");
    }
}

fn samples() -> Vec<(String, Vec<u8>)> {
    Cases::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/canonical"), &Canonical).documents()
}

fn media_type(case: &str) -> &'static str {
    match case.split('-').next() {
        Some("xml") => "application/xml",
        Some("json") => "application/json",
        Some("ndjson") => "application/x-ndjson",
        _ => "text/csv",
    }
}

#[test]
fn the_size_of_the_pieces_changes_nothing() {
    for (case, bytes) in samples() {
        let whole = answer(bytes.as_slice(), 1 << 20, media_type(&case));
        for piece in [1, 7, 61] {
            assert_eq!(answer(bytes.as_slice(), piece, media_type(&case)), whole, "{case} by {piece}");
        }
    }
}

#[test]
fn a_format_is_recognised_without_a_content_type() {
    for (case, bytes) in samples() {
        // Broken on purpose at the first byte, or an encoding that only a content type or a declaration can name.
        if ["json-scalar", "json-closing-bracket-first", "json-empty", "json-utf-16", "json-two-items", "ndjson-empty"]
            .contains(&case.as_str())
        {
            continue;
        }
        let named = answer(bytes.as_slice(), 8192, media_type(&case));
        for unnamed in ["", "application/octet-stream"] {
            assert_eq!(answer(bytes.as_slice(), 8192, unnamed), named, "{case}");
        }
    }
}

#[test]
fn other_content_types_are_refused_by_name() {
    assert_eq!(answer(&b"[]"[..], 16, "text/html").error.as_deref(), Some("media_type_unsupported"));
}

/// A record larger than allowed, between two that are not.
fn oversized(media_type: &str) -> impl Read {
    let (head, filler, tail) = match media_type {
        "application/xml" => (
            "<catalog><item><sku>A</sku></item><item><sku>B</sku>",
            "<texts><lang>en</lang><title>x</title></texts>",
            "</item><item><sku>C</sku></item></catalog>",
        ),
        "application/json" => (
            "[{\"sku\":\"A\",\"texts\":[]},{\"sku\":\"B\",\"texts\":[",
            "{\"lang\":\"en\",\"title\":\"x\"},",
            "{}]},{\"sku\":\"C\",\"texts\":[]}]",
        ),
        "application/x-ndjson" => (
            "{\"sku\":\"A\",\"texts\":[]}\n{\"sku\":\"B\",\"texts\":[",
            "{\"lang\":\"en\",\"title\":\"x\"},",
            "{}]}\n{\"sku\":\"C\",\"texts\":[]}\n",
        ),
        _ => ("sku,title\nA,x\nB,", "0123456789", "\nC,x\n"),
    };
    let middle = filler.repeat(2 * RECORD_BYTES_MAX / filler.len());
    Cursor::new(head).chain(Cursor::new(middle)).chain(Cursor::new(tail))
}

#[test]
fn a_record_too_large_costs_itself_only() {
    for media_type in ["application/xml", "application/json", "application/x-ndjson", "text/csv"] {
        let answer = answer(oversized(media_type), 8192, media_type);
        assert_eq!(answer.skus, ["A", "C"], "{media_type}");
        assert_eq!(answer.findings, ["record_too_large"], "{media_type}");
        assert_eq!(answer.error, None, "{media_type}");
    }
}

/// An item as canonical XML, lists as repeated elements.
fn to_xml(name: &str, value: &serde_json::Value, xml: &mut String) {
    match value {
        serde_json::Value::Array(entries) => entries.iter().for_each(|entry| to_xml(name, entry, xml)),
        serde_json::Value::Object(members) => {
            xml.push_str(&format!("<{name}>"));
            for (member, value) in members {
                let mut parts = member.split('_');
                let first = parts.next().unwrap_or_default().to_owned();
                let camel = parts.fold(first, |name, part| name + &part[..1].to_uppercase() + &part[1..]);
                to_xml(&camel, value, xml);
            }
            xml.push_str(&format!("</{name}>"));
        }
        serde_json::Value::String(text) => {
            let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            xml.push_str(&format!("<{name}>{escaped}</{name}>"));
        }
        other => xml.push_str(&format!("<{name}>{other}</{name}>")),
    }
}

fn item() -> impl Strategy<Value = serde_json::Value> {
    let text = "[!-~äöü€]([ -~äöü€]{0,20}[!-~äöü€])?";
    let decimal = "(0|[1-9][0-9]{0,6})(\\.[0-9]{1,4})?";
    let texts = proptest::collection::vec((text, proptest::option::of(text)), 1..4);
    let prices = proptest::collection::vec((decimal, any::<bool>(), proptest::collection::vec("[A-Z]{2}", 0..3)), 0..4);
    let attributes = proptest::collection::vec((text, proptest::collection::vec(text, 0..4)), 0..4);
    (text, texts, prices, attributes, proptest::option::of(0_u32..3000)).prop_map(|(sku, texts, prices, attributes, days)| {
        let mut item = serde_json::json!({
            "sku": sku,
            "kind": "product",
            "status": "inactive",
            "texts": texts.iter().map(|(title, description)| match description {
                Some(description) => serde_json::json!({"lang": "de", "title": title, "description": description}),
                None => serde_json::json!({"lang": "en", "title": title}),
            }).collect::<Vec<_>>(),
            "prices": prices.iter().map(|(amount, included, territories)| serde_json::json!({
                "kind": "list", "amount": amount, "currency": "EUR", "tax_included": included, "territories": territories,
            })).collect::<Vec<_>>(),
            "attributes": attributes.iter().map(|(name, values)| serde_json::json!({"name": name, "values": values})).collect::<Vec<_>>(),
        });
        if let Some(days) = days {
            item["availability"] = serde_json::json!({"status": "in_stock", "lead_time_days": days});
        }
        item
    })
}

fn outcome(bytes: &[u8], media_type: &str) -> Outcome {
    Outcome::of(&Canonical, &[], &Sample { bytes, media_type, charset: None, profile: &Profile::default() })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..100), choice in 0..MEDIA_TYPES.len()) {
        answer(bytes.as_slice(), 13, MEDIA_TYPES[choice]);
    }

    #[test]
    fn a_damaged_document_comes_to_an_end(
        choice in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let samples = samples();
        let (case, mut bytes) = samples[choice.index(samples.len())].clone();
        if !bytes.is_empty() {
            let at = at.index(bytes.len());
            if cut { bytes.truncate(at) } else { bytes[at] = byte }
        }
        answer(bytes.as_slice(), 64, media_type(&case));
    }

    #[test]
    fn json_and_xml_say_the_same(items in proptest::collection::vec(item(), 1..4)) {
        let json = serde_json::to_vec(&items).unwrap_or_default();
        let mut xml = String::from("<catalog>");
        items.iter().for_each(|item| to_xml("item", item, &mut xml));
        xml.push_str("</catalog>");
        let expected: Vec<ItemData> = items.iter().map(|item| serde_json::from_value(item.clone())).collect::<Result<_, _>>().unwrap_or_default();
        let (from_json, from_xml) = (outcome(&json, "application/json"), outcome(xml.as_bytes(), "application/xml"));
        prop_assert_eq!(&from_json.items, &expected);
        prop_assert_eq!(&from_xml.items, &expected, "{}", xml);
        prop_assert!(from_xml.findings.is_empty());
    }
}
