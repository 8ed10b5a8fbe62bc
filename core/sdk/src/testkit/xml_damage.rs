//! What every reader of an XML format bears: its cases cut, in other encodings, with lines and pieces in another order, with flipped
//! bytes. The reader may complain about the document or about records; it never panics, and a cut document is never complete.
//!
//! Called by the format plugins' tests, with their own cases. What only one format knows is tested beside it.

use encoding_rs::Encoding;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use super::promises::{runner, told};
use super::{Cases, Outcome, Sample};
use crate::points::catalog_transformer::CatalogTransformer;
use crate::profile::Profile;

/// Places at which a document is cut off, at most.
const CUTS_MAX: usize = 40;
/// Documents of random damage, of each kind.
const TRIES: u32 = 300;

impl Cases<'_> {
    /// Holds the reader to it on every case. `frame` stands around pieces of documents, so that they are read as records;
    /// `charset` is an encoding of one byte a character in which senders of this format write.
    ///
    /// # Panics
    /// At the first violation, naming the case; or when not even one case is plain UTF-8 that can be read.
    pub fn bear_damage_as_xml(&self, frame: [&str; 2], charset: &str) {
        let documents = self.documents();
        let reader = self.transformer();
        let texts = plain_texts(reader, &documents);
        assert!(!texts.is_empty(), "no case is plain UTF-8 that can be read");
        let single = Encoding::for_label(charset.as_bytes()).expect("an encoding of the WHATWG standard");
        for (name, text) in &texts {
            cut_is_never_complete(reader, name, text);
            encodings_agree(reader, name, text, single);
            lines_may_stand_in_any_order(reader, text);
        }
        bytes_may_be_flipped(reader, &documents);
        pieces_may_stand_in_any_order(reader, &documents, frame);
    }
}

fn read(reader: &dyn CatalogTransformer, bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    Outcome::of(reader, &[], &Sample { bytes, media_type: "application/xml", charset, profile: &profile })
}

/// Cases that are UTF-8, say nothing else, and can be read.
fn plain_texts(reader: &dyn CatalogTransformer, documents: &[(String, Vec<u8>)]) -> Vec<(String, String)> {
    let plain = |(name, bytes): &(String, Vec<u8>)| {
        let text = String::from_utf8(bytes.clone()).ok()?;
        let declaration = text.split_once("?>").map_or("", |(declaration, _)| declaration).to_lowercase();
        let is_plain =
            !text.starts_with('\u{feff}') && (!declaration.contains("encoding") || declaration.contains("utf-8"));
        (is_plain && read(reader, text.as_bytes(), None).error.is_none()).then(|| (name.clone(), text))
    };
    documents.iter().filter_map(plain).collect()
}

fn cut_is_never_complete(reader: &dyn CatalogTransformer, name: &str, text: &str) {
    let end = text.trim_end().len();
    for cut in (0..end).step_by((end / CUTS_MAX).max(1)).chain([end - 1]) {
        assert!(read(reader, &text.as_bytes()[..cut], None).error.is_some(), "{name} cut at {cut}");
    }
}

fn encodings_agree(reader: &dyn CatalogTransformer, name: &str, text: &str, single: &'static Encoding) {
    let body = text.split_once("?>").map_or(text, |(_, body)| body);
    let as_utf8 = without_excerpts(&read(reader, body.as_bytes(), None));
    let marked = "\u{feff}".encode_utf16().chain(body.encode_utf16());
    let big_endian: Vec<u8> = marked.flat_map(u16::to_be_bytes).collect();
    let little_endian: Vec<u8> = body.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(without_excerpts(&read(reader, &big_endian, None)), as_utf8, "{name} in UTF-16BE");
    assert_eq!(without_excerpts(&read(reader, &little_endian, Some("utf-16le"))), as_utf8, "{name} in UTF-16LE");
    let (bytes, _, has_unmappable) = single.encode(body);
    if !has_unmappable {
        let as_single = without_excerpts(&read(reader, &bytes, Some(single.name())));
        assert_eq!(as_single, as_utf8, "{name} in {}", single.name());
    }
}

/// Excerpts are the bytes as they came: cut elsewhere in another encoding.
fn without_excerpts(outcome: &Outcome) -> Value {
    let mut outcome = outcome.to_json();
    for finding in outcome.get_mut("findings").and_then(Value::as_array_mut).into_iter().flatten() {
        finding.as_object_mut().map(|finding| finding.remove("excerpt"));
    }
    outcome
}

fn lines_may_stand_in_any_order(reader: &dyn CatalogTransformer, text: &str) {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.reverse();
    read(reader, lines.join("\n").as_bytes(), None);
    let half = lines.len() / 2;
    lines.rotate_left(half);
    read(reader, lines.join("\n").as_bytes(), None);
}

fn bytes_may_be_flipped(reader: &dyn CatalogTransformer, documents: &[(String, Vec<u8>)]) {
    let flips = prop::collection::vec((any::<Index>(), any::<u8>()), 1..8);
    let run = runner(TRIES).run(&(any::<Index>(), flips), |(case, flips)| {
        let mut bytes = case.get(documents).1.clone();
        if !bytes.is_empty() {
            for (at, byte) in flips {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        read(reader, &bytes, None);
        Ok(())
    });
    assert_eq!(told(run, |example| format!("; with {example:?}")), None);
}

fn pieces_may_stand_in_any_order(
    reader: &dyn CatalogTransformer,
    documents: &[(String, Vec<u8>)],
    [open, close]: [&str; 2],
) {
    let pieces = prop::collection::vec((any::<Index>(), any::<Index>(), 1_usize..400), 1..6);
    let run = runner(TRIES).run(&pieces, |pieces| {
        let mut bytes = open.as_bytes().to_vec();
        for (case, at, length) in pieces {
            let document = &case.get(documents).1;
            let at = at.index(document.len().max(1));
            bytes.extend(document.iter().skip(at).take(length));
        }
        bytes.extend(close.as_bytes());
        read(reader, &bytes, None);
        Ok(())
    });
    assert_eq!(told(run, |example| format!("; with {example:?}")), None);
}
