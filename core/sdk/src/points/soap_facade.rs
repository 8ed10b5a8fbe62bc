//! `soap.facade`: keeps the service alive that a legacy client was built for, in front of the tenant's catalog.
//!
//! # Purpose
//! A client that speaks the SOAP service of another system changes nothing but its address. The facade publishes that service's
//! description, and maps its operations to the platform: it signs in, reads, imports and removes items at a desk.
//!
//! # Called by
//! The endpoint `/soap/tenants/{tenant}/{facade}` of `plugins/soap`, for tenants whose profile names the facade under
//! `soap.facades`. For all others there is nothing at that address.
//!
//! # When and how often
//! Once for each envelope, on a thread of the tenant's, after the envelope was read as a whole and whoever calls is known; once for
//! each request of the description. What the desk does for it meanwhile, imports above all, costs none of its budget. Some calls of
//! one tenant run at once, those that write one after the other; further ones wait a little and are then told to come back.
//!
//! # Order
//! None: the address names the key.
//!
//! # Conflict
//! One for each key. A second at the same layer is refused at start-up; a customer's own facade of a key has to say
//! `replace_keyed`, and then holds for that customer alone.
//!
//! # On error
//! An error, a panic, a call that was given up or a suspended facade is logged, and answered by the fault that the facade's terms
//! have for it. What was imported before stays.
//!
//! # Default
//! A profile that names a facade which nobody provides is refused, with those that come near.
//!
//! # Example
//! ```
//! use plugpoint_sdk::error::ApiError;
//! use plugpoint_sdk::facade::{
//!     Access, FacadeCall, FacadeDesk, FacadeError, FacadeOperation, FacadeTerms, FacadeWords, SessionTravel, Words,
//! };
//! use plugpoint_sdk::points::soap_facade::{self, SoapFacade};
//! use plugpoint_sdk::registry::Registrar;
//! use plugpoint_sdk::xml::escaped;
//!
//! /// A service with one operation: whether an item is there.
//! struct Presence;
//!
//! const CLIENT: Words = Words { code: "Client", namespace: "", text: "{}" };
//! const SERVER: Words = Words { code: "Server", namespace: "", text: "{}" };
//!
//! impl SoapFacade for Presence {
//!     fn terms(&self) -> FacadeTerms {
//!         FacadeTerms {
//!             namespace: "urn:presence",
//!             operations: &[FacadeOperation { name: "IsThere", access: Access::Reads }],
//!             sessions: SessionTravel::HttpBasic,
//!             is_encoded: false,
//!             words: FacadeWords {
//!                 session: CLIENT,
//!                 credentials: CLIENT,
//!                 operation: CLIENT,
//!                 invalid: CLIENT,
//!                 busy: SERVER,
//!                 failed: SERVER,
//!             },
//!         }
//!     }
//!
//!     fn wsdl(&self, address: &str) -> Result<String, ApiError> {
//!         // A real one describes messages, operations and binding as well.
//!         let port = format!("<port><address location=\"{}\"/></port>", escaped(address));
//!         Ok(format!("<definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\"><service>{port}</service></definitions>"))
//!     }
//!
//!     fn answer(&self, call: &FacadeCall<'_>, desk: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
//!         let sku = call.operation.child_text("sku").unwrap_or_default();
//!         let is_there = desk.item(sku)?.is_some();
//!         Ok(format!("<IsThereResponse xmlns=\"urn:presence\"><isThere>{is_there}</isThere></IsThereResponse>"))
//!     }
//! }
//!
//! pub fn register(registrar: &mut Registrar) {
//!     registrar.provide_keyed(&soap_facade::POINT, "presence", "example.presence", Presence);
//! }
//! ```

use std::time::Duration;

use crate::error::ApiError;
use crate::facade::{FacadeCall, FacadeDesk, FacadeError, FacadeTerms};
use crate::points::Implementation;
use crate::registry::{Arity, Bounds, Fallback, OnError, Order, Point};

/// The point's name.
pub const NAME: &str = "soap.facade";

/// The rules above, as data.
pub const POINT: Point<dyn SoapFacade> = Point {
    name: NAME,
    arity: Arity::OnePerKey,
    order: Order::None,
    on_error: OnError::Unavailable,
    default: Fallback::Refuse,
    bounds: Bounds {
        // Beside the time that the desk takes.
        budget: Duration::from_secs(10),
        memory_bytes: 64 << 20,
        failures: 5,
        window: Duration::from_secs(60),
        pause: Duration::from_secs(10),
    },
    implementation: Implementation::SoapFacade,
};

/// Speaks as another system's service.
pub trait SoapFacade: Send + Sync {
    /// How the service is spoken to. A constant.
    fn terms(&self) -> FacadeTerms;

    /// The service's description (WSDL 1.1), with `address` as its endpoint's. The same for every client. An encoded service
    /// finds the schema of SOAP's encoding at that address with `?xsd=encoding`.
    ///
    /// # Errors
    /// Whatever keeps it from being written.
    fn wsdl(&self, address: &str) -> Result<String, ApiError>;

    /// Does what one operation of the [terms](Self::terms) asks for, and gives the content of the answer's Body: one element, whole
    /// with its namespaces. The secret of a login goes to the desk and nowhere else.
    ///
    /// # Errors
    /// A fault of the service, or what the desk has refused.
    fn answer(&self, call: &FacadeCall<'_>, desk: &mut FacadeDesk<'_>) -> Result<String, FacadeError>;
}

/// What every facade keeps to. `trial` has a good message for each of its operations.
///
/// Its description is XML, holds the address as it was given and every operation; it answers each good message with one element;
/// whatever is done to the arguments (left out, doubled, nested, emptied, changed) it answers or refuses, always the same, and
/// never panics; and no secret is in what it says.
///
/// # Errors
/// Every violation, in one sentence each.
#[cfg(any(test, feature = "testkit"))]
pub fn conformance(facade: &dyn SoapFacade, trial: &crate::testkit::FacadeTrial<'_>) -> Result<(), Vec<String>> {
    let violations = crate::testkit::facade_promises(facade, trial);
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facade::{Access, FacadeFault, FacadeOperation, FacadeWords, SessionTravel, Words};
    use crate::profile::Profile;
    use crate::testkit::{FACADE_SECRET, FacadeTrial};

    #[derive(Clone, Copy, PartialEq)]
    enum Vice {
        None,
        ForgetsItsAddress,
        ForgetsAnOperation,
        PanicsOnMissingArguments,
        TellsTheSecret,
        AnswersNoXml,
        Counts,
        RefusesTheGood,
    }

    struct Facade(Vice, std::sync::atomic::AtomicU32);

    const SAID: Words = Words { code: "Client", namespace: "", text: "{}" };

    impl SoapFacade for Facade {
        fn terms(&self) -> FacadeTerms {
            const OPERATIONS: &[FacadeOperation] = &[
                FacadeOperation { name: "enter", access: Access::Open },
                FacadeOperation { name: "read", access: Access::Reads },
            ];
            FacadeTerms {
                namespace: "urn:x",
                operations: OPERATIONS,
                sessions: SessionTravel::Argument("session"),
                is_encoded: true,
                words: FacadeWords {
                    session: SAID,
                    credentials: SAID,
                    operation: SAID,
                    invalid: SAID,
                    busy: SAID,
                    failed: SAID,
                },
            }
        }

        fn wsdl(&self, address: &str) -> Result<String, ApiError> {
            let address = if self.0 == Vice::ForgetsItsAddress { "" } else { address };
            let operations = if self.0 == Vice::ForgetsAnOperation { "" } else { "<operation name=\"read\"/>" };
            let address = crate::xml::escaped(address);
            Ok(format!("<d><operation name=\"enter\"/>{operations}<address location=\"{address}\"/></d>"))
        }

        fn answer(&self, call: &FacadeCall<'_>, desk: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
            if self.0 == Vice::RefusesTheGood {
                return Err(FacadeFault::new("Client", "no").into());
            }
            if call.operation.name() == "enter" {
                let secret = call.operation.child_text("secret").unwrap_or_default();
                let session = match desk.sign_in(call.operation.child_text("user").unwrap_or_default(), secret) {
                    Err(_) if self.0 == Vice::TellsTheSecret => {
                        return Err(FacadeFault::new("Client", format!("{secret} is wrong")).into());
                    }
                    other => other?,
                };
                return Ok(format!("<enterResponse>{session}</enterResponse>"));
            }
            let sku = call.operation.child_text("sku");
            assert!(sku.is_some() || self.0 != Vice::PanicsOnMissingArguments, "no sku");
            let count =
                if self.0 == Vice::Counts { self.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst) } else { 0 };
            let end = if self.0 == Vice::AnswersNoXml { "" } else { "</readResponse>" };
            Ok(format!("<readResponse>{}{count}{end}", desk.item(sku.unwrap_or_default())?.is_some()))
        }
    }

    fn violations(vice: Vice) -> Vec<String> {
        let enter = format!("<enter><user>client</user><secret>{FACADE_SECRET}</secret></enter>");
        let messages = [enter.as_str(), "<read><session>s</session><sku href='#1'/></read><m id='1'>A1</m>"];
        let trial = FacadeTrial { profile: &Profile::default(), items: &[], messages: &messages };
        conformance(&Facade(vice, 0.into()), &trial).err().unwrap_or_default()
    }

    #[test]
    fn conformance_finds_each_vice() {
        let cases = [
            (Vice::ForgetsItsAddress, "its description lacks the address it was given"),
            (Vice::ForgetsAnOperation, "its description lacks the operation read"),
            (Vice::PanicsOnMissingArguments, "it panicked: no sku"),
            (Vice::TellsTheSecret, "the secret is in what it said to"),
            (Vice::AnswersNoXml, "is not one element: <readResponse>false0"),
            (Vice::Counts, "it said two things"),
            (Vice::RefusesTheGood, "it refused the good message"),
        ];
        assert_eq!(violations(Vice::None), Vec::<String>::new());
        for (vice, expected) in cases {
            let found = violations(vice);
            assert!(found.iter().any(|violation| violation.contains(expected)), "{expected}: {found:?}");
        }
    }
}
