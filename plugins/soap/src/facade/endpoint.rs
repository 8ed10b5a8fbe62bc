//! From the bytes of one envelope to a facade's answer: who calls, what for, and whether it may.
//!
//! Called by the routes on a thread that may block. With HTTP Basic the credential is checked before a byte is read; otherwise
//! the session, once the operation is there. It knows no operation and writes no fault.

use std::io::Read;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use plugpoint_http::Presented;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::{ApiError, quoted};
use plugpoint_sdk::facade::{Access, FacadeCaller, FacadeOperation, FacadeTerms, SessionTravel};
use plugpoint_sdk::xml::{Element, Utf8Reader, XmlEvent, XmlOptions, XmlReader};
use tokio::runtime::Handle;
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout;

use super::answer::Trouble;
use super::call::{self, Errand};
use super::desk::{Desk, authenticated};
use super::{Facade, Facades, message};
use crate::endpoint::refuse_unknown;
use crate::envelope::{EnvelopeLimits, EnvelopeReader, HeaderBlock, QName, Version};
use crate::package::{Form, Package};

/// How long a call may take, its imports included. A client has given up by then.
const CALL_TIME_MAX: Duration = Duration::from_secs(300);
/// How long a call waits for one of its tenant's places, and for its turn to write.
const PLACE_WAIT_MAX: Duration = Duration::from_secs(20);

/// What HTTP says about an envelope.
pub(super) struct Letter {
    pub(super) presented: Result<Option<Presented>, ApiError>,
    pub(super) form: Form,
    pub(super) request_id: String,
}

impl Letter {
    /// Reads the headers.
    ///
    /// # Errors
    /// Those of [`Form::of`].
    pub(super) fn of(headers: &HeaderMap, request_id: &str) -> Result<Self, ApiError> {
        let form = Form::of(headers)?;
        // Whether they matter is the facade's to say: many clients send some to whomever they talk to.
        Ok(Self { presented: Presented::of(headers), form, request_id: request_id.to_owned() })
    }
}

/// What was understood of an envelope, told as soon as it is, because a fault needs it.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) version: OnceLock<Version>,
    pub(super) operation: OnceLock<&'static str>,
    pub(super) not_understood: OnceLock<Vec<QName>>,
}

/// Who calls, and by which session.
struct Caller {
    user: String,
    session: Option<String>,
}

/// Reads one envelope and has the facade do what it asks for. Gives the content of the answer's Body.
pub(super) fn answer(
    facades: &Facades,
    facade: &Facade,
    terms: &FacadeTerms,
    letter: Letter,
    heard: &Heard,
    body: &mut dyn Read,
) -> Result<String, Trouble> {
    let mut caller = by_http(facades, facade, terms, letter.presented).map_err(Trouble::Refused)?;
    let limits = &facades.platform.config().limits;
    let envelope_limits = EnvelopeLimits {
        bytes_max: limits.soap_envelope_bytes_max as u64,
        header_bytes_max: limits.soap_header_bytes_max,
        xml: limits.xml(),
    };
    // Clients put the envelope into parts for handlers of their own; what they would refer to has no place here.
    let package = Package::open(body, &letter.form).map_err(Trouble::Envelope)?;
    let source = Utf8Reader::new(package.envelope(), package.charset());
    let mut envelope = EnvelopeReader::open(source, envelope_limits).map_err(Trouble::Envelope)?;
    heard.version.get_or_init(|| envelope.version());
    let blocks = envelope.header().map_err(Trouble::Envelope)?;
    let understands = |block: &HeaderBlock| is_session_block(terms, block);
    refuse_unknown(&blocks, understands, &heard.not_understood).map_err(Trouble::Envelope)?;
    let operation = known(terms, &envelope.operation().map_err(Trouble::Envelope)?).map_err(Trouble::Refused)?;
    heard.operation.get_or_init(|| operation.name);
    let element = message::read(&mut envelope, terms.is_encoded, limits.xml(), limits.facade_call_bytes_max)?;
    drop(envelope);
    package.finish(None).map_err(Trouble::Envelope)?;
    if operation.access != Access::Open && caller.is_none() {
        let id = match terms.sessions {
            SessionTravel::Argument(name) => argument(&element, name),
            SessionTravel::Header { element, .. } => block_text(&blocks, terms, element),
            SessionTravel::HttpBasic => None,
        };
        caller = Some(by_session(facades, facade, id).map_err(Trouble::Refused)?);
    }
    if caller.is_some() {
        facade.runtime.admit_request().map_err(Trouble::Refused)?;
    }
    work(facades, facade, operation, element, caller, &letter.request_id)
}

/// Whom the credentials of HTTP stand for, where the service works by them.
fn by_http(
    facades: &Facades,
    facade: &Facade,
    terms: &FacadeTerms,
    presented: Result<Option<Presented>, ApiError>,
) -> Result<Option<Caller>, ApiError> {
    if terms.sessions != SessionTravel::HttpBasic {
        return Ok(None);
    }
    let missing = || ApiError::new(&codes::UNAUTHENTICATED, "the credentials are missing or wrong");
    let presented = presented.map_err(|error| missing().caused_by(error))?.ok_or_else(missing)?;
    let user = authenticated(facades, &facade.runtime.tenant, &presented)?;
    Ok(Some(Caller { user, session: None }))
}

/// Who has opened a session, if it holds: its credential must be as it was.
fn by_session(facades: &Facades, facade: &Facade, id: Option<String>) -> Result<Caller, ApiError> {
    let unknown = || ApiError::new(&codes::SESSION_UNKNOWN, "the session is unknown or has ended");
    let id = id.ok_or_else(unknown)?;
    let session = facade.house.sessions().find(&id, &facade.name, Instant::now()).ok_or_else(unknown)?;
    if facades.platform.credential_mark(&session.user)? != session.mark {
        facade.house.sessions().end(&id);
        return Err(unknown());
    }
    Ok(Caller { user: session.user, session: Some(id) })
}

fn known(terms: &FacadeTerms, name: &QName) -> Result<&'static FacadeOperation, ApiError> {
    let is_ours = name.namespace.is_empty() || name.namespace == terms.namespace;
    let found = terms.operations.iter().find(|operation| is_ours && operation.name == name.local);
    found.ok_or_else(|| {
        let detail = format!("the service has no operation {:.80} of {}", name.local, quoted(&name.namespace, 120));
        ApiError::new(&codes::SOAP_OPERATION_UNKNOWN, detail)
    })
}

/// The argument of a name, or the first one: a client without a WSDL gives them names of its own.
fn argument(operation: &Element, name: &str) -> Option<String> {
    let argument = operation.child(name).or_else(|| operation.children().first())?;
    Some(argument.text().trim().to_owned()).filter(|text| !text.is_empty())
}

fn is_session_block(terms: &FacadeTerms, block: &HeaderBlock) -> bool {
    let SessionTravel::Header { namespace, block: local, .. } = terms.sessions else { return false };
    block.name.namespace == namespace && block.name.local == local
}

/// The text of an element in the block that carries the session.
fn block_text(blocks: &[HeaderBlock], terms: &FacadeTerms, element: &str) -> Option<String> {
    let block = blocks.iter().find(|block| block.is_ours && is_session_block(terms, block))?;
    let mut bytes = block.xml.as_bytes();
    let mut reader = XmlReader::new(&mut bytes, XmlOptions::default());
    let block = match reader.next() {
        Ok(XmlEvent::Start(_)) => reader.element().ok()?,
        _ => return None,
    };
    block.child_text(element).map(str::to_owned)
}

fn work(
    facades: &Facades,
    facade: &Facade,
    operation: &FacadeOperation,
    element: Element,
    caller: Option<Caller>,
    request_id: &str,
) -> Result<String, Trouble> {
    let until = Instant::now() + CALL_TIME_MAX;
    let busy = || {
        let detail = "too many calls of this tenant are worked on at once";
        Trouble::Refused(ApiError::new(&codes::UNAVAILABLE, detail).retry_after(5))
    };
    let _turn = match operation.access {
        Access::Writes => Some(turn_to_write(facade).ok_or_else(busy)?),
        Access::Open | Access::Reads => None,
    };
    let gate = &facade.runtime.answering;
    let _place = Handle::current().block_on(gate.enter(PLACE_WAIT_MAX)).ok_or_else(busy)?;
    let (user, session) = caller.map_or((None, None), |caller| (Some(caller.user), caller.session));
    let errand = Errand {
        operation: element,
        caller: user.map(|user| FacadeCaller { user }),
        runtime: std::sync::Arc::clone(&facade.runtime),
        hook: facade.hook.clone(),
    };
    let mut desk = Desk { facades, facade, session, request_id, until };
    let budget_percent = facades.platform.config().hooks.budget_percent;
    Ok(call::run(errand, budget_percent, until, |question| desk.answer(question))?)
}

fn turn_to_write(facade: &Facade) -> Option<OwnedMutexGuard<()>> {
    let writing = std::sync::Arc::clone(&facade.house.writing);
    // The timer has to be made inside the runtime, hence the async block.
    Handle::current().block_on(async { timeout(PLACE_WAIT_MAX, writing.lock_owned()).await }).ok()
}
