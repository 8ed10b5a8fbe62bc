//! The header's blocks: what each is called, whom it is for, whether it must be understood, and its text.
//!
//! Part of the envelope reader. It judges no block: security and addressing read those they know, the endpoint refuses the others.
//! What it refuses is an envelope's part inside a block: nobody sends one but who wants it taken for the real one.

use std::io::{Error, Read, Write};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::{Element, XmlEvent, XmlLimits, XmlOptions, XmlReader};

use super::{EnvelopeReader, Part, QName, SOAP_11, SOAP_12, Version};

/// The role of who gets the message last, which is that of a block without any.
const ULTIMATE_RECEIVER: &str = "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver";

/// The actor and roles by which a sender addresses whoever gets the message next, or last: us.
const OUR_ROLES: [&str; 3] =
    ["", "http://schemas.xmlsoap.org/soap/actor/next", "http://www.w3.org/2003/05/soap-envelope/role/next"];

/// The elements that make an envelope.
const ENVELOPE_PARTS: [&str; 3] = ["Envelope", "Header", "Body"];

/// One block of the header.
#[derive(Debug)]
pub(crate) struct HeaderBlock {
    pub(crate) name: QName,
    /// The sender insists on its being understood.
    pub(crate) must_understand: bool,
    /// It is addressed to us, not to another node on the way.
    pub(crate) is_ours: bool,
    /// Whom it is addressed to; empty for the last one.
    pub(crate) role: String,
    /// The block as a document of its own.
    pub(crate) xml: String,
}

impl HeaderBlock {
    /// True for a block of this name.
    pub(crate) fn is_named(&self, namespace: &str, local: &str) -> bool {
        self.name.namespace == namespace && self.name.local == local
    }

    /// The block as a tree.
    ///
    /// # Errors
    /// `request_invalid` for what the reader of documents refuses though the envelope's did not.
    pub(crate) fn element(&self, limits: XmlLimits) -> Result<Element, ApiError> {
        let mut bytes = self.xml.as_bytes();
        let mut reader = XmlReader::new(&mut bytes, XmlOptions { limits, ..XmlOptions::default() });
        let read = match reader.next() {
            Ok(XmlEvent::Start(_)) => reader.element(),
            Ok(_) => Ok(Element::default()),
            Err(error) => Err(error),
        };
        let unreadable = || format!("the header block {:.80} cannot be read", self.name.local);
        read.map_err(|error| ApiError::new(&codes::REQUEST_INVALID, unreadable()).caused_by(error))
    }
}

impl<R: Read> EnvelopeReader<R> {
    /// Reads the blocks of the Header whose start tag is the current token.
    pub(super) fn blocks(&mut self) -> Result<Vec<HeaderBlock>, ApiError> {
        let mut blocks = Vec::new();
        let mut bytes_left = self.limits.header_bytes_max;
        while self.child("the Header")? {
            let name = self.name();
            let namespace = self.version.namespace();
            // Some clients write mustUnderstand without a namespace; that is nobody's attribute and obliges to nothing.
            let must_understand = self.attribute(namespace, "mustUnderstand");
            let role = self.attribute(namespace, if self.version == Version::Soap11 { "actor" } else { "role" });
            let role = role.map(|role| role.trim().to_owned()).filter(|role| role != ULTIMATE_RECEIVER);
            let role = role.unwrap_or_default();
            let mut copy = Bounded { bytes: Vec::new(), bytes_left };
            self.copy_element(&mut copy, Part::Block)?;
            bytes_left = copy.bytes_left;
            blocks.push(HeaderBlock {
                name,
                must_understand: must_understand.is_some_and(|value| matches!(value.trim(), "1" | "true")),
                is_ours: OUR_ROLES.contains(&role.as_str()),
                role,
                xml: String::from_utf8_lossy(&copy.bytes).into_owned(),
            });
        }
        Ok(blocks)
    }

    /// Refuses a tag inside a block that would be the envelope's own.
    pub(super) fn check_inside_block(&self) -> Result<(), ApiError> {
        let QName { namespace, local } = self.name();
        let is_part = ENVELOPE_PARTS.contains(&local.as_str()) && [SOAP_11, SOAP_12].contains(&namespace.as_str());
        if is_part { Err(self.invalid(&format!("a SOAP {local} inside a header block"))) } else { Ok(()) }
    }
}

struct Bounded {
    bytes: Vec<u8>,
    bytes_left: usize,
}

impl Write for Bounded {
    fn write(&mut self, more: &[u8]) -> std::io::Result<usize> {
        let too_long = || Error::other(ApiError::new(&codes::LIMIT_EXCEEDED, "the header is longer than allowed"));
        self.bytes_left = self.bytes_left.checked_sub(more.len()).ok_or_else(too_long)?;
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
