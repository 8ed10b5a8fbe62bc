//! What the fuzz targets call: the readers of envelopes and of multipart bodies over any bytes, and what came of it as text.
//!
//! Only with the feature `fuzzing`, so never in a shipped binary, and in tests, which do to the targets' corpus what a fuzzer does
//! without knowing where it leads. Two runs over the same bytes that arrive in other pieces have to tell the same.

use std::io::{self, Read};

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::{Utf8Reader, XmlLimits};

use crate::envelope::{EnvelopeLimits, EnvelopeReader};
use crate::io::api_error;
use crate::multipart::Multipart;

/// Gives `bytes` in pieces of a size.
struct Pieces<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.size.max(1).min(into.len()).min(self.bytes.len());
        into[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes = &self.bytes[count..];
        Ok(count)
    }
}

/// Everything that the bytes have as an envelope, and the error that ends it, if one does.
#[must_use]
pub fn envelope(bytes: &[u8], size: usize) -> Vec<String> {
    let mut told = Vec::new();
    let ended = read_envelope(Pieces { bytes, size }, &mut told);
    // Not which: of two mistakes in one text, the one is told that is seen first, and that is up to how the text arrives.
    told.extend(ended.err().map(|_| "error".to_owned()));
    told
}

fn read_envelope(source: Pieces<'_>, told: &mut Vec<String>) -> Result<(), ApiError> {
    let limits = EnvelopeLimits { bytes_max: 1 << 16, header_bytes_max: 1 << 12, xml: XmlLimits::default() };
    let mut envelope = EnvelopeReader::open(Utf8Reader::new(source, None), limits)?;
    told.push(format!("{:?}", envelope.version()));
    told.extend(envelope.header()?.into_iter().map(|block| format!("{:?} {}", block.name, block.xml)));
    told.push(format!("{:?}", envelope.operation()?));
    while let Some(field) = envelope.field()? {
        let mut payload = Vec::new();
        let value = match field.local.as_str() {
            "items" => envelope.copy_field(&mut payload).map(|()| None)?,
            "document" => envelope.copy_document(&mut payload)?,
            "attachment" => envelope.copy_attachment(&mut payload)?,
            _ => envelope.value()?,
        };
        told.push(format!("{field:?} {value:?} {payload:?}"));
    }
    envelope.finish()
}

/// Every whole part that the bytes have with the boundary `b`, and the error that ends it, if one does.
#[must_use]
pub fn multipart(bytes: &[u8], size: usize) -> Vec<String> {
    let mut told = Vec::new();
    let ended = read_parts(Pieces { bytes, size }, &mut told);
    told.extend(ended.err().map(|error| format!("error {error}")));
    told
}

fn read_parts(source: Pieces<'_>, told: &mut Vec<String>) -> Result<(), ApiError> {
    let mut parts = Multipart::new(source, "b")?;
    while let Some(head) = parts.next_part()? {
        let mut content = Vec::new();
        // Every other part is passed over, as one is that nobody wants.
        if told.len().is_multiple_of(2) {
            parts.read_to_end(&mut content).map_err(api_error)?;
        }
        told.push(format!("{head:?} {content:?}"));
    }
    parts.finish()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;
    use proptest::sample::Index;

    use super::*;

    fn corpus(target: &str) -> Vec<Vec<u8>> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
        let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        entries.iter().map(|entry| fs::read(entry).unwrap()).collect()
    }

    /// A stretch of one entry put somewhere into another one, in the place of what was there, and a byte changed.
    fn spliced(entries: &[Vec<u8>], which: [Index; 2], at: [Index; 5], byte: u8) -> Vec<u8> {
        let [mut into, from] = which.map(|which| entries[which.index(entries.len())].clone());
        let range = |a: &Index, b: &Index, bytes: usize| {
            let (a, b) = (a.index(bytes + 1), b.index(bytes + 1));
            a.min(b)..a.max(b)
        };
        let piece = from[range(&at[0], &at[1], from.len())].to_vec();
        into.splice(range(&at[2], &at[3], into.len()), piece);
        if !into.is_empty() {
            let at = at[4].index(into.len());
            into[at] = byte;
        }
        into
    }

    #[test]
    fn the_corpus_reaches_the_end_and_the_errors() {
        for (target, read) in [("envelope", envelope as fn(&[u8], usize) -> Vec<String>), ("multipart", multipart)] {
            let told: Vec<_> = corpus(target).iter().map(|entry| read(entry, 1 << 16)).collect();
            let failed = told.iter().filter(|told| told.last().is_some_and(|last| last.starts_with("error"))).count();
            assert!(failed >= 1 && told.len() - failed >= 5, "{target}: {told:?}");
        }
    }

    proptest! {
        #[test]
        fn spliced_entries_are_the_same_however_they_arrive(
            which in any::<[Index; 2]>(), at in any::<[Index; 5]>(), byte in any::<u8>(), size in 1_usize..40,
        ) {
            for (target, read) in [("envelope", envelope as fn(&[u8], usize) -> Vec<String>), ("multipart", multipart)] {
                let bytes = spliced(&corpus(target), which, at, byte);
                prop_assert_eq!(read(&bytes, size), read(&bytes, 1 << 16), "{}: {:?}", target, String::from_utf8_lossy(&bytes));
            }
        }
    }
}
