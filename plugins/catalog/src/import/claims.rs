//! Several servers on one database: which of them runs a tenant's imports, who is still there, what they tell each other.
//!
//! A server runs imports of a tenant only under that tenant's lease, and before each run it looks into the shared spool for what
//! others have taken in: so each document is imported once, those of a catalog in the order of their acknowledgement, whichever
//! server received them. A server that is not heard of any more is outlived: the others queue what lies in the spool. Servers share
//! their work if `imports.spool_dir` names the folder that they have in common, or `imports.bucket` the bucket; otherwise, and where the databases are files, each
//! imports what it has received itself, and nothing here does anything.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::Builder;
use std::time::{Duration, Instant};

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{ImportId, TenantId};
use plugpoint_store::{ImportProgress, Leased, Store, TenantDb};

use super::bucket;
use super::desk::CatalogService;
use super::incoming::write_failed;
use super::job::Job;
use super::meta::SpoolMeta;
use super::spool::identity;

/// How often progress is told and cancellations are heard of.
const TICK: Duration = Duration::from_millis(250);

/// After so many leases without a word a server is struck off: what it was receiving is removed from the spool.
const FORGET_LEASES: u64 = 10;

/// What this process has claimed and knows of others.
#[derive(Default)]
pub(crate) struct Claims {
    lease_ms: u64,
    held: Mutex<HashMap<String, Held>>,
    /// Documents of each tenant, as the spool had them last: those that have not ended, with what it says of them.
    pub(super) known: Mutex<HashMap<String, Known>>,
}

type Known = HashMap<ImportId, Option<SpoolMeta>>;

/// A lease of this process.
struct Held {
    db: Arc<TenantDb>,
    epoch: i64,
    /// When it was last kept, by this process's clock: taken before the server was asked.
    kept_at: Instant,
    job: Option<Arc<Job>>,
}

impl Claims {
    /// Nothing claimed yet.
    pub(super) fn new(lease_ms: u64) -> Self {
        Self { lease_ms, ..Self::default() }
    }

    /// Takes the tenant's lease, or finds that it is held already. False while another server has it.
    pub(super) fn take(&self, tenant: &TenantId, db: &Arc<TenantDb>, job: &Arc<Job>) -> Result<bool, ApiError> {
        let mut held = lock(&self.held);
        if let Some(held) = held.get_mut(tenant.as_str()) {
            held.job = Some(Arc::clone(job));
            return Ok(true);
        }
        let kept_at = Instant::now();
        let Leased::Ours { epoch, from } = db.claim_imports(self.lease_ms)? else { return Ok(false) };
        match from {
            Some(from) => tracing::warn!(%tenant, epoch, from, "imports taken over from a server that does not answer"),
            None => tracing::info!(%tenant, epoch, "imports claimed"),
        }
        let (db, job) = (Arc::clone(db), Some(Arc::clone(job)));
        held.insert(tenant.to_string(), Held { db, epoch, kept_at, job });
        Ok(true)
    }

    /// Whether the tenant's lease is this process's, as far as it knows.
    pub(super) fn has(&self, tenant: &TenantId) -> bool {
        lock(&self.held).contains_key(tenant.as_str())
    }

    /// A job's turn is over. The lease stays if there is more of its tenant's to do that can be done at once.
    pub(super) fn ran(&self, service: &CatalogService, job: &Arc<Job>, goes_on: bool) {
        let tenant = job.meta().tenant.as_str();
        let mut all = lock(&self.held);
        // The tenant's next may have begun.
        let Some(held) = all.get_mut(tenant).filter(|held| held.job.as_ref().is_some_and(|of| Arc::ptr_eq(of, job)))
        else {
            return;
        };
        held.job = None;
        // Asked under the lock: whoever takes up a job of the tenant from here on claims anew.
        if (!goes_on || service.queue.lock().is_idle(tenant))
            && let Some(held) = all.remove(tenant)
        {
            let_go(tenant, &held);
        }
    }

    /// What was known of a tenant's documents holds no more.
    pub(super) fn forget(&self, tenant: &TenantId) {
        lock(&self.known).remove(tenant.as_str());
    }

    fn leave(&self, service: &CatalogService) {
        for (tenant, held) in std::mem::take(&mut *lock(&self.held)) {
            let_go(&tenant, &held);
        }
        if let Err(error) = service.platform.store().control().leave() {
            tracing::warn!(%error, "that this server ends could not be told; the others wait until its time is over");
        }
    }

    /// Keeps every lease, and gives up those that could not be kept in time: what runs under them is asked to stop.
    fn keep(&self) {
        let (lease, asks_after) = (Duration::from_millis(self.lease_ms), Duration::from_millis(self.lease_ms / 3));
        let due: Vec<_> = lock(&self.held)
            .iter()
            .filter(|(_, held)| held.kept_at.elapsed() >= asks_after)
            .map(|(tenant, held)| (tenant.clone(), Arc::clone(&held.db), held.epoch, held.kept_at))
            .collect();
        for (tenant, db, epoch, kept_at) in due {
            let asked_at = Instant::now();
            let kept_at = match db.renew_imports(epoch, self.lease_ms) {
                Ok(is_kept) => is_kept.then_some(asked_at),
                Err(error) => {
                    tracing::warn!(tenant, %error, "the lease of a tenant's imports could not be kept");
                    Some(kept_at).filter(|kept_at| kept_at.elapsed() < lease)
                }
            };
            let mut all = lock(&self.held);
            let Some(held) = all.get_mut(&tenant).filter(|held| held.epoch == epoch) else { continue };
            if let Some(kept_at) = kept_at {
                held.kept_at = kept_at;
                continue;
            }
            tracing::warn!(tenant, epoch, "imports lost to another server");
            held.job.iter().for_each(|job| job.progress.ask_to_stop());
            all.remove(&tenant);
        }
    }

    /// Tells how far the running imports are, and hears which of them are cancelled.
    fn tell(&self) {
        let running: Vec<_> = lock(&self.held)
            .values()
            .filter_map(|held| Some((Arc::clone(&held.db), Arc::clone(held.job.as_ref()?))))
            // One that is still arriving is known to nobody.
            .filter(|(_, job)| job.arrival.as_ref().is_none_or(|arrival| arrival.is_acknowledged()))
            .collect();
        for (db, job) in running {
            match db.tell_progress(job.meta().id, &progress_of(&job)) {
                Ok(true) => job.progress.cancel(),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(import_id = %job.meta().id, %error, "how far an import is could not be told")
                }
            }
        }
    }

    fn beat(&self, service: &CatalogService) -> Result<(), ApiError> {
        let forget_after_ms = self.lease_ms.saturating_mul(FORGET_LEASES);
        Ok(service.platform.store().control().beat(&address(service), forget_after_ms)?)
    }
}

/// What an operator knows this process by: machine, process, and where it was told to listen.
fn address(service: &CatalogService) -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{} pid {} {}", host.trim(), std::process::id(), service.platform.config().server.listen)
}

fn progress_of(job: &Job) -> ImportProgress {
    let started_at = job.state().started_at;
    let (counts, share) = (job.progress.counts(), job.progress.share());
    ImportProgress { started_at, counts, share, is_cancelled: false }
}

fn let_go(tenant: &str, held: &Held) {
    match held.db.let_go_of_imports(held.epoch) {
        Ok(()) => tracing::info!(tenant, epoch = held.epoch, "imports let go"),
        Err(error) => tracing::warn!(tenant, %error, "the lease of a tenant's imports ends by itself"),
    }
}

/// Makes this process one of those that share the databases, and refuses a spool that is not theirs.
pub(super) fn join(service: &CatalogService) -> Result<(), ApiError> {
    if !service.is_shared() {
        return Ok(());
    }
    let control = service.platform.store().control();
    let mine = identity_of(service.platform.store())?;
    let shared = control.shared_spool(&mine)?;
    if shared != mine {
        return Err(other_spool(&shared, &mine));
    }
    service.claims.beat(service)?;
    let alive: HashSet<String> = control.nodes()?.into_iter().map(|node| node.id).collect();
    service.spool.sweep_of_others(&|node| alive.contains(node)).map_err(write_failed)
}

/// Makes the folder of documents that a store names the one that all servers share; its id.
///
/// # Errors
/// `internal` if it cannot be read or made; those of the storage.
pub fn accept_spool(store: &Store) -> Result<String, ApiError> {
    let mine = identity_of(store)?;
    store.control().shared_spool(&mine)?;
    store.control().replace_shared_spool(&mine)?;
    Ok(mine)
}

fn identity_of(store: &Store) -> Result<String, ApiError> {
    let found = store.depot().map_or_else(|| identity(&store.spool_dir()), bucket::identity);
    found.map_err(write_failed)
}

fn other_spool(shared: &str, mine: &str) -> ApiError {
    let detail = format!(
        "the servers of this database share the spool {shared}, and imports.spool_dir or imports.bucket is the spool {mine}: name what \
         they share; if it is gone for good, say so by `plugpoint node accept-spool`"
    );
    ApiError::new(&plugpoint_sdk::codes::INTERNAL, detail)
}

/// Gives everything back: the others go on at once.
pub(super) fn leave(service: &CatalogService) {
    if service.is_shared() {
        service.claims.leave(service);
    }
}

/// Says that this process is there, keeps its leases, and takes up what others leave behind, as long as the service lives.
pub(super) fn start(service: &Arc<CatalogService>, is_server: bool) -> io::Result<()> {
    if !service.is_shared() {
        return Ok(());
    }
    let others = Others { is_server, heard: HashSet::new() };
    let service = Arc::downgrade(service);
    Builder::new().name("cluster".to_owned()).spawn(move || run(others, &service)).map(drop)
}

fn run(mut others: Others, service: &Weak<CatalogService>) {
    let mut beaten: Option<Instant> = None;
    while let Some(service) = service.upgrade() {
        let interval = Duration::from_millis(service.claims.lease_ms / 3).min(Duration::from_secs(1));
        if service.queue.lock().is_closed() {
            service.claims.keep();
        } else if beaten.is_none_or(|at| at.elapsed() >= interval) {
            beaten = Some(Instant::now());
            service.claims.keep();
            if let Err(error) = service.claims.beat(&service).and_then(|()| others.look(&service)) {
                tracing::warn!(%error, "the other servers cannot be heard of");
            }
        }
        service.claims.tell();
        drop(service);
        std::thread::sleep(TICK);
    }
}

/// The other processes, as they were heard of last.
struct Others {
    is_server: bool,
    heard: HashSet<String>,
}

impl Others {
    fn look(&mut self, service: &CatalogService) -> Result<(), ApiError> {
        let control = service.platform.store().control();
        let nodes = control.nodes()?;
        let heard: HashSet<String> = nodes
            .iter()
            .filter(|node| node.seen_ms_ago <= service.claims.lease_ms && Some(node.id.as_str()) != control.node())
            .map(|node| node.id.clone())
            .collect();
        let gone: Vec<_> = self.heard.difference(&heard).cloned().collect();
        if self.is_server && !gone.is_empty() {
            tracing::info!(nodes = gone.join(" "), "servers that are gone; what they left in the spool is taken up");
            service.requeue_unfinished()?;
            let alive: HashSet<&str> = nodes.iter().map(|node| node.id.as_str()).collect();
            service.spool.sweep_of_others(&|node| alive.contains(node)).map_err(write_failed)?;
        }
        self.heard = heard;
        Ok(())
    }
}

/// A panic elsewhere cannot leave what is held half changed.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
