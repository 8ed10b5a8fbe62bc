//! Documents that lie in files: sent to the import desk like any other, one by one or from a drop folder ([`drop_folder`]).
//!
//! Used by `plugpoint import`, beside a server or without one. A document is acknowledged once it is in the spool; the import itself is
//! the workers' affair.

pub mod drop_folder;
pub mod media;

use std::io::Read;
use std::sync::Arc;

use plugpoint_http::MediaType;
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::{ImportDesk, Receipt};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, ImportId, ImportMode, TenantId};
use uuid::Uuid;

use crate::import::desk::{CatalogService, ServiceDesk};
use crate::import::incoming::write_failed;

/// Bytes that are read at once.
const PIECE_BYTES: usize = 256 * 1024;

/// Where documents go.
#[derive(Clone)]
pub struct Destination {
    /// The running part of the catalog plugin.
    pub service: Arc<CatalogService>,
    /// The tenant.
    pub tenant: TenantId,
    /// The catalog.
    pub catalog: CatalogId,
    /// What the document may do; without it the document decides, and is merged where it does not.
    pub mode: Option<ImportMode>,
}

impl Destination {
    /// The most bytes of a document.
    ///
    /// # Errors
    /// `not_found` for the tenant; what is wrong with its profile.
    pub fn document_bytes_max(&self) -> Result<u64, ApiError> {
        let platform = &self.service.platform;
        Ok(platform.config().limits.document_bytes_max(&platform.tenant(&self.tenant)?.profile.limits))
    }

    /// Takes a document in, and acknowledges it. `go_on` is told the bytes so far and may say no.
    ///
    /// # Errors
    /// `body_too_large`, `body_incomplete` if the source fails, those of the desk; `unavailable` if it was not to go on. Nothing is kept
    /// then.
    pub fn send(
        &self,
        source: &mut dyn Read,
        media_type: &MediaType,
        key: Option<&str>,
        go_on: &mut dyn FnMut(u64) -> bool,
    ) -> Result<ImportId, ApiError> {
        let bytes_max = self.document_bytes_max()?;
        let mut writer = ServiceDesk(Arc::clone(&self.service)).receive(Receipt {
            tenant: self.tenant.clone(),
            catalog: self.catalog.clone(),
            mode: self.mode,
            idempotency_key: key.map(str::to_owned),
            media_type: media_type.essence.clone(),
            charset: media_type.charset.clone(),
            is_canonical: false,
            request_id: format!("import-{}", Uuid::now_v7()),
            bytes_announced: None,
        })?;
        let (mut piece, mut bytes) = (vec![0; PIECE_BYTES], 0);
        loop {
            let count = match source.read(&mut piece) {
                Ok(0) => return writer.seal(),
                Ok(count) => count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    return Err(ApiError::new(&codes::BODY_INCOMPLETE, "the file cannot be read").caused_by(error));
                }
            };
            bytes += count as u64;
            if bytes > bytes_max {
                let detail = format!("the document has more than the {bytes_max} bytes that are allowed");
                return Err(ApiError::new(&codes::BODY_TOO_LARGE, detail));
            }
            writer.write_all(&piece[..count]).map_err(write_failed)?;
            if !go_on(bytes) {
                return Err(ApiError::new(&codes::UNAVAILABLE, "it was interrupted; nothing was imported"));
            }
        }
    }

    /// The import of a key that was acknowledged before, by whatever process; one that nobody has ended is taken up by this
    /// process's workers.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn acknowledged(&self, key: &str) -> Result<Option<ImportId>, ApiError> {
        let service = &self.service;
        if let Some(record) = service.platform.store().tenant(&self.tenant)?.import_by_key(&self.catalog, key)? {
            return Ok(Some(record.id));
        }
        let spooled = service.spool.scan_tenant(self.tenant.as_str()).map_err(write_failed)?;
        let is_same = |catalog: &str, known: Option<&str>| catalog == self.catalog.as_str() && known == Some(key);
        let Some(meta) = spooled.into_iter().find(|it| is_same(&it.catalog, it.idempotency_key.as_deref())) else {
            return Ok(None);
        };
        let id = meta.id;
        let mut queue = service.queue.lock();
        if queue.job(id).is_none() {
            queue.push(&service.job(meta));
        }
        Ok(Some(id))
    }
}
