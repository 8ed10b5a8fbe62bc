//! `SubmitCatalog`: the import of `ImportCatalog` for systems that want no answer.
//!
//! Acknowledged by HTTP alone once the document is safe; whatever is wrong before that is a fault all the same.

use std::io::Read;

use plugpoint_sdk::api_schema;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, ImportMode};

use super::import_catalog::{Document, receive};
use super::{Fields, Operation, Sender, checked};
use crate::Service;
use crate::envelope::EnvelopeReader;
use crate::package::Package;

/// Takes in a catalog as ImportCatalog does, without an answer: HTTP 202 says that the document is safe, and the import then runs by
/// itself. ImportCatalog with the same idempotency key and document tells what became of it.
#[api_schema]
pub(crate) struct SubmitCatalogRequest {
    /// The catalog; it comes to be with its first import.
    pub catalog_id: CatalogId,
    /// What the import may do to the items that are already there.
    pub mode: ImportMode,
    /// Makes a repeat of the same document answer the first import. Visible ASCII.
    #[validate(length(min = 1, max = 200), pattern = "^[!-~]+$")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

fn request(fields: &Fields) -> Result<SubmitCatalogRequest, ApiError> {
    checked(SubmitCatalogRequest {
        catalog_id: fields.required("catalog_id")?,
        mode: fields.required("mode")?,
        idempotency_key: fields.optional("idempotency_key")?,
    })
}

/// Reads the rest of the envelope into the spool, and seals it.
///
/// # Errors
/// As for `ImportCatalog`.
pub(crate) fn run<R: Read>(
    service: &Service,
    from: &Sender<'_>,
    envelope: &mut EnvelopeReader<R>,
    package: &Package<'_>,
) -> Result<(), ApiError> {
    let fields = Fields::read(envelope, Operation::SubmitCatalog)?;
    let SubmitCatalogRequest { catalog_id, mode, idempotency_key } = request(&fields)?;
    let document = Document { catalog_id, mode, idempotency_key, payload: fields.payload };
    receive(service, from, Operation::SubmitCatalog, document, (envelope, package)).map(|_| ())
}
