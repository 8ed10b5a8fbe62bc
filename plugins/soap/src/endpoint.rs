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
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::xml::Utf8Reader;

use crate::envelope::{EnvelopeReader, HeaderBlock, QName, Version};
use crate::operations::{Fields, Operation, get_import_status, get_item, import_catalog, list_items};
use crate::package::{Form, Package};
use crate::reply::response;
use crate::{Service, security};

/// What HTTP says about an envelope.
pub(crate) struct Call {
    /// The credentials of the `Authorization` header.
    pub(crate) presented: Option<Presented>,
    /// Whatever names the operation outside of the envelope: SOAPAction, the content type's `action`.
    pub(crate) actions: Vec<String>,
    /// How the message is packed.
    pub(crate) form: Form,
    pub(crate) request_id: String,
}

/// What was understood of an envelope, told as soon as it is, because a fault needs it.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) version: OnceLock<Version>,
    pub(crate) operation: OnceLock<Operation>,
    pub(crate) not_understood: OnceLock<Vec<QName>>,
}

/// Reads one envelope and does what it asks for. Gives the content of the answer's Body.
///
/// # Errors
/// Everything that can be wrong with an envelope or with what it asks for; nothing is left behind then.
pub(crate) fn answer(service: &Service, call: &Call, heard: &Heard, body: &mut dyn Read) -> Result<String, ApiError> {
    let by_http = call.presented.as_ref().map(|presented| (service.authenticate)(presented)).transpose()?;

    let package = &Package::open(body, &call.form)?;
    let source = Utf8Reader::new(package.envelope(), package.charset());
    let mut envelope = EnvelopeReader::open(source, service.limits.envelope)?;
    heard.version.get_or_init(|| envelope.version());
    let blocks = envelope.header()?;
    refuse_unknown(&blocks, security::understands, &heard.not_understood)?;
    let tenant = &tenant(service, by_http, &blocks)?;

    let operation = Operation::of(&envelope.operation()?, &call.actions)?;
    heard.operation.get_or_init(|| operation);
    let (desk, envelope) = (&*service.desk, &mut envelope);
    match operation {
        Operation::ImportCatalog => {
            response(operation, &import_catalog::run(service, tenant, &call.request_id, envelope, package)?)
        }
        Operation::GetImportStatus => {
            let request = get_import_status::request(&fields(envelope, operation, package)?)?;
            response(operation, &get_import_status::report(desk, tenant, request.import_id, Duration::ZERO)?)
        }
        Operation::GetItem => {
            let request = get_item::request(&fields(envelope, operation, package)?)?;
            response(operation, &get_item::run(desk, tenant, &request)?)
        }
        Operation::ListItems => {
            let request = list_items::request(&fields(envelope, operation, package)?)?;
            response(operation, &list_items::run(desk, tenant, &request)?)
        }
    }
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
    let detail = format!("the header block {:.80} of {:.120?} is not understood", first.local, first.namespace);
    not_understood.get_or_init(|| unknown);
    Err(ApiError::new(&codes::SOAP_MUST_UNDERSTAND, detail))
}

/// The tenant that sent the envelope. Credentials in both places have to be of the same one.
fn tenant(service: &Service, by_http: Option<TenantId>, blocks: &[HeaderBlock]) -> Result<TenantId, ApiError> {
    let token = security::username_token(blocks, (service.now)())?;
    let by_header = token
        .map(|token| (service.authenticate)(&Presented::Basic { key_id: token.key_id, secret: token.secret }))
        .transpose()?;
    let refused = |detail: &str| Err(ApiError::new(&codes::UNAUTHENTICATED, detail));
    match (by_http, by_header) {
        (Some(by_http), Some(by_header)) if by_http != by_header => {
            refused("the Authorization header and the UsernameToken are of different tenants")
        }
        (Some(tenant), _) | (None, Some(tenant)) => Ok(tenant),
        (None, None) => refused("credentials are missing: send HTTP Basic, or a UsernameToken with PasswordText"),
    }
}
