//! Records taken whole, and the refusal of a document of another format.

use super::Unmapped;
use crate::codes;
use crate::codes::finding;
use crate::document::{ItemSink, TransformError};
use crate::error::ApiError;
use crate::model::Finding;
use crate::xml::{Element, XmlErrorKind, XmlEvent, XmlReader};

/// After the start tag of a record: the record whole. One that is larger than a record may be is rejected, and the reader
/// stands behind it; then there is `None`.
///
/// # Errors
/// Those of the reader, and a stop of the sink.
pub fn take(reader: &mut XmlReader<'_>, sink: &mut dyn ItemSink) -> Result<Option<Element>, TransformError> {
    let position = reader.position();
    reader.begin_record();
    match reader.element() {
        Ok(record) => Ok(Some(record)),
        Err(error) if matches!(error.kind, XmlErrorKind::RecordTooLarge { .. }) => {
            let refused = Finding::error(finding::RECORD_TOO_LARGE, error.message).at(position);
            sink.reject(refused.excerpt(&reader.raw_excerpt()))?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// The document's end: reads on to it, so that what was cut and glued is noticed, and tells what nobody asked for and whether the
/// encoding had to be guessed. Called once, when all records were handed over.
///
/// # Errors
/// Those of the reader, and a stop of the sink.
pub fn close(reader: &mut XmlReader<'_>, unmapped: &Unmapped, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    while !matches!(reader.next()?, XmlEvent::Eof) {}
    if let Some((name, bytes, first)) = reader.guessed() {
        let message = format!(
            "the document declares no encoding and is not UTF-8; {bytes} bytes, the first of them here, were taken for {name}"
        );
        sink.note(Finding::warning(finding::ENCODING_GUESSED, message).at(first))?;
    }
    Ok(unmapped.tell(sink)?)
}

/// The document is not of the format that was expected: `document_malformed`, naming what stands at its top.
#[must_use]
pub fn another_format(expected: &str, found: &str) -> TransformError {
    let found: String = found.chars().take(64).collect();
    let detail = match found.as_str() {
        "" => format!("the document is not {expected}: it is empty"),
        _ => format!("the document is not {expected}: its root is <{found}>"),
    };
    ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into()
}
