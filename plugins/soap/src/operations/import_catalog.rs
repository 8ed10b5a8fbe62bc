//! `ImportCatalog`: takes a document into the spool while the envelope is read, and seals it when the envelope is whole.
//!
//! The payload is copied, not read: the import does that. It stands in the envelope, or in an attachment behind it. Until the
//! message's last byte nothing is promised and everything can be dropped.

use std::io::{self, BufWriter, Read, Write};
use std::time::Duration;

use plugpoint_http::MediaType;
use plugpoint_sdk::api_schema;
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::{ImportDesk, Receipt, SpoolWriter};
use plugpoint_sdk::error::{ApiError, FieldError};
use plugpoint_sdk::model::{CatalogId, ImportId, ImportMode};

use super::{Fields, Operation, Payload, Sender, checked, get_import_status, refuse_further};
use crate::Service;
use crate::envelope::EnvelopeReader;
use crate::io::api_error;
use crate::package::{Label, Package, Reference};
use get_import_status::ImportReport;

/// Tokens are a few bytes each; the spool gets them in pieces of this size.
const SPOOL_BUFFER_BYTES: usize = 128 * 1024;

/// Takes in a catalog: either typed items, or any XML document that the tenant's transformer reads. A document may also be
/// sent as text, in a CDATA section or escaped, and one that is not XML, or large, as an attachment. Answers when the document is safe, and the import then runs by itself.
#[api_schema]
pub(crate) struct ImportCatalogRequest {
    /// The catalog; it comes to be with its first import.
    pub catalog_id: CatalogId,
    /// What the import may do to the items that are already there.
    pub mode: ImportMode,
    /// Makes a repeat of the same document answer the first import. Visible ASCII.
    #[validate(length(min = 1, max = 200), pattern = "^[!-~]+$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// How long to wait for the import's end; at most as long as the server allows. Without it the answer comes at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u32>,
}

fn request(fields: &Fields) -> Result<ImportCatalogRequest, ApiError> {
    checked(ImportCatalogRequest {
        catalog_id: fields.required("catalog_id")?,
        mode: fields.required("mode")?,
        idempotency_key: fields.optional("idempotency_key")?,
        wait_seconds: fields.number("wait_seconds")?,
    })
}

/// Reads the rest of the message into the spool and reports the import.
///
/// # Errors
/// `request_invalid`, whatever is wrong with the message, and the desk's own; nothing is left behind then.
pub(crate) fn run<R: Read>(
    service: &Service,
    from: &Sender<'_>,
    envelope: &mut EnvelopeReader<R>,
    package: &Package<'_>,
) -> Result<ImportReport, ApiError> {
    let fields = Fields::read(envelope, Operation::ImportCatalog)?;
    let ImportCatalogRequest { catalog_id, mode, idempotency_key, wait_seconds } = request(&fields)?;
    let document = Document { catalog_id, mode, idempotency_key, payload: fields.payload };
    let id = receive(service, from, Operation::ImportCatalog, document, (envelope, package))?;
    let wait_s = u64::from(wait_seconds.unwrap_or(0)).min(from.limits.wait_s_max.unwrap_or_default());
    get_import_status::report(&*service.desk, from.tenant, id, Duration::from_secs(wait_s))
}

/// What is known of a document before it comes.
pub(super) struct Document {
    pub(super) catalog_id: CatalogId,
    pub(super) mode: ImportMode,
    pub(super) idempotency_key: Option<String>,
    /// What is next in the envelope; an import without it is refused.
    pub(super) payload: Option<Payload>,
}

/// Reads the rest of the message into the spool, and seals it.
pub(super) fn receive<R: Read>(
    service: &Service,
    from: &Sender<'_>,
    operation: Operation,
    document: Document,
    (envelope, package): (&mut EnvelopeReader<R>, &Package<'_>),
) -> Result<ImportId, ApiError> {
    let Some(payload) = document.payload else {
        let message = "an import has either items, a document or an attachment".to_owned();
        let error =
            FieldError { pointer: "/items".to_owned(), code: "field_required".to_owned(), message: message.clone() };
        return Err(ApiError::new(&codes::REQUEST_INVALID, message).with_errors(vec![error]));
    };
    let receipt = Receipt {
        tenant: from.tenant.clone(),
        catalog: document.catalog_id,
        mode: Some(document.mode),
        idempotency_key: document.idempotency_key,
        media_type: "application/xml".to_owned(),
        // The spool is UTF-8 whatever the envelope was, and whatever a document sent as text declares.
        charset: Some("utf-8".to_owned()),
        is_canonical: payload == Payload::Items,
        request_id: from.request_id.to_owned(),
        bytes_announced: from.bytes_announced,
    };
    let mut spool = Spooling { desk: &*service.desk, receipt, out: None };
    copy(payload, operation, (envelope, package), &mut spool)?;
    spool.seal()
}

/// Copies the payload, from wherever in the message it is, and reads to the message's last byte.
fn copy<R: Read>(
    payload: Payload,
    operation: Operation,
    (envelope, package): (&mut EnvelopeReader<R>, &Package<'_>),
    spool: &mut Spooling<'_>,
) -> Result<(), ApiError> {
    let href = match payload {
        Payload::Items => envelope.copy_field(spool).map(|()| None)?,
        Payload::Document => envelope.copy_document(spool)?,
        Payload::Attachment => {
            let label = envelope.content_type().and_then(|content_type| MediaType::parse(&content_type));
            spool.relabel(Label::of(label));
            envelope.copy_attachment(spool)?
        }
    };
    let reference = href.map(|href| Reference::of(&href)).transpose()?;
    refuse_further(envelope, operation)?;
    envelope.finish()?;
    if let Some(reference) = &reference {
        spool.relabel(package.attachment(reference)?);
        package.copy_attachment(spool)?;
    }
    package.finish(reference.as_ref())
}

/// The document on its way to the spool, which is opened with its first byte: only then is known what it is called.
struct Spooling<'d> {
    desk: &'d dyn ImportDesk,
    receipt: Receipt,
    out: Option<BufWriter<Box<dyn SpoolWriter>>>,
}

impl Spooling<'_> {
    fn relabel(&mut self, label: Label) {
        let Label { media_type, charset } = label;
        (self.receipt.media_type, self.receipt.charset) = (media_type, charset);
    }

    fn seal(self) -> Result<ImportId, ApiError> {
        let Some(out) = self.out else {
            return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, "the attachment is empty"));
        };
        out.into_inner().map_err(|error| api_error(error.into_error()))?.seal()
    }
}

impl Write for Spooling<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let out = match &mut self.out {
            Some(out) => out,
            closed => {
                let spool = self.desk.receive(self.receipt.clone()).map_err(io::Error::other)?;
                closed.insert(BufWriter::with_capacity(SPOOL_BUFFER_BYTES, spool))
            }
        };
        out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}
