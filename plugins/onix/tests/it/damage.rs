//! Damage to every case: cut, flipped bytes, other encodings, elements in another order. The reader may complain about the
//! document or about records; it never panics, and whole documents keep their records.

use plugpoint_plugin_onix::OnixTransformer;
use plugpoint_sdk::testkit::Cases;
use proptest::prelude::*;

use crate::cases::ROOT;
use crate::read;

fn documents() -> Vec<(String, Vec<u8>)> {
    Cases::new(ROOT, &OnixTransformer).documents()
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
        let as_utf8 = read(body.as_bytes(), None).to_json();
        let big_endian: Vec<u8> =
            "\u{feff}".encode_utf16().chain(body.encode_utf16()).flat_map(u16::to_be_bytes).collect();
        let little_endian: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(
            without_excerpts(read(&big_endian, None).to_json()),
            without_excerpts(as_utf8.clone()),
            "{name} in UTF-16BE"
        );
        let little = read(&little_endian, Some("utf-16le")).to_json();
        assert_eq!(without_excerpts(little), without_excerpts(as_utf8.clone()), "{name} in UTF-16LE");
        let (latin, _, has_unmappable) = encoding_rs::WINDOWS_1252.encode(body);
        if !has_unmappable {
            let latin = read(&latin, Some("windows-1252")).to_json();
            assert_eq!(without_excerpts(latin), without_excerpts(as_utf8), "{name} in windows-1252");
        }
    }
}

fn without_excerpts(mut outcome: serde_json::Value) -> serde_json::Value {
    for finding in outcome.get_mut("findings").and_then(|list| list.as_array_mut()).into_iter().flatten() {
        if let Some(finding) = finding.as_object_mut() {
            finding.remove("excerpt");
        }
    }
    outcome
}

/// Elements of a product may come in any order: another order gives as many records.
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_never_panic(case in any::<prop::sample::Index>(), flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
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
        let mut bytes = b"<ONIXMessage>".to_vec();
        for (case, at, length) in pieces {
            let document = &case.get(&documents).1;
            let at = at.index(document.len().max(1));
            bytes.extend(document.iter().skip(at).take(length));
        }
        bytes.extend(b"</ONIXMessage>");
        read(&bytes, None);
    }

    #[test]
    fn any_value_in_any_place_never_panics_and_never_loses_the_record(value in "\\PC{0,40}", place in any::<prop::sample::Index>(), short in any::<bool>()) {
        let case = if short { "whole_31_short" } else { "whole_30_reference" };
        let template = std::fs::read_to_string(format!("{ROOT}/{case}/in.xml")).unwrap();
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        // Behind the number and the notice, every value may be anything.
        let from = template.find("15</").unwrap();
        let values: Vec<(usize, usize)> = template.match_indices("</").filter_map(|(end, _)| {
            let start = template[..end].rfind('>')? + 1;
            (start > from && start < end).then_some((start, end))
        }).collect();
        let (start, end) = *place.get(&values);
        let document = format!("{}{escaped}{}", &template[..start], &template[end..]);
        let outcome = read(document.as_bytes(), None);
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!((outcome.items.len(), outcome.records), (1, 1), "{:?}", outcome.findings);
    }
}
