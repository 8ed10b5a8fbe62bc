//! WS-Addressing as far as an answer on the same connection goes: 1.0, and the submission of August 2004.
//!
//! The endpoint asks it for the operation that the header names and for whom the answer is; the routes have it relate the answer to
//! the question. Who sends no such header gets none. It refuses answers to any other address, because a server that sends what it
//! is asked to wherever it is asked to is a tool of others.

use plugpoint_sdk::codes;
use plugpoint_sdk::error::{ApiError, quoted};
use plugpoint_sdk::xml::{XmlLimits, escaped};

use crate::NAMESPACE;
use crate::envelope::HeaderBlock;
use crate::fault::{Named, Refused};
use crate::operations::{Operation, PORT_TYPE};

/// A version of WS-Addressing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wsa {
    V10,
    V2004,
}

/// A fault of WS-Addressing, in the words of 1.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WsaFault {
    InvalidAddress,
    InvalidCardinality,
    InvalidEpr,
    MissingAddressInEpr,
    OnlyAnonymousAddressSupported,
    ActionMismatch,
}

impl Wsa {
    /// The namespace of its headers.
    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Self::V10 => "http://www.w3.org/2005/08/addressing",
            Self::V2004 => "http://schemas.xmlsoap.org/ws/2004/08/addressing",
        }
    }

    /// The address that means the same connection.
    fn anonymous(self) -> &'static str {
        match self {
            Self::V10 => "http://www.w3.org/2005/08/addressing/anonymous",
            Self::V2004 => "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous",
        }
    }

    /// The address that means nowhere. The submission has none.
    fn none(self) -> Option<&'static str> {
        match self {
            Self::V10 => Some("http://www.w3.org/2005/08/addressing/none"),
            Self::V2004 => None,
        }
    }

    /// The names of a fault, from the general one to the special one; the submission has general ones only.
    pub(crate) fn codes(self, fault: WsaFault) -> Vec<&'static str> {
        let special = match fault {
            WsaFault::InvalidAddress => "InvalidAddress",
            WsaFault::InvalidCardinality => "InvalidCardinality",
            WsaFault::InvalidEpr => "InvalidEPR",
            WsaFault::MissingAddressInEpr => "MissingAddressInEPR",
            WsaFault::OnlyAnonymousAddressSupported => "OnlyAnonymousAddressSupported",
            WsaFault::ActionMismatch => "ActionMismatch",
        };
        match self {
            Self::V10 => vec!["InvalidAddressingHeader", special],
            Self::V2004 => vec!["InvalidMessageInformationHeader"],
        }
    }
}

/// The headers that an answer depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Addressing {
    version: Wsa,
    message_id: Option<String>,
    /// What names the operation.
    action: Option<String>,
    /// The sender wants no answer.
    is_unanswered: bool,
}

/// Headers that are there once at most.
const SINGLE: [&str; 6] = ["To", "From", "ReplyTo", "FaultTo", "Action", "MessageID"];

/// True for a header block that [`Addressing`] reads, or that asks for nothing.
pub(crate) fn understands(block: &HeaderBlock) -> bool {
    version(block).is_some() && (SINGLE.contains(&block.name.local.as_str()) || block.name.local == "RelatesTo")
}

fn version(block: &HeaderBlock) -> Option<Wsa> {
    [Wsa::V10, Wsa::V2004].into_iter().find(|version| version.namespace() == block.name.namespace)
}

impl Addressing {
    /// What the header's blocks say, and what is wrong with them: even then a fault is related to its question. `None` for a header
    /// without any. Where both versions are used, the later one holds.
    pub(crate) fn of(blocks: &[HeaderBlock], xml: XmlLimits) -> Option<(Self, Result<(), Refused>)> {
        let ours = || blocks.iter().filter(|block| block.is_ours);
        let is_used = |wanted: &Wsa| ours().any(|block| version(block) == Some(*wanted));
        let version = [Wsa::V10, Wsa::V2004].into_iter().find(is_used)?;
        let named = |local| ours().filter(move |block| block.is_named(version.namespace(), local));
        let first = |local| named(local).next().and_then(|block| text(block, xml));
        let mut addressing =
            Self { version, message_id: first("MessageID"), action: first("Action"), is_unanswered: false };
        let checked = SINGLE.into_iter().try_for_each(|local| {
            let mut found = named(local);
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => {
                    Err(addressing.refused(WsaFault::InvalidCardinality, &format!("there is more than one {local}")))
                }
                (Some(block), None) => addressing.check(local, block, xml),
                (None, _) => Ok(()),
            }
        });
        Some((addressing, checked))
    }

    fn check(&mut self, local: &str, block: &HeaderBlock, xml: XmlLimits) -> Result<(), Refused> {
        match local {
            "MessageID" | "Action" if text(block, xml).is_none() => {
                Err(self.refused(WsaFault::InvalidAddress, &format!("{local} is empty")))
            }
            "ReplyTo" | "FaultTo" => {
                let reference = block.element(xml)?;
                let addresses: Vec<_> = reference.children_named("Address").map(|it| it.text().trim()).collect();
                match addresses[..] {
                    [address] if address == self.version.anonymous() => {}
                    [address] if Some(address) == self.version.none() => self.is_unanswered |= local == "ReplyTo",
                    [address] => {
                        let detail = format!(
                            "{local} {} is another address than the anonymous one, {}: answers go back on \
                             the connection of the question and nowhere else",
                            quoted(address, 200),
                            self.version.anonymous()
                        );
                        return Err(self.refused(WsaFault::OnlyAnonymousAddressSupported, &detail));
                    }
                    [] => {
                        let detail = format!("{local} has no Address");
                        return Err(self.refused(WsaFault::MissingAddressInEpr, &detail));
                    }
                    _ => return Err(self.refused(WsaFault::InvalidEpr, &format!("{local} has more than one Address"))),
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Holds the headers against the Body's operation.
    ///
    /// # Errors
    /// `soap_operation_unknown` for an Action that names another one; `soap_addressing_invalid` where an answer would go nowhere.
    pub(crate) fn check_operation(&self, operation: Operation) -> Result<(), Refused> {
        if let Some(action) = self.action.as_ref().filter(|action| !operation.answers_to(action)) {
            let detail = format!("wsa:Action {} does not name {}", quoted(action, 120), operation.name());
            let named = Named::Addressing(self.version, WsaFault::ActionMismatch);
            return Err(Refused::named(named, ApiError::new(&codes::SOAP_OPERATION_UNKNOWN, detail)));
        }
        if self.is_unanswered && !operation.is_one_way() {
            let detail = format!("{} has an answer, and ReplyTo says that nobody wants it", operation.name());
            return Err(self.refused(WsaFault::OnlyAnonymousAddressSupported, &detail));
        }
        Ok(())
    }

    fn refused(&self, fault: WsaFault, detail: &str) -> Refused {
        let error = ApiError::new(&codes::SOAP_ADDRESSING_INVALID, format!("WS-Addressing: {detail}"));
        Refused::named(Named::Addressing(self.version, fault), error)
    }

    /// The header blocks of an operation's answer.
    pub(crate) fn of_reply(&self, operation: Operation) -> String {
        self.blocks(&format!("{NAMESPACE}:{PORT_TYPE}:{}Response", operation.name()))
    }

    /// The header blocks of a fault.
    pub(crate) fn of_fault(&self, operation: Option<Operation>, named: Option<Named>) -> String {
        match (named, operation.filter(|operation| !operation.is_one_way())) {
            (Some(Named::Addressing(..)), _) => self.blocks(&format!("{}/fault", self.version.namespace())),
            (_, Some(operation)) => {
                self.blocks(&format!("{NAMESPACE}:{PORT_TYPE}:{}:Fault:CatalogFault", operation.name()))
            }
            (_, None) => match self.version {
                Wsa::V10 => self.blocks(&format!("{}/soap/fault", self.version.namespace())),
                Wsa::V2004 => self.blocks(&format!("{}/fault", self.version.namespace())),
            },
        }
    }

    fn blocks(&self, action: &str) -> String {
        let (namespace, to) = (self.version.namespace(), self.version.anonymous());
        let block =
            |local: &str, text: &str| format!("<wsa:{local} xmlns:wsa=\"{namespace}\">{}</wsa:{local}>", escaped(text));
        let related = self.message_id.as_deref().map_or_else(String::new, |id| block("RelatesTo", id));
        [block("To", to), block("Action", action), related].concat()
    }
}

/// The text of a block; `None` if it has none.
fn text(block: &HeaderBlock, xml: XmlLimits) -> Option<String> {
    let element = block.element(xml).ok()?;
    Some(element.text().trim().to_owned()).filter(|text| !text.is_empty())
}
