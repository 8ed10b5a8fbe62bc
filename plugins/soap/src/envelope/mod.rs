//! The SOAP envelope as a stream: header, operation, fields, payload, in this order and each once.
//!
//! The endpoint drives it; every step refuses what has no place there. It keeps header blocks and fields in memory, both
//! bounded, and copies the payload on without looking into it. It knows no operation and no credential.

mod document;
mod header;
mod namespaces;
mod scanner;
mod syntax;
#[cfg(test)]
mod tests;
mod window;

use std::io::{Read, Write};

use plugpoint_sdk::codes::{self, Code};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::XmlLimits;

pub(crate) use header::HeaderBlock;
use scanner::{Scanner, Token};

use crate::io::api_error;

/// The namespace of SOAP 1.1 envelopes.
pub(crate) const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// The namespace of SOAP 1.2 envelopes.
pub(crate) const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// How values are written in rpc/encoded messages of SOAP 1.1.
const ENCODING_11: &str = "http://schemas.xmlsoap.org/soap/encoding/";
/// The same of SOAP 1.2.
const ENCODING_12: &str = "http://www.w3.org/2003/05/soap-encoding";
const SCHEMA_INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The longest value of a field, in bytes. Each field's own rule is stricter.
const FIELD_BYTES_MAX: usize = 16 * 1024;

/// The envelope's own elements around a document: Envelope, Body, the operation, its field.
const OWN_DEPTH: usize = 4;

/// A version of SOAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    Soap11,
    Soap12,
}

impl Version {
    /// The envelope's namespace.
    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Self::Soap11 => SOAP_11,
            Self::Soap12 => SOAP_12,
        }
    }
}

/// A name with its namespace; empty where it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QName {
    pub(crate) namespace: String,
    pub(crate) local: String,
}

/// Where an envelope says that it is encoded, as rpc/encoded messages do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Encoding {
    /// Nowhere.
    None,
    /// On the Envelope: some clients always say so, and mean nothing by it.
    OnEnvelope,
    /// On the Body or the operation.
    OnOperation,
}

/// What is copied out of an envelope.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A block of the header, where no instruction and no other envelope has a place.
    Block,
    /// A document or a part of one.
    Payload,
}

pub(crate) struct EnvelopeReader<R> {
    scanner: Scanner<R>,
    version: Version,
    encoding: Encoding,
    limits: EnvelopeLimits,
    /// Bytes of documents that were copied; they do not count as the envelope's.
    copied_bytes: u64,
}

/// Bounds of one envelope.
#[derive(Debug, Clone, Copy)]
pub struct EnvelopeLimits {
    /// Of the envelope without the document that it carries.
    pub bytes_max: u64,
    /// Of the header's blocks together.
    pub header_bytes_max: usize,
    /// Of the document, as the one who imports it will apply them.
    pub xml: XmlLimits,
}

impl<R: Read> EnvelopeReader<R> {
    /// Reads as far as the start of the envelope, which tells the version.
    ///
    /// # Errors
    /// `soap_version_mismatch`, `soap_envelope_invalid`, and whatever is not well-formed.
    pub(crate) fn open(source: R, limits: EnvelopeLimits) -> Result<Self, ApiError> {
        let xml = XmlLimits { depth_max: limits.xml.depth_max + OWN_DEPTH, ..limits.xml };
        let scanner = Scanner::new(source, xml);
        let (version, encoding) = (Version::Soap11, Encoding::None);
        let mut reader = Self { scanner, version, encoding, limits, copied_bytes: 0 };
        loop {
            match reader.next()? {
                Token::Start => break,
                Token::Instruction => return Err(reader.instruction()),
                _ => {}
            }
        }
        let root = reader.name();
        if root.local != "Envelope" {
            return Err(reader.invalid(&format!("the root element is {:.80}, not an Envelope", root.local)));
        }
        reader.version = match root.namespace.as_str() {
            SOAP_11 => Version::Soap11,
            SOAP_12 => Version::Soap12,
            other => {
                let what = format!("the envelope's namespace {other:.120} is neither SOAP 1.1 nor 1.2");
                return Err(reader.scanner.coded(&codes::SOAP_VERSION_MISMATCH, 0, &what));
            }
        };
        reader.note_encoding(Encoding::OnEnvelope);
        Ok(reader)
    }

    /// Where the envelope says that it is encoded, as far as it was read.
    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What the current field has that only an encoded message's field has, for people.
    pub(crate) fn encoded_form(&self) -> Option<&'static str> {
        if self.attribute("", "href").is_some() || self.attribute(ENCODING_12, "ref").is_some() {
            Some("its values refer to others by href")
        } else if self.attribute(SCHEMA_INSTANCE, "type").is_some() {
            Some("its values carry xsi:type")
        } else {
            None
        }
    }

    /// Takes note of the current tag's encodingStyle.
    fn note_encoding(&mut self, place: Encoding) {
        let style = self.attribute(self.version.namespace(), "encodingStyle").unwrap_or_default();
        let is_encoded = |uri: &str| uri.starts_with(ENCODING_11.trim_end_matches('/')) || uri.starts_with(ENCODING_12);
        if style.split_ascii_whitespace().any(is_encoded) {
            self.encoding = self.encoding.max(place);
        }
    }

    pub(crate) fn version(&self) -> Version {
        self.version
    }

    /// Reads as far as the start of the Body and gives the header's blocks.
    ///
    /// # Errors
    /// `soap_envelope_invalid`, `limit_exceeded` for a header that is too long, and whatever is not well-formed.
    pub(crate) fn header(&mut self) -> Result<Vec<HeaderBlock>, ApiError> {
        let mut blocks = None;
        while self.child("the Envelope")? {
            let name = self.name();
            match (name.local.as_str(), name.namespace == self.version.namespace()) {
                ("Body", true) => {
                    self.note_encoding(Encoding::OnOperation);
                    return Ok(blocks.unwrap_or_default());
                }
                ("Header", true) if blocks.is_none() => blocks = Some(self.blocks()?),
                ("Header", true) => return Err(self.invalid("a second Header")),
                _ => return Err(self.invalid(&format!("the element {:.80} before the Body", name.local))),
            }
        }
        Err(self.invalid("an Envelope without a Body"))
    }

    /// The operation: the name of the Body's only element.
    ///
    /// # Errors
    /// `soap_envelope_invalid`, and whatever is not well-formed.
    pub(crate) fn operation(&mut self) -> Result<QName, ApiError> {
        if !self.child("the Body")? {
            return Err(self.invalid("a Body without an operation"));
        }
        self.note_encoding(Encoding::OnOperation);
        Ok(self.name())
    }

    /// The operation's next field; `None` after the last. Read its value before asking for the next one.
    ///
    /// # Errors
    /// `soap_envelope_invalid`, and whatever is not well-formed.
    pub(crate) fn field(&mut self) -> Result<Option<QName>, ApiError> {
        Ok(if self.child("the operation")? { Some(self.name()) } else { None })
    }

    /// The current field's value without blanks at its ends; `None` if it is empty or `xsi:nil`.
    ///
    /// # Errors
    /// `request_invalid` for a field with elements or of more than 16 KiB, and whatever is not well-formed.
    pub(crate) fn value(&mut self) -> Result<Option<String>, ApiError> {
        let is_nil = self.attribute(SCHEMA_INSTANCE, "nil").is_some_and(|value| matches!(value.trim(), "true" | "1"));
        let mut text = String::new();
        loop {
            match self.next()? {
                Token::End => break,
                Token::Text => text.push_str(&syntax::unescaped(&String::from_utf8_lossy(self.scanner.raw()))),
                Token::CData => text.push_str(&String::from_utf8_lossy(self.scanner.raw())),
                Token::Start => return Err(self.refused("elements where a field's value belongs")),
                Token::Instruction => return Err(self.instruction()),
                _ => {}
            }
            if text.len() > FIELD_BYTES_MAX {
                return Err(self.refused(&format!("a field of more than {FIELD_BYTES_MAX} bytes")));
            }
        }
        let value = text.trim_matches([' ', '\t', '\r', '\n']);
        Ok((!is_nil && !value.is_empty()).then(|| value.to_owned()))
    }

    /// Whether the current start tag has an attribute of this name and no namespace.
    pub(crate) fn has_attribute(&self, local: &str) -> bool {
        self.attribute("", local).is_some()
    }

    /// Copies the current element, a field or the operation itself, as a document of its own.
    ///
    /// # Errors
    /// Whatever is not well-formed, exceeds a limit or cannot be written.
    pub(crate) fn copy_field(&mut self, out: &mut dyn Write) -> Result<(), ApiError> {
        self.copy_payload(out)
    }

    /// Goes to the Body's next element behind the operation; false after the last.
    ///
    /// # Errors
    /// `soap_envelope_invalid`, and whatever is not well-formed.
    pub(crate) fn sibling(&mut self) -> Result<bool, ApiError> {
        self.child("the Body")
    }

    /// Reads from the operation's end to the last byte.
    ///
    /// # Errors
    /// `soap_envelope_invalid`, and whatever is not well-formed.
    pub(crate) fn finish(&mut self) -> Result<(), ApiError> {
        if self.sibling()? {
            let is_encoded = self.encoding != Encoding::None && self.has_attribute("id");
            return Err(if is_encoded { self.encoded("its values stand behind it") } else { self.second_element() });
        }
        self.finish_behind_body()
    }

    /// The refusal of an rpc/encoded message, with what makes it one.
    pub(crate) fn encoded(&self, what: &str) -> ApiError {
        let detail = format!("the message is rpc/encoded and the service document/literal wrapped: {what}");
        self.coded(&codes::SOAP_ENCODING_UNSUPPORTED, &detail)
    }

    /// The refusal of an element behind the operation.
    pub(crate) fn second_element(&self) -> ApiError {
        self.invalid("a second element in the Body")
    }

    /// Reads from the Body's end to the last byte.
    ///
    /// # Errors
    /// `soap_envelope_invalid`, and whatever is not well-formed.
    pub(crate) fn finish_behind_body(&mut self) -> Result<(), ApiError> {
        if self.child("the Envelope")? {
            let after = self.name().local;
            return Err(self.invalid(&format!("the element {after:.80} after the Body")));
        }
        loop {
            match self.next()? {
                Token::Eof => return Ok(()),
                Token::Instruction => return Err(self.instruction()),
                _ => {}
            }
        }
    }

    /// Goes to the next child of the innermost open element. False, with the element closed, if there is none.
    fn child(&mut self, parent: &str) -> Result<bool, ApiError> {
        loop {
            match self.next()? {
                Token::Start => return Ok(true),
                Token::End => return Ok(false),
                Token::Instruction => return Err(self.instruction()),
                Token::Text | Token::CData if !is_blank(self.scanner.raw()) => {
                    return Err(self.invalid(&format!("text directly inside {parent}")));
                }
                _ => {}
            }
        }
    }

    /// The next token of the envelope itself.
    fn next(&mut self) -> Result<Token, ApiError> {
        let token = self.scanner.next()?;
        let bytes_max = self.limits.bytes_max;
        if self.scanner.offset() - self.copied_bytes > bytes_max {
            let what = format!("more than {bytes_max} bytes in the envelope besides the document");
            return Err(self.coded(&codes::LIMIT_EXCEEDED, &what));
        }
        Ok(token)
    }

    /// Copies the element whose start tag is the current token, as a document.
    fn copy_payload(&mut self, out: &mut dyn Write) -> Result<(), ApiError> {
        let start = self.scanner.offset();
        self.copy_element(out, Part::Payload)?;
        self.copied_bytes += self.scanner.offset() - start;
        Ok(())
    }

    /// Copies the element whose start tag is the current token, with the namespaces that it inherits.
    fn copy_element(&mut self, out: &mut dyn Write, part: Part) -> Result<(), ApiError> {
        let depth = self.scanner.scopes.depth();
        self.copy_root(out).map_err(api_error)?;
        loop {
            if part == Part::Payload && self.scanner.plain_run(depth) {
                out.write_all(self.scanner.raw()).map_err(api_error)?;
                continue;
            }
            let token = self.scanner.next()?;
            match (part, token) {
                (Part::Block, Token::Instruction) => return Err(self.instruction()),
                (Part::Block, Token::Start) => self.check_inside_block()?,
                _ => {}
            }
            out.write_all(self.scanner.raw()).map_err(api_error)?;
            if token == Token::End && self.scanner.scopes.depth() == depth {
                return Ok(());
            }
        }
    }

    fn copy_root(&self, out: &mut dyn Write) -> std::io::Result<()> {
        let (raw, name) = (self.scanner.raw(), self.scanner.name());
        out.write_all(&raw[..1 + name.len()])?;
        for (prefix, uri) in self.scanner.scopes.inherited() {
            out.write_all(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" })?;
            out.write_all(prefix)?;
            out.write_all(b"=\"")?;
            out.write_all(plugpoint_sdk::xml::escaped(uri).as_bytes())?;
            out.write_all(b"\"")?;
        }
        out.write_all(&raw[1 + name.len()..])
    }

    /// The name of the current start tag.
    fn name(&self) -> QName {
        self.resolve(self.scanner.name(), true)
    }

    fn resolve(&self, name: &[u8], has_default: bool) -> QName {
        let (prefix, local) = syntax::split_name(name).unwrap_or((b"", name));
        let namespace = if prefix.is_empty() && !has_default { None } else { self.scanner.scopes.namespace(prefix) };
        QName {
            namespace: namespace.unwrap_or_default().to_owned(),
            local: String::from_utf8_lossy(local).into_owned(),
        }
    }

    /// An attribute of the current start tag.
    fn attribute(&self, namespace: &str, local: &str) -> Option<String> {
        let raw = self.scanner.raw();
        let found = self.scanner.attributes().iter().find(|attribute| {
            let name = self.resolve(&raw[attribute.name.clone()], false);
            name.local == local && name.namespace == namespace
        })?;
        Some(syntax::unescaped(&String::from_utf8_lossy(&raw[found.value.clone()])))
    }

    /// `request_invalid` at the current token.
    pub(crate) fn refused(&self, what: &str) -> ApiError {
        self.coded(&codes::REQUEST_INVALID, what)
    }

    /// An error of a code at the current token.
    pub(crate) fn coded(&self, code: &'static Code, what: &str) -> ApiError {
        self.scanner.coded(code, 0, what)
    }

    fn invalid(&self, what: &str) -> ApiError {
        self.coded(&codes::SOAP_ENVELOPE_INVALID, what)
    }

    fn instruction(&self) -> ApiError {
        self.invalid("a processing instruction has no place in an envelope")
    }
}

fn is_blank(text: &[u8]) -> bool {
    text.iter().copied().all(syntax::is_blank)
}
