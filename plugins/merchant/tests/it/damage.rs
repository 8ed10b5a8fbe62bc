//! Damage to every case: cut, flipped bytes, other encodings, elements in another order. The reader may complain about the
//! document or about records; it never panics, and whole documents keep their records.

use plugpoint_plugin_merchant::MerchantTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};
use proptest::prelude::*;

use crate::cases::ROOT;

fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset, profile: &profile };
    Outcome::of(&MerchantTransformer, &[], &sample)
}

fn documents() -> Vec<(String, Vec<u8>)> {
    Cases::new(ROOT, &MerchantTransformer).documents()
}

/// Cases whose bytes are good UTF-8 without an encoding of their own.
fn texts() -> Vec<(String, String)> {
    let plain = |(name, bytes): (String, Vec<u8>)| {
        let text = String::from_utf8(bytes).ok()?;
        let is_plain = !text.starts_with('\u{feff}') && !text.contains("ISO-8859") && !text.contains("windows-");
        (is_plain && read(text.as_bytes(), None).error.is_none()).then_some((name, text))
    };
    documents().into_iter().filter_map(plain).collect()
}

#[test]
fn a_document_that_was_cut_is_never_complete() {
    for (name, text) in texts() {
        let end = text.trim_end().len();
        let step = (end / 40).max(1);
        for cut in (0..end).step_by(step).chain([end - 1]) {
            assert!(read(&text.as_bytes()[..cut], None).error.is_some(), "{name} cut at {cut}");
        }
    }
}

#[test]
fn the_encoding_does_not_change_what_is_read() {
    for (name, text) in texts() {
        let body = text.split_once("?>").map_or(text.as_str(), |(_, body)| body);
        let as_utf8 = told(&read(body.as_bytes(), None));
        let marked = "\u{feff}".encode_utf16().chain(body.encode_utf16());
        let big_endian: Vec<u8> = marked.flat_map(u16::to_be_bytes).collect();
        let little_endian: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(told(&read(&big_endian, None)), as_utf8, "{name} in UTF-16BE");
        assert_eq!(told(&read(&little_endian, Some("utf-16le"))), as_utf8, "{name} in UTF-16LE");
        let (latin, _, has_unmappable) = encoding_rs::WINDOWS_1252.encode(body);
        if !has_unmappable {
            assert_eq!(told(&read(&latin, Some("windows-1252"))), as_utf8, "{name} in windows-1252");
        }
    }
}

/// The outcome without excerpts, which are the bytes as they came.
fn told(outcome: &Outcome) -> serde_json::Value {
    let mut outcome = outcome.to_json();
    for finding in outcome.get_mut("findings").and_then(|list| list.as_array_mut()).into_iter().flatten() {
        if let Some(finding) = finding.as_object_mut() {
            finding.remove("excerpt");
        }
    }
    outcome
}

#[test]
fn the_order_of_lines_never_panics() {
    for (_, text) in texts() {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.reverse();
        read(lines.join("\n").as_bytes(), None);
        let half = lines.len() / 2;
        lines.rotate_left(half);
        read(lines.join("\n").as_bytes(), None);
    }
}

/// Whatever can be read is recognised before, and what is recognised is no other format's.
#[test]
fn what_is_read_is_recognised() {
    for (name, bytes) in documents() {
        let head = Head::new(&bytes, true, "application/xml", None);
        let detected = MerchantTransformer.detect(&head);
        let is_read = read(&bytes, None).error.is_none();
        assert!(!is_read || detected.as_ref().is_some_and(|it| it.is_certain), "{name}");
    }
    for other in [
        "<BMECAT/>",
        "<rss/>",
        "<rss><channel><item><title/></item></channel></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>",
        "<products xmlns:g='http://base.google.com/ns/1.0'><g:id/></products>",
        "id\tprice",
    ] {
        assert_eq!(
            MerchantTransformer.detect(&Head::new(other.as_bytes(), true, "application/xml", None)),
            None,
            "{other}"
        );
    }
}

#[test]
fn the_version_is_told_in_words() {
    for (document, version) in [
        (
            "<rss xmlns:g='http://base.google.com/ns/1.0'><channel><item><g:id/></item></channel></rss>",
            "Google Merchant RSS",
        ),
        (
            "<rss version='2.0' xmlns:x='https://base.google.com/ns/1.0/'><channel><item><x:id/></item></channel></rss>",
            "Google Merchant RSS 2.0",
        ),
        (
            "<feed xmlns='http://purl.org/atom/ns#' xmlns:g='http://base.google.com/ns/1.0'><entry><g:id/></entry></feed>",
            "Google Merchant Atom 0.3",
        ),
        (
            "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:g='http://base.google.com/ns/1.0'><entry><g:id/></entry></feed>",
            "Google Merchant Atom 1.0",
        ),
    ] {
        let detected = MerchantTransformer.detect(&Head::new(document.as_bytes(), true, "", None));
        assert_eq!(detected.map(|it| it.version).as_deref(), Some(version), "{document}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_never_panic(
        case in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
    ) {
        let documents = documents();
        let mut bytes = case.get(&documents).1.clone();
        if !bytes.is_empty() {
            for (at, byte) in flips {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        read(&bytes, None);
    }

    #[test]
    fn pieces_of_documents_in_any_order_never_panic(
        pieces in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 1_usize..400), 1..6)
    ) {
        let documents = documents();
        let mut bytes = b"<rss xmlns:g='http://base.google.com/ns/1.0'><channel>".to_vec();
        for (case, at, length) in pieces {
            let document = &case.get(&documents).1;
            let at = at.index(document.len().max(1));
            bytes.extend(document.iter().skip(at).take(length));
        }
        bytes.extend(b"</channel></rss>");
        read(&bytes, None);
    }

    #[test]
    fn any_value_in_any_place_never_panics_and_never_loses_the_record(value in "\\PC{0,40}", place in 0_usize..24) {
        let template = include_str!("../every_value.xml");
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let outcome = read(template.replace(&format!("@{place}@"), &escaped).as_bytes(), None);
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!(outcome.items.len(), 1, "{:?}", outcome.findings);
    }
}
