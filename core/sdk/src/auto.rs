//! The format `auto`: finds out which of the tenant's formats a document is in, and lets that one read it.
//!
//! Used by tenants whose profile says `transformer = "auto"`. It reads the document's head and no item; what nobody recognises is
//! refused, naming what was seen, because in mode `replace` a wrong guess would empty the catalog.

use std::io::{self, Read};

use crate::codes;
use crate::detect::{HEAD_BYTES_MAX, Head, recognise};
use crate::document::{Document, ItemSink, TransformError};
use crate::error::ApiError;
use crate::points::catalog_transformer::CatalogTransformer;

/// Reads whatever one of [`Document::formats`] recognises.
#[derive(Debug, Clone, Copy, Default)]
pub struct Auto;

impl CatalogTransformer for Auto {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let Document { media_type, charset, mode, profile, xml_limits, formats, .. } = *document;
        let mut bytes = Vec::new();
        (&mut *document.source).take(HEAD_BYTES_MAX as u64).read_to_end(&mut bytes)?;
        let head = Head::new(&bytes, bytes.len() < HEAD_BYTES_MAX, media_type, charset);
        let Some((known, _)) = recognise(formats, &head) else { return Err(unrecognised(&head).into()) };
        let format = &known.format;
        let mut whole = io::Cursor::new(&bytes).chain(&mut *document.source);
        let mut document = Document { source: &mut whole, media_type, charset, mode, profile, xml_limits, formats };
        format.transform(&mut document, sink)
    }
}

fn unrecognised(head: &Head<'_>) -> ApiError {
    let seen = match head.xml() {
        Some(xml) if xml.namespace.is_empty() => format!("an XML document with the root <{}>", short(&xml.root)),
        Some(xml) => format!("an XML document with the root <{}> of {}", short(&xml.root), short(&xml.namespace)),
        None if head.bytes.is_empty() => "nothing".to_owned(),
        None => format!("{:?}", short(head.text().lines().next().unwrap_or_default())),
    };
    let detail = format!("no format recognises the document: it begins with {seen}");
    ApiError::new(&codes::FORMAT_UNKNOWN, detail)
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::canonical::Canonical;
    use crate::detect::{Detected, KnownFormat};
    use crate::model::{ItemDraft, Position};
    use crate::profile::Profile;
    use crate::trial::{Outcome, Rules, Sample};

    /// Takes what begins with its letter for its own and hands over the length of the document.
    struct Letter(&'static str, bool);

    impl CatalogTransformer for Letter {
        fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
            let mut text = String::new();
            document.source.read_to_string(&mut text)?;
            sink.upsert(ItemDraft::new(format!("{}{}", self.0, text.len()), Position::default()))?;
            Ok(())
        }

        fn detect(&self, head: &Head<'_>) -> Option<Detected> {
            let is_own = head.text().starts_with(self.0);
            is_own.then_some(Detected { version: self.0.to_owned(), why: String::new(), is_certain: self.1 })
        }
    }

    fn read(bytes: &[u8]) -> Outcome {
        let known = |key: &str, format: Arc<dyn CatalogTransformer>| KnownFormat { key: key.into(), format };
        let formats = [
            known("a", Arc::new(Letter("x", false))),
            known("b", Arc::new(Letter("xy", true))),
            known("c", Arc::new(Letter("", false))),
            known("canonical", Arc::new(Canonical)),
        ];
        let profile = Profile::default();
        let sample = Sample { bytes, media_type: "", charset: None, profile: &profile };
        let formats = if bytes.is_empty() { &formats[..0] } else { &formats[..] };
        Outcome::of_plan(&Auto, Rules::default(), formats, &sample, &mut &*bytes)
    }

    #[test]
    fn what_is_certain_goes_before_what_is_likely_and_the_document_is_read_whole() {
        let long = format!("xy{}", "z".repeat(2 * HEAD_BYTES_MAX));
        for (text, expected) in [("xyz", "xy3"), ("xz", "x2"), ("z", "1"), (&long, &*format!("xy{}", long.len()))] {
            let outcome = read(text.as_bytes());
            assert_eq!(outcome.starts[0].0.as_deref(), Some(expected));
        }
    }

    #[test]
    fn what_nobody_recognises_is_refused_with_what_was_seen() {
        let outcome = read(b"");
        let (code, detail) = outcome.error.expect("refused");
        assert_eq!(code, "format_unknown");
        assert!(detail.ends_with("it begins with nothing"), "{detail}");
    }
}
