//! What other servers on the same database have of a tenant's imports: documents that wait in the shared spool, how far a run is, who
//! wants it to end. Only asked where databases are shared ([`super::claims`]).

use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plugpoint_sdk::desk::{ImportStatus, ImportView};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, ImportId, TenantId};
use plugpoint_store::{KeyHeld, TenantDb};

use super::claims::lock;
use super::desk::CatalogService;
use super::incoming::write_failed;
use super::job::Job;
use super::meta::SpoolMeta;
use super::record;

/// How often one who waits for an import looks whether another server has ended it.
const LOOK: Duration = Duration::from_millis(100);

/// The same for one that runs here.
const LOOK_BESIDE: Duration = Duration::from_secs(1);

impl CatalogService {
    /// Whether other processes may have the same databases and the same spool.
    pub(super) fn is_shared(&self) -> bool {
        let is_spool_shared = self.platform.config().imports.spool_dir.is_some() || self.spool.is_in_bucket();
        is_spool_shared && self.platform.store().control().node().is_some()
    }

    /// What lies in the shared spool of a tenant and has not ended, whoever received it, in the order of acknowledgement.
    pub(crate) fn waiting_of(&self, tenant: &TenantId) -> Result<Vec<SpoolMeta>, ApiError> {
        let db = self.db(tenant)?;
        let ids = self.spool.ids_of(tenant.as_str()).map_err(write_failed)?;
        let mut all = lock(&self.claims.known);
        let known = all.entry(tenant.to_string()).or_default();
        known.retain(|id, _| ids.contains(id));
        // Those of which it is not known that they have ended may have by now.
        let asked = ids.iter().filter(|id| known.get(id).is_none_or(Option::is_some)).min().copied();
        let Some(first) = asked else { return Ok(Vec::new()) };
        let ended = db.ended_since(first)?;
        for id in ids {
            if ended.contains(&id) {
                known.insert(id, None);
            } else if let Entry::Vacant(place) = known.entry(id) {
                match self.spool.meta(tenant.as_str(), id) {
                    Ok(Some(meta)) => drop(place.insert(Some(meta))),
                    Ok(None) => {}
                    Err(error) => {
                        tracing::error!(import_id = %id, %tenant, %error, "a spooled document is unreadable and stays where it is");
                    }
                }
            }
        }
        let mut waiting: Vec<_> = known.values().flatten().cloned().collect();
        drop(all);
        waiting.sort_by_key(|meta| (meta.created_at, meta.id));
        Ok(waiting)
    }

    /// Queues what other servers have taken in. True if any of it comes before `job` in its catalog.
    pub(super) fn gather(&self, tenant: &TenantId, job: &Job) -> Result<bool, ApiError> {
        let mine = job.meta();
        let mut is_older = false;
        for meta in self.waiting_of(tenant)? {
            if meta.id == mine.id || self.queue.lock().job(meta.id).is_some() {
                continue;
            }
            is_older |= meta.catalog == mine.catalog && (meta.created_at, meta.id) < (mine.created_at, mine.id);
            tracing::info!(import_id = %meta.id, tenant = meta.tenant, "an import that another server received is queued here, too");
            let gathered = self.job(meta);
            self.queue.lock().insert(&gathered);
        }
        Ok(is_older)
    }

    /// How an import stands that has not ended, as far as any server has told; none if there is no document of it.
    pub(super) fn told_of(&self, tenant: &TenantId, id: ImportId) -> Result<Option<Arc<Job>>, ApiError> {
        let here = self.queue.lock().job(id).filter(|job| job.meta().tenant == tenant.as_str());
        if let Some(job) = &here
            && job.state().status == ImportStatus::Running
        {
            return Ok(here);
        }
        let meta = match here {
            Some(job) => job.meta().clone(),
            None => match self.spool.meta(tenant.as_str(), id).map_err(write_failed)? {
                Some(meta) => meta,
                None => return Ok(None),
            },
        };
        let job = Job::new(meta);
        if let Some(told) = self.db(tenant)?.progress_of(id)? {
            job.set_told(told.started_at);
            job.progress.set(told.counts, told.share);
        }
        Ok(Some(job))
    }

    /// How an import ended, or stands when the time is over; none if nobody knows of it.
    pub(super) fn import_anywhere(
        &self,
        tenant: &TenantId,
        id: ImportId,
        wait: Duration,
    ) -> Result<Option<ImportView>, ApiError> {
        let (db, deadline) = (self.db(tenant)?, Instant::now() + wait);
        loop {
            if let Some(record) = db.import(id)? {
                return Ok(Some(record::view(record)));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.told_of(tenant, id)? {
                // It may have ended, and its document gone, since it was asked for.
                None => return Ok(db.import(id)?.map(record::view)),
                Some(job) if left.is_zero() => return Ok(Some(record::view_of_job(&job))),
                Some(_) => {}
            }
            let here = self.queue.lock().job(id);
            match here {
                // Its end is told here, unless the lease is lost meanwhile.
                Some(job) if job.state().status == ImportStatus::Running => drop(job.wait(left.min(LOOK_BESIDE))),
                Some(job) => drop(job.wait(left.min(LOOK))),
                None => std::thread::sleep(left.min(LOOK)),
            }
        }
    }

    /// What of a catalog has not ended, whichever server has it; the latest first.
    pub(super) fn unfinished_anywhere(
        &self,
        tenant: &TenantId,
        catalog: &CatalogId,
    ) -> Result<Vec<ImportView>, ApiError> {
        let waiting = self.waiting_of(tenant)?;
        let of_catalog = waiting.iter().rev().filter(|meta| meta.catalog == catalog.as_str());
        let jobs = of_catalog.map(|meta| self.told_of(tenant, meta.id)).collect::<Result<Vec<_>, _>>()?;
        Ok(jobs.iter().flatten().map(|job| record::view_of_job(job)).collect())
    }

    /// Whether another server has acknowledged a document of the same catalog before this one, which is imported while it arrives.
    pub(super) fn is_behind(&self, meta: &SpoolMeta) -> bool {
        let is_before = |other: &SpoolMeta| other.catalog == meta.catalog && other.id != meta.id;
        let waiting = || meta.tenant().and_then(|tenant| self.waiting_of(&tenant));
        // What cannot be told may be so.
        self.is_shared() && waiting().map_or(true, |waiting| waiting.iter().any(is_before))
    }

    /// Asks whichever server runs an import, now or when its turn comes, to end it. It stays asked.
    pub(super) fn cancel_anywhere(&self, tenant: &TenantId, id: ImportId) -> Result<(), ApiError> {
        let db = self.db(tenant)?;
        if db.import(id)?.is_none() && self.told_of(tenant, id)?.is_some() {
            db.ask_to_cancel(id)?;
        }
        Ok(())
    }

    /// Holds a document's idempotency key against other servers, until it is acknowledged.
    pub(super) fn hold_key<'a>(&self, db: &'a TenantDb, meta: &SpoolMeta) -> Result<Option<KeyHeld<'a>>, ApiError> {
        match &meta.idempotency_key {
            Some(key) if self.is_shared() => Ok(Some(db.hold_key(&meta.catalog()?, key)?)),
            _ => Ok(None),
        }
    }

    /// The document that another server has acknowledged for a key and that has not been imported.
    pub(super) fn waiting_of_key(&self, meta: &SpoolMeta) -> Result<Option<SpoolMeta>, ApiError> {
        let is_same = |other: &SpoolMeta| {
            other.catalog == meta.catalog && other.idempotency_key == meta.idempotency_key && other.id != meta.id
        };
        Ok(self.waiting_of(&meta.tenant()?)?.into_iter().find(is_same))
    }
}
