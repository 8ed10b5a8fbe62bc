//! One envelope's operation as a tree, bounded in bytes: its text, and the tree with all references resolved.
//!
//! The endpoint calls it once the operation is known. In rpc/encoded messages further elements of the Body are parts of the
//! operation that it points at; each has an id. It reads to the envelope's last byte, and knows no operation.

use std::io::{Error, Read, Write};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::{Element, XmlEvent, XmlLimits, XmlOptions, XmlReader, resolved};

use super::answer::Trouble;
use crate::envelope::EnvelopeReader;

const HEAD: &[u8] = b"<Body>";
const TAIL: &[u8] = b"</Body>";

/// Reads the operation at which the envelope stands, and the rest of the envelope.
pub(super) fn read<R: Read>(
    envelope: &mut EnvelopeReader<R>,
    is_encoded: bool,
    xml: XmlLimits,
    bytes_max: usize,
) -> Result<Element, Trouble> {
    let mut message = Bounded { bytes: HEAD.to_vec(), bytes_max: bytes_max + HEAD.len() };
    envelope.copy_field(&mut message).map_err(Trouble::Envelope)?;
    while envelope.sibling().map_err(Trouble::Envelope)? {
        if !is_encoded || !envelope.has_attribute("id") {
            return Err(Trouble::Envelope(envelope.second_element()));
        }
        envelope.copy_field(&mut message).map_err(Trouble::Envelope)?;
    }
    envelope.finish_behind_body().map_err(Trouble::Envelope)?;
    message.bytes.extend_from_slice(TAIL);
    let limits = XmlLimits { record_bytes_max: bytes_max, depth_max: xml.depth_max + 1, ..xml };
    let body = tree(&message.bytes, limits).map_err(Trouble::Envelope)?;
    drop(message);
    let invalid = |what| Trouble::Refused(ApiError::new(&codes::REQUEST_INVALID, what));
    let elements = body.into_children();
    if is_encoded {
        return resolved(elements, bytes_max, xml.depth_max).map_err(invalid);
    }
    elements.into_iter().next().ok_or_else(|| invalid("the Body has no operation".to_owned()))
}

fn tree(mut bytes: &[u8], limits: XmlLimits) -> Result<Element, ApiError> {
    let mut reader = XmlReader::new(&mut bytes, XmlOptions { limits, ..XmlOptions::default() });
    match reader.next()? {
        XmlEvent::Start(_) => Ok(reader.element()?),
        _ => Err(ApiError::new(&codes::SOAP_ENVELOPE_INVALID, "a Body without an operation")),
    }
}

struct Bounded {
    bytes: Vec<u8>,
    bytes_max: usize,
}

impl Write for Bounded {
    fn write(&mut self, more: &[u8]) -> std::io::Result<usize> {
        if self.bytes.len() + more.len() > self.bytes_max {
            let detail = format!("the operation has more than {} bytes", self.bytes_max - HEAD.len());
            return Err(Error::other(ApiError::new(&codes::LIMIT_EXCEEDED, detail)));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{EnvelopeLimits, SOAP_11};

    const BYTES_MAX: usize = 4096;

    fn read_body(body: &str, is_encoded: bool) -> Result<Element, Trouble> {
        let text = format!("<s:Envelope xmlns:s='{SOAP_11}' xmlns:x='urn:x'><s:Body>{body}</s:Body></s:Envelope>");
        let xml = XmlLimits { depth_max: 20, ..XmlLimits::default() };
        let limits = EnvelopeLimits { bytes_max: 4096, header_bytes_max: 1024, xml };
        let mut envelope = EnvelopeReader::open(text.as_bytes(), limits).unwrap();
        assert!(envelope.header().unwrap().is_empty());
        assert_eq!(envelope.operation().unwrap().local, "op");
        read(&mut envelope, is_encoded, xml, BYTES_MAX)
    }

    fn refusal(body: &str, is_encoded: bool) -> (&'static str, String) {
        match read_body(body, is_encoded) {
            Err(Trouble::Envelope(error) | Trouble::Refused(error)) => (error.code.name, error.detail),
            Err(Trouble::Fault(_)) => ("fault", String::new()),
            Ok(_) => ("", String::new()),
        }
    }

    #[test]
    fn an_operation_with_the_namespaces_that_it_inherits() {
        let operation = read_body("<x:op><a x:b='1'> &lt;<![CDATA[<]]></a></x:op>", false).unwrap();
        assert_eq!((operation.name(), operation.namespace()), ("op", "urn:x"));
        assert_eq!(operation.child("a").unwrap().text(), " <<");
        assert_eq!(operation.child("a").unwrap().attribute_ns("urn:x", "b"), Some("1"));
    }

    #[test]
    fn parts_beside_the_operation_only_where_messages_are_encoded() {
        let body = "<op><a href='#1'/></op><multiRef id='1'>x</multiRef>";
        assert_eq!(read_body(body, true).unwrap().child_text("a"), Some("x"));
        assert_eq!(refusal(body, false).0, "soap_envelope_invalid");
        assert_eq!(refusal("<op/><op/>", true).0, "soap_envelope_invalid");
        assert_eq!(refusal("<op/></s:Body><s:Body><op/>", true).0, "soap_envelope_invalid");
        let cycle = refusal("<op><a href='#1'/></op><m id='1'><b href='#1'/></m>", true);
        assert_eq!(cycle, ("request_invalid", "the reference \"#1\" points at what it is a part of".to_owned()));
    }

    #[test]
    fn text_tree_and_depth_are_bounded() {
        let text = |bytes: usize| format!("<op>{}</op>", "x".repeat(bytes));
        assert!(read_body(&text(3000), false).is_ok());
        let declared = " xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:x='urn:x'".len();
        let all = BYTES_MAX - "<op></op>".len() - declared;
        assert_eq!(refusal(&text(all + 1), false).1, "the operation has more than 4096 bytes");
        let (code, detail) = refusal(&format!("<op>{}</op>", "<a/>".repeat(100)), false);
        assert_eq!(code, "limit_exceeded", "a small text and a large tree: {detail}");
        let deep = |levels: usize| format!("<op>{}{}</op>", "<a>".repeat(levels), "</a>".repeat(levels));
        assert_eq!(refusal(&deep(5), false).0, "");
        assert_eq!(refusal(&deep(25), false).0, "limit_exceeded");
    }
}
