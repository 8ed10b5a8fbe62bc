//! What the fuzz targets call: the readers of envelopes and of multipart bodies over any bytes, and what came of it as text.
//!
//! Only with the feature `fuzzing`, so never in a shipped binary. Two runs over the same bytes that arrive in other pieces have
//! to tell the same.

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
    told.extend(ended.err().map(|error| error.to_string()));
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
    told.extend(ended.err().map(|error| error.to_string()));
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
