//! The circuit breaker of one tenant's line to a hook: a hook that keeps failing is left out for a while, then tried once.
//!
//! The meter asks it before each call and tells it what became of the call. It knows no clock: every moment is a parameter, in
//! milliseconds since an origin of the caller's. While all is well, asking costs one relaxed load.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use plugpoint_sdk::registry::Bounds;
use serde::Serialize;

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// The hook is called.
    Closed,
    /// The hook is left out.
    Open,
    /// The pause is over; the next call is a probe.
    HalfOpen,
}

/// What the breaker says to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Go on.
    Call,
    /// Go on; the outcome decides.
    Probe,
    /// Not now; in so long perhaps.
    Refused(Duration),
}

/// `until_ms` while the breaker is closed.
const CLOSED: u64 = 0;

#[derive(Debug, Default)]
pub(crate) struct Breaker {
    /// The end of the pause, or [`CLOSED`].
    until_ms: AtomicU64,
    /// The latest failures, oldest first, never more than the rule's number.
    failures: Mutex<VecDeque<Failure>>,
}

/// A failed call: when, and the how-manieth call of the line it was.
#[derive(Debug, Clone, Copy)]
struct Failure {
    at_ms: u64,
    call: u64,
}

impl Breaker {
    /// True if no call has to ask: nothing is suspended.
    pub(crate) fn is_closed(&self) -> bool {
        self.until_ms.load(Relaxed) == CLOSED
    }

    pub(crate) fn state(&self, now_ms: u64) -> BreakerState {
        match self.until_ms.load(Relaxed) {
            CLOSED => BreakerState::Closed,
            until if now_ms < until => BreakerState::Open,
            _ => BreakerState::HalfOpen,
        }
    }

    pub(crate) fn admit(&self, bounds: &Bounds, now_ms: u64) -> Admission {
        let until = self.until_ms.load(Relaxed);
        if until == CLOSED {
            return Admission::Call;
        }
        if now_ms < until {
            return Admission::Refused(Duration::from_millis(until - now_ms));
        }
        // Of several that come at once one probes; should its outcome never be told, the next pause ends as this one did.
        match self.until_ms.compare_exchange(until, end(bounds, now_ms), Relaxed, Relaxed) {
            Ok(_) => Admission::Probe,
            Err(_) => Admission::Refused(bounds.pause),
        }
    }

    /// A probe went well.
    pub(crate) fn close(&self) {
        self.lock().clear();
        self.until_ms.store(CLOSED, Relaxed);
    }

    /// Leaves the hook out from now on.
    pub(crate) fn open(&self, bounds: &Bounds, now_ms: u64) {
        self.lock().clear();
        self.until_ms.store(end(bounds, now_ms), Relaxed);
    }

    /// A call failed, the line's `call`th. True if that is one too many: then it is for the caller to [`Breaker::open`].
    pub(crate) fn is_enough(&self, bounds: &Bounds, call: u64, now_ms: u64) -> bool {
        let window_ms = millis(bounds.window);
        let mut failures = self.lock();
        failures.push_back(Failure { at_ms: now_ms, call });
        while failures.len() > bounds.failures as usize
            || failures.front().is_some_and(|first| now_ms.saturating_sub(first.at_ms) > window_ms)
        {
            failures.pop_front();
        }
        let count = failures.len() as u64;
        let calls = failures.front().map_or(0, |first| call.saturating_sub(first.call) + 1);
        count >= u64::from(bounds.failures) && calls <= 2 * count
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Failure>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn end(bounds: &Bounds, now_ms: u64) -> u64 {
    now_ms.saturating_add(millis(bounds.pause)).max(CLOSED + 1)
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        budget: Duration::from_secs(1),
        memory_bytes: 1 << 20,
        failures: 3,
        window: Duration::from_millis(100),
        pause: Duration::from_millis(50),
    };

    /// A breaker after failures at these moments, each as the how-manieth call.
    fn after(failures: &[(u64, u64)]) -> Breaker {
        let breaker = Breaker::default();
        for &(at_ms, call) in failures {
            if breaker.is_enough(&BOUNDS, call, at_ms) {
                breaker.open(&BOUNDS, at_ms);
            }
        }
        breaker
    }

    #[test]
    fn opens_at_the_last_of_so_many_failures_within_the_window_and_not_before() {
        use BreakerState::{Closed, Open};
        let cases: [(&[(u64, u64)], BreakerState); 7] = [
            (&[(0, 1), (10, 2)], Closed),
            (&[(0, 1), (10, 2), (20, 3)], Open),
            (&[(0, 1), (10, 2), (100, 3)], Open),
            (&[(0, 1), (10, 2), (101, 3)], Closed),
            (&[(0, 1), (60, 2), (101, 3), (110, 4)], Open),
            (&[(0, 1), (1, 3), (2, 6)], Open),
            (&[(0, 1), (1, 3), (2, 7)], Closed),
        ];
        for (failures, state) in cases {
            let last = failures.last().unwrap().0;
            assert_eq!(after(failures).state(last), state, "{failures:?}");
        }
    }

    #[test]
    fn after_the_pause_one_probe_decides() {
        let breaker = after(&[(0, 1), (0, 2), (0, 3)]);
        assert_eq!(breaker.admit(&BOUNDS, 49), Admission::Refused(Duration::from_millis(1)));
        assert_eq!(breaker.state(50), BreakerState::HalfOpen);
        assert_eq!(breaker.admit(&BOUNDS, 50), Admission::Probe);
        assert_eq!(breaker.admit(&BOUNDS, 50), Admission::Refused(Duration::from_millis(50)), "one at a time");
        breaker.open(&BOUNDS, 60);
        assert_eq!(breaker.admit(&BOUNDS, 109), Admission::Refused(Duration::from_millis(1)), "the probe failed");
        assert_eq!(breaker.admit(&BOUNDS, 110), Admission::Probe);
        breaker.close();
        assert_eq!(breaker.admit(&BOUNDS, 110), Admission::Call, "the probe went well");
        assert!(!breaker.is_enough(&BOUNDS, 9, 111), "old failures are forgotten");
    }

    #[test]
    fn a_probe_that_is_never_heard_of_is_followed_by_another() {
        let breaker = after(&[(0, 1), (0, 2), (0, 3)]);
        assert_eq!(breaker.admit(&BOUNDS, 50), Admission::Probe);
        assert_eq!(breaker.admit(&BOUNDS, 100), Admission::Probe);
    }
}
