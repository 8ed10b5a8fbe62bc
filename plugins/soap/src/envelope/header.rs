//! The header's blocks: what each is called, whether it must be understood, and its text.
//!
//! Part of the envelope reader. It judges nothing: security reads the blocks it knows, the endpoint refuses the others.

use std::io::{Error, Read, Write};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

use super::{EnvelopeReader, QName, Version};

/// The actor and roles by which a sender addresses whoever gets the message next, or last: us.
const OUR_ROLES: [&str; 4] = [
    "",
    "http://schemas.xmlsoap.org/soap/actor/next",
    "http://www.w3.org/2003/05/soap-envelope/role/next",
    "http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver",
];

/// One block of the header.
#[derive(Debug)]
pub(crate) struct HeaderBlock {
    pub(crate) name: QName,
    /// The sender insists on its being understood.
    pub(crate) must_understand: bool,
    /// It is addressed to us, not to another node on the way.
    pub(crate) is_ours: bool,
    /// The block as a document of its own.
    pub(crate) xml: String,
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
            let mut copy = Bounded { bytes: Vec::new(), bytes_left };
            self.copy_element(&mut copy, false)?;
            bytes_left = copy.bytes_left;
            blocks.push(HeaderBlock {
                name,
                must_understand: must_understand.is_some_and(|value| matches!(value.trim(), "1" | "true")),
                is_ours: role.is_none_or(|role| OUR_ROLES.contains(&role.trim())),
                xml: String::from_utf8_lossy(&copy.bytes).into_owned(),
            });
        }
        Ok(blocks)
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
