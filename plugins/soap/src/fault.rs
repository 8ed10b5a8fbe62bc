//! An error as a SOAP fault, in the version of the envelope it answers: exactly one detail element, which the WSDL declares.
//!
//! The routes write it. It knows every code of the sdk and none of their causes; what caused an error never gets here. Where a
//! specification has a name for a fault, that name goes first: in 1.2 as the subcode around ours, in 1.1 as the faultcode.

use plugpoint_sdk::api_schema;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::escaped;

use crate::NAMESPACE;
use crate::addressing::{Addressing, Wsa, WsaFault};
use crate::envelope::{QName, Version};
use crate::operations::Operation;
use crate::reply::{Reply, envelope, header};
use crate::security::{WSSE, WSU};
use crate::xml;

/// The namespace of the faults of SOAP 1.2's procedure calls.
const RPC: &str = "http://www.w3.org/2003/05/soap-rpc";

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

/// A fault that a specification has a name for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// Credentials of the Security header that are wrong.
    FailedAuthentication,
    /// A Security header that is not as it has to be.
    InvalidSecurity,
    /// A Security header with what is not supported.
    UnsupportedSecurityToken,
    /// A Security header that is too old.
    MessageExpired,
    /// A fault of WS-Addressing.
    Addressing(Wsa, WsaFault),
}

/// A name of a fault: the prefix that its specification has for the namespace, the namespace, the name.
type FaultCode = (&'static str, &'static str, &'static str);

impl Named {
    /// The names, from the general one to the special one.
    fn codes(self) -> Vec<FaultCode> {
        match self {
            Self::FailedAuthentication => vec![("wsse", WSSE, "FailedAuthentication")],
            Self::InvalidSecurity => vec![("wsse", WSSE, "InvalidSecurity")],
            Self::UnsupportedSecurityToken => vec![("wsse", WSSE, "UnsupportedSecurityToken")],
            Self::MessageExpired => vec![("wsu", WSU, "MessageExpired")],
            Self::Addressing(version, fault) => {
                version.codes(fault).into_iter().map(|code| ("wsa", version.namespace(), code)).collect()
            }
        }
    }

    /// The one name that a fault of SOAP 1.1 has. Of WS-Addressing it is the general one, but for the one that says what to do.
    fn code_11(self) -> Option<FaultCode> {
        let codes = self.codes();
        match self {
            Self::Addressing(_, WsaFault::OnlyAnonymousAddressSupported) => codes.last().copied(),
            _ => codes.first().copied(),
        }
    }
}

/// Why a part of an envelope is refused, and what a specification calls that.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) named: Option<Named>,
    pub(crate) error: ApiError,
}

impl Refused {
    pub(crate) fn named(named: Named, error: ApiError) -> Self {
        Self { named: Some(named), error }
    }
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self { named: None, error }
    }
}

/// What a fault says beside the error, as far as the envelope was understood.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Circumstances<'a> {
    /// The header blocks that it is about, if it is about any.
    pub(crate) not_understood: &'a [QName],
    pub(crate) named: Option<Named>,
    pub(crate) addressing: Option<&'a Addressing>,
    pub(crate) operation: Option<Operation>,
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
        } else if error.code.status >= 500 || error.code.status == 429 {
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

/// The fault of an error.
///
/// Several clients read a 1.1 fault only from HTTP 500, whatever is wrong, authentication included; in 1.2 a sender's
/// mistake is 400.
pub(crate) fn fault(error: &ApiError, version: Version, about: &Circumstances<'_>, request_id: &str) -> Reply {
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
    let mut blocks = about.addressing.map_or_else(String::new, |it| it.of_fault(about.operation, about.named));
    let body = match version {
        Version::Soap11 => fault_11(code, about.named, &text, &detail),
        Version::Soap12 => {
            blocks.push_str(&blocks_12(blame, about.not_understood));
            fault_12(code, &subcodes(error, about.named), &text, &detail)
        }
    };
    let status = match (version, blame) {
        _ if *error.code == codes::MEDIA_TYPE_UNSUPPORTED => 415,
        (Version::Soap12, Blame::Sender) => 400,
        _ => 500,
    };
    Reply { status, version, retry_after_s: error.retry_after_s, body: envelope(version, &header(&blocks), &body) }
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

fn fault_11(code: &str, named: Option<Named>, text: &str, detail: &str) -> String {
    let code = match named.and_then(Named::code_11) {
        Some((prefix, namespace, name)) => {
            format!("<faultcode xmlns:{prefix}=\"{namespace}\">{prefix}:{name}</faultcode>")
        }
        None => format!("<faultcode>soap:{code}</faultcode>"),
    };
    format!(
        "<soap:Fault>{code}<faultstring xml:lang=\"en\">{text}</faultstring>\
         <detail>{detail}</detail></soap:Fault>"
    )
}

fn fault_12(code: &str, subcodes: &str, text: &str, detail: &str) -> String {
    format!(
        "<soap:Fault><soap:Code><soap:Value>soap:{code}</soap:Value>{subcodes}</soap:Code>\
         <soap:Reason><soap:Text xml:lang=\"en\">{text}</soap:Text></soap:Reason>\
         <soap:Detail>{detail}</soap:Detail></soap:Fault>"
    )
}

/// The subcodes within each other: those of specifications outside, because their clients look there; ours innermost.
fn subcodes(error: &ApiError, named: Option<Named>) -> String {
    let mut codes = named.map(Named::codes).unwrap_or_default();
    if codes.is_empty() && *error.code == codes::SOAP_OPERATION_UNKNOWN {
        codes.push(("rpc", RPC, "ProcedureNotPresent"));
    }
    codes.push(("code", NAMESPACE, error.code.name));
    codes.iter().rev().fold(String::new(), |inner, (prefix, namespace, name)| {
        let value = format!("<soap:Value xmlns:{prefix}=\"{namespace}\">{prefix}:{name}</soap:Value>");
        format!("<soap:Subcode>{value}{inner}</soap:Subcode>")
    })
}

/// The header blocks that 1.2 has for two kinds of faults.
fn blocks_12(blame: Blame, not_understood: &[QName]) -> String {
    match blame {
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
    }
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

    use super::{Circumstances, fault};
    use crate::envelope::Version;

    #[test]
    fn a_broken_rule_points_at_a_field() {
        for (pointer, expected) in [("?cursor", "/cursor"), ("/limit", "/limit"), ("/a?b", "/a?b"), ("", "")] {
            let error = FieldError { pointer: pointer.to_owned(), code: "x".to_owned(), message: "x".to_owned() };
            let error = ApiError::new(&codes::REQUEST_INVALID, "x").with_errors(vec![error]);
            let reply = fault(&error, Version::Soap11, &Circumstances::default(), "1");
            assert!(reply.body.contains(&format!("<pointer>{expected}</pointer>")), "{pointer}: {}", reply.body);
        }
    }
}
