//! Damage to every case: cut, flipped bytes, other encodings, lines in another order. The reader may complain about the document
//! or about records; it never panics, and whole documents keep their records.

use plugpoint_plugin_datanorm::DatanormTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};
use proptest::prelude::*;

use crate::cases::ROOT;

fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "text/plain", charset, profile: &profile };
    Outcome::of(&DatanormTransformer, &[], &sample)
}

fn documents() -> Vec<(String, Vec<u8>)> {
    Cases::new(ROOT, &DatanormTransformer).documents()
}

/// Cases whose bytes are ASCII and can be read.
fn texts() -> Vec<(String, String)> {
    let plain = |(name, bytes): (String, Vec<u8>)| {
        let text = String::from_utf8(bytes).ok().filter(|text| text.is_ascii())?;
        read(text.as_bytes(), None).error.is_none().then_some((name, text))
    };
    documents().into_iter().filter_map(plain).collect()
}

#[test]
fn a_document_that_was_cut_gives_no_other_articles() {
    for (name, text) in texts() {
        let whole: Vec<_> = read(text.as_bytes(), None).starts.into_iter().map(|(sku, _)| sku).collect();
        // At the end of a line, since a number that was cut is another one.
        for (cut, _) in text.match_indices('\n') {
            let part: Vec<_> = read(&text.as_bytes()[..cut], None).starts.into_iter().map(|(sku, _)| sku).collect();
            assert!(whole.starts_with(&part), "{name} cut at {cut}: {part:?} of {whole:?}");
        }
    }
}

/// Of version 5 one can see whether all has come.
#[test]
fn a_document_of_version_5_that_was_cut_says_so() {
    let text = "V;050;A;20260201;EUR;\nA;N;NL-1;Rohr;;PCE;1;1;100;\nA;N;NL-2;Rohr;;PCE;1;1;100;\nE;4;\n";
    assert!(read(text.as_bytes(), None).findings.is_empty());
    for (cut, _) in text.match_indices('\n').rev().skip(1) {
        assert_eq!(read(&text.as_bytes()[..cut], None).findings.len(), 1, "cut at {cut}");
    }
}

#[test]
fn the_encoding_does_not_change_what_is_read() {
    let records = "V;040;A;20260201;EUR;\r\nA;N;NL-1;00;Größe für Übermaß;ÄÖÜ äöü;1;0;Stk;100;;;;\r\nB;N;NL-1;grün;;;;;;;;;;;;;\r\n";
    let without_format = |bytes: &[u8], charset| {
        let outcome = read(bytes, charset);
        (outcome.items, outcome.records)
    };
    let expected = without_format(records.as_bytes(), None);
    assert_eq!(expected.0[0].texts[0].keywords, ["grün"]);
    let dos: Vec<u8> = records
        .chars()
        .map(|it| match it {
            'ä' => 0x84,
            'ö' => 0x94,
            'ü' => 0x81,
            'Ä' => 0x8E,
            'Ö' => 0x99,
            'Ü' => 0x9A,
            'ß' => 0xE1,
            it => it as u8,
        })
        .collect();
    let windows = encoding_rs::WINDOWS_1252.encode(records).0;
    for (bytes, charset) in [
        (dos.as_slice(), None),
        (&dos, Some("cp437")),
        (&dos, Some("utf-8")),
        (&windows, None),
        (&windows, Some("iso-8859-1")),
        (records.as_bytes(), Some("utf-8")),
    ] {
        assert_eq!(without_format(bytes, charset), expected, "{charset:?}");
    }
}

#[test]
fn the_ends_of_lines_do_not_change_what_is_read() {
    for (name, text) in texts() {
        let plain = text.replace('\r', "");
        let other = if plain == text { text.replace('\n', "\r\n") } else { plain };
        assert_eq!(read(other.as_bytes(), None).to_json(), read(text.as_bytes(), None).to_json(), "{name}");
    }
}

/// The records of an article may be apart and in any order.
#[test]
fn the_order_of_lines_never_panics_and_loses_no_article() {
    let skus = |outcome: &Outcome| {
        let mut skus: Vec<String> = outcome.items.iter().map(|item| item.sku.clone()).collect();
        skus.sort();
        skus
    };
    for (name, text) in texts() {
        let mut lines: Vec<&str> = text.lines().collect();
        let Some((header, rest)) = lines.split_first_mut() else { continue };
        let whole = read(text.as_bytes(), None);
        rest.reverse();
        let turned = read(format!("{header}\n{}", rest.join("\n")).as_bytes(), None);
        if !rest.iter().any(|line| line.starts_with(['V', 'v'])) && whole.error.is_none() && name != "header_missing" {
            assert_eq!(skus(&turned), skus(&whole), "{name}");
        }
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
        let mut bytes = b"V;050;A;20260201;EUR;\n".to_vec();
        for (case, at, length) in pieces {
            let document = &case.get(&documents).1;
            let at = at.index(document.len().max(1));
            bytes.extend(document.iter().skip(at).take(length));
        }
        read(&bytes, None);
    }

    #[test]
    fn any_value_in_any_field_never_panics_and_never_loses_the_article(value in "[^;\n\r]{0,40}", place in 3_usize..29) {
        let mut fields = "A;N;NL-5001;Kupferrohr 15x1;halbhart;MTR;1;100;18950;R010;SHK;ROHRE;CU15;NL;ALT-15;HST;HST-1;Typ 15;4006381333931;GRP1;5;12;3;LTX1;90;1;NL;REF-5;1;".split(';').map(str::to_owned).collect::<Vec<_>>();
        fields[place] = value;
        // Half of the title is enough.
        let outcome = read(format!("V;050;A;20260201;EUR;\n{}\nE;3;", fields.join(";")).as_bytes(), Some("utf-8"));
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!(outcome.items.len(), 1, "{:?}", outcome.findings);
    }
}
