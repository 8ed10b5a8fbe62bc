//! The endpoint: from the bytes of one envelope to the answer's content. SOAP ends here.
//!
//! Called by the routes on a thread that may block, with the body as a stream. The order is the point: credentials of HTTP
//! before a byte is read, those of the header before the Body is taken in, the operation before its payload. It knows no
//! HTTP answer and builds no fault: it says what went wrong, and in which version it was asked.

use std::io::Read;
use std::sync::OnceLock;
use std::time::Duration;

use plugpoint_http::Presented;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::{ApiError, quoted};
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::xml::Utf8Reader;

use crate::addressing::{self, Addressing};
use crate::envelope::{EnvelopeReader, HeaderBlock, QName, Version};
use crate::fault::{Circumstances, Named, Refused};
use crate::meter::Meter;
use crate::operations::{
    Fields, Operation, Sender, get_import_status, get_item, import_catalog, list_items, submit_catalog,
};
use crate::package::{Form, Package};
use crate::reply::response;
use crate::security::{self, Clock};
use crate::{PATH, Service};

/// What HTTP says about an envelope.
pub(crate) struct Call {
    /// The credentials of the `Authorization` header.
    pub(crate) presented: Option<Presented>,
    /// Whatever names the operation outside of the envelope: SOAPAction, the content type's `action`.
    pub(crate) actions: Vec<String>,
    /// How the message is packed.
    pub(crate) form: Form,
    /// The address under which the sender knows the server, without a path.
    pub(crate) public_url: String,
    pub(crate) request_id: String,
    /// The bytes that the sender says the message has, as they are sent.
    pub(crate) bytes_announced: Option<u64>,
}

/// What was understood of an envelope, told as soon as it is, because a fault needs it.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) version: OnceLock<Version>,
    pub(crate) operation: OnceLock<Operation>,
    pub(crate) not_understood: OnceLock<Vec<QName>>,
    pub(crate) addressing: OnceLock<Addressing>,
    /// What a specification calls the fault.
    pub(crate) named: OnceLock<Named>,
}

impl Heard {
    /// What a fault says of it.
    pub(crate) fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            not_understood: self.not_understood.get().map_or(&[], Vec::as_slice),
            named: self.named.get().copied(),
            addressing: self.addressing.get(),
            operation: self.operation.get().copied(),
        }
    }

    /// The header blocks of the answer.
    pub(crate) fn reply_blocks(&self) -> String {
        let (addressing, operation) = (self.addressing.get(), self.operation.get());
        addressing.zip(operation).map_or_else(String::new, |(addressing, operation)| addressing.of_reply(*operation))
    }

    /// The error of a refusal, whose name is kept.
    fn name(&self, refused: Refused) -> ApiError {
        if let Some(named) = refused.named {
            self.named.get_or_init(|| named);
        }
        refused.error
    }
}

/// Reads one envelope and does what it asks for. Gives the content of the answer's Body; none for an operation without an answer.
///
/// # Errors
/// Everything that can be wrong with an envelope or with what it asks for; nothing is left behind then.
pub(crate) fn answer(
    service: &Service,
    call: &Call,
    heard: &Heard,
    body: &mut dyn Read,
) -> Result<Option<String>, ApiError> {
    let by_http = call.presented.as_ref().map(|presented| (service.authenticate)(presented)).transpose()?;

    let meter = Meter::new();
    let mut body = meter.around(body);
    let package = &Package::open(&mut body, &call.form)?;
    let source = Utf8Reader::new(package.envelope(), package.charset());
    let mut envelope = EnvelopeReader::open(source, service.limits.envelope)?;
    heard.version.get_or_init(|| envelope.version());
    let blocks = envelope.header()?;
    let addressed = Addressing::of(&blocks, service.limits.envelope.xml);
    let (addressing, is_sound) = addressed.map_or((None, Ok(())), |(it, checked)| (Some(it), checked));
    let addressing = addressing.map(|addressing| heard.addressing.get_or_init(|| addressing));
    let understands = |block: &HeaderBlock| security::understands(block) || addressing::understands(block);
    refuse_unknown(&blocks, understands, &heard.not_understood)?;
    is_sound.map_err(|refused| heard.name(refused))?;
    let tenant = &tenant(service, by_http, &blocks).map_err(|refused| heard.name(refused))?;
    (service.admit)(tenant)?;

    let operation = Operation::of(&envelope.operation()?, &call.actions)?;
    heard.operation.get_or_init(|| operation);
    if let Some(addressing) = addressing {
        addressing.check_operation(operation).map_err(|refused| heard.name(refused))?;
    }
    let limits = (service.limits_of)(tenant, operation.terms())?;
    meter.limit(limits.body_bytes_max.unwrap_or(u64::MAX), call.bytes_announced)?;
    let from = Sender { tenant, request_id: &call.request_id, bytes_announced: call.bytes_announced, limits };
    carry_out(service, &from, operation, &mut envelope, package).map_err(|error| with_address(error, call))
}

fn carry_out<R: Read>(
    service: &Service,
    from: &Sender<'_>,
    operation: Operation,
    envelope: &mut EnvelopeReader<R>,
    package: &Package<'_>,
) -> Result<Option<String>, ApiError> {
    let (desk, tenant) = (&*service.desk, from.tenant);
    let answer = match operation {
        Operation::ImportCatalog => response(operation, &import_catalog::run(service, from, envelope, package)?)?,
        Operation::SubmitCatalog => {
            submit_catalog::run(service, from, envelope, package)?;
            return Ok(None);
        }
        Operation::GetImportStatus => {
            let request = get_import_status::request(&fields(envelope, operation, package)?)?;
            response(operation, &get_import_status::report(desk, tenant, request.import_id, Duration::ZERO)?)?
        }
        Operation::GetItem => {
            let request = get_item::request(&fields(envelope, operation, package)?)?;
            response(operation, &get_item::run(desk, tenant, &request)?)?
        }
        Operation::ListItems => {
            let request = list_items::request(&fields(envelope, operation, package)?)?;
            response(operation, &list_items::run(desk, tenant, &request, from.limits)?)?
        }
    };
    Ok(Some(answer))
}

/// Tells who sends the wrong kind of message where the right kind is described.
fn with_address(error: ApiError, call: &Call) -> ApiError {
    if *error.code != codes::SOAP_ENCODING_UNSUPPORTED {
        return error;
    }
    let detail = format!("{}; build the client from the WSDL at {}{PATH}?wsdl", error.detail, call.public_url);
    ApiError { detail, ..error }
}

/// All fields of an operation without a payload, and the rest of the message.
fn fields<R: Read>(
    envelope: &mut EnvelopeReader<R>,
    operation: Operation,
    package: &Package<'_>,
) -> Result<Fields, ApiError> {
    let fields = Fields::read(envelope, operation)?;
    envelope.finish()?;
    package.finish(None)?;
    Ok(fields)
}

/// Refuses blocks that the sender insists on and nobody here understands, and says which.
pub(crate) fn refuse_unknown(
    blocks: &[HeaderBlock],
    understands: impl Fn(&HeaderBlock) -> bool,
    not_understood: &OnceLock<Vec<QName>>,
) -> Result<(), ApiError> {
    let is_unknown = |block: &&HeaderBlock| block.must_understand && block.is_ours && !understands(block);
    let unknown: Vec<QName> = blocks.iter().filter(is_unknown).map(|block| block.name.clone()).collect();
    let Some(first) = unknown.first() else { return Ok(()) };
    let detail = format!("the header block {:.80} of {} is not understood", first.local, quoted(&first.namespace, 120));
    not_understood.get_or_init(|| unknown);
    Err(ApiError::new(&codes::SOAP_MUST_UNDERSTAND, detail))
}

/// The tenant that sent the envelope. Credentials in both places have to be of the same one.
fn tenant(service: &Service, by_http: Option<TenantId>, blocks: &[HeaderBlock]) -> Result<TenantId, Refused> {
    let clock = Clock { now: (service.now)(), limits: service.limits.clock };
    let presented = security::presented(blocks, service.limits.envelope.xml, clock)?;
    let by_header = presented.map(|presented| (service.authenticate)(&presented)).transpose().map_err(failed)?;
    let refused = |detail: &str| ApiError::new(&codes::UNAUTHENTICATED, detail);
    match (by_http, by_header) {
        (Some(by_http), Some(by_header)) if by_http != by_header => {
            Err(failed(refused("the Authorization header and the UsernameToken are of different tenants")))
        }
        (Some(tenant), _) | (None, Some(tenant)) => Ok(tenant),
        (None, None) => Err(refused("credentials are missing: send HTTP Basic, or a UsernameToken").into()),
    }
}

/// What a token's refusal is called, if it is one and nothing of ours.
fn failed(error: ApiError) -> Refused {
    match *error.code == codes::UNAUTHENTICATED {
        true => Refused::named(Named::FailedAuthentication, error),
        false => error.into(),
    }
}
