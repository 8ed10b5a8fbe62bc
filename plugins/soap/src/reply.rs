//! An answer in the version of the envelope it answers, and the frame that replies and faults share.

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use serde::Serialize;

use crate::NAMESPACE;
use crate::envelope::Version;
use crate::operations::Operation;
use crate::xml;

/// An answer on its way out: no HTTP type yet, so that tests and tools need none.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) version: Version,
    pub(crate) retry_after_s: Option<u32>,
    pub(crate) body: String,
}

impl Reply {
    /// The content type that belongs to the version; some clients read nothing under the other's. UTF-8 in capitals, because
    /// soap4r hands the name on to a parser (REXML 3.3) that takes another spelling for another encoding and reads no answer.
    pub(crate) fn content_type(&self) -> &'static str {
        match self.version {
            Version::Soap11 => "text/xml; charset=UTF-8",
            Version::Soap12 => "application/soap+xml; charset=UTF-8",
        }
    }
}

/// The response of an operation as the Body's content.
///
/// # Errors
/// `internal` for a response that the schema has no form for.
pub(crate) fn response<T: Serialize>(operation: Operation, value: &T) -> Result<String, ApiError> {
    let unwritable = |error| ApiError::new(&codes::INTERNAL, "the answer cannot be written").caused_by(error);
    xml::element(&format!("{}Response", operation.name()), NAMESPACE, value).map_err(unwritable)
}

/// A successful answer; `blocks` are those of its header.
pub(crate) fn success(version: Version, blocks: &str, body: &str) -> Reply {
    Reply { status: 200, version, retry_after_s: None, body: envelope(version, &header(blocks), body) }
}

/// A header element around blocks; nothing around none.
pub(crate) fn header(blocks: &str) -> String {
    if blocks.is_empty() { String::new() } else { format!("<soap:Header>{blocks}</soap:Header>") }
}

/// An envelope around a header element, which may be empty, and the Body's content.
pub(crate) fn envelope(version: Version, header: &str, body: &str) -> String {
    let namespace = version.namespace();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <soap:Envelope xmlns:soap=\"{namespace}\">{header}<soap:Body>{body}</soap:Body></soap:Envelope>\n"
    )
}
