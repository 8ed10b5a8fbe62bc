//! The time-out of request heads, as hyper's [`Timer`]. Used by the listener, with one timer for each connection.
//!
//! The runtime's own timers would be set and unset for every request, under a lock that all threads share; this one stores a
//! number per request, reads no clock for it, and one thread looks once a second which are over. So it is late by up to two
//! seconds, which does not matter to whoever sends a head for half a minute. It times nothing else.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use hyper::rt::{Sleep, Timer};

/// How often the thread looks.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The deadline of a connection that waits for nothing.
const NEVER: u64 = u64::MAX;

/// All connections' deadlines.
pub(crate) struct HeadClock {
    started: Instant,
    /// When the thread looked last, in milliseconds since the start.
    looked_at_ms: AtomicU64,
    slots: Mutex<Vec<Weak<Slot>>>,
}

struct Slot {
    deadline_ms: AtomicU64,
    waker: Mutex<Option<Waker>>,
}

impl HeadClock {
    /// Starts the thread, which ends with the last user of the clock.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(crate) fn start() -> std::io::Result<Arc<Self>> {
        let clock =
            Arc::new(Self { started: Instant::now(), looked_at_ms: AtomicU64::new(0), slots: Mutex::default() });
        let watched = Arc::downgrade(&clock);
        thread::Builder::new().name("request-heads".to_owned()).spawn(move || {
            while let Some(clock) = watched.upgrade() {
                clock.look();
                drop(clock);
                thread::sleep(LOOK_INTERVAL);
            }
        })?;
        Ok(clock)
    }

    /// The timer of one connection.
    pub(crate) fn timer(self: &Arc<Self>) -> HeadTimer {
        let slot = Arc::new(Slot { deadline_ms: AtomicU64::new(NEVER), waker: Mutex::default() });
        whole(&self.slots).push(Arc::downgrade(&slot));
        HeadTimer { clock: Arc::clone(self), slot }
    }

    /// Wakes whoever is over time, and forgets connections that have ended.
    fn look(&self) {
        let now_ms = self.ms_at(Instant::now());
        self.looked_at_ms.store(now_ms, Ordering::Release);
        whole(&self.slots).retain(|slot| {
            let Some(slot) = slot.upgrade() else { return false };
            if slot.deadline_ms.load(Ordering::Acquire) <= now_ms
                && let Some(waker) = whole(&slot.waker).take()
            {
                waker.wake();
            }
            true
        });
    }

    fn ms_at(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.started).as_millis()).unwrap_or(NEVER)
    }
}

/// A panic elsewhere cannot leave these half changed, so a poisoned lock is taken as it is.
fn whole<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection's timer: it has one deadline at a time, the last one asked for.
pub(crate) struct HeadTimer {
    clock: Arc<HeadClock>,
    slot: Arc<Slot>,
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(Instant::now() + duration)
    }

    /// Not before the time it is: the end of the look that is under way.
    fn now(&self) -> Instant {
        self.clock.started + Duration::from_millis(self.clock.looked_at_ms.load(Ordering::Relaxed)) + LOOK_INTERVAL
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        let deadline_ms = self.clock.ms_at(deadline);
        self.slot.deadline_ms.store(deadline_ms, Ordering::Release);
        Box::pin(HeadSleep { clock: Arc::clone(&self.clock), slot: Arc::clone(&self.slot), deadline_ms })
    }
}

struct HeadSleep {
    clock: Arc<HeadClock>,
    slot: Arc<Slot>,
    deadline_ms: u64,
}

impl Sleep for HeadSleep {}

impl Future for HeadSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // Stored before the time is looked at: a look in between wakes, one after it finds the waker.
        let mut waker = whole(&self.slot.waker);
        if !waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            *waker = Some(cx.waker().clone());
        }
        drop(waker);
        if self.clock.looked_at_ms.load(Ordering::Acquire) >= self.deadline_ms {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for HeadSleep {
    fn drop(&mut self) {
        // Unless another deadline has taken the place of this one.
        let _ = self.slot.deadline_ms.compare_exchange(self.deadline_ms, NEVER, Ordering::AcqRel, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_deadline_comes_within_a_look_of_it_and_a_dropped_one_never() {
        let clock = HeadClock::start().unwrap();
        let (timer, other) = (clock.timer(), clock.timer());
        drop(other.sleep(Duration::ZERO));
        assert_eq!(other.slot.deadline_ms.load(Ordering::Relaxed), NEVER);
        let started = Instant::now();
        timer.sleep(Duration::from_millis(300)).await;
        let took = started.elapsed();
        assert!(took >= Duration::from_millis(299) && took < Duration::from_secs(5), "{took:?}");
        let first = timer.sleep(Duration::from_secs(1));
        let second = timer.sleep(Duration::from_secs(2));
        drop(first);
        assert_ne!(timer.slot.deadline_ms.load(Ordering::Relaxed), NEVER, "the second one stands");
        drop(second);
        drop((timer, other));
        clock.look();
        assert!(whole(&clock.slots).is_empty(), "ended connections are forgotten");
    }
}
