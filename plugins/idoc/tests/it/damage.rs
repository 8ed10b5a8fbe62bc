//! Damage to every case: cut, other encodings, segments in another order, pieces of several, any value anywhere. The reader may complain
//! about the document or about records; it never panics, and whole documents keep their records.

use plugpoint_plugin_idoc::IdocTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};
use proptest::prelude::*;

use crate::cases::ROOT;

fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset, profile: &profile };
    Outcome::of(&IdocTransformer, &[], &sample)
}

fn documents() -> Vec<(String, Vec<u8>)> {
    Cases::new(ROOT, &IdocTransformer).documents()
}

/// Cases whose bytes are good UTF-8 without an encoding of their own.
fn texts() -> Vec<(String, String)> {
    let plain = |(name, bytes): (String, Vec<u8>)| {
        let text = String::from_utf8(bytes).ok()?;
        let is_plain = !text.starts_with('\u{feff}') && !text.contains("ISO-8859");
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
            let bytes = &text.as_bytes()[..cut];
            assert!(read(bytes, None).error.is_some(), "{name} cut at {cut}");
        }
    }
}

#[test]
fn the_encoding_does_not_change_what_is_read() {
    let without_excerpts = |outcome: Outcome| {
        let mut json = outcome.to_json();
        for finding in json.get_mut("findings").and_then(|list| list.as_array_mut()).into_iter().flatten() {
            finding.as_object_mut().map(|finding| finding.remove("excerpt"));
        }
        json
    };
    for (name, text) in texts() {
        let body = text.split_once("?>").map_or(text.as_str(), |(_, body)| body);
        let as_utf8 = without_excerpts(read(body.as_bytes(), None));
        let marked = "\u{feff}".encode_utf16().chain(body.encode_utf16());
        let big_endian: Vec<u8> = marked.flat_map(u16::to_be_bytes).collect();
        assert_eq!(without_excerpts(read(&big_endian, None)), as_utf8, "{name} in UTF-16BE");
        let (latin, _, has_unmappable) = encoding_rs::WINDOWS_1252.encode(body);
        if !has_unmappable {
            assert_eq!(without_excerpts(read(&latin, Some("windows-1252"))), as_utf8, "{name} in windows-1252");
        }
    }
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

/// Segments below a material may come in any order: the item has the same attributes.
#[test]
fn the_order_of_segments_does_not_change_the_attributes() {
    let segments = [
        "<E1MARCM><WERKS>1</WERKS><DISMM>PD</DISMM></E1MARCM>",
        "<E1MAKTM><SPRAS>D</SPRAS><MAKTX>Hahn</MAKTX></E1MAKTM>",
        "<E1MARMM><MEINH>KAR</MEINH><UMREZ>2</UMREZ></E1MARMM>",
        "<MATKL>1</MATKL><MTART>FERT</MTART>",
    ];
    let sorted = |order: &[usize]| {
        let inner: String = order.iter().map(|place| segments[*place]).collect();
        let outcome = read(format!("<X><IDOC><E1MARAM><MATNR>1</MATNR>{inner}</E1MARAM></IDOC></X>").as_bytes(), None);
        let mut item = outcome.items.into_iter().next().unwrap();
        item.attributes.sort_by(|left, right| left.name.cmp(&right.name));
        item
    };
    let expected = sorted(&[0, 1, 2, 3]);
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        assert_eq!(sorted(&order), expected);
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
        let mut bytes = b"<MATMAS05><IDOC>".to_vec();
        for (case, at, length) in pieces {
            let document = &case.get(&documents).1;
            let at = at.index(document.len().max(1));
            bytes.extend(document.iter().skip(at).take(length));
        }
        bytes.extend(b"</IDOC></MATMAS05>");
        read(&bytes, None);
    }

    #[test]
    fn any_value_in_any_place_never_panics_and_never_loses_the_record(value in "\\PC{0,40}", place in 0_usize..14) {
        let names = ["MTART", "BRGEW", "GEWEI", "EAN11", "MATKL", "SPRAS", "SPRAS_ISO", "WERKS", "MEINH", "TDFORMAT", "TDLINE",
            "KBETR", "DATBI", "KPEIN"];
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let field = |name: &str| format!("<{name}>{}</{name}>", if name == names[place] { &escaped } else { "10" });
        let [mtart, brgew, gewei, ean, matkl, spras, iso, werks, meinh, format, line, kbetr, datbi, kpein] = names.map(field);
        let document = format!(
            "<X><IDOC><E1MARAM><MATNR>1</MATNR>{mtart}{brgew}{gewei}{ean}{matkl}<E1MAKTM>{spras}{iso}<MAKTX>a</MAKTX></E1MAKTM>\
             <E1MARCM>{werks}</E1MARCM><E1MARMM>{meinh}</E1MARMM><E1MTXHM><E1MTXLM>{format}{line}</E1MTXLM></E1MTXHM></E1MARAM>\
             <E1KOMG><MATNR>1</MATNR><KSCHL>PR00</KSCHL><E1KONH>{datbi}<E1KONP>{kbetr}<KONWA>EUR</KONWA>{kpein}</E1KONP></E1KONH>\
             </E1KOMG></IDOC></X>"
        );
        let outcome = read(document.as_bytes(), None);
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!((outcome.items.len(), outcome.records), (1, 2));
    }
}
