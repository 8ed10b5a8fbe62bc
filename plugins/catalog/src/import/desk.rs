//! The import desk: acknowledges documents and answers what became of them. REST and SOAP both come through here.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use plugpoint_http::{Admission, Platform, cursor};
use plugpoint_messages::{Texts, chosen};
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::{ImportDesk, ImportView, ItemPage, Receipt, SpoolWriter, StoredItem, UnmappedPath};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, Finding, ImportId, TenantId};
use plugpoint_store::{ItemFilter, TenantDb};
use uuid::Uuid;

use super::queue::{Job, Queue};
use super::spool::{Incoming, Spool, SpoolMeta};
use super::{observe, record};
use crate::shadow::{Candidates, Trials};

/// The catalog plugin's running part. Cheap to share.
pub struct CatalogService {
    pub(crate) platform: Arc<Platform>,
    pub(crate) spool: Spool,
    pub(crate) queue: Queue,
    pub(super) trials: OnceLock<Trials>,
}

impl CatalogService {
    /// Opens the spool and queues every document that was acknowledged before and has not ended.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn open(platform: Arc<Platform>) -> Result<Arc<Self>, ApiError> {
        let service = Self::beside(platform)?;
        service.requeue_unfinished()?;
        Ok(service)
    }

    /// Opens the spool for documents of one's own, beside a server that may run: what was acknowledged before is the server's.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn beside(platform: Arc<Platform>) -> Result<Arc<Self>, ApiError> {
        observe::describe();
        let reserve_bytes = platform.config().imports.spool_reserve_bytes;
        let spool =
            Spool::open(platform.data_dir().join("spool"), reserve_bytes).map_err(super::spool::write_failed)?;
        Ok(Arc::new(Self { platform, spool, queue: Queue::default(), trials: OnceLock::new() }))
    }

    /// From now on the candidates of tenants that have one are tried on each of their imports.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn try_candidates(self: &Arc<Self>, candidates: Candidates) -> io::Result<()> {
        let trials = Trials::start(self, candidates)?;
        // Asked twice, the first stays.
        let _ = self.trials.set(trials);
        Ok(())
    }

    fn requeue_unfinished(&self) -> Result<(), ApiError> {
        for meta in self.spool.scan().map_err(super::spool::write_failed)? {
            match self.is_unfinished(&meta) {
                Ok(false) => {}
                Ok(true) => {
                    tracing::info!(import_id = %meta.id, tenant = meta.tenant, "an unfinished import starts again");
                    self.queue.lock().push(&Job::new(meta));
                }
                // One tenant's damaged database keeps no other from being served. Its document stays for the next start.
                Err(error) => {
                    tracing::error!(import_id = %meta.id, tenant = meta.tenant, %error, "whether an import has ended cannot be told");
                }
            }
        }
        Ok(())
    }

    fn is_unfinished(&self, meta: &SpoolMeta) -> Result<bool, ApiError> {
        Ok(self.db(&meta.tenant()?)?.import(meta.id)?.is_none())
    }

    pub(super) fn db(&self, tenant: &TenantId) -> Result<Arc<TenantDb>, ApiError> {
        Ok(self.platform.store().tenant(tenant)?)
    }

    /// The first import of an idempotency key, with the hash of its document.
    fn first_of_key(
        &self,
        locked: &super::queue::Locked<'_>,
        meta: &SpoolMeta,
    ) -> Result<Option<(ImportId, String)>, ApiError> {
        let Some(key) = meta.idempotency_key.as_deref() else { return Ok(None) };
        if let Some(job) = locked.job_by_key(&meta.tenant, &meta.catalog, key) {
            return Ok(Some((job.meta.id, job.meta.document_hash.clone())));
        }
        let record = self.db(&meta.tenant()?)?.import_by_key(&meta.catalog()?, key)?;
        Ok(record.map(|record| (record.id, record.document_hash)))
    }
}

impl ImportDesk for ServiceDesk {
    fn receive(&self, receipt: Receipt) -> Result<Box<dyn SpoolWriter>, ApiError> {
        let service = &self.0;
        // A tenant whose customer is not loaded is told before it sends a gigabyte.
        let admission = service.platform.tenant(&receipt.tenant)?.admit()?;
        let queue_max = service.platform.config().imports.queue_max;
        let locked = service.queue.lock();
        if locked.is_closed() || locked.len() >= queue_max {
            return Err(ApiError::new(&codes::UNAVAILABLE, "no more imports can be queued now").retry_after(10));
        }
        drop(locked);
        let id = ImportId(Uuid::now_v7());
        let incoming = service.spool.receive(id, &receipt)?;
        Ok(Box::new(Acceptance { service: Arc::clone(service), receipt, incoming, _admission: admission }))
    }

    fn import(&self, tenant: &TenantId, id: ImportId, wait: Duration) -> Result<ImportView, ApiError> {
        let deadline = Instant::now() + wait;
        let job = self.0.queue.lock().job(id).filter(|job| job.meta.tenant == tenant.as_str());
        if let Some(job) = job
            && !job.wait(deadline.saturating_duration_since(Instant::now()))
        {
            return Ok(record::view_of_job(&job));
        }
        let record = self.0.db(tenant)?.import(id)?;
        record.map(record::view).ok_or_else(|| ApiError::new(&codes::NOT_FOUND, format!("there is no import {id}")))
    }

    fn unfinished(&self, tenant: &TenantId, catalog: &CatalogId) -> Vec<ImportView> {
        let jobs = self.0.queue.lock().jobs_of(tenant.as_str());
        jobs.iter()
            .rev()
            .filter(|job| job.meta.catalog == catalog.as_str())
            .map(|job| record::view_of_job(job))
            .collect()
    }

    fn findings(&self, tenant: &TenantId, id: ImportId, limit: u32) -> Result<Vec<Finding>, ApiError> {
        let runtime = self.0.platform.tenant(tenant)?;
        let texts = Texts::of(chosen([], &runtime.profile.catalog.report_language));
        let rows = runtime.db.findings(id, 0, limit)?;
        Ok(rows.into_iter().map(|(_, finding)| texts.localized(finding)).collect())
    }

    fn unmapped(&self, tenant: &TenantId, id: ImportId) -> Result<Vec<UnmappedPath>, ApiError> {
        Ok(self.0.db(tenant)?.unmapped(id)?)
    }

    fn item(&self, tenant: &TenantId, catalog: &CatalogId, sku: &str) -> Result<StoredItem, ApiError> {
        let item = self.0.db(tenant)?.item(catalog, sku)?;
        item.ok_or_else(|| ApiError::new(&codes::NOT_FOUND, format!("catalog {catalog} has no item {sku:?}")))
    }

    fn items_after(
        &self,
        tenant: &TenantId,
        catalog: &CatalogId,
        after_sku: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredItem>, ApiError> {
        let rows = self.0.db(tenant)?.items(catalog, &ItemFilter::default(), after_sku, limit)?;
        Ok(rows.into_iter().map(|row| row.stored).collect())
    }

    fn skus_after(
        &self,
        tenant: &TenantId,
        catalog: &CatalogId,
        after_sku: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>, ApiError> {
        Ok(self.0.db(tenant)?.skus(catalog, after_sku, limit)?)
    }

    fn items(
        &self,
        tenant: &TenantId,
        catalog: &CatalogId,
        cursor: Option<&str>,
        limit: u32,
    ) -> Result<ItemPage, ApiError> {
        let db = self.0.db(tenant)?;
        if db.catalog(catalog)?.is_none() {
            return Err(ApiError::new(&codes::NOT_FOUND, format!("there is no catalog {catalog}")));
        }
        // As opaque as REST's: a caller that builds its own cursors would bind us to their form.
        let question = ["desk items", catalog.as_str()];
        let after = cursor.map(|text| cursor::decode(&question, text)).transpose()?;
        let mut rows = db.items(catalog, &ItemFilter::default(), after.as_deref(), limit + 1)?;
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let next_cursor = rows.last().filter(|_| has_more).map(|row| cursor::encode(&question, &row.sku));
        Ok(ItemPage { items: rows.into_iter().map(|row| row.stored).collect(), next_cursor })
    }
}

/// The service as protocol plugins see it.
pub struct ServiceDesk(pub Arc<CatalogService>);

/// A document on its way in, with what is needed to acknowledge it.
struct Acceptance {
    service: Arc<CatalogService>,
    receipt: Receipt,
    incoming: Incoming,
    _admission: Admission,
}

impl Write for Acceptance {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.incoming.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.incoming.flush()
    }
}

impl SpoolWriter for Acceptance {
    fn seal(self: Box<Self>) -> Result<ImportId, ApiError> {
        let Self { service, receipt, mut incoming, _admission } = *self;
        let (bytes, document_hash) = incoming.fingerprint();
        let bytes_max = service.platform.tenant(&receipt.tenant)?.profile.limits.document_bytes_max;
        if bytes > bytes_max {
            let detail = format!("the document has {bytes} bytes, the profile allows {bytes_max}");
            return Err(ApiError::new(&codes::BODY_TOO_LARGE, detail));
        }
        let meta = SpoolMeta {
            id: incoming.id(),
            tenant: receipt.tenant.to_string(),
            catalog: receipt.catalog.to_string(),
            mode: receipt.mode,
            idempotency_key: receipt.idempotency_key,
            media_type: receipt.media_type,
            charset: receipt.charset,
            is_canonical: receipt.is_canonical,
            request_id: receipt.request_id,
            created_at: record::now(),
            bytes,
            document_hash,
        };
        incoming.sync(&meta)?;
        // Held from the look-up of the key to the entry in the queue: two requests with one key cannot both be first.
        let mut locked = service.queue.lock();
        if let Some((first, first_hash)) = service.first_of_key(&locked, &meta)? {
            if first_hash == meta.document_hash {
                return Ok(first);
            }
            let detail = format!("the key was used for another document, import {first}");
            return Err(ApiError::new(&codes::IDEMPOTENCY_MISMATCH, detail));
        }
        incoming.acknowledge()?;
        let id = meta.id;
        tracing::info!(import_id = %id, tenant = meta.tenant, catalog = meta.catalog, bytes, request_id = meta.request_id, "document acknowledged");
        locked.push(&Job::new(meta));
        Ok(id)
    }
}
