//! An error as a SOAP fault, in the version of the envelope it answers: exactly one detail element, which the WSDL declares.
//!
//! The routes write it. It knows every code of the sdk and none of their causes; what caused an error never gets here.

use plugpoint_sdk::api_schema;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::escaped;

use crate::NAMESPACE;
use crate::envelope::{QName, Version};
use crate::reply::{Reply, envelope};
use crate::xml;

/// What went wrong, for programs.
#[api_schema]
pub(crate) struct PlugpointFault {
    /// The stable code to branch on.
    pub code: String,
    /// What happened, in one sentence.
    pub message: String,
    /// The request's id; the operator finds it in the logs.
    pub request_id: String,
    /// Every broken rule, when the request was invalid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldFault>,
}

/// One broken rule of a request.
#[api_schema]
pub(crate) struct FieldFault {
    /// The field, as a path from the operation's element: `/catalogId`.
    pub pointer: String,
    /// Stable code such as `field_length`.
    pub code: String,
    /// What is wrong, in one sentence.
    pub message: String,
}

/// Whose mistake it is, in the words of SOAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blame {
    Sender,
    Receiver,
    MustUnderstand,
    VersionMismatch,
}

impl Blame {
    fn of(error: &ApiError) -> Self {
        if *error.code == codes::SOAP_MUST_UNDERSTAND {
            Self::MustUnderstand
        } else if *error.code == codes::SOAP_VERSION_MISMATCH {
            Self::VersionMismatch
        } else if error.code.status >= 500 || *error.code == codes::TOO_MANY_REQUESTS {
            // Too many requests: the same message may succeed later, which is what Server and Receiver say.
            Self::Receiver
        } else {
            Self::Sender
        }
    }

    fn word(self, version: Version) -> &'static str {
        match (self, version) {
            (Self::MustUnderstand, _) => "MustUnderstand",
            (Self::VersionMismatch, _) => "VersionMismatch",
            (Self::Sender, Version::Soap11) => "Client",
            (Self::Receiver, Version::Soap11) => "Server",
            (Self::Sender, Version::Soap12) => "Sender",
            (Self::Receiver, Version::Soap12) => "Receiver",
        }
    }
}

/// The fault of an error. `not_understood` are the header blocks it is about, if it is about any.
///
/// Several clients read a 1.1 fault only from HTTP 500, whatever is wrong, authentication included; in 1.2 a sender's
/// mistake is 400.
pub(crate) fn fault(error: &ApiError, version: Version, not_understood: &[QName], request_id: &str) -> Reply {
    let blame = Blame::of(error);
    let detail = PlugpointFault {
        code: error.code.name.to_owned(),
        message: error.detail.clone(),
        request_id: request_id.to_owned(),
        errors: error.errors.iter().map(FieldFault::from).collect(),
    };
    // The struct holds nothing but texts, which always have a form; the fault is lawful without its detail, too.
    let detail = xml::element("PlugpointFault", NAMESPACE, &detail).unwrap_or_default();
    let (code, text) = (blame.word(version), escaped(&error.detail));
    let (header, body) = match version {
        Version::Soap11 => (String::new(), fault_11(code, &text, &detail)),
        Version::Soap12 => (header_12(blame, not_understood), fault_12(code, error.code.name, &text, &detail)),
    };
    let status = match (version, blame) {
        _ if *error.code == codes::MEDIA_TYPE_UNSUPPORTED => 415,
        (Version::Soap12, Blame::Sender) => 400,
        _ => 500,
    };
    Reply { status, version, retry_after_s: error.retry_after_s, body: envelope(version, &header, &body) }
}

impl From<&plugpoint_sdk::error::FieldError> for FieldFault {
    fn from(error: &plugpoint_sdk::error::FieldError) -> Self {
        // What the desk knows as a parameter of a query is a field of the operation here.
        let pointer = match error.pointer.strip_prefix('?') {
            Some(parameter) => format!("/{parameter}"),
            None => error.pointer.clone(),
        };
        Self { pointer, code: error.code.clone(), message: error.message.clone() }
    }
}

fn fault_11(code: &str, text: &str, detail: &str) -> String {
    format!(
        "<soap:Fault><faultcode>soap:{code}</faultcode><faultstring xml:lang=\"en\">{text}</faultstring>\
         <detail>{detail}</detail></soap:Fault>"
    )
}

fn fault_12(code: &str, subcode: &str, text: &str, detail: &str) -> String {
    format!(
        "<soap:Fault><soap:Code><soap:Value>soap:{code}</soap:Value><soap:Subcode>\
         <soap:Value xmlns:code=\"{NAMESPACE}\">code:{subcode}</soap:Value></soap:Subcode></soap:Code>\
         <soap:Reason><soap:Text xml:lang=\"en\">{text}</soap:Text></soap:Reason>\
         <soap:Detail>{detail}</soap:Detail></soap:Fault>"
    )
}

fn header_12(blame: Blame, not_understood: &[QName]) -> String {
    let blocks: String = match blame {
        Blame::MustUnderstand => not_understood.iter().map(not_understood_block).collect(),
        Blame::VersionMismatch => {
            let envelope = |prefix, version: Version| {
                let namespace = version.namespace();
                format!("<soap:SupportedEnvelope qname=\"{prefix}:Envelope\" xmlns:{prefix}=\"{namespace}\"/>")
            };
            let supported = [envelope("v12", Version::Soap12), envelope("v11", Version::Soap11)].concat();
            format!("<soap:Upgrade>{supported}</soap:Upgrade>")
        }
        Blame::Sender | Blame::Receiver => String::new(),
    };
    if blocks.is_empty() { blocks } else { format!("<soap:Header>{blocks}</soap:Header>") }
}

fn not_understood_block(name: &QName) -> String {
    let (local, namespace) = (escaped(&name.local), escaped(&name.namespace));
    if namespace.is_empty() {
        format!("<soap:NotUnderstood qname=\"{local}\"/>")
    } else {
        format!("<soap:NotUnderstood qname=\"block:{local}\" xmlns:block=\"{namespace}\"/>")
    }
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::codes;
    use plugpoint_sdk::error::{ApiError, FieldError};

    use super::fault;
    use crate::envelope::Version;

    #[test]
    fn a_broken_rule_points_at_a_field() {
        for (pointer, expected) in [("?cursor", "/cursor"), ("/limit", "/limit"), ("/a?b", "/a?b"), ("", "")] {
            let error = FieldError { pointer: pointer.to_owned(), code: "x".to_owned(), message: "x".to_owned() };
            let error = ApiError::new(&codes::REQUEST_INVALID, "x").with_errors(vec![error]);
            let reply = fault(&error, Version::Soap11, &[], "1");
            assert!(reply.body.contains(&format!("<pointer>{expected}</pointer>")), "{pointer}: {}", reply.body);
        }
    }
}
