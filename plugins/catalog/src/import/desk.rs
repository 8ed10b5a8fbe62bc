//! The import desk: acknowledges documents and answers what became of them. REST and SOAP both come through here.

use std::io::{self, Write};
use std::sync::atomic::AtomicUsize;
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

use super::arrival;
use super::claims::{self, Claims};
use super::incoming::Incoming;
use super::job::Job;
use super::meta::SpoolMeta;
use super::queue::Queue;
use super::quota::{Arrived, SpoolQuotas};
use super::run::cancelled;
use super::spool::Spool;
use super::workers::record_failed;
use super::{observe, record};
use crate::shadow::{Candidates, Trials};

/// How long the answer to a cancellation waits for the import's end.
const CANCEL_WAIT: Duration = Duration::from_secs(5);

/// The catalog plugin's running part. Cheap to share.
pub struct CatalogService {
    pub(crate) platform: Arc<Platform>,
    pub(crate) spool: Spool,
    pub(crate) queue: Queue,
    /// Which tenants' imports are this process's, where others have the same databases.
    pub(super) claims: Claims,
    pub(super) trials: OnceLock<Trials>,
    quotas: SpoolQuotas,
    /// Long imports beside which another may run now.
    pub(super) long: Arc<AtomicUsize>,
}

impl CatalogService {
    /// Opens the spool and queues every document that was acknowledged before and has not ended.
    ///
    /// # Errors
    /// The spool cannot be read.
    pub fn open(platform: Arc<Platform>) -> Result<Arc<Self>, ApiError> {
        crate::backup::take_up(platform.store());
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
        let imports = &platform.config().imports;
        let (store, lease_ms) = (platform.store(), platform.config().cluster.lease_ms);
        let is_shared = imports.spool_dir.is_some() || store.depot().is_some();
        let node = store.control().node().filter(|_| is_shared).map(str::to_owned);
        let spool = Spool::open(store.spool_dir(), imports.spool_reserve_bytes, imports.growth_percent, node);
        let spool = spool.map_err(super::incoming::write_failed)?.with(store.depot().cloned());
        let claims = Claims::new(lease_ms);
        let (queue, quotas, trials) = (Queue::default(), SpoolQuotas::default(), OnceLock::new());
        let service = Arc::new(Self { platform, spool, queue, claims, trials, quotas, long: Arc::default() });
        claims::join(&service)?;
        Ok(service)
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

    pub(super) fn requeue_unfinished(&self) -> Result<(), ApiError> {
        let unserved = self.platform.store().control().unserved()?;
        let let_go = |meta: &SpoolMeta| {
            unserved.iter().any(|(tenant, state)| state.is_let_go() && tenant.as_str() == meta.tenant)
        };
        let documents = self.spool.scan().map_err(super::incoming::write_failed)?;
        self.requeue(documents.into_iter().filter(|meta| !let_go(meta)));
        Ok(())
    }

    /// Queues the documents of a tenant that came past this process, with its restored spool.
    pub(super) fn requeue_tenant(&self, tenant: &TenantId) -> io::Result<()> {
        // What had ended may not have, any more.
        self.claims.forget(tenant);
        self.requeue(self.spool.scan_tenant(tenant.as_str())?);
        Ok(())
    }

    fn requeue(&self, documents: impl IntoIterator<Item = SpoolMeta>) {
        for meta in documents {
            if self.queue.lock().job(meta.id).is_some() {
                continue;
            }
            match self.is_unfinished(&meta) {
                Ok(false) => {}
                Ok(true) => {
                    tracing::info!(import_id = %meta.id, tenant = meta.tenant, "an unfinished import starts again");
                    let job = self.job(meta);
                    self.queue.lock().insert(&job);
                }
                // One tenant's damaged database keeps no other from being served. Its document stays for the next start.
                Err(error) => {
                    tracing::error!(import_id = %meta.id, tenant = meta.tenant, %error, "whether an import has ended cannot be told");
                }
            }
        }
    }

    /// The job of a document that was acknowledged before.
    pub(crate) fn job(&self, meta: SpoolMeta) -> Arc<Job> {
        let room = self.spool.owe(&meta);
        let job = Job::new(meta);
        job.keep(room);
        job
    }

    fn is_unfinished(&self, meta: &SpoolMeta) -> Result<bool, ApiError> {
        Ok(self.db(&meta.tenant()?)?.import(meta.id)?.is_none())
    }

    pub(super) fn db(&self, tenant: &TenantId) -> Result<Arc<TenantDb>, ApiError> {
        Ok(self.platform.store().tenant(tenant)?)
    }

    /// The same before a document is published where other servers see it at once: whoever has the key, has it until then.
    fn already_taken(&self, meta: &SpoolMeta) -> Result<Option<ImportId>, ApiError> {
        if self.spool.is_in_bucket() { self.first_of_key(&self.queue.lock(), meta) } else { Ok(None) }
    }

    /// The import of the same document that came before with the same idempotency key.
    ///
    /// # Errors
    /// `idempotency_mismatch` if it was another document's.
    fn first_of_key(&self, locked: &super::queue::Locked<'_>, meta: &SpoolMeta) -> Result<Option<ImportId>, ApiError> {
        match self.holder_of_key(locked, meta)? {
            Some((first, hash)) if hash != meta.document_hash => {
                let detail = format!("the key was used for another document, import {first}");
                Err(ApiError::new(&codes::IDEMPOTENCY_MISMATCH, detail))
            }
            holder => Ok(holder.map(|(first, _)| first)),
        }
    }

    /// The first import of an idempotency key, with the hash of its document.
    fn holder_of_key(
        &self,
        locked: &super::queue::Locked<'_>,
        meta: &SpoolMeta,
    ) -> Result<Option<(ImportId, String)>, ApiError> {
        let Some(key) = meta.idempotency_key.as_deref() else { return Ok(None) };
        if let Some(job) = locked.job_by_key(&meta.tenant, &meta.catalog, key) {
            return Ok(Some((job.meta().id, job.meta().document_hash.clone())));
        }
        if self.is_shared()
            && let Some(other) = self.waiting_of_key(meta)?
        {
            return Ok(Some((other.id, other.document_hash)));
        }
        let record = self.db(&meta.tenant()?)?.import_by_key(&meta.catalog()?, key)?;
        Ok(record.map(|record| (record.id, record.document_hash)))
    }
}

impl ImportDesk for ServiceDesk {
    fn receive(&self, receipt: Receipt) -> Result<Box<dyn SpoolWriter>, ApiError> {
        let service = &self.0;
        // A tenant whose customer is not loaded is told before it sends a gigabyte.
        let runtime = service.platform.tenant(&receipt.tenant)?;
        let admission = runtime.admit()?;
        let queue_max = service.platform.config().imports.queue_max;
        let locked = service.queue.lock();
        if locked.is_closed() || locked.len() >= queue_max {
            return Err(ApiError::new(&codes::UNAVAILABLE, "no more imports can be queued now").retry_after(10));
        }
        locked.tell_room();
        drop(locked);
        let quota = service.quotas.admit(&service.spool, &runtime, receipt.bytes_announced.unwrap_or_default())?;
        let id = ImportId(Uuid::now_v7());
        let incoming = service.spool.receive(id, &receipt)?;
        Ok(Box::new(Acceptance {
            service: Arc::clone(service),
            receipt,
            incoming,
            ahead: Ahead::Undecided,
            bytes: 0,
            bytes_max: service.platform.config().limits.document_bytes_max(&runtime.profile.limits),
            began: None,
            quota,
            _admission: admission,
        }))
    }

    fn import(&self, tenant: &TenantId, id: ImportId, wait: Duration) -> Result<ImportView, ApiError> {
        let unknown = || ApiError::new(&codes::NOT_FOUND, format!("there is no import {id}"));
        if self.0.is_shared() {
            return self.0.import_anywhere(tenant, id, wait)?.ok_or_else(unknown);
        }
        let deadline = Instant::now() + wait;
        let job = self.0.queue.lock().job(id).filter(|job| job.meta().tenant == tenant.as_str());
        if let Some(job) = job
            && !job.wait(deadline.saturating_duration_since(Instant::now()))
        {
            return Ok(record::view_of_job(&job));
        }
        let record = self.0.db(tenant)?.import(id)?;
        record.map(record::view).ok_or_else(unknown)
    }

    fn cancel(&self, tenant: &TenantId, id: ImportId) -> Result<ImportView, ApiError> {
        let service = &self.0;
        if service.is_shared() {
            service.cancel_anywhere(tenant, id)?;
        }
        let job = service.queue.lock().job(id).filter(|job| job.meta().tenant == tenant.as_str());
        if let Some(job) = job {
            job.progress.cancel();
            // Where others may be at it, whoever has the tenant's lease ends it.
            let may_end = !service.is_shared() || service.claims.has(tenant);
            if may_end && service.queue.lock().withdraw(&job) {
                match record_failed(service, &job, &cancelled()) {
                    Ok(()) => service.queue.told(&job),
                    Err(error) => {
                        tracing::info!(import_id = %id, %tenant, %error, "a cancelled import ends when its turn comes");
                        service.queue.lock().wait(&job);
                    }
                }
            }
        }
        self.import(tenant, id, CANCEL_WAIT)
    }

    fn unfinished(&self, tenant: &TenantId, catalog: &CatalogId) -> Result<Vec<ImportView>, ApiError> {
        if self.0.is_shared() {
            return self.0.unfinished_anywhere(tenant, catalog);
        }
        let jobs = self.0.queue.lock().jobs_of(tenant.as_str());
        let of_catalog = jobs.iter().rev().filter(|job| job.meta().catalog == catalog.as_str());
        Ok(of_catalog.map(|job| record::view_of_job(job)).collect())
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
    /// Dropped before the document.
    ahead: Ahead,
    incoming: Incoming,
    bytes: u64,
    bytes_max: u64,
    /// When its first byte came.
    began: Option<Instant>,
    quota: Arrived,
    _admission: Admission,
}

/// Whether a document is imported while it arrives.
enum Ahead {
    Undecided,
    No,
    Yes(Arc<Job>),
}

impl Drop for Ahead {
    /// Whatever ends the arrival without an acknowledgement ends the import too.
    fn drop(&mut self) {
        if let Self::Yes(job) = self
            && let Some(arrival) = &job.arrival
        {
            arrival.give_way();
        }
    }
}

impl Acceptance {
    /// Tells the run ahead how much there is; decides once whether there is one.
    fn reached(&mut self, bytes: u64) {
        match &self.ahead {
            Ahead::Yes(job) => job.arrival.iter().for_each(|arrival| arrival.reached(bytes)),
            Ahead::Undecided if arrival::is_decided(bytes) => self.ahead = self.begin(bytes),
            Ahead::Undecided | Ahead::No => {}
        }
    }

    fn begin(&self, bytes: u64) -> Ahead {
        // A key may turn out to have been used: that is told before anything is done.
        if self.receipt.idempotency_key.is_some()
            || !arrival::is_worth_it(bytes, self.began.map_or(Duration::MAX, |began| began.elapsed()))
        {
            return Ahead::No;
        }
        // No file to spare is no reason to refuse the document: it is imported when it is whole.
        let Ok(Some(arrival)) = self.incoming.arrival() else { return Ahead::No };
        let job = Job::ahead(self.meta(0, String::new()), arrival);
        let is_begun = self.service.queue.lock().push_ahead(&job);
        if is_begun { Ahead::Yes(job) } else { Ahead::No }
    }

    fn meta(&self, bytes: u64, document_hash: String) -> SpoolMeta {
        let receipt = self.receipt.clone();
        SpoolMeta {
            id: self.incoming.id(),
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
        }
    }
}

impl Write for Acceptance {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.began.get_or_insert_with(Instant::now);
        if self.bytes + bytes.len() as u64 > self.bytes_max {
            let detail = format!("the document has more than the {} bytes that are allowed", self.bytes_max);
            return Err(io::Error::other(ApiError::new(&codes::BODY_TOO_LARGE, detail)));
        }
        self.quota.reach(self.bytes + bytes.len() as u64).map_err(io::Error::other)?;
        let there = self.incoming.bytes_there();
        let taken = self.incoming.write(bytes)?;
        self.bytes += taken as u64;
        if self.incoming.bytes_there() > there {
            self.reached(self.incoming.bytes_there());
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.incoming.flush()
    }
}

impl SpoolWriter for Acceptance {
    fn seal(mut self: Box<Self>) -> Result<ImportId, ApiError> {
        let (bytes, document_hash) = self.incoming.fingerprint()?;
        if let Ahead::Yes(job) = &self.ahead {
            job.arrival.iter().for_each(|arrival| arrival.is_whole(bytes));
        }
        let db = self.service.db(&self.receipt.tenant)?;
        let mut meta = self.meta(bytes, document_hash);
        if self.service.is_shared() {
            // Acknowledgements of several servers are in one order.
            meta.created_at = db.shared_time()?;
        }
        let Self { service, receipt, mut incoming, ahead, quota, _admission, .. } = *self;
        incoming.sync(&meta)?;
        // Suspended meanwhile: nothing is acknowledged any more.
        service.platform.tenant(&receipt.tenant)?;
        let _key = service.hold_key(&db, &meta)?;
        if let Some(first) = service.already_taken(&meta)? {
            return Ok(first);
        }
        incoming.publish(&meta)?;
        if let Ahead::Yes(job) = &ahead
            && service.is_behind(&meta)
        {
            job.arrival.iter().for_each(|arrival| _ = arrival.give_way());
        }
        // Held from the look-up of the key to the entry in the queue: two requests with one key cannot both be first.
        let mut locked = service.queue.lock();
        if let Some(first) = service.first_of_key(&locked, &meta)? {
            return Ok(first);
        }
        let room = incoming.acknowledge()?;
        quota.settle();
        let id = meta.id;
        let is_ahead = matches!(&ahead, Ahead::Yes(job) if locked.acknowledge(job, &meta));
        tracing::info!(
            import_id = %id, tenant = meta.tenant, catalog = meta.catalog, bytes, is_ahead, request_id = meta.request_id,
            "document acknowledged"
        );
        match &ahead {
            Ahead::Yes(job) if is_ahead => job.keep(room),
            _ => {
                let job = Job::new(meta);
                job.keep(room);
                locked.push(&job);
            }
        }
        Ok(id)
    }
}
