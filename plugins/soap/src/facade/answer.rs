//! Replies and faults of facades, in the version of the envelope they answer and in the words of the service.
//!
//! The routes write them. What is wrong with an envelope itself is told as any SOAP endpoint tells it; all else by the fault that
//! the facade's terms have for it, so that a client meets what it was built for. The cause of an error never gets here.

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::facade::{FacadeError, FacadeFault, FacadeTerms, SessionTravel, Words};
use plugpoint_sdk::xml::escaped;

use crate::envelope::{QName, Version};
use crate::fault::{Circumstances, fault};
use crate::reply::{Reply, envelope};

/// The codes that are SOAP's own, and what 1.2 calls them.
const OWN_CODES: [(&str, &str); 2] = [("Client", "Sender"), ("Server", "Receiver")];

/// Why a call has no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The envelope, or what HTTP says of it.
    Envelope(ApiError),
    /// What the platform refuses, or what failed.
    Refused(ApiError),
    /// The facade's own fault.
    Fault(FacadeFault),
}

impl From<FacadeError> for Trouble {
    fn from(error: FacadeError) -> Self {
        match error {
            FacadeError::Fault(fault) => Self::Fault(fault),
            FacadeError::Failed(error) => Self::Refused(error),
        }
    }
}

impl Trouble {
    /// The platform's error, if it is one.
    pub(super) fn error(&self) -> Option<&ApiError> {
        match self {
            Self::Envelope(error) | Self::Refused(error) => Some(error),
            Self::Fault(_) => None,
        }
    }

    /// The platform's error for the log, if it is one.
    pub(super) fn into_error(self) -> Option<ApiError> {
        match self {
            Self::Envelope(error) | Self::Refused(error) => Some(error),
            Self::Fault(_) => None,
        }
    }

    /// For counting: the code of the error.
    pub(super) fn outcome(&self) -> &'static str {
        self.error().map_or("fault", |error| error.code.name)
    }

    /// Whether the client is to be asked for credentials by HTTP.
    pub(super) fn is_challenge(&self, terms: &FacadeTerms) -> bool {
        terms.sessions == SessionTravel::HttpBasic
            && self.error().is_some_and(|error| error.code == &codes::UNAUTHENTICATED)
    }

    /// The fault as a reply.
    pub(super) fn reply(
        &self,
        terms: &FacadeTerms,
        version: Version,
        not_understood: &[QName],
        request_id: &str,
    ) -> Reply {
        let (told, retry_after_s) = match self {
            Self::Envelope(error) => {
                let about = Circumstances { not_understood, ..Circumstances::default() };
                return fault(error, version, &about, request_id);
            }
            Self::Refused(error) => (words(terms, error).fault(&error.detail), error.retry_after_s),
            Self::Fault(told) => (told.clone(), None),
        };
        let status = if self.is_challenge(terms) { 401 } else { 500 };
        Reply { status, version, retry_after_s, body: envelope(version, "", &written(&told, version)) }
    }
}

/// What a service says to an error.
fn words<'t>(terms: &'t FacadeTerms, error: &ApiError) -> &'t Words {
    let FacadeTerms { words, .. } = terms;
    match error.code {
        code if *code == codes::SESSION_UNKNOWN => &words.session,
        code if *code == codes::UNAUTHENTICATED => &words.credentials,
        code if *code == codes::SOAP_OPERATION_UNKNOWN => &words.operation,
        code if matches!(code.status, 429 | 503) => &words.busy,
        code if code.status >= 500 => &words.failed,
        _ => &words.invalid,
    }
}

fn written(told: &FacadeFault, version: Version) -> String {
    let text = escaped(&told.text);
    let own = OWN_CODES.iter().find(|(code, _)| *code == told.code && told.namespace.is_empty());
    let declared = match told.namespace.as_str() {
        "" => String::new(),
        namespace => format!(" xmlns:f=\"{}\"", escaped(namespace)),
    };
    let code = match (own, told.namespace.is_empty()) {
        (Some((code, _)), _) => format!("soap:{code}"),
        (None, true) => escaped(&told.code),
        (None, false) => format!("f:{}", escaped(&told.code)),
    };
    match version {
        Version::Soap11 => {
            let detail = part("detail", &told.detail);
            format!(
                "<soap:Fault><faultcode{declared}>{code}</faultcode>\
                 <faultstring xml:lang=\"en\">{text}</faultstring>{detail}</soap:Fault>"
            )
        }
        Version::Soap12 => {
            let value = match (own, told.namespace.is_empty()) {
                (Some((_, code)), _) => format!("<soap:Value>soap:{code}</soap:Value>"),
                // As the services of that time wrote it: the bare code is what their clients compare.
                (None, true) => format!("<soap:Value>{code}</soap:Value>"),
                (None, false) => format!(
                    "<soap:Value>soap:Sender</soap:Value>\
                     <soap:Subcode><soap:Value{declared}>{code}</soap:Value></soap:Subcode>"
                ),
            };
            let detail = part("soap:Detail", &told.detail);
            format!(
                "<soap:Fault><soap:Code>{value}</soap:Code>\
                 <soap:Reason><soap:Text xml:lang=\"en\">{text}</soap:Text></soap:Reason>{detail}</soap:Fault>"
            )
        }
    }
}

fn part(name: &str, xml: &str) -> String {
    if xml.is_empty() { String::new() } else { format!("<{name}>{xml}</{name}>") }
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::facade::FacadeWords;

    use super::*;

    const fn word(code: &'static str) -> Words {
        Words { code, namespace: "", text: "{}" }
    }

    const TERMS: FacadeTerms = FacadeTerms {
        namespace: "urn:x",
        operations: &[],
        sessions: SessionTravel::Argument("session"),
        is_encoded: false,
        words: FacadeWords {
            session: Words { code: "5", namespace: "", text: "Session expired. Try to relogin." },
            credentials: word("2"),
            operation: word("3"),
            invalid: word("Client"),
            busy: word("Server"),
            failed: Words { code: "Broken", namespace: "urn:e", text: "Internal error." },
        },
    };

    fn reply(trouble: &Trouble, terms: &FacadeTerms, version: Version) -> (u16, String) {
        let reply = trouble.reply(terms, version, &[], "id");
        let body = reply.body.split_once("<soap:Body>").unwrap().1;
        (reply.status, body.split_once("</soap:Body>").unwrap().0.to_owned())
    }

    #[test]
    fn each_error_has_its_words() {
        let cases = [
            (&codes::SESSION_UNKNOWN, "<faultcode>5<", "Session expired. Try to relogin."),
            (&codes::UNAUTHENTICATED, "<faultcode>2<", "a &lt;b&gt;"),
            (&codes::SOAP_OPERATION_UNKNOWN, "<faultcode>3<", "a &lt;b&gt;"),
            (&codes::UNAVAILABLE, "<faultcode>soap:Server<", "a &lt;b&gt;"),
            (&codes::TOO_MANY_REQUESTS, "<faultcode>soap:Server<", "a &lt;b&gt;"),
            (&codes::HOOK_SUSPENDED, "<faultcode>soap:Server<", "a &lt;b&gt;"),
            (&codes::REQUEST_INVALID, "<faultcode>soap:Client<", "a &lt;b&gt;"),
            (&codes::HOOK_FAILED, "<faultcode xmlns:f=\"urn:e\">f:Broken<", "Internal error."),
            (&codes::STORAGE_FULL, "<faultcode xmlns:f=\"urn:e\">f:Broken<", "Internal error."),
        ];
        for (code, expected, text) in cases {
            let trouble = Trouble::Refused(ApiError::new(code, "a <b>").caused_by("a secret of ours"));
            let (status, body) = reply(&trouble, &TERMS, Version::Soap11);
            assert_eq!(status, 500);
            assert!(body.contains(expected) && body.contains(&format!(">{text}</faultstring>")), "{body}");
            assert!(!body.contains("secret"), "{body}");
        }
    }

    #[test]
    fn a_fault_of_1_2_has_its_parts() {
        let said = |code: &str, namespace: &str, detail: &str| {
            let fault = FacadeFault {
                namespace: namespace.to_owned(),
                detail: detail.to_owned(),
                ..FacadeFault::new(code, "t")
            };
            reply(&Trouble::Fault(fault), &TERMS, Version::Soap12).1
        };
        assert!(said("Client", "", "").contains("<soap:Code><soap:Value>soap:Sender</soap:Value></soap:Code>"));
        assert!(said("101", "", "").contains("<soap:Code><soap:Value>101</soap:Value></soap:Code>"));
        let own = said("A.B", "urn:e", "<d/>");
        assert!(own.contains("<soap:Subcode><soap:Value xmlns:f=\"urn:e\">f:A.B</soap:Value></soap:Subcode>"), "{own}");
        assert!(own.contains("<soap:Detail><d/></soap:Detail>"), "{own}");
    }

    #[test]
    fn who_speaks_basic_is_asked_for_it() {
        let trouble = Trouble::Refused(ApiError::new(&codes::UNAUTHENTICATED, "x"));
        assert_eq!(reply(&trouble, &TERMS, Version::Soap11).0, 500);
        let basic = FacadeTerms { sessions: SessionTravel::HttpBasic, ..TERMS };
        assert_eq!(reply(&trouble, &basic, Version::Soap11).0, 401);
        assert!(!Trouble::Fault(FacadeFault::new("2", "x")).is_challenge(&basic));
    }
}
