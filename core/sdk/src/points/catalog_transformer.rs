//! `catalog.transformer`: brings a document of the sender's format into the canonical form.

use crate::document::{Document, ItemSink, TransformError};

/// Reads one document and hands over its items one at a time.
pub trait CatalogTransformer: Send + Sync {
    /// Reads `document` to its end and puts every record into `sink`.
    ///
    /// # Errors
    /// [`TransformError::Document`] only when the document as a whole cannot be read; a bad record is a finding.
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError>;
}
