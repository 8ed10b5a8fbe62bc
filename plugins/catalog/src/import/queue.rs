//! Which document is imported next, and who waits for it.
//!
//! Imports of one tenant run one after another, those of one catalog in the order of their acknowledgement; a small one goes before
//! a large one of another catalog that has not begun. Those of different tenants run side by side on a fixed number of workers, so
//! that a giant keeps nobody else waiting longer than for a worker, and one whose hook does not return does not count. The queue
//! itself is volatile: the spool is what survives.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plugpoint_sdk::desk::ImportStatus;
use plugpoint_sdk::model::ImportId;

use super::job::Job;
use super::meta::SpoolMeta;

/// A document of at most so many bytes goes before larger ones of other catalogs of its tenant.
const SMALL_BYTES_MAX: u64 = 1 << 20;

/// None goes before one that has waited so long: many small ones could otherwise keep a large one from ever beginning.
const OVERTAKEN_MAX: Duration = Duration::from_secs(300);

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
    /// The job of each tenant whose document is imported while it arrives, until it is acknowledged.
    ahead: HashMap<String, Arc<Job>>,
    /// Tenants that are not served now; what they have waiting goes on waiting.
    held: HashSet<String>,
    /// Nothing is begun for now.
    is_resting: bool,
    is_closed: bool,
}

impl Inner {
    /// The first job that may start: due, its tenant idle, and no older job of that tenant waiting for its retry. One that is
    /// small may go before it.
    fn first_ready(&self, now: Instant) -> Option<usize> {
        if self.is_resting {
            return None;
        }
        let mut held_back: HashSet<&str> = self.busy_tenants.iter().chain(&self.held).map(String::as_str).collect();
        let first = self.waiting.iter().position(|(due, job)| {
            let is_ready = *due <= now && !held_back.contains(job.meta().tenant.as_str());
            held_back.insert(&job.meta().tenant);
            is_ready
        })?;
        Some(self.overtaker(first, now).unwrap_or(first))
    }

    /// The first small job behind a large one of the same tenant, if no older one is for the same catalog.
    fn overtaker(&self, first: usize, now: Instant) -> Option<usize> {
        let (since, large) = self.waiting.get(first)?;
        // One that is arriving has no size yet, and gives way by itself.
        let is_large = large.meta().bytes > SMALL_BYTES_MAX && large.arrival.is_none();
        if !is_large || now.saturating_duration_since(*since) >= OVERTAKEN_MAX {
            return None;
        }
        let mut catalogs = HashSet::from([large.meta().catalog.as_str()]);
        self.waiting.iter().enumerate().skip(first + 1).find_map(|(index, (due, job))| {
            let meta = job.meta();
            let is_same_tenant = meta.tenant == large.meta().tenant;
            let is_first_of_catalog = is_same_tenant && catalogs.insert(&meta.catalog);
            (is_first_of_catalog && *due <= now && meta.bytes <= SMALL_BYTES_MAX && job.arrival.is_none())
                .then_some(index)
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

    /// Begins nothing from here on, or goes on. What has begun is not touched.
    pub(crate) fn rest(&self, is_resting: bool) {
        self.lock().inner.is_resting = is_resting;
        self.changed.notify_all();
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
                inner.busy_tenants.insert(job.meta().tenant.clone());
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

    /// How the import ended is written down: whoever waits is told. The tenant's next does not start yet.
    pub(crate) fn told(&self, job: &Arc<Job>) {
        let mut locked = self.lock();
        // After a restore there may be another of this id.
        if locked.job(job.meta().id).is_some_and(|there| Arc::ptr_eq(&there, job)) {
            locked.inner.jobs.remove(&job.meta().id);
        }
        drop(locked);
        job.end();
    }

    /// The job's run is over for good: whoever waits is told, and the tenant's next may start.
    pub(crate) fn finished(&self, job: &Arc<Job>) {
        self.told(job);
        let mut locked = self.lock();
        locked.inner.busy_tenants.remove(&job.meta().tenant);
        locked.changed.notify_all();
    }

    /// The job's run was given up; it is tried again after a while, before the tenant's later documents.
    pub(crate) fn again(&self, job: &Arc<Job>, after: Duration) {
        job.set_queued();
        let mut locked = self.lock();
        locked.inner.busy_tenants.remove(&job.meta().tenant);
        locked.inner.waiting.push_front((Instant::now() + after, Arc::clone(job)));
        locked.changed.notify_all();
    }

    /// There is one of the tenant's that comes before the job.
    pub(super) fn behind(&self, job: &Arc<Job>) {
        job.set_queued();
        let mut locked = self.lock();
        locked.inner.busy_tenants.remove(&job.meta().tenant);
        locked.wait(job);
    }

    /// The job's run was asked to stop, and has left nothing. If it is not the server that stops, it starts again from the first
    /// byte when its tenant is served.
    pub(crate) fn stopped(&self, job: &Arc<Job>) {
        if self.lock().is_closed() || job.progress.is_abandoned() {
            return self.finished(job);
        }
        job.progress.go_on();
        self.again(job, Duration::ZERO);
    }

    /// From now on nothing of the tenants `held` is begun, and what runs of them is asked to stop; documents of those `dropped` are
    /// forgotten. All others go on.
    pub(crate) fn hold(&self, held: HashSet<String>, dropped: &HashSet<String>) {
        let mut locked = self.lock();
        let inner = &mut *locked.inner;
        for arrival in
            inner.ahead.iter().filter(|(tenant, _)| held.contains(*tenant)).filter_map(|(_, job)| job.arrival.as_ref())
        {
            arrival.give_way();
        }
        let running =
            |job: &&Arc<Job>| held.contains(&job.meta().tenant) && job.state().status == ImportStatus::Running;
        inner.jobs.values().filter(running).for_each(|job| job.progress.ask_to_stop());
        let goes = |job: &Arc<Job>| dropped.contains(&job.meta().tenant);
        inner.waiting.retain(|(_, job)| !goes(job));
        for (_, job) in inner.jobs.extract_if(|_, job| goes(job)) {
            job.progress.abandon();
            job.end();
        }
        inner.held = held;
        locked.changed.notify_all();
    }

    /// The job's run gave way before its document was acknowledged: there is nothing to tell, the tenant's next may start.
    pub(crate) fn gave_way(&self, job: &Arc<Job>) {
        let mut locked = self.lock();
        locked.forget_ahead(&job.meta().tenant, job);
        locked.inner.busy_tenants.remove(&job.meta().tenant);
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
        for arrival in locked.inner.ahead.values().filter_map(|job| job.arrival.as_ref()) {
            arrival.give_way();
        }
        locked.changed.notify_all();
    }
}

impl Locked<'_> {
    /// Adds a job at the end. A document of the same tenant that is still arriving comes behind it.
    pub(crate) fn push(&mut self, job: &Arc<Job>) {
        if let Some(ahead) = self.inner.ahead.remove(&job.meta().tenant) {
            if let Some(arrival) = &ahead.arrival {
                arrival.give_way();
            }
            self.inner.waiting.retain(|(_, waiting)| !Arc::ptr_eq(waiting, &ahead));
        }
        self.inner.jobs.insert(job.meta().id, Arc::clone(job));
        self.inner.waiting.push_back((Instant::now(), Arc::clone(job)));
        self.changed.notify_all();
    }

    /// Adds a job where its document belongs: before the tenant's first that was acknowledged later.
    pub(super) fn insert(&mut self, job: &Arc<Job>) {
        if let Entry::Vacant(place) = self.inner.jobs.entry(job.meta().id) {
            place.insert(Arc::clone(job));
            self.wait(job);
        }
    }

    /// Puts a job that is known where its document belongs.
    pub(super) fn wait(&mut self, job: &Arc<Job>) {
        let meta = job.meta();
        let is_later = |other: &SpoolMeta| {
            other.tenant == meta.tenant && (other.created_at, other.id) > (meta.created_at, meta.id)
        };
        let waiting = &mut self.inner.waiting;
        let at = waiting.iter().position(|(_, other)| is_later(other.meta())).unwrap_or(waiting.len());
        waiting.insert(at, (Instant::now(), Arc::clone(job)));
        self.changed.notify_all();
    }

    /// Whether nothing of a tenant waits, runs or arrives.
    pub(super) fn is_idle(&self, tenant: &str) -> bool {
        !self.inner.busy_tenants.contains(tenant)
            && !self.inner.ahead.contains_key(tenant)
            && self.inner.jobs.values().all(|job| job.meta().tenant != tenant)
    }

    /// Adds the job of a document that is still arriving. False if its tenant has another one to import, or the queue is closed.
    pub(super) fn push_ahead(&mut self, job: &Arc<Job>) -> bool {
        let tenant = &job.meta().tenant;
        let is_alone = !self.inner.held.contains(tenant)
            && !self.inner.busy_tenants.contains(tenant)
            && !self.inner.ahead.contains_key(tenant)
            && self.inner.jobs.values().all(|other| other.meta().tenant != *tenant);
        if is_alone && !self.inner.is_closed {
            self.inner.ahead.insert(tenant.clone(), Arc::clone(job));
            self.inner.waiting.push_back((Instant::now(), Arc::clone(job)));
            self.changed.notify_all();
            return true;
        }
        false
    }

    /// The document of a job that began ahead is acknowledged. False if its run has given way: then a job has to be pushed.
    pub(super) fn acknowledge(&mut self, job: &Arc<Job>, meta: &SpoolMeta) -> bool {
        self.forget_ahead(&meta.tenant, job);
        // Before the run is told: what it writes down is what it finds then.
        let _ = job.acknowledged.set(meta.clone());
        job.progress.set_bytes_total(meta.bytes);
        if !job.arrival.as_ref().is_some_and(|arrival| arrival.acknowledge()) {
            self.inner.waiting.retain(|(_, waiting)| !Arc::ptr_eq(waiting, job));
            return false;
        }
        self.inner.jobs.insert(meta.id, Arc::clone(job));
        true
    }

    fn forget_ahead(&mut self, tenant: &str, job: &Arc<Job>) {
        if self.inner.ahead.get(tenant).is_some_and(|ahead| Arc::ptr_eq(ahead, job)) {
            self.inner.ahead.remove(tenant);
        }
    }

    /// Takes a job out that has not begun. False if it has.
    pub(super) fn withdraw(&mut self, job: &Arc<Job>) -> bool {
        let count = self.inner.waiting.len();
        self.inner.waiting.retain(|(_, waiting)| !Arc::ptr_eq(waiting, job));
        self.inner.waiting.len() < count
    }

    /// The job of an import, unless it has ended.
    pub(crate) fn job(&self, id: ImportId) -> Option<Arc<Job>> {
        self.inner.jobs.get(&id).map(Arc::clone)
    }

    /// The job that was acknowledged for a tenant's idempotency key.
    pub(crate) fn job_by_key(&self, tenant: &str, catalog: &str, key: &str) -> Option<Arc<Job>> {
        let same = |job: &&Arc<Job>| {
            job.meta().tenant == tenant
                && job.meta().catalog == catalog
                && job.meta().idempotency_key.as_deref() == Some(key)
        };
        self.inner.jobs.values().find(same).map(Arc::clone)
    }

    /// Jobs of one tenant that have not ended, oldest first.
    pub(crate) fn jobs_of(&self, tenant: &str) -> Vec<Arc<Job>> {
        let mut jobs: Vec<_> =
            self.inner.jobs.values().filter(|job| job.meta().tenant == tenant).map(Arc::clone).collect();
        jobs.sort_by_key(|job| job.meta().id);
        jobs
    }

    /// The number of jobs that have not ended.
    pub(crate) fn len(&self) -> usize {
        self.inner.jobs.len()
    }

    /// Gives back the room that running imports have taken by now.
    pub(super) fn tell_room(&self) {
        self.inner.jobs.values().for_each(|job| job.tell_room());
    }

    /// Whether the queue takes no more.
    pub(crate) fn is_closed(&self) -> bool {
        self.inner.is_closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: u64 = SMALL_BYTES_MAX + 1;

    /// Waiting jobs of one tenant or another, as `tenant/catalog` and size.
    fn waiting(jobs: &[(&str, u64)], since: Instant) -> Inner {
        let job = |(place, bytes): &(&str, u64)| {
            let (tenant, catalog) = place.split_once('/').unwrap();
            (since, Job::new(SpoolMeta::of(tenant, catalog, *bytes)))
        };
        Inner { waiting: jobs.iter().map(job).collect(), ..Inner::default() }
    }

    #[test]
    fn a_small_one_goes_before_a_large_one_of_another_catalog_and_no_other() {
        let now = Instant::now();
        for (jobs, expected) in [
            (&[("a/x", LARGE), ("a/y", SMALL_BYTES_MAX)][..], 1),
            (&[("a/x", SMALL_BYTES_MAX), ("a/y", 1)], 0),
            (&[("a/x", LARGE), ("a/y", LARGE)], 0),
            (&[("a/x", LARGE), ("a/x", 1)], 0),
            (&[("a/x", LARGE), ("b/y", 1)], 0),
            (&[("a/x", LARGE), ("b/x", 1), ("a/y", LARGE), ("a/z", 1)], 3),
            (&[("a/x", LARGE), ("a/y", LARGE), ("a/y", 1), ("a/x", 1)], 0),
            (&[("a/x", LARGE), ("a/y", LARGE), ("a/y", 1), ("a/z", 1)], 3),
        ] {
            assert_eq!(waiting(jobs, now).first_ready(now), Some(expected), "{jobs:?}");
        }
    }

    #[test]
    fn a_large_one_that_has_waited_long_is_not_overtaken() {
        let since = Instant::now();
        let inner = waiting(&[("a/x", LARGE), ("a/y", 1)], since);
        assert_eq!(inner.first_ready(since + OVERTAKEN_MAX - Duration::from_millis(1)), Some(1));
        assert_eq!(inner.first_ready(since + OVERTAKEN_MAX), Some(0));
    }

    #[test]
    fn a_small_one_waits_like_any_other_for_its_tenant_and_for_its_own_retry() {
        let now = Instant::now();
        let mut inner = waiting(&[("a/x", LARGE), ("a/y", 1)], now);
        inner.waiting[1].0 = now + Duration::from_secs(1);
        assert_eq!(inner.first_ready(now), Some(0), "it is tried again later");
        inner.waiting[1].0 = now;
        inner.waiting[0].0 = now + Duration::from_secs(1);
        assert_eq!(inner.first_ready(now), None, "the large one is tried again first");
        inner.waiting[0].0 = now;
        inner.busy_tenants.insert("a".to_owned());
        assert_eq!(inner.first_ready(now), None);
    }

    #[test]
    fn nothing_of_a_held_tenant_is_begun_and_nothing_of_a_dropped_one_stays() {
        let queue = Queue::default();
        let set = |tenants: &[&str]| -> HashSet<String> { tenants.iter().map(|one| (*one).to_owned()).collect() };
        let jobs: Vec<_> = ["a", "a", "b"].map(|tenant| Job::new(SpoolMeta::of(tenant, "x", 1))).into();
        jobs.iter().for_each(|job| queue.lock().push(job));
        let next = || queue.next(&AtomicBool::new(false));
        let running = next().unwrap();
        queue.hold(set(&["a"]), &set(&[]));
        assert!(running.progress.is_stopping());
        queue.stopped(&running);
        assert!(!running.progress.is_stopping(), "it starts again");
        let other = next().unwrap();
        assert_eq!(other.meta().tenant, "b", "others go on");
        assert_eq!(queue.lock().inner.first_ready(Instant::now()), None);
        queue.hold(set(&[]), &set(&[]));
        assert_eq!(next().unwrap().meta().id, running.meta().id, "in its old place");
        queue.hold(set(&["a"]), &set(&["a"]));
        assert!(jobs[1].wait(Duration::ZERO), "who waits for it is told");
        queue.stopped(&running);
        assert!(running.wait(Duration::ZERO));
        assert!(queue.lock().jobs_of("a").is_empty());
        // Acknowledged by who knew already that the tenant is served again.
        queue.lock().push(&Job::new(SpoolMeta::of("a", "x", 1)));
        assert_eq!(queue.lock().inner.first_ready(Instant::now()), None);
        queue.hold(set(&[]), &set(&[]));
        assert_eq!(next().unwrap().meta().tenant, "a");
        assert!(!other.progress.is_stopping());
    }
}
