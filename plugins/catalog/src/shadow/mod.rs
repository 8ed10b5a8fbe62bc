//! Shadow runs: documents that were kept are imported again by today's plan and by a candidate's, each into a copy of the
//! tenant's database that is thrown away, and the two results are compared item by item.
//!
//! Called by `plugpoint shadow` and, for a tenant with a candidate, after each of its imports. Nothing of the tenant changes:
//! not its items, not its imports, not its spool; no listener is told.

mod compare;
mod live;
mod report;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use plugpoint_config::Config;
use plugpoint_http::TenantRuntime;
use plugpoint_kernel::TenantPlan;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{ImportId, TenantId};
use plugpoint_sdk::profile::Profile;
use plugpoint_store::{ImportRecord, Store, StoreOptions};
use uuid::Uuid;

pub(crate) use live::Trials;
pub use live::{Candidates, evidence};
pub use report::{FieldDiff, ItemDiff, Outcome, Replay, Sample, ShadowReport, SideReport};

use crate::import::incoming::write_failed;
use crate::import::job::Job;
use crate::import::meta::SpoolMeta;
use crate::import::run::{Ended, Import, run_import};
use crate::import::spool::Spool;

/// One of the two that are compared.
#[derive(Clone)]
pub struct Side {
    /// What the report calls it: a customer, or a library's file.
    pub name: String,
    /// What is called.
    pub plan: Arc<TenantPlan>,
    /// The profile that it is called with.
    pub profile: Arc<Profile>,
}

/// Which of the kept documents are replayed.
#[derive(Debug, Clone)]
pub enum Selection {
    /// So many of the latest.
    Last(usize),
    /// Just these.
    Imports(Vec<ImportId>),
}

/// A tenant whose documents are replayed.
pub struct Shadow<'a> {
    /// The server's configuration.
    pub config: Arc<Config>,
    /// The data folder.
    pub data_dir: &'a Path,
    /// Its store.
    pub store: &'a Store,
    /// The tenant.
    pub tenant: &'a TenantId,
    /// What serves it.
    pub today: Side,
    /// What might.
    pub candidate: Side,
}

impl Shadow<'_> {
    /// Replays and compares. `on_replay` is told before each replay: its number, how many there are, the import.
    ///
    /// # Errors
    /// `not_found` when no document is kept or one that was named is not; those of the storage.
    pub fn run(
        &self,
        selection: &Selection,
        on_replay: &mut dyn FnMut(usize, usize, ImportId),
    ) -> Result<ShadowReport, ApiError> {
        let spool = Spool::of(self.store);
        let documents = self.selected(&spool, selection)?;
        let scratch = Scratch::new(self.data_dir)?;
        let today = self.place(&scratch, "today", &self.today)?;
        let candidate = self.place(&scratch, "candidate", &self.candidate)?;
        let mut replays = Vec::new();
        for (index, meta) in documents.iter().enumerate() {
            on_replay(index, documents.len(), meta.id);
            let [of_today, of_candidate] = [&today, &candidate].map(|side| self.replay(&spool, side, meta));
            let (import, catalog, bytes) = (meta.id, meta.catalog.clone(), meta.bytes);
            replays.push(Replay { import, catalog, bytes, today: of_today?, candidate: of_candidate? });
        }
        let mut catalogs: Vec<_> = documents.iter().map(SpoolMeta::catalog).collect::<Result<_, _>>()?;
        catalogs.sort();
        catalogs.dedup();
        let items = compare::catalogs(&today.runtime.db, &candidate.runtime.db, &catalogs)?;
        Ok(ShadowReport::new(self.tenant, [&self.today, &self.candidate], replays, items))
    }

    fn selected(&self, spool: &Spool, selection: &Selection) -> Result<Vec<SpoolMeta>, ApiError> {
        let db = self.store.tenant(self.tenant)?;
        let mut ended = Vec::new();
        for meta in spool.scan_tenant(self.tenant.as_str()).map_err(write_failed)? {
            // One that has not ended is not the past yet: it is about to become it.
            if db.import(meta.id)?.is_some() {
                ended.push(meta);
            }
        }
        let not_found = |detail: String| ApiError::new(&codes::NOT_FOUND, detail);
        match selection {
            Selection::Last(count) => ended.drain(..ended.len().saturating_sub(*count)).for_each(drop),
            Selection::Imports(ids) => {
                let is_kept = |id: &&ImportId| ended.iter().any(|meta| meta.id == **id);
                if let Some(missing) = ids.iter().find(|id| !is_kept(id)) {
                    return Err(not_found(format!("the document of import {missing} is not kept")));
                }
                ended.retain(|meta| ids.contains(&meta.id));
            }
        }
        if ended.is_empty() {
            return Err(not_found(format!("no document of tenant {} is kept", self.tenant)));
        }
        Ok(ended)
    }

    fn place(&self, scratch: &Scratch, name: &str, side: &Side) -> Result<Placed, ApiError> {
        let folder = scratch.0.path().join(name);
        let store = Store::open(&folder, StoreOptions::default())?;
        self.store.copy_tenant(self.tenant, &store)?;
        let db = store.tenant(self.tenant)?;
        let (plan, profile) = (Arc::clone(&side.plan), Arc::clone(&side.profile));
        let runtime = TenantRuntime::new(self.tenant.clone(), None, profile, plan, db, &self.config);
        Ok(Placed { runtime: Arc::new(runtime), spool: Spool::at(folder.join("spool")) })
    }

    fn replay(&self, spool: &Spool, side: &Placed, meta: &SpoolMeta) -> Result<Outcome, ApiError> {
        let again = SpoolMeta { id: ImportId(Uuid::now_v7()), idempotency_key: None, ..meta.clone() };
        spool.bring(meta).map_err(write_failed)?;
        side.spool.borrow(&again, &spool.dir(meta)).map_err(write_failed)?;
        let import = Import {
            is_patient: true,
            config: Arc::clone(&self.config),
            runtime: Arc::clone(&side.runtime),
            spool: side.spool.clone(),
            job: Job::new(again),
        };
        let started = Instant::now();
        match run_import(&import, &|_| {})? {
            Ended::Recorded(record) => side.outcome(&record, started.elapsed().as_secs_f64()),
            Ended::Stopped | Ended::GaveWay => Err(ApiError::new(&codes::UNAVAILABLE, "the replay was stopped")),
        }
    }
}

/// A side with the copy that it works on.
struct Placed {
    runtime: Arc<TenantRuntime>,
    spool: Spool,
}

impl Placed {
    fn outcome(&self, record: &ImportRecord, seconds: f64) -> Result<Outcome, ApiError> {
        const PAGE: u32 = 1000;
        let mut findings: BTreeMap<String, u64> = BTreeMap::new();
        let mut after = 0;
        loop {
            let page = self.runtime.db.findings(record.id, after, PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            for (_, finding) in page {
                *findings.entry(finding.code).or_default() += 1;
            }
        }
        let error = record.error.as_ref().map(|error| format!("{}: {}", error.code, error.detail));
        Ok(Outcome { status: record.status, counts: record.counts, seconds, findings, error })
    }
}

/// Where the copies lie: beside the originals, because that is where there is space for them.
struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new(data_dir: &Path) -> Result<Self, ApiError> {
        tempfile::Builder::new().prefix(".shadow-").tempdir_in(data_dir).map(Self).map_err(write_failed)
    }
}
