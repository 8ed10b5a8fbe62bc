//! What a caller chooses about a document: charset, DOCTYPE, limits, named characters.
//!
//! Read by the reader only; nothing here reads anything itself.

use std::collections::HashMap;

/// How a document is to be read.
#[derive(Debug, Clone, Copy, Default)]
pub struct XmlOptions<'a> {
    /// The `charset` parameter of the content type. It wins over the XML declaration, a byte order mark wins over it (RFC 7303).
    pub charset: Option<&'a str>,
    /// What to do about a DOCTYPE.
    pub doctype: Doctype,
    /// Bounds on what the document may make us hold in memory.
    pub limits: XmlLimits,
    /// Takes bytes that are not UTF-8 in a document that declares no encoding for what they probably are, instead of refusing
    /// it: for foreign documents. [`guessed`](super::XmlReader::guessed) says whether that was so.
    pub guesses_encoding: bool,
    /// Named characters beyond XML's five, for formats whose DTD (which is never read) defines some.
    pub entities: Option<&'a EntityTable>,
}

/// What to do about a DOCTYPE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Doctype {
    /// It is an error: for protocol messages.
    #[default]
    Refuse,
    /// It is stepped over unread: for foreign documents, which really carry one. Nothing of it is loaded or kept.
    Skip,
}

/// Bounds of one document. All sizes are bytes of UTF-8, after decoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct XmlLimits {
    /// Open elements within each other.
    pub depth_max: usize,
    /// Attributes of one element, namespace declarations included.
    pub attributes_max: usize,
    /// Namespace declarations in scope at once.
    pub namespaces_max: usize,
    /// One qualified name.
    pub name_bytes_max: usize,
    /// One text, one start tag with all its attributes, one comment or processing instruction.
    pub text_bytes_max: usize,
    /// One record, whatever its format: an element taken whole with [`element`](super::XmlReader::element), its tree's own
    /// overhead included, or one item of a canonical document.
    pub record_bytes_max: usize,
    /// A DOCTYPE with its internal subset.
    pub doctype_bytes_max: usize,
}

impl Default for XmlLimits {
    fn default() -> Self {
        Self {
            depth_max: 128,
            attributes_max: 256,
            namespaces_max: 256,
            name_bytes_max: 256,
            text_bytes_max: 1 << 20,
            record_bytes_max: 16 << 20,
            doctype_bytes_max: 1 << 20,
        }
    }
}

/// A fixed table of named characters: `&auml;` to `ä`. The text is taken as it is, never parsed.
#[derive(Debug, Clone, Default)]
pub struct EntityTable(HashMap<&'static str, &'static str>);

impl EntityTable {
    /// A table of names (without `&` and `;`) and the characters they stand for.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        Self(entries.into_iter().collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&'static str> {
        self.0.get(name).copied()
    }
}
