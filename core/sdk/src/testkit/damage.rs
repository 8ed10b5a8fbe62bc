//! What can happen to a document on its way: cut off, turned around, sent in another encoding, bytes flipped.
//!
//! Used by the promises of transformers. Everything is derived from the document alone, so a failure happens again.

use proptest::prelude::*;

/// Places at which a document is cut off, at most.
const CUTS_MAX: usize = 256;

/// A damaged document, and the sentence that says how.
pub(super) struct Damaged {
    pub(super) how: String,
    pub(super) bytes: Vec<u8>,
    /// The charset that the sender names.
    pub(super) charset: Option<&'static str>,
}

fn plain(how: impl Into<String>, bytes: Vec<u8>) -> Damaged {
    Damaged { how: how.into(), bytes, charset: None }
}

/// Every fixed kind of damage.
pub(super) fn kinds(document: &[u8]) -> impl Iterator<Item = Damaged> + '_ {
    cut_off(document).chain(turned(document)).chain(encoded(document))
}

fn cut_off(document: &[u8]) -> impl Iterator<Item = Damaged> + '_ {
    let step = document.len().div_ceil(CUTS_MAX).max(1);
    let cut = move |at| plain(format!("cut off after {at} bytes"), document[..at].to_vec());
    // The last bytes matter most: a document that lacks only its end looks whole.
    let tail = document.len().saturating_sub(16)..document.len();
    (0..document.len()).step_by(step).chain(tail).map(cut)
}

fn turned(document: &[u8]) -> impl Iterator<Item = Damaged> + '_ {
    let quarters = (1..4).map(move |quarter| {
        let (head, tail) = document.split_at(document.len() * quarter / 4);
        plain(format!("with its last part first, from quarter {quarter} on"), [tail, head].concat())
    });
    let lines = document.split_inclusive(|byte| *byte == b'\n');
    let reversed = lines.rev().collect::<Vec<_>>().concat();
    quarters.chain([plain("with its lines reversed", reversed), plain("sent twice in one", document.repeat(2))])
}

fn encoded(document: &[u8]) -> impl Iterator<Item = Damaged> {
    let text = String::from_utf8_lossy(document).into_owned();
    let wide = |how: &str, charset, unit: fn(u16) -> [u8; 2]| {
        let bytes = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(unit).collect();
        Damaged { how: format!("in {how}"), bytes, charset }
    };
    // What has no place in the charset becomes a question mark, as many senders' libraries do it.
    let latin = text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect();
    let mislabelled =
        |charset| Damaged { how: format!("labelled {charset}"), bytes: document.to_vec(), charset: Some(charset) };
    [
        wide("UTF-16LE", None, u16::to_le_bytes),
        wide("UTF-16BE", None, u16::to_be_bytes),
        wide("UTF-16LE with its name", Some("utf-16le"), u16::to_le_bytes),
        Damaged { how: "in ISO-8859-1".to_owned(), bytes: latin, charset: Some("iso-8859-1") },
        mislabelled("utf-16be"),
        mislabelled("windows-1252"),
        mislabelled("no-such-charset"),
    ]
    .into_iter()
}

/// Bytes flipped, cut out or put in at any places.
pub(super) fn flips(document: &[u8]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let document = document.to_vec();
    let edit = (any::<prop::sample::Index>(), 0_usize..40, prop::collection::vec(any::<u8>(), 0..4));
    prop::collection::vec(edit, 1..6).prop_map(move |edits| {
        let mut bytes = document.clone();
        for (at, gone, put) in edits {
            let start = at.index(bytes.len() + 1);
            // Most edits flip bytes in place, which keeps more of the document readable than a cut does.
            let end = (start + if gone < 32 { put.len() } else { gone }).min(bytes.len());
            bytes.splice(start..end, put);
        }
        bytes
    })
}
