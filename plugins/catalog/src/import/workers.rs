//! The threads that run imports, and what happens when a run has to be given up.

use std::cell::OnceCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportMode;
use plugpoint_store::TenantState;

use super::desk::CatalogService;
use super::incoming::write_failed;
use super::job::Job;
use super::reading::Slow;
use super::run::{Ended, Import, run_import};
use super::spool::Claim;
use super::{claims, life, observe, record};

/// Running import workers. Dropping it does not stop them; [`Workers::stop`] does.
pub struct Workers {
    service: Arc<CatalogService>,
    threads: Vec<JoinHandle<()>>,
}

/// How long a document is left alone that another process is importing.
const CLAIM_PAUSE: Duration = Duration::from_secs(1);

/// How long a tenant's documents are left alone whose imports another server runs.
const LEASE_PAUSE: Duration = Duration::from_millis(250);

/// A tenant with more documents that have not ended waits for the last of them anyway: each goes behind the imports of tenants
/// with few, so that a flood costs those next to nothing.
const PROMPT_MAX: usize = 3;

/// How long a document is left alone whose tenant turned out not to be served, before that was known to the queue.
const UNSERVED_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause before a run is tried again.
const PAUSE_MAX: Duration = Duration::from_secs(60);

impl Workers {
    /// Starts as many workers as configured. They begin nothing while the daemon `imports` rests.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn start(service: &Arc<CatalogService>) -> std::io::Result<Self> {
        life::start(service, true)?;
        claims::start(service, true)?;
        Self::some(service, service.platform.config().imports.workers)
    }

    /// Starts one worker, for the documents of a service that was opened beside a server.
    ///
    /// # Errors
    /// The system gives no more threads.
    pub fn one(service: &Arc<CatalogService>) -> std::io::Result<Self> {
        life::start(service, false)?;
        claims::start(service, false)?;
        Self::some(service, 1)
    }

    fn some(service: &Arc<CatalogService>, count: usize) -> std::io::Result<Self> {
        let mut threads = Vec::new();
        for number in 0..count {
            let service = Arc::clone(service);
            threads.push(Builder::new().name(format!("import-{number}")).spawn(move || {
                work(&service, &AtomicBool::new(false));
            })?);
        }
        Ok(Self { service: Arc::clone(service), threads })
    }

    /// Asks running imports to roll back, and waits for them. Their documents stay in the spool for the next start.
    pub fn stop(self) {
        self.service.queue.close();
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("an import worker panicked");
            }
        }
        claims::leave(&self.service);
    }
}

/// Runs jobs until the queue is closed or the worker's time is over.
fn work(service: &Arc<CatalogService>, is_over: &AtomicBool) {
    while let Some(job) = service.queue.next(is_over) {
        let ran = match claimed(service, &job) {
            Ok(Claimed::Ours(_held)) => on_its_own_thread(|| run_job(service, &job)),
            Ok(Claimed::Ended) => Ok(Told::Ended),
            Ok(Claimed::Others(pause)) => Ok(Told::Others(pause)),
            Ok(Claimed::Behind) => Ok(Told::Behind),
            // Whether it may be written down that it failed is not known either.
            Err(error) if service.is_shared() => {
                tracing::warn!(import_id = %job.meta().id, %error, "whose turn an import is cannot be told");
                Ok(Told::Others(CLAIM_PAUSE))
            }
            Err(error) => Err(error),
        };
        // Nobody else goes on with what is tried again later.
        let goes_on = matches!(ran, Ok(Told::Ended | Told::GaveWay | Told::Behind));
        tell(service, &job, ran);
        service.claims.ran(service, &job, goes_on);
    }
}

/// Tells the queue what came of a job's turn.
fn tell(service: &Arc<CatalogService>, job: &Arc<Job>, ran: Result<Told, ApiError>) {
    let gives_way = || job.arrival.as_ref().is_some_and(|arrival| arrival.give_way());
    match ran {
        Ok(Told::Ended) => {
            service.queue.finished(job);
            after(service, job);
        }
        Ok(Told::Stopped) => service.queue.stopped(job),
        Ok(Told::Others(_) | Told::Behind | Told::GaveWay) if gives_way() => {
            service.queue.gave_way(job);
            job.arrival.iter().for_each(|arrival| arrival.leave());
        }
        Ok(Told::Others(pause)) => service.queue.again(job, pause),
        Ok(Told::Behind | Told::GaveWay) => service.queue.behind(job),
        Err(error) => give_up(service, job, &error),
    }
}

/// A long import lowers the priority of its thread for good; the worker's own stays.
fn on_its_own_thread<T: Send>(run: impl FnOnce() -> Result<T, ApiError> + Send) -> Result<T, ApiError> {
    let failed = |detail| ApiError::new(&codes::INTERNAL, detail);
    std::thread::scope(|scope| {
        let thread = Builder::new().name("import-run".to_owned()).spawn_scoped(scope, run);
        let thread = thread.map_err(|error| failed("the system gives no more threads").caused_by(error))?;
        thread.join().unwrap_or_else(|_| Err(failed("the import's thread panicked")))
    })
}

/// What the queue is told of a run.
enum Told {
    Ended,
    Stopped,
    GaveWay,
    /// Another process is at it.
    Others(Duration),
    /// Another document of its catalog comes first.
    Behind,
}

/// What there is to do about a job that nobody else is at.
enum Claimed {
    Ours(Option<Claim>),
    /// Another process has imported the document meanwhile.
    Ended,
    /// Another process is at it, or at another of its tenant.
    Others(Duration),
    /// Another document of its catalog comes first.
    Behind,
}

/// The document of a job, unless another process is importing it, or has the tenant's imports.
fn claimed(service: &CatalogService, job: &Arc<Job>) -> Result<Claimed, ApiError> {
    let (tenant, id) = (job.meta().tenant()?, job.meta().id);
    if service.is_shared() {
        // Another server may have the customer that is missing here: that ends no import.
        service.platform.tenant(&tenant)?;
    }
    let db = service.db(&tenant)?;
    let is_arriving = job.arrival.as_ref().is_some_and(|arrival| !arrival.is_acknowledged());
    if service.is_shared() && !service.claims.take(&tenant, &db, job)? {
        // What has ended elsewhere need not wait for the lease.
        let is_over = !is_arriving && db.import(id)?.is_some();
        return Ok(if is_over { Claimed::Ended } else { Claimed::Others(LEASE_PAUSE) });
    }
    // One that was arriving when its job began has its lock from then on.
    // Between machines only the lease holds, and a process that is held up keeps its lock.
    let claim = match job.arrival {
        Some(_) => None,
        None if service.is_shared() => None,
        None => match service.spool.claim(job.meta()).map_err(write_failed)? {
            Some(claim) => Some(claim),
            None => return Ok(Claimed::Others(CLAIM_PAUSE)),
        },
    };
    // Asked under the lock: whoever had it before has written down how the import ended.
    if !is_arriving && db.import(id)?.is_some() {
        return Ok(Claimed::Ended);
    }
    if service.is_shared() {
        if service.gather(&tenant, job)? {
            return Ok(Claimed::Behind);
        }
        if db.progress_of(id)?.is_some_and(|told| told.is_cancelled) {
            job.progress.cancel();
        }
    }
    Ok(Claimed::Ours(claim))
}

/// What an import that has ended may bring about, once nobody waits for it any more.
fn after(service: &Arc<CatalogService>, job: &Job) {
    if let (Some(trials), Ok(tenant)) = (service.trials.get(), job.meta().tenant()) {
        trials.ended(&tenant, job.meta().id);
    }
}

fn run_job(service: &Arc<CatalogService>, job: &Arc<Job>) -> Result<Told, ApiError> {
    let runtime = service.platform.tenant(&job.meta().tenant()?)?;
    let config = Arc::clone(service.platform.config());
    let (spool, job) = (service.spool.clone(), Arc::clone(job));
    let is_patient = service.queue.lock().jobs_of(&job.meta().tenant).len() > PROMPT_MAX;
    let import = Import { config, runtime: Arc::clone(&runtime), spool, job: Arc::clone(&job), is_patient };
    let substitute = OnceCell::new();
    let ended = run_import(&import, &|slow| {
        if slow == Slow::Long {
            let place = Place::take(&service.long, import.config.imports.long_max);
            if substitute.get().is_none() && place.is_some() {
                substitute.get_or_init(|| Substitute::start(service, place));
            }
            return;
        }
        tracing::warn!(import_id = %job.meta().id, tenant = job.meta().tenant, "a hook keeps its import waiting; another may run beside it");
        substitute.get_or_init(|| Substitute::start(service, None));
    })?;
    drop(substitute);
    let record = match ended {
        Ended::GaveWay => return Ok(Told::GaveWay),
        Ended::Stopped => return Ok(Told::Stopped),
        Ended::Recorded(record) => record,
    };
    observe::ended(&service.platform, &runtime, &record);
    // Nothing that the caller was promised depends on what follows.
    service.queue.told(&job);
    if let Err(error) = runtime.db.checkpoint() {
        tracing::warn!(import_id = %job.meta().id, %error, "the write-ahead log could not be folded in; the next write tries again");
    }
    observe::tell_listeners(&service.platform, &runtime, &record);
    Ok(Told::Ended)
}

/// One of the long imports beside which another may run.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(taken: &Arc<AtomicUsize>, max: usize) -> Option<Self> {
        let more = |count| (count < max).then_some(count + 1);
        taken.fetch_update(SeqCst, SeqCst, more).is_ok().then(|| Self(Arc::clone(taken)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// A worker more, as long as another waits for a hook or is at a long import.
struct Substitute {
    service: Arc<CatalogService>,
    _place: Option<Place>,
    is_over: Arc<AtomicBool>,
}

impl Substitute {
    fn start(service: &Arc<CatalogService>, place: Option<Place>) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (worker, its_end) = (Arc::clone(service), Arc::clone(&is_over));
        // Nobody joins it: at the stop its import rolls back like any other, or not even that is needed.
        let started = Builder::new().name("import-more".to_owned()).spawn(move || work(&worker, &its_end));
        if let Err(error) = started {
            tracing::error!(%error, "the system gives no thread for another import");
        }
        Self { service: Arc::clone(service), _place: place, is_over }
    }
}

impl Drop for Substitute {
    fn drop(&mut self) {
        self.is_over.store(true, SeqCst);
        self.service.queue.wake();
    }
}

/// A run that failed for a reason that may pass is tried again, later each time. After the last attempt the import is recorded
/// as failed; if not even that can be written, or the bucket does not answer, it stays queued: acknowledged means never forgotten.
fn give_up(service: &CatalogService, job: &Arc<Job>, error: &ApiError) {
    if job.arrival.as_ref().is_some_and(|arrival| arrival.give_way()) {
        return service.queue.gave_way(job);
    }
    if job.progress.is_abandoned() {
        return service.queue.finished(job);
    }
    match unserved(service, job) {
        Some(TenantState::Deleting) => return service.queue.finished(job),
        Some(_) => return service.queue.again(job, UNSERVED_PAUSE),
        None if is_moving(service, job) => return service.queue.again(job, UNSERVED_PAUSE),
        None => {}
    }
    let config = &service.platform.config().imports;
    let attempt = job.attempts.fetch_add(1, Relaxed) + 1;
    tracing::warn!(import_id = %job.meta().id, tenant = job.meta().tenant, attempt, error = error as &dyn std::error::Error, "import run given up");
    let is_over = || attempt >= config.retry_attempts && !service.spool.is_away(&job.meta().tenant);
    if (job.progress.is_cancelled() || is_over()) && record_failed(service, job, error).is_ok() {
        return service.queue.finished(job);
    }
    let pause = Duration::from_millis(config.retry_base_ms) * 2u32.saturating_pow(attempt.saturating_sub(1).min(16));
    service.queue.again(job, pause.min(PAUSE_MAX));
}

/// Whether nothing can be written of the job's tenant because it is being moved, before the queue knows.
fn is_moving(service: &CatalogService, job: &Job) -> bool {
    let moving = service.platform.store().control().moving().unwrap_or_default();
    moving.iter().any(|tenant| tenant.as_str() == job.meta().tenant)
}

/// Why the job's tenant is not served, if it is not; one that is gone counts as one that goes.
fn unserved(service: &CatalogService, job: &Job) -> Option<TenantState> {
    let row = service.platform.store().control().tenant(&job.meta().tenant().ok()?).ok()?;
    let state = row.map_or(TenantState::Deleting, |row| row.state);
    (state != TenantState::Active).then_some(state)
}

/// Writes down that an import failed that does not run.
pub(super) fn record_failed(service: &CatalogService, job: &Job, error: &ApiError) -> Result<(), ApiError> {
    let db = service.db(&job.meta().tenant()?)?;
    let mode = job.meta().mode.unwrap_or(ImportMode::Merge);
    let record = record::failed(job.meta(), record::now(), mode, job.progress.counts(), error)?;
    Ok(db.record_failed(&record, &mut std::iter::empty())?)
}
