//! What a document is, by its first bytes: its encoding and why that was decided, its root and first elements, and which of the
//! formats at hand recognises it.
//!
//! Used by the format `auto` of the imports and by `plugpoint detect`. It looks at the first [`HEAD_BYTES_MAX`] bytes alone, builds
//! nothing that grows with them beyond [`ELEMENTS_MAX`] names, and refuses to guess between formats: each says for itself
//! whether a head is its own ([`CatalogTransformer::detect`]).

use std::sync::Arc;

use crate::points::catalog_transformer::CatalogTransformer;
use crate::xml::decode::{self, Reason};
use crate::xml::{Doctype, XHTML_CHARACTERS, XmlEvent, XmlOptions, XmlReader};

/// As many bytes are looked at.
pub const HEAD_BYTES_MAX: usize = 64 << 10;
/// As many elements of the head are remembered by name.
pub const ELEMENTS_MAX: usize = 256;

/// The beginning of a document, as far as it helps to tell what it is.
#[derive(Debug)]
pub struct Head<'a> {
    /// The first bytes as they were sent.
    pub bytes: &'a [u8],
    /// The document ends with them.
    pub is_whole: bool,
    /// The content type as sent, without parameters, in lower case; empty if there is none.
    pub media_type: &'a str,
    /// The name of the file, where there is one.
    pub file_name: &'a str,
    text: String,
    encoding: DetectedEncoding,
    xml: Option<XmlHead>,
}

/// The encoding of a document, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectedEncoding {
    /// Its name, as the WHATWG Encoding Standard spells it: `UTF-8`, `windows-1252`.
    pub name: String,
    /// What it was decided by, in a few words.
    pub why: String,
}

/// The root and the first elements of an XML document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct XmlHead {
    /// The root's local name.
    pub root: String,
    /// The root's namespace, empty if there is none.
    pub namespace: String,
    /// The root's attributes by their local names, namespace declarations excluded.
    pub attributes: Vec<(String, String)>,
    /// The first elements in the order of the document, the root among them.
    pub elements: Vec<ElementName>,
    /// The document has a DOCTYPE. Nothing of it was read.
    pub has_doctype: bool,
}

/// An element by its name and its depth; the root's is 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ElementName {
    /// How deep it lies.
    pub depth: usize,
    /// Its local name.
    pub local: String,
    /// Its namespace, empty if there is none.
    pub namespace: String,
}

/// What a format says about a head that it recognises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// Format and version in words: `ONIX 3.0 short tags`.
    pub version: String,
    /// What it was recognised by: `root <ONIXMessage> with release="3.0"`.
    pub why: String,
    /// Nothing else looks like this. What is only likely stands back behind what is certain.
    pub is_certain: bool,
}

impl Detected {
    /// Recognised beyond doubt.
    #[must_use]
    pub fn certain(version: impl Into<String>, why: impl Into<String>) -> Option<Self> {
        Some(Self { version: version.into(), why: why.into(), is_certain: true })
    }

    /// Could be, where nobody knows better.
    #[must_use]
    pub fn likely(version: impl Into<String>, why: impl Into<String>) -> Option<Self> {
        Some(Self { version: version.into(), why: why.into(), is_certain: false })
    }
}

impl<'a> Head<'a> {
    /// The head of a document that begins with `bytes`; what is beyond [`HEAD_BYTES_MAX`] is not looked at.
    #[must_use]
    pub fn new(bytes: &'a [u8], is_whole: bool, media_type: &'a str, charset: Option<&str>) -> Self {
        let is_whole = is_whole && bytes.len() <= HEAD_BYTES_MAX;
        let bytes = &bytes[..bytes.len().min(HEAD_BYTES_MAX)];
        let (encoding, text) = decoded(bytes, charset);
        let xml = text.trim_start().starts_with('<').then(|| xml_head(&text)).flatten();
        Self { bytes, is_whole, media_type, file_name: "", text, encoding, xml }
    }

    /// The same, of a file of this name.
    #[must_use]
    pub fn named(self, file_name: &'a str) -> Self {
        Self { file_name, ..self }
    }

    /// The decoded text without a byte order mark. What does not fit the encoding is replaced; the end may be cut anywhere.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The encoding, and why.
    #[must_use]
    pub fn encoding(&self) -> &DetectedEncoding {
        &self.encoding
    }

    /// The XML of it, if it is XML.
    #[must_use]
    pub fn xml(&self) -> Option<&XmlHead> {
        self.xml.as_ref()
    }
}

impl XmlHead {
    /// An attribute of the root by its local name.
    #[must_use]
    pub fn attribute(&self, local: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == local).map(|(_, value)| value.as_str())
    }

    /// Whether an element of this local name is among the first.
    #[must_use]
    pub fn has(&self, local: &str) -> bool {
        self.elements.iter().any(|element| element.local == local)
    }
}

/// A format that a tenant may read, by its key.
#[derive(Clone)]
pub struct KnownFormat {
    /// The key of `catalog.format`.
    pub key: Arc<str>,
    /// What reads it.
    pub format: Arc<dyn CatalogTransformer>,
}

impl std::fmt::Debug for KnownFormat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KnownFormat({})", self.key)
    }
}

/// Which of `formats` recognises a head: the first that is certain, else the first that is likely, in the order of their keys.
#[must_use]
pub fn recognise<'f>(formats: &'f [KnownFormat], head: &Head<'_>) -> Option<(&'f KnownFormat, Detected)> {
    let mut likely = None;
    for known in formats {
        match known.format.detect(head) {
            Some(detected) if detected.is_certain => return Some((known, detected)),
            Some(detected) => likely = likely.or(Some((known, detected))),
            None => {}
        }
    }
    likely
}

fn decoded(bytes: &[u8], charset: Option<&str>) -> (DetectedEncoding, String) {
    let (mut found, reason) = match decode::detect_with_reason(bytes, charset) {
        Ok(found) => found,
        Err(why) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            return (DetectedEncoding { name: "unknown".to_owned(), why }, text);
        }
    };
    let rest = &bytes[found.mark_bytes..];
    let fits = std::str::from_utf8(rest).err().is_none_or(|error| error.error_len().is_none());
    if rest.starts_with(b"PK\x03\x04") {
        let why = "a ZIP archive; what is in it says for itself".to_owned();
        return (DetectedEncoding { name: "binary".to_owned(), why }, String::new());
    }
    if reason == Reason::Default && !fits {
        // What looks like Cyrillic only a format reads that is at home there; else the XML reader takes each such byte for one
        // of its own guess, and that is what is told.
        let is_xml = rest.trim_ascii_start().starts_with(b"<");
        let (encoding, why) = match decode::probable(rest) {
            (encoding, _) if is_xml && encoding == decode::GUESSED => {
                (encoding, "nothing declared, not UTF-8; what is not is read as this, byte by byte")
            }
            probable => probable,
        };
        let text = encoding.decode_without_bom_handling(rest).0.into_owned();
        return (DetectedEncoding { name: encoding.name().to_owned(), why: why.to_owned() }, text);
    }
    let mut text = String::new();
    text.reserve(found.decoder.max_utf8_buffer_length(rest.len()).unwrap_or(0));
    let _ = found.decoder.decode_to_string(rest, &mut text, false);
    let name = if found.ascii_only { "US-ASCII" } else { found.decoder.encoding().name() };
    let why = match reason {
        Reason::Mark => "byte order mark",
        Reason::ContentType => "charset of the content type",
        Reason::Declaration => "XML declaration",
        Reason::Pattern => "pattern of the first bytes",
        Reason::Default if rest.is_ascii() => "nothing says otherwise; all bytes are ASCII",
        Reason::Default => "nothing says otherwise; the bytes are valid UTF-8",
    };
    (DetectedEncoding { name: name.to_owned(), why: why.to_owned() }, text)
}

/// The names at the top of an XML text that may break off anywhere; nothing if it does not even have a root.
fn xml_head(text: &str) -> Option<XmlHead> {
    let mut bytes = text.as_bytes();
    // A named character of some DTD must not end the look.
    let entities = Some(&*XHTML_CHARACTERS);
    let options = XmlOptions { charset: Some("utf-8"), doctype: Doctype::Skip, entities, ..XmlOptions::default() };
    let mut reader = XmlReader::new(&mut bytes, options);
    let mut head = XmlHead { has_doctype: has_doctype(text), ..XmlHead::default() };
    while head.elements.len() < ELEMENTS_MAX {
        let (local, namespace) = match reader.next() {
            Ok(XmlEvent::Start(tag)) => {
                if head.elements.is_empty() {
                    tag.local().clone_into(&mut head.root);
                    tag.namespace().clone_into(&mut head.namespace);
                    let attributes = tag.attributes().map(|it| (it.local().to_owned(), it.value().to_owned()));
                    head.attributes = attributes.collect();
                }
                (tag.local().to_owned(), tag.namespace().to_owned())
            }
            Ok(XmlEvent::Eof) | Err(_) => break,
            Ok(_) => continue,
        };
        head.elements.push(ElementName { depth: reader.depth(), local, namespace });
    }
    Some(head).filter(|head| !head.root.is_empty())
}

/// Whether a DOCTYPE stands before the root.
fn has_doctype(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let end = match rest.as_bytes() {
            [b'<', b'!', b'-', b'-', ..] => rest.find("-->"),
            [b'<', b'?', ..] => rest.find("?>"),
            _ => return rest.starts_with("<!DOCTYPE"),
        };
        let Some(end) = end else { return false };
        rest = &rest[end..];
        rest = rest.strip_prefix("-->").or_else(|| rest.strip_prefix("?>")).unwrap_or(rest);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(bytes: &[u8], charset: Option<&str>) -> (String, String) {
        let head = Head::new(bytes, true, "", charset);
        (head.encoding().name.clone(), head.encoding().why.clone())
    }

    #[test]
    fn the_encoding_is_told_with_what_decided_it() {
        let cyrillic = encoding_rs::WINDOWS_1251.encode("Товар Наименование Группа").0.into_owned();
        let cases: Vec<(&[u8], Option<&str>, &str, &str)> = vec![
            (b"\xEF\xBB\xBF<a/>", Some("koi8-r"), "UTF-8", "byte order mark"),
            (b"<a/>", Some("iso-8859-1"), "windows-1252", "content type"),
            (b"<?xml version='1.0' encoding='windows-1251'?><a/>", None, "windows-1251", "XML declaration"),
            (b"<\0a\0/\0>\0", None, "UTF-16LE", "pattern"),
            (b"a;b", None, "UTF-8", "ASCII"),
            ("größe".as_bytes(), None, "UTF-8", "valid UTF-8"),
            (b"<a>gr\xF6\xDFe, all else is plain text</a>", None, "windows-1252", "byte by byte"),
            (b"gr\xF6\xDFe;all else is plain text", None, "windows-1252", "Western"),
            (b"PK\x03\x04\xFF\xFE", None, "binary", "ZIP"),
            (&cyrillic, None, "windows-1251", "Cyrillic"),
            (b"\xFF\xFE\0\0", None, "unknown", "UTF-32"),
        ];
        for (bytes, charset, name, why) in cases {
            let (found, reason) = encoding(bytes, charset);
            assert_eq!(found, name, "{}", String::from_utf8_lossy(bytes));
            assert!(reason.contains(why), "{reason}");
        }
    }

    #[test]
    fn a_head_that_is_cut_anywhere_still_tells_what_came_before() {
        let text = "<?xml version='1.0'?><!-- <!DOCTYPE no> --><!DOCTYPE a SYSTEM 'x'><o:a xmlns:o='urn:o' v='1'><o:b>x&ouml;</o:b><c/></o:a>";
        let whole = Head::new(text.as_bytes(), true, "", None);
        let xml = whole.xml().unwrap();
        assert_eq!((xml.root.as_str(), xml.namespace.as_str(), xml.attribute("v")), ("a", "urn:o", Some("1")));
        assert!(xml.has_doctype && xml.has("b") && xml.has("c"), "a named character does not end the look");
        for cut in 0..text.len() {
            let head = Head::new(&text.as_bytes()[..cut], false, "", None);
            assert!(head.xml().is_none_or(|xml| xml.root == "a"), "{cut}");
        }
        assert!(Head::new(b"a;b;c", true, "", None).xml().is_none());
        assert!(!Head::new(b"<a/><!DOCTYPE b>", true, "", None).xml().unwrap().has_doctype);
    }

    #[test]
    fn no_more_than_the_bound_is_looked_at() {
        let long = format!("<a>{}</a>", "<b/>".repeat(HEAD_BYTES_MAX));
        let head = Head::new(long.as_bytes(), true, "", None);
        assert!(!head.is_whole);
        assert_eq!((head.bytes.len(), head.xml().unwrap().elements.len()), (HEAD_BYTES_MAX, ELEMENTS_MAX));
        let exact = vec![b'x'; HEAD_BYTES_MAX];
        assert!(Head::new(&exact, true, "", None).is_whole);
    }
}
