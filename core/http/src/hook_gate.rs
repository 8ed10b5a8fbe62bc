//! Where hooks run that a request waits for: so many calls of one tenant at once, on hook threads of their own.
//!
//! A tenant has a gate for each such use. So a directory that hangs costs that tenant's sign-ins, not its imports, and no
//! other tenant anything: beyond the gate's places nobody waits on one of the server's threads. It calls no hook itself.

use std::sync::Arc;
use std::time::Duration;

use plugpoint_kernel::HookThreads;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// One use's places and threads.
#[derive(Debug)]
pub struct HookGate {
    /// Where the calls run.
    pub threads: HookThreads,
    places: Arc<Semaphore>,
}

/// A place at a gate; given back when dropped.
#[derive(Debug)]
pub struct Place(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

impl HookGate {
    /// A gate with so many places, of whose threads at most `left_behind_max` may be left behind.
    #[must_use]
    pub fn new(places_max: usize, left_behind_max: usize) -> Self {
        Self { threads: HookThreads::new(left_behind_max), places: Arc::new(Semaphore::new(places_max)) }
    }

    /// A place, if one is free.
    #[must_use]
    pub fn try_enter(&self) -> Option<Place> {
        Arc::clone(&self.places).try_acquire_owned().ok().map(Place)
    }

    /// A place, if one gets free in so long. Those who wait hold no thread, and are served in their order.
    pub async fn enter(&self, at_most: Duration) -> Option<Place> {
        timeout(at_most, Arc::clone(&self.places).acquire_owned()).await.ok()?.ok().map(Place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_than_its_places() {
        let gate = HookGate::new(2, 1);
        let (first, second) = (gate.try_enter(), gate.enter(Duration::ZERO).await);
        assert!(first.is_some() && second.is_some());
        assert!(gate.try_enter().is_none() && gate.enter(Duration::from_millis(10)).await.is_none());
        drop(first);
        assert!(gate.enter(Duration::from_secs(10)).await.is_some());
        assert!(gate.try_enter().is_some(), "a place is given back");
    }
}
