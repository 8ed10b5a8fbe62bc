//! Which document is imported next, and who waits for it.
//!
//! Imports of one tenant run one after another in the order of their acknowledgement; those of different tenants side by
//! side on a fixed number of workers, so that a giant keeps nobody else waiting longer than for a worker, and one whose hook
//! does not return does not count. The queue itself is volatile: the spool is what survives.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plugpoint_sdk::desk::ImportStatus;
use plugpoint_sdk::model::ImportId;

use super::progress::Progress;
use super::spool::SpoolMeta;

/// One import that has not ended.
pub(crate) struct Job {
    /// What the spool knows.
    pub(crate) meta: SpoolMeta,
    /// How far it is.
    pub(crate) progress: Progress,
    /// Runs so far that had to be given up.
    pub(crate) attempts: std::sync::atomic::AtomicU32,
    state: Mutex<JobState>,
    ended: Condvar,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JobState {
    /// Queued or running; after the end, whatever the database says.
    pub(crate) status: ImportStatus,
    /// When it was last started.
    pub(crate) started_at: Option<plugpoint_sdk::model::timestamp::Timestamp>,
    is_over: bool,
}

impl Job {
    /// A queued job.
    pub(crate) fn new(meta: SpoolMeta) -> Arc<Self> {
        let state = JobState { status: ImportStatus::Queued, started_at: None, is_over: false };
        let progress = Progress::new(meta.bytes);
        Arc::new(Self { meta, progress, attempts: 0.into(), state: Mutex::new(state), ended: Condvar::new() })
    }

    /// Where it stands.
    pub(crate) fn state(&self) -> JobState {
        *self.lock()
    }

    /// Waits for the end, at most so long. True if it has ended.
    pub(crate) fn wait(&self, at_most: Duration) -> bool {
        let waited = self.ended.wait_timeout_while(self.lock(), at_most, |state| !state.is_over);
        waited.unwrap_or_else(PoisonError::into_inner).0.is_over
    }

    /// Marks it as being run.
    pub(crate) fn start(&self) {
        let mut state = self.lock();
        state.status = ImportStatus::Running;
        state.started_at = Some(super::record::now());
    }

    fn set_queued(&self) {
        self.lock().status = ImportStatus::Queued;
    }

    fn end(&self) {
        self.lock().is_over = true;
        self.ended.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, JobState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All imports that have not ended.
#[derive(Default)]
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    jobs: HashMap<ImportId, Arc<Job>>,
    waiting: VecDeque<(Instant, Arc<Job>)>,
    busy_tenants: HashSet<String>,
    is_closed: bool,
}

impl Inner {
    /// The first job that may start: due, its tenant idle, and no older job of that tenant waiting for its retry.
    fn first_ready(&self, now: Instant) -> Option<usize> {
        let mut held_back: HashSet<&str> = self.busy_tenants.iter().map(String::as_str).collect();
        self.waiting.iter().position(|(due, job)| {
            let is_ready = *due <= now && !held_back.contains(job.meta.tenant.as_str());
            held_back.insert(&job.meta.tenant);
            is_ready
        })
    }
}

/// The queue under its lock, for a decision and an entry that must not be torn apart.
pub(crate) struct Locked<'a> {
    inner: MutexGuard<'a, Inner>,
    changed: &'a Condvar,
}

impl Queue {
    /// Takes the lock.
    pub(crate) fn lock(&self) -> Locked<'_> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        Locked { inner, changed: &self.changed }
    }

    /// The next job whose tenant has none running. Blocks; `None` when the queue was closed, or the asker's time is over:
    /// then [`Queue::wake`] has to be called.
    pub(crate) fn next(&self, is_over: &AtomicBool) -> Option<Arc<Job>> {
        let mut inner = self.lock().inner;
        loop {
            if inner.is_closed || is_over.load(SeqCst) {
                return None;
            }
            let now = Instant::now();
            if let Some(index) = inner.first_ready(now) {
                let (_, job) = inner.waiting.remove(index)?;
                inner.busy_tenants.insert(job.meta.tenant.clone());
                job.start();
                return Some(job);
            }
            let due = inner
                .waiting
                .iter()
                .map(|(due, _)| due.saturating_duration_since(now))
                .filter(|due| !due.is_zero())
                .min();
            let pause = due.unwrap_or(Duration::from_secs(3600));
            inner = self.changed.wait_timeout(inner, pause).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The job's run is over for good: whoever waits is told, and the tenant's next may start.
    pub(crate) fn finished(&self, job: &Arc<Job>) {
        let mut locked = self.lock();
        locked.inner.jobs.remove(&job.meta.id);
        locked.inner.busy_tenants.remove(&job.meta.tenant);
        locked.changed.notify_all();
        drop(locked);
        job.end();
    }

    /// The job's run was given up; it is tried again after a while, before the tenant's later documents.
    pub(crate) fn again(&self, job: &Arc<Job>, after: Duration) {
        job.set_queued();
        let mut locked = self.lock();
        locked.inner.busy_tenants.remove(&job.meta.tenant);
        locked.inner.waiting.push_front((Instant::now() + after, Arc::clone(job)));
        locked.changed.notify_all();
    }

    /// Lets everybody who waits for a job look again.
    pub(crate) fn wake(&self) {
        self.lock().changed.notify_all();
    }

    /// No further job is handed out, and those that run are asked to stop.
    pub(crate) fn close(&self) {
        let mut locked = self.lock();
        locked.inner.is_closed = true;
        locked.inner.jobs.values().for_each(|job| job.progress.ask_to_stop());
        locked.changed.notify_all();
    }
}

impl Locked<'_> {
    /// Adds a job at the end.
    pub(crate) fn push(&mut self, job: &Arc<Job>) {
        self.inner.jobs.insert(job.meta.id, Arc::clone(job));
        self.inner.waiting.push_back((Instant::now(), Arc::clone(job)));
        self.changed.notify_all();
    }

    /// The job of an import, unless it has ended.
    pub(crate) fn job(&self, id: ImportId) -> Option<Arc<Job>> {
        self.inner.jobs.get(&id).map(Arc::clone)
    }

    /// The job that was acknowledged for a tenant's idempotency key.
    pub(crate) fn job_by_key(&self, tenant: &str, catalog: &str, key: &str) -> Option<Arc<Job>> {
        let same = |job: &&Arc<Job>| {
            job.meta.tenant == tenant && job.meta.catalog == catalog && job.meta.idempotency_key.as_deref() == Some(key)
        };
        self.inner.jobs.values().find(same).map(Arc::clone)
    }

    /// Jobs of one tenant that have not ended, oldest first.
    pub(crate) fn jobs_of(&self, tenant: &str) -> Vec<Arc<Job>> {
        let mut jobs: Vec<_> =
            self.inner.jobs.values().filter(|job| job.meta.tenant == tenant).map(Arc::clone).collect();
        jobs.sort_by_key(|job| job.meta.id);
        jobs
    }

    /// The number of jobs that have not ended.
    pub(crate) fn len(&self) -> usize {
        self.inner.jobs.len()
    }

    /// Whether the queue takes no more.
    pub(crate) fn is_closed(&self) -> bool {
        self.inner.is_closed
    }
}
