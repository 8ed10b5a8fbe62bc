//! What is known of one hook's calls since start-up: number, failures, time and its spread; and each tenant's line to it,
//! with a breaker of its own, so that one tenant's documents never suspend a hook for another.
//!
//! Every call through [`Hook::call`](crate::Hook::call) passes here. Counters are relaxed: who reads them wants a picture, not a
//! balance. It stops no call that runs; see [`HookThreads`](crate::HookThreads) for that.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use plugpoint_sdk::registry::Bounds;
use serde::Serialize;

use crate::breaker::{Admission, Breaker, BreakerState};

/// The calls of one hook since start-up, over all tenants of one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CallStats {
    /// Calls, with those that failed. Of a tenant's beyond 1,024 the last fifteen may be missing yet.
    pub count: u64,
    /// Panics, calls that were given up, and whatever else the point counts as the hook's own failure.
    pub failures: u64,
    /// Their time in microseconds, with everything that the hook called in its turn: a transformer's contains its sink's. Of a
    /// tenant's calls beyond 1,024 one in sixteen is timed and stands for the others.
    pub total_us: u64,
    /// The median of their times in nanoseconds, at most a quarter too high.
    pub p50_ns: u64,
    /// The time in nanoseconds that one call in a hundred exceeds, at most a quarter too high.
    pub p99_ns: u64,
    /// How often the hook was suspended.
    pub suspensions: u64,
    /// Whether the asking tenant's calls reach it; of a hook in general, closed.
    pub breaker: BreakerState,
}

/// Buckets of times: four for each power of two nanoseconds, up to 18 minutes.
const BUCKETS: usize = 160;

/// So many calls of a tenant's line are all timed; of those that follow, one in [`SAMPLE`] stands for as many.
const TIMED_CALLS: u64 = 1024;
const SAMPLE: u64 = 16;

/// For how many calls the time of this one stands; 0 if it is not taken.
fn weight_of(number: u64) -> u64 {
    match number {
        ..=TIMED_CALLS => 1,
        _ if number.is_multiple_of(SAMPLE) => SAMPLE,
        _ => 0,
    }
}

/// The counters of one hook, shared by all tenants of one customer.
#[derive(Debug)]
pub(crate) struct Meter {
    bounds: Bounds,
    calls: AtomicU64,
    failures: AtomicU64,
    suspensions: AtomicU64,
    nanoseconds: AtomicU64,
    buckets: [AtomicU64; BUCKETS],
}

/// One tenant's line to a hook.
#[derive(Debug)]
pub(crate) struct Line {
    meter: Arc<Meter>,
    origin: Instant,
    /// Calls over this line; what the breaker counts.
    calls: AtomicU64,
    breaker: Breaker,
}

impl Line {
    pub(crate) fn new(meter: Arc<Meter>) -> Self {
        Self { meter, origin: Instant::now(), calls: AtomicU64::new(0), breaker: Breaker::default() }
    }

    pub(crate) fn bounds(&self) -> &Bounds {
        &self.meter.bounds
    }

    /// Calls and counts, unless the hook is suspended: then how long it still is. The clock is read, and the meter moved, for
    /// a sample of the calls: either costs more than all else that is done here.
    pub(crate) fn measured<R>(
        &self,
        call: impl FnOnce() -> R,
        has_failed: impl FnOnce(&R) -> bool,
    ) -> Result<R, Duration> {
        let is_probe = !self.breaker.is_closed()
            && match self.breaker.admit(self.bounds(), self.millis(Instant::now())) {
                Admission::Call => false,
                Admission::Probe => true,
                Admission::Refused(left) => return Err(left),
            };
        let number = self.calls.fetch_add(1, Relaxed) + 1;
        let weight = weight_of(number);
        let result = if weight == 0 {
            call()
        } else {
            let started = Instant::now();
            let result = call();
            self.meter.took(started.elapsed(), weight);
            result
        };
        if has_failed(&result) {
            self.failed(number, is_probe);
        } else if is_probe {
            self.breaker.close();
        }
        Ok(result)
    }

    /// A call that may never return was given up.
    pub(crate) fn given_up(&self) {
        self.calls.fetch_add(1, Relaxed);
        self.meter.calls.fetch_add(1, Relaxed);
        self.meter.failures.fetch_add(1, Relaxed);
        self.open(self.millis(Instant::now()));
    }

    pub(crate) fn stats(&self) -> CallStats {
        CallStats { breaker: self.breaker.state(self.millis(Instant::now())), ..self.meter.stats() }
    }

    #[cold]
    fn failed(&self, number: u64, is_probe: bool) {
        self.meter.failures.fetch_add(1, Relaxed);
        let now_ms = self.millis(Instant::now());
        if is_probe || self.breaker.is_enough(self.bounds(), number, now_ms) {
            self.open(now_ms);
        }
    }

    fn open(&self, now_ms: u64) {
        self.breaker.open(self.bounds(), now_ms);
        self.meter.suspensions.fetch_add(1, Relaxed);
    }

    fn millis(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.origin).as_millis()).unwrap_or(u64::MAX)
    }
}

impl Meter {
    pub(crate) fn new(bounds: Bounds) -> Self {
        let buckets = std::array::from_fn(|_| AtomicU64::new(0));
        let (calls, failures, suspensions, nanoseconds) = Default::default();
        Self { bounds, calls, failures, suspensions, nanoseconds, buckets }
    }

    fn took(&self, time: Duration, weight: u64) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.calls.fetch_add(weight, Relaxed);
        self.nanoseconds.fetch_add(nanoseconds.saturating_mul(weight), Relaxed);
        self.buckets[bucket_of(nanoseconds)].fetch_add(weight, Relaxed);
    }

    pub(crate) fn stats(&self) -> CallStats {
        CallStats {
            count: self.calls.load(Relaxed),
            failures: self.failures.load(Relaxed),
            total_us: self.nanoseconds.load(Relaxed) / 1000,
            p50_ns: self.quantile(50),
            p99_ns: self.quantile(99),
            suspensions: self.suspensions.load(Relaxed),
            breaker: BreakerState::Closed,
        }
    }

    /// The upper bound of the bucket below which so many in a hundred calls lie.
    fn quantile(&self, percent: u64) -> u64 {
        let counts: Vec<u64> = self.buckets.iter().map(|bucket| bucket.load(Relaxed)).collect();
        let wanted = (counts.iter().sum::<u64>() * percent).div_ceil(100);
        let mut seen = 0;
        for (index, count) in counts.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                return upper_bound(index);
            }
        }
        0
    }
}

/// The bucket of a time: its power of two, and the two bits that follow the first.
fn bucket_of(nanoseconds: u64) -> usize {
    let value = nanoseconds.max(4);
    let power = value.ilog2();
    let quarter = (value >> (power - 2)) & 3;
    (((power - 2) as usize) * 4 + quarter as usize).min(BUCKETS - 1)
}

/// The largest time of a bucket, in nanoseconds.
fn upper_bound(bucket: usize) -> u64 {
    let (power, quarter) = (bucket as u64 / 4, bucket as u64 % 4);
    ((4 + quarter + 1) << power) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        budget: Duration::from_secs(1),
        memory_bytes: 1 << 20,
        failures: 2,
        window: Duration::from_secs(60),
        pause: Duration::from_secs(60),
    };

    #[test]
    fn a_bucket_holds_its_bound_and_the_next_begins_there() {
        for bucket in 0..BUCKETS - 1 {
            let bound = upper_bound(bucket);
            assert_eq!((bucket_of(bound), bucket_of(bound + 1)), (bucket, bucket + 1));
        }
        assert_eq!((bucket_of(0), bucket_of(u64::MAX)), (0, BUCKETS - 1));
        // What the documentation claims of the quantiles.
        let widest = (8..BUCKETS - 1).map(|it| upper_bound(it) as f64 / (upper_bound(it - 1) + 1) as f64);
        assert!(widest.fold(0.0, f64::max) <= 1.25);
    }

    #[test]
    fn a_sample_stands_for_all_calls() {
        let calls = TIMED_CALLS + 100 * SAMPLE;
        assert_eq!((1..=calls).map(weight_of).sum::<u64>(), calls);
    }

    #[test]
    fn quantiles_come_from_the_buckets() {
        let meter = Meter::new(BOUNDS);
        assert_eq!((meter.stats().p50_ns, meter.stats().p99_ns), (0, 0));
        for _ in 0..98 {
            meter.buckets[bucket_of(1000)].fetch_add(1, Relaxed);
        }
        for _ in 0..2 {
            meter.buckets[bucket_of(1_000_000)].fetch_add(1, Relaxed);
        }
        let CallStats { p50_ns, p99_ns, .. } = meter.stats();
        assert!((1000..1250).contains(&p50_ns) && (1_000_000..1_250_000).contains(&p99_ns), "{p50_ns} {p99_ns}");
    }

    fn line() -> Line {
        Line::new(Arc::new(Meter::new(BOUNDS)))
    }

    #[test]
    fn failures_suspend_and_a_suspended_hook_is_not_called() {
        let meter = line();
        let other = Line::new(Arc::clone(&meter.meter));
        assert_eq!(meter.measured(|| 1, |_| false), Ok(1));
        assert_eq!(meter.measured(|| 2, |_| true), Ok(2));
        assert_eq!(meter.stats().breaker, BreakerState::Closed);
        assert_eq!(meter.measured(|| 3, |_| true), Ok(3));
        let left = meter.measured(|| -> i32 { panic!("it is suspended") }, |_| false).unwrap_err();
        assert!(left <= BOUNDS.pause);
        let stats = meter.stats();
        assert_eq!((stats.count, stats.failures, stats.suspensions, stats.breaker), (3, 2, 1, BreakerState::Open));
        assert_eq!(other.stats().breaker, BreakerState::Closed, "another tenant's calls go on");
        assert_eq!(other.measured(|| 4, |_| false), Ok(4));
    }

    #[test]
    fn a_call_that_is_given_up_suspends_at_once() {
        let meter = line();
        meter.given_up();
        assert_eq!(meter.stats().breaker, BreakerState::Open);
        assert!(meter.measured(|| (), |()| false).is_err());
    }
}
