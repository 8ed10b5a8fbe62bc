//! The bytes that one tenant's documents may take in the spool, those that wait and those that are kept.
//!
//! Asked before a document is let in, with what its sender announces, and while it arrives. Documents that arrive together are
//! counted together. What is on the disk is looked at anew whenever none of the tenant's arrives, so what another process adds
//! or takes away counts, too. A tenant without a quota costs nothing.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plugpoint_http::TenantRuntime;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::profile::LimitsProfile;

use super::incoming::write_failed;
use super::spool::Spool;

/// What each tenant's spool takes, while documents of it arrive.
#[derive(Debug, Default)]
pub(super) struct SpoolQuotas(Mutex<HashMap<TenantId, Arc<Mutex<Taken>>>>);

#[derive(Debug, Default)]
struct Taken {
    /// Acknowledged documents.
    settled: u64,
    /// Those on their way in: what came, or was announced.
    arriving: u64,
    arrivals: usize,
}

/// One document on its way in. Dropped, its bytes are free again, unless it was settled.
#[derive(Debug)]
pub(super) struct Arrived {
    /// None where the tenant has no quota.
    place: Option<(Arc<Mutex<Taken>>, u64)>,
    bytes: u64,
}

impl SpoolQuotas {
    /// Lets a document in of which so many bytes are announced.
    ///
    /// # Errors
    /// `spool_quota_exceeded`; the spool cannot be read.
    pub(super) fn admit(&self, spool: &Spool, runtime: &TenantRuntime, bytes: u64) -> Result<Arrived, ApiError> {
        let bytes_max = runtime.profile.limits.spool_bytes_max;
        if bytes_max >= LimitsProfile::default().spool_bytes_max {
            return Ok(Arrived { place: None, bytes: 0 });
        }
        let there = || spool.bytes_of(runtime.tenant.as_str()).map_err(write_failed);
        self.enter(&runtime.tenant, bytes_max, bytes, there)
    }

    fn enter(
        &self,
        tenant: &TenantId,
        bytes_max: u64,
        bytes: u64,
        there: impl FnOnce() -> Result<u64, ApiError>,
    ) -> Result<Arrived, ApiError> {
        let place = Arc::clone(lock(&self.0).entry(tenant.clone()).or_default());
        let mut taken = lock(&place);
        if taken.arrivals == 0 {
            taken.settled = there()?;
        }
        // A spool that is full takes no document, not even one of which nothing is known.
        taken.fits(bytes.max(1), bytes_max)?;
        taken.arriving += bytes;
        taken.arrivals += 1;
        drop(taken);
        Ok(Arrived { place: Some((place, bytes_max)), bytes })
    }
}

impl Taken {
    fn fits(&self, more: u64, bytes_max: u64) -> Result<(), ApiError> {
        let taken = self.settled + self.arriving;
        if taken.saturating_add(more) <= bytes_max {
            return Ok(());
        }
        let detail = format!(
            "documents of the tenant take {taken} bytes of the {bytes_max} that are allowed; there is no room for {more} more"
        );
        Err(ApiError::new(&codes::SPOOL_QUOTA_EXCEEDED, detail))
    }
}

impl Arrived {
    /// So many bytes have come. What was announced is counted already.
    ///
    /// # Errors
    /// `spool_quota_exceeded`.
    pub(super) fn reach(&mut self, bytes: u64) -> Result<(), ApiError> {
        let Some((place, bytes_max)) = &self.place else { return Ok(()) };
        if bytes > self.bytes {
            let (more, mut taken) = (bytes - self.bytes, lock(place));
            taken.fits(more, *bytes_max)?;
            taken.arriving += more;
            self.bytes = bytes;
        }
        Ok(())
    }

    /// The document is acknowledged.
    pub(super) fn settle(self) {
        if let Some((place, _)) = &self.place {
            lock(place).settled += self.bytes;
        }
    }
}

impl Drop for Arrived {
    fn drop(&mut self) {
        if let Some((place, _)) = &self.place {
            let mut taken = lock(place);
            taken.arriving -= self.bytes;
            taken.arrivals -= 1;
        }
    }
}

/// A panic elsewhere cannot leave a count half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Spool {
    /// The bytes of a tenant's acknowledged documents.
    fn bytes_of(&self, tenant: &str) -> io::Result<u64> {
        let documents = self.scan_tenant(tenant)?;
        Ok(documents.iter().map(|meta| meta.bytes).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant() -> TenantId {
        "acme".parse().unwrap()
    }

    #[test]
    fn a_document_may_fill_the_quota_and_not_pass_it() {
        let quotas = SpoolQuotas::default();
        let enter = |there: u64, bytes: u64| quotas.enter(&tenant(), 1000, bytes, || Ok(there));
        for (there, bytes, is_let_in) in
            [(0, 1000, true), (0, 1001, false), (900, 100, true), (900, 101, false), (1000, 0, false), (999, 0, true)]
        {
            let entered = enter(there, bytes);
            assert_eq!(entered.is_ok(), is_let_in, "{there} {bytes}");
            if let Err(error) = entered {
                assert_eq!(error.code.name, "spool_quota_exceeded");
            }
        }
        let mut silent = enter(900, 0).unwrap();
        silent.reach(100).unwrap();
        assert_eq!(silent.reach(101).unwrap_err().code.name, "spool_quota_exceeded");
        // What was announced is not counted twice.
        drop(silent);
        let mut announced = enter(900, 100).unwrap();
        announced.reach(100).unwrap();
        assert!(announced.reach(101).is_err());
    }

    #[test]
    fn documents_that_arrive_together_are_counted_together() {
        let quotas = SpoolQuotas::default();
        let enter = |there: u64, bytes: u64| quotas.enter(&tenant(), 1000, bytes, || Ok(there));
        let first = enter(100, 500).unwrap();
        // Whatever is on the disk by now: the first may be a part of it.
        let mut second = enter(600, 400).unwrap();
        assert!(second.reach(401).is_err());
        assert!(enter(0, 0).is_err());
        first.settle();
        assert!(enter(0, 1).is_err(), "settled, it stays");
        drop(second);
        let third = enter(600, 400).unwrap();
        assert!(enter(0, 1).is_err());
        drop(third);
        let other: TenantId = "other".parse().unwrap();
        assert!(quotas.enter(&other, 1000, 1000, || Ok(0)).is_ok(), "another tenant has its own");
    }
}
